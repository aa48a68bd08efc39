"""What a slip is: which cells it spoils, what goes wrong in them, and what a teacher says about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from cnnspec.formula import Term
from cnnspec.homework.diagnosis.case import Case, Formula, Outcome, outcome
from cnnspec.homework.diagnosis.formulas import after, formula_of
from cnnspec.homework.diagnosis.rewrites import Edits, Rewrite, together
from cnnspec.homework.marking.near_networks import with_arguments
from cnnspec.ir.layer import Layer, LayerError
from cnnspec.ir.role import Role

LECTURE: Final = "A. Ng, Convolutional Neural Networks, week 1: the LeNet-5 table"
QUIZ: Final = "distractors of the quiz of A. Ng, Convolutional Neural Networks, week 1"


class Argument(NamedTuple):
    """The same layer with another value of an argument, one for all axes."""

    name: str
    value: Any


class Quantity(NamedTuple):
    """Another number in the place of the right one; None where there is none."""

    formula: Callable[[Case], Term | Formula | None]


def everywhere(_: Case) -> bool:
    """Tell that a slip can happen wherever its formula is found."""
    return True


class Slip(NamedTuple):
    """One documented wrong formula: the right one rewritten, that of another argument, or another quantity.

    It can happen in every layer whose formula it rewrites or whose argument it changes, as far as `where` allows.
    `mistake` finishes the sentence 'here, ...', `hint` is what to do instead, `elsewhere` that in a layer that is no
    convolution, where the hint speaks of one.
    """

    id: str
    column: str
    wrong: Rewrite | Argument | Quantity
    mistake: str
    hint: str
    source: str = "not documented, a natural slip"
    where: Callable[[Case], bool] = everywhere
    elsewhere: str = ""

    def outcome(self, case: Case) -> Outcome | None:
        """Return what the slip gives in its column, None where it cannot happen."""
        return outcome_of((self,), self.column, case)

    def hint_for(self, layer: Layer) -> str:
        """Return what to do instead in a layer, in words that fit it."""
        return self.hint if layer.role is Role.CONVOLUTION or not self.elsewhere else self.elsewhere


def outcome_of(slips: Sequence[Slip], column: str, case: Case) -> Outcome | None:
    """Return what slips give together in a column, None where one cannot happen or two change the same place."""
    arguments: dict[str, Any] = {}
    rewrites: list[Rewrite] = []
    for slip in slips:
        wrong = slip.wrong
        if not slip.where(case):
            return None
        if isinstance(wrong, Quantity):
            return _other_quantity(wrong, column, case) if len(slips) == 1 and column == slip.column else None
        if isinstance(wrong, Argument):
            if wrong.name in arguments:
                return None
            arguments[wrong.name] = wrong.value
        else:
            rewrites.append(wrong)
    formula = _formula(column, case, arguments)
    edits = _edits(formula, case, rewrites) if formula else None
    changed = after(column, formula, edits) if formula and edits is not None else None
    return outcome(column, changed) if changed else None


def _other_quantity(wrong: Quantity, column: str, case: Case) -> Outcome | None:
    formula = wrong.formula(case)
    if formula is None:
        return None
    return outcome(column, (formula,) if isinstance(formula, Term) else formula)


def _formula(column: str, case: Case, arguments: Mapping[str, Any]) -> Formula | None:
    """Return the formula that slips change, that of the layer with other arguments; None where it does not fit."""
    if not arguments:
        return formula_of(column, case)
    fields = case.layer.fields
    if not arguments.keys() <= fields.keys():
        return None
    rank = len(case.shapes[0]) - 1 - case.layer.step_axes - case.layer.leads
    values = {name: fields[name].type.bind(value, rank) for name, value in arguments.items()}
    try:
        return formula_of(column, case._replace(layer=with_arguments(case.layer, values)))
    except LayerError:
        return None


def _edits(formula: Formula, case: Case, rewrites: Sequence[Rewrite]) -> Edits | None:
    """Return the edits of all rewrites, None where one has none or two change the same place."""
    changes = [rewrite(formula, case) for rewrite in rewrites]
    if not all(changes):
        return None
    return changes[0] if len(changes) == 1 else together(formula, changes)
