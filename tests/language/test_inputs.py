"""The key `input`: shapes in the forms of others get the one step that mends them."""

from __future__ import annotations

import pytest

import cnnspec
from cnnspec.analysis.advice import advice


def help_for(head: str, item: str = "conv: 32 3x3 relu") -> tuple[str, str]:
    """Return code and help of the only fault."""
    with pytest.raises(cnnspec.SpecError) as caught:
        cnnspec.loads(f"{head}\nlayers:\n  - {item}\n")
    assert len(caught.value.diagnostics) == 1, caught.value
    found = caught.value.diagnostics[0]
    return found.code, found.help


IMAGE = ", if its input is meant to be an image"


@pytest.mark.parametrize("item", ["conv: 32 3x3 relu", "Conv2D: {filters: 32, kernel_size: 3}"])
@pytest.mark.parametrize(
    ("shape", "code", "step"),
    [
        ("1x28x28", "E301", "channels come last: `28x28x1`" + IMAGE),
        ("28x28x28x1", "E303", "leave the batch out: `28x28x1`" + IMAGE),
        ("1x28x28x1", "E303", "leave the batch out: `28x28x1`" + IMAGE),
        ("32x28x28x1", "E303", "leave the batch out: `28x28x1`" + IMAGE),
        ("1x3x224x224", "E303", "leave the batch out, and write the channels last: `224x224x3`" + IMAGE),
        ("None, 28, 28, 1", "E105", "leave the batch out: `input: 28x28x1`"),
        ("(None, 28, 28, 1)", "E105", "leave the batch out: `input: 28x28x1`"),
        ("[null, 28, 28, 1]", "E105", "leave the batch out: `input: 28x28x1`"),
        ("[null, null, 3]", "E105", "give the sizes for which to compute, such as `--input 224x224x3`"),
        ("28, 28, 1", "E105", "write `input: 28x28x1`"),
        ("28*28*1", "E105", "write `input: 28x28x1`"),
        ("28 28 1", "E105", "write `input: 28x28x1`"),
        ("28X28X1", "E105", "write `input: 28x28x1`"),
        ("{height: 28, width: 28, channels: 1}", "E105", "write `input: 28x28x1`"),
        ("{shape: 3x32x32, layout: NCHW}", "E105", "write `layout: channels_first`"),
        (
            "{shape: 3x32x32, data_format: channels_first}",
            "E105",
            "write `input: {shape: 3x32x32, layout: channels_first}`",
        ),
    ],
)
def test_a_shape_of_others_gets_its_step(shape: str, code: str, step: str, item: str) -> None:
    """Channels first, a batch axis, unknown sizes, and other signs between the numbers."""
    assert help_for(f"input: {shape}", item) == (code, step)


@pytest.mark.parametrize(
    "shape", ["(32, 32, 3)", "[32, 32, 3]", "32x32x3", "{shape: (3, 32, 32), layout: channels_first}"]
)
def test_a_shape_may_be_written_as_a_tuple(shape: str) -> None:
    """As Keras and PyTorch print it."""
    assert cnnspec.loads(f"input: {shape}\nlayers: [relu]\n").inputs[0].shape == (32, 32, 3)


def test_an_image_without_channels_and_a_class_for_images() -> None:
    """The channels are missing."""
    step = "add the channels to the input, such as `28x28x1`, or write `conv`"
    assert help_for("input: 28x28", "Conv2D: {filters: 32, kernel_size: 3}") == ("E303", step)


def test_a_second_number_is_a_window_as_the_input_has_axes() -> None:
    """On a sequence only `kernel=3` is right."""
    assert help_for("input: 100x50", "conv: 250 3 relu") == ("E106", "write the window as `kernel=3`")
    assert help_for("input: 9x9x50", "conv: 250 3 relu") == ("E106", "write the window as `3x3` or `kernel=3`")
    assert help_for("input: 9x9x50", "conv: 250 relu 3") == ("E106", "write the window as `3x3` or `kernel=3`")


def test_a_number_behind_an_activation_is_its_argument() -> None:
    """It has none here: the activation is an item of its own."""
    text = "input: 9x9x1\nlayers:\n  - conv: 4 3x3 leaky_relu 0.1\n"
    with pytest.raises(cnnspec.SpecError) as caught:
        cnnspec.loads(text)
    step = "leave it out here: `0.1` is of `leaky_relu`, which takes it in an item of its own, `leaky_relu: 0.1`"
    assert (caught.value.diagnostics[0].code, caught.value.diagnostics[0].help) == ("E106", step)


def test_an_input_that_a_pasted_layer_states_is_proposed() -> None:
    """Keras' first layer says it."""
    with pytest.raises(cnnspec.SpecError) as caught:
        cnnspec.loads("layers:\n  - Conv2D: {filters: 3, kernel_size: 3, input_shape: (64, 48, 3)}\n")
    assert [found.help for found in caught.value.diagnostics] == ["add `input: 64x48x3`, or give `--input 64x48x3`"]


@pytest.mark.parametrize("shape", ["3x224x224", "1x32x32"])
def test_channels_first_is_never_counted_without_a_word(shape: str) -> None:
    """W301 names the shape that is meant."""
    net = cnnspec.loads(f"input: {shape}\nlayers: [conv: 64 3x3 same]\n")
    assert advice(cnnspec.summarize(net))[0].code == "W301"
