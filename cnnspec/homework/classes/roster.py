"""The students of a class: who they are, which variant each of them gets, and what their files are called."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from hashlib import sha256
from io import StringIO
from typing import Final, NamedTuple
from unicodedata import normalize

from cnnspec.errors import CnnspecError, shorten

MOST_BYTES: Final = 5_000_000
MOST_STUDENTS: Final = 10_000
LONGEST_NAME: Final = 50
_IDS: Final = frozenset({"id", "studentid", "idnumber", "userid", "username", "login", "sisuserid"})
_EMAILS: Final = frozenset({"email", "emailaddress", "mail"})
_NAMES: Final = frozenset({"name", "student", "fullname", "studentname"})
_RESERVED: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


class Student(NamedTuple):
    """A student: what tells them from the others, and their name if the roster has a column for it."""

    id: str
    name: str = ""

    @property
    def shown(self) -> str:
        """What stands on their sheet."""
        return f"{self.name} ({self.id})" if self.name and self.name != self.id else self.id


class _Entry(NamedTuple):
    """A row of the roster with its line."""

    line: int
    cells: list[str]

    def cell(self, column: int | None) -> str:
        """Return the text of a column, empty where the row is too short."""
        return self.cells[column].strip() if column is not None and column < len(self.cells) else ""


def read_roster(content: bytes, name: str) -> list[Student]:
    r"""Return the students of a CSV file; raise CnnspecError with E412 where it cannot be read.

    A column named id, email or name tells students apart, in this order; else it is the first one, without a header.

    >>> read_roster(b"Name,ID\nAda,7\nBob,8\n", "class.csv")
    [Student(id='7', name='Ada'), Student(id='8', name='Bob')]
    """
    entries = _entries(content, name)
    column, name_column = 0, None
    titles = [_word(cell) for cell in entries[0].cells] if entries else []
    known = next((found for words in (_IDS, _EMAILS, _NAMES) if (found := _find(titles, words)) is not None), None)
    if known is not None:
        column, name_column = known, _find(titles, _NAMES)
        entries = entries[1:]
    students = [(entry.line, Student(entry.cell(column), entry.cell(name_column))) for entry in entries]
    faults = list(_faults(students))
    if not students:
        faults = ["it names no student"]
    if faults:
        raise _unusable(name, faults)
    return [student for _, student in students]


def _entries(content: bytes, name: str) -> list[_Entry]:
    """Return the rows that are not empty; a row of points, as Canvas writes it, is no student."""
    if len(content) > MOST_BYTES:
        raise _unusable(name, [f"it has more than {MOST_BYTES:,} bytes"])
    try:
        text = content.decode("utf-8-sig")
        reader = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text))
        found = [_Entry(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except UnicodeDecodeError:
        raise _unusable(name, ["it is not text in UTF-8"], "save it as CSV UTF-8") from None
    except csv.Error as error:
        raise _unusable(name, [shorten(str(error), 80)]) from None
    if len(found) > MOST_STUDENTS:
        raise _unusable(name, [f"it has more than {MOST_STUDENTS:,} rows"])
    return [entry for entry in found if not entry.cells[0].strip().lower().startswith("points possible")]


def _delimiter(text: str) -> str:
    first = text.lstrip().partition("\n")[0]
    return max(",;\t", key=first.count)


def _word(title: str) -> str:
    return re.sub(r"[^a-z]", "", title[:80].lower())


def _find(titles: Sequence[str], words: frozenset[str]) -> int | None:
    return next((index for index, title in enumerate(titles) if title in words), None)


def _faults(students: list[tuple[int, Student]]) -> Iterator[str]:
    """Yield what is wrong with the rows: each student needs an id, and another one than all others."""
    first: dict[str, int] = {}
    for line, student in students:
        if not student.id:
            yield f"line {line} has no id"
        elif student.id in first:
            yield f"`{shorten(student.id)}` stands in line {first[student.id]} and in line {line}"
        first.setdefault(student.id, line)


def seed_of(seed: int, student: str) -> int:
    """Return the seed of a student's variant, the same on every machine.

    >>> seed_of(1, "ada@example.org")
    4216448907
    """
    return int(sha256(f"{seed}:{student}".encode()).hexdigest()[:8], 16)


def safe_names(ids: Sequence[str]) -> list[str]:
    """Return a name for the files of each id: nothing in it means anything to a file system, and no two are alike.

    >>> safe_names(["ada@example.org", "../x"])
    ['ada@example.org', 'x-d6b96a97']
    """
    names: list[str] = []
    taken: set[str] = set()
    for student in ids:
        name, mark = _safe(student), f"-{sha256(student.encode()).hexdigest()[:8]}"
        if name != student:
            name += mark
        while _plain(name) in taken:
            name += mark
        taken.add(_plain(name))
        names.append(name)
    return names


def safe_name(text: str) -> str:
    """Return one text as the name of a file."""
    return safe_names([text])[0]


def _safe(student: str) -> str:
    kept = "".join(char if char.isalnum() or char in "._@+-" else "_" for char in student[:LONGEST_NAME])
    name = kept.lstrip("._-").rstrip(".")
    if not name or name.lower().endswith((".hw", ".key", ".yaml")) or _RESERVED.fullmatch(name):
        return f"student_{name}".replace(".", "_").rstrip("_")
    return name


def _plain(name: str) -> str:
    """Return what file systems that ignore case take a name for."""
    return normalize("NFC", name).casefold()


def _unusable(name: str, faults: Sequence[str], step: str = "") -> CnnspecError:
    more = [f"and {len(faults) - 5} more"] if len(faults) > 5 else []
    return CnnspecError.one(
        "E412",
        f"the roster `{shorten(name, 80)}` cannot be used",
        notes=(*faults[:5], *more),
        help=step or "give every student one row with an id of their own",
    )
