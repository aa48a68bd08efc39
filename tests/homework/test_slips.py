"""Every documented slip: its number is the catalogue's, and a table that has it is diagnosed so."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cache
from typing import Final

import pytest

import cnnspec
from cnnspec.analysis.measure import Summary, measure
from cnnspec.errors import CnnspecError
from cnnspec.formula import render
from cnnspec.homework.diagnosis.answers import wrong_outcomes, wrong_outcomes_as
from cnnspec.homework.diagnosis.diagnosis import message
from cnnspec.homework.diagnosis.distractors import cases, distractors
from cnnspec.homework.diagnosis.slip_page import teach
from cnnspec.homework.diagnosis.slips import all_slips
from cnnspec.homework.feedback import Reveal, cell_message
from cnnspec.homework.marking.checking import Check, check_summary
from cnnspec.homework.marking.marks import Mark, Status, expected_of, show_answer
from cnnspec.homework.tables.cells import Answer
from cnnspec.ir.layer import KINDS
from cnnspec.ir.role import Role

CONV1: Final = "32x32x3 | conv: 8 5x5"
CONV2: Final = "32x32x3 | conv: 8 5x5, maxpool: 2, conv: 16 5x5"
FC3: Final = "14x14x8 | conv: 16 5x5, maxpool: 2, flatten, dense: 120"
STRIDED: Final = "32x32x3 | conv: 8 5x5/2"
POOL: Final = "28x28x8 | maxpool: 2"
GROUPS: Final = "27x27x96 | conv: 256 5x5 same groups=2"
TRANSPOSED: Final = "7x7x64 | upconv: 32 3x3/2"
QUIZ: Final = "121x121x3 | conv: 32 4x4/3"
LSTM: Final = "20x16 | lstm: 32"
GRU: Final = "20x16 | gru: 32"
ATTENTION: Final = "9x8 | attention: 2"

CATALOGUE: Final[tuple[tuple[str, str, str, str, Answer], ...]] = (
    ("no_channels", CONV1, "conv1", "params", 208),
    ("no_channels", CONV2, "conv2", "params", 416),
    ("no_bias", CONV1, "conv1", "params", 600),
    ("no_bias", CONV2, "conv2", "params", 3_200),
    ("no_bias", "63x63x3 | conv: 64 3x3", "conv1", "params", 1_728),
    ("no_bias", FC3, "dense1", "params", 48_000),
    ("one_bias_per_layer", CONV1, "conv1", "params", 601),
    ("one_bias_per_layer", CONV2, "conv2", "params", 3_201),
    ("one_bias_per_layer", FC3, "dense1", "params", 48_001),
    ("one_bias_per_layer", "120 | dense: 84", "dense1", "params", 10_081),
    ("one_bias_per_layer", "84 | dense: 10", "dense1", "params", 841),
    ("one_bias_per_layer", "300x300x3 | flatten, dense: 100", "dense1", "params", 27_000_001),
    ("bias_per_in_channel", CONV1, "conv1", "params", 624),
    ("bias_per_in_channel", CONV2, "conv2", "params", 3_328),
    ("bias_twice", CONV1, "conv1", "params", 616),
    ("bias_per_pixel", CONV1, "conv1", "params", 6_872),
    ("image_channels", CONV2, "conv2", "params", 1_216),
    ("swapped_channels", CONV1, "conv1", "params", 603),
    ("swapped_channels", CONV2, "conv2", "params", 3_208),
    ("one_filter", CONV1, "conv1", "params", 76),
    ("one_filter", CONV2, "conv2", "params", 201),
    ("not_squared", CONV1, "conv1", "params", 128),
    ("unshared_weights", CONV1, "conv1", "params", 476_672),
    ("unshared_weights", "227x227x3 | conv: 96 11x11/4", "conv1", "params", 105_705_600),
    ("times_input_pixels", "256x256x3 | conv: 128 7x7", "conv1", "params", 1_233_125_504),
    ("macs_for_params", CONV1, "conv1", "params", 470_400),
    ("dense_for_conv", CONV1, "conv1", "params", 19_273_856),
    ("size_for_params", CONV1, "conv1", "params", 6_272),
    ("stride_counted", STRIDED, "conv1", "params", 1_208),
    ("stride_for_channels", STRIDED, "conv1", "params", 408),
    ("padding_counted", "32x32x3 | conv: 8 5x5 pad=2", "conv1", "params", 1_952),
    ("padding_counted", "6x6x2 | conv: 5 3x3 pad=1x2", "conv1", "params", 255),
    ("dilation_counted", "32x32x3 | conv: 8 3x3 dilation=2", "conv1", "params", 608),
    ("depthwise_as_full", "14x14x32 | dwconv: 3x3", "dwconv1", "params", 9_248),
    ("depthwise_as_full", "112x112x32 | dwconv: 3x3 same nobias", "dwconv1", "params", 9_216),
    ("separable_as_full", "28x28x10 | sepconv: 100 5x5 nobias", "sepconv1", "params", 25_000),
    ("separable_two_biases", "28x28x10 | sepconv: 100 5x5", "sepconv1", "params", 1_360),
    ("separable_as_full", "28x28x10 | sepconv: 100 5x5", "sepconv1", "params", 25_100),
    ("groups_ignored", GROUPS, "conv1", "params", 614_656),
    ("groups_divide_biases", GROUPS, "conv1", "params", 307_328),
    ("one_group", GROUPS, "conv1", "params", 153_728),
    ("bias_on_inputs", "7x7x64 | upconv: 32 3x3", "upconv1", "params", 18_496),
    ("bias_on_inputs", FC3, "dense1", "params", 48_400),
    ("bias_on_inputs", "128 | dense: 256", "dense1", "params", 32_896),
    ("groups_invented", "27x27x96 | conv: 256 5x5 same", "conv1", "params", 307_456),
    ("one_gate", LSTM, "lstm1", "params", 1_568),
    ("one_gate", GRU, "gru1", "params", 1_600),
    ("three_gates", LSTM, "lstm1", "params", 4_704),
    ("no_recurrent_weights", LSTM, "lstm1", "params", 2_176),
    ("no_state_channels", "16x40x40x1 | convlstm: 40 3x3", "convlstm1", "params", 1_600),
    ("one_direction", f"{LSTM} bidirectional=true", "lstm1", "params", 6_272),
    ("second_bias_counted", LSTM, "lstm1", "params", 6_400),
    ("second_bias_forgotten", GRU, "gru1", "params", 4_704),
    ("no_biases_at_all", GRU, "gru1", "params", 4_608),
    ("no_biases_at_all", ATTENTION, "attention1", "params", 256),
    ("weights_per_step", LSTM, "lstm1", "params", 125_440),
    ("table_with_biases", "20 | embedding: 16 vocabulary=1000", "embedding1", "params", 16_016),
    ("no_output_product", ATTENTION, "attention1", "params", 216),
    ("heads_multiplied", ATTENTION, "attention1", "params", 576),
    ("norm_stores_too", "28x28x8 | ln", "ln1", "params", 32),
    ("slope_per_channel", "28x28x8 | prelu", "prelu1", "params", 8),
    ("no_flatten", FC3, "dense1", "params", 2_040),
    ("flatten_without_channels", FC3, "dense1", "params", 3_120),
    ("flatten_without_channels", "300x300x3 | flatten, dense: 100", "dense1", "params", 9_000_100),
    ("flatten_without_channels", "5x5x2 | flatten, dense: 10", "dense1", "params", 260),
    ("flatten_without_channels", "1x5x16 | flatten, dense: 10", "dense1", "params", 60),
    ("flatten_without_channels", "5x1x16 | flatten, dense: 10", "dense1", "params", 60),
    ("pool_forgotten", FC3, "dense1", "params", 192_120),
    ("gap_as_flatten", "5x5x16 | gap, dense: 10", "dense1", "params", 4_010),
    ("gap_as_flatten", "20x16 | gap, dense: 10", "dense1", "params", 3_210),
    ("pool_has_params", POOL, "maxpool1", "params", 40),
    ("pool_coefficients", "28x28x6 | avgpool: 2", "avgpool1", "params", 12),
    ("hyperparameters_counted", POOL, "maxpool1", "params", 2),
    ("nothing_learned", "28x28x8 | relu", "relu1", "params", 6_272),
    ("nothing_learned", "5x5x16 | flatten", "flatten1", "params", 400),
    ("params_of_row_above", "84 | dense: 10, softmax", "softmax1", "params", 850),
    ("bn_trained_only", "28x28x32 | bn", "bn1", "params", 64),
    ("bn_per_element", "28x28x8 | bn", "bn1", "params", 12_544),
    ("macs_with_biases", CONV1, "conv1", "macs", 476_672),
    ("flops_for_macs", CONV1, "conv1", "macs", 940_800),
    ("all_flops_for_macs", CONV1, "conv1", "macs", 947_072),
    ("macs_at_outputs", "7x7x64 | upconv: 32 3x3/2 same", "upconv1", "macs", 3_612_672),
    ("params_for_macs", CONV1, "conv1", "macs", 608),
    ("no_plus_one", CONV1, "conv1", "shape", (27, 27, 8)),
    ("no_plus_one", STRIDED, "conv1", "shape", (13, 13, 8)),
    ("plus_one_inside", "33x33x3 | conv: 8 5x5/2", "conv1", "shape", (14, 14, 8)),
    ("plus_one_inside", "32x32x3 | conv: 8 5x5/3", "conv1", "shape", (9, 9, 8)),
    ("ceil_for_floor", STRIDED, "conv1", "shape", (15, 15, 8)),
    ("fraction_left", STRIDED, "conv1", "shape", (Fraction(29, 2), Fraction(29, 2), 8)),
    ("pad_once", "32x32x3 | conv: 8 5x5 pad=2", "conv1", "shape", (30, 30, 8)),
    ("padding_ignored", "15x15x3 | maxpool: 3x3/2 pad=1", "maxpool1", "shape", (7, 7, 3)),
    ("padded_channels", "15x15x3 | conv: 8 1x1 pad=2", "conv1", "shape", (19, 19, 12)),
    ("padded_channels", "6x6x2 | conv: 5 3x3 pad=1x2", "conv1", "shape", (6, 8, 7)),
    ("padded_size", "32x32x3 | conv: 8 5x5 pad=2", "conv1", "shape", (36, 36, 8)),
    ("padded_size", "32x32x3 | conv: 8 5x5 same", "conv1", "shape", (36, 36, 8)),
    ("stride_ignored", QUIZ, "conv1", "shape", (118, 118, 32)),
    ("pool_stride_one", POOL, "maxpool1", "shape", (27, 27, 8)),
    ("same_for_valid", CONV1, "conv1", "shape", (32, 32, 8)),
    ("valid_for_same", "32x32x3 | conv: 8 5x5 same", "conv1", "shape", (28, 28, 8)),
    ("same_ignores_stride", "32x32x3 | conv: 8 5x5/2 same", "conv1", "shape", (32, 32, 8)),
    ("dilation_ignored", "32x32x3 | conv: 8 3x3 dilation=2", "conv1", "shape", (30, 30, 8)),
    ("shape_without_channels", "32x32x3 | conv: 8 5x5", "conv1", "shape", (28, 28)),
    ("channels_kept", CONV1, "conv1", "shape", (28, 28, 3)),
    ("channels_multiplied", CONV2, "conv2", "shape", (10, 10, 128)),
    ("pool_keeps_size", POOL, "maxpool1", "shape", (28, 28, 8)),
    ("pool_changes_channels", POOL, "maxpool1", "shape", (14, 14, 4)),
    ("pool_only_channels", "32x32x16 | maxpool: 2", "maxpool1", "shape", (32, 32, 8)),
    ("flatten_sum", "5x5x16 | flatten", "flatten1", "shape", (26,)),
    ("flatten_sum", "5x6x16 | flatten", "flatten1", "shape", (27,)),
    ("flatten_pixels", "5x5x16 | flatten", "flatten1", "shape", (25,)),
    ("transposed_as_forward", "7x7x64 | upconv: 32 3x3/2 same", "upconv1", "shape", (4, 4, 32)),
    ("transposed_as_forward", TRANSPOSED, "upconv1", "shape", (3, 3, 32)),
    ("transposed_same_for_valid", TRANSPOSED, "upconv1", "shape", (14, 14, 32)),
    ("transposed_valid_for_same", "7x7x64 | upconv: 32 3x3/2 same", "upconv1", "shape", (15, 15, 32)),
    ("size_without_channels", CONV1, "conv1", "size", 784),
    ("size_sum", CONV1, "conv1", "size", 64),
    ("params_for_size", CONV1, "conv1", "size", 608),
    ("size_of_input", CONV1, "conv1", "size", 3_072),
    ("size_with_batch", CONV1, "conv1", "size", 200_704),
)
"""Slip, network, layer, column, and the wrong answer as published or computed by hand."""

NETWORKS: Final = (
    "alexnet",
    "alexnet-cifar10",
    "convnet-39",
    "fc-vs-conv",
    "lenet5",
    "lenet5-1998",
    "lenet5-rgb",
    "mnist-cnn",
    "unet",
    "vgg16",
    "mobilenetv2",
)


@cache
def summary_of(spec: str) -> Summary:
    """Return the measured network of a bundled name or of `input | layers`."""
    shape, bar, layers = spec.partition(" | ")
    return measure(cnnspec.loads(f"input: {shape}\nlayers: [{layers}]\n") if bar else cnnspec.load(spec))


def checked(summary: Summary, layer: str, column: str, wrong: Answer) -> tuple[Check, Mark]:
    """Return a right table with one wrong cell, checked, and the mark of that cell."""
    lines = ["Layer;Shape;Size;Params;MACs"]
    for row in summary:
        cells = {name: show_answer(value) for name, value in expected_of(row).items()}
        if row.name == layer:
            cells[column] = show_answer(wrong)
            if column == "size" and wrong == 32 * row.activation_size:
                cells["shape"] = show_answer((32, *row.shape))
        lines.append(f"{row.name};{cells['shape']};{cells['size']};{cells['params']};{cells['macs']}")
    result = check_summary(summary, "\n".join(lines).encode(), "table.csv")
    assert not result.faults
    return result, next(mark for mark in result.marks if (mark.layer, mark.column) == (layer, column))


def names(result: Check, mark: Mark) -> set[str]:
    """Return the slips that a cell is explained by, or could be."""
    explanation = result.diagnosis.of(mark)
    assert explanation is not None
    return {*explanation.slips, *explanation.alternatives}


@pytest.mark.parametrize(("slip", "spec", "layer", "column", "wrong"), CATALOGUE)
def test_the_catalogues_numbers(slip: str, spec: str, layer: str, column: str, wrong: Answer) -> None:
    """The catalogue's wrong number in a table that is right otherwise has the catalogue's slip."""
    result, mark = checked(summary_of(spec), layer, column, wrong)
    assert mark.status is Status.WRONG
    assert slip in names(result, mark)
    assert [other.status for other in result.marks if other is not mark].count(Status.WRONG) == 0
    explanation = result.diagnosis.of(mark)
    assert explanation is not None
    assert not isinstance(wrong, int) or message(explanation).startswith(show_answer(wrong))


def test_every_slip_has_a_number() -> None:
    """A new slip brings its number along."""
    assert {slip for slip, *_ in CATALOGUE} == set(all_slips())


SHAPES: Final = ("12x12x8", "12x8", "8", "12x12x12x8")
ARGUMENTS: Final = ("", " 4", " 3x3", " 4 3x3", " 3", " 0.5", " relu", " -1", " [1, 2, 3]", " [identity, identity]")


def example(kind: str) -> Summary | None:
    """Return a network with a layer of a kind behind a dense one, with the first arguments that it takes."""
    for shape in SHAPES:
        for arguments in ARGUMENTS:
            try:
                text = f"input: {shape}\nlayers:\n  - dense: 8\n  - {kind}:{arguments}\n"
                return measure(cnnspec.loads(text))
            except CnnspecError:
                continue
    return None


@pytest.mark.parametrize("kind", KINDS)
def test_a_layer_that_learns_nothing_has_its_slips(kind: str) -> None:
    """Of whatever kind: numbers of its own, or those of the row above, are diagnosed; and only there."""
    summary = example(kind)
    if summary is None or summary.rows[-1].unknown:
        pytest.skip("needs arguments of its own")
    row, above = summary.rows[-1], summary.rows[-2]
    found = {slip.id: outcome.answer for slip, outcome in wrong_outcomes("params", cases(summary)[row.name])}
    if row.params:
        assert not found.keys() & {"nothing_learned", "params_of_row_above"}
        return
    assert found["nothing_learned"] == row.activation_size
    assert found.get("params_of_row_above", above.params) == above.params
    _, mark = checked(summary, row.name, "params", row.activation_size)
    assert mark.status is Status.WRONG


@pytest.mark.parametrize(
    ("spec", "layer", "column", "slip", "wrong", "formula"),
    [
        ("28x28x10 | sepconv: 100 5x5", "sepconv1", "params", "no_bias", 1_250, "F·F·C + C·K"),
        ("28x28x10 | sepconv: 100 5x5", "sepconv1", "params", "one_bias_per_layer", 1_251, "F·F·C + C·K + 1"),
        ("28x28x10 | sepconv: 100 5x5", "sepconv1", "biases", "bias_twice", 200, "2·K"),
        ("28x28x10 | sepconv: 100 5x5", "sepconv1", "weights", "not_squared", 1_050, "F·C + C·K"),
        ("20x16 | rnn: 32", "rnn1", "params", "no_bias", 1_536, "C·u + u·u"),
        ("20x16 | rnn: 32", "rnn1", "params", "bias_twice", 1_600, "C·u + 2u + u·u"),
        ("20x16 | lstm: 32", "lstm1", "params", "no_bias", 6_144, "4·(C·u + u·u)"),
        ("10x28x28x3 | each: [conv: 8 5x5]", "conv1", "params", "no_channels", 208, "(F·F·1 + 1)·K"),
        ("10x28x28x3 | each: [conv: 8 5x5]", "conv1", "shape", "no_plus_one", (10, 23, 23, 8), "T"),
        ("10x28x28x3 | each: [conv: 8 5x5/2]", "conv1", "shape", "stride_ignored", (10, 24, 24, 8), "T"),
        ("32x32x3 | conv: 8 5x5", "conv1", "biases", "swapped_channels", 3, "C"),
        ("32x32x3 | conv: 8 5x5", "conv1", "biases", "one_filter", 1, "1"),
        ("32x32x3 | conv: 8 5x5", "conv1", "biases", "no_bias", 0, "0"),
        ("32x32x3 | conv: 8 5x5", "conv1", "biases", "bias_per_in_channel", 24, "C·K"),
        ("32x32x3 | conv: 8 5x5", "conv1", "biases", "bias_per_pixel", 6_272, "H′·W′·C′"),
        ("16x40x40x1 | convlstm: 40 3x3", "convlstm1", "params", "no_bias", 59_040, "4·F·F·(C + K)·K"),
        ("28x28x8 | ln", "ln1", "params", "size_for_params", 6_272, "H′·W′·C′"),
        ("28x28x8 | pad: 2", "pad1", "shape", "pad_once", (30, 30, 8), "n + p"),
    ],
)
def test_a_slip_happens_wherever_its_formula_stands(
    spec: str, layer: str, column: str, slip: str, wrong: Answer, formula: str
) -> None:
    """No slip names a kind: a recurrent layer forgets its biases as a convolution does."""
    found = {other.id: outcome for other, outcome in wrong_outcomes(column, cases(summary_of(spec))[layer])}
    assert found[slip].answer == wrong
    assert render(found[slip].term) == formula


@pytest.mark.parametrize(
    ("spec", "layer", "column", "slip"),
    [
        ("28x28x8 | ln", "ln1", "params", "bn_per_element"),  # nothing is stored
        ("32x32x3 | conv: 8 5x5/2 same", "conv1", "shape", "stride_ignored"),  # has a slip of its own
        ("28x28x8 | relu", "relu1", "params", "size_for_params"),  # as above
        ("28x28x2 | conv: 8 3x3", "conv1", "params", "groups_invented"),  # a channel each is depthwise
    ],
)
def test_a_slip_happens_nowhere_else(spec: str, layer: str, column: str, slip: str) -> None:
    """Where its mistake cannot be made, or is another's, nobody is told of it."""
    assert slip not in {other.id for other, _ in wrong_outcomes(column, cases(summary_of(spec))[layer])}


def test_the_biases_of_gates_are_not_taken_for_all() -> None:
    """An LSTM shows one of its four sets of biases: what slips say about biases would be a fourth of the truth."""
    found = {slip.id for slip, _ in wrong_outcomes("params", cases(summary_of("20x16 | lstm: 32"))["lstm1"])}
    assert "no_bias" in found
    attention = {slip.id for slip, _ in wrong_outcomes("params", cases(summary_of("9x8 | attention: 2"))["attention1"])}
    assert "no_bias" not in attention
    assert found.isdisjoint({"one_bias_per_layer", "bias_twice", "bias_on_inputs", "bias_per_pixel"})
    assert wrong_outcomes("biases", cases(summary_of("20x16 | lstm: 32"))["lstm1"]) == ()


def test_a_column_without_biases_has_the_slips_of_its_weights_and_other_numbers() -> None:
    """Of (5·5·8)·16 = 3,200: one channel gives 400, and the 1,600 of the row's size are no weights; each slip once."""
    case = cases(summary_of("lenet5-rgb"))["conv2"]
    part = [(slip.id, outcome.answer) for slip, outcome in wrong_outcomes_as("params", "weights", case)]
    assert {("no_channels", 400), ("size_for_params", 1_600)} <= {*part}
    whole = [(slip.id, outcome.answer) for slip, outcome in wrong_outcomes_as("params", "params", case)]
    assert {("no_channels", 416), ("size_for_params", 1_600), ("no_bias", 3_200)} <= {*whole}
    assert [len(found) - len({slip for slip, _ in found}) for found in (part, whole)] == [0, 0]


def test_a_shared_layer_adds_nothing() -> None:
    """Its right formula is 0, whatever its kind would have: the numbers of the row above are those of its first use."""
    spec = "28x28x8 | conv: 8 3x3 same, share: conv1"
    result, mark = checked(summary_of(spec), "conv2", "params", 584)
    explanation = result.diagnosis.of(mark)
    assert explanation is not None
    assert message(explanation) == (
        "584: the parameters of the row above were written down again. They belong to the row above; this layer learns "
        "nothing: 0. → 0"
    )
    assert explanation.alternatives == ()


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_every_slip_in_the_bundled_networks(name: str) -> None:
    """What a slip gives in a layer is diagnosed as it, or as ambiguous; in two layers of each."""
    summary = summary_of(name)
    known = cases(summary)
    tried: dict[str, int] = {}
    for row in summary:
        for column in ("shape", "size", "params", "macs"):
            for slip, outcome in wrong_outcomes(column, known[row.name]):
                if outcome.answer == expected_of(row)[column] or tried.get(slip.id, 0) >= 2:
                    continue
                result, mark = checked(summary, row.name, column, outcome.answer)
                if mark.status is Status.CORRECT:  # another form of the right shape: (6, 1) for (6,)
                    continue
                tried[slip.id] = tried.get(slip.id, 0) + 1
                assert mark.status is Status.WRONG, (row.name, slip.id)
                assert slip.id in names(result, mark), (row.name, slip.id)


@pytest.mark.parametrize("slip", [*all_slips(), "arithmetic"])
def test_every_slip_is_taught(slip: str) -> None:
    """A lesson has a hint, and a wrong line beside a right one."""
    lines = teach(slip).splitlines()
    assert lines[0].startswith(f"{slip}: ")
    (wrong,) = [line for line in lines if line.startswith("    wrong  ")]
    (right,) = [line for line in lines if line.startswith("    right  ")]
    assert wrong[10:] != right[10:]
    assert lines[2].endswith((".", "0."))


LESSONS: Final = {
    "no_flatten": "(C + 1)·N_out = (16 + 1)·120 = 2,040",
    "flatten_without_channels": "(H·W + 1)·N_out = (5·5 + 1)·120 = 3,120",
    "pool_forgotten": "(N_before + 1)·N_out = (1,600 + 1)·120 = 192,120",
    "gap_as_flatten": "(H·W·C + 1)·N_out = (5·5·400 + 1)·120 = 1,200,120",
    "image_channels": "(F·F·C_image + 1)·K = (5·5·3 + 1)·16 = 1,216",
    "params_of_row_above": "params above = 608",
    "channels_kept": "C = 3 → (15, 15, 3)",
    "shape_without_channels": "(n + 2p − f)/s + 1 = (31 + 2·1 − 5)/2 + 1 = 15 → (15, 15)",
    "size_with_batch": "batch·H′·W′·C′ = 32·15·15·7 = 50,400",
}
"""The wrong line of a lesson, by hand."""


@pytest.mark.parametrize("slip", LESSONS)
def test_the_numbers_of_a_lesson(slip: str) -> None:
    """A formula, the numbers put in, and what comes out; of a shape, the first axis that is wrong."""
    assert f"    wrong  {LESSONS[slip]}" in teach(slip).splitlines()


@pytest.mark.parametrize("name", all_slips())
def test_words_fit_into_sentences(name: str) -> None:
    """A mistake is the end of a sentence, a hint is a sentence."""
    slip = all_slips()[name]
    assert slip.mistake[0].islower()
    assert not slip.mistake.endswith(".")
    assert slip.hint[0].isupper() or slip.hint.startswith("(F")
    assert slip.hint.endswith(".")


def test_a_hint_gives_no_number_away() -> None:
    """The hint of a slip names no number of the network."""
    result, mark = checked(summary_of(CONV1), "conv1", "params", 208)
    assert cell_message(result, mark, Reveal.HINT) == "A filter is as deep as its input: F·F·C."
    assert cell_message(result, mark, Reveal.VERDICT) == ""


def test_an_alternative_is_named_where_no_other_cell_rules_it_out() -> None:
    """850 multiply-accumulates may be the parameters of the last layer; beside 476,672 they are those with biases."""
    summary = summary_of("lenet5-rgb")

    def explained(text: str) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
        result = check_summary(summary, f"Layer;MACs\n{text}".encode(), "table.csv")
        return [(found.slips, found.alternatives) for found in result.diagnosis.explanations]

    assert explained("softmax;850") == [(("macs_with_biases",), ("params_for_macs",))]
    assert explained("fc4;10164\nsoftmax;850") == [(("macs_with_biases",), ("params_for_macs",))] * 2
    assert explained("conv1;476672\nsoftmax;850") == [(("macs_with_biases",), ())] * 2


@pytest.mark.parametrize(
    ("answer", "shown"),
    [((120,), "(120,)"), ((28, 28, 8), "(28, 28, 8)"), ((Fraction(29, 2), 8), "(14.5, 8)"), (48_120, "48,120")],
)
def test_answers_as_a_reader_writes_them(answer: Answer, shown: str) -> None:
    """A shape of one size with its comma, as in Python and in Keras."""
    assert show_answer(answer) == shown


@pytest.mark.parametrize("name", NETWORKS)
def test_a_hint_for_a_dense_layer_speaks_of_no_convolution(name: str) -> None:
    """Neither in a quiz nor in the feedback on a table: no filters, windows or positions."""
    summary = summary_of(name)
    known = cases(summary)
    for row in summary:
        if row.node.layer.role is not Role.DENSE:
            continue
        for column in ("shape", "size", "params", "macs", "weights", "biases"):
            for wrong in distractors(column, known[row.name], expected_of(row)[column]):
                for slip in wrong.slips:
                    assert not re.search(r"filter|convol|kernel|window|stride|position|F·F", slip.hint), slip.id


def test_a_hint_fits_its_layer() -> None:
    """A unit is no filter."""
    for layer, wrong, hint in (("fc3", 48_000, "Each unit also"), ("conv2", 3_200, "Each filter or unit also")):
        result, mark = checked(summary_of("lenet5-rgb"), layer, "params", wrong)
        assert cell_message(result, mark, Reveal.HINT) == f"{hint} learns one bias."
