"""The activation functions: a table of them all, which other kinds take as an argument, and the kinds they are."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final, NamedTuple

from cnnspec.formula import Term, product
from cnnspec.ir.arguments import Choice, Flag, Real, arg
from cnnspec.ir.keras_rule import KerasRule, Via
from cnnspec.ir.keras_values import ANYTHING, as_given, one_or_list
from cnnspec.ir.layer import Layer, kind, per_element
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import Tensor
from cnnspec.ir.torch_rule import Only, Reads, Through, TorchRule, as_it_is
from cnnspec.ir.values import Raw, sizes, written
from cnnspec.layers._axes import Axes, along


class Outputs(StrEnum):
    """What the outputs of a function are, as far as a loss cares."""

    NUMBERS = "numbers"
    PROBABILITIES = "probabilities"
    """Each is one on its own, between 0 and 1."""
    DISTRIBUTION = "distribution"
    """Together they are one: their sum is 1."""


class Function(NamedTuple):
    """An activation function: its operations per element, its outputs, and a text where it is a kind by its name alone.

    1 operation for a function of one element (fvcore, calflops), 5 for softmax (TensorFlow's profiler).
    """

    text: str = ""
    cost: int = 1
    outputs: Outputs = Outputs.NUMBERS


FUNCTIONS: Final = {
    "linear": Function("x itself.", cost=0),
    "relu": Function(),
    "relu6": Function(),
    "leaky_relu": Function(),
    "elu": Function(),
    "selu": Function("An elu with the slope and limit that keep mean 0 and variance 1."),
    "gelu": Function("x·Φ(x), with the normal distribution's Φ."),
    "silu": Function("x·sigmoid(x)."),
    "hard_silu": Function("x·relu6(x + 3)/6."),
    "sigmoid": Function("1/(1 + exp(−x)).", outputs=Outputs.PROBABILITIES),
    "hard_sigmoid": Function("relu6(x + 3)/6.", outputs=Outputs.PROBABILITIES),
    "tanh": Function("The hyperbolic tangent."),
    "softplus": Function("log(1 + exp(x))."),
    "softsign": Function("x/(1 + |x|)."),
    "mish": Function("x·tanh(softplus(x))."),
    "exponential": Function("exp(x)."),
    "softmax": Function(cost=5, outputs=Outputs.DISTRIBUTION),
    "celu": Function("x where it is positive, exp(x) − 1 elsewhere: an elu whose slope is smooth for every limit."),
    "squareplus": Function("(x + √(x² + 4))/2, a softplus without exponentials."),
    "sparse_plus": Function("0 up to −1, x from 1 on, (x + 1)²/4 between."),
    "hard_tanh": Function("x between −1 and 1, the nearer of them elsewhere."),
    "tanh_shrink": Function("x − tanh(x)."),
    "hard_shrink": Function("x where |x| is above 0.5, 0 elsewhere."),
    "soft_shrink": Function("x brought nearer to 0 by 0.5, 0 where it is nearer already."),
    "sparse_sigmoid": Function("0 up to −1, 1 from 1 on, (x + 1)/2 between.", outputs=Outputs.PROBABILITIES),
    "log_sigmoid": Function("log(sigmoid(x))."),
    "log_softmax": Function("x − log(Σ exp(x)), the logarithm of softmax.", cost=5),
    "sparsemax": Function("The nearest distribution to x, with zeros.", cost=5, outputs=Outputs.DISTRIBUTION),
}
NONE: Final = "linear"
"""The function that changes nothing: a layer that takes it applies none."""
SPELLINGS: Final = (("swish", "silu"), ("hard_swish", "hard_silu"), ("none", NONE))
ACTIVATION: Final = Choice(tuple(FUNCTIONS), SPELLINGS)


def with_activation(operations: Term, activation: str, y: Tensor) -> Term:
    """Return operations plus those of an activation function on the output."""
    cost = FUNCTIONS[activation].cost
    if not cost:
        return operations
    spent = per_element(cost, y, "")
    return operations + spent if operations.value else spent


class Activation(Layer):
    """A function applied to every element."""

    role = Role.ACTIVATION
    optional = True
    also_called = r"activation|relu|[ges]elu|silu|swish|sigmoid|tanh|mish"
    free = "a fixed function, nothing is learned"

    @property
    def applied(self) -> str:
        """Its own function."""
        return "" if self.kind == NONE else self.kind

    def extra_flops(self, x: Tensor, y: Tensor) -> Term:
        """The cost of the function, per element."""
        return per_element(FUNCTIONS.get(self.applied or NONE, Function()).cost, y, "nothing is computed")


@kind("relu")
class Relu(Activation):
    """Keep what is positive: max(0, x); `max` cuts above, `slope` keeps a share of what is negative."""

    max: float | None = arg(Real(0.0, positional=True), None, also=("max_value",), doc="upper limit, none unless given")
    slope: float = arg(Real(0.0), 0.0, doc="factor for negative numbers")
    threshold: float = arg(Real(0.0), 0.0, doc="below it, numbers count as negative")

    keras = KerasRule("ReLU", {"max_value": "max", "negative_slope": "slope", "threshold": "threshold"})
    torch = TorchRule("ReLU")


@kind("relu6")
class Relu6(Activation):
    """min(max(0, x), 6)."""

    keras = KerasRule(
        "ReLU", fixed={"max_value": 6.0}, neutral={"negative_slope": 0.0, "threshold": 0.0}, names_kind=False
    )
    torch = TorchRule("ReLU6")


@kind("leaky_relu")
class LeakyRelu(Activation):
    """x where it is positive, slope·x elsewhere."""

    slope: float = arg(Real(0.0, positional=True), 0.3, always=True, also=("alpha",), doc="factor for negative numbers")

    keras = KerasRule("LeakyReLU", {"negative_slope": "slope"}, spoken=("negative_slope",))
    torch = TorchRule("LeakyReLU", {"negative_slope": "slope"}, values={"slope": 0.01})


class SharedAxes(Flag):
    """Axes along which elements share a number: all but the channels, none, or some."""

    accepts = "`true`, `false`, or axes such as `1` or `[1, 2]`, counted from 1 as in Keras, or `all`"

    def read(self, raw: Raw) -> bool | tuple[int, ...]:  # type: ignore[override] # more than a flag
        """Read a truth value or axes; all of them are none that are named."""
        if raw == "all":
            return ()
        try:
            return super().read(raw)
        except ValueError:
            axes = sizes(raw)
        if not axes or min(axes) < 1 or len({*axes}) < len(axes):
            raise ValueError
        return axes

    def bind(self, value: bool | tuple[int, ...], rank: int) -> bool | tuple[int, ...]:  # noqa: FBT001 - the value
        """Put the axes in order; all but the channels are `true`."""
        if value == ():
            return tuple(range(1, rank + 2))
        axes = () if isinstance(value, bool) else tuple(sorted(value))
        return True if axes and axes == tuple(range(1, rank + 1)) else axes or value

    def write(self, value: bool | tuple[int, ...]) -> str:  # noqa: FBT001 - the value
        """Write a truth value, one number, or a list."""
        if value == ():
            return "all"
        return written(value[0] if isinstance(value, tuple) and len(value) == 1 else value)


def _shared_axes(shared: bool | tuple[int, ...], rank: int) -> list[int] | None:  # noqa: FBT001 - the value of an argument
    axes = tuple(range(1, rank + 1)) if shared is True else shared
    return list(axes) if axes else None


def _is_shared(axes: Any, _: int) -> Any:
    return axes or False


def _slopes(count: Any) -> Raw:
    return "all" if count == 1 else "true"


@kind("prelu")
class Prelu(Activation):
    """x where it is positive, a learned slope times x elsewhere; `shared` learns one slope per channel."""

    optional = False
    shared: bool | tuple[int, ...] = arg(
        SharedAxes(),
        False,
        doc="one slope per channel, not per element; or share along some axes alone, or all",
    )

    keras = KerasRule("PReLU", {"shared_axes": Via("shared", _shared_axes, _is_shared)})
    torch = TorchRule(
        "PReLU",
        {"num_parameters": (Reads.ONE, Through("shared", _slopes, as_it_is)), "init": Only((0.25,))},
        values={"shared": ()},
    )

    def params(self, x: Tensor) -> Term:
        """H·W·C, without the axes along which the slopes are shared."""
        if isinstance(self.shared, bool):
            return x.channels if self.shared else product(x.dims)
        return product(dim for axis, dim in enumerate(x.dims, 1) if axis not in self.shared)

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """That of the input; raise LayerError where it lacks an axis."""
        if isinstance(self.shared, tuple):
            along(self.shared, x, self.kind)
        return x.dims


@kind("elu")
class Elu(Activation):
    """x where it is positive, alpha·(exp(x) − 1) elsewhere."""

    alpha: float = arg(Real(positional=True), 1.0, always=True, doc="the limit for negative numbers, with minus")

    keras = KerasRule("ELU", {"alpha": "alpha"}, spoken=("alpha",))
    torch = TorchRule("ELU", {"alpha": "alpha"})


@kind("softmax")
class Softmax(Activation):
    """exp(x) divided by the sum over the channels, or over other axes."""

    also_called = r"softmax"
    axis: tuple[int, ...] = arg(Axes(), (-1,), doc="which axes are summed over: from 1 as Keras counts")

    keras = KerasRule("Softmax", {"axis": Via("axis", one_or_list, as_given)})
    torch = TorchRule("Softmax", {"dim": Reads.AXIS}, also=("Softmax2d",))

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """That of the input; raise LayerError where it lacks an axis."""
        along(self.axis, x, self.kind)
        return x.dims


@kind("activation")
class NamedActivation(Activation):
    """Any activation function, by its name."""

    function: str = arg(ACTIVATION, always=True, example="relu", also=("activation",), doc="name of the function")

    keras = KerasRule("Activation", {"activation": "function"}, first=("activation",))

    @property
    def applied(self) -> str:
        """The one that is named."""
        return "" if self.function == NONE else self.function


_TORCH: Final = {
    "selu": TorchRule("SELU"),
    "gelu": TorchRule("GELU", {"approximate": Only(("none",))}),
    "silu": TorchRule("SiLU"),
    "hard_silu": TorchRule("Hardswish"),
    "sigmoid": TorchRule("Sigmoid"),
    "hard_sigmoid": TorchRule("Hardsigmoid"),
    "tanh": TorchRule("Tanh"),
    "softplus": TorchRule("Softplus", {"beta": Only((1, 1.0)), "threshold": Only((ANYTHING,))}),
    "softsign": TorchRule("Softsign"),
    "mish": TorchRule("Mish"),
    "celu": TorchRule("CELU", {"alpha": Only((1, 1.0))}),
    "hard_tanh": TorchRule("Hardtanh", {"min_val": Only((-1, -1.0)), "max_val": Only((1, 1.0))}),
    "tanh_shrink": TorchRule("Tanhshrink"),
    "hard_shrink": TorchRule("Hardshrink", {"lambd": Only((0.5,))}),
    "soft_shrink": TorchRule("Softshrink", {"lambd": Only((0.5,))}),
    "log_sigmoid": TorchRule("LogSigmoid"),
    "log_softmax": TorchRule("LogSoftmax", {"dim": Reads.AXIS}),
}
"""PyTorch's classes of the functions that are kinds by their name alone."""


def _plain_rule(name: str) -> KerasRule:
    return KerasRule("Activation", fixed={"activation": name}, names_kind=False, first=("activation",))


for _name, _function in FUNCTIONS.items():
    if _function.text:
        _aliases = tuple(spelling for spelling, meant in SPELLINGS if meant == _name and spelling != "none")
        kind(_name, *_aliases)(
            type(
                _name.title().replace("_", ""),
                (Activation,),
                {
                    "__doc__": _function.text,
                    "__module__": __name__,
                    "keras": _plain_rule(_name),
                    "torch": _TORCH.get(_name),
                },
            )
        )
