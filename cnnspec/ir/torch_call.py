"""One step of a forward pass in PyTorch, as data: a layer of `torch.nn`, or an expression of tensors."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from cnnspec.ir.shapes import Shape

NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
APPLIED: Final = "{layer}({0})"
"""How most layers are applied."""


class Order(Enum):
    """Where the channels stand behind the batch: PyTorch's images have them first, its sequences last."""

    FIRST = "first"
    LAST = "last"
    EITHER = "either"
    """Of what is read: the order of the input; of what comes out: that of what is read."""


class AxisOf(NamedTuple):
    """One of our axes, counted from 0 without the batch: its number in PyTorch depends on the order."""

    place: int


class Several(NamedTuple):
    """Values that stand in a row, without brackets."""

    values: tuple[Any, ...]


class Filled(NamedTuple):
    """A learned tensor of a shape, in PyTorch's order, that starts with one number."""

    shape: Shape
    number: float


class Held(NamedTuple):
    """Numbers that PyTorch's layer learns beyond ours: they get a value that changes nothing, and stay there."""

    name: str
    value: float
    size: int


class TorchCall(NamedTuple):
    """One step of a forward pass.

    class_name  a class of `torch.nn`; empty where the step is an expression alone
    positional  its arguments without names
    named       its arguments with names
    form        how it is applied: `{layer}`, the tensors `{0}`, `{1}`, and `{values}` by their names
    inline      the same as an expression, which does without a layer outside of `nn.Sequential`
    values      what `form` and `inline` say beside tensors
    order       where it wants the channels
    leaves      where it leaves them
    rank        how many spatial axes there are behind it, where it is not the last step of its kind
    reads       which tensors it reads, by place among the inputs of the kind and the steps so far
    learns      whether it has numbers that are learned or stored
    stored      how many numbers its buffers have that PyTorch does not count as parameters, by their names
    held        what PyTorch's layer learns beyond ours
    part        what it is called beside the name of the kind's last step, where both learn
    note        in what its numbers differ from ours
    """

    class_name: str = ""
    positional: tuple[Any, ...] = ()
    named: Mapping[str, Any] = NOTHING
    form: str = APPLIED
    inline: str = ""
    values: Mapping[str, Any] = NOTHING
    order: Order = Order.EITHER
    leaves: Order = Order.EITHER
    rank: int | None = None
    reads: tuple[int, ...] = ()
    learns: bool = False
    stored: Mapping[str, int] = NOTHING
    held: tuple[Held, ...] = ()
    part: str = ""
    note: str = ""


def expression(form: str, order: Order = Order.EITHER, **facts: Any) -> TorchCall:
    """Return a step without a layer; what is no fact of a step is a value that the form says."""
    own = {name: value for name, value in facts.items() if name in TorchCall._fields}
    values = {name: value for name, value in facts.items() if name not in own}
    return TorchCall(form=form, order=order, values=values, **own)


def parameter(form: str, shape: Shape, number: float = 0.0, **facts: Any) -> TorchCall:
    """Return a step with a learned tensor of a shape, in PyTorch's order, which the form calls `{layer}`."""
    return TorchCall("Parameter", (Filled(shape, number),), form=form, learns=True, **facts)
