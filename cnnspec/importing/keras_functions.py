"""What stands in Keras files beside layers: functions on tensors, and classes that are several layers of ours."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from math import isfinite, prod
from typing import Any, Final, NamedTuple

from cnnspec.importing.keras_records import Application, Record
from cnnspec.importing.keras_slices import sliced
from cnnspec.ir.keras_reading import UnmodelledError
from cnnspec.ir.layer import ALIASES, KINDS, Layer
from cnnspec.ir.shapes import Shape
from cnnspec.layers.activations import FUNCTIONS
from cnnspec.layers.gated_activations import Glu
from cnnspec.layers.global_pooling import GlobalAvgPool, GlobalMaxPool
from cnnspec.layers.joins import Add, Average, Concat, Maximum, Minimum, Multiply, Subtract
from cnnspec.layers.margins import Pad
from cnnspec.layers.rearrangement import Permute, Reshape
from cnnspec.layers.scaling import Rescale

OPERATIONS: Final = ("keras.ops", "keras.src.ops")
"""The modules of Keras 3 that hold functions on tensors, in themselves or in modules of theirs."""
LAMBDAS: Final = ("TFOpLambda",)
"""The class by which TensorFlow 2 wraps a function on tensors, whose name is an argument."""
ELEMENTWISE: Final = (Add, Subtract, Multiply, Maximum, Minimum, Average)
BATCH: Final = (None, -1)
MODES: Final = {"constant": "zeros", "reflect": "reflect", "symmetric": "symmetric"}
NEVER: Final = ("-inf", "-infinity")
Pairs = tuple[tuple[int, int], ...]


class Part(NamedTuple):
    """One layer of what a record stands for: it reads inputs of the record, by place, then parts before it."""

    layer: Layer
    reads: tuple[int, ...]


class UnknownFunctionError(Exception):
    """A function, or a use of it, that no kind stands for; the text finishes the sentence 'layer x: ...'."""


class Use(NamedTuple):
    """One application of a record, with the shapes of what it reads."""

    record: Record
    application: Application
    shapes: Sequence[Shape]


Parts = Sequence[Part]
Maker = Callable[[Use], Parts | None]


def composition(record: Record) -> Maker | None:
    """Return what makes the layers of a record that is no layer of Keras' public classes, None for any other."""
    name = function_name(record)
    if name is not None:
        return partial(_function, name)
    return COMPOSITIONS.get(record.class_name)


def function_name(record: Record) -> str | None:
    """Return the name of the function that a record applies, in small letters, None where it is a layer."""
    if record.module.startswith(OPERATIONS) and record.module.partition("ops")[2][:1] in ("", "."):
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", record.class_name).lower()
    if record.class_name in LAMBDAS:
        function = record.config.get("function")
        name = function.rpartition(".")[2] if isinstance(function, str) else ""
        return name.strip("_").removeprefix("reduce_") or "?"
    return None


def _function(name: str, use: Use) -> Parts:
    made = _functions().get(name)
    parts = made(use) if made else None
    if parts is None:
        raise UnknownFunctionError(f"no kind stands for the function `{name}` as it is used here")
    return parts


def _argument(use: Use, name: str, place: int, *others: str) -> Any:
    """Return an argument of a function by its name or its place; a function may keep it in its configuration."""
    for word in (name, *others):
        for where in (use.application.keywords, use.record.config):
            if word in where:
                return where[word]
    values = use.application.values
    return values[place] if place < len(values) else None


def _elementwise(cls: type[Layer]) -> Maker:
    def make(use: Use) -> Parts | None:
        if len(use.shapes) > 1:
            return [_join(cls(), use)]
        number, first = _number(use.application)
        if number is None:
            return None
        if cls is Multiply:
            return [_rescaled(number, 0.0)]
        if cls is Subtract:
            return [_rescaled(-1.0, number) if first else _rescaled(1.0, -number)]
        return [_rescaled(1.0, number)] if cls is Add else None

    return make


def _number(application: Application) -> tuple[float | None, bool]:
    """Return the only number among the arguments, and whether it is the first of them."""
    values = [*application.values, *(value for name, value in application.keywords.items() if name in ("y", "x2", "b"))]
    numbers = [value for value in values if _is_number(value)]
    if len(numbers) != 1 or not isfinite(numbers[0]):
        return None, False
    return float(numbers[0]), bool(values) and values[0] is not None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _rescaled(scale: float, offset: float) -> Part:
    return Part(Rescale(scale=scale, offset=offset), (0,))


def _divided(use: Use) -> Parts | None:
    number, first = _number(use.application)
    return [_rescaled(1 / number, 0.0)] if number and not first and len(use.shapes) == 1 else None


def _concatenated(use: Use) -> Parts | None:
    axis = _argument(use, "axis", len(use.shapes))
    if not isinstance(axis, int) or axis == 0:
        return None
    return [_join(Concat(axis=Concat.fields["axis"].type.bind(axis, len(use.shapes[0]) - 1)), use)]


def _reshaped(use: Use) -> Parts | None:
    shape = _argument(use, "newshape", 1, "shape")
    sizes = shape[1:] if isinstance(shape, list) and shape and shape[0] in BATCH else None
    if not sizes or not all(isinstance(size, int) for size in sizes) or sizes.count(-1) > 1:
        return None
    if -1 not in sizes and prod(sizes) != prod(use.shapes[0]):  # samples are put together or taken apart
        return None
    return [Part(Reshape(shape_=tuple(sizes)), (0,))]


def _permuted(use: Use) -> Parts | None:
    axes = _argument(use, "axes", 1, "perm")
    if not isinstance(axes, list) or axes[:1] != [0] or not all(isinstance(axis, int) for axis in axes):
        return None
    return [Part(Permute(dims=tuple(axes[1:])), (0,))]


def _pooled(cls: type[Layer]) -> Maker:
    """Take the mean or the maximum of all places, not of the channels."""

    def make(use: Use) -> Parts | None:
        axes = _argument(use, "axis", 1)
        kept = _argument(use, "keepdims", 2, "keep_dims")
        rank = len(use.shapes[0]) - 1
        if not isinstance(axes, list) or not rank or not all(isinstance(axis, int) for axis in axes):
            return None
        places = sorted(axis + rank + 2 if axis < 0 else axis for axis in axes)
        return [Part(cls(keepdims=kept is True), (0,))] if places == [*range(1, rank + 1)] else None

    return make


def _padded(use: Use) -> Parts | None:
    margins = margins_of(use)
    mode = _argument(use, "mode", 2) or "constant"
    if margins is None or mode not in MODES or _argument(use, "constant_values", 3) not in (None, 0):
        return None
    values: dict[str, Any] = {"margins": margins, "mode": MODES[mode]}
    return [Part(Pad(**values), (0,))]


def margins_of(use: Use) -> Pairs | None:
    """Return the rows that a padding function adds per side, None where it adds any to samples or channels."""
    width = _argument(use, "pad_width", 1, "paddings")
    pairs = width if isinstance(width, list) and all(isinstance(pair, list) for pair in width) else []
    if len(pairs) < 3 or pairs[0] != [0, 0] or pairs[-1] != [0, 0]:
        return None
    try:
        found: Pairs = Pad.fields["margins"].type.read(pairs[1:-1])
    except ValueError:
        return None
    return found


def never_wins(use: Use) -> bool:
    """Tell whether a record pads with minus infinity, as only what a maximum is taken of behind it makes sense."""
    name = function_name(use.record)
    return name == Pad.kind and str(_argument(use, "constant_values", 3)).lower() in NEVER


def _sliced(use: Use) -> Parts | None:
    layer = sliced(_argument(use, "key", 1), use.shapes[0])
    return [Part(layer, (0,))] if layer else None


def _halved(use: Use) -> Parts | None:
    return [Part(Glu(), (0,))] if _argument(use, "axis", 1) in (None, -1, len(use.shapes[0])) else None


def _activated(name: str) -> Maker:
    def make(use: Use) -> Parts | None:
        given = {**use.record.config, **use.application.keywords}
        said = {word: value for word, value in given.items() if _is_number(value)}
        if said.get("axis") in (-1, len(use.shapes[0])):  # that of the channels, as without it
            del said["axis"]
        if any(map(_is_number, use.application.values[1:])):
            return None
        try:
            layer = KINDS[name].from_keras(said, len(use.shapes[0]) - 1) if said else KINDS[name]()
            return [Part(layer, (0,))]
        except UnmodelledError:
            return None

    return make


@cache
def _functions() -> Mapping[str, Maker]:
    """Return what makes layers of every function that is known, by its name in small letters."""
    activations = {
        name: _activated(name)
        for name in FUNCTIONS
        if name in KINDS and not any(field.required for field in KINDS[name].fields.values())
    }
    return {
        **activations,
        **{cls.kind: _elementwise(cls) for cls in ELEMENTWISE},
        "divide": _divided,
        "true_divide": _divided,
        "truediv": _divided,
        "sub": _elementwise(Subtract),
        "mul": _elementwise(Multiply),
        Concat.kind: _concatenated,
        Concat.keras.class_name.lower(): _concatenated,
        Reshape.kind: _reshaped,
        _other_name(Permute): _permuted,
        "mean": _pooled(GlobalAvgPool),
        "max": _pooled(GlobalMaxPool),
        Pad.kind: _padded,
        Glu.kind: _halved,
        "get_item": _sliced,
    }


def _other_name(cls: type[Layer]) -> str:
    return next(name for name, kind in ALIASES.items() if kind == cls.kind)


def _scaled_sum(use: Use) -> Parts | None:
    """Return the layers of x + scale·y, the end of a block of Inception-ResNet-v2.

    keras/src/applications/inception_resnet_v2.py.
    """
    scale = use.record.config.get("scale")
    if len(use.shapes) != 2 or not isinstance(scale, int | float) or not isfinite(scale):
        return None
    return [Part(Rescale(scale=float(scale), offset=0.0), (1,)), Part(Add(), (0, 2))]


def _merged(use: Use) -> Parts | None:
    """Return the join that Keras 1 names by its mode."""
    mode = use.record.config.get("mode")
    if mode == Concat.kind:
        config = {"axis": use.record.config.get("concat_axis", -1)}
        return _concatenated(use._replace(record=use.record._replace(config=config)))
    cls = MERGES.get(mode) if isinstance(mode, str) else None
    return [_join(cls(), use)] if cls and len(use.shapes) > 1 else None


def _join(layer: Layer, use: Use) -> Part:
    return Part(layer, tuple(range(len(use.shapes))))


MERGES: Final[Mapping[str, type[Layer]]] = {"sum": Add, "mul": Multiply, "ave": Average, "max": Maximum}
COMPOSITIONS: Final[Mapping[str, Maker]] = {"CustomScaleLayer": _scaled_sum, "Merge": _merged}
