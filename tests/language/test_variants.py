"""Tables of variants: one parameter chooses a row of others; the input and the name may use them."""

from __future__ import annotations

from typing import Final

import pytest

import cnnspec

SPEC: Final = """\
name: net${depth}
input: ${size}x${size}x3
params: {depth: 50, twice: "${2*n}"}
variants:
  for: [depth, n, size]
  in: [[50, 2, 8], [101, 3, 16]]
layers:
  - conv: $twice 1x1
    repeat: $n
"""


def faults(text: str, **params: str) -> list[tuple[str, str, str, str]]:
    """Return code, message, first note and help of everything that is wrong with a spec."""
    with pytest.raises(cnnspec.SpecError) as caught:
        cnnspec.loads(text, params=params)
    return [(fault.code, fault.message, *(fault.notes[:1] or ("",)), fault.help) for fault in caught.value.diagnostics]


def replaced(*pairs: tuple[str, str]) -> str:
    """Return the spec with parts of its text replaced."""
    text = SPEC
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize(
    ("params", "name", "size", "channels", "layers"),
    [
        ({}, "net50", 8, 4, 2),
        ({"depth": 101}, "net101", 16, 6, 3),
        ({"depth": "101", "n": 1}, "net101", 16, 2, 1),
        ({"size": 5}, "net50", 5, 4, 2),
        ({"twice": 9}, "net50", 8, 9, 2),
    ],
)
def test_a_parameter_chooses_a_row(params: dict[str, object], name: str, size: int, channels: int, layers: int) -> None:
    """Its values are parameters like others: later ones may use them, and each can be given."""
    net = cnnspec.loads(SPEC, params=params)
    assert (net.name, net.inputs[0].shape, len(net)) == (name, (size, size, 3), layers)
    assert net.nodes[0].shape == (size, size, channels)


def test_a_network_of_a_network_chooses_a_variant() -> None:
    """Its input is what enters, whatever the variant declares."""
    text = "input: 32x32x3\nlayers:\n  - network: vgg\n    params: {depth: 19}\n    without: top\n"
    assert len(cnnspec.loads(text)) == 16 + 5
    text = "input: 32x32x3\nlayers:\n  - network: vgg19\n    without: top\n"
    assert [node.name for node in cnnspec.loads(text)][:2] == ["vgg19.conv1", "vgg19.conv2"]
    text = "input: 64x64x3\nlayers:\n  - network: efficientnetb3\n    without: top\n"
    assert cnnspec.loads(text).nodes[-1].shape == (2, 2, 1536)


def test_an_unknown_variant_names_those_that_are() -> None:
    """At its place in the file, or without one where it is given from outside."""
    wanted = ("E105", "`depth` cannot be `51`", "the spec has the variants 50, 101", "")
    assert faults(replaced(("depth: 50", "depth: 51"))) == [wanted]
    assert faults(SPEC, depth="51") == [wanted]
    words = replaced(("depth: 50", "depth: tinny"), ("[[50", "[[tiny"))
    assert faults(words) == [
        ("E105", "`depth` cannot be `tinny`", "the spec has the variants tiny, 101", "did you mean `tiny`?")
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "variants:\n  for: [depth, n, size]\n  in: [[50, 2, 8], [101, 3, 16]]\n",
            "variants: [a]\n",
            ("E112", "`variants` must be a table, not a list"),
        ),
        ("  for: [depth, n, size]\n", "", ("E107", "`variants` lacks `for`")),
        ("  in: [[50", "  on: [[50", ("E107", "`variants` lacks `in`")),
        ("  for: [", "  what: 1\n  for: [", ("E108", "unknown key `what` in `variants`")),
        ("[depth, n, size]", "[depth, n, n]", ("E112", "the name `n` stands twice in `variants`")),
        ("[101, 3, 16]", "[101, 3]", ("E112", "this row holds 2, the table names 3")),
        ("[101, 3, 16]", "[50, 3, 16]", ("E102", "`variants` has two rows for `50`")),
        ("[depth, n, size]", "[deep, n, size]", ("E107", "`deep` chooses a row of `variants`, and is no parameter")),
        ("[depth, n, size]", "[depth, in, size]", ("E207", "a parameter cannot be named `in`")),
        ("{depth: 50,", "{depth: 50, size: 4,", ("E102", "the parameter `size` is given twice")),
        ("[50, 2, 8]", "[50, $m, 8]", ("E113", "unknown variable `m`")),
        ("[101, 3, 16]", "[101, $m, 16]", ("E113", "unknown variable `m`")),
        ("name: net${depth}", "name: net${dept}", ("E113", "unknown variable `dept`")),
        ("input: ${size}x", "input: ${sizes}x", ("E113", "unknown variable `sizes`")),
        ("2, 8]", "2, 0]", ("E105", "`0x0x3` is not an input shape")),
        ("[[50, 2, 8], [101, 3, 16]]", "[]", ("E107", "`variants` has no rows")),
    ],
)
def test_a_table_that_is_wrong_is_told(old: str, new: str, expected: tuple[str, str]) -> None:
    """With its code, first of all that is wrong."""
    assert faults(replaced((old, new)))[0][:2] == expected


def test_a_name_may_hold_a_dollar() -> None:
    """Only `${...}` is an expression in a name, which is free text."""
    assert cnnspec.loads("name: $5 or $x\ninput: 4\nlayers: [relu]").name == "$5 or $x"
