"""What every item may ask of the place where it is expanded: variables, names, earlier layers."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping

from cnnspec.errors import shorten
from cnnspec.ir.shapes import show
from cnnspec.language import items as it
from cnnspec.language.expressions import Scope
from cnnspec.language.faults import Faults
from cnnspec.language.names import NAME, NAME_RULE, UNKNOWN
from cnnspec.language.network import Network
from cnnspec.language.scope import Context, Evaluator, sizes_of
from cnnspec.text.limits import Limits
from cnnspec.text.tree import Scalar


class Surroundings:
    """The network as far as it is built, and where faults go."""

    def __init__(self, faults: Faults, reserved: Mapping[str, set[str]], limits: Limits) -> None:
        """Start with an empty network; `reserved` are the names that the file gives."""
        self.faults = faults
        self.limits = limits
        self.network = Network(faults, reserved, limits)
        self.names, self.budget = self.network.names, self.network.budget
        self.evaluator = Evaluator(faults)

    def variables(self, current: int, context: Context) -> Scope:
        """Return what an expression may name here."""
        return ChainMap(sizes_of("in", self.network.shape(current)), context.variables)  # type: ignore[arg-type] # only read

    def look_up(self, reference: Scalar, context: Context) -> int:
        """Return the tensor of an earlier layer that a name means here."""
        name = self.evaluator.text(reference, context)
        if name is None:
            return UNKNOWN
        place = (reference.start, reference.end)
        found = self.names.find(name, context.prefix, context.calls(), place)
        if found != UNKNOWN and not self.network.shape(found):
            shape = show(self.network.shapes[found])
            self.faults.add("E303", f"`{shorten(name)}` has no steps for `each`: its shape is {shape}", place)
            return UNKNOWN
        return found

    def name(self, item: it.Item, base: str, context: Context) -> str:
        """Return the name of an item in this copy: the given one, or the base with a number."""
        scalar = item.modifiers.name
        given = self.evaluator.text(scalar, context) if scalar else None
        if scalar is None or given is None:
            return self.names.automatic(base, context.prefix)
        place = (scalar.start, scalar.end)
        if not NAME.fullmatch(given):
            self.faults.add("E207", f"`{shorten(given)}` is not a name", place, NAME_RULE)
            return self.names.automatic(base, context.prefix)
        number = f"{int(context.variables['index']) + 1}" if item.modifiers.repeat else ""
        name = f"{context.prefix}{given}{number}"
        self.names.take(name, place)
        return name

    def broken(self, item: it.Item, _: int, context: Context) -> int:
        """Leave an unknown tensor behind an item with a fault; its name stays known."""
        if item.modifiers.name and (name := self.evaluator.text(item.modifiers.name, context)):
            self.names.tensors[context.prefix + name] = UNKNOWN
        return UNKNOWN
