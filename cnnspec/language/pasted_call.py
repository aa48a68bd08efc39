"""A layer's constructor as Python calls it, in the form of an item: through the rules of both frameworks, exactly."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from cnnspec.errors import listing, shorten
from cnnspec.ir.shapes import compact
from cnnspec.ir.values import has_expression
from cnnspec.ir.words import Found, find_kind
from cnnspec.language import tokens
from cnnspec.language.foreign_arguments import BESIDE, About, UnmodelledValueError, meaning_of
from cnnspec.language.items import Claims
from cnnspec.language.python_values import from_node, name_of


class UnreadableError(Exception):
    """A call of Python has no form as an item: why, the word that is unknown, and a step."""

    def __init__(self, reason: str, word: str = "", step: str = "") -> None:
        """Keep all."""
        super().__init__(reason)
        self.reason = reason
        self.word = word
        self.step = step


class Line(NamedTuple):
    """An item as a spec has it, and what is to be said of it."""

    text: str
    notes: tuple[str, ...] = ()


def join(found: Found, inputs: list[ast.expr]) -> Line:
    """Return the item of a join whose inputs are variables, which stand for the layers they were made by."""
    parts = inputs[0].elts if inputs and isinstance(inputs[0], ast.List | ast.Tuple) else inputs
    if len(parts) < 2:
        raise UnreadableError("", "", f"write `{found.cls.kind}: [[...], identity]`, with its branches")
    names = [ast.unparse(part) if isinstance(part, ast.Name | ast.Attribute) else "..." for part in parts]
    note = f"{listing(f'`{name}`' for name in names)} are the names of layers above"
    return Line(f"{found.cls.kind}: [{', '.join(names)}]", (note,))


def line_of(found: Found, node: ast.Call) -> Line:
    """Return the item of a constructor's call, exactly; raise UnreadableError where there is none."""
    given = dict(_given(found, node))
    found = find_kind(found.word, given) or found
    values: dict[str, str] = {}
    notes: list[str] = []
    for word, value in given.items():
        if word in BESIDE and word not in found.cls.fields:
            notes.append(f"`{word}: {value}` stands below it, on a line of its own")
            continue
        try:
            meaning = meaning_of(found, word, value)
        except UnmodelledValueError as error:
            raise UnreadableError(f"{error.message}: {error.note}".rstrip(": "), "", error.step) from None
        if meaning is None:
            raise UnreadableError(tokens.unknown_argument(found.cls, word).message)
        for part in meaning:
            if isinstance(part, About):
                notes += _about(word, part)
            elif part.raw is not None:
                values[part.field] = _text(found, part.field, part.raw)
    if found.torch:
        defaults = {name: found.cls.fields[name].type.write(value) for name, value in found.torch.values.items()}
        values = {**{n: text for n, text in defaults.items() if n not in values}, **values}
    return _written(found, values, notes)


def _written(found: Found, values: dict[str, str], notes: list[str]) -> Line:
    fields = found.cls.fields
    missing = [name.rstrip("_") for name, field in fields.items() if field.required and name not in values]
    if missing:
        raise UnreadableError(f"it does not say the {listing(missing)} of `{found.cls.kind}`")
    ordered = {name: values[name] for name in fields if name in values}
    first = next(iter(fields), "")
    kept = {name: text for name, text in ordered.items() if name == first or text != _default(found, name, values)}
    arguments = " ".join(tokens.join_window(found.cls, kept))
    names = sorted(set(re.findall(r"\$\{([A-Za-z_]\w*)\}", arguments)))
    notes += [f"`{name}` is a parameter of the file: `params: {{{name}: ...}}`" for name in names]
    quoted = f'"{arguments}"' if arguments[:1] in ("[", "{") and " " in arguments else arguments
    return Line(f"{found.cls.kind}: {quoted}" if arguments else found.cls.kind, tuple(notes))


def _default(found: Found, name: str, values: dict[str, str]) -> str | None:
    """Return the default of an argument as a token writes it, that of another one where it follows that."""
    field = found.cls.fields[name]
    if field.required or field.default is None:
        return None
    try:
        return field.default(values) if callable(field.default) else _bound(found, name, field.default)
    except KeyError:
        return None


def _bound(found: Found, name: str, value: Any) -> str:
    argument = found.cls.fields[name].type
    return argument.write(argument.bind(value, found.rank) if found.rank else value)


def _text(found: Found, name: str, raw: Any) -> str:
    """Return a value as a token writes it; raise UnreadableError for one that does not fit."""
    if has_expression(raw):
        return str(raw).replace(" ", "")
    argument = found.cls.fields[name].type
    try:
        return _bound(found, name, argument.read(raw))
    except (ValueError, RecursionError):
        shown = shorten(str(raw))
        raise UnreadableError(f"`{name.rstrip('_')}` must be {argument.accepts}, not `{shown}`") from None


def _about(word: str, about: About) -> Iterator[str]:
    """Yield where a shape that a layer states stands in a spec."""
    value = about.value
    if about.claims is Claims.SHAPE and isinstance(value, list) and all(isinstance(size, int) for size in value):
        yield f"its `{word}` stands at the top of the file: `input: {compact(tuple(value))}`"


def _given(found: Found, node: ast.Call) -> Iterator[tuple[str, Any]]:
    """Yield the arguments of a call by name."""
    name = name_of(node.func)
    places = found.torch.positional(name) if found.torch else found.cls.keras.positional()
    for place, value in enumerate(node.args):
        if isinstance(value, ast.Starred) or place >= len(places):
            raise UnreadableError(f"argument {place + 1} of `{shorten(name)}` has no name")
        yield places[place], from_node(value)
    for keyword in node.keywords:
        if keyword.arg is None:
            raise UnreadableError(f"`{shorten(ast.unparse(keyword.value))}` may be any arguments")
        yield keyword.arg, from_node(keyword.value)
