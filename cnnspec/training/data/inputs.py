"""Several inputs of one shape: a sample has an image for each of them, along an axis of its own in front."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from cnnspec.errors import Diagnostic, listing
from cnnspec.ir.graph import Graph
from cnnspec.ir.shapes import Shape, show
from cnnspec.training.data.dataset import Dataset, Pixels


def sample_shape(graph: Graph) -> Shape:
    """Return the shape of a sample: that of the input, or of the images for several inputs together."""
    shape, inputs = graph.inputs[0].shape, len(graph.inputs)
    return shape if inputs == 1 else (inputs, *shape)


def names_of(graph: Graph) -> tuple[str, ...]:
    """Return the names of several inputs; an only one needs none."""
    return tuple(entry.name for entry in graph.inputs) if len(graph.inputs) > 1 else ()


def parted(x: Any, inputs: int) -> Any:
    """Return a batch as it enters a network: one array for an input, a tuple of them for several."""
    return x if inputs == 1 else tuple(x[:, place] for place in range(inputs))


def side_by_side(x: Pixels, inputs: int) -> Pixels:
    """Return samples as images to look at: those of several inputs (N, I, H, W, C) from left to right."""
    return x if inputs == 1 or x.ndim != 5 else np.concatenate(parted(x, inputs), axis=2)


def several_faults(graph: Graph, dataset: Dataset, *, resize: bool) -> Iterator[Diagnostic]:
    """Yield what is wrong with samples that have not an image of its shape for each of several inputs."""
    wanted, had, inputs = sample_shape(graph), dataset.shape, len(graph.inputs)
    if inputs == 1:
        return
    is_resized = resize and len(had) == len(wanted) and had[0] == inputs
    if wanted == had or is_resized:
        return
    shape, axes = graph.inputs[0].shape, ", ".join(map(str, ("N", *wanted)))
    keys = listing(f"`{entry.name}_train`" for entry in graph.inputs)
    yield Diagnostic(
        code="E504",
        message=f"the network looks at {inputs} images {show(shape)}, and a sample of `{dataset.name}` is {show(had)}",
        notes=(f"an .npz file has an array for each, {keys} and so on, or all in `x_train` ({axes})",),
    )
