"""What layers with a kernel and a bias have in common: arguments and their Keras names."""

from __future__ import annotations

from typing import Any, Final

from cnnspec.formula import Term, nothing, symbol
from cnnspec.ir.arguments import Choice, Count, Flag, Real, arg
from cnnspec.ir.keras_rule import Via
from cnnspec.ir.keras_values import l2_regularizer, l2_strength
from cnnspec.ir.layer import KINDS, Layer, Variations
from cnnspec.ir.shapes import Shape, Tensor
from cnnspec.ir.torch_call import TorchCall
from cnnspec.layers._variation import MOST_FILTERS, around
from cnnspec.layers.activations import ACTIVATION, NONE, as_argument, with_activation
from cnnspec.layers.normalization import BatchNorm

INITIALIZERS: Final = Choice(
    (
        "glorot_uniform",
        "glorot_normal",
        "he_normal",
        "he_uniform",
        "lecun_normal",
        "lecun_uniform",
        "random_normal",
        "random_uniform",
        "truncated_normal",
        "variance_scaling",
        "orthogonal",
        "zeros",
        "ones",
    ),
    bare=False,
)


class Learned(Layer):
    """A layer with a kernel, perhaps a bias, and an activation; `bn` puts a batch norm between the two."""

    bias: bool = arg(Flag(), True, doc="add one learned number per output channel")
    bn: bool = arg(Flag(), False, doc="put a batch norm between this layer and its activation")
    activation: str = arg(ACTIVATION, "linear", also=("act",), doc="function applied to every output")
    init: str = arg(INITIALIZERS, "glorot_uniform", doc="how the kernel starts")
    l2: float = arg(Real(0.0), 0.0, doc="weight decay on the kernel")

    @property
    def applied(self) -> str:
        """The activation, unless it changes nothing."""
        return "" if self.activation == NONE else self.activation

    def followers(self) -> tuple[type[Layer], ...]:
        """A batch norm, then the activation."""
        if not self.bn:
            return ()
        return (BatchNorm, KINDS[self.applied]) if self.applied else (BatchNorm,)

    def alone(self) -> Layer:
        """Leave both to their own layers."""
        own = {name: value for name, value in vars(self).items() if name in self.fields}
        return type(self)(**own | {"bn": False, "activation": NONE})

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """PyTorch's layer, and the activation."""
        return *super().torch_calls(*shapes), *self.torch_activation(shapes[0])

    def torch_activation(self, shape: Shape) -> tuple[TorchCall, ...]:
        """Return what PyTorch puts behind a layer with an activation, nothing where it has none."""
        return as_argument(self.activation, shape)

    def outputs(self, x: Tensor) -> Term:
        """Return the number of output channels, each of which has one bias."""
        raise NotImplementedError  # a number of filters or units, or that of the channels

    def biases(self, x: Tensor) -> Term:
        """One per output channel."""
        return self.outputs(x) if self.bias else nothing("no bias")

    def extra_flops(self, x: Tensor, y: Tensor) -> Term:
        """One addition per output element for the bias, and the activation."""
        additions = y.size if self.bias else nothing("no bias")
        return with_activation(additions, self.activation, y)

    def weighted(self, weights: Term, x: Tensor) -> Term:
        """Return (weights + 1)·outputs, or without the 1 where there is no bias."""
        return (weights + 1) * self.outputs(x) if self.bias else weights * self.outputs(x)


class Filters(Layer):
    """A layer with K filters; it stands in front of `Learned` among the bases of a kind."""

    filters: int = arg(Count(positional=True), symbol="K", always=True, also=("k",), doc="number of filters")

    def outputs(self, x: Tensor) -> Term:
        """Return the number of filters."""
        return symbol("K", self.filters, "filters")

    def variations(self) -> Variations:
        """Numbers of filters around its own."""
        return {**super().variations(), "filters": ("filters", around(self.filters, MOST_FILTERS, 4))}


def learned_arguments(*kernels: str) -> dict[str, Any]:
    """Return the Keras arguments of `Learned`, for kernels of these names."""
    shared: dict[str, Any] = {"use_bias": "bias", "activation": "activation"}
    for kernel in kernels:
        shared[f"{kernel}_initializer"] = "init"
        shared[f"{kernel}_regularizer"] = Via("l2", l2_regularizer, l2_strength)
    return shared
