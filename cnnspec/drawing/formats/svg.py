"""A drawing as SVG: light colours as attributes, dark ones by class for readers who prefer them, no script.

Neighbours of one look share a `<g>` with its attributes, so that a file is short.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from typing import Final

from cnnspec.drawing.palette import COLOURS, FRAME, PAPER, Colour
from cnnspec.drawing.scene import Box, Disc, Group, Point, Polygon, Scene, Shape, Step, Stroke, Words
from cnnspec.drawing.svg import FONT, Value, element, number, words

SUFFIX: Final = ".svg"
_LINE: Final = "-line"
"""What ends the class of a line; there are fillings whose colour is called so, too."""
_USED: Final = re.compile(r"cnnspec-([a-z-]+)(?=[ \"])")


def render(scene: Scene) -> str:
    """Return a drawing as an SVG file."""
    sheet = Box(0.5, 0.5, scene.width - 1, scene.height - 1, PAPER, FRAME, 8)
    body = list(_shapes((sheet, *scene.shapes)))
    head = [element("title", words(scene.title)), element("desc", words(scene.description)), _dark(body)]
    return (
        element(
            "svg",
            "\n".join(["", *head, *body, ""]),
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {number(scene.width)} {number(scene.height)}",
            width=scene.width,
            height=scene.height,
            role="img",
            font_family=FONT,
            stroke_linejoin="round",
        )
        + "\n"
    )


def _dark(body: Sequence[str]) -> str:
    """Return the style that gives the colours in use their dark values."""
    used = sorted({name for line in body for name in _USED.findall(line)})
    return element("style", f"@media (prefers-color-scheme:dark){{{''.join(filter(None, map(_rule, used)))}}}")


def _rule(name: str) -> str:
    """Return the rule of a class, nothing where its colour is the same on all papers."""
    if name in COLOURS:
        return f".cnnspec-{name}{{fill:{COLOURS[name].dark}}}"
    colour = COLOURS.get(name.removesuffix(_LINE))
    return f".cnnspec-{name}{{stroke:{colour.dark}}}" if colour else ""


def _shapes(shapes: Sequence[Shape]) -> Iterator[str]:
    """Yield the elements of shapes, neighbours of one look in a group."""
    for look, neighbours in groupby(shapes, key=_look):
        alike = list(neighbours)
        if len(alike) == 1 or not look:
            yield from (_element(shape, dict(look)) for shape in alike)
        else:
            yield element("g", "\n".join(["", *(_element(shape, {}) for shape in alike), ""]), **dict(look))


def _look(shape: Shape) -> tuple[tuple[str, Value], ...]:
    """Return the attributes of a shape that its neighbours may share."""
    if isinstance(shape, Group):
        return ()
    if isinstance(shape, Words):
        anchor = {} if shape.anchor == "start" else {"text_anchor": shape.anchor}
        weight = {"font_weight": 600} if shape.bold else {}
        return tuple({"font_size": shape.size, **_paint(shape.colour, None), **anchor, **weight}.items())
    if isinstance(shape, Stroke):
        return tuple({**_paint(None, shape.colour, shape.width), **_dashes(shape.dashed)}.items())
    if isinstance(shape, Polygon):
        more = _dashes(shape.dashed) | ({} if shape.opacity == 1 else {"fill_opacity": shape.opacity})
        return tuple({**_paint(shape.fill, shape.line, shape.width), **more}.items())
    return tuple(_paint(shape.fill, shape.line).items())


def _dashes(dashed: bool) -> dict[str, Value]:  # noqa: FBT001 - the one thing that it asks
    return {"stroke_dasharray": "4 3"} if dashed else {}


def _paint(fill: Colour | None, line: Colour | None, width: float = 1) -> dict[str, Value]:
    """Return the attributes of a filling and a line, and the classes that change them on dark paper."""
    found: dict[str, Value] = {"fill": fill.light if fill else "none"}
    if line:
        found["stroke"] = line.light
    if line and width != 1:
        found["stroke_width"] = width
    classes = [f"cnnspec-{fill.name}"] if fill else []
    classes += [f"cnnspec-{line.name}{_LINE}"] if line else []
    return {**found, "class": " ".join(classes)}


def _element(shape: Shape, look: Mapping[str, Value]) -> str:
    match shape:
        case Group():
            return element("g", "\n".join([element("title", words(shape.title)), *_shapes(shape.shapes)]))
        case Words():
            return element("text", words(shape.text), x=shape.x, y=shape.y, **look)
        case Box():
            corners: dict[str, Value] = {"rx": shape.radius} if shape.radius else {}
            return element("rect", x=shape.x, y=shape.y, width=shape.width, height=shape.height, **corners, **look)
        case Disc():
            return element("circle", cx=shape.x, cy=shape.y, r=shape.radius, **look)
        case Polygon():
            return element("path", d=f"M{' '.join(_pair(*point) for point in shape.points)}z", **look)
        case Stroke():
            return element("path", d="".join(_path(path) for path in shape.paths), **look)


def _path(path: Sequence[Step]) -> str:
    parts = [f"M{_pair(*_end(path[0]))}"]
    for before, step in pairwise(path):
        if len(step) == 6:
            parts.append(f"C{' '.join(_pair(step[at], step[at + 1]) for at in (0, 2, 4))}")
        elif step[0] == before[-2]:
            parts.append(f"V{number(step[1])}")
        else:
            parts.append(f"L{_pair(*_end(step))}" if step[1] != before[-1] else f"H{number(step[0])}")
    return "".join(parts)


def _end(step: Step) -> Point:
    """Return the point to which a step leads."""
    return step[-2], step[-1]


def _pair(x: float, y: float) -> str:
    return f"{number(x)} {number(y)}"
