"""`cnnspec sweep`: many trainings of one spec, on this machine or printed for a scheduler."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from cnnspec.cli import options as opt
from cnnspec.cli.output import ErrorFormat, diagnostics, emit, say
from cnnspec.cli.settings import read_options, takes_settings
from cnnspec.errors import CnnspecError, Diagnostic, UsageError, shorten
from cnnspec.registry import modules_in

if TYPE_CHECKING:
    from cnnspec.ir.graph import Graph
    from cnnspec.training.sweeps.checks import Looked
    from cnnspec.training.sweeps.pool import Ended
    from cnnspec.training.sweeps.trials import Trial

EXAMPLES = """Examples:

cnnspec sweep digits-cnn --vary learning_rate=1e-3,1e-2 --seed 0..4

cnnspec sweep net.yaml -p width=0.5,1 --seed 0..4 --epochs 5 --jobs 2

cnnspec sweep net.yaml -p width=0.5,1 --seed 0..4 --epochs 5 --jobs 2 --resume

cnnspec sweep net.yaml --vary optimizer=sgd,adam --print slurm | sbatch

cnnspec sweep net.yaml --vary optimizer=sgd,adam --print lines | xargs -d '\\n' -P 2 -n 1 sh -c
"""
STOPPED: Final = 130
DEFAULT_ROOT: Final = "sweeps"

if TYPE_CHECKING:
    PrintFormat = str
else:
    PrintFormat = opt.choices("PrintFormat", modules_in("training", "sweeps", "formats"))


@takes_settings
def sweep(
    spec: Annotated[str, typer.Argument(metavar="SPEC", help="A path, or the name of a bundled network.")],
    vary: Annotated[
        list[str],
        typer.Option(
            "--vary", metavar="NAME=V,V", help="Train with each of these values of a setting; `1..5` is five."
        ),
    ] = [],
    param: Annotated[
        list[str],
        typer.Option("--param", "-p", metavar="NAME=V,V", help="Train with each of these values of a parameter."),
    ] = [],
    seed: Annotated[
        str | None, typer.Option("--seed", metavar="N,N|N..N", help="Train with each of these seeds.")
    ] = None,
    input: opt.Input = [],
    jobs: Annotated[
        int | None, typer.Option(min=1, max=64, metavar="N", help="Trainings at once; 1 unless given.")
    ] = None,
    run_dir: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of the sweep; `sweeps/NAME` unless given.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the sweep in this folder: what has finished is not repeated.")
    ] = False,
    print: Annotated[
        PrintFormat | None, typer.Option("--print", help="Print the trainings for who runs them, and train nothing.")
    ] = None,
    output: opt.Output = None,
    force: opt.Force = False,
    error_format: opt.Errors = ErrorFormat.TEXT,
    **given: Any,
) -> None:
    """Train one spec with every combination of some values: settings by `--vary`, parameters of the file by `-p`.

    All trainings are checked before the first begins, budgets of the spec too. Each is the command `cnnspec train` in a
    process and a folder of its own, which `--print` shows. All other options are those of `cnnspec train`. Ctrl-C ends
    the epochs that run; the same command with `--resume` goes on. The table of `cnnspec runs` comes at the end.
    """
    with diagnostics(error_format, output, force=force):
        from cnnspec.keras.requirement import MODULES, require

        require(["numpy"] if print else MODULES)  # before what imports it
        from cnnspec.training.sweeps.checks import demand_unused, look_at
        from cnnspec.training.sweeps.trials import trials
        from cnnspec.training.sweeps.variations import demand_few, read_params, read_settings

        _demand_file(spec, output, is_printed=print is not None)
        variations = [*read_params(param), *read_settings(vary, seed)]
        demand_few(variations)
        _demand_once(variations, given)
        root = run_dir or Path(DEFAULT_ROOT) / _name_of(spec)
        if not print:
            demand_unused(root, resume=resume)
        planned = list(trials(spec, variations, read_options(given), given, input, root))
        looked = look_at(planned, lambda trial: _open(spec, input, trial), resume=resume)
        if print:
            form = import_module(f"cnnspec.training.sweeps.formats.{print}")
            left = [each.trial.command for each in looked if not each.is_finished]
            emit(form.render(looked[0].graph.name, left, jobs) if left else "", output, force=force)
            return
        code = _train_all(looked, jobs or 1, root)
        if code:
            raise typer.Exit(code)


def _demand_file(spec: str, output: Path | None, *, is_printed: bool) -> None:
    if spec == "-":
        raise UsageError.one("E702", "standard input can be read once, and a sweep needs the spec for every training")
    if output is not None and not is_printed:
        raise UsageError.one("E702", "`--output` goes with `--print`", help="`cnnspec runs` writes the table to a file")


def _demand_once(variations: Any, given: dict[str, Any]) -> None:
    """Raise UsageError where a setting is varied and given by its own option too."""
    twice = [each.name for each in variations if not each.is_param and given.get(each.name) is not None]
    if twice:
        raise UsageError.one("E702", f"`{twice[0]}` is varied, and `--{twice[0].replace('_', '-')}` gives it one value")


def _name_of(spec: str) -> str:
    from cnnspec.training.runs.folders import folder_name

    return folder_name(Path(spec).name)


def _open(spec: str, inputs: list[str], trial: Trial) -> Graph:
    """Return the network of a training; raise CnnspecError where it misses a budget."""
    from cnnspec.analysis.measure import measure

    graph = opt.load_overridden(spec, {"inputs": opt.shapes(inputs), "params": dict(trial.params)})
    faults = [fault for fault in opt.findings(spec, measure(graph)) if fault.severity == "error"]
    if faults:
        raise CnnspecError(faults)
    return graph


def _train_all(looked: list[Looked], jobs: int, root: Path) -> int:
    """Train what is left, show what came of all, and return the exit code."""
    from cnnspec.training.sweeps.pool import Pool

    left = [each for each in looked if not each.is_finished]
    done = len(looked) - len(left)
    say(f"{len(looked)} trainings in {root}" + _finished(done, len(looked)))
    pool, failed = Pool(jobs, say), []
    for ended in pool.run(left):
        done += 1
        say(f"[{done}/{len(looked)}] {ended.looked.trial.label}  {_how(ended)}")
        if ended.code and ended.code != STOPPED and not pool.stopped:
            failed.append(ended)
    _show(looked)
    if failed:
        raise CnnspecError([_failure(ended) for ended in failed])
    if pool.stopped:
        say("\nstopped: the same command with `--resume` goes on")
        return STOPPED
    return 0


def _finished(done: int, count: int) -> str:
    return "" if not done else ", all finished" if done == count else f", {done} of them finished"


def _how(ended: Ended) -> str:
    if ended.code == STOPPED:
        return "stopped"
    return f"failed with exit code {ended.code}" if ended.code else f"{ended.seconds:.1f} s"


def _failure(ended: Ended) -> Diagnostic:
    """Return the diagnostic about a training that has failed, with what it said last."""
    from cnnspec.training.sweeps.pool import LOG

    trial = ended.looked.trial
    path = trial.folder / LOG
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 2_000))
        lines = [line for line in file.read().decode(errors="replace").splitlines() if line.strip()]
    told = next(
        (line for line in reversed(lines) if line.startswith("error[")), lines[-1] if lines else "it said nothing"
    )
    how = f"was ended by signal {-ended.code}" if ended.code < 0 else "has failed"
    message = f"the training with {shorten(trial.label, 100)} {how}"
    notes = (shorten(told, 200), f"all that it said is in `{shorten(path, 200)}`")
    return Diagnostic("E528", message, notes=notes, help="the same command with `--resume` tries it again")


def _show(looked: list[Looked]) -> None:
    from cnnspec.cli.runs import DEFAULT, emit_overview
    from cnnspec.training.overview.groups import overview
    from cnnspec.training.overview.reading import read_all
    from cnnspec.training.runs.folders import folder_of, newest

    folders = [newest(folder_of(each.trial.folder, each.graph.name)) for each in looked]
    found = read_all([folder for folder in folders if folder])
    if found.runs:
        emit_overview(overview(found.runs), DEFAULT, None, force=False)
