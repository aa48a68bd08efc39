"""What a student carries from row to row: their own shapes and sizes, as far as they are plausible."""

from __future__ import annotations

from typing import Final, NamedTuple

from cnnspec.analysis.quantities import SHAPE, SIZE
from cnnspec.homework.marking.alignment import Pair
from cnnspec.homework.tables.cells import Number, UnreadableError, lengths, read_number, read_shape, same_shape
from cnnspec.homework.tables.student_table import StudentRow
from cnnspec.ir.inference import infer
from cnnspec.ir.layer import LayerError
from cnnspec.ir.shapes import Shape, size_of

LARGEST: Final = 10**7


class Own(NamedTuple):
    """What a student has in one row: what enters and leaves it by their own earlier rows.

    `fed` is the size of the row above where the student's own differs from its shape: a dense layer may be fed by it.
    """

    inputs: tuple[Shape, ...]
    derived: Shape
    shape: Shape
    fed: int | None = None


class Carried(NamedTuple):
    """What is carried from row to row: every layer's shape, and the sizes that do not fit their shapes."""

    shapes: dict[str, Shape]
    sizes: dict[str, int]


def own_row(pair: Pair, carried: Carried) -> Own:
    """Return what a student has in a row, and carry its shape and size on."""
    node = pair.node
    inputs = tuple(carried.shapes[name] for name in node.inputs)
    try:
        derived = infer(node.layer, inputs)
    except LayerError:
        inputs, derived = node.input_shapes, node.shape
    given = _given_shape(pair.row, node.shape, derived)
    whole = tuple(size for size in given or () if isinstance(size, int))
    shape = whole if _is_plausible(whole, node.shape) else derived
    fed = carried.sizes.get(node.inputs[0])
    size = _given_size(pair.row) or (fed if len(shape) == 1 and node.layer.optional else None)
    if size is not None and size not in (size_of(shape), size_of(node.shape)):
        carried.sizes[node.name] = size
    carried.shapes[node.name] = shape
    return Own(inputs, derived, shape, fed)


def _given_size(row: StudentRow | None) -> int | None:
    """Return the size that a student wrote, if later rows may be computed from it."""
    try:
        size = read_number(row.cells.get(SIZE.name, "")).value if row else 0
    except UnreadableError:
        return None
    return size if isinstance(size, int) and 1 < size <= LARGEST else None


def _given_shape(row: StudentRow | None, expected: Shape, derived: Shape) -> tuple[Number, ...] | None:
    """Return the shape that a student wrote, in the form of the expected one."""
    try:
        given = read_shape(row.cells.get(SHAPE.name, ""), lengths((expected, derived))).value if row else ()
    except UnreadableError:
        return None
    if not isinstance(given, tuple) or not given:
        return None
    for shape in (expected, derived):
        if same_shape(given, shape) is not None:
            return shape
    if len(expected) == 1:
        sizes = tuple(size for size in given if size != 1)
        return sizes if len(sizes) == 1 else None
    given = given[1:] if len(given) - 1 == len(expected) else given  # without the batch axis
    first = len(given) == len(expected) and given[0] == expected[-1] != given[-1]
    return (*given[1:], given[0]) if first else given


def _is_plausible(given: Shape, expected: Shape) -> bool:
    """Tell whether a wrong shape may be carried on: whole, positive, of the right rank, and not degenerate."""
    return len(given) == len(expected) and all(
        1 <= size <= LARGEST and (size > 1 or right == 1) for size, right in zip(given, expected, strict=True)
    )
