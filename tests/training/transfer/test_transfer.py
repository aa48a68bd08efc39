"""Weights from elsewhere: what is taken, what is left, and that it helps."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

import cnnspec
from cnnspec.errors import CnnspecError
from cnnspec.training.settings import completed
from cnnspec.training.transfer.checks import check_transfer
from cnnspec.training.transfer.unfreezing import unfrozen

BASE: Final = """name: base
input: 8x8x1
layers:
  - conv: 32 3x3 same relu
  - conv: 32 3x3 same bn relu
  - maxpool: 2
  - flatten
  - dense: 10 softmax
train: {data: digits, epochs: 4}
"""
FEW: Final = """name: few
input: 8x8x1
layers:
  - network: base.yaml
    without: top
    trainable: false
  - flatten
  - dense: 10 softmax
train: {data: few.npz, epochs: 20, batch_size: 5, learning_rate: 0.003}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with a base, and a network that stands on it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "base.yaml").write_text(BASE, encoding="utf-8")
    (tmp_path / "few.yaml").write_text(FEW, encoding="utf-8")
    return tmp_path


def faults(**settings: Any) -> list[str]:
    """Return what is told of settings before a framework is there."""
    graph = cnnspec.load("few.yaml")
    return [fault.message for fault in check_transfer(graph, completed({"data": "digits", **settings}))]


def test_what_is_not_there_is_told_before_a_framework_is(folder: Path) -> None:
    """Runs, files, networks and layers that there are not; what learns already."""
    (folder / "text.h5").write_text("no weights", encoding="utf-8")
    assert faults(init=("nowhere", "bsae=text.h5", "text.h5"), unfreeze=("base.conv9", "dense1")) == [
        "weights cannot be taken from `nowhere`",
        "`init` names a network `bsae`, which is no part of `few`",
        "weights cannot be taken from `text.h5`",
        "`unfreeze` names `base.conv9`, which is no layer, block or network of `few`",
        "`unfreeze` names `dense1`, which is not frozen",
    ]


@pytest.mark.usefixtures("folder")
def test_norms_stay_frozen_unless_they_are_named() -> None:
    """A network stands for all in it but its batch norms."""
    graph = cnnspec.load("few.yaml")
    learning = [node.name for node in unfrozen(graph, ["base"]) if node.kind in ("conv", "bn")]
    assert learning == ["base.conv1", "base.conv2"]
    assert [node.name for node in unfrozen(graph, ["base.bn1"])] == ["base.bn1"]


class Notes:
    """Collects what is told."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.lines: list[str] = []

    def __call__(self, text: str) -> None:
        """Keep a line."""
        self.lines.append(text)


def begun(spec: str, init: str) -> tuple[Any, list[str]]:
    """Return a model that begins with weights, and what was told."""
    from cnnspec.keras import build
    from cnnspec.training.transfer.taking import initialize

    graph, notes = cnnspec.load(spec), Notes()
    model = build(graph)
    initialize(model, graph, completed({"data": "digits", "init": (init,)}), notes)
    return model, notes.lines


@pytest.mark.keras
def test_weights_go_where_name_and_shapes_agree(folder: Path, keras: Any) -> None:
    """From a .keras file, from its weights alone, and from the older form of HDF5: the same numbers."""
    from cnnspec.keras import build

    base = build(cnnspec.load("base.yaml"))
    base.save("base.keras")
    base.save("base.h5")
    with zipfile.ZipFile("base.keras") as archive:
        (folder / "base.weights.h5").write_bytes(archive.read("model.weights.h5"))
    for file in ("base.keras", "base.h5", "base.weights.h5"):
        model, lines = begun("few.yaml", f"base={file}")
        assert lines == [f"weights   3 layers from {file}: base.conv1, base.conv2, base.bn1"]
        for name in ("conv1", "conv2", "bn1"):
            pairs = zip(base.get_layer(name).weights, model.get_layer(f"base.{name}").weights, strict=True)
            assert all(np.array_equal(keras.ops.convert_to_numpy(a), keras.ops.convert_to_numpy(b)) for a, b in pairs)
    (folder / "other.yaml").write_text(BASE.replace("10 softmax", "4 softmax"), encoding="utf-8")
    assert begun("other.yaml", "base.keras")[1][1] == (
        "left      1 as they begin: dense1 ((512, 10) there, (512, 4) here)"
    )


@pytest.mark.keras
@pytest.mark.usefixtures("keras")
def test_damaged_files_and_other_networks_are_diagnostics(folder: Path) -> None:
    """A truncated h5, an archive without weights, weights of which none fits, and links out of the file."""
    import h5py

    from cnnspec.keras import build

    build(cnnspec.load("base.yaml")).save("base.h5")
    data = (folder / "base.h5").read_bytes()
    (folder / "cut.h5").write_bytes(data[: len(data) // 2])
    with zipfile.ZipFile("empty.keras", "w") as archive:
        archive.writestr("config.json", "{}")
    with h5py.File("link.h5", "w") as file:
        file.attrs["layer_names"] = ["conv1"]
        file["conv1"] = h5py.ExternalLink("base.h5", "/model_weights/conv1")
    (folder / "wide.yaml").write_text(
        "input: 9\nlayers: [dense: 3 relu, {dense: 2 softmax, name: d}]\n", encoding="utf-8"
    )

    def told(spec: str, init: str) -> tuple[str, ...]:
        with pytest.raises(CnnspecError) as error:
            begun(spec, init)
        (fault,) = error.value.diagnostics
        assert fault.code == "E529"
        return (fault.message, *fault.notes)

    assert "truncated file" in told("base.yaml", "cut.h5")[1]
    assert "model.weights.h5" in told("base.yaml", "empty.keras")[1]
    assert told("base.yaml", "link.h5")[1] == "its `conv1` leads out of the file"
    message, *notes = told("wide.yaml", "base.h5")
    assert message == "`base.h5` holds weights of another network: no layer agrees in name and shapes"
    assert notes[:2] == ["`dense1`: (512, 10) there, (9, 3) here", "`d`: not there"]


@pytest.mark.keras
@pytest.mark.usefixtures("keras")
def test_a_base_beats_training_from_nothing_with_few_images(folder: Path) -> None:
    """Two images of each class, noisy and of little contrast: on features of other digits, more are told right."""
    from cnnspec.training import train
    from cnnspec.training.data import load_data

    data = load_data("digits", shape=(8, 8, 1), classes=10, seed=0)
    rng, y = np.random.default_rng(0), (data.train.y + 3) % 10
    kept = np.concatenate([np.flatnonzero(y == label)[:2] for label in range(10)])

    def other(x: Any) -> Any:
        return np.clip(x * 8 + 40 + rng.integers(0, 40, x.shape), 0, 255).astype(np.uint8)

    parts = {"x_train": other(data.train.x.astype(int)[kept]), "y_train": y[kept]}
    np.savez("few.npz", **parts, x_test=other(data.test.x.astype(int)), y_test=(data.test.y + 3) % 10)
    base = train(cnnspec.load("base.yaml"), seed=1).run.folder
    (folder / "free.yaml").write_text(FEW.replace("    trainable: false\n", ""), encoding="utf-8")
    taken = train(cnnspec.load("few.yaml"), init=f"base={base}", learning_rate=0.01, seed=1)
    free = train(cnnspec.load("free.yaml"), seed=1)
    assert taken.test is not None
    assert free.test is not None
    assert (taken.test.scores.accuracy or 0) > (free.test.scores.accuracy or 1) + 0.05
    config = json.loads((taken.run.folder / "config.json").read_text(encoding="utf-8"))
    assert config["settings"]["init"] == [f"base={base}"]
    second = train(cnnspec.load("few.yaml"), init=str(taken.run.folder), unfreeze="base", epochs=1, seed=1)
    moved = second.run.load_model()
    first = taken.run.load_model()
    assert not np.array_equal(
        moved.get_layer("base.conv1").get_weights()[0], first.get_layer("base.conv1").get_weights()[0]
    )
    same = zip(moved.get_layer("base.bn1").get_weights(), first.get_layer("base.bn1").get_weights(), strict=True)
    assert all(np.array_equal(a, b) for a, b in same)
