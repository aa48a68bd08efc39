"""Kinds that disturb the numbers while training, or watch them, and change nothing afterwards."""

from __future__ import annotations

from cnnspec.ir.arguments import Real, arg
from cnnspec.ir.keras_rule import KerasRule
from cnnspec.ir.layer import Layer, kind
from cnnspec.ir.operation import named
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import Shape
from cnnspec.ir.torch_call import TorchCall, expression
from cnnspec.ir.torch_rule import TorchRule
from cnnspec.layers._torch import lacks
from cnnspec.layers.dropout import DROPPED, HALF, RATE


class Noise(Layer):
    """A layer that passes its input on when nothing is learned any more."""

    role = Role.NOISE
    optional = True
    free = "numbers are disturbed while training, nothing is learned"


@kind("gaussian_noise")
class GaussianNoise(Noise):
    """Add random numbers of mean 0 while training."""

    deviation: float = arg(
        Real(0.0, positional=True), always=True, also=("std",), doc="standard deviation of what is added"
    )

    keras = KerasRule("GaussianNoise", {"stddev": "deviation"}, first=("stddev",))

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """Add random numbers while training."""
        form = "{0} + torch.randn_like({0}) * ({deviation} if self.training else 0)"
        return (expression(form, deviation=self.deviation),)


@kind("gaussian_dropout")
class GaussianDropout(Noise):
    """Multiply by random numbers of mean 1 while training, with the variance of a dropout of this rate."""

    also_called = DROPPED
    rate: float = arg(RATE, always=True, doc="share of a dropout that disturbs as much")

    keras = KerasRule("GaussianDropout", {"rate": "rate"}, first=("rate",))

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """Multiply by random numbers while training; the deviation is √(rate/(1 − rate))."""
        if self.rate == 1:
            raise lacks(self, "of the rate 1")
        form = "{0} * (1 + torch.randn_like({0}) * ({deviation} if self.training else 0))"
        return (expression(form, deviation=round((self.rate / (1 - self.rate)) ** 0.5, 12)),)


@kind("alpha_dropout")
class AlphaDropout(Noise):
    """Drop elements so that mean and variance stay those of a `selu` network (Klambauer et al., 2017)."""

    also_called = DROPPED
    rate: float = arg(RATE, always=True, doc="share of the elements that are dropped")

    keras = KerasRule("AlphaDropout", {"rate": "rate"}, neutral={"noise_shape": None}, first=("rate",))
    torch = TorchRule("AlphaDropout", {"p": "rate"}, values=HALF, leading=1)
    aten = named("alpha_dropout")


@kind("activity_regularization")
class ActivityRegularization(Noise):
    """Add the size of the activations to the loss while training."""

    free = "the input is passed on, nothing is learned"
    l1: float = arg(Real(0.0, positional=True), 0.0, doc="weight of the absolute values")
    l2: float = arg(Real(0.0), 0.0, doc="weight of the squares")

    keras = KerasRule("ActivityRegularization", {"l1": "l1", "l2": "l2"})


@kind("masking")
class Masking(Noise):
    """Tell later recurrent layers to skip the steps that hold this value alone."""

    free = "the input is passed on, nothing is learned"
    value: float = arg(Real(positional=True), 0.0, also=("mask_value",), doc="the value of a step to skip")

    keras = KerasRule("Masking", {"mask_value": "value"})
