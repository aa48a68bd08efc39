"""The activation functions: a table of them all, which other kinds take as an argument, and the kinds they are."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar, Final, NamedTuple

from cnnspec.formula import Term
from cnnspec.ir.arguments import Choice, Real, arg
from cnnspec.ir.keras_rule import KerasRule, Via
from cnnspec.ir.keras_values import as_given, one_or_list
from cnnspec.ir.layer import KINDS, Layer, LayerError, kind, per_element
from cnnspec.ir.operation import Operation, named
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import Shape, Tensor, tensor
from cnnspec.ir.torch_call import AxisOf, TorchCall, expression
from cnnspec.ir.torch_rule import Reads, TorchRule
from cnnspec.layers._axes import Axes, along, position
from cnnspec.layers._operations import ATEN, ONNX
from cnnspec.layers._torch_functions import CLASSES, CUT, FORMULAS, LEAKY, LIMITED, NOTHING_DONE


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
    is_negative: bool = True
    """Whether an output may be below 0."""


HARD_SIGMOID: Final = "hard_sigmoid"
FUNCTIONS: Final = {
    "linear": Function("x itself.", cost=0),
    "relu": Function(is_negative=False),
    "relu6": Function(is_negative=False),
    "leaky_relu": Function(),
    "elu": Function(),
    "selu": Function("An elu with the slope and limit that keep mean 0 and variance 1."),
    "gelu": Function("x·Φ(x), with the normal distribution's Φ."),
    "silu": Function("x·sigmoid(x)."),
    "hard_silu": Function("x·relu6(x + 3)/6."),
    "sigmoid": Function("1/(1 + exp(−x)).", outputs=Outputs.PROBABILITIES, is_negative=False),
    HARD_SIGMOID: Function("relu6(x + 3)/6.", outputs=Outputs.PROBABILITIES, is_negative=False),
    "tanh": Function("The hyperbolic tangent."),
    "softplus": Function("log(1 + exp(x)).", is_negative=False),
    "softsign": Function("x/(1 + |x|)."),
    "mish": Function("x·tanh(softplus(x))."),
    "exponential": Function("exp(x).", is_negative=False),
    "softmax": Function(cost=5, outputs=Outputs.DISTRIBUTION, is_negative=False),
    "celu": Function("x where it is positive, exp(x) − 1 elsewhere: an elu whose slope is smooth for every limit."),
    "squareplus": Function("(x + √(x² + 4))/2, a softplus without exponentials.", is_negative=False),
    "sparse_plus": Function("0 up to −1, x from 1 on, (x + 1)²/4 between.", is_negative=False),
    "hard_tanh": Function("x between −1 and 1, the nearer of them elsewhere."),
    "tanh_shrink": Function("x − tanh(x)."),
    "hard_shrink": Function("x where |x| is above 0.5, 0 elsewhere."),
    "soft_shrink": Function("x brought nearer to 0 by 0.5, 0 where it is nearer already."),
    "sparse_sigmoid": Function(
        "0 up to −1, 1 from 1 on, (x + 1)/2 between.", outputs=Outputs.PROBABILITIES, is_negative=False
    ),
    "log_sigmoid": Function("log(sigmoid(x))."),
    "log_softmax": Function("x − log(Σ exp(x)), the logarithm of softmax.", cost=5),
    "sparsemax": Function(
        "The nearest distribution to x, with zeros.", cost=5, outputs=Outputs.DISTRIBUTION, is_negative=False
    ),
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
    torch: ClassVar[TorchRule] = TorchRule("ReLU")
    onnx = named("Relu")
    aten = named("relu")

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """PyTorch's layer, or that with a limit or with a slope."""
        facts = self.max, self.slope, self.threshold
        if facts == (0, 0, 0):
            return (expression("torch.zeros_like({0})"),)
        for rule, known in (
            (self.torch, (None, 0, 0)),
            (LIMITED, (6, 0, 0)),
            (CUT, (self.max, 0, 0)),
            (LEAKY, (None, self.slope, 0)),
        ):
            if facts == known:
                return (rule.call(self.fields, vars(self), shapes[0]),)
        raise LayerError("E542", f"PyTorch has no `{self.kind}` with these arguments together")


@kind("relu6")
class Relu6(Activation):
    """min(max(0, x), 6)."""

    keras = KerasRule(
        "ReLU", fixed={"max_value": 6.0}, neutral={"negative_slope": 0.0, "threshold": 0.0}, names_kind=False
    )
    torch = LIMITED
    onnx = named("Clip")
    aten = named("hardtanh", "clamp", "relu6")


@kind("leaky_relu")
class LeakyRelu(Activation):
    """x where it is positive, slope·x elsewhere."""

    slope: float = arg(Real(0.0, positional=True), 0.3, always=True, also=("alpha",), doc="factor for negative numbers")

    keras = KerasRule("LeakyReLU", {"negative_slope": "slope"}, spoken=("negative_slope",))
    torch = TorchRule("LeakyReLU", {"negative_slope": "slope"}, values={"slope": 0.01}, leading=1)
    onnx = (Operation("LeakyRelu", {"alpha": "slope"}, {"slope": 0.01}),)
    aten = (Operation("leaky_relu", {"negative_slope": "slope"}, {"slope": 0.01}),)


@kind("elu")
class Elu(Activation):
    """x where it is positive, alpha·(exp(x) − 1) elsewhere."""

    alpha: float = arg(Real(positional=True), 1.0, always=True, doc="the limit for negative numbers, with minus")

    keras = KerasRule("ELU", {"alpha": "alpha"}, spoken=("alpha",))
    torch = TorchRule("ELU", {"alpha": "alpha"})
    onnx = (Operation("Elu", {"alpha": "alpha"}),)
    aten = (Operation("elu", {"alpha": "alpha"}, only={"scale": (1,), "input_scale": (1,)}),)


@kind("softmax")
class Softmax(Activation):
    """exp(x) divided by the sum over the channels, or over other axes."""

    also_called = r"softmax"
    axis: tuple[int, ...] = arg(Axes(), (-1,), doc="which axes are summed over: from 1 as Keras counts")

    keras = KerasRule("Softmax", {"axis": Via("axis", one_or_list, as_given)})
    torch: ClassVar[TorchRule] = TorchRule("Softmax", {"dim": Reads.AXIS}, also=("Softmax2d",))
    onnx = named("Softmax")
    aten = named("softmax", "_softmax")

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """PyTorch's layer along the axis."""
        if len(self.axis) > 1:
            raise LayerError("E542", f"PyTorch has no `{self.kind}` over several axes at once")
        (axis,) = self.axis
        place = AxisOf(position(axis, tensor(shapes[0]), self.kind))
        return (self.torch.call(self.fields, vars(self), shapes[0], {"dim": place}),)

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

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """That of the function."""
        return as_argument(self.function, shapes[0]) or (NOTHING_DONE,)


ARGUMENTS: Final[Mapping[str, Mapping[str, float]]] = {"leaky_relu": {"slope": 0.2}}
"""What Keras takes for a function that is given by its name, where the kind of that name takes another number."""


def as_argument(name: str, shape: Shape) -> tuple[TorchCall, ...]:
    """Return the steps of PyTorch's for a function by its name, none for that which changes nothing."""
    if name == NONE:
        return ()
    return KINDS[name](**ARGUMENTS.get(name, {})).torch_calls(shape)


class Formula(Activation):
    """A function of one element that is a kind by its name alone."""

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """PyTorch's layer, or a formula."""
        if self.kind == NONE:
            return (NOTHING_DONE,)
        form = FORMULAS.get(self.kind)
        return (expression(form),) if form else super().torch_calls(*shapes)


def _plain_rule(name: str) -> KerasRule:
    return KerasRule("Activation", fixed={"activation": name}, names_kind=False, first=("activation",))


for _name, _function in FUNCTIONS.items():
    if _function.text:
        _aliases = tuple(spelling for spelling, meant in SPELLINGS if meant == _name and spelling != "none")
        kind(_name, *_aliases)(
            type(
                _name.title().replace("_", ""),
                (Formula,),
                {
                    "__doc__": _function.text,
                    "__module__": __name__,
                    "keras": _plain_rule(_name),
                    "torch": CLASSES.get(_name),
                    "onnx": ONNX.get(_name, ()),
                    "aten": ATEN.get(_name, ()),
                },
            )
        )


def clipped(low: float | None, high: float | None) -> Layer | None:
    """Return the function that keeps numbers between two limits, None where there is no kind for it."""
    if low == 0 and (high is None or high > 0):
        return Relu6() if high == 6 else Relu(max=high, slope=0.0, threshold=0.0)
    return KINDS["hard_tanh"]() if (low, high) == (-1, 1) else None
