"""How a training goes, on standard error: a bar on a terminal, a line per epoch elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, Self

Row = Mapping[str, float]


def describe(row: Row, epochs: int, *, best: bool = False) -> str:
    """Return a line about an epoch: its number, loss, metrics, and how long it took."""
    width = len(str(epochs))
    shown = [f"{name.replace('_', ' ')} {value:.4f}" for name, value in row.items() if name not in HIDDEN]
    mark = "  *" if best else ""
    return f"epoch {int(row['epoch']):>{width}}/{epochs}  {'  '.join(shown)}  {row['seconds']:.1f} s{mark}"


HIDDEN = ("epoch", "seconds", "learning_rate")


class Lines:
    """One line per epoch."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is left to be done."""

    def begin(self, epoch: int, epochs: int, steps: int) -> None:
        """Say nothing: the line comes at the end of the epoch."""

    def step(self, done: int, loss: float) -> None:
        """Say nothing."""

    def end(self, row: Row, epochs: int, *, best: bool) -> None:
        """Write the line of an epoch; a star marks the best so far where there are validation data."""
        self.note(describe(row, epochs, best=best and "val_loss" in row))

    def note(self, text: str) -> None:
        """Write a line."""
        if sys.stderr is not None:
            sys.stderr.write(text + "\n")
            sys.stderr.flush()


class Bar(Lines):
    """A bar for the epoch that runs, above it the lines of those before."""

    def __init__(self) -> None:
        """Start nothing yet."""
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[loss]}"),
            TimeRemainingColumn(),
        )
        self._progress = Progress(*columns, console=Console(stderr=True), transient=True)
        self._task: Any = None

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def begin(self, epoch: int, epochs: int, steps: int) -> None:
        """Start the bar of an epoch."""
        if self._task is not None:
            self._progress.remove_task(self._task)
        text = f"epoch {epoch:>{len(str(epochs))}}/{epochs}"
        self._task = self._progress.add_task(text, total=steps, loss="")

    def step(self, done: int, loss: float) -> None:
        """Move the bar."""
        self._progress.update(self._task, completed=done, loss=f"loss {loss:.4f}")

    def note(self, text: str) -> None:
        """Write a line above the bar."""
        self._progress.console.print(text, markup=False, highlight=False, soft_wrap=True)
