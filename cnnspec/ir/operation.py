"""How the graphs of ONNX and of PyTorch's ATen call a kind: data only, read by `importing`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class Operation(NamedTuple):
    """An operation of a graph that stands for a kind.

    name       what the graph calls it; ATen's without its overload
    arguments  our fields by the attributes of ONNX or the arguments of ATen that hold them as they are
    values     our fields whose default is another one in the graph
    only       arguments that no field holds and that change no number, with the values at which nothing is lost
    channels   the argument that must name the axis of the channels
    absent     what the graph takes for an argument of `only` that is not given, where that is another value
    """

    name: str
    arguments: Mapping[str, str] = NOTHING
    values: Mapping[str, Any] = NOTHING
    only: Mapping[str, tuple[Any, ...]] = NOTHING
    channels: str = ""
    absent: Mapping[str, Any] = NOTHING


def named(*names: str) -> tuple[Operation, ...]:
    """Return operations that have no arguments, or whose arguments are read by what knows their tensors."""
    return tuple(map(Operation, names))
