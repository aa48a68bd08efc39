"""The canonical layout of a whole spec, with its comments."""

from __future__ import annotations

from cnnspec.errors import CnnspecError, shorten
from cnnspec.language.styles import Style, restyle
from cnnspec.source import Source
from cnnspec.text.layout import write
from cnnspec.text.limits import STANDARD, Limits
from cnnspec.text.reader import read
from cnnspec.text.tree import Mapping, describe


def formatted(name: str, text: str, style: str | None, limits: Limits | None = None) -> str:
    """Return a spec's text in the canonical layout, with the line ends of its first line."""
    tree = read(Source(name, text), limits or STANDARD)
    if tree is None:
        raise CnnspecError.one("E112", "the spec is empty")
    if not isinstance(tree, Mapping):
        message = f"a spec is a mapping, `{shorten(name, 80)}` is {describe(tree)}, and stays as it is"
        raise CnnspecError.one("E112", message, help="begin with `input: 28x28x1` and `layers:`")
    layout = write(restyle(tree, Style(style)) if style else tree, text, tree)
    return layout.replace("\n", "\r\n") if text[: text.find("\n")].endswith("\r") else layout
