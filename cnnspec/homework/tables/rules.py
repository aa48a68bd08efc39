"""Lines that only part rows from rows, and cells that go on in the line below."""

from __future__ import annotations

import re
from typing import Final

_SIGNS: Final = "-=_~*+|│┃║ \t" + "".join(map(chr, range(0x2500, 0x2580)))
_RUN: Final = re.compile(r"[-=_~*─━═╌┄╍┅]{3}")


def is_rule(text: str) -> bool:
    """Return whether a line is a rule, such as `─────` or `+----+----+`."""
    return not text.strip(_SIGNS) and _RUN.search(text) is not None


def is_open(cell: str) -> bool:
    """Return whether a bracket of a cell is not closed in it."""
    return cell.count("(") > cell.count(")") or cell.count("[") > cell.count("]")


def join(above: str, below: str) -> str:
    """Return a cell that was broken between two lines: in brackets even words and numbers may be torn.

    >>> join("pool1 (MaxPooling2", "D)"), join("(None, 28,", "8)")
    ('pool1 (MaxPooling2D)', '(None, 28, 8)')
    """
    torn = is_open(above) and above[-1:].isalnum()
    return f"{above}{'' if torn else ' '}{below}".strip()
