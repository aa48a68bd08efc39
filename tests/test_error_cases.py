"""Broken specs with the whole text of their diagnostics: `tests/cases/errors/*.yaml`, below the line `# ---`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

import cnnspec
from cnnspec.error_codes import sections
from cnnspec.errors import SHOWN

if TYPE_CHECKING:
    from collections.abc import Callable

CASES: Final = Path(__file__).parent / "cases" / "errors"
NAMES: Final = sorted(path.name for path in CASES.glob("*.yaml"))
SEPARATOR: Final = "# ---\n"
WRONG: Final = {}
"""Cases whose text is as it should be, not as it is."""


def spec_of(name: str) -> str:
    """Return the part of a case above the separator."""
    return (CASES / name).read_text(encoding="utf-8").partition(SEPARATOR)[0]


def error_of(name: str) -> cnnspec.SpecError:
    """Return the error of a case."""
    with pytest.raises(cnnspec.SpecError) as caught:
        cnnspec.loads(spec_of(name), name)
    return caught.value


def commented(text: str) -> str:
    """Return a text as comments of YAML."""
    return "".join(f"# {line}".rstrip() + "\n" for line in text.split("\n"))


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.xfail(name in WRONG, strict=True, reason=WRONG.get(name, "")))
        for name in NAMES
    ],
)
def test_a_broken_spec_has_the_text_of_its_case(name: str, assert_golden: Callable[[str, str], None]) -> None:
    """Every word of every diagnostic is as in the case; `pytest --update-golden` accepts a change."""
    text = spec_of(name) + SEPARATOR + commented(str(error_of(name)))
    if name in WRONG:
        assert text == (CASES / name).read_text(encoding="utf-8")
    assert_golden(f"errors/{name}", text)


def test_one_run_reports_all_mistakes() -> None:
    """Five mistakes are five diagnostics with five codes, in the order of the text."""
    found = error_of("five-errors.yaml").diagnostics
    assert [diagnostic.code for diagnostic in found] == ["E207", "E104", "E105", "E103", "E113"]
    assert [diagnostic.span.position[0] for diagnostic in found if diagnostic.span] == [5, 6, 7, 8, 9]


@pytest.mark.parametrize("name", NAMES)
def test_messages_are_in_the_style_of_the_house(name: str) -> None:
    """A known code, lower case, no full stop, one printable line, backticks in pairs."""
    for diagnostic in error_of(name).diagnostics:
        assert diagnostic.code in sections()
        assert re.match(r"[a-z`(0-9]", diagnostic.message)
        texts = [diagnostic.message, diagnostic.label, diagnostic.help, *diagnostic.notes]
        for text in (*texts, *(related.message for related in diagnostic.related)):
            assert text.isprintable()
            assert not text.endswith((".", "!", " "))
            assert text.count("`") % 2 == 0


@pytest.mark.parametrize("name", NAMES)
def test_carets_stand_below_what_is_meant(name: str) -> None:
    """Every caret line marks the characters of its span, and the place before it is that of the span."""
    error = error_of(name)
    spans = [
        span
        for diagnostic in error.diagnostics[:SHOWN]
        for span in (diagnostic.span, *(related.span for related in diagnostic.related))
        if span is not None
    ]
    snippets = re.findall(r"^ *--> (.*):(\d+):(\d+)\n *\|\n *\d+ \|(.*)\n *\|( *)(\^+)", str(error), re.MULTILINE)
    assert len(snippets) == len(spans)
    for span, (file, line, column, shown, indent, carets) in zip(spans, snippets, strict=True):
        assert (file, int(line), int(column)) == (name, *span.position)
        marked = shown[len(indent) :][: len(carets)]
        meant = span.text.partition("\n")[0] or " "
        assert marked.strip() == meant.strip()[: len(marked)]
        source_line = spec_of(name).split("\n")[int(line) - 1]
        assert source_line[int(column) - 1 :].startswith(meant.rstrip("\n"))


@pytest.mark.parametrize("name", NAMES)
def test_places_lie_in_the_spec(name: str) -> None:
    """No span leaves the text."""
    length = len(spec_of(name))
    for diagnostic in error_of(name).diagnostics:
        for span in (diagnostic.span, *(related.span for related in diagnostic.related)):
            assert span is None or 0 <= span.start < span.end <= length


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ("conv: 8 3x3 groups=8", "4 input channels cannot be divided into 8 groups"),
        ("conv: {filters: 8, kernel: [3, 3, 3]}", "`kernel` of `conv` has 3 numbers for 2 axes: `3x3x3`"),
        ("conv: 8 30x30", "`conv` does not fit its input: the output height would be −1"),
        ("crop: 15", "`crop` leaves nothing: the output height would be −2"),
        ("reshape: 7x7", "(28, 28, 4) cannot be reshaped to (7, 7)"),
        ("permute: 1x1x2", "(1, 1, 2) is no order of the axes of (28, 28, 4)"),
        (
            "add: [[conv: 8 3x3 same], identity]",
            "`add` needs shapes that agree or are 1, not (28, 28, 8) and (28, 28, 4)",
        ),
        ("{relu: , repeat: two}", "`repeat` must be an integer from 0 to 100,000, not `two`"),
        ("{relu: , when: perhaps}", "`when` must be `true` or `false`, not `perhaps`"),
        ("{relu: , expect: 28x28x5}", "expected 28x28x5, but the shape here is 28x28x4"),
        ("{relu: , name: a b}", "`a b` is not a name"),
        ("{relu: , from: [input, input]}", "this item reads one tensor, not `input`, `input`"),
        ("[relu]", "an item of a layer list cannot be a list"),
        ("residual: {bodi: [relu]}", "`residual` needs a body"),
        ("conv: 8 3x3\n    stride: 2", "`stride` stands beside `conv`, not behind it"),
        pytest.param(
            "{relu: , repeat: true}",
            "`repeat` must be an integer from 0 to 100,000, not `true`",
        ),
        pytest.param(
            "conv: {filters: 8, kernel: [3, 3, 3, 3]}",
            "`kernel` of `conv` cannot be `[3, 3, 3, 3]`",
        ),
        pytest.param(
            "conv: ${in.c/3} 3x3",
            "`filters` of `conv` must be a positive integer, not `1.3333333333333333`",
        ),
        pytest.param(
            "dense: 10.5",
            "`units` of `dense` must be a positive integer, not `10.5`",
        ),
        pytest.param(
            "",
            "an item is empty",
        ),
    ],
    ids=lambda text: text[:40] or "empty",
)
def test_a_message_stands_alone(item: str, message: str) -> None:
    """The first message names the value and what is wrong with it."""
    with pytest.raises(cnnspec.SpecError) as caught:
        cnnspec.loads(f"input: 28x28x4\nlayers:\n  - {item}\n")
    assert caught.value.diagnostics[0].message == message


@pytest.mark.parametrize(
    ("item", "word"),
    [
        ("conv: 8 3x3 reluu", "reluu"),
        ("covn: 8 3x3", "covn"),
        pytest.param(
            "conv: 8 3x3 activation relu",
            "activation",
        ),
        pytest.param(
            "conv: 8 3x3 stride 2",
            "stride",
        ),
        pytest.param(
            "name: first",
            "name",
        ),
        pytest.param(
            "lstm: 10",
            "last",
        ),
        pytest.param(
            "global_average_pooling",
            "GlobalAveragePooling3D",
        ),
    ],
)
def test_a_help_is_no_mistake_itself(item: str, word: str) -> None:
    """What is proposed can stand in the place of what is wrong."""
    with pytest.raises(cnnspec.SpecError) as caught:
        cnnspec.loads(f"input: 28x28x4\nlayers:\n  - {item}\n")
    assert caught.value.diagnostics[0].help != f"did you mean `{word}`?"


def test_at_most_twenty_diagnostics_are_shown() -> None:
    """The rest is counted."""
    with pytest.raises(cnnspec.SpecError) as caught:
        cnnspec.loads("input: 8\nlayers:\n" + "".join(f"  - kind{number}\n" for number in range(25)))
    assert len(caught.value.diagnostics) == 25
    text = str(caught.value)
    assert text.count("error[E104]") == 20
    assert text.endswith("\n\n… and 5 more")
