"""Diagnostics: what is wrong, where, what would be accepted, and the one step that helps.

CnnspecError                a list of diagnostics; everything that a user's input can cause
├── SpecError               raised by `load` and everything that reads a spec
│   └── NoLayerError        a network has no layer of a name; a KeyError too
└── UsageError              a command was called with options that do not go together (exit code 2)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

if TYPE_CHECKING:
    from cnnspec.source import Span

SHOWN: Final = 20
"""How many diagnostics are shown to a reader."""
MOST: Final = 200
"""Faults after which a text is given up: a file with so many is not a spec."""


class Look(NamedTuple):
    """How diagnostics look: the colour of every part, as what is written before it, and the width of the terminal."""

    error: str = ""
    warning: str = ""
    message: str = ""
    gutter: str = ""
    width: int | None = None

    def paint(self, color: str, text: str) -> str:
        """Return a text in a colour."""
        return f"{color}{text}\x1b[0m" if color and text else text


PLAIN: Final = Look()
COLORED: Final = Look("\x1b[1;31m", "\x1b[1;33m", "\x1b[1m", "\x1b[1;34m")


class Related(NamedTuple):
    """A second place that a diagnostic speaks of, such as the first of two equal names."""

    span: Span
    message: str


class Diagnostic(NamedTuple):
    """One mistake: a stable code, a message that stands alone, its place, facts, and at most one action."""

    code: str
    message: str
    span: Span | None = None
    label: str = ""
    notes: tuple[str, ...] = ()
    help: str = ""
    related: tuple[Related, ...] = ()

    @property
    def severity(self) -> str:
        """How much it matters: an error, or a warning about what is computed all the same."""
        return "warning" if self.code.startswith("W") else "error"

    def __str__(self) -> str:
        return _render(self)

    def __repr__(self) -> str:
        place = f" at {self.span.place}" if self.span else ""
        return f"<cnnspec.Diagnostic {self.code}{place}: {self.message}>"

    def to_dict(self) -> dict[str, Any]:
        """Return the mistake as plain data; lines and columns are counted from 1, those of no place are None."""
        return {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "label": self.label,
            **_place(self.span),
            "notes": list(self.notes),
            "help": self.help,
            "related": [{"message": related.message, **_place(related.span)} for related in self.related],
        }


class CnnspecError(Exception):
    """One or more diagnostics about what the user gave."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        """Keep the diagnostics; the text of the exception is their rendering."""
        super().__init__(diagnostics)
        self.diagnostics = tuple(diagnostics)

    @classmethod
    def one(
        cls,
        code: str,
        message: str,
        *,
        span: Span | None = None,
        label: str = "",
        notes: tuple[str, ...] = (),
        help: str = "",
    ) -> Self:
        """Return the error of a single diagnostic."""
        return cls([Diagnostic(code, message, span, label, notes, help)])

    def __str__(self) -> str:
        return render_text(self.diagnostics)

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows of the error: what is wrong is in what was given, and not in these functions."""
        return str(self).split("\n")


class SpecError(CnnspecError):
    """A spec is wrong."""


class NoLayerError(SpecError, KeyError):
    """A network has no layer of this name, so that `net["conv9"]` is a KeyError, as of any mapping."""


class UsageError(CnnspecError):
    """A command was called in a way that cannot work."""


def suggest(word: str, accepted: Iterable[str], shown: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return `did you mean ...?` where an accepted word is near, as it is `shown`, else an empty text.

    >>> suggest("kernal", ["kernel", "stride"])
    'did you mean `kernel`?'
    """
    from difflib import get_close_matches  # noqa: PLC0415 - a run without errors does not pay for it

    close = get_close_matches(word.lower(), islice(accepted, 500), n=1, cutoff=0.6) if len(word) <= 64 else []
    return f"did you mean `{shown.get(close[0], close[0])}`?" if close else ""


def shorten(text: object, limit: int = 40) -> str:
    """Return a user's text in one line and of bounded length, fit to be quoted in a message."""
    line = printable(str(text)[: limit + 1])
    return line if len(line) <= limit else line[: limit - 1] + "…"


def printable(text: str) -> str:
    """Return a text in one line, without characters that a terminal would act on."""
    return "".join(char if char.isprintable() else "�" for char in text.replace("\n", " "))


def listing(words: Iterable[str], most: int = 120) -> str:
    """Return words as one text, in their order, separated by commas; very many are cut."""
    shown = [shorten(word, 80) for word in islice(words, most + 1)]
    return ", ".join(shown[:most]) + (", …" if len(shown) > most else "")


def render_text(diagnostics: Sequence[Diagnostic], look: Look = PLAIN) -> str:
    """Render diagnostics for a reader, with the source lines and carets; at most 20 of them."""
    blocks = [_render(diagnostic, look) for diagnostic in diagnostics[:SHOWN]]
    if len(diagnostics) > SHOWN:
        blocks.append(f"… and {len(diagnostics) - SHOWN} more")
    return "\n\n".join(blocks)


def render_github(diagnostics: Sequence[Diagnostic]) -> str:
    """Render diagnostics as GitHub workflow commands, one line each."""
    return "\n".join(printable(_github(diagnostic)) for diagnostic in diagnostics)


def escaped(text: str) -> str:
    r"""Return JSON with `\u` in the place of all that a terminal would act on, and without halves of characters.

    >>> print(escaped('["\u202e"]'))
    ["\u202e"]
    """
    if text.replace("\n", "").isprintable():
        return text
    return "".join(char if char.isprintable() or char == "\n" else _unicode_escape(char) for char in text)


def _unicode_escape(char: str) -> str:
    if "\ud800" <= char <= "\udfff":  # half a character: a byte of a file's name that is no UTF-8
        return "\N{REPLACEMENT CHARACTER}"
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def _render(diagnostic: Diagnostic, look: Look = PLAIN) -> str:
    color = look.warning if diagnostic.severity == "warning" else look.error
    head = look.paint(color, f"{diagnostic.severity}[{diagnostic.code}]")
    first = wrapped(f"{diagnostic.severity}[{diagnostic.code}]", f": {printable(diagnostic.message)}", look.width, 2)
    message = "\n".join(look.paint(look.message, line) for line in first.split("\n"))
    lines = [f"{head}{message}"]
    width = _gutter(diagnostic)
    if diagnostic.span:
        lines += _snippet(diagnostic.span, diagnostic.label, width, look)
    lines += [_fact("note", _lines(note), width, look) for note in diagnostic.notes]
    for related in diagnostic.related:
        note = look.paint(look.message, f"note: {printable(related.message)}")
        lines += [note, *_snippet(related.span, "", width, look)]
    if diagnostic.help:
        lines.append(_fact("help", printable(diagnostic.help), width, look))
    return "\n".join(lines)


def _fact(word: str, text: str, width: int, look: Look) -> str:
    """Return a note or a help below the snippet, whose further lines begin where the text does."""
    lead, sign = " " * (width + 1), look.paint(look.gutter, "=")
    begin = f"{lead}= {word}: "
    return f"{lead}{sign} {look.paint(look.message, f'{word}:')} {wrapped(begin, text, look.width, len(begin))}"


def wrapped(begin: str, text: str, width: int | None, indent: int, length: Callable[[str], int] = len) -> str:
    r"""Return what stands behind a beginning in lines of words; what stands between backticks stays whole, if it can.

    `length` tells how many places of a terminal a text takes.

    >>> wrapped("", "one two `three four` five", 12, 2)
    'one two\n  `three four`\n  five'
    """
    if width is None or len(begin) + length(text) <= width or "\n" in text:
        return text
    parts = text.split("`")
    whole = "`".join(part.replace(" ", "\0") if at % 2 else part for at, part in enumerate(parts))
    lines, room = [""], width - len(begin)
    for word in whole.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if lines[-1] and length(longer.replace("\0", " ")) > room:
            lines.append(word)
            room = width - indent
        else:
            lines[-1] = longer
    return f"\n{' ' * indent}".join(lines).replace("\0", " ")


def _lines(text: str) -> str:
    """Return a text of several lines, each without what a terminal would act on."""
    return "\n".join(map(printable, text.split("\n")))


def _gutter(diagnostic: Diagnostic) -> int:
    spans = [diagnostic.span, *(related.span for related in diagnostic.related)]
    return max((len(str(span.position[0])) for span in spans if span), default=1)


def _snippet(span: Span, label: str, width: int, look: Look) -> list[str]:
    line, column = span.position
    text = span.source.line(line)
    length = max(1, min(span.end - span.start, len(text) - column + 1))
    text, column = _window(text, column)
    carets = "^" * max(1, min(length, len(text) - column + 1))
    pad, bar = " " * width, look.paint(look.gutter, "|")
    marks = look.paint(look.error, f"{carets} {printable(label)}".rstrip())
    return [
        f"{pad}{look.paint(look.gutter, '-->')} {printable(span.source.name)}:{line}:{span.position[1]}",
        f"{pad} {bar}",
        f"{look.paint(look.gutter, f'{line:>{width}} |')} {text}".rstrip(),
        f"{pad} {bar} {' ' * (column - 1)}{marks}",
    ]


def _window(text: str, column: int, limit: int = 120) -> tuple[str, int]:
    """Cut a long line to the part around a column, and make what a terminal would act on visible."""
    first = 0 if len(text) <= limit else max(0, column - limit // 2)
    cut = text[first : first + limit]
    clean = "".join(char if char.isprintable() else " " if char == "\t" else "�" for char in cut)
    return clean, column - first


def _github(diagnostic: Diagnostic) -> str:
    place = ""
    if diagnostic.span:
        line, column = diagnostic.span.position
        place = f"file={_escape(diagnostic.span.source.name, property_value=True)},line={line},col={column},"
    facts = [diagnostic.message, *diagnostic.notes, diagnostic.help]
    message = _escape("\n".join(fact for fact in facts if fact), property_value=False)
    return f"::{diagnostic.severity} {place}title={diagnostic.code}::{message}"


def _escape(text: str, *, property_value: bool) -> str:
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if property_value else text


def _place(span: Span | None) -> dict[str, Any]:
    if span is None:
        return {"file": None, "line": None, "column": None, "end_line": None, "end_column": None}
    end_line, end_column = span.source.position(span.end)
    line, column = span.position
    return {
        "file": span.source.name,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
    }
