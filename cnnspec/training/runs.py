"""Run folders: what was trained, how, and what came of it; `runs/<name>/<n>`, never overwritten."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cnnspec import networks
from cnnspec.errors import CnnspecError, Diagnostic, shorten
from cnnspec.files import unwritable, write_whole
from cnnspec.ir.graph import Graph
from cnnspec.training import checkpoint
from cnnspec.training.data.dataset import Dataset
from cnnspec.training.plan import bring, load
from cnnspec.training.settings import Settings, from_json

if TYPE_CHECKING:
    import keras

ROOT: Final = "runs"
SPEC: Final = "spec.yaml"
CONFIG: Final = "config.json"
MOST_BYTES: Final = 10_000_000


@dataclass(frozen=True, slots=True)
class Run:
    """A run folder: the network, the settings and the classes that it was trained with.

    `scale` of the settings is a number here, `peak` the largest value that a pixel of the data can have. `overrides`
    are the input shapes and parameters that options gave.
    """

    folder: Path
    graph: Graph
    settings: Settings
    classes: tuple[str, ...]
    peak: float
    overrides: Mapping[str, Mapping[str, Any]]

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
        return bring(dataset, self.graph.inputs[0].shape) if data or self.settings.resize else dataset

    def write(self, name: str, text: str) -> Path:
        """Write a text file into the folder, whole or not at all."""
        path = self.folder / name
        write_whole(path, text.encode("utf-8"))
        return path


def create(root: Path, graph: Graph, settings: Settings, dataset: Dataset, overrides: Mapping[str, Any]) -> Run:
    """Make the next run folder of a network and write down what will be trained."""
    folder = _next_folder(root / _folder_name(graph.name))
    run = Run(folder, graph, settings, dataset.classes, dataset.peak, overrides)
    run.write(SPEC, graph.source.text)
    run.write(CONFIG, json.dumps(_config(run, dataset), indent=2, ensure_ascii=False) + "\n")
    return run


def rewrite(run: Run, settings: Settings) -> Run:
    """Return a run with other settings, which are written into its folder."""
    config = _read_json(run.folder / CONFIG)
    config["settings"] = settings.as_json()
    run.write(CONFIG, json.dumps(config, indent=2, ensure_ascii=False) + "\n")
    return replace(run, settings=settings)


def _config(run: Run, dataset: Dataset) -> dict[str, Any]:
    return {
        "cnnspec": 1,
        "name": run.graph.name,
        "source": run.graph.source.name,
        "overrides": run.overrides,
        "settings": run.settings.as_json(),
        "data": {
            "name": dataset.name,
            "shape": list(dataset.shape),
            "training": len(dataset.train),
            "test": len(dataset.test),
            "classes": list(dataset.classes),
            "peak": dataset.peak,
            "files": list(dataset.files),
        },
    }


def open_run(text: str | Path, root: Path = Path(ROOT)) -> Run:
    """Return the run of a folder, of `NAME/N` below `runs`, or the newest run of `NAME`.

    Raises CnnspecError where there is no such run, and where what is in it cannot be read.
    """
    folder = find(text, root)
    if folder is None:
        raise CnnspecError([_missing(str(text), root)])
    config = _read_json(folder / CONFIG)
    try:
        overrides = {kind: dict(values) for kind, values in config["overrides"].items()}
        source, classes = str(config["source"]), tuple(str(name) for name in config["data"]["classes"])
        peak, settings = float(config["data"]["peak"]), from_json(config["settings"])
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise CnnspecError([_unreadable(folder / CONFIG, shorten(error))]) from None
    try:
        spec = (folder / SPEC).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CnnspecError([_unreadable(folder / SPEC, shorten(error))]) from None
    inputs, params = overrides.get("inputs", {}), overrides.get("params", {})
    graph = networks.loads(spec, source, inputs=inputs, params=params)
    return Run(folder, graph, settings, classes, peak, overrides)


def find(text: str | Path, root: Path = Path(ROOT)) -> Path | None:
    """Return the folder of a run that a user names, None where there is none."""
    for folder in (Path(text), root / text):
        if (folder / CONFIG).is_file():
            return folder
    return newest(root / _folder_name(str(text)))


def newest(folder: Path) -> Path | None:
    """Return the run with the highest number in a folder of runs."""
    numbers = _numbers(folder)
    return folder / str(max(numbers)) if numbers else None


def folder_of(root: Path, graph: Graph) -> Path:
    """Return the folder where the runs of a network lie."""
    return root / _folder_name(graph.name)


def _folder_name(name: str) -> str:
    """Return a network's name as the name of one folder."""
    return re.sub(r"[^\w.-]+", "-", name.removesuffix(".yaml")).strip(".-") or "network"


def _numbers(folder: Path) -> list[int]:
    try:
        return [int(path.name) for path in folder.iterdir() if path.name.isdecimal() and (path / CONFIG).is_file()]
    except OSError:
        return []


def _next_folder(parent: Path) -> Path:
    """Make and return a folder that nobody else has made."""
    number = max([0, *_taken(parent)]) + 1
    while True:
        folder = parent / str(number)
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            if not parent.is_dir():
                raise CnnspecError([unwritable(parent, NotADirectoryError(20, "Not a directory"))]) from None
            number += 1
        except OSError as error:
            step = "`--run-dir` names another folder for runs"
            raise CnnspecError([unwritable(folder, error, step)]) from None
        else:
            return folder


def _taken(folder: Path) -> list[int]:
    try:
        return [int(path.name) for path in folder.iterdir() if path.name.isdecimal()]
    except OSError:
        return []


def _read_json(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        value = json.loads(data[:MOST_BYTES])
    except (OSError, ValueError, RecursionError) as error:
        raise CnnspecError([_unreadable(path, shorten(error))]) from None
    if not isinstance(value, dict):
        raise CnnspecError([_unreadable(path, "it is no JSON object")])
    return value


def _missing(text: str, root: Path) -> Diagnostic:
    try:
        names = sorted(path.name for path in root.iterdir() if newest(path))
    except OSError:
        names = []
    notes = (f"`{shorten(root, 80)}` holds runs of {', '.join(names[:20])}",) if names else ()
    step = "`cnnspec train` makes one" if not names else ""
    return Diagnostic(code="E521", message=f"there is no run `{shorten(text, 80)}`", notes=notes, help=step)


def _unreadable(path: Path, fact: str) -> Diagnostic:
    return Diagnostic(code="E521", message=f"`{shorten(path, 80)}` of the run cannot be read", notes=(fact,))
