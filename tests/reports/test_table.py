"""The table of a terminal: what a narrow one leaves out, what it says, and that no digit is ever cut."""

from __future__ import annotations

import re
from functools import lru_cache
from io import StringIO
from typing import Final

import pytest
from rich.console import Console

import cnnspec
from cnnspec.analysis.columns import COLUMNS
from cnnspec.analysis.folding import fold
from cnnspec.analysis.quantities import SIZE
from cnnspec.errors import UsageError
from cnnspec.pages.notebook import table as in_notebook
from cnnspec.reports.table import render
from tests.bundled_cases import cases as bundled_cases

WIDTHS: Final = (200, 120, 100, 80, 70, 60, 50, 40)
COURSE: Final = """\
lenet5-rgb

 Layer      Configuration         Activation shape   Activation size   # Parameters      MACs
"""
FOOTER: Final = """\
Parameters  62,958 (62,958 trainable, 0 non-trainable), 251.8 kB as float32
Activations 13,126 with the input, 52.5 kB for one sample
MACs        849,320, FLOPs 1,714,648

MACs are the multiply-accumulates of conv and dense layers for one sample, without biases.
Flatten and reshape only give the same elements another shape: the total counts them once.
"""
ANSI: Final = re.compile(r"\x1b\[[0-9;]*m")
SHORT: Final = ("Layer", "Configuration", "Shape", "Size", "Params", "MACs")
"""The titles of the usual columns where there is little room."""
TITLES: Final = tuple(column.title for column in COLUMNS.values())


@lru_cache
def summary(name: str) -> cnnspec.Table:
    """Return a bundled network's numbers, computed once."""
    return cnnspec.summarize(cnnspec.load(name))


def body(text: str) -> list[str]:
    """Return the lines of the table itself, from its titles to its totals."""
    lines = text.splitlines()
    rule = next(index for index, line in enumerate(lines) if set(line.strip()) == {"─"})
    end = lines.index("", lines.index("", rule) + 1)
    return [line for line in [lines[rule - 1], *lines[rule + 1 : end]] if line]


def numbers(line: str) -> list[str]:
    """Return the cells of a line that are integers."""
    return [cell for cell in re.split(r"\s{2,}", line.strip()) if re.fullmatch(r"[\d,]+", cell)]


def test_course_table_begins_and_ends_as_documented() -> None:
    """The title, the columns' titles, and the totals in words."""
    text = render(summary("lenet5-rgb"))
    assert text.startswith(COURSE)
    assert text.endswith(FOOTER)


@pytest.mark.parametrize("name", bundled_cases())
def test_a_table_without_width_has_one_line_per_layer(name: str) -> None:
    """Nothing is wrapped or cut in a file: names, configurations and shapes stand whole."""
    net = summary(name)
    lines = body(render(net))
    expected = fold(net)
    assert len(lines) == len(expected) + 2
    for line, row in zip(lines[1:], expected, strict=False):
        assert line.split()[0] == row.name
        assert f" {row.configuration} " in line
        assert f" {row.shape} " in line
        assert f"{row.value(SIZE):,}" in numbers(line)


@pytest.mark.parametrize("name", ["lenet5-rgb", "resnet50", "densenet121", "unet", "fc-vs-conv"])
def test_a_narrow_table_cuts_no_number_and_no_title(name: str) -> None:
    """A column is shown whole or not at all, in a table that fits; the total stands in the text below in any case."""
    net = summary(name)
    totals = {"Params": f"{net.totals.params:,}", "MACs": f"{net.totals.macs:,}"}
    totals["# Parameters"] = totals["Params"]
    for width in WIDTHS:
        text = render(net, width=width, depth=1)
        lines = body(text)
        assert max(map(len, lines)) <= width
        assert set(re.split(r"\s{2,}", lines[0].strip())) <= {*TITLES, *SHORT}, width
        shown = {title: values[-1] for title, values in _columns(lines).items() if title in totals}
        assert shown == {title: totals[title] for title in shown}, width
        assert totals["# Parameters"] in text


def test_chosen_columns_are_not_cut_where_the_terminal_is_narrow() -> None:
    """Who names columns gets them whole, or is told; never 470,4 for 470,400."""
    columns = ["layer", "configuration", "inputs", "shape", "size", "params", "macs", "flops"]
    text = render(summary("lenet5-rgb"), columns=columns, width=70)
    assert {"1,714,648", "849,320"} <= set(body(text)[-1].split()) or "No room for" in text
    assert "470,4 " not in text


def _columns(lines: list[str]) -> dict[str, list[str]]:
    """Return the integers below every title that ends where they end."""
    titles = {match[0]: match.end() for match in re.finditer(r"\S+(?: \S+)*", lines[0])}
    found: dict[str, list[str]] = {title: [] for title in titles}
    for line in lines[1:]:
        for title, end in titles.items():
            match = re.search(r"(?:^|\s)([\d,]+)$", line[:end])
            if match and line[end : end + 1] in ("", " "):
                found[title].append(match[1])
    return found


@pytest.mark.parametrize(
    ("name", "width"),
    [
        ("lenet5-rgb", 60),
        ("lenet5-rgb", 50),
        ("resnet50", 80),
        ("resnet50", 50),
    ],
)
def test_a_narrow_table_says_what_it_leaves_out(name: str, width: int) -> None:
    """The titles of the missing columns, and the option that chooses others."""
    text = render(summary(name), width=width, depth=1)
    shown = re.split(r"\s{2,}", body(text)[0].strip())
    missing = ", ".join(title for title in SHORT if title not in shown)
    assert "Shape" in shown
    assert max(map(len, text.splitlines())) <= width
    said = " ".join(text[text.index("No room for") :].split())
    assert said == f"No room for {missing}: `--columns` chooses, a wider terminal shows all."


def test_a_wide_table_leaves_nothing_out() -> None:
    """No remark where there is room."""
    assert "No room" not in render(summary("lenet5-rgb"), width=120)


def test_eighty_characters_hold_the_numbers_of_the_course() -> None:
    """The usual terminal: all six columns of a small network, under short titles, and no line below is wider."""
    text = render(summary("lenet5-rgb"), width=80)
    assert re.split(r"\s{2,}", body(text)[0].strip()) == list(SHORT)
    assert max(map(len, text.splitlines())) <= 80
    assert "No room" not in text


def test_the_shape_is_the_last_column_to_go() -> None:
    """Names and shapes stay where nothing else has room."""
    titles = [re.split(r"\s{2,}", body(render(summary("lenet5-rgb"), width=width))[0].strip()) for width in (60, 40)]
    assert titles == [["Layer", "Configuration", "Shape", "Params"], ["Layer", "Shape", "Params"]]


def test_memory_that_was_asked_for_stays_on_a_narrow_terminal() -> None:
    """Configuration, sizes and MACs go before it."""
    asked = cnnspec.summarize(cnnspec.load("resnet50"), memory=True)
    titles = re.split(r"\s{2,}", body(render(asked, depth=1, width=80))[0].strip())
    assert titles == ["Layer", "Shape", "Params", "Memory"]


def test_columns_beside_the_usual_ones() -> None:
    """`+` adds, `-` takes away; a share is of the sum of all rows: 48,120 of 62,958 are 76.4 %."""
    lines = body(render(summary("lenet5-rgb"), columns=["+rf", "-macs", "+share", "-size"], sort="params"))
    assert re.split(r"\s{2,}", lines[0].strip()) == [
        "Layer",
        "Configuration",
        "Activation shape",
        "# Parameters",
        "Receptive field",
        "Params %",
    ]
    assert [line.split()[0] for line in lines[1:5]] == ["fc3", "fc4", "conv2", "softmax"]
    assert lines[1].split()[-3:] == ["48,120", "–", "76.4"]


@pytest.mark.parametrize("columns", [["+nonsense"], ["-rff"]])
def test_an_unknown_column_is_named_without_its_sign(columns: list[str]) -> None:
    """Also where it is to be added or left out."""
    with pytest.raises(UsageError, match=f"unknown column `{columns[0][1:]}`"):
        render(summary("lenet5-rgb"), columns=columns)


@pytest.mark.parametrize("width", [None, 80])
def test_colour_is_only_on_demand(width: int | None) -> None:
    """Escape sequences for a terminal that wants them, none elsewhere; the text is the same."""
    plain, coloured = (render(summary("lenet5-rgb"), width=width, color=color) for color in (False, True))
    assert "\x1b" not in plain
    assert ANSI.search(coloured)
    assert [line.rstrip() for line in ANSI.sub("", coloured).splitlines()] == plain.splitlines()


def test_chosen_columns_come_in_the_chosen_order() -> None:
    """Also where they are wider than the terminal: who asks for columns gets them."""
    text = render(summary("lenet5-rgb"), columns=["macs", "layer", "receptive_field", "jump", "start"])
    titles, _, first = body(text)[:3]
    assert titles.split("   ")[-1] == "Start"
    assert re.split(r"\s{2,}", titles.strip()) == ["MACs", "Layer", "Receptive field", "Jump", "Start"]
    assert re.split(r"\s{2,}", first.strip()) == ["470,400", "conv1", "5", "1", "2"]


def test_unknown_places_are_dashes() -> None:
    """Behind a flatten there is no receptive field, which is no zero."""
    lines = body(render(summary("lenet5-rgb"), columns=["layer", "receptive_field", "jump", "start"]))
    assert next(line for line in lines if "flatten1" in line).split() == ["flatten1", "–", "–", "–"]


def test_notes_have_a_column_where_there_are_any() -> None:
    """A note of a spec is shown without being asked for."""
    noted = cnnspec.summarize(cnnspec.loads("input: 4\nlayers:\n  - dense: 3\n    note: the only layer\n"))
    assert "the only layer" in render(noted)
    assert "Note" not in render(summary("lenet5-rgb"))


@pytest.mark.parametrize("batch", [1, 32])
def test_the_footer_names_batch_and_type(batch: int) -> None:
    """Bytes are said to be of how many samples and of which type."""
    text = render(cnnspec.summarize(cnnspec.load("lenet5-rgb"), batch=batch, dtype="float16"))
    samples = {1: "26.3 kB for one sample", 32: "840.1 kB for a batch of 32"}
    assert samples[batch] in text
    assert "125.9 kB as float16" in text


def test_wide_characters_keep_the_columns_straight() -> None:
    """Japanese letters take two places each in a terminal."""
    spec = "input: 4\nlayers:\n  - dense: 3\n    note: 全結合層\n  - relu\n"
    lines = body(render(cnnspec.summarize(cnnspec.loads(spec)), columns=["layer", "note", "params"]))
    assert [line.rstrip()[-2:] for line in lines[1:]] == [" 0", "15", " 0", "15"]


@pytest.mark.parametrize("where", ["name", "note"])
def test_no_escape_sequence_of_a_spec_reaches_the_terminal(where: str) -> None:
    """A spec cannot colour, move the cursor or change the terminal's title."""
    hostile = '"\\e]0;owned\\a\\e[31mred"'
    name, note = (hostile if where == key else "plain" for key in ("name", "note"))
    spec = f"name: {name}\ninput: 4\nlayers:\n  - dense: 3\n    note: {note}\n"
    text = render(cnnspec.summarize(cnnspec.loads(spec)), columns=["layer", "note"])
    assert not set(text) & {"\x1b", "\x07"}


def test_a_table_shows_itself() -> None:
    """As text, in a notebook, and in a rich console."""
    net = summary("lenet5-rgb")
    assert str(net) == render(net)
    assert net._repr_html_() == in_notebook(net)
    console = Console(file=StringIO(), width=120, color_system=None)
    console.print(net)
    printed = console.file.getvalue()  # type: ignore[attr-defined] # a StringIO
    assert "62,958" in printed
    assert "conv 8 5x5/1 valid" in printed


def test_a_table_is_short_in_an_interactive_session() -> None:
    """Who types `cnnspec.summarize(net)` sees a line or the table, not the data behind it."""
    text = repr(summary("lenet5-rgb"))
    assert text == str(summary("lenet5-rgb")).rstrip("\n") or len(text) < 200
