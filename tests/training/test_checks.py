"""What is known to go wrong before a framework is imported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cnnspec
from cnnspec.analysis.measure import measure
from cnnspec.errors import CnnspecError
from cnnspec.training.checks import check_memory, check_network, last_activation, memory_of
from cnnspec.training.data.dataset import Dataset, Samples
from cnnspec.training.plan import limited, make_plan, split
from cnnspec.training.settings import Settings, merge


def net(last: str, head: str = "input: 8x8x1") -> cnnspec.Graph:
    """Return a small network with a last layer."""
    return cnnspec.loads(f"{head}\nlayers:\n  - flatten\n  - {last}\n", "net.yaml")


def faults_of(last: str, loss: str = "sparse_categorical_crossentropy") -> str:
    """Return the text of what a last layer and a loss make wrong."""
    return str(CnnspecError(check_network(net(last), Settings(data="digits", loss=loss))))


@pytest.mark.parametrize(
    ("last", "loss"),
    [
        ("dense: 10 softmax", "sparse_categorical_crossentropy"),
        ("dense: 10 softmax", "categorical_crossentropy"),
        ("dense: 1 sigmoid", "binary_crossentropy"),
        ("dense: 10 sigmoid", "binary_crossentropy"),
        ("dense: 1 hard_sigmoid", "binary_crossentropy"),
        ("dense: 10 softmax\n  - identity", "categorical_crossentropy"),
        ("dense: 10\n  - activation: softmax", "sparse_categorical_crossentropy"),
        ("dense: 10", "mean_squared_error"),
        ("dense: 10 tanh", "mean_absolute_error"),
    ],
)
def test_what_fits_is_not_complained_of(last: str, loss: str) -> None:
    """A loss and the activation that it is meant for."""
    assert faults_of(last, loss) == ""


def test_a_missing_softmax_is_said_with_its_line() -> None:
    """Keras would train on, with logarithms of numbers that are no probabilities."""
    assert faults_of("dense: 10 relu") == (
        "error[E502]: `sparse_categorical_crossentropy` needs probabilities, and the last activation is `relu`\n"
        " --> net.yaml:4:5\n"
        "  |\n"
        "4 |   - dense: 10 relu\n"
        "  |     ^^^^^^^^^^^^^^\n"
        "  = note: with this loss the last activation is `softmax` or `sparsemax`\n"
        "  = help: write `dense: 10 softmax`"
    )
    assert "the last layer has no activation" in faults_of("dense: 10")


def test_logits_are_for_a_loss_that_applies_the_activation() -> None:
    """As Keras' `from_logits`; without one, a network that ends in logits is told of it."""
    assert "`from_logits: true` in `train` lets the loss apply it" in faults_of("dense: 10")

    def faults(last: str, loss: str = "sparse_categorical_crossentropy") -> str:
        settings = Settings(data="digits", loss=loss, from_logits=True)
        return str(CnnspecError(check_network(net(last), settings)))

    assert faults("dense: 10") == faults("dense: 1", "binary_crossentropy") == ""
    assert "the last activation is `softmax`, which a loss `from_logits` applies once more" in faults(
        "dense: 10 softmax"
    )
    assert "take `loss: binary_crossentropy`" in faults("dense: 1")


def test_one_sigmoid_unit_asks_for_its_loss() -> None:
    """The step is the loss, not the layer."""
    assert "add `loss: binary_crossentropy` to `train`" in faults_of("dense: 1 sigmoid")
    assert "add `loss: binary_crossentropy` to `train`" in faults_of("dense: 1 hard_sigmoid")


def test_softmax_over_one_unit_is_said() -> None:
    """Its output is 1 whatever the weights are."""
    assert "always 1" in faults_of("dense: 1 softmax")


@pytest.mark.parametrize(
    ("layers", "activation"),
    [
        ("[flatten, dense: 3, softmax]", "softmax"),
        ("[conv: 3 8x8 softmax, flatten]", "softmax"),
        ("[flatten, dense: 3]", ""),
        ("[flatten, dense: 3 linear]", ""),
        ("[flatten, dense: 3, sigmoid]", "sigmoid"),
        ("[flatten, dense: 3, activation: softmax]", "softmax"),
        ("[flatten, dense: 3, Activation: softmax]", "softmax"),
        ("[flatten, dense: 3, Softmax]", "softmax"),
        ("[flatten, dense: 3, activation: linear]", ""),
        ("[flatten, dense: 3, elu]", "elu"),
        ("[flatten, dense: 3, prelu]", "prelu"),
        ("[flatten, dense: 3 softmax, identity]", "softmax"),
        ("[flatten, dense: 3 softmax, linear]", "softmax"),
        ("[flatten, dense: 3 softmax, activation: none]", "softmax"),
        ("[flatten, dense: 3 softmax, dropout: 0.1, reshape: 1x1x3, permute: [3, 1, 2], flatten]", "softmax"),
        ("[conv: 3 8x8 softmax, spatial_dropout: 0.1, flatten]", "softmax"),
        ("[flatten, dense: 3 softmax, bn]", ""),
        ("[flatten, dense: 3 softmax, rescale: 2]", ""),
        ("[flatten]", ""),
    ],
)
def test_the_last_activation_is_found(layers: str, activation: str) -> None:
    """As a layer of its own, inside the last layer, before layers that keep all values."""
    assert last_activation(cnnspec.loads(f"input: 8x8x1\nlayers: {layers}")) == activation


def test_what_keras_lacks_is_said_before_it_starts() -> None:
    """The analysis knows more layers than Keras, and a training needs those of Keras."""
    graph = cnnspec.loads("input: 8x8x1\nlayers: [pad: 2 replicate, flatten, dense: 10 softmax]")
    faults = check_network(graph, Settings(data="digits"))
    assert [(fault.code, fault.span.position[0]) for fault in faults if fault.span] == [("E510", 2)]


def test_an_output_with_positions_needs_masks() -> None:
    """Digits have one class for an image; what a loss needs of the last activation is the same."""
    graph = cnnspec.loads("input: 8x8x1\nlayers: [conv: 10 3x3 softmax]")
    assert not check_network(graph, Settings(data="digits"))
    text = plan_faults("input: 8x8x1\nlayers: [conv: 10 3x3 softmax]")
    assert "E503" in text
    assert "the network's output is (6, 6, 10), and `digits` has one class for a sample" in text
    assert "end with `gap` or `flatten`, then `dense`" in text


@pytest.mark.parametrize(
    ("layers", "options", "message"),
    [
        ("[flatten, dense: 10 softmax]", {"target": "mask"}, "`target: mask` is a class at every position, and the"),
        ("[conv: 2 3x3 softmax]", {"target": "labels"}, "a 0 or 1 for every output, and the output is (6, 6, 2)"),
        ("[flatten, dense: 3 softmax]", {"target": "labels"}, "take `loss: binary_crossentropy`"),
        ("[flatten, dense: 3 softmax]", {"target": "numbers"}, "take `loss: binary_crossentropy` or `loss: mean_squ"),
    ],
)
def test_a_sort_of_target_that_does_not_fit(layers: str, options: dict[str, Any], message: str) -> None:
    """The output's shape and the loss are compared with what is asked for."""
    text = plan_faults(f"input: 8x8x1\nlayers: {layers}", **options)
    assert "E502" in text
    assert message in text


def test_inputs_of_two_shapes_and_several_outputs_are_refused() -> None:
    """Both at once."""
    graph = cnnspec.load("fc-vs-conv")
    assert [fault.message for fault in check_network(graph, Settings(data="digits"))] == [
        "training takes several inputs of one shape; those of the network are (32, 32, 3), (32, 32, 1)",
        "training needs one output; the network has 3",
    ]


@pytest.mark.parametrize(
    ("last", "step"),
    [
        ("dense: 1", "add `loss: mean_squared_error` to `train`, or give `--loss mean_squared_error`"),
        ("dense: 10 sigmoid", "write `dense: 10 softmax`"),
        (
            "reshape: 8x8x1\n  - conv: 3 3x3 tanh",
            "let the last layer end in `softmax`, or give `--loss mean_squared_error`",
        ),
        ("reshape: 8x8x1\n  - conv: 3 3x3 sigmoid", "let the last layer end in `softmax`"),
    ],
)
def test_the_step_suits_the_output(last: str, step: str) -> None:
    """A number, a vector, and an image; softmax over one unit is never the step."""
    assert f"= help: {step}" in faults_of(last)


def plan_faults(spec: str, **options: Any) -> str:
    """Return what planning a training says."""
    graph = cnnspec.loads(spec, "net.yaml")
    with pytest.raises(CnnspecError) as caught:
        make_plan(graph, merge(graph.train, {"data": "digits", **options}))
    return str(caught.value)


def test_classes_and_units_are_compared() -> None:
    """Digits have ten classes."""
    text = plan_faults("input: 8x8x1\nlayers:\n  - flatten\n  - dense: 12 softmax\n")
    assert "the network has 12 output units, and `digits` has 10 classes" in text
    assert "write `dense: 10 softmax` as the last layer" in text


@pytest.mark.parametrize(
    ("x", "y", "message", "step"),
    [
        (
            (20, 1, 8, 8),
            range(4),
            "the input is (8, 8, 1), and the images of `data.npz` are (1, 8, 8)",
            "channels come last: save the images with `numpy.moveaxis(x, 1, -1)`",
        ),
        (
            (20, 64),
            range(4),
            "the input is (8, 8, 1), and the images of `data.npz` are (64,)",
            "save the images in their shape: `x.reshape(-1, 8, 8, 1)`",
        ),
        (
            (20, 8, 8),
            range(1, 5),
            "the classes of `data.npz` go from 1 to 4, and count from 0 for a network",
            "save the labels less one: `y - 1`",
        ),
        (
            (20, 8, 8),
            "abcd",
            "`y` of `data.npz` holds no integers",
            "save the numbers of the names: `numpy.unique(y, return_inverse=True)[1]`",
        ),
    ],
)
def test_arrays_as_other_programs_have_them(
    x: tuple[int, ...], y: Any, message: str, step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Channels first, rows of pixels, classes that count from 1, and names: the step is a line of NumPy."""
    monkeypatch.chdir(tmp_path)
    np.savez("data.npz", x=np.zeros(x, np.uint8), y=np.array([*y] * 5))
    graph = net("dense: 4 softmax")
    with pytest.raises(CnnspecError) as caught:
        make_plan(graph, merge(graph.train, {"data": "data.npz"}))
    assert [(fault.message, fault.help) for fault in caught.value.diagnostics] == [(message, step)]


def test_weights_of_classes_that_the_data_lack_are_said() -> None:
    """A misspelt class would weigh nothing."""
    text = plan_faults("input: 8x8x1\nlayers: [flatten, dense: 10 softmax]", class_weight={"0": 2, "dog": 3})
    assert "`class_weight` weighs the class `dog`, which `digits` has not" in text


def test_a_warm_up_that_takes_all_steps_is_refused() -> None:
    """45 steps an epoch."""
    text = plan_faults("input: 8x8x1\nlayers: [flatten, dense: 10 softmax]", warmup_steps=90, epochs=2)
    assert "a warm-up of 90 steps leaves none of 90 for what comes behind it" in text


def test_shape_and_data_are_compared_and_all_is_said_at_once() -> None:
    """Two mistakes, two diagnostics."""
    text = plan_faults("input: 28x28x1\nlayers:\n  - flatten\n  - dense: 12 softmax\n")
    assert "the input is (28, 28, 1), and the images of `digits` are (8, 8, 1)" in text
    assert "`--resize` brings the images to the input's shape" in text
    assert text.count("error[") == 2


def test_one_sigmoid_unit_needs_two_classes() -> None:
    """Ten digits are not two."""
    text = plan_faults("input: 8x8x1\nlayers: [flatten, dense: 1 sigmoid]", loss="binary_crossentropy")
    assert "one sigmoid unit tells 2 classes apart, and `digits` has 10" in text


def test_memory_is_estimated_from_parameters_and_activations() -> None:
    """LeNet-5: 664,086 parameters, 4 numbers each with Adam; 44,254 activations and their gradients per sample."""
    summary = measure(cnnspec.load("lenet5"))
    assert summary.totals.activation_size == 44_254
    settings = Settings(data="mnist", batch_size=32)
    assert memory_of(summary, settings) == 4 * 4 * 664_086 + 2 * 4 * 44_254 * 32
    assert memory_of(summary, settings.changed(optimizer="sgd")) == 2 * 4 * 664_086 + 2 * 4 * 44_254 * 32


def test_too_little_memory_names_a_batch_that_fits() -> None:
    """20 MB less what does not depend on the batch, by 354,032 bytes for a sample."""
    summary = measure(cnnspec.load("lenet5"))
    (fault,) = check_memory(summary, Settings(data="mnist", batch_size=64), 20_000_000)
    assert fault.code == "E505"
    assert fault.help == "`--batch-size 26` would fit"
    assert not check_memory(summary, Settings(data="mnist", batch_size=26), 20_000_000)
    assert check_memory(summary, Settings(data="mnist", batch_size=27), 20_000_000)


def test_a_plan_decides_scale_and_augmentation() -> None:
    """Digits have 16 as their largest pixel, and a mirrored digit is another character."""
    graph = cnnspec.load("digits-cnn")
    plan = make_plan(graph, merge(graph.train, {"augment": ("auto",), "validation_split": 0.1, "limit": 100}))
    assert plan.settings.scale == 1 / 16
    assert plan.settings.augment == ("crop",)
    assert (len(plan.training), len(plan.validation or ()), len(plan.dataset.test)) == (90, 10, 100)
    assert plan.steps == 3


def numbered(count: int) -> Samples:
    """Return samples that can be told apart."""
    return Samples(np.arange(count, dtype=np.uint8).reshape(-1, 1, 1, 1), np.arange(count))


def test_a_split_loses_and_doubles_nothing() -> None:
    """Training and validation together are the samples."""
    training, validation = split(numbered(50), Settings(data="x", validation_split=0.3, seed=4))
    assert validation is not None
    assert len(validation) == 15
    assert sorted([*training.y, *validation.y]) == list(range(50))
    again = split(numbered(50), Settings(data="x", validation_split=0.3, seed=4))[1]
    other = split(numbered(50), Settings(data="x", validation_split=0.3, seed=5))[1]
    assert again is not None
    assert other is not None
    assert list(again.y) == list(validation.y) != list(other.y)


def test_a_split_that_leaves_nothing_is_refused() -> None:
    """Not one sample of three is a tenth."""
    with pytest.raises(CnnspecError, match="cannot be kept for validation"):
        split(numbered(3), Settings(data="x", validation_split=0.1))


def test_a_limit_draws_from_all_samples() -> None:
    """The first samples of a folder would all be of one class."""
    data = Dataset("x", numbered(100), numbered(8), ("a",), 255, mirrors=False)
    kept = limited(data, Settings(data="x", limit=10))
    assert len(kept.train) == 10
    assert max(kept.train.y) > 20
    assert len(kept.test) == 8
