"""Variants of a network for practice: other filters, windows, strides, paddings, inputs or units, drawn by a seed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import ceil
from random import Random
from typing import Any, Final, NamedTuple, TypeVar

from cnnspec.analysis.measure import Summary, measure
from cnnspec.errors import UsageError, listing, shorten
from cnnspec.homework.diagnosis.distractors import collisions, count
from cnnspec.homework.marking.near_networks import with_arguments
from cnnspec.ir.graph import Graph, Input
from cnnspec.ir.inference import infer
from cnnspec.ir.layer import Layer, LayerError
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import Shape
from cnnspec.layers._variation import MOST_FILTERS, MOST_UNITS, around

Option = TypeVar("Option")

VARIABLE: Final = ("filters", "kernel", "stride", "padding", "input", "units")
ATTEMPTS: Final = 800
"""Draws until enough fit; each is given up at its first layer that does not."""
DRAWN: Final = 100_000
"""Layers that are drawn in all, at most: of 1,000 layers 100 draws."""
PATIENCE: Final = 80
"""Variants that are looked at without finding a better one."""
ENOUGH: Final = 2_000
"""Layers that are looked at in all: in 80 variants of 25 layers, or in 7 of 312."""
LARGEST_SIZE: Final = 256
IMAGE_CHANNELS: Final = (1, 3)
"""What an image has: grey or red, green and blue."""


class Bound(NamedTuple):
    """The most that a number of a variant may be, and what its largest number is."""

    most: int
    largest: Callable[[Summary], int]


def draw(graph: Graph, vary: Sequence[str], seed: int, bound: Bound | None = None) -> Graph:
    """Return the variant of a network that a seed draws; raise UsageError where there is none within a bound.

    Of the variants looked at, it is the first of those in which the fewest slips give the same number of parameters.
    A seed gives the same variant on every platform: only `Random.random` is used, whose numbers never change.
    """
    random = Random(seed)  # noqa: S311 - a worksheet is no secret
    words = [word for word in VARIABLE if word in vary]
    tied = any(len(node.inputs) > 1 for node in graph.nodes)
    best: tuple[int, Graph] | None = None
    smallest: int | None = None
    waited = looked = 0
    attempts = max(2, min(ATTEMPTS, DRAWN // len(graph)))
    for attempt in range(attempts):
        share = attempt / (attempts - 1)
        found = _varied(graph, _Draw(words, random, share, tied=tied, shrunk=share if bound else None))
        if found is None:
            continue
        summary = measure(found)
        if bound and (largest := bound.largest(summary)) > bound.most:
            smallest = largest if smallest is None else min(smallest, largest)
            continue
        missed = count(collisions(summary), most=best[0] if best else None)
        waited += 1
        looked += len(graph)
        if best is None or missed < best[0]:
            best = (missed, found)
            waited = 0
        if not missed or waited >= PATIENCE or looked >= ENOUGH:
            break
    if best is None:
        raise _too_large(graph, bound, smallest) if bound and smallest else _no_variant(graph, vary)
    return best[1]


class _Draw:
    """One way to vary a network: what may change, what was drawn, and the share of windows that stay what they are.

    Equal keys draw equal values. In a `tied` network, one whose branches join, equal values stay equal: else the
    branches would hardly ever fit together. Numbers that are to be small are the smaller the more they are `shrunk`.
    """

    def __init__(
        self, vary: Sequence[str], random: Random, kept: float, *, tied: bool, shrunk: float | None = None
    ) -> None:
        self.vary = vary
        self.shrunk = shrunk
        self.kept = kept
        self.tied = tied
        self._random = random
        self._drawn: dict[object, Any] = {}

    def once(self, key: object, options: Sequence[Option]) -> Option:
        """Draw one of the options, always the same one for a key."""
        if key not in self._drawn:
            self._drawn[key] = options[int(self._random.random() * len(options))]
        return self._drawn[key]  # type: ignore[no-any-return] # an option

    def amount(self, key: object, options: Sequence[int], least: int = 2) -> int:
        """Draw one of the numbers, or one down to the least where they are to be small."""
        every = list(options)
        if self.shrunk is not None:
            every = [*range(least, min(options)), *options]
            every = every[: max(2, ceil(len(every) * (1 - self.shrunk)))]
        drawn: int = self.once(key, every)
        return drawn

    def stays(self, key: object) -> bool:
        """Draw whether a value stays what it is, always the same for a key."""
        if ("stays", key) not in self._drawn:
            self._drawn["stays", key] = self._random.random() < self.kept
        return bool(self._drawn["stays", key])


def _varied(graph: Graph, plan: _Draw) -> Graph | None:
    """Return one variant, None where a layer does not fit, a map is too large or nothing is different."""
    inputs = graph.inputs
    if "input" in plan.vary:
        inputs = tuple(Input(name, _input(shape, plan)) for name, shape in graph.inputs)
    shapes: dict[str, Shape] = dict(inputs)
    largest = max(LARGEST_SIZE, *(size for node in graph.nodes for size in node.shape[:-1]), 0)
    nodes = []
    for node in graph.nodes:
        layer = with_arguments(node.layer, _arguments(node.name, node.layer, plan))
        read = tuple(shapes[name] for name in node.inputs)
        try:
            shape = infer(layer, read)
        except LayerError:
            return None
        if any(size > largest for size in shape[:-1]):
            return None
        shapes[node.name] = shape
        nodes.append(node._replace(layer=layer, input_shapes=read, shape=shape))
    if inputs == graph.inputs and all(new.layer == old.layer for new, old in zip(nodes, graph.nodes, strict=True)):
        return None
    return replace(graph, inputs=inputs, nodes=tuple(nodes))


def _input(shape: Shape, plan: _Draw) -> Shape:
    """Draw an input; equal sizes stay equal, and what is an image stays one."""
    if len(shape) == 1:
        return (plan.amount(("input", shape), around(shape[0], MOST_UNITS, 1)),)
    sizes = tuple(plan.amount(("size", n), around(n, LARGEST_SIZE, 1, least=8), 4) for n in shape[:-1])
    key = ("channels", shape[-1])
    if shape[-1] <= 4:
        return (*sizes, plan.once(key, IMAGE_CHANNELS if len(shape) == 3 else (2, 3, 4)))
    return (*sizes, plan.amount(key, around(shape[-1], MOST_FILTERS, 1)))


def _arguments(name: str, layer: Layer, plan: _Draw) -> dict[str, Any]:
    """Draw the arguments of a layer that may change; the later the draw, the fewer windows, strides and paddings do."""
    drawn: dict[str, Any] = {}
    variations = layer.variations()
    for word in plan.vary:
        field, options = variations.get(word, ("", ()))
        if not options:
            continue
        value, amount = getattr(layer, field), word in ("filters", "units")
        key = (name, field)
        if plan.tied:
            key = (field if amount else f"{layer.kind}.{field}", value)
        if amount and isinstance(value, int):
            drawn[field] = plan.amount(key, options)
        else:
            drawn[field] = value if not amount and plan.stays(key) else plan.once(key, options)
    return _with_pool_stride(layer, variations.get("kernel", ("", ()))[0], drawn)


def _with_pool_stride(layer: Layer, field: str, drawn: dict[str, Any]) -> dict[str, Any]:
    """Let the stride of a pooling follow its window where it was the same, and never exceed it."""
    if layer.role is not Role.POOL or field not in drawn:
        return drawn
    window, before = drawn[field], vars(layer)["stride"]
    if "stride" not in drawn and before == layer.window:
        return drawn | {"stride": window}
    return drawn | {"stride": tuple(map(min, drawn.get("stride", before), window))}


def _too_large(graph: Graph, bound: Bound, smallest: int) -> UsageError:
    return UsageError.one(
        "E411",
        f"no variant of `{shorten(graph.name)}` with numbers up to {bound.most:,} can be drawn",
        notes=(f"of those that were drawn, the smallest has a number of {smallest:,}",),
        help=f"write `--max {smallest}`, or let more vary",
    )


def _no_variant(graph: Graph, vary: Sequence[str]) -> UsageError:
    others = [word for word in VARIABLE if word not in vary]
    return UsageError.one(
        "E411",
        f"no variant of `{shorten(graph.name)}` with other {listing(vary)} can be drawn",
        notes=("nothing of this kind is in the network, or none of the draws fits together",),
        help=f"let more vary, such as `--vary {','.join([*vary, *others[:1]])}`" if others else "",
    )
