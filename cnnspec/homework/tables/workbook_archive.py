"""The archive that a workbook is, examined before openpyxl reads it: sizes, parts and declared entities.

openpyxl finds parts through relations, whatever they are called: every part is looked at, and judged by its content.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Final, NamedTuple
from zipfile import ZipFile

from cnnspec.archives import BROKEN, MemberError, is_folder, read_member
from cnnspec.errors import CnnspecError, shorten
from cnnspec.homework.tables import faults
from cnnspec.source import Source

UNPACKED: Final = 50_000_000
_MEMBERS: Final = 1_000
_TEXTS: Final = 100_000
_OTHER_TAGS: Final = 20_000
"""The most tags of what is no sheet, each of which costs openpyxl ten times as much as one of a sheet."""
_SHEETS: Final = 256
_HEAD: Final = 2_000
"""The most tags before the cells of a sheet, which openpyxl looks through once for every name of the sheet."""
_MARKUP: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*<")
_WIDE: Final = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<", b"\0\0\xfe\xff")
"""How XML in UTF-16 or UTF-32 begins."""
_ENCODING: Final = re.compile(rb"encoding\s*=\s*[\"']([^\"']*)")
_BYTEWISE: Final = frozenset((b"utf-8", b"us-ascii", b"ascii", b"iso-8859-1"))
_SHEET: Final = re.compile(rb"<(?:\w+:)?sheet[\s/>]")
_CELLS: Final = re.compile(rb"<(?:\w+:)?(?:sheetData|sst)[\s/>]")


class Archive(NamedTuple):
    """What is known of a workbook before it is read."""

    formulas: bool


class _Part(NamedTuple):
    name: str
    content: bytes

    @property
    def holds_cells(self) -> bool:
        return _CELLS.search(self.content) is not None


def examine(content: bytes, source: Source) -> Archive:
    """Return what is in a workbook; raise CnnspecError where it is broken, too large or no workbook."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            parts = list(_parts(archive, source))
    except (MemberError, *BROKEN) as error:
        raise _no_workbook(source, f"the archive is broken: {shorten(error.__cause__ or error, 100)}") from None
    if not any(part.name.startswith("xl/") for part in parts):
        raise _no_workbook(source, "the archive holds no sheets", "save the table as xlsx or csv")
    markup = [part for part in parts if _is_markup(part, source)]
    _refuse_costly(markup, source)
    return Archive(any(b"<f" in part.content for part in markup if part.holds_cells))


def _parts(archive: ZipFile, source: Source) -> Iterator[_Part]:
    """Yield all parts; together they unpack to no more than the limit."""
    members = archive.infolist()
    size = sum(member.file_size for member in members)
    if size > UNPACKED or len(members) > _MEMBERS:
        raise faults.too_large(source, f"unpacks to {size:,} bytes, more than the limit of {UNPACKED:,}")
    for member in members:
        if not is_folder(member):
            yield _Part(member.filename, read_member(archive, member, UNPACKED))


def _is_markup(part: _Part, source: Source) -> bool:
    """Tell whether a part is XML; raise CnnspecError where it is written in an encoding that hides its tags."""
    encoding = _ENCODING.search(part.content, 0, 200)
    wide = part.content.startswith(_WIDE)
    plain = _MARKUP.match(part.content) is not None
    if wide or (plain and encoding is not None and encoding[1].lower() not in _BYTEWISE):
        raise _no_workbook(source, "a part of it is not in UTF-8")
    return plain


def _refuse_costly(parts: list[_Part], source: Source) -> None:
    """Raise CnnspecError where reading the parts would take long, or where they declare entities."""
    if any(b"<!" in part.content and (b"<!ENTITY" in part.content or b"<!DOCTYPE" in part.content) for part in parts):
        raise _no_workbook(source, "a part of it declares a document type")
    with_cells = [part for part in parts if part.holds_cells]
    cells = sum(part.content.count(b"<") for part in with_cells)
    others = sum(part.content.count(b"<") for part in parts) - cells
    texts = sum(part.content.count(b"<si") for part in parts)
    sheets = sum(len(_SHEET.findall(part.content)) for part in parts)
    heads = [part.content.partition(b"sheetData") for part in with_cells]
    if cells > faults.MARKS or others > _OTHER_TAGS or texts > _TEXTS or sheets > _SHEETS:
        raise faults.too_large(source, "holds more sheets, cells or styles than a homework needs")
    if any(found and head.count(b"<") > _HEAD for head, found, _ in heads):
        raise faults.too_large(source, f"has a sheet with more than {_HEAD:,} tags before its cells")


def _no_workbook(source: Source, note: str, step: str = "") -> CnnspecError:
    return faults.unreadable(source, "is not a workbook", note=note, step=step)
