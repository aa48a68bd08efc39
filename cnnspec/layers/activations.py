"""Activation functions as layers of their own."""

from __future__ import annotations

from cnnspec.formula import Term, product
from cnnspec.ir.arguments import Flag, Real, arg
from cnnspec.ir.keras_rule import KerasRule, Via
from cnnspec.ir.layer import Layer, Role, kind, per_element
from cnnspec.ir.shapes import Tensor
from cnnspec.layers._activations import ACTIVATION, COSTS, SPELLINGS


class Activation(Layer):
    """A function applied to every element."""

    role = Role.ACTIVATION
    free = "a fixed function, nothing is learned"

    def extra_flops(self, x: Tensor, y: Tensor) -> Term:
        """The cost of the function, per element."""
        return per_element(COSTS.get(self.kind, 1), y, "nothing is computed")


@kind("relu")
class Relu(Activation):
    """Keep what is positive: max(0, x); `max` cuts above, `slope` keeps a share of what is negative."""

    max: float | None = arg(Real(0.0, positional=True), None, also=("max_value",), doc="upper limit, none unless given")
    slope: float = arg(Real(0.0), 0.0, doc="factor for negative numbers")
    threshold: float = arg(Real(0.0), 0.0, doc="below it, numbers count as negative")

    keras = KerasRule("ReLU", {"max_value": "max", "negative_slope": "slope", "threshold": "threshold"})


@kind("relu6")
class Relu6(Activation):
    """min(max(0, x), 6)."""

    keras = KerasRule("ReLU", fixed={"max_value": 6.0}, names_kind=False)


@kind("leaky_relu")
class LeakyRelu(Activation):
    """x where it is positive, slope·x elsewhere."""

    slope: float = arg(Real(0.0, positional=True), 0.3, always=True, also=("alpha",), doc="factor for negative numbers")

    keras = KerasRule("LeakyReLU", {"negative_slope": "slope"})


def _shared_axes(shared: bool, rank: int) -> list[int] | None:  # noqa: FBT001 - the value of an argument
    return list(range(1, rank + 1)) if shared and rank else None


@kind("prelu")
class Prelu(Activation):
    """x where it is positive, a learned slope times x elsewhere; `shared` learns one slope per channel."""

    shared: bool = arg(Flag(), False, doc="one slope per channel instead of one per element")

    keras = KerasRule("PReLU", {"shared_axes": Via("shared", _shared_axes)})

    def params(self, x: Tensor) -> Term:
        """H·W·C, or C where the slopes are shared."""
        return x.channels if self.shared else product(x.dims)


@kind("elu")
class Elu(Activation):
    """x where it is positive, alpha·(exp(x) − 1) elsewhere."""

    alpha: float = arg(Real(positional=True), 1.0, always=True, doc="the limit for negative numbers, with minus")

    keras = KerasRule("ELU", {"alpha": "alpha"})


@kind("softmax")
class Softmax(Activation):
    """exp(x) divided by the sum over the channels."""

    keras = KerasRule("Softmax")


@kind("activation")
class NamedActivation(Activation):
    """Any activation function, by its name."""

    function: str = arg(ACTIVATION, always=True, also=("activation",), doc="name of the function")

    keras = KerasRule("Activation", {"activation": "function"})

    def extra_flops(self, x: Tensor, y: Tensor) -> Term:
        """The cost of the function, per element."""
        return per_element(COSTS[self.function], y, "nothing is computed")


def _plain_rule(name: str) -> KerasRule:
    return KerasRule("Activation", fixed={"activation": name}, names_kind=False)


_PLAIN = {
    "selu": "An elu with the slope and limit that keep mean 0 and variance 1.",
    "gelu": "x·Φ(x), with the normal distribution's Φ.",
    "silu": "x·sigmoid(x).",
    "hard_silu": "x·relu6(x + 3)/6.",
    "sigmoid": "1/(1 + exp(−x)).",
    "hard_sigmoid": "relu6(x + 3)/6.",
    "tanh": "The hyperbolic tangent.",
    "softplus": "log(1 + exp(x)).",
    "softsign": "x/(1 + |x|).",
    "mish": "x·tanh(softplus(x)).",
    "exponential": "exp(x).",
    "linear": "x itself.",
}
for _name, _doc in _PLAIN.items():
    _aliases = tuple(spelling for spelling, meant in SPELLINGS if meant == _name and spelling != "none")
    kind(_name, *_aliases)(
        type(
            _name.title().replace("_", ""),
            (Activation,),
            {"__doc__": _doc, "__module__": __name__, "keras": _plain_rule(_name)},
        )
    )
