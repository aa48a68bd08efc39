"""A first assignment for a network: what holds without one, written down with comments to change it by."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import wrap
from typing import Final

from cnnspec.analysis.measure import Summary
from cnnspec.analysis.quantities import marked
from cnnspec.errors import listing
from cnnspec.homework.assignment.naming import rows_of
from cnnspec.homework.assignment.reading import COLUMNS
from cnnspec.homework.marking.asked import usual_rows
from cnnspec.text.layout import scalar
from cnnspec.text.tree import Scalar
from cnnspec.text.width import WIDTH

_TEXT: Final = """\
# What is asked of students, and how it is marked:
#   cnnspec check {file} TABLE      one table
#   cnnspec grade {file} FOLDER     a class
#   cnnspec practice {file}         a sheet to fill in
#   cnnspec validate {file}         this file itself
assignment: {name}
spec: {spec}

# The columns that are asked for. One that a table lacks is missing cells: every
# student can earn as many points. There are
# {columns}.
columns: [{asked_columns}]

# Rows by names, kinds or roles; a name counts more than a kind. Cells of rows
# that are given or optional earn nothing.
rows:
  asked: {asked}
  given: []
  optional: {optional}

# Points of a cell: those of its row, else of its column, else of any cell.
# `total` is what all are worth together.
points:
  cell: 1
  # column: {{params: 2}}
  # row: {{{first}: 3}}
  # total: 10

# The course's own words, for columns and for rows.
# titles: {{Anzahl Parameter: params, Baustein: layer}}
# labels: {{卷积层1: {first}}}

# How the course counts: batch normalizations with what they store (4C, Keras)
# or without (2C, PyTorch), biases in or out, and whether rounded numbers such
# as 61.7k are right, and shapes whose channels stand first.
conventions:
  batch_norm: 4C
  biases: in
  rounding: false
  channels_first: true

# Credit for a cell that is right given an earlier, wrong one, and for a wrong
# one whose slip is known.
follow_through: full
slips: none

# How much students are told: none, verdict, hint or full.
reveal: hint

# Your last word on a cell; without a value, on whatever stands there.
# accept:
#   - row: {first}
#     column: params
#     value: 600
#     credit: half
#     reason: the sheet was unclear

# Who is to hand in: whoever does not is a line of the grades.
# due: [ada, grace]
"""


def first_assignment(summary: Summary, spec: str, name: str, file: str) -> str:
    """Return the text of an assignment that asks for what is usual.

    `spec` is how the file speaks of the network, and `file` how commands speak of the file.
    """
    usual = usual_rows(summary)
    asked = [row for row in rows_of(summary) if row in usual]
    others = [row for row in rows_of(summary) if row not in usual]
    return _TEXT.format(
        file=file,
        name=_plain(name),
        spec=_plain(spec),
        columns=listing(marked()),
        asked_columns=", ".join(COLUMNS),
        asked=_flow(asked),
        optional=_flow(others),
        first=_plain(asked[0] if asked else others[0]),
    )


def _flow(words: Iterable[str]) -> str:
    """Return a list in brackets, on as many lines as it needs."""
    text = f"[{', '.join(map(_plain, words))}]"
    return ("\n" + " " * 4).join(wrap(text, WIDTH - 14, break_long_words=False, break_on_hyphens=False))


def _plain(text: str) -> str:
    return scalar(Scalar(text, 0, 0, plain=False), in_flow=True)
