"""Signs that a line has and YAML has not, or the other way round: each rule knows one mistake and what was meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from cnnspec.text.lines import Lines, bare, indent_of, shown

Rule = Callable[[Lines, int, str], None]
FREE: Final = ("name", "note", "title", "reason", "description", "author", "source")
"""Keys behind which any text may stand, colons too."""
_START: Final = r"(\s*(?:- +)*)"
_DASH: Final = re.compile(r"(\s*)([\u2010-\u2015\u2212\u2022\u2023\u25aa\u25cf\u25e6\u00b7\uff0d]|[*+](?= ))\s*(\S.*)")
_NUMBERED: Final = re.compile(r"(\s*)(\d{1,3}[.)]|\(\d{1,3}\)) +([A-Za-z].*)")
_CLOSE_DASH: Final = re.compile(r"(\s*(?:- +)*)-([A-Za-z]\w*(?::.*)?\s*)")
_QUOTES: Final = str.maketrans("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2018\u2019\u201a\u201b", '""""""\'\'\'\'')
_CURLY: Final = re.compile("(?:[:,\\[{=-]\\s*|^\\s*)([\u201c\u201d\u201e\u201f\u00ab\u00bb\u2018\u2019\u201a\u201b])")
_COMMENT: Final = re.compile(r"(?<!\S)(//+|/\*|(?<=\s)--(?= )|;+(?= )|^%(?= ))")
_TIGHT: Final = re.compile(_START + r"([A-Za-z_][\w-]*):(?=[^\s:/])")
_TIGHT_INSIDE: Final = re.compile(r"([{\[,]\s*[A-Za-z_]\w*):(?=[\w.(\[$'\"-])")
_EQUALS: Final = re.compile(r"(\s*)([A-Za-z_]\w*)\s*:?=\s*(\S.*)")
_WORDS: Final = re.compile(_START + r"([A-Za-z_]\w*)( +[^:{\[]*)?")
_TWO: Final = re.compile(_START + r"([A-Za-z_]\w*): +([A-Za-z_]\w*: +[^{}\[\]]*)")
_MIXED: Final = re.compile(_START + r"([A-Za-z_]\w*): +([^:{}\[\]'\"|>]*\S) +([A-Za-z_]\w*: +[^{}\[\]]*)")
_LIST: Final = re.compile(_START + r"([A-Za-z_]\w*): +- +([^{}\[\]]+)")
_RESERVED: Final = re.compile(_START + r"([A-Za-z_]\w*): +([@`%&!][^\s].*)")
_PAIR: Final = re.compile(r",?\s+([A-Za-z_]\w*): ")


def check_line(lines: Lines, number: int) -> None:
    """Look for signs that are wrong wherever they stand."""
    for rule in (_fence, _dash, _quotes, _comment, _tight):
        rule(lines, number, lines.now[number])


def check_words(lines: Lines, number: int, below: str) -> None:
    """Look for what ends a block in YAML: a colon too few, or too many; `below` is the next line."""
    for rule in (_equals, _list, _two, _reserved):
        rule(lines, number, lines.now[number])
    _colon(lines, number, lines.now[number], below)


def check_tabs(lines: Lines) -> None:
    """Find lines that tabs indent, which YAML allows in brackets alone."""
    step = "indent with spaces, not with a tab"
    for number, line in enumerate(lines.now):
        match = re.match(r" *\t[ \t]*", line)
        if match and line.strip():
            meant = match[0].replace("\t", "  ") + line[match.end() :]
            lines.mend("tab", number, (match[0].index("\t"), match.end()), "a tab indents this line", step, meant)


def _fence(lines: Lines, number: int, line: str) -> None:
    if re.match(r"\s*(```|~~~)", line):
        place = indent_of(line), len(line.rstrip())
        lines.mend("fence", number, place, "a fence of Markdown is no YAML", "remove this line", "")


def _dash(lines: Lines, number: int, line: str) -> None:
    """Find what stands for a hyphen: a dash of a word processor, a bullet, a number; and a hyphen without a space."""
    if match := _DASH.fullmatch(line):
        sign = match[2]
        what = "bullet" if sign in "*+\u2022\u2023\u25aa\u25cf\u25e6\u00b7" else "dash"
        step = "YAML wants the hyphen: write `{}`"
        message = f"an item begins with the {what} `{sign}`"
    elif match := _NUMBERED.fullmatch(line):
        message, step = "an item begins with a number", "YAML wants a hyphen: write `{}`"
    elif match := _CLOSE_DASH.fullmatch(line):
        meant = f"{match[1]}- {match[2]}"
        place = len(match[1]), len(match[1]) + 1
        step = f"put a space behind the dash: `{shown(meant)}`"
        lines.mend("dash", number, place, "no space behind the dash", step, meant)
        return
    else:
        return
    meant = f"{match[1]}- {match[3]}"
    lines.mend("item", number, match.span(2), message, step.format(shown(meant)), meant)


def _quotes(lines: Lines, number: int, line: str) -> None:
    if (match := _CURLY.search(line)) and not re.match(r"\s*#", line):
        meant = line.translate(_QUOTES)
        step = f"YAML wants straight quotes: write `{shown(meant)}`"
        message = f"`{match[1]}` is a typographic quote"
        lines.mend("quotes", number, match.span(1), message, step, meant)


def _comment(lines: Lines, number: int, line: str) -> None:
    match = _COMMENT.search(bare(line))
    if match:
        text, is_closed = re.subn(r"\s*\*/\s*$", "", line[match.end() :])
        meant = f"{line[: match.start()]}#{text}"
        comment = meant.strip()[:80].replace("`", "'")
        step = f"comments begin with `#`: write `{comment}`"
        lines.mend("comment", number, match.span(), f"`{match[0]}` begins no comment", step, meant)
        for below in range(number + 1, 0 if match[1] != "/*" or is_closed else len(lines.now)):
            inside = lines.now[below]
            lines.now[below] = f"#{inside.partition('*/')[0]}"
            if "*/" in inside:
                return


def _tight(lines: Lines, number: int, line: str) -> None:
    """Find a colon without a space behind it, behind the first word of a line or inside of brackets."""
    plain = bare(line)
    places = [match.end() for match in [_TIGHT.match(plain)] if match]
    if re.search(r"[{\[]", plain):
        places += [match.end() for match in _TIGHT_INSIDE.finditer(plain)]
    if places:
        at = places[0]
        word = re.split(r"[^\w-]+", plain[: at - 1])[-1].lstrip("-")
        meant = "".join(f" {char}" if index in places else char for index, char in enumerate(line))
        step = f"put a space behind `{word}:`, as in `{shown(meant)}`"
        lines.mend("tight", number, (at - 1, at), "no space behind the colon", step, meant)


def _equals(lines: Lines, number: int, line: str) -> None:
    if (match := _EQUALS.fullmatch(line)) and ":" not in match[3]:
        meant = f"{match[1]}{match[2]}: {match[3]}"
        lines.mend("equals", number, match.span(2), "`=` stands for a colon", f"write `{shown(meant)}`", meant)


def _list(lines: Lines, number: int, line: str) -> None:
    if match := _LIST.fullmatch(bare(line).rstrip()):
        inside = line[match.start(3) : match.end(3)]
        meant = f"{match[1]}{match[2]}: [{inside}]"
        step = f"write a list of one line in brackets: `{shown(meant)}`"
        lines.mend("list", number, (match.start(3) - 2, match.end(3)), "a list begins behind a colon", step, meant)


def _two(lines: Lines, number: int, line: str) -> None:
    """Find a second colon in a line: arguments by name belong in braces, or are tokens with `=`."""
    plain = bare(line).rstrip()
    if (match := _TWO.fullmatch(plain)) or (match := _MIXED.fullmatch(plain)):
        begin = match.start(3)
        inside = line[begin : len(plain)]
        if match[2] in FREE:
            meant = f"{line[:begin]}{_quoted(inside)}"
        elif match.re is _TWO:
            pairs = _PAIR.sub(r", \1: ", inside)
            meant = f"{line[:begin]}{{{pairs}}}"
        else:
            mixed = re.sub(r",?\s+", " ", re.sub(r"([A-Za-z_]\w*): +(?=\S)", r"\1=", line[begin : len(plain)]))
            meant = f"{line[:begin]}{mixed}"
        at = plain.index(": ", begin)
        message = "a second colon in one line"
        lines.mend("two", number, (at, at + 1), message, f"write `{shown(meant)}`", meant)


def _quoted(text: str) -> str:
    return f"'{text}'" if '"' in text else f'"{text}"'


def _reserved(lines: Lines, number: int, line: str) -> None:
    match = _RESERVED.fullmatch(line.rstrip())
    if match and match[3][0] in "@`%":
        meant = f"{line[: match.start(3)]}{_quoted(match[3])}"
        message = "a value of YAML begins with a sign that means something else"
        lines.mend("reserved", number, match.span(3), message, f"put quotes around it: `{shown(meant)}`", meant)


def _colon(lines: Lines, number: int, line: str, below: str) -> None:
    """Find a word that opens a block, or that begins a line of the file, without a colon."""
    plain = bare(line).rstrip()
    match = _WORDS.fullmatch(plain)
    if not match:
        return
    opens = _opens(match, below)
    if not opens and (match[1] or not match[3]):
        return
    end = match.end(2)
    meant = f"{line[:end]}:{line[end:]}"
    step = f"`{match[2]}` needs a colon behind it: `{shown(meant)}`"
    lines.mend("colon", number, match.span(2), f"no colon behind `{match[2]}`", step, meant)


def _opens(match: re.Match[str], below: str) -> bool:
    """Tell whether the next line stands inside of what a word begins, and is itself an item or a pair."""
    if not below or not re.match(r"\s*(- |[A-Za-z_]\w*:(\s|$))", below):
        return False
    inner = indent_of(below)
    is_item = "-" in match[1]
    return inner >= len(match[1]) if is_item else inner > len(match[1]) or (below.lstrip().startswith("- "))


def next_lines(written: Iterable[tuple[int, str]]) -> list[tuple[int, str]]:
    """Return the numbers of lines with the line below each, an empty text below the last."""
    every = list(written)
    return [(number, below) for (number, _), (_, below) in zip(every, [*every[1:], (0, "")], strict=False)]
