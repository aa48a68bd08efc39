"""Bytes to text: encodings that homework comes in, line ends, and what is no text at all."""

from __future__ import annotations

from typing import Final

from cnnspec.errors import CnnspecError
from cnnspec.homework.tables import faults
from cnnspec.source import Source
from cnnspec.text.reader import PICTURES

LINES: Final = 100_000
_CONTROLS: Final = "".join(map(chr, (*range(0x09), *range(0x0E, 0x1B), *range(0x1C, 0x20))))
"""Characters that no text has; `\\x1b` begins a colour of a terminal."""
_BINARIES: Final = {
    b"PK\x03\x04": "a zip archive, such as a workbook or a document",
    b"\xd0\xcf\x11\xe0": "a workbook or a document of an old Office",
    b"%PDF": "a PDF document",
    b"{\\rtf": "a document in rich text",
    **dict.fromkeys(PICTURES, "a picture"),
}
_STEP: Final = "hand in the table as csv, xlsx, Markdown, LaTeX, HTML or plain text"


def decode(content: bytes, name: str) -> tuple[Source, tuple[str, ...]]:
    """Return the text of a file with one kind of line end, and remarks on how it was read."""
    _refuse_binary(content, name)
    text, remarks = _text(content, name)
    source = Source(name, text.replace("\r\n", "\n").replace("\r", "\n"))
    places = [source.text.find(sign) for sign in _CONTROLS if sign in source.text]
    if places:
        character = f"the character U+{ord(source.text[min(places)]):04X} is in no text"
        raise faults.unreadable(source, "is not a text file", start=min(places), note=character, step=_STEP)
    if source.text.count("\n") > LINES:
        raise faults.too_large(source, f"has more than {LINES:,} lines")
    return source, remarks


def _refuse_binary(content: bytes, name: str) -> None:
    for signature, kind in _BINARIES.items():
        if content.startswith(signature):
            raise faults.unreadable(Source(name, ""), "is not a text file", note=f"it is {kind}", step=_STEP)


def _text(content: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16"), ("the file is UTF-16 text",)
        except UnicodeDecodeError:
            raise _not_text(name, "it begins like UTF-16 text and goes on differently") from None
    try:
        return content.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        fact = f"byte {error.start:,} is 0x{content[error.start]:02x}, which is not UTF-8"
    return _western(content, name, fact), ("the file is not UTF-8; it was read as Latin-1 (Windows-1252)",)


def _western(content: bytes, name: str, fact: str) -> str:
    """Return the text of an old Windows file, where most of its bytes are ASCII."""
    foreign = len(content.translate(None, bytes(range(128))))
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError:
        raise _not_text(name, fact) from None
    if foreign * 3 > len(content):
        raise _not_text(name, fact)
    return text


def _not_text(name: str, fact: str) -> CnnspecError:
    return faults.unreadable(Source(name, ""), "is not a text file", note=fact, step=_STEP)
