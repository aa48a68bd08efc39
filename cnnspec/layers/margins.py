"""Kinds that add or remove rows at the border: pad and crop."""

from __future__ import annotations

from typing import Any, Final

from cnnspec.formula import EXACT, Term, render
from cnnspec.ir.arguments import Choice, Margins, arg
from cnnspec.ir.keras_rule import PAD_OPERATION, Call, KerasRule, Via
from cnnspec.ir.layer import Layer, LayerError, Reach, kind
from cnnspec.ir.operation import named
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import AXIS_NAMES, Shape, Tensor
from cnnspec.ir.torch_call import Order, TorchCall
from cnnspec.ir.torch_rule import SIDES, Only, TorchRule
from cnnspec.layers._symbols import input_size, paddings
from cnnspec.layers._torch import cut, lacks, padding_of, torch_call
from cnnspec.layers._torch_functions import NOTHING_DONE
from cnnspec.layers._window import per_side, symmetric

Pairs = tuple[tuple[int, int], ...]
ZEROS: Final = "zeros"
OUTERMOST: Final = "replicate"
MIRROR: Final = "symmetric"
MOST: Final = {ZEROS: None, "reflect": 1, MIRROR: 0, OUTERMOST: None}
"""The ways to fill added rows, with how many rows of an axis a mirror cannot show."""


_FIRST: Final[dict[str, Any]] = {"leading": 1, "order": Order.FIRST}


class Border(Layer):
    """A layer that changes only the border of every channel."""

    role = Role.BORDER
    ranks = (1, 2, 3)
    free = "the border changes, nothing is learned"
    margins: Pairs = arg(
        Margins(positional=True), ((1, 1),), symbol="p", always=True, also=("padding", "cropping"), doc="rows per side"
    )


@kind("pad", "zeropad")
class Pad(Border):
    """Add rows around every channel: zeros, or the rows inside as a mirror shows them."""

    optional = True
    mode: str = arg(
        Choice(tuple(MOST), (("constant", ZEROS),)),
        ZEROS,
        doc="what stands there; `symmetric` repeats the outermost row, `reflect` does not",
    )
    keras = KerasRule(
        "ZeroPadding{rank}D", {"padding": Via("margins", symmetric, per_side)}, ranks=(1, 2, 3), first=("padding",)
    )
    torch = TorchRule(
        "ZeroPad{rank}d",
        {"padding": SIDES},
        leading=1,
        order=Order.FIRST,
        others=(
            TorchRule("ConstantPad{rank}d", {"padding": SIDES, "value": Only((0, 0.0))}),
            TorchRule("ReflectionPad{rank}d", {"padding": SIDES}, values={"mode": "reflect"}, **_FIRST),
            TorchRule("ReplicationPad{rank}d", {"padding": SIDES}, values={"mode": "replicate"}, **_FIRST),
        ),
    )
    onnx = named("Pad")
    aten = named("pad", "constant_pad_nd")

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """PyTorch's layer of the way to fill the rows."""
        if self.mode == ZEROS:
            return padding_of(self.margins) or (NOTHING_DONE,)
        rules = self.torch.rules if self.torch else ()
        rule = next((rule for rule in rules if rule.values.get("mode") == self.mode), None)
        if rule is None:
            raise lacks(self, f"with the mode `{self.mode}`")
        return (torch_call(self, shapes[0], rule=rule),)

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """N + p_1 + p_2 per axis; raise LayerError where a mirror would show more rows than there are."""
        self.check(x)
        most = MOST[self.mode]
        for name, n, pair in zip(AXIS_NAMES[x.rank], x.spatial, self.margins, strict=True):
            if most is not None and max(pair) > n.value - most:
                shown = f"{n.value - most} row{'s' * (n.value - most != 1)}"
                message = f"`{self.mode}` has {shown} to show along the {name}, not {max(pair)}"
                raise LayerError("E307", message, step="use fewer rows")
        return (*(_wider(n, pair) for n, pair in zip(x.spatial, self.margins, strict=True)), x.channels)

    def reach(self, x: Tensor) -> tuple[Reach, ...]:
        """The first element lies before the input."""
        return tuple(Reach(offset=-before) for before, _ in self.margins)

    def keras_calls(self, *shapes: Shape) -> tuple[Call, ...]:
        """Keras' layer for zeros, its function for mirrored rows, which show one row as it is."""
        if self.mode == ZEROS:
            return super().keras_calls(*shapes)
        if self.mode == OUTERMOST and max(map(max, self.margins)) > 1:
            raise LayerError(
                "E510", "Keras on TensorFlow repeats the outermost row once at most", step=f"use `{MIRROR}`"
            )
        mode = MIRROR if self.mode == OUTERMOST else self.mode
        width = ((0, 0), *self.margins, (0, 0))
        return (Call(PAD_OPERATION, {"pad_width": width, "mode": mode}, ("pad_width",)),)


@kind("crop")
class Crop(Border):
    """Remove rows around every channel."""

    keras = KerasRule(
        "Cropping{rank}D", {"cropping": Via("margins", symmetric, per_side)}, ranks=(1, 2, 3), first=("cropping",)
    )

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """Take what is inside."""
        return cut(self.margins) or (NOTHING_DONE,)

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """N − p_1 − p_2 per axis."""
        self.check(x)
        sizes = [_narrower(n, pair) for n, pair in zip(x.spatial, self.margins, strict=True)]
        for name, size in zip(AXIS_NAMES[x.rank], sizes, strict=True):
            if size.value < 1:
                note = f"{name}: {render(size, EXACT, numbers=True)} = {size.value}".replace("-", "−")
                raise LayerError(
                    "E301", f"`crop` leaves nothing: the output {name} would be {size.value}".replace("-", "−"), note
                )
        return (*sizes, x.channels)

    def reach(self, x: Tensor) -> tuple[Reach, ...]:
        """The first element lies inside the input."""
        return tuple(Reach(offset=before) for before, _ in self.margins)


def _wider(n: Term, pair: tuple[int, int]) -> Term:
    return sum(paddings(*pair), input_size(n.value))


def _narrower(n: Term, pair: tuple[int, int]) -> Term:
    size = input_size(n.value)
    for rows in paddings(*pair):
        size = size - rows
    return size
