"""A line of Python where an item belongs: read as a syntax tree, never run, and answered in the form of a spec."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final, NamedTuple
from warnings import catch_warnings

from cnnspec.errors import shorten
from cnnspec.ir.layer import TORCH_NAMES
from cnnspec.ir.per_step import WRAPPER
from cnnspec.ir.shapes import compact
from cnnspec.ir.words import Found, find_kind
from cnnspec.language.pasted_call import Line, UnreadableError, join, line_of
from cnnspec.language.python_values import from_node, name_of
from cnnspec.layers.joins import Add as Sum

LONGEST: Final = 4_000
"""Characters of a line that is read as Python."""
MOST: Final = 12
"""Items that an answer shows."""
_PYTHON: Final = re.compile(
    r"\s*(@|import\s|from\s+[\w.]+\s+import|def\s|class\s+\w+\s*[(:]|return\b|if\s+__name__|for\s+\w+\s+in\s"
    r"|[\w.\[\]\"', ]+(=|\+=)\s*[\w.]+\(|[A-Za-z_][\w.]*\(|\w+\s*\+=\s*\w+$|(\w+)\s*=\s*\w+\s*\+\s*\w+$)"
)
NO_LAYER: Final = "leave it out: a spec has layers alone, and settings of training stand under `train:`"
INPUTS: Final = ("Input", "InputLayer")
_GROUPS: Final = ("Sequential", "ModuleList", "Model")
_APPENDS: Final = ("add", "append", "add_module", "insert")


class Pasted(NamedTuple):
    """What to answer to a line of Python: a message, facts, a step, and the word that nothing is known of."""

    message: str
    notes: tuple[str, ...] = ()
    step: str = ""
    word: str = ""


def is_python(text: str) -> bool:
    """Tell whether a text is rather Python than a word of a spec.

    >>> is_python("nn.Conv2d(3, 16, 3)"), is_python("x = Dense(10)(x)"), is_python("dense 10")
    (True, True, False)
    """
    return _PYTHON.match(text[:LONGEST]) is not None


def answer(text: str) -> Pasted | None:
    """Return what to answer to a line of Python, None where the text is none.

    >>> answer("model.add(Conv2D(32, (3, 3), activation='relu'))").step
    'write `- conv: 32 3x3 relu`'
    """
    if not is_python(text):
        return None
    message = f"`{shorten(text)}` is a line of Python, not an item of a spec"
    try:
        lines = items_of(text)
    except UnreadableError as error:
        return Pasted(message, (error.reason,) if error.reason else (), error.step, error.word)
    shown = ", then ".join(f"`- {line.text}`" for line in lines[:MOST])
    notes = dict.fromkeys(note for line in lines for note in line.notes)
    return Pasted(message, tuple(notes), f"write {shown}")


def items_of(text: str) -> list[Line]:
    """Return the items that a line of Python means, in the order in which they are applied; raise UnreadableError."""
    source = text[:LONGEST].strip().rstrip(",;").rstrip()
    try:
        with catch_warnings(action="ignore"):
            body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        call = re.search(r"([\w.]+)\($|^([\w.]+)\(", source)
        raise UnreadableError("", call[1] or call[2] if call else "") from None
    try:
        lines = [line for statement in body for line in _statement(statement)]
    except RecursionError:
        raise UnreadableError("it is nested too deeply") from None
    if not lines:
        calls = (name_of(node.func) for statement in body for node in ast.walk(statement) if isinstance(node, ast.Call))
        raise UnreadableError("", next(calls, ""))
    return lines


def readable_items(text: str) -> list[Line]:
    """Return the items that a line of Python means, none where it has no form as items."""
    try:
        return items_of(text)
    except UnreadableError:
        return []


def _statement(node: ast.stmt) -> Iterator[Line]:
    match node:
        case ast.Expr(value=value) | ast.Assign(value=value) | ast.Return(value=ast.expr() as value):
            yield from _applied(value)
        case ast.AnnAssign(value=ast.expr() as value):
            yield from _applied(value)
        case ast.AugAssign(target=ast.Name() as target, op=ast.Add(), value=value):
            yield from _applied(ast.BinOp(target, ast.Add(), value))


def _applied(node: ast.expr) -> Iterator[Line]:
    """Yield the layers that an expression applies, those that are applied first at first."""
    match node:
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            for part in parts:
                yield from _applied(part)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            yield join(Found(Sum), [left, right])
        case ast.Call(func=ast.Call() as layer, args=inputs):
            yield from _application(layer, inputs)
        case ast.Call():
            yield from _call(node)


def _application(layer: ast.Call, inputs: list[ast.expr]) -> Iterator[Line]:
    """Yield a layer that is called with its input, as Keras' functional models do."""
    found = find_kind(_full_name(layer.func))
    if found and found.cls.joins:
        yield join(found, inputs)
        return
    for each in inputs:
        yield from _applied(each)
    yield from _applied(layer)


def _call(node: ast.Call) -> Iterator[Line]:
    full, name = _full_name(node.func), name_of(node.func)
    found = find_kind(full) if name[:1].isupper() else find_kind(name)
    if found and found.cls.joins and (name[:1].isupper() or _lists(node)):
        yield join(found, node.args)
    elif found and name[:1].isupper():
        yield line_of(found, node)
    elif name in _GROUPS or (name in _APPENDS and _holds_call(node)):
        for each in node.args:
            yield from _applied(each)
    elif name in INPUTS:
        raise UnreadableError("", name, _input(node))
    elif name[:1].isupper():
        yield _wrapped(name, node)
    elif function := _function(name):
        yield from _function_call(function, node, full)
    else:
        for each in node.args:
            yield from _applied(each)


def _lists(node: ast.Call) -> bool:
    return bool(node.args) and isinstance(node.args[0], ast.List | ast.Tuple)


def _holds_call(node: ast.Call) -> bool:
    return any(isinstance(each, ast.Call) for each in node.args)


def _wrapped(name: str, node: ast.Call) -> Line:
    """Return a layer inside another one that is an argument of its kind, as `Bidirectional(LSTM(64))`."""
    named = {keyword.arg: keyword.value for keyword in node.keywords}
    inner = node.args[0] if node.args else named.pop("layer", None)
    if isinstance(inner, ast.Call) and name == WRAPPER:
        return Line(f"each: [{', '.join(line.text for line in _applied(inner))}]")
    if isinstance(inner, ast.Call) and (found := find_kind(_full_name(inner.func))):
        wrapper = found.cls.keras.wrapper
        if wrapper and wrapper.class_name == name:
            keywords = [*inner.keywords, *(ast.keyword(word, value) for word, value in named.items())]
            line = line_of(found, ast.Call(inner.func, inner.args, keywords))
            return line._replace(text=f"{line.text} {wrapper.flag}")
    step = f"a layer of one's own is a block: write its layers under `blocks: {{{shorten(name)}: [...]}}`"
    raise UnreadableError(f"`{shorten(name)}` is no layer that is known here", name, step)


def _input(node: ast.Call) -> str:
    """Return where the shape of an input stands in a spec, an empty text where it is not said."""
    named = {keyword.arg: keyword.value for keyword in node.keywords}
    shape = next(
        (named[word] for word in ("shape", "input_shape") if word in named), node.args[0] if node.args else None
    )
    sizes = from_node(shape) if shape is not None else None
    if not isinstance(sizes, list) or not all(isinstance(size, int) for size in sizes):
        return ""
    return f"give the shape at the top of the file: `input: {compact(tuple(sizes))}`"


def _function(name: str) -> str:
    """Return PyTorch's class of a function, an empty text where there is none.

    >>> from cnnspec import layers
    >>> _function("max_pool2d"), _function("relu"), _function("print")
    ('MaxPool2d', 'ReLU', '')
    """
    folded = name.replace("_", "")
    return next((word for word in TORCH_NAMES if word.lower() == folded), "")


def _function_call(word: str, node: ast.Call, full: str) -> Iterator[Line]:
    """Yield a function of tensors: the first argument is what it is applied to, or stands before the dot."""
    owner = full.rpartition(".")[0].rpartition(".")[2]
    on_tensor = owner not in ("", "F", "functional", "nn", "torch", "tf", "activations", "ops", "keras")
    inputs = node.args[:1] if not on_tensor else []
    for each in inputs:
        yield from _applied(each)
    found = find_kind(f"nn.{word}")
    if found:
        yield line_of(found, ast.Call(node.func, node.args[len(inputs) :], node.keywords))


def _full_name(node: ast.expr) -> str:
    """Return a dotted name, of which a call or an index in front is no part."""
    if isinstance(node, ast.Attribute):
        before = _full_name(node.value)
        return f"{before}.{node.attr}" if before else node.attr
    return node.id if isinstance(node, ast.Name) else ""
