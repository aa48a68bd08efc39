"""The symbols that the formulas of several kinds share, each with its meaning."""

from __future__ import annotations

from typing import Final

from cnnspec.formula import Term, symbol


def input_size(n: int) -> Term:
    """The size of the input along an axis."""
    return symbol("n", n, "input size")


WINDOW: Final = ("f", "window")


def window_size(f: int) -> Term:
    """The size of a window along an axis."""
    name, meaning = WINDOW
    return symbol(name, f, meaning)


def dilated_window(f: int) -> Term:
    """How many elements a dilated window spans along an axis."""
    return symbol("f_d", f, "window with its dilation")


def stride(s: int) -> Term:
    """The step of a window, or the factor of an enlargement."""
    return symbol("s", s, "stride")


def paddings(before: int, after: int) -> tuple[Term, ...]:
    """The rows before and after: 2p where they are equally many."""
    if before == after:
        return (2 * symbol("p", before, "padding per side"),)
    return symbol("p_1", before, "padding before"), symbol("p_2", after, "padding after")


def multiplied(channels: Term, multiplier: int) -> Term:
    """The outputs of filters of one channel each: C·M, or C where there is one for each channel."""
    return channels * symbol("M", multiplier, "channel multiplier") if multiplier > 1 else channels
