"""A gradebook export of Canvas or Moodle: grades filled into one column, every other byte left as it is."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from typing import Final, NamedTuple

from cnnspec.errors import CnnspecError, listing, shorten, suggest
from cnnspec.homework.classes.gradebook_titles import (
    COMMENTS,
    FIRST,
    KEY,
    KEYS,
    LAST,
    NAMES,
    means,
    names_students,
    number_of,
)

TEST_STUDENT: Final = "student, test"
"""Canvas' row of nobody."""
_POSSIBLE: Final = "points possible"
"""How Canvas' row begins that says what each column is out of."""
MOST_BYTES: Final = 50_000_000


_Changes = Mapping[int, Mapping[int, str]]
"""New values, by row and column."""


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


class Entry(NamedTuple):
    """What is filled in for a student, as their files name them: a grade, none for what was not graded, and a comment.

    `student` is how a message calls them, where the key is no name.
    """

    key: str
    grade: str
    comment: str = ""
    student: str = ""


class Filled(NamedTuple):
    """A filled gradebook: its text, how many got a grade, and who is not in it, not clearly, or without a submission.

    `kept` counts the comments that were there before, which stay.
    """

    text: str
    filled: int
    unknown: tuple[str, ...]
    ambiguous: tuple[str, ...]
    absent: tuple[str, ...] = ()
    kept: int = 0


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
    if len(rows) < 2 or not any(means(title, KEY) or means(title, LAST) for title in _titles(rows)):
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


def fill(book: Gradebook, column: str, entries: Iterable[Entry]) -> Filled:
    """Return the gradebook with grades in one column, and comments in that of Moodle's worksheet, if it has one.

    A student who may be several rows, or a row that several submissions may be, gets no grade.
    """
    index, comments = _column(book, column), _comments(book, column)
    keys = _keys(book.rows)
    unknown: list[str] = []
    ambiguous: list[str] = []
    seen: set[int] = set()
    found: dict[int, list[Entry]] = {}
    for entry in entries:
        matches = _matches(entry.key, keys)
        seen |= matches
        if len(matches) == 1:
            found.setdefault(matches.pop(), []).append(entry)
        else:
            (ambiguous if matches else unknown).append(entry.student or entry.key)
    ambiguous += [entry.student or entry.key for several in found.values() if len(several) > 1 for entry in several]
    single = {row: several[0] for row, several in found.items() if len(several) == 1 and several[0].grade}
    kept = {row for row, entry in single.items() if entry.comment and _has(book.rows[row], comments)}
    changes = {row: {index: entry.grade} for row, entry in single.items()}
    for row, entry in single.items():
        if comments is not None and entry.comment and row not in kept:
            changes[row][comments] = entry.comment
    text = _replaced(book, changes)
    _demand_same(book, text, changes)
    absent = tuple(_label(book, row) for row in sorted(set().union(*keys.values()) - seen))
    return Filled(text, len(single), tuple(unknown), tuple(dict.fromkeys(ambiguous)), absent, len(kept))


def points_possible(book: Gradebook, column: str) -> float | None:
    """Return what Canvas says that a column is out of, if it does."""
    index = _column(book, column)
    row = next((row for row in book.rows[1:] if row and _POSSIBLE in row[0].value.lower() and index < len(row)), None)
    value = row[index].value.strip().replace(",", ".") if row else ""
    return float(value) if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", value) else None


def _comments(book: Gradebook, column: str) -> int | None:
    """Return where the comments stand that Moodle's worksheet has beside the grades."""
    titles = _titles(book.rows)
    found = [index for index, title in enumerate(titles) if means(title, COMMENTS)]
    return found[0] if len(found) == 1 and not means(column, COMMENTS) else None


def _has(row: list[Cell], index: int | None) -> bool:
    return index is not None and index < len(row) and bool(row[index].value.strip())


def _label(book: Gradebook, number: int) -> str:
    """Return what the student of a row is called."""
    values = dict(zip(_titles(book.rows), (cell.value.strip() for cell in book.rows[number]), strict=False))
    first = next((value for title, value in values.items() if means(title, FIRST)), "")
    last = next((value for title, value in values.items() if means(title, LAST)), "")
    keys = [title for title in values if means(title, KEY)]
    named = f"{first} {last}".strip()
    return named or next((values[title] for title in (*NAMES, *KEYS, *keys) if values.get(title)), "")


def demand_column(book: Gradebook, column: str) -> None:
    """Raise CnnspecError where a gradebook has no column of this title that may be filled."""
    _column(book, column)


def _column(book: Gradebook, column: str) -> int:
    """Return where a column is that may be filled; raise CnnspecError where there is none or more than one."""
    titles = [cell.value for cell in book.rows[0]]
    if titles.count(column) == 1 and not names_students(column):
        return titles.index(column)
    message = f"the gradebook has no column `{shorten(column)}`"
    if column in titles:
        fact = "names the students" if titles.count(column) == 1 else "is there more than once"
        message = f"the gradebook's column `{shorten(column)}` {fact}"
    note = f"its columns: {listing(shorten(title) for title in titles)}"
    step = "" if column in titles else suggest(column, titles)
    raise CnnspecError.one("E408", message, notes=(note,), help=step)


def _replaced(book: Gradebook, changes: _Changes) -> str:
    """Return the text with some cells replaced; a row that is too short gets the cells it lacks."""
    pieces: list[str] = []
    place = 0
    for number in sorted(changes):
        row = book.rows[number]
        width = len(row)
        for index, value in sorted(changes[number].items()):
            start, end = (row[index].start, row[index].end) if index < len(row) else (row[-1].end, row[-1].end)
            missing = max(index + 1 - width, 0)
            pieces += [
                book.text[place:start],
                book.delimiter * missing,
                _quoted(value, book.delimiter),
            ]
            place, width = end, width + missing
    return "".join([*pieces, book.text[place:]])


def _quoted(value: str, delimiter: str) -> str:
    if not any(char in value for char in (delimiter, '"', "\n", "\r")):
        return value
    doubled = value.replace('"', '""')
    return f'"{doubled}"'


def _demand_same(book: Gradebook, text: str, changes: _Changes) -> None:
    """Raise CnnspecError where a filled text differs from the gradebook in more than the cells that were filled."""
    rows = list(_rows(text, book.delimiter))
    expected = [[cell.value for cell in row] for row in book.rows]
    for number, values in changes.items():
        cells = expected[number]
        for index, value in values.items():
            cells += [""] * (index + 1 - len(cells))
            cells[index] = value
    if [[cell.value for cell in row] for row in rows] != expected:
        raise _unreadable("the gradebook", "filling it would change other cells")


def _keys(rows: list[list[Cell]]) -> dict[str, set[int]]:
    """Return for every identifying value the rows in which it stands."""
    titles = _titles(rows)
    columns = [index for index, title in enumerate(titles) if means(title, KEY)]
    first = next((index for index, title in enumerate(titles) if means(title, FIRST)), None)
    last = next((index for index, title in enumerate(titles) if means(title, LAST)), None)
    keys: dict[str, set[int]] = {}
    for number, row in enumerate(rows[1:], 1):
        if not row or _POSSIBLE in row[0].value.lower() or row[0].value.strip().lower() == TEST_STUDENT:
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
    forms.add(number_of(value))
    return forms - {""}


def _matches(student: str, keys: Mapping[str, set[int]]) -> set[int]:
    """Return the rows that a submission's student may be: by the whole name, else by its parts.

    Where all parts that are known, as a name and a number, have one row in common, it is that.
    """
    whole = keys.get(_plain(student))
    if whole:
        return set(whole)
    found = [rows for part in student.split("_") if (rows := keys.get(_plain(part)))]
    if not found:
        return set()
    common = set.intersection(*found)
    return common if len(common) == 1 else set.union(*found)


def _plain(text: str) -> str:
    return re.sub(r"[^\w@.]", "", text.lower()).replace("_", "")


def _unreadable(name: str, fact: str) -> CnnspecError:
    return CnnspecError.one("E409", f"`{shorten(name)}` is not a gradebook", notes=(fact,))
