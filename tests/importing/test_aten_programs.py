"""Operations of PyTorch's ATen, each in a program as `torch.export` of PyTorch 2.13 writes it.

tests/data/aten_programs.json.xz has the programs by their expressions, without weights and the places in the source;
the shapes in them, with which importing compares its own, are those of PyTorch.
"""

from __future__ import annotations

import json
import lzma
from pathlib import Path
from typing import Any, Final

import pytest
from programs import MISSING, messages, packed

import cnnspec
from cnnspec.importing.opening import open_model
from cnnspec.importing.spec import write_spec

PROGRAMS: Final = json.loads(lzma.decompress((Path(__file__).parents[1] / "data/aten_programs.json.xz").read_bytes()))
LAYERS: Final = {
    "torch.cat(x.chunk(2, 1)[::-1], 1)": "split: 2, split: 2 index=1, from: input, concat:, from: [chunk_1, chunk]",
    "torch.cat(torch.split(x, 1, 1)[:3], 1)": (
        "split: 4, split: 4 index=1, from: input, split: 4 index=2, from: input, concat:, from: [split, "
        "split_1, split_2]"
    ),
    "torch.cat(torch.split(x, [1, 3], 1)[::-1], 1)": (
        "slice: stop=1, slice: start=1, from: input, concat:, from: [split_with_sizes_1, split_with_sizes]"
    ),
    "torch.cat(torch.split(x, 3, 1)[::-1], 1)": (
        "slice: stop=3, slice: start=3, from: input, concat:, from: [split_1, split]"
    ),
    "x.narrow(1, 1, 2)": "slice: start=1 stop=3",
    "x[:, 1:3, :, 2:]": "slice: start=1 stop=3, slice: start=2 axis=2",
    "x[:, :, :-2, -3:]": "slice: axis=1 stop=6, slice: start=5 axis=2",
    "m(x.transpose(2, 3)); nn.Conv2d(4, 6, (1, 3))": "permute: 2x1x3, conv: 6 1x3",
    "m(x.permute(0, 2, 3, 1)); nn.Linear(4, 3)": "dense: 3",
    "m(x.flatten(2).transpose(1, 2)); nn.Linear(4, 3)": "reshape: 64x4, dense: 3",
    "m(x).squeeze(-1).squeeze(-1); nn.AdaptiveAvgPool2d(1)": "gap: keepdims, reshape: 1x4, flatten:",
    "m(x).squeeze(); nn.AdaptiveMaxPool2d(1)": "gmp: keepdims, flatten:",
    "m(x).squeeze((2, 3)); nn.AdaptiveAvgPool2d(1)": "gap: keepdims, flatten:",
    "m(x.mean((2, 3)).unsqueeze(1)); nn.Conv1d(1, 1, 3, padding=1)": "gap:, reshape: 4x1, conv: 1 kernel=3 pad=1",
    "x * m(x.mean((2, 3)))[:, :, None, None]; nn.Sequential(nn.Linear(4, 4), nn.Sigmoid())": (
        "gap:, dense: 4, sigmoid:, reshape: 1x4, reshape: 1x4x1, permute: 3x1x2, multiply:, from: [input, "
        "unsqueeze_permuted]"
    ),
    "x.view(x.size(0), -1)": "flatten:",
    "x.view(x.size(0), x.size(1) * x.size(2), x.size(3))": "permute: 3x1x2, reshape: 32x8",
    "x.flatten(1, 2)": "permute: 3x1x2, reshape: 32x8",
    "x.flatten(1).unflatten(1, (4, 8, 8))": "flatten:, reshape: 8x8x4",
    "x.unflatten(1, (2, 2))": "reshape: 8x8x2x2",
    "x.unflatten(1, (2, 2)).transpose(1, 2).flatten(1, 2)": "channel_shuffle: 2",
    "x.unflatten(1, (2, 2)).transpose(1, 2)": "reshape: 8x8x2x2",
    "F.pad(x, (1, 2, 0, 1))": 'pad: "[[0,1],[1,2]]"',
    "F.pad(x, (1, 1, 2, 2), mode='reflect')": "pad: 2x1 reflect",
    "F.pad(x, (1, 1, 2, 2), mode='replicate')": "pad: 2x1 replicate",
    "m(x); nn.PixelShuffle(2)": "depth_to_space: 2",
    "m(x); nn.PixelUnshuffle(2)": "space_to_depth: 2",
    "m(x); nn.ChannelShuffle(2)": "channel_shuffle: 2",
    "m(x); nn.Upsample(scale_factor=2)": "upsample:",
    "m(x); nn.Upsample(scale_factor=2, mode='bilinear')": "upsample: bilinear",
    "m(x); nn.Upsample(scale_factor=2, mode='bilinear', align_corners=True)": "upsample: bilinear",
    "F.interpolate(x, size=(16, 24))": "upsample: 2x3",
    "F.interpolate(x, scale_factor=1.5)": "resize: 12 nearest",
    "m(x); nn.Softmax(1)": "softmax:",
    "m(x); nn.Softmax(-1)": "softmax: axis=2",
    "m(x); nn.LogSoftmax(1)": "log_softmax:",
    "m(x); nn.PReLU()": "prelu: shared=[1,2,3]",
    "m(x); nn.PReLU(4)": "prelu: shared",
    "x.clamp(0, 6)": "relu6:",
    "x.clamp(min=0)": "relu:",
    "x.clamp(0, 1)": "relu: 1",
    "F.hardtanh(x)": "hard_tanh:",
    "m(x); nn.GroupNorm(2, 4)": "gn: 2 eps=1e-05",
    "m(x); nn.InstanceNorm2d(4)": 'gn: "-1 eps=1e-05 nocenter noscale"',
    "m(x); nn.BatchNorm2d(4, affine=False)": "bn: eps=1e-05 nocenter noscale momentum=0.9",
    "m(x); nn.LayerNorm([4, 8, 8], bias=False)": "ln: eps=1e-05 nocenter axis=[1,2,3]",
    "m(x); nn.LayerNorm([8, 8])": "ln: eps=1e-05 axis=[2,3]",
    "x.mean((2, 3))": "gap:",
    "x.mean((-1, -2), keepdim=True)": "gap: keepdims",
    "x.amax((2, 3))": "gmp:",
    "x.permute(0, 2, 3, 1).mean((1, 2))": "gap:",
    "m(x); nn.AdaptiveAvgPool2d((None, 4))": "adaptive_avgpool: 8x4",
    "m(x); nn.AdaptiveMaxPool2d(3)": "adaptive_maxpool: 3x3",
    "m(x); nn.ConvTranspose2d(4, 6, 3, stride=2, padding=1, output_padding=1)": (
        "upconv: 6 3x3/2 pad=1 output_padding=1x1"
    ),
    "m(x); nn.ConvTranspose2d(4, 6, 2, stride=2, groups=2, bias=False)": "upconv: 6 2x2/2 nobias groups=2",
    "m(x); nn.Conv2d(4, 6, 3, padding='same')": "conv: 6 3x3 same",
    "m(x); nn.Conv2d(4, 6, 3, padding='valid')": "conv: 6 3x3",
    "m(x); nn.Conv2d(4, 6, 3, padding=1, padding_mode='reflect')": "pad: reflect, conv: 6 3x3",
    "m(x); nn.Conv2d(4, 8, 3, groups=4)": "dwconv: 3x3 multiplier=2",
    "m(x); nn.Conv2d(4, 6, 3, groups=2, dilation=2)": "conv: 6 3x3 dilation=2x2 groups=2",
    "m(x.flatten(2)); nn.Conv1d(4, 6, 4, padding='same')": "reshape: 64x4, conv: 6 kernel=4 same",
    "m(x.view(1, 1, 4, 8, 8)); nn.Conv3d(1, 3, 3)": "reshape: 8x8x1x4, permute: 4x1x2x3, conv: 3 3x3x3",
    "m(x); nn.MaxPool2d(3, 2, 1, ceil_mode=True)": "maxpool: 3x3/2 pad=1 ceil",
    "m(x); nn.AvgPool2d(3, 1, 1, count_include_pad=False)": "avgpool: 3x3/1 same",
    "m(x); nn.AvgPool2d(3, 2, 1, count_include_pad=False)": "avgpool: 3x3/2 pad=1",
    "m(x); nn.AvgPool2d(2, divisor_override=3)": "avgpool:",
    "m(x); nn.Dropout(0.3)": "dropout: 0.3",
    "x + x": "rescale: 2",
    "x + 1": "rescale: 1 offset=1",
    "1 - x": 'rescale: "-1 offset=1"',
    "x - 0.5": "rescale: 1 offset=-0.5",
    "x / 255": "rescale: 0.00392156862745098",
    "x * 2": "rescale: 2",
    "x * x": "multiply:, from: [input, input]",
    "x - m(x); nn.ReLU()": "relu:, subtract:, from: [input, m]",
    "torch.maximum(x, m(x)); nn.Sigmoid()": "sigmoid:, maximum:, from: [input, m]",
    "x * m(x); nn.Sigmoid()": "silu:",
    "x * m; nn.Parameter(torch.ones(4, 1, 1))": "layerscale:",
    "x * m; nn.Parameter(torch.ones(8))": "permute: 3x1x2, layerscale:",
    "m[0](x) + m[1].weight.view(6, 1, 1); nn.ModuleList([nn.Conv2d(4, 6, 1, bias=False), nn.PReLU(6)])": "conv: 6 1x1",
    "x * m[0] + m[1]; nn.ParameterList([torch.ones(4, 1, 1), torch.ones(4, 1, 1)])": "dwconv: 1x1",
    "m(x); nn.GELU('tanh')": "gelu:",
    "m(x); nn.ELU(0.5)": "elu: 0.5",
    "m(x); nn.Softplus(2)": "softplus:",
    "x.flatten(1) @ m; nn.Parameter(torch.ones(256, 3))": "flatten:, dense: 3 nobias",
    "torch.addmm(m[0], x.flatten(1), m[1]); nn.ParameterList([torch.ones(3), torch.ones(256, 3)])": (
        "flatten:, dense: 3"
    ),
    "torch.cat([x, x], -1)": "concat: axis=2, from: [input, input]",
    "m(x.float().contiguous().clone()); nn.Conv2d(4, 6, 1)": "conv: 6 1x1",
    "F.relu_(m(x)).add_(1); nn.Conv2d(4, 6, 1)": "conv: 6 1x1, relu:, rescale: 1 offset=1",
    "m(x); nn.Dropout2d(0.3)": "spatial_dropout: 0.3",
    "m(x); nn.AlphaDropout(0.3)": "alpha_dropout: 0.3",
    "m(x); nn.RMSNorm(8)": "permute: 3x1x2, rms_norm: eps=1.1920928955078125e-07",
    "m(x.movedim((1, 2), (3, 1))); nn.RMSNorm(4, eps=1e-6)": "rms_norm:",
    "m(x.movedim(1, -1)).movedim(-1, 1); nn.LayerNorm(4)": "ln: eps=1e-05",
}
"""What is computed of `x`, which is (1, 4, 8, 8), with a module `m`: the layers that it is read as."""
LOST: Final = {
    "m(x); nn.Upsample(scale_factor=2, mode='bilinear', align_corners=True)": {"align_corners": 1},
    "m(x); nn.AvgPool2d(3, 2, 1, count_include_pad=False)": {"count_include_pad": 1},
    "m(x); nn.AvgPool2d(2, divisor_override=3)": {"divisor_override": 1},
    "m(x); nn.GELU('tanh')": {"approximate": 1},
    "m(x); nn.Softplus(2)": {"beta": 1},
    "m(x); nn.PixelUnshuffle(2)": {"order of channels": 1},
    "F.interpolate(x, scale_factor=1.5)": {"nearest": 1},
}
"""What is told to be left out, as it changes no number of a table."""
REFUSED: Final = {
    "m(x); nn.RMSNorm([8, 8])": "`m`: it is over 2 axes",
    "m(x); nn.RMSNorm(8, elementwise_affine=False)": "`m`: it has no factors",
    "x.clamp(max=1)": "`clamp`: no kind stands for limits at −∞ and 1.0",
    "x.clamp(-2, 3)": "`clamp`: no kind stands for limits at -2.0 and 3.0",
    "F.pad(x, (1, 1), value=3.0)": "`pad`: `value` is `3.0`: only `0` is modelled",
    "F.pad(x, (0, 0, 0, 0, 1, 1))": "`pad`: it pads in the mode `constant` by ((1, 1), (0, 0), (0, 0)), channels first",
    "F.pad(x, (1, 1, 2, 2), mode='circular')": (
        "`pad`: it pads in the mode `circular` by ((0, 0), (2, 2), (1, 1)), channels first"
    ),
    "F.pad(x, (-1, -1))": (
        "`pad`: `margins` would be `[(0, 0), (-1, -1)]`: it must be explicit numbers such as `1`, `1x2` or "
        "`[[0, 1], [0, 1]]`"
    ),
    "x[:, :, ::2]": "`slice`: `step` is `2`: only `1` is modelled",
    "torch.cat([x, x], 0)": "`cat`: it works along the batch",
    "x.flatten()": "`flatten`: it makes the batch a part of the elements",
    "x.mean()": "`mean`: it makes one number of the batch",
    "x.mean(3)": "`mean`: it works along 1 of 3 axes",
    "x.permute(1, 0, 2, 3)": "`permute`: it moves the batch",
    "m(x); nn.MaxPool2d(2, dilation=2)": "`m`: `dilation` is `2`: only `1` is modelled",
    "x / m(x); nn.Sigmoid()": "`div`: it divides by a tensor, or by numbers that are not one",
    "x - m; nn.Parameter(torch.ones(4, 1, 1))": "`sub`: it combines a tensor with numbers of the shape (4, 1, 1)",
    "x * m; nn.Parameter(torch.ones(1, 8, 8))": (
        "`mul`: it combines (1, 4, 8, 8), with the batch, and numbers of the shape (1, 8, 8)"
    ),
    "torch.addmm(m[0], x.flatten(1), m[1], beta=2); nn.ParameterList([torch.ones(3), torch.ones(256, 3)])": (
        "`addmm`: `alpha and beta` is `(1, 2.0)`: only `(1, 1)` is modelled"
    ),
    "x.flatten(2) @ x.flatten(2).transpose(1, 2)": "`matmul`: its weights are computed, not in the file",
    "m(x); nn.InstanceNorm2d(4, track_running_stats=True)": "`m`: it normalizes each sample by stored numbers",
    "m(x); nn.BatchNorm2d(4, track_running_stats=False)": "`m`: its mean and variance are not stored",
    "torch.sub(x, m(x), alpha=2); nn.ReLU()": "`sub`: `alpha` is `2.0`: only `1` is modelled",
    "torch.linalg.vector_norm(m(x), dim=1); nn.ReLU()": (
        "`linalg_vector_norm`: no kind stands for the operation `linalg_vector_norm`"
    ),
}
"""What no kind stands for, and why."""


SHAPES: Final = {
    "F.pad(x, (1, 1), value=3.0)": (8, 10, 4),
    "F.pad(x, (0, 0, 0, 0, 1, 1))": (8, 8, 6),
    "F.pad(x, (1, 1, 2, 2), mode='circular')": (12, 10, 4),
    "F.pad(x, (-1, -1))": (8, 6, 4),
    "x[:, :, ::2]": (4, 8, 4),
    "x.mean()": (1, 1, 1),
    "x.mean(3)": (8, 4),
    "x.clamp(-2, 3)": (8, 8, 4),
    "m(x); nn.MaxPool2d(2, dilation=2)": (3, 3, 4),
    "x / m(x); nn.Sigmoid()": (8, 8, 4),
    "x.flatten(2) @ x.flatten(2).transpose(1, 2)": (4, 4),
    "torch.linalg.vector_norm(m(x), dim=1); nn.ReLU()": (8, 8),
}
"""What PyTorch computes of one sample with what no kind stands for, channels last."""


@pytest.mark.parametrize("expression", LAYERS)
def test_what_is_imported(expression: str, tmp_path: Path) -> None:
    """Its layers, in the shapes of the program, and the spec is right."""
    opened = open_model(str(packed(PROGRAMS[expression], tmp_path)))
    assert items(opened.graph) == LAYERS[expression]
    assert dict(opened.lost) == LOST.get(expression, {})


@pytest.mark.parametrize("expression", REFUSED)
def test_what_is_refused(expression: str, tmp_path: Path) -> None:
    """With what the program says that no kind does."""
    assert messages(packed(PROGRAMS[expression], tmp_path)) == [f"E606 layer {REFUSED[expression]}"]


@pytest.mark.parametrize("expression", SHAPES)
def test_what_is_refused_may_be_opaque(expression: str, tmp_path: Path) -> None:
    """In the shape of the program, with the reason beside it."""
    graph = open_model(str(packed(PROGRAMS[expression], tmp_path)), partial=True).graph
    text = write_spec(graph)
    assert [node.shape for node in graph if node.kind == "opaque"] == [SHAPES[expression]]
    assert REFUSED[expression].partition(": ")[2].replace("`", "")[:20] in text
    assert [node.shape for node in cnnspec.loads(text).nodes] == [node.shape for node in graph.nodes]


def test_every_program_has_its_test() -> None:
    """Neither side has one that the other lacks."""
    assert {*PROGRAMS} == {*LAYERS, *REFUSED}


def items(graph: cnnspec.Graph) -> str:
    """Return the layers of a network as a spec's lines in one, without names, from which the network is read again."""
    text = write_spec(graph, flat=True)
    assert [node.shape for node in cnnspec.loads(text).nodes] == [node.shape for node in graph.nodes]
    lines = [line.strip() for line in text[text.index("layers:") :].splitlines()[1:]]
    return ", ".join(line.removeprefix("- ") for line in lines if not line.startswith("name:"))


@pytest.mark.torch
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("expression", [each for each in LAYERS if "m" not in each])
def test_todays_export_is_read_alike(expression: str, tmp_path: Path) -> None:
    """As the installed PyTorch writes it."""
    torch: Any = pytest.importorskip("torch", reason=MISSING)

    class Network(torch.nn.Module):  # type: ignore[misc]
        def forward(self, x: Any) -> Any:
            return eval(expression, {"torch": torch, "F": torch.nn.functional, "x": x})  # noqa: S307 - as written above

    exported = torch.export.export(Network(), (torch.zeros(1, 4, 8, 8),))
    torch.export.save(exported, str(tmp_path / "net.pt2"))
    assert items(open_model(str(tmp_path / "net.pt2")).graph) == LAYERS[expression]
