"""Receptive field, jump and start of every tensor, per spatial axis, over any graph."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Final, NamedTuple

from cnnspec.ir.layer import SAME_PLACE, Reach
from cnnspec.ir.shapes import Shape

if TYPE_CHECKING:
    from fractions import Fraction


DIGITS: Final = 9
"""Thirds of pixels, which an enlargement by three gives, are no exact floats: what differs behind these is equal."""


class AxisView(NamedTuple):
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
    """What a tensor sees along each axis, or None with the reason; `misaligned` says what does not fit in a join."""

    axes: tuple[AxisView, ...] | None
    reason: str = ""
    misaligned: str = ""


NO_PLACES: Final = View(None, "behind a layer that gives up places in the input")
NO_AXES: Final = View(None, "the input has no spatial axes")


def input_view(shape: Shape) -> View:
    """Return the view of a network's input: every pixel sees itself."""
    return View((AxisView(1, 1, 0.0),) * (len(shape) - 1)) if len(shape) > 1 else NO_AXES


def advance(view: View, reach: tuple[Reach, ...] | str | None) -> View:
    """Return the view behind a layer with one input."""
    axes = view.axes
    if axes is None:
        return view
    if isinstance(reach, str):
        return View(None, reach)
    if reach is None or len(reach) != len(axes):
        return NO_PLACES
    first, step = axes[0], reach[0]
    if reach.count(step) == axes.count(first) == len(axes):
        # Nearly always all axes are alike: one of them is computed for all.
        return view if step is SAME_PLACE else View((_step(first, step),) * len(axes), "", view.misaligned)
    return View(tuple([_step(axis, step) for axis, step in zip(axes, reach, strict=True)]), "", view.misaligned)


def _step(axis: AxisView, reach: Reach) -> AxisView:
    extent, jump, start = axis
    growth, scale, offset = reach
    return AxisView(extent + growth * jump, jump * scale, start + offset * jump)


def join(views: list[View], shapes: tuple[Shape, ...]) -> View:
    """Return the view behind a join: the largest receptive field of its branches.

    A branch with one element per axis is the same for all places (squeeze and excitation); it counts for the extent
    alone. Branches whose jumps or starts differ look at different places: the largest one stands, and it is said. Where
    every branch has one element, no jump says anything, and their starts must agree.
    """
    known = [view.axes for view in views if view.axes is not None]
    if len(known) < len(views):
        return next(view for view in views if view.axes is None)
    axes, differences = [], []
    for index in range(len(shapes[0]) - 1):
        every = [seen[index] for seen in known]
        spread = [axis for axis, shape in zip(every, shapes, strict=True) if shape[index] > 1]
        widest = max(spread or every, key=lambda axis: axis.extent)
        extent = max(axis.extent for axis in every)
        axes.append(AxisView(extent, widest.jump, widest.start))
        differences += _differences(spread) if spread else _differences(every, ("start",))
    inherited = next((view.misaligned for view in views if view.misaligned), "")
    return View(tuple(axes), "", differences[0] if differences else inherited)


def _differences(axes: list[AxisView], names: tuple[str, ...] = ("jump", "start")) -> list[str]:
    for name in names:
        values = sorted({round(float(getattr(axis, name)), DIGITS) for axis in axes})
        if len(values) > 1:
            listed = " and ".join(f"{value:g}" for value in values)
            return [f"the branches are misaligned: their {name}s are {listed} pixels"]
    return []
