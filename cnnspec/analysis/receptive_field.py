"""Receptive field, jump and start of every tensor, per spatial axis, over any graph."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Final, NamedTuple

from cnnspec.ir.layer import SAME_PLACE, Reach
from cnnspec.ir.shapes import Shape

if TYPE_CHECKING:
    from fractions import Fraction


class Field(NamedTuple):
    """What one output element sees along one axis, in input pixels.

    `extent` is the receptive field, `jump` the distance of neighbouring elements, `start` the centre of the first
    (pixel centres count from 0).
    """

    extent: int | Fraction
    jump: int | Fraction
    start: int | float | Fraction

    @property
    def pixels(self) -> int:
        """The extent as a number of pixels: behind an enlargement the mean is no whole number and is rounded up."""
        return ceil(self.extent)


class View(NamedTuple):
    """The fields of a tensor, one per axis, or None with the reason; `misaligned` says what does not fit in a join."""

    fields: tuple[Field, ...] | None
    reason: str = ""
    misaligned: str = ""


NO_PLACES: Final = View(None, "behind a layer that gives up places in the input")
NO_AXES: Final = View(None, "the input has no spatial axes")


def input_view(shape: Shape) -> View:
    """Return the view of a network's input: every pixel sees itself."""
    return View((Field(1, 1, 0.0),) * (len(shape) - 1)) if len(shape) > 1 else NO_AXES


def advance(view: View, reach: tuple[Reach, ...] | None) -> View:
    """Return the view behind a layer with one input."""
    fields = view.fields
    if fields is None:
        return view
    if reach is None or len(reach) != len(fields):
        return NO_PLACES
    first, step = fields[0], reach[0]
    if reach.count(step) == fields.count(first) == len(fields):
        # Nearly always all axes are alike: one of them is computed for all.
        return view if step is SAME_PLACE else View((_step(first, step),) * len(fields), "", view.misaligned)
    return View(tuple([_step(field, step) for field, step in zip(fields, reach, strict=True)]), "", view.misaligned)


def _step(field: Field, reach: Reach) -> Field:
    extent, jump, start = field
    growth, scale, offset = reach
    return Field(extent + growth * jump, jump * scale, start + offset * jump)


def join(views: list[View], shapes: tuple[Shape, ...]) -> View:
    """Return the view behind a join: the largest field of its branches.

    A branch with one element per axis is the same for all places (squeeze and excitation); it counts for the extent
    alone. Branches whose jumps or starts differ look at different places: the largest one stands, and it is said.
    """
    known = [view.fields for view in views if view.fields is not None]
    if len(known) < len(views):
        return next(view for view in views if view.fields is None)
    axes = len(shapes[0]) - 1
    fields, differences = [], []
    for axis in range(axes):
        every = [seen[axis] for seen in known]
        spread = [field for field, shape in zip(every, shapes, strict=True) if shape[axis] > 1]
        widest = max(spread or every, key=lambda field: field.extent)
        extent = max(field.extent for field in every)
        fields.append(Field(extent, widest.jump, widest.start))
        differences += _differences(spread)
    inherited = next((view.misaligned for view in views if view.misaligned), "")
    return View(tuple(fields), "", differences[0] if differences else inherited)


def _differences(fields: list[Field]) -> list[str]:
    for name in ("jump", "start"):
        values = sorted({float(getattr(field, name)) for field in fields})
        if len(values) > 1:
            listed = " and ".join(f"{value:g}" for value in values)
            return [f"the branches are misaligned: their {name}s are {listed} pixels"]
    return []
