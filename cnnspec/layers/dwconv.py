"""The depthwise convolution."""

from __future__ import annotations

from cnnspec.formula import Term, product
from cnnspec.ir.arguments import Count, PerAxis, arg
from cnnspec.ir.keras_rule import KerasRule
from cnnspec.ir.layer import kernel_symbols, kind
from cnnspec.ir.shapes import Shape, Tensor
from cnnspec.ir.torch_call import TorchCall
from cnnspec.layers._convolution import Convolution, convolution_arguments
from cnnspec.layers._symbols import multiplied


@kind("dwconv", "depthwise")
class DepthwiseConv(Convolution):
    """Filter every input channel on its own, M times."""

    called = r"depthwise|dw ?conv"
    ranks = (1, 2)
    uniform = True
    kernel: tuple[int, ...] = arg(
        PerAxis(claims_sizes=True, claims_integer=True), symbol="F", always=True, also=("f",), doc="size of the window"
    )
    multiplier: int = arg(Count(), 1, symbol="M", also=("m",), doc="outputs per input channel")

    keras = KerasRule(
        "DepthwiseConv{rank}D",
        {**convolution_arguments("depthwise"), "depth_multiplier": "multiplier"},
        ranks=(1, 2),
        padding_value=0.0,
        first=("kernel_size",),
    )

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """One position per place of the window, C·M channels."""
        return (*self.positions(x), self.outputs(x))

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """A convolution with a group per channel."""
        return *self.depthwise(shapes[0], self.multiplier), *self.torch_activation(shapes[0])

    def params(self, x: Tensor) -> Term:
        """(F·F + 1)·C: one filter of depth 1 and one bias per output channel (MobileNets, 2017)."""
        return self.weighted(product(kernel_symbols(self.kernel)), x)

    def macs(self, x: Tensor, y: Tensor) -> Term:
        """One multiply-accumulate per weight and output position."""
        return product((*kernel_symbols(self.kernel), self.outputs(x), *y.spatial))

    def outputs(self, x: Tensor) -> Term:
        """Return C·M."""
        return multiplied(x.channels, self.multiplier)
