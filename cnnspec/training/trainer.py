"""A whole training: plan, run folder, epochs, and the test at the end."""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cnnspec.errors import CnnspecError, Diagnostic
from cnnspec.files import unwritable
from cnnspec.ir.graph import Graph
from cnnspec.training import checkpoint, runs
from cnnspec.training.compiling import compiled, prepare
from cnnspec.training.evaluation import Evaluation, draw_pictures, evaluate
from cnnspec.training.fitting import Course, Watcher, fit, record
from cnnspec.training.interruption import Interruption
from cnnspec.training.pipeline import Feed
from cnnspec.training.plan import Plan
from cnnspec.training.runs import Run
from cnnspec.training.settings import SEMANTIC, Settings
from cnnspec.training.state import RUNNING, State
from cnnspec.training.tensorboard import open_board

if TYPE_CHECKING:
    import keras


class Outcome(NamedTuple):
    """How a training ended; `test` is of the best checkpoint, None where the training was interrupted."""

    run: Run
    state: State
    test: Evaluation | None


def train(plan: Plan, run: Run, watcher: Watcher, state: State | None = None) -> Outcome:
    """Train a plan in a run folder, from the beginning or from a state, and test the best checkpoint."""
    started = time.time()
    with _locked(run.folder), Interruption(watcher.note) as interruption:
        course = _course(plan, run, watcher, interruption)
        state = _restored(course, state) if state else State()
        run.write("environment.json", json.dumps(_environment(), indent=2) + "\n")
        state = fit(course, state)
        if state.status == RUNNING:
            return Outcome(run, state, None)
        if state.best_epoch != state.epoch:
            checkpoint.restore(course.model, plan.graph, run.best)
        test = evaluate(run, plan.dataset, model=course.model)
        for name, picture in draw_pictures(test).items():
            run.write(name, picture)
        run.write("summary.json", json.dumps(_summary(plan, state, test, started), indent=2) + "\n")
        return Outcome(run, state, test)


def _course(plan: Plan, run: Run, watcher: Watcher, interruption: Interruption) -> Course:
    settings = run.settings
    units = plan.graph[plan.graph.outputs[0]].shape[-1]
    with prepare(plan.graph, settings, len(plan.training)):
        model, fitted = compiled(plan.summary, settings, len(plan.training))
    _agree(plan, model)
    training = Feed(plan.training, settings, units)
    validation = Feed(plan.validation, settings, units) if plan.validation else None
    board = open_board(run.folder) if settings.tensorboard else None
    return Course(run, model, fitted, training, validation, watcher, interruption, board)


def _agree(plan: Plan, model: keras.Model) -> None:
    """Raise CnnspecError unless Keras counts as many parameters as we do."""
    ours, theirs = plan.summary.totals.params, model.count_params()
    if ours != theirs:
        message = f"Keras counts {theirs:,} parameters, the analysis {ours:,}"
        raise CnnspecError([Diagnostic(code="E508", message=message, help="`cnnspec verify` shows where")])


def _restored(course: Course, state: State) -> State:
    """Put the model where a state was, and mend what a sudden end left between two files."""
    run = course.run
    checkpoint.restore(course.model, run.graph, run.last)
    checkpoint.set_seeds(course.model, state.seeds)
    if state.best_epoch == state.epoch:
        checkpoint.link(run.last, run.best)
    for leftover in run.folder.glob(".*.keras"):
        leftover.unlink()
    record(run, state)
    return state


def _summary(plan: Plan, state: State, test: Evaluation, started: float) -> dict[str, Any]:
    return {
        "cnnspec": 1,
        "name": plan.graph.name,
        "status": state.status,
        "epochs": state.epoch,
        "best_epoch": state.best_epoch,
        "params": plan.summary.totals.params,
        "data": plan.dataset.name,
        "training": len(plan.training),
        "validation": len(plan.validation) if plan.validation else 0,
        "last": dict(state.history[-1]) if state.history else {},
        "test": {
            "images": test.scores.samples,
            "loss": test.scores.loss,
            "accuracy": test.scores.accuracy,
            "top_5_accuracy": test.scores.top_5_accuracy,
        },
        "seconds": {
            "epochs": round(sum(row["seconds"] for row in state.history), 3),
            "total": round(time.time() - started, 3),
        },
    }


def _environment() -> dict[str, Any]:
    import keras
    import numpy as np
    import tensorflow as tf

    from cnnspec import __version__

    return {
        "cnnspec": __version__,
        "python": platform.python_version(),
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "numpy": np.__version__,
        "platform": platform.platform(),
        "cpus": os.cpu_count(),
        "devices": [device.name for device in tf.config.get_visible_devices()],
        "command": [Path(sys.argv[0]).name, *sys.argv[1:]],
    }


def resumable(run: Run, graph: Graph | None, options: Mapping[str, Any]) -> tuple[Run, State | None]:
    """Return a run and the state from which it goes on, None where no epoch was finished.

    `graph` is the spec as it is now; `options` are the settings that the user gives. Only `epochs` may differ from the
    run's, and only where the learning rate does not depend on it. Raises CnnspecError where the run cannot go on.
    """
    if graph is not None and not _same(graph, run.graph):
        note = f"the run was made from the spec in `{run.folder / runs.SPEC}`"
        step = "leave out `--resume` to train the changed spec in a new run"
        message = f"the spec has changed since `{run.folder}` was begun"
        raise CnnspecError([Diagnostic(code="E522", message=message, notes=(note,), help=step)])
    settings = _extended(run, options)
    state = checkpoint.read_state(run.last) if run.last.exists() else None
    if state and state.epoch >= settings.epochs:
        message = f"`{run.folder}` has finished its {state.epoch} epochs"
        step = f"`--epochs {2 * state.epoch}` goes on" if settings.schedule == "constant" else ""
        raise CnnspecError([Diagnostic(code="E524", message=message, help=step)])
    return (runs.rewrite(run, settings) if settings != run.settings else run), state


def _same(one: Graph, other: Graph) -> bool:
    """Tell whether two graphs are the same network; comments and layout of the text do not matter."""
    plain = [[node._replace(offset=0, note="") for node in graph] for graph in (one, other)]
    return (one.name, one.inputs, one.outputs, plain[0]) == (other.name, other.inputs, other.outputs, plain[1])


def _extended(run: Run, options: Mapping[str, Any]) -> Settings:
    given = {name: value for name, value in options.items() if value is not None}
    mine = run.settings
    changed = [
        name for name, value in given.items() if name in SEMANTIC and name != "epochs" and getattr(mine, name) != value
    ]
    if "epochs" in given and given["epochs"] != mine.epochs and mine.schedule != "constant":
        changed.append("epochs")
    if changed:
        notes = [f"`{name}` was {getattr(mine, name)}, and now {given[name]}" for name in changed]
        message = f"`{run.folder}` was begun with other settings"
        step = "leave out these options, or `--resume` to begin a new run"
        raise CnnspecError([Diagnostic(code="E522", message=message, notes=tuple(notes), help=step)])
    return mine.changed(**{name: value for name, value in given.items() if name in ("epochs", "data_dir", "offline")})


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep other processes out of a run folder; the system gives it free when this process ends, however it ends."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    try:
        file = (folder / ".lock").open("w")
    except OSError as error:
        raise CnnspecError([unwritable(folder / ".lock", error)]) from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CnnspecError(
                [Diagnostic(code="E525", message=f"another process is training in `{folder}`")]
            ) from None
        yield
