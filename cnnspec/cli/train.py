"""`cnnspec train`: from a spec to a trained network in a run folder."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cnnspec.cli import options as opt
from cnnspec.cli.output import ErrorFormat, diagnostics
from cnnspec.cli.settings import read_options, takes_settings
from cnnspec.errors import CnnspecError, UsageError, printable

if TYPE_CHECKING:
    from cnnspec.ir.graph import Graph
    from cnnspec.training.fitting.trainer import Outcome
    from cnnspec.training.plan import Plan
    from cnnspec.training.runs.run import Run

EXAMPLES = """Examples:

cnnspec train

cnnspec train digits-cnn

cnnspec train lenet5 --data-dir ~/data --schedule cosine --augment crop

cnnspec train net.yaml --data photos/ --resize --validation-split 0.2 --patience 5

cnnspec train lenet5 --dry-run

cnnspec train runs/lenet5/1 --resume
"""


@takes_settings
def train(
    spec: Annotated[
        str, typer.Argument(metavar="[SPEC|RUN]", help="A spec, or with `--resume` a run folder.", show_default=True)
    ] = "lenet5",
    run_dir: Annotated[Path, typer.Option(metavar="DIR", help="Folder for run folders.")] = Path("runs"),
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the run folder, or with the newest run of the spec.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything, train nothing.")] = False,
    input: opt.Input = [],
    param: opt.Param = [],
    error_format: opt.Errors = ErrorFormat.TEXT,
    **given: Any,
) -> None:
    """Train a network; settings come from the `train` section of the spec, and options win over it.

    Everything that can be known to go wrong is checked before TensorFlow starts. Every training gets a folder of its
    own, `runs/NAME/N`, with the spec, checkpoints, history and pictures. Ctrl-C ends the epoch; `--resume` goes on.
    """
    with diagnostics(error_format):
        from cnnspec.keras.requirement import MODULES, require

        require(["numpy"] if dry_run else MODULES)
        overrides = opt.overrides(input, param)
        _train(spec, read_options(given), overrides, run_dir, resume=resume, dry_run=dry_run)


def _train(
    spec: str, given: dict[str, Any], overrides: dict[str, Any], root: Path, *, resume: bool, dry_run: bool
) -> None:
    from cnnspec.training.fitting.trainer import train
    from cnnspec.training.plan import make_plan
    from cnnspec.training.runs.resuming import demand_data, resumable
    from cnnspec.training.runs.run import begun
    from cnnspec.training.settings import merge

    run, state = None, None
    if resume:
        run, graph = _run_to_resume(spec, root, overrides)
        run, state = resumable(run, graph, given)
        plan = make_plan(run.graph, run.settings)
        demand_data(run, plan.dataset)
    else:
        _refuse_run(spec, root)
        graph = opt.load_overridden(spec, overrides)
        plan = make_plan(graph, merge(graph.train, given))
    if dry_run:
        typer.echo(_header(plan, None))
        return
    with nullcontext(run) if run else begun(root, plan.graph, plan.settings, plan.dataset) as run:
        typer.echo(_header(plan, run))
        with _watcher() as watcher:
            if resume:
                watcher.note(
                    f"going on after epoch {state.epoch}" if state else "no epoch was finished: starting again"
                )
            outcome = train(plan, run, watcher, state)
    typer.echo(_footer(outcome))
    if outcome.test is None:
        raise typer.Exit(130)


def _run_to_resume(spec: str, root: Path, overrides: dict[str, Any]) -> tuple[Run, Graph | None]:
    """Return the run that goes on, and the spec as it is now where a spec was named."""
    from cnnspec.training.runs.folders import find, folder_of, newest
    from cnnspec.training.runs.opening import open_run

    named = find(spec, root, by_name=False, trained=False)
    if named is not None:
        if overrides["inputs"] or overrides["params"]:
            message = "a run has the network that it was begun with: `--input` and `--param` do not go with it"
            raise UsageError.one("E702", message)
        return open_run(named, root), None
    graph = opt.load_overridden(spec, overrides)
    folder = newest(folder_of(root, graph.name))
    if folder is None:
        message = f"there is no run of `{graph.name}` in `{root}` to resume"
        raise CnnspecError.one("E521", message, help="leave out `--resume` to begin one")
    return open_run(folder, root), graph


def _refuse_run(spec: str, root: Path) -> None:
    from cnnspec.training.runs.folders import find

    if find(spec, root, by_name=False, trained=False) is not None:
        step = "add `--resume` to go on with it"
        raise UsageError.one("E702", f"`{spec}` is a run folder", help=step)


def _watcher() -> Any:
    """Return what shows the progress: a bar on a terminal, a line per epoch elsewhere."""
    import os
    import sys

    from cnnspec.cli.progress import Bar, Lines

    terminal = sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    return Bar() if terminal else Lines()


def _header(plan: Plan, run: Run | None) -> str:
    from cnnspec.analysis.memory import show_bytes

    totals = plan.summary.totals
    lines = [
        ("run", str(run.folder)) if run else ("run", "none: this is a dry run, nothing is written"),
        ("network", f"{plan.graph.name}: {totals.layers} layers, {totals.params:,} parameters, {totals.macs:,} MACs"),
        ("data", _data_line(plan)),
        ("training", _plan_line(plan)),
        ("memory", f"about {show_bytes(plan.memory)}"),
    ]
    return "\n".join(f"{title:<9} {printable(text)}" for title, text in lines) + "\n"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("s" if number != 1 else "")


def _data_line(plan: Plan) -> str:
    data, kept = plan.dataset, len(plan.validation) if plan.validation else 0
    counts = [
        f"{len(plan.training):,} training",
        *([f"{kept:,} validation"] if kept else []),
        f"{len(data.test):,} test",
    ]
    size = "×".join(map(str, data.shape))
    return f"{data.name}: {', '.join(counts[:-1])} and {counts[-1]} images {size}, {len(data.classes)} classes"


def _plan_line(plan: Plan) -> str:
    from cnnspec.language.train.schedules import is_constant

    settings = plan.settings
    rate = f"{settings.learning_rate:g}" + ("" if is_constant(settings.schedule) else f" ({settings.schedule})")
    steps = f"{_count(plan.steps, 'step')} with {_count(settings.batch_size, 'image')}"
    parts = [
        f"{settings.optimizer} at {rate}",
        f"{_count(settings.epochs, 'epoch')} of {steps}",
        *([f"varied by {' and '.join(settings.augment)}"] if settings.augment else []),
        f"seed {settings.seed}",
    ]
    return ", ".join(parts)


def _footer(outcome: Outcome) -> str:
    run, state = outcome.run, outcome.state
    if outcome.test is None:
        done = f"epoch {state.epoch} of {run.settings.epochs}" if state.epoch else "no epoch finished"
        return f"\nstopped   {done}\nresume    cnnspec train {printable(str(run.folder))} --resume"
    scores = outcome.test.scores
    wrong = scores.samples - round((scores.accuracy or 0) * scores.samples)
    loss = "" if scores.loss is None else f"loss {scores.loss:.4f}, "
    best = f", weights of epoch {state.best_epoch}" if state.best_epoch != state.epoch else ""
    return (
        f"\ntest      {loss}accuracy {scores.accuracy:.4f}: {wrong:,} of {scores.samples:,} wrong{best}\n"
        f"run       {printable(str(run.folder))}"
    )
