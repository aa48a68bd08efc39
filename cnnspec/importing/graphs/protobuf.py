"""The wire format of protocol buffers, read as it lies in memory: fields by their numbers, nothing is copied.

https://protobuf.dev/programming-guides/encoding. A file is not trusted: lengths end inside of what holds them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

VARINT: Final = 0
FIXED_64: Final = 1
BYTES: Final = 2
FIXED_32: Final = 5
MOST_FIELDS: Final = 2_000_000
LONGEST_TEXT: Final = 512
_SIZES: Final = {FIXED_64: 8, FIXED_32: 4}
_LONGEST_VARINT: Final = 10
_SIGN: Final = 1 << 63

Field = tuple[int, int, int, int]
"""The number of a field, its wire type, and where its content begins and ends; a varint is its own content."""


class BrokenMessageError(Exception):
    """Bytes are no message; the text finishes the sentence 'it is broken: ...'."""


class Reader:
    """Bytes that hold messages, of which no more fields are read in all than a file of sense has."""

    def __init__(self, data: memoryview, most: int = MOST_FIELDS) -> None:
        """Take the bytes of a file."""
        self.data = data
        self.left = most

    def fields(self, start: int, end: int) -> Iterator[Field]:
        """Yield the fields of a message; for a varint, the value stands in the place of where its content begins."""
        data, at = self.data, start
        while at < end:
            self.left -= 1
            if self.left < 0:
                raise BrokenMessageError("it has too many fields")
            tag, at = varint(data, at, end)
            number, wire = tag >> 3, tag & 7
            if wire == VARINT:
                value, at = varint(data, at, end)
                yield number, wire, value, at
                continue
            if wire == BYTES:
                size, at = varint(data, at, end)
            elif wire in _SIZES:
                size = _SIZES[wire]
            else:
                raise BrokenMessageError(f"a field has the unknown type {wire}")
            if not number or size > end - at:
                raise BrokenMessageError(f"a field of {size:,} bytes does not fit into what holds it")
            yield number, wire, at, at + size
            at += size

    def integers(self, field: Field, most: int) -> list[int]:
        """Return the signed numbers of a repeated field, packed or one alone; at most so many."""
        _, wire, start, end = field
        if wire == VARINT:
            return [signed(start)]
        if wire != BYTES:
            raise BrokenMessageError("integers are of another type")
        found = []
        while start < end:
            value, start = varint(self.data, start, end)
            found.append(signed(value))
            if len(found) > most:
                raise BrokenMessageError(f"a list has more than {most:,} numbers")
        return found

    def numbers(self, field: Field, form: str, most: int) -> list[int | float]:
        """Return the numbers of a field that are written as `struct` calls them, packed or one alone."""
        _, wire, start, end = field
        size = struct.calcsize(form)
        if wire == VARINT or (end - start) % size or (end - start) // size > most:
            raise BrokenMessageError("numbers are of another type, or too many")
        return [value for (value,) in struct.iter_unpack(form, self.data[start:end])]

    def number(self, field: Field, form: str) -> int | float:
        """Return the only number of a field, written as `struct` calls it."""
        found = self.numbers(field, form, 1)
        if not found:
            raise BrokenMessageError("a number is empty")
        return found[0]

    def text(self, field: Field) -> str:
        """Return a text, cut where it is longer than any name; bytes that are none are shown as `\ufffd`."""
        _, wire, start, end = field
        if wire != BYTES:
            raise BrokenMessageError("a text is of another type")
        return bytes(self.data[start : min(end, start + LONGEST_TEXT)]).decode("utf-8", "replace")

    def inside(self, field: Field) -> Iterator[Field]:
        """Yield the fields of a message that is a field."""
        _, wire, start, end = field
        if wire != BYTES:
            raise BrokenMessageError("a message is of another type")
        return self.fields(start, end)


def varint(data: memoryview, at: int, end: int) -> tuple[int, int]:
    """Return the integer at a place, and the place behind it."""
    value = 0
    for step in range(_LONGEST_VARINT):
        if at >= end:
            raise BrokenMessageError("it ends inside a number")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << 7 * step
        if byte < 0x80:
            return value, at
    raise BrokenMessageError("a number has more than ten bytes")


def signed(value: int) -> int:
    """Return a varint as the signed number of 64 bits that it stands for."""
    value &= 2 * _SIGN - 1
    return value - 2 * _SIGN if value >= _SIGN else value
