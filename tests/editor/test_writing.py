"""What an editor is told of a spec while it is written: completion, and replacements for what is wrong."""

from __future__ import annotations

import pytest

from cnnspec.editor.actions import actions
from cnnspec.editor.completion import complete
from cnnspec.editor.document import open_document
from cnnspec.editor.navigation import applied

HEAD = "input: 8x8x1\nblocks:\n  unit:\n    params: {width: 4}\n    layers: [conv: $width 3x3]\nlayers:\n"


def words(text: str) -> list[str]:
    """Return what may stand at the sign `|` of a text."""
    offset = text.index("|")
    return [each.text for each in complete(open_document(text.replace("|", "", 1)), offset)]


@pytest.mark.parametrize(
    ("text", "expected", "never"),
    [
        ("|", ["input", "layers", "expect"], ["conv"]),
        ("input: 8x8x1\nla|", ["layers"], ["conv"]),
        (f"{HEAD}  - |", ["unit", "conv", "residual"], ["input", "filters", "repeat"]),
        (f"{HEAD}  - residual:\n      - |\n  - gap\n", ["unit", "conv"], ["repeat"]),
        (f"{HEAD}  - conv: 4 3x3\n    |", ["repeat", "name", "from"], ["conv"]),
        (f"{HEAD}  - conv: 4 3x3 |", ["same", "relu", "nobias", "bn"], ["filters", "conv"]),
        (f"{HEAD}  - conv: 4 3x3 padding=|", ["same", "valid", "causal"], ["relu"]),
        (f"{HEAD}  - conv: {{filters: 4, |", ["kernel", "padding"], ["same"]),
        (f"{HEAD}  - conv: {{filters: 4, activation: |", ["relu", "softmax"], ["same", "kernel"]),
        (f"{HEAD}  - conv:\n      filters: 4\n      |", ["kernel"], ["same"]),
        (f"{HEAD}  - conv:\n      padding: |", ["same", "valid"], ["kernel"]),
        (
            f"{HEAD}  - conv: 4 3x3\n    name: one\n  - unit:\n  - add:\n    from: [|",
            ["one", "unit1", "input"],
            ["add1"],
        ),
        (f"{HEAD}  - conv: 4 3x3\n  - gap\n  - share: |", ["conv1", "gap1"], ["conv"]),
        (f"{HEAD}  - network: |", ["lenet5"], ["conv"]),
        (f"{HEAD}  - conv: $|", ["width"], ["conv"]),
        ("input: 8x8x1\ndefaults:\n  |", ["conv", "bn"], ["input"]),
        ("input: 8x8x1\ntrain:\n  |", ["data", "epochs"], ["data_dir", "conv"]),
        ("input: 8x8x1\ntrain:\n  loss: |", ["sparse_categorical_crossentropy"], ["data"]),
        (f"{HEAD}  - conv: 4 3x3 # |", [], ["same"]),
        (f"{HEAD}  - for: [n]\n    in:\n      - |", [], ["conv"]),
    ],
)
def test_completion(text: str, expected: list[str], never: list[str]) -> None:
    """What can be meant at a place, and not what cannot."""
    found = words(text)
    assert set(expected) <= set(found)
    assert not set(never) & set(found)
    assert len(found) == len(set(found))


def test_completion_replaces_the_word_so_far() -> None:
    """From its first letter on."""
    text = f"{HEAD}  - max"
    assert {each.start for each in complete(open_document(text), len(text))} == {len(text) - 3}


@pytest.mark.parametrize(
    ("line", "mended"),
    [
        ("  - conv: {filters: 4, kernal: 3}", "  - conv: {filters: 4, kernel: 3}"),
        ("  - conv: 4 3x3 paddin=same", "  - conv: 4 3x3 padding=same"),
        ("  - conv: 4 3x3 smae", "  - conv: 4 3x3 same"),
        ("  - gapp", "  - gap"),
        ("  - unti:", "  - unit:"),
    ],
)
def test_replacements(line: str, mended: str) -> None:
    """The help's word in the place of the wrong one."""
    text = f"{HEAD}{line}\n"
    document = open_document(text)
    place = document.errors[0].span
    assert place is not None
    (action,) = actions(document, place.start, place.start)
    assert applied(document, [action.edit]).text == f"{HEAD}{mended}\n"
    assert applied(document, [action.edit]).errors == []
    assert action.title.startswith("Replace `")


def test_what_mends_nothing_is_not_offered() -> None:
    """A help that is no replacement, a replacement elsewhere, or a place without faults."""
    text = f"{HEAD}  - conv: 4\n  - gapp\n"
    document = open_document(text)
    assert [action.edit.text for action in actions(document, 0, len(text))] == ["gap"]
    assert actions(document, 0, 5) == []
