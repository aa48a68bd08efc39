"""Networks that tell labels, numbers and masks: trained, tested as Keras tests, resumed, and asked by commands."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from typer.testing import CliRunner

import cnnspec
from cnnspec.cli.app import make_app
from cnnspec.errors import CnnspecError
from cnnspec.training import open_run, train
from cnnspec.training.data.dataset import Dataset
from cnnspec.training.plan import make_plan
from cnnspec.training.results.targets.measuring import measure
from cnnspec.training.runs.resuming import resumable
from cnnspec.training.settings import merge

APP: Final = make_app(("train", "evaluate", "predict"))
HEAD: Final = "name: {name}\ninput: 6x6x1\nlayers:\n"
SPECS: Final = {
    "numbers": "  - flatten\n  - dense: 2\ntrain: {loss: mse}\n",
    "labels": "  - flatten\n  - dense: 3 sigmoid\ntrain: {loss: binary_crossentropy}\n",
    "mask": "  - conv: 4 3x3 same relu\n  - conv: 2 3x3 softmax\ntrain: {augment: flip, class_weight: {1: 3}}\n",
}
KEYS: Final = {
    "numbers": ("mean_absolute_error", "root_mean_squared_error", "r2"),
    "labels": ("accuracy", "exact", "f1"),
    "mask": ("accuracy", "mean_iou"),
}

pytestmark = [pytest.mark.keras, pytest.mark.usefixtures("keras")]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with data for each sort of target: 25 images, and what can be told of them."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    random = np.random.default_rng(0)
    x = random.integers(0, 256, (25, 6, 6, 1), dtype=np.uint8)
    shares = x.reshape(25, 36) / 255
    np.savez("numbers.npz", x=x, y=shares[:, :2] * 4)
    np.savez("labels.npz", x=x, y=(shares[:, :3] > 0.5).astype(int))
    np.savez("mask.npz", x=x, y=(x[..., 0] > 127).astype(int))
    for name, text in SPECS.items():
        (tmp_path / f"{name}.yaml").write_text(HEAD.format(name=name) + text, encoding="utf-8")
    return tmp_path


def graph_of(name: str) -> cnnspec.Graph:
    """Return the network of a sort of target."""
    return cnnspec.load(f"{name}.yaml")


def cnn(*words: str) -> str:
    """Return what a command prints."""
    result = CliRunner().invoke(APP, list(words))
    assert result.exit_code == 0, result.output
    return re.sub(r"\x1b\[[\d;]*m", "", result.stdout)


@pytest.mark.parametrize("name", SPECS)
def test_a_network_is_trained_and_tested(name: str) -> None:
    """The loss is what Keras measures, the folder says what was told, and the commands show it."""
    outcome = train(graph_of(name), data=f"{name}.npz", epochs=2, batch_size=8)
    assert outcome.test is None
    assert outcome.measured is not None
    run = open_run(f"{name}/1")
    assert (run.settings.sort, run.settings.metrics[0]) == (name, KEYS[name][0])
    data, model = run.load_data(), run.load_model()
    model.compile(loss=run.settings.loss, metrics=[])
    y = data.test.y.astype(np.int32 if name == "mask" else np.float32)
    theirs = model.evaluate(data.test.x / np.float32(255), y, verbose=0)
    assert outcome.measured.scores.loss == pytest.approx(theirs, rel=1e-5)
    summary = json.loads(Path(f"runs/{name}/1/summary.json").read_text(encoding="utf-8"))["test"]
    assert (summary["images"], summary["loss"]) == (5, outcome.measured.scores.loss)
    assert summary.keys() > {*KEYS[name]}
    shown = json.loads(cnn("evaluate", f"{name}/1", "--format", "json"))
    assert [shown[key] for key in KEYS[name]] == [summary[key] for key in KEYS[name]]
    assert len(shown["outputs"]) == {"numbers": 2, "labels": 3, "mask": 2}[name]
    assert f"{shown['outputs'][1]['name']} " in cnn("evaluate", f"{name}/1", "--data", f"{name}.npz")
    assert "25 test images" in cnn("evaluate", f"{name}/1", "--data", f"{name}.npz")


@pytest.mark.parametrize("name", SPECS)
def test_pictures_are_answered(name: str) -> None:
    """With the outputs of the model, or the share of each class in the mask."""
    image = pytest.importorskip("PIL.Image")
    pixels = np.load(f"{name}.npz")["x"][0, :, :, 0]
    image.fromarray(pixels).save("one.png")
    run = train(graph_of(name), data=f"{name}.npz", epochs=1).run
    outputs = run.load_model().predict(pixels[None, :, :, None] / np.float32(255), verbose=0)[0]
    if name == "mask":
        outputs = np.bincount(outputs.argmax(axis=-1).ravel(), minlength=2) / 16
    (answer,) = json.loads(cnn("predict", f"{name}/1", "one.png", "--format", "json"))["images"]
    word = {"numbers": "value", "labels": "probability", "mask": "share"}[name]
    assert [row[word] for row in answer["predictions"]] == pytest.approx(outputs.tolist(), rel=1e-5)
    if name == "mask":
        cnn("predict", "mask/1", "one.png", "--masks", "masks")
        written = image.open("masks/one.png")
        counts = np.bincount(np.asarray(written).ravel(), minlength=2) / 16
        assert (written.mode, written.size, counts.tolist()) == ("P", (4, 4), outputs.tolist())
        assert written.convert("RGB").getpixel((0, 0)) in ((0, 0, 0), (61, 242, 114))
        for words, said in ((["one.png"], "it exists already"), (["one.png", "./one.png"], "have one name")):
            result = CliRunner().invoke(APP, ["predict", "mask/1", *words, "--masks", "masks"])
            assert result.exit_code == 1
            assert said in result.stderr
    assert cnn("predict", f"{name}/1", "one.png").startswith("one.png: 6×6 grayscale, as it is\n  0  ")
    refused = CliRunner().invoke(APP, ["predict", f"{name}/1", "one.png", "--top", "2"])
    assert f"error[E702]: `--top` is about classes, and the run was trained on {name}" in refused.stderr


def test_an_accuracy_of_numbers_is_refused() -> None:
    """Where it is asked for; by itself the mean absolute error stands in its place."""
    graph = cnnspec.loads(
        (HEAD + "  - flatten\n  - dense: 2\ntrain: LOSS\n")
        .format(name="net")
        .replace("LOSS", "{loss: mse, metrics: [accuracy, mse]}")
    )
    with pytest.raises(CnnspecError, match=r"`accuracy` is of classes.*\n.*take `metrics: mean_absolute_error`"):
        make_plan(graph, merge(graph.train, {"data": "numbers.npz"}))


def test_logits_are_told_as_probabilities(keras: Any) -> None:
    """The loss applies softmax or sigmoid while learning, and so do the test and the accuracy of an epoch."""
    graph = cnnspec.loads("name: logits\ninput: 6x6x1\nlayers: [conv: 4 3x3 same relu, conv: 2 3x3]\n")
    outcome = train(graph, data="mask.npz", epochs=1, from_logits=True)
    data, model = outcome.run.load_data(), outcome.run.load_model()
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    theirs = model.evaluate(data.test.x / np.float32(255), data.test.y.astype(np.int32), verbose=0)
    assert outcome.measured is not None
    assert outcome.measured.scores.loss == pytest.approx(theirs, rel=1e-5)
    text = HEAD.format(name="logits") + SPECS["labels"].replace(" sigmoid", "")
    given = {"loss": "binary_crossentropy", "from_logits": True, "label_smoothing": 0.2, "validation_split": 0.25}
    outcome = train(cnnspec.loads(text), data="labels.npz", epochs=1, **given)
    assert outcome.measured is not None
    measured = measure(outcome.run, kept(outcome.run, text)).scores
    row = outcome.state.history[-1]
    assert measured.fact("accuracy") == pytest.approx(row["val_accuracy"])
    assert measured.loss == pytest.approx(row["val_loss"], rel=1e-5)


def kept(run: Any, text: str) -> Dataset:
    """Return the validation data of a run as if they were for testing."""
    plan = make_plan(cnnspec.loads(text), run.settings)
    assert plan.validation is not None
    return replace(plan.dataset, test=plan.validation)


def test_masks_are_mirrored_with_their_images() -> None:
    """Whatever chance mirrors: the bright pixels stay those of the class 1."""
    from cnnspec.training.fitting.batches import Feed

    graph = graph_of("mask")
    plan = make_plan(graph, merge(graph.train, {"data": "mask.npz", "batch_size": 20}))
    for changes in ({}, {"loss": "categorical_crossentropy"}):
        settings = plan.settings.changed(**changes)
        ((x, y, weights),) = Feed(plan.training, settings, 2, weights=plan.class_weights).epoch(0)
        classes = y.numpy().argmax(axis=-1) if changes else y.numpy()
        bright = x.numpy()[:, 1:-1, 1:-1, 0] > 0.5
        assert np.array_equal(bright, classes == 1)
        assert np.array_equal(weights.numpy(), np.where(bright, 3, 1))
        ordered = plan.training.x[:, 1:-1, 1:-1, 0] > 127
        assert sorted(map(bytes, bright)) != sorted(map(bytes, ordered))


def test_a_resumed_training_of_masks_is_the_same() -> None:
    """Two epochs and two more are four, to the last bit."""
    given = {"data": "mask.npz", "batch_size": 8, "deterministic": True}
    whole = train(graph_of("mask"), epochs=4, **given).run
    half = train(graph_of("mask"), epochs=2, **given).run
    cnn("train", str(half.folder), "--resume", "--epochs", "4")
    assert resumable(whole, None, {"epochs": 9})[0].settings.sort == "mask"
    for one, other in zip(whole.load_model().get_weights(), half_again(half).get_weights(), strict=True):
        assert np.array_equal(one, other)


def half_again(run: Any) -> Any:
    """Return the model of a run as it is on the disk now."""
    return open_run(run.folder).load_model()
