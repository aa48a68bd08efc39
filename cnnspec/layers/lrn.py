"""Local response normalization."""

from __future__ import annotations

from math import prod

from cnnspec.formula import Term, symbol
from cnnspec.ir.arguments import Count, Real, arg
from cnnspec.ir.keras_rule import FUNCTIONS, Call, KerasRule
from cnnspec.ir.layer import Layer, kind
from cnnspec.ir.operation import Operation
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import Shape, Tensor
from cnnspec.ir.torch_call import Order
from cnnspec.ir.torch_rule import TorchRule


@kind("lrn", "localresponsenorm")
class LocalResponseNorm(Layer):
    """Divide by (k + α/n·Σ a²)^β, with the sum over n neighbouring channels (AlexNet, 2012; α/n as in PyTorch)."""

    role = Role.NORM
    also_called = r"lrn|response"
    ranks = (1, 2, 3)
    size: int = arg(Count(positional=True), 5, symbol="n", always=True, doc="number of neighbouring channels")
    alpha: float = arg(Real(), 1e-4, doc="weight of the mean square")
    beta: float = arg(Real(), 0.75, doc="exponent")
    k: float = arg(Real(), 1.0, also=("bias",), doc="what is added to the mean square")
    keras = KerasRule("")
    torch = TorchRule(
        "LocalResponseNorm", {"size": "size", "alpha": "alpha", "beta": "beta", "k": "k"}, leading=1, order=Order.FIRST
    )
    onnx = (Operation("LRN", {"size": "size", "alpha": "alpha", "beta": "beta", "bias": "k"}),)

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """That of the input."""
        self.check(x)
        return x.dims

    def extra_flops(self, x: Tensor, y: Tensor) -> Term:
        """N + 4 operations per element: a square, n additions, a factor, a power and a division."""
        return (symbol("n", self.size, "channels of the sum") + 4) * y.size

    def counted_as(self, convention: str, x: Tensor, y: Tensor) -> Term | str | None:
        """N per element with Netscope; what profilers count for the functions that it is made of is not modelled."""
        if convention == "netscope":
            return symbol("n", self.size, "channels of the sum") * y.size
        made_of = convention in ("calflops", "ptflops-pytorch", "tf-profiler")
        return (
            f"what {convention} counts for the functions that `{self.kind}` is made of is not modelled" * made_of
            or None
        )

    def keras_calls(self, *shapes: Shape) -> tuple[Call, ...]:
        """Average the squares along the channels as if they were the width of an image."""
        *places, channels = shapes[0]
        before, after = self.size // 2, (self.size - 1) // 2
        width = ((0, 0),) * (len(places) + 1) + ((before, after),)
        image = (prod(places), channels + self.size - 1, 1)
        return (
            Call(f"{FUNCTIONS}square"),
            Call(f"{FUNCTIONS}pad", {"pad_width": width}, ("pad_width",)),
            Call("Reshape", {"target_shape": image}, ("target_shape",)),
            Call("AveragePooling2D", {"pool_size": (1, self.size), "strides": 1}, ("pool_size",)),
            Call("Reshape", {"target_shape": shapes[0]}, ("target_shape",)),
            Call("Rescaling", {"scale": self.alpha, "offset": self.k}, ("scale",)),
            Call(f"{FUNCTIONS}power", {"x2": self.beta}, ("x2",)),
            Call(f"{FUNCTIONS}divide", reads=(0, 7), apart=True),
        )
