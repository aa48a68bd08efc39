"""Patterns in formulas and rewrites of them: what they find, what they leave alone, and that they go together."""

from __future__ import annotations

from itertools import combinations
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnspec.formula import Term, ceil_div, number, product, quotient, render, symbol
from cnnspec.homework.diagnosis.case import Case, Formula, outcome
from cnnspec.homework.diagnosis.parts import AREA, BIASED, DEPTH, FILTERS, OUTPUTS, WEIGHTS
from cnnspec.homework.diagnosis.patterns import anything, find, leaf
from cnnspec.homework.diagnosis.rewrites import (
    WHOLE,
    Edits,
    Fact,
    Rewrite,
    also,
    around,
    not_rounded,
    replace,
    rewritten,
    rule,
    together,
)
from cnnspec.layers.conv import Conv

CASE: Final = Case(Conv(filters=7, kernel=(5, 5), stride=(2, 2)), ((31, 31, 3),), (14, 14, 7), (31, 31, 3))
F, C, K, N, S, P = (
    symbol(name, value) for name, value in (("F", 5), ("C", 3), ("K", 7), ("n", 31), ("s", 2), ("p", 1))
)
PARAMS: Final[Formula] = ((F * F * C + 1) * K,)
SHAPE: Final[Formula] = ((N + 2 * P - 5) // S + 1, (N + 2 * P - 5) // S + 1, K)
X, Y = anything("x"), anything("y")


def written(rewrite: Rewrite, formula: Formula = PARAMS) -> str:
    """Return what a rewrite makes of a formula, an empty text where it changes nothing."""
    edits = rewrite(formula, CASE)
    return ", ".join(map(render, rewritten(formula, edits))) if edits else ""


@pytest.mark.parametrize(
    ("rewrite", "text"),
    [
        pytest.param(rule(BIASED, WEIGHTS * OUTPUTS), "F·F·C·K", id="no bias"),
        pytest.param(rule(BIASED, WEIGHTS * OUTPUTS + 1), "F·F·C·K + 1", id="one bias"),
        pytest.param(rule(BIASED, WEIGHTS * OUTPUTS + Fact(lambda case: symbol("s", max(case.stride)))), "F·F·C·K + s"),
        pytest.param(replace(FILTERS, depth=1), "(F·F·1 + 1)·K", id="one channel"),
        pytest.param(replace(FILTERS, depth=OUTPUTS, outputs=DEPTH), "(F·F·K + 1)·C", id="swapped"),
        pytest.param(replace([AREA], area=F), "(F·C + 1)·K", id="not squared"),
        pytest.param(around(WHOLE * 2), "(F·F·C + 1)·K·2", id="around"),
        pytest.param(
            also(replace([AREA], area=F), rule(BIASED, WEIGHTS * OUTPUTS)), "F·C·K", id="two places of one slip"
        ),
        pytest.param(also(rule(X // Y, X), rule(BIASED, WEIGHTS * OUTPUTS)), "", id="the first is not found"),
        pytest.param(also(rule(BIASED, WEIGHTS * OUTPUTS), rule(X // Y, X)), "F·F·C·K", id="the second is not found"),
        pytest.param(rule(leaf("C") // leaf("g"), leaf("C")), "", id="no groups"),
    ],
)
def test_rewrites_of_parameters(rewrite: Rewrite, text: str) -> None:
    """Of (F·F·C + 1)·K."""
    assert written(rewrite) == text


@pytest.mark.parametrize(
    ("rewrite", "text"),
    [
        pytest.param(rule(X // leaf("s") + 1, X // leaf("s")), "(n + 2p − 5)/s, (n + 2p − 5)/s, K", id="no + 1"),
        pytest.param(rule(X + 2 * leaf("p"), X), "(n − 5)/s + 1, (n − 5)/s + 1, K", id="no padding"),
        pytest.param(
            replace([leaf("K")], K=C * leaf("K")), "(n + 2p − 5)/s + 1, (n + 2p − 5)/s + 1, C·K", id="channels"
        ),
    ],
)
def test_rewrites_of_shapes(rewrite: Rewrite, text: str) -> None:
    """In every axis where the pattern is found."""
    assert written(rewrite, SHAPE) == text


def test_a_quotient_that_is_not_rounded_has_a_fraction() -> None:
    """29/2 is 14.5, with either rounding; what comes out even stays whole."""
    formula = (symbol("n", 29) // S, ceil_div(symbol("n", 29), S), symbol("n", 28) // S + 1)
    answer = outcome("shape", rewritten(formula, not_rounded(formula, CASE))).answer
    assert [float(size) for size in answer] == [14.5, 14.5, 15.0]  # type: ignore[union-attr] # a shape
    assert quotient(symbol("n", 29), S).value == 14


def test_the_first_place_is_found() -> None:
    """From the top down, then in reading order."""
    term = (F + 1) * (C + 1)
    assert find(X + 1, term) == ((0,), {"x": (0, 0)})
    assert find(X * Y, term) == ((), {"x": (0,), "y": (1,)})
    assert find(X - Y, term) is None


REWRITES: Final[dict[str, Rewrite]] = {
    "no_bias": rule(BIASED, WEIGHTS * OUTPUTS),
    "bias_twice": rule(BIASED, WEIGHTS * OUTPUTS + 2 * OUTPUTS),
    "one_channel": replace(FILTERS, depth=1),
    "one_filter": replace(FILTERS, outputs=1),
    "swapped": replace(FILTERS, depth=OUTPUTS, outputs=DEPTH),
    "area": replace([AREA], area=AREA * 3),
    "around": around(WHOLE * 2),
    "no_plus_one": rule(X // leaf("s") + 1, X // leaf("s")),
    "up": rule(X // leaf("s"), ceil_div(X, leaf("s"))),
    "pad_once": rule(X + 2 * leaf("p"), X + leaf("p")),
    "sum": rule(X + Y, X - Y),
    "quotients": not_rounded,
}
NAMES: Final = ("F", "F_h", "C", "K", "N_in", "n", "s", "p", "g")
LEAVES: Final = st.builds(symbol, st.sampled_from(NAMES), st.integers(1, 9)) | st.integers(1, 3).map(number)
FORMS: Final = st.one_of(
    st.builds(lambda f, c, k: (f * f * c + 1) * k, *[LEAVES] * 3),
    st.builds(lambda n, p, f, s: (n + 2 * p - f) // s + 1, *[LEAVES] * 4),
)


def _together(left: Term, right: Term) -> st.SearchStrategy[Term]:
    return st.sampled_from([left + right, left - right, left * right, left // symbol("s", 2), ceil_div(left, F)])


TERMS: Final = st.recursive(
    LEAVES | FORMS, lambda inner: st.tuples(inner, inner).flatmap(lambda pair: _together(*pair)), max_leaves=8
)
FORMULAS: Final = st.one_of(st.just(PARAMS), st.just(SHAPE), TERMS.map(lambda term: (term,)))


def texts(formula: Formula) -> list[str]:
    """Return the formulas of all axes with the numbers put in."""
    return [f"{render(term)} = {render(term, numbers=True)} = {term.value}" for term in formula]


@pytest.mark.slow
@settings(max_examples=300, derandomize=True, deadline=None, database=None)
@given(FORMULAS, st.sampled_from(sorted(REWRITES)))
def test_what_is_not_matched_stays(formula: Formula, name: str) -> None:
    """A formula without the pattern has no edits, and without edits it is the same object."""
    edits = REWRITES[name](formula, CASE)
    before = texts(formula)
    made = rewritten(formula, edits)
    assert texts(formula) == before
    if not edits:
        assert all(new is old for new, old in zip(made, formula, strict=True))
    for axis, term in enumerate(formula):
        if () not in edits and all(path[0] != axis for path in edits):
            assert made[axis] is term


@pytest.mark.slow
@settings(max_examples=300, derandomize=True, deadline=None, database=None)
@given(FORMULAS, st.data())
def test_rewrites_of_different_places_commute(formula: Formula, data: st.DataObject) -> None:
    """The order in which edits are put together does not matter, and none of them is lost."""
    changes: list[Edits] = [edits for rewrite in REWRITES.values() if (edits := rewrite(formula, CASE))]
    pairs = [pair for pair in combinations(changes, 2) if together(formula, pair) is not None]
    if not pairs:
        return
    left, right = data.draw(st.sampled_from(pairs))
    one, other = together(formula, (left, right)), together(formula, (right, left))
    assert one is not None
    assert other is not None
    assert texts(rewritten(formula, one)) == texts(rewritten(formula, other))
    assert one.keys() == {*left, *right}


def test_rewrites_of_one_place_do_not_go_together() -> None:
    """Two slips in the biases, or one inside what the other replaces, are no pair."""
    for first, second in (("no_bias", "bias_twice"), ("one_channel", "swapped"), ("one_filter", "swapped")):
        assert together(PARAMS, [REWRITES[first](PARAMS, CASE), REWRITES[second](PARAMS, CASE)]) is None
    whole = replace([DEPTH * K], depth=product([C, C]))
    assert whole(PARAMS, CASE) == {}
    area, side = replace([AREA], area=1), rule(leaf("F") * leaf("F"), leaf("F"))
    assert together(PARAMS, [area(PARAMS, CASE), side(PARAMS, CASE)]) is None
