"""Formulas as text, with numbers, for programs and in LaTeX; evaluating the text gives the value."""

from __future__ import annotations

import ast
import re
from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING, Final, NamedTuple

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from cnnspec.formula import (
    EXACT,
    LATEX,
    Term,
    ceil_div,
    leaves,
    nothing,
    number,
    product,
    quotient,
    render,
    rounded_from,
    symbol,
    unrounded,
)

if TYPE_CHECKING:
    from collections.abc import Callable


class Case(NamedTuple):
    """A formula, how it is written in every style, and what it gives."""

    build: Callable[[], Term]
    slide: str
    numbers: str
    exact: str
    latex: str
    value: int


CASES: Final = {
    "parameters of a convolution": Case(
        lambda: (symbol("F", 5) * symbol("F", 5) * symbol("C", 3) + 1) * symbol("K", 8),
        "(F·F·C + 1)·K",
        "(5·5·3 + 1)·8",
        "(F·F·C + 1)·K",
        r"\left(F \cdot F \cdot C + 1\right) \cdot K",
        608,
    ),
    "parameters without a bias": Case(
        lambda: product([symbol("F", 3), symbol("F", 3), symbol("C", 64), symbol("K", 128)]),
        "F·F·C·K",
        "3·3·64·128",
        "F·F·C·K",
        r"F \cdot F \cdot C \cdot K",
        73_728,
    ),
    "parameters of a dense layer": Case(
        lambda: (symbol("N_in", 4_704) + 1) * symbol("N_out", 120),
        "(N_in + 1)·N_out",
        "(4,704 + 1)·120",
        "(N_in + 1)·N_out",
        r"\left(N_{in} + 1\right) \cdot N_{out}",
        564_600,
    ),
    "parameters of a separable convolution": Case(
        lambda: product([symbol("F", 3), symbol("F", 3), symbol("C", 32)]) + (symbol("C", 32) + 1) * symbol("K", 64),
        "F·F·C + (C + 1)·K",
        "3·3·32 + (32 + 1)·64",
        "F·F·C + (C + 1)·K",
        r"F \cdot F \cdot C + \left(C + 1\right) \cdot K",
        2_400,
    ),
    "parameters in groups": Case(
        lambda: product([symbol("F", 3), symbol("F", 3), symbol("C", 64) // symbol("g", 4)]) * symbol("K", 128),
        "F·F·(C/g)·K",
        "3·3·(64/4)·128",
        "F·F·floor(C/g)·K",
        r"F \cdot F \cdot \left\lfloor\frac{C}{g}\right\rfloor \cdot K",
        18_432,
    ),
    "parameters of a batch norm": Case(
        lambda: 4 * symbol("C", 64),
        "4·C",
        "4·64",
        "4·C",
        r"4 \cdot C",
        256,
    ),
    "positions of a window, rounded": Case(
        lambda: (symbol("n", 32) + 2 * symbol("p", 0) - symbol("f", 5)) // symbol("s", 2) + 1,
        "(n + 2p − f)/s + 1",
        "(32 − 5)/2 + 1",
        "floor((n + 2p − f)/s) + 1",
        r"\left\lfloor\frac{n + 2p - f}{s}\right\rfloor + 1",
        14,
    ),
    "the one position of a window as large as its input": Case(
        lambda: (symbol("n", 5) + 2 * symbol("p", 0) - symbol("f", 5)) // symbol("s", 1) + 1,
        "(n + 2p − f)/s + 1",
        "(5 − 5)/1 + 1",
        "floor((n + 2p − f)/s) + 1",
        r"\left\lfloor\frac{n + 2p - f}{s}\right\rfloor + 1",
        1,
    ),
    "positions of a padded window": Case(
        lambda: (symbol("n", 28) + 2 * symbol("p", 2) - symbol("f", 5)) // symbol("s", 1) + 1,
        "(n + 2p − f)/s + 1",
        "(28 + 2·2 − 5)/1 + 1",
        "floor((n + 2p − f)/s) + 1",
        r"\left\lfloor\frac{n + 2p - f}{s}\right\rfloor + 1",
        28,
    ),
    "positions of a window padded on one side": Case(
        lambda: (symbol("n", 28) + symbol("p_1", 0) + symbol("p_2", 1) - symbol("f", 3)) // symbol("s", 2) + 1,
        "(n + p_1 + p_2 − f)/s + 1",
        "(28 + 1 − 3)/2 + 1",
        "floor((n + p_1 + p_2 − f)/s) + 1",
        r"\left\lfloor\frac{n + p_{1} + p_{2} - f}{s}\right\rfloor + 1",
        14,
    ),
    "positions of a dilated window": Case(
        lambda: (symbol("n", 28) - symbol("d", 2) * (symbol("f", 3) - 1) - 1) // symbol("s", 1) + 1,
        "(n − d·(f − 1) − 1)/s + 1",
        "(28 − 2·(3 − 1) − 1)/1 + 1",
        "floor((n − d·(f − 1) − 1)/s) + 1",
        r"\left\lfloor\frac{n - d \cdot \left(f - 1\right) - 1}{s}\right\rfloor + 1",
        24,
    ),
    "positions with same padding": Case(
        lambda: ceil_div(symbol("n", 7), symbol("s", 2)),
        "⌈n/s⌉",
        "⌈7/2⌉",
        "ceil(n/s)",
        r"\left\lceil\frac{n}{s}\right\rceil",
        4,
    ),
    "a transposed convolution": Case(
        lambda: (symbol("n", 7) - 1) * symbol("s", 2) + symbol("f", 3),
        "(n − 1)·s + f",
        "(7 − 1)·2 + 3",
        "(n − 1)·s + f",
        r"\left(n - 1\right) \cdot s + f",
        15,
    ),
    "output positions have a prime": Case(
        lambda: symbol("H′", 14) * symbol("n′_1", 3),
        "H′·n′_1",
        "14·3",
        "H′·n′_1",
        r"H' \cdot n'_{1}",
        42,
    ),
    "differences from the left need no parentheses": Case(
        lambda: symbol("a", 9) - symbol("b", 4) - symbol("c", 3),
        "a − b − c",
        "9 − 4 − 3",
        "a − b − c",
        "a - b - c",
        2,
    ),
    "a difference is taken away in parentheses": Case(
        lambda: symbol("a", 9) - (symbol("b", 4) - symbol("c", 3)),
        "a − (b − c)",
        "9 − (4 − 3)",
        "a − (b − c)",
        r"a - \left(b - c\right)",
        8,
    ),
    "a sum is taken away in parentheses": Case(
        lambda: 20 - (symbol("b", 4) + symbol("c", 3)),
        "20 − (b + c)",
        "20 − (4 + 3)",
        "20 − (b + c)",
        r"20 - \left(b + c\right)",
        13,
    ),
    "a quotient of products": Case(
        lambda: (symbol("a", 17) * symbol("b", 3)) // (symbol("c", 2) * symbol("d", 2)),
        "(a·b)/(c·d)",
        "(17·3)/(2·2)",
        "floor((a·b)/(c·d))",
        r"\left\lfloor\frac{a \cdot b}{c \cdot d}\right\rfloor",
        12,
    ),
    "a quotient of a quotient": Case(
        lambda: symbol("a", 17) // symbol("b", 3) // symbol("c", 2),
        "(a/b)/c",
        "(17/3)/2",
        "floor(floor(a/b)/c)",
        r"\left\lfloor\frac{\left\lfloor\frac{a}{b}\right\rfloor}{c}\right\rfloor",
        2,
    ),
    "a zero summand is left out, a zero factor is not": Case(
        lambda: symbol("p", 0) * symbol("C", 3) + symbol("q", 0) + symbol("r", 7),
        "p·C + q + r",
        "7",
        "p·C + q + r",
        r"p \cdot C + q + r",
        7,
    ),
    "a negative number stands in parentheses": Case(
        lambda: symbol("a", -3) * symbol("b", 4) - symbol("c", -5),
        "a·b − c",
        "(−3)·4 − (−5)",
        "a·b − c",
        r"a \cdot b - c",
        -7,
    ),
    "large numbers have separators on slides only": Case(
        lambda: symbol("H", 1_000) * symbol("W", 1_000) * symbol("C", 1_000),
        "H·W·C",
        "1,000·1,000·1,000",
        "H·W·C",
        r"H \cdot W \cdot C",
        1_000_000_000,
    ),
    "a quotient that nobody rounded": Case(
        lambda: quotient(symbol("n", 29), symbol("s", 2)) + 1, "n/s + 1", "29/2 + 1", "n/s + 1", r"\frac{n}{s} + 1", 15
    ),
    "nothing is a zero with a reason": Case(lambda: nothing("a pool learns nothing"), "0", "0", "0", "0", 0),
}


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_a_formula_is_written_in_every_style(case: Case) -> None:
    """Symbols, numbers, the form for programs and LaTeX are the literal texts of the table."""
    term = case.build()
    assert render(term) == str(term) == case.slide
    assert render(term, numbers=True) == case.numbers
    assert render(term, EXACT) == case.exact
    assert render(term, LATEX) == case.latex
    assert term.value == int(term) == case.value


@pytest.mark.parametrize(
    ("build", "text"),
    [
        pytest.param(lambda: symbol("N", 4_704) + 1, "4704 + 1", id="no separators"),
        pytest.param(lambda: symbol("n", 7) // symbol("s", 2), "floor(7/2)", id="down"),
        pytest.param(lambda: ceil_div(symbol("n", -7), symbol("s", 2)), "ceil((−7)/2)", id="up"),
        pytest.param(lambda: 2 * symbol("p", 3) - symbol("q", 0), "2·3", id="zero difference"),
        pytest.param(lambda: symbol("p", 0) - symbol("q", 5), "0 − 5", id="zero minuend"),
        pytest.param(lambda: symbol("p", 0) + symbol("q", 0), "0", id="zero sum"),
    ],
)
def test_the_exact_style_writes_every_rounding_and_no_separators(build: Callable[[], Term], text: str) -> None:
    """Programs and error messages show the whole computation."""
    assert render(build(), EXACT, numbers=True) == text


@pytest.mark.parametrize(
    ("term", "text", "value"),
    [
        (3 + symbol("n", 5), "3 + n", 8),
        (3 - symbol("n", 5), "3 − n", -2),
        (3 * symbol("n", 5), "3n", 15),
    ],
)
def test_an_integer_may_come_first(term: Term, text: str, value: int) -> None:
    """It stays in its place."""
    assert (render(term), term.value) == (text, value)


@pytest.mark.parametrize(
    ("term", "text"),
    [
        (symbol("n", 7) + symbol("p", 0) // symbol("s", 2), "7"),
        (symbol("n", 7) + (symbol("p", 0) + (symbol("f", 5) - 5)), "7 + 5 − 5"),
    ],
    ids=["a part of nothing", "a sum that only comes out as 0"],
)
def test_only_summands_that_are_nothing_are_left_out(term: Term, text: str) -> None:
    """A quotient is nothing where its dividend is, a sum where all of it is."""
    assert render(term, numbers=True) == text


def test_what_is_below_zero_is_enclosed() -> None:
    """From −1 on, in text with the sign of a formula, in LaTeX with that of a source."""
    term = symbol("n", 7) + symbol("p", -1)
    assert (render(term, numbers=True), render(term, LATEX, numbers=True)) == ("7 + (−1)", "7 + (-1)")
    assert render(symbol("n", 7) * symbol("s", 0), numbers=True) == "7·0"


@pytest.mark.parametrize(
    ("name", "latex"),
    [
        ("F", "F"),
        ("F_h", "F_{h}"),
        ("W′", "W'"),
        ("out", "out"),
        ("conv", r"\text{conv}"),
        ("conv1_h", r"\text{conv1\_h}"),
        ("C_a_b", r"\text{C\_a\_b}"),
    ],
)
def test_a_name_of_more_than_three_letters_is_a_layers(name: str, latex: str) -> None:
    """It stands upright; another has its subscript."""
    assert render(symbol(name, 1), LATEX) == latex


def test_a_formula_in_a_debugger_is_its_text() -> None:
    """A formula with its value, a literal with its value alone."""
    assert repr((symbol("F", 5) * symbol("C", 3) + 1) * symbol("K", 8)) == "<(F·C + 1)·K = 128>"
    assert repr(nothing("a pool learns nothing")) == "<0>"


def test_latex_is_ascii() -> None:
    """A minus in LaTeX is a hyphen."""
    assert render(symbol("a", -3) + 1, LATEX, numbers=True) == "(-3) + 1"


@pytest.mark.parametrize(
    ("build", "text"),
    [
        pytest.param(lambda: (symbol("n", 32) - 5) // symbol("s", 2) + 1, "14.5", id="half"),
        pytest.param(lambda: ceil_div(symbol("n", 7), symbol("s", 3)), "2.333", id="third"),
        pytest.param(lambda: (symbol("n", 33) - 5) // symbol("s", 2) + 1, "", id="nothing was rounded"),
        pytest.param(lambda: symbol("a", 7) * symbol("b", 3), "", id="nothing to round"),
        pytest.param(lambda: symbol("n", 7) // symbol("s", 2) * 2, "7", id="a whole number that rounding changed"),
    ],
)
def test_what_was_rounded_is_told(build: Callable[[], Term], text: str) -> None:
    """The value before rounding is shown only where rounding changed it."""
    assert rounded_from(build()) == text


def test_symbols_come_in_reading_order() -> None:
    """The legend of a formula follows the formula."""
    term = (symbol("n", 32) + 2 * symbol("p", 1) - symbol("f", 5)) // symbol("s", 2) + 1
    assert [(leaf.name, leaf.value) for leaf in leaves(term)] == [("n", 32), ("p", 1), ("f", 5), ("s", 2)]


def test_nothing_keeps_its_reason() -> None:
    """A zero that was not computed says why it is zero."""
    term = nothing("the maximum is picked")
    assert (term.value, term.reason) == (0, "the maximum is picked")


def test_a_product_of_nothing_is_one() -> None:
    """An empty product is the neutral element."""
    assert product([]).value == 1


def test_a_term_is_not_wrapped_again() -> None:
    """A literal is made of plain integers only."""
    term = symbol("C", 3)
    assert number(term) is term


def _quotient(divide: Callable[[Term, Term], Term], left: Term, right: Term) -> Term:
    """Return a quotient, or the left operand where the right one is zero."""
    return divide(left, right) if right.value else left


LEAVES: Final = st.integers(-9, 99).map(
    lambda value: symbol(f"n{value}" if value >= 0 else f"m{-value}", value)
) | st.integers(-3, 12).map(number)
TERMS: Final = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(Term.__add__, inner, inner),
        st.builds(Term.__sub__, inner, inner),
        st.builds(Term.__mul__, inner, inner),
        st.builds(lambda left, right: _quotient(Term.__floordiv__, left, right), inner, inner),
        st.builds(lambda left, right: _quotient(ceil_div, left, right), inner, inner),
    ),
    max_leaves=12,
)
"""Random formulas; a symbol's name tells its value, so that the text with symbols can be computed too."""


def evaluate(text: str, *, rounding: bool = True) -> Fraction:
    """Return the value of a text in the exact style, with or without its roundings."""
    return _value(ast.parse(text.replace("·", "*").replace("−", "-"), mode="eval").body, rounding=rounding)


def _value(node: ast.expr, *, rounding: bool) -> Fraction:
    match node:
        case ast.Constant(value=int(value)):
            return Fraction(value)
        case ast.Name(id=name):
            return Fraction(int(re.sub("^m", "-", name).removeprefix("n")))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, rounding=rounding)
        case ast.Call(func=ast.Name(id=name), args=[argument]):
            inner = _value(argument, rounding=rounding)
            return Fraction({"floor": floor, "ceil": ceil}[name](inner)) if rounding else inner
        case ast.BinOp(left=left, op=operation, right=right):
            return _combined(_value(left, rounding=rounding), operation, _value(right, rounding=rounding))
    raise AssertionError(ast.dump(node))


def _combined(left: Fraction, operation: ast.operator, right: Fraction) -> Fraction:
    match operation:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case _:
            return left / right


@settings(max_examples=500, derandomize=True, deadline=None, database=None)
@given(TERMS)
def test_the_exact_text_evaluates_to_the_value(term: Term) -> None:
    """Parentheses and roundings stand where they must, in symbols and in numbers."""
    assert evaluate(render(term, EXACT, numbers=True)) == term.value
    assert evaluate(render(term, EXACT)) == term.value


@settings(max_examples=500, derandomize=True, deadline=None, database=None)
@given(TERMS)
def test_unrounded_is_the_value_without_floors(term: Term) -> None:
    """Without floor and ceil, the text gives the value before rounding."""
    try:
        expected = evaluate(render(term, EXACT), rounding=False)
    except ZeroDivisionError:
        reject()
    assert unrounded(term) == expected
    counts_on = "ceil" in render(term, EXACT) and term.op != "ceil_div"
    if not counts_on and (expected == term.value or expected.denominator > 1):
        assert bool(rounded_from(term)) == (expected != term.value)
