"""What the package does, counted in steps: a measure of work that no clock takes and no machine changes.

A copy of the package is imported whose source was rewritten so that it counts: one step for each call and each round
of a loop, and for what C does in one go the elements that it goes through: a slice, `in` a list or a text, a joined
or copied text, a sorted list, the characters that a regular expression looks at.
"""

from __future__ import annotations

import ast
import sys
from contextlib import contextmanager
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from itertools import accumulate, chain, islice
from operator import iadd
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any, Final

import regex_steps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

PACKAGE: Final = "cnnspec"
COUNTING: Final = (PACKAGE, regex_steps.__name__)
"""Modules whose functions count what they do."""
SIZED: Final = (str, bytes, list, tuple, dict, set, frozenset, range, *map(type, ({}.keys(), {}.values(), {}.items())))
ITERATORS: Final = (accumulate, chain, enumerate, filter, islice, map, zip)
"""What C goes through without a length: it counts while it is gone through."""
UNSEEN: Final = {
    *("len", "isinstance", "issubclass", "getattr", "hasattr", "setattr", "id", "iter", "next", "type"),
    *("bisect_right", "ChainMap", "MappingProxyType"),
}
"""Functions that do not go through what they are given."""
AT_ONCE: Final = {
    *("append", "add", "clear", "discard", "extend", "get", "items", "keys", "pop", "popitem", "setdefault", "update"),
    *("values", "join", "startswith", "endswith", "isprintable"),
}
"""Methods that do not go through the object whose methods they are."""
SEARCHES: Final = {"find", "index", "rfind", "rindex", "count"}
"""Methods that go through a part of it where they are told which."""


class Steps:
    """How many steps were taken."""

    taken = 0


def size(value: object) -> int:
    """Return the number of elements of a collection or a text, 0 of anything else."""
    return len(value) if isinstance(value, SIZED) else 0


def step() -> bool:
    """Count one."""
    Steps.taken += 1
    return True


def made(value: Any) -> Any:
    """Count the elements of something new."""
    Steps.taken += size(value)
    return value


def searched(value: Any) -> Any:
    """Count the elements of what `in` looks through."""
    Steps.taken += size(value) if isinstance(value, str | bytes | list | tuple) else 1
    return value


def added(left: Any, right: Any) -> Any:
    """Count what `+=` copies: all of a text or a tuple, the new part of a list."""
    Steps.taken += size(right) + (size(left) if isinstance(left, str | bytes | tuple) else 0)
    return iadd(left, right)


def called(function: Any, /, *arguments: Any, **named: Any) -> Any:
    """Count a call, and what it goes through if it is not one of the package's own functions, which count that."""
    Steps.taken += 1
    if not (getattr(function, "__module__", None) or "").startswith(COUNTING):
        name = getattr(function, "__name__", "")
        if name in SEARCHES and len(arguments) > 1:
            Steps.taken += _way(name, function(*arguments), *arguments[1:], end=size(function.__self__))
        elif name not in UNSEEN:
            arguments = tuple(_counted(value) if isinstance(value, ITERATORS) else value for value in arguments)
            Steps.taken += sum(map(size, (*arguments, *named.values())))
            Steps.taken += 0 if name in AT_ONCE else size(getattr(function, "__self__", None))
    return function(*arguments, **named)


def _counted(iterator: Iterable[Any]) -> Iterator[Any]:
    for element in iterator:
        Steps.taken += 1
        yield element


def _way(name: str, found: int, start: int, *ends: int, end: int) -> int:
    """Return how many elements a search from a place on looks at."""
    end = min(end, *ends) if ends else end
    if name == "count" or found < 0:
        return max(end - start, 0)
    return found - start if name in {"find", "index"} else end - found


FUNCTIONS: Final = (step, made, searched, added, called)
"""What a rewritten module calls, each by its name between `__`."""


class Rewriting(ast.NodeTransformer):
    """Let a module count its steps."""

    def _wrapped(self, name: str, node: ast.expr) -> ast.expr:
        return ast.copy_location(ast.Call(ast.Name(f"__{name}__", ast.Load()), [node], []), node)

    def visit_Import(self, node: ast.Import) -> ast.AST:
        """Let `re` be the one that counts."""
        for alias in node.names:
            if alias.name == "re":
                alias.name, alias.asname = regex_steps.__name__, "re"
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Count a call, but for `super()`, which looks at who calls it."""
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id in {"super", "locals", "globals"}:
            return node
        called = ast.Call(ast.Name("__called__", ast.Load()), [node.func, *node.args], node.keywords)
        return ast.copy_location(called, node)

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        """Count what `in` looks through."""
        self.generic_visit(node)
        node.comparators = [
            self._wrapped("searched", right) if isinstance(sign, ast.In | ast.NotIn) else right
            for sign, right in zip(node.ops, node.comparators, strict=True)
        ]
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        """Count what a slice copies."""
        self.generic_visit(node)
        sliced = isinstance(node.slice, ast.Slice) and isinstance(node.ctx, ast.Load)
        return self._wrapped("made", node) if sliced else node

    def visit_List(self, node: ast.List) -> ast.AST:
        """Count what a list takes over from others."""
        self.generic_visit(node)
        takes = isinstance(node.ctx, ast.Load) and any(isinstance(element, ast.Starred) for element in node.elts)
        return self._wrapped("made", node) if takes else node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        """Count what a sum or a product of texts or lists copies."""
        self.generic_visit(node)
        return self._wrapped("made", node) if isinstance(node.op, ast.Add | ast.Mult) else node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        """Count what a name is prolonged by."""
        self.generic_visit(node)
        if not isinstance(node.op, ast.Add) or not isinstance(node.target, ast.Name):
            return node
        left = ast.Name(node.target.id, ast.Load())
        value = ast.Call(ast.Name("__added__", ast.Load()), [left, node.value], [])
        return ast.copy_location(ast.Assign([node.target], value), node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        """Count the characters of a formatted text."""
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                part.value = self.visit(part.value)
        return self._wrapped("made", node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        """Leave an annotation alone: it is text."""
        node.value = self.visit(node.value) if node.value else None
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        """Count a call that C makes."""
        self.generic_visit(node)
        node.body = ast.BoolOp(ast.And(), [self._step(), node.body])
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        """Count the rounds of a comprehension."""
        self.generic_visit(node)
        node.ifs.insert(0, self._step())
        return node

    def visit_For(self, node: ast.For) -> ast.AST:
        """Count the rounds of a loop."""
        self.generic_visit(node)
        node.body.insert(0, ast.Expr(self._step()))
        return node

    def visit_While(self, node: ast.While) -> ast.AST:
        """Count the rounds of a loop."""
        self.generic_visit(node)
        node.body.insert(0, ast.Expr(self._step()))
        return node

    def _step(self) -> ast.expr:
        return ast.Call(ast.Name("__step__", ast.Load()), [], [])


class Loader(SourceFileLoader):
    """Loads a module of the package with its source rewritten."""

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002 - the signature of a loader
        """Return the code of a module that counts."""
        tree = ast.parse(self.get_data(self.path))
        return compile(ast.fix_missing_locations(Rewriting().visit(tree)), self.path, "exec")

    def exec_module(self, module: ModuleType) -> None:
        """Run a module with the functions that count beside its own."""
        vars(module).update(
            {f"__{function.__name__}__": function for function in (step, made, searched, added, called)}
        )
        super().exec_module(module)


class Finder:
    """Finds the modules of the package for the loader that rewrites them."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Return where a module of the package stands, None for any other."""
        if not name.startswith(PACKAGE):
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec and spec.origin:
            spec.loader = Loader(name, spec.origin)
        return spec


COPY: Final[dict[str, ModuleType]] = {}
"""The modules of the copy that counts, by name."""


@contextmanager
def the_copy() -> Iterator[None]:
    """Let imports find the copy of the package."""
    own = {name: module for name, module in sys.modules.items() if name.startswith(PACKAGE)}
    for name in own:
        del sys.modules[name]
    sys.modules.update(COPY)
    sys.meta_path.insert(0, Finder)  # type: ignore[arg-type] # a class with the one method that is asked for
    try:
        yield
    finally:
        sys.meta_path.remove(Finder)  # type: ignore[arg-type] # as above
        for name in [name for name in sys.modules if name.startswith(PACKAGE)]:
            COPY[name] = sys.modules.pop(name)
        sys.modules.update(own)


def steps(module: str, function: str, *arguments: object, **named: object) -> int:
    """Return the steps of a call of a function of the package, which may end in an error of the package."""
    with the_copy():
        work: Callable[..., object] = getattr(import_module(module), function)
        Steps.taken = regex_steps.Count.looks = 0
        try:
            work(*arguments, **named)
        except Exception as error:
            if not type(error).__module__.startswith(PACKAGE):
                raise
        return Steps.taken + regex_steps.Count.looks


def grows_linearly(count: Callable[[int], int], few: int) -> bool:
    """Return whether the steps for eight times as much are those that the first two times let expect, or few more.

    What is remembered from one call to the next is counted in a first call, which is not compared. Short inputs may
    miss what longer ones need, so what is not linear at first is tried once more with four times as much.
    """
    count(1)
    for some in (few, 4 * few):
        once, twice, often = (count(times * some) for times in (1, 2, 8))
        if often <= once + 8 * (twice - once):
            return True
    return False
