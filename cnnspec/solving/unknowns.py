"""The unknowns of a spec: every `?` that stands for a number, with what it is and the values that are tried."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import cnnspec.layers  # noqa: F401 - registers the kinds
from cnnspec.errors import Diagnostic, SpecError, shorten
from cnnspec.ir.arguments import ArgType, Count, Dims, Margins, PerAxis
from cnnspec.ir.words import Found, field_of, find_kind
from cnnspec.language import tokens
from cnnspec.source import Source, Span
from cnnspec.text import tree as yaml
from cnnspec.text.limits import DIGITS, STANDARD, Limits
from cnnspec.text.reader import read
from cnnspec.text.tree import Scalar, Tree

MARK: Final = "?"
LARGEST_WINDOW: Final = 15
LARGEST_STRIDE: Final = 8
LARGEST_PADDING: Final = 7
LARGEST_COUNT: Final = 4096
LARGEST_REPEAT: Final = 64
_NUMBER: Final = re.compile(rf"(?<!\d)\d{{1,{DIGITS}}}(?!\d)")
"""A number that a spec may have; what is longer is refused where the spec is read."""
_CODE: Final = re.compile(r"""(?:"(?:\\.|[^"\\])*"|'[^']*'|(?<=\S)\#|[^#])*""")
"""A line up to its comment: a `#` behind a space, outside of quotes."""
_MARK: Final = re.compile(r"(?<![A-Za-wyz_])(?<![A-Za-z_]x)\?(?![A-Za-wyz_])")
_PROSE: Final = ("name", "note", "meta", "cnnspec", "from", "allow")
"""Keys below which a `?` is none of ours."""
_COUNTED: Final = ("repeat",)
"""Siblings of items that are a number of their own."""


class Unknown(NamedTuple):
    """A `?` at an offset of the text: the offset of its item's key, what it is in words, and its values."""

    offset: int
    item: int
    label: str
    values: Sequence[int]

    @property
    def searched(self) -> str:
        """The values in words."""
        values = self.values
        if values[-1] - values[0] == len(values) - 1:
            return f"{self.label} {values[0]}…{values[-1]:,}"
        return f"{self.label} {', '.join(map(str, values[:8]))}{', …' if len(values) > 8 else ''}"


class Statement(NamedTuple):
    """A spec with unknowns: its text, the unknowns in the order of the text, and whether anything must hold of them.

    `has_blocks` tells whether layers of one place in the text may stand at several places of the network, `open` names
    the inputs and parameters of the file in which an unknown stands.
    """

    source: Source
    unknowns: tuple[Unknown, ...]
    has_conditions: bool
    has_blocks: bool
    open: tuple[str, ...] = ()


def find_unknowns(source: Source, limits: Limits = STANDARD) -> Statement:
    """Return the unknowns of a spec; raise SpecError where its text cannot be read or a `?` stands for no number."""
    marks = set(_marks(source.text))
    text = "".join("1" if place in marks else char for place, char in enumerate(source.text))
    try:
        tree = read(source._replace(text=text), limits)
    except SpecError as error:
        raise restored(error, source) from None
    walk = _Walk(source, marks)
    if tree is not None:
        walk.visit(tree)
    if walk.faults:
        raise SpecError(walk.faults)
    wanted = sorted({int(number) for text in walk.conditions for number in _NUMBER.findall(text)})
    found = sorted(walk.found)
    unknowns = (_narrowed(each, wanted) if len(found) > 1 else each for each in found)
    return Statement(source, tuple(unknowns), bool(walk.conditions), _has_blocks(tree), tuple(_open(tree, marks)))


def _open(tree: Tree | None, marks: set[int]) -> Iterator[str]:
    for key, value in tree.entries if isinstance(tree, yaml.Mapping) else ():
        of_file = value.entries if key.text == "params" and isinstance(value, yaml.Mapping) else ()
        for name, given in ((key, value),) if key.text == "input" else of_file:
            if any(given.start <= mark < given.end for mark in marks):
                yield name.text


def _has_blocks(tree: Tree | None) -> bool:
    return isinstance(tree, yaml.Mapping) and any(key.text == "blocks" for key, _ in tree.entries)


def restored(error: SpecError, source: Source) -> SpecError:
    """Return an error about a text of the same length, as one about the text that the user wrote."""
    return SpecError([_with_source(fault, source) for fault in error.diagnostics])


def _with_source(fault: Diagnostic, source: Source) -> Diagnostic:
    span = fault.span
    if span is None or span.source.name != source.name:
        return fault
    return fault._replace(span=Span(source, span.start, span.end))


def _narrowed(unknown: Unknown, wanted: Sequence[int]) -> Unknown:
    """Return an unknown beside others with fewer values: of a count, those of the conditions and simple ones."""
    if len(unknown.values) <= LARGEST_REPEAT:
        return unknown
    simple = {*range(1, 17), *(2**power for power in range(13)), *(each for each in wanted if each in unknown.values)}
    return unknown._replace(values=tuple(sorted(simple)))


def _marks(text: str) -> Iterator[int]:
    """Yield the offsets of each `?` outside of comments that is no end of a word."""
    for line in re.finditer(r"[^\n]+", text):
        content = _CODE.match(line[0])
        for mark in _MARK.finditer(content[0] if content else ""):
            yield line.start() + mark.start()


class _Walk:
    """A walk through the tree of a spec in which each mark is the digit 1."""

    def __init__(self, source: Source, marks: set[int]) -> None:
        self.source = source
        self.marks = marks
        self.found: list[Unknown] = []
        self.conditions: list[str] = []
        self.faults: list[Diagnostic] = []

    def visit(self, tree: Tree) -> None:
        """Look at all mappings below a tree for kinds, and for conditions."""
        if isinstance(tree, yaml.Sequence):
            for item in tree.items:
                self.visit(item)
        elif isinstance(tree, yaml.Mapping):
            for key, value in tree.entries:
                self._entry(key, value)

    def _entry(self, key: Scalar, value: Tree) -> None:
        found = find_kind(key.text)
        if key.text == "expect":
            self.conditions += _texts(value)
        elif key.text in _COUNTED and isinstance(value, Scalar):
            self._add(value, key, range(1, LARGEST_REPEAT + 1))
        elif key.text in _PROSE:
            return
        elif found and isinstance(value, Scalar):
            self._tokens(found, key, value)
        elif found and isinstance(value, yaml.Mapping):
            for name, given in value.entries:
                field = field_of(found.cls, name.text)
                if field:
                    self._argument(found, key, field, given)
                else:
                    self.visit(given)
        elif isinstance(value, Scalar):
            self._add(value, key, range(1, LARGEST_COUNT + 1))
        else:
            self.visit(value)

    def _argument(self, found: Found, key: Scalar, field: str, value: Tree) -> None:
        for scalar in _scalars(value):
            self._of_field(found, key, field, [place for place in self.marks if scalar.start <= place < scalar.end])

    def _tokens(self, found: Found, key: Scalar, value: Scalar) -> None:
        start = value.start + (not value.plain)
        for piece in tokens.split(value.text):
            for place in self.marks:
                if start + piece.start <= place < start + piece.end:
                    field = _field(found, piece.text, place - start - piece.start)
                    self._of_field(found, key, field, [place])

    def _of_field(self, found: Found, key: Scalar, field: str, places: Sequence[int]) -> None:
        for place in places:
            argument = found.cls.fields[field].type if field else None
            values = _values(argument)
            if values is None:
                what = f"`{field.rstrip('_')}` of `{found.cls.kind}`" if field else f"`{found.cls.kind}`"
                message = f"`?` stands for a number, and {what} takes none here"
                span = Span(self.source, place, place + 1)
                step = "write `?` for filters, units, a window, a stride or a padding"
                self.faults.append(Diagnostic("E115", message, span, help=step))
                continue
            label = f"{field.rstrip('_')} of `{found.cls.kind}`"
            self.found.append(Unknown(place, key.start, label, values))

    def _add(self, value: Scalar, key: Scalar, values: Sequence[int]) -> None:
        places = [place for place in self.marks if value.start <= place < value.end]
        self.found += [Unknown(place, key.start, f"`{shorten(key.text)}`", values) for place in places]


def _scalars(tree: Tree) -> Iterator[Scalar]:
    if isinstance(tree, Scalar):
        yield tree
    elif isinstance(tree, yaml.Sequence):
        for item in tree.items:
            yield from _scalars(item)


def _texts(tree: Tree) -> list[str]:
    """Return what a condition says; of a mapping, what each of its entries does."""
    if isinstance(tree, yaml.Mapping):
        return [text for _, value in tree.entries for text in _texts(value)]
    return [scalar.text for scalar in _scalars(tree)]


def _field(found: Found, token: str, place: int) -> str:
    """Return the argument that one digit of a token is part of, an empty text where the token is none."""
    readings = []
    for digit in "12":
        try:
            readings.append(dict(tokens.claim(found.cls, token[:place] + digit + token[place + 1 :])))
        except tokens.TokenError:
            return ""
    differ = [name for name, raw in readings[0].items() if raw != readings[1].get(name)]
    return differ[0] if differ else ""


def _values(argument: ArgType | None) -> Sequence[int] | None:
    """Return the values that are tried for an argument, None where it is no whole number."""
    if isinstance(argument, Margins):
        return range(LARGEST_PADDING + 1)
    if isinstance(argument, PerAxis):
        return range(1, (LARGEST_WINDOW if argument.claims_sizes else LARGEST_STRIDE) + 1)
    if isinstance(argument, Count | Dims):
        return range(1, LARGEST_COUNT + 1)
    return None
