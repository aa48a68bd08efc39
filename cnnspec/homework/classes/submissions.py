"""Where a class's submissions come from: files, folders, glob patterns and zip archives, read safely."""

from __future__ import annotations

import glob
import zipfile
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import takewhile
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

from cnnspec.archives import BROKEN, MemberError, demand_readable, is_folder, parts_of, read_member
from cnnspec.errors import UsageError, printable, shorten
from cnnspec.homework.tables.reading import suffixes

LARGEST: Final = 5_000_000
MOST_MEMBERS: Final = 20_000
MOST_CHARACTERS: Final = 1_000
"""What of the end of a path is looked at for a name."""


class Submission(NamedTuple):
    """One student's file: who handed it in, its name, and where to read it; `fault` says why it cannot be read.

    `member` is the place of the file in an archive's directory.
    """

    student: str
    name: str
    path: str
    member: int | None = None
    fault: str = ""


class _Found(NamedTuple):
    """A file with its path inside the folder or archive, which tells who handed it in."""

    parts: tuple[str, ...]
    path: str
    member: int | None = None
    fault: str = ""


def find_submissions(paths: Iterable[str]) -> list[Submission]:
    """Return the submissions that paths mean, sorted; raise UsageError for a path that is not there."""
    found: list[Submission] = []
    for text in paths:
        matches = [text]
        if any(char in text for char in "*?[") and not Path(text).exists():
            matches = sorted(glob.glob(text))  # noqa: PTH207 - a pattern may be absolute
        if not matches:
            raise UsageError.one("E601", f"no file matches `{shorten(text, 80)}`")
        for match in matches:
            found += _named(list(_from_path(Path(match))))
    return sorted(found, key=lambda entry: (entry.student.lower(), entry.name))


def read(submission: Submission) -> bytes:
    """Return a submission's content; raise MemberError or OSError where it cannot be read."""
    if submission.member is None:
        with Path(submission.path).open("rb") as file:
            return file.read(LARGEST + 1)
    archive = _opened(submission.path, Path(submission.path).stat().st_mtime_ns)
    return read_member(archive, archive.infolist()[submission.member], LARGEST)


@lru_cache(maxsize=2)
def _opened(path: str, _: int) -> zipfile.ZipFile:
    """Return an archive, whose directory is read once for all of its files."""
    return zipfile.ZipFile(path)


def _named(found: list[_Found]) -> list[Submission]:
    """Return files as submissions; a folder around all of them names nobody."""
    shared = _shared_folders([entry.parts[:-1] for entry in found]) if len(found) > 1 else 0
    return [
        Submission(printable(student_of(parts[shared:])), printable(parts[-1]), path, member, fault)
        for parts, path, member, fault in found
    ]


def _shared_folders(folders: list[tuple[str, ...]]) -> int:
    """Return how many folders, from the outermost on, all paths have in common: the least and the greatest tell."""
    least, greatest = min(folders), max(folders)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(least, greatest, strict=False)))


def _from_path(path: Path) -> Iterator[_Found]:
    if path.is_dir():
        root = path.resolve()
        for file in sorted(path.rglob("*")):
            parts = file.relative_to(path).parts
            if file.is_file() and _is_table(parts):
                outside = not file.resolve().is_relative_to(root)
                yield _Found(parts, str(file), fault="it is a link that leads out of the folder" if outside else "")
    elif not path.is_file():
        raise UsageError.one("E601", f"there is no file or folder `{shorten(path, 80)}`")
    elif path.suffix.lower() == ".zip":
        yield from _from_archive(path)
    else:
        yield _Found((path.name,), str(path))


def _from_archive(path: Path) -> Iterator[_Found]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except BROKEN:
        raise UsageError.one("E602", f"`{shorten(path, 80)}` is not a zip archive") from None
    if len(members) > MOST_MEMBERS:
        message = f"`{shorten(path, 80)}` has {len(members):,} files, more than {MOST_MEMBERS:,}"
        raise UsageError.one("E403", message)
    for index, member in enumerate(members):
        if is_folder(member):
            continue
        parts, fault = _examined(member)
        if _is_table(parts):
            yield _Found(parts, str(path), index, fault)


def _examined(member: zipfile.ZipInfo) -> tuple[tuple[str, ...], str]:
    """Return the path of a member, its name alone where the path is none, and why it cannot be read."""
    try:
        parts = parts_of(member)
    except MemberError as error:
        return (PurePosixPath(member.filename.replace("\\", "/")[-MOST_CHARACTERS:]).name,), str(error)
    try:
        demand_readable(member, LARGEST)
    except MemberError as error:
        return parts, str(error)
    return parts, ""


def _is_table(parts: tuple[str, ...]) -> bool:
    if not parts or not parts[-1]:
        return False
    hidden = any(part.startswith((".", "__MACOSX")) and part != ".." for part in parts)
    return not hidden and PurePosixPath(parts[-1]).suffix.lower() in suffixes()


def student_of(parts: tuple[str, ...]) -> str:
    """Return who handed a file in: the outermost folder, or the file's name without its suffix."""
    return parts[0] if len(parts) > 1 else PurePosixPath(parts[0]).stem
