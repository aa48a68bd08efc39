"""The key `input`: one shape, several by name, and shapes that are written channels first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from cnnspec.errors import shorten
from cnnspec.ir.shapes import Shape, compact
from cnnspec.ir.values import shape_of
from cnnspec.language.faults import Faults, place_of
from cnnspec.language.names import NAME, NAME_RULE
from cnnspec.text.tree import Mapping as MappingTree
from cnnspec.text.tree import Scalar, Tree

MOST: Final = 1_000
"""How many inputs a network may have."""
FORM: Final = ("shape", "layout")
FIRST: Final = "channels_first"
LAST: Final = "channels_last"
RULE: Final = "a shape is positive integers, channels last and without the batch, such as `28x28x1` or `[28, 28, 1]`"
_UNKNOWN: Final = re.compile(r"(?<![\w.])(?:none|null|~|-1)(?![\w.])|\?", re.IGNORECASE)


def read_inputs(tree: Tree | None, given: Mapping[str, Shape], faults: Faults) -> dict[str, Shape]:
    """Return the shapes of the inputs by name, those that are given from outside in the place of the spec's own."""
    if not isinstance(tree, MappingTree) or _is_form(tree):
        shape = given.get("") or given.get("input") or (read_shape(tree, faults) if tree is not None else None)
        if shape is None and tree is None:
            step = "add `input: 28x28x1`, or give `--input 28x28x1`"
            faults.add("E107", "the spec has no `input`", None, step=step)
        return {"input": shape} if shape else {}
    shapes: dict[str, Shape] = {}
    if len(tree.entries) > MOST:
        faults.add("E110", f"the spec has {len(tree.entries):,} inputs, more than {MOST:,}", place_of(tree))
        raise faults.error()
    for key, value in tree.entries:
        if not NAME.fullmatch(key.text):
            faults.add("E207", f"`{shorten(key.text)}` is not a name", place_of(key), NAME_RULE)
            continue
        shape = given.get(key.text) or read_shape(value, faults)
        if shape:
            shapes[key.text] = shape
    return shapes


def _is_form(tree: Tree) -> bool:
    """Tell whether a mapping says how one shape is written, and does not name several inputs."""
    if not isinstance(tree, MappingTree) or tree.get("shape") is None:
        return False
    return all(key.text in FORM for key, _ in tree.entries)


def read_shape(tree: Tree, faults: Faults) -> Shape | None:
    """Return the shape of one input, channels last; report what is none."""
    layout, inner = LAST, tree
    if isinstance(tree, MappingTree):
        if not _is_form(tree):
            _refuse(tree, faults)
            return None
        inner = tree.get("shape") or tree
        layout = _layout(tree.get("layout"), faults)
    try:
        shape = shape_of(inner)
    except ValueError:
        _refuse(inner, faults)
        return None
    return (*shape[1:], shape[0]) if layout == FIRST else shape


def _layout(tree: Tree | None, faults: Faults) -> str:
    if tree is None or (isinstance(tree, Scalar) and tree.text in (FIRST, LAST)):
        return tree.text if isinstance(tree, Scalar) else LAST
    shown = shorten(faults.source.text[tree.start : tree.end])
    faults.add("E105", f"`layout` must be `{FIRST}` or `{LAST}`, not `{shown}`", place_of(tree))
    return LAST


def _refuse(tree: Tree, faults: Faults) -> None:
    text = faults.source.text[tree.start : tree.end]
    faults.add("E105", f"`{shorten(text)}` is not an input shape", place_of(tree), RULE, step=_step(text))


def _step(text: str) -> str:
    """Return the step that helps where sizes are unknown, or the batch stands in front."""
    sizes = [int(number) for number in re.findall(r"(?<![\d.-])\d{1,12}(?![\d.])", text)]
    unknown = len(_UNKNOWN.findall(text))
    if unknown == 1 and len(sizes) >= 2 and _UNKNOWN.search(text, 0, text.find(str(sizes[0]))):
        return f"leave the batch out: `input: {compact(tuple(sizes))}`"
    if unknown:
        return "give the sizes for which to compute, such as `--input 224x224x3`"
    return ""
