"""Grad-CAM: where in a picture a network sees what speaks for a class."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnspec.drawing import svg
from cnnspec.errors import UsageError, listing, shorten, suggest
from cnnspec.ir.role import Role
from cnnspec.keras.gradients import slope
from cnnspec.training.data.resizing import LUMA, resized
from cnnspec.training.results import pixels
from cnnspec.training.results.feature_maps import Block, Exhibit, show_span
from cnnspec.training.results.losses import are_probabilities, both_classes
from cnnspec.training.results.outputs import compute_outputs, scaled
from cnnspec.training.results.prediction import Picture, network_pixels
from cnnspec.training.results.tiles import CONSTANT, lay_out, palette

if TYPE_CHECKING:
    from cnnspec.ir.graph import Graph, Node
    from cnnspec.training.runs.run import Run

PASSED: Final = (Role.POOL, Role.NOISE, Role.BORDER)
"""What only makes the maps of the layer before smaller or larger is gone back over: finer maps say more."""


SIDE: Final = 224
"""How large the picture under a map is drawn, and the map beside it."""
STRENGTH: Final = 0.65
"""How much of the colour of the largest value covers the picture."""


class ClassMap(NamedTuple):
    """The class activation map (H, W) of a layer for a class, from 0 up, and the network's output for the class.

    `percent` tells that the output is a probability.
    """

    layer: str
    name: str
    output: float
    percent: bool
    values: NDArray[np.float64]


def choose_layer(graph: Graph, name: str | None = None) -> Node:
    """Return the layer of a name, or the last one that has maps: height, width and channels.

    Raises UsageError where there is none.
    """
    mapped = [node for node in graph if len(node.shape) == 3 and node.shape[0] * node.shape[1] > 1]
    names = [node.name for node in mapped]
    if name is not None and name not in names:
        message = f"there is no layer `{shorten(name)}` with maps to weigh"
        notes = (f"layers with height and width are {listing(names, 30) or 'none'}",)
        raise UsageError.one("E703", message, notes=notes, help=suggest(name, names))
    if not mapped:
        message = f"Grad-CAM needs a layer with height and width, and `{graph.name}` has none"
        raise UsageError.one("E703", message)
    node = mapped[-1] if name is None else next(node for node in mapped if node.name == name)
    while name is None and node.layer.role in PASSED and node.inputs[0] in names:
        node = mapped[names.index(node.inputs[0])]
    return node


def choose_class(run: Run, name: str | None) -> int | None:
    """Return the number of a class by its name, None without one; raise UsageError where there is no such class."""
    if name is None:
        return None
    if name not in run.classes:
        message, notes = f"there is no class `{shorten(name)}`", (f"classes are {listing(run.classes, 30)}",)
        raise UsageError.one("E703", message, notes=notes, help=suggest(name, run.classes))
    return run.classes.index(name)


def map_class(
    run: Run, picture: Picture, node: Node, number: int | None = None, *, checkpoint: str = "best"
) -> ClassMap:
    """Return the class activation map of a layer for a class, or for the most probable one.

    Grad-CAM (Selvaraju et al. 2017, arXiv:1610.02391, equations 1 and 2): the channels are weighed with the means of
    the gradients of the class's score, added, and what is below 0 counts as 0.
    """
    model = run.load_model(checkpoint)
    images = network_pixels(run, picture.pixels[None])
    scale = run.settings.scale or 1.0
    raw = compute_outputs(model, images, scale, 1)
    outputs = both_classes(raw)[0]
    if number is None:
        number = int(outputs.argmax())
    found = slope(run.graph, model, node.name, scaled(images, scale)[0], number)
    if found.gradient is None:
        message = f"the score of a class does not depend on `{node.name}`"
        raise UsageError.one("E703", message, help="`--cam-layer` names another layer")
    values = weigh(found.values, found.gradient)
    return ClassMap(node.name, run.classes[number], float(outputs[number]), are_probabilities(raw), values)


def weigh(maps: NDArray[Any], gradient: NDArray[Any]) -> NDArray[np.float64]:
    """Return the sum of maps (H, W, C), each with the mean of its gradient as its weight, where that is above 0."""
    weights = np.asarray(gradient, np.float64).mean(axis=(0, 1))
    found: NDArray[np.float64] = np.maximum(np.asarray(maps, np.float64) @ weights, 0.0)
    return found


def exhibit(found: ClassMap, picture: Picture) -> Exhibit:
    """Return the map over the picture, and the map alone, as a row of the picture of activations."""
    sure = f"{100 * found.output:.1f} %" if found.percent else f"{found.output:.3g}"
    height, width = found.values.shape
    lines = [f"for {found.name} ({sure})", f"{height}×{width} map of {found.layer}"]
    return Exhibit("Grad-CAM", lines, partial(_draw, found=found, image=picture.pixels))


def _draw(x: float, y: float, found: ClassMap, image: NDArray[Any]) -> Block:
    height, width = (SIDE * length / max(image.shape[:2]) for length in image.shape[:2])
    alone = lay_out(found.values[..., None], SIDE, 1, 0.0)
    notes = [show_span(found.values)] if found.values.any() else ["nothing speaks for it"]
    drawing = [
        svg.picture(x, y, width, height, pixels.encode_png(paint(found.values, image)), "the map over the image"),
        svg.rectangle(x, y, width, height, "none", stroke=svg.EDGE),
        svg.picture(x + SIDE + 24, y, width, height, alone.png, "the map alone"),
    ]
    return Block(notes, drawing, height)


def paint(values: NDArray[np.float64], image: NDArray[Any]) -> NDArray[np.uint8]:
    """Return an image of bytes in grey, covered with colour the more, the larger a map is there."""
    large = pixels.magnify(pixels.visible(image), SIDE)
    grey = (large if large.ndim == 2 else large[..., :3] @ np.array(LUMA))[..., None]
    strength = resized(values[None, ..., None].astype(np.float32), grey.shape[:2])[0] / (values.max() or 1)
    table = np.array(palette(), np.float64).reshape(-1, 3)
    color = table[(strength[..., 0] * (CONSTANT - 1)).round().astype(int)]
    painted: NDArray[np.uint8] = (grey + STRENGTH * strength * (color - grey)).round().astype(np.uint8)
    return painted
