"""A network while it is read from a file: where the readers of all formats meet."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from cnnspec.errors import CnnspecError, Diagnostic, listing, shorten
from cnnspec.importing.faults import unfitting, unmodelled, unsized
from cnnspec.ir.graph import Graph, Input, Node, Overrides
from cnnspec.ir.inference import infer
from cnnspec.ir.layer import Layer, LayerError
from cnnspec.ir.shapes import Shape, compact, tensor
from cnnspec.ir.values import input_shape
from cnnspec.layers.joins import Identity
from cnnspec.layers.opaque import Opaque
from cnnspec.source import Source
from cnnspec.text.limits import STANDARD

LONGEST: Final = 64
"""The most characters of a name in a spec."""
MOST_SHOWN: Final = 8
"""Sizes of an input that a message quotes."""
STEP: Final = "`--partial` makes an `opaque` item of it, whose numbers you give"


class Entry(NamedTuple):
    """An input of the network as a file declares it; a size that it leaves open is None."""

    tensor: str
    shape: Sequence[int | None] | None
    name: str = ""


class Draft:
    """The layers read so far, under names that a spec may give; faults and losses are collected.

    `name` is that of the network, `outputs` are the tensors that leave it: a reader sets both. `given` are shapes by
    the names of inputs, or under "" that of the only one, which the user has given.
    """

    def __init__(self, name: str, given: Mapping[str, Shape], *, partial: bool = False) -> None:
        """Start without layers; `partial` makes opaque layers of those that are not known."""
        self.name = name
        self.outputs: list[str] = []
        self.partial = partial
        self.faults: list[Diagnostic] = []
        self.lost: Counter[str] = Counter()
        self.notes: list[str] = []
        self._given = dict(given)
        self._entries: list[Input] = []
        self._nodes: dict[str, Node] = {}
        self._names: dict[str, str | None] = {}
        self._shapes: dict[str, Shape] = {}
        self._numbers: Counter[str] = Counter()

    def inputs(self, entries: Sequence[Entry]) -> None:
        """Declare the inputs; sizes that the user gives stand in the place of those of the file."""
        for entry in entries:
            name = self._free(entry.name or entry.tensor)
            alone = len(entries) == 1
            given = self._given.pop(name, None) or (self._given.pop("", None) if alone else None)
            if given and entry.shape and len(given) != len(entry.shape):
                self.faults.append(unfitting(name, given, _shown(entry.shape)))
                self._names[entry.tensor] = None
                continue
            try:
                shape: Shape = given or input_shape(
                    [size if isinstance(size, int) else 0 for size in entry.shape or ()]
                )
            except ValueError:
                self.faults.append(unsized(name, _shown(entry.shape)))
                self._names[entry.tensor] = None
                continue
            if given and entry.shape and given[-1] != (channels := entry.shape[-1]) and isinstance(channels, int):
                self.note(
                    f"the input `{name}` is given as {compact(given)}, with {given[-1]:,} channels where the file has "
                    f"{channels:,}: its weights do not fit the spec"
                )
            self._names[entry.tensor] = name
            self._shapes[name] = shape
            self._entries.append(Input(name, shape))
        if self._given:
            known = listing(entry.name or entry.tensor for entry in entries)
            what = listing(f"`{name}`" for name in self._given if name) or "the only one of them"
            note = f"inputs: {known}"
            self.refuse("E201", f"the model has no input {what}", note, step="write `--input NAME=SHAPE`")

    def layer(
        self,
        tensor_: str,
        layer: Layer,
        reads: Sequence[str],
        *,
        name: str = "",
        path: str = "",
        shared: str = "",
        trainable: bool = True,
    ) -> None:
        """Add a layer that makes a tensor of those that it reads.

        `path` is where the file has it, for messages. A layer whose parameters are those of an earlier one names the
        tensor of that in `shared`.
        """
        names = self._known(reads)
        if names is None:
            self._names[tensor_] = None
            return
        shapes = tuple([self._shapes[read] for read in names])
        try:
            shape = infer(layer, shapes)
        except LayerError as error:
            path = path or name or tensor_
            message = f"layer `{shorten(path, 80)}`: {error.message}"
            self.refuse(error.code, message, *error.notes, step=error.step)
            self._names[tensor_] = None
            return
        own = self._free(name or tensor_)
        first = self._first(shared, layer, shapes, path or own)
        self._names[tensor_] = own
        self._shapes[own] = shape
        frozen = not trainable and bool(_learned(layer, shapes))
        self._nodes[own] = Node(own, layer, tuple(names), shapes, shape, (0, 0), shared=first, trainable=not frozen)

    def _first(self, shared: str, layer: Layer, shapes: tuple[Shape, ...], path: str) -> str:
        """Return the name of the node whose parameters a layer has, empty where it has its own or none."""
        first = self._names.get(shared) if shared else None
        if not first:
            return ""
        learned, before = _learned(layer, shapes), _learned(self._nodes[first].layer, self._nodes[first].input_shapes)
        if learned != before:
            self.refuse("E309", f"layer `{shorten(path, 80)}`: the parameters of `{shorten(first)}` do not fit here")
        return first if learned else ""

    def same(self, tensor_: str, other: str) -> None:
        """Say that a tensor is another one."""
        self._names[tensor_] = self._names.get(other)

    def unknown(
        self,
        tensor_: str,
        reads: Sequence[str],
        what: str,
        *notes: str,
        name: str = "",
        path: str = "",
        shape: Shape | None = None,
        params: int | None = None,
        step: str = STEP,
    ) -> None:
        """Refuse a layer that no kind describes; a partial import makes an opaque one of it."""
        if not self.partial or not reads:
            self.faults.append(unmodelled(path or name or tensor_, what, *notes, step=step))
            self._names[tensor_] = None
            return
        reason = re.sub(r"[^ -~]", "?", what.replace("`", "").replace('"', "'"))[:120]
        entering = self.shape(reads[0])
        given = shape if shape != entering else None
        opaque = Opaque(shape_=given, params_=params, reason=reason)  # type: ignore[call-arg] # as its words are
        self.layer(tensor_, opaque, reads, name=name, path=path)

    def refuse(self, code: str, message: str, *notes: str, step: str = "") -> None:
        """Report what is wrong."""
        self.faults.append(Diagnostic(code, message, notes=notes, help=step))

    def lose(self, what: str) -> None:
        """Count something that the file says, that changes no number, and that no spec says."""
        self.lost[what] += 1

    def note(self, sentence: str) -> None:
        """Say something of the file that its reader should know."""
        self.notes.append(sentence)

    def shape(self, tensor_: str) -> Shape | None:
        """Return the shape of a tensor, None where it is not known."""
        name = self._names.get(tensor_)
        return self._shapes[name] if name else None

    def finish(self) -> Graph:
        """Return the graph, without what leads to no output; raise CnnspecError with everything that is wrong."""
        outputs = self._known(self.outputs)
        if not self.faults and not self._nodes:
            self.refuse("E605", "the model has no layers")
        if not self.faults and len(self._nodes) > STANDARD.nodes:
            self.refuse("E110", f"the model has more than {STANDARD.nodes:,} layers")
        if self.faults or not outputs:
            raise CnnspecError(self.faults or [Diagnostic("E605", "the model has no outputs")])
        needed = set(outputs)
        for node in reversed(self._nodes.values()):
            if node.name in needed:
                needed.update(node.inputs)
        nodes = tuple(_owned(node for node in self._nodes.values() if node.name in needed))
        if not nodes:
            raise CnnspecError.one("E605", "the model has no layers between its inputs and its outputs")
        entries = tuple(entry for entry in self._entries if entry.name in needed)
        source = Source(self.name, "")
        return Graph(self.name, entries, nodes, tuple(dict.fromkeys(outputs)), source, {}, {}, Overrides({}, {}))

    def _known(self, reads: Iterable[str]) -> list[str] | None:
        """Return the names of tensors, None where one of them is not known."""
        names = [self._names.get(read) for read in reads]
        return None if None in names else [name for name in names if name]

    def _free(self, proposed: str) -> str:
        """Return a name that a spec may give and nothing else has, and take it."""
        word = re.sub(r"[^A-Za-z0-9_-]", "_", proposed)[:LONGEST]
        word = word if word[:1].isalpha() or word[:1] == "_" else f"_{word}"[:LONGEST]
        word = f"{word}_" if word == Identity.kind else word
        name, stem = word, word[: LONGEST - 8]
        while name in self._shapes or name in self._numbers:
            self._numbers[stem] = max(self._numbers[stem], 1) + 1
            name = f"{stem}_{self._numbers[stem]}"
        self._numbers[name] += 1
        return name


def _learned(layer: Layer, shapes: tuple[Shape, ...]) -> int:
    return layer.params(tensor(shapes[0], others=shapes[1:])).value


def _owned(nodes: Iterable[Node]) -> Iterator[Node]:
    """Yield nodes, where parameters belong to the first that is left of those that have them."""
    owners: dict[str, str] = {}
    for node in nodes:
        first = owners.setdefault(node.shared or node.name, node.name)
        yield node._replace(shared="" if first == node.name else first)


def _shown(shape: Sequence[int | None] | None) -> str:
    """Return a shape as the file has it."""
    if not shape:
        return "it has no shape"
    sizes = [str(size) if isinstance(size, int) else "?" for size in shape]
    return f"({listing(sizes, MOST_SHOWN)}{',' * (len(sizes) == 1)})"
