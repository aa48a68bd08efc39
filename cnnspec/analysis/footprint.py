"""What a network takes of memory: what is live while each layer is computed, and what training keeps.

Layers are computed in the order of the file. A tensor is live from the layer that makes it until the last layer that
reads it, an output until the end, an input from the beginning. What passes its input on, as a view or as what does
nothing after training, takes no memory of its own.
"""

from __future__ import annotations

from functools import cached_property
from typing import Final, NamedTuple

from cnnspec.formula import Term, nothing, number, symbol
from cnnspec.ir.graph import Graph, Node
from cnnspec.ir.number_types import BYTES
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import size_of

MOST_NAMED: Final = 6
"""How many live tensors a formula names; the others are put together."""


class Memory(NamedTuple):
    """How memory is counted: whether what works element by element is done in place, and the optimizer of a training.

    In place, an activation function or a batch norm overwrites its input where nothing reads that again.
    """

    in_place: bool = False
    optimizer: str = ""


class Buffer(NamedTuple):
    """A piece of memory: the tensor that it is made for, its elements, and the nodes between which it is live."""

    name: str
    size: int
    born: int
    last: int


class Footprint:
    """The activations of a network in memory, worked out when they are first asked for.

    `asked` tells whether somebody wants to see them.
    """

    def __init__(self, graph: Graph, batch: int, dtype: str, memory: Memory | None) -> None:
        """Keep what is needed to work it out."""
        self.graph = graph
        self.batch = batch
        self.dtype = dtype
        self.memory = memory or Memory()
        self.asked = memory is not None

    @cached_property
    def buffers(self) -> dict[str, Buffer]:
        """The buffer of every tensor, by the tensor's name."""
        return _buffers(self.graph, in_place=self.memory.in_place)

    @cached_property
    def _live(self) -> dict[str, tuple[int, int]]:
        """The elements that are live while each node is computed, and in how many buffers they are."""
        ends = [(0, 0)] * (len(self.graph.nodes) + 2)
        made = [(0, 0)] * (len(self.graph.nodes) + 1)
        for buffer in {id(each): each for each in self.buffers.values()}.values():
            made[max(buffer.born, 0)] = _more(made[max(buffer.born, 0)], buffer)
            ends[buffer.last + 1] = _more(ends[buffer.last + 1], buffer)
        found: dict[str, tuple[int, int]] = {}
        live, count = 0, 0
        for index, node in enumerate(self.graph.nodes):
            live += made[index][0] - ends[index][0]
            count += made[index][1] - ends[index][1]
            found[node.name] = live, count
        return found

    def live(self, node: Node) -> int:
        """Return the bytes of activations that are live while a node is computed."""
        return self._bytes(self._live[node.name][0])

    def peak(self) -> tuple[int, str]:
        """Return the largest number of bytes that are live at once, and the first node where they are."""
        name = max(self._live, key=lambda each: self._live[each][0], default="")
        return self._bytes(self._live.get(name, (0, 0))[0]), name

    def kept(self, node: Node) -> int:
        """Return the bytes of a node's output that training keeps for the way back, none for what is not its own.

        On the way back a batch norm needs its input, so that it is never trained in place.
        """
        own = self.buffers[node.name].name == node.name or node.layer.mixes_samples
        return self._bytes(size_of(node.shape)) if own else 0

    def inputs(self) -> int:
        """Return the bytes of the network's inputs."""
        return self._bytes(sum(size_of(entry.shape) for entry in self.graph.inputs))

    def live_term(self, node: Node) -> Term:
        """Return how the bytes come about that are live while a node is computed: what it reads and makes, and others.

        Of very many that it reads, the largest are named.
        """
        own = {id(each): each for each in (self.buffers[name] for name in (*node.inputs, node.name))}.values()
        largest = sorted(own, key=lambda each: -each.size)[: MOST_NAMED if len(own) <= MOST_NAMED else MOST_NAMED - 1]
        named = [each for each in own if each in largest]
        live, count = self._live[node.name]
        terms = [symbol(each.name, each.size) for each in named]
        if more := count - len(named):
            terms.append(symbol(f"{more} other{'s' * (more > 1)}", live - sum(each.size for each in named)))
        total = terms[0]
        for term in terms[1:]:
            total = total + term
        return self.in_bytes(total)

    def kept_term(self, node: Node) -> Term:
        """Return how the bytes come about that training keeps of a node's output."""
        if not self.kept(node):
            return nothing(f"the memory of {self.buffers[node.name].name}")
        return self.in_bytes(symbol("n", size_of(node.shape), "activation size"))

    def weights_term(self, params: int) -> Term:
        """Return how the bytes of parameters come about."""
        if not params:
            return nothing("no parameters")
        return symbol("P", params, "parameters") * number(BYTES[self.dtype])

    def in_bytes(self, elements: Term) -> Term:
        """Return the bytes of elements of every sample."""
        samples = elements if self.batch == 1 else symbol("b", self.batch, "samples") * elements
        return samples * number(BYTES[self.dtype])

    def _bytes(self, elements: int) -> int:
        return elements * self.batch * BYTES[self.dtype]


def _more(amount: tuple[int, int], buffer: Buffer) -> tuple[int, int]:
    return amount[0] + buffer.size, amount[1] + 1


def passes_on(node: Node) -> bool:
    """Tell whether a node's output is its input's own memory when nothing is trained."""
    layer = node.layer
    return len(node.inputs) == 1 and (
        layer.is_view or layer.role is Role.NOISE or (layer.role is Role.ACTIVATION and not layer.applied)
    )


def _buffers(graph: Graph, *, in_place: bool) -> dict[str, Buffer]:
    """Return the buffer of every tensor."""
    end = len(graph.nodes)
    last = {entry.name: -1 for entry in graph.inputs} | {node.name: at for at, node in enumerate(graph.nodes)}
    for at, node in enumerate(graph.nodes):
        last.update(dict.fromkeys(node.inputs, at))
    last.update(dict.fromkeys(graph.outputs, end))
    owner = {entry.name: entry.name for entry in graph.inputs}
    made = {entry.name: (size_of(entry.shape), -1) for entry in graph.inputs}
    until = {entry.name: last[entry.name] for entry in graph.inputs}
    for at, node in enumerate(graph.nodes):
        source = owner[node.inputs[0]]
        if passes_on(node) or (in_place and _overwrites(node) and until[source] == at and made[source][1] >= 0):
            owner[node.name] = source
            until[source] = max(until[source], last[node.name])
        else:
            owner[node.name] = node.name
            made[node.name] = (size_of(node.shape), at)
            until[node.name] = last[node.name]
    found = {name: Buffer(name, size, born, until[name]) for name, (size, born) in made.items()}
    return {name: found[source] for name, source in owner.items()}


def _overwrites(node: Node) -> bool:
    """Tell whether a node may write its output over its input: a function of every element, trained or not."""
    elementwise = node.layer.role is Role.ACTIVATION or node.layer.mixes_samples
    return elementwise and len(node.inputs) == 1 and node.shape == node.input_shapes[0]
