"""How every number of a node comes about: the steps of a solution, as data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from cnnspec.analysis.measure import Row, Summary
from cnnspec.analysis.quantities import QUANTITIES, Quantity
from cnnspec.analysis.receptive_field import AxisView
from cnnspec.formula import Term, symbol
from cnnspec.ir.layer import Reach
from cnnspec.ir.shapes import AXES, AXIS_NAMES, show
from cnnspec.layers._symbols import dilated_window, stride, window_size

Window = Callable[[int], Term]
"""Makes the symbol of a window."""

if TYPE_CHECKING:
    from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Step:
    """One number: what it is, the formula that gives it, or a text where there is nothing to compute."""

    quantity: str
    term: Term | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """All numbers of one node, in the order in which one would compute them; `sentence` says what the kind does."""

    row: Row
    sentence: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Solution:
    """How the numbers of some layers of a network come about, and those of its memory where they were asked for."""

    summary: Summary
    explanations: tuple[Explanation, ...]
    memory: tuple[Step, ...] = ()


def solution(summary: Summary, name: str | None = None) -> Solution:
    """Return the derivations of one layer, or of all with that of the memory; raise NoLayerError for another name."""
    if name is not None:
        return Solution(summary, (explain(summary[name]),))
    memory = tuple(memory_steps(summary)) if summary.footprint.asked else ()
    return Solution(summary, tuple(map(explain, summary.rows)), memory)


def explain(row: Row) -> Explanation:
    """Return the derivation of every number of a node.

    >>> from cnnspec import load, summarize
    >>> explain(summarize(load("lenet5-rgb"))["conv1"]).steps[0].term.value
    28
    """
    sentence = (type(row.node.layer).__doc__ or "").split("\n", maxsplit=1)[0]
    steps = (*shape_steps(row), *_cost_steps(row), *_place_steps(row))
    return Explanation(row, sentence, steps)


def shape_steps(row: Row) -> Iterator[Step]:
    """Yield how the output shape comes about, axis by axis."""
    dims, layer = row.quantities.shape, row.node.layer
    front = layer.step_axes + (layer.leads if len(dims) == len(row.node.input_shapes[0]) else 0)
    rank = len(dims) - 1
    own = rank - front
    axes = (*"T" * front, *AXES.get(own, ()), "C" if own else "N")
    given = row.node.input_shapes[0]
    same = zip(dims, axes, given, strict=True) if len(given) == len(dims) == len(axes) else ()
    kept = [dim.name == axis and dim.value == size for dim, axis, size in same]
    if kept and all(kept):
        yield Step("output shape", text=f"as the input: {show(row.shape)}")
        return
    names = AXIS_NAMES.get(own, [f"axis {index}" for index in range(1, own + 1)])
    words = (*("steps",) * front, *names, "channels" if rank else "output")
    seen: dict[str, str] = {}
    for index, (word, size) in enumerate(zip(words, dims, strict=True)):
        quantity = f"output {word}" if index < rank else word
        key = f"{size}{_values(size)}"
        if index < len(kept) and kept[index]:
            yield Step(quantity, text=f"as in the input: {size.value:,}")
        elif key in seen and index < rank:
            yield Step(quantity, text=f"as the {seen[key]}: {size.value:,}")
        else:
            seen[key] = word
            yield Step(quantity, size)


def _values(term: Term) -> list[int]:
    return [term.value] if not term.operands else [value for part in term.operands for value in _values(part)]


def _cost_steps(row: Row) -> Iterator[Step]:
    for quantity in QUANTITIES.values():
        if quantity.word and quantity.asked(row) and not (quantity.rare and not quantity.value(row)):
            yield derivation(quantity, row, quantity.word)


def derivation(quantity: Quantity, row: Row, word: str = "") -> Step:
    """Return how a number of a row comes about: its formula, or what is said of it in words, or the bare number."""
    if reason := quantity.unknown_in(row):
        return Step(word, text=f"unknown: {reason}")
    found = quantity.traced(row) if quantity.traced else quantity.derived(row.quantities)
    return Step(word, found) if isinstance(found, Term) else Step(word, text=found or str(quantity.value(row)))


def memory_steps(summary: Summary) -> Iterator[Step]:
    """Yield what a network takes of memory, and how it comes about."""
    footprint = summary.footprint
    yield Step("weights", footprint.weights_term(summary.totals.params))
    peak, name = footprint.peak()
    if name:
        node = summary[name].node
        yield Step("peak", footprint.live_term(node) if peak else None, "" if peak else "0")
        yield Step("", text=f"while {name} is computed, in the order of the file")
    if footprint.memory.optimizer:
        yield from _training_steps(summary)


def _training_steps(summary: Summary) -> Iterator[Step]:
    from cnnspec.analysis.training_memory import training_parts  # noqa: PLC0415 - asked for by few

    parts = training_parts(summary)
    for part in parts[1:]:
        yield Step("kept" if part.word == "activations" else part.word, part.term)
    total = symbol(parts[0].word, parts[0].term.value)
    for part in parts[1:]:
        total = total + symbol("kept" if part.word == "activations" else part.word, part.term.value)
    yield Step("training", total)


def _place_steps(row: Row) -> Iterator[Step]:
    if row.view.axes is None:
        yield Step("receptive field", text=f"not defined: {row.view.reason}")
        return
    before = row.before.axes
    if row.node.layer.joins:
        yield Step("receptive field", text=f"the largest of the branches: {_extents(row.view.axes)}")
    elif before == row.view.axes:
        yield Step("receptive field", text=f"as in the input: {_extents(row.view.axes)}")
    elif before is None or not isinstance(row.quantities.reach, tuple):
        yield Step("receptive field", text=_extents(row.view.axes))
    else:
        yield from _derived_places(before, row.quantities.reach, row)
    if row.view.misaligned:
        yield Step("first centre", text=f"unknown: {row.view.misaligned}")
    else:
        yield Step("first centre", text=_per_axis([f"{float(axis.start):g}" for axis in row.view.axes]))


def _derived_places(before: tuple[AxisView, ...], reaches: tuple[Reach, ...], row: Row) -> Iterator[Step]:
    layer = row.node.layer
    window = dilated_window if max(layer.spread) > 1 else window_size if layer.window else None
    own = layer.step_axes
    steps = list(dict.fromkeys(zip(before[own:], reaches[own:], strict=True)))
    for index, (axis, reach) in enumerate(steps):
        which = "" if len(steps) == 1 else f" of axis {index + 1}"
        yield _grown(f"field{which}" if which else "receptive field", axis, reach, window)
        yield _jump(f"jump{which}", axis, reach, window)


def _grown(quantity: str, axis: AxisView, reach: Reach, window: Window | None) -> Step:
    """R + (f − 1)·j, where f is how many input elements an output element spans."""
    extent = axis.extent + reach.growth * axis.jump
    if (
        not window
        or not reach.growth
        or not isinstance(reach.growth, int)
        or int(axis.jump) != axis.jump
        or int(axis.extent) != axis.extent
    ):
        return Step(quantity, text=str(ceil(extent)))
    field = symbol("r", int(axis.extent), "receptive field of the input")
    return Step(quantity, field + (window(reach.growth + 1) - 1) * _jump_before(axis))


def _jump_before(axis: AxisView) -> Term:
    return symbol("j", int(axis.jump), "jump of the input")


def _jump(quantity: str, axis: AxisView, reach: Reach, window: Window | None) -> Step:
    jump, scale = axis.jump, reach.scale
    if scale == 1 and not window:
        return Step(quantity, text=f"as in the input: {float(jump):g}")
    if isinstance(scale, int) and int(jump) == jump:
        return Step(quantity, _jump_before(axis) * stride(scale))
    shrinks = isinstance(scale, int) or scale.numerator > 1
    factor = f"·s = {float(jump):g}·{scale}" if shrinks else f"/s = {float(jump):g}/{scale.denominator}"
    return Step(quantity, text=f"j{factor} {_rounded(jump * scale)}")


def _rounded(value: int | Fraction) -> str:
    """Return a number behind the sign that says whether it is exact."""
    text = f"{float(value):g}"
    return f"= {text}" if float(text) == value else f"≈ {text}"


def _extents(axes: tuple[AxisView, ...]) -> str:
    return _per_axis([str(axis.pixels) for axis in axes])


def _per_axis(values: list[str]) -> str:
    shown = [value.replace("-", "−") for value in values]
    return shown[0] if len(set(shown)) == 1 else f"({', '.join(shown)})"


def title(row: Row) -> str:
    """Return what goes in and what comes out."""
    inputs = " and ".join(show(shape) for shape in row.node.input_shapes)
    return f"{inputs} → {show(row.shape)}"
