"""Slips in the activation shape of a layer with a window: how many positions it has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cnnspec.formula import ceil_div, symbol
from cnnspec.homework.diagnosis.case import Case, Formula
from cnnspec.homework.diagnosis.facts import has_window, is_dilated, is_strided, pools
from cnnspec.homework.diagnosis.patterns import Wildcard, anything, leaf
from cnnspec.homework.diagnosis.rewrites import Fact, not_rounded, replace, rule
from cnnspec.homework.diagnosis.slip import QUIZ, Argument, Quantity, Slip
from cnnspec.layers._window import CAUSAL, effective, margins

N, S, K = anything("n"), leaf("s"), leaf("K")
P: Final = Wildcard("p", lambda term: term.name == "p" and term.value > 0)
POSITIONS: Final = Wildcard("positions", lambda term: term.op == "floor_div" and term.operands[1].name == "s")
PADDING: Final = Fact(lambda case: 2 * symbol("p", case.padded_rows))


def _padded_input(case: Case) -> Formula | None:
    """Return the size of the padded input, None where nothing is padded, or steps stand before it."""
    layer, padding = case.layer, case.padding
    if layer.step_axes or layer.leads:
        return None
    paddings: Sequence[str | tuple[int, int]] = [padding] * len(layer.window) if isinstance(padding, str) else padding
    axes = []
    for n, f, d, s, pair in zip(case.shapes[0], layer.window, layer.spread, case.stride, paddings, strict=False):
        before, after = margins(n, effective(f, d), s, pair)
        both = 2 * symbol("p", before) if before == after else symbol("p_1", before) + symbol("p_2", after)
        axes.append(symbol("n", n) + both)
    padded = tuple(axis.value for axis in axes) != case.shapes[0][:-1]
    return (*axes, symbol("K", case.shape[-1])) if padded else None


def _is_rounded_down(case: Case) -> bool:
    return has_window(case) and not _keeps_size(case) and not getattr(case.layer, "rounds_up", False)


def _keeps_size(case: Case) -> bool:
    """Tell whether the padding gives ⌈n/s⌉ positions, whatever the window."""
    return has_window(case) and case.padding in ("same", CAUSAL)


def _is_padded(case: Case) -> bool:
    return case.padded_rows > 0


def _is_valid(case: Case) -> bool:
    return has_window(case) and case.padding == "valid"


def _is_same(case: Case) -> bool:
    return has_window(case) and case.padding == "same"


def _convolution_moves_on(case: Case) -> bool:
    return _moves_on(case) and not pools(case)


def _pool_moves_on(case: Case) -> bool:
    return _moves_on(case) and pools(case)


def _moves_on(case: Case) -> bool:
    """Tell whether the stride divides the size: `same` padding has a slip of its own for that."""
    return is_strided(case) and has_window(case) and not _keeps_size(case)


def _has_holes(case: Case) -> bool:
    return is_dilated(case) and not _keeps_size(case)


SLIPS: Final = (
    Slip(
        "no_plus_one",
        "shape",
        rule(POSITIONS + 1, POSITIONS),
        "the + 1 was forgotten",
        "Count positions, not gaps: + 1.",
        QUIZ,
    ),
    Slip(
        "plus_one_inside",
        "shape",
        rule(N // S + 1, (N + 1) // S),
        "the 1 was added before dividing",
        "Add 1 after dividing and rounding.",
        "leyaa.ai on padding and stride",
        where=is_strided,
    ),
    Slip(
        "ceil_for_floor",
        "shape",
        rule(N // S, ceil_div(N, S)),
        "the quotient was rounded up",
        "A window that sticks out is dropped: round down.",
        "stats.SE 650777, 223630; netscope #25",
    ),
    Slip(
        "fraction_left",
        "shape",
        not_rounded,
        "the quotient was not rounded",
        "Sizes are whole numbers: round down.",
        "Scribd 916050017; stats.SE 650777",
        where=_is_rounded_down,
    ),
    Slip(
        "pad_once",
        "shape",
        rule(N + 2 * P, N + P),
        "the padding was counted on one side",
        "Padding is on both sides: 2p.",
        QUIZ,
    ),
    Slip(
        "padding_ignored",
        "shape",
        rule(N + 2 * P, N),
        "the padding was left out",
        "Add the padding on both sides: n + 2p.",
        QUIZ,
    ),
    Slip(
        "padded_size",
        "shape",
        Quantity(_padded_input),
        "the padded input was written down",
        "Padding is internal to the layer: the output is what the window makes of it.",
        where=has_window,
    ),
    Slip(
        "padded_channels",
        "shape",
        replace([K], K=K + PADDING),
        "the channels were padded",
        "Padding never touches the channels.",
        QUIZ,
        where=_is_padded,
    ),
    Slip(
        "stride_ignored",
        "shape",
        Argument("stride", (1,)),
        "the stride was ignored",
        "Divide by the stride.",
        QUIZ,
        where=_convolution_moves_on,
    ),
    Slip(
        "pool_stride_one",
        "shape",
        Argument("stride", (1,)),
        "the pooling was moved by one place at a time",
        "The stride of a pooling is the size of its window unless another is given.",
        "Keras' default, which courses share",
        where=_pool_moves_on,
    ),
    Slip(
        "same_for_valid",
        "shape",
        Argument("padding", "same"),
        "the size was kept, as with same padding",
        "Valid means no padding: n − f + 1 positions for stride 1.",
        "quiz item on same padding",
        where=_is_valid,
    ),
    Slip(
        "valid_for_same",
        "shape",
        Argument("padding", "valid"),
        "the size was reduced, as with valid padding",
        "Same padding keeps the size for stride 1: ⌈n/s⌉.",
        "quiz item on same padding",
        where=_is_same,
    ),
    Slip(
        "same_ignores_stride",
        "shape",
        rule(ceil_div(N, S), N),
        "same padding was taken to keep the size in spite of the stride",
        "Same padding gives ⌈n/s⌉, whatever the window.",
        "go2live; kegui.medium",
        where=is_strided,
    ),
    Slip(
        "dilation_ignored",
        "shape",
        Argument("dilation", (1,)),
        "the dilation was ignored",
        "A dilated window is d·(f − 1) + 1 wide.",
        "discuss.pytorch.org 66834, 14338",
        where=_has_holes,
    ),
)
