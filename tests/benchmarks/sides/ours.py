"""`cnnspec train`, with a clock from the beginning of an epoch until all of it is on the disk."""

from typing import Any

from cnnspec.cli.app import main
from cnnspec.cli.progress import Lines
from tests.benchmarks.sides.clock import Clock

CLOCK = Clock()


def begin(_self: Lines, _epoch: int, _epochs: int, _steps: int) -> None:
    """Wait for the word."""
    CLOCK.begin()


def step(_self: Lines, _done: int, _loss: float) -> None:
    """Take the time of the first execution, which may be several steps."""
    CLOCK.step()


def end(_self: Lines, _row: Any, _epochs: int, *, best: bool) -> None:  # noqa: ARG001 - as it is called
    """Tell the time."""
    CLOCK.end()


Lines.begin, Lines.step, Lines.end = begin, step, end  # type: ignore[method-assign]
main()
