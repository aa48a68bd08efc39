"""Epoch after epoch: fit, measure, write a checkpoint; what is on the disk is always a whole epoch."""

from __future__ import annotations

import csv
import io
import math
import time
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from cnnspec.drawing import curves
from cnnspec.errors import CnnspecError
from cnnspec.ir.graph import Graph
from cnnspec.json_lines import indented
from cnnspec.training.fitting.batches import Feed
from cnnspec.training.fitting.interruption import Interruption
from cnnspec.training.fitting.learners import Learner
from cnnspec.training.fitting.tensorboard import write_row
from cnnspec.training.fitting.together import ordinary
from cnnspec.training.runs import checkpoint
from cnnspec.training.runs.run import Run
from cnnspec.training.runs.state import FINISHED, STOPPED, Row, State
from cnnspec.training.settings import Settings

if TYPE_CHECKING:
    import keras


class Watcher(Protocol):
    """Who is told how a training goes."""

    def begin(self, epoch: int, epochs: int, steps: int) -> None:
        """An epoch begins."""

    def step(self, done: int, loss: float) -> None:
        """So many steps of the epoch are done; the loss is their mean."""

    def end(self, row: Row, epochs: int, *, best: bool) -> None:
        """An epoch is done and on the disk."""

    def note(self, text: str) -> None:
        """Something else is worth knowing."""


class Unwatched:
    """A watcher that nobody looks at."""

    def begin(self, epoch: int, epochs: int, steps: int) -> None:
        """Say nothing."""

    def step(self, done: int, loss: float) -> None:
        """Say nothing."""

    def end(self, row: Row, epochs: int, *, best: bool) -> None:
        """Say nothing."""

    def note(self, text: str) -> None:
        """Say nothing."""


class Session(NamedTuple):
    """What one training works with: the learner trains the model, or one with the same weights that is faster.

    A worker that follows another has no run: it writes nothing.
    """

    graph: Graph
    settings: Settings
    run: Run | None
    model: keras.Model
    learner: Learner
    training: Feed
    validation: Feed | None
    watcher: Watcher
    interruption: Interruption
    board: Any = None


def fit(session: Session, state: State) -> State:
    """Train from a state to the end, or until it is interrupted; return the state of the last whole epoch.

    Raises CnnspecError where the loss is no number any more; the checkpoints before stay.
    """
    settings, interruption = session.settings, session.interruption
    interruption.settle()
    while state.epoch < settings.epochs and not interruption.asked:
        if settings.patience and state.waited >= settings.patience:
            return _closed(session, state.ended(STOPPED))
        row = _epoch(session, state.epoch)
        if row is None:
            return state
        state = state.advance(row, settings.watched, checkpoint.seeds_of(session.model))
        save(session, state)
        session.watcher.end(row, settings.epochs, best=state.best_epoch == state.epoch)
        interruption.settle()
    return _closed(session, state.ended(FINISHED)) if state.epoch >= settings.epochs else state


def save(session: Session, state: State) -> None:
    """Write what a state is: first the checkpoint, which decides what is resumed, then all that can be made from it."""
    run = session.run
    if run is None:
        return
    with ordinary(session.model):
        checkpoint.save(session.model, state, run.last)
    if state.best_epoch == state.epoch:
        checkpoint.link(run.last, run.best)
    record(run, state)
    if session.board:
        write_row(run.folder, session.board, state.history[-1])


def record(run: Run, state: State) -> None:
    """Write the files that show a state to a reader."""
    run.write("state.json", indented(state.as_json(), indent=2))
    run.write("history.csv", history_csv(state))
    if state.history:
        best = state.best_epoch if run.settings.watched else None
        run.write("curves.svg", curves.render(state.history, title=f"Learning curves of {run.graph.name}", best=best))


def history_csv(state: State) -> str:
    """Return the history as CSV, a line per epoch."""
    text = io.StringIO()
    if state.history:
        writer = csv.DictWriter(text, list(state.history[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(state.history)
    return text.getvalue()


def _closed(session: Session, state: State) -> State:
    if session.run:
        record(session.run, state)
    return state


def _epoch(session: Session, epoch: int) -> dict[str, float] | None:
    """Train for one epoch; return its row, None where it was given up."""
    start = time.perf_counter()
    batches = session.training.epoch(epoch)
    session.watcher.begin(epoch + 1, session.settings.epochs, len(batches))

    def look(done: int, loss: float) -> bool:
        session.watcher.step(done, loss)
        if not math.isfinite(loss):
            raise _diverged(epoch, done)
        return session.interruption.urged

    logs = session.learner.learn(batches, epoch, look)
    if session.interruption.urged:
        return None
    row = {"epoch": epoch + 1, "loss": math.nan, **logs}
    if session.validation:
        measured = session.learner.measure(session.validation.in_order())
        row |= {"val_loss": math.nan, **{f"val_{name}": value for name, value in measured.items()}}
    _demand_numbers(row, epoch)
    row["learning_rate"] = _learning_rate(session.model)
    row["seconds"] = round(time.perf_counter() - start, 3)
    return row


def _learning_rate(model: keras.Model) -> float:
    """Return the step size; on several devices it is a number on each of them."""
    import keras

    return float(keras.ops.convert_to_numpy(model.optimizer.learning_rate))


def _demand_numbers(row: Row, epoch: int) -> None:
    if not all(math.isfinite(value) for value in row.values()):
        raise _diverged(epoch, None)


def _diverged(epoch: int, step: int | None) -> CnnspecError:
    where = f"epoch {epoch + 1}" + (f", at step {step:,} or shortly before" if step else ", on the validation data")
    kept = f"the checkpoint of epoch {epoch} is kept" if epoch else "no epoch was finished, so there is no checkpoint"
    return CnnspecError.one(
        "E506",
        "the loss is not a number any more: the training has diverged",
        notes=(where, kept),
        help="train again with a smaller `--learning-rate`",
    )
