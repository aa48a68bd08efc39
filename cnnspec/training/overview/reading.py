"""What is known of runs, from their folders: every value is input, and no framework is needed."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from cnnspec.analysis.measure import measure
from cnnspec.errors import CnnspecError, Diagnostic, shorten
from cnnspec.training.runs.folders import ROOT, folder_of, is_run
from cnnspec.training.runs.opening import open_run
from cnnspec.training.runs.run import Run
from cnnspec.training.runs.state import RUNNING, Row, State, from_json
from cnnspec.training.runs.untrusted import demand, is_number, read_json, unreadable
from cnnspec.training.settings import BESIDE

DEEPEST: Final = 8
"""How many folders runs may lie below the one that is named."""
MOST: Final = 10_000


@dataclass(frozen=True, slots=True)
class Facts:
    """A run: its network, all that was set, and what came of it; the test is None until it is done."""

    folder: str
    network: str
    text: str
    settings: Mapping[str, Any]
    status: str
    epoch: int
    best_epoch: int
    history: Sequence[Row]
    accuracy: float | None
    loss: float | None
    params: int
    macs: int

    @property
    def is_tested(self) -> bool:
        """Whether the test at the end of the training is there."""
        return self.accuracy is not None or self.loss is not None

    @property
    def seconds(self) -> float:
        """The seconds of all epochs."""
        return sum(row.get("seconds", 0.0) for row in self.history)


class Found(NamedTuple):
    """The runs that could be read, and what kept others from being read."""

    runs: list[Facts]
    faults: list[Diagnostic]


def folders(words: Sequence[str], root: Path = Path(ROOT)) -> list[Path]:
    """Return the folders of all runs that words name: a run, or a folder in which, or below which, runs lie.

    Raises CnnspecError for all words that name none.
    """
    found: list[Path] = []
    faults: list[Diagnostic] = []
    for word in words or [str(root)]:
        places = (Path(word), root / word, folder_of(root, word))
        runs = next((runs for place in places if (runs := _below(place))), [])
        if not runs:
            step = "`cnnspec train` makes one" if not words else "name a run, or a folder of runs"
            faults.append(Diagnostic("E521", f"there is no run in `{shorten(word, 80)}`", help=step))
        found += runs
    if faults:
        raise CnnspecError(faults)
    return list(dict.fromkeys(found))


def _below(place: Path) -> list[Path]:
    """Return the runs in a folder, in the order of their numbers; links are not followed."""
    if is_run(place):
        return [place]
    found = []
    for name, inner, _ in os.walk(place):
        folder = Path(name)
        inner.sort(key=lambda word: (len(word), word) if word.isdecimal() else (0, word))
        if is_run(folder):
            found.append(folder)
        if (found and folder == found[-1]) or len(folder.relative_to(place).parts) >= DEEPEST:
            inner.clear()
        if len(found) >= MOST:
            break
    return found


def read_all(paths: Sequence[Path]) -> Found:
    """Return what is known of runs; one that cannot be read is a fault beside the others."""
    runs: list[Facts] = []
    faults: list[Diagnostic] = []
    numbers: dict[Any, tuple[int, int]] = {}
    for path in paths:
        try:
            runs.append(_facts(open_run(path), numbers))
        except CnnspecError as error:
            faults += error.diagnostics
    return Found(runs, faults)


def _facts(run: Run, numbers: dict[Any, tuple[int, int]]) -> Facts:
    state = _state(run)
    accuracy, loss = _test(run) if state.status != RUNNING else (None, None)
    given = run.graph.overrides
    text = repr((run.graph.source.text, sorted((other.name, other.text) for other in run.graph.others)))
    key = (text, repr(given))
    if key not in numbers:
        totals = measure(run.graph).totals
        numbers[key] = (totals.params, totals.macs)
    settings = {name: value for name, value in run.settings.as_json().items() if name not in BESIDE}
    own = {f"input {name}".strip(): _size(shape) for name, shape in given.inputs.items()} | dict(given.params)
    return Facts(
        str(run.folder),
        run.graph.name,
        text,
        own | settings,
        state.status,
        state.epoch,
        state.best_epoch,
        state.history,
        accuracy,
        loss,
        *numbers[key],
    )


def _size(shape: Any) -> str:
    return shape if isinstance(shape, str) else "x".join(map(str, shape))


def _state(run: Run) -> State:
    """Return how far a run has come; without a whole epoch, it has just begun."""
    path = run.folder / "state.json"
    if not os.path.lexists(path):
        return State()
    try:
        return from_json(read_json(path))
    except ValueError as error:
        raise unreadable(path, str(error)) from None


def _test(run: Run) -> tuple[float | None, float | None]:
    """Return the accuracy and the loss of the test at the end, None where it was not done."""
    path = run.folder / "summary.json"
    if not os.path.lexists(path):
        return None, None
    try:
        test = read_json(path)["test"]
        accuracy, loss = test["accuracy"], test["loss"]
        demand(all(value is None or is_number(value) for value in (accuracy, loss)), "its test has no numbers")
    except (LookupError, TypeError, ValueError) as error:
        raise unreadable(path, shorten(error, 80)) from None
    return accuracy, loss
