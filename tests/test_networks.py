"""Specs from Python: shapes and parameters of whatever type, and texts of whatever name."""

from __future__ import annotations

from fractions import Fraction
from itertools import count
from typing import Any, Final

import pytest

import cnnspec

TEXT: Final = "input: 8x8x1\nparams: {a: 2, b: relu}\nlayers: [conv: $a 3x3 $b]\n"
SHAPE_RULE: Final = "a shape is positive integers, channels last and without the batch, of at most 10^12 elements"


class Size:
    """An integer of another library: of numpy's integers only `__index__` is asked for."""

    def __init__(self, value: int) -> None:
        """Keep the value."""
        self.value = value

    def __index__(self) -> int:
        return self.value


def diagnostics(text: str, **given: Any) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return code, message and notes of everything that is wrong."""
    with pytest.raises(cnnspec.SpecError) as caught:
        cnnspec.loads(text, **given)
    return [(found.code, found.message, found.notes) for found in caught.value.diagnostics]


SHAPES: Final = {
    "a tuple": (9, 7, 3),
    "a list": [9, 7, 3],
    "a text": "9x7x3",
    "a mapping": {"input": "9x7x3"},
    "a mapping without a name": {"": (9, 7, 3)},
    "a generator": (size for size in (9, 7, 3)),
    "a range": range(9, 2, -3),
    "floats without a fraction": (9.0, 7.0, 3.0),
    "texts": ["9", "7", "3"],
    "integers of another library": (Size(9), Size(7), Size(3)),
}


@pytest.mark.parametrize("case", SHAPES)
def test_a_shape_alone_is_that_of_the_only_input(case: str) -> None:
    """Every sequence of integers is a shape."""
    expected = (9, 6, 3) if case == "a range" else (9, 7, 3)
    assert cnnspec.loads(TEXT, inputs=SHAPES[case]).inputs == (("input", expected),)


def test_a_size_alone_is_a_vector() -> None:
    """As `input: 16` in a spec."""
    assert cnnspec.loads("layers: [dense: 3]", inputs=16).inputs == (("input", (16,)),)


WRONG_SHAPES: Final = {
    "a batch": ((None, 9, 7, 3), "(None, 9, 7, 3)"),
    "a fraction": ((9.5, 7, 3), "(9.5, 7, 3)"),
    "a truth": ((True, 7, 3), "(True, 7, 3)"),
    "a zero": ((0, 7, 3), "(0, 7, 3)"),
    "a minus": ("-9x7x3", "-9x7x3"),
    "too large a product": ((10**6, 10**6, 3), "(1000000, 1000000, 3)"),
    "too many sizes": ((9, 8, 7, 6, 5, 4), "(9, 8, 7, 6, 5, 4)"),
    "no end of sizes": (count(1), "(1, 2, 3, 4, 5, 6, 7, 8, 9)"),
    "bytes": (b"9x7x3", "b'9x7x3'"),
    "a set": ({9}, "{9}"),
    "no sizes": ((), "()"),
    "a text of nothing": ("", ""),
    "a number that is none": (9.5, "9.5"),
    "a nested list": ([[9, 7], 3], "([9, 7], 3)"),
    "nothing under a name": ({"input": None}, "None"),
}


@pytest.mark.parametrize("case", WRONG_SHAPES)
def test_what_is_no_shape_is_said(case: str) -> None:
    """The value is quoted as it was given; endless ones are not read to their end."""
    given, shown = WRONG_SHAPES[case]
    assert diagnostics(TEXT, inputs=given) == [("E105", f"`{shown}` is not an input shape", (SHAPE_RULE,))]


def test_all_wrong_shapes_are_said() -> None:
    """Not only the first."""
    assert [message for _, message, _ in diagnostics(TEXT, inputs={"a": 0, "b": "x"})] == [
        "`0` is not an input shape",
        "`x` is not an input shape",
    ]


@pytest.mark.parametrize(
    ("head", "given", "expected"),
    [
        ("input: {a: 8x2, b: 8x2}", (4, 4), ("E201", "the spec has several inputs", ("inputs: a, b",))),
        ("input: 8x2", {"image": (4, 4)}, ("E201", "the spec has no input `image`", ("inputs: input",))),
        ("input: 8x2", {3: (4, 4)}, ("E201", "the spec has no input `3`", ("inputs: input",))),
        ("input: 8x2", {"": 4, "input": 4}, ("E106", "the shape of `input` is given twice", ())),
    ],
)
def test_a_shape_is_for_one_input(head: str, given: Any, expected: tuple[str, str, tuple[str, ...]]) -> None:
    """Of several inputs a shape names its own, and one is not given twice."""
    assert diagnostics(f"{head}\nlayers: [concat: [[dense: 3], identity]]\n", inputs=given)[0] == expected


def test_a_named_shape_is_enough_where_the_file_has_none() -> None:
    """The only input is called `input`."""
    assert cnnspec.loads("layers: [dense: 3]", inputs={"input": 5}).inputs == (("input", (5,)),)


@pytest.mark.parametrize("value", [4, "4", 4.0, Fraction(4)])
def test_a_parameter_is_a_number(value: object) -> None:
    """Of any type."""
    assert cnnspec.loads(TEXT, params={"a": value}).nodes[0].shape == (6, 6, 4)


def test_a_parameter_that_is_no_value_is_refused() -> None:
    """It would have been a word such as `None`."""
    note = ("a value is a number, a word, `true` or `false`",)
    assert diagnostics(TEXT, params={"a": None, "b": [1]}) == [
        ("E105", "`None` is no value of the parameter `a`", note),
        ("E105", "`[1]` is no value of the parameter `b`", note),
    ]
