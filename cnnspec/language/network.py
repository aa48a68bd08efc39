"""The network as far as it is built: its nodes, and the tensors behind them with their shapes and places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cnnspec.ir.graph import Node
from cnnspec.ir.inference import infer
from cnnspec.ir.layer import Layer, LayerError
from cnnspec.ir.per_step import per_step
from cnnspec.ir.shapes import Shape, show
from cnnspec.language import items as it
from cnnspec.language.budget import Budget
from cnnspec.language.faults import Faults
from cnnspec.language.names import UNKNOWN, Names
from cnnspec.language.scope import Context
from cnnspec.text.limits import Limits


class Network:
    """Nodes in topological order; a tensor is known by its index, and by the names that `names` has for it."""

    def __init__(self, faults: Faults, reserved: Mapping[str, set[str]], limits: Limits) -> None:
        """Start with an empty network; `reserved` are the names that the file gives."""
        self.faults = faults
        self.names = Names(faults, reserved)
        self.budget = Budget(faults, limits)
        self.nodes: list[Node] = []
        self.tensor_names: list[str] = []
        self.shapes: list[Shape] = []
        self.places: list[it.Place] = []
        self.steps = 0
        """How many axes in front of all shapes are steps here: what is added now is applied at every one."""
        self._limit = limits.nodes
        self._indices: dict[str, int] = {}

    def add_input(self, name: str, shape: Shape, place: it.Place) -> int:
        """Add an input of the network."""
        self.names.take(name, place)
        return self._add_tensor(name, shape, place)

    def add_node(
        self, item: it.Item, layer: Layer, inputs: tuple[int, ...], name: str, context: Context, shared: str = ""
    ) -> int:
        """Append a node and return the tensor behind it; an unknown one where its layer cannot take its inputs."""
        self.budget.spend(item.place, 0, names=len(inputs))
        shapes = tuple([self.shapes[index] for index in inputs]) if UNKNOWN not in inputs else None
        if self.steps and shapes:
            layer = self._at_every_step(layer, shapes)
        shape = self._inferred(item, layer, shapes, inputs) if shapes else None
        if shape is None or shapes is None:
            self.names.tensors[name] = UNKNOWN
            return UNKNOWN
        if len(self.nodes) >= self._limit:
            self.budget.exceed(item.place)
        note = item.modifiers.note.text if item.modifiers.note else ""
        names = tuple([self.tensor_names[index] for index in inputs])
        self.nodes.append(
            Node(name, layer, names, shapes, shape, item.place, context.scope, note, shared, context.trainable)
        )
        return self._add_tensor(name, shape, item.place)

    def _add_tensor(self, name: str, shape: Shape, place: it.Place) -> int:
        index = len(self.tensor_names)
        self.tensor_names.append(name)
        self.shapes.append(shape)
        self.places.append(place)
        self.names.tensors[name] = index
        return index

    def _inferred(self, item: it.Item, layer: Layer, shapes: tuple[Shape, ...], inputs: Sequence[int]) -> Shape | None:
        try:
            return infer(layer, shapes)
        except LayerError as error:
            related = tuple(
                (self.places[index], f"{show(shape)} comes from `{self.tensor_names[index]}`")
                for index, shape in zip(inputs, shapes, strict=True)
                if len(inputs) > 1
            )
            self.faults.add(error.code, error.message, item.place, *error.notes, step=error.step, related=related)
            return None

    def _at_every_step(self, layer: Layer, shapes: tuple[Shape, ...]) -> Layer:
        """Return a layer as it is applied at every step; a plain join of alike tensors joins all steps at once."""
        if layer.joins and not layer.arguments() and len(set(map(len, shapes))) == 1:
            return layer
        for _ in range(self.steps):
            layer = per_step(layer)
        return layer

    def tensor_of(self, name: str) -> int:
        """Return the tensor behind the input or the node of a name."""
        known = len(self._indices)
        if known < len(self.tensor_names):
            self._indices.update(zip(self.tensor_names[known:], range(known, len(self.tensor_names)), strict=True))
        return self._indices[name]

    def shape(self, index: int) -> Shape | None:
        """Return a tensor's shape, that of one step inside `each`; None where it is unknown."""
        return None if index == UNKNOWN else self.shapes[index][self.steps :]
