"""Notebooks of Jupyter: tables in their cells of text, and in what their code has printed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from cnnspec.errors import CnnspecError
from cnnspec.homework.tables import faults
from cnnspec.homework.tables.grid import Grid
from cnnspec.homework.tables.headers import best
from cnnspec.homework.tables.reader import Reader
from cnnspec.source import Source

_BEGINNING: Final = 2_000_000
_CELLS: Final = 500
_PRINTED: Final = ("text/html", "text/markdown", "text/plain")


def read(source: Source) -> Grid:
    """Return the table whose header looks most like one of a shape table, of all cells."""
    try:
        notebook = json.loads(source.text, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        raise faults.unreadable(source, "is no notebook", note="it is not valid JSON") from None
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    found: list[tuple[int, Grid]] = []
    for number, text in _texts(cells if isinstance(cells, list) else []):
        try:
            found.append((number, _read(Source(source.name, text))))
        except CnnspecError:
            continue
    if not found:
        raise faults.no_table(source, READER)
    number, grid = found[best([grid.rows for _, grid in found])]
    remarks = (f"the table in cell {number} was read", *grid.remarks) if len(found) > 1 else grid.remarks
    return grid._replace(format=READER.name, remarks=remarks)


def _read(source: Source) -> Grid:
    from cnnspec.homework.tables.reading import read_text  # noqa: PLC0415 - it knows all formats, this one too

    return read_text(source)


def _texts(cells: list[Any]) -> Iterator[tuple[int, str]]:
    """Yield the texts of a notebook with the numbers of their cells: what is written, and what is printed."""
    for number, cell in enumerate(cells[:_CELLS], 1):
        if not isinstance(cell, dict):
            continue
        if cell.get("cell_type") in ("markdown", "raw"):
            yield number, _joined(cell.get("source"))
        outputs = cell.get("outputs")
        for output in outputs[:_CELLS] if isinstance(outputs, list) else []:
            if isinstance(output, dict):
                data = output.get("data")
                shown = [data.get(form) for form in _PRINTED] if isinstance(data, dict) else []
                yield number, _joined(next((text for text in (output.get("text"), *shown) if text), ""))


def _joined(text: object) -> str:
    return "".join(line for line in text if isinstance(line, str)) if isinstance(text, list) else str(text or "")


def looks_like(source: Source) -> bool:
    """Tell whether a text is a notebook."""
    return source.text.lstrip().startswith("{") and '"nbformat"' in source.text and '"cells"' in source.text


READER: Final = Reader(
    name="notebook",
    called="a notebook",
    suffixes=("ipynb",),
    looked_for="a table in a cell of text, or in what a cell has printed",
    order=5,
    looks_like=looks_like,
)
