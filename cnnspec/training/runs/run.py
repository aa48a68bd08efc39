"""Run folders: what was trained, how, and what came of it; `runs/<name>/<n>`, never overwritten."""

from __future__ import annotations

import json
import sys
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from cnnspec import networks
from cnnspec.errors import CnnspecError, shorten
from cnnspec.files import unwritable, write_whole
from cnnspec.ir.graph import Graph
from cnnspec.json_lines import VERSION, indented
from cnnspec.text.limits import STANDARD
from cnnspec.training.data.dataset import Dataset, Samples
from cnnspec.training.plan import bring, limited, load
from cnnspec.training.runs import checkpoint
from cnnspec.training.runs.folders import CONFIG, OTHERS, ROOT, SPEC, find, folder_name, is_file, newest, numbers
from cnnspec.training.settings import Settings, from_json

if TYPE_CHECKING:
    import keras

__all__ = ["CONFIG", "ROOT", "SPEC", "Run", "create", "describe", "find", "folder_of", "keep", "newest", "open_run"]

MOST_BYTES: Final = 10_000_000
"""What the configuration of a run may take."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run folder: the network, the settings and the classes that it was trained with.

    `scale` of the settings is a number here, `peak` the largest value that a pixel of the data can have. `data` is what
    `describe` says of the data.
    """

    folder: Path
    graph: Graph
    settings: Settings
    classes: tuple[str, ...]
    peak: float
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def last(self) -> Path:
        """The checkpoint of the last whole epoch."""
        return self.folder / "last.keras"

    @property
    def best(self) -> Path:
        """The checkpoint of the best epoch."""
        return self.folder / "best.keras"

    def load_model(self, which: str = "best") -> keras.Model:
        """Return the trained model: built from the spec, with the weights of the `best` or `last` checkpoint."""
        from cnnspec.keras import build

        path = self.best if which == "best" else self.last
        checkpoint.inspect(self.graph, path)
        model = build(self.graph)
        checkpoint.restore(model, self.graph, path)
        return model

    def load_data(self, data: str | None = None, folder: Path | None = None, *, offline: bool = False) -> Dataset:
        """Return the data that the run was trained on, or others, at the network's input shape."""
        dataset = load(self.graph, self.settings.changed(offline=offline or self.settings.offline), data, folder)
        if data is None:
            dataset = limited(dataset, self.settings)
        return bring(dataset, self.graph.inputs[0].shape) if data or self.settings.resize else dataset

    def write(self, name: str, text: str) -> Path:
        """Write a text file into the folder, whole or not at all; a link in its place is replaced, not followed."""
        path = self.folder / name
        write_whole(path, text.encode("utf-8"), follow=False)
        return path


def create(root: Path, graph: Graph, settings: Settings, dataset: Dataset) -> Run:
    """Make the next run folder of a network and write down what will be trained."""
    folder = _next_folder(folder_of(root, graph))
    run = Run(folder, graph, settings, dataset.classes, dataset.peak, describe(dataset))
    run.write(SPEC, graph.source.text)
    for other in graph.others:
        place = folder / OTHERS / other.name
        place.parent.mkdir(parents=True, exist_ok=True)
        run.write(f"{OTHERS}/{other.name}", other.text)
    _write_config(run)
    return run


def keep(run: Run) -> None:
    """Write a run's settings into its folder where they are others by now; who calls holds the folder's lock."""
    if from_json(_read_json(run.folder / CONFIG).get("settings")) != run.settings:
        _write_config(run)


def _write_config(run: Run) -> None:
    config = {
        "cnnspec": VERSION,
        "name": run.graph.name,
        "source": run.graph.source.name,
        "overrides": run.graph.overrides._asdict(),
        "settings": run.settings.as_json(),
        "data": run.data,
    }
    run.write(CONFIG, indented(config, indent=2))


def describe(dataset: Dataset) -> dict[str, Any]:
    """Return what a run remembers of its data; by the checksums of images and labels they are known again."""
    return {
        "name": dataset.name,
        "shape": list(dataset.shape),
        "training": len(dataset.train),
        "test": len(dataset.test),
        "classes": list(dataset.classes),
        "peak": dataset.peak,
        "mirrors": dataset.mirrors,
        "crc32": {"training": _checksums(dataset.train), "test": _checksums(dataset.test)},
        "files": list(dataset.files),
    }


def _checksums(samples: Samples) -> list[int]:
    return [zlib.crc32(np.ascontiguousarray(part).data) for part in (samples.x, samples.y)]


def open_run(text: str | Path, root: Path = Path(ROOT)) -> Run:
    """Return the run of a folder, of `NAME/N` below `runs`, or the newest run of `NAME` that has a checkpoint.

    Raises CnnspecError where there is no such run, and where what is in it cannot be read.
    """
    folder = find(text, root)
    if folder is None:
        raise _missing(str(text), root)
    config = _read_json(folder / CONFIG)
    try:
        source, overrides, data = config["source"], _overrides(config["overrides"]), config["data"]
        classes, peak = data["classes"], data["peak"]
        _demand(isinstance(source, str), "its `source` is no text")
        _demand(
            isinstance(classes, list) and all(isinstance(name, str) for name in classes), "its classes have no names"
        )
        _demand(_is_number(peak) and peak > 0, "the `peak` of its data is no positive number")
        settings = from_json(config["settings"])
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        fact = f"it lacks {error}" if isinstance(error, KeyError) else shorten(error)
        raise _unreadable(folder / CONFIG, fact) from None
    spec = _read_spec(folder / SPEC)
    graph = networks.loads(spec, source, inputs=overrides["inputs"], params=overrides["params"], folder=folder / OTHERS)
    if len(classes) != max(2, units := graph[graph.outputs[0]].shape[-1]):
        fact = f"it names {len(classes)} classes, and the network has {units} output units"
        raise _unreadable(folder / CONFIG, fact)
    return Run(folder, graph, settings, tuple(classes), float(peak), data)


def _overrides(values: Any) -> dict[str, dict[str, Any]]:
    """Read the input shapes and parameters that were given for the spec; raise ValueError where they are none."""
    _demand(isinstance(values, dict) and values.keys() <= {"inputs", "params"}, "its `overrides` are none")
    inputs, params = values.get("inputs", {}), values.get("params", {})
    _demand(isinstance(inputs, dict) and isinstance(params, dict), "its `overrides` are none")
    shapes = all(isinstance(shape, list | str) for shape in inputs.values())
    _demand(
        shapes and all(isinstance(value, str | int | float) for value in params.values()), "its `overrides` are none"
    )
    return {"inputs": inputs, "params": params}


def _demand(holds: bool, fact: str) -> None:  # noqa: FBT001 - reads as an assertion
    if not holds:
        raise ValueError(fact)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


def folder_of(root: Path, graph: Graph) -> Path:
    """Return the folder where the runs of a network lie."""
    return root / folder_name(graph.name)


def _next_folder(parent: Path) -> Path:
    """Make and return a folder that nobody else has made."""
    number = max(numbers(parent), default=0) + 1
    while True:
        folder = parent / str(number)
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            if not parent.is_dir():
                raise unwritable(parent, NotADirectoryError(20, "Not a directory")) from None
            number += 1
        except OSError as error:
            step = "`--run-dir` names another folder for runs"
            raise unwritable(folder, error, step) from None
        else:
            return folder


def _read_json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(_read(path, MOST_BYTES))
    except (ValueError, RecursionError) as error:
        raise _unreadable(path, shorten(error)) from None
    if not isinstance(value, dict):
        raise _unreadable(path, "it is no JSON object")
    return value


def _read_spec(path: Path) -> str:
    try:
        return _read(path, STANDARD.bytes).decode("utf-8")
    except UnicodeDecodeError as error:
        raise _unreadable(path, shorten(error)) from None


def _read(path: Path, most: int) -> bytes:
    """Return what is in a file of at most so many bytes."""
    if not is_file(path):
        raise _unreadable(path, "there is no such file")
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise _unreadable(path, (error.strerror or error.__class__.__name__).lower()) from None
    if len(data) > most:
        raise _unreadable(path, f"it has more than {most:,} bytes")
    return data


def _missing(text: str, root: Path) -> CnnspecError:
    try:
        names = sorted(path.name for path in root.iterdir() if newest(path))
    except OSError:
        names = []
    notes = (f"`{shorten(root, 80)}` holds runs of {', '.join(names[:20])}",) if names else ()
    step = "`cnnspec train` makes one" if not names else ""
    return CnnspecError.one("E521", f"there is no run `{shorten(text, 80)}`", notes=notes, help=step)


def _unreadable(path: Path, fact: str) -> CnnspecError:
    return CnnspecError.one("E521", f"`{shorten(path, 80)}` of the run cannot be read", notes=(fact,))
