"""The README's console blocks and Python examples are run, and every command and kind is documented."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from cnnspec import layers as _layers  # noqa: F401 - registers the kinds
from cnnspec.ir.layer import KINDS

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

FILE = re.compile(r"`([\w-]+\.(?:yaml|csv))`:\n\n```(?:yaml|csv)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: Path, language: str) -> list[str]:
    """Return the contents of a page's code blocks in one language."""
    return [body for name, body in BLOCK.findall(page.read_text(encoding="utf-8")) if name == language]


def console_blocks() -> list[object]:
    """Return every console block of every page as a test case."""
    return [
        pytest.param(page, block, id=f"{page.name}:{block.splitlines()[0][2:]}")
        for page in PAGES
        for block in blocks(page, "console")
    ]


def run(command: str, folder: Path) -> str:
    """Run a command line of the documentation and return both of its outputs."""
    words = shlex.split(command)
    assert words[0] == "cnnspec"
    environment = {**os.environ, "NO_COLOR": "1", "PYTHONUTF8": "1", "PYTHONPATH": str(ROOT)}
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
    """Write the files that a page shows: a block behind the file's name and a colon."""
    for name, body in FILE.findall(page.read_text(encoding="utf-8")):
        (folder / name).write_text(body, encoding="utf-8")


@pytest.mark.parametrize(("page", "block"), console_blocks())
def test_a_console_block_shows_what_the_command_prints(page: Path, block: str, tmp_path: Path) -> None:
    """Output and errors are those of the page, to the letter."""
    written_files(page, tmp_path)
    command, _, expected = block.partition("\n")
    assert command.startswith("$ ")
    assert run(command[2:], tmp_path).strip("\n") == expected.strip("\n")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_examples_run(page: Path) -> None:
    """Examples of the library are doctests."""
    for block in blocks(page, "python"):
        test = doctest.DocTestParser().get_doctest(block, {}, page.name, str(page), 0)
        assert doctest.DocTestRunner().run(test).failed == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link is a file."""
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_the_readme_has_examples() -> None:
    """A page without examples would pass every test above."""
    assert len(blocks(ROOT / "README.md", "console")) >= 8


def test_every_kind_is_documented() -> None:
    """No kind is missing on the page of the language."""
    text = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
    assert [name for name in KINDS if not re.search(rf"\b{name}\b", text)] == []
