"""What an assignment says of marks: the cells that it asks for, its conventions, and its teacher's last word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from cnnspec.analysis.measure import Summary
from cnnspec.analysis.quantities import PARAMS, QUANTITIES, SHAPE, WEIGHTS, marked
from cnnspec.errors import listing
from cnnspec.homework.marking.alignment import Alignment
from cnnspec.homework.marking.asked import TOTAL, USUAL, Asked, counted_so, stored_by
from cnnspec.homework.marking.marks import INPUT, ROUNDED, Mark, Status, agreement
from cnnspec.homework.marking.policy import Accepted, Marking
from cnnspec.homework.tables.cells import CHANNELS_FIRST, Answer, UnreadableError, is_blank, read_number, read_shape
from cnnspec.homework.tables.grid import Grid
from cnnspec.homework.tables.student_table import StudentRow, StudentTable

SAID_TOGETHER: Final = "one row speaks of two layers"
AS_PYTORCH: Final = (
    "every batch normalization is counted with 2·C, as PyTorch counts; here what it stores counts too, 4·C, unless an "
    "assignment says `batch_norm: 2C`"
)
UNTOUCHED: Final = "nothing is filled in: what a sheet tells earns no points"
_SUM: Final = ("weights", "biases")


def in_our_words(grid: Grid, marking: Marking) -> Grid:
    """Return a table whose titles, in its first row or its first column, are ours where the course has its own."""
    own = {_plain(title): _title_of(column) for title, column in marking.titles.items()}
    rows = [
        [cell if line and place else own.get(_plain(cell), cell) for place, cell in enumerate(row)]
        for line, row in enumerate(grid.rows)
    ]
    return grid._replace(rows=rows)


def _title_of(column: str) -> str:
    return QUANTITIES[column].title if column in QUANTITIES else column


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def as_course(table: StudentTable, marking: Marking) -> StudentTable:
    """Return a table with the course's labels read as layers, and counted as the course counts."""
    table = table._replace(quantities=counted_so(table.quantities, marking.conventions))
    if marking.labels:
        own = {_plain(label): layer for label, layer in marking.labels.items()}
        rows = [row._replace(label=own.get(_plain(row.label), row.label)) for row in table.rows]
        total = next((row for row in rows if row.label == TOTAL), None)
        table = table._replace(rows=tuple(row for row in rows if row is not total), total=total or table.total)
    return _summed(table, marking) if marking.asked is not None else table


def _summed(table: StudentTable, marking: Marking) -> StudentTable:
    """Return a table with a column of parameters where weights and biases stand apart and their sum is asked for."""
    asked = marking.asked.columns if marking.asked else ()
    whole = PARAMS.name
    if whole not in asked or whole in table.quantities or not all(map(table.quantities.get, _SUM)):
        return table
    quantities = {
        column: table.quantities.get(column, PARAMS) for column in marked() if column in {*table.quantities, whole}
    }
    rows = tuple(_with_sum(row, table.scales) for row in table.rows)
    total = _with_sum(table.total, table.scales) if table.total else None
    quantities = counted_so(quantities, marking.conventions)
    return table._replace(quantities=quantities, rows=rows, total=total)


def _with_sum(row: StudentRow, scales: Mapping[str, int]) -> StudentRow:
    """Return a row with a cell of parameters made of its weights and biases, a formula where either is written."""
    cells = {part: row.cells.get(part, "") for part in _SUM}
    if all(map(is_blank, cells.values())):
        return row._replace(cells={**row.cells, PARAMS.name: cells[_SUM[0]]})
    try:
        values = [read_number(text, scales.get(part, 1)).value for part, text in cells.items() if not is_blank(text)]
    except UnreadableError:
        return row._replace(cells={**row.cells, PARAMS.name: "?"})
    return row._replace(cells={**row.cells, PARAMS.name: " + ".join(map(str, values))})


def settle(
    marks: Iterable[Mark], summary: Summary, table: StudentTable, alignment: Alignment, marking: Marking
) -> tuple[Mark, ...]:
    """Return the marks as an assignment has them: with the cells that it asks for, each once."""
    settled = [_accepted(_by_convention(_of_part(mark, marking), summary, table, marking), marking) for mark in marks]
    if marking.asked is None:
        return tuple(settled)
    kept = [
        mark
        for mark in settled
        if mark.column in marking.asked.columns
        and (mark.status is not Status.MISSING or (mark.layer, mark.column) in marking.asked.cells)
    ]
    return tuple(_in_order([*kept, *_missing(kept, marking.asked, alignment)], summary))


def _of_part(mark: Mark, marking: Marking) -> Mark:
    """Return a mark of parameters that is explained by the weights alone where the course counts no biases."""
    without = mark.column == PARAMS.name and not marking.conventions.biases
    return mark._replace(part=WEIGHTS.name) if without else mark


def is_untouched(marks: Iterable[Mark]) -> bool:
    """Tell whether no cell of a layer says anything but what the sheet tells: then its inputs earn nothing either."""
    return all(mark.status is Status.MISSING or mark.told or mark.kind == INPUT for mark in marks)


def as_others_count(marks: tuple[Mark, ...], summary: Summary) -> tuple[tuple[Mark, ...], str]:
    """Return marks that accuse nobody of a convention, and what is said of it once, if anything.

    Whoever counts every batch normalization with 2·C counts as PyTorch does. In one alone it may be a mistake.
    """
    stored = {row.name: count for row in summary.rows if (count := stored_by(row))}
    counted = [mark for mark in marks if mark.layer in stored and mark.column == PARAMS.name and mark.value is not None]
    as_pytorch = all(
        mark.status is Status.WRONG
        and isinstance(mark.expected, int)
        and mark.value == mark.expected - stored[mark.layer]
        for mark in counted
    )
    if len(counted) < 2 or not as_pytorch:
        return marks, ""
    accused = {id(mark) for mark in counted}
    return tuple(mark._replace(cases=()) if id(mark) in accused else mark for mark in marks), AS_PYTORCH


def remarks_on(table: StudentTable, marking: Marking) -> Iterator[str]:
    """Yield what was asked for, and which columns of a table were not."""
    if marking.asked is None:
        return
    yield str(marking.asked)
    others = [QUANTITIES[column].title for column in table.quantities if column not in marking.asked.columns]
    if others:
        yield f"not asked for, and not marked: {listing(others)}"
    for column, quantity in table.quantities.items():
        if quantity.name != column and column in marking.asked.columns:
            title = QUANTITIES[column].title
            yield f"the column `{title}` was marked as {quantity.title.lower()}, for its title says so"
    missing = [QUANTITIES[column].title for column in marking.asked.columns if column not in table.quantities]
    if missing:
        yield f"asked for, and not in the table: {listing(missing)}"


def _by_convention(mark: Mark, summary: Summary, table: StudentTable, marking: Marking) -> Mark:
    """Return a mark by the course's conventions: rounded numbers, turned shapes, what another way of counting gives."""
    if mark.remark == ROUNDED and marking.conventions.rounding:
        reading = read_number(mark.given, table.scales.get(mark.column, 1))
        status = Status.CORRECT if reading.may_be(mark.expected) else Status.FOLLOW_THROUGH
        return mark._replace(status=status, remark="a rounded number, which this course takes")
    if CHANNELS_FIRST in mark.remark and not marking.conventions.channels_first:
        return mark._replace(status=Status.WRONG, cases=(), remark=CHANNELS_FIRST)
    if mark.status is not Status.WRONG or marking.conventions[:2] == USUAL[:2]:
        return mark
    usual = next((row for row in summary.rows if row.name == mark.layer), None)
    if usual is None or mark.value is None or mark.value != marked()[mark.column].value(usual):
        return mark
    return mark._replace(cases=(), remark="this course counts in another way")


def _accepted(mark: Mark, marking: Marking) -> Mark:
    """Return a mark by the teacher's last word on it, if there is one."""
    for entry in marking.accepted:
        if (entry.layer, entry.column) == (mark.layer, mark.column) and _is_said(mark, entry):
            status = Status.CORRECT if entry.credit == 1 else Status.WRONG
            reason = entry.reason or "so decided by the teacher"
            return mark._replace(status=status, credit=entry.credit, remark=reason, cases=(), own=None)
    return mark


def _is_said(mark: Mark, entry: Accepted) -> bool:
    if entry.value is None:
        return not is_blank(mark.given)
    if _plain(entry.value) == _plain(mark.given):
        return True
    value = _value(entry.value, mark.column)
    return value is not None and mark.value is not None and agreement(mark.value, value) is not None


def _value(text: str, column: str) -> Answer | None:
    try:
        return (read_shape if column == SHAPE.name else read_number)(text).value
    except UnreadableError:
        return None


def _missing(marks: Iterable[Mark], asked: Asked, alignment: Alignment) -> Iterator[Mark]:
    """Yield the cells that are asked for and that no row has; a row for two layers says of both what is right."""
    found = {(mark.layer, mark.column): mark for mark in marks}
    lines = {pair.node.name: pair.row for pair in alignment.pairs if pair.row is not None}
    said = {(mark.line, mark.column): mark for mark in found.values() if mark.line}
    for (layer, column), expected in asked.cells.items():
        if (layer, column) in found:
            continue
        row = lines.get(layer)
        other = said.get((row.line, column)) if row is not None and column not in row.cells else None
        label, line = (row.label.strip(), row.line) if row is not None else ("", 0)
        missing = Mark(label, layer, column, "", expected, Status.MISSING, line=line)
        if other is not None and other.status is Status.CORRECT:
            yield missing._replace(status=Status.CORRECT, value=expected, remark=SAID_TOGETHER)
        else:
            yield missing


def _in_order(marks: list[Mark], summary: Summary) -> list[Mark]:
    names = [*(entry.name for entry in summary.inputs), *(row.name for row in summary.rows)]
    places = {name: place for place, name in enumerate(names)}
    columns = {name: place for place, name in enumerate(marked())}
    return sorted(marks, key=lambda mark: (places.get(mark.layer, len(names)), columns[mark.column]))
