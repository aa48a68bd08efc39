"""The fully connected layer."""

from __future__ import annotations

from cnnspec.formula import Term, product, symbol
from cnnspec.ir.arguments import Count, arg
from cnnspec.ir.keras_rule import KerasRule
from cnnspec.ir.layer import Variations, kind
from cnnspec.ir.operation import named
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import Tensor
from cnnspec.ir.torch_call import Order
from cnnspec.ir.torch_rule import Reads, TorchRule
from cnnspec.layers._learned import Learned, learned_arguments
from cnnspec.layers._variation import MOST_UNITS, around


@kind("dense", "fc")
class Dense(Learned):
    """Connect every input to every unit; on an image, at every position on its own (as Keras does)."""

    role = Role.DENSE
    also_called = r"dense|fully|fc|linear|output|affine"
    units: int = arg(Count(positional=True), symbol="N_out", always=True, doc="number of outputs")

    keras = KerasRule("Dense", {"units": "units", **learned_arguments("kernel")}, first=("units",))
    torch = TorchRule(
        "Linear",
        {"in_features": Reads.CHANNELS, "out_features": "units", "bias": "bias"},
        lazy=True,
        leading=2,
        order=Order.LAST,
        learns=True,
    )
    onnx = named("Gemm", "MatMul")
    aten = named("linear", "addmm", "matmul", "mm")

    def variations(self) -> Variations:
        """Numbers of units around its own."""
        return {"units": ("units", around(self.units, MOST_UNITS, 10))}

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """The units take the place of the last dimension."""
        return (*x.spatial, self.outputs(x))

    def params(self, x: Tensor) -> Term:
        """(N_in + 1)·N_out: every unit has one weight per input and one bias (CS231n)."""
        return self.weighted(_inputs(x), x)

    def macs(self, x: Tensor, y: Tensor) -> Term:
        """One multiply-accumulate per weight, at every position."""
        return product((_inputs(x), self.outputs(x), *x.spatial))

    def outputs(self, x: Tensor) -> Term:
        """Return the number of units."""
        return symbol("N_out", self.units, "units")


def _inputs(x: Tensor) -> Term:
    return symbol("N_in", x.channels.value, "inputs")
