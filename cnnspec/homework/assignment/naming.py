"""The words by which an assignment speaks of rows: names of layers and inputs, kinds and roles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from cnnspec.analysis.measure import Summary
from cnnspec.errors import shorten
from cnnspec.homework.assignment.fields import Fields
from cnnspec.homework.assignment.record import Rank
from cnnspec.homework.marking.asked import TOTAL, usual_rows
from cnnspec.ir.layer import ALIASES, KINDS
from cnnspec.ir.role import Role
from cnnspec.language.faults import place_of
from cnnspec.text.tree import Scalar, Tree

INPUTS: Final = "input"
ROLES: Final = frozenset(role.value for role in Role)


def rows_of(summary: Summary) -> list[str]:
    """Return the names of all rows that a table may have."""
    return [*(entry.name for entry in summary.inputs), *(row.name for row in summary.rows), TOTAL]


def rows_meant(summary: Summary, word: str) -> tuple[int, frozenset[str]] | None:
    """Return the rows that a word means and how general it is, None for a word that means nothing.

    A name is nearer than a kind, and a kind than a role; a kind that the network lacks means no row.
    """
    if word in rows_of(summary):
        return 0, frozenset((word,))
    if word == INPUTS:
        return 1, frozenset(entry.name for entry in summary.inputs)
    kind = ALIASES.get(word, word)
    if kind in KINDS:
        return 1, _of(summary, lambda name: summary[name].kind == kind)
    if word in ROLES:
        return 2, _of(summary, lambda name: summary[name].node.layer.role == word)
    return None


def _of(summary: Summary, fits: Callable[[str], bool]) -> frozenset[str]:
    return frozenset(row.name for row in summary.rows if fits(row.name))


def read_row(fields: Fields, summary: Summary, tree: Tree, name: str) -> str:
    """Return the row that a name means, an empty text where there is none."""
    word, known = fields.text(tree, name), rows_of(summary)
    if word in known:
        return word
    if word == INPUTS and len(summary.inputs) == 1:
        return summary.inputs[0].name
    if word and isinstance(tree, Scalar):
        fields.absent(tree, f"`{name}` speaks of the row `{shorten(word)}`, which is not there", known)
    return ""


def read_ranks(fields: Fields, summary: Summary, tree: Tree | None) -> tuple[frozenset[str], frozenset[str]]:
    """Return the rows that are asked for, and those that are given; what is not named is as usual."""
    ranks: dict[str, tuple[int, Rank]] = {}
    for key, value in fields.entries(tree, "rows", tuple(Rank)):
        for word in fields.texts(value, key.text):
            meant = rows_meant(summary, word.text)
            if meant is None:
                known = [*rows_of(summary), INPUTS, *sorted({row.kind for row in summary.rows}), *sorted(ROLES)]
                fields.absent(word, f"`{shorten(word.text)}` is no row, kind or role", known)
                continue
            _rank(fields, ranks, word, Rank(key.text), meant)
    asked = usual_rows(summary) - ranks.keys() | {row for row, (_, rank) in ranks.items() if rank is Rank.ASKED}
    return asked, frozenset(row for row, (_, rank) in ranks.items() if rank is Rank.GIVEN)


def _rank(
    fields: Fields, ranks: dict[str, tuple[int, Rank]], word: Scalar, rank: Rank, meant: tuple[int, frozenset[str]]
) -> None:
    """Give rows a rank; the nearer word wins, and two equally near ones that disagree are a fault."""
    near, rows = meant
    for row in rows:
        old = ranks.get(row)
        if old is not None and old[0] == near and old[1] is not rank:
            message = f"the row `{shorten(row)}` is both `{old[1]}` and `{rank}`"
            fields.faults.add("E416", message, place_of(word), step="name it once")
        if old is None or near < old[0]:
            ranks[row] = near, rank
