"""What is known of runs, from their folders: every value is input, and no framework is needed."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from cnnspec.analysis.measure import measure
from cnnspec.errors import CnnspecError, Diagnostic, shorten
from cnnspec.language.train.metrics import LOSS
from cnnspec.language.train.targets import ACCURACY
from cnnspec.training.overview.scores import SCORES
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
    """A run: its network, all that was set, and what came of it; the test is None until it is done.

    `sort` is the sort of its targets, whose scores `scores` are by their keys.
    """

    folder: str
    network: str
    text: str
    settings: Mapping[str, Any]
    status: str
    epoch: int
    best_epoch: int
    history: Sequence[Row]
    sort: str
    scores: Mapping[str, float | None]
    loss: float | None
    params: int
    macs: int

    @property
    def is_tested(self) -> bool:
        """Whether the test at the end of the training is there."""
        return self.loss is not None or any(value is not None for value in self.scores.values())

    @property
    def accuracy(self) -> float | None:
        """The accuracy of the test, where there is one."""
        return self.scores.get(ACCURACY)

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
    test = _test(run) if state.status != RUNNING else {}
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
        run.settings.sort,
        {quantity.key: test.get(quantity.key) for quantity in SCORES[run.settings.sort]},
        test.get(LOSS),
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


def _test(run: Run) -> Mapping[str, float | None]:
    """Return the loss and the scores of the test at the end, nothing where it was not done."""
    path = run.folder / "summary.json"
    if not os.path.lexists(path):
        return {}
    try:
        test = read_json(path)["test"]
        found = {name: test[name] for name in (ACCURACY, LOSS)}
        found |= {quantity.key: test.get(quantity.key) for quantity in SCORES[run.settings.sort]}
        demand(all(value is None or is_number(value) for value in found.values()), "its test has no numbers")
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise unreadable(path, shorten(error, 80)) from None
    return found
