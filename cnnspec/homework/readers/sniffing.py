"""The format of a text whose name does not tell it."""

from __future__ import annotations

import re
from typing import Final

from cnnspec.homework.readers import csv
from cnnspec.source import Source

_MARKS: Final = {
    "html": re.compile(r"<table\b", re.IGNORECASE),
    "latex": re.compile(r"\\begin\{(?:tabular|longtable|array)"),
    "json": re.compile(r"\s*(?:\{|\[\s*[\[{\"\]\d-])"),
    "markdown": re.compile(r"^[ >\t]*+\|?[ \t]*+:?-++:?[ \t]*+\|[-| :\t]*+$", re.MULTILINE),
    "yaml": re.compile(
        r"(?:\s*+#[^\n]*+)*+\s*+(?:(?:layers|rows):[ \t]*$|- \{? ?(?:layer|name): )", re.MULTILINE | re.IGNORECASE
    ),
}


def sniff(source: Source) -> str:
    r"""Return the format that a text looks like: `text` where nothing else is clear.

    >>> sniff(Source("-", "Layer;Size\nCONV1;6272"))
    'csv'
    """
    for kind, mark in _MARKS.items():
        found = mark.match(source.text) if kind in {"json", "yaml"} else mark.search(source.text)
        if found:
            return kind
    return "csv" if csv.looks_separated(source) else "text"
