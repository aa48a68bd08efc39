"""What a slip is: which cells it spoils, what it changes in their recipe, and what a teacher says about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from cnnspec.formula import Term
from cnnspec.homework.diagnosis.recipes import Case, Outcome

Changes = Callable[[Case], "dict[str, Any] | None"]
Whole = Callable[[Case], "Term | Outcome | None"]


class Slip(NamedTuple):
    """One documented wrong formula.

    `changes` replaces ingredients of the right recipe, `whole` gives an answer of its own; None from either means that
    the slip cannot happen there. `mistake` finishes the sentence 'here, ...', `hint` is what to do instead.
    """

    id: str
    column: str
    kinds: frozenset[str]
    mistake: str
    hint: str
    source: str
    changes: Changes | None = None
    whole: Whole | None = None


def outcome_of(result: Term | Outcome | None) -> Outcome | None:
    """Return a term as an outcome."""
    return Outcome(result.value, result) if isinstance(result, Term) else result


CONV = frozenset({"conv", "upconv"})
WINDOW_WEIGHTS = frozenset({"conv", "upconv", "dwconv"})
DENSE = frozenset({"dense"})
WEIGHTED = CONV | DENSE
POOL = frozenset({"maxpool", "avgpool"})
SLIDING = frozenset({"conv", "dwconv", "sepconv"})
WINDOWS = SLIDING | POOL
NOTHING_LEARNED = (
    POOL
    | {"relu", "relu6", "leaky_relu", "elu", "selu", "gelu", "silu", "sigmoid", "tanh", "softplus", "softmax"}
    | {"dropout", "spatial_dropout", "flatten", "reshape", "gap", "gmp", "add", "concat", "upsample", "pad"}
)
EVERY = frozenset({"*"})
