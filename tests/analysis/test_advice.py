"""Notes that teach: said where they are true, with the numbers, and nowhere else."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

import cnnspec
from cnnspec.analysis.advice import advice
from cnnspec.cli.app import COMMANDS, make_app


def notes_of(text: str) -> dict[str, str]:
    """Return the notes on a network by their codes."""
    return {note.code: note.message for note in advice(cnnspec.summarize(cnnspec.loads(text)))}


@pytest.mark.parametrize(
    ("layers", "notes"),
    [
        ("[conv: 8 3x3, maxpool: 2, flatten, dense: 10 softmax]", {}),
        ("[conv: 8 3x3, gap, dense: 10 softmax]", {}),
        ("[conv: 8 5x5/2 pad=2, flatten, dense: 10]", {}),
        (
            "[conv: 8 3x3, maxpool: 2, dense: 10 softmax]",
            {"W302": "`dense1` works at each of the 13×13 positions on its own: the output is (13, 13, 10)"},
        ),
        (
            "[conv: 8 3x3, dense: 32 relu, dropout: 0.1, dense: 10, softmax]",
            {"W302": "`dense2` works at each of the 26×26 positions on its own: the output is (26, 26, 10)"},
        ),
        (
            "[conv: 8 3x3, maxpool: 3]",
            {"W303": "no window of `maxpool1` reaches the last 2 rows of its input (26, 26, 8)"},
        ),
        (
            "[flatten, dense: 10 softmax, softmax]",
            {"W304": "`softmax1` applies softmax to what `dense1` has made by softmax"},
        ),
        ("[conv: 8 3x3 bn relu]", {"W305": "the 8 biases of `conv1` are taken away by `bn1` behind it"}),
        ("[conv: 8 3x3 nobias bn relu]", {}),
        ("[conv: 8 3x3 relu, bn]", {}),
        (
            "[conv: 8 3x3 same dilation=14]",
            {"W306": "from `conv1` on, every element sees 29×29 pixels, more than the image has"},
        ),
        ("[conv: 8 4x4/6]", {"W307": "`conv1` moves by 6 with a window of 4: it skips elements"}),
        ("[conv: 8 1x1/2]", {}),
        (
            "[conv: 8 3x3 same, flatten, dense: 100 relu, dense: 10 softmax]",
            {"W308": "`dense1` has 627,300 of the 628,390 parameters (100%)"},
        ),
    ],
)
def test_notes_on_networks(layers: str, notes: dict[str, str]) -> None:
    """Each is told with its numbers; what is usual is not noted."""
    assert notes_of(f"input: 28x28x1\nlayers: {layers}\n") == notes


@pytest.mark.parametrize(
    ("shape", "turned"),
    [("3x224x224", "224x224x3"), ("1x28x28", "28x28x1"), ("28x28x1", ""), ("4x4x64", ""), ("224x224x3", "")],
)
def test_an_input_that_looks_like_channels_first(shape: str, turned: str) -> None:
    """`3x224x224` is never counted silently as 3 high."""
    expected = f"the input {shape} looks like channels first, and channels come last here: `{turned}`?"
    assert notes_of(f"input: {shape}\nlayers: [conv: 8 3x3 same]\n").get("W301") == (expected if turned else None)


def test_channels_first_is_accepted_where_it_is_said() -> None:
    """`layout: channels_first` turns the shape, and no note is left."""
    text = "input: {shape: 3x224x224, layout: channels_first}\nlayers: [conv: 64 3x3 same]\n"
    table = cnnspec.summarize(cnnspec.loads(text))
    assert (table.inputs[0].shape, table.totals.params) == ((224, 224, 3), 1_792)
    assert advice(table) == []


@pytest.mark.parametrize(("options", "code"), [((), 0), (("--strict",), 1)])
@pytest.mark.parametrize("command", ["summarize", "validate"])
def test_notes_stand_on_standard_error(command: str, options: tuple[str, ...], code: int) -> None:
    """The exit code is unchanged unless notes count as errors; the place is shown."""
    text = "input: 28x28x1\nlayers:\n  - conv: 8 3x3\n  - dense: 10 softmax\n"
    done = CliRunner().invoke(make_app(COMMANDS), [command, "-", *options], input=text)
    assert done.exit_code == code
    assert done.stderr == (
        "warning[W302]: `dense1` works at each of the 26×26 positions on its own: the output is (26, 26, 10)\n"
        " --> <stdin>:4:5\n"
        "  |\n"
        "4 |   - dense: 10 softmax\n"
        "  |     ^^^^^^^^^^^^^^^^^\n"
        "  = help: put `flatten` or `gap` before the dense layers\n"
    )


def test_a_bundled_network_is_as_it_was_published() -> None:
    """ResNet-50 has biases before its batch norms, as Keras' has; nobody is told."""
    done = CliRunner().invoke(make_app(COMMANDS), ["summarize", "resnet50"])
    assert (done.exit_code, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("shape", "step"),
    [
        ("None, 28, 28, 1", "leave the batch out: `input: 28x28x1`"),
        ("[null, 28, 28, 1]", "leave the batch out: `input: 28x28x1`"),
        ("[null, null, 3]", "give the sizes for which to compute, such as `--input 224x224x3`"),
        ("(None, None, 3)", "give the sizes for which to compute, such as `--input 224x224x3`"),
        ("[?, ?, 3]", "write an unknown size as `null`, and give the sizes, such as `--input 224x224x3`"),
        ("?x?x3", "give the sizes for which to compute, such as `--input 224x224x3`"),
    ],
)
def test_unknown_sizes_and_batches_are_answered(shape: str, step: str) -> None:
    """The help is what to write."""
    with pytest.raises(cnnspec.SpecError) as caught:
        cnnspec.loads(f"input: {shape}\nlayers: [conv: 4 3x3]\n")
    assert caught.value.diagnostics[0].help == step
