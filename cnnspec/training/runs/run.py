"""Run folders: what was trained, how, and what came of it; `runs/<name>/<n>`, never overwritten."""

from __future__ import annotations

import os
import shutil
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnspec.errors import CnnspecError
from cnnspec.files import unwritable, write_whole
from cnnspec.ir.graph import Graph
from cnnspec.json_lines import VERSION, indented
from cnnspec.networks import loads
from cnnspec.training.data.dataset import Dataset, Samples
from cnnspec.training.data.inputs import sample_shape
from cnnspec.training.plan import limited, load, with_image_shape
from cnnspec.training.runs import checkpoint
from cnnspec.training.runs.folders import CONFIG, OTHERS, SPEC, folder_of, numbers
from cnnspec.training.runs.untrusted import read_json
from cnnspec.training.settings import Settings, from_json

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True, slots=True)
class Run:
    """A run folder: the network, the settings and the classes that it was trained with.

    `scale` of the settings is a number here, `peak` the largest value that a pixel of the data can have. `data` is what
    `describe_data` says of the data.
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
        """Return the data that the run was trained on, at the network's input shape, or others as they are."""
        dataset = load(self.graph, self.settings.changed(offline=offline or self.settings.offline), data, folder)
        if data is not None:
            return dataset
        dataset = limited(dataset, self.settings)
        return with_image_shape(dataset, sample_shape(self.graph)) if self.settings.resize else dataset

    def write(self, name: str, text: str) -> Path:
        """Write a text file into the folder, whole or not at all; a link in its place is replaced, not followed."""
        path = self.folder / name
        write_whole(path, text.encode("utf-8"), follow=False)
        return path


def create(root: Path, graph: Graph, settings: Settings, dataset: Dataset) -> Run:
    """Make the next run folder of a network and write down what will be trained.

    Raises CnnspecError where the text that is written down would not give the network again.
    """
    _demand_rebuilt(graph)
    folder = _next_folder(folder_of(root, graph.name))
    run = Run(folder, graph, settings, dataset.classes, dataset.peak, describe_data(dataset))
    try:
        run.write(SPEC, graph.source.text)
        _write_others(graph, folder / OTHERS)
        _write_config(run)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return run


@contextmanager
def begun(root: Path, graph: Graph, settings: Settings, dataset: Dataset) -> Iterator[Run]:
    """Yield a new run; where an error comes before an epoch is on the disk, nothing is left of its folder."""
    parent = folder_of(root, graph.name)
    made = [path for path in (parent, *parent.parents) if not path.exists()]
    try:
        run = create(root, graph, settings, dataset)
        try:
            yield run
        except BaseException:
            if not os.path.lexists(run.last):
                shutil.rmtree(run.folder, ignore_errors=True)
            raise
    except BaseException:
        with suppress(OSError):
            for path in made:
                path.rmdir()
        raise


def _demand_rebuilt(graph: Graph) -> None:
    with TemporaryDirectory() as name:
        _write_others(graph, Path(name))
        rebuilt = loads(graph.source.text, graph.source.name, folder=Path(name), **graph.overrides._asdict())
    if not is_same(graph, rebuilt):
        message = "the network is not that of its spec any more, and a run keeps the spec"
        raise CnnspecError.one("E502", message, help="write the change into the spec")


def _write_others(graph: Graph, folder: Path) -> None:
    """Write the files that a spec names as networks into a folder, under the paths by which it names them."""
    for other in graph.others:
        path = folder / other.name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, other.text.encode("utf-8"), follow=False)


def is_same(one: Graph, other: Graph) -> bool:
    """Tell whether two graphs are the same network; comments and layout of the text do not matter."""
    plain = [[node._replace(place=(0, 0), note="") for node in graph] for graph in (one, other)]
    return (one.name, one.inputs, one.outputs, plain[0]) == (other.name, other.inputs, other.outputs, plain[1])


def update_settings(run: Run) -> None:
    """Write a run's settings into its folder where they are others by now; who calls holds the folder's lock."""
    if from_json(read_json(run.folder / CONFIG).get("settings")) != run.settings:
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


def describe_data(dataset: Dataset) -> dict[str, Any]:
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
