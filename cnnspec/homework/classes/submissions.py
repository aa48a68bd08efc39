"""Where a class's submissions come from: files, folders, glob patterns and zip archives, read safely."""

from __future__ import annotations

import glob
import os
import stat
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from io import BytesIO
from itertools import takewhile
from pathlib import Path, PurePosixPath
from typing import Final

from cnnspec.archives import (
    BROKEN,
    END_AND_COMMENT,
    MemberError,
    demand_readable,
    demand_short_directory,
    is_folder,
    parts_of,
    read_member,
)
from cnnspec.errors import UsageError, shorten
from cnnspec.files import absent
from cnnspec.homework.classes.owners import File, Found, Submission, grouped

LARGEST: Final = 5_000_000
MOST_MEMBERS: Final = 20_000
MOST_INSIDE: Final = 1_000
"""The most files in the archive of one student."""
LONGEST_DIRECTORY: Final = 500_000
"""The most bytes of the directory of a student's archive."""
MOST_CHARACTERS: Final = 1_000
"""What of the end of a path is looked at for a name."""
_ARCHIVE: Final = ".zip"
_SYSTEM: Final = ("thumbs.db", "desktop.ini")
"""Files that operating systems leave in folders."""


def find_submissions(paths: Iterable[str]) -> list[Submission]:
    """Return what each student handed in, sorted by student; raise UsageError for a path that is not there."""
    single: list[Found] = []
    inside: list[Found] = []
    for text in paths:
        matches = [text]
        if any(char in text for char in "*?[") and not Path(text).exists():
            matches = sorted(glob.glob(text))  # noqa: PTH207 - a pattern may be absolute
        if not matches:
            raise UsageError.one("E601", f"no file matches `{shorten(text, 80)}`")
        for path in map(Path, matches):
            if path.is_dir():
                inside += _unwrapped(list(from_folder(str(path))))
            elif not path.is_file():
                raise absent(path, "file or folder")
            elif path.suffix.lower() == _ARCHIVE:
                inside += _unwrapped(list(from_archive(path)))
            else:
                single.append(Found((path.name,), File(path.name, str(path.parent))))
    inside += _told_apart(single)
    return sorted(grouped(inside, unpacked), key=lambda entry: (entry.student.lower(), entry.student))


def read(file: File) -> bytes:
    """Return a file's content; raise MemberError or OSError where it cannot be read."""
    if file.fault:
        raise MemberError(file.fault)
    if file.member is None:
        with Path(file.path).open("rb") as opened:
            return opened.read(LARGEST + 1)
    archive = _opened(file.path, Path(file.path).stat().st_mtime_ns)
    content = read_member(archive, archive.infolist()[file.member], LARGEST)
    if file.inner is None:
        return content
    with _within(content) as inner:
        return read_member(inner, inner.infolist()[file.inner], LARGEST)


def time_of(file: File) -> tuple[float, ...]:
    """Return when a file was changed, as its folder or archive says; later ones are greater."""
    if file.member is None:
        return (Path(file.path).stat().st_mtime,)
    archive = _opened(file.path, Path(file.path).stat().st_mtime_ns)
    return tuple(map(float, archive.infolist()[file.member].date_time))


@lru_cache(maxsize=2)
def _opened(path: str, _: int) -> zipfile.ZipFile:
    """Return an archive, whose directory is read once for all of its files."""
    return zipfile.ZipFile(path)


def _told_apart(found: list[Found]) -> list[Found]:
    """Return files that were named one by one; where names repeat, as in `*/table.csv`, their folders tell whose."""
    if len({entry.parts for entry in found}) == len({entry.file.path for entry in found if entry.file}):
        return found
    whole = [entry._replace(parts=Path(entry.file.path).absolute().parts) for entry in found if entry.file]
    return _unwrapped(list(dict.fromkeys(whole)))


def _unwrapped(found: list[Found]) -> list[Found]:
    """Return files without the folders around all of them, which name nobody."""
    shared = _shared_folders([entry.parts[:-1] for entry in found]) if len(found) > 1 else 0
    return [entry._replace(parts=entry.parts[shared:]) for entry in found] if shared else found


def _shared_folders(folders: list[tuple[str, ...]]) -> int:
    """Return how many folders, from the outermost on, all paths have in common: the least and the greatest tell."""
    least, greatest = min(folders), max(folders)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(least, greatest, strict=False)))


def from_folder(path: str) -> Iterator[Found]:
    """Yield the files of a folder, and the folders in it that hold none."""
    root = os.path.realpath(path)
    folders: list[tuple[str, ...]] = []
    filled: set[tuple[str, ...]] = set()
    for folder, inner, names in os.walk(path):
        above = Path(folder).relative_to(path).parts
        inner[:] = sorted(name for name in inner if _is_visible((name,)))
        linked = [name for name in inner if Path(folder, name).is_symlink()]
        folders += [(*above, name) for name in inner if name not in linked]
        for name in sorted([*linked, *(name for name in names if _is_visible((name,)))]):
            file = File(name, folder)
            yield Found((*above, name), file._replace(fault=_fault(file.path, root)), path)
            filled.update(above[:depth] for depth in range(len(above) + 1))
    yield from _empty(folders, filled, path)


def _fault(path: str, root: str) -> str:
    """Return why a file of a folder is not read."""
    try:
        mode = os.lstat(path).st_mode  # a Path for each of thousands of files costs memory
        if stat.S_ISLNK(mode):
            if not Path(path).resolve().is_relative_to(root):
                return "it is a link that leads out of the folder"
            mode = Path(path).stat().st_mode
    except (OSError, RuntimeError):
        return "it cannot be read"
    if stat.S_ISDIR(mode):
        return "it is a link to a folder, which is not followed"
    return "" if stat.S_ISREG(mode) else "it is no regular file"


def _empty(folders: Iterable[tuple[str, ...]], filled: set[tuple[str, ...]], origin: str) -> Iterator[Found]:
    """Yield the outermost folders in which there is no file."""
    for folder in sorted(set(folders)):
        if folder not in filled and (len(folder) == 1 or folder[:-1] in filled):
            yield Found((*folder, ""), None, origin)


def from_archive(path: Path) -> Iterator[Found]:
    """Yield the files of a zip archive, and the folders in it that hold none; raise UsageError where it is none."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except BROKEN:
        raise UsageError.one("E602", f"`{shorten(path, 80)}` is not a zip archive") from None
    if len(members) > MOST_MEMBERS:
        message = f"`{shorten(path, 80)}` has {len(members):,} files, more than {MOST_MEMBERS:,}"
        raise UsageError.one("E403", message)
    yield from _listed(members, str(path))


def _listed(members: list[zipfile.ZipInfo], origin: str, outer: int | None = None) -> Iterator[Found]:
    """Yield the files of an archive, and the folders in it that hold none; it may be the `outer` member of another."""
    folders: list[tuple[str, ...]] = []
    filled: set[tuple[str, ...]] = set()
    for index, member in enumerate(members):
        parts, fault, lost = _examined(member)
        if not parts or not parts[-1] or not _is_visible(parts):
            continue
        folder = parts if is_folder(member) else parts[:-1]
        folders += [folder[:depth] for depth in range(1, len(folder) + 1)]
        if not is_folder(member):
            place = (index, fault) if outer is None else (outer, fault, index)
            yield Found(parts, File(parts[-1], origin, *place), origin, lost)
            filled.update(folder[:depth] for depth in range(len(folder) + 1))
    yield from _empty(folders, filled, origin)


def unpacked(entry: Found) -> Iterable[Found]:
    """Return the files of an archive that a student handed in, which are the student's; any other file is itself."""
    file = entry.file
    if file is None or file.fault or not file.name.lower().endswith(_ARCHIVE):
        return (entry,)
    try:
        members = _members_of(file)
    except (MemberError, OSError) as error:
        fault = str(error) if isinstance(error, MemberError) else "it cannot be read"
        return (entry._replace(file=file._replace(fault=fault)),)
    return [inner for found in _listed(members, file.path, file.member) for inner in unpacked(found)]


def _members_of(file: File) -> list[zipfile.ZipInfo]:
    """Return what is in an archive on the disk, or in one that is a member; raise MemberError where it is too much."""
    if file.inner is not None:
        raise MemberError("it is an archive within an archive")
    if file.member is None:
        with Path(file.path).open("rb") as opened:
            opened.seek(max(0, Path(file.path).stat().st_size - END_AND_COMMENT))
            demand_short_directory(opened.read(END_AND_COMMENT), LONGEST_DIRECTORY)
        with _within(file.path) as archive:
            members = archive.infolist()
    else:
        content = read(file)
        demand_short_directory(content[-END_AND_COMMENT:], LONGEST_DIRECTORY)
        with _within(content) as archive:
            members = archive.infolist()
    if len(members) > MOST_INSIDE:
        raise MemberError("it holds too many files")
    return members


@contextmanager
def _within(archive: str | bytes) -> Iterator[zipfile.ZipFile]:
    """Open an archive; one that is broken is a MemberError."""
    try:
        opened = zipfile.ZipFile(archive if isinstance(archive, str) else BytesIO(archive))
    except BROKEN:
        raise MemberError("it is no zip archive that can be read") from None
    with opened:
        yield opened


def _examined(member: zipfile.ZipInfo) -> tuple[tuple[str, ...], str, bool]:
    """Return the path of a member, why it cannot be read, and whether its path is none: then its name stands alone."""
    try:
        parts = parts_of(member)
    except MemberError as error:
        name = PurePosixPath(member.filename.replace("\\", "/")[-MOST_CHARACTERS:]).name
        return (() if is_folder(member) else (name,)), str(error), True
    try:
        demand_readable(member, LARGEST)
    except MemberError as error:
        return parts, str(error), False
    return parts, "", False


def _is_visible(parts: tuple[str, ...]) -> bool:
    hidden = any(part.startswith((".", "__MACOSX")) and part != ".." for part in parts)
    return not hidden and parts[-1].lower() not in _SYSTEM
