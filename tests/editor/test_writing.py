"""What an editor is told of a spec while it is written: completion, and replacements for what is wrong."""

from __future__ import annotations

import pytest

from cnnspec.editor.actions import actions
from cnnspec.editor.completion import complete
from cnnspec.editor.document import open_document
from cnnspec.editor.navigation import applied
from cnnspec.editor.server import serve
from cnnspec.errors import CnnspecError

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
        (
            "input: 8x8x1\nblocks:\n\n  one: [gap]\n  two: [gap]\nlayers:\n  - conv: {k: 4\n  - |",
            ["one", "two"],
            ["gapp"],
        ),
        ("input: 8x8x1\nlayers:\n  - conv: {k: 4\n  - |", ["conv"], ["unit"]),
        ("input: 8x8x1\nparams:\n  width: 4\n  depth: 2\nlayers:\n  - conv: $|", ["width", "depth"], ["conv"]),
        ("input: 8x8x1\nparams: {width: 4}\nlayers:\n  - conv: $width| 3x3", ["width"], ["conv"]),
        ("input: 8x8x1\nlayers:\n  - for: [n, m]\n    in: [[4, 3]]\n    do:\n      - conv: $|", ["n", "m"], ["conv"]),
        (f"{HEAD}  - conv: 4 3x3\n    trainable: |", ["true", "false"], ["conv"]),
        (f"{HEAD}  - conv: 4 3x3 bias=|", ["true", "false"], ["same"]),
        (f"{HEAD}  - conv: 4 3x3 unknown=|", [], ["same"]),
        (f"{HEAD}  - conv: filters=|", [], ["same"]),
        (f"{HEAD}  - unknown: |", [], ["same"]),
        ("expect:\n  |", [], ["conv", "input"]),
        ("  x|", [], ["conv", "input"]),
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
        ("  - Max_Pool: 2x2", "  - maxpool: 2x2"),
        ("  - nn.Conv2d(1, 4, 3, padding=1),", "  - conv: 4 3x3 pad=1"),
        ("  - 2x conv: 4 3x3", "  - conv: 4 3x3\n    repeat: 2"),
        ("  - 3x relu", "  - relu:\n    repeat: 3"),
        ("  - relu1", "  - relu:\n    name: relu1"),
        ("  - seq:\n      - conv1: 4 3x3", "  - seq:\n      - conv: 4 3x3\n        name: conv1"),
        ("  - conv: 4 3x3 expect=6x6x4", "  - conv: 4 3x3\n    expect: 6x6x4"),
        ("  - Max_Pool: 2x2  # half", "  - maxpool: 2x2  # half"),
        ("  - conv: 4 3x3\n    times: 3  # thrice", "  - conv: 4 3x3\n    repeat: 3  # thrice"),
        ("  - conv:\n      filters: 4\n      kernel: 3,3", "  - conv:\n      filters: 4\n      kernel: 3x3"),
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


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("input: 8*8*1\nlayers: [gap]\n", "input: 8x8x1\nlayers: [gap]\n"),
        ("input = 8x8x1  # grey\nlayers: [gap]\n", "input: 8x8x1  # grey\nlayers: [gap]\n"),
        ("inputs: 8x8x1\nlayers: [gap]\n", "input: 8x8x1\nlayers: [gap]\n"),
        ("input: 8x8x1\nmodel:\n  - gap\n", "input: 8x8x1\nlayers:\n  - gap\n"),
        ("name: a: b\ninput: 8x8x1\nlayers: [gap]", 'name: "a: b"\ninput: 8x8x1\nlayers: [gap]'),
    ],
)
def test_a_help_that_is_a_line_replaces_the_line(text: str, mended: str) -> None:
    """And leaves its comment."""
    document = open_document(text)
    (action,) = actions(document, 0, len(text))
    assert applied(document, [action.edit]).text == mended
    assert applied(document, [action.edit]).errors == []


def test_the_title_of_a_replacement_says_all_of_it() -> None:
    """Also the line that it adds."""
    document = open_document("input: 8x8x1\nlayers:\n  - 2x conv: 4 3x3\n")
    (action,) = actions(document, 0, len(document.text))
    assert action.title == "Replace `- 2x conv: 4 3x3` with `- conv: 4 3x3`, and `repeat: 2` below it"


@pytest.mark.parametrize(
    ("text", "help"),
    [
        (
            "input: 8x8x1\nlayers:\n  - conv: {<<: {filters: 4}, kernel: 3}\n",
            "write shared arguments under `defaults:` or as a block",
        ),
        ("input: 8x8x1\nlayers: [2x conv: 4 3x3]\n", "write `- conv: 4 3x3`, and `repeat: 2` below it"),
        ("input: 8x8x1\nlayers:\n  - pool1: 2\n", "write `avgpool: 2` or `maxpool: 2`"),
        ("input: 8x8x1\nlayers:\n  - conv: 4 3x3\n    act: relu\n", "write `- conv: 4 3x3 relu`"),
    ],
)
def test_a_help_that_is_more_than_a_replacement_offers_none(text: str, help: str) -> None:
    """Advice, a line below where there is no line, a choice, and one line for two."""
    document = open_document(text)
    assert help in [fault.help for fault in document.errors]
    assert actions(document, 0, len(text)) == []


def test_the_server_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where pygls is missing."""
    monkeypatch.setattr("cnnspec.editor.server.find_spec", lambda _: None)
    with pytest.raises(CnnspecError) as caught:
        serve()
    (fault,) = caught.value.diagnostics
    assert (fault.code, fault.message, fault.help) == (
        "E501",
        "this command needs pygls",
        'pip install "cnnspec[lsp]"',
    )
