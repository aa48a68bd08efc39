"""Where an item is expanded, and what its expressions are worth there."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from cnnspec.errors import shorten
from cnnspec.ir.arguments import Flag
from cnnspec.ir.graph import Copy
from cnnspec.ir.shapes import Shape
from cnnspec.ir.values import FAULTY, untyped
from cnnspec.language.expressions import ExpressionError, Scope, Value, substitute, to_text
from cnnspec.language.faults import Faults
from cnnspec.language.items import Place
from cnnspec.source import Source
from cnnspec.text.tree import Scalar

FLAG: Final = Flag()


class Context(NamedTuple):
    """The copies of blocks around an item, its variables, and the run of copies that it belongs to."""

    prefix: str = ""
    scope: tuple[Copy, ...] = ()
    variables: Mapping[str, Value] = MappingProxyType({})
    sites: tuple[Place, ...] = ()
    run: int = 0
    trainable: bool = True

    def within(self, run: int = 0, /, **variables: Value) -> Context:
        """Return the context with more variables, in another run of copies or outside of any."""
        if not variables:
            return self._replace(run=run)
        return self._replace(variables=ChainMap(variables, self.variables), run=run)  # type: ignore[arg-type] # only read

    def trail(self, source: Source) -> tuple[str, ...]:
        """Return the calls of blocks that lead here, innermost first, with their lines."""
        calls = zip(reversed(self.scope), reversed(self.sites), strict=True)
        places = ((copy.block, *source.position(site[0])) for copy, site in calls)
        return tuple(f"in block `{block}`, called at {source.name}:{line}:{column}" for block, line, column in places)

    def calls(self) -> list[str]:
        """Return the blocks around, outermost first."""
        return [copy.block for copy in self.scope]


class Evaluator:
    """Evaluates what has no declared type: names, conditions, numbers of copies; faults are reported."""

    def __init__(self, faults: Faults) -> None:
        """Keep where faults go."""
        self.faults = faults

    def value(self, scalar: Scalar, scope: Scope) -> Any:
        """Return a value, its expressions evaluated, or FAULTY."""
        if "$" not in scalar.text:
            return untyped(scalar.text)
        try:
            value = substitute(scalar.text, scope)
        except ExpressionError as error:
            if not error.asks_for_sizes or "in.c" in scope:
                self.report(error, scalar)
            return FAULTY
        return untyped(value) if isinstance(value, str) else value

    def text(self, scalar: Scalar, context: Context) -> str | None:
        """Return a name with its expressions evaluated, None where they have a fault."""
        if "$" not in scalar.text:
            return scalar.text
        try:
            return to_text(substitute(scalar.text, context.variables))
        except ExpressionError as error:
            self.report(error, scalar)
            return None

    def condition(self, scalar: Scalar, scope: Scope, what: str = "when") -> bool:
        """Return a truth value: whether an item is kept, or trained."""
        value = self.value(scalar, scope)
        if value is FAULTY:
            return False
        try:
            return bool(value) if isinstance(value, int | float) else FLAG.read(value)
        except ValueError:
            place = (scalar.start, scalar.end)
            self.faults.add("E105", f"`{what}` must be {FLAG.accepts}, not `{shorten(value)}`", place)
            return False

    def copies(self, scalar: Scalar, scope: Scope, most: int) -> int:
        """Return how many copies an item makes."""
        value = self.value(scalar, scope)
        if value is FAULTY:
            return 0
        whole = isinstance(value, int | float) and not isinstance(value, bool) and value == int(value)
        if whole and 0 <= value <= most:
            return int(value)
        message = f"`repeat` must be an integer from 0 to {most:,}, not `{shorten(to_text(value))}`"
        step = f"allow it with `--limit nodes={value}`" if whole and value > most else ""
        self.faults.add("E105", message, (scalar.start, scalar.end), step=step)
        return 0

    def report(self, error: ExpressionError, scalar: Scalar) -> None:
        """Report what is wrong with an expression."""
        place = (scalar.start, scalar.end)
        self.faults.add(error.code, error.message, place, step=error.step)


def sizes_of(name: str, shape: Shape | None) -> dict[str, Value]:
    """Return the variables `in.h`, `in.w`, `in.c` of a shape."""
    if shape is None:
        return {}
    axes = {1: "c", 2: "lc", 3: "hwc", 4: "dhwc"}.get(len(shape), "")
    return {f"{name}.{axis}": size for axis, size in zip(axes, shape, strict=False)}
