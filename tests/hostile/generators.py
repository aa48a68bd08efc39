"""Small files that lie about their size, or would cost far more than they weigh."""

from __future__ import annotations

import bz2
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Final

RIGHT: Final = "layer,shape,size,params\nCONV1,28x28x8,6272,608\n"
ROWSPAN: Final = "<table><tr>" + "<td colspan=65 rowspan=5000>" * 300 + "<tr>" * 4000 + "<td>x</table>"
"""A page of 24 kB whose cells span 19,500 columns and 4,000 rows."""


def lie(path: Path, name: str, packed: bytes, method: int, size: int, crc: int = 0) -> None:
    """Write an archive whose directory says of its member what is told: how it is packed, how large it is, its sum."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, packed)
    raw = bytearray(path.read_bytes())
    central = raw.find(b"PK\x01\x02")
    for at, form, value in (
        (8, "<H", method),
        (14, "<I", crc),
        (22, "<I", size),
        (central + 10, "<H", method),
        (central + 16, "<I", crc),
        (central + 24, "<I", size),
    ):
        struct.pack_into(form, raw, at, value)
    path.write_bytes(raw)


def deflated(size: int, head: bytes = b"") -> bytes:
    """Return so many zeros behind a head, packed: one block, which begins anew, again and again."""
    packer = zlib.compressobj(9, wbits=-15)
    first = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH) if head else b""
    block = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return first + block * (size >> 20) + zlib.compressobj(9, wbits=-15).flush()


def bzip2_that_lies(path: Path) -> None:
    """A few bytes that declare 1,000 and unpack to 16 million."""
    lie(path, "eve/hw.csv", bz2.compress(bytes(1 << 24)), 12, 1000)


def lzma_with_a_large_dictionary(path: Path) -> None:
    """An LZMA member whose properties ask for a dictionary of 4 GB."""
    lie(path, "eve/hw.csv", b"\x09\x14\x05\x00\x5d\xff\xff\xff\xff" + bytes(40), 14, 1000)


def nameless(path: Path) -> None:
    """A member without a name beside one with a name."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x", "")
        archive.writestr("eve/hw.csv", "not a table")
    raw = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x03\x04", 26), (b"PK\x01\x02", 28)):
        start = raw.find(mark)
        struct.pack_into("<H", raw, start + at, 0)
        name_at = start + (30 if mark == b"PK\x03\x04" else 46)
        if mark == b"PK\x01\x02":
            del raw[name_at]
    end = raw.rfind(b"PK\x05\x06")
    struct.pack_into("<I", raw, end + 12, struct.unpack_from("<I", raw, end + 12)[0] - 1)
    path.write_bytes(raw)


def deep(path: Path) -> None:
    """Members below 32,000 folders within each other."""
    with zipfile.ZipFile(path, "w") as archive:
        for index in range(20):
            archive.writestr("a/" * 32000 + f"{index}.csv", RIGHT)


def deflate_bomb(path: Path) -> None:
    """Two megabytes that declare 1,000 bytes and unpack to two gigabytes."""
    lie(path, "eve/hw.csv", deflated(2_200_000_000), 8, 1000)


def workbook(path: Path, sheets: str, content: bytes, part: str = "xl/worksheets/sheet1.xml") -> None:
    """Write a workbook of these sheets, all of which are one part."""
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
            f'<Override PartName="/{part}" ContentType="{kind}.worksheet+xml"/></Types>',
        )
        archive.writestr(
            "_rels/.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="rId1" Type="{relation}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="rId1" Type="{relation}/worksheet" Target="/{part}"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
            f'xmlns:r="{relation}"><sheets>{sheets}</sheets></workbook>',
        )
        archive.writestr(part, content)


def sheet(rows: int, columns: int, head: str = "") -> bytes:
    """Return a sheet full of ones."""
    row = "<row>" + "<c><v>1</v></c>" * columns + "</row>"
    spreadsheet = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    return f"<worksheet {spreadsheet}>{head}<sheetData>{row * rows}</sheetData></worksheet>".encode()


def names(count: int, blank: str = "") -> str:
    """Return the entries of so many sheets, all of one part."""
    return "".join(f'<sheet name="s{index}" sheetId{blank}="{index + 1}" r:id="rId1"/>' for index in range(count))


def foreign_name(path: Path) -> None:
    """A large sheet whose part is no .xml, under 20 names."""
    workbook(path, names(20), sheet(4900, 256), "xl/worksheets/sheet1.foo")


def many_names(path: Path) -> None:
    """19,000 sheets, written so that a search for `sheetId=` finds none, all with a long head."""
    workbook(path, names(19000, blank=" "), sheet(2, 2, "<sheetPr/>" * 300_000))


def long_head(path: Path) -> None:
    """200 names of a sheet whose cells begin behind 100,000 tags."""
    workbook(path, names(200), sheet(2, 2, "<sheetPr/>" * 100_000))


def several_names(path: Path) -> None:
    """20 names of one sheet of 4,900 rows: every name would be read for itself."""
    workbook(path, names(20), sheet(4900, 2))


def utf16(path: Path) -> None:
    """A sheet in UTF-16 that declares an entity."""
    text = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY a "xx">]>' + sheet(2, 2).decode()
    workbook(path, names(1), text.encode("utf-16"))


def lying_workbook(path: Path) -> None:
    """A part that declares 1,000 bytes and unpacks to two gigabytes."""
    lie(path, "xl/workbook.xml", deflated(2_200_000_000), 8, 1000)
