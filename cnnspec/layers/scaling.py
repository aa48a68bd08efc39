"""Elements scaled and moved, by given numbers, by those of the data, or by learned factors."""

from __future__ import annotations

from collections.abc import Mapping

from cnnspec.formula import Term, nothing
from cnnspec.ir.arguments import Real, Reals, arg
from cnnspec.ir.keras_rule import KerasRule, Via
from cnnspec.ir.keras_values import ANYTHING, constant, constant_number, plainly
from cnnspec.ir.layer import Layer, LayerError, kind, per_element
from cnnspec.ir.operation import named
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import Shape, Tensor, input_channels
from cnnspec.ir.torch_call import Order, TorchCall, expression, parameter
from cnnspec.ir.values import Raw
from cnnspec.layers._torch_norms import MOVING

Numbers = float | tuple[float, ...]


@kind("normalize")
class Normalize(Layer):
    """Subtract the data's mean and divide by its deviation; numbers that are not given come from the data."""

    role = Role.NORM
    mean: tuple[float, ...] | None = arg(Reals(), None, doc="mean per channel, or one for all")
    variance: tuple[float, ...] | None = arg(Reals(), None, doc="variance per channel, or one for all")
    free = "mean and variance are given"

    keras = KerasRule("Normalization", {"mean": "mean", "variance": "variance"})

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """That of the input; mean and variance must fit the channels."""
        if (self.mean is None) != (self.variance is None):
            raise LayerError("E307", "`normalize` needs both `mean` and `variance`, or neither")
        check_per_channel({"mean": self.mean, "variance": self.variance}, x)
        return x.dims

    def params(self, x: Tensor) -> Term:
        """2·C + 1: mean, variance and how many samples they come from (Keras)."""
        return 2 * x.channels + 1 if self.mean is None else nothing(self.free)

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """Scale and move, by the given numbers or by those of a batch norm that learns nothing."""
        if self.mean is None or self.variance is None:
            return (_by_the_data(shapes[0]),)
        deviation = tuple(round(variance**0.5, 12) for variance in self.variance)
        return (_scaled("({0} - %(mean)s) / %(deviation)s", shapes[0], mean=self.mean, deviation=deviation),)

    def non_trainable(self, x: Tensor) -> Term:
        """All of them."""
        return self.params(x)

    def extra_flops(self, x: Tensor, y: Tensor) -> Term:
        """2 operations per element."""
        return per_element(2, y, "")


class PerChannel(Real):
    """One number for all channels, or one for each."""

    def __init__(self, *, positional: bool = False) -> None:
        """Take whether a bare number means this argument."""
        super().__init__(positional=positional)
        self.accepts = "a number, or a list with one per channel"

    def read(self, raw: Raw) -> float | tuple[float, ...]:  # type: ignore[override] # one or several
        """Read a number, or a list of several."""
        values = Reals().read(raw)
        return values if len(values) > 1 else values[0]

    def claims(self, token: str) -> bool:
        """Claim a number and a bracketed list."""
        return super().claims(token) or (self.positional and token.startswith("["))


@kind("rescale")
class Rescale(Layer):
    """Multiply by a given factor and add a given offset, such as `1/255` for images of bytes."""

    role = Role.NORM
    optional = True
    scale: float | tuple[float, ...] = arg(
        PerChannel(positional=True), always=True, doc="factor, or a list with one per channel"
    )
    offset: float | tuple[float, ...] = arg(PerChannel(), 0.0, doc="summand, or a list with one per channel")

    keras = KerasRule(
        "Rescaling",
        {"scale": Via("scale", plainly, plainly), "offset": Via("offset", plainly, plainly)},
        first=("scale",),
    )
    onnx = named("Div")
    aten = named("div")

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """That of the input; raise LayerError where numbers do not fit its channels."""
        check_per_channel({"scale": self.scale, "offset": self.offset}, x)
        return x.dims

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """Scale and move."""
        form = "{0} * %(scale)s + %(offset)s" if self.offset else "{0} * %(scale)s"
        return (_scaled(form, shapes[0], scale=self.scale, offset=self.offset),)

    def extra_flops(self, x: Tensor, y: Tensor) -> Term:
        """One multiplication per element, and one addition where there is an offset."""
        return per_element(2 if self.offset else 1, y, "")

    def counted_as(self, convention: str, x: Tensor, y: Tensor) -> Term | None:
        """2 per element with TensorFlow's profiler: Keras adds an offset of 0 too."""
        return per_element(2, y, "") if convention == "tf-profiler" else None


@kind("layerscale")
class LayerScale(Layer):
    """Multiply every channel by one learned factor (Going deeper with image transformers, 2021).

    Keras has no such layer in its public interface; a depthwise convolution of size 1 without bias is the same.
    """

    role = Role.NORM
    ranks = (1, 2)
    init: float = arg(Real(positional=True), 1e-6, doc="the factors before training")

    keras = KerasRule(
        "DepthwiseConv{rank}D",
        {"depthwise_initializer": Via("init", constant, constant_number)},
        fixed={"kernel_size": 1, "use_bias": False},
        neutral={
            "strides": 1,
            "padding": "valid",
            "dilation_rate": 1,
            "depth_multiplier": 1,
            "activation": "linear",
        },
        first=("kernel_size",),
        defaults={"depthwise_initializer": "glorot_uniform"},
        also=("LayerScale",),
        names_kind=False,
        ranks=(1, 2),
        spoken=("depthwise_initializer",),
    )
    keras_too = (KerasRule("LayerScale", {"init_values": "init"}, neutral={"projection_dim": ANYTHING}),)

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """That of the input."""
        self.check(x)
        return x.dims

    def params(self, x: Tensor) -> Term:
        """C: one factor per channel."""
        return input_channels(x.channels.value)

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """Multiply by a learned number per channel."""
        *places, channels = shapes[0]
        return (parameter("{0} * {layer}", (channels, *(1 for _ in places)), self.init, order=Order.FIRST),)

    def extra_flops(self, x: Tensor, y: Tensor) -> Term:
        """One multiplication per element."""
        return per_element(1, y, "")


def check_per_channel(numbers: Mapping[str, float | tuple[float, ...] | None], x: Tensor) -> None:
    """Raise LayerError where an argument has neither one number nor one per channel."""
    for name, values in numbers.items():
        if isinstance(values, tuple) and len(values) not in (1, x.channels.value):
            raise LayerError("E307", f"`{name}` has {len(values)} numbers for {x.channels.value} channels")


def _scaled(form: str, shape: Shape, **numbers: Numbers) -> TorchCall:
    """Return the step of a formula, in which numbers are the same for all channels or one for each."""
    pieces: dict[str, str] = {}
    values: dict[str, object] = {"places": (-1, *(1 for _ in shape[1:]))}
    for name, number in numbers.items():
        each = list(number) if isinstance(number, tuple) else [number]
        values[name] = each[0] if len(each) == 1 else each
        pieces[name] = f"{{{name}}}" if len(each) == 1 else f"{{0}}.new_tensor({{{name}}}).view({{places}})"
    return expression(form % pieces, Order.FIRST if "view" in str(pieces) else Order.EITHER, **values)


def _by_the_data(shape: Shape) -> TorchCall:
    """Return the batch norm that stores the mean and variance of all batches, and how many there were."""
    return TorchCall(
        f"BatchNorm{max(len(shape) - 1, 1)}d",
        (shape[-1],),
        {"eps": 1e-07, "momentum": None, "affine": False},
        order=Order.FIRST,
        learns=True,
        stored={**dict.fromkeys(MOVING, shape[-1]), "num_batches_tracked": 1},
        note="while in training by the batch, afterwards by all batches before",
    )
