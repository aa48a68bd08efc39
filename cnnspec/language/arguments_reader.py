"""The arguments of items: tokens or a mapping, typed by the kind's schema as far as no expression is in the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from cnnspec.errors import listing, shorten, suggest
from cnnspec.ir.layer import KINDS, Layer
from cnnspec.ir.values import FAULTY, Raw, has_expression
from cnnspec.language import tokens
from cnnspec.language.faults import Faults, place_of
from cnnspec.language.items import Arguments, Block, Deferred, Place
from cnnspec.text import tree as yaml
from cnnspec.text.tree import Scalar, Sequence, Tree, describe

NULLS: Final = ("null", "None", "~")
Given = tuple[str | None, Raw, Place]
"""A field (None for a token that an expression leaves open), its raw value, and its place."""


class ArgumentsReader:
    """Reads arguments, each distinct text once; `defaults` are the file's arguments per kind."""

    def __init__(self, faults: Faults, defaults: Mapping[str, Tree]) -> None:
        """Read the defaults at once: they stand behind the arguments of every item of their kind."""
        self.faults = faults
        self._known: dict[tuple[type[Layer], str], Arguments] = {}
        self._default_trees = defaults
        self._defaults: dict[type[Layer], Arguments] = {}
        for name in defaults:
            self.defaults_of(KINDS[name])

    def of_kind(self, cls: type[Layer], tree: Tree | None, *, defaults: bool = True) -> Arguments:
        """Return the arguments that a tree gives to a kind, over the file's defaults."""
        text = self._text(tree) if defaults else None
        if text is not None and (known := self._known.get((cls, text))):
            return known
        before = len(self.faults.diagnostics)
        own = self._typed(cls, self._given(cls, tree))
        result = self._over_defaults(cls, own) if defaults else own
        if len(self.faults.diagnostics) > before:
            result.faulty = True
        elif text is not None and "$" not in text:
            self._known[cls, text] = result
        return result

    def _text(self, tree: Tree | None) -> str | None:
        """Return the text that decides what arguments mean; a list of several lines is not worth remembering."""
        if isinstance(tree, Scalar):
            return tree.text
        if tree is None:
            return ""
        return self.faults.source.text[tree.start : tree.end] if tree.flow else None

    def defaults_of(self, cls: type[Layer]) -> Arguments:
        """Return the file's defaults for a kind."""
        if cls not in self._defaults:
            tree = self._default_trees.get(cls.kind)
            given = self._given(cls, tree) if tree is not None else ()
            self._defaults[cls] = self._typed(cls, given)
        return self._defaults[cls]

    def of_block(self, block: Block, tree: Tree | None) -> Arguments:
        """Return the arguments of a block: all wait until the block is expanded, for they have no type."""
        before = len(self.faults.diagnostics)
        given = list(self._block_given(block, tree))
        self._refuse_twice(given)
        waiting = tuple(Deferred(name, raw, place) for name, raw, place in given)
        return Arguments({}, waiting, faulty=len(self.faults.diagnostics) > before)

    def _over_defaults(self, cls: type[Layer], own: Arguments) -> Arguments:
        defaults = self.defaults_of(cls)
        return Arguments(own.values, own.deferred, defaults) if defaults.values or defaults.waits else own

    def _given(self, cls: type[Layer], tree: Tree | None) -> Iterator[Given]:
        if isinstance(tree, Scalar):
            yield from self._tokens(cls, tree)
        elif isinstance(tree, Sequence):
            field = next(iter(cls.fields), None)
            if field is None:
                self.faults.add("E103", f"`{cls.kind}` takes no arguments", place_of(tree))
            else:
                yield field, self.raw(tree), place_of(tree)
        elif tree is not None:
            for key, value in tree.entries:
                try:
                    yield tokens.argument_field(cls, key.text), self.raw(value), place_of(value)
                except tokens.TokenError as error:
                    label = f"not an argument of `{cls.kind}`"
                    message = error.message.replace(key.text, shorten(key.text))
                    self.faults.add("E103", message, place_of(key), error.note, label=label, step=error.step)

    def _tokens(self, cls: type[Layer], scalar: Scalar) -> Iterator[Given]:
        offset = self._offset(scalar)
        for piece in tokens.split(scalar.text):
            place = _place(scalar, piece, offset)
            if "$" in piece.text and not tokens.is_named(piece.text):
                yield None, piece.text, place
                continue
            try:
                for field, raw in tokens.claim(cls, piece.text):
                    yield field, raw, place
            except tokens.TokenError as error:
                key = tokens.partition(piece.text)[0]
                message = error.message.replace(piece.text, shorten(piece.text)).replace(key, shorten(key))
                self.faults.add("E103", message, place, error.note, step=error.step)

    def _typed(self, cls: type[Layer], given_iterator: Iterator[Given] | tuple[Given, ...]) -> Arguments:
        given = list(given_iterator)
        self._refuse_twice(given, cls)
        values: dict[str, Any] = {}
        deferred: list[Deferred] = []
        for field, raw, place in given:
            if field is None or has_expression(raw):
                deferred.append(Deferred(field, raw, place))
                continue
            value = self.typed(cls, field, raw, place)
            if value is not FAULTY:
                values[field] = value
        return Arguments(values, tuple(deferred))

    def typed(self, cls: type[Layer], field: str, raw: Raw, place: Place) -> Any:
        """Return a raw value as its field's type reads it, or FAULTY with the fault reported.

        `null` is what is not given, where that is no value.
        """
        if cls.fields[field].default is None and raw in NULLS:
            return None
        try:
            return cls.fields[field].type.read(raw)
        except (ValueError, RecursionError):
            self._refuse_value(cls, field, shorten(" ".join(str(raw).replace("'", "").split())), place)
            return FAULTY

    def _refuse_value(self, cls: type[Layer], field: str, shown: str, place: Place) -> None:
        argument, name = cls.fields[field].type, field.rstrip("_")
        if len(argument.accepts) < 60:
            self.faults.add("E105", f"`{name}` of `{cls.kind}` must be {argument.accepts}, not `{shown}`", place)
            return
        step = suggest(shown, argument.words(field))
        if shown.startswith("("):
            step = "write a list in brackets, as in `[3, 3]`, or `3x3`"
        note = f"it must be {argument.accepts}"
        self.faults.add("E105", f"`{name}` of `{cls.kind}` cannot be `{shown}`", place, note, step=step)

    def _refuse_twice(self, given: list[Given], cls: type[Layer] | None = None) -> None:
        seen: dict[str, tuple[Raw, Place]] = {}
        for field, raw, place in given:
            if field is None:
                continue
            if field in seen:
                first, where = seen[field]
                step = tokens.second_number(cls, field, str(raw)) if cls else ""
                message = f"`{field.rstrip('_')}` is given twice: `{shorten(first)}` and `{shorten(raw)}`"
                related = ((where, "first given here"),) if where != place else ()
                self.faults.add("E106", message, place, label="second value", step=step, related=related)
            seen[field] = (raw, place)

    def _block_given(self, block: Block, tree: Tree | None) -> Iterator[Given]:
        if isinstance(tree, yaml.Mapping):
            for key, value in tree.entries:
                if self._is_param(block, key.text, place_of(key)):
                    yield key.text, self.raw(value), place_of(value)
        elif isinstance(tree, Scalar):
            first = next(iter(block.params), None)
            offset = self._offset(tree)
            for piece in tokens.split(tree.text):
                place = _place(tree, piece, offset)
                name, equals, text = tokens.partition(piece.text)
                if equals and self._is_param(block, name, place):
                    yield name, text, place
                elif not equals and first is not None:
                    yield first, piece.text, place
                elif not equals:
                    self.faults.add("E103", f"block `{block.name.text}` takes no parameters", place)
        elif tree is not None:
            message = f"the arguments of a block are a mapping or tokens, not {describe(tree)}"
            self.faults.add("E112", message, place_of(tree))

    def _is_param(self, block: Block, name: str, place: Place) -> bool:
        if name in block.params:
            return True
        takes = f"`{block.name.text}` takes {listing(block.params)}" if block.params else "it takes none"
        message = f"unknown parameter `{shorten(name)}` for block `{block.name.text}`"
        self.faults.add("E103", message, place, takes, step=suggest(name, block.params))
        return False

    def raw(self, tree: Tree) -> Raw:
        """Return a tree as text and lists, still untyped."""
        if isinstance(tree, Scalar):
            return tree.text
        if isinstance(tree, Sequence):
            return [self.raw(item) for item in tree.items]
        self.faults.add("E112", "an argument is a value or a list, not a mapping", place_of(tree))
        return ""

    def _offset(self, scalar: Scalar) -> int | None:
        """Return where a scalar's text begins in the source, None where escapes or folded lines change it."""
        quote = 0 if scalar.plain else 1
        start, end = scalar.start + quote, scalar.end - quote
        return start if self.faults.source.text[start:end] == scalar.text else None


def _place(scalar: Scalar, piece: tokens.Piece, offset: int | None) -> Place:
    """Return where a token stands, or its whole scalar."""
    return (scalar.start, scalar.end) if offset is None else (offset + piece.start, offset + piece.end)
