"""The colours of drawings: each has a value for light paper and one for dark, chosen which no kind of sight mixes up.

The four hues of layers were searched for the largest smallest difference between faces over normal, protan, deutan and
tritan sight: 27.6 on light paper, 28.0 on dark (CIEDE2000).
"""

from __future__ import annotations

from typing import Final, NamedTuple

from cnnspec.ir.role import Role


class Colour(NamedTuple):
    """A colour with its name, on light and on dark paper."""

    name: str
    light: str
    dark: str


class Faces(NamedTuple):
    """The colours of a volume: its front, its top, its side, and its lines."""

    front: Colour
    top: Colour
    side: Colour
    line: Colour


def _faces(name: str, light: str, dark: str) -> Faces:
    parts = zip(Faces._fields, light.split(), dark.split(), strict=True)
    return Faces(*(Colour(f"{name}-{part}", *values) for part, *values in parts))


PAPER: Final = Colour("paper", "#ffffff", "#0d1117")
FRAME: Final = Colour("frame", "#d0d7de", "#30363d")
INK: Final = Colour("ink", "#24292f", "#e6edf3")
QUIET: Final = Colour("quiet", "#57606a", "#9198a1")
PARAMS: Final = Colour("params", "#44916f", "#56a883")
MACS: Final = Colour("macs", "#b5773d", "#c98b4f")
GRID: Final = Colour("grid", "#e4e7eb", "#21262d")
FIRST: Final = Colour("first", "#0b6cb3", "#58a6ff")
SECOND: Final = Colour("second", "#bf5208", "#f0883e")
PALE: Final = Colour("pale", "#9cc3e3", "#1f4e79")
"""Two lines of a chart are told apart by everyone, and each has 4.5:1 of contrast with its paper."""
PICTURES: Final = (PAPER, FRAME, INK, QUIET, GRID, FIRST, SECOND, PALE)
"""The colours of charts and of pictures of what a trained network does."""

PLAIN: Final = _faces("plain", "#e8ebee #f4f6f8 #d0d5db #57606a", "#2d333b #3d444d #22272e #9198a1")
CONVOLUTION: Final = _faces("convolution", "#5fa8fb #9dcaff #3f86d6 #0b3f78", "#2775bf #3f8fdc #1a5a97 #b5dcff")
POOL: Final = _faces("pool", "#f5b565 #fbd7a6 #d99439 #6b3600", "#9a5e1a #b87631 #744510 #ffd9a3")
DENSE: Final = _faces("units", "#99b98f #c3d8bc #7a9d6f #123d1e", "#3c5738 #50704b #2b4028 #c6e0b8")
JOIN: Final = _faces("join", "#f3cbf8 #f9e3fb #dfa6e6 #5a2a60", "#57355a #6f4773 #402543 #f6d3fa")

_OF_ROLE: Final = {
    Role.CONVOLUTION: CONVOLUTION,
    Role.POOL: POOL,
    Role.DENSE: DENSE,
    Role.SEQUENCE: DENSE,
    Role.JOIN: JOIN,
}


def faces_of(role: Role | None) -> Faces:
    """Return the colours of what a layer of a role makes; an input has none."""
    return _OF_ROLE.get(role, PLAIN) if role else PLAIN


COLOURS: Final = {
    colour.name: colour
    for colour in (PAPER, FRAME, INK, QUIET, PARAMS, MACS, *PLAIN, *CONVOLUTION, *POOL, *DENSE, *JOIN)
}
