"""Values as Python and Keras write them: `(3, 3)`, `None`, `HeNormal()`, `tf.nn.relu`; read, never run."""

from __future__ import annotations

import ast
import re
from typing import Any, Final
from warnings import catch_warnings

from cnnspec.ir.values import Raw, nested, untyped
from cnnspec.language.expressions import ExpressionError, evaluate

NULLS: Final = ("null", "None", "~", "")
LONGEST: Final = 400
"""Characters of a value that are looked at."""
_CALL: Final = re.compile(r"[A-Za-z_][\w.]*\(.*\)", re.DOTALL)
_DOTTED: Final = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")


def is_null(raw: Raw) -> bool:
    """Tell whether a raw value is none at all."""
    return raw is None or (isinstance(raw, str) and raw.strip() in NULLS)


def value_of(raw: Raw) -> Any:  # noqa: PLR0911 - one line for every form
    """Return a raw value as a configuration of Keras holds it: numbers, truth values, lists, None, words.

    >>> value_of("(3, 3)"), value_of("None"), value_of("tf.nn.relu"), value_of(["null", "1"])
    ([3, 3], None, 'relu', [None, 1])
    >>> value_of("L2(0.01)")
    {'class_name': 'L2', 'config': {'l2': 0.01}}
    """
    if isinstance(raw, list):
        return [value_of(part) for part in raw]
    if isinstance(raw, dict):
        return {key: value_of(part) for key, part in raw.items()}
    if not isinstance(raw, str):
        return raw
    text = raw.strip()
    if text in NULLS:
        return None
    if text[:1] in ("(", "["):
        return _listed(text)
    if _CALL.fullmatch(text) and len(text) <= LONGEST:
        return _called(text)
    if _DOTTED.fullmatch(text):
        return text.rpartition(".")[2]
    return untyped(text if text not in ("True", "False") else text.lower())


def _listed(text: str) -> Any:
    try:
        return value_of(nested(text))
    except ValueError:
        return _called(text) if len(text) <= LONGEST else text


def _called(text: str) -> Any:
    try:
        with catch_warnings(action="ignore"):
            return from_node(ast.parse(text, mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return text


def from_node(node: ast.expr) -> Any:  # noqa: PLR0911 - one line for every form
    """Return the value of an expression of Python; a calculation with names becomes one of the spec language."""
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return [from_node(part) for part in parts]
        case ast.Call(func=function):
            return _config(node, name_of(function))
        case ast.Attribute(attr=name, value=ast.Name(id="self")):
            return f"${{{name}}}"
        case ast.Attribute(attr=name):
            return name
        case ast.Name(id=name):
            return f"${{{name}}}"
    text = ast.unparse(node)
    try:
        return evaluate(text, {})
    except ExpressionError:
        return f"${{{text}}}"


def _config(node: ast.Call, name: str) -> Any:
    """Return a call as a configuration of Keras; what has no name is numbered, but for the only number of L2."""
    places = {
        place if place or not name.lower().startswith("l") else name.lower(): part
        for place, part in enumerate(node.args)
    }
    config = {str(place): from_node(part) for place, part in places.items()}
    config |= {keyword.arg: from_node(keyword.value) for keyword in node.keywords if keyword.arg}
    return {"class_name": name, "config": config}


def name_of(node: ast.expr) -> str:
    """Return the last part of the name that is called, an empty text where it is no name.

    >>> name_of(ast.parse("keras.layers.Dense", mode="eval").body)
    'Dense'
    """
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
