"""Zip archives changed by their members: names, contents, how they are packed, and what the directory says."""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
from random import Random
from typing import Final

from tests.fuzz.mutation import octets
from tests.fuzz.target import Mutate

NAMES: Final = (
    *(
        "",
        "/",
        "x/",
        "../x",
        "/etc/x",
        "C:\\x",
        "a/" * 100 + "x",
        "\x1b[31m",
        "\u202egnp",
        "漢" * 90,
        "a" * 255,
        "__MACOSX/x",
    ),
    *(".hidden", "nul", "con.csv", "a\\b", "x\0y", "hw.csv", "config.json", "model.json", "ada/hw.csv", "ada/", "a//b"),
)
Member = tuple[str, bytes, int]


def members(content: bytes) -> list[Member]:
    """Return the members of an archive that can be read."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [(info.filename, archive.read(info), info.compress_type) for info in archive.infolist()]


def pack(entries: list[Member]) -> bytes:
    """Return an archive."""
    file = io.BytesIO()
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(file, "w") as archive:
        for name, content, method in entries:
            info = zipfile.ZipInfo(name or "x")
            info.compress_type = method
            archive.writestr(info, content)
    return file.getvalue()


def mutator(inner: Mutate) -> Mutate:
    """Return what changes archives; contents of members are changed by another mutator."""

    def mutate(random: Random, content: bytes, other: bytes) -> bytes:
        try:
            entries, others = members(content), members(other)
        except Exception:
            return octets.mutate(random, content, other)
        for _ in range(random.choice((1, 1, 1, 2, 3))):
            _change(random, entries, others, inner)
        try:
            raw = pack(entries)
        except (ValueError, UnicodeError, struct.error):
            return octets.mutate(random, content, other)
        how = random.random()
        if how < 0.08:
            return _lie(random, raw)
        return octets.mutate(random, raw, other) if how < 0.16 else raw

    return mutate


def _change(random: Random, entries: list[Member], others: list[Member], inner: Mutate) -> None:
    if not entries:
        entries += others or [("x", b"", zipfile.ZIP_STORED)]
    at = random.randrange(len(entries))
    name, content, method = entries[at]
    how = random.random()
    if how < 0.7:
        second = random.choice(others)[1] if others else content
        same = [each[1] for each in others if each[0] == name]
        entries[at] = name, inner(random, content, random.choice(same or [second])), method
    elif how < 0.78:
        entries[at] = random.choice((*NAMES, name + "x", name * 2)), content, method
    elif how < 0.84:
        del entries[at]
    elif how < 0.9:
        entries.insert(at, random.choice(others or entries))
    elif how < 0.95:
        entries[at] = (
            name,
            content,
            random.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)),
        )
    else:
        entries += [
            (f"{random.choice(NAMES)}{number}", content[:1000], method) for number in range(random.choice((2, 50)))
        ]


def _lie(random: Random, raw: bytes) -> bytes:
    """Return an archive whose records say something else of a member: flags, method, sizes, length of the name."""
    data = bytearray(raw)
    mark, places = random.choice(
        ((b"PK\x03\x04", (6, 8, 14, 18, 22, 26, 28)), (b"PK\x01\x02", (8, 10, 16, 20, 24, 28, 30, 42)))
    )
    at = data.find(mark, random.randrange(len(data)))
    at = data.find(mark) if at < 0 else at
    if at >= 0 and at + 46 < len(data):
        place = at + random.choice(places)
        struct.pack_into("<H", data, place, random.choice((0, 1, 8, 12, 14, 255, 0xFFFF, random.randrange(2000))))
    return bytes(data)
