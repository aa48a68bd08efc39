"""Settings: what wins over what, what does not go together, and Keras' own learning rates."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cnnspec
from cnnspec.cli.settings import read_options
from cnnspec.errors import CnnspecError, UsageError
from cnnspec.language.train.augmentations import MIRRORS
from cnnspec.language.train.losses import LOSSES
from cnnspec.language.train.metrics import METRICS
from cnnspec.language.train.optimizers import OPTIMIZERS
from cnnspec.language.train.schedules import SCHEDULES
from cnnspec.training.data.catalogue import CATALOGUE
from cnnspec.training.settings import Settings, from_json, merge


def test_options_win_over_the_spec_and_the_spec_over_defaults() -> None:
    """`lenet5` says 10 epochs of 32; nothing says a seed."""
    settings = merge(cnnspec.load("lenet5").train, {"epochs": 3, "batch_size": None})
    assert (settings.data, settings.epochs, settings.batch_size, settings.seed) == ("mnist", 3, 32, 0)


def test_the_learning_rate_is_that_of_the_optimizer() -> None:
    """Keras' SGD takes 0.01, its Adam 0.001."""
    assert merge({"data": "mnist", "optimizer": "sgd"}, {}).learning_rate == 0.01
    assert merge({"data": "mnist", "optimizer": "sgd"}, {"optimizer": "adam"}).learning_rate == 0.001
    assert merge({"data": "mnist", "learning_rate": 0.5}, {"optimizer": "adam"}).learning_rate == 0.5


@pytest.mark.keras
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers_are_those_of_keras(keras: Any, name: str) -> None:
    """The rate that Keras takes when nothing is said, and what it keeps for a matrix of 35 parameters."""
    row = OPTIMIZERS[name]
    assert float(keras.optimizers.get(name).learning_rate) == pytest.approx(row.learning_rate)
    for momentum in (0.0, 0.5) if row.takes_momentum else (0.0,):
        config = {"momentum": momentum} if row.takes_momentum else {}
        optimizer = keras.optimizers.get({"class_name": name, "config": config})
        optimizer.build([keras.Variable(np.zeros((7, 5)))])
        kept = [variable for variable in optimizer.variables if tuple(variable.shape) == (7, 5)]
        assert len(kept) == row.slots + bool(momentum)


@pytest.mark.keras
def test_losses_and_metrics_are_those_of_keras(keras: Any) -> None:
    """Each name is known to it, and a sparse loss takes the numbers of the classes."""
    outputs, numbers, rows = np.full((2, 3), 1 / 3), np.array([0, 2]), np.eye(3)[[0, 2]]
    for name, loss in LOSSES.items():
        assert keras.ops.shape(keras.losses.get(name)(numbers if loss.sparse else rows, outputs)) == (2,)
    for name, metric in METRICS.items():
        for call in metric.calls or ():
            assert getattr(keras.metrics, call.class_name)(**call.arguments)
        assert metric.calls or name == "accuracy" or keras.metrics.get(name)


@pytest.mark.parametrize(
    ("spec", "code", "words"),
    [
        ({}, "E511", "--data mnist"),
        ({"data": "mnist", "patience": 3}, "E702", "--validation-split 0.1"),
        ({"data": "mnist", "momentum": 0.9}, "E702", "`adam` takes no `momentum`"),
        ({"data": "mnist", "validation_split": 1.0}, "E702", "nothing to train on"),
        ({"data": "mnist", "devices": 3}, "E702", "`--batch-size 33` can be shared"),
        ({"data": "mnist", "metrics": ("mean_squared_error",)}, "E702", "take `loss: categorical_crossentropy`"),
        ({"data": "mnist", "deterministic": True, "jit": "on"}, "E702", "just in time"),
        ({"data": "mnist", "threads": "2x1", "jit": "on"}, "E702", "`--threads 1` divides none"),
        ({"data": "mnist", "threads": "2x4", "devices": 2}, "E702", "`--threads 4` divides none"),
        (
            {"data": "mnist", "steps_per_execution": 2, "devices": 2},
            "E702",
            "Keras cannot run 2 steps in one execution on several devices",
        ),
        ({"data": "mnist", "threads": "64x1"}, "E702", "a batch of 32 cannot be divided into 64 parts"),
        ({"data": "mnist", "mixup": 0.2}, "E702", "take `loss: categorical_crossentropy`, which is the same loss"),
        ({"data": "mnist", "label_smoothing": 0.1}, "E702", "`label_smoothing` cannot smooth numbers of classes"),
        (
            {"data": "mnist", "label_smoothing": 0.1, "loss": "mean_squared_error"},
            "E702",
            "`categorical_crossentropy` and `binary_crossentropy` take smooth labels",
        ),
        ({"data": "mnist", "from_logits": True, "loss": "mean_squared_error"}, "E702", "applies no activation"),
        (
            {"data": "mnist", "from_logits": True, "loss": "binary_crossentropy", "metrics": ("mean_squared_error",)},
            "E702",
            "`mean_squared_error` would be that of logits",
        ),
        ({"data": "mnist", "monitor": "val_accuracy"}, "E702", "`val_accuracy` is measured on validation data"),
        ({"data": "mnist", "monitor": "top_5_accuracy"}, "E702", "add `metrics: [accuracy, top_5_accuracy]`"),
        (
            {"data": "mnist", "monitor": "root_mean_squared_error", "loss": "mean_squared_error"},
            "E702",
            "add `metrics: [root_mean_squared_error]`",
        ),
        ({"data": "mnist", "clipnorm": 1.0, "clipvalue": 0.5}, "E702", "`clipnorm` and `clipvalue` are 2"),
        ({"data": "mnist", "clipvalue": 0.5, "devices": 2}, "E702", "would clip its part of the gradient"),
        ({"data": "mnist", "warmup_steps": 9, "warmup_epochs": 1}, "E702", "two lengths of one warm-up"),
        ({"data": "mnist", "warmup_steps": 9, "schedule": "step"}, "E702", "`constant` and `cosine` have one"),
        ({"data": "mnist", "warmup_epochs": 10}, "E702", "a warm-up of 10 epochs leaves none of 10"),
    ],
)
def test_what_does_not_go_together_is_said(spec: dict[str, Any], code: str, words: str) -> None:
    """Before anything is read or imported."""
    with pytest.raises(UsageError) as caught:
        merge(spec, {})
    assert [fault.code for fault in caught.value.diagnostics] == [code]
    assert words in str(caught.value)


def test_all_contradictions_come_at_once() -> None:
    """Nobody mends one to be told of the next."""
    with pytest.raises(UsageError) as caught:
        merge({"data": "mnist", "patience": 3, "momentum": 0.5, "devices": 3}, {})
    assert len(caught.value.diagnostics) == 3


def test_settings_survive_a_file() -> None:
    """What a run folder holds is what was trained."""
    settings = Settings(data="mnist", augment=("crop", "flip"), scale=1 / 255, metrics=("accuracy",))
    assert from_json(json.loads(json.dumps(settings.as_json()))) == settings


def test_settings_of_another_version_are_refused() -> None:
    """A key that we do not know is not dropped without a word."""
    with pytest.raises(CnnspecError) as caught:
        from_json({"data": "mnist", "warmup": 3})
    assert caught.value.diagnostics[0].code == "E521"
    assert "warmup" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "given", "read"),
    [
        ("augment", "auto", ("auto",)),
        ("augment", "none", ()),
        ("augment", "crop, flip", ("crop", "flip")),
        ("loss", "mse", "mean_squared_error"),
        ("learning_rate", 0.01, 0.01),
        ("steps_per_execution", "auto", None),
        ("steps_per_execution", "8", 8),
        ("threads", "auto", None),
        ("threads", "16", "16"),
        ("threads", "2×1", "2x1"),
        ("data_dir", "x", "x"),
        ("monitor", "val_acc", "val_accuracy"),
        ("class_weight", "balanced", ("balanced",)),
        ("class_weight", "0=1, cat=2.5", ("0=1", "cat=2.5")),
        ("clipnorm", "1/2", 0.5),
    ],
)
def test_options_read_as_the_spec_does(name: str, given: object, read: object) -> None:
    """One schema for both."""
    assert read_options({name: given}) == {name: read}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"optimizer": "adm"}, "`optimizer` must be one of `adam`, "),
        ({"epochs": 0}, "`epochs` must be a positive integer, not `0`"),
        ({"epoch": 3}, "did you mean `epochs`?"),
        ({"learning_rate": "fast"}, "`learning_rate` must be a number above 0, at most 3.4e+38, not `fast`"),
        ({"scale": 10**400}, "`scale` must be a number above 0, at most 3.4e+38, not `1000"),
        ({"augment": ("crop", "turn")}, "`augment` must be `true`, `false`, one of `crop`, `flip`, or a list of them"),
    ],
)
def test_what_python_gives_is_checked(given: dict[str, Any], words: str) -> None:
    """With the setting's name and what it accepts, before anything is read or imported."""
    with pytest.raises(UsageError) as caught:
        merge({"data": "digits"}, given)
    assert [fault.code for fault in caught.value.diagnostics] == ["E703"]
    assert words in str(caught.value)


def test_what_python_gives_is_read_as_a_spec_is() -> None:
    """In the forms that settings have, and in those that a spec may have."""
    given = {"loss": "mse", "augment": True, "metrics": ["acc"], "scale": "1/255", "limit": None, "device": "CPU"}
    settings = merge({}, {"data": "digits", **given})
    assert (settings.loss, settings.augment, settings.metrics) == ("mean_squared_error", ("auto",), ("accuracy",))
    assert (settings.scale, settings.limit, settings.device) == (1 / 255, None, "cpu")
    assert merge({}, {"data": "digits", "augment": ("crop",), "metrics": ()}).metrics == ()


@pytest.mark.parametrize(
    ("name", "given", "accepts"),
    [
        ("augment", "rotate", "`auto`, `none`, `crop`, `flip` or `crop,flip`"),
        ("steps_per_execution", "0", "`auto` or a positive integer"),
        *(
            ("threads", word, "`auto`, a number of threads, or `2x1`: parts of a batch and threads within an operation")
            for word in ("0", "0x2", "2x", "x2", "2x0", "-1", "1.5", "2x2x2", "12345", "")
        ),
        ("learning_rate", -1.0, "a number above 0, at most 3.4e+38"),
        ("validation_split", 2.0, "a number from 0 to 1"),
        ("class_weight", "cat", "`balanced`, or classes with weights ≥ 0, such as `0=1,1=5`"),
        ("class_weight", "0=-1", "`balanced`, or classes with weights ≥ 0, such as `0=1,1=5`"),
        ("class_weight", "0=1,0=2", "`balanced`, or classes with weights ≥ 0, such as `0=1,1=5`"),
    ],
)
def test_a_wrong_option_says_what_is_accepted(name: str, given: object, accepts: str) -> None:
    """The text finishes the sentence 'must be ...'."""
    with pytest.raises(UsageError) as caught:
        read_options({name: given})
    (fault,) = caught.value.diagnostics
    assert fault.message == f"`--{name.replace('_', '-')}` must be {accepts}, not `{given}`"


def test_weights_of_classes_are_a_mapping_in_a_spec_and_in_python() -> None:
    """Keras' own form; what is read survives a file."""
    graph = cnnspec.loads("input: 8x8x1\nlayers: [flatten]\ntrain: {data: digits, class_weight: {0: 1, 7: 5/2}}\n")
    assert graph.train["class_weight"] == ("0=1", "7=2.5")
    assert merge({}, {"data": "digits", "class_weight": {0: 1, 7: 2.5}}).class_weight == ("0=1", "7=2.5")
    settings = Settings(data="digits", class_weight=("0=1", "7=2.5"), clipnorm=1.0, monitor="loss")
    assert from_json(json.loads(json.dumps(settings.as_json()))) == settings


@pytest.mark.parametrize("value", ["{}", "{0: x}", "[]", "{0: {1: 2}}", "{'': 1}", "some"])
def test_weights_of_classes_that_are_none_are_refused(value: str) -> None:
    """With the place in the spec and what is accepted."""
    with pytest.raises(CnnspecError, match=r"E105.*`class_weight` must be `balanced`, or a mapping"):
        cnnspec.loads(f"input: 8x8x1\nlayers: [flatten]\ntrain: {{data: digits, class_weight: {value}}}\n")


def test_every_setting_is_documented() -> None:
    """The page of training has a row for each, with its key and its option; the page of the language lists the keys."""
    docs = Path(__file__).parents[2] / "docs"
    keys = ", ".join(name for name, setting in Settings.declared.items() if setting.in_spec)
    assert f"| `train` | settings for training: {keys} |" in (docs / "language.md").read_text(encoding="utf-8")
    page = docs / "training.md"
    rows = [line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    for name, setting in Settings.declared.items():
        key = f"`{name}`" if setting.in_spec else ""
        option = f"`--{name.replace('_', '-')}" if setting.option else ""
        assert [row for row in rows if row.startswith(f"| {key}".rstrip()) and option in row], name
    words = (*OPTIMIZERS, *LOSSES, *METRICS, *SCHEDULES, *MIRRORS)
    assert [word for word in words if not any(f"`{word}`" in row for row in rows)] == []


def test_every_data_set_is_documented() -> None:
    """On the page of training and in the help of the option."""
    page = Path(__file__).parents[2] / "docs" / "training.md"
    names = [entry.usage or name for name, entry in CATALOGUE.items()]
    assert [name for name in names if f"`{name}`" not in page.read_text(encoding="utf-8")] == []
    assert [name for name in names if name not in re.findall(r"[\w:]+", Settings.declared["data"].doc)] == []
