"""Hostile hand-ins: archives that lie, costs that grow with the square, names that no file system takes.

Every command runs in a child process whose memory is limited; what would take hours meets the test's own time limit.
"""

from __future__ import annotations

import bz2
import csv
import io
import resource
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Final, NamedTuple

import pytest

ROOT: Final = Path(__file__).parents[2]
GIBIBYTE: Final = 1 << 30
RIGHT: Final = "layer,shape,size,params\nCONV1,28x28x8,6272,608\n"


class Done(NamedTuple):
    """How a command ended."""

    code: int
    stdout: str
    stderr: str


def run(*arguments: str | Path, memory: int = GIBIBYTE // 2) -> Done:
    """Run a command with an address space of at most so many bytes."""
    done = subprocess.run(
        [sys.executable, "-m", "cnnspec", *map(str, arguments)],
        check=False,
        capture_output=True,
        cwd=ROOT,
        timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (memory, memory)),
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def lie(path: Path, name: str, packed: bytes, method: int, size: int) -> None:
    """Write an archive whose directory lies about its member: how it is packed, and how large it is."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, packed)
    raw = bytearray(path.read_bytes())
    central = raw.find(b"PK\x01\x02")
    for at, form, value in (
        (8, "<H", method),
        (22, "<I", size),
        (central + 10, "<H", method),
        (central + 24, "<I", size),
    ):
        struct.pack_into(form, raw, at, value)
    path.write_bytes(raw)


def deflated(size: int) -> bytes:
    """Return so many zeros, packed: one block, which begins anew, again and again."""
    packer = zlib.compressobj(9, wbits=-15)
    block = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return block * (size >> 20) + zlib.compressobj(9, wbits=-15).flush()


def bzip2_that_lies(path: Path) -> None:
    """2 kB that declare 1,000 bytes and unpack to gigabytes."""
    packer = bz2.BZ2Compressor()
    block = bytes(1 << 24)
    packed = b"".join([*(packer.compress(block) for _ in range(20)), packer.flush()])
    lie(path, "eve/hw.csv", packed, 12, 1000)


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


ARCHIVES: Final = {
    "bzip2": (bzip2_that_lies, 1, "it is packed in an unusual way, neither stored nor deflated"),
    "lzma": (lzma_with_a_large_dictionary, 1, "it is packed in an unusual way, neither stored nor deflated"),
    "nameless": (nameless, 1, "no table was found in `hw.csv`"),
    "deep": (deep, 20, "its path has more than 64 folders within each other"),
    "deflate": (deflate_bomb, 1, "it cannot be read"),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_a_lying_archive_costs_its_own_lines(name: str, tmp_path: Path) -> None:
    """The honest hand-ins beside a hostile archive are graded, and each hostile one is a line that says why not."""
    write, count, error = ARCHIVES[name]
    write(tmp_path / "hostile.zip")
    honest = tmp_path / "honest"
    for student in ("ada", "bob"):
        (honest / student).mkdir(parents=True)
        (honest / student / "hw.csv").write_text(RIGHT, encoding="utf-8")
    done = run("grade", "lenet5-rgb", tmp_path / "hostile.zip", honest)
    assert done.code == 1, done.stderr
    assert "Traceback" not in done.stderr
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [(row["student"], row["gradable"]) for row in rows if row["student"] in ("ada", "bob")] == [
        ("ada", "yes"),
        ("bob", "yes"),
    ]
    assert [row["error"] for row in rows if row["gradable"] == "no"] == [error] * count


TABLES: Final = {
    "rowspan.html": (
        "<table><tr>" + "<td colspan=65 rowspan=5000>" * 300 + "<tr>" * 4000 + "<td>x</table>",
        "more than 64 columns",
    ),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_costly_table_is_refused(name: str, tmp_path: Path) -> None:
    """A small file that would become a huge table is refused for its size, within little memory."""
    text, message = TABLES[name]
    (tmp_path / name).write_text(text, encoding="utf-8")
    done = run("check", "lenet5-rgb", tmp_path / name)
    assert done.code == 2
    assert "error[E403]" in done.stdout + done.stderr
    assert message in done.stdout + done.stderr


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
    workbook(path, names(20), sheet(4900, 10))


def utf16(path: Path) -> None:
    """A sheet in UTF-16 that declares an entity."""
    text = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY a "xx">]>' + sheet(2, 2).decode()
    workbook(path, names(1), text.encode("utf-16"))


def lying_workbook(path: Path) -> None:
    """A part that declares 1,000 bytes and unpacks to two gigabytes."""
    lie(path, "xl/workbook.xml", deflated(2_200_000_000), 8, 1000)


WORKBOOKS: Final = {
    "foreign name": (foreign_name, "E403"),
    "many names": (many_names, "E403"),
    "long head": (long_head, "E403"),
    "several names": (several_names, "E403"),
    "utf-16": (utf16, "E404"),
    "lie": (lying_workbook, "E404"),
}


@pytest.mark.parametrize("name", WORKBOOKS)
def test_a_hostile_workbook_is_refused(name: str, tmp_path: Path) -> None:
    """What a workbook says of itself is not believed, and its cost is known before openpyxl reads it."""
    write, code = WORKBOOKS[name]
    path = tmp_path / "b.xlsx"
    write(path)
    done = run("check", "lenet5-rgb", path)
    assert done.code == 2
    assert f"error[{code}]" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_an_honest_workbook_of_this_writer_is_read(tmp_path: Path) -> None:
    """The workbooks above are refused for their content, not for the way in which they are written."""
    path = tmp_path / "a.xlsx"
    cells = [["layer", "params"], ["CONV1", "608"]]
    rows = "".join(
        "<row>" + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in row) + "</row>" for row in cells
    )
    spreadsheet = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    workbook(path, names(1), f"<worksheet {spreadsheet}><sheetData>{rows}</sheetData></worksheet>".encode())
    assert "1 of 7 cells right" in run("check", "lenet5-rgb", path).stdout
