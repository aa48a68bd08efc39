"""What a reader is shown of each group of runs."""

from __future__ import annotations

from math import floor, log10
from typing import Any, Final

from cnnspec.analysis.quantities import MACS
from cnnspec.training.overview.groups import Group, Mean, Overview
from cnnspec.training.results.numbers import UNKNOWN
from cnnspec.training.results.targets.measures import Quantity

COSTS: Final = ("# Params", MACS.title)
FOLDER: Final = "Folder"


def results(overview: Overview) -> list[str]:
    """Return the titles of what came of runs, which are columns of numbers."""
    scores = (quantity.title for quantity in overview.scores)
    return ["Runs", "Best epoch", *scores, "Loss", *COSTS, "Seconds"]


def titles(overview: Overview) -> list[str]:
    """Return the titles of the columns: settings that differ, then what came of them."""
    return [*overview.differing, *results(overview), FOLDER]


def cells(overview: Overview, group: Group) -> list[str]:
    """Return the cells of a group."""
    first, last = group.best_epochs
    return [
        *(show_value(group.settings[name]) for name in overview.differing),
        _count(group),
        (str(first) if first == last else f"{first}–{last}") if last else UNKNOWN,
        *(show_score(quantity, group.score(quantity.key)) for quantity in overview.scores),
        show_mean(group.loss, 4),
        f"{group.runs[0].params:,}",
        f"{group.runs[0].macs:,}",
        f"{group.seconds:,.1f}",
        _folders(group),
    ]


def show_value(value: Any) -> str:
    """Return a setting as the command line writes it.

    >>> show_value(0.001), show_value(None), show_value(["crop", "flip"]), show_value(True)
    ('0.001', '–', 'crop,flip', 'on')
    """
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list | tuple):
        return ",".join(map(str, value)) or "none"
    return UNKNOWN if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def show_score(quantity: Quantity, mean: Mean | None) -> str:
    """Return a mean with its deviation: a share with four decimals, of all else four significant digits.

    >>> error = Quantity("mean_absolute_error", "MAE")
    >>> show_score(error, Mean(0.00123456, 0.0001, 3)), show_score(error, Mean(123.456, None, 1))
    ('0.001235 ± 0.000100', '123.5')
    """
    if mean is None or quantity.is_share or not mean.mean:
        return show_mean(mean, 4)
    return show_mean(mean, min(max(3 - floor(log10(abs(mean.mean))), 0), 12))


def show_mean(mean: Mean | None, decimals: int) -> str:
    """Return a mean with its deviation.

    >>> show_mean(Mean(0.98, 0.002, 3), 4), show_mean(Mean(0.98, None, 1), 4)
    ('0.9800 ± 0.0020', '0.9800')
    """
    if mean is None:
        return UNKNOWN
    spread = "" if mean.deviation is None else f" ± {mean.deviation:.{decimals}f}"
    return f"{mean.mean:.{decimals}f}{spread}"


def _count(group: Group) -> str:
    """Return how many runs there are, and how many of them have ended where these are not all."""
    return str(len(group.runs)) if group.finished == len(group.runs) else f"{group.finished} of {len(group.runs)}"


def _folders(group: Group) -> str:
    more = len(group.runs) - 1
    return group.runs[0].folder + (f" and {more} more" if more else "")


def footer(overview: Overview) -> str:
    """Return what the signs mean, where they are used."""
    several = any(len(group.runs) > 1 for group in overview.groups)
    left = sum(len(group.runs) - group.finished for group in overview.groups)
    facts = ["± is the standard deviation over seeds (n − 1)."] if several else []
    facts += [f"{left} not finished: they have no test yet."] if left else []
    return " ".join(facts)
