"""The archive that a workbook is, examined before it is unpacked: sizes, parts and declared entities."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Final, NamedTuple
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from cnnspec.errors import shorten
from cnnspec.homework.tables import faults
from cnnspec.source import Source

UNPACKED: Final = 50_000_000
_BROKEN: Final = (BadZipFile, zlib.error, struct.error, EOFError, LookupError, OSError, RuntimeError, ValueError)
"""What `zipfile` raises for archives that are damaged, encrypted, or packed as it does not know."""
_MEMBERS: Final = 1_000
_XML: Final = (".xml", ".rels")
_CELLS: Final = ("worksheets/", "sharedstrings")
_TEXTS: Final = 100_000
_OTHER_TAGS: Final = 20_000
"""The most tags of what is no sheet, each of which costs openpyxl ten times as much as one of a sheet."""
_SHEETS: Final = 256


class Archive(NamedTuple):
    """What is known of a workbook before it is read."""

    formulas: bool


class _Part(NamedTuple):
    name: str
    content: bytes


def examine(content: bytes, source: Source) -> Archive:
    """Return what is in a workbook; raise CnnspecError where it is broken, too large or no workbook."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            members = archive.infolist()
            _refuse_bomb(members, source)
            parts = [_Part(member.filename, archive.read(member)) for member in members if _is_xml(member)]
    except _BROKEN as error:
        raise faults.unreadable(
            source, "is not a workbook", note=f"the archive is broken: {shorten(error, 100)}"
        ) from None
    if not any(part.name.startswith("xl/") for part in parts):
        step = "save the table as xlsx or csv"
        raise faults.unreadable(source, "is not a workbook", note="the archive holds no sheets", step=step)
    _refuse_costly(parts, source)
    return Archive(any(b"<f" in part.content for part in parts if _holds_cells(part)))


def _is_xml(member: ZipInfo) -> bool:
    return member.filename.lower().endswith(_XML)


def _holds_cells(part: _Part) -> bool:
    return any(word in part.name.lower() for word in _CELLS)


def _refuse_bomb(members: list[ZipInfo], source: Source) -> None:
    size = sum(member.file_size for member in members)
    if size > UNPACKED or len(members) > _MEMBERS:
        raise faults.too_large(source, f"unpacks to {size:,} bytes, more than the limit of {UNPACKED:,}")
    if any(member.compress_type not in {ZIP_STORED, ZIP_DEFLATED} or member.flag_bits & 1 for member in members):
        raise faults.unreadable(source, "is not a workbook", note="its parts are encrypted or packed in an unusual way")


def _refuse_costly(parts: list[_Part], source: Source) -> None:
    """Raise CnnspecError where reading the parts would take long, or where they declare entities."""
    if any(b"<!" in part.content and (b"<!ENTITY" in part.content or b"<!DOCTYPE" in part.content) for part in parts):
        raise faults.unreadable(source, "is not a workbook", note="a part of it declares a document type")
    cells = sum(part.content.count(b"<") for part in parts if _holds_cells(part))
    others = sum(part.content.count(b"<") for part in parts if not _holds_cells(part))
    texts = sum(part.content.count(b"<si") for part in parts)
    sheets = sum(part.content.count(b"sheetId=") for part in parts)
    if cells > faults.MARKS or others > _OTHER_TAGS or texts > _TEXTS or sheets > _SHEETS:
        raise faults.too_large(source, "holds more sheets, cells or styles than a homework needs")
