"""Items to nodes: blocks, repeats, stage tables and joins are unrolled, every shape is inferred on the way."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from cnnspec.errors import listing, shorten
from cnnspec.ir.graph import Copy
from cnnspec.ir.layer import Layer
from cnnspec.ir.shapes import Shape, compact, show
from cnnspec.ir.values import FAULTY, sizes
from cnnspec.language import items as it
from cnnspec.language import nesting
from cnnspec.language.arguments_reader import ArgumentsReader
from cnnspec.language.budget import BLOCK
from cnnspec.language.expressions import Value
from cnnspec.language.faults import Faults
from cnnspec.language.instances import Instances
from cnnspec.language.names import UNKNOWN
from cnnspec.language.reuse import nest, share
from cnnspec.language.scope import Context, sizes_of
from cnnspec.language.sharing import Stretch
from cnnspec.language.surroundings import Surroundings
from cnnspec.text.limits import Limits
from cnnspec.text.tree import Scalar


class Expansion(Surroundings):
    """The network as far as it is built: nodes, their shapes, and the names by which layers are referred to."""

    def __init__(
        self,
        faults: Faults,
        arguments: ArgumentsReader,
        blocks: Mapping[str, it.Block],
        reserved: Mapping[str, set[str]],
        params: Mapping[str, Value],
        limits: Limits,
        build_other: nesting.Builder,
    ) -> None:
        """Start with an empty network; `params` are the file's, `reserved` the names that it gives."""
        super().__init__(faults, reserved, limits)
        self.instances = Instances(faults, arguments)
        self.blocks = blocks
        self.params = params
        self._stretches: dict[str, Stretch] = {}
        self._handlers: dict[type[it.Item], Callable[[Any, int, Context], int]] = {
            it.Call: self._call,
            it.BlockCall: self._block,
            it.Merge: self._merge,
            it.Group: self._group,
            it.Each: self._each,
            it.Loop: self._loop,
            it.Share: partial(share, self, self._stretches),
            it.Nested: partial(nest, self, build_other),
            it.Broken: self.broken,
        }

    def expand(self, items: list[it.Item], current: int, context: Context) -> int:
        """Append the nodes of items in a row to the network and return the tensor behind them."""
        for item in items:
            self.budget.spend(item.place, names=len(context.variables))
            handler = self._handlers[item.__class__]
            if item.modifiers is it.PLAIN:
                current = handler(item, current, context)
            else:
                current = self._modified(item, current, context, handler)
        return current

    def _modified(self, item: it.Item, current: int, context: Context, handler: Callable[..., int]) -> int:
        modifiers = item.modifiers
        if modifiers.trainable:
            trained = self.evaluator.condition(modifiers.trainable, self.variables(current, context), "trainable")
            context = context._replace(trainable=context.trainable and trained)
        if modifiers.when and not self.evaluator.condition(modifiers.when, self.variables(current, context)):
            return self._leave_out(item, current, context)
        for source in modifiers.source:
            current = self.look_up(source, context)
        if len(modifiers.source) > 1:
            names = listing(f"`{name.text}`" for name in modifiers.source)
            step = "join them first: `concat` or `add` with `from:` beside it"
            self.faults.add("E206", f"this item reads one tensor, not {names}", item.place, step=step)
        total, run = self._copies(modifiers.repeat, current, context), self.budget.steps
        current = current if total else self._leave_out(item, current, context)
        is_constant = (
            item.__class__ is it.Call and modifiers.name is None and not modifiers.look_at_copies(item.arguments)
        )
        for index in range(total):
            inner = context
            if modifiers.repeat:
                self.budget.spend(item.place)
                if not is_constant:
                    inner = context.within(run, index=index, total=total)
            current = handler(self._copy(item, index, total), current, inner)
            if modifiers.expect:
                self._check_expectation(modifiers.expect, current, inner)
        if modifiers.repeat and modifiers.name and total and (name := self.evaluator.text(modifiers.name, context)):
            self.names.tensors.setdefault(context.prefix + name, current)
        return current

    def _leave_out(self, item: it.Item, current: int, context: Context) -> int:
        if item.modifiers.name and (name := self.evaluator.text(item.modifiers.name, context)):
            self.names.left_out.add(context.prefix + name)
        return current

    def _copies(self, repeat: Scalar | None, current: int, context: Context) -> int:
        return (
            1 if repeat is None else self.evaluator.copies(repeat, self.variables(current, context), self.limits.nodes)
        )

    def _copy(self, item: it.Item, index: int, total: int) -> it.Item:
        """Return the item as its copy number `index`, with the arguments of the first and the last copy."""
        if not isinstance(item, it.Call | it.BlockCall):
            return item
        arguments = item.arguments
        for overrides, at in ((item.modifiers.first, 0), (item.modifiers.last, total - 1)):
            if overrides and index == at:
                arguments = it.Arguments(overrides.values, overrides.deferred, arguments, claims=overrides.claims)
        return item if arguments is item.arguments else item._replace(arguments=arguments)

    def _call(self, item: it.Call, current: int, context: Context) -> int:
        layer = self.instances.layer(item, self.network.shape(current), lambda: self.variables(current, context))
        if layer is None:
            return self.broken(item, UNKNOWN, context)
        if layer.followers():
            return self._followed(item, layer, current, context)
        return self.network.add_node(item, layer, (current,), self.name(item, layer.kind, context), context)

    def _followed(self, item: it.Call, layer: Layer, current: int, context: Context) -> int:
        """Append a layer and those that its arguments put behind it as nodes of their own."""
        alone, followers = self.instances.split(layer, lambda: self.variables(current, context))
        first, entry = len(self.network.nodes), current
        name = self.name(item, alone.kind, context)
        given = item.modifiers.name is not None
        behind = self.network.add_node(item, alone, (current,), name, context)
        for follower in followers:
            own = f"{name}_{follower.kind}" if given else self.names.automatic(follower.kind, context.prefix)
            if given:
                self.names.take(own, item.place)
            behind = self.network.add_node(item, follower, (behind,), own, context)
        self.names.tensors[name] = behind if given else self.names.tensors.get(name, behind)
        if given:
            self._stretches[name] = Stretch(first, len(self.network.nodes), entry)
        return behind

    def _merge(self, item: it.Merge, current: int, context: Context) -> int:
        ends = [self._branch(branch, current, context) for branch in item.branches]
        if item.if_same_shape and UNKNOWN not in ends and len({self.network.shapes[end] for end in ends}) > 1:
            if item.modifiers.name:
                self.names.tensors[self.name(item, item.cls.kind, context)] = ends[0]
            return ends[0]
        layer: Layer | None = item.cls() if item.arguments is None else None
        if item.arguments is not None:
            call = it.Call(item.place, item.modifiers, item.cls, item.arguments, None)
            shape = self.network.shape(ends[0])
            layer = self.instances.layer(call, shape, lambda: self.variables(current, context))
        if layer is None:
            return self.broken(item, UNKNOWN, context)
        return self.network.add_node(item, layer, tuple(ends), self.name(item, layer.kind, context), context)

    def _branch(self, branch: it.Branch, current: int, context: Context) -> int:
        if branch.reference:
            return self.look_up(branch.reference, context)
        inner = context.within(**sizes_of("branch", self.network.shape(current)))
        return self.expand(branch.items, current, inner)

    def _group(self, item: it.Group, current: int, context: Context) -> int:
        current = self.expand(item.items, current, context.within())
        if item.modifiers.name:
            self.names.tensors[self.name(item, "seq", context)] = current
        return current

    def _each(self, item: it.Each, current: int, context: Context) -> int:
        shape = self.network.shape(current)
        if shape is not None and len(shape) < 2 and not (item.items and it.says_what_it_reads(item.items[0])):
            message = f"`each` works on a sequence of steps; its input is {show(shape)}"
            step = "`repeat_vector: 10` repeats a vector, `reshape` makes steps of what is there"
            self.faults.add("E303", message, item.place, step=step)
            return self.broken(item, UNKNOWN, context)
        self.network.steps += 1
        current = self.expand(item.items, current, context.within())
        self.network.steps -= 1
        if item.modifiers.name:
            self.names.tensors[self.name(item, "each", context)] = current
        return current

    def _loop(self, item: it.Loop, current: int, context: Context) -> int:
        for place, row in item.rows:
            self.budget.spend(place, names=len(row))
            scope = self.variables(current, context)
            values = [self.evaluator.value(scalar, scope) for scalar in row]
            if any(value is FAULTY for value in values):
                return UNKNOWN
            current = self.expand(item.items, current, context.within(**dict(zip(item.names, values, strict=True))))
        return current

    def _block(self, item: it.BlockCall, current: int, context: Context) -> int:
        if item.block in context.calls():
            chain = " → ".join((*context.calls(), item.block))
            self.faults.add("E204", f"block `{item.block}` calls itself", item.place, chain)
            return UNKNOWN
        if len(context.scope) >= self.limits.depth:
            message = f"blocks are nested more than {self.limits.depth} levels deep"
            step = f"allow it with `--limit depth={2 * self.limits.depth}`"
            self.faults.add("E110", message, item.place, step=step)
            return UNKNOWN
        self.budget.spend(item.place, BLOCK, names=len(self.params) + len(self.blocks[item.block].params))
        copy = self.name(item, item.block, context)
        params = self.instances.parameters(
            item,
            self.blocks[item.block],
            lambda: self.variables(current, context),
        )
        if params is None:
            return self.broken(item, UNKNOWN, context)
        made = Copy(item.block, copy, context.run or self.budget.steps, item.place)
        inner = Context(
            prefix=f"{copy}.",
            scope=(*context.scope, made),
            variables=self._block_variables(context, params, self.network.shape(current)),
            sites=(*context.sites, item.place),
            trainable=context.trainable,
        )
        first, entry = len(self.network.nodes), current
        outside, self.faults.trail = self.faults.trail, lambda: inner.trail(self.faults.source)
        current = self.expand(self.blocks[item.block].items, current, inner)
        self.faults.trail = outside
        self.names.tensors[copy] = current
        self._stretches[copy] = Stretch(first, len(self.network.nodes), entry, made)
        return current

    def _block_variables(self, context: Context, params: dict[str, Value], shape: Shape | None) -> dict[str, Value]:
        """Return what a block's items may name: the file's and its own parameters, and which copy it is."""
        copy = {name: context.variables[name] for name in ("index", "total") if name in context.variables}
        return {**self.params, **copy, **params, **sizes_of("block", shape)}

    def _check_expectation(self, scalar: Scalar, current: int, context: Context) -> None:
        shape = self.network.shape(current)
        if shape is None:
            return
        value = self.evaluator.value(scalar, self.variables(current, context))
        if value is FAULTY:
            return
        place = (scalar.start, scalar.end)
        try:
            expected = sizes(str(value))
        except ValueError:
            plain = re.sub(r"(?<=\d) *[*×X,;] *(?=\d)", "x", str(value)[:100])
            step = f"did you mean `{plain}`?" if re.fullmatch(r"[1-9]\d*(x[1-9]\d*)*", plain) else ""
            message = f"`expect` must be a shape such as `28x28x8`, not `{shorten(value)}`"
            self.faults.add("E105", message, place, step=step)
            return
        if expected != shape:
            message = f"expected {compact(expected)}, but the shape here is {compact(shape)}"
            self.faults.add("E304", message, place)
