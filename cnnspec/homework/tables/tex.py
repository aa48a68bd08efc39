"""LaTeX as plain text: what a reader of the printed page would see."""

from __future__ import annotations

import re
from typing import Final

_ARGUMENT: Final = r"\{(?:[^{}]++|\{[^{}]*+\})*+\}"
_OPTION: Final = r"(?:\[[^\[\]{}&\\]{0,40}\]\s*+)*+"
_ONE_ARGUMENT: Final = (
    "cellcolor|rowcolor|columncolor|textcolor|color|cline|cmidrule|hspace|vspace|label|caption|raisebox|footnote|"
    "noalign|hhline|cite|citep|citet"
)
_UNSHOWN: Final = re.compile(
    rf"\\(?:{_ONE_ARGUMENT})\*?(?![A-Za-z])\s*+{_OPTION}(?:\([lr]*\)\s*+)?{_ARGUMENT}"
    rf"|\\multirow\*?\s*+{_OPTION}{_ARGUMENT}\s*+(?:{_ARGUMENT}|\*|=)"
    rf"|\\multicolumn\s*+{_ARGUMENT}\s*+{_ARGUMENT}"
    rf"|\\(?:specialrule\s*+{_ARGUMENT}\s*+{_ARGUMENT}\s*+{_ARGUMENT}|addlinespace\s*+{_OPTION})"
    rf"|\\begin\{{(?:tabular|array)\}}\s*+{_OPTION}{_ARGUMENT}|\\(?:begin|end)\s*+{_ARGUMENT}"
)
_FRACTION: Final = re.compile(r"\\[dt]?frac\s*+\{([^{}]*+)\}\s*+\{([^{}]*+)\}")
_TOKEN: Final = re.compile(r"\\([A-Za-z]+)\*?[ \t]*+(\{)?|\\(.)", re.DOTALL)
_PROTECTED: Final = {sign: chr(0xE000 + ord(sign)) for sign in "${}~"}
"""Signs that are to be seen rest in the private area of Unicode while those that set the text are taken away."""
_SYMBOLS: Final = {
    "times": "×",
    "cdot": "·",
    "ast": "*",
    "star": "*",
    "div": "/",
    "pm": "±",
    "to": "→",
    "rightarrow": "→",
    "lfloor": "⌊",
    "rfloor": "⌋",
    "lceil": "⌈",
    "rceil": "⌉",
    "approx": "≈",
    "infty": "∞",
    "ldots": "…",
    "dots": "…",
    "textbackslash": "\\",
    "textasciitilde": _PROTECTED["~"],
    "textasciicircum": "^",
    "textunderscore": "_",
    "textbar": "|",
    "quad": " ",
    "qquad": " ",
    "newline": " ",
}
_SIGNS: Final = {",": " ", ";": " ", ":": " ", "!": "", "/": "", "\\": " ", "(": "", ")": "", "[": "", "]": "", "@": ""}
_SILENT: Final = re.compile(
    r"left|right|[bB]igg?|hline|(top|mid|bottom)rule|end(first|last)?(head|foot)|centering|ragged(right|left)|"
    r"arraybackslash|bf|it|tt|rm|sf|sc|(bf|md)series|(it|up|sc)shape|(tt|rm|sf)family|normalfont|tiny|scriptsize|"
    r"footnotesize|small|normalsize|[lL]arge|LARGE|[hH]uge|displaystyle|textstyle|hfill|noindent|relax|strut|"
    r"nobreakspace|addlinespace|limits"
)
"""Commands that set how a text looks."""
_MATH: Final = re.compile(r"(?<!\\)\$\$?([^$]+)\$\$?|\\\(((?:[^$\\]|\\(?![()]))*)\\\)")


def plain(text: str) -> str:
    r"""Return LaTeX as text, its commands unwrapped.

    >>> plain(r"\textbf{CONV1} $28\times 28{,}1\%$")
    'CONV1 28×28,1%'
    """
    text = _FRACTION.sub(r"(\1)/(\2)", _UNSHOWN.sub(" ", text))
    text = _TOKEN.sub(_shown, text).replace("---", "—").replace("--", "–")
    text = text.replace("~", " ").replace("$", "").replace("{", "").replace("}", "")
    for sign, protected in _PROTECTED.items():
        text = text.replace(protected, sign)
    return text


def untex(cell: str) -> str:
    r"""Return a cell of another format with the formulas in it, `$…$` or `\(…\)`, as text.

    >>> untex(r"size $28\times 28$ of \(5_{in}\)")
    'size 28×28 of 5_in'
    """
    if "$" not in cell and "\\(" not in cell:
        return cell
    return _MATH.sub(lambda found: plain(found.group(1) or found.group(2) or ""), cell)


def _shown(token: re.Match[str]) -> str:
    name, brace, sign = token.groups()
    if name:
        return _SYMBOLS.get(name, "" if brace or _SILENT.fullmatch(name) else name)
    return _SIGNS.get(sign, _PROTECTED.get(sign, sign))
