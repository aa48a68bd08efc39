"""Summaries in which a shape stands above the layers that have it, as fast.ai's `learn.summary()` prints them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from cnnspec.homework.tables import faults
from cnnspec.homework.tables.grid import CELL, Grid, Row, build
from cnnspec.homework.tables.reader import Reader
from cnnspec.homework.tables.rules import is_rule
from cnnspec.source import Source

_HEADER: Final = re.compile(r"\s*layer \(type\)\s+output shape\s+param #\s+trainable\s*", re.IGNORECASE)
_SHAPE: Final = re.compile(r"\s*(\d+(?: x \d+)+(?: x ?)?)\s*")
_LAYER: Final = re.compile(r"\s*(?P<label>[^\W\d]\w*)(?:\s+(?P<params>\d[\d,]*)\s+(?P<trained>True|False))?\s*")
_TITLES: Final = ("Layer (type)", "Output Shape", "Param #")
_NOTHING: Final = "--"
_WIDTH: Final = 19
"""Characters after which fast.ai cuts a shape."""
_LINES: Final = 5_000


def read(source: Source) -> Grid:
    """Return a row for every layer, with the shape above it; a layer without a number has no parameters."""
    lines = list(enumerate(source.text.split("\n", _LINES)[:_LINES], 1))
    first = next((number for number, text in lines if len(text) <= CELL and _HEADER.fullmatch(text)), 0)
    rows = list(_rows(lines[first:])) if first else []
    if not rows:
        raise faults.no_table(source, READER)
    return build(source, READER, [Row(first, list(_TITLES)), *rows])


def _rows(lines: list[tuple[int, str]]) -> Iterator[Row]:
    shape, gap = "", False
    for number, text in lines:
        if not text.strip() or is_rule(text):
            gap = gap or not text.strip()
        elif found := _SHAPE.fullmatch(text[:CELL]):
            shape, gap = _whole(found[1]), False
        elif not gap and (layer := _LAYER.fullmatch(text[:CELL])):
            yield Row(number, [layer["label"], shape, layer["params"] or _NOTHING])
        else:
            return


def _whole(shape: str) -> str:
    """Return a shape; one that was cut, so that its last size may lack digits, is marked so that nobody reads it."""
    sizes = shape.split(" x ")
    cut = len(shape) >= _WIDTH and len(sizes) > 3 and sizes[-1].strip() != sizes[-2]
    return f"{shape}…" if cut else shape


def looks_like(source: Source) -> bool:
    """Tell whether a text has the header, and a shape alone in a line below it."""
    lines = source.text.split("\n", 2_000)
    first = next((place for place, text in enumerate(lines) if len(text) <= CELL and _HEADER.fullmatch(text)), None)
    return first is not None and any(_SHAPE.fullmatch(text[:CELL]) for text in lines[first + 1 : first + 4])


READER: Final = Reader(
    name="shape_groups",
    called="a summary of fast.ai",
    suffixes=(),
    looked_for="layers below a line with their shape, such as `64 x 8 x 28 x 28`",
    order=36,
    looks_like=looks_like,
)
