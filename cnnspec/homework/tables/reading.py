"""Homework tables in, grids of text out: one file per format."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any, Final

from cnnspec.errors import CnnspecError, Diagnostic
from cnnspec.homework.tables import faults, formats
from cnnspec.homework.tables.decoding import decode
from cnnspec.homework.tables.grid import Grid
from cnnspec.homework.tables.reader import Reader
from cnnspec.source import Source

__all__ = ["Grid", "read_grid"]

_ARCHIVE: Final = b"PK\x03\x04"
_FENCE: Final = re.compile(r"^[ \t]*(?:```|~~~)[^\n]*\n(.*?)^[ \t]*(?:```|~~~)", re.DOTALL | re.MULTILINE)
_BLOCKS: Final = 20
_SAMPLE: Final = 100_000
"""Characters at which a text is looked at to find out what else it may be."""


@cache
def readers() -> dict[str, Reader]:
    """Return what every format says of itself, by its name: one file each in the folder `formats`."""
    names = sorted(path.stem for folder in formats.__path__ for path in Path(folder).glob("[!_]*.py"))
    return {name: _module(name).READER for name in names}


def suffixes() -> frozenset[str]:
    """Return the suffixes of all files in which a table may be, with the dot."""
    return frozenset(f".{suffix}" for reader in readers().values() for suffix in (*reader.suffixes, *reader.vague))


def sniff(source: Source) -> str:
    r"""Return the format that a text looks like.

    >>> sniff(Source("-", "Layer;Size\nCONV1;6272"))
    'csv'
    """
    asked = sorted(readers().values(), key=lambda reader: reader.order)
    return next(reader.name for reader in asked if reader.looks_like(source))


def _module(name: str) -> Any:
    return import_module(f"{formats.__name__}.{name}")


def read_grid(content: bytes, name: str) -> Grid:
    r"""Return the table of a homework file; raise CnnspecError with E401 to E405 where it has none that can be read.

    >>> read_grid(b"Layer,Size\nCONV1,6272\n", "table.csv").rows
    [['Layer', 'Size'], ['CONV1', '6272']]
    """
    faults.refuse_size(content, name)
    suffix = name.rpartition(".")[2].lower() if "." in name else ""
    known = next((name for name, reader in readers().items() if suffix in reader.suffixes), None)
    if content.startswith(_ARCHIVE) and (known is None or not readers()[known].member):
        known = _archived(content)
    if known and readers()[known].member:
        return _module(known).read(content, name)  # type: ignore[no-any-return] # a grid
    source, remarks = decode(content, name)
    grid = _read(source, known)
    return grid._replace(remarks=(*remarks, *grid.remarks))


def _archived(content: bytes) -> str:
    """Return the format of an archive: that whose member it names, or a workbook."""
    *others, last = sorted((reader for reader in readers().values() if reader.member), key=lambda reader: reader.name)
    return next((reader.name for reader in others if reader.member.encode() in content), last.name)


def read_text(source: Source) -> Grid:
    """Return the table of a text, whatever its format."""
    return _read(source, None)


def _read(source: Source, known: str | None) -> Grid:
    if not source.text.strip():
        raise faults.no_table(source, readers()[known or sniff(source)], "the file is empty")
    reader: Callable[[Source], Grid] = _module(known or sniff(source)).read
    try:
        return reader(source)
    except CnnspecError as error:
        if error.diagnostics[0].code == "E401" and (grid := _fenced(source)):
            return grid
        if known and error.diagnostics[0].code == "E401":
            raise CnnspecError([_advised(error.diagnostics[0], source, known)]) from None
        raise


def _fenced(source: Source) -> Grid | None:
    """Return the first table in a block of code of a text, as in an answer in Markdown."""
    blocks = islice(_FENCE.finditer(source.text[:_SAMPLE]), _BLOCKS)
    for block in blocks:
        above = "\n" * source.text.count("\n", 0, block.start(1))
        try:
            return _read(Source(source.name, above + block[1]), None)
        except CnnspecError:
            continue
    return None


def _advised(diagnostic: Diagnostic, source: Source, known: str) -> Diagnostic:
    """Return the diagnostic with a help where the content looks like another format than its name says."""
    looks = sniff(Source(source.name, source.text[:_SAMPLE]))
    if looks == known or not readers()[looks].suffixes:
        return diagnostic
    suffix = readers()[looks].suffixes[0]
    return diagnostic._replace(help=f"the content looks like {readers()[looks].called}: name the file `.{suffix}`")
