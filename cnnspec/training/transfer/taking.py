"""Weights are taken over layer by layer, where name and shapes agree; what was taken and what was left is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cnnspec.errors import CnnspecError, listing, shorten
from cnnspec.ir.graph import Graph
from cnnspec.ir.shapes import show
from cnnspec.training.settings import Settings
from cnnspec.training.transfer import published
from cnnspec.training.transfer.sources import Source, parts_of, sources
from cnnspec.training.transfer.stored import Stored, opened, read

if TYPE_CHECKING:
    import keras

SHOWN = 5
"""How many layers a line names."""


class Taken(NamedTuple):
    """The layers that were taken over, and those that were left as they begin, each with the reason."""

    taken: list[str]
    left: dict[str, str]


def initialize(model: keras.Model, graph: Graph, settings: Settings, note: Callable[[str], None]) -> None:
    """Give a model the weights that its settings name, and tell in a line each what was taken and what left.

    Raises CnnspecError where weights are of another network, and where a file is damaged.
    """
    for source in sources(graph, settings.init):
        if source.path is None:
            found = published.take(model, graph, source.part, offline=settings.offline)
            note(f"weights   {found.words}")
            continue
        with opened(source.path) as layers:
            taken = _take(model, _names(model, graph, source, layers), layers)
        _tell(taken, source, layers, note)


def _names(model: keras.Model, graph: Graph, source: Source, layers: Mapping[str, Stored]) -> dict[str, str]:
    """Return for each layer with weights the name that it has in the file, where a part may be the whole."""
    parts = [source.part] if source.part else list(parts_of(graph))
    names = {}
    for layer in model.layers:
        own = layer.name
        part = next((part for part in parts if own.startswith(f"{part}.")), None)
        if layer.weights and (part or not source.part):
            names[own] = own if own in layers or part is None else own.removeprefix(f"{part}.")
    return names


def _take(model: keras.Model, names: Mapping[str, str], layers: Mapping[str, Stored]) -> Taken:
    taken, left = [], {}
    for own, name in names.items():
        stored = layers.get(name)
        fact = "not there" if stored is None else next(_differences(model.get_layer(own), stored), "")
        if stored is None or fact:
            left[own] = fact
        else:
            _give(model.get_layer(own), stored)
            taken.append(own)
    return Taken(taken, left)


def _own(layer: Any) -> dict[str, tuple[int, ...]]:
    """Return the shapes of a layer's own weights, as Keras would save them."""
    store: dict[str, Any] = {}
    layer.save_own_variables(store)
    return {name: tuple(value.shape) for name, value in store.items()}


def _differences(layer: Any, stored: Stored) -> Iterator[str]:
    """Yield in what stored weights are others than those of a layer: shapes there, and here."""
    if stored.is_flat:
        ours = {str(place): tuple(weight.shape) for place, weight in enumerate(layer.weights)}
    else:
        ours = _own(layer)
    theirs = stored.shapes()
    if ours != theirs:
        place = next((name for name in ours if theirs.get(name) != ours[name]), "")
        if place in theirs:
            yield f"{show(theirs[place])} there, {show(ours[place])} here"
        else:
            yield f"{len(theirs)} weights there, {len(ours)} here"
    for name, inner in stored.inner.items():
        part = _part(layer, name)
        if part is not None:
            yield from _differences(part, inner)
        elif inner.arrays:
            yield f"its `{shorten(name)}` is not here"


def _part(layer: Any, name: str) -> Any:
    """Return the layer inside another one that Keras saves under a name."""
    found = getattr(layer, name, None) if name.isidentifier() and not name.startswith("__") else None
    return found if hasattr(found, "save_own_variables") else None


def _give(layer: Any, stored: Stored) -> None:
    if stored.is_flat:
        layer.set_weights([read(stored.arrays[str(place)]) for place in range(len(stored.arrays))])
        return
    layer.load_own_variables({name: read(array) for name, array in stored.arrays.items()})
    for name, inner in stored.inner.items():
        if (part := _part(layer, name)) is not None:
            _give(part, inner)


def _tell(taken: Taken, source: Source, layers: Mapping[str, Stored], note: Callable[[str], None]) -> None:
    """Tell what was taken over and what was left; nothing at all is an error."""
    path = Path(source.path or source.words)
    if not taken.taken:
        facts = [f"`{shorten(name)}`: {fact}" for name, fact in list(taken.left.items())[:SHOWN]]
        theirs = f"its layers are {listing(layers, 12)}"
        message = f"`{shorten(path, 80)}` holds weights of another network: no layer agrees in name and shapes"
        raise CnnspecError.one("E529", message, notes=(*facts, theirs))
    note(f"weights   {len(taken.taken)} layers from {path}: {listing(taken.taken, SHOWN)}")
    if taken.left:
        facts = [f"{name} ({fact})" for name, fact in taken.left.items()]
        note(f"left      {len(facts)} as they begin: {', '.join(facts[:SHOWN])}{', …' if len(facts) > SHOWN else ''}")
