"""A whole training: plan, run folder, epochs, and the test at the end."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cnnspec.errors import CnnspecError
from cnnspec.files import unwritable
from cnnspec.json_lines import VERSION, indented
from cnnspec.keras import framework
from cnnspec.training.fitting.batches import Feed
from cnnspec.training.fitting.compiling import compiled, prepare, restore_precision
from cnnspec.training.fitting.epochs import Session, Watcher, fit, record
from cnnspec.training.fitting.interruption import Interruption
from cnnspec.training.fitting.tensorboard import open_board
from cnnspec.training.plan import Plan
from cnnspec.training.results.evaluation import Evaluation, draw_pictures, evaluate
from cnnspec.training.runs import checkpoint
from cnnspec.training.runs import run as runs
from cnnspec.training.runs.resuming import demand_unchanged
from cnnspec.training.runs.run import Run
from cnnspec.training.runs.state import RUNNING, State

if TYPE_CHECKING:
    import keras


class Outcome(NamedTuple):
    """How a training ended; `test` is of the best checkpoint, None where the training was interrupted."""

    run: Run
    state: State
    test: Evaluation | None


def train(plan: Plan, run: Run, watcher: Watcher, state: State | None = None) -> Outcome:
    """Train a plan in a run folder, from the beginning or from a state, and test the best checkpoint.

    Who goes on from a state has asked `resumable` and `demand_data` before.
    """
    started = time.time()
    framework()  # until it is there, Ctrl-C stops at once, as in any program
    with locked(run.folder):
        demand_unchanged(run, state)
        with Interruption(watcher.note) as interruption:
            session = _session(plan, run, watcher, interruption)
            state = _restored(session, state) if state else State()
            runs.update_settings(run)
            run.write("environment.json", indented(_environment(), indent=2))
            state = fit(session, state)
        if state.status == RUNNING:
            return Outcome(run, state, None)
        test = _test(plan, session, state)
        run.write("summary.json", indented(_summary(plan, state, test, started), indent=2))
        return Outcome(run, state, test)


def _session(plan: Plan, run: Run, watcher: Watcher, interruption: Interruption) -> Session:
    settings = run.settings
    units = plan.graph[plan.graph.outputs[0]].shape[-1]
    with prepare(plan.graph, settings, len(plan.training)):
        model, fitted = compiled(plan.summary, settings, len(plan.training))
    _agree(plan, model)
    training = Feed(plan.training, settings, units)
    validation = Feed(plan.validation, settings, units) if plan.validation else None
    board = open_board(run.folder) if settings.tensorboard else None
    return Session(run, model, fitted, training, validation, watcher, interruption, board)


def _agree(plan: Plan, model: keras.Model) -> None:
    """Raise CnnspecError unless Keras counts as many parameters as we do."""
    ours, theirs = plan.summary.totals.params, model.count_params()
    if ours != theirs:
        message = f"Keras counts {theirs:,} parameters, the analysis {ours:,}"
        raise CnnspecError.one("E508", message, help="`cnnspec verify` shows where")


def _restored(session: Session, state: State) -> State:
    """Put the model where a state was, and mend what a sudden end left between two files."""
    run = session.run
    checkpoint.restore(session.model, run.graph, run.last)
    checkpoint.set_seeds(session.model, state.seeds, run.last)
    if state.best_epoch == state.epoch:
        checkpoint.link(run.last, run.best)
    for leftover in run.folder.glob(".*.keras"):
        with suppress(OSError):
            leftover.unlink()
    record(run, state)
    return state


def _test(plan: Plan, session: Session, state: State) -> Evaluation:
    """Test the best weights in 32 bits, and draw what they take for what."""
    run, model = session.run, session.model
    if run.settings.mixed_precision:
        restore_precision()
        model = run.load_model()
    elif state.best_epoch != state.epoch:
        checkpoint.restore(model, plan.graph, run.best)
    test = evaluate(run, plan.dataset, model=model)
    for name, picture in draw_pictures(test).items():
        run.write(name, picture)
    return test


def _summary(plan: Plan, state: State, test: Evaluation, started: float) -> dict[str, Any]:
    return {
        "cnnspec": VERSION,
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
        "cnnspec": VERSION,
        "version": __version__,
        "python": platform.python_version(),
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "numpy": np.__version__,
        "platform": platform.platform(),
        "cpus": os.cpu_count(),
        "devices": [device.name for device in tf.config.get_visible_devices()],
        "command": [Path(sys.argv[0]).name, *sys.argv[1:]],
    }


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other processes out of a run folder; the system gives it free when this process ends, however it ends."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    path = folder / ".lock"
    try:
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o644), "rb")
    except OSError as error:
        raise unwritable(path, error) from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CnnspecError.one("E525", f"another process is training in `{folder}`") from None
        yield
