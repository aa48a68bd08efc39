"""Settings: what wins over what, what does not go together, and Keras' own learning rates."""

from __future__ import annotations

import json
from typing import Any

import pytest

import cnnspec
from cnnspec.errors import CnnspecError, UsageError
from cnnspec.language.train_section import OPTIMIZERS, read_option
from cnnspec.training.settings.settings import LEARNING_RATES, Settings, from_json, merge


def test_options_win_over_the_spec_and_the_spec_over_defaults() -> None:
    """`lenet5` says 10 epochs of 32; nothing says a seed."""
    settings = merge(cnnspec.load("lenet5").train, {"epochs": 3, "batch_size": None})
    assert (settings.data, settings.epochs, settings.batch_size, settings.seed) == ("mnist", 3, 32, 0)


def test_the_learning_rate_is_that_of_the_optimizer() -> None:
    """Keras' SGD takes 0.01, its Adam 0.001."""
    assert merge({"data": "mnist", "optimizer": "sgd"}, {}).learning_rate == 0.01
    assert merge({"data": "mnist", "optimizer": "sgd"}, {"optimizer": "adam"}).learning_rate == 0.001
    assert merge({"data": "mnist", "learning_rate": 0.5}, {"optimizer": "adam"}).learning_rate == 0.5


def test_every_optimizer_has_a_learning_rate() -> None:
    """No word is accepted that would fail later."""
    assert set(LEARNING_RATES) == set(OPTIMIZERS.options)


@pytest.mark.keras
@pytest.mark.parametrize("name", sorted(LEARNING_RATES))
def test_learning_rates_are_those_of_keras(keras: Any, name: str) -> None:
    """The table says what Keras takes when nothing is said."""
    assert float(keras.optimizers.get(name).learning_rate) == pytest.approx(LEARNING_RATES[name])


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
    settings = Settings("mnist", augment=("crop", "flip"), scale=1 / 255, metrics=("accuracy",))
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
        ("data_dir", "x", "x"),
    ],
)
def test_options_read_as_the_spec_does(name: str, given: object, read: object) -> None:
    """One schema for both."""
    assert read_option(name, given) == read


@pytest.mark.parametrize(
    ("name", "given", "accepts"),
    [
        ("augment", "rotate", "`auto`, `none`, `crop`, `flip` or `crop,flip`"),
        ("steps_per_execution", "0", "`auto` or a positive integer"),
        ("learning_rate", -1.0, "a number above 0"),
        ("validation_split", 2.0, "a number from 0 to 1"),
    ],
)
def test_a_wrong_option_says_what_is_accepted(name: str, given: object, accepts: str) -> None:
    """The text finishes the sentence 'must be ...'."""
    with pytest.raises(ValueError, match=r".") as caught:
        read_option(name, given)
    assert str(caught.value) == accepts
