"""Arguments with their variables put in: layers of a kind, and the parameters of a block's copy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from cnnspec.errors import listing, shorten
from cnnspec.ir.layer import RANK_WORDS, Layer
from cnnspec.ir.shapes import Shape, compact, show, without_batch
from cnnspec.ir.values import FAULTY, Raw, untyped
from cnnspec.ir.words import Found
from cnnspec.language import claims, tokens
from cnnspec.language import items as it
from cnnspec.language.arguments_reader import ArgumentsReader
from cnnspec.language.expressions import ExpressionError, Scope, substitute, to_text
from cnnspec.language.faults import Faults
from cnnspec.text.tree import Scalar

Variables = Callable[[], Scope]


class Instances:
    """Makes layers from arguments; equal arguments without variables make one layer, once."""

    def __init__(self, faults: Faults, arguments: ArgumentsReader) -> None:
        """Keep where faults go, and the file's defaults."""
        self.faults = faults
        self.arguments = arguments

    def layer(self, item: it.Call, shape: Shape | None, variables: Variables) -> Layer | None:
        """Return the layer of an item for input of a shape, None where it has a fault or the shape is unknown."""
        rank = len(shape) - 1 - item.cls.leads if shape is not None else -1
        arguments = item.arguments
        if arguments.claims and shape is not None:
            claims.check(self.faults, item, shape, variables)
        if (known := arguments.layers.get(rank)) and item.rank in (None, rank):
            return known
        values = self._resolved(item.cls, arguments, variables, complain=shape is not None)
        if values is None or not self._complete(item, values) or shape is None:
            return None
        if item.rank not in (None, rank):
            wanted = f"{'steps of ' * item.cls.leads}{RANK_WORDS[item.rank or 0]}"
            message = f"this name of `{item.cls.kind}` is for {wanted}; its input is {show(shape)}"
            self.faults.add("E303", message, item.place, step=_other_rank(item, shape))
            return None
        layer = self._bound(item, values, shape)
        if layer is not None:
            layer = shared(layer)
        if layer is not None and not arguments.waits:
            arguments.layers[rank] = layer
        return layer

    def _resolved(
        self, cls: type[Layer], arguments: it.Arguments, variables: Variables, *, complain: bool
    ) -> dict[str, Any] | None:
        """Return the values of all arguments, with expressions evaluated; None where there is a fault."""
        if not arguments.waits:
            return arguments.values
        base: dict[str, Any] | None = {}
        if arguments.base is not None:
            base = self._resolved(cls, arguments.base, variables, complain=complain)
        values, given, scope = dict(arguments.values), {*arguments.own}, variables()
        for wait in arguments.deferred:
            for field, raw in self._evaluated(cls, wait, scope, complain=complain):
                if field in given:
                    name = field.rstrip("_")
                    label = "second value" if wait.name else f"`{shorten(raw)}` means `{name}` too"
                    self.faults.add("E106", f"`{name}` is given twice", wait.place, label=label)
                    return None
                value = self.arguments.typed(cls, field, raw, wait.place) if raw is not FAULTY else FAULTY
                if value is FAULTY:
                    return None
                given.add(field)
                values[field] = value
        return None if base is None else base | values

    def _evaluated(self, cls: type[Layer], wait: it.Deferred, scope: Scope, *, complain: bool) -> list[tuple[str, Raw]]:
        try:
            raw = _substituted(wait.raw, scope)
            if wait.name is not None:
                return [(wait.name, wait.back(raw) if wait.back else raw)]
            return list(tokens.claim(cls, to_text(raw)))
        except ExpressionError as error:
            if complain or not error.asks_for_sizes:
                self.faults.add(error.code, error.message, wait.place, step=error.step)
        except tokens.TokenError as error:
            self.faults.add("E103", error.message, wait.place, error.note, step=error.step)
        except ValueError:
            return [(wait.name or "", str(wait.raw))]
        return [("", FAULTY)]

    def _complete(self, item: it.Call, values: dict[str, Any]) -> bool:
        missing = [name for name, field in item.cls.fields.items() if field.required and name not in values]
        if missing:
            names = listing(f"`{name.rstrip('_')}`" for name in missing)
            step = _with_first(item.cls, missing, values) or f"see `cnnspec kinds {item.cls.kind}`"
            self.faults.add("E107", f"`{item.cls.kind}` needs {names}", item.place, tokens.takes(item.cls), step=step)
        return not missing

    def _bound(self, item: it.Call, values: dict[str, Any], shape: Shape) -> Layer | None:
        """Return the layer with its values fitted to the number of spatial axes."""
        cls, bound, rank = item.cls, {}, len(shape) - 1 - item.cls.leads
        if rank not in cls.ranks:
            return cls(**values)
        for name, value in values.items():
            try:
                bound[name] = value if value is None else cls.fields[name].type.bind(value, rank)
            except ValueError:
                shown = cls.fields[name].type.write(value)
                axes = "1 axis" if rank == 1 else f"{rank} axes"
                message = f"`{name}` of `{cls.kind}` has {len(value)} numbers for {axes}: `{shown}`"
                note = f"its input {show(shape)} is read as {RANK_WORDS.get(rank, 'of another kind')}"
                step = "write `kernel=3` for a sequence; or does the input lack its channels?" if rank == 1 else ""
                if rank == 1 and len(value) == 2 and shape[0] == shape[1]:
                    step = f"an image has channels: `input: {compact((*shape, 1))}`"
                if rank == 3 and len(value) == 2:
                    step = f"{without_batch(shape)}, if its input is meant to be an image"
                self.faults.add("E303", message, item.place, note, step=step)
                return None
        for name, field in cls.fields.items():
            if name not in bound and not field.required:
                value = field.default_for(bound)
                bound[name] = value if value is None else field.type.bind(value, rank)
        return cls(**bound)

    def split(self, layer: Layer, variables: Variables) -> tuple[Layer, list[Layer]]:
        """Return a layer alone, and the layers that its arguments put behind it, as the file's defaults make them."""
        behind = [self._plain(cls, variables) for cls in layer.followers()]
        return _alone(layer), [follower for follower in behind if follower is not None]

    def _plain(self, cls: type[Layer], variables: Variables) -> Layer | None:
        """Return the layer of a kind without arguments of its own: the file's defaults hold."""
        arguments = self.arguments.of_kind(Found(cls), None)
        if 0 not in arguments.layers or arguments.waits:
            values = self._resolved(cls, arguments, variables, complain=True)
            if values is None:
                return None
            arguments.layers[0] = shared(cls(**values))
        return arguments.layers[0]

    def parameters(self, item: it.BlockCall, block: it.Block, variables: Variables) -> dict[str, Any] | None:
        """Return the parameters of one copy of a block: what is given, over the defaults."""
        scope = variables()
        values: dict[str, Any] = {}
        for wait in _all_deferred(item.arguments):
            values[wait.name or ""] = self._untyped(wait.raw, scope, wait.place)
        missing = [name for name, default in block.params.items() if default is None and name not in values]
        if missing:
            names = listing(f"`{name}`" for name in missing)
            self.faults.add("E107", f"block `{item.block}` needs {names}", item.place)
            return None
        known = {**scope, **values}
        for name, default in block.params.items():
            if name not in values and isinstance(default, Scalar):
                known[name] = values[name] = self._untyped(default.text, known, (default.start, default.end))
        return None if any(value is FAULTY for value in values.values()) else values

    def _untyped(self, raw: Raw, scope: Scope, place: it.Place) -> Any:
        try:
            value = _substituted(raw, scope)
        except ExpressionError as error:
            self.faults.add(error.code, error.message, place, step=error.step)
            return FAULTY
        if isinstance(value, list):
            self.faults.add("E112", "a parameter of a block is one value, not a list", place)
            return FAULTY
        return untyped(value) if isinstance(value, str) else value


@lru_cache(maxsize=65536)
def shared(layer: Layer) -> Layer:
    """Return the one layer that stands for all equal ones, so that looking up what it costs is quick."""
    return layer


@lru_cache(maxsize=65536)
def _alone(layer: Layer) -> Layer:
    """Return the one layer that a layer is without its followers."""
    return shared(layer.alone())


def _other_rank(item: it.Call, shape: Shape) -> str:
    """Return the step that helps where a framework's class is for input of another number of axes."""
    if len(shape) - 2 == item.rank and len(shape) == 4:
        return f"{without_batch(shape)}, if its input is meant to be an image"
    if len(shape) == item.rank and len(shape) > 1:
        return f"add the channels to the input, such as `{compact((*shape, 1))}`, or write `{item.cls.kind}`"
    if len(shape) == 1:
        return "put a `reshape` before it, or move it before the `flatten`"
    return f"write `{item.cls.kind}`, which fits any input"


def _all_deferred(arguments: it.Arguments) -> tuple[it.Deferred, ...]:
    """Return what waits in arguments, that of the base first."""
    return (*_all_deferred(arguments.base), *arguments.deferred) if arguments.base else arguments.deferred


def _substituted(raw: Raw, scope: Scope) -> Raw:
    if isinstance(raw, list):
        return [_substituted(part, scope) for part in raw]
    return substitute(raw, scope) if isinstance(raw, str) else raw


def _with_first(cls: type[Layer], missing: list[str], values: Mapping[str, Any]) -> str:
    """Return the step where what is missing was written as the first size of a window: `16x3x3`."""
    window = next((name for name, value in values.items() if isinstance(value, tuple) and len(value) == 3), None)
    if len(missing) != 1 or window is None or window not in cls.fields or "stride" not in cls.fields:
        return ""
    first, *rest = values[window]
    try:
        return f"write `- {cls.kind}: {tokens.write(cls, {**values, missing[0]: first, window: tuple(rest)})}`"
    except (TypeError, ValueError):
        return ""
