"""A whole file of something else where a spec belongs: a program, a printed summary, a configuration of Keras."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from cnnspec.errors import Diagnostic, SpecError, shorten
from cnnspec.ir.shapes import compact
from cnnspec.ir.values import sizes
from cnnspec.language.pasted import readable_items
from cnnspec.source import Source, Span

LONGEST: Final = 20_000
"""Characters of a text that are looked at."""
WIDEST: Final = 400
"""Characters of a line that are looked at."""
MOST: Final = 400
"""Lines of a program in which its first layer is looked for."""


class Sort(NamedTuple):
    """One sort of text: how it is known, what it is, and where in a line a layer may begin."""

    pattern: re.Pattern[str]
    what: str
    layer: re.Pattern[str] | None = None


_CALL: Final = re.compile(r"(?:.*?[=(,\s])??((?:\w+\.)*[A-Za-z_]\w*\(.*)")
_PRINTED: Final = re.compile(r"\s*\([\w.]+\): ([A-Z]\w*\(.*\))\s*")
_KERAS: Final = "a configuration of Keras"
_SUMMARY: Final = "a printed summary, which has shapes but no arguments"
SORTS: Final = (
    Sort(re.compile(r'\A\s*\{.*"cells"\s*:.*"nbformat', re.DOTALL), "a notebook"),
    Sort(re.compile(r'\A\s*\{.*"class_name"\s*:', re.DOTALL), _KERAS),
    Sort(re.compile(r"Layer \(type"), _SUMMARY),
    Sort(re.compile(r"^ +\([\w.]+\): [A-Z]\w*\(", re.MULTILINE), "what PyTorch prints of a model", _PRINTED),
    Sort(
        re.compile(
            r"^(import [\w.]+|from [\w.]+ import |class \w+.*:$|def \w+\(|#!.*python|model = |model\.add\()"
            r"|^[^\S\n]*+(self\.\w+ = )?nn\.[A-Z]\w*\(|\bSequential\(",
            re.MULTILINE,
        ),
        "a program",
        _CALL,
    ),
)


def sort_of(text: str) -> Sort | None:
    """Return which well-known sort a text is of; None where it may be a spec."""
    return next((sort for sort in SORTS if sort.pattern.search(text)), None)


def refuse_other_texts(source: Source) -> None:
    """Raise SpecError with one sentence that leads on where a text is no spec at all, but something well known."""
    text = source.text[:LONGEST]
    sort = sort_of(text)
    if sort is None:
        return
    span = Span(source, 0, len(text.partition("\n")[0]) or 1)
    message = f"this is {sort.what}, and a spec is YAML that lists the layers"
    raise SpecError([Diagnostic(code="E112", message=message, span=span, help=_step(text, sort))])


def _step(text: str, sort: Sort) -> str:
    if sort.what == _KERAS:
        return "`cnnspec import MODEL.json -o SPEC.yaml` writes the spec of it"
    begin = f"begin with `input: {_input(text)}` and `layers:`, and write a line for every layer"
    found = next(_layers(text, sort.layer), None) if sort.layer else None
    if sort.what == _SUMMARY:
        return f"{begin}, such as `- conv: 32 3x3 relu`; `cnnspec check SPEC SUMMARY` then compares this with it"
    if found is None:
        return f"{begin}, such as `- conv: 32 3x3 relu`"
    return f"{begin}: line {found[0]} is `- {shorten(found[1], 80)}`"


def _layers(text: str, pattern: re.Pattern[str]) -> Iterator[tuple[int, str]]:
    """Yield the layers of a program that stand on a line alone, with the numbers of their lines."""
    for number, line in enumerate(text.split("\n")[:MOST], 1):
        match = pattern.fullmatch(line[:WIDEST])
        for item in readable_items(match[1]) if match else ():
            yield number, item.text


def _input(text: str) -> str:
    match = re.search(r"(?:input_shape|shape)=(\([\d, ]+\))", text)
    try:
        return compact(sizes(match[1])) if match else "28x28x1"
    except ValueError:
        return "28x28x1"
