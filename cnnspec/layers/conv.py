"""The convolution."""

from __future__ import annotations

from cnnspec.formula import Term, product, symbol
from cnnspec.ir.arguments import Count, arg
from cnnspec.ir.keras_rule import KerasRule
from cnnspec.ir.layer import LayerError, Variations, kernel_symbols, kind
from cnnspec.ir.shapes import Tensor
from cnnspec.layers._convolution import Convolution, convolution_arguments
from cnnspec.layers._learned import Filters


@kind("conv")
class Conv(Filters, Convolution):
    """Slide K learned filters over the input; every output element is one dot product."""

    also_called = r"conv|^c\d"
    groups: int = arg(Count(), 1, symbol="g", also=("g",), doc="groups of channels that do not see each other")

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
        found = super().variations()
        field, numbers = found["filters"]
        return {**found, "filters": (field, [number for number in numbers if number % self.groups == 0])}

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """One position per place of the window, K channels."""
        positions = self.positions(x)
        for count, what in ((x.channels.value, "input channels"), (self.filters, "filters")):
            if count % self.groups:
                note = f"{count} = {count // self.groups}·{self.groups} + {count % self.groups}"
                raise LayerError("E305", f"{count} {what} cannot be divided into {self.groups} groups", note)
        return (*positions, self.outputs(x))

    def params(self, x: Tensor) -> Term:
        """(F·F·C + 1)·K: every filter is as deep as its input and has one bias (CS231n)."""
        return self.weighted(product((*kernel_symbols(self.kernel), self._depth(x))), x)

    def macs(self, x: Tensor, y: Tensor) -> Term:
        """One multiply-accumulate per weight and output position."""
        return product((*kernel_symbols(self.kernel), self._depth(x), self.outputs(x), *y.spatial))

    def _depth(self, x: Tensor) -> Term:
        return x.channels // symbol("g", self.groups, "groups") if self.groups > 1 else x.channels
