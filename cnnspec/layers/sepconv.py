"""The depthwise separable convolution."""

from __future__ import annotations

from cnnspec.formula import Term, product
from cnnspec.ir.arguments import Count, arg
from cnnspec.ir.keras_rule import KerasRule
from cnnspec.ir.layer import kernel_symbols, kind
from cnnspec.ir.shapes import Shape, Tensor
from cnnspec.ir.torch_call import TorchCall
from cnnspec.layers._convolution import Convolution, convolution_arguments
from cnnspec.layers._learned import Filters
from cnnspec.layers._symbols import multiplied
from cnnspec.layers._torch_convolution import CONVOLUTION


@kind("sepconv", "separable")
class SeparableConv(Filters, Convolution):
    """Filter every channel on its own, then mix the channels with K filters of size 1; one bias, at the end."""

    called = r"separable|sep ?conv"
    ranks = (1, 2)
    uniform = True
    multiplier: int = arg(Count(), 1, symbol="M", also=("m",), doc="depthwise outputs per input channel")

    keras = KerasRule(
        "SeparableConv{rank}D",
        {
            "filters": "filters",
            **convolution_arguments("depthwise", "pointwise"),
            "depth_multiplier": "multiplier",
        },
        also=("SeparableConvolution{rank}D",),
        ranks=(1, 2),
        padding_value=0.0,
        first=("filters", "kernel_size"),
    )

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """One position per place of the window, K channels."""
        return (*self.positions(x), self.outputs(x))

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """A convolution with a group per channel, and one of size 1."""
        middle = (*shapes[0][:-1], shapes[0][-1] * self.multiplier)
        ones = {"kernel": (1,), "stride": (1,), "padding": "valid", "dilation": (1,)}
        return (
            *self.depthwise(shapes[0], self.multiplier, part="depthwise"),
            CONVOLUTION.call(self.fields, vars(self) | ones, middle),
            *self.torch_activation(shapes[0]),
        )

    def params(self, x: Tensor) -> Term:
        """F·F·C + (C + 1)·K: the depthwise part has no bias of its own (Xception, 2017)."""
        return product((*kernel_symbols(self.kernel), self._middle(x))) + self.weighted(self._middle(x), x)

    def macs(self, x: Tensor, y: Tensor) -> Term:
        """Those of the depthwise and of the pointwise part, at every output position."""
        depthwise = product((*kernel_symbols(self.kernel), self._middle(x)))
        return product((depthwise + self._middle(x) * self.outputs(x), *y.spatial))

    def _middle(self, x: Tensor) -> Term:
        return multiplied(x.channels, self.multiplier)
