"""The site: the pages of this folder as HTML, by `sphinx-build -W -b html docs OUT`.

The pages are ordinary Markdown that a code host shows too. What the program itself knows, such as its kinds, stands in
no page: a block `{generated} NAME` is replaced by what `generated.py` makes of it, and the tables of contents are the
lists of `index.md`.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))

import generated

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
exclude_patterns = ["_build", "*.ipynb", "schemas", "teachers"]  # files that pages speak of
myst_heading_anchors = 4
autodoc_typehints = "signature"
default_role = "code"
suppress_warnings = ["misc.highlighting_failure"]  # CSV has no colours, and some YAML is wrong on purpose

BLOCK: Final = re.compile(r"^```\{generated\} (\S+)\n.*?^```$", re.MULTILINE | re.DOTALL)
ABOVE: Final = {"../README.md": "tour.md", "../CONTRIBUTING.md": "contributing.md", "../CHANGELOG.md": "changelog.md"}
"""Pages beside this folder, and those of the site that show them."""


def page(source: str) -> str:
    """Return the Markdown of a page with what is generated, and with links to pages of the site."""
    text = BLOCK.sub(lambda found: generated.text(found[1]), source)
    for above, here in ABOVE.items():
        text = text.replace(f"]({above}", f"]({here}")
    return text


def contents(index: str) -> str:
    """Return a table of contents for every list below a heading of the first page."""
    tables = []
    for heading, body in re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", index, re.MULTILINE | re.DOTALL):
        links = re.findall(r"\[([^]]+)\]\(([\w/-]+)\.md\)", body)
        pages = "\n".join(f"{title[0].upper()}{title[1:]} <{name}>" for title, name in links)
        tables.append(f"```{{toctree}}\n:hidden:\n:caption: {heading}\n\n{pages}\n```\n")
    return "\n".join(tables)


def read(_: Sphinx, name: str, source: list[str]) -> None:
    """Replace the text of a page before it is read."""
    source[0] = page(source[0])
    if name == "index":
        source[0] += "\n" + contents(source[0])


def setup(app: Sphinx) -> None:
    """Have every page replaced as it is read."""
    app.connect("source-read", read)
