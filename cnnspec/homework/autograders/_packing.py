"""An assignment packed for a platform: its files, the wheels, and the platform's scripts in one zip archive."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from cnnspec.files import read_content
from cnnspec.homework.assignment.record import Assignment
from cnnspec.homework.autograders._platform import Entry, Kit
from cnnspec.homework.autograders._wheels import LARGEST, Wheels
from cnnspec.homework.feedback import Reveal

_DATE: Final = (1980, 1, 1, 0, 0, 0)
"""The same assignment makes the same archive, byte for byte."""


def kit_of(path: Path, homework: Assignment, reveal: Reveal, version: str, wheels: Wheels | None) -> Kit:
    """Return what goes into the autograder of an assignment."""
    marking, graph = homework.marking, homework.graph
    most = marking.max_score or 0
    return Kit(
        name=homework.name or path.stem,
        file=path.name,
        sources=_sources(path, homework),
        network=graph.name,
        asked=str(marking.asked),
        units=most,
        most=most if marking.out_of is None else marking.out_of,
        reveal=reveal.value,
        version=version,
        wheels={file.name: read_content(file, LARGEST)[0] for file in wheels.files} if wheels else {},
        own_wheel=wheels.own.name if wheels else "",
        is_offline=wheels is not None and not wheels.lacking,
        reads_workbooks=wheels is None or wheels.reads_workbooks,
    )


def _sources(path: Path, homework: Assignment) -> dict[str, bytes]:
    """Return the assignment, its spec where that is no bundled one, and the networks that the spec names."""
    found = {path.name: read_content(path)[0]}
    spec = Path(homework.spec)
    if not (path.parent / spec).is_file():
        return found
    names = [spec, *(spec.parent / other.name for other in homework.graph.others)]
    for name in dict.fromkeys(place.as_posix() for place in names):
        found[name] = read_content(path.parent / name)[0]
    return found


def pack(entries: Mapping[str, Entry]) -> bytes:
    """Return a zip archive of files, the scripts with leave to be run."""
    buffer = io.BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for name, entry in entries.items():
            member = ZipInfo(name, _DATE)
            member.compress_type = ZIP_DEFLATED
            member.create_system = 3  # Unix, whose modes stand in the upper half of the attributes
            member.external_attr = (0o100755 if entry.is_script else 0o100644) << 16
            archive.writestr(member, entry.content)
    return buffer.getvalue()
