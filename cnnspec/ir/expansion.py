"""Items to nodes: blocks, repeats, stage tables and joins are unrolled, every shape is inferred on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from cnnspec.errors import listing, shorten, suggest
from cnnspec.ir import items as it
from cnnspec.ir.arguments import Flag
from cnnspec.ir.arguments_reader import FAULTY, ArgumentsReader, untyped
from cnnspec.ir.expressions import ExpressionError, Scope, Value, substitute, to_text
from cnnspec.ir.faults import Faults
from cnnspec.ir.graph import Copy, Node
from cnnspec.ir.instances import Instances
from cnnspec.ir.names import NAME, NAME_RULE
from cnnspec.ir.layer import KINDS, Layer, LayerError
from cnnspec.ir.shapes import Shape, compact, show, size_of, tensor
from cnnspec.spec.limits import LARGEST, Limits
from cnnspec.spec.tree import Scalar

FLAG: Final = Flag()
UNKNOWN: Final = -1
"""The tensor behind a layer that has a fault: what follows is not checked against it."""


class Context(NamedTuple):
    """Where an item is expanded: names in front of its own, variables, and the shapes that expressions may ask for."""

    prefix: str = ""
    scope: tuple[Copy, ...] = ()
    variables: Mapping[str, Value] = MappingProxyType({})
    calls: tuple[str, ...] = ()
    sites: tuple[it.Place, ...] = ()
    run: int = 0


@lru_cache(maxsize=65536)
def infer(layer: Layer, shapes: tuple[Shape, ...]) -> Shape:
    """Return the output shape of a layer; raise LayerError where it cannot take its inputs."""
    x = tensor(shapes[0], others=shapes[1:])
    shape = tuple([dim.value for dim in layer.shape(x)])
    if size_of(shape) > LARGEST:
        raise LayerError("E308", f"the output {show(shape)} of `{layer.kind}` has more than 10^12 elements")
    return shape


class Expansion:
    """The network as far as it is built: nodes, their shapes, and the names by which layers are referred to."""

    def __init__(
        self,
        faults: Faults,
        arguments: ArgumentsReader,
        blocks: Mapping[str, it.Block],
        reserved: set[str],
        params: Mapping[str, Value],
        limits: Limits,
    ) -> None:
        """Start with an empty network; `params` are the file's, `reserved` the names that it gives."""
        self.faults = faults
        self.instances = Instances(faults, arguments)
        self.blocks = blocks
        self.params = params
        self.limits = limits
        self.nodes: list[Node] = []
        self.names: list[str] = []
        self.shapes: list[Shape] = []
        self.places: list[it.Place] = []
        self.labels: dict[str, int] = {}
        self._reserved = reserved
        self._taken: dict[str, it.Place] = {}
        self._counts: dict[str, int] = {}
        self._steps = 0
        self._handlers: dict[type[it.Item], Callable[[Any, int, Context], int]] = {
            it.Call: self._call,
            it.BlockCall: self._block,
            it.Merge: self._merge,
            it.Group: self._group,
            it.Loop: self._loop,
            it.Broken: self._broken,
        }

    def add_input(self, name: str, shape: Shape, place: it.Place) -> int:
        """Add an input of the network."""
        self._taken[name] = place
        return self._add_tensor(name, shape, place)

    def expand(self, items: list[it.Item], current: int, context: Context) -> int:
        """Append the nodes of items in a row to the network and return the tensor behind them."""
        for item in items:
            self._count_step(item.place)
            handler = self._handlers[item.__class__]
            if item.modifiers is it.PLAIN:
                current = handler(item, current, context)
            else:
                current = self._modified(item, current, context, handler)
        return current

    def _modified(self, item: it.Item, current: int, context: Context, handler: Callable[..., int]) -> int:
        modifiers = item.modifiers
        if modifiers.when and not self._condition(modifiers.when, current, context):
            return current
        for name in modifiers.source:
            current = self.look_up(name, context)
        if len(modifiers.source) > 1:
            names = listing(f"`{name.text}`" for name in modifiers.source)
            step = "join them first: `concat` or `add` with `from:` beside it"
            self.faults.add("E206", f"this item reads one tensor, not {names}", item.place, step=step)
        total, run = self._repeats(modifiers.repeat, current, context), self._steps
        is_constant = item.__class__ is it.Call and modifiers.name is None and not _asks_for_variables(item, modifiers)
        for index in range(total):
            inner = context
            if modifiers.repeat:
                self._count_step(item.place)
                if not is_constant:
                    inner = context._replace(variables={**context.variables, "index": index, "total": total}, run=run)
            current = handler(self._copy(item, index, total), current, inner)
            if modifiers.expect:
                self._check_expectation(modifiers.expect, current, inner)
        return current

    def _copy(self, item: it.Item, index: int, total: int) -> it.Item:
        """Return the item as its copy number `index`, with the arguments of the first and the last copy."""
        if not isinstance(item, it.Call | it.BlockCall):
            return item
        arguments = item.arguments
        for overrides, at in ((item.modifiers.first, 0), (item.modifiers.last, total - 1)):
            if overrides and index == at:
                kept = tuple(wait for wait in arguments.deferred if wait.name is None or wait.name not in overrides.values)
                again = tuple(wait._replace(overrides=True) for wait in overrides.deferred)
                arguments = it.Arguments(arguments.values | overrides.values, kept + again)
        return item if arguments is item.arguments else item._replace(arguments=arguments)

    def _call(self, item: it.Call, current: int, context: Context) -> int:
        layer = self.instances.layer(item, self.shape(current), lambda: self.variables(current, context))
        if layer is None:
            return self._forget(item, context)
        if "bn" in item.cls.fields and layer.bn:  # type: ignore[attr-defined] # looked up in the fields
            return self._normalized(item, layer, current, context)
        return self._append(item, layer, (current,), self._name(item, layer.kind, context), context)

    def _normalized(self, item: it.Call, layer: Layer, current: int, context: Context) -> int:
        """Append a layer, its batch norm and its activation as three nodes."""
        alone, norm, activation = self.instances.split(layer)
        name = self._name(item, alone.kind, context)
        given = item.modifiers.name is not None
        behind = self._append(item, alone, (current,), name, context)
        for follower in (norm, activation):
            if follower is not None:
                own = f"{name}_{follower.kind}" if given else self._auto_name(follower.kind, context)
                self._take(own, item.place)
                behind = self._append(item, follower, (behind,), own, context)
        self.labels[name] = behind if given else self.labels.get(name, behind)
        return behind

    def _append(
        self, item: it.Item, layer: Layer, inputs: tuple[int, ...], name: str, context: Context
    ) -> int:
        shapes = tuple([self.shapes[index] for index in inputs]) if UNKNOWN not in inputs else None
        shape = self._inferred(item, layer, shapes, inputs, context) if shapes else None
        if shape is None or shapes is None:
            self.labels[name] = UNKNOWN
            return UNKNOWN
        if len(self.nodes) >= self.limits.nodes:
            self._too_many(item.place)
        note = item.modifiers.note.text if item.modifiers.note else ""
        names = tuple([self.names[index] for index in inputs])
        self.nodes.append(Node(name, layer, names, shapes, shape, item.place[0], context.scope, note))
        return self._add_tensor(name, shape, item.place)

    def _add_tensor(self, name: str, shape: Shape, place: it.Place) -> int:
        index = len(self.names)
        self.names.append(name)
        self.shapes.append(shape)
        self.places.append(place)
        self.labels[name] = index
        return index

    def _inferred(
        self, item: it.Item, layer: Layer, shapes: tuple[Shape, ...], inputs: tuple[int, ...], context: Context
    ) -> Shape | None:
        try:
            return infer(layer, shapes)
        except LayerError as error:
            related = tuple(
                (self.places[index], f"{show(shape)} comes from `{self.names[index]}`")
                for index, shape in zip(inputs, shapes, strict=True)
                if len(inputs) > 1
            )
            notes = (*error.notes, *self.chain(context))
            self.faults.add(error.code, error.message, item.place, *notes, step=error.step, related=related)
            return None

    def _merge(self, item: it.Merge, current: int, context: Context) -> int:
        ends = [self._branch(branch, current, context) for branch in item.branches]
        if item.if_same_shape and UNKNOWN not in ends and len({self.shapes[end] for end in ends}) > 1:
            return ends[0]
        layer = item.cls()
        return self._append(item, layer, tuple(ends), self._name(item, layer.kind, context), context)

    def _branch(self, branch: it.Branch, current: int, context: Context) -> int:
        if branch.reference:
            return self.look_up(branch.reference, context)
        inner = context._replace(variables={**context.variables, **_sizes("branch", self.shape(current))}, run=0)
        return self.expand(branch.items, current, inner)

    def _group(self, item: it.Group, current: int, context: Context) -> int:
        current = self.expand(item.items, current, context._replace(run=0))
        if item.modifiers.name:
            self.labels[self._name(item, "seq", context)] = current
        return current

    def _loop(self, item: it.Loop, current: int, context: Context) -> int:
        for place, row in item.rows:
            self._count_step(place)
            values = [self._value(scalar, current, context) for scalar in row]
            if any(value is FAULTY for value in values):
                return UNKNOWN
            variables = {**context.variables, **dict(zip(item.names, values, strict=True))}
            current = self.expand(item.items, current, context._replace(variables=variables, run=0))
        return current

    def _block(self, item: it.BlockCall, current: int, context: Context) -> int:
        if item.block in context.calls:
            chain = " → ".join((*context.calls, item.block))
            self.faults.add("E204", f"block `{item.block}` calls itself", item.place, chain)
            return UNKNOWN
        copy = self._name(item, item.block, context)
        params = self.instances.parameters(
            item, self.blocks[item.block], lambda: self.variables(current, context), self.chain(context)
        )
        if params is None:
            return self._forget(item, context)
        inner = Context(
            prefix=f"{copy}.",
            scope=(*context.scope, Copy(item.block, copy, context.run or self._steps)),
            variables=self._block_variables(context, params, self.shape(current)),
            calls=(*context.calls, item.block),
            sites=(*context.sites, item.place),
        )
        current = self.expand(self.blocks[item.block].items, current, inner)
        self.labels[copy] = current
        return current

    def _block_variables(self, context: Context, params: dict[str, Value], shape: Shape | None) -> dict[str, Value]:
        """Return what a block's items may name: the file's and its own parameters, and which copy it is."""
        copy = {name: context.variables[name] for name in ("index", "total") if name in context.variables}
        return {**self.params, **copy, **params, **_sizes("block", shape)}

    def _broken(self, item: it.Broken, _: int, context: Context) -> int:
        return self._forget(item, context)

    def _forget(self, item: it.Item, context: Context) -> int:
        """Leave an unknown tensor behind an item with a fault; its name stays known."""
        if item.modifiers.name and (name := self._text(item.modifiers.name, context)):
            self.labels[context.prefix + name] = UNKNOWN
        return UNKNOWN

    def shape(self, index: int) -> Shape | None:
        """Return a tensor's shape, None where it is unknown."""
        return None if index == UNKNOWN else self.shapes[index]

    def variables(self, current: int, context: Context) -> Scope:
        """Return what an expression may name here."""
        return {**context.variables, **_sizes("in", self.shape(current))}

    def chain(self, context: Context) -> tuple[str, ...]:
        """Return the calls of blocks that lead here, innermost first, with their lines."""
        calls = zip(reversed(context.scope), reversed(context.sites), strict=True)
        places = ((copy, self.faults.source.position(site[0])) for copy, site in calls)
        name = self.faults.source.name
        return tuple(f"in block `{copy.block}`, called at {name}:{line}:{column}" for copy, (line, column) in places)

    def look_up(self, reference: Scalar, context: Context) -> int:
        """Return the tensor of an earlier layer, looked for in this block's copy and then outwards."""
        prefix, name = context.prefix, self._text(reference, context)
        if name is None:
            return UNKNOWN
        while True:
            found = self.labels.get(prefix + name)
            if found is not None:
                return found
            if not prefix:
                return self._unknown_name(reference, name, context)
            prefix = prefix[: prefix[:-1].rfind(".") + 1]

    def _text(self, scalar: Scalar, context: Context) -> str | None:
        """Return a name with its expressions evaluated, None where they have a fault."""
        if "$" not in scalar.text:
            return scalar.text
        try:
            return to_text(substitute(scalar.text, context.variables))
        except ExpressionError as error:
            place = (scalar.start, scalar.end)
            self.faults.add(error.code, error.message, place, *self.chain(context), step=error.step)
            return None

    def _unknown_name(self, reference: Scalar, text: str, context: Context) -> int:
        place = (reference.start, reference.end)
        if text in self._reserved:
            note = "a layer reads only layers above it, so that the network has no cycle"
            self.faults.add("E203", f"`{shorten(text)}` comes later", place, note)
            return UNKNOWN
        names = [name.removeprefix(context.prefix) for name in self.labels]
        note = f"layers above: {listing(names[-12:])}"
        step = suggest(text, names)
        if text in KINDS and not step:
            step = f"a branch of one layer is written `[{text}]`"
        self.faults.add("E201", f"no layer is named `{shorten(text)}`", place, note, step=step)
        return UNKNOWN

    def _name(self, item: it.Item, base: str, context: Context) -> str:
        """Return the name of an item in this copy: the given one, or the base with a number."""
        scalar = item.modifiers.name
        given = self._text(scalar, context) if scalar else None
        if scalar is None or given is None:
            return self._auto_name(base, context)
        place = (scalar.start, scalar.end)
        if not NAME.fullmatch(given):
            self.faults.add("E207", f"`{shorten(given)}` is not a name", place, NAME_RULE)
            return self._auto_name(base, context)
        number = f"{context.variables['index'] + 1}" if item.modifiers.repeat else ""  # type: ignore[operator] # an int, set by _modified
        name = f"{context.prefix}{given}{number}"
        self._take(name, place)
        return name

    def _auto_name(self, base: str, context: Context) -> str:
        """Return the base with the next number that is free in this copy."""
        key = context.prefix + base
        number = self._counts.get(key, 0) + 1
        while f"{base}{number}" in self._reserved:
            number += 1
        self._counts[key] = number
        return f"{key}{number}"

    def _take(self, name: str, place: it.Place) -> None:
        """Reserve a name, which only one node may have."""
        first = self._taken.get(name)
        self._taken[name] = place
        if first == place:
            step = "number it with a variable, as in `name: level${index}`, or leave the name out"
            self.faults.add("E202", f"the name `{shorten(name)}` is used in every copy", place, step=step)
        elif first is not None:
            related = ((first, "first given here"),)
            self.faults.add("E202", f"the name `{shorten(name)}` is used twice", place, related=related)

    def _value(self, scalar: Scalar, current: int, context: Context) -> Any:
        """Return a value that has no declared type, its expressions evaluated, or FAULTY."""
        if "$" not in scalar.text:
            return untyped(scalar.text)
        try:
            value = substitute(scalar.text, self.variables(current, context))
        except ExpressionError as error:
            if current != UNKNOWN or not error.message.startswith("unknown variable `in."):
                place = (scalar.start, scalar.end)
                self.faults.add(error.code, error.message, place, *self.chain(context), step=error.step)
            return FAULTY
        return untyped(value) if isinstance(value, str) else value

    def _condition(self, scalar: Scalar, current: int, context: Context) -> bool:
        value = self._value(scalar, current, context)
        if value is FAULTY:
            return False
        try:
            return bool(value) if isinstance(value, int | float) else FLAG.read(value)
        except ValueError:
            place = (scalar.start, scalar.end)
            self.faults.add("E105", f"`when` must be {FLAG.accepts}, not `{shorten(value)}`", place)
            return False

    def _repeats(self, scalar: Scalar | None, current: int, context: Context) -> int:
        value = 1 if scalar is None else self._value(scalar, current, context)
        if value is FAULTY:
            return 0
        whole = isinstance(value, int | float) and not isinstance(value, bool) and value == int(value)
        if not whole or not 0 <= value <= self.limits.nodes:
            place = (scalar.start, scalar.end) if scalar else None
            message = f"`repeat` must be an integer from 0 to {self.limits.nodes:,}, not `{shorten(value)}`"
            self.faults.add("E105", message, place)
            return 0
        return int(value)

    def _check_expectation(self, scalar: Scalar, current: int, context: Context) -> None:
        shape = self.shape(current)
        if shape is None:
            return
        value = self._value(scalar, current, context)
        text = str(value).replace("×", "x").replace(" ", "")
        if value is not FAULTY and text != compact(shape):
            message = f"expected {shorten(text)}, but the shape here is {compact(shape)}"
            self.faults.add("E304", message, (scalar.start, scalar.end), *self.chain(context))

    def _count_step(self, place: it.Place) -> None:
        self._steps += 1
        if self._steps > 2 * self.limits.nodes + 1000:
            self._too_many(place)

    def _too_many(self, place: it.Place) -> None:
        message = f"the network expands to more than {self.limits.nodes:,} layers"
        step = f"allow it with `--limit nodes={self.limits.nodes * 10}`"
        self.faults.add("E110", message, place, step=step)
        raise self.faults.error()


def _asks_for_variables(item: it.Call, modifiers: it.Modifiers) -> bool:
    """Tell whether a copy of a kind looks at the number of the copy."""
    overrides = [part for part in (modifiers.first, modifiers.last) if part]
    return bool(modifiers.expect) or any(part.deferred for part in (item.arguments, *overrides))


def _sizes(name: str, shape: Shape | None) -> dict[str, Value]:
    """Return the variables `in.h`, `in.w`, `in.c` of a shape."""
    if shape is None:
        return {}
    axes = {1: "c", 2: "lc", 3: "hwc", 4: "dhwc"}.get(len(shape), "")
    return {f"{name}.{axis}": size for axis, size in zip(axes, shape, strict=False)}
