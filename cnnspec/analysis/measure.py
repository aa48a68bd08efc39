"""The numbers of every node and of the whole network, in one pass over the graph."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import ClassVar, NamedTuple, Self

from cnnspec.analysis.counting import OURS, Counting
from cnnspec.analysis.footprint import Footprint, Memory
from cnnspec.analysis.memory import check_amounts
from cnnspec.analysis.receptive_field import NO_PLACES, View, advance, input_view, join
from cnnspec.analysis.totals import Totals, add_up
from cnnspec.formula import Term, nothing, product
from cnnspec.garbage_collection import paused
from cnnspec.ir.graph import Graph, Input, Node, no_layer
from cnnspec.ir.layer import Layer, Reach
from cnnspec.ir.shapes import Shape, Tensor, show, tensor


class Quantities(NamedTuple):
    """What a layer costs for inputs of given shapes, as traced integers.

    `macs` and `flops` are for one sample; `flops` is 2·MACs plus bias additions plus the documented per-element
    costs. `reach` says how the layer changes the receptive field. `counted` are the operations of another
    convention, or why they are not known, where one was asked for.
    """

    shape: tuple[Term, ...]
    activation_size: Term
    params: Term
    biases: Term
    non_trainable: Term
    macs: Term
    flops: Term
    reach: tuple[Reach, ...] | str | None
    counted: Term | str | None = None


class Row:
    """One node with its numbers; `view` is what its output sees of the network's input, `before` what its input does.

    A plain class, for a network may have 100,000 rows; nothing changes one.
    """

    __slots__ = ("before", "footprint", "node", "quantities", "view")

    def __init__(self, node: Node, quantities: Quantities, view: View, before: View, footprint: Footprint) -> None:
        """Keep what measuring a node gives, and what knows the memory of the network."""
        self.footprint = footprint
        self.node = node
        self.quantities = quantities
        self.view = view
        self.before = before

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Row) and (self.node, self.view) == (other.node, other.view)

    def __hash__(self) -> int:
        return hash(self.node)

    def __repr__(self) -> str:
        cost = f"{self.params:,} parameters, {self.macs:,} MACs"
        return f"<cnnspec.Row {self.name}: {self.kind} → {show(self.shape)}, {cost}>"

    @property
    def name(self) -> str:
        """The name of the node."""
        return self.node.name

    @property
    def kind(self) -> str:
        """The kind of the node's layer."""
        return self.node.layer.kind

    @property
    def shape(self) -> Shape:
        """The activation shape, channels last, without the batch."""
        return self.node.shape

    @property
    def activation_size(self) -> int:
        """The number of output elements of one sample."""
        return self.quantities.activation_size.value

    @property
    def params(self) -> int:
        """All learned or stored numbers."""
        return self.quantities.params.value

    @property
    def biases(self) -> int:
        """The parameters that are added, not multiplied."""
        return self.quantities.biases.value

    @property
    def weights(self) -> int:
        """All parameters but the biases."""
        return self.params - self.biases

    @property
    def non_trainable_params(self) -> int:
        """The parameters that are stored, not learned."""
        return self.quantities.non_trainable.value

    @property
    def trainable_params(self) -> int:
        """The parameters that are learned."""
        return self.params - self.non_trainable_params

    @property
    def macs(self) -> int:
        """Multiply-accumulates for one sample."""
        return self.quantities.macs.value

    @property
    def flops(self) -> int:
        """Operations for one sample."""
        return self.quantities.flops.value

    @property
    def operations(self) -> int:
        """Operations as the convention counts them that was asked for, MACs unless one was."""
        counted = self.quantities.counted
        return self.macs if counted is None else 0 if isinstance(counted, str) else counted.value

    @property
    def unknown(self) -> Mapping[str, str]:
        """The reasons why some of these numbers are not known, by their columns; they stand as 0."""
        return self.node.layer.unknown()


@dataclass(frozen=True, slots=True)
class Summary:
    """The measured table of a network: iterate over it for its rows."""

    graph: Graph
    rows: tuple[Row, ...]
    totals: Totals
    batch: int = 1
    dtype: str = "float32"
    counting: Counting = OURS
    footprint: Footprint = field(kw_only=True, repr=False, compare=False)
    row: ClassVar[type[Row]] = Row
    """The class of the rows."""

    @classmethod
    def of(
        cls,
        graph: Graph,
        *,
        batch: int = 1,
        dtype: str = "float32",
        counting: Counting = OURS,
        memory: Memory | None = None,
    ) -> Self:
        """Return the numbers of every node of a network and their totals."""
        check_amounts(batch, dtype)
        footprint = Footprint(graph, batch, dtype, memory)
        with paused():
            rows = list(_rows(graph, cls.row, counting, footprint))
            totals = add_up(graph, rows, batch, dtype)
            return cls(graph, tuple(rows), totals, batch, dtype, counting, footprint=footprint)

    @property
    def name(self) -> str:
        """The name of the network."""
        return self.graph.name

    @property
    def inputs(self) -> tuple[Input, ...]:
        """The inputs of the network."""
        return self.graph.inputs

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __contains__(self, key: object) -> bool:
        return any(key in (row, row.name) for row in self.rows)

    def __getitem__(self, key: str | int) -> Row:
        if isinstance(key, int):
            return self.rows[key]
        for row in self.rows:
            if row.name == key:
                return row
        raise no_layer(self.name, key, [row.name for row in self.rows])

    def _ipython_key_completions_(self) -> list[str]:
        return [row.name for row in self.rows]


def measure(
    graph: Graph,
    *,
    batch: int = 1,
    dtype: str = "float32",
    counting: Counting = OURS,
    memory: Memory | None = None,
) -> Summary:
    """Return the numbers of every node and their totals.

    >>> from cnnspec import load
    >>> measure(load("lenet5")).totals.params
    664086
    """
    return Summary.of(graph, batch=batch, dtype=dtype, counting=counting, memory=memory)


def _rows(graph: Graph, row: type[Row], counting: Counting, footprint: Footprint) -> Iterator[Row]:
    """Yield a row per node; only the views that a later node than the next one reads are kept by name."""
    recounted = _recount() if counting != OURS else None
    views = {entry.name: input_view(entry.shape) for entry in graph.inputs}
    again = {
        name
        for above, node in pairwise(graph.nodes)
        for name in node.inputs
        if name != above.name or len(node.inputs) > 1
    }
    name, view = "", NO_PLACES
    for node in graph.nodes:
        quantities = quantities_of(node.layer, node.input_shapes)
        if recounted:
            quantities = recounted(quantities, node, counting, footprint.batch)
        if node.shared or not node.trainable:
            quantities = as_used(quantities, node)
        inputs = node.inputs
        before = view if inputs == (name,) else views[inputs[0]]
        if len(inputs) == 1:
            view = advance(before, quantities.reach)
        else:
            view = advance(join([views[read] for read in inputs], node.input_shapes), quantities.reach)
        name = node.name
        if name in again:
            views[name] = view
        yield row(node, quantities, view, before, footprint)


def _recount() -> Callable[[Quantities, Node, Counting, int], Quantities]:
    from cnnspec.analysis.recounting import recount  # noqa: PLC0415 - who asks for no other convention does not pay

    return recount


@lru_cache(maxsize=65536)
def quantities_of(layer: Layer, shapes: tuple[Shape, ...]) -> Quantities:
    """Return what a layer costs for inputs of these shapes; equal layers are computed once."""
    x = tensor(shapes[0], others=shapes[1:])
    shape = layer.shape(x)
    y = tensor(tuple([dim.value for dim in shape]), mark="′")
    macs, extra = layer.macs(x, y), layer.extra_flops(x, y)
    return Quantities(
        shape=shape,
        activation_size=_size(layer, x, y, shape),
        params=layer.params(x),
        biases=layer.biases(x),
        non_trainable=layer.non_trainable(x),
        macs=macs,
        flops=_flops(macs, extra),
        reach=layer.reach(x),
    )


def _size(layer: Layer, x: Tensor, y: Tensor, shape: tuple[Term, ...]) -> Term:
    """Return the number of output elements; where the first axis are steps, the others have the names of one step."""
    if layer.step_axes or (layer.leads and len(x.dims) == len(y.dims)):
        return product((shape[0], *tensor(y.shape[1:], mark="′").dims))
    return y.size


def as_used(quantities: Quantities, node: Node) -> Quantities:
    """Return the numbers of a layer as a node has it: what is frozen is not learned, what is shared is there once."""
    if not node.shared:
        return quantities if node.trainable else quantities._replace(non_trainable=quantities.params)
    return counted_elsewhere(quantities, node.shared)


def counted_elsewhere(quantities: Quantities, name: str) -> Quantities:
    """Return the numbers of a layer that is applied again, whose parameters are counted where it has its name."""
    counted = nothing(f"shared with {name}, where they are counted")
    return quantities._replace(params=counted, biases=counted, non_trainable=counted)


def _flops(macs: Term, extra: Term) -> Term:
    if not macs.value:
        return extra
    return 2 * macs + extra if extra.value else 2 * macs
