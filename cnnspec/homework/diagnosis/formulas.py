"""The right formula of every column of a table; weights and biases are parts of the parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from cnnspec.analysis.quantities import QUANTITIES
from cnnspec.formula import Term, number
from cnnspec.homework.diagnosis.case import Case, Formula, Outcome, outcome
from cnnspec.homework.diagnosis.parts import BIASED, OUTPUTS, WEIGHTS
from cnnspec.homework.diagnosis.patterns import at, find, match
from cnnspec.homework.diagnosis.rewrites import Edits, rewritten, rule

_without_biases = rule(BIASED, WEIGHTS * OUTPUTS)


def right_outcome(column: str, case: Case) -> Outcome | None:
    """Return the right answer with its formula, None in a column that slips know nothing of."""
    formula = (case.right.biases,) if column == "biases" else formula_of(column, case)
    return None if formula is None else outcome(column, formula)


def formula_of(column: str, case: Case) -> Formula | None:
    """Return the formula that slips in a column change; the one of the biases is that of all parameters."""
    if column in _FORMULAS:
        return _FORMULAS[column](case)
    term = QUANTITIES[column].derived(case.right)
    return (term,) if isinstance(term, Term) else None


def _weights(case: Case) -> Formula | None:
    """Return the parameters without the biases, None where it is not to be seen which those are."""
    params = (case.right.params,)
    if not case.right.biases.value:
        return params
    edits = _without_biases(params, case)
    return rewritten(params, edits) if edits else None


def shows_all_biases(case: Case) -> bool:
    """Tell whether the biases that the formula of the parameters shows are all there are: a gate's are only some."""
    params = case.right.params
    found = find(BIASED, params)
    return found is not None and at(params, found.parts["outputs"]).value == case.right.biases.value


_FORMULAS: Final[dict[str, Callable[[Case], Formula | None]]] = {
    "shape": lambda case: case.right.shape,
    "size": lambda case: (case.y.size,),
    "weights": _weights,
    "biases": lambda case: (case.right.params,) if shows_all_biases(case) else None,
}
"""What slips change where it is not the formula of the quantity itself."""


def after(column: str, formula: Formula, edits: Edits) -> Formula | None:
    """Return what the edits make of the formula of a column."""
    return _biases(formula, edits) if column == "biases" else rewritten(formula, edits)


def _biases(formula: Formula, edits: Edits) -> Formula | None:
    """Return the biases in what becomes of the parameters, None where it is not to be seen which those are."""
    found = find(BIASED, formula[0])
    if found is None:
        return None
    (term,) = rewritten(formula, {place: edit for place, edit in edits.items() if place})
    part = at(term, found.path)
    if part.op == "add" or match(BIASED, part):
        return (part.operands[1],)
    return (number(0),)
