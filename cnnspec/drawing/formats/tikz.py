"""A drawing as a LaTeX document of TikZ in the size of the drawing, in the light colours.

Where the class `standalone` or the fonts of `lmodern` are not installed, what every LaTeX has takes their place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from cnnspec.drawing.palette import COLOURS, Colour
from cnnspec.drawing.scene import Box, Disc, Group, Polygon, Scene, Shape, Step, Stroke, Words
from cnnspec.drawing.svg import number
from cnnspec.errors import printable
from cnnspec.latex_text import escape

SUFFIX: Final = ".tex"
BP: Final = 0.75
"""A pixel in big points."""
ANCHORS: Final = {"start": "base west", "middle": "base", "end": "base east"}
HEAD: Final = r"""\IfFileExists{standalone.cls}{\documentclass[tikz]{standalone}}{%
  \documentclass{article}
  \usepackage[paperwidth=@Wbp,paperheight=@Hbp,margin=0bp]{geometry}
  \pagestyle{empty}\parindent=0bp\topskip=0bp
  \usepackage{tikz}}
\usepackage[utf8]{inputenc}
\IfFileExists{lmodern.sty}{\usepackage[T1]{fontenc}\usepackage{lmodern}}{\usepackage{fix-cm}}
"""


def render(scene: Scene) -> str:
    """Return a drawing as a LaTeX document."""
    width, height = number(scene.width * BP), number(scene.height * BP)
    lines = [f"% {printable(scene.description)}", HEAD.replace("@W", width).replace("@H", height).rstrip()]
    body = [line for shape in scene.shapes for line in _lines(shape)]
    used = [colour for name, colour in COLOURS.items() if any(_name(colour) in line for line in body)]
    lines += [rf"\definecolor{{{_name(colour)}}}{{HTML}}{{{colour.light[1:].upper()}}}" for colour in used]
    lines += [
        r"\begin{document}%",
        rf"\begin{{tikzpicture}}[x={BP}bp,y=-{BP}bp,line width={BP}bp,line join=round,inner sep=0bp]",
        rf"\useasboundingbox (0,0) rectangle ({number(scene.width)},{number(scene.height)});",
    ]
    return "\n".join([*lines, *body, r"\end{tikzpicture}%", r"\end{document}", ""])


def _name(colour: Colour) -> str:
    return "cnnspec" + colour.name.replace("-", "")


def _lines(shape: Shape) -> Iterator[str]:
    match shape:
        case Group():
            for inner in shape.shapes:
                yield from _lines(inner)
        case Words():
            size = number(shape.size * BP)
            font = rf"\sffamily\fontsize{{{size}bp}}{{{size}bp}}\selectfont" + (r"\bfseries" if shape.bold else "")
            options = f"anchor={ANCHORS[shape.anchor]},text={_name(shape.colour)},font={font}"
            yield rf"\node[{options}] at {_pair(shape.x, shape.y)} {{{escape(printable(shape.text))}}};"
        case Box():
            corners = [f"rounded corners={number(shape.radius * BP)}bp"] if shape.radius else []
            options = _options(shape.fill, shape.line, more=corners)
            end = _pair(shape.x + shape.width, shape.y + shape.height)
            yield rf"\path[{options}] {_pair(shape.x, shape.y)} rectangle {end};"
        case Disc():
            options = _options(shape.fill, shape.line)
            yield rf"\path[{options}] {_pair(shape.x, shape.y)} circle[radius={number(shape.radius * BP)}bp];"
        case Polygon():
            more = ["dash pattern=on 3bp off 2.25bp"] if shape.dashed else []
            more += [f"fill opacity={number(shape.opacity)}"] if shape.opacity != 1 else []
            options = _options(shape.fill, shape.line, shape.width, more)
            yield rf"\path[{options}] {' -- '.join(_pair(*point) for point in shape.points)} -- cycle;"
        case Stroke():
            more = ["dash pattern=on 3bp off 2.25bp"] if shape.dashed else []
            options = _options(None, shape.colour, shape.width, more)
            yield from (rf"\path[{options}] {_path(path)};" for path in shape.paths)


def _options(fill: Colour | None, line: Colour | None, width: float = 1, more: Sequence[str] = ()) -> str:
    found = [f"fill={_name(fill)}"] if fill else []
    found += [f"draw={_name(line)}"] if line else []
    found += [f"line width={number(width * BP)}bp"] if line and width != 1 else []
    return ",".join([*found, *more])


def _path(path: Sequence[Step]) -> str:
    parts = [_pair(path[0][-2], path[0][-1])]
    for step in path[1:]:
        if len(step) == 6:
            parts.append(f".. controls {_pair(step[0], step[1])} and {_pair(step[2], step[3])} ..")
        else:
            parts.append("--")
        parts.append(_pair(step[-2], step[-1]))
    return " ".join(parts)


def _pair(x: float, y: float) -> str:
    return f"({number(x)},{number(y)})"
