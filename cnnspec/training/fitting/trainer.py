"""A whole training: plan, run folder, epochs, and the test at the end."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cnnspec.errors import CnnspecError
from cnnspec.files import demand_clock, remove_leftovers, unwritable
from cnnspec.json_lines import VERSION, indented
from cnnspec.keras import framework
from cnnspec.language.train.targets import CLASS
from cnnspec.training.fitting.batches import Feed
from cnnspec.training.fitting.choosing import Choosing, Times, describe
from cnnspec.training.fitting.compiling import Compiled, compiled, prepare, restore_precision
from cnnspec.training.fitting.epochs import Session, Unwatched, Watcher, fit, record
from cnnspec.training.fitting.interruption import Interruption
from cnnspec.training.fitting.learners import Alone, Learner
from cnnspec.training.fitting.tensorboard import open_board
from cnnspec.training.fitting.threads import cores
from cnnspec.training.fitting.together import Together
from cnnspec.training.plan import Plan
from cnnspec.training.results.evaluation import Evaluation, draw_pictures, evaluate
from cnnspec.training.results.targets.measuring import Measured, measure
from cnnspec.training.results.targets.report import summary
from cnnspec.training.runs import checkpoint
from cnnspec.training.runs import run as runs
from cnnspec.training.runs.resuming import demand_unchanged
from cnnspec.training.runs.run import Run
from cnnspec.training.runs.state import RUNNING, State
from cnnspec.training.settings import Settings
from cnnspec.training.transfer.taking import initialize
from cnnspec.training.workers.crew import Crew
from cnnspec.training.workers.follower import Follower

if TYPE_CHECKING:
    import keras


class Outcome(NamedTuple):
    """How a training ended; `test` is of the best checkpoint, None where the training was interrupted.

    What tells no classes is `measured`, and has no test of classes.
    """

    run: Run
    state: State
    test: Evaluation | None
    measured: Measured | None = None

    @property
    def is_tested(self) -> bool:
        """Whether the training came to its end."""
        return self.test is not None or self.measured is not None


def train(plan: Plan, run: Run, watcher: Watcher, state: State | None = None, crew: Crew | None = None) -> Outcome:
    """Train a plan in a run folder, from the beginning or from a state, and test the best checkpoint.

    Who goes on from a state has asked `resumable` and `demand_data` before. The workers of a crew have met.
    """
    started = time.perf_counter()
    demand_clock(run.last)
    framework()  # until it is there, Ctrl-C stops at once, as in any program
    with locked(run.folder):
        demand_unchanged(run, state)
        with Interruption(watcher.note) as interruption, crew.stepping() if crew else nullcontext():
            session = _session(plan, run.settings, run, watcher, interruption, crew)
            if state:
                state = _restored(session, run, state)
            else:
                initialize(session.model, plan.graph, run.settings, watcher.note)
                state = State()
            _begin_together(session, crew)
            runs.update_settings(run)
            run.write("environment.json", indented(_environment(crew), indent=2))
            state = fit(session, state)
        if crew:
            crew.rest()
        if state.status == RUNNING:
            return Outcome(run, state, None)
        model = _best_model(plan, run, session.model, state, is_alone=crew is None)
        if plan.settings.sort != CLASS:
            measured = measure(run, plan.dataset, model=model)
            run.write("summary.json", indented(_summary(plan, state, summary(measured.scores), started), indent=2))
            return Outcome(run, state, None, measured)
        test = _test(plan, run, model)
        run.write("summary.json", indented(_summary(plan, state, _scores(test), started), indent=2))
        return Outcome(run, state, test)


def follow(plan: Plan, crew: Follower, state: State | None = None) -> State:
    """Train a plan with a chief, who keeps what comes of it, and return the state in which it ended."""
    framework()
    with Interruption(Unwatched().note) as interruption, crew.stepping():
        session = _session(plan, plan.settings, None, Unwatched(), interruption, crew)
        _begin_together(session, crew)
        state = fit(session, state or State())
    crew.wait_for_end()
    return state


def _session(
    plan: Plan, settings: Settings, run: Run | None, watcher: Watcher, interruption: Interruption, crew: Crew | None
) -> Session:
    units, samples = plan.graph[plan.graph.outputs[0]].shape[-1], len(plan.training)
    with prepare(settings, crew):
        made = compiled(plan.summary, settings, samples, alone=crew is None)
    model = made.model
    _agree(plan, model)
    share = crew.cluster.share if crew else None
    inputs = len(plan.graph.inputs)
    training = Feed(plan.training, settings, units, share, plan.class_weights, inputs)
    validation = Feed(plan.validation, settings, units, share, inputs=inputs) if plan.validation else None
    board = open_board(run.folder) if run and settings.tensorboard else None
    learner = Together(model, crew, interruption, made.steps) if crew else _learner(made, run, watcher)
    return Session(plan.graph, settings, run, model, learner, training, validation, watcher, interruption, board)


def _learner(made: Compiled, run: Run | None, watcher: Watcher) -> Learner:
    """Return what trains alone; what it measures is said, and kept in the run, which goes on in the same way."""
    if len(made.parts) == 1:
        return Alone(made.fitted)

    def chosen(parts: int, times: Times) -> None:
        if run:
            threads = f"{parts}x{cores()}"
            runs.update_settings(replace(run, settings=run.settings.changed(threads=threads)))
        watcher.note(describe(parts, times))

    return Choosing(made.fitted, made.parts, made.steps, chosen)


def _begin_together(session: Session, crew: Crew | None) -> None:
    """Let all workers begin where the chief does; what layers draw at random is other numbers in each."""
    if crew is None or not isinstance(session.learner, Together):
        return
    crew.folder = session.run.folder if session.run else None
    model, seeds = session.model, checkpoint.seed_variables(session.model)
    session.learner.follow_chief([*model.weights, *seeds, *model.optimizer.variables])
    for variable in seeds:
        first, *others = variable.numpy()
        variable.assign([(int(first) + crew.cluster.index) % (1 << 32), *map(int, others)])


def _agree(plan: Plan, model: keras.Model) -> None:
    """Raise CnnspecError unless Keras counts as many parameters as we do."""
    ours, theirs = plan.summary.totals.params, model.count_params()
    if ours != theirs:
        message = f"Keras counts {theirs:,} parameters, the analysis {ours:,}"
        raise CnnspecError.one("E508", message, help="`cnnspec verify` shows where")


def _restored(session: Session, run: Run, state: State) -> State:
    """Put the model where a state was, and mend what a sudden end left between two files."""
    checkpoint.restore(session.model, run.graph, run.last)
    checkpoint.set_seeds(session.model, state.seeds, run.last)
    if state.best_epoch == state.epoch:
        checkpoint.link(run.last, run.best)
    remove_leftovers(run.folder)
    record(run, state)
    return state


def _best_model(plan: Plan, run: Run, model: keras.Model, state: State, *, is_alone: bool) -> keras.Model:
    """Return a model with the best weights in 32 bits; what is shared with others is not used."""
    if run.settings.mixed_precision:
        restore_precision()
    if run.settings.mixed_precision or not is_alone:
        model = run.load_model()
    elif state.best_epoch != state.epoch:
        checkpoint.restore(model, plan.graph, run.best)
    return model


def _test(plan: Plan, run: Run, model: keras.Model) -> Evaluation:
    """Test a model, and draw what it takes for what."""
    test = evaluate(run, plan.dataset, model=model)
    for name, picture in draw_pictures(test).items():
        run.write(name, picture)
    return test


def _scores(test: Evaluation) -> dict[str, Any]:
    """Return the scores of a test as the summary of a run has them."""
    return {
        "images": test.scores.samples,
        "loss": test.scores.loss,
        "accuracy": test.scores.accuracy,
        "top_5_accuracy": test.scores.top_5_accuracy,
    }


def _summary(plan: Plan, state: State, test: Mapping[str, Any], started: float) -> dict[str, Any]:
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
        "test": test,
        "seconds": {
            "epochs": round(sum(row["seconds"] for row in state.history), 3),
            "total": round(time.perf_counter() - started, 3),
        },
    }


def _environment(crew: Crew | None) -> dict[str, Any]:
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
        "workers": crew.cluster.size if crew else 1,
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
