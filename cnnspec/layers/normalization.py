"""Normalizations: batch, layer, group, and by the data's own mean and variance."""

from __future__ import annotations

from math import prod
from typing import Final

from cnnspec.formula import Term, nothing, number
from cnnspec.ir.arguments import Axis, Count, Flag, Real, arg
from cnnspec.ir.keras_rule import KerasRule, Via
from cnnspec.ir.keras_values import as_given, one_or_list
from cnnspec.ir.layer import Layer, LayerError, kind, per_element
from cnnspec.ir.operation import named
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import Shape, Tensor
from cnnspec.ir.torch_call import TorchCall
from cnnspec.ir.values import Raw, integer
from cnnspec.layers._axes import Axes, along
from cnnspec.layers._torch import lacks, learned_norm
from cnnspec.layers._torch_norms import BATCH_NORM, GROUP_NORM, LAYER_NORM, MOVING

_ARGUMENTS: Final = {"epsilon": "eps", "center": "center", "scale": "scale"}


class Normalization(Layer):
    """A layer with a learned scale (gamma) and offset (beta) per channel, or per element of other axes."""

    role = Role.NORM
    standardizes = True
    eps: float = arg(Real(0.0), 1e-3, also=("epsilon",), doc="small number that avoids division by zero")
    center: bool = arg(Flag(), True, doc="learn an offset per channel (beta)")
    scale: bool = arg(Flag(), True, doc="learn a factor per channel (gamma)")

    @property
    def learned_parts(self) -> tuple[bool, bool]:
        """Whether an offset is learned, and whether a factor is."""
        return self.center, self.scale

    @property
    def axes(self) -> tuple[int, ...]:
        """The axes whose elements have numbers of their own."""
        return (-1,)

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """That of the input; raise LayerError where it lacks an axis."""
        along(self.axes, x, self.kind)
        return x.dims

    def kept(self, count: int, x: Tensor, reason: str = "neither scale nor offset") -> Term:
        """Return a number of numbers per channel, times the channels, or the elements of other axes."""
        return times(count, along(self.axes, x, self.kind), reason)

    def params(self, x: Tensor) -> Term:
        """2·C: gamma and beta."""
        return self.kept(self.center + self.scale, x)

    def biases(self, x: Tensor) -> Term:
        """C: beta."""
        return self.kept(int(self.center), x, "no offset")

    def extra_flops(self, x: Tensor, y: Tensor) -> Term:
        """5 operations per element: mean, variance and rescaling are computed anew (fvcore)."""
        return per_element(5, y, "")


@kind("bn", "batchnorm")
class BatchNorm(Normalization):
    """Normalize every channel with the mean and variance of the batch; stored ones are used after training."""

    also_called = r"batch ?_?norm|bn\b|bn\d"
    mixes_samples = True
    momentum: float = arg(Real(0.0, 1.0), 0.99, doc="how slowly the stored mean and variance move")
    axis: int = arg(Axis(), -1, doc="which axis has numbers of its own: from 1 as Keras counts, or -1 for the channels")

    keras = KerasRule(
        "BatchNormalization", {"axis": Via("axis", as_given, as_given), **_ARGUMENTS, "momentum": "momentum"}
    )
    torch = BATCH_NORM
    onnx = named("BatchNormalization")
    aten = named("batch_norm", "_native_batch_norm_legit_no_training")

    @property
    def axes(self) -> tuple[int, ...]:
        """The one that is given."""
        return (self.axis,)

    def params(self, x: Tensor) -> Term:
        """4·C: gamma and beta are learned, moving mean and variance are stored (Keras)."""
        return self.kept(self.center + self.scale + 2, x)

    def non_trainable(self, x: Tensor) -> Term:
        """2·C: moving mean and variance."""
        return self.kept(2, x)

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """PyTorch's layer, whose moving mean and variance are buffers."""
        if self.axis not in (-1, len(shapes[0])):
            raise lacks(self, "along another axis than the channels", step="bring the axis to the end with `permute`")
        if len(shapes[0]) > 4:
            raise lacks(self, f"on input of {len(shapes[0])} axes", step="leave it fewer axes with `reshape`")
        return (
            learned_norm(
                self,
                shapes[0],
                self.learned_parts,
                {"affine": shapes[0][-1]},
                stored=dict.fromkeys(MOVING, shapes[0][-1]),
            ),
        )

    def learned(self, x: Tensor) -> Term:
        """2·C: gamma and beta (PyTorch)."""
        return super().params(x)

    def extra_flops(self, x: Tensor, y: Tensor) -> Term:
        """2 operations per element: one factor, one offset (fvcore)."""
        return per_element(2, y, "")


@kind("ln", "layernorm")
class LayerNorm(Normalization):
    """Normalize the channels at every position, or all elements along several axes."""

    axis: tuple[int, ...] = arg(Axes(), (-1,), doc="which axes are normalized together: `[1, 2, 3]` for a whole image")

    keras = KerasRule("LayerNormalization", {"axis": Via("axis", one_or_list, as_given), **_ARGUMENTS})
    torch = LAYER_NORM
    onnx = named("LayerNormalization")
    aten = named("layer_norm", "native_layer_norm")

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """PyTorch's layer over the last axis, or all of them."""
        shape = shapes[0]
        sizes = tuple(shape[axis - 1] if axis > 0 else shape[axis] for axis in self.axis)
        if sizes != shape[-len(sizes) :] or (len(sizes) > 1 and len(sizes) != len(shape)):
            raise lacks(self, "over axes that are not the last ones", step="bring them to the end with `permute`")
        only_scale = self.scale and not self.center
        given = {"normalized_shape": sizes[0] if len(sizes) == 1 else sizes, "bias": False if only_scale else None}
        learned = (True, True) if only_scale else self.learned_parts
        return (learned_norm(self, shape, learned, {"elementwise_affine": prod(sizes), **given}),)

    @property
    def axes(self) -> tuple[int, ...]:
        """Those that are given."""
        return self.axis

    def counted_as(self, convention: str, x: Tensor, y: Tensor) -> Term | None:
        """1 per element with ptflops' older backend, learned numbers or not."""
        return y.size if convention == "ptflops-pytorch" else None


class Groups(Count):
    """A number of groups, or -1 for as many as there are channels."""

    def __init__(self, *, positional: bool = False) -> None:
        """Take whether a bare number means this argument."""
        super().__init__(positional=positional)
        self.accepts = "a positive integer, or `-1` for a group per channel"

    def read(self, raw: Raw) -> int:
        """Read an integer."""
        return -1 if integer(raw) == -1 else super().read(raw)


@kind("gn", "groupnorm")
class GroupNorm(Normalization):
    """Normalize groups of channels of every sample."""

    groups: int = arg(
        Groups(positional=True),
        32,
        symbol="g",
        always=True,
        also=("g",),
        doc="groups of channels; -1 is one per channel",
    )

    keras = KerasRule(
        "GroupNormalization",
        {"groups": "groups", **_ARGUMENTS},
        spoken=("groups",),
    )
    torch = GROUP_NORM
    onnx = named("GroupNormalization", "InstanceNormalization")
    aten = named("group_norm", "instance_norm")

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """PyTorch's layer."""
        given = {"affine": shapes[0][-1], "num_groups": shapes[0][-1] if self.groups == -1 else self.groups}
        return (learned_norm(self, shapes[0], self.learned_parts, given),)

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """That of the input, whose channels the groups must divide."""
        if x.channels.value % self.groups:
            raise LayerError("E305", f"{x.channels.value} channels cannot be divided into {self.groups} groups")
        return x.dims

    def counted_as(self, convention: str, x: Tensor, y: Tensor) -> Term | None:
        """Nothing with thop, which knows instance norms alone."""
        return nothing("thop does not know it") if convention == "thop" and self.groups != -1 else None


def times(count: int, each: Term, reason: str) -> Term:
    """Return a number of numbers for each of several elements."""
    if not count:
        return nothing(reason)
    return each if count == 1 else number(count) * each
