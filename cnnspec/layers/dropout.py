"""Dropout of elements and of whole channels."""

from __future__ import annotations

from typing import Any

from cnnspec.formula import Term
from cnnspec.ir.arguments import Dims, Real, arg
from cnnspec.ir.keras_rule import Call, KerasRule, Via
from cnnspec.ir.layer import Layer, LayerError, kind
from cnnspec.ir.operation import named
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import Shape, Tensor, show
from cnnspec.ir.torch_call import Order, Several, TorchCall, expression
from cnnspec.ir.torch_rule import TorchRule, channels_first

DROPPED = r"drop"
RATE = Real(0.0, 1.0, positional=True)
HALF = {"rate": 0.5}
"""What PyTorch drops unless it is told."""


def _with_batch(noise: tuple[int, ...] | None, _: int) -> Any:
    return None if noise is None else (None, *noise)


def _without_batch(noise: Any, _: int) -> Any:
    if noise is not None and noise[0] is not None:
        raise ValueError
    return None if noise is None else noise[1:]


def _masked(rate: float, mask: Shape) -> TorchCall:
    """Return the step that multiplies by a dropped mask of ones."""
    form = "{0} * F.dropout({0}.new_ones({0}.shape[0], {mask}), {rate}, self.training)"
    order = Order.EITHER if set(mask) == {1} else Order.FIRST
    return expression(form, order, mask=Several(channels_first(mask)), rate=rate)


@kind("dropout")
class Dropout(Layer):
    """Set a share of the elements to zero while training; `noise` 1x1x1 drops whole samples."""

    role = Role.NOISE
    optional = True
    also_called = DROPPED
    free = "elements are dropped while training, nothing is learned"
    rate: float = arg(RATE, always=True, doc="share of the elements that are dropped")
    noise: tuple[int, ...] | None = arg(
        Dims(positional=False), None, also=("noise_shape",), doc="shape of the mask; size 1 shares one decision"
    )

    keras = KerasRule(
        "Dropout", {"rate": "rate", "noise_shape": Via("noise", _with_batch, _without_batch)}, first=("rate",)
    )
    torch = TorchRule("Dropout", {"p": "rate"}, values=HALF, leading=1)
    onnx = named("Dropout")
    aten = named("dropout")

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """PyTorch's layer, or a mask of its own shape."""
        if self.noise is None or self.noise == shapes[0]:
            return super().torch_calls(*shapes)
        return (_masked(self.rate, self.noise),)

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """That of the input, to which the mask must fit."""
        noise = self.noise or x.shape
        if len(noise) != len(x.shape) or any(size not in (1, n) for size, n in zip(noise, x.shape, strict=False)):
            note = "every size must be 1 or that of the input"
            raise LayerError("E307", f"the mask {show(noise)} does not fit {show(x.shape)}", note)
        return x.dims


@kind("spatial_dropout")
class SpatialDropout(Layer):
    """Drop whole channels while training."""

    role = Role.NOISE
    optional = True
    also_called = DROPPED
    ranks = (1, 2, 3)
    free = "channels are dropped while training, nothing is learned"
    rate: float = arg(RATE, always=True, doc="share of the channels that are dropped")

    keras = KerasRule("SpatialDropout{rank}D", {"rate": "rate"}, ranks=(1, 2, 3), first=("rate",))
    torch = TorchRule("Dropout{rank}d", {"p": "rate"}, values=HALF, leading=1, order=Order.FIRST)
    aten = named("feature_dropout")

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """That of the input."""
        self.check(x)
        return x.dims


@kind("stochastic_depth", "drop_path")
class StochasticDepth(Layer):
    """Drop a whole sample while training, so that a residual block is left out for it (Huang et al., 2016)."""

    role = Role.NOISE
    optional = True
    called = r"stochastic|drop[ _-]?path"
    free = "samples are dropped while training, nothing is learned"
    rate: float = arg(RATE, always=True, doc="share of the samples that are dropped")

    keras = KerasRule("")

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """Drop out with one decision for all elements of a sample."""
        return (_masked(self.rate, tuple(1 for _ in shapes[0])),)

    def keras_calls(self, *shapes: Shape) -> tuple[Call, ...]:
        """Drop out with one decision for all elements of a sample."""
        shared = (None, *(1 for _ in shapes[0]))
        return (Call("Dropout", {"rate": self.rate, "noise_shape": shared}, ("rate",)),)
