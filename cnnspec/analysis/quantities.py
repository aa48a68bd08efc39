"""The quantities of a layer, a row each: what shows them, adds them up, asks for them or marks them reads them here.

A new quantity is one more row of `QUANTITIES`, or of `PLACES` where it is measured in input pixels along each axis.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from cnnspec.analysis.measure import Quantities, Row, Summary
from cnnspec.analysis.receptive_field import AxisView, View
from cnnspec.analysis.totals import counted
from cnnspec.formula import Term
from cnnspec.ir.shapes import Shape, size_of

if TYPE_CHECKING:
    from fractions import Fraction

Value = int | Shape


class Quantity(NamedTuple):
    """A number of a layer, or its shape: how it is read, added up and derived, and the words for it.

    `name` is its column, `key` its name in JSON. `value` reads it off a measured row, `of_input` is what an input has;
    several layers have the sum of a `summable` one, in which a `once` one leaves out what is a view of another layer's
    output, or what `together` makes of them. `asked` tells whether it was measured, `unknown` why it is not known of a
    row. `total` is the network's, where reports show one. `derived` is the formula, `traced` where it needs the whole
    network, or words where it has none; explanations show it under `word`, a `rare` one only where it is not 0.

    Of worksheets and homework: `prompt` asks for it in a layer, `meaning` says in a sentence what is counted, and
    `spellings` is a pattern of the titles, in lower case, under which students write it; without one it is not marked.
    `part_of` is the quantity that it is a part of, and `qualifier` a pattern by which the title of a column of the
    whole asks for this part instead.
    """

    name: str
    title: str
    key: str
    value: Callable[[Row], Value]
    of_input: Callable[[Shape], Value] = lambda _: 0
    summable: bool = True
    once: bool = False
    total: Callable[[Summary], int] | None = None
    asked: Callable[[Row], bool] = lambda _: True
    unknown: Callable[[Row], str] = lambda _: ""
    derived: Callable[[Quantities], Term | str] = lambda _: ""
    traced: Callable[[Row], Term] | None = None
    together: Callable[[Iterable[int]], int] = sum
    word: str = ""
    rare: bool = False
    prompt: str = ""
    meaning: str = ""
    spellings: str = ""
    part_of: str = ""
    qualifier: str = ""

    def of(self, row: Row) -> Value | None:
        """Return what a row has of it, None where that is not known."""
        return None if self.unknown_in(row) else self.value(row)

    def unknown_in(self, row: Row) -> str:
        """Return why it is not known of a row, an empty text where it is."""
        if reason := self.unknown(row):
            return reason
        found = row.node.layer.unknown()
        if not found or (row.node.shared and "params" in (self.name, self.part_of)):
            return ""
        return found.get(self.name) or found.get(self.part_of, "")

    def is_known(self, rows: Iterable[Row]) -> bool:
        """Tell whether it is known of all rows."""
        return not any(self.unknown_in(row) for row in rows)

    def sum(self, rows: Iterable[Row]) -> int:
        """Return what several layers have together."""
        return self.together([cast("int", self.value(row)) for row in (counted(rows) if self.once else rows)])

    def total_of(self, summary: Summary) -> int:
        """Return what the whole network has."""
        return self.total(summary) if self.total else self.sum(summary.rows)


class Place(NamedTuple):
    """What an output element sees along each axis, in input pixels; `unknown` is why that cannot be said, or empty."""

    name: str
    title: str
    value: Callable[[AxisView], float]
    unknown: Callable[[View], str]


def _weights(quantities: Quantities) -> Term | str:
    params, biases = quantities.params, quantities.biases.value
    if biases:
        return f"parameters less biases = {params.value:,} − {biases:,} = {params.value - biases:,}"
    return params


def _whole(value: float | Fraction) -> float:
    """Return a number as an integer where it is one."""
    return int(value) if value == int(value) else float(value)


SHAPE: Final = Quantity(
    name="shape",
    title="Activation shape",
    key="output_shape",
    value=lambda row: row.shape,
    of_input=lambda shape: shape,
    summable=False,
    prompt="What is the activation shape of {}?",
    meaning="Shapes are written with the channels last and without the batch.",
    spellings=(
        r"(activation|output|feature|activation map|feature map|map)? ?(shapes?|dimensions?|dims?|volume)"
        r"|output size h w c|activation map|output|output volume size"
        r"|(shapes?|dimensions?|dims?|volume|format) of (the )?(outputs?|activations?|feature maps?|layer)"
    ),
)
SIZE: Final = Quantity(
    name="size",
    title="Activation size",
    key="activation_size",
    value=lambda row: row.activation_size,
    of_input=size_of,
    once=True,
    total=lambda summary: summary.totals.activation_size,
    derived=lambda quantities: quantities.activation_size,
    word="activation size",
    prompt="What is the activation size of {}, the number of elements that it produces for one sample?",
    meaning="The activation size is the number of elements that a layer produces for one sample.",
    spellings=(
        r"(activation|output)? ?(size|sizes)|(number of |no |nr |num |of )*(activations?|neurons?|elements?|units)"
        r"|size of (the )?(outputs?|activations?)"
    ),
)
PARAMS: Final = Quantity(
    name="params",
    title="# Parameters",
    key="params",
    value=lambda row: row.params,
    total=lambda summary: summary.totals.params,
    derived=lambda quantities: quantities.params,
    word="parameters",
    prompt="How many parameters does {} have, weights and biases together?",
    meaning="The parameters are all weights and biases; a layer has biases unless `nobias` is written.",
    spellings=(
        r"((total|sum|number|count|no|nr|num|n|of) )*(learnable |trainable |learned )?"
        r"param(s|eters)?( count| number| total)?"
        r"|weights (and|plus) bias(es)?"
    ),
)
WEIGHTS: Final = Quantity(
    name="weights",
    title="Weights",
    key="weights",
    value=lambda row: row.weights,
    derived=_weights,
    prompt="How many weights does {} have, without biases?",
    spellings=r"((number|no|nr|num|of) )*weights?( count)?",
    part_of="params",
    qualifier=r"\b(without|w/?o|excl\w*|no|ohne|sans|sin|sem)\.?\W+(the )?bias",
)
MACS: Final = Quantity(
    name="macs",
    title="MACs",
    key="macs",
    value=lambda row: row.macs,
    total=lambda summary: summary.totals.macs,
    derived=lambda quantities: quantities.macs,
    word="MACs",
    prompt="How many multiply-accumulates does {} need for one sample, without biases?",
    meaning="MACs are the multiply-accumulates of conv and dense layers for one sample, without biases.",
    spellings=(
        r"((total|number|count|no|nr|num|of) )*"
        r"(macs?|mult adds?|multiply adds?|maccs?|multiplications|multiply accumulates|mult accs?)"
    ),
)
OPERATIONS: Final = Quantity(
    name="operations",
    title="Operations",
    key="operations",
    value=lambda row: row.operations,
    asked=lambda row: row.quantities.counted is not None,
    unknown=lambda row: row.quantities.counted if isinstance(row.quantities.counted, str) else "",
    total=lambda summary: sum([row.operations for row in summary.rows]),
    derived=lambda quantities: "" if quantities.counted is None else quantities.counted,
    word="operations",
)
WEIGHT_BYTES: Final = Quantity(
    name="weight_bytes",
    title="Weight bytes",
    key="weight_bytes",
    value=lambda row: row.footprint.weights_term(row.params).value,
    asked=lambda row: row.footprint.asked,
    total=lambda summary: summary.totals.params_bytes,
    traced=lambda row: row.footprint.weights_term(row.params),
    word="weight bytes",
    part_of="params",
)
MEMORY: Final = Quantity(
    name="memory",
    title="Memory",
    key="live_bytes",
    value=lambda row: row.footprint.live(row.node),
    asked=lambda row: row.footprint.asked,
    total=lambda summary: summary.footprint.peak()[0],
    traced=lambda row: row.footprint.live_term(row.node),
    together=lambda values: max(values, default=0),
    word="memory",
)
KEPT_BYTES: Final = Quantity(
    name="kept_bytes",
    title="Kept bytes",
    key="kept_bytes",
    value=lambda row: row.footprint.kept(row.node),
    asked=lambda row: bool(row.footprint.memory.optimizer),
    total=lambda summary: sum([row.footprint.kept(row.node) for row in summary.rows]),
    traced=lambda row: row.footprint.kept_term(row.node),
    word="kept bytes",
)
_ROWS: Final = (
    SHAPE,
    SIZE,
    PARAMS,
    WEIGHTS,
    Quantity(
        name="biases",
        title="Biases",
        key="biases",
        value=lambda row: row.biases,
        derived=lambda quantities: quantities.biases,
        prompt="How many biases does {} have?",
        spellings=r"((number|no|nr|num|of) )*bias(es)?( count)?",
        part_of="params",
    ),
    Quantity(
        name="trainable",
        title="Trainable",
        key="trainable_params",
        value=lambda row: row.trainable_params,
        total=lambda summary: summary.totals.trainable_params,
        part_of="params",
        qualifier=r"\b(trainable|learnable|learned)\b",
    ),
    Quantity(
        name="non_trainable",
        title="Non-trainable",
        key="non_trainable_params",
        value=lambda row: row.non_trainable_params,
        total=lambda summary: summary.totals.non_trainable_params,
        derived=lambda quantities: quantities.non_trainable,
        word="non-trainable",
        rare=True,
        part_of="params",
    ),
    MACS,
    Quantity(
        name="flops",
        title="FLOPs",
        key="flops",
        value=lambda row: row.flops,
        total=lambda summary: summary.totals.flops,
        derived=lambda quantities: quantities.flops,
        word="FLOPs",
    ),
    OPERATIONS,
    WEIGHT_BYTES,
    MEMORY,
    KEPT_BYTES,
)
QUANTITIES: Final = {quantity.name: quantity for quantity in _ROWS}
PLACES: Final = {
    place.name: place
    for place in (
        Place("receptive_field", "Receptive field", lambda axis: axis.pixels, lambda view: view.reason),
        Place("jump", "Jump", lambda axis: _whole(axis.jump), lambda view: view.reason),
        Place("start", "Start", lambda axis: float(axis.start), lambda view: view.reason or view.misaligned),
    )
}


def is_asked(quantity: Quantity, summary: Summary) -> bool:
    """Tell whether a network was measured with a quantity."""
    return all(quantity.asked(row) for row in summary.rows[:1])


def explained(quantities: Quantities) -> dict[str, Term]:
    """Return the formulas that every explanation shows, by the names of their quantities."""
    shown = (quantity for quantity in QUANTITIES.values() if quantity.word and not quantity.rare)
    found = ((quantity.name, quantity.derived(quantities)) for quantity in shown)
    return {name: term for name, term in found if isinstance(term, Term)}


def marked() -> dict[str, Quantity]:
    """Return the quantities that students are asked for, in the order in which one computes them."""
    return {name: quantity for name, quantity in QUANTITIES.items() if quantity.spellings}
