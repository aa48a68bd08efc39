"""The arguments of items: tokens or a mapping, typed by the kind's schema as far as no expression is in the way."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cnnspec.errors import MOST, listing, shorten, suggest
from cnnspec.ir.layer import Layer
from cnnspec.ir.values import FAULTY, Raw, has_expression
from cnnspec.ir.words import Found, field_of
from cnnspec.language import tokens
from cnnspec.language.faults import Faults, place_of
from cnnspec.language.foreign_arguments import BESIDE, Part, UnmodelledValueError, meaning_of, positional_arguments
from cnnspec.language.inputs import NO_HINTS, Hints
from cnnspec.language.items import SIBLINGS, Arguments, Block, Claim, Deferred, Place
from cnnspec.language.values_meant import decimal_comma, value_meant
from cnnspec.text import tree as yaml
from cnnspec.text.tree import Scalar, Sequence, Tree, describe

Given = Deferred | Claim
"""A field (None for a token that an expression leaves open) with its raw value, or what is said of the input."""


class ArgumentsReader:
    """Reads arguments, each distinct text once; `defaults` are the file's arguments per kind.

    `entering` is what is known of the input.
    """

    def __init__(self, faults: Faults, defaults: Mapping[str, tuple[Found, Tree]], entering: Hints = NO_HINTS) -> None:
        """Read the defaults at once: they stand behind the arguments of every item of their kind."""
        self.faults = faults
        self.entering = entering
        self._known: dict[tuple[str, str], Arguments] = {}
        self._default_trees = defaults
        self._defaults: dict[type[Layer], Arguments] = {}
        for found, _ in defaults.values():
            self.defaults_of(found.cls)

    def of_kind(self, found: Found, tree: Tree | None, *, defaults: bool = True) -> Arguments:
        """Return the arguments that a tree gives to a kind, over the file's defaults and those of its class."""
        text = self._text(tree) if defaults else None
        if text is not None and (known := self._known.get((found.word or found.cls.kind, text))):
            return known
        before = len(self.faults.diagnostics)
        own = self._typed(found, self._given(found, tree))
        result = self._over_defaults(found, own) if defaults else own
        if len(self.faults.diagnostics) > before:
            result.faulty = True
        elif text is not None and "$" not in text and not result.claims:
            self._known[found.word or found.cls.kind, text] = result
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
            found, tree = self._default_trees.get(cls.kind, (Found(cls), None))
            self._defaults[cls] = self._typed(found, self._given(found, tree))
        return self._defaults[cls]

    def of_block(self, block: Block, tree: Tree | None) -> Arguments:
        """Return the arguments of a block: all wait until the block is expanded, for they have no type."""
        before = len(self.faults.diagnostics)
        waiting = tuple(self._block_given(block, tree))
        self._refuse_twice(waiting)
        return Arguments({}, waiting, faulty=len(self.faults.diagnostics) > before)

    def _over_defaults(self, found: Found, own: Arguments) -> Arguments:
        """Put arguments over the file's defaults, and these over those of a class of PyTorch."""
        defaults, claims = self.defaults_of(found.cls), own.claims
        if found.torch:
            defaults = Arguments(defaults.values, defaults.deferred, Arguments(dict(found.torch.values)))
        if not (defaults.values or defaults.waits or claims):
            return own
        return Arguments(own.values, own.deferred, defaults, claims=claims)

    def _given(self, found: Found, tree: Tree | None) -> Iterator[Given]:
        if isinstance(tree, Scalar):
            yield from self._tokens(found, tree)
        elif isinstance(tree, Sequence):
            if names := positional_arguments(found, [self.raw(item) for item in tree.items]):
                for word, item in zip(names, tree.items, strict=False):
                    yield from self._named(found, word, self.raw(item), place_of(item), place_of(item))
                return
            field = next(iter(found.cls.fields), None)
            if field is None:
                self.faults.add("E103", f"`{found.cls.kind}` takes no arguments", place_of(tree))
            else:
                yield Deferred(field, self.raw(tree), place_of(tree))
        elif tree is not None:
            if not found.cls.fields and self._has_units(found, tree):
                return
            for key, value in tree.entries:
                yield from self._named(found, key.text, self.raw(value), place_of(value), place_of(key))

    def _has_units(self, found: Found, tree: yaml.Mapping) -> bool:
        """Report an activation with a number of units, which is another layer."""
        from cnnspec.language.meant import units_in, units_of  # noqa: PLC0415 - right specs do not pay for it

        given = units_in({key.text: self.raw(value) for key, value in tree.entries})
        if given and (other := units_of(found.cls, given)):
            message = f"`{found.cls.kind}` takes no `{shorten(given)}`: it is an activation, which has no units"
            self.faults.add("E103", message, place_of(tree), step=f"write `- {other}`")
        return bool(given)

    def _named(self, found: Found, word: str, raw: Raw, place: Place, key: Place) -> Iterator[Given]:
        """Yield what an argument with a name gives: fields, or what it says of the input."""
        try:
            meaning = meaning_of(found, word, raw, self.entering)
        except UnmodelledValueError as error:
            self.faults.add("E105", error.message, place, *filter(None, [error.note]), step=error.step)
            return
        if meaning is None:
            fault = tokens.unknown_argument(found.cls, word)
            step = f"write `{shorten(word)}: {shorten(raw)}` beside the kind" if word in BESIDE else fault.step
            if word.isdigit():
                number = decimal_comma(self.faults.source.text[: key[0]], word)
                step = "a comma ends the value before it: write " + (
                    f"the number with a point, `{number}`" if number else "sizes as `3x3` or `[3, 3]`"
                )
            label = f"not an argument of `{found.cls.kind}`" if key != place else ""
            self.faults.add("E103", fault.message, key, fault.note, label=label, step=step)
        for part in meaning or ():
            if isinstance(part, Part):
                yield Deferred(part.field, part.raw, place, part.back)
            else:
                yield Claim(part.claims, word, found.word or found.cls.kind, part.value, place)

    def _tokens(self, found: Found, scalar: Scalar) -> Iterator[Given]:
        faults: list[tuple[tokens.TokenError, Place]] = []
        given = list(self._pieces(found, scalar, faults))
        if faults and (meant := self._meant(found, scalar, *faults[0])):
            return iter(self._pieces(found, Scalar(meant, scalar.start, scalar.end, scalar.plain), faults))
        for error, place in faults:
            self.faults.add("E103", error.message, place, error.note, step=error.step)
        return iter(given)

    def _meant(self, found: Found, scalar: Scalar, error: tokens.TokenError, place: Place) -> str:
        """Return the tokens that were meant, if all are clear, and report the first one with the line to write."""
        from cnnspec.language.meant import line_meant  # noqa: PLC0415 - right specs do not pay for it

        line = line_meant(found, scalar.text, error.note)
        if line is None:
            return ""
        self.faults.add("E103", error.message, place, *line.notes, step=line.step)
        return line.tokens

    def _pieces(self, found: Found, scalar: Scalar, faults: list[tuple[tokens.TokenError, Place]]) -> Iterator[Given]:
        """Yield what each token gives; `faults` takes those that give nothing, until there are too many."""
        offset, pieces = self._offset(scalar), list(tokens.split(scalar.text))
        names = positional_arguments(found, [piece.text for piece in pieces])
        for at, piece in enumerate(pieces):
            place = _place(scalar, piece, offset)
            if at < len(names):
                yield from self._named(found, names[at], piece.text, place, place)
                continue
            word, _, raw = tokens.partition(piece.text)
            if tokens.is_named(piece.text) and (word not in SIBLINGS or field_of(found.cls, word)):
                yield from self._named(found, word, raw, place, place)
                continue
            if "$" in piece.text:
                yield Deferred(None, piece.text, place)
                continue
            try:
                for field, raw in tokens.claim(found.cls, piece.text):
                    yield Deferred(field, raw, place)
            except tokens.TokenError as error:
                faults.append((error, place))
                if len(faults) >= MOST:
                    return

    def _typed(self, found: Found, given: Iterable[Given]) -> Arguments:
        fields: list[Deferred] = []
        claims: list[Claim] = []
        for part in given:
            if isinstance(part, Claim):
                claims.append(part)
            else:
                fields.append(part)
        self._refuse_twice(fields, found.cls)
        values: dict[str, Any] = {}
        deferred: list[Deferred] = []
        for part in fields:
            if part.name is None or has_expression(part.raw):
                deferred.append(part)
                continue
            value = self.typed(found.cls, part.name, part.raw, part.place)
            if value is not FAULTY:
                values[part.name] = value
        return Arguments(values, tuple(deferred), claims=tuple(claims))

    def typed(self, cls: type[Layer], field: str, raw: Raw, place: Place) -> Any:
        """Return a raw value as its field's type reads it, or FAULTY with the fault reported."""
        argument = cls.fields[field]
        if raw is None and argument.default is None:
            return None
        if isinstance(raw, dict):
            return self._refuse_mapping(place)
        try:
            return argument.type.read(raw)
        except (ValueError, RecursionError):
            self._refuse_value(cls, field, shorten(" ".join(str(raw).replace("'", "").split())), place)
            return FAULTY

    def _refuse_mapping(self, place: Place) -> Any:
        self.faults.add("E112", "an argument is a value or a list, not a mapping", place)
        return FAULTY

    def _refuse_value(self, cls: type[Layer], field: str, shown: str, place: Place) -> None:
        argument, name = cls.fields[field].type, field.rstrip("_")
        written, other = self.faults.source.text[place[0] : place[1]], value_meant(argument, shown)
        clear = f"did you mean `{written.replace(shown, other) if shown in written else other}`?" if other else ""
        if len(argument.accepts) < 60:
            message = f"`{name}` of `{cls.kind}` must be {argument.accepts}, not `{shown}`"
            self.faults.add("E105", message, place, step=clear)
            return
        step = suggest(shown, argument.words(field)) or clear
        if shown.startswith("("):
            step = "write a list in brackets, as in `[3, 3]`, or `3x3`"
        elif numbers := re.fullmatch(r"(\d+) ?[,;×X*] ?(\d+)", shown):
            step = f"write `{name}: {numbers[1]}x{numbers[2]}`"
        elif shown.strip("'\"").lower() in argument.words(field):
            step = f"write `{shown.strip(chr(39)).lower()}`, without quotes"
        note = f"it must be {argument.accepts}"
        self.faults.add("E105", f"`{name}` of `{cls.kind}` cannot be `{shown}`", place, note, step=step)

    def _refuse_twice(self, given: Iterable[Deferred], cls: type[Layer] | None = None) -> None:
        seen: dict[str, tuple[Raw, Place]] = {}
        for field, raw, place, _ in given:
            if field is None:
                continue
            if field in seen:
                first, where = seen[field]
                before, rank = self.faults.source.text[max(place[0] - 80, 0) : place[0]], self.entering.rank
                step = tokens.second_number(cls, field, str(raw), before, rank) if cls else tokens.LEAVE
                message = f"`{field.rstrip('_')}` is given twice: `{shorten(first)}` and `{shorten(raw)}`"
                related = ((where, "first given here"),) if where != place else ()
                self.faults.add("E106", message, place, label="second value", step=step, related=related)
            seen[field] = (raw, place)

    def _block_given(self, block: Block, tree: Tree | None) -> Iterator[Deferred]:
        if isinstance(tree, yaml.Mapping):
            for key, value in tree.entries:
                if self._is_param(block, key.text, place_of(key)):
                    if isinstance(value, yaml.Mapping):
                        self._refuse_mapping(place_of(value))
                    else:
                        yield Deferred(key.text, self.raw(value), place_of(value))
        elif isinstance(tree, Scalar):
            first = next(iter(block.params), None)
            offset = self._offset(tree)
            for piece in tokens.split(tree.text):
                place = _place(tree, piece, offset)
                name, equals, text = tokens.partition(piece.text)
                if equals and self._is_param(block, name, place):
                    yield Deferred(name, text, place)
                elif not equals and first is not None:
                    yield Deferred(first, piece.text, place)
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
        """Return a tree as text, lists and mappings, still untyped."""
        if isinstance(tree, Scalar):
            return tree.text
        if isinstance(tree, Sequence):
            return [self.raw(item) for item in tree.items]
        return {key.text: self.raw(value) for key, value in tree.entries}

    def _offset(self, scalar: Scalar) -> int | None:
        """Return where a scalar's text begins in the source, None where escapes or folded lines change it."""
        start, end = scalar.start + (not scalar.plain), scalar.end - (not scalar.plain)
        return start if self.faults.source.text[start:end] == scalar.text else None


def _place(scalar: Scalar, piece: tokens.Piece, offset: int | None) -> Place:
    """Return where a token stands, or its whole scalar."""
    return (scalar.start, scalar.end) if offset is None else (offset + piece.start, offset + piece.end)
