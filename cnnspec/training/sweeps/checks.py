"""All trainings of a sweep are looked at before the first begins: what is wrong, and which have finished."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from cnnspec.errors import CnnspecError, Diagnostic, UsageError
from cnnspec.files import taken
from cnnspec.ir.arguments import Flag
from cnnspec.ir.graph import Graph
from cnnspec.language.train.settings import Settings
from cnnspec.training.plan import make_plan
from cnnspec.training.runs.folders import folder_of, newest
from cnnspec.training.runs.opening import open_run
from cnnspec.training.runs.resuming import resumable
from cnnspec.training.settings import merge
from cnnspec.training.sweeps.trials import Trial

FINISHED: Final = "E524"
Opener = Callable[[Trial], Graph]
"""Returns the network of a training, with the parameters that it varies; raises CnnspecError, for budgets too."""


class Looked(NamedTuple):
    """A training with its network, and whether it has finished already."""

    trial: Trial
    graph: Graph
    is_finished: bool


def look_at(trials: Sequence[Trial], open_network: Opener, *, resume: bool) -> list[Looked]:
    """Return all trainings; raise CnnspecError with what is wrong with any, each fault once."""
    faults: dict[Diagnostic, list[Trial]] = {}
    graphs: dict[tuple[tuple[str, str], ...], Graph | Sequence[Diagnostic]] = {}
    planned: dict[Any, Sequence[Diagnostic]] = {}
    found, is_misuse = [], False
    for trial in trials:
        try:
            graph = _network(trial, open_network, graphs)
            _demand_flags(trial, graph)
            _demand_plan(trial, graph, planned)
            found.append(Looked(trial, graph, resume and is_finished(trial, graph)))
        except CnnspecError as error:
            is_misuse |= isinstance(error, UsageError)
            for fault in error.diagnostics:
                faults.setdefault(fault, []).append(trial)
    if faults:
        kind = UsageError if is_misuse else CnnspecError
        raise kind([_told(fault, concerned, len(trials)) for fault, concerned in faults.items()])
    return found


def demand_unused(root: Path, *, resume: bool) -> None:
    """Raise CnnspecError where a folder holds trainings already, unless they are to go on."""
    try:
        used = not resume and any(path.is_dir() for path in root.iterdir())
    except FileNotFoundError:
        return
    except OSError as error:
        raise taken(root, (error.strerror or "it cannot be read").lower(), "`--run-dir` names another folder") from None
    if used:
        step = "add `--resume` to go on with it, or name another folder with `--run-dir`"
        raise taken(root, "it holds trainings already", step)


def is_finished(trial: Trial, graph: Graph) -> bool:
    """Tell whether a training has nothing left to do; raise CnnspecError where it was begun otherwise."""
    folder = newest(folder_of(trial.folder, graph.name))
    if folder is None:
        return False
    try:
        resumable(open_run(folder), graph, trial.given)
    except CnnspecError as error:
        if [fault.code for fault in error.diagnostics] == [FINISHED]:
            return True
        step = "give what the sweep was begun with, or another folder with `--run-dir`"
        raise CnnspecError([fault._replace(help=step) for fault in error.diagnostics]) from None
    return False


def _network(trial: Trial, open_network: Opener, known: dict[Any, Any]) -> Graph:
    """Return the network of a training; that of equal parameters is built once."""
    key = tuple(trial.params.items())
    if key not in known:
        try:
            known[key] = open_network(trial)
        except CnnspecError as error:
            known[key] = error
    if isinstance(known[key], CnnspecError):
        raise known[key]
    graph: Graph = known[key]
    return graph


def _demand_flags(trial: Trial, graph: Graph) -> None:
    for name in trial.varied:
        setting = Settings.declared.get(name)
        if setting and isinstance(setting.type, Flag) and graph.train.get(name) and not trial.given.get(name):
            message = f"`{name}` cannot be off: the `train` section of the spec sets it, and no option takes it back"
            raise UsageError.one("E702", message, help=f"leave `{name}` out of the `train` section")


def _demand_plan(trial: Trial, graph: Graph, planned: dict[Any, Any]) -> None:
    """Raise CnnspecError where a training is known to go wrong; a seed alone changes nothing of that."""
    settings = merge(graph.train, trial.given)
    key = (tuple(trial.params.items()), settings.changed(seed=0))
    if key not in planned:
        planned[key] = None
        try:
            make_plan(graph, settings)
        except CnnspecError as error:
            planned[key] = error
    if planned[key] is not None:
        raise planned[key]


def _told(fault: Diagnostic, concerned: Iterable[Trial], count: int) -> Diagnostic:
    """Return a fault with the trainings that it concerns, unless these are all."""
    labels = [trial.label for trial in concerned]
    if len(labels) == count:
        return fault
    rest = f", and {len(labels) - 1} more" if len(labels) > 1 else ""
    return fault._replace(notes=(*fault.notes, f"in the training with {labels[0]}{rest}"))
