"""Runs that differ in their seed alone are one line; means and deviations are over them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any, Final, NamedTuple

from cnnspec.errors import CnnspecError, listing, suggest
from cnnspec.language.train.metrics import METRICS
from cnnspec.training.overview.reading import Facts
from cnnspec.training.overview.scores import scores_of, worth
from cnnspec.training.results.targets.measures import Quantity

SEED: Final = "seed"


class Mean(NamedTuple):
    """The mean of some values, and their standard deviation with n − 1, None of fewer than two."""

    mean: float
    deviation: float | None
    number: int


@dataclass(frozen=True, slots=True)
class Group:
    """Runs with the same network and settings but for the seed; `settings` are those that differ between groups."""

    settings: Mapping[str, Any]
    runs: Sequence[Facts]

    def score(self, key: str) -> Mean | None:
        """Return a score on the test images."""
        return mean_of(run.scores.get(key) for run in self.runs)

    @property
    def loss(self) -> Mean | None:
        """The loss on the test images."""
        return mean_of(run.loss for run in self.runs)

    @property
    def seconds(self) -> float:
        """The seconds of all epochs of a run, as a mean."""
        return fmean(run.seconds for run in self.runs)

    @property
    def best_epochs(self) -> tuple[int, int]:
        """The least and the greatest of the best epochs."""
        epochs = [run.best_epoch for run in self.runs]
        return min(epochs), max(epochs)

    @property
    def finished(self) -> int:
        """How many runs have ended by themselves, and were tested."""
        return sum(run.is_tested for run in self.runs)


class Overview(NamedTuple):
    """Groups in their order, the names of the settings that differ between them, and the scores that they have."""

    differing: tuple[str, ...]
    groups: Sequence[Group]
    scores: Sequence[Quantity]


def mean_of(values: Iterable[float | None]) -> Mean | None:
    """Return the mean and the deviation of the values that there are.

    >>> mean_of([0.5, None, 0.7])
    Mean(mean=0.6, deviation=0.14142135623730948, number=2)
    """
    known = [value for value in values if value is not None]
    if not known:
        return None
    return Mean(fmean(known), stdev(known) if len(known) > 1 else None, len(known))


ORDERS: Final[Mapping[str, Callable[[Group], Any]]] = {
    "loss": lambda group: group.loss.mean if group.loss else None,
    "best_epoch": lambda group: group.best_epochs,
    "params": lambda group: group.runs[0].params,
    "macs": lambda group: group.runs[0].macs,
    "seconds": lambda group: group.seconds,
    "folder": lambda _: 0,
}
"""What lines can be sorted by besides scores and settings; the least value comes first."""


def overview(runs: Sequence[Facts], *, each: bool = False, sort: str | None = None) -> Overview:
    """Return runs as groups; with `each`, every run is its own.

    The best score comes first, unless another order is told. Raises CnnspecError for an unknown order.
    """
    parts: dict[Any, list[Facts]] = {}
    for run in runs:
        key = (run.network, run.text, repr([pair for pair in run.settings.items() if pair[0] != SEED]))
        parts.setdefault((key, run.folder) if each else key, []).append(run)
    names = list(dict.fromkeys(name for run in runs for name in run.settings if name != SEED or each))
    differing = tuple(name for name in names if len({repr(run.settings.get(name)) for run in runs}) > 1)
    if len({run.network for run in runs}) > 1:
        differing = ("network", *differing)
    groups = [Group({name: _value(part[0], name) for name in differing}, part) for part in parts.values()]
    scores = scores_of(run.sort for run in runs)
    return Overview(differing, sorted(groups, key=_order(sort or scores[0].key, differing, scores)), scores)


def _value(run: Facts, name: str) -> Any:
    return run.network if name == "network" else run.settings.get(name)


def _order(name: str, differing: Sequence[str], scores: Sequence[Quantity]) -> Callable[[Group], Any]:
    """Return what groups are sorted by; what is not known comes last."""
    word = name.replace("-", "_")
    word = next((metric for metric, told in METRICS.items() if word.lower() in told.aliases), word)
    score = next((one for one in scores if word.lower() in (one.key, one.title.lower())), None)
    if word not in ORDERS and word not in differing and score is None:
        known = [*(quantity.key for quantity in scores), *ORDERS, *differing]
        message = f"there is no column `{name}` to sort by"
        raise CnnspecError.one("E701", message, notes=(f"columns are {listing(known)}",), help=suggest(word, known))

    def key(group: Group) -> Any:
        if score is not None:
            found = group.score(score.key)
            return (found is None, worth(score, found.mean) if found else 0)
        value = ORDERS[word](group) if word in ORDERS else _comparable(group.settings[word])
        return (value is None, 0 if value is None else value)

    return key


def _comparable(value: Any) -> tuple[bool, float, str]:
    try:
        return (False, float(value), "")
    except (TypeError, ValueError):
        return (True, 0.0, str(value))
