"""Trees of modules, as torchinfo prints them: `│    └─Conv2d: 2-1   [1, 8, 28, 28]   608`."""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import Final

from cnnspec.analysis.quantities import PARAMS
from cnnspec.errors import listing
from cnnspec.homework.tables.cells import is_blank
from cnnspec.homework.tables.columns import recognise
from cnnspec.homework.tables.formats import summary, text
from cnnspec.homework.tables.grid import Grid
from cnnspec.homework.tables.reader import Reader
from cnnspec.source import Source

_BRANCH: Final = re.compile(r"^[ \t\u00a0│|]*[├└]─*", re.MULTILINE)
_HEADER: Final = re.compile(r"^[^\w\n]*+layer \(type", re.IGNORECASE | re.MULTILINE)
_BEGINNING: Final = 20_000
"""Characters of a text in which a tree is looked for."""
_STEP: Final = 5
"""Characters by which a level stands further in."""
_INDEX: Final = re.compile(r":\s*(\d{1,3})-\d+\W*$")
"""The depth and the number that stand behind a module's name."""
_ENOUGH: Final = 2


def read(source: Source) -> Grid:
    """Return the rows of a tree without its branches, and without the modules that only hold others."""
    plain = Source(source.name, _BRANCH.sub(lambda branch: " " * len(branch[0]), source.text))
    grid: Grid = (summary.read if summary.looks_like(plain) else text.read)(plain)
    lines = source.text.split("\n")
    depths = [_depth(lines[number - 1], row[0]) for row, number in zip(grid.rows, grid.lines, strict=True)]
    params = next((place for place, title in enumerate(grid.rows[0]) if recognise(title) == PARAMS.name), None)
    kept, held = [0], []
    for place, (depth, below) in enumerate(zip_longest(depths, depths[1:], fillvalue=0)):
        row = grid.rows[place]
        if place and below > depth and (params is None or is_blank(row[params])):
            held.append(row[0])
        elif place:
            kept.append(place)
    remarks = (f"these rows only hold others: {listing(held, 8)}",) if held else ()
    rows, numbers = [grid.rows[place] for place in kept], [grid.lines[place] for place in kept]
    return grid._replace(rows=rows, lines=numbers, format=READER.name, remarks=(*grid.remarks, *remarks))


def _depth(line: str, label: str) -> int:
    """Return how deep a module lies: by its index, or by how far in its line begins."""
    if found := _INDEX.search(label):
        return int(found[1])
    branch = _BRANCH.match(line)
    return (len(branch[0]) + _STEP - 2) // _STEP if branch else 0


def looks_like(source: Source) -> bool:
    """Tell whether a header of modules stands in a text, and several lines begin with a branch of a tree."""
    beginning = source.text[:_BEGINNING]
    return _HEADER.search(beginning) is not None and len(_BRANCH.findall(beginning)) >= _ENOUGH


READER: Final = Reader(
    name="tree",
    called="a tree of modules",
    suffixes=(),
    looked_for="lines that begin with `├─` or `└─`, below `Layer (type:depth-idx) Output Shape Param #`",
    order=32,
    looks_like=looks_like,
)
