"""The elements that a slice of a Keras configuration keeps, as a layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cnnspec.ir.layer import Layer
from cnnspec.ir.shapes import Shape
from cnnspec.layers.slicing import Slice, Split

WHOLE: Final = (None, None)
"""The ends of a slice of all elements."""
MOST_PARTS: Final = 8
"""One part of more is said by where it begins and ends: the first of 197 steps is no division of them."""


def sliced(key: Any, shape: Shape) -> Layer | None:
    """Return the layer that keeps some elements along one axis of a shape, None for a key that says anything else."""
    parts = [_ends(part) for part in as_slices(key)]
    if len(parts) < 2 or parts[0] not in (WHOLE, ...) or any(part in (None, ...) for part in parts[1:]):
        return None
    cut = [(axis, part) for axis, part in enumerate(parts) if part not in (WHOLE, ...)]
    if len(cut) != 1 or (parts[0] is ... and len(parts) > 2):
        return None
    ((axis, (start, stop)),) = cut
    place = len(shape) if parts[0] is ... else axis
    if not 1 <= place <= len(shape):
        return None
    size, along = shape[place - 1], -1 if place == len(shape) else place
    start, stop = (end if end is None or end >= 0 else max(end + size, 0) for end in (start, stop))
    return _part(start or 0, size if stop is None else stop, size, along)


def _part(start: int, stop: int, size: int, axis: int) -> Layer:
    """Return the layer for elements of an axis: one of equal parts, where they are that."""
    part = stop - start
    values: dict[str, int] = {"start": start, "stop": stop, "axis": axis}
    if 0 < part < size <= MOST_PARTS * part and size % part == start % part == 0:
        values = {"parts": size // part, "index": start // part, "axis": axis}
        return Split(**values)
    return Slice(**values)


def as_slices(key: Any) -> tuple[Any, ...]:
    """Return the key of a configuration as Python has it: numbers, slices and `...`, None for anything else."""
    return tuple(map(_as_slice, key)) if isinstance(key, list) else ()


def _as_slice(part: Any) -> Any:
    if isinstance(part, int) and not isinstance(part, bool):
        return part
    if not isinstance(part, Mapping) or not isinstance(part.get("config"), Mapping):
        return None
    if part.get("class_name") == "__ellipsis__":
        return ...
    ends = [part["config"].get(name) for name in ("start", "stop", "step")]
    known = part.get("class_name") == "__slice__" and all(end is None or isinstance(end, int) for end in ends)
    return slice(*ends) if known else None


def _ends(part: Any) -> Any:
    """Return the ends of a slice, `...` as it is, None for anything else."""
    if not isinstance(part, slice):
        return part if part is ... else None
    return (part.start, part.stop) if part.step in (None, 1) else None
