"""Python where a spec belongs: lines are shown as items, exactly, and whole files get one sentence."""

from __future__ import annotations

import re
from typing import Final

import pytest
import regex_steps

import cnnspec
from cnnspec.language.pasted_file import SORTS, Sort


def fault(text: str) -> cnnspec.Diagnostic:
    """Return the only fault of a spec."""
    with pytest.raises(cnnspec.SpecError) as caught:
        cnnspec.loads(text)
    assert len(caught.value.diagnostics) == 1, caught.value
    return caught.value.diagnostics[0]


def answer(line: str) -> cnnspec.Diagnostic:
    """Return what is said to a line of Python as an item."""
    return fault(f"input: 28x28x3\nlayers:\n  - {line}\n")


LINES: Final = (
    ("model.add(Conv2D(32, (3, 3), activation='relu'))", "write `- conv: 32 3x3 relu`"),
    ("nn.Conv2d(3, 16, 3, padding=1)", "write `- conv: 16 3x3 pad=1`"),
    ("nn.Conv2d(3, 16, 3, padding=1),", "write `- conv: 16 3x3 pad=1`"),
    ("TimeDistributed(Dense(10))", "write `- each: [dense: 10]`"),
    ("x = layers.Dense(10)(x)", "write `- dense: 10`"),
    ("self.conv1 = nn.Conv2d(1, 6, 5)", "write `- conv: 6 5x5`"),
    ("self.conv1 = nn.Conv2d(1, 6, kernel_size=(3, 5), stride=2, bias=False);", "write `- conv: 6 3x5/2 nobias`"),
    ("Conv2D(64, 3, 2, 'same', use_bias=False)", "write `- conv: 64 3x3/2 same nobias`"),
    ("layers.Conv2D(8, 3, kernel_regularizer=regularizers.l2(1e-4))", "write `- conv: 8 3x3 l2=0.0001`"),
    ("layers.Conv2D(8, 3, kernel_initializer='he_normal')", "write `- conv: 8 3x3 init=he_normal`"),
    ("tf.keras.layers.Dense(128, activation=tf.nn.relu)", "write `- dense: 128 relu`"),
    ("Dense(10, 'softmax')", "write `- dense: 10 softmax`"),
    ("Dense(2 * 64)", "write `- dense: 128`"),
    ("model.add(MaxPooling2D(pool_size=(2, 2)))", "write `- maxpool: 2x2`"),
    ("nn.MaxPool2d(3, 2)", "write `- maxpool: 3x3/2`"),
    ("nn.MaxPool2d(2, 2)", "write `- maxpool: 2x2`"),
    ("nn.BatchNorm2d(64)", "write `- bn: eps=1e-05 momentum=0.9`"),
    ("BatchNormalization()", "write `- bn`"),
    ("x = layers.Activation('relu')(x)", "write `- activation: relu`"),
    ("nn.ReLU(True)", "write `- relu`"),
    ("nn.ReLU(inplace=True)", "write `- relu`"),
    ("nn.Linear(16 * 5 * 5, 120)", "write `- dense: 120`"),
    ("nn.ConvTranspose2d(8, 4, 4, 2, 1)", "write `- upconv: 4 4x4/2 pad=1 output_padding=0`"),
    ("nn.ZeroPad2d((1, 2, 3, 4))", "write `- pad: [[3,4],[1,2]]`"),
    ("nn.AdaptiveAvgPool2d(1)", "write `- gap: keepdims`"),
    ("nn.AdaptiveAvgPool2d((7, 7))", "write `- adaptive_avgpool: 7x7`"),
    ("nn.Upsample(scale_factor=2, mode='bilinear')", "write `- upsample: 2 bilinear`"),
    ("Bidirectional(LSTM(64, return_sequences=True))", "write `- lstm: 64 sequences bidirectional`"),
    ("Bidirectional(layer=GRU(8), merge_mode='sum')", "write `- gru: 8 merge=sum bidirectional`"),
    (
        "nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten())",
        "write `- conv: 8 3x3`, then `- relu`, then `- flatten`",
    ),
    ("x = F.max_pool2d(F.relu(self.conv1(x)), 2)", "write `- relu`, then `- maxpool: 2x2`"),
    ("x = torch.flatten(x, 1)", "write `- flatten`"),
    ("x = layers.Add()([x, shortcut])", "write `- add: [x, shortcut]`"),
    ("x = layers.concatenate([a, b])", "write `- concat: [a, b]`"),
    ("x += shortcut", "write `- add: [x, shortcut]`"),
    ("keras.Input(shape=(28, 28, 1))", "give the shape at the top of the file: `input: 28x28x1`"),
    ("x = x.view(-1, 400)", "write `flatten`, or `reshape: 7x7x64` with the new shape"),
    ("model.compile(optimizer='adam')", "leave it out: it belongs to training, as `train: {optimizer: adam}`"),
    ("import torch", "leave it out: a spec has layers alone, and settings of training stand under `train:`"),
    (
        "Lambda(lambda x: x / 255)",
        "write the kind that does the same, such as `rescale: 1/255`, or `opaque: {shape: 7x7x64, params: 0}`",
    ),
    ("MyBlock(3)", "a layer of one's own is a block: write its layers under `blocks: {MyBlock: [...]}`"),
    ("nn.LSTM(10, 20, num_layers=2)", "write an item for every layer"),
    ("conv1: nn.Conv2d(3, 16, 3)", "write `- conv: 16 3x3`"),
)


@pytest.mark.parametrize(("line", "step"), LINES)
def test_a_line_of_python_is_shown_as_an_item(line: str, step: str) -> None:
    """Through the rules of both frameworks, read as a syntax tree."""
    found = answer(line)
    assert (found.code, found.help) == ("E104", step)


@pytest.mark.parametrize("step", [row[1] for row in LINES if row[1].startswith("write `- ")])
def test_what_is_shown_can_be_written(step: str) -> None:
    """The items of an answer are items of a spec; joins name layers that are there."""
    items = [part.strip("`") for part in step.removeprefix("write ").split(", then ")]
    if "[" in step and "[[" not in step:
        return
    shape = {"lstm": "7x3", "gru": "7x3", "dense": "9"}.get(items[0][2:].partition(":")[0], "28x28x4")
    layers = "".join(f"  {item}\n" for item in items)
    assert len(cnnspec.loads(f"input: {shape}\nlayers:\n{layers}").nodes) == len(items)


@pytest.mark.parametrize(
    ("item", "step"),
    [
        ("Bidirectional: LSTM(64, return_sequences=True)", "write `- lstm: 64 sequences bidirectional`"),
        ("Bidirectional: {layer: 'GRU(8)', merge_mode: sum}", "write `- gru: 8 merge=sum bidirectional`"),
        ("Wrapped: Dense(5)", "a layer of one's own is a block: write its layers under `blocks: {Wrapped: [...]}`"),
    ],
)
def test_a_layer_of_python_beside_a_word_is_read_with_it(item: str, step: str) -> None:
    """What the word adds is not lost."""
    found = fault(f"input: 20x8\nlayers:\n  - {item}\n")
    assert (found.code, found.help) == ("E104", step)


def test_what_stands_elsewhere_in_a_spec_is_said() -> None:
    """The shape of the input, names, and variables."""
    line = "model.add(Conv2D(n, 3, input_shape=(28, 28, 1), name='stem'))"
    assert answer(line).notes == (
        "its `input_shape` stands at the top of the file: `input: 28x28x1`",
        "`name: stem` stands below it, on a line of its own",
        "`n` is a parameter of the file: `params: {n: ...}`",
    )
    assert answer(line).help == "write `- conv: ${n} 3x3`"


@pytest.mark.parametrize(
    ("line", "note"),
    [
        ("Conv2D(32)", "it does not say the kernel of `conv`"),
        ("Dense(units='many')", "`units` must be a positive integer, not `many`"),
        ("Dense(10, lora_rank=4)", "unknown argument `lora_rank` for `dense`"),
        ("Conv2D(*sizes)", "argument 1 of `Conv2D` has no name"),
        ("Conv2D(**options)", "`options` may be any arguments"),
        ("Conv2D(8, 3, 1, 'same', None)", "argument 5 of `Conv2D` has no name"),
    ],
)
def test_what_has_no_form_is_said_with_its_reason(line: str, note: str) -> None:
    """Nothing is guessed."""
    found = answer(line)
    assert (found.code, found.notes) == ("E104", (note,))


def test_lines_without_dashes_are_shown_as_a_list() -> None:
    """`layers` holds a list."""
    text = "input: 28x28x1\nlayers:\n  model.add(Conv2D(32, (3, 3), activation='relu'))\n  model.add(Flatten())\n"
    found = fault(text)
    assert (found.code, found.help) == ("E112", "write `- conv: 32 3x3 relu`, then `- flatten`")


def test_lines_in_brackets_are_whole() -> None:
    """YAML splits them at their commas."""
    with pytest.raises(cnnspec.SpecError) as caught:
        cnnspec.loads("input: 28x28x1\nlayers: [nn.Conv2d(1, 16, 3, padding=1), nn.ReLU()]\n")
    assert [found.help for found in caught.value.diagnostics] == ["write `- conv: 16 3x3 pad=1`", "write `- relu`"]


KERAS: Final = """from keras.models import Sequential

model = Sequential()
model.add(Conv2D(32, (3, 3), activation='relu', input_shape=(32, 32, 3)))
model.add(Dense(10))
"""
TORCH: Final = '''import torch.nn as nn

class Net(nn.Module):
    """A network."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5)
'''
SUMMARY: Final = """Model: "sequential"
_________________________________________________________________
 Layer (type)                Output Shape              Param #
=================================================================
 conv2d (Conv2D)             (None, 26, 26, 32)        320
"""
PRINTED: Final = """Net(
  (conv1): Conv2d(3, 64, kernel_size=(7, 7), stride=(2, 2), padding=(3, 3), bias=False)
)
"""
LIST: Final = """model = keras.Sequential([
    layers.Conv2D(32, kernel_size=(3, 3), activation="relu"),
    layers.Flatten(),
])
"""
BEGIN: Final = "begin with `input: {}` and `layers:`, and write a line for every layer"


@pytest.mark.parametrize(
    ("text", "what", "step"),
    [
        (KERAS, "a program", BEGIN.format("32x32x3") + ": line 4 is `- conv: 32 3x3 relu`"),
        (TORCH, "a program", BEGIN.format("28x28x1") + ": line 8 is `- conv: 6 5x5`"),
        (LIST, "a program", BEGIN.format("28x28x1") + ": line 2 is `- conv: 32 3x3 relu`"),
        (
            PRINTED,
            "what PyTorch prints of a model",
            BEGIN.format("28x28x1") + ": line 2 is `- conv: 64 7x7/2 pad=3 nobias`",
        ),
        (
            SUMMARY,
            "a printed summary, which has shapes but no arguments",
            BEGIN.format("28x28x1")
            + ", such as `- conv: 32 3x3 relu`; `cnnspec check SPEC SUMMARY` then compares this with it",
        ),
        (
            '{"class_name": "Sequential", "config": {"layers": []}}',
            "a configuration of Keras",
            "`cnnspec import MODEL.json -o SPEC.yaml` writes the spec of it",
        ),
    ],
)
def test_a_whole_file_of_something_else_gets_one_sentence(text: str, what: str, step: str) -> None:
    """Whether it happens to be YAML or not."""
    found = fault(text)
    assert (found.code, found.help) == ("E112", step)
    assert found.message == f"this is {what}, and a spec is YAML that lists the layers"


@pytest.mark.parametrize(
    "text", ["f(" + "-" * 3000 + "x)", "f(" * 3000, "x = " + "(" * 5000, "nn.Conv2d(" + "1," * 3000 + ")"]
)
def test_a_hostile_line_is_answered_too(text: str) -> None:
    """Depth and length are bounded."""
    with pytest.raises(cnnspec.SpecError):
        cnnspec.loads(f"input: 8x8x3\nlayers:\n  - '{text}'\n")


@pytest.mark.parametrize("pump", ["\n", " ", "\n ", "a", "{", "("])
@pytest.mark.parametrize("sort", SORTS, ids=lambda sort: sort.what)
def test_a_sort_of_text_is_told_in_looks_in_proportion(sort: Sort, pump: str) -> None:
    """A fuzzer's: 20,000 empty lines, of which each was the beginning of all that follow."""

    def looks(times: int) -> int:
        regex_steps.Count.looks = 0
        regex_steps.search(sort.pattern.pattern, pump * times, sort.pattern.flags & ~re.UNICODE)
        return regex_steps.Count.looks

    assert looks(200) <= 5 * looks(50)
