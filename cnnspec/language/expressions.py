"""Expressions `$x` and `${...}`: parsed by `ast` against a whitelist, evaluated by a walker with bounds."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import islice
from math import ceil, floor
from typing import Final
from warnings import catch_warnings

from cnnspec.errors import listing, shorten, suggest
from cnnspec.text.limits import LARGEST

Number = int | float
Value = Number | bool | str
Scope = Mapping[str, Value]

LONGEST: Final = 500
PATTERN: Final = re.compile(r"\$\{([^{}]*)\}|\$([A-Za-z_]\w*(?:\.\w+)?)")
BRACES: Final = re.compile(r"\$\{([^{}]*)\}")


class ExpressionError(Exception):
    """An expression cannot be read or evaluated; the step, if any, helps."""

    def __init__(self, code: str, message: str, step: str = "", name: str | None = None) -> None:
        """Keep the stable code of the diagnostic, its message, its help, and the variable that is unknown."""
        super().__init__(message)
        self.name = name
        self.code = code
        self.message = message
        self.step = step

    @property
    def asks_for_sizes(self) -> bool:
        """Whether the unknown variable is a size, which may be unknown because of another fault."""
        return self.name is not None and self.name.startswith(("in.", "branch.", "block."))


def substitute(text: str, scope: Scope) -> Value:
    """Return a text with its expressions replaced; a text that is one expression keeps the value's type.

    >>> substitute("${4*f}", {"f": 16}), substitute("${f}x${f}", {"f": 3})
    (64, '3x3')
    """
    whole = PATTERN.fullmatch(text)
    if whole:
        return evaluate(whole[1] or whole[2] or "", scope)
    if "$" in PATTERN.sub("", text):
        message = f"`{shorten(text)}` has a `$` that begins no expression"
        plain = re.sub(r" ?\\(?:times|cdot)(?![a-z]) ?", "x", text).replace("$", "")
        step = f"did you mean `{shorten(plain)}`?" if "\\" in text else "write `$name` or `${...}`"
        raise ExpressionError("E111", message, step)
    return PATTERN.sub(lambda match: to_text(evaluate(match[1] or match[2] or "", scope)), text)


def fill(text: str, scope: Scope) -> str:
    """Return a free text with every `${...}` replaced; any other `$` stands for itself.

    >>> fill("resnet${depth}, 5 $", {"depth": 50})
    'resnet50, 5 $'
    """
    return BRACES.sub(lambda match: to_text(evaluate(match[1], scope)), text)


def to_text(value: Value) -> str:
    """Return a value as it would stand in a spec."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def evaluate(text: str, scope: Scope) -> Value:
    """Return the value of an expression; raise ExpressionError for anything outside the language.

    >>> evaluate("4*f if wide else f", {"f": 16, "wide": True})
    64
    """
    try:
        return _bounded(_walk(parse(text), scope))
    except (RecursionError, OverflowError, MemoryError):
        raise ExpressionError("E111", f"`{shorten(text)}` is too large to compute") from None


@lru_cache(maxsize=1024)
def parse(text: str) -> ast.expr:
    """Return the tree of an expression; raise ExpressionError where it is none."""
    if len(text) > LONGEST:
        raise ExpressionError("E111", f"an expression may be {LONGEST} characters long, this one has {len(text):,}")
    try:
        with catch_warnings(action="ignore"):
            # `in` is a Python keyword, and the name of a layer's input here.
            return ast.parse(re.sub(r"\bin\.", "in_.", text.strip()), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ExpressionError("E111", f"`{shorten(text)}` is not an expression") from None


def _walk(node: ast.expr, scope: Scope) -> Value:
    rule = _RULES.get(type(node))
    if rule is None:
        step = "use numbers, names, + - * / // % **, comparisons, `a if c else b` and " + listing(sorted(_FUNCTIONS))
        raise ExpressionError("E111", f"`{_quote(node)}` is not allowed in an expression", step)
    return rule(node, scope)


def _quote(node: ast.AST) -> str:
    """Return a part of an expression in one line, fit for a message."""
    return shorten(ast.unparse(node))


def _constant(node: ast.Constant, _: Scope) -> Value:
    if isinstance(node.value, bool | int | float | str):
        return _bounded(node.value)
    raise ExpressionError("E111", f"`{_quote(node)}` is not allowed in an expression")


def _name(node: ast.Name, scope: Scope) -> Value:
    return _look_up(node.id, scope)


def _attribute(node: ast.Attribute, scope: Scope) -> Value:
    if not isinstance(node.value, ast.Name):
        raise ExpressionError("E111", f"`{_quote(node)}` is not allowed in an expression")
    return _look_up(f"{node.value.id}.{node.attr}".replace("in_.", "in."), scope)


def _look_up(name: str, scope: Scope) -> Value:
    if name in ("true", "false"):
        return name == "true"
    if name not in scope:
        known = listing((f"`{word}`" for word in sorted(islice(scope, 500))), 24)
        step = suggest(name, scope) or (f"known here are {known}" if known else "define it under `params:`")
        raise ExpressionError("E113", f"unknown variable `{shorten(name)}`", step, name)
    return scope[name]


def _binary(node: ast.BinOp, scope: Scope) -> Value:
    if type(node.op) not in _OPERATORS:
        raise ExpressionError("E111", f"the operator in `{_quote(node)}` is not allowed in an expression")
    left, right = _number(node.left, scope), _number(node.right, scope)
    if isinstance(node.op, ast.Pow) and (abs(right) > 64 or abs(left) > LARGEST):
        raise ExpressionError("E111", f"`{_quote(node)}` is too large to compute")
    try:
        return _bounded(_OPERATORS[type(node.op)](left, right))
    except (ZeroDivisionError, OverflowError):
        raise ExpressionError("E111", f"`{_quote(node)}` has no finite value") from None


def _unary(node: ast.UnaryOp, scope: Scope) -> Value:
    if isinstance(node.op, ast.Not):
        return not _truth(node.operand, scope)
    if isinstance(node.op, ast.USub | ast.UAdd):
        value = _number(node.operand, scope)
        return -value if isinstance(node.op, ast.USub) else value
    raise ExpressionError("E111", f"`{_quote(node)}` is not allowed in an expression")


def _both(node: ast.BoolOp, scope: Scope) -> Value:
    values = (_truth(value, scope) for value in node.values)
    return all(values) if isinstance(node.op, ast.And) else any(values)


def _comparison(node: ast.Compare, scope: Scope) -> Value:
    left = _walk(node.left, scope)
    for symbol, operand in zip(node.ops, node.comparators, strict=True):
        compare = _COMPARISONS.get(type(symbol))
        right = _walk(operand, scope)
        if compare is None:
            raise ExpressionError("E111", f"`{_quote(node)}` is not allowed in an expression")
        if isinstance(left, str) != isinstance(right, str) and not isinstance(symbol, ast.Eq | ast.NotEq):
            raise ExpressionError("E111", f"`{_quote(node)}` compares a word with a number")
        if not compare(left, right):
            return False
        left = right
    return True


def _conditional(node: ast.IfExp, scope: Scope) -> Value:
    return _walk(node.body if _truth(node.test, scope) else node.orelse, scope)


def _truth(node: ast.expr, scope: Scope) -> bool:
    value = _walk(node, scope)
    if isinstance(value, str):
        raise ExpressionError("E111", f"`{_quote(node)}` is the word `{shorten(value)}`, not true or false")
    return bool(value)


def _call(node: ast.Call, scope: Scope) -> Value:
    name = node.func.id if isinstance(node.func, ast.Name) else _quote(node.func)
    function = _FUNCTIONS.get(name)
    if node.keywords:
        raise ExpressionError("E111", f"`{_quote(node)}` names an argument: functions take values alone")
    if function is None:
        raise ExpressionError("E111", f"unknown function `{shorten(name)}`", f"known are {listing(sorted(_FUNCTIONS))}")
    arguments = [_number(argument, scope) for argument in node.args]
    try:
        return _bounded(function(*arguments))
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        raise ExpressionError("E111", f"`{_quote(node)}` has no value") from None


def _number(node: ast.expr, scope: Scope) -> Number:
    value = _walk(node, scope)
    if isinstance(value, str):
        raise ExpressionError("E111", f"`{_quote(node)}` is the word `{shorten(value)}`, not a number")
    return value


def _bounded(value: Value) -> Value:
    if isinstance(value, str) or (isinstance(value, int | float) and abs(value) <= LARGEST):
        return value
    raise ExpressionError("E111", "the value of an expression may not exceed 10^12")


def make_divisible(value: float, divisor: float = 8) -> int:
    """Round to the nearest multiple of a divisor, but not down by more than 10 % (the MobileNet papers' rule).

    >>> make_divisible(24 * 1.4), make_divisible(12)
    (32, 16)
    """
    nearest = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return int(nearest + divisor if nearest < 0.9 * value else nearest)


_OPERATORS: Final[dict[type[ast.operator], Callable[[Number, Number], Number]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_COMPARISONS: Final[dict[type[ast.cmpop], Callable[[Value, Value], bool]]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_FUNCTIONS: Final[dict[str, Callable[..., Number]]] = {
    "min": min,
    "max": max,
    "int": int,
    "round": round,
    "ceil": ceil,
    "floor": floor,
    "abs": abs,
    "make_divisible": make_divisible,
}
_RULES: Final[dict[type[ast.expr], Callable[..., Value]]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _both,
    ast.Compare: _comparison,
    ast.IfExp: _conditional,
    ast.Call: _call,
}
