"""Runs as JSON: raw numbers, null where one is not known, and every run of a group."""

from __future__ import annotations

from typing import Any, Final

from cnnspec.json_lines import VERSION, by_item
from cnnspec.language.train.targets import ACCURACY
from cnnspec.reports._format import TableFormat
from cnnspec.training.overview.groups import Group, Mean, Overview
from cnnspec.training.overview.reading import Facts

FORMAT: Final = TableFormat(suffix=".json", whole=True)


def render(overview: Overview) -> str:
    """Return a line for each group."""
    head = {"cnnspec": VERSION, "differing": list(overview.differing)}
    return by_item(head, "groups", map(_group, overview.groups))


def _group(group: Group) -> dict[str, Any]:
    first = group.runs[0]
    return {
        "network": first.network,
        "settings": {name: value for name, value in group.settings.items() if name != "network"},
        "accuracy": _mean(group.score(ACCURACY)),
        "scores": {
            key: _mean(group.score(key)) for key in dict.fromkeys(key for run in group.runs for key in run.scores)
        },
        "loss": _mean(group.loss),
        "params": first.params,
        "macs": first.macs,
        "seconds": round(group.seconds, 3),
        "runs": [_run(run) for run in group.runs],
    }


def _mean(mean: Mean | None) -> dict[str, Any] | None:
    return mean._asdict() if mean else None


def _run(run: Facts) -> dict[str, Any]:
    return {
        "folder": run.folder,
        "seed": run.settings.get("seed"),
        "status": run.status,
        "epochs": run.epoch,
        "best_epoch": run.best_epoch,
        "accuracy": run.accuracy,
        "scores": dict(run.scores),
        "loss": run.loss,
        "seconds": round(run.seconds, 3),
    }
