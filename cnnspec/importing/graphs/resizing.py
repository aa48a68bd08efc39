"""Steps that enlarge or reduce an image without weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import floor
from typing import Final, NamedTuple

from cnnspec.importing.graphs.flow import Flow
from cnnspec.importing.graphs.steps import Held, Step, UnmodelledStepError, Value, is_near
from cnnspec.layers.resize import Resize
from cnnspec.layers.upsample import Upsample

MODES: Final = {"nearest": "nearest", "linear": "bilinear", "bilinear": "bilinear", "cubic": "bicubic"}
HALF_PIXEL, CORNER, CORNERS = "half_pixel", "asymmetric", "align_corners"
TO_NEAREST: Final = ("round_prefer_floor", "round_prefer_ceil")


class Sampling(NamedTuple):
    """Where new elements lie between old ones, in the words of ONNX (https://onnx.ai/onnx/operators/onnx__Resize.html).

    `name` is the argument of the file that says so.
    """

    coordinates: str = HALF_PIXEL
    rounding: str = TO_NEAREST[0]
    coefficient: float = -0.75
    outside: bool = False
    antialias: bool = False
    name: str = "coordinate_transformation_mode"


def enlarged(
    flow: Flow,
    step: Step,
    x: Value,
    factors: Sequence[float] | None,
    sizes: Sequence[int] | None,
    mode: str,
    sampling: Sampling,
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
    for name in _unlike(sampling, interpolation, spatial, wanted):
        flow.draft.lose(name)
    if all(size % n == 0 for size, n in zip(wanted, spatial, strict=True)):
        size = [whole // n for whole, n in zip(wanted, spatial, strict=True)]
        return flow.layer(step, flow.build(Upsample, rank, size=size, interpolation=interpolation), [held])
    if rank != 2:
        raise UnmodelledStepError(f"it makes {tuple(wanted)} of {tuple(spatial)}")
    return flow.layer(
        step, flow.build(Resize, rank, height=wanted[0], width=wanted[1], interpolation=interpolation), [held]
    )


def _unlike(sampling: Sampling, interpolation: str, spatial: Sequence[int], wanted: Sequence[int]) -> Iterator[str]:
    """Yield what gives new elements other numbers than TensorFlow's, which are found at the centres of pixels."""
    factors = [size / n for size, n in zip(wanted, spatial, strict=True)]
    is_whole, is_nearest = all(factor.is_integer() for factor in factors), interpolation == "nearest"
    at_centres = sampling.coordinates == HALF_PIXEL
    at_centres |= sampling.coordinates == "half_pixel_symmetric" and is_whole
    at_centres |= sampling.coordinates == "pytorch_half_pixel" and min(wanted) > 1
    if is_nearest and is_whole and sampling.coordinates == CORNER:
        repeated = ("floor", TO_NEAREST[0]) if max(factors) <= 2 else ("floor",)
        at_centres, alike = True, repeated
    else:
        alike = TO_NEAREST if is_whole else TO_NEAREST[1:]
    if not at_centres:
        yield sampling.name
    elif is_nearest and sampling.rounding not in alike:
        yield "nearest_mode"
    if interpolation == "bicubic" and not is_near(sampling.coefficient, -0.5):
        yield "cubic_coeff_a"
    if interpolation == "bicubic" and not sampling.outside:
        yield "exclude_outside"
    if sampling.antialias and not is_nearest and min(factors) < 1:
        yield "antialias"
