"""A right answer as a recipe: named ingredients and how they are put together.

A slip replaces ingredients; two slips at once replace two different ones. Both sides are traced arithmetic, so that the
wrong formula can be shown beside the right one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from cnnspec.analysis.measure import quantities_of
from cnnspec.formula import Term, ceil_div, number, product, symbol, unrounded
from cnnspec.ir.layer import Layer, kernel_symbols
from cnnspec.ir.shapes import Shape, Tensor, tensor
from cnnspec.layers._window import Windowed

Ingredients = Mapping[str, Any]
Number = int | Fraction
Answer = Number | tuple[Number, ...]


class Case(NamedTuple):
    """What a student had to compute from: a layer, what enters and leaves it, the network's input.

    `shapes` may be the student's own earlier rows. `flattened` is the image that a flatten above turned into the
    layer's input, `averaged` the one that a global pooling did, `before_pool` the one before a pooling above, `above`
    the layer above with what enters it, `batch` the number that a student wrote in front of the shape.
    """

    layer: Layer
    shapes: tuple[Shape, ...]
    shape: Shape
    image: Shape
    flattened: Shape | None = None
    averaged: Shape | None = None
    before_pool: Shape | None = None
    above: tuple[Layer, tuple[Shape, ...]] | None = None
    batch: int | None = None

    @property
    def x(self) -> Tensor:
        """What enters the layer, as traced dimensions."""
        return tensor(self.shapes[0], others=self.shapes[1:])

    @property
    def y(self) -> Tensor:
        """What leaves the layer, as traced dimensions."""
        return tensor(self.shape, "′")


class Outcome(NamedTuple):
    """An answer with the formula that gives it; for a shape, that of its first axis, and `axes` has those of all."""

    answer: Answer
    term: Term
    axes: tuple[Term, ...] = ()


class Recipe(NamedTuple):
    """Ingredients and the arithmetic that makes the answer of them; None where it makes no sense."""

    ingredients: Ingredients
    compute: Callable[[Ingredients], Outcome | None]

    def outcome(self, changes: Ingredients) -> Outcome | None:
        """Return the answer with some ingredients replaced."""
        return self.compute({**self.ingredients, **changes})


def recipe(column: str, case: Case) -> Recipe | None:
    """Return the recipe of a cell, None for a cell that slips know nothing of."""
    maker = _MAKERS.get(column)
    return maker(case) if maker else None


def params_recipe(case: Case) -> Recipe:
    """(area·depth + 1)·outputs, the right answer for everything with a kernel; a plain number elsewhere."""
    layer, x = case.layer, case.x
    if layer.kind not in ("conv", "upconv", "dwconv", "dense"):
        return Recipe({"value": quantities_of(layer, case.shapes).params}, _plain)
    area = None if layer.kind == "dense" else product(kernel_symbols(layer.kernel))  # type: ignore[attr-defined] # kinds with a kernel
    depth: Term | None = x.channels
    if layer.kind == "dense":
        depth = symbol("N_in", x.channels.value)
    elif layer.kind == "dwconv":
        depth = None
    elif getattr(layer, "groups", 1) > 1:
        depth = x.channels // symbol("g", layer.groups)  # type: ignore[attr-defined] # checked just now
    outputs = layer.outputs(x)  # type: ignore[attr-defined] # kinds with a kernel
    ingredients = {"area": area, "depth": depth, "outputs": outputs, "times": None, "biases": None}
    if layer.bias:  # type: ignore[attr-defined] # kinds with a kernel
        ingredients["biases"] = "outputs"
    return Recipe(ingredients, _weights_and_biases)


def _weights_and_biases(part: Ingredients) -> Outcome | None:
    factors = [term for term in (part["area"], part["depth"]) if term is not None]
    each = product(factors)
    if part["biases"] == "outputs":
        total = (each + 1) * part["outputs"]
    elif part["biases"] is None:
        total = product([*factors, part["outputs"]])
    else:
        total = product([*factors, part["outputs"]]) + part["biases"]
    total = total if part["times"] is None else product([total, part["times"]])
    return Outcome(total.value, total)


def weights_recipe(case: Case) -> Recipe | None:
    """The parameters without the biases, of the same ingredients."""
    right = params_recipe(case)
    return Recipe(right.ingredients, _weights) if "area" in right.ingredients else None


def _weights(part: Ingredients) -> Outcome | None:
    total = product(term for term in (part["area"], part["depth"], part["outputs"], part["times"]) if term is not None)
    return Outcome(total.value, total)


def biases_recipe(case: Case) -> Recipe | None:
    """The biases alone, of the same ingredients."""
    right = params_recipe(case)
    return Recipe(right.ingredients, _biases) if "area" in right.ingredients else None


def _biases(part: Ingredients) -> Outcome | None:
    biases = part["outputs"] if part["biases"] == "outputs" else part["biases"] or number(0)
    return Outcome(biases.value, biases)


def _plain(part: Ingredients) -> Outcome | None:
    return Outcome(part["value"].value, part["value"])


def shape_recipe(case: Case) -> Recipe:
    """Positions of the window per axis, and the channels; other kinds have the shape that they compute."""
    layer = case.layer
    channels = symbol("K" if "filters" in layer.fields else "C", case.shape[-1])
    if not isinstance(layer, Windowed):
        axes = quantities_of(layer, case.shapes).shape
        return Recipe({"shape": axes, "channels": channels if len(axes) > 1 else axes[-1]}, _plain_shape)
    ingredients = {
        "n": case.shapes[0][:-1],
        "f": layer.window,
        "s": layer.stride,
        "d": layer.spread,
        "padding": layer.padding,
        "sides": 2,
        "plus": 1,
        "rounding": "floor",
        "channels": channels,
    }
    return Recipe(ingredients, _positions)


def _plain_shape(part: Ingredients) -> Outcome | None:
    axes = (*part["shape"][:-1], part["channels"])
    return Outcome(tuple(axis.value for axis in axes), product(part["shape"]), axes)


def _positions(part: Ingredients) -> Outcome | None:
    sizes = [size for axis in range(len(part["n"])) if (size := _axis(part, axis)) is not None]
    if len(sizes) < len(part["n"]) or not sizes:
        return None
    values = [unrounded(size) if part["rounding"] == "none" else size.value for size in sizes]
    answer = tuple(int(value) if value == int(value) else value for value in values)
    return Outcome((*answer, part["channels"].value), sizes[0], (*sizes, part["channels"]))


def _axis(part: Ingredients, axis: int) -> Term | None:
    """Return the positions along one axis; None where the window does not fit."""
    n, f, s = (symbol(name, part[name][axis]) for name in ("n", "f", "s"))
    if part["padding"] == "same":
        return n if part["rounding"] == "keep" else ceil_div(n, s)
    before, after = (0, 0) if isinstance(part["padding"], str) else part["padding"][axis]
    padded = _padded(n, part["sides"], before, after)
    spread = part["d"][axis]
    window = f if spread == 1 else symbol("d", spread) * (f - 1) + 1
    rest = padded - window
    if rest.value < 0:
        return None
    if part["plus"] == "inside":
        return (rest + 1) // s
    quotient = ceil_div(rest, s) if part["rounding"] == "ceil" else rest // s
    return quotient + 1 if part["plus"] else quotient


def _padded(n: Term, sides: int, before: int, after: int) -> Term:
    """Return n + 2p, or with the padding of fewer sides."""
    if before != after:
        return n + number(before + after)
    if sides == 0:
        return n
    return n + (symbol("p", before) if sides == 1 else sides * symbol("p", before))


def size_recipe(case: Case) -> Recipe:
    """The product of the shape."""
    return Recipe({"value": case.y.size}, _plain)


def macs_recipe(case: Case) -> Recipe:
    """The multiply-accumulates of the layer."""
    return Recipe({"value": quantities_of(case.layer, case.shapes).macs}, _plain)


_MAKERS: dict[str, Callable[[Case], Recipe | None]] = {
    "params": params_recipe,
    "weights": weights_recipe,
    "biases": biases_recipe,
    "shape": shape_recipe,
    "size": size_recipe,
    "macs": macs_recipe,
}
