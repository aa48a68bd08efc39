"""Normalizations: batch, layer, group, and by the data's own mean and variance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cnnspec.formula import Term, nothing, number
from cnnspec.ir.arguments import Axis, Count, Flag, Real, Reals, arg
from cnnspec.ir.keras_rule import KerasRule, Via
from cnnspec.ir.keras_values import ANYTHING, as_given, constant, constant_number, one_or_list, plainly
from cnnspec.ir.layer import Layer, LayerError, kind, per_element
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import Tensor, input_channels
from cnnspec.ir.values import Raw, integer
from cnnspec.layers._axes import Axes, along
from cnnspec.layers._torch_norms import BATCH_NORM, GROUP_NORM, LAYER_NORM

_ARGUMENTS: Final = {"epsilon": "eps", "center": "center", "scale": "scale"}


class Normalization(Layer):
    """A layer with a learned scale (gamma) and offset (beta) per channel, or per element of other axes."""

    role = Role.NORM
    eps: float = arg(Real(0.0), 1e-3, also=("epsilon",), doc="small number that avoids division by zero")
    center: bool = arg(Flag(), True, doc="learn an offset per channel (beta)")
    scale: bool = arg(Flag(), True, doc="learn a factor per channel (gamma)")

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

    def extra_flops(self, x: Tensor, y: Tensor) -> Term:
        """2 operations per element: one factor, one offset (fvcore)."""
        return per_element(2, y, "")


@kind("ln", "layernorm")
class LayerNorm(Normalization):
    """Normalize the channels at every position, or all elements along several axes."""

    axis: tuple[int, ...] = arg(Axes(), (-1,), doc="which axes are normalized together: `[1, 2, 3]` for a whole image")

    keras = KerasRule("LayerNormalization", {"axis": Via("axis", one_or_list, as_given), **_ARGUMENTS})
    torch = LAYER_NORM

    @property
    def axes(self) -> tuple[int, ...]:
        """Those that are given."""
        return self.axis


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

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """That of the input, whose channels the groups must divide."""
        if x.channels.value % self.groups:
            raise LayerError("E305", f"{x.channels.value} channels cannot be divided into {self.groups} groups")
        return x.dims


@kind("normalize")
class Normalize(Layer):
    """Subtract the data's mean and divide by its deviation; numbers that are not given come from the data."""

    role = Role.NORM
    mean: tuple[float, ...] | None = arg(Reals(), None, doc="mean per channel, or one for all")
    variance: tuple[float, ...] | None = arg(Reals(), None, doc="variance per channel, or one for all")
    free = "mean and variance are given"

    keras = KerasRule("Normalization", {"mean": "mean", "variance": "variance"})

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """That of the input; mean and variance must fit the channels."""
        if (self.mean is None) != (self.variance is None):
            raise LayerError("E307", "`normalize` needs both `mean` and `variance`, or neither")
        check_per_channel({"mean": self.mean, "variance": self.variance}, x)
        return x.dims

    def params(self, x: Tensor) -> Term:
        """2·C + 1: mean, variance and how many samples they come from (Keras)."""
        return 2 * x.channels + 1 if self.mean is None else nothing(self.free)

    def non_trainable(self, x: Tensor) -> Term:
        """All of them."""
        return self.params(x)

    def extra_flops(self, x: Tensor, y: Tensor) -> Term:
        """2 operations per element."""
        return per_element(2, y, "")


class PerChannel(Real):
    """One number for all channels, or one for each."""

    def __init__(self, *, positional: bool = False) -> None:
        """Take whether a bare number means this argument."""
        super().__init__(positional=positional)
        self.accepts = "a number, or a list with one per channel"

    def read(self, raw: Raw) -> float | tuple[float, ...]:  # type: ignore[override] # one or several
        """Read a number, or a list of several."""
        values = Reals().read(raw)
        return values if len(values) > 1 else values[0]

    def claims(self, token: str) -> bool:
        """Claim a number and a bracketed list."""
        return super().claims(token) or (self.positional and token.startswith("["))


@kind("rescale")
class Rescale(Layer):
    """Multiply by a given factor and add a given offset, such as `1/255` for images of bytes."""

    role = Role.NORM
    optional = True
    scale: float | tuple[float, ...] = arg(
        PerChannel(positional=True), always=True, doc="factor, or a list with one per channel"
    )
    offset: float | tuple[float, ...] = arg(PerChannel(), 0.0, doc="summand, or a list with one per channel")

    keras = KerasRule(
        "Rescaling",
        {"scale": Via("scale", plainly, plainly), "offset": Via("offset", plainly, plainly)},
        first=("scale",),
    )

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """That of the input; raise LayerError where numbers do not fit its channels."""
        check_per_channel({"scale": self.scale, "offset": self.offset}, x)
        return x.dims

    def extra_flops(self, x: Tensor, y: Tensor) -> Term:
        """One multiplication per element, and one addition where there is an offset."""
        return per_element(2 if self.offset else 1, y, "")


@kind("layerscale")
class LayerScale(Layer):
    """Multiply every channel by one learned factor (Going deeper with image transformers, 2021).

    Keras has no such layer in its public interface; a depthwise convolution of size 1 without bias is the same.
    """

    role = Role.NORM
    ranks = (1, 2)
    init: float = arg(Real(positional=True), 1e-6, doc="the factors before training")

    keras = KerasRule(
        "DepthwiseConv{rank}D",
        {"depthwise_initializer": Via("init", constant, constant_number)},
        fixed={"kernel_size": 1, "use_bias": False},
        neutral={
            "strides": 1,
            "padding": "valid",
            "dilation_rate": 1,
            "depth_multiplier": 1,
            "activation": "linear",
        },
        first=("kernel_size",),
        defaults={"depthwise_initializer": "glorot_uniform"},
        also=("LayerScale",),
        names_kind=False,
        ranks=(1, 2),
        spoken=("depthwise_initializer",),
    )
    keras_too = (KerasRule("LayerScale", {"init_values": "init"}, neutral={"projection_dim": ANYTHING}),)

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """That of the input."""
        self.check(x)
        return x.dims

    def params(self, x: Tensor) -> Term:
        """C: one factor per channel."""
        return input_channels(x.channels.value)

    def extra_flops(self, x: Tensor, y: Tensor) -> Term:
        """One multiplication per element."""
        return per_element(1, y, "")


def times(count: int, each: Term, reason: str) -> Term:
    """Return a number of numbers for each of several elements."""
    if not count:
        return nothing(reason)
    return each if count == 1 else number(count) * each


def check_per_channel(numbers: Mapping[str, float | tuple[float, ...] | None], x: Tensor) -> None:
    """Raise LayerError where an argument has neither one number nor one per channel."""
    for name, values in numbers.items():
        if isinstance(values, tuple) and len(values) not in (1, x.channels.value):
            raise LayerError("E307", f"`{name}` has {len(values)} numbers for {x.channels.value} channels")
