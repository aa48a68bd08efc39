"""What is said of a text that is no YAML, or too much of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import yaml

from cnnspec.errors import Diagnostic, SpecError, shorten
from cnnspec.source import Source, Span
from cnnspec.text.limits import Limits

SOLVE: Final = "`cnnspec solve` finds the numbers that stand as `?`"
_TOO_DEEP: Final = "exceeded maximum nesting depth"
"""What libyaml says from 0.2.6 on, whose scanner counts open brackets before any event tells of them."""
_DEEPEST: Final = 1000
"""The brackets that libyaml 0.2.6 opens within each other."""


def syntax_error(source: Source, error: yaml.YAMLError, limits: Limits) -> Diagnostic:
    """Return the diagnostic of an error of the parser."""
    if isinstance(error, yaml.reader.ReaderError):
        return _control_character(source, error)
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "the text cannot be read"
    span = Span(source, mark.index, mark.index + 1) if mark else None
    if problem == _TOO_DEEP:
        return deeper(min(limits.depth, _DEEPEST), span)
    character = source.text[mark.index : mark.index + 1] if mark else ""
    step = _syntax_step(source, mark.index, problem, character) if mark else ""
    return Diagnostic(code="E100", message=f"not valid YAML: {problem}", span=span, help=step)


def in_our_words(source: Source, fault: Diagnostic) -> Sequence[Diagnostic]:
    """Return the mistakes that make a text no YAML, each at its first place; the parser's own where none is known."""
    from cnnspec.text.mending import mend  # noqa: PLC0415 - what is YAML does not pay for it

    lines = mend(source, is_yaml=False) if fault.code == "E100" else None
    return lines.diagnostics() if lines else [fault]


def _syntax_step(source: Source, offset: int, problem: str, character: str) -> str:
    """Return the step that mends one of the common mistakes."""
    if character == "\t":
        return "indent with spaces, not with a tab"
    if source.text[:offset].endswith("$") or source.text[offset : offset + 2] == "${" or character == "{":
        return 'inside braces and brackets, put an expression in quotes: `"${...}"`'
    around = source.text[max(offset - 80, 0) : offset].rpartition("\n")[2] + source.text[offset : offset + 80]
    if re.search(r"[\[,] *\? *[,\]]", around.partition("\n")[0]):
        return "write an unknown size as `null`, and give the sizes, such as `--input 224x224x3`"
    if "?" in source.text[max(offset - 1, 0) : offset + 1]:
        return SOLVE
    above = source.text[: source.text.rfind("\n", 0, offset) + 1].rstrip().rpartition("\n")[2].strip()
    if problem.startswith("mapping values") and above.startswith("- ") and ":" not in above:
        return f"an item with further keys needs a colon behind its kind: `{shorten(above)}:`"
    return ""


def _control_character(source: Source, error: yaml.reader.ReaderError) -> Diagnostic:
    position = next(
        (i for i, char in enumerate(source.text) if not (char.isprintable() or char in "\t\r\n\x85\u2028\u2029")), 0
    )
    character = source.text[position : position + 1]
    return Diagnostic(
        code="E101",
        message=f"the character U+{ord(character or chr(0)):04X} is not allowed in a spec",
        span=Span(source, position, position + 1),
        notes=(str(error.reason),),
        help="a spec is a text file in UTF-8",
    )


def deeper(depth: int, span: Span | None) -> Diagnostic:
    """Return the diagnostic about deep nesting; beyond the depth of libyaml no limit can be raised."""
    step = f"depth={depth * 4}" if depth * 4 < _DEEPEST else ""
    return limit(f"the spec is nested more than {depth:,} levels deep", span, step)


def limit(message: str, span: Span | None, step: str) -> Diagnostic:
    """Return the diagnostic of a limit that is exceeded, and what raises it."""
    return Diagnostic(code="E110", message=message, span=span, help=f"allow it with `--limit {step}`" if step else "")


def not_text(name: str, fact: str, step: str) -> SpecError:
    """Return the error of a file that is no text."""
    return SpecError.one("E101", f"`{shorten(name)}` is not a text file", notes=(fact,), help=step)
