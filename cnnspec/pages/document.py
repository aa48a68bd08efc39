"""A page as one HTML file: nothing is loaded, and a policy in its head lets nothing but its own script run."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from functools import cache
from hashlib import sha256
from html import escape
from importlib.resources import files
from typing import Final, NamedTuple

from cnnspec.analysis.measure import Summary
from cnnspec.drawing.drawing import draw
from cnnspec.drawing.palette import COLOURS
from cnnspec.errors import UsageError, escaped, printable
from cnnspec.pages.data import network
from cnnspec.reports._footer import facts, remarks

SHRINK: Final = 0.68
"""How small a drawing may be shown, so that it is seen whole: a U of five levels on 1,600 pixels."""
TALL: Final = 1.5
"""How high a drawing is, as a share of its width, that no sheet of paper holds."""
_STYLES: Final = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_NO_SCRIPT: Final = (
    "The table and its derivations need JavaScript, which runs in this page alone: it loads and sends nothing."
)


class Picture(NamedTuple):
    """A picture that a page shows beside the network: its title, and the SVG."""

    title: str
    svg: str


def render(summary: Summary, pictures: Sequence[Picture] = (), heading: str = "") -> str:
    """Return the page of a network; the pictures are those of a trained one, under their own heading."""
    name = escape(printable(summary.name))
    body = [
        f"<header><h1>{name}</h1>{_facts(summary)}</header>",
        f"<main>{_drawing(summary)}",
        '<section aria-labelledby="layers"><h2 id="layers">Layers</h2>',
        '<p class="quiet">Press a number to see how it comes about, or a name for all of a layer.</p>',
        f'<div id="cnnspec-layers"><noscript><p>{_NO_SCRIPT}</p></noscript></div></section>',
        *_pictures(pictures, heading),
        f"</main><footer>{''.join(f'<p>{escape(remark)}</p>' for remark in remarks(summary, ()))}</footer>",
        f'<script type="application/json" id="cnnspec-data">{embedded(network(summary))}</script>',
        f"<script>{script()}</script>",
    ]
    return document(name, "\n".join(body))


def document(title: str, body: str) -> str:
    """Return a whole page around a body, with the style of all pages; the policy knows its scripts and styles."""
    scripts = [script()] if f"<script>{script()}</script>" in body else []
    return f"{head(title, scripts=scripts, styles=_STYLES.findall(body))}{body}\n</body></html>\n"


def head(title: str, *, scripts: Sequence[str] = (), styles: Sequence[str] = (), own: str = "") -> str:
    """Return the beginning of a page with the style of all pages and its `own`.

    Nothing runs or is applied but that, and the scripts and styles that stand in its body.
    """
    sheet = style(own)
    policy = "; ".join(
        [
            "default-src 'none'",
            *([f"script-src {_hashes(scripts)}"] if scripts else []),
            f"style-src {_hashes([sheet, *styles])}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{sheet}</style></head><body>\n"
    )


def embedded(data: object) -> str:
    """Return data as JSON that can stand in a page: no text in it ends an element or begins one."""
    return escaped(json.dumps(data, ensure_ascii=False, separators=(",", ":"))).replace("<", "\\u003c")


@cache
def script() -> str:
    """Return the script of all pages, without its comments."""
    return _short("page.js", "//", "/**")


@cache
def style(own: str = "") -> str:
    """Return the style of all pages and a page's `own`, with the colours that they use; paper is always light."""
    sheet = _short("page.css", "/*") + own
    used = [(name, colour) for name, colour in COLOURS.items() if f"var(--{name})" in sheet]
    light, dark = (";".join(f"--{name}:{getattr(each, paper)}" for name, each in used) for paper in ("light", "dark"))
    return f":root{{{light}}}\n@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n{sheet}"


def _short(name: str, *comments: str) -> str:
    """Return a file of the page without indentation and without lines that are comments."""
    lines = (line.strip() for line in (files("cnnspec.pages") / name).read_text("utf-8").splitlines())
    return "\n".join(line for line in lines if line and not line.startswith(comments))


def _hashes(texts: Iterable[str]) -> str:
    found = dict.fromkeys(b64encode(sha256(text.encode()).digest()).decode("ascii") for text in texts)
    return " ".join(f"'sha256-{each}'" for each in found)


def _facts(summary: Summary) -> str:
    entries = "".join(f"<dt>{escape(word)}</dt><dd>{escape(value)}</dd>" for word, value in facts(summary))
    return f'<dl class="facts">{entries}</dl>'


def _drawing(summary: Summary) -> str:
    """Return the drawing in the style that suits; a network that is too long to be drawn has none, and it is said.

    A window that is a little too narrow shows it whole, a narrower one in part. What is tall is printed over pages.
    """
    try:
        found = draw(summary)
    except UsageError as error:
        return f'<p class="quiet">{escape(error.diagnostics[0].message)}</p>'
    tall = " tall" * (found.scene.height > TALL * found.scene.width)
    fit = f"@media screen and (min-width:{round(SHRINK * found.scene.width)}px){{.drawing svg{{max-width:100%}}}}"
    picture = found.svg.replace("@media (prefers", "@media screen and (prefers")  # paper is light
    return (
        f"<style>{fit}</style>"
        f'<div class="drawing{tall}" role="region" aria-label="Drawing" tabindex="0">{picture}</div>'
    )


def _pictures(pictures: Sequence[Picture], heading: str) -> list[str]:
    """Return pictures as images: what stands in a file of a run is shown, and never run."""
    if not pictures:
        return []
    shown = [
        f'<figure><img alt="{escape(title)}" src="data:image/svg+xml;base64,{b64encode(svg.encode()).decode("ascii")}">'
        "</figure>"
        for title, svg in pictures
    ]
    return [f'<section class="run"><h2>{escape(printable(heading))}</h2>', *shown, "</section>"]
