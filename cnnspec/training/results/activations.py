"""What every layer of a trained network makes of one picture."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnspec.errors import UsageError, listing, shorten, suggest
from cnnspec.keras import framework
from cnnspec.keras.uses import uses
from cnnspec.language import tokens
from cnnspec.training.results import feature_maps
from cnnspec.training.results.feature_maps import Activation, Exhibit
from cnnspec.training.results.outputs import scaled
from cnnspec.training.results.prediction import Picture, network_pixels

if TYPE_CHECKING:
    from cnnspec.ir.graph import Graph, Node
    from cnnspec.training.runs.run import Run


def choose_layers(graph: Graph, names: Sequence[str]) -> tuple[Node, ...]:
    """Return the nodes of some names, or all without any; raise UsageError for a name that no layer has."""
    known = [node.name for node in graph]
    for name in names:
        if name not in known:
            message, note = f"there is no layer `{shorten(name)}`", f"layers are {listing(known, 30)}"
            raise UsageError.one("E703", message, notes=(note,), help=suggest(name, known))
    return tuple(node for node in graph if not names or node.name in names)


def compute_activations(
    run: Run, picture: Picture, nodes: Collection[Node], *, checkpoint: str = "best"
) -> list[Activation]:
    """Return what some layers make of a picture, in the order of the network."""
    keras, model = framework(), run.load_model(checkpoint)
    outputs_of = {name: use.output for name, use in uses(run.graph, model) if use is not None}
    probe = keras.Model(model.inputs, [outputs_of[node.name] for node in nodes])
    images = network_pixels(run, picture.pixels[None])
    outputs: Any = probe.predict(scaled(images, run.settings.scale or 1.0), verbose=0)
    # Keras hands out the output of a single layer, and not a list of one.
    values = outputs if isinstance(outputs, list | tuple) else [outputs]
    return [
        Activation(node.name, describe(node), np.asarray(value[0], np.float64))
        for node, value in zip(nodes, values, strict=True)
    ]


def describe(node: Node) -> str:
    """Return a node's kind and arguments, as a spec writes them."""
    return f"{node.kind} {tokens.short_form(node.layer)}".strip()


def draw_activations(
    run: Run, picture: Picture, activations: Sequence[Activation], exhibits: Sequence[Exhibit] = ()
) -> str:
    """Return the picture of activations as SVG, with what else is shown above them."""
    title = f"{run.graph.name} looks at {picture.file}"
    return feature_maps.render(picture.pixels, activations, run.classes, title=title, exhibits=exhibits)
