"""The marks of rows and joins: a circle for a layer, one with a sign for a join, a stack of cards for copies."""

from __future__ import annotations

from typing import Final

from cnnspec.analysis.folding import TableRow
from cnnspec.drawing.palette import Faces, faces_of
from cnnspec.drawing.scene import Box, Disc, Shape, Step, Stroke
from cnnspec.ir.role import Role

LAYER: Final = 4.6
JOINED: Final = 6.4
_SIGNS: Final[dict[str, tuple[tuple[Step, ...], ...]]] = {
    "+": (((-0.55, 0), (0.55, 0)), ((0, -0.55), (0, 0.55))),
    "−": (((-0.55, 0), (0.55, 0)),),
    "×": (((-0.4, -0.4), (0.4, 0.4)), ((-0.4, 0.4), (0.4, -0.4))),
    "=": (((-0.5, -0.22), (0.5, -0.22)), ((-0.5, 0.22), (0.5, 0.22))),
    "∨": (((-0.4, -0.35), (0, 0.4), (0.4, -0.35)),),
    "∧": (((-0.4, 0.35), (0, -0.4), (0.4, 0.35)),),
    "·": (((-0.1, 0), (0.1, 0)),),
}
"""The lines of a sign inside a circle of radius 1."""


def faces_of_row(row: TableRow) -> Faces:
    """Return the colours of a row: folded copies have those of the member that computes most."""
    if not row.members:
        return faces_of(None)
    return faces_of(max(row.members, key=lambda member: member.macs).node.layer.role)


def is_join(row: TableRow) -> bool:
    """Tell whether a row is one join."""
    return not row.folded and bool(row.members) and row.members[0].node.layer.role is Role.JOIN


def mark(row: TableRow, x: float, y: float) -> list[Shape]:
    """Return the mark of a row around a point."""
    faces = faces_of_row(row)
    if row.folded:
        shifts = (5.0, 2.5, 0.0)
        return [Box(x - 7 + shift, y - 4 - shift, 11, 10, faces.front, faces.line, 2) for shift in shifts]
    if is_join(row):
        return join(row.members[0].node.layer.sign, x, y, JOINED)
    return [Disc(x, y, LAYER, faces.front, faces.line)]


def join(sign: str, x: float, y: float, radius: float) -> list[Shape]:
    """Return the circle of a join with its sign."""
    faces = faces_of(Role.JOIN)
    lines = tuple(tuple((x + dx * radius, y + dy * radius) for dx, dy in path) for path in _SIGNS.get(sign, ()))
    signs = (Stroke(lines, faces.line, 1.5),) if lines else ()
    return [Disc(x, y, radius, faces.front, faces.line), *signs]
