"""Formulas of a spreadsheet that was never computed: sums and products of its cells, by a walker with bounds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

Place = tuple[int, int]
"""A row and a column, both counted from 1."""
Number = int | float

LONGEST: Final = 500
"""Characters of a formula."""
DEEPEST: Final = 50
"""How many formulas and parentheses may lie within each other."""
MOST_STEPS: Final = 200_000
"""Cells and numbers that all formulas of a sheet may look at."""
LARGEST: Final = 10**18
_TOKEN: Final = re.compile(
    r"\s*(\$?[A-Z]{1,3}\$?\d{1,7}(?![\w(])|[A-Z]+(?=\s*\()|\d+(?:\.\d+)?|[-+*(),:;×])", re.IGNORECASE
)
_CELL: Final = re.compile(r"\$?([A-Z]+)\$?(\d+)", re.IGNORECASE)


class NotComputedError(ValueError):
    """A formula that is more than sums and products of cells, or too much of them."""


class Cells:
    """The values of a sheet by their places, and its formulas, each of which is computed once."""

    def __init__(self, values: Mapping[Place, object], formulas: Mapping[Place, str]) -> None:
        """Take the values and the formulas that have none."""
        self._values = values
        self._formulas = formulas
        self._found: dict[Place, Number | None] = {}
        self._steps = 0
        self._depth = 0

    def computed(self, place: Place) -> Number:
        """Return the value of a formula; raise NotComputedError."""
        if place not in self._found:
            self._found[place] = None  # whoever asks for it meanwhile goes round in a circle
            self._found[place] = self.nested(lambda: _Walk(self, self._formulas[place]).value())
        value = self._found[place]
        if value is None:
            raise NotComputedError
        return value

    def number(self, place: Place) -> Number | None:
        """Return the number in a cell, None for a text; an empty cell is 0 where one is asked for."""
        self.step()
        if place in self._formulas:
            return self.computed(place)
        value = self._values.get(place)
        if value is None:
            return 0
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None

    def is_empty(self, place: Place) -> bool:
        """Tell whether nothing stands in a cell."""
        return place not in self._formulas and self._values.get(place) is None

    def step(self) -> None:
        """Count what is looked at; raise NotComputedError where it is too much."""
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise NotComputedError

    def nested(self, compute: Callable[[], Number]) -> Number:
        """Return what is computed one level deeper; raise NotComputedError where that is too deep or too large."""
        self._depth += 1
        try:
            if self._depth > DEEPEST:
                raise NotComputedError
            return bounded(compute())
        finally:
            self._depth -= 1


def bounded(value: Number) -> Number:
    """Return a number, a whole one as an integer; raise NotComputedError for one beyond all homework."""
    if not -LARGEST <= value <= LARGEST:
        raise NotComputedError
    return int(value) if value == int(value) else value


class _Range(NamedTuple):
    """A rectangle of cells."""

    first: Place
    last: Place

    def places(self) -> Iterator[Place]:
        """Yield the places in it."""
        (top, left), (bottom, right) = self
        for row in range(min(top, bottom), max(top, bottom) + 1):
            for column in range(min(left, right), max(left, right) + 1):
                yield row, column


class _Walk:
    """One formula read from left to right."""

    def __init__(self, cells: Cells, text: str) -> None:
        self.cells = cells
        self.tokens = _tokens(text)
        self.next = 0

    def value(self) -> Number:
        """Return the value of the whole formula."""
        found = self._sum()
        if self._peek():
            raise NotComputedError
        return found

    def _peek(self) -> str:
        return self.tokens[self.next] if self.next < len(self.tokens) else ""

    def _take(self) -> str:
        self.next += 1
        self.cells.step()
        return self.tokens[self.next - 1] if self.next <= len(self.tokens) else ""

    def _sum(self) -> Number:
        found = self._product()
        while self._peek() in ("+", "-"):
            sign = 1 if self._take() == "+" else -1
            found = bounded(found + sign * self._product())
        return found

    def _product(self) -> Number:
        found = self._factor()
        while self._peek() in ("*", "×"):
            self._take()
            found = bounded(found * self._factor())
        return found

    def _factor(self) -> Number:
        sign = 1
        while self._peek() in ("+", "-"):
            sign *= 1 if self._take() == "+" else -1
        word = self._take()
        if word == "(":
            found = self.cells.nested(self._sum)
            self._demand(")")
            return sign * found
        if word[:1].isdigit():
            return sign * bounded(float(word) if "." in word else int(word))
        if word.upper() in _FUNCTIONS and self._peek() == "(":
            return sign * self._call(word.upper())
        number = self.cells.number(_place(word))
        if number is None:
            raise NotComputedError
        return sign * number

    def _call(self, name: str) -> Number:
        self._demand("(")
        numbers: list[Number] = []
        numbers += self._argument()
        while self._peek() in (",", ";"):
            self._take()
            numbers += self._argument()
        self._demand(")")
        return bounded(_FUNCTIONS[name](numbers)) if numbers else 0

    def _argument(self) -> list[Number]:
        """Return the numbers of a range, whose texts and empty cells do not count, or one number."""
        if self.tokens[self.next + 1 : self.next + 2] != [":"]:
            return [self.cells.nested(self._sum)]
        first = _place(self._take())
        self._take()
        area = _Range(first, _place(self._take()))
        found = (self.cells.number(place) for place in area.places() if self._counts(place))
        return [number for number in found if number is not None]

    def _counts(self, place: Place) -> bool:
        self.cells.step()
        return not self.cells.is_empty(place)

    def _demand(self, token: str) -> None:
        if self._take() != token:
            raise NotComputedError


def _product_of(numbers: list[Number]) -> Number:
    """Return a product step by step, so that it never becomes larger than what is allowed."""
    found: Number = 1
    for number in numbers:
        found = bounded(found * number)
    return found


_FUNCTIONS: Final[Mapping[str, Callable[[list[Number]], Number]]] = {"SUM": sum, "PRODUCT": _product_of}


def _tokens(text: str) -> list[str]:
    text = text.removeprefix("=").rstrip()
    if len(text) > LONGEST:
        raise NotComputedError
    found: list[str] = []
    place = 0
    while place < len(text):
        token = _TOKEN.match(text, place)
        if token is None:
            raise NotComputedError
        found.append(token[1])
        place = token.end()
    return found


def _place(token: str) -> Place:
    """Return the place that `$B$2` names."""
    found = _CELL.fullmatch(token)
    if found is None:
        raise NotComputedError
    column = 0
    for letter in found[1].upper():
        column = 26 * column + ord(letter) - 64
    return int(found[2]), column


def name_of(place: Place) -> str:
    """Return how a spreadsheet calls a cell.

    >>> name_of((2, 2)), name_of((1, 28))
    ('B2', 'AB1')
    """
    row, column = place
    letters = ""
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(65 + letter) + letters
    return f"{letters}{row}"
