"""Opening a run: its folder is found, and everything in it is input."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cnnspec.bundled import is_bundled
from cnnspec.errors import CnnspecError, listing, shorten
from cnnspec.ir.shapes import show
from cnnspec.language.train.targets import TARGETS
from cnnspec.language.train.values import LARGEST_FLOAT
from cnnspec.networks import loads
from cnnspec.text.limits import STANDARD
from cnnspec.training.data.images import ENDINGS
from cnnspec.training.runs.folders import CONFIG, OTHERS, ROOT, SPEC, find, is_file, is_run, newest, numbers
from cnnspec.training.runs.run import Run
from cnnspec.training.runs.untrusted import demand, is_number, read_json, read_text, unreadable
from cnnspec.training.settings import from_json


def open_run(text: str | Path, root: Path = Path(ROOT)) -> Run:
    """Return the run of a folder, of `NAME/N` below `runs`, or the newest run of `NAME` that has a checkpoint.

    Raises CnnspecError where there is no such run, and where what is in it cannot be read.
    """
    folder = find(text, root)
    if folder is None:
        raise _missing(str(text), root)
    config = read_json(folder / CONFIG)
    try:
        source, overrides, data = config["source"], _overrides(config["overrides"]), config["data"]
        classes, peak = data["classes"], data["peak"]
        demand(isinstance(source, str), "its `source` is no text")
        demand(
            isinstance(classes, list) and all(isinstance(name, str) for name in classes), "its classes have no names"
        )
        demand(is_number(peak) and 0 < peak <= LARGEST_FLOAT, "the `peak` of its data is no positive number of 32 bits")
        settings = from_json(config["settings"])
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        fact = f"it lacks `{error.args[0]}`" if isinstance(error, KeyError) else shorten(error, 80)
        raise unreadable(folder / CONFIG, fact) from None
    spec = read_text(folder / SPEC, STANDARD.bytes)
    graph = loads(spec, source, inputs=overrides["inputs"], params=overrides["params"], folder=folder / OTHERS)
    outputs, sort = graph[graph.outputs[0]].shape, TARGETS[settings.sort]
    if len(classes) != sort.names(outputs[-1]) or not sort.suits(outputs):
        fact = f"it names {len(classes)} classes, and the network has {outputs[-1]} output units"
        if not sort.suits(outputs):
            fact = f"its target is {sort.what}, and the output of the network {show(outputs)}"
        raise unreadable(folder / CONFIG, fact)
    return Run(folder, graph, settings, tuple(classes), float(peak), data)


def _overrides(values: Any) -> dict[str, dict[str, Any]]:
    """Read the input shapes and parameters that were given for the spec; raise ValueError where they are none."""
    demand(isinstance(values, dict) and values.keys() <= {"inputs", "params"}, "its `overrides` are none")
    inputs, params = values.get("inputs", {}), values.get("params", {})
    demand(isinstance(inputs, dict) and isinstance(params, dict), "its `overrides` are none")
    shapes = all(isinstance(shape, list | str) for shape in inputs.values())
    demand(
        shapes and all(isinstance(value, str | int | float) for value in params.values()), "its `overrides` are none"
    )
    return {"inputs": inputs, "params": params}


def _missing(text: str, root: Path) -> CnnspecError:
    try:
        names = sorted(path.name for path in root.iterdir() if newest(path))
    except OSError:
        names = []
    notes = (f"`{shorten(root, 80)}` holds runs of {', '.join(names[:20])}",) if names else ()
    step = _step(text) or ("`cnnspec train` makes one" if not names else "")
    return CnnspecError.one("E521", f"there is no run `{shorten(text, 80)}`", notes=notes, help=step)


def _step(text: str) -> str:
    """Return what helps who names something else in the place of a run."""
    path = Path(text)
    folder = next((folder for folder in path.parents if is_run(folder)), None)
    if folder is not None:
        return f"the run is its folder, `{shorten(folder, 80)}`"
    if path.suffix.lower() in ENDINGS:
        return "the run comes first, and the pictures behind it"
    known = [str(number) for number in sorted(numbers(path.parent)) if is_run(path.parent / str(number))]
    if known and path.name.isdecimal():
        return f"runs there are {listing(known, 12)}"
    return (
        f"`cnnspec train {shorten(text, 60)}` makes one"
        if is_bundled(text) or (path.suffix == ".yaml" and is_file(path))
        else ""
    )
