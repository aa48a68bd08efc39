"""What is counted: operations as one of the conventions does, and parameters as Keras or PyTorch does."""

from __future__ import annotations

from typing import Final, NamedTuple

from cnnspec.errors import UsageError, listing, shorten, suggest

KERAS: Final = "keras"
TORCH: Final = "torch"
PARAMS: Final = {
    KERAS: "Parameters are all learned or stored numbers, as Keras counts them.",
    TORCH: "Parameters are those of PyTorch: what is stored, as a batch norm's moving mean and variance, is left out.",
}
"""What parameters are, by who counts them so."""


class Counting(NamedTuple):
    """A convention for operations, none for our own, and one for parameters."""

    convention: str = ""
    params: str = KERAS


OURS: Final = Counting()


def counting(convention: str, params: str) -> Counting:
    """Return how to count; raise UsageError for what nobody counts as."""
    if params not in PARAMS:
        note, step = f"ways to count parameters are {listing(PARAMS)}", suggest(str(params), PARAMS)
        raise UsageError.one("E703", f"unknown way to count parameters `{shorten(params)}`", notes=(note,), help=step)
    return Counting(convention, params)
