"""Slips in the activation shape: channels, pooling, flattening, and transposed convolutions."""

from __future__ import annotations

from typing import Final

from cnnspec.formula import Term, ceil_div, product, symbol
from cnnspec.homework.diagnosis.case import Case, Formula
from cnnspec.homework.diagnosis.facts import CHANNELS, enlarges, has_several_channels, pools
from cnnspec.homework.diagnosis.patterns import leaf
from cnnspec.homework.diagnosis.rewrites import replace
from cnnspec.homework.diagnosis.slip import QUIZ, Argument, Quantity, Slip

K: Final = leaf("K")


def _changes_channels(case: Case) -> bool:
    return case.shapes[0][-1] != case.shape[-1]


def _pool_shrinks(case: Case) -> bool:
    return pools(case) and case.shapes[0] != case.shape


def _pools_channels(case: Case) -> bool:
    """Tell whether a window of the same size over the channels would leave some."""
    return pools(case) and case.shape[-1] >= case.layer.window[0]


def _channels_over_window(case: Case) -> Term:
    return symbol("C", case.shape[-1]) // symbol("f", case.layer.window[0])


def _flattens(case: Case) -> bool:
    """Tell whether the output is one size, the product of those of the input."""
    shape = case.right.shape
    return len(shape) == 1 and shape[0].op == "mul" and shape[0].value == case.x.size.value


def _flattens_channels(case: Case) -> bool:
    return _flattens(case) and has_several_channels(case)


def _enlarges_valid(case: Case) -> bool:
    return enlarges(case) and case.padding == "valid"


def _enlarges_same(case: Case) -> bool:
    return enlarges(case) and case.padding == "same"


def _forward(case: Case) -> Formula | None:
    """Return the positions that the window would have on the input."""
    sizes = []
    for n, f, s in zip(case.shapes[0], case.kernel, case.stride, strict=False):
        size, step = symbol("n", n), symbol("s", s)
        sizes.append(ceil_div(size, step) if case.padding == "same" else (size - symbol("f", f)) // step + 1)
    return (*sizes, case.right.shape[-1]) if min(size.value for size in sizes) > 0 else None


def _is_image(case: Case) -> bool:
    return len(case.shape) > 1


SLIPS: Final = (
    Slip(
        "shape_without_channels",
        "shape",
        Quantity(lambda case: case.right.shape[:-1]),
        "the channels were left out",
        "An activation has height, width and channels: as many as there are filters.",
        "the LeNet-5 tables of several pages",
        where=_is_image,
        elsewhere="An activation has height, width and channels: write all of them.",
    ),
    Slip(
        "channels_kept",
        "shape",
        replace([K], K=CHANNELS),
        "the input's channels were kept",
        "The depth of the output is the number of filters.",
        QUIZ,
        where=_changes_channels,
        elsewhere="The last size of the output is the layer's own: its units or channels.",
    ),
    Slip(
        "channels_multiplied",
        "shape",
        replace([K], K=CHANNELS * K),
        "input channels and filters were multiplied",
        "Each filter sums over all channels and gives one map.",
        "datascience.SE 41486",
        where=has_several_channels,
    ),
    Slip(
        "pool_keeps_size",
        "shape",
        Quantity(lambda case: case.x.dims),
        "the size was kept",
        "Pooling shrinks height and width.",
        QUIZ,
        where=_pool_shrinks,
    ),
    Slip(
        "pool_changes_channels",
        "shape",
        Quantity(lambda case: (*case.y.spatial, _channels_over_window(case))),
        "the channels were pooled too",
        "Pooling keeps the channels.",
        QUIZ,
        where=_pools_channels,
    ),
    Slip(
        "pool_only_channels",
        "shape",
        Quantity(lambda case: (*case.x.spatial, _channels_over_window(case))),
        "the channels were pooled instead of height and width",
        "Pooling shrinks height and width and keeps the channels.",
        QUIZ,
        where=_pools_channels,
    ),
    Slip(
        "flatten_sum",
        "shape",
        Quantity(lambda case: sum(case.x.dims[1:], case.x.dims[0])),
        "the sizes were added",
        "Multiply all sizes.",
        where=_flattens,
    ),
    Slip(
        "flatten_pixels",
        "shape",
        Quantity(lambda case: product(case.x.spatial)),
        "the channels were forgotten",
        "Multiply all three: H·W·C.",
        where=_flattens_channels,
    ),
    Slip(
        "transposed_as_forward",
        "shape",
        Quantity(_forward),
        "the formula of a forward convolution was used",
        "A transposed convolution enlarges: (n − 1)·s + f, or n·s with same padding.",
        "deeplearning.ai forum 70537",
        where=enlarges,
    ),
    Slip(
        "transposed_same_for_valid",
        "shape",
        Argument("padding", "same"),
        "the size was multiplied by the stride, as with same padding",
        "Without padding the last window sticks out: (n − 1)·s + f.",
        "deeplearning.ai forum 70537",
        where=_enlarges_valid,
    ),
    Slip(
        "transposed_valid_for_same",
        "shape",
        Argument("padding", "valid"),
        "the size of a transposed convolution without padding was used",
        "Same padding crops the output to n·s.",
        "deeplearning.ai forum 70537",
        where=_enlarges_same,
    ),
)
