"""Homework tables in, grids of text out: one file per format."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Final

from cnnspec.errors import CnnspecError, Diagnostic
from cnnspec.homework.tables import faults
from cnnspec.homework.tables.decoding import decode
from cnnspec.homework.tables.grid import Grid
from cnnspec.homework.tables.sniffing import sniff
from cnnspec.source import Source

__all__ = ["Grid", "read_grid"]

SUFFIXES: Final = {
    "csv": "csv",
    "tsv": "csv",
    "tab": "csv",
    "md": "markdown",
    "markdown": "markdown",
    "json": "json",
    "yaml": "yaml",
    "yml": "yaml",
    "tex": "latex",
    "latex": "latex",
    "html": "html",
    "htm": "html",
    "xlsx": "xlsx",
    "xlsm": "xlsx",
}

_ARCHIVE: Final = b"PK\x03\x04"
_SAMPLE: Final = 100_000
"""Characters at which a text is looked at to find out what else it may be."""


def read_grid(content: bytes, name: str) -> Grid:
    r"""Return the table of a homework file; raise CnnspecError with E401 to E405 where it has none that can be read.

    >>> read_grid(b"Layer,Size\nCONV1,6272\n", "table.csv").rows
    [['Layer', 'Size'], ['CONV1', '6272']]
    """
    faults.refuse_size(content, name)
    suffix = name.rpartition(".")[2].lower() if "." in name else ""
    known = SUFFIXES.get(suffix)
    if known == "xlsx" or (known is None and content.startswith(_ARCHIVE)):
        from cnnspec.homework.tables.formats import xlsx  # noqa: PLC0415 - only workbooks need archives

        return xlsx.read(content, name)
    source, remarks = decode(content, name)
    grid = _read(source, known)
    return grid._replace(remarks=(*remarks, *grid.remarks))


def _read(source: Source, known: str | None) -> Grid:
    if not source.text.strip():
        raise faults.no_table(source, known or "text", "the file is empty")
    module = import_module(f"cnnspec.homework.tables.formats.{known or sniff(source)}")
    reader: Callable[[Source], Grid] = module.read
    try:
        return reader(source)
    except CnnspecError as error:
        if known and error.diagnostics[0].code == "E401":
            raise CnnspecError([_advised(error.diagnostics[0], source, known)]) from None
        raise


def _advised(diagnostic: Diagnostic, source: Source, known: str) -> Diagnostic:
    """Return the diagnostic with a help where the content looks like another format than its name says."""
    looks = sniff(Source(source.name, source.text[:_SAMPLE]))
    if looks in {known, "text"}:
        return diagnostic
    suffix = next(suffix for suffix, format in SUFFIXES.items() if format == looks)
    return diagnostic._replace(help=f"the content looks like {faults.WORDS[looks]}: name the file `.{suffix}`")
