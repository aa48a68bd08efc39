"""Runs as comma-separated values: a line for each run, whatever group it is of."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Final

from cnnspec.reports._format import TableFormat
from cnnspec.reports.csv import harmless
from cnnspec.training.overview.formats._rows import show_value
from cnnspec.training.overview.groups import Overview

FORMAT: Final = TableFormat(suffix=".csv", whole=True)
BEFORE: Final = ("status", "epoch", "best_epoch", "accuracy", "loss")
BEHIND: Final = ("params", "macs")


def render(overview: Overview) -> str:
    """Return raw numbers below a header; what is not known is empty.

    The accuracy has its column whatever the runs tell, other scores have one behind the loss.
    """
    names = [name for name in overview.differing if name not in ("network", "seed")]
    output = StringIO()
    writer = csv.writer(output, lineterminator="\n")
    scores = [quantity.key for quantity in overview.scores if quantity.key not in BEFORE]
    writer.writerow(["folder", "network", *map(harmless, names), "seed", *BEFORE, *scores, *BEHIND, "seconds"])
    for group in overview.groups:
        for run in group.runs:
            values = (run.settings.get(name) for name in (*names, "seed"))
            settings = ["" if value is None else harmless(show_value(value)) for value in values]
            before, behind = ([getattr(run, key) for key in keys] for keys in (BEFORE, BEHIND))
            numbers = [*before, *(run.scores.get(key) for key in scores), *behind]
            writer.writerow([harmless(run.folder), harmless(run.network), *settings, *numbers, round(run.seconds, 3)])
    return output.getvalue()
