"""Going on with a run: what must be as it was when the run was begun, and the state from which it goes on."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from cnnspec.errors import CnnspecError, listing
from cnnspec.ir.graph import Graph
from cnnspec.language.train.augmentations import AUTO, suitable
from cnnspec.language.train.schedules import is_constant
from cnnspec.training.data.catalogue import look_up
from cnnspec.training.data.dataset import Dataset
from cnnspec.training.data.entry import plain
from cnnspec.training.data.search_path import expanded
from cnnspec.training.runs import checkpoint
from cnnspec.training.runs.folders import SPEC
from cnnspec.training.runs.run import Run, describe_data, is_same
from cnnspec.training.runs.state import State
from cnnspec.training.runs.untrusted import read_json
from cnnspec.training.settings import BESIDE, Settings, completed

FREE: Final = ("epochs", "threads", *BESIDE)
"""The settings that may change in a run."""
TRACES: Final = ("best.keras", "state.json", "history.csv", "summary.json")
"""The files that only a run with a finished epoch has."""


def resumable(run: Run, graph: Graph | None, options: Mapping[str, Any]) -> tuple[Run, State | None]:
    """Return a run with the settings of its rest, and the state from which it goes on, None where no epoch was done.

    `graph` is the spec as it is now; `options` are the settings that the user gives. Only `epochs` may differ from the
    run's, and only where the learning rate does not depend on it. Nothing is written. Raises CnnspecError where the
    run cannot go on.
    """
    if graph is not None and not is_same(graph, run.graph):
        note = f"the run was made from the spec in `{run.folder / SPEC}`"
        step = "leave out `--resume` to train the changed spec in a new run"
        message = f"the spec has changed since `{run.folder}` was begun"
        raise CnnspecError.one("E522", message, notes=(note,), help=step)
    given = {name: value for name, value in options.items() if value is not None}
    settings = _extended(run, given, _section(run, graph, given) if graph is not None else {})
    state = last_state(run)
    if state and (state.epoch > settings.epochs or (state.epoch == settings.epochs and _is_tested(run, state))):
        message = f"`{run.folder}` has finished its {state.epoch} epochs"
        step = (
            f"`--epochs {2 * state.epoch}` goes on"
            if is_constant(settings.schedule)
            else "leave out `--resume`: a new run begins"
        )
        raise CnnspecError.one("E524", message, help=step)
    return replace(run, settings=settings), state


def last_state(run: Run) -> State | None:
    """Return the state of the last whole epoch of a run, None where no epoch was finished.

    Raises CnnspecError where the checkpoint is lost, or its history is not that of these settings.
    """
    if not os.path.lexists(run.last):
        left = [name for name in TRACES if os.path.lexists(run.folder / name)]
        if left:
            notes = (f"without it the training cannot go on, and {listing(left)} would be overwritten",)
            step = "leave out `--resume` to begin a new run"
            message = f"`{run.last}` is not there"
            raise CnnspecError.one("E526", message, notes=notes, help=step)
        return None
    state = checkpoint.read_state(run.last)
    if state.history and set(state.history[0]) != _columns(run.settings):
        fact = f"its history has {listing(sorted(state.history[0]), 12)}"
        raise checkpoint.broken(run.last, fact)
    return state


def demand_data(run: Run, dataset: Dataset) -> None:
    """Raise CnnspecError unless data are those that a run was begun with."""
    notes = tuple(_differences(run.data, describe_data(dataset)))
    if notes:
        message = f"the data have changed since `{run.folder}` was begun"
        step = "leave out `--resume` to begin a new run with these data"
        raise CnnspecError.one("E522", message, notes=notes, help=step)


def demand_unchanged(run: Run, state: State | None) -> None:
    """Raise CnnspecError where another process has gone on with a run since its state was read."""
    if last_state(run) != state:
        message = f"another process has trained in `{run.folder}` meanwhile"
        raise CnnspecError.one("E525", message, help="give the command again")


def _differences(was: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return what differs between two descriptions of data, in words."""
    parts = [part for part in ("training", "test") if was.get(part) != now[part]]
    found = [f"there were {was.get(part)} {part} images, and now {now[part]}" for part in parts]
    if was.get("shape") != now["shape"]:
        found.append(f"the images were {_size(was.get('shape'))}, and now {_size(now['shape'])}")
    if was.get("peak") != now["peak"]:
        found.append(f"the largest value of a pixel was {was.get('peak')}, and now {now['peak']}")
    if was.get("classes") != now["classes"]:
        had = list(map(str, was.get("classes", ())))
        found.append(f"the classes were {listing(had, 12)}, and now {listing(now['classes'], 12)}")
    return found or _other_bytes(was.get("crc32"), now["crc32"])


def _other_bytes(was: Any, now: Mapping[str, list[int]]) -> list[str]:
    """Return which images or labels are others, by their checksums."""
    if not isinstance(was, dict) or was.keys() != now.keys():
        return ["the checksums of the data are missing"]
    whats = (("images", slice(0, 1)), ("labels", slice(1, 2)))
    return [
        f"the {part} {what} are others, though as many"
        for part, sums in now.items()
        for what, at in whats
        if not isinstance(was[part], list) or was[part][at] != sums[at]
    ]


def _size(shape: Any) -> str:
    return "×".join(map(str, shape)) if isinstance(shape, list) else str(shape)


def _columns(settings: Settings) -> set[str]:
    """Return what a row of the history tells with these settings."""
    measured = ("loss", *settings.metrics)
    validated = [f"val_{name}" for name in measured] if settings.validation_split else []
    return {"epoch", *measured, *validated, "learning_rate", "seconds"}


def _is_tested(run: Run, state: State) -> bool:
    """Tell whether the test at the end of a training is on the disk."""
    try:
        return bool(read_json(run.folder / "summary.json").get("epochs") == state.epoch)
    except CnnspecError:
        return False


def _section(run: Run, graph: Graph, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that the `train` section of a spec now has otherwise, unless an option decides them."""
    was, now, mine = run.graph.train, graph.train, run.settings
    defaults = completed({"data": mine.data, "optimizer": mine.optimizer}).as_json()
    names = [name for name in {**was, **now} if was.get(name) != now.get(name) and name not in given]
    return {name: now.get(name, defaults[name]) for name in names}


def _extended(run: Run, options: Mapping[str, Any], section: Mapping[str, Any]) -> Settings:
    """Return a run's settings with those that may change; raise CnnspecError where others differ."""
    mine, wanted = run.settings, {**section, **options}
    changed = [name for name, value in wanted.items() if name not in FREE[1:] and not _equal(run, name, value)]
    allowed = is_constant(mine.schedule) and ("epochs" in options or section.get("epochs", 0) > mine.epochs)
    changed = [name for name in changed if name != "epochs" or not allowed]
    if changed:
        notes = tuple(
            f"`{name}` was {_written(getattr(mine, name))}, and now {_written(wanted[name])}" for name in changed
        )
        message = f"`{run.folder}` was begun with other settings"
        step = "leave out these options, or `--resume` to begin a new run"
        if not set(changed) & set(options):
            step = "leave out `--resume` to train the changed spec in a new run"
        raise CnnspecError.one("E522", message, notes=notes, help=step)
    return mine.changed(**{name: value for name, value in wanted.items() if name in FREE})


def _equal(run: Run, name: str, value: Any) -> bool:
    """Tell whether a setting is the run's, which has decided by now what `auto` stands for."""
    mine = getattr(run.settings, name)
    if name == "data":
        return _plain_data(mine) == _plain_data(value)
    if name == "scale" and value is None:
        return bool(mine == 1 / run.peak)
    if name == "augment" and tuple(value) == (AUTO,):
        return bool(mine == suitable(mirrors=bool(run.data.get("mirrors"))))
    return bool(mine == (tuple(value) if isinstance(value, list) else value))


def _plain_data(name: str) -> str:
    """Return the name of data in one of the ways to write it."""
    if look_up(name):
        return plain(name)
    return os.path.normpath(expanded(name).absolute())


def _written(value: Any) -> str:
    """Return a setting as the command line writes it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple | list):
        return ",".join(map(str, value)) or "none"
    return "none" if value is None else str(value)
