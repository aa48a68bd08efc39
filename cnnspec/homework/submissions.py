"""Where a class's submissions come from: files, folders, glob patterns and zip archives, read safely."""

from __future__ import annotations

import glob
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

from cnnspec.errors import Diagnostic, UsageError, shorten

SUFFIXES: Final = frozenset(
    {".csv", ".tsv", ".md", ".markdown", ".json", ".yaml", ".yml", ".tex", ".html", ".htm", ".xlsx", ".txt"}
)
LARGEST: Final = 5_000_000
MOST_MEMBERS: Final = 20_000


class Submission(NamedTuple):
    """One student's file: who handed it in, its name, and where to read it; `fault` says why it cannot be read."""

    student: str
    name: str
    path: str
    member: str = ""
    fault: str = ""


def find_submissions(paths: Iterable[str]) -> list[Submission]:
    """Return the submissions that paths mean, sorted; raise UsageError for a path that is not there."""
    found: list[Submission] = []
    for text in paths:
        matches = [text]
        if any(char in text for char in "*?[") and not Path(text).exists():
            matches = sorted(glob.glob(text))  # noqa: PTH207 - a pattern may be absolute
        if not matches:
            raise UsageError([Diagnostic(code="E601", message=f"no file matches `{shorten(text, 80)}`")])
        for match in matches:
            found += _from_path(Path(match))
    return sorted(found, key=lambda entry: (entry.student.lower(), entry.name))


def read(submission: Submission) -> bytes:
    """Return a submission's content; raise OSError or ValueError where it cannot be read."""
    if not submission.member:
        with Path(submission.path).open("rb") as file:
            return file.read(LARGEST + 1)
    with zipfile.ZipFile(submission.path) as archive, archive.open(submission.member) as file:
        return file.read(LARGEST + 1)


def _from_path(path: Path) -> Iterator[Submission]:
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            relative = file.relative_to(path)
            if file.is_file() and _is_table(relative.parts):
                yield Submission(student_of(relative.parts), file.name, str(file))
    elif not path.is_file():
        raise UsageError([Diagnostic(code="E601", message=f"there is no file or folder `{shorten(path, 80)}`")])
    elif path.suffix.lower() == ".zip":
        yield from _from_archive(path)
    else:
        yield Submission(student_of((path.name,)), path.name, str(path))


def _from_archive(path: Path) -> Iterator[Submission]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError):
        raise UsageError([Diagnostic(code="E602", message=f"`{shorten(path, 80)}` is not a zip archive")]) from None
    if len(members) > MOST_MEMBERS:
        message = f"`{shorten(path, 80)}` has {len(members):,} files, more than {MOST_MEMBERS:,}"
        raise UsageError([Diagnostic(code="E403", message=message)])
    for member in members:
        parts = PurePosixPath(member.filename.replace("\\", "/")).parts
        if member.is_dir() or not parts:
            continue
        if ".." in parts or member.filename.startswith(("/", "\\")) or ":" in parts[0]:
            yield Submission(shorten(parts[-1]), parts[-1], str(path), fault="its path leads out of the archive")
        elif _is_table(parts):
            fault = "it is too large" if member.file_size > LARGEST else ""
            yield Submission(student_of(parts), parts[-1], str(path), member.filename, fault)


def _is_table(parts: tuple[str, ...]) -> bool:
    hidden = any(part.startswith((".", "__MACOSX")) for part in parts)
    return not hidden and PurePosixPath(parts[-1]).suffix.lower() in SUFFIXES


def student_of(parts: tuple[str, ...]) -> str:
    """Return who handed a file in: the outermost folder, or the file's name without its suffix."""
    return parts[0] if len(parts) > 1 else PurePosixPath(parts[0]).stem
