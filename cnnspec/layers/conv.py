"""The convolution."""

from __future__ import annotations

from cnnspec.formula import Term, product
from cnnspec.ir.arguments import Margins, arg
from cnnspec.ir.keras_rule import KerasRule
from cnnspec.ir.layer import LayerError, Variations, kernel_symbols, kind
from cnnspec.ir.operation import named
from cnnspec.ir.shapes import Tensor, show
from cnnspec.layers._convolution import GROUPS, Convolution, check_groups, convolution_arguments, depth, with_groups
from cnnspec.layers._learned import Filters
from cnnspec.layers._torch_convolution import CONVOLUTION
from cnnspec.layers._window import CAUSAL, Padding


@kind("conv")
class Conv(Filters, Convolution):
    """Slide K learned filters over the input; every output element is one dot product."""

    also_called = r"conv|^c\d"
    filters: int = Filters.filters
    kernel: tuple[int, ...] = Convolution.kernel
    stride: tuple[int, ...] = Convolution.stride
    padding: Padding = arg(
        Margins(("valid", "same", CAUSAL)),
        "valid",
        symbol="p",
        always=True,
        also=("pad", "p"),
        doc="rows added around; `causal` adds them in front alone (sequences)",
    )
    groups: int = GROUPS

    keras = KerasRule(
        "Conv{rank}D",
        {"filters": "filters", **convolution_arguments("kernel"), "groups": "groups"},
        also=("Convolution{rank}D",),
        ranks=(1, 2, 3),
        padding_value=0.0,
        first=("filters", "kernel_size"),
    )
    torch = CONVOLUTION
    onnx = named("Conv")
    aten = named("conv1d", "conv2d", "conv3d", "convolution")

    def variations(self) -> Variations:
        """Those of all convolutions, with as many filters as the groups divide."""
        return with_groups(super().variations(), self.groups)

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """One position per place of the window, K channels."""
        positions = self.positions(x)
        if self.padding == CAUSAL and x.rank != 1:
            step = "give the rows as numbers, such as `pad=[[2,0],[1,1]]`"
            raise LayerError("E307", f"`causal` is for sequences, not for {show(x.shape)}", step=step)
        check_groups(self.groups, self.filters, x)
        return (*positions, self.outputs(x))

    def params(self, x: Tensor) -> Term:
        """(F·F·C + 1)·K: every filter is as deep as its input and has one bias (CS231n)."""
        return self.weighted(product((*kernel_symbols(self.kernel), depth(self.groups, x))), x)

    def macs(self, x: Tensor, y: Tensor) -> Term:
        """One multiply-accumulate per weight and output position."""
        return product((*kernel_symbols(self.kernel), depth(self.groups, x), self.outputs(x), *y.spatial))

    def counted_as(self, convention: str, x: Tensor, y: Tensor) -> str | None:
        """Unknown for groups and TensorFlow's profiler, which does not see what is compiled."""
        if convention == "tf-profiler" and self.groups > 1:
            return "TensorFlow compiles grouped convolutions, which its profiler does not see"
        return None
