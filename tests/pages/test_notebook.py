"""What a notebook shows: the table, set formulas, the page in a frame, mistakes without frames; docs/notebook.ipynb."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import pytest

import cnnspec
from cnnspec.pages.notebook import table as in_notebook

ROOT: Final = Path(__file__).parents[2]
NOTEBOOK: Final = ROOT / "docs" / "notebook.ipynb"
TABLE: Final = cnnspec.summarize(cnnspec.load("lenet5-rgb"))


class Tags(HTMLParser):
    """The tags of a text, and what is left open."""

    def __init__(self, text: str) -> None:
        """Read a text."""
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an element."""
        self.tags.append(tag)
        assert not [name for name, _ in attrs if name.startswith("on")]
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the last element."""
        assert self.open.pop() == tag


def test_every_row_opens_its_derivation() -> None:
    """No script, no background of the table's own, nothing left open."""
    text = TABLE._repr_html_()
    tags = Tags(text)
    assert tags.open == []
    assert "script" not in tags.tags
    assert tags.tags.count("details") == 8
    assert "(F·F·C + 1)·K = (5·5·3 + 1)·8 = 608" in text
    assert re.findall(r"width:([\d.]+)%", text)[:4] == ["49.0", "100.0", "1.3", "100.0"]


def test_a_long_table_is_folded() -> None:
    """Copies of blocks are a row with their sums; totals are those of all."""
    text = in_notebook(cnnspec.summarize(cnnspec.load("resnet50")))
    assert text.count("<tr>") == 11 + 2
    assert "25,636,712" in text
    assert len(text) < 20_000


def test_words_of_a_spec_are_no_html() -> None:
    """In the table, and in the frame."""
    net = cnnspec.loads("name: '<b>&\"'\ninput: 4\nlayers:\n  - dense: 2\n    note: '<script>alert(1)</script>'\n")
    for shown in (cnnspec.summarize(net)._repr_html_(), cnnspec.report(net)._repr_html_()):
        assert "<b>" not in shown
        assert "<script>" not in shown
        assert Tags(shown).open == []


def test_a_table_is_shown_in_what_a_notebook_can_show() -> None:
    """Text, HTML, Markdown, LaTeX; its representation stays short."""
    shown = TABLE._repr_mimebundle_()
    assert list(shown) == ["text/plain", "text/html", "text/markdown", "text/latex"]
    assert shown["text/plain"] == str(TABLE)
    assert shown["text/latex"].startswith("\\begin{tabular}")
    assert len(repr(TABLE)) < 100
    assert repr(TABLE.graph["conv1"]) == "<cnnspec.Node conv1: conv → (28, 28, 8)>"


def test_derivations_are_set() -> None:
    """They are the text that they were, and formulas of LaTeX."""
    found = cnnspec.explain(TABLE.graph, "conv1")
    assert found == TABLE["conv1"].explain()
    shown: dict[str, str] = found._repr_mimebundle_()  # type: ignore[attr-defined] # a text that shows itself
    assert shown["text/plain"] == found
    formula = r"\left(F \cdot F \cdot C + 1\right) \cdot K = \left(5 \cdot 5 \cdot 3 + 1\right) \cdot 8 = 608"
    assert f"| parameters | ${formula}$ |" in shown["text/markdown"]
    assert rf"\text{{parameters}} &: {formula} \\" in shown["text/latex"]
    assert r"\frac{n + 2 \cdot p - f}{s}\right\rfloor + 1" in shown["text/latex"].replace("2p", r"2 \cdot p")


def test_a_page_is_saved_and_shown_in_a_frame(tmp_path: Path) -> None:
    """That of the command; it may touch nothing of the notebook."""
    page = cnnspec.report(TABLE.graph)
    page.save(tmp_path / "net.html")
    assert (tmp_path / "net.html").read_text(encoding="utf-8") == page.html
    with pytest.raises(cnnspec.CnnspecError, match="E603"):
        page.save(tmp_path / "net.html")
    shown = page._repr_html_()
    assert 'sandbox="allow-scripts"' in shown
    assert Tags(shown).tags == ["iframe"]
    assert re.fullmatch(r"<cnnspec.Page lenet5-rgb: \d\d\.\d kB>", repr(page))


def test_a_mistake_has_no_frames() -> None:
    """What IPython asks an error for, so that nothing is shown but what is wrong."""
    with pytest.raises(cnnspec.SpecError) as caught:
        cnnspec.loads("input: 8x8x1\nlayers: [conv: 4 3x3 smae]")
    assert caught.value._render_traceback_() == str(caught.value).split("\n")


def run(notebook: Path) -> dict[str, Any]:
    """Return a notebook as its kernel runs it."""
    for package in ("nbclient", "ipykernel"):
        if find_spec(package) is None:
            pytest.skip(f"the notebook is not run: pip install {package}")
    program = (
        "import sys, nbformat, nbclient\n"
        "book = nbformat.read(sys.argv[1], 4)\n"
        "nbclient.NotebookClient(book, timeout=120, kernel_name='python3', record_timing=False).execute()\n"
        "sys.stdout.write(nbformat.writes(book))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    done = subprocess.run(
        [sys.executable, "-c", program, str(notebook)],
        check=False,
        capture_output=True,
        encoding="utf-8",
        cwd=notebook.parent,
        env=environment,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def outputs(book: dict[str, Any]) -> list[Any]:
    """Return what the cells of a notebook show."""
    return [cell["outputs"] for cell in book["cells"] if cell["cell_type"] == "code"]


def test_the_notebook_of_the_documentation_shows_what_it_shows(request: pytest.FixtureRequest) -> None:
    """Run anew, every cell gives what is stored in the file."""
    book = run(NOTEBOOK)
    if request.config.getoption("--update-golden"):
        kept = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
        NOTEBOOK.write_text(
            json.dumps(book | {"metadata": kept}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )
    assert outputs(book) == outputs(json.loads(NOTEBOOK.read_text(encoding="utf-8")))
    printed = [each for cell in outputs(book) for each in cell if each["output_type"] == "stream"]
    assert "62,958" in "".join(printed[0]["text"])
    wrong = [each for cell in outputs(book) for each in cell if each["output_type"] == "error"]
    assert len(wrong) == 1
    assert "Traceback" not in "".join(wrong[0]["traceback"])
    assert "/" not in "".join(wrong[0]["traceback"])
