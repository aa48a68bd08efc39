"""From a graph and data to a trained model: data sets, run folders, fitting, evaluation and prediction."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cnnspec.ir.graph import Graph
    from cnnspec.training.fitting.epochs import Watcher
    from cnnspec.training.fitting.trainer import Outcome
    from cnnspec.training.runs.run import Run

__all__ = ["open_run", "train"]


def train(graph: Graph, *, run_dir: str | Path = "runs", watcher: Watcher | None = None, **settings: Any) -> Outcome:
    """Train a network in a new run folder; settings win over the `train` section of its spec.

    Settings have the names and the forms of `cnnspec.training.settings.Settings`, and `data` is needed.
    `watcher` is told how it goes. Raises CnnspecError with everything that is known to go wrong before TensorFlow
    starts, and where training has to stop.
    """
    from cnnspec.training.fitting import trainer
    from cnnspec.training.fitting.epochs import Unwatched
    from cnnspec.training.plan import make_plan
    from cnnspec.training.runs import run as runs
    from cnnspec.training.settings import merge

    plan = make_plan(graph, merge(graph.train, settings))
    with runs.begun(Path(run_dir), plan.graph, plan.settings, plan.dataset) as run:
        return trainer.train(plan, run, watcher or Unwatched())


def open_run(run: str | Path) -> Run:
    """Return a run by its folder, by `NAME/N` below `runs`, or by NAME for its newest run."""
    from cnnspec.training.runs.opening import open_run as open_it

    return open_it(run)
