"""Anybody's words as LaTeX sets them."""

from __future__ import annotations

from typing import Final

_SPECIAL: Final = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "\n": " ",
    "×": r"$\times$",
    "·": r"$\cdot$",
    "≥": r"$\geq$",
    "≤": r"$\leq$",
    "≈": r"$\approx$",
    "→": r"$\rightarrow$",
    "′": "$'$",
    "⌈": r"$\lceil$",
    "⌉": r"$\rceil$",
    "…": r"\ldots{}",
    "–": "--",
    "−": "$-$",
}


def escape(text: str) -> str:
    """Return a text that LaTeX sets as it is."""
    return "".join(_SPECIAL.get(char, char) for char in text)
