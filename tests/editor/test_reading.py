"""What an editor is told of a spec while it is read: hints, hovers, names, symbols, faults, positions."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from steps import steps

from cnnspec.bundled import bundled_source
from cnnspec.editor import navigation
from cnnspec.editor.document import Document, is_spec, open_document
from cnnspec.editor.hints import hints
from cnnspec.editor.hover import hover
from cnnspec.editor.messages import Mark, messages
from cnnspec.editor.positions import Position, offset_of, position_of
from cnnspec.editor.symbols import Fold, folds, symbols
from cnnspec.errors import UsageError
from cnnspec.source import Source

SPEC: Final = """\
input: 8x8x1
blocks:
  unit:
    params: {f: required}
    layers:
      - conv: $f 3x3 same bn relu  # two of them
        name: inner
      - residual:
          - conv: $f 1x1
            from: inner
layers:
  - unit: {f: 4}
    repeat: 2
  - maxpool: 2
    name: half
  - add:
      - [conv: 4 1x1]
      - half
  - flatten
  - dense: 10
    from: flatten1
expect:
  params: <= 10k
"""


@pytest.fixture
def document() -> Document:
    """Return a spec with a block, copies, a join, and names."""
    found = open_document(SPEC)
    assert found.errors == []
    return found


def at(text: str, part: str, number: int = 0) -> int:
    """Return the offset of a part of a text: of the first one, or of a later one."""
    offset = text.index(part)
    for _ in range(number):
        offset = text.index(part, offset + 1)
    return offset


def test_hints(document: Document) -> None:
    """Copies are added up: (3·3·1 + 1)·4 + 16 = 56 and (3·3·4 + 1)·4 + 16 = 164, and twice (4 + 1)·4 = 20."""
    lines = SPEC.splitlines()
    shown = {lines[document.source.position(hint.offset)[0] - 1].strip(): hint.text for hint in hints(document)}
    assert shown == {
        "- conv: $f 3x3 same bn relu  # two of them": "×2 → (8, 8, 4) · 220 parameters",
        "- residual:": "×2 → (8, 8, 4)",
        "- conv: $f 1x1": "×2 → (8, 8, 4) · 40 parameters",
        "layers:": "= 930 parameters · 14,464 MACs",
        "- unit: {f: 4}": "×2 → (8, 8, 4) · 260 parameters",
        "- maxpool: 2": "→ (4, 4, 4)",
        "- add:": "→ (4, 4, 4)",
        "- [conv: 4 1x1]": "→ (4, 4, 4) · 20 parameters",
        "- flatten": "→ (64,)",
        "- dense: 10": "→ (10,) · 650 parameters",
    }


def test_hints_of_a_published_network() -> None:
    """ResNet-50 has 25,636,712 parameters, and 2048·1000 + 1000 of them in its last layer."""
    source = bundled_source("resnet50")
    assert source is not None
    texts = [hint.text for hint in hints(open_document(source.text, "resnet.yaml"))]
    assert "= 25,636,712 parameters · 3,857,973,248 MACs" in texts
    assert texts[-1] == "→ (1000,) · 2,049,000 parameters"


def test_a_line_of_several_layers_has_one_hint() -> None:
    """With what comes out of the last, and the sum: (9 + 1)·2 + (9·2 + 1)·3 = 77."""
    text = "input: 8x8x1\nlayers: [conv: 2 3x3, conv: 3 3x3]\n"
    assert [hint.text for hint in hints(open_document(text)) if "=" not in hint.text] == ["→ (4, 4, 3) · 77 parameters"]


def test_lines_may_end_as_on_windows() -> None:
    """A hint stands in front of their ends."""
    text = "input: 8x8x1\r\nlayers:\r\n  - conv: 2 3x3  \r\n  - gap\r\n"
    document = open_document(text)
    assert [text[: hint.offset].splitlines()[-1] for hint in hints(document)] == [
        "layers:",
        "  - conv: 2 3x3",
        "  - gap",
    ]


def test_a_network_as_an_item_is_one_line() -> None:
    """With all its parameters, and none of the other file's places."""
    text = "input: 28x28x1\nlayers:\n  - network: lenet5\n"
    assert [hint.text for hint in hints(open_document(text))][-1] == "→ (10,) · 664,086 parameters"


def test_a_faulty_spec_has_hints_above_its_first_error() -> None:
    """While one types, nothing above vanishes; totals are not known."""
    document = open_document(SPEC)
    expected = [hint for hint in hints(document) if hint.offset < at(SPEC, "  - dense") and "=" not in hint.text]
    assert hints(open_document(SPEC.replace("dense: 10", "dense: ten"))) == expected
    assert hints(open_document(SPEC.replace("dense: 10", "dense: [10"))) == expected
    assert hints(open_document(SPEC.replace("8x8x1", "8x8x"))) == []


def test_a_position_in_a_long_line_is_found_in_few_steps() -> None:
    """Characters of a line are not counted one by one, each from the start."""
    line = "x😋" * 100_000  # three units of UTF-16 for two characters
    source = Source("a.yaml", line)
    assert offset_of(source, Position(0, 150_001)) == 100_001
    assert offset_of(source, Position(0, 1 << 31)) == len(line)
    assert steps("cnnspec.editor.positions", "offset_of", source, Position(0, 299_999)) < 60 * len(line)


def test_a_text_beyond_the_limits_is_not_read() -> None:
    """It is said, and that is all."""
    document = open_document("#" * 2_000_000)
    assert [fault.code for fault in document.diagnostics] == ["E110"]
    assert [message.mark.start for message in messages(document)] == [0]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("input: 8x8x1\nlayers: [gap]\ntrain:\n  data: digits\n  ep|ochs: 3\n", "`epochs`: Passes over the data."),
        ("input: 8x8x1\nlayers:\n  - se|q: [gap]\n", "`seq`: Group items in a row."),
        (
            "input: 8x8x1\nlayers:\n  - repeat_vec|tor: 2\n",
            "```text\nrepeat_vector: Repeat a vector n times, as the steps of a sequence.\n",
        ),
        (
            "input: 8x8x1\ndefaults:\n  dropout: {r|ate: 0.5}\nlayers: [gap]\n",
            "```text\n  rate         ",
        ),
    ],
)
def test_hover_on_what_makes_no_layer(text: str, shown: str) -> None:
    """What a setting, a structure, a kind, and an argument of one is."""
    found = hover(open_document(text.replace("|", "", 1)), text.index("|"))
    assert found is not None
    assert found.text.startswith(shown)


def test_hover_on_a_word_of_several_layers_derives_the_first() -> None:
    """And counts them."""
    text = "input: 8x8x1\nlayers:\n  - for: [n]\n    in: [[4], [5]]\n    do:\n      - conv: $n 3x3\n"
    found = hover(open_document(text), at(text, "conv"))
    assert found is not None
    assert "(F·F·C + 1)·K = (3·3·1 + 1)·4 = 40" in found.text
    assert found.text.endswith("\n\n---\n\nThe first of 2: conv1, conv2")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("layers:\n  - conv: 4 3x3 same\n    name: a\n  - gap\noutputs: [|a, gap1]\n", 4),
        ("layers:\n  - conv: 4 3x3 same\n    name: a\noutputs: |a\n", 4),
        ("layers:\n  - conv: 1 3x3 same\n    name: a\n  - share: |a\n", 4),
        ("layers:\n  - conv: 1 3x3 same\n  - share: |conv1\n", 3),
        ("layers:\n  - conv: 1 3x3 same\n    name: a\n  - residual:\n      body: {conv: 1 3x3 same, from: |a}\n", 4),
        ("blocks:\n  u: [conv: 4 3x3 same]\nlayers:\n  - u\n  - add: [|u1, identity]\n", 5),
        ("blocks:\n  u: [{relu: , name: a}]\n  v: [{relu: , name: a}, {add: [|a, identity]}]\nlayers: [u, v]\n", 4),
    ],
)
def test_where_names_are_given(text: str, line: int) -> None:
    """Of names in outputs, shares and branches, of those that a block gives and those that are counted."""
    text = f"input: 8x8x1\n{text}"
    document = open_document(text.replace("|", "", 1))
    assert document.errors == []
    place = navigation.definition(document, text.index("|"))
    assert place is not None
    assert document.source.position(place[0])[0] == line


@pytest.mark.parametrize(
    "text", ["layers: {}\n", "layers:\n", "blocks:\n  u: 7\nlayers: 7\n", "layers: [[], {}]\n", "outputs: {}\n"]
)
def test_symbols_of_what_is_not_there_yet(text: str) -> None:
    """None, and the keys are there."""
    document = open_document(f"input: 8x8x1\n{text}")
    assert [symbol.name for symbol in symbols(document)][1:] == [
        line.split(":")[0] for line in text.splitlines() if line[0] != " "
    ]
    assert [inner.name for symbol in symbols(document) for inner in symbol.inside if inner.name != "u"] == []


def test_hover_on_a_layer_is_its_derivation(document: Document) -> None:
    """On its kind, and behind the meaning of an argument."""
    found = hover(document, at(SPEC, "dense"))
    assert found is not None
    assert "(N_in + 1)·N_out = (64 + 1)·10 = 650" in found.text
    found = hover(document, at(SPEC, "10\n"))
    assert found is not None
    assert found.text.startswith("```text\n  units        number of outputs\n")
    assert "= (64 + 1)·10 = 650" in found.text


def test_hover_on_a_block_names_its_copies(document: Document) -> None:
    """With the layers of the first."""
    found = hover(document, at(SPEC, "unit", 1))
    assert found is not None
    assert found.text.startswith("```text\nunit: unit1, unit2\n×2 → (8, 8, 4) · 260 parameters\n\n  unit1.inner: conv")


def test_hover_on_a_name_is_the_layer_that_has_it(document: Document) -> None:
    """Given or counted."""
    for part, number, layer in (("half", 1, "half: maxpool"), ("flatten1", 0, "flatten1: flatten")):
        found = hover(document, at(SPEC, part, number))
        assert found is not None
        assert found.text.startswith(f"```text\n{layer}")


def test_hover_on_a_kind_that_computes_nothing() -> None:
    """Is the page of the kind; on a code, that of the code; on nothing, nothing."""
    text = "input: 8x8x1\nallow: [W303]\nlayers: [conv: 4]\n"
    document = open_document(text)
    found = hover(document, at(text, "conv"))
    assert found is not None
    assert "conv: Slide K learned filters over the input" in found.text
    assert "E107: " in found.text
    assert "W303" in (hover(document, at(text, "W303")) or ("", "", ""))[2]
    assert hover(document, at(text, "8x8")) is None


def test_hover_cannot_leave_its_fence() -> None:
    """Whatever a spec writes stays text."""
    text = 'input: 8x8x1\nlayers:\n  - relu:\n    note: "````"\n'
    found = hover(open_document(text), at(text, "relu"))
    assert found is not None
    assert found.text.count("```text") == 1


@pytest.mark.parametrize(
    ("part", "number", "expected"),
    [
        ("inner", 1, ("inner", 0)),
        ("half", 1, ("half", 0)),
        ("unit", 1, ("unit", 0)),
        ("flatten1", 0, ("flatten", 0)),
    ],
)
def test_definitions(document: Document, part: str, number: int, expected: tuple[str, int]) -> None:
    """Where a name is given, or what has it by counting."""
    place = navigation.definition(document, at(SPEC, part, number) + 1)
    assert place == (at(SPEC, *expected), at(SPEC, *expected) + len(expected[0]))


def test_references(document: Document) -> None:
    """The name and its uses, from either end, and from the kind of the layer."""
    places = [(at(SPEC, "half"), at(SPEC, "half") + 4), (at(SPEC, "half", 1), at(SPEC, "half", 1) + 4)]
    assert navigation.references(document, at(SPEC, "half")) == places
    assert navigation.references(document, at(SPEC, "half", 1)) == places
    assert navigation.references(document, at(SPEC, "maxpool")) == places
    counted = [(at(SPEC, "flatten1"), at(SPEC, "flatten1") + 8)]
    assert navigation.references(document, at(SPEC, "flatten")) == counted
    assert navigation.references(document, at(SPEC, "flatten1")) == counted


def test_renaming(document: Document) -> None:
    """The spec means the same with the new name."""
    edits = navigation.rename(document, at(SPEC, "inner", 1), "first")
    changed = navigation.applied(document, edits)
    assert changed.text == SPEC.replace("inner", "first")
    assert changed.errors == []
    edits = navigation.rename(document, at(SPEC, "unit", 1), "part")
    assert navigation.applied(document, edits).text == SPEC.replace("unit", "part")


@pytest.mark.parametrize(
    ("part", "new", "message"),
    [
        ("half", "9x", "`9x` is not a name"),
        ("half", "identity", "`identity` would break the spec: "),
        ("unit", "conv", "`conv` would break the spec: a block cannot be named `conv`"),
        ("flatten", "flat", "there is no name here"),
        ("8x8", "flat", "there is no name here"),
    ],
)
def test_what_cannot_be_renamed(document: Document, part: str, new: str, message: str) -> None:
    """It is refused, with the reason."""
    with pytest.raises(UsageError) as caught:
        navigation.rename(document, at(SPEC, part), new)
    assert caught.value.diagnostics[0].message.startswith(message)


def test_symbols(document: Document) -> None:
    """Keys, blocks and layers, nested as they are written."""
    found = {symbol.name: symbol for symbol in symbols(document)}
    assert list(found) == ["input", "blocks", "layers", "expect"]
    assert [symbol.name for symbol in found["layers"].inside] == ["unit", "half: maxpool", "add", "flatten", "dense"]
    assert [symbol.name for symbol in found["blocks"].inside[0].inside] == ["inner: conv", "residual"]
    assert found["layers"].inside[0].detail == "×2 → (8, 8, 4) · 260 parameters"


def test_folds(document: Document) -> None:
    """From the first line of a thing to its last, without the gap behind it."""
    assert folds(document) == [
        Fold(1, 9),
        Fold(2, 9),
        Fold(5, 6),
        Fold(7, 9),
        Fold(8, 9),
        Fold(10, 20),
        Fold(11, 12),
        Fold(13, 14),
        Fold(15, 17),
        Fold(19, 20),
        Fold(21, 22),
    ]


def test_messages_have_places_notes_and_help() -> None:
    """All faults of a text, each where it is."""
    text = "input: 8x8x1\nlayers:\n  - conv: {filters: 4, kernal: 3}\n  - gapp\n"
    first, second = messages(open_document(text))
    assert first.code == "E103"
    start = at(text, "kernal")
    assert first.mark[:2] == (start, start + 6)
    assert first.mark.text.splitlines()[0] == "unknown argument `kernal` for `conv`: not an argument of `conv`"
    assert first.mark.text.splitlines()[-1] == "help: did you mean `kernel`?"
    assert second.mark == Mark(at(text, "gapp"), at(text, "gapp") + 4, "unknown kind `gapp`\nhelp: did you mean `gap`?")


def test_messages_name_both_places() -> None:
    """The first of two equal names is a further place."""
    text = "input: 8x8x1\nlayers:\n  - relu:\n    name: a\n  - relu:\n    name: a\n"
    (message,) = messages(open_document(text))
    assert message.mark.start == at(text, "a\n", 1)
    assert message.related == (Mark(at(text, "a\n"), at(text, "a\n") + 1, "first given here"),)


def test_a_fault_in_another_file_stands_where_it_is_named(tmp_path: Path) -> None:
    """Its own place is none of this text."""
    (tmp_path / "part.yaml").write_text("input: 8x8x1\nlayers: [convv: 3]\n", encoding="utf-8")
    text = "input: 8x8x1\nlayers:\n  - network: part.yaml\n"
    (message,) = messages(open_document(text, "a.yaml", tmp_path))
    assert 0 <= message.mark.start < message.mark.end <= len(text)


def test_what_is_a_spec() -> None:
    """Other YAML files are left alone, and so are assignments."""
    assert is_spec("name: a\nlayers: [")
    assert not is_spec("services:\n  web:\n    input: 3\n")
    assert not is_spec("assignment: Homework 3\nspec: a.yaml\ninput: 3\n")


@given(st.text("ab😋é\n"), st.integers(0, 30))
def test_positions_lead_back(text: str, number: int) -> None:
    """In every encoding of the protocol."""
    source, offset = Source("a.yaml", text), min(number, len(text))
    for encoding in ("utf-8", "utf-16", "utf-32"):
        assert offset_of(source, position_of(source, offset, encoding), encoding) == offset


def test_positions_behind_the_end() -> None:
    """Are those of the end of the line, or of the text."""
    source = Source("a.yaml", "one\r\ntwo")
    assert offset_of(source, Position(0, 99)) == 3
    assert offset_of(source, Position(9, 0)) == 8


@given(st.integers(0, len(SPEC)), st.integers(0, len(SPEC)), st.sampled_from(["", "\n", " - ", "[", "$", "conv: "]))
def test_no_text_is_too_broken(start: int, length: int, new: str) -> None:
    """Every question has an answer at every place of a text in which something is being typed."""
    document = open_document(SPEC).changed(start, min(start + length % 20, len(SPEC)), new)
    for offset in (start, len(document.text) // 2):
        hover(document, offset)
        navigation.references(document, offset)
    hints(document)
    symbols(document)
    folds(document)
    for message in messages(document):
        assert 0 <= message.mark.start < message.mark.end
