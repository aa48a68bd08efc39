"""What `cnnspec train` prints: the plan, and how the training ended."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from cnnspec.errors import printable
from cnnspec.text.width import WIDTH

if TYPE_CHECKING:
    from cnnspec.training.data.dataset import Dataset
    from cnnspec.training.fitting.trainer import Outcome
    from cnnspec.training.plan import Plan
    from cnnspec.training.runs.run import Run
    from cnnspec.training.workers.cluster import Cluster


def header(plan: Plan, run: Run | None, cluster: Cluster | None) -> str:
    """Return what is going to be trained, each below its title; a folder stays whole."""
    from cnnspec.analysis.memory import show_bytes

    totals = plan.summary.totals
    where = str(run.folder) if run else "none: this is a dry run, nothing is written"
    lines = [
        ("network", f"{plan.graph.name}: {totals.layers} layers, {totals.params:,} parameters, {totals.macs:,} MACs"),
        ("data", _data_line(plan)),
        ("training", _plan_line(plan, cluster)),
        ("memory", f"about {show_bytes(plan.memory)}, with the gradients of activations, and the data"),
    ]
    told = [line for title, text in lines for line in _below(title, printable(text))]
    return "\n".join([f"{'run':<9} {printable(where)}", *told, ""])


def _below(title: str, text: str) -> list[str]:
    """Return a text behind its title, in lines of words that stand below each other."""
    return wrap(f"{title:<9} {text}", WIDTH, subsequent_indent=" " * 10, break_long_words=False, break_on_hyphens=False)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("s" if number != 1 else "")


def _data_line(plan: Plan) -> str:
    data, kept = plan.dataset, len(plan.validation) if plan.validation else 0
    counts = [
        f"{len(plan.training):,} training",
        *([f"{kept:,} validation"] if kept else []),
        f"{len(data.test):,} test",
    ]
    size, inputs = "×".join(map(str, plan.graph.inputs[0].shape)), len(plan.graph.inputs)
    what = f"images {size}" if inputs == 1 else f"samples of {inputs} images {size}"
    return f"{data.name}: {', '.join(counts[:-1])} and {counts[-1]} {what}, {_told(data)}"


def _told(data: Dataset) -> str:
    """Return what the data tell of an image."""
    from cnnspec.language.train.targets import CLASS, MASK

    own = "×".join(map(str, data.train.y.shape[1:]))
    if data.target == CLASS:
        return f"{len(data.classes)} classes"
    return f"masks {own} of {len(data.classes)} classes" if data.target == MASK else _each(own, data.target)


def _each(own: str, what: str) -> str:
    return f"1 {what.removesuffix('s')} each" if own == "1" else f"{own} {what} each"


def _plan_line(plan: Plan, cluster: Cluster | None) -> str:
    from cnnspec.language.train.schedules import is_constant

    settings = plan.settings
    rate = f"{settings.learning_rate:g}" + ("" if is_constant(settings.schedule) else f" ({settings.schedule})")
    steps = f"{_count(plan.steps, 'step')} with {_count(settings.batch_size, 'image')}"
    parts = [
        f"{settings.optimizer} at {rate}",
        f"{_count(settings.epochs, 'epoch')} of {steps}",
        *_beside(plan),
        *([f"varied by {' and '.join(settings.augment)}"] if settings.augment else []),
        f"seed {settings.seed}",
        *([f"{cluster.size} workers"] if cluster else []),
    ]
    return ", ".join(parts)


def _beside(plan: Plan) -> list[str]:
    """Return the settings in words that few trainings have."""
    settings, warm = plan.settings, plan.settings.steps_of_warmup(plan.steps)
    names = ("weight_decay", "clipnorm", "global_clipnorm", "clipvalue", "label_smoothing", "mixup")
    given = [(name, getattr(settings, name)) for name in names]
    return [
        *([f"{_count(warm, 'step')} of warm-up"] if warm else []),
        *(f"{name} {value:g}" for name, value in given if value),
        *([f"class_weight {' '.join(settings.class_weight)}"] if settings.class_weight else []),
    ]


def footer(outcome: Outcome, cluster: Cluster | None) -> str:
    """Return how a training ended, and where its run is."""
    run, state = outcome.run, outcome.state
    if not outcome.is_tested:
        done = f"epoch {state.epoch} of {run.settings.epochs}" if state.epoch else "no epoch finished"
        again = f" --workers {cluster.size}" if cluster and cluster.launched else ""
        return f"\nstopped   {done}\nresume    cnnspec train {printable(str(run.folder))} --resume{again}"
    best = f", weights of epoch {state.best_epoch}" if state.best_epoch != state.epoch else ""
    folder = f"run       {printable(str(run.folder))}"
    if outcome.test is None:
        return f"\ntest      {_measured(outcome)}{best}\n{folder}"
    scores = outcome.test.scores
    wrong = scores.samples - round((scores.accuracy or 0) * scores.samples)
    loss = "" if scores.loss is None else f"loss {scores.loss:.4f}, "
    return f"\ntest      {loss}accuracy {scores.accuracy:.4f}: {wrong:,} of {scores.samples:,} wrong{best}\n{folder}"


def _measured(outcome: Outcome) -> str:
    from cnnspec.training.results.targets.report import in_a_line

    return in_a_line(outcome.measured.scores) if outcome.measured else ""
