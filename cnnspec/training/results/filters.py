"""The filters of a network's first convolution, as tiles."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnspec.errors import UsageError
from cnnspec.ir.role import Role
from cnnspec.keras import framework
from cnnspec.keras.uses import uses
from cnnspec.training.results.feature_maps import MOST_CHANNELS, PICTURE, Block, Exhibit, grid_block, show_span
from cnnspec.training.results.tiles import lay_out, lay_out_colored

if TYPE_CHECKING:
    from cnnspec.ir.graph import Graph, Node
    from cnnspec.training.runs.run import Run

RGB: Final = 3


class Filters(NamedTuple):
    """The weights (H, W, input channels, filters) of a layer."""

    layer: str
    weights: NDArray[np.float64]


def first_convolution(graph: Graph) -> Node:
    """Return the first layer with filters of height and width; raise UsageError where there is none."""
    for node in graph:
        if node.layer.role is Role.CONVOLUTION and len(node.shape) == 3:
            return node
    raise UsageError.one("E703", f"`{graph.name}` has no convolution, so that there are no filters to show")


def read_filters(run: Run, node: Node, *, checkpoint: str = "best") -> Filters:
    """Return the filters of a layer of the trained network."""
    model = run.load_model(checkpoint)
    use = next(use for name, use in uses(run.graph, model) if name == node.name and use is not None)
    return Filters(node.name, np.asarray(_weights(use.multiplying), np.float64))


def _weights(layer: Any) -> NDArray[Any]:
    """Return the weights of a Keras layer with the filters last; each channel of a depthwise one has its own."""
    layers = framework().layers
    kernel: NDArray[Any] = layer.weights[0].numpy()
    if isinstance(layer, layers.Conv2DTranspose):
        return np.swapaxes(kernel, 2, 3)
    if isinstance(layer, layers.DepthwiseConv2D | layers.SeparableConv2D):
        return kernel.reshape(*kernel.shape[:2], 1, -1)
    return kernel


def exhibit(filters: Filters) -> Exhibit:
    """Return the filters as a row of the picture of activations."""
    height, width, channels, count = filters.weights.shape
    lines = [f"of {filters.layer}", f"{count:,} of {height}×{width}×{channels}"]
    return Exhibit("filters", lines, partial(_draw, filters=filters))


def _draw(x: float, y: float, filters: Filters) -> Block:
    """Return up to 64 filters as tiles: coloured where they look at red, green and blue."""
    weights = filters.weights[..., :MOST_CHANNELS]
    channels, shown = weights.shape[2:]
    columns, gap = (8, 6.0) if shown <= 16 else (16, 5.0)
    notes = [show_span(filters.weights)]
    if channels == RGB:
        grid = lay_out_colored(weights, PICTURE, columns, gap)
    else:
        grid = lay_out(weights.mean(axis=2), PICTURE, columns, gap)
        if channels > 1:
            notes.append(f"means over {channels:,} channels")
    if shown < filters.weights.shape[3]:
        notes.append(f"{shown} shown")
    return grid_block(x, y, grid, notes, f"{shown} filters of {filters.layer}")
