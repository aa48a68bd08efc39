"""Documents of Word: their tables, read from the XML without anything else of the document."""

from __future__ import annotations

from io import BytesIO
from typing import Final
from xml.etree import ElementTree as ET
from zipfile import ZipFile

from cnnspec.archives import BROKEN, MemberError, read_member
from cnnspec.homework.tables import faults
from cnnspec.homework.tables.grid import CELLS, Grid, Row, build
from cnnspec.homework.tables.headers import best
from cnnspec.homework.tables.reader import Reader
from cnnspec.source import Source

MEMBER: Final = "word/document.xml"
_MOST: Final = 10_000_000
_WORD: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def read(content: bytes, name: str) -> Grid:
    """Return the table of a document whose header looks most like one of a shape table."""
    source = Source(name, "")
    tables = [rows for table in _document(content, source).iter(f"{_WORD}tbl") if (rows := _rows(table, source))]
    if not tables:
        raise faults.no_table(source, READER)
    chosen = best([[row.cells for row in rows] for rows in tables])
    remarks = (f"table {chosen + 1} of the document was read",) if len(tables) > 1 else ()
    return build(source, READER, tables[chosen], remarks=remarks)


def _document(content: bytes, source: Source) -> ET.Element:
    """Return the text of a document as a tree; one with declarations of its own is refused."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            text = read_member(archive, archive.getinfo(MEMBER), _MOST).decode("utf-8")
    except (*BROKEN, MemberError) as error:
        reason = str(error) if isinstance(error, MemberError) else "it is damaged, or lacks its text"
        raise faults.unreadable(source, "is no document that can be read", note=reason) from None
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise faults.unreadable(source, "is no document that can be read", note="it declares entities")
    faults.refuse_many(source._replace(text=text), ("<",), 1_000_000)
    try:
        root = ET.fromstring(text)  # noqa: S314 - without declarations nothing expands
    except (ET.ParseError, ValueError):
        raise faults.unreadable(source, "is no document that can be read", note="its XML is broken") from None
    if root.tag != f"{_WORD}document":
        raise faults.unreadable(source, "is no document that can be read", note="its text is no text of Word")
    return root


def _rows(table: ET.Element, source: Source) -> list[Row]:
    rows = []
    count = 0
    for number, row in enumerate(table.findall(f"{_WORD}tr"), 1):
        cells = ["".join(text.text or "" for text in cell.iter(f"{_WORD}t")) for cell in row.findall(f"{_WORD}tc")]
        rows.append(Row(number, cells))
        count += len(cells)
        if count > CELLS:
            raise faults.too_large(source, f"has more than {CELLS:,} cells")
    return rows


READER: Final = Reader(
    name="docx",
    called="a document",
    suffixes=("docx",),
    looked_for="a table",
    order=99,
    looks_like=lambda _: False,
    place="row",
    member=MEMBER,
)
