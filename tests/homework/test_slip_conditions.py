"""Where a slip can happen and where it cannot: at the limits of what its mistake needs."""

from __future__ import annotations

from typing import Final

import pytest

import cnnspec
from cnnspec.analysis.measure import measure
from cnnspec.homework.diagnosis.answers import wrong_outcomes
from cnnspec.homework.diagnosis.distractors import cases
from cnnspec.homework.diagnosis.slips import all_slips

PADDED: Final = "pad_once padding_ignored padded_size padded_channels"
GROUPED: Final = "groups_ignored groups_divide_biases one_group"
FLATTENED: Final = "no_flatten flatten_without_channels pool_forgotten gap_as_flatten"

WHERE: Final[tuple[tuple[str, str, str, str], ...]] = (
    # One channel comes in: nobody can forget the others. Two are enough.
    ("28x28x1 | conv: 8 5x5", "params", "one_filter not_squared", "no_channels image_channels"),
    ("28x28x2 | conv: 8 5x5", "params", "no_channels", "image_channels"),
    ("28x28x1 | conv: 8 5x5", "shape", "channels_kept same_for_valid", "channels_multiplied"),
    ("28x28x2 | conv: 8 5x5", "shape", "channels_multiplied", ""),
    ("28x28x3 | conv: 3 1x1", "shape", "channels_multiplied", "channels_kept"),
    ("28x28x3 | conv: 4 1x1, conv: 8 1x1", "params", "image_channels", ""),
    # Stride 1, no padding, no dilation, one group.
    (
        "28x28x4 | conv: 8 5x5",
        "params",
        "groups_invented",
        f"stride_counted stride_for_channels padding_counted dilation_counted {GROUPED}",
    ),
    ("28x28x4 | conv: 8 5x5", "shape", "no_plus_one", f"plus_one_inside stride_ignored dilation_ignored {PADDED}"),
    (
        "28x28x4 | conv: 8 5x5/2",
        "shape",
        "plus_one_inside stride_ignored ceil_for_floor fraction_left",
        "pool_stride_one",
    ),
    ("28x28x4 | conv: 8 5x5/2", "params", "stride_counted stride_for_channels", ""),
    ("28x28x4 | conv: 8 5x5 pad=1", "shape", PADDED, "valid_for_same"),
    ("28x28x4 | conv: 8 5x5 dilation=2", "shape", "dilation_ignored", "stride_ignored"),
    # `same` padding has mistakes of its own: its sizes come from the stride alone.
    (
        "28x28x4 | conv: 8 5x5/2 same",
        "shape",
        "valid_for_same same_ignores_stride padded_size",
        "same_for_valid stride_ignored fraction_left padded_channels",
    ),
    ("28x28x4 | conv: 8 5x5 same", "shape", "valid_for_same padded_size", "same_ignores_stride same_for_valid"),
    ("28x28x4 | conv: 8 1x1 same", "shape", "channels_kept", "padded_size"),
    ("28x28x4 | conv: 8 3x3 dilation=2 same", "shape", "valid_for_same", "dilation_ignored"),
    ("28x28x4 | conv: 8 3x3 same", "params", "padding_counted", ""),
    ("28x28x4 | conv: 8 1x1 same", "params", "no_channels", "padding_counted"),
    # Channels can be halved where more than one is left in each half.
    ("28x28x2 | conv: 8 5x5", "params", "", "groups_invented"),
    ("28x28x5 | conv: 8 5x5", "params", "", "groups_invented"),
    ("28x28x4 | conv: 8 5x5 groups=2", "params", GROUPED, "groups_invented"),
    # Layers with other weights than a convolution's.
    (
        "28x28x4 | dwconv: 5x5",
        "params",
        "depthwise_as_full not_squared",
        "no_channels dense_for_conv separable_as_full bias_per_in_channel",
    ),
    ("28x28x4 | sepconv: 8 5x5", "params", "separable_as_full separable_two_biases", "depthwise_as_full no_channels"),
    ("28x28x4 | sepconv: 8 5x5 bias=false", "params", "separable_as_full", "separable_two_biases no_bias bias_twice"),
    (
        "28x28x4 | conv: 8 5x5 bias=false",
        "macs",
        "flops_for_macs params_for_macs",
        "all_flops_for_macs macs_at_outputs",
    ),
    ("28x28x4 | conv: 8 5x5", "macs", "macs_with_biases all_flops_for_macs", "macs_at_outputs"),
    ("28x28x4 | upconv: 8 5x5", "macs", "macs_at_outputs", ""),
    (
        "28x28x4 | upconv: 8 5x5",
        "shape",
        "transposed_as_forward transposed_same_for_valid",
        "transposed_valid_for_same same_for_valid no_plus_one",
    ),
    (
        "28x28x4 | upconv: 8 5x5 same",
        "shape",
        "transposed_as_forward transposed_valid_for_same",
        "transposed_same_for_valid",
    ),
    ("4x4x4 | upconv: 8 5x5", "shape", "transposed_same_for_valid", "transposed_as_forward"),  # 4 < 5: no position
    ("5x5x4 | upconv: 8 5x5", "shape", "transposed_as_forward", ""),
    # Dense layers: what stands in front of them.
    ("6 | dense: 3", "params", "no_bias", f"{FLATTENED} dense_for_conv not_squared"),
    ("6x1 | flatten, dense: 3", "params", "no_flatten", "flatten_without_channels pool_forgotten gap_as_flatten"),
    ("6x2 | flatten, dense: 3", "params", "no_flatten flatten_without_channels", "pool_forgotten gap_as_flatten"),
    ("6x2 | maxpool: 2, flatten, dense: 3", "params", "pool_forgotten no_flatten", "gap_as_flatten"),
    ("6x2 | gap, dense: 3", "params", "gap_as_flatten", "no_flatten flatten_without_channels pool_forgotten"),
    ("6x2 | maxpool: 2, flatten, relu, dense: 3", "params", "pool_forgotten no_flatten", ""),
    # Pooling: it shrinks, it is moved, it has channels to lose.
    (
        "8x8x4 | maxpool: 2",
        "shape",
        "pool_keeps_size pool_changes_channels pool_only_channels pool_stride_one",
        "stride_ignored",
    ),
    ("8x8x4 | maxpool: 3x3/1 same", "shape", "valid_for_same", "pool_keeps_size pool_stride_one same_ignores_stride"),
    ("8x8x2 | maxpool: 2", "shape", "pool_changes_channels pool_only_channels", ""),
    ("8x8x1 | maxpool: 2", "shape", "pool_keeps_size", "pool_changes_channels pool_only_channels"),  # no 0 channels
    (
        "8x8x4 | maxpool: 2",
        "params",
        "pool_has_params pool_coefficients hyperparameters_counted",
        "params_of_row_above",
    ),
    ("8x8x4 | gap", "params", "nothing_learned", "pool_has_params pool_coefficients hyperparameters_counted"),
    ("8x8x4 | gap", "shape", "", "flatten_sum flatten_pixels pool_keeps_size"),
    ("8x8x1 | flatten", "shape", "flatten_sum", "flatten_pixels"),
    ("8x8x2 | flatten", "shape", "flatten_sum flatten_pixels", ""),
    ("8x8x4 | conv: 4 3x3, relu", "params", "params_of_row_above nothing_learned", ""),
    ("8x8x4 | maxpool: 2, relu", "params", "nothing_learned", "params_of_row_above"),
    # Normalizations and slopes.
    ("8x8x4 | bn", "params", "bn_trained_only bn_per_element", "norm_stores_too"),
    ("8x8x4 | bn: {scale: false, center: false}", "params", "bn_per_element", "bn_trained_only norm_stores_too"),
    ("8x8x4 | ln", "params", "norm_stores_too", "bn_trained_only bn_per_element"),
    ("8x8x4 | ln: {center: false}", "params", "", "norm_stores_too bn_trained_only bn_per_element"),
    ("8x8x4 | prelu", "params", "slope_per_channel", "size_for_params"),
    ("8x8x4 | prelu: {shared_axes: [1, 2]}", "params", "size_for_params", "slope_per_channel"),
    ("8 | prelu", "params", "", "slope_per_channel"),
    ("1x5x1 | prelu", "params", "slope_per_channel", ""),
    # Sequences.
    ("1x16 | lstm: 4", "params", "three_gates no_recurrent_weights", "one_gate weights_per_step"),
    ("2x16 | lstm: 4", "params", "one_gate weights_per_step", "no_output_product heads_multiplied one_direction"),
    ("2x16 | gru: 4", "params", "one_gate second_bias_forgotten", "three_gates second_bias_counted"),
    (
        "2x16 | rnn: 4",
        "params",
        "no_bias no_recurrent_weights",
        "one_gate three_gates second_bias_counted no_biases_at_all",
    ),
    ("2x16 | lstm: 4 bias=false", "params", "one_gate", "second_bias_counted no_biases_at_all no_bias"),
    ("9x8 | attention: 1", "params", "no_output_product no_biases_at_all", "heads_multiplied"),
    ("9x8 | attention: 2", "params", "heads_multiplied", ""),
    ("9x8 | attention: 2 bias=false", "params", "no_output_product", "no_biases_at_all"),
    ("20 | embedding: 16 vocabulary=9", "params", "weights_per_step table_with_biases", "no_biases_at_all one_gate"),
    ("1 | embedding: 16 vocabulary=9", "params", "table_with_biases", "weights_per_step"),
    ("9x8 | positions", "params", "", "weights_per_step no_biases_at_all"),
    # Sizes.
    ("28x28x3 | conv: 1 1x1", "size", "size_sum params_for_size size_of_input", "size_without_channels"),
    ("28x28x3 | conv: 2 1x1", "size", "size_without_channels", ""),
    ("6 | dense: 3", "size", "size_of_input params_for_size", "size_sum size_without_channels size_with_batch"),
    ("3 | dense: 3", "size", "", "size_of_input"),
    ("8x8x4 | maxpool: 2", "size", "size_of_input", "params_for_size"),
    ("9x4 | conv: 3 kernel=3", "size", "size_sum size_without_channels", ""),
)
"""Network, column, the slips that can happen in its last layer, and those that cannot."""


@pytest.mark.parametrize(("spec", "column", "can", "cannot"), WHERE)
def test_where_a_slip_can_happen(spec: str, column: str, can: str, cannot: str) -> None:
    """Nobody is told of a mistake that could not be made there, and nobody's is overlooked."""
    shape, _, layers = spec.partition(" | ")
    summary = measure(cnnspec.loads(f"input: {shape}\nlayers: [{layers}]\n"))
    found = {slip.id for slip, _ in wrong_outcomes(column, cases(summary)[summary.rows[-1].name])}
    assert {*can.split(), *cannot.split()} <= set(all_slips())
    assert set(can.split()) - found == set()
    assert set(cannot.split()) & found == set()
