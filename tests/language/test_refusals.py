"""What is said of values and items that are well formed and mean nothing: where nothing else tests it."""

from __future__ import annotations

import pytest

import cnnspec


@pytest.mark.parametrize(
    ("text", "code", "message", "step"),
    [
        (
            "input: 28x28x1\nlayers:\n  - network: lenet5\n    params: [1]\n",
            "E112",
            "`params` must be a mapping, not a list",
            "write `params: {width: 0.5}`",
        ),
        (
            "input: 28x28x1\nlayers:\n  - network: lenet5\n    params: {width: [1]}\n",
            "E112",
            "a parameter is one value, not a list",
            "",
        ),
        (
            "input: 28x28x1\nlayers:\n  - network: lenet5\n    until: [conv1]\n",
            "E112",
            "`until` must be a value, not a list",
            "",
        ),
        (
            "input: 28x28x1\nlayers:\n  - network: [lenet5]\n",
            "E107",
            "`network` needs the name of a spec, not a list",
            "write `network: resnet50`, or `network: base.yaml` for a file beside this one",
        ),
        (
            "input: 8x8x3\nlayers:\n  - lstm: 4\n",
            "E303",
            "`lstm` works on a sequence (L, C); its input is (8, 8, 3)",
            "make every row a step with `reshape: 8x24`",
        ),
        (
            "input: 8x8x3\nlayers:\n  - maxpool: 2 same ceil\n",
            "E307",
            "`same` padding rounds up by itself",
            "leave out `ceil`",
        ),
        (
            "input: 8x8x3\nlayers:\n  - upconv: 4 3x3/2 output_padding=2\n",
            "E307",
            "`output_padding` must be below the stride (2, 2) or the dilation (1, 1), not (2, 2)",
            "",
        ),
        (
            "input: 9x9x3\nlayers:\n  - dwconv: 3x3/2x1\n",
            "E307",
            "`dwconv` has one stride for all axes, not (2, 1)",
            "",
        ),
        (
            "input: 8x3\nlayers:\n  - lstm: {units: 4, bidirectional: true, backwards: true}\n",
            "E307",
            "`bidirectional` reads backwards too",
            "leave out `backwards`",
        ),
        (
            "input: 8x8x3\nlayers:\n  - conv: {filters: 4, kernel: 3, in_channels: $n}\n",
            "E113",
            "unknown variable `n`",
            "known here are `in.c`, `in.h`, `in.w`",
        ),
        (
            "input: 8x8x3\nparams: {n: 4}\nlayers:\n  - conv: {filters: 4, kernel: 3, in_channels: $n}\n",
            "E304",
            "`in_channels` of `conv` is 4, but 3 channels enter here",
            "write `in_channels: 3`",
        ),
        (
            "input: 8x8x3\nlayers:\n  - softmax: {dim: 2}\n",
            "E105",
            "`dim` of `softmax` is 2, and channels are axis 1 in PyTorch",
            "write `dim: 1`, or leave it out",
        ),
        (
            "input: 8x8x3\nlayers:\n  - concat: {axis: 1, branches: [[conv: 4 1x1], identity]}\n",
            "E302",
            "`concat` needs inputs that agree in all but axis 1, not (8, 8, 4) and (8, 8, 3)",
            "",
        ),
        (
            "input: 8x8x3\nlayers:\n  - flatten: {start_dim: 2}\n",
            "E105",
            "`start_dim` of `flatten` is `2`, which is not modelled",
            "",
        ),
        (
            "input: 8x8x3\nlayers:\n  - Conv2D: {filters: 4, kernel_size: 3, padding: {a: 1}}\n",
            "E112",
            "an argument is a value or a list, not a mapping",
            "",
        ),
        (
            "input: 8x8x3\nlayers:\n  - dropout: {rate: 0.5, noise_shape: {a: 1}}\n",
            "E105",
            "`noise_shape` of `dropout` is `{a: 1}`, which is not modelled",
            "",
        ),
        (
            "input: 8x8x3\nblocks:\n  u:\n    params: {w: $missing}\n    layers: [conv: $w 3x3]\nlayers: [u]\n",
            "E113",
            "unknown variable `missing`",
            "known here are `in.c`, `in.h`, `in.w`",
        ),
        (
            "input: 8x8x3\nblocks: {u: {params: {w: 3}, layers: [conv: $w 3x3]}}\nlayers:\n  - u: {w: [1, 2]}\n",
            "E112",
            "a parameter of a block is one value, not a list",
            "",
        ),
        (
            "input: 8x8x3\ndefaults:\n  conv: {padding: $p}\nlayers: [conv: 4 3x3]\n",
            "E113",
            "unknown variable `p`",
            "known here are `in.c`, `in.h`, `in.w`",
        ),
        (
            "input: 8x8x3\ntrain: {data: digits, epochs: [1]}\nlayers: [flatten, dense: 10]\n",
            "E105",
            "`epochs` must be a positive integer, not `[1]`",
            "",
        ),
        (
            "input: 8x8x3\ntrain: {data: digits, augment: [spin]}\nlayers: [flatten, dense: 10]\n",
            "E105",
            "`augment` must be `true`, `false`, one of `crop`, `flip`, or a list of them, not `[spin]`",
            "",
        ),
    ],
)
def test_refusals(text: str, code: str, message: str, step: str) -> None:
    """One fault each, with the step that mends it where there is one."""
    with pytest.raises(cnnspec.CnnspecError) as caught:
        cnnspec.loads(text)
    (fault,) = caught.value.diagnostics
    assert (fault.code, fault.message, fault.help) == (code, message, step)
