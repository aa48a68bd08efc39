"""The site: the pages of this folder as HTML, by `sphinx-build -W -b html docs OUT`.

The pages are ordinary Markdown that a code host shows too. What the program itself knows, such as its kinds, stands in
no page: a block `{generated} NAME` is replaced by what `generated.py` makes of it, and the tables of contents are the
lists of `index.md`.
"""

from __future__ import annotations

import re
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))

import generated
from pygments.lexers.data import YamlLexer
from pygments.lexers.special import TextLexer

import cnnspec

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "cnnspec"
author = copyright = "The cnnspec authors"  # noqa: A001 - Sphinx asks for this name
release = version = cnnspec.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc"]
html_theme = "furo"
html_title = f"cnnspec {release}"
html_copy_source = False
html_static_path = html_css_files = ["site.css"]
exclude_patterns = ["_build", "*.ipynb", "schemas", "teachers"]  # files that pages speak of
myst_heading_anchors = 4
autodoc_typehints = "signature"
default_role = "code"
suppress_warnings = ["misc.highlighting_failure"]  # some YAML is wrong on purpose

BLOCK: Final = re.compile(r"^```\{generated\} (\S+)\n.*?^```$", re.MULTILINE | re.DOTALL)
ABOVE: Final = {"../README.md": "tour.md", "../CONTRIBUTING.md": "contributing.md", "../CHANGELOG.md": "changelog.md"}
"""Pages beside this folder, and those of the site that show them."""
LINK: Final = re.compile(r"\[([^]]+)\]\(([\w/-]+)\.md\)")
NAMED: Final = re.compile(r"\[(?:docs/)?([\w-]+)\.md\](?=\()")
"""A link that calls a page by its file: on the site it has its title."""


def page(source: str) -> str:
    """Return the Markdown of a page with what is generated, and with links to pages of the site, by their titles."""
    text = BLOCK.sub(lambda found: generated.text(found[1]), source)
    for above, here in ABOVE.items():
        text = text.replace(f"]({above}", f"]({here}")
    return NAMED.sub(lambda found: f"[{titles().get(found[1].lower(), found[1])}]", text)


@cache
def titles() -> dict[str, str]:
    """Return what the first page calls each page."""
    index = Path(__file__).with_name("index.md").read_text(encoding="utf-8")
    for above, here in ABOVE.items():
        index = index.replace(f"]({above}", f"]({here}")
    return {name: f"{title[0].upper()}{title[1:]}" for title, name in LINK.findall(index)}


def contents(index: str) -> str:
    """Return a table of contents for every list below a heading of the first page."""
    tables = []
    for heading, body in re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", index, re.MULTILINE | re.DOTALL):
        pages = "\n".join(f"{titles()[name]} <{name}>" for _, name in LINK.findall(body))
        tables.append(f"```{{toctree}}\n:hidden:\n:caption: {heading}\n\n{pages}\n```\n")
    return "\n".join(tables)


def read(_: Sphinx, name: str, source: list[str]) -> None:
    """Replace the text of a page before it is read."""
    source[0] = page(source[0])
    if name == "index":
        source[0] += "\n" + contents(source[0])


def setup(app: Sphinx) -> None:
    """Have every page replaced as it is read, and printed tables left without colours."""
    app.connect("source-read", read)
    for name in ("console", "csv"):  # what a command prints is no program
        app.add_lexer(name, TextLexer)
    app.add_lexer("assignment", YamlLexer)
