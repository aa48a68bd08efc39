"""The bundled networks as text, in the groups that they say they belong to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cnnspec.analysis.measure import Summary
from cnnspec.analysis.quantities import MACS, PARAMS
from cnnspec.bundled import Bundled
from cnnspec.ir.shapes import compact
from cnnspec.text_table import aligned, folded, length

TITLES = ("Network", "Input", "Layers", PARAMS.title, MACS.title)
RIGHT = (False, False, True, True, True)


def render_groups(summaries: Mapping[Bundled, Summary], width: int | None = None) -> str:
    """Return the bundled networks group by group; a family with the numbers of its own variant, and all choices.

    Where a line has no room for the choices, they stand below it.
    """
    entries = sorted(summaries, key=lambda entry: (entry.group.lower(), entry.name))
    rows = [_row(entry.name, summaries[entry]) for entry in entries]
    choices = [_choices(entry) for entry in entries]
    beside = [(*row, choice) for row, choice in zip(rows, choices, strict=True)]
    head, *lines = aligned([(*TITLES, "Variants"), *beside], (*RIGHT, False))
    if width is not None and max(map(length, lines)) >= width:
        head, *lines = aligned([TITLES, *rows], RIGHT)
        below = [f"\n{folded(f'  {choice}', width)}" if choice else "" for choice in choices]
        lines = [line + choice for line, choice in zip(lines, below, strict=True)]
    text, group = [head], ""
    for entry, line in zip(entries, lines, strict=True):
        text += ["", entry.group] if entry.group != group else []
        group = entry.group
        text.append(line)
    return "\n".join(line.rstrip() for line in text) + "\n"


def render_variants(entry: Bundled, summaries: Sequence[Summary]) -> str:
    """Return all variants of a family with their totals."""
    names = entry.variants() or [entry.name]
    rows = [_row(name, summary) for name, summary in zip(names, summaries, strict=True)]
    return "\n".join(aligned([TITLES, *rows], RIGHT)) + "\n"


def _row(name: str, summary: Summary) -> tuple[str, str, str, str, str]:
    shapes = ", ".join(compact(entry.shape) for entry in summary.inputs)
    totals = summary.totals
    return name, shapes, f"{totals.layers:,}", f"{totals.params:,}", f"{totals.macs:,}"


def _choices(entry: Bundled) -> str:
    return f"{entry.chooser}={', '.join(entry.choices)}" if entry.choices else ""
