"""What `cnnspec train` does: alone, as the chief of several workers, or as one that follows it."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import typer

from cnnspec.cli import options as opt
from cnnspec.cli.output import ErrorFormat, say, tell
from cnnspec.cli.training_text import footer, header
from cnnspec.errors import CnnspecError, UsageError

if TYPE_CHECKING:
    from cnnspec.ir.graph import Graph
    from cnnspec.training.plan import Plan
    from cnnspec.training.runs.run import Run
    from cnnspec.training.runs.state import State
    from cnnspec.training.workers.chief import Chief
    from cnnspec.training.workers.cluster import Cluster
    from cnnspec.training.workers.follower import Follower

STOPPED: Final = 130
"""The exit code of a training that was interrupted, as of a program that Ctrl-C has ended."""
FINISHED: Final = "E524"


class Request(NamedTuple):
    """What the command was given: the spec or run, settings, changes of the network, and how to go about it."""

    spec: str
    given: dict[str, Any]
    overrides: dict[str, Any]
    root: Path
    resume: bool
    is_new_allowed: bool
    dry_run: bool
    wait: int
    error_format: ErrorFormat
    live: bool = False


class Named(NamedTuple):
    """What a user names: a network, the run that goes on if one does, and the spec unless a run was named by itself."""

    graph: Graph
    run: Run | None
    spec: Graph | None


def lead_workers(request: Request, cluster: Cluster) -> int:
    """Train with the workers that come; return the exit code."""
    from cnnspec.training.workers.chief import Chief

    def report(error: CnnspecError) -> None:
        tell(error.diagnostics, request.error_format)

    with Chief(cluster, request.wait, say, report) as crew:
        return train_network(request, cluster, crew)


def train_network(request: Request, cluster: Cluster | None, crew: Chief | None) -> int:
    """Train, or with `--dry-run` say what would be trained; return the exit code."""
    from cnnspec.cli.progress import watcher
    from cnnspec.training.fitting.trainer import train
    from cnnspec.training.plan import make_plan
    from cnnspec.training.runs.resuming import demand_data, resumable
    from cnnspec.training.runs.run import begun
    from cnnspec.training.settings import clips, merge
    from cnnspec.training.workers.shares import (
        demand_one_device,
        demand_shares,
        demand_whole_batches,
        demand_whole_gradients,
    )

    named = _named(request)
    run, state = named.run, None
    if run:
        try:
            run, state = resumable(run, named.spec, request.given)
        except CnnspecError as error:
            if not request.is_new_allowed or [fault.code for fault in error.diagnostics] != [FINISHED]:
                raise
            say(error.diagnostics[0].message)
            return 0
    plan = make_plan(named.graph, run.settings if run else merge(named.graph.train, request.given))
    if run:
        demand_data(run, plan.dataset)
    if cluster:
        demand_one_device(cluster.size, plan.settings.devices)
        demand_whole_batches(cluster.size, plan.settings.threads)
        demand_whole_gradients(cluster.size, clips=clips(plan.settings))
        demand_shares(cluster.size, len(plan.training), plan.settings.batch_size)
    if request.dry_run:
        typer.echo(header(plan, None, cluster))
        return 0
    if crew:
        _gather(crew, named, request, plan, state)
    with nullcontext(run) if run else begun(request.root, plan.graph, plan.settings, plan.dataset) as found:
        typer.echo(header(plan, found, cluster))
        with watcher(live=request.live, history=state.history if state else ()) as shown:
            if run:
                shown.note(f"going on after epoch {state.epoch}" if state else "no epoch was finished: starting again")
            outcome = train(plan, found, shown, state, crew)
    typer.echo(footer(outcome, cluster))
    return 0 if outcome.is_tested else STOPPED


def _gather(crew: Chief, named: Named, request: Request, plan: Plan, state: State | None) -> None:
    """Wait for the other workers, and tell them what is trained."""
    from cnnspec.training.runs.run import describe_data
    from cnnspec.training.workers.agreement import facts_of
    from cnnspec.training.workers.chief import Terms

    facts = facts_of(named.spec or named.graph, _asked(named, request), crew.cluster.size)
    data = describe_data(plan.dataset)
    crew.gather(Terms(facts, plan.settings.as_json(), data, state.as_json() if state else None))


def follow_chief(request: Request, cluster: Cluster) -> int:
    """Train what the chief trains; what goes wrong is said here, unless the chief on this machine says it."""
    from cnnspec.training.workers.follower import Follower
    from cnnspec.training.workers.launching import leave_interrupts_to_chief

    def report(error: CnnspecError) -> None:
        if crew.is_heard:
            tell(error.diagnostics, request.error_format)

    if cluster.launched:
        leave_interrupts_to_chief()
    with Follower(cluster, request.wait, say, report) as crew:
        try:
            return _follow(crew, request)
        except CnnspecError:
            if crew.is_heard:
                raise
            return 1


def _follow(crew: Follower, request: Request) -> int:
    from cnnspec.training.fitting.trainer import follow
    from cnnspec.training.plan import make_plan
    from cnnspec.training.runs.run import describe_data
    from cnnspec.training.runs.state import RUNNING, from_json
    from cnnspec.training.settings import BESIDE, Settings
    from cnnspec.training.settings import from_json as settings_from_json
    from cnnspec.training.workers.agreement import facts_of

    named = _named_to_follow(request)
    told = crew.join(facts_of(named.graph, _asked(named, request), crew.cluster.size))
    if told is None:
        return 0
    own = {name: request.given.get(name) or Settings.declared[name].default for name in BESIDE}
    plan = make_plan(named.graph, settings_from_json(told).changed(**(own | {"tensorboard": False})))
    state = crew.begin(describe_data(plan.dataset))
    ended = follow(plan, crew, from_json(state) if state else None)
    return STOPPED if ended.status == RUNNING else 0


def _named(request: Request) -> Named:
    if request.resume:
        return _run_by_itself(request) or _newest_run(request)
    _refuse_run(request)
    graph = opt.load_overridden(request.spec, request.overrides)
    return Named(graph, None, graph)


def _asked(named: Named, request: Request) -> dict[str, Any]:
    """Return the settings that a user asks for, which all workers must ask for alike."""
    given = {name: value for name, value in request.given.items() if value is not None}
    if named.spec is None and named.run is not None:
        return named.run.settings.as_json() | given
    return {**(named.spec or named.graph).train, **given}


def _named_to_follow(request: Request) -> Named:
    """Return what is named to a worker that follows: which run of a spec goes on the chief alone knows."""
    return (_run_by_itself(request) if request.resume else None) or _named(request._replace(resume=False))


def _run_by_itself(request: Request) -> Named | None:
    """Return the run that is named by its folder, None where the user names none."""
    from cnnspec.training.runs.folders import find
    from cnnspec.training.runs.opening import open_run

    folder = find(request.spec, request.root, by_name=False, trained=False)
    if folder is None:
        return None
    if request.overrides["inputs"] or request.overrides["params"]:
        message = "a run has the network that it was begun with: `--input` and `--param` do not go with it"
        raise UsageError.one("E702", message)
    run = open_run(folder, request.root)
    return Named(run.graph, run, None)


def _newest_run(request: Request) -> Named:
    """Return the newest run of the spec; where there is none, and the user allows it, the spec alone."""
    from cnnspec.training.runs.folders import folder_of, newest
    from cnnspec.training.runs.opening import open_run

    graph = opt.load_overridden(request.spec, request.overrides)
    folder = newest(folder_of(request.root, graph.name))
    if folder is not None:
        run = open_run(folder, request.root)
        return Named(run.graph, run, graph)
    if not request.is_new_allowed:
        message = f"there is no run of `{graph.name}` in `{request.root}` to resume"
        raise CnnspecError.one("E521", message, help="leave out `--resume` to begin one, or give `--resume auto`")
    return Named(graph, None, graph)


def _refuse_run(request: Request) -> None:
    from cnnspec.training.runs.folders import find

    if find(request.spec, request.root, by_name=False, trained=False) is not None:
        step = "add `--resume` to go on with it"
        raise UsageError.one("E702", f"`{request.spec}` is a run folder", help=step)
