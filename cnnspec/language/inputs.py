"""The key `input`: one shape, several by name, and shapes that are written channels first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from cnnspec.errors import shorten
from cnnspec.ir.graph import Input
from cnnspec.ir.shapes import Shape, compact, looks_channels_first
from cnnspec.ir.values import shape_of
from cnnspec.language.expressions import ExpressionError, Scope
from cnnspec.language.faults import Faults, place_of
from cnnspec.language.names import NAME, NAME_RULE
from cnnspec.language.parameters import filled
from cnnspec.language.values_meant import UNIT
from cnnspec.text.tree import Mapping as MappingTree
from cnnspec.text.tree import Scalar, Tree

MOST: Final = 1_000
"""How many inputs a network may have."""
FORM: Final = ("shape", "layout")
FORMATS: Final = ("data_format", "format", "dim_ordering", "image_data_format")
"""Words of others for the layout."""
SIDES: Final = ("depth", "height", "length", "width", "channels")
"""Words for the sizes of one shape, in their order; the last one tells that no inputs are named."""
SHORT: Final = {
    "d": "depth",
    "h": "height",
    "rows": "height",
    "l": "length",
    "w": "width",
    "cols": "width",
    "columns": "width",
    "c": "channels",
    "ch": "channels",
    "channel": "channels",
}
"""Other words for these."""
SHORT_ENOUGH: Final = 100
LONGEST: Final = 20_000
"""Characters of a spec without an input in which one is looked for."""
FIRST: Final = "channels_first"
LAST: Final = "channels_last"
RULE: Final = "a shape is positive integers, channels last and without the batch, such as `28x28x1` or `[28, 28, 1]`"
_UNKNOWN: Final = re.compile(r"(?<![\w.])(?:none|null|~|-1)(?![\w.])|\?", re.IGNORECASE)


def read_inputs(tree: Tree | None, given: Mapping[str, Shape], faults: Faults, params: Scope) -> dict[str, Shape]:
    """Return the shapes of the inputs by name, those that are given from outside in the place of the spec's own."""
    if isinstance(tree, MappingTree) and _is_odd(tree):
        _refuse(tree, faults)
        return {}
    if not isinstance(tree, MappingTree) or _is_form(tree):
        shape = given.get("") or given.get("input") or (read_shape(tree, faults, params) if tree is not None else None)
        if shape is None and tree is None:
            example = _stated(faults.source.text)
            step = f"add `input: {example}`, or give `--input {example}`"
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
        shape = given.get(key.text) or read_shape(value, faults, params)
        if shape:
            shapes[key.text] = shape
    return shapes


def _stated(text: str) -> str:
    """Return the shape that a pasted layer of Keras states, or one as an example."""
    match = re.search(r"(?:\binput_shape['\"]?\s*[:=]|- +input:)\s*[\[(]?\s*(\d[\dx, ]{0,40})", text[:LONGEST])
    try:
        return compact(shape_of(Scalar(f"({match[1].strip().replace('x', ',')})", 0, 0))) if match else "28x28x1"
    except ValueError:
        return "28x28x1"


def _is_form(tree: Tree) -> bool:
    """Tell whether a mapping says how one shape is written, and does not name several inputs."""
    if not isinstance(tree, MappingTree) or tree.get("shape") is None:
        return False
    return all(key.text in FORM for key, _ in tree.entries)


def _is_odd(tree: MappingTree) -> bool:
    """Tell whether a mapping is one shape in a form that is not ours: by its sides, or with another word for layout."""
    words = {_side(key.text) for key, _ in tree.entries}
    by_sides = SIDES[-1] in words and words <= {*SIDES}
    return by_sides or (not _is_form(tree) and "shape" in words and words <= {*FORM, *FORMATS})


def _side(word: str) -> str:
    return SHORT.get(word.lower(), word.lower())


def read_shape(tree: Tree, faults: Faults, params: Scope) -> Shape | None:
    """Return the shape of one input, channels last, whose sizes may name parameters; report what is none."""
    layout, inner = LAST, tree
    if isinstance(tree, MappingTree):
        if not _is_form(tree):
            _refuse(tree, faults)
            return None
        inner = tree.get("shape") or tree
        layout = _layout(tree.get("layout"), faults)
    try:
        inner = filled(inner, params)
        shape = shape_of(inner)
    except ExpressionError as error:
        faults.add(error.code, error.message, place_of(inner), step=error.step)
        return None
    except ValueError:
        _refuse(inner, faults)
        return None
    return (*shape[1:], shape[0]) if layout == FIRST else shape


class Hints(NamedTuple):
    """What the key `input` tells whoever reads arguments: its number of axes, and whether it is channels first.

    `first` is how it would be written channels first, `is_first` whether it is.
    """

    rank: int | None = None
    first: str = "3x224x224"
    is_first: bool = False


NO_HINTS: Final = Hints()


def hints(tree: Tree | None) -> Hints:
    """Return what the only input tells."""
    inner = tree.get("shape") if isinstance(tree, MappingTree) and _is_form(tree) else tree
    try:
        shape = shape_of(inner) if inner is not None else ()
    except ValueError:
        shape = ()
    if len(shape) < 2:
        return Hints()
    layout = tree.get("layout") if isinstance(tree, MappingTree) else None
    is_first = isinstance(layout, Scalar) and layout.text == FIRST
    first = is_first or looks_channels_first(shape)
    return Hints(len(shape) - 1, compact(shape if first else (shape[-1], *shape[:-1])), is_first)


def name_flat_input(faults: Faults, inputs: Iterable[Input]) -> None:
    """Let a layer that wants an image ask for one where the input of the network has a single size."""
    flat = [entry.shape for entry in inputs if len(entry.shape) == 1]
    for at, fault in enumerate(faults.diagnostics if flat else ()):
        if fault.code == "E303" and any(fault.message.endswith(f"its input is {shape}") for shape in flat):
            size = flat[0][0]
            step = f"give the input its height, width and channels, as in `input: {size}x{size}x1`"
            faults.diagnostics[at] = fault._replace(help=step)


def _layout(tree: Tree | None, faults: Faults) -> str:
    if tree is None or (isinstance(tree, Scalar) and tree.text in (FIRST, LAST)):
        return tree.text if isinstance(tree, Scalar) else LAST
    shown = shorten(faults.source.text[tree.start : tree.end])
    first = re.fullmatch(r"nc(d?h)?[wl]?|first|channel_?first|th", shown, re.IGNORECASE)
    step = f"write `layout: {FIRST}`" if first else f"write `layout: {LAST}`, or leave it out"
    faults.add("E105", f"`layout` must be `{FIRST}` or `{LAST}`, not `{shown}`", place_of(tree), step=step)
    return LAST


def _refuse(tree: Tree, faults: Faults) -> None:
    text = tree.text if isinstance(tree, Scalar) else faults.source.text[tree.start : tree.end]
    faults.add("E105", f"`{shorten(text)}` is not an input shape", place_of(tree), RULE, step=_step(tree, text))


def _step(tree: Tree, text: str) -> str:
    """Return the step that helps where sizes are unknown, or the batch stands in front."""
    if isinstance(tree, MappingTree):
        return _step_of_form(tree)
    sizes = [int(number) for number in re.findall(r"(?<![\d.-])\d{1,12}(?![\d.])", text)]
    unknown = len(_UNKNOWN.findall(text))
    if unknown == 1 and len(sizes) >= 2 and _UNKNOWN.search(text, 0, text.find(str(sizes[0]))):
        return f"leave the batch out: `input: {compact(tuple(sizes))}`"
    if unknown:
        return "give the sizes for which to compute, such as `--input 224x224x3`"
    if len(text) <= SHORT_ENOUGH and (plain := _plain(text)) != text:
        return _step(tree, plain)
    if 1 <= len(sizes) <= 4 and re.fullmatch(r"[\d\s,;*xX×()\[\]]+", text) and min(sizes) > 0:
        return f"write `input: {compact(tuple(sizes))}`"
    return ""


def _plain(text: str) -> str:
    """Return a shape without units, with the channels that a word for colours says, and with plain signs."""
    short = UNIT.sub("", text)
    short = re.sub(r"(?<![\s,x])[\s,x]*+\brgb\b", "x3", short, flags=re.IGNORECASE)
    return re.sub(r"(?<![\s,x])[\s,x]*+\bgr[ae]y(?:scale)?\b", "x1", short, flags=re.IGNORECASE)


def _step_of_form(tree: MappingTree) -> str:
    """Return how a shape that is given by its sides, or with another word for its layout, is written."""
    values = {_side(key.text): value.text for key, value in tree.entries if isinstance(value, Scalar)}
    if "shape" in values:
        return f"write `input: {{shape: {values['shape']}, layout: {FIRST}}}`"
    return f"write `input: {'x'.join(values[word] for word in SIDES if word in values)}`"
