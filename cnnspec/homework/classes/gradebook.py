"""A gradebook export of Canvas or Moodle: grades filled into one column, every other byte left as it is."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from typing import Final, NamedTuple

from cnnspec.errors import CnnspecError, listing, shorten, suggest

KEYS: Final = (
    "id",
    "sis user id",
    "sis login id",
    "integration id",
    "student",
    "email address",
    "id number",
    "username",
    "identifier",
    "full name",
    "email",
    "name",
)
"""Titles of the columns by which a student is recognised, in lower case."""
FIRST_NAMES: Final = ("first name", "firstname", "given name")
MOST_BYTES: Final = 50_000_000
LAST_NAMES: Final = ("last name", "lastname", "surname", "family name")


class Cell(NamedTuple):
    """One cell: its value, and where it stands in the text."""

    value: str
    start: int
    end: int


class Gradebook(NamedTuple):
    """A gradebook's text with its cells, row by row."""

    text: str
    rows: list[list[Cell]]
    delimiter: str


class Filled(NamedTuple):
    """A filled gradebook: its text, how many got a grade, and the students that are not in it or not clearly."""

    text: str
    filled: int
    unknown: tuple[str, ...]
    ambiguous: tuple[str, ...]


def read_gradebook(content: bytes, name: str) -> Gradebook:
    """Return a gradebook; raise CnnspecError where it is no CSV file with titles, or larger than any."""
    if len(content) > MOST_BYTES:
        message = f"`{shorten(name)}` has more than {MOST_BYTES:,} bytes, too many for a gradebook"
        raise CnnspecError.one("E403", message)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise _unreadable(name, "it is not UTF-8 text") from None
    first = re.split("[\r\n]", text, maxsplit=1)[0]
    delimiter = max(",;\t", key=first.count)
    rows = list(_rows(text, delimiter))
    if not _agrees_with_csv(text, delimiter, rows):
        raise _unreadable(name, "its quotes are not those of a CSV file")
    known = {*KEYS, *LAST_NAMES}
    if len(rows) < 2 or not any(title in known for title in _titles(rows)):
        raise _unreadable(name, f"its first line has none of the titles {listing(KEYS)}")
    return Gradebook(text, rows, delimiter)


def _rows(text: str, delimiter: str) -> Iterator[list[Cell]]:
    """Yield the cells of every line with their places; an empty line has none."""
    sign = re.escape(delimiter)
    pattern = re.compile(rf'("(?:[^"]|"")*"|[^{sign}\r\n]*)({sign}|\r\n|\n|\r|\Z)')
    cells: list[Cell] = []
    place = 1 if text.startswith("\ufeff") else 0
    while place < len(text) or cells:
        found = pattern.match(text, place)
        if found is None:
            return
        raw = found[1]
        value = raw[1:-1].replace('""', '"') if raw.startswith('"') else raw
        cells.append(Cell(value, found.start(1), found.end(1)))
        place = found.end()
        if found[2] != delimiter:
            yield cells if len(cells) > 1 or raw else []
            cells = []


def _agrees_with_csv(text: str, delimiter: str, rows: list[list[Cell]]) -> bool:
    """Tell whether the cells are those that Python's own reader finds."""
    try:
        found = list(csv.reader(StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        return False
    return found == [[cell.value for cell in row] for row in rows]


def _titles(rows: list[list[Cell]]) -> list[str]:
    return [cell.value.strip().lower() for cell in rows[0]]


def fill(book: Gradebook, column: str, grades: Iterable[tuple[str, str]]) -> Filled:
    """Return the gradebook with grades in one column; `grades` has students, as their files name them, and grades.

    A student who may be several rows, or a row that several submissions may be, gets no grade.
    """
    index = _column(book, column)
    keys = _keys(book.rows)
    unknown: list[str] = []
    ambiguous: list[str] = []
    found: dict[int, list[tuple[str, str]]] = {}
    for student, grade in grades:
        matches = _matches(student, keys)
        if len(matches) == 1:
            found.setdefault(matches.pop(), []).append((student, grade))
        else:
            (ambiguous if matches else unknown).append(student)
    ambiguous += [student for entries in found.values() if len(entries) > 1 for student, _ in entries]
    single = {row: entries[0][1] for row, entries in found.items() if len(entries) == 1}
    text = _replaced(book, index, single)
    _demand_same(book, text, index, single)
    return Filled(text, len(single), tuple(unknown), tuple(dict.fromkeys(ambiguous)))


def demand_column(book: Gradebook, column: str) -> None:
    """Raise CnnspecError where a gradebook has no column of this title that may be filled."""
    _column(book, column)


def _column(book: Gradebook, column: str) -> int:
    """Return where a column is that may be filled; raise CnnspecError where there is none or more than one."""
    titles = [cell.value for cell in book.rows[0]]
    if titles.count(column) == 1 and column.strip().lower() not in (*KEYS, *FIRST_NAMES, *LAST_NAMES):
        return titles.index(column)
    message = f"the gradebook has no column `{shorten(column)}`"
    if column in titles:
        fact = "names the students" if titles.count(column) == 1 else "is there more than once"
        message = f"the gradebook's column `{shorten(column)}` {fact}"
    note = f"its columns: {listing(shorten(title) for title in titles)}"
    step = "" if column in titles else suggest(column, titles)
    raise CnnspecError.one("E408", message, notes=(note,), help=step)


def _replaced(book: Gradebook, index: int, grades: Mapping[int, str]) -> str:
    """Return the text with some cells of one column replaced; a row that is too short gets the cells it lacks."""
    pieces: list[str] = []
    place = 0
    for number in sorted(grades):
        row = book.rows[number]
        missing = index + 1 - len(row)
        start, end = (row[-1].end, row[-1].end) if missing > 0 else (row[index].start, row[index].end)
        pieces += [book.text[place:start], book.delimiter * max(missing, 0), grades[number]]
        place = end
    return "".join([*pieces, book.text[place:]])


def _demand_same(book: Gradebook, text: str, index: int, grades: Mapping[int, str]) -> None:
    """Raise CnnspecError where a filled text differs from the gradebook in more than the cells that were filled."""
    rows = list(_rows(text, book.delimiter))
    expected = [[cell.value for cell in row] for row in book.rows]
    for number, grade in grades.items():
        cells = expected[number]
        cells += [""] * (index + 1 - len(cells))
        cells[index] = grade
    if [[cell.value for cell in row] for row in rows] != expected:
        raise _unreadable("the gradebook", "filling it would change other cells")


def _keys(rows: list[list[Cell]]) -> dict[str, set[int]]:
    """Return for every identifying value the rows in which it stands."""
    titles = _titles(rows)
    columns = [index for index, title in enumerate(titles) if title in KEYS]
    first = next((index for index, title in enumerate(titles) if title in FIRST_NAMES), None)
    last = next((index for index, title in enumerate(titles) if title in LAST_NAMES), None)
    keys: dict[str, set[int]] = {}
    for number, row in enumerate(rows[1:], 1):
        if not row or "points possible" in row[0].value.lower():
            continue
        values = [row[index].value for index in columns if index < len(row)]
        if first is not None and last is not None and max(first, last) < len(row):
            values.append(f"{row[last].value},{row[first].value}")
        for form in (form for value in values for form in _forms(value)):
            keys.setdefault(form, set()).add(number)
    return keys


def _forms(value: str) -> Iterable[str]:
    """Return the forms under which a student may be named: as it is, and names in both orders."""
    forms = {_plain(value)}
    if "," in value:
        last, first = value.split(",", 1)
        forms |= {_plain(first + last)}
    elif " " in value.strip():
        words = value.split()
        forms |= {_plain(words[-1] + "".join(words[:-1]))}
    if "@" in value:
        forms.add(_plain(value.split("@", 1)[0]))
    if value.lower().startswith("participant "):
        forms.add(_plain(value.split(" ", 1)[1]))
    return forms - {""}


def _matches(student: str, keys: Mapping[str, set[int]]) -> set[int]:
    """Return the rows that a submission's student may be: by the whole name, else by one of its parts."""
    whole = keys.get(_plain(student))
    if whole:
        return set(whole)
    found: set[int] = set()
    for part in student.split("_"):
        found |= keys.get(_plain(part), set())
    return found


def _plain(text: str) -> str:
    return re.sub(r"[^\w@.]", "", text.lower()).replace("_", "")


def _unreadable(name: str, fact: str) -> CnnspecError:
    return CnnspecError.one("E409", f"`{shorten(name)}` is not a gradebook", notes=(fact,))
