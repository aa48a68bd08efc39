"""A spec is untrusted: its texts are shown as they are, in no format as markup, formula or command."""

from __future__ import annotations

import csv
import json
import re
from html import unescape
from importlib import import_module
from io import StringIO
from typing import Final

import pytest

import cnnspec
from cnnspec.reports.csv import harmless

NOTE: Final = "=cmd() | <script>alert('x')</script> 100% $a_1$ #1 & {b} ~ ^ * ` [x](y) \\ end"
NAME: Final = "<b>x</b> | $y_1$ & 5% \\z"
SPEC: Final = f"""
name: {json.dumps(NAME)}
input: 8x8x3
layers:
  - conv: 4 3x3
    note: {json.dumps(NOTE)}
"""
COMMANDS: Final = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=HYPERLINK(1)")


def render(format: str, text: str = SPEC) -> str:
    """Return a report of a spec."""
    return str(import_module(f"cnnspec.reports.{format}").render(cnnspec.summarize(cnnspec.loads(text))))


def test_html_has_no_tag_of_the_spec() -> None:
    """Every tag is one of a table; unescaped, the texts are those of the spec."""
    text = render("html")
    tags = set(re.findall(r"</?([a-z]+)", text))
    page = {"html", "head", "meta", "title", "style", "body"}
    assert tags <= page | {"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "p", "small", "br"}
    assert NOTE in unescape(text)
    assert NAME in unescape(text)
    assert "alert('" not in text


def test_markdown_has_one_cell_per_column() -> None:
    """A bar in a note ends no cell, and nothing of it is emphasis, code, link or HTML."""
    text = render("markdown")
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {8}
    (row,) = [row for row in rows if "cmd" in row]
    assert re.sub(r"\\([\W_])", r"\1", row).endswith(f"| {NOTE} |")
    assert not re.search(r"(?<!\\)[<>*`\[\]_]", row)


def test_markdown_shows_dollars_and_ampersands_as_they_are() -> None:
    """GitHub sets `$a$` as a formula, and `&lt;` as a sign."""
    text = render("markdown", "input: 4\nlayers:\n  - relu:\n    note: $a$ and &lt;\n")
    assert "$a$" not in text
    assert not re.search(r"(?<!\\)&lt;", text)


def test_latex_has_no_command_of_the_spec() -> None:
    """All ten special characters are escaped: the row has as many cells as the head, and no comment cuts it."""
    text = render("latex")
    assert r"\$a\_1\$" in text
    assert r"100\%" in text
    assert r"\& \{b\} \textasciitilde{} \textasciicircum{}" in text
    assert r"\textbackslash{} end" in text
    rows = [line for line in text.splitlines() if line.endswith(r"\\")]
    assert {len(re.findall(r"(?<!\\)&", row)) for row in rows} == {6}
    assert not any(re.search(r"(?<!\\)%", row) for row in rows)


def test_latex_shows_angles_and_bars_as_they_are() -> None:
    """In LaTeX's standard encoding a bare `<` is an exclamation mark and a bare `|` a dash."""
    (row,) = [line for line in render("latex").splitlines() if "cmd" in line]
    assert not set(row) & {"<", ">", "|"}


@pytest.mark.parametrize("cell", COMMANDS)
def test_csv_cells_are_no_formulas(cell: str) -> None:
    """What a spreadsheet would compute gets an apostrophe."""
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["conv 8 5x5", "(28, 28, 8)", "", "a=1", "1", 5, None])
def test_csv_leaves_other_cells_alone(cell: str | int | None) -> None:
    """Numbers stay numbers."""
    assert harmless(cell) == cell


def test_csv_note_is_read_back_as_text() -> None:
    """A note with commas, quotes and newlines stays one cell, and a formula stays text."""
    spec = 'input: 4\nlayers:\n  - relu:\n    note: "=cmd(), \\"a\\"\\nb"\n'
    rows = list(csv.DictReader(StringIO(render("csv", spec))))
    assert [row["note"] for row in rows] == ["", '\'=cmd(), "a"\nb']


def test_csv_numbers_need_no_apostrophe() -> None:
    """The first centre behind a padding is negative, and a number."""
    report = import_module("cnnspec.reports.csv")
    net = cnnspec.summarize(cnnspec.loads("input: 8x8x3\nlayers: [pad: 1]"))
    rows = list(csv.DictReader(StringIO(report.render(net, columns=["layer", "start"]))))
    assert rows[1] == {"layer": "pad1", "start": "-1"}


def test_json_holds_the_texts_exactly() -> None:
    """Nothing is escaped twice."""
    found = json.loads(render("json"))
    assert (found["name"], found["layers"][0]["note"]) == (NAME, NOTE)


@pytest.mark.parametrize(
    "format",
    [
        "markdown",
        pytest.param("latex"),
    ],
)
def test_a_note_of_several_lines_is_one_cell(format: str) -> None:
    """Line breaks of a note do not break the table."""
    text = render(format, "input: 4\nlayers:\n  - relu:\n    note: |\n      eins\n\n      zwei\n")
    (row,) = [line for line in text.splitlines() if "eins" in line]
    assert "zwei" in row


def test_the_terminal_shows_brackets_as_they_are() -> None:
    """Rich would take `[red]` for a colour."""
    spec = "name: '[bold]x[/bold]'\ninput: 4\nlayers:\n  - relu:\n    note: '[red]warm[/red]'\n"
    text = render("table", spec)
    assert "[bold]x[/bold]" in text
    assert "[red]warm[/red]" in text
