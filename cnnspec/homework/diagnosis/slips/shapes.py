"""Slips in the activation shape."""

from __future__ import annotations

from typing import Any

from cnnspec.formula import Term, ceil_div, product, symbol
from cnnspec.homework.diagnosis.recipes import Case, Outcome
from cnnspec.homework.diagnosis.slip import CONV, POOL, SLIDING, WINDOWS, Slip
from cnnspec.layers._window import effective, margins


def _no_plus_one(case: Case) -> dict[str, Any] | None:
    return {"plus": 0} if _formula_applies(case) else None


def _plus_inside(case: Case) -> dict[str, Any] | None:
    return {"plus": "inside"} if _formula_applies(case) and max(case.layer.stride) > 1 else None  # type: ignore[attr-defined] # windows


def _ceil(case: Case) -> dict[str, Any] | None:
    return {"rounding": "ceil"} if _formula_applies(case) else None


def _unrounded(case: Case) -> dict[str, Any] | None:
    return {"rounding": "none"} if _formula_applies(case) else None


def _pad_once(case: Case) -> dict[str, Any] | None:
    return {"sides": 1} if not isinstance(_padding(case), str) else None


def _no_stride(case: Case) -> dict[str, Any] | None:
    stride = case.layer.stride  # type: ignore[attr-defined] # windows
    return {"s": (1,) * len(stride)} if max(stride) > 1 and _formula_applies(case) else None


def _valid_for_same(case: Case) -> dict[str, Any] | None:
    return {"padding": "valid"} if _padding(case) == "same" else None


def _same_for_valid(case: Case) -> dict[str, Any] | None:
    return {"padding": "same"} if _padding(case) == "valid" else None


def _same_keeps_size(case: Case) -> dict[str, Any] | None:
    strided = max(case.layer.stride) > 1  # type: ignore[attr-defined] # windows
    return {"rounding": "keep"} if _padding(case) == "same" and strided else None


def _no_padding(case: Case) -> dict[str, Any] | None:
    return {"sides": 0} if not isinstance(_padding(case), str) else None


def _no_dilation(case: Case) -> dict[str, Any] | None:
    spread = case.layer.spread
    return {"d": (1,) * len(spread)} if max(spread) > 1 and _formula_applies(case) else None


def _kept_channels(case: Case) -> dict[str, Any] | None:
    channels = case.shapes[0][-1]
    return {"channels": symbol("C", channels)} if channels != case.shape[-1] else None


def _multiplied_channels(case: Case) -> dict[str, Any] | None:
    channels = case.shapes[0][-1]
    return {"channels": symbol("C", channels) * symbol("K", case.shape[-1])} if channels > 1 else None


def _padded_channels(case: Case) -> dict[str, Any] | None:
    padding = _padding(case)
    if isinstance(padding, str) or not padding[0][0]:
        return None
    return {"channels": symbol("K", case.shape[-1]) + 2 * symbol("p", padding[0][0])}


def _padded_size(case: Case) -> Outcome | None:
    layer = case.layer
    axes = []
    for axis, n in enumerate(case.shapes[0][:-1]):
        padding = _padding(case) if isinstance(_padding(case), str) else _padding(case)[axis]
        extent = effective(layer.window[axis], layer.spread[axis])
        before, after = margins(n, extent, layer.stride[axis], padding)  # type: ignore[attr-defined] # windows
        both = 2 * symbol("p", before) if before == after else symbol("p_1", before) + symbol("p_2", after)
        axes.append(symbol("n", n) + both)
    padded = tuple(axis.value for axis in axes) != case.shapes[0][:-1]
    return _outcome(*axes, symbol("K", case.shape[-1])) if padded else None


def _pool_keeps_size(case: Case) -> Outcome | None:
    return _outcome(*case.x.dims) if case.shapes[0] != case.shape else None


def _pooled_channels(case: Case) -> Outcome | None:
    return _outcome(*case.y.spatial, _channels_over_window(case))


def _only_channels_pooled(case: Case) -> Outcome | None:
    return _outcome(*case.x.spatial, _channels_over_window(case))


def _channels_over_window(case: Case) -> Term:
    return symbol("C", case.shape[-1]) // symbol("f", case.layer.pool[0])  # type: ignore[attr-defined] # pools


def _flatten_sum(case: Case) -> Outcome:
    first, *rest = case.x.dims
    return _outcome(sum(rest, first))


def _flatten_pixels(case: Case) -> Outcome | None:
    if case.shapes[0][-1] == 1 or len(case.shapes[0]) < 2:
        return None
    return _outcome(product(case.x.spatial))


def _forward_for_transposed(case: Case) -> Outcome | None:
    same = _padding(case) == "same"
    sizes = [ceil_div(n, s) if same else (n - f) // s + 1 for n, f, s in _transposed(case)]
    return _outcome(*sizes, symbol("C", case.shape[-1])) if min(size.value for size in sizes) > 0 else None


def _transposed_same_for_valid(case: Case) -> Outcome | None:
    if _padding(case) == "same":
        return None
    return _outcome(*(n * s for n, _, s in _transposed(case)), symbol("C", case.shape[-1]))


def _transposed_valid_for_same(case: Case) -> Outcome | None:
    if _padding(case) == "valid":
        return None
    return _outcome(*((n - 1) * s + f for n, f, s in _transposed(case)), symbol("C", case.shape[-1]))


def _transposed(case: Case) -> list[tuple[Term, Term, Term]]:
    """Return size, window and stride along every axis of a transposed convolution."""
    layer = case.layer
    axes = zip(case.shapes[0], layer.kernel, layer.stride, strict=False)  # type: ignore[attr-defined] # it has both
    return [(symbol("n", n), symbol("f", f), symbol("s", s)) for n, f, s in axes]


def _outcome(*axes: Term) -> Outcome:
    """Return a shape with the formula of every axis."""
    return Outcome(tuple(axis.value for axis in axes), axes[0], axes)


def _padding(case: Case) -> Any:
    return case.layer.padding  # type: ignore[attr-defined] # windows


def _formula_applies(case: Case) -> bool:
    return bool(_padding(case) != "same")


QUIZ = "distractors of the quiz of A. Ng, Convolutional Neural Networks, week 1"
NATURAL = "not documented, a natural slip"
SLIPS = (
    Slip(
        "no_plus_one", "shape", WINDOWS, "the + 1 was forgotten", "Count positions, not gaps: + 1.", QUIZ, _no_plus_one
    ),
    Slip(
        "plus_one_inside",
        "shape",
        WINDOWS,
        "the 1 was added before dividing",
        "Add 1 after dividing and rounding.",
        "leyaa.ai on padding and stride",
        _plus_inside,
    ),
    Slip(
        "ceil_for_floor",
        "shape",
        WINDOWS,
        "the quotient was rounded up",
        "A window that sticks out is dropped: round down.",
        "stats.SE 650777, 223630; netscope #25",
        _ceil,
    ),
    Slip(
        "fraction_left",
        "shape",
        WINDOWS,
        "the quotient was not rounded",
        "Sizes are whole numbers: round down.",
        "Scribd 916050017; stats.SE 650777",
        _unrounded,
    ),
    Slip(
        "pad_once",
        "shape",
        WINDOWS,
        "the padding was counted on one side",
        "Padding is on both sides: 2p.",
        QUIZ,
        _pad_once,
    ),
    Slip(
        "padding_ignored",
        "shape",
        WINDOWS,
        "the padding was left out",
        "Add the padding on both sides: n + 2p.",
        QUIZ,
        _no_padding,
    ),
    Slip(
        "padded_size",
        "shape",
        WINDOWS,
        "the padded input was written down",
        "Padding is internal to the layer: the output is what the window makes of it.",
        NATURAL,
        whole=_padded_size,
    ),
    Slip(
        "padded_channels",
        "shape",
        CONV,
        "the channels were padded",
        "Padding never touches the channels.",
        QUIZ,
        _padded_channels,
    ),
    Slip("stride_ignored", "shape", SLIDING, "the stride was ignored", "Divide by the stride.", QUIZ, _no_stride),
    Slip(
        "pool_stride_one",
        "shape",
        POOL,
        "the pooling was moved by one place at a time",
        "The stride of a pooling is the size of its window unless another is given.",
        "Keras' default, which courses share",
        _no_stride,
    ),
    Slip(
        "same_for_valid",
        "shape",
        WINDOWS,
        "the size was kept, as with same padding",
        "Valid means no padding: n − f + 1 positions for stride 1.",
        "quiz item on same padding",
        _same_for_valid,
    ),
    Slip(
        "valid_for_same",
        "shape",
        WINDOWS,
        "the size was reduced, as with valid padding",
        "Same padding keeps the size for stride 1: ⌈n/s⌉.",
        "quiz item on same padding",
        _valid_for_same,
    ),
    Slip(
        "same_ignores_stride",
        "shape",
        WINDOWS,
        "same padding was taken to keep the size in spite of the stride",
        "Same padding gives ⌈n/s⌉, whatever the window.",
        "go2live; kegui.medium",
        _same_keeps_size,
    ),
    Slip(
        "dilation_ignored",
        "shape",
        WINDOWS,
        "the dilation was ignored",
        "A dilated window is d·(f − 1) + 1 wide.",
        "discuss.pytorch.org 66834, 14338",
        _no_dilation,
    ),
    Slip(
        "channels_kept",
        "shape",
        CONV | {"sepconv"},
        "the input's channels were kept",
        "The depth of the output is the number of filters.",
        QUIZ,
        _kept_channels,
    ),
    Slip(
        "channels_multiplied",
        "shape",
        CONV | {"sepconv"},
        "input channels and filters were multiplied",
        "Each filter sums over all channels and gives one map.",
        "datascience.SE 41486",
        _multiplied_channels,
    ),
    Slip(
        "pool_keeps_size",
        "shape",
        POOL,
        "the size was kept",
        "Pooling shrinks height and width.",
        QUIZ,
        whole=_pool_keeps_size,
    ),
    Slip(
        "pool_changes_channels",
        "shape",
        POOL,
        "the channels were pooled too",
        "Pooling keeps the channels.",
        QUIZ,
        whole=_pooled_channels,
    ),
    Slip(
        "pool_only_channels",
        "shape",
        POOL,
        "the channels were pooled instead of height and width",
        "Pooling shrinks height and width and keeps the channels.",
        QUIZ,
        whole=_only_channels_pooled,
    ),
    Slip(
        "flatten_sum",
        "shape",
        frozenset({"flatten"}),
        "the sizes were added",
        "Multiply all sizes.",
        NATURAL,
        whole=_flatten_sum,
    ),
    Slip(
        "flatten_pixels",
        "shape",
        frozenset({"flatten"}),
        "the channels were forgotten",
        "Multiply all three: H·W·C.",
        NATURAL,
        whole=_flatten_pixels,
    ),
    Slip(
        "transposed_as_forward",
        "shape",
        frozenset({"upconv"}),
        "the formula of a forward convolution was used",
        "A transposed convolution enlarges: (n − 1)·s + f, or n·s with same padding.",
        "deeplearning.ai forum 70537",
        whole=_forward_for_transposed,
    ),
    Slip(
        "transposed_same_for_valid",
        "shape",
        frozenset({"upconv"}),
        "the size was multiplied by the stride, as with same padding",
        "Without padding the last window sticks out: (n − 1)·s + f.",
        "deeplearning.ai forum 70537",
        whole=_transposed_same_for_valid,
    ),
    Slip(
        "transposed_valid_for_same",
        "shape",
        frozenset({"upconv"}),
        "the size of a transposed convolution without padding was used",
        "Same padding crops the output to n·s.",
        "deeplearning.ai forum 70537",
        whole=_transposed_valid_for_same,
    ),
)
