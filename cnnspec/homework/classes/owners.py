"""Whose a file is: the folders and names that Moodle and Canvas give, and all files of one student together."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from cnnspec.errors import printable
from cnnspec.homework.classes.gradebook_titles import BLIND, means
from cnnspec.homework.tables.reading import suffixes

_MOODLE: Final = re.compile(r"(?P<name>.+?)_(?P<number>\d+)_assignsubmission_[a-z]+(_.*)?", re.DOTALL)
"""`Jane Doe_17_assignsubmission_file_`: a folder, or the beginning of a file's name."""
_CANVAS: Final = re.compile(
    r"(?P<name>[^_\d]+)(_late)?_(?P<number>\d{2,})_((?P<file>\d{2,})_.+|text\.html?)", re.IGNORECASE | re.DOTALL
)
"""`doejane_LATE_4711_88123_hw3.csv`: the user's number, that of the upload, and how the file was called."""
_ASIDE: Final = re.compile(r"_?(read[ _-]?me|licen[cs]e)(\.\w+)?", re.IGNORECASE)


class File(NamedTuple):
    """One file: its name, its folder, or its archive and its place there, and perhaps why it is not read.

    `inner` is its place in an archive that is itself the member of one. What thousands share, such as the folder, is
    kept once.
    """

    name: str
    folder: str
    member: int | None = None
    fault: str = ""
    inner: int | None = None

    @property
    def path(self) -> str:
        """Where the file lies, or the archive that holds it."""
        return self.folder if self.member is not None else os.path.join(self.folder, self.name)  # noqa: PTH118


class Found(NamedTuple):
    """A file with its path inside the class's folder, or an empty folder; `lost` where the path is no place in it."""

    parts: tuple[str, ...]
    file: File | None
    origin: str = ""
    lost: bool = False


Unpack = Callable[[Found], Iterable[Found]]


class Submission(NamedTuple):
    """What one student handed in: the files that may be the table, and the names of the others.

    `key` is what the gradebook may know the student by: a name, and a number where the platform gives one. `fault` says
    why there is no file, where there is none.
    """

    student: str
    files: tuple[File, ...]
    others: tuple[str, ...] = ()
    key: str = ""
    fault: str = "the folder is empty"


class _Owner(NamedTuple):
    """A student as a path names them; `origin` keeps those apart that have no number and come from elsewhere."""

    name: str
    number: str = ""
    raw: str = ""
    origin: str = ""
    lost: int = -1


def grouped(found: list[Found], unpack: Unpack) -> list[Submission]:
    """Return what each student handed in, and empty the list; a README beside tables is nobody's submission.

    `unpack` returns what is in a file that is an archive, which is handed in as well.
    """
    owned: dict[_Owner, list[Found]] = {}
    uploads = Counter(filter(None, (_upload(entry.parts[0]) for entry in found if len(entry.parts) == 1)))
    for index, entry in enumerate(found):
        owned.setdefault(_owner(entry, index, uploads), []).append(entry)
    aside = [owner for owner, entries in owned.items() if len(entries[0].parts) == 1 and _is_aside(entries[0])]
    if len(aside) < len(owned):
        owned = {owner: entries for owner, entries in owned.items() if owner not in aside or entries[0].origin == ""}
    found.clear()
    names = list(_names(list(owned)))
    # Thousands of files: what is not needed any more goes before the next is made.
    pairs = zip(names, list(owned), strict=True)
    return [of_one(student, owned.pop(owner), unpack, shown(owner.raw)) for student, owner in pairs]


def _owner(entry: Found, index: int, uploads: Mapping[tuple[str, ...], int]) -> _Owner:
    """Return whose a file is: by the outermost folder, or by the file's name without its suffix."""
    top = entry.parts[0]
    if entry.lost:
        return _Owner(_split(top)[0], lost=index)
    known = _MOODLE.fullmatch(top) or (_of_canvas(top, uploads) if len(entry.parts) == 1 else None)
    if known is None:
        name = top if len(entry.parts) > 1 else _split(top)[0]
        return _Owner(name, "", name, entry.origin)
    name, number = known["name"], known["number"]
    return _Owner(f"{name} {number}" if means(name.replace("_", "/"), BLIND) else name, number, f"{name}_{number}")


def _split(name: str) -> tuple[str, str]:
    """Return a file's name without its suffix, and the suffix with its dot; a Path would keep parts of all names."""
    stem, dot, suffix = name.rpartition(".")
    return (stem, dot + suffix) if stem else (name, "")


def _of_canvas(name: str, uploads: Mapping[tuple[str, ...], int]) -> re.Match[str] | None:
    """Return the parts of a name that Canvas gave: no two files of it have the number of one upload."""
    return _CANVAS.fullmatch(name) if uploads[_upload(name)] == 1 else None


def _upload(name: str) -> tuple[str, ...]:
    """Return the student, the user's number and that of the upload in a name of Canvas, nothing in others."""
    known = _CANVAS.fullmatch(name)
    return (known["name"], known["number"], known["file"] or "") if known else ()


def _is_aside(entry: Found) -> bool:
    return bool(entry.file and _ASIDE.fullmatch(entry.file.name))


def _names(owners: list[_Owner]) -> Iterator[str]:
    """Yield a name for each, none twice: with the platform's number where others are called the same."""
    shared = Counter(owner.name for owner in owners)
    taken: set[str] = set()
    for owner in owners:
        numbered = shared[owner.name] > 1 and owner.number
        name = free = shown(f"{owner.name} ({owner.number})" if numbered else owner.name)
        again = 1
        while free in taken:
            again += 1
            free = f"{name}-{again}"
        taken.add(free)
        yield free


def of_one(student: str, entries: list[Found], unpack: Unpack, key: str = "") -> Submission:
    """Return the files of one student that may be the table: those of its formats, else all."""
    entries = sorted((inner for entry in entries for inner in unpack(entry)), key=lambda entry: entry.parts)
    files = [entry.file for entry in entries if entry.file]
    relevant = [file for file in files if not _ASIDE.fullmatch(file.name)] or files
    tables = [file for file in relevant if _split(file.name)[1].lower() in suffixes()] or relevant
    others = tuple(shown(file.name) for file in files if file not in tables)
    return Submission(student, tuple(tables), others, key)


def shown(name: str) -> str:
    """Return a name fit to be shown; one that is fit already is not copied."""
    return name if name.isprintable() else printable(name)


def upload_of(file: File) -> int:
    """Return the number of a file's upload in Canvas, which grows with time; 0 for other files."""
    known = _CANVAS.fullmatch(file.name)
    return int(known["file"]) if known and known["file"] else 0
