"""Steps that enlarge or reduce an image without weights."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor
from typing import Final

from cnnspec.importing.graphs.flow import Flow
from cnnspec.importing.graphs.steps import Held, Step, UnmodelledStepError, Value
from cnnspec.layers.resize import Resize
from cnnspec.layers.upsample import Upsample

MODES: Final = {"nearest": "nearest", "linear": "bilinear", "bilinear": "bilinear", "cubic": "bicubic"}


def enlarged(
    flow: Flow, step: Step, x: Value, factors: Sequence[float] | None, sizes: Sequence[int] | None, mode: str
) -> Held:
    """Return an image of other sizes, by a factor where it is a whole one, else of these sizes."""
    held = flow.image(x)
    *spatial, _ = flow.ours(held)
    if mode not in MODES or (factors is None) == (sizes is None):
        raise UnmodelledStepError(f"it resizes in the mode `{mode}`, by what is not known")
    if factors is not None and not all(isinstance(each, int | float) and 0 < each < 1e6 for each in factors):
        raise UnmodelledStepError("its factors are no numbers")
    wanted = sizes or [floor(n * float(each)) for n, each in zip(spatial, factors or (), strict=False)]
    if len(wanted) != len(spatial) or min(wanted, default=0) < 1:
        raise UnmodelledStepError(f"{tuple(wanted)} are no sizes for {len(spatial)} axes")
    rank = len(spatial)
    interpolation = MODES[mode] if rank > 1 or mode == "nearest" else mode
    if all(size % n == 0 for size, n in zip(wanted, spatial, strict=True)):
        size = [whole // n for whole, n in zip(wanted, spatial, strict=True)]
        return flow.layer(step, flow.build(Upsample, rank, size=size, interpolation=interpolation), [held])
    if rank != 2:
        raise UnmodelledStepError(f"it makes {tuple(wanted)} of {tuple(spatial)}")
    return flow.layer(
        step, flow.build(Resize, rank, height=wanted[0], width=wanted[1], interpolation=interpolation), [held]
    )
