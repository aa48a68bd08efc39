"""The inputs of a graph: their sizes, and whether their channels stand first, as mostly, or last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from cnnspec.importing.draft import Entry
from cnnspec.importing.graphs.flow import Flow
from cnnspec.importing.graphs.reading import meanings
from cnnspec.importing.graphs.steps import Held, Step, channels_first
from cnnspec.ir.shapes import Shape
from cnnspec.layers.dense import Dense
from cnnspec.layers.normalization import LayerNorm
from cnnspec.layers.rearrangement import Permute, Reshape

Sizes = Sequence[int | None]
ROWS: Final = (Dense, LayerNorm)
"""The kinds that work along the last axis."""
ORDERS: Final = ("perm", "dims")
"""What ONNX and ATen call the new order of axes."""


def enter(flow: Flow, entries: Mapping[str, Sizes | None], steps: Sequence[Step], format_: str) -> bool:
    """Declare the inputs, of which the first tells the batch; return whether all have the sizes of the file."""
    readers: dict[str, list[Step]] = {name: [] for name in entries}
    for step in steps:
        for name in readers.keys() & {*step.reads}:
            readers[name].append(step)
    last = {name for name, sizes in entries.items() if sizes and _stands_last(readers[name], sizes, format_)}
    shapes = {name: _shape(sizes, is_last=name in last) for name, sizes in entries.items()}
    alone = len(entries) == 1
    flow.draft.inputs([Entry(f"input:{name}", shape, "input" if alone else name) for name, shape in shapes.items()])
    batches = [sizes[0] for sizes in entries.values() if sizes]
    flow.batch = batches[0] or 1 if batches else 1
    for name in entries:
        shape = flow.draft.shape(f"input:{name}")
        if shape is None:
            flow.values[name] = None
            continue
        axes = tuple(range(len(shape))) if name in last else channels_first(len(shape))
        flow.values[name] = Held(f"input:{name}", axes)
    return all(flow.draft.shape(f"input:{name}") == tuple(shape or ()) for name, shape in shapes.items())


def stated_shapes(flow: Flow, sizes: Mapping[str, Sizes | None]) -> dict[str, Shape]:
    """Return the shapes of tensors without the batch, as a file states them, of those whose sizes are all told."""
    found = {name: _whole_shape(each, flow.batch) for name, each in sizes.items()}
    return {name: shape for name, shape in found.items() if shape is not None}


def _whole_shape(sizes: Sizes | None, batch: int) -> Shape | None:
    """Return a shape without its batch, that of one number as empty, None where one of its sizes is not told.

    A tensor of one axis has a number per sample, or has lost the batch.
    """
    if sizes is None or None in sizes[1:]:
        return None
    if len(sizes) == 1:
        return (1,) if sizes[0] in (None, batch) else (sizes[0],)
    return tuple(size for size in sizes[1:] if size is not None)


def _shape(sizes: Sizes | None, *, is_last: bool) -> list[int | None] | None:
    """Return the sizes of an input with its channels last, without the batch."""
    if not sizes or len(sizes) < 2:
        return None
    return list(sizes[1:]) if is_last else [*sizes[2:], sizes[1]]


def _stands_last(readers: Sequence[Step], sizes: Sizes, format_: str) -> bool:
    """Tell whether all that read an input want its last axis as channels, or bring it to the front, as tf2onnx does."""
    return len(sizes) > 2 and bool(readers) and all(_wants_last(step, sizes, format_) for step in readers)


def _wants_last(step: Step, sizes: Sizes, format_: str) -> bool:
    meaning = meanings(format_).get(step.operation)
    if meaning is None:
        return False
    count = len(sizes)
    if meaning.cls is Permute:
        orders = [step.arguments.get(word) for word in ORDERS]
        return [0, count - 1, *range(1, count - 1)] in orders
    if meaning.cls is Reshape:  # one channel: no axis moves but that of size 1
        return sizes[-1] == 1 != sizes[1]
    return meaning.cls in ROWS
