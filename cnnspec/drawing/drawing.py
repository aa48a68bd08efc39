"""A network drawn: which style, and the drawing in its formats."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from html import escape
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from cnnspec.analysis.measure import Summary
from cnnspec.drawing.part import Part, select, whole
from cnnspec.drawing.scene import Scene
from cnnspec.errors import UsageError, listing, shorten, suggest
from cnnspec.files import demand_free, write_whole
from cnnspec.registry import modules_in

STYLES: Final = ("volumes", "graph")
"""The styles, the one first that is taken where it suits."""
PROGRAMS: Final = {
    ".png": "rsvg-convert -o {stem}.png {stem}.svg",
    ".pdf": "rsvg-convert -f pdf -o {stem}.pdf {stem}.svg",
    ".eps": "inkscape --export-type=eps {stem}.svg",
    ".emf": "inkscape --export-type=emf {stem}.svg",
}
"""What makes other files of an SVG."""


class Drawing:
    """A drawing of a network: text in any of its formats, and what a notebook shows."""

    __slots__ = ("scene", "style")

    def __init__(self, scene: Scene, style: str) -> None:
        """Keep what is drawn and how."""
        self.scene = scene
        self.style = style

    def __repr__(self) -> str:
        return f"<cnnspec.Drawing {self.scene.title}: {self.style}, {self.scene.width:.0f}×{self.scene.height:.0f}>"

    def write(self, format: str) -> str:
        """Return the drawing in a format by its name."""
        text: str = import_module(f"cnnspec.drawing.formats.{format}").render(self.scene)
        return text

    @property
    def svg(self) -> str:
        """The drawing as SVG."""
        return self.write("svg")

    @property
    def tikz(self) -> str:
        """The drawing as a LaTeX document of TikZ."""
        return self.write("tikz")

    def save(self, path: str | Path, *, force: bool = False) -> None:
        """Write the drawing to a file in the format of its suffix; an existing one is replaced only on request."""
        target = Path(path)
        text = self.write(format_of(target))
        write_whole(demand_free(target, force=force), text.encode(), force=force)

    def _repr_html_(self) -> str:
        data = b64encode(self.svg.encode()).decode("ascii")
        return f'<img src="data:image/svg+xml;base64,{data}" alt="{escape(self.scene.description)}">'

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self._repr_html_(), "image/svg+xml": self.svg}


def draw(
    summary: Summary,
    *,
    style: str | None = None,
    depth: int | None = None,
    names: Sequence[str] = (),
    columns: Sequence[str] | None = None,
) -> Drawing:
    """Return the drawing of a network or of the parts of these names; without a style in the first that suits."""
    if depth is not None and depth < 1:
        raise UsageError.one("E703", f"`depth` must be 1 or more, not {depth}")
    if style is not None and style not in STYLES:
        note = f"styles are {listing(STYLES)}"
        raise UsageError.one(
            "E703", f"unknown style `{shorten(style)}`", notes=(note,), help=suggest(str(style), STYLES)
        )
    part = select(summary, names, depth) if names else whole(summary, depth)
    chosen = style or (STYLES[-1] if columns else style_for(part))
    return Drawing(import_module(f"cnnspec.drawing.styles.{chosen}").draw(part, columns), chosen)


def style_for(part: Part) -> str:
    """Return the first style that suits what is drawn."""
    return next(name for name in STYLES if import_module(f"cnnspec.drawing.styles.{name}").suits(part))


def suffix_of(name: str) -> str:
    """Return how a file of a format ends."""
    return str(import_module(f"cnnspec.drawing.formats.{name}").SUFFIX)


def format_of(path: Path) -> str:
    """Return the format whose files have the suffix of a path; raise UsageError where there is none."""
    suffix = path.suffix.lower()
    found = {suffix_of(name): name for name in modules_in("drawing", "formats")}
    if suffix in found:
        return found[suffix]
    raise not_written(path, found)


def not_written(path: Path, formats: Iterable[str]) -> UsageError:
    """Return the error that no picture is written with a path's suffix, with the program that makes it of an SVG."""
    suffix = path.suffix.lower()
    message = f"drawings are not written as `{shorten(suffix)}`" if suffix else "the output has no suffix"
    program = PROGRAMS.get(suffix)
    step = f"write `{shorten(path.stem)}.svg`"
    if program:
        step += f", then run `{program.format(stem=shorten(path.stem))}`"
    return UsageError.one("E706", message, notes=(f"formats are {listing(formats)}",), help=step)
