"""Small changes of a module's code, each of which some test should notice."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final, NamedTuple

COMPARISONS: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
ARITHMETIC: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
}
WIDTH: Final = 100


class Mutant(NamedTuple):
    """One change: where it stands, what was written there, what is written instead, and the whole module with it."""

    line: int
    before: str
    after: str
    tree: ast.Module

    def __str__(self) -> str:
        return f"line {self.line}\n  - {self.before}\n  + {self.after}"


def mutants(source: str) -> Iterator[Mutant]:
    """Yield every mutant of a module, in the order of its code."""
    places = list(_places(ast.parse(source)))
    for index, place in enumerate(places):
        for change in range(len(list(_changed(place)))):
            tree = ast.parse(source)
            parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
            node = list(_places(tree))[index]
            changed = list(_changed(node))[change]
            around = _around(node, parents)
            before = _line(around)
            _put(parents[node], node, changed)
            after = _line(changed if around is node else around)
            yield Mutant(node.lineno, before, after, ast.fix_missing_locations(tree))


def _places(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the expressions that can be changed: no types, and nothing that only a type checker reads."""
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
        return
    if isinstance(node, ast.expr) and any(True for _ in _changed(node)):
        yield node
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns"}:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _places(child)


def _changed(node: ast.expr) -> Iterator[ast.expr]:
    """Yield what may stand instead of an expression."""
    match node:
        case ast.Compare(left, [operator], [right]):
            yield ast.Compare(left, [COMPARISONS[type(operator)]()], [right])
        case ast.BinOp(left, operator, right) if type(operator) in ARITHMETIC:
            yield ast.BinOp(left, ARITHMETIC[type(operator)](), right)
        case ast.BoolOp(operator, values):
            yield ast.BoolOp(ast.Or() if isinstance(operator, ast.And) else ast.And(), values)
        case ast.UnaryOp(ast.Not() | ast.USub(), operand):
            yield operand
        case ast.Constant(bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(int() as value):
            yield ast.Constant(value + 1)
            yield ast.Constant(value - 1)
        case ast.Call(function, [first, second, *others], keywords) if not isinstance(first, ast.Starred):
            if not isinstance(second, ast.Starred) and ast.dump(first) != ast.dump(second):
                yield ast.Call(function, [second, first, *others], keywords)


def _put(parent: ast.AST, old: ast.expr, new: ast.expr) -> None:
    for name, value in ast.iter_fields(parent):
        if value is old:
            setattr(parent, name, new)
        elif isinstance(value, list) and any(each is old for each in value):
            value[[each is old for each in value].index(True)] = new
    ast.copy_location(new, old)


def _around(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> ast.AST:
    """Return the largest part of the code around an expression that is still a line of it."""
    while not isinstance(node, ast.stmt):
        parent = parents[node]
        if isinstance(parent, ast.expr | ast.stmt) and (hasattr(parent, "body") or len(ast.unparse(parent)) > WIDTH):
            break
        node = parent
    return node


def _line(node: ast.AST) -> str:
    return " ".join(ast.unparse(ast.fix_missing_locations(node)).split())
