"""A gradebook export of Canvas or Moodle: grades filled into one column, everything else left as it is."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from io import StringIO
from typing import Final, NamedTuple

from cnnspec.errors import CnnspecError, Diagnostic, listing, shorten, suggest

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


class Gradebook(NamedTuple):
    """A gradebook's rows and how its file is written."""

    rows: list[list[str]]
    delimiter: str
    line_end: str
    mark: bool


class Filled(NamedTuple):
    """A filled gradebook: its text, how many grades it got, and the students that are not in it or not clearly."""

    text: str
    count: int
    unknown: tuple[str, ...]
    ambiguous: tuple[str, ...]


def read_gradebook(content: bytes, name: str) -> Gradebook:
    """Return a gradebook; raise CnnspecError where it is no CSV file with titles."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _unreadable(name, "it is not UTF-8 text") from None
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    try:
        rows = list(csv.reader(StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        raise _unreadable(name, "it is not a CSV file") from None
    if len(rows) < 2 or not any(title.strip().lower() in KEYS for title in rows[0]):
        raise _unreadable(name, f"its first line has none of the titles {listing(KEYS)}")
    line_end = "\r\n" if "\r\n" in text else "\n"
    return Gradebook(rows, delimiter, line_end, content.startswith(b"\xef\xbb\xbf"))


def fill(book: Gradebook, column: str, grades: Mapping[str, str]) -> Filled:
    """Return the gradebook with grades in one column; `grades` maps students, as their files name them, to grades."""
    titles = book.rows[0]
    if column not in titles:
        message = f"the gradebook has no column `{shorten(column)}`"
        note = f"its columns: {listing(shorten(title) for title in titles)}"
        raise CnnspecError([Diagnostic(code="E408", message=message, notes=(note,), help=suggest(column, titles))])
    index = titles.index(column)
    rows = [list(row) for row in book.rows]
    keys = _keys(rows)
    unknown: list[str] = []
    ambiguous: list[str] = []
    count = 0
    for student, grade in grades.items():
        matches = _matches(student, keys)
        if len(matches) == 1:
            row = rows[matches.pop()]
            row += [""] * (index + 1 - len(row))
            row[index] = grade
            count += 1
        else:
            (ambiguous if matches else unknown).append(student)
    return Filled(_text(book, rows), count, tuple(unknown), tuple(ambiguous))


def _keys(rows: list[list[str]]) -> dict[str, set[int]]:
    """Return for every identifying value the rows in which it stands."""
    columns = [index for index, title in enumerate(rows[0]) if title.strip().lower() in KEYS]
    keys: dict[str, set[int]] = {}
    for number, row in enumerate(rows[1:], 1):
        if row and "points possible" in row[0].lower():
            continue
        for index in columns:
            for form in _forms(row[index] if index < len(row) else ""):
                keys.setdefault(form, set()).add(number)
    return keys


def _forms(value: str) -> Iterable[str]:
    """Return the forms under which a student may be named: as it is, and names in both orders."""
    plain = _plain(value)
    forms = {plain}
    if "," in value:
        last, first = value.split(",", 1)
        forms |= {_plain(first + last)}
    elif " " in value.strip():
        words = value.split()
        forms |= {_plain(words[-1] + "".join(words[:-1]))}
    if "@" in value:
        forms.add(_plain(value.split("@", 1)[0]))
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


def _text(book: Gradebook, rows: list[list[str]]) -> str:
    output = StringIO(newline="")
    csv.writer(output, delimiter=book.delimiter, lineterminator=book.line_end).writerows(rows)
    return ("\ufeff" if book.mark else "") + output.getvalue()


def _unreadable(name: str, fact: str) -> CnnspecError:
    return CnnspecError([Diagnostic(code="E409", message=f"`{shorten(name)}` is not a gradebook", notes=(fact,))])
