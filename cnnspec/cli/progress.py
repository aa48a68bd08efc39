"""How a training goes, on standard error: a bar on a terminal, or curves that grow, a line per epoch elsewhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final, Self

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
        self._console = Console(stderr=True)
        self._progress = Progress(*columns, console=self._console, transient=True)
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
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)


STYLES: Final = {"training": "blue", "validation": "yellow"}
"""The colours of curves: those of the terminal, which its user can tell from the ground."""


class Curves(Bar):
    """The learning curves, redrawn after every epoch, above the bar; they stay when the training ends."""

    def __init__(self, history: Sequence[Row] = ()) -> None:
        """Begin with the epochs that were trained before."""
        super().__init__()
        from rich.live import Live

        self._history = [*history]
        self._line = ""
        self._known: tuple[tuple[int, ...], list[Any]] = ((), [])
        self._live = Live(console=self._console, get_renderable=self._drawn, refresh_per_second=4)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._task is not None:
            self._progress.remove_task(self._task)
            self._task = None
        self._live.stop()

    def end(self, row: Row, epochs: int, *, best: bool) -> None:
        """Draw the curves with the epoch."""
        self._history.append(row)
        self._line = describe(row, epochs, best=best and "val_loss" in row)

    def _drawn(self) -> Any:
        """Return the curves as they are now, the line of the last epoch, and the bar."""
        from rich.console import Group
        from rich.text import Text

        line = [Text(self._line)] if self._line else []
        return Group(*self._lines(), *line, *([self._progress] if self._task is not None else []))

    def _lines(self) -> list[Any]:
        """Return the lines of the curves, which are drawn anew for an epoch or another size of the terminal only."""
        from rich.text import Text

        from cnnspec.drawing.text_curves import render

        size = self._console.size
        state = (len(self._history), *size)
        if self._known[0] != state:
            lines = render(self._history, size.width - 1, size.height - BELOW) if self._history else []
            styled = ([(span.text, STYLES.get(span.curve, "")) for span in line] for line in lines)
            self._known = state, [Text.assemble(*parts, no_wrap=True) for parts in styled]
        return self._known[1]


BELOW: Final = 5
"""The lines of a terminal that are not for curves: that of the last epoch, the bar, and what is typed on."""


def watcher(*, live: bool = False, history: Sequence[Row] = ()) -> Lines:
    """Return what shows a training: a bar or with `live` its curves on a terminal, a line per epoch elsewhere.

    Curves are drawn with characters of Unicode: where standard error has none, and on no terminal, that is said.
    """
    stream = sys.stderr
    terminal = stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"
    if live and terminal and (stream.encoding or "").lower().replace("-", "") == "utf8":
        return Curves(history)
    shown = Bar() if terminal else Lines()
    if live:
        shown.note("`--live` needs a terminal with Unicode: a line for each epoch instead")
    return shown
