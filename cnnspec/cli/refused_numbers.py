"""Options that take a number and get something else: our diagnostic in the place of the parser's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import inf, isfinite
from typing import Any, Final

from cnnspec.cli.output import ErrorFormat, tell
from cnnspec.errors import Diagnostic, shorten
from cnnspec.ir.arguments import ArgType, Count, Real
from cnnspec.ir.values import INTEGER, Raw, integer, real
from cnnspec.language.values_meant import value_meant

WHOLE: Final = {"IntParamType": True, "IntRange": True, "FloatParamType": False, "FloatRange": False}
"""The parser's types of numbers, and whether these are integers."""
VALUE: Final = re.compile(r"(?s)(?P<quote>['\"]?)(?P<value>.*)(?P=quote) is not (a valid|in the range) ")
"""What the parser says of a value that it refuses."""
FORMAT: Final = "--error-format"


class Number(ArgType):
    """An integer or any finite number, within bounds."""

    def __init__(self, least: float, most: float, *, is_whole: bool) -> None:
        """Take the bounds."""
        self._bounds = Real(least, most)
        self._is_whole = is_whole
        self.accepts = self._bounds.accepts
        if is_whole:
            counted = isfinite(least) and not isfinite(most)
            self.accepts = Count(int(least)).accepts if counted else self.accepts.replace("a number", "an integer")

    def read(self, raw: Raw) -> float:
        """Read a number."""
        return self._bounds.read(integer(raw) if self._is_whole else real(raw))


def tell_number(error: Any, words: Sequence[str]) -> bool:
    """Say that an option takes another number, in the format that the command line asks for; tell whether it is so."""
    parameter = getattr(error, "param", None)
    kind, found = getattr(parameter, "type", None), VALUE.match(error.message)
    is_whole = WHOLE.get(type(kind).__name__)
    if parameter is None or is_whole is None or not found:
        return False
    least, most = (getattr(kind, name, None) for name in ("min", "max"))
    accepts = Number(-inf if least is None else least, inf if most is None else most, is_whole=is_whole)
    option, shown = max(parameter.opts, key=len), found["value"]
    meant = "" if is_whole and INTEGER.fullmatch(shown) else value_meant(accepts, shown)
    message = f"`{option}` must be {accepts.accepts}, not `{shorten(shown)}`"
    tell([Diagnostic("E703", message, help=f"did you mean `{meant}`?" * bool(meant))], _format(words))
    return True


def _format(words: Sequence[str]) -> ErrorFormat:
    """Return the format of diagnostics that a command line names, that of a reader where it names none."""
    for word, following in zip(words, [*words[1:], ""], strict=True):
        name, equals, value = word.partition("=")
        if name == FORMAT:
            said = value if equals else following
            return ErrorFormat(said) if said in {*ErrorFormat} else ErrorFormat.TEXT
    return ErrorFormat.TEXT
