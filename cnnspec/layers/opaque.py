"""A layer that is known by the writer's word alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NoReturn

from cnnspec.formula import Term, nothing
from cnnspec.ir.arguments import ArgType, Count, Dims, arg
from cnnspec.ir.keras_rule import KerasRule
from cnnspec.ir.layer import Layer, LayerError, Reach, kind
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import Shape, Tensor
from cnnspec.ir.values import Raw


class Text(ArgType):
    """A short text; as a token it stands in double quotes where it has spaces."""

    accepts = "a text of at most 200 characters"

    def read(self, raw: Raw) -> str:
        """Read a text, without the quotes of a token."""
        text = str(raw)
        text = text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text
        if not isinstance(raw, str) or len(text) > 200 or not text.isprintable():
            raise ValueError
        return text

    def write(self, value: str) -> str:
        """Write the text in quotes, where they are needed to keep it in one piece."""
        text = value.replace('"', "'")
        return f'"{text}"' if not text or re.search(r"\s|=", text) else text


@kind("opaque")
class Opaque(Layer):
    """Stand for a layer that no kind describes: its shape and numbers are the writer's, and are marked as such."""

    role = Role.OPAQUE
    may_join = True
    free = "given by the writer"
    shape_: tuple[int, ...] | None = arg(
        Dims(), None, also=("shape", "output_shape"), doc="shape of the output; that of the input unless given"
    )
    params_: int | None = arg(Count(0), None, also=("params",), doc="number of parameters; unknown unless given")
    macs_: int | None = arg(
        Count(0), None, also=("macs",), doc="multiply-accumulates for one sample; unknown unless given"
    )
    reason: str = arg(Text(), "", doc="what it is, and where the numbers are from")

    keras = KerasRule("")

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """The given one."""
        return x.dims if self.shape_ is None else tuple(self._given(size) for size in self.shape_)

    def params(self, x: Tensor) -> Term:
        """The given number."""
        return self._given(self.params_)

    def macs(self, x: Tensor, y: Tensor) -> Term:
        """The given number."""
        return self._given(self.macs_)

    def extra_flops(self, x: Tensor, y: Tensor) -> Term:
        """None beside those of the given multiply-accumulates."""
        return nothing(self._source())

    def unknown(self) -> Mapping[str, str]:
        """What is not given, and how many of the parameters are biases."""
        found = {}
        if self.params_ is None:
            found["params"] = "the writer gives no number"
        elif self.params_:
            found |= dict.fromkeys(("weights", "biases"), "the writer gives one number for weights and biases")
        if self.macs_ is None:
            found |= dict.fromkeys(("macs", "flops"), "the writer gives no number")
        return found

    def reach(self, x: Tensor) -> tuple[Reach, ...] | str | None:
        """Unknown."""
        return f"what `{self.kind}` looks at is not known"

    def keras_calls(self, *shapes: Shape) -> NoReturn:
        """Refuse: nobody knows which layers would do the same."""
        message = f"`{self.kind}` is no layer of Keras: its numbers are given, what it computes is not"
        raise LayerError("E510", message, step="write the kinds that do the same in its place")

    def _source(self) -> str:
        return f"{self.free}: {self.reason}" if self.reason else self.free

    def _given(self, value: int | None) -> Term:
        return nothing("not given by the writer") if value is None else Term(value, "number", reason=self._source())
