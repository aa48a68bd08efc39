"""The graph: nodes in topological order, every shape known, nothing changes any more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from cnnspec.errors import NoLayerError, UsageError, listing, shorten, suggest
from cnnspec.ir.layer import Layer
from cnnspec.ir.shapes import Shape, show
from cnnspec.source import Source, Span


class Copy(NamedTuple):
    """One copy of a block: the block's name, the copy's, its run of copies, and the offsets of its call."""

    block: str
    name: str
    run: int
    place: tuple[int, int] = (0, 0)


class Node(NamedTuple):
    """One layer with its name, the names of its inputs, and its shapes.

    `scope` are the copies of blocks that it is part of, outermost first; `place` are the offsets of its word.
    `shared` is the name of the earlier node whose layer, with its parameters, is applied again here; a node that is not
    `trainable` keeps its parameters as they are.
    """

    name: str
    layer: Layer
    inputs: tuple[str, ...]
    input_shapes: tuple[Shape, ...]
    shape: Shape
    place: tuple[int, int]
    scope: tuple[Copy, ...] = ()
    note: str = ""
    shared: str = ""
    trainable: bool = True

    def __repr__(self) -> str:
        return f"<cnnspec.Node {self.name}: {self.kind} → {show(self.shape)}>"

    @property
    def kind(self) -> str:
        """The name of the layer's kind."""
        return self.layer.kind


class Input(NamedTuple):
    """One input of the network."""

    name: str
    shape: Shape


class Expectation(NamedTuple):
    """A condition on the whole network: a number of it, named by a `word`, `relation` a bound; or an output's shape.

    `text` is what the spec says, `place` are its offsets; `output` is the name of the output whose shape is meant,
    `dtype` the type of numbers whose bytes are meant, that of the table unless given.
    """

    word: str
    relation: str
    bound: int | Shape
    text: str
    place: tuple[int, int]
    output: str = ""
    dtype: str = ""


class Overrides(NamedTuple):
    """What was given in the place of a spec's own values: input shapes, parameters as text.

    The name "" means the only input. A text with its overrides gives the same network again.
    """

    inputs: Mapping[str, Shape]
    params: Mapping[str, str]


@dataclass(frozen=True, slots=True, repr=False)
class Graph:
    """A network: inputs, nodes in topological order, and the names of the outputs."""

    name: str
    inputs: tuple[Input, ...]
    nodes: tuple[Node, ...]
    outputs: tuple[str, ...]
    source: Source
    params: Mapping[str, Any]
    train: Mapping[str, Any]
    overrides: Overrides
    allow: frozenset[str] = frozenset()
    """The notes that the spec does not want to hear of, by their codes."""
    expect: tuple[Expectation, ...] = ()
    """What the spec says must hold of the whole network."""
    others: tuple[Source, ...] = ()
    """The user's own files that the spec names as networks, under their paths from its folder."""

    def __repr__(self) -> str:
        return f"<cnnspec.Graph {self.name}: {len(self.nodes)} layers>"

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)

    def __len__(self) -> int:
        return len(self.nodes)

    def __contains__(self, key: object) -> bool:
        return any(key in (node, node.name) for node in self.nodes)

    def __getitem__(self, key: str | int) -> Node:
        if isinstance(key, int):
            return self.nodes[key]
        for node in self.nodes:
            if node.name == key:
                return node
        raise no_layer(self.name, key, [node.name for node in self.nodes])

    def _ipython_key_completions_(self) -> list[str]:
        return [node.name for node in self.nodes]

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        # What a network looks like the library knows, which builds on this module: it is asked when a notebook asks.
        from cnnspec import draw  # noqa: PLC0415

        try:
            return {**draw(self)._repr_mimebundle_(), "text/plain": repr(self)}
        except UsageError:  # too many layers to be looked at
            return {"text/plain": repr(self)}

    def _repr_html_(self) -> str | None:
        return self._repr_mimebundle_().get("text/html")

    def line(self, node: Node) -> int:
        """Return the line of the text that a node comes from."""
        return self.span(node).position[0]

    def span(self, node: Node) -> Span:
        """Return the word of the text that a node comes from."""
        return Span(self.source, *node.place)


def no_layer(network: str, name: object, names: Sequence[str]) -> NoLayerError:
    """Return the error of a layer that a network with layers of these names does not have."""
    return NoLayerError.one(
        "E201",
        f"`{network}` has no layer `{shorten(name)}`",
        notes=(f"its layers: {listing(names, 40)}",),
        help=suggest(str(name), names),
    )
