"""Regular expressions that count: the functions of `re`, and how many characters their matcher looks at.

A pattern is matched twice: by `re`, whose result is returned, and by a plain backtracking matcher over the tree that
`re` parses it to, which tries the same things in the same order and counts. Both must agree. `re` looks at fewer
characters where it knows a shorter way, never at more, so a count that grows linearly bounds what `re` does.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from functools import cache, partial
from re import _constants as codes
from re import _parser as parser
from typing import Any, ClassVar, Final

ASCII: Final = re.ASCII
DOTALL: Final = re.DOTALL
IGNORECASE: Final = re.IGNORECASE
MULTILINE: Final = re.MULTILINE
VERBOSE: Final = re.VERBOSE
Match: Final = re.Match
escape: Final = re.escape

Ends = Iterator[int]
Matcher = Callable[[str, int], Ends]
"""Yields where a match that begins in a place of a text may end, the preferred end first."""


class Count:
    """How many characters were looked at, and what the groups of the pattern now hold."""

    looks = 0
    groups: ClassVar[dict[int, str]] = {}


def _single(node: tuple[Any, Any], flags: int) -> Callable[[str], bool] | None:
    """Return the test of one character that a node is, or None where it is more than that."""
    name, value = node
    if name is codes.ANY:
        return lambda char: bool(flags & re.DOTALL) or char != "\n"
    if name in {codes.LITERAL, codes.NOT_LITERAL}:
        items, negated = [(codes.LITERAL, value)], name is codes.NOT_LITERAL
    elif name is codes.IN:
        items, negated = [item for item in value if item[0] is not codes.NEGATE], value[0][0] is codes.NEGATE
    else:
        return None

    @cache
    def test(char: str) -> bool:
        cases = {char, char.lower(), char.upper()} if flags & re.IGNORECASE else {char}
        return negated is not any(_contains(item, case, flags) for item in items for case in cases)

    return test


_CATEGORIES: Final = {
    codes.CATEGORY_DIGIT: r"\d",
    codes.CATEGORY_NOT_DIGIT: r"\D",
    codes.CATEGORY_SPACE: r"\s",
    codes.CATEGORY_NOT_SPACE: r"\S",
    codes.CATEGORY_WORD: r"\w",
    codes.CATEGORY_NOT_WORD: r"\W",
}


def _contains(item: tuple[Any, Any], char: str, flags: int) -> bool:
    name, value = item
    if name is codes.CATEGORY:
        return re.match(_CATEGORIES[value], char, flags & re.ASCII) is not None
    return value[0] <= ord(char) <= value[1] if name is codes.RANGE else ord(char) == value


_ANCHORS: Final = {
    codes.AT_BEGINNING: "^",
    codes.AT_BEGINNING_STRING: r"\A",
    codes.AT_BOUNDARY: r"\b",
    codes.AT_NON_BOUNDARY: r"\B",
    codes.AT_END: "$",
    codes.AT_END_STRING: r"\Z",
}


def _sequence(nodes: Any, flags: int) -> Matcher:
    tests = [_single(node, flags) for node in nodes]
    parts = [None if test else _matcher(node, flags) for test, node in zip(tests, nodes, strict=True)]
    length = len(parts)

    def ends(text: str, place: int, part: int = 0) -> Ends:
        while part < length and (test := tests[part]):
            Count.looks += 1
            if place >= len(text) or not test(text[place]):
                return
            place += 1
            part += 1
        if part == length:
            yield place
            return
        for end in parts[part](text, place):
            yield from ends(text, end, part + 1)

    return ends


def _matcher(node: tuple[Any, Any], flags: int) -> Matcher:
    """Return the matcher of more than one character; raise KeyError for a kind of node that no pattern had yet."""
    name, value = node
    if name in _REPETITIONS:
        return _repetition(node, flags)
    return {
        codes.AT: _anchor,
        codes.SUBPATTERN: _group,
        codes.GROUPREF: _again,
        codes.BRANCH: _branch,
        codes.ASSERT: partial(_assertion, wanted=True),
        codes.ASSERT_NOT: partial(_assertion, wanted=False),
        codes.ATOMIC_GROUP: _atomic,
    }[name](value, flags)


def _anchor(value: Any, flags: int) -> Matcher:
    anchor = re.compile(_ANCHORS[value], flags & (re.ASCII | re.MULTILINE))
    return lambda text, place: iter((place,) if _look() and anchor.match(text, place) else ())


def _branch(value: Any, flags: int) -> Matcher:
    branches = [_sequence(branch, flags) for branch in value[1]]
    return lambda text, place: (end for branch in branches for end in branch(text, place))


def _atomic(value: Any, flags: int) -> Matcher:
    return _first(_sequence(value, flags))


def _look() -> bool:
    Count.looks += 1
    return True


def _group(value: Any, flags: int) -> Matcher:
    number, more, fewer, nodes = value
    inner = _sequence(nodes, (flags | more) & ~fewer)

    def ends(text: str, place: int) -> Ends:
        for end in inner(text, place):
            Count.groups[number] = text[place:end]
            yield end

    return ends if number else inner


def _again(number: int, flags: int) -> Matcher:
    fold = str.lower if flags & re.IGNORECASE else str

    def ends(text: str, place: int) -> Ends:
        group = Count.groups[number]
        Count.looks += len(group)
        if fold(text[place : place + len(group)]) == fold(group):
            yield place + len(group)

    return ends


def _first(inner: Matcher) -> Matcher:
    return lambda text, place: iter([end for end in [next(inner(text, place), None)] if end is not None])


def _assertion(value: Any, flags: int, *, wanted: bool) -> Matcher:
    direction, nodes = value
    inner = _sequence(nodes, flags)
    back = nodes.getwidth()[0] if direction < 0 else 0

    def ends(text: str, place: int) -> Ends:
        if wanted is (place >= back and next(inner(text, place - back), None) is not None):
            yield place

    return ends


_REPETITIONS: Final = {codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT}


def _repetition(node: tuple[Any, Any], flags: int) -> Matcher:
    name, (low, high, body) = node
    lazy = name is codes.MIN_REPEAT
    test = _single(body[0], flags) if len(body) == 1 and not lazy else None
    ends = _run(low, high, test) if test else _rounds(low, high, _sequence(body, flags), lazy=lazy)
    return _first(ends) if name is codes.POSSESSIVE_REPEAT else ends


def _run(low: int, high: int, test: Callable[[str], bool]) -> Matcher:
    def ends(text: str, place: int) -> Ends:
        end = place
        while end - place < high and _look() and end < len(text) and test(text[end]):
            end += 1
        for shorter in range(end, place + low - 1, -1):
            _look()
            yield shorter

    return ends


def _rounds(low: int, high: int, inner: Matcher, *, lazy: bool) -> Matcher:
    def ends(text: str, place: int) -> Ends:
        if lazy and not low:
            yield place
        places, rounds = [place], [inner(text, place)]
        while rounds:
            end = next(rounds[-1], None)
            if end is not None and (end > places[-1] or len(places) <= low):
                places.append(end)
                rounds.append(inner(text, end) if len(places) <= high else iter(()))
                if lazy and len(places) > low:
                    yield end
            elif end is None:
                rounds.pop()
                end = places.pop()
                if not lazy and len(places) >= low:
                    yield end

    return ends


class Pattern:
    """A pattern of `re` with the matcher that counts."""

    def __init__(self, pattern: str, flags: int = 0) -> None:
        """Parse the pattern as `re` does."""
        self.real = re.compile(pattern, flags)
        tree = parser.parse(pattern, flags)
        self.matcher = _sequence(tree, tree.state.flags)

    def _tried(self, text: str, place: int, *, whole: bool = False) -> int | None:
        """Return the end of the match in a place."""
        return next((end for end in self.matcher(text, place) if not whole or end == len(text)), None)

    def _checked(self, found: re.Match[str] | None, starts: range, text: str) -> re.Match[str] | None:
        """Return what `re` found from one of several places on, after the other matcher found the same."""
        for start in starts:
            end = self._tried(text, start)
            if end is not None:
                assert found is not None, (self.real, text)
                assert found.span() == (start, end), (self.real, text)
                return found
        assert found is None, (self.real, text)
        return None

    def match(self, text: str, place: int = 0) -> re.Match[str] | None:
        """Return the match that begins in a place."""
        return self._checked(self.real.match(text, place), range(place, place + 1), text)

    def fullmatch(self, text: str) -> re.Match[str] | None:
        """Return the match that is a whole text."""
        found = self.real.fullmatch(text)
        assert (self._tried(text, 0, whole=True) is None) is (found is None), (self.real, text)
        return found

    def search(self, text: str, place: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        """Return the first match from a place on, of what stands before another."""
        text = text[:end]
        return self._checked(self.real.search(text, place), range(place, len(text) + 1), text)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """Yield the matches one after the other."""
        place = 0
        for found in self.real.finditer(text):
            for start in range(place, found.start()):
                assert self._tried(text, start) in {None, start}, (self.real, text)
            end = self._tried(text, found.start())
            assert end is not None
            place = found.end()
            yield found
        for start in range(place, len(text) + 1):
            assert self._tried(text, start) in {None, start}, (self.real, text)

    def findall(self, text: str) -> list[Any]:
        """Return the texts of all matches."""
        _exhaust(self.finditer(text))
        return self.real.findall(text)

    def split(self, text: str, maxsplit: int = 0) -> list[Any]:
        """Return what stands between the matches."""
        _exhaust(self.finditer(text))
        return self.real.split(text, maxsplit)

    def sub(self, to: Any, text: str, count: int = 0) -> str:
        """Return a text with something in place of the matches."""
        _exhaust(self.finditer(text))
        return self.real.sub(to, text, count)


def _exhaust(found: Iterator[object]) -> None:
    for _ in found:
        pass


@cache
def compile(pattern: str, flags: int = 0) -> Pattern:  # noqa: A001 - the names are those of `re`
    """Return a pattern, as `re.compile` does."""
    return Pattern(pattern, flags)


def match(pattern: str, text: str, flags: int = 0) -> re.Match[str] | None:
    """Do what `re.match` does."""
    return compile(pattern, flags).match(text)


def fullmatch(pattern: str, text: str, flags: int = 0) -> re.Match[str] | None:
    """Do what `re.fullmatch` does."""
    return compile(pattern, flags).fullmatch(text)


def search(pattern: str, text: str, flags: int = 0) -> re.Match[str] | None:
    """Do what `re.search` does."""
    return compile(pattern, flags).search(text)


def findall(pattern: str, text: str, flags: int = 0) -> list[Any]:
    """Do what `re.findall` does."""
    return compile(pattern, flags).findall(text)


def finditer(pattern: str, text: str, flags: int = 0) -> Iterator[re.Match[str]]:
    """Do what `re.finditer` does."""
    return compile(pattern, flags).finditer(text)


def split(pattern: str, text: str, maxsplit: int = 0, flags: int = 0) -> list[Any]:
    """Do what `re.split` does."""
    return compile(pattern, flags).split(text, maxsplit)


def sub(pattern: str, to: Any, text: str, count: int = 0, flags: int = 0) -> str:
    """Do what `re.sub` does."""
    return compile(pattern, flags).sub(to, text, count)
