"""Marking: every cell against the network, and against the student's own earlier rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from fractions import Fraction
from typing import Final, NamedTuple

from cnnspec.analysis.measure import Row, Summary, as_used, quantities_of
from cnnspec.analysis.quantities import SHAPE, SIZE, marked
from cnnspec.homework.diagnosis.case import Case
from cnnspec.homework.marking.alignment import Alignment, Pair
from cnnspec.homework.marking.follow_through import Carried, Own, own_row
from cnnspec.homework.tables.cells import (
    Answer,
    Number,
    Reading,
    UnreadableError,
    batch_of,
    is_blank,
    lengths,
    read_number,
    read_shape,
    same_shape,
)
from cnnspec.homework.tables.student_table import StudentRow, StudentTable
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import Shape, size_of

ROUNDED: Final = "the number is rounded: write it in full"
INPUT: Final = "input"
"""The kind of a row that speaks of an input, which is no layer."""
QUIET: Final = (Role.ACTIVATION, Role.NORM, Role.NOISE)
"""Layers that leave the shape above as it is."""


class Status(StrEnum):
    """What a cell is worth."""

    CORRECT = "correct"
    FOLLOW_THROUGH = "follow_through"
    WRONG = "wrong"
    MISSING = "missing"
    UNREADABLE = "unreadable"


class Mark(NamedTuple):
    """One marked cell: what was given and expected, and what it could be computed from.

    `cases` are the bases of a wrong answer: the student's own earlier rows first, then the right ones. `credit` is what
    the teacher has decided that it earns; `told` are cells that stand right in a practice sheet already. `part` is the
    part of the column's quantity that is asked for, where it is one that slips know.
    """

    row: str
    layer: str
    column: str
    given: str
    expected: Answer
    status: Status
    value: Answer | None = None
    own: Answer | None = None
    formula: str = ""
    remark: str = ""
    kind: str = ""
    line: int = 0
    cases: tuple[Case, ...] = ()
    credit: Fraction | None = None
    told: bool = False
    part: str = ""

    @property
    def basis(self) -> str:
        """The column whose formulas a wrong answer is explained by."""
        return self.part or self.column


def mark(summary: Summary, table: StudentTable, alignment: Alignment) -> list[Mark]:
    """Return all marks of a table, row by row.

    A wrong shape is carried on: what follows from it is follow-through. Only plausible shapes are carried, so that
    nobody can make later cells trivial. A layer that must have a row and has none gives missing cells.
    """
    marks = list(_mark_inputs(summary, table, alignment))
    carried = Carried({entry.name: entry.shape for entry in summary.inputs}, {})
    rows = {row.name: row for row in summary.rows}
    right = {entry.name: entry.shape for entry in summary.inputs} | {row.name: row.shape for row in summary.rows}
    image = summary.inputs[0].shape
    for pair in alignment.pairs:
        own = own_row(pair, carried)
        row = rows[pair.node.name]
        if pair.row is not None:
            case, mine = (_surroundings(image, rows, pair, shapes) for shapes in (right, carried.shapes))
            marks += _mark_row(row, pair.row, table, own, (case, mine))
        elif not pair.node.layer.optional and not pair.node.shared:
            marks += [
                Mark("", row.name, column, "", quantity.value(row), Status.MISSING)
                for column, quantity in table.quantities.items()
                if not quantity.unknown_in(row)
            ]
    if table.total is not None:
        marks += _mark_total(summary, table, marks)
    return marks


def expected_of(row: Row) -> dict[str, Answer]:
    """Return the right answers of a row, by column."""
    return {column: quantity.value(row) for column, quantity in marked().items()}


def columns_of(marks: Iterable[Mark]) -> list[str]:
    """Return the columns of marks, in the order in which one computes them."""
    found = {mark.column for mark in marks}
    return [name for name in marked() if name in found]


def rows_of(marks: Iterable[Mark]) -> list[dict[str, Mark]]:
    """Return the marks row by row, each by its column."""
    rows: dict[tuple[int, str], dict[str, Mark]] = {}
    for mark in marks:
        rows.setdefault((mark.line, mark.layer), {})[mark.column] = mark
    return list(rows.values())


def _mark_inputs(summary: Summary, table: StudentTable, alignment: Alignment) -> Iterator[Mark]:
    for row, entry in zip(alignment.inputs, summary.inputs, strict=False):
        for column, quantity in table.quantities.items():
            expected = quantity.of_input(entry.shape)
            mark = _mark_cell(row, column, expected, (), table.scales.get(column, 1))
            if expected or not is_blank(row.cells.get(column, "")):
                yield mark._replace(layer=entry.name, kind=INPUT)


def _surroundings(image: Shape, rows: Mapping[str, Row], pair: Pair, shapes: Mapping[str, Shape]) -> Case:
    """Return a case that knows the row above, and what stood in front of a flatten or a global pooling above."""
    case = Case(pair.node.layer, pair.node.input_shapes, pair.node.shape, image, shared=pair.node.shared)
    above = rows.get(pair.node.inputs[0])
    if above is not None and not above.node.shared:
        case = case._replace(above=(above.node.layer, above.node.input_shapes))
    while above is not None and above.node.layer.role in QUIET:
        above = rows.get(above.node.inputs[0])
    if above is None:
        return case
    layer, source = above.node.layer, shapes[above.node.inputs[0]]
    if layer.role is Role.POOL and not layer.window:
        return case._replace(averaged=source)
    if layer.role is not Role.MOVE or len(above.shape) > 1:
        return case
    pool = rows.get(above.node.inputs[0])
    is_pool = pool is not None and pool.node.layer.role is Role.POOL and pool.node.layer.window
    before = shapes[pool.node.inputs[0]] if pool is not None and is_pool else ()
    return case._replace(flattened=source if len(source) > 1 else (), before_pool=before)


def _mark_row(row: Row, given: StudentRow, table: StudentTable, own: Own, cases: tuple[Case, Case]) -> Iterator[Mark]:
    follow = list(_follow(row, own, table))
    batch = batch_of(given.cells.get(SHAPE.name, ""), row.shape)
    case, carried = (case._replace(batch=batch) for case in cases)
    for column, quantity in table.quantities.items():
        if column not in given.cells or quantity.unknown_in(row):
            continue  # a row for two layers says it of the other one
        answers = [answers[column] for answers in follow]
        mark = _mark_cell(given, column, quantity.value(row), answers, table.scales.get(column, 1))
        shape = own.shape if column == SIZE.name else own.derived
        mine = carried._replace(shapes=own.inputs, shape=shape)
        bases = () if mark.remark == ROUNDED else (mine, case) if mine != case else (case,)
        told = column in given.given and mark.status is Status.CORRECT
        part = quantity.name if quantity.name in marked() else ""
        yield mark._replace(layer=row.name, kind=row.kind, cases=bases, told=told, part=part)


def _follow(row: Row, own: Own, table: StudentTable) -> Iterator[dict[str, Answer]]:
    """Yield what follows from the student's own shapes, and for a dense layer from the size above."""
    bases = [own.inputs]
    if own.fed is not None and row.node.layer.role is Role.DENSE and len(own.inputs[0]) == 1:
        bases.append(((own.fed,),))
    for inputs in bases:
        node = row.node._replace(input_shapes=inputs, shape=own.derived)
        mine = Row(node, as_used(quantities_of(node.layer, inputs), node), row.view, row.before, row.footprint)
        answers: dict[str, Answer] = {column: quantity.value(mine) for column, quantity in table.quantities.items()}
        yield answers | {SIZE.name: size_of(own.shape)}


def _mark_cell(row: StudentRow, column: str, expected: Answer, follow: Iterable[Answer], scale: int = 1) -> Mark:
    text = row.cells.get(column, "")
    base = Mark(row.label.strip(), "", column, text.strip(), expected, Status.MISSING, line=row.line)
    if is_blank(text):
        if text.strip() and expected == 0:
            return base._replace(status=Status.CORRECT, value=0, remark="a dash was read as 0")
        return base
    own = [answer for answer in follow if answer != expected]
    try:
        reading = read_shape(text, lengths((expected, *own))) if column == SHAPE.name else read_number(text, scale)
    except UnreadableError:
        return base._replace(status=Status.UNREADABLE)
    judged = _judged(base, reading, own)
    if judged.status is not Status.CORRECT and any(map(reading.may_be, (expected, *own))):
        return judged._replace(status=Status.WRONG, own=None, remark=ROUNDED)
    return judged


def _judged(base: Mark, reading: Reading, follow: Iterable[Answer]) -> Mark:
    read = base._replace(value=reading.value, formula=reading.formula, remark=reading.remark)
    remark = agreement(reading.value, base.expected)
    if remark is not None:
        remarks = dict.fromkeys(filter(None, (reading.remark, remark)))
        return read._replace(status=Status.CORRECT, remark="; ".join(remarks))
    for answer in follow:
        if agreement(reading.value, answer) is not None:
            return read._replace(status=Status.FOLLOW_THROUGH, own=answer)
    return read._replace(status=Status.WRONG)


def agreement(value: Answer, expected: Answer) -> str | None:
    """Return None where a value is another one than expected, else a remark on its form."""
    if isinstance(expected, tuple):
        whole = tuple(int(size) for size in expected)
        return same_shape(value if isinstance(value, tuple) else (value,), whole)
    return "" if value == expected else None


def _mark_total(summary: Summary, table: StudentTable, marks: list[Mark]) -> Iterator[Mark]:
    """Mark the sums; a sum of the student's own numbers follows through, and is right if they all are."""
    for column, quantity in table.quantities.items():
        if not quantity.summable or not quantity.is_known(summary.rows):
            continue
        if table.total is None or is_blank(table.total.cells.get(column, "")):
            continue
        expected = quantity.total_of(summary)
        summed = [mark for mark in marks if mark.column == column]
        own = sum(mark.value for mark in summed if isinstance(mark.value, int))
        if all(mark.status is Status.CORRECT for mark in summed) and quantity is SIZE:
            expected = _shown_total(table.total.cells[column], own, expected)
        mark = _mark_cell(table.total, column, expected, (own,), table.scales.get(column, 1))
        yield mark._replace(layer="total", kind="total")


def _shown_total(text: str, own: int, expected: int) -> int:
    """Return the sum of the rows that a right table has, if that is what it says: rows may be left out of it."""
    try:
        return own if read_number(text).value == own else expected
    except UnreadableError:
        return expected


def show_answer(answer: Answer) -> str:
    """Return an answer as a reader writes it."""
    if isinstance(answer, tuple):
        comma = "," if len(answer) == 1 else ""
        return (
            f"({', '.join(f'{float(size):g}' if isinstance(size, Fraction) else str(size) for size in answer)}{comma})"
        )
    return show_number(answer)


def show_number(value: Number) -> str:
    """Return a number with separators, a fraction as a decimal."""
    return f"{value:,}" if isinstance(value, int) else f"{float(value):g}"
