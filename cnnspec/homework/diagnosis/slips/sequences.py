"""Slips in the parameters of layers on sequences: gates, states, tables of rows, and the products of attention."""

from __future__ import annotations

from typing import Final

from cnnspec.formula import Term, number, symbol
from cnnspec.homework.diagnosis.case import Case
from cnnspec.homework.diagnosis.facts import has_one_set_of_biases, multiplies
from cnnspec.homework.diagnosis.formulas import shows_all_biases
from cnnspec.homework.diagnosis.patterns import Wildcard, anything, find, leaf
from cnnspec.homework.diagnosis.rewrites import WHOLE, Fact, around, rule
from cnnspec.homework.diagnosis.slip import Quantity, Slip
from cnnspec.ir.role import Role

U, V, D = leaf("u"), leaf("V"), leaf("D")
INPUTS, OTHERS, OUT = anything("inputs"), anything("others"), anything("out")
GATES: Final = Wildcard("gates", lambda term: term.op == "number" and term.value > 2)
"""How often the same weights are there, in formulas that begin so: `4·((C + 1)·u + u·u)`."""
BOTH: Final = Wildcard("both", lambda term: term.op == "number" and term.value == 2)
ONE: Final = Wildcard("one", lambda term: find(U * U, term) is not None)
"""The weights of one gate, or of one direction: those of the state are among them."""
STEPS: Final = Fact(lambda case: symbol("L", case.shapes[0][0]))
HEADS: Final = Fact(lambda case: symbol("h", _heads(case)))


def _heads(case: Case) -> int:
    return getattr(case.layer, "heads", 1)


def _reads_steps(case: Case) -> bool:
    """Tell whether the same weights, or rows of a table, are used at several steps."""
    shares = multiplies(case) or find(V * D, case.right.params) is not None
    return case.layer.role is Role.SEQUENCE and case.shapes[0][0] > 1 and shares


def _has_heads(case: Case) -> bool:
    return _heads(case) > 1


def _attends(case: Case) -> bool:
    return hasattr(case.layer, "heads")


def _has_four_gates(case: Case) -> bool:
    return find(number(4) * ONE, case.right.params) is not None


def _hides_biases(case: Case) -> bool:
    """Tell whether there are biases at no place, or at several ones, of the formula."""
    return case.layer.role is Role.SEQUENCE and not has_one_set_of_biases(case)


def _shows_one_gate(case: Case) -> bool:
    return not shows_all_biases(case)


def _without_biases(case: Case) -> Term:
    return case.right.params - case.right.biases


SLIPS: Final = (
    Slip(
        "one_gate",
        "params",
        rule(GATES * ONE, ONE),
        "one gate was counted",
        "Every gate has weights and biases of its own: an LSTM has four of them, a GRU three.",
        where=_reads_steps,
    ),
    Slip(
        "three_gates",
        "params",
        rule(GATES * ONE, 3 * ONE),
        "three gates were counted",
        "Beside its three gates, an LSTM has weights for the candidate of its state: four times as many in all.",
        where=_has_four_gates,
    ),
    Slip(
        "no_recurrent_weights",
        "params",
        rule(INPUTS + U * U, INPUTS),
        "the weights of the state were forgotten",
        "Every step reads the input and the last state: C + u numbers.",
    ),
    Slip(
        "no_state_channels",
        "params",
        rule(leaf("C") + leaf("K"), leaf("C")),
        "the channels of the state were forgotten",
        "Every step reads the input and the last state: C + K channels.",
    ),
    Slip(
        "one_direction",
        "params",
        rule(BOTH * ONE, ONE),
        "one direction was counted",
        "A bidirectional layer has weights for each direction.",
        where=_reads_steps,
    ),
    Slip(
        "second_bias_counted",
        "params",
        rule((INPUTS + 1) * U, (INPUTS + 2) * U),
        "two biases per gate and unit were counted",
        "PyTorch keeps two of them, this layer has one.",
        "PyTorch's documentation of LSTM: b_ih and b_hh",
        where=_shows_one_gate,
    ),
    Slip(
        "second_bias_forgotten",
        "params",
        rule((INPUTS + 2) * U, (INPUTS + 1) * U),
        "one bias per gate and unit was counted",
        "This layer has two of them, one for the input and one for the state.",
        "Keras' documentation of GRU: reset_after",
    ),
    Slip(
        "no_biases_at_all",
        "params",
        Quantity(_without_biases),
        "the biases were forgotten",
        "Every gate, and every product of an attention, has biases of its own.",
        where=_hides_biases,
    ),
    Slip(
        "weights_per_step",
        "params",
        around(WHOLE * STEPS),
        "the weights were counted at every step",
        "All steps of a sequence share the same weights.",
        where=_reads_steps,
    ),
    Slip(
        "table_with_biases",
        "params",
        rule(V * D, (V + 1) * D),
        "biases were counted",
        "An embedding is a table of rows: nothing is added to them.",
    ),
    Slip(
        "no_output_product",
        "params",
        rule(OTHERS + OUT, OTHERS),
        "the product behind the heads was forgotten",
        "Query, key and value are three products; a fourth one mixes the heads.",
        where=_attends,
    ),
    Slip(
        "heads_multiplied",
        "params",
        around(WHOLE * HEADS),
        "the weights were counted for every head",
        "The heads share the channels: each has C/h of them.",
        where=_has_heads,
    ),
)
