"""Normalizations: batch, layer, group, and by the data's own mean and variance."""

from __future__ import annotations

from cnnspec.formula import Term, nothing, number
from cnnspec.ir.arguments import Count, Flag, Real, Reals, arg
from cnnspec.ir.keras_rule import KerasRule, Via
from cnnspec.ir.keras_values import constant, constant_number
from cnnspec.ir.layer import Layer, LayerError, kind, per_element
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import Tensor, input_channels


class Normalization(Layer):
    """A layer with a learned scale (gamma) and offset (beta) per channel."""

    role = Role.NORM
    eps: float = arg(Real(0.0), 1e-3, also=("epsilon",), doc="small number that avoids division by zero")
    center: bool = arg(Flag(), True, doc="learn an offset per channel (beta)")
    scale: bool = arg(Flag(), True, doc="learn a factor per channel (gamma)")

    def learned(self, x: Tensor, stored: int = 0) -> Term:
        """Return how many numbers are kept per channel, times the channels."""
        return times_channels(self.center + self.scale + stored, x, "neither scale nor offset")

    def params(self, x: Tensor) -> Term:
        """2·C: gamma and beta."""
        return self.learned(x)

    def biases(self, x: Tensor) -> Term:
        """C: beta."""
        return x.channels if self.center else nothing("no offset")

    def extra_flops(self, x: Tensor, y: Tensor) -> Term:
        """5 operations per element: mean, variance and rescaling are computed anew (fvcore)."""
        return per_element(5, y, "")


@kind("bn", "batchnorm")
class BatchNorm(Normalization):
    """Normalize every channel with the mean and variance of the batch; stored ones are used after training."""

    also_called = r"batch ?_?norm|bn\b|bn\d"
    mixes_samples = True
    momentum: float = arg(Real(0.0, 1.0), 0.99, doc="how slowly the stored mean and variance move")

    keras = KerasRule(
        "BatchNormalization", {"epsilon": "eps", "center": "center", "scale": "scale", "momentum": "momentum"}
    )

    def params(self, x: Tensor) -> Term:
        """4·C: gamma and beta are learned, moving mean and variance are stored (Keras)."""
        return self.learned(x, stored=2)

    def non_trainable(self, x: Tensor) -> Term:
        """2·C: moving mean and variance."""
        return times_channels(2, x, "")

    def extra_flops(self, x: Tensor, y: Tensor) -> Term:
        """2 operations per element: one factor, one offset (fvcore)."""
        return per_element(2, y, "")


@kind("ln", "layernorm")
class LayerNorm(Normalization):
    """Normalize the channels at every position."""

    keras = KerasRule("LayerNormalization", {"epsilon": "eps", "center": "center", "scale": "scale"})


@kind("gn", "groupnorm")
class GroupNorm(Normalization):
    """Normalize groups of channels of every sample."""

    groups: int = arg(Count(positional=True), 32, symbol="g", always=True, also=("g",), doc="groups of channels")

    keras = KerasRule(
        "GroupNormalization",
        {"groups": "groups", "epsilon": "eps", "center": "center", "scale": "scale"},
        spoken=("groups",),
    )

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
        for name, values in (("mean", self.mean), ("variance", self.variance)):
            if values is not None and len(values) not in (1, x.channels.value):
                raise LayerError("E307", f"`{name}` has {len(values)} numbers for {x.channels.value} channels")
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


@kind("rescale")
class Rescale(Layer):
    """Multiply by a given factor and add a given offset, such as `1/255` for images of bytes."""

    role = Role.NORM
    optional = True
    scale: float = arg(Real(positional=True), always=True, doc="factor")
    offset: float = arg(Real(), 0.0, doc="summand")

    keras = KerasRule("Rescaling", {"scale": "scale", "offset": "offset"}, first=("scale",))

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


def times_channels(count: int, x: Tensor, reason: str) -> Term:
    """Return a number per channel times the channels."""
    if not count:
        return nothing(reason)
    each = input_channels(x.channels.value)
    return each if count == 1 else number(count) * each
