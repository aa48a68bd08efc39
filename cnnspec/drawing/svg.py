"""The shapes and words of an SVG picture, as text: words escaped, numbers short, the same input the same text."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from typing import Final
from unicodedata import combining, east_asian_width
from xml.sax.saxutils import escape, quoteattr

from cnnspec.drawing import palette
from cnnspec.errors import printable

Value = str | float
"""The value of an attribute: a text, or a number in the units of the picture."""

PAPER: Final = palette.PAPER.light
INK: Final = palette.INK.light
QUIET: Final = palette.QUIET.light
GRID: Final = palette.GRID.light
EDGE: Final = palette.FRAME.light
BLUE: Final = palette.FIRST.light
ORANGE: Final = palette.SECOND.light
PALE: Final = palette.PALE.light
"""What is drawn has the colour on light paper as its attribute; `document` gives it the other one on dark paper."""
WHITE: Final = "#fff"
"""White whatever the paper: for words on a strong colour."""
FONT: Final = "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"
MARGIN: Final = 28
NARROW: Final = 0.27
"""The width of the narrowest character, as a share of the size of the font."""
BOLDER: Final = 1.14
"""How much wider words are in bold."""
_WIDTHS: Final = {
    char: width / 100
    for width, chars in {
        28: "'ijl",
        30: "IJ",
        32: " ,.·",
        34: "/:;\\|",
        36: "f-",
        39: "()[]t⌊⌋′",
        41: "r!²³",
        46: '"',
        50: "*_`–",
        52: "sz",
        55: "c?",
        58: "FkL",
        61: "PTYavxyo",
        64: "$0123456789{}ESbdghnpque",
        69: "KBRXZAV",
        75: "CUHN",
        79: "DGOQ&",
        84: "#+<=>^~×−→≥≤±w⊕",
        97: "mM%",
        100: "W@…—",
    }.items()
    for char in chars
}
"""The widths of characters in DejaVu Sans in hundredths of the size of the font, rounded up."""


def document(width: float, height: float, title: str, body: Iterable[str], description: str = "") -> str:
    """Return a whole picture: a titled sheet of paper, so that it can be read on any background, and what is on it."""
    head = [element("title", words(title))]
    if description:
        head.append(element("desc", words(description)))
    sheet = rectangle(0.5, 0.5, width - 1, height - 1, PAPER, rx=8, stroke=EDGE)
    drawn = "\n".join([sheet, *body])
    content = "\n".join(["", *head, _dark(drawn), drawn, ""])
    return (
        element(
            "svg",
            content,
            class_="cnnspec-picture",
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {number(width)} {number(height)}",
            width=width,
            height=height,
            role="img",
            font_family=FONT,
        )
        + "\n"
    )


def _dark(drawn: str) -> str:
    """Return the style that gives the colours in use their values on dark paper."""
    rules = [
        f'.cnnspec-picture [{name}="{colour.light}"]{{{name}:{colour.dark}}}'
        for colour in palette.PICTURES
        for name in ("fill", "stroke")
        if f'{name}="{colour.light}"' in drawn
    ]
    return element("style", f"@media (prefers-color-scheme:dark){{{''.join(rules)}}}")


def element(tag: str, content: str | None = None, /, **attributes: Value) -> str:
    """Return an element; `_` in the name of an attribute stands for `-`, at its end for nothing; values are escaped."""
    pairs = "".join(f" {name.rstrip('_').replace('_', '-')}={_quoted(value)}" for name, value in attributes.items())
    return f"<{tag}{pairs}/>" if content is None else f"<{tag}{pairs}>{content}</{tag}>"


def number(value: float) -> str:
    """Return a coordinate with at most two decimals.

    >>> number(3.0), number(1 / 3), number(-0.001)
    ('3', '0.33', '0')
    """
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def words(text: str) -> str:
    """Return anybody's text as content of an element, without characters that XML does not allow."""
    return escape(printable(text))


def text(x: float, y: float, line: str, size: float = 12, fill: str = INK, /, **attributes: Value) -> str:
    """Return one line of text whose baseline begins, or as `text_anchor` says ends, at a point."""
    return element("text", words(line), x=x, y=y, font_size=size, fill=fill, **attributes)


def rectangle(x: float, y: float, width: float, height: float, fill: str, /, **attributes: Value) -> str:
    """Return a rectangle; with a `title`, that is shown where a pointer rests on it."""
    title = str(attributes.pop("title", ""))
    content = element("title", words(title)) if title else None
    return element("rect", content, x=x, y=y, width=width, height=height, fill=fill, **attributes)


def line(x1: float, y1: float, x2: float, y2: float, stroke: str = GRID, /, **attributes: Value) -> str:
    """Return a straight line."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=stroke, **attributes)


def heading(title: str, subtitle: str = "", width: float = 0) -> list[str]:
    """Return the title of a picture and the quiet line below it, cut to a width where one is given."""
    if width:
        title, subtitle = fit(title, width, 17), fit(subtitle, width, 12)
    lines = [text(MARGIN, MARGIN + 13, title, 17, INK, font_weight=600)]
    return [*lines, text(MARGIN, MARGIN + 34, subtitle, 12, QUIET)] if subtitle else lines


def picture(x: float, y: float, width: float, height: float, png: bytes, name: str) -> str:
    """Return an embedded PNG, its pixels as sharp squares; `name` is what is told of it to those who do not see it."""
    return element(
        "image",
        element("title", words(name)),
        x=x,
        y=y,
        width=width,
        height=height,
        preserveAspectRatio="none",
        style="image-rendering:pixelated",
        href=f"data:image/png;base64,{b64encode(png).decode('ascii')}",
    )


def measure(line: str, size: float = 12, *, bold: bool = False) -> float:
    """Return how wide a line of text is in DejaVu Sans, the widest of the fonts: in the others it is narrower."""
    return size * (BOLDER if bold else 1) * sum([_WIDTHS.get(char) or _width(char) for char in line])


def fit(line: str, width: float, size: float = 12) -> str:
    """Return a line of text cut to a width, with a sign that it is cut.

    >>> fit("aquarium fish", 60), fit("trout", 60)
    ('aquariu…', 'trout')
    """
    if measure(line, size) <= width:
        return line
    kept = min(len(line) - 1, int(width / size / NARROW) + 1)
    while kept and measure(line[:kept] + "…", size) > width:
        kept -= 1
    return f"{printable(line[:kept])}…"


def _width(char: str) -> float:
    if east_asian_width(char) in {"W", "F"}:
        return 1.05
    return 0 if combining(char) else 1 if char.isupper() else 0.75


def _quoted(value: Value) -> str:
    return quoteattr(printable(value) if isinstance(value, str) else number(value))
