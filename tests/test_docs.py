"""The README's console blocks and Python examples are run, and every command and kind is documented."""

from __future__ import annotations

import doctest
import gc
import os
import re
import shlex
import shutil
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout, suppress
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Final

import pytest

import cnnspec
from cnnspec import layers as _layers  # noqa: F401 - registers the kinds
from cnnspec.cli.app import main
from cnnspec.ir.layer import KINDS

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

FILE = re.compile(r"`([\w-]+\.(?:yaml|csv|json))`:\n\n```(?:yaml|csv|json)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: Path, language: str) -> list[str]:
    """Return the contents of a page's code blocks in one language."""
    return [body for name, body in BLOCK.findall(page.read_text(encoding="utf-8")) if name == language]


def is_measured(block: str) -> bool:
    """Tell whether a block trains or runs a network: it needs TensorFlow, and its numbers are those of a machine."""
    words = block.split()
    return words[2] in ("train", "evaluate", "predict", "verify") and "--dry-run" not in words


def console_blocks() -> list[object]:
    """Return every console block of every page as a test case, but those whose numbers depend on the machine."""
    return [
        pytest.param(page, block, id=f"{page.name}:{block.splitlines()[0][2:]}")
        for page in PAGES
        for block in blocks(page, "console")
        if not is_measured(block)
    ]


def run(command: str, folder: Path, *paths: Path) -> str:
    """Run a command line of the documentation and return both of its outputs; modules in `paths` come first."""
    words = shlex.split(command)
    assert words[0] == "cnnspec"
    environment = {
        **os.environ,
        "NO_COLOR": "1",
        "PYTHONUTF8": "1",
        "PYTHONPATH": os.pathsep.join(map(str, (*paths, ROOT))),
        "CUDA_VISIBLE_DEVICES": "-1",
    }
    done = subprocess.run(
        [sys.executable, "-m", *words],
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        cwd=folder,
        env=environment,
    )
    assert "Traceback" not in done.stdout
    return done.stdout


def written_files(page: Path, folder: Path) -> None:
    """Write the files that a page shows, a block behind the file's name and a colon, and those of its own folder."""
    if page.with_suffix("").is_dir():
        shutil.copytree(page.with_suffix(""), folder, dirs_exist_ok=True)
    for name, body in FILE.findall(page.read_text(encoding="utf-8")):
        (folder / name).write_text(body, encoding="utf-8")


def test_the_folder_of_a_page_holds_what_the_page_shows() -> None:
    """Who copies the folder has every file that a command of the page reads."""
    pages = [page for page in PAGES if page.with_suffix("").is_dir()]
    shown = [
        (page.with_suffix("") / name, body) for page in pages for name, body in FILE.findall(page.read_text("utf-8"))
    ]
    assert [path.name for path, _ in shown] == ["tiny.yaml", "hw3.yaml", "hw3-reviewed.yaml"]
    assert [path.read_text(encoding="utf-8") for path, _ in shown] == [body for _, body in shown]


@pytest.mark.parametrize(("page", "block"), console_blocks())
def test_a_console_block_shows_what_is_printed(
    page: Path, block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Output and errors are those of the page, to the letter; TensorFlow is not there."""
    written_files(page, tmp_path)
    command, _, expected = block.partition("\n")
    program, *words = shlex.split(command[2:])
    assert program == "cnnspec"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(sys, "argv", [program, *words])
    for name in ("freeze", "set_threshold"):
        monkeypatch.setattr(gc, name, lambda *_: None)  # the process of the tests has its own
    for name in ("tensorflow", "keras"):
        monkeypatch.setitem(sys.modules, name, None)
    shown = TextIOWrapper(BytesIO(), encoding="utf-8", write_through=True)
    with redirect_stdout(shown), redirect_stderr(shown), suppress(SystemExit):
        main()
    assert shown.buffer.getvalue().decode().strip("\n") == expected.strip("\n")


@pytest.mark.slow
@pytest.mark.parametrize(("page", "block"), console_blocks())
def test_a_console_block_shows_what_a_process_prints(page: Path, block: str, tmp_path: Path) -> None:
    """Likewise where nothing is imported yet."""
    written_files(page, tmp_path)
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    for name in ("tensorflow", "keras"):
        (hidden / f"{name}.py").write_text(f"raise ImportError('{name} is hidden from this block')", encoding="utf-8")
    command, _, expected = block.partition("\n")
    assert command.startswith("$ ")
    assert run(command[2:], tmp_path, hidden).strip("\n") == expected.strip("\n")


def pattern_of(text: str) -> str:
    """Return what a text matches whose numbers may be others, and whose line `…` stands for any lines."""
    return r"\n".join(r"[^\0]*?" if line == "…" else masked(line) for line in text.strip("\n").split("\n"))


def masked(line: str) -> str:
    """Return the pattern of a line with any numbers, where blanks make up for their length."""
    words = re.split(r"([\d.,]*\d)", line)
    parts = [
        r"[\d.,]*\d" if place % 2 else re.sub(r"(\\ )+", r"\\s+", re.escape(word)) for place, word in enumerate(words)
    ]
    return "".join(parts)


@pytest.mark.keras
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_trains_as_it_says(page: Path, tmp_path: Path) -> None:
    """The blocks of a page, one after the other: all words are those of the page, and digits are learned."""
    measured = [block for block in blocks(page, "console") if is_measured(block)]
    for framework in sorted({"torch" if "--with torch" in block else "tensorflow" for block in measured}):
        pytest.importorskip(framework, reason=f"{framework} is missing, so the page's numbers were not compared")
    for block in measured:
        command, _, expected = block.partition("\n")
        shown = run(command[2:], tmp_path).strip("\n")
        assert re.fullmatch(pattern_of(expected), shown), shown
        for text in (expected, shown):
            accuracy = re.search(r"^test .*accuracy ([\d.]+)", text, re.MULTILINE)
            assert accuracy is None or 0.97 <= float(accuracy[1]) <= 1


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_examples_run(page: Path) -> None:
    """Examples of the library are doctests; those of one page build on each other."""
    text = "\n".join(blocks(page, "python"))
    test = doctest.DocTestParser().get_doctest(text, {}, page.name, str(page), 0)
    assert doctest.DocTestRunner().run(test).failed == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link is a file."""
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_the_readme_has_examples() -> None:
    """A page without examples would pass every test above."""
    assert len(blocks(ROOT / "README.md", "console")) >= 4


def test_the_readme_is_three_screens() -> None:
    """What is more is a page of its own."""
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 170


def test_every_kind_is_documented() -> None:
    """No kind is missing on the page of the language."""
    text = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
    assert [name for name in KINDS if not re.search(rf"\b{name}\b", text)] == []


API: Final = ROOT / "docs" / "api.md"
NOT_PUBLIC: Final = {
    "Graph": {"allow", "others", "span"},  # of the notes, and of networks within networks
    "Node": {"place", "scope"},  # offsets and copies: what reports read
    "Row": {"before", "quantities", "view"},  # what measuring keeps: `formula` and `receptive_field` read it
    "Table": {"of", "row"},  # how `summarize` makes one
    "Check": {"diagnosis", "marking", "marks", "points_of", "summary", "table", "variant"},  # what its reports read
    "Assignment": {"of", "place", "source"},  # how practice writes one about a variant
    "CnnspecError": {"one", "args", "add_note", "with_traceback"},
}
"""Attributes that code inside the package uses."""
NAMED_TUPLE: Final = {"count", "index"}


def documented() -> set[str]:
    """Return the names in the first column of the tables on the page of the library."""
    cells = [line.split("|")[1] for line in API.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    return {name for cell in cells for name in re.findall(r"`([\w.]+)(?:\(.*?\))?`", cell)}


def test_the_page_of_the_library_names_what_is_public() -> None:
    """Every public name is on it, every name on it is public, and the same holds for attributes."""
    public = {f"cnnspec.{name}" for name in cnnspec.__all__ if name != "__version__"}
    public |= {f"keras.{name}" for name in cnnspec.keras.__all__}
    public |= {f"training.{name}" for name in cnnspec.training.__all__}
    for name in cnnspec.__all__:
        cls = getattr(cnnspec, name)
        if isinstance(cls, type) and not issubclass(cls, cnnspec.SpecError):
            own = {entry for entry in dir(cls) if not entry.startswith("_")} - NOT_PUBLIC.get(name, set())
            public |= {f"{name}.{entry}" for entry in (own - NAMED_TUPLE if issubclass(cls, tuple) else own)}
    assert documented() == public | {"CnnspecError.diagnostics"}


@pytest.mark.keras
def test_the_page_of_the_library_trains(tmp_path: Path) -> None:
    """Its lines that need TensorFlow run one after the other."""
    pytest.importorskip("tensorflow", reason="TensorFlow is missing")
    [lines] = blocks(API, "py")
    code = f"import cnnspec\n{lines}print(outcome.test.scores.samples, model.count_params())\n"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": "-1"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=tmp_path, env=environment)
    assert done.stdout.splitlines()[-1] == "359 99178"
