"""Marking: every cell against the network, and against the student's own earlier rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from fractions import Fraction
from typing import Final, NamedTuple

from cnnspec.analysis.measure import Row, Summary, quantities_of
from cnnspec.homework.alignment import Alignment, Pair
from cnnspec.homework.cells import Number, Reading, UnreadableError, is_blank, read_number, read_shape, same_shape
from cnnspec.homework.recipes import Case
from cnnspec.homework.sheet import Sheet, SheetRow
from cnnspec.ir.layer import LayerError, infer
from cnnspec.ir.shapes import Shape, size_of

Answer = Number | tuple[Number, ...]
LARGEST_CARRIED: Final = 10**7


class Status(StrEnum):
    """What a cell is worth."""

    CORRECT = "correct"
    FOLLOW_THROUGH = "follow_through"
    WRONG = "wrong"
    MISSING = "missing"
    UNREADABLE = "unreadable"


class Mark(NamedTuple):
    """One marked cell: what was given and expected, and what it could be computed from.

    `cases` are the bases of a wrong answer: the student's own earlier rows first, then the right ones.
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


class _Own(NamedTuple):
    """What a student has in one row: the shapes that enter and leave, by their own earlier rows."""

    inputs: tuple[Shape, ...]
    derived: Shape
    shape: Shape


def mark(summary: Summary, sheet: Sheet, alignment: Alignment) -> list[Mark]:
    """Return all marks of a table, row by row.

    A wrong shape is carried on: what follows from it is follow-through. Only plausible shapes are carried, so that
    nobody can make later cells trivial.
    """
    marks = list(_mark_inputs(summary, sheet, alignment))
    carried: dict[str, Shape] = {entry.name: entry.shape for entry in summary.inputs}
    rows = {row.name: row for row in summary.rows}
    for pair in alignment.pairs:
        own = _own(pair, carried)
        carried[pair.node.name] = own.shape
        if pair.row is not None:
            marks += _mark_row(rows[pair.node.name], pair.row, sheet, own, _surroundings(summary, pair, carried))
    if sheet.total is not None:
        marks += _mark_total(summary, sheet, marks)
    return marks


def _mark_inputs(summary: Summary, sheet: Sheet, alignment: Alignment) -> Iterator[Mark]:
    for row, entry in zip(alignment.inputs, summary.inputs, strict=False):
        expected: Mapping[str, Answer] = {"shape": entry.shape, "size": size_of(entry.shape)}
        for column in sheet.columns:
            mark = _mark_cell(row, column, expected.get(column, 0), None)
            dashes = column not in expected and is_blank(row.cells.get(column, ""))
            if not dashes:
                yield mark._replace(layer=entry.name, kind="input")


def _own(pair: Pair, carried: Mapping[str, Shape]) -> _Own:
    node = pair.node
    inputs = tuple(carried[name] for name in node.inputs)
    try:
        derived = infer(node.layer, inputs)
    except LayerError:
        inputs, derived = node.input_shapes, node.shape
    given = _given_shape(pair.row, node.shape)
    whole = tuple(size for size in given or () if isinstance(size, int))
    return _Own(inputs, derived, whole if _is_plausible(whole, node.shape) else derived)


def _given_shape(row: SheetRow | None, expected: Shape) -> tuple[Number, ...] | None:
    """Return the shape that a student wrote, in the form of the expected one."""
    try:
        given = read_shape(row.cells.get("shape", "")).value if row else ()
    except UnreadableError:
        return None
    if not isinstance(given, tuple) or not given:
        return None
    if same_shape(given, expected) is not None:
        return expected
    if len(expected) == 1:
        sizes = tuple(size for size in given if size != 1)
        return sizes if len(sizes) == 1 else None
    return given


def _is_plausible(given: Shape, expected: Shape) -> bool:
    """Tell whether a wrong shape may be carried on: whole, positive, of the right rank, and not degenerate."""
    return len(given) == len(expected) and all(
        1 <= size <= LARGEST_CARRIED and (size > 1 or right == 1) for size, right in zip(given, expected, strict=True)
    )


def _surroundings(summary: Summary, pair: Pair, carried: Mapping[str, Shape]) -> Case:
    """Return a case that knows what stood in front of a flatten or a global pooling above the layer."""
    nodes = {row.name: row.node for row in summary.rows}
    image = summary.inputs[0].shape
    case = Case(pair.node.layer, pair.node.input_shapes, pair.node.shape, image)
    above = nodes.get(pair.node.inputs[0])
    while above is not None and above.kind in ("dropout", "relu", "bn"):
        above = nodes.get(above.inputs[0])
    if above is None or above.kind not in ("flatten", "gap", "gmp"):
        return case
    source = carried[above.inputs[0]]
    pool = nodes.get(above.inputs[0])
    before = carried[pool.inputs[0]] if pool is not None and pool.kind in ("maxpool", "avgpool") else None
    if above.kind == "flatten":
        return case._replace(flattened=source if len(source) > 1 else None, before_pool=before)
    return case._replace(averaged=source)


def _mark_row(row: Row, given: SheetRow, sheet: Sheet, own: _Own, case: Case) -> Iterator[Mark]:
    expected = expected_of(row)
    quantities = quantities_of(row.node.layer, own.inputs)
    follow: dict[str, Answer] = {
        "shape": own.derived,
        "size": size_of(own.shape),
        "params": quantities.params.value,
        "weights": quantities.params.value - quantities.biases.value,
        "biases": quantities.biases.value,
        "macs": quantities.macs.value,
    }
    for column in sheet.columns:
        mark = _mark_cell(given, column, expected[column], follow[column])
        shape = own.shape if column == "size" else own.derived
        mine = case._replace(shapes=own.inputs, shape=shape)
        cases = (mine, case) if mine != case else (case,)
        yield mark._replace(layer=row.name, kind=row.kind, cases=cases)


def expected_of(row: Row) -> dict[str, Answer]:
    return {
        "shape": row.shape,
        "size": row.activation_size,
        "params": row.params,
        "weights": row.weights,
        "biases": row.biases,
        "macs": row.macs,
    }


def _mark_cell(row: SheetRow, column: str, expected: Answer, follow: Answer | None) -> Mark:
    text = row.cells.get(column, "")
    base = Mark(row.label.strip(), "", column, text.strip(), expected, Status.MISSING, own=follow, line=row.line)
    if is_blank(text):
        if text.strip() and expected == 0:
            return base._replace(status=Status.CORRECT, value=0, remark="a dash was read as 0")
        return base
    try:
        reading = read_shape(text) if column == "shape" else read_number(text)
    except UnreadableError:
        return base._replace(status=Status.UNREADABLE)
    return _judged(base, reading, follow)


def _judged(base: Mark, reading: Reading, follow: Answer | None) -> Mark:
    read = base._replace(value=reading.value, formula=reading.formula, remark=reading.remark)
    remark = agreement(reading.value, base.expected)
    if remark is not None:
        return read._replace(status=Status.CORRECT, remark="; ".join(filter(None, (reading.remark, remark))))
    if follow is not None and follow != base.expected and agreement(reading.value, follow) is not None:
        return read._replace(status=Status.FOLLOW_THROUGH)
    return read._replace(status=Status.WRONG)


def agreement(value: Answer, expected: Answer) -> str | None:
    """Return None where a value is another one than expected, else a remark on its form."""
    if isinstance(expected, tuple):
        whole = tuple(int(size) for size in expected)
        return same_shape(value if isinstance(value, tuple) else (value,), whole)
    return "" if value == expected else None


def _mark_total(summary: Summary, sheet: Sheet, marks: list[Mark]) -> Iterator[Mark]:
    """Mark the sums; a sum of the student's own numbers follows through."""
    totals = summary.totals
    biases = sum(row.biases for row in summary.rows)
    expected = {
        "size": totals.activation_size,
        "params": totals.params,
        "weights": totals.params - biases,
        "biases": biases,
        "macs": totals.macs,
    }
    for column in sheet.columns:
        if column not in expected or sheet.total is None or is_blank(sheet.total.cells.get(column, "")):
            continue
        values = [mark.value for mark in marks if mark.column == column]
        own = sum(value for value in values if isinstance(value, int))
        yield _mark_cell(sheet.total, column, expected[column], own)._replace(layer="total", kind="total")


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
