"""What stands under a table: the totals in words, and what the numbers count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from cnnspec.analysis.columns import COLUMNS, Column
from cnnspec.analysis.counting import OURS
from cnnspec.analysis.counting import PARAMS as PARAMETERS
from cnnspec.analysis.measure import Summary
from cnnspec.analysis.memory import show_bytes
from cnnspec.analysis.quantities import MACS, OPERATIONS, PARAMS, PLACES, QUANTITIES, Quantity
from cnnspec.errors import listing
from cnnspec.ir.layer import KINDS
from cnnspec.ir.number_types import BYTES
from cnnspec.ir.role import Role

if TYPE_CHECKING:
    from cnnspec.analysis.conventions._rules import Convention

MOST_MISALIGNMENTS: Final = 3
"""How many joins are named whose branches look at different places."""


def facts(summary: Summary) -> list[tuple[str, str]]:
    """Return the totals as pairs of a word and its value."""
    totals = summary.totals
    split = f"{totals.trainable_params:,} trainable, {totals.non_trainable_params:,} non-trainable"
    params, macs, flops = (total_text(QUANTITIES[name], summary) for name in (PARAMS.name, MACS.name, "flops"))
    found = [
        ("Parameters", f"{params} ({split}), {show_bytes(totals.params_bytes)} as {summary.dtype}"),
        (
            "Activations",
            f"{totals.activation_size:,} with the input, {show_bytes(totals.activation_bytes)} for {_samples(summary)}",
        ),
        ("MACs", f"{macs}, FLOPs {flops}"),
    ]
    if convention := summary.counting.convention:
        unit = _convention(convention).unit
        found.append((OPERATIONS.title, f"{total_text(OPERATIONS, summary)} {unit} as {convention} counts them"))
    return [*found, *(_memory(summary) if summary.footprint.asked else ())]


def _memory(summary: Summary) -> Iterator[tuple[str, str]]:
    """Yield what the network takes of memory."""
    params, footprint = summary.totals.params, summary.footprint
    smaller = {each: dtype for dtype, each in reversed(BYTES.items()) if each < BYTES[summary.dtype]}
    others = [f", {show_bytes(params * each)} as {dtype}" for each, dtype in sorted(smaller.items(), reverse=True)]
    yield "Weights", f"{show_bytes(summary.totals.params_bytes)} as {summary.dtype}{''.join(others)}"
    peak, name = footprint.peak()
    order = "in the order of the file" + (", in place where that can be" if footprint.memory.in_place else "")
    yield "Peak", f"{show_bytes(peak)} of activations, at {name}, {order}"
    if optimizer := footprint.memory.optimizer:
        from cnnspec.analysis.training_memory import training_parts  # noqa: PLC0415 - asked for by few

        parts = training_parts(summary)
        shown = ", ".join(f"{part.word} {show_bytes(part.term.value)}" for part in parts)
        total = show_bytes(sum(part.term.value for part in parts))
        yield "Training", f"{total} with {optimizer} for {_samples(summary)}: {shown}"


def _samples(summary: Summary) -> str:
    return "one sample" if summary.batch == 1 else f"a batch of {summary.batch:,}"


def total_text(quantity: Quantity, summary: Summary) -> str:
    """Return the total of a quantity in words: a least number where it is not known of some layers."""
    total = f"{quantity.total_of(summary):,}"
    return total if quantity.is_known(summary.rows) else f"at least {total}"


def remarks(summary: Summary, columns: Sequence[Column]) -> list[str]:
    """Return what a reader must know to read the numbers of these columns right."""
    lines = [MACS.meaning, *_counting(summary)]
    if any(row.quantities.macs.value and row.node.layer.role is Role.SEQUENCE for row in summary.rows):
        lines.append(
            "Recurrent layers and attention count too: at every step, and of attention steps times steps as well."
        )
    if any(row.node.layer.is_view for row in summary.rows):
        lines.append(f"{_views()} only give the same elements another shape: the total counts them once.")
    lines += _given(summary)
    if any(COLUMNS[name] in columns for name in PLACES):
        lines += misalignments(summary)
    return lines


def _counting(summary: Summary) -> Iterator[str]:
    """Yield how is counted, where it is not our own way."""
    if convention := summary.counting.convention:
        tool = _convention(convention)
        yield " ".join(filter(None, (f"Operations are {tool.unit} as in {tool.title}.", tool.remark)))
        missing = [row.name for row in summary.rows if OPERATIONS.unknown_in(row)]
        if missing:
            yield f"The operations of {listing(missing, 8)} are not known, and left out of the total."
    if summary.counting.params != OURS.params:
        yield PARAMETERS[summary.counting.params]


def _convention(name: str) -> Convention:
    from cnnspec.analysis.conventions import convention  # noqa: PLC0415 - loaded where one was asked for

    return convention(name)


def _given(summary: Summary) -> Iterator[str]:
    """Yield whose numbers are not computed but given, and what is not known at all."""
    given = [row for row in summary.rows if row.node.layer.role is Role.OPAQUE]
    if given:
        yield f"The numbers of {listing([row.name for row in given], 8)} are the writer's, and not computed."
    for quantity in (PARAMS, MACS):
        if missing := [row.name for row in given if quantity.unknown_in(row)]:
            yield f"The {quantity.word} of {listing(missing, 8)} are not known, and left out of the total."


def _views() -> str:
    """Return the names of the kinds whose outputs are not counted again."""
    *others, last = (name for name, cls in KINDS.items() if cls.is_view)
    return f"{', '.join(others)} and {last}".capitalize()


def misalignments(summary: Summary) -> list[str]:
    """Return the joins whose branches look at different places of the input, the first of each chain."""
    found = []
    seen: set[str] = set()
    for row in summary.rows:
        if row.view.misaligned and row.node.layer.joins and row.view.misaligned not in seen:
            seen.add(row.view.misaligned)
            found.append(f"Receptive field at {row.name}: {row.view.misaligned}.")
    more = len(found) - MOST_MISALIGNMENTS
    return found if more < 2 else [*found[:MOST_MISALIGNMENTS], f"So they are at {more} more joins."]
