"""The convolution."""

from __future__ import annotations

from cnnspec.formula import Term, product
from cnnspec.ir.keras_rule import KerasRule
from cnnspec.ir.layer import Variations, kernel_symbols, kind
from cnnspec.ir.shapes import Tensor
from cnnspec.layers._convolution import GROUPS, Convolution, check_groups, convolution_arguments, depth, with_groups
from cnnspec.layers._learned import Filters


@kind("conv")
class Conv(Filters, Convolution):
    """Slide K learned filters over the input; every output element is one dot product."""

    also_called = r"conv|^c\d"
    groups: int = GROUPS

    keras = KerasRule(
        "Conv{rank}D",
        {"filters": "filters", **convolution_arguments("kernel"), "groups": "groups"},
        also=("Convolution{rank}D",),
        ranks=(1, 2, 3),
        padding_value=0.0,
        first=("filters", "kernel_size"),
    )

    def variations(self) -> Variations:
        """Those of all convolutions, with as many filters as the groups divide."""
        return with_groups(super().variations(), self.groups)

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """One position per place of the window, K channels."""
        positions = self.positions(x)
        check_groups(self.groups, self.filters, x)
        return (*positions, self.outputs(x))

    def params(self, x: Tensor) -> Term:
        """(F·F·C + 1)·K: every filter is as deep as its input and has one bias (CS231n)."""
        return self.weighted(product((*kernel_symbols(self.kernel), depth(self.groups, x))), x)

    def macs(self, x: Tensor, y: Tensor) -> Term:
        """One multiply-accumulate per weight and output position."""
        return product((*kernel_symbols(self.kernel), depth(self.groups, x), self.outputs(x), *y.spatial))
