"""The format of a text whose name does not tell it."""

from __future__ import annotations

import re
from typing import Final

from cnnspec.homework.tables.formats import csv
from cnnspec.source import Source

_LATEX: Final = ("\\begin{tabular", "\\begin{longtable", "\\begin{array")
_JSON: Final = re.compile(r"\s*+(?:\{|\[\s*+[\[{\"\]\d-])")
_MARKDOWN: Final = re.compile(r"[ >\t]*+\|?[ \t]*+:?-++:?[ \t]*+\|[-| :\t]*+")
_YAML: Final = re.compile(
    r"(?:\s*+#[^\n]*+)*+\s*+(?:(?:layers|rows):[ \t]*$|- \{? ?(?:layer|name): )", re.MULTILINE | re.IGNORECASE
)


def sniff(source: Source) -> str:
    r"""Return the format that a text looks like: `text` where nothing else is clear.

    >>> sniff(Source("-", "Layer;Size\nCONV1;6272"))
    'csv'
    """
    text = source.text
    if "<table" in text.lower():
        return "html"
    if any(mark in text for mark in _LATEX):
        return "latex"
    if _JSON.match(text):
        return "json"
    if any("|" in line and _MARKDOWN.fullmatch(line) for line in text.split("\n")):
        return "markdown"
    if _YAML.match(text):
        return "yaml"
    return "csv" if csv.looks_separated(source) else "text"
