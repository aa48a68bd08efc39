"""The table of a network with its graph in the gutter, as `git log --graph` shows commits.

Consecutive copies of a block are one row, and each form that these copies have is a table of its own below.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Hashable, Iterator, Sequence
from itertools import groupby
from math import ceil
from typing import Final, NamedTuple

from cnnspec.analysis.columns import COLUMNS, Column, choose, show_cell
from cnnspec.analysis.copies import Folded, Form, fold_copies, forms_of
from cnnspec.analysis.folding import TableRow, configuration
from cnnspec.analysis.quantities import MACS, PARAMS, QUANTITIES, SHAPE
from cnnspec.drawing.lanes import Edge, Lanes, lay_out
from cnnspec.drawing.marks import is_join, mark
from cnnspec.drawing.palette import FRAME, INK, JOIN, QUIET, Colour
from cnnspec.drawing.palette import MACS as MACS_COLOUR
from cnnspec.drawing.palette import PARAMS as PARAMS_COLOUR
from cnnspec.drawing.part import Part, outside, show_shape
from cnnspec.drawing.scene import Box, Scene, Shape, Step, Stroke, Words
from cnnspec.drawing.svg import fit, measure
from cnnspec.errors import UsageError

STANDARD: Final = ("layer", "configuration", "shape", "params", "macs")
MOST_ROWS: Final = 3000
"""How many rows are drawn; a picture that is longer nobody looks at, and viewers do not show."""
LEFT: Final = 34
LANE: Final = 14
ROW: Final = 21
SIZE: Final = 10.5
GAP: Final = 20
BAR: Final = 84
WIDEST: Final = 260
HEAD: Final = 92
"""From the top of a table to the rule above its rows."""
_BY: Final = re.compile(r"(?<=\d)x(?=\d)")
BARS: Final = {PARAMS.title: PARAMS_COLOUR, MACS.title: MACS_COLOUR}


class Table(NamedTuple):
    """A table with its graph: a title, a quiet line below it, and the rows in an order in which they are computed."""

    title: str
    subtitle: str
    rows: tuple[TableRow, ...]
    lanes: Lanes

    prefix: str = ""
    """What stands before the names of the layers and is said in the title."""


class Field(NamedTuple):
    """A column, where it begins, how wide its texts are, and the room for its bars."""

    column: Column
    x: float
    width: float
    bar: float

    @property
    def end(self) -> float:
        """Where it ends."""
        return self.x + self.width + self.bar


def suits(_: Part) -> bool:
    """Tell that it suits: every network has a table."""
    return True


def draw(part: Part, columns: Sequence[str] | None = None) -> Scene:
    """Return the drawing of a part of a network, with the standard columns or others."""
    chosen = choose(columns or STANDARD)
    tables = list(_tables(part))
    fields = _fields(chosen, tables)
    width = max(
        fields[-1].end,
        *(LEFT + measure(table.title, 17, bold=True) for table in tables),
        *(LEFT + measure(table.subtitle, 12) for table in tables),
    )
    shapes: list[Shape] = []
    y = 0.0
    for table in tables:
        shapes += _heading(table, fields, y)
        shapes += _gutter(table, y + HEAD)
        shapes += _cells(table, fields, y + HEAD)
        y += HEAD + ROW * len(table.rows) + 12
    description = f"The layers of {part.title} as a table with their graph: {part.totals}."
    return Scene(ceil(width + 30), y + 12, part.title, description, tuple(shapes))


def _tables(part: Part) -> Iterator[Table]:
    """Yield the table of a part, then those of the forms that the copies in folded rows have, these folded too."""
    folded = list(fold_copies(part.summary, part.rows, part.level))
    count = _demand_few(len(part.entries) + len(folded))
    yield _table(part.title, part.totals, part.entries, folded)
    waiting = deque(forms_of(folded))
    known: set[Hashable] = set()
    while waiting:
        form = waiting.popleft()
        if (form.block, form.structure) in known:  # inside of another block
            continue
        known.add((form.block, form.structure))
        inside = list(fold_copies(part.summary, form.rows, form.level + 1))
        count = _demand_few(count + len(inside))
        yield _table(form.copies[0], _of_copies(form), outside(form.rows), inside)._replace(prefix=form.copies[0] + ".")
        waiting.extend(forms_of(inside))


def _demand_few(rows: int) -> int:
    """Return a number of rows; raise UsageError where they are too many to be looked at."""
    if rows > MOST_ROWS:
        message = f"the drawing would have {rows:,} rows or more; {MOST_ROWS:,} are the most"
        raise UsageError.one("E705", message, help="draw a part with `--select`")
    return rows


def _of_copies(form: Form) -> str:
    """Return which copies have the form of the one that is drawn."""
    alike, every = len(form.copies), form.of
    if alike == 1:
        return f"{form.block}; no other of its {every} copies is built like this" if every > 1 else form.block
    shown = ", ".join(name.rpartition(".")[2] for name in form.copies[1:4]) + (", …" if alike > 4 else "")
    of = f"all {every} copies" if alike == every else f"{alike} of {every} copies"
    return f"{form.block}; {of} are built like this: also {shown}"


def _table(title: str, subtitle: str, entries: Sequence[TableRow], folded: Sequence[Folded]) -> Table:
    rows = (*entries, *(each.row for each in folded))
    place = {name: index for index, row in enumerate(rows) for name in _names(row)}
    sources = [tuple(dict.fromkeys(place[name] for name in row.inputs)) for row in rows]
    return Table(fit(title, 640, 17), fit(subtitle, 640, 12), rows, lay_out(sources))


def _names(row: TableRow) -> Iterator[str]:
    """Yield the names by which others read a row."""
    yield from (member.name for member in row.members)
    if not row.members:
        yield row.name


def _fields(columns: Sequence[Column], tables: Sequence[Table]) -> list[Field]:
    """Return the columns side by side, as wide as their widest texts."""
    x = LEFT + LANE * (max(table.lanes.width for table in tables) - 1) + 24.0
    fields = []
    for column in columns:
        texts = {_text(column, row, table) for table in tables for row in table.rows}
        width = max(measure(column.title, SIZE), *(measure(text, SIZE) for text in texts))
        fields.append(Field(column, x, width, BAR + 8 if _has_bars(column) else 0))
        x = fields[-1].end + GAP
    return fields


def _has_bars(column: Column) -> bool:
    return any(column is COLUMNS[quantity.name] for quantity in QUANTITIES.values() if quantity.summable)


def _text(column: Column, row: TableRow, table: Table) -> str:
    """Return what stands in a cell: nothing instead of 0, so that numbers are seen."""
    if column is COLUMNS[SHAPE.name]:
        return show_shape(row.shape)
    value = column.value(row)
    if column is COLUMNS["layer"]:
        value = row.name.removeprefix(table.prefix)
    if column is COLUMNS["configuration"] and not row.folded and row.members:
        value = _BY.sub("×", configuration(row.members[0], joins=False))
    if not row.members and not isinstance(value, str):
        return ""
    return fit(show_cell(value), WIDEST, SIZE) if value != 0 else ""


def _heading(table: Table, fields: Sequence[Field], y: float) -> Iterator[Shape]:
    yield Words(LEFT - 6, y + 37, table.title, 17, INK, bold=True)
    yield Words(LEFT - 6, y + 57, table.subtitle, 12, QUIET)
    for field in fields:
        right = field.column.number or field.column is COLUMNS[SHAPE.name]
        yield _cell(field, field.column.title, y + 82, QUIET, right=right)
    yield Stroke((((LEFT - 6, y + HEAD), (fields[-1].end, y + HEAD)),), FRAME)


def _cell(field: Field, text: str, y: float, colour: Colour, *, right: bool) -> Words:
    if right:
        return Words(field.x + field.width, y, text, SIZE, colour, "end")
    return Words(field.x, y, text, SIZE, colour)


def _cells(table: Table, fields: Sequence[Field], y: float) -> Iterator[Shape]:
    """Yield the texts of a table and its bars, column by column."""
    for index, field in enumerate(fields):
        right = field.column.number or field.column is COLUMNS[SHAPE.name]
        colour = QUIET if field.column is COLUMNS["configuration"] and index else INK
        for place, row in enumerate(table.rows):
            if text := _text(field.column, row, table):
                yield _cell(field, text, y + ROW * (place + 0.5) + 8, colour, right=right)
        if field.bar:
            yield from _bars(table, field, y)


def _bars(table: Table, field: Field, y: float) -> Iterator[Shape]:
    """Yield bars that are linear from zero; one for a number that is not 0 is seen."""
    values = [field.column.value(row) if row.members else None for row in table.rows]
    numbers = [value if isinstance(value, int) else 0 for value in values]
    most = max(numbers, default=0)
    for place, value in enumerate(numbers):
        if value:
            top = y + ROW * (place + 0.5) - 0.5
            width = max(BAR * value / most, 1)
            yield Box(field.x + field.width + 8, top, width, 9, BARS.get(field.column.title, QUIET))


def _gutter(table: Table, y: float) -> Iterator[Shape]:
    """Yield the edges, those without a layer to a join in its colour, and the marks on them."""
    lanes = table.lanes

    def key(edge: Edge) -> bool:
        return edge.open and is_join(table.rows[edge.target])

    for skips, edges in groupby(sorted(lanes.edges, key=key), key):
        paths = tuple(_path(edge, lanes, y) for edge in edges)
        yield Stroke(paths, JOIN.line if skips else QUIET, 1.6)
    marks = [mark(row, *_place(lanes.rows[place], place, y)) for place, row in enumerate(table.rows)]
    for _, alike in groupby(sorted(marks, key=lambda shapes: (len(shapes), str(shapes[0][3:])))):
        yield from (shape for shapes in alike for shape in shapes)


def _place(lane: int, row: int, y: float) -> tuple[float, float]:
    return LEFT + LANE * lane, y + ROW * (row + 0.5) + 4


def _path(edge: Edge, lanes: Lanes, y: float) -> tuple[Step, ...]:
    """Return the way of an edge: to its lane within a row, down the lane, to its target within a row."""
    start = _place(lanes.rows[edge.source], edge.source, y)
    end = _place(lanes.rows[edge.target], edge.target, y)
    path: list[Step] = [start]
    x = LEFT + LANE * edge.lane
    if start[0] != x:
        path.append(_bend(path[-1], (x, start[1] + ROW)))
    if end[0] == x:
        path.append(end)
    else:
        if end[1] - path[-1][-1] > ROW:
            path.append((x, end[1] - ROW))
        path.append(_bend(path[-1], end))
    return tuple(step for before, step in zip([(), *path], path, strict=False) if before[-2:] != step[-2:])


def _bend(start: Step, end: tuple[float, float]) -> Step:
    (x1, y1), (x2, y2) = start[-2:], end
    return (x1, y1 + (y2 - y1) * 0.7, x2, y2 - (y2 - y1) * 0.7, x2, y2)
