"""The vocabulary as text."""

from __future__ import annotations

from itertools import zip_longest
from textwrap import wrap

from cnnspec.analysis.measure import quantities_of
from cnnspec.analysis.quantities import QUANTITIES, SIZE, explained
from cnnspec.formula import Term
from cnnspec.formula import render as write
from cnnspec.ir.arguments import Arg
from cnnspec.ir.layer import ALIASES, KINDS, Layer, LayerError
from cnnspec.ir.shapes import AXIS_NAMES, Shape
from cnnspec.ir.torch_rule import LAZY, TorchRule
from cnnspec.ir.values import written
from cnnspec.text.width import WIDTH

WORDS_WIDTH = 25
SAMPLES: tuple[Shape, ...] = ((32, 32, 32), (32, 32), (32,), (32, 32, 3), (36, 36, 36))
"""Input shapes on which a kind's formulas are shown, the first that it takes."""


STRUCTURES = {
    "residual": "Add the output of a body to its input, or to that of a shortcut.",
    "gate": "Multiply the input by the output of a body (squeeze and excitation).",
    "seq": "Group items in a row.",
    "each": "Apply items at every step of a sequence, with the same parameters.",
    "share": "Apply an earlier layer, or a whole copy of a block, again with the same parameters.",
    "network": "Another network, bundled or from a file beside this one.",
}
"""Words of the language that stand for several layers."""


def render_list() -> str:
    """Return all kinds with their aliases and one sentence each, for 80 columns."""
    kinds = [", ".join([name, *aliases(name)]) for name in sorted(KINDS)]
    lines = [line for name in kinds for line in _entry(name, sentence(KINDS[name.partition(",")[0]]))]
    lines += ["", *(line for word, text in STRUCTURES.items() for line in _entry(word, text))]
    return "\n".join(lines) + "\n\n`cnnspec kinds KIND` shows one kind with its arguments and formulas.\n"


def aliases(name: str) -> list[str]:
    """Return the other words for a kind."""
    return [alias for alias, meant in ALIASES.items() if meant == name]


def _entry(words: str, text: str) -> list[str]:
    """Return words and what they mean beside each other."""
    parts = zip_longest(wrap(words, WORDS_WIDTH), wrap(text, WIDTH - WORDS_WIDTH - 2), fillvalue="")
    return [f"{left:<{WORDS_WIDTH}}  {right}".rstrip() for left, right in parts]


def render_kind(cls: type[Layer]) -> str:
    """Return one kind: arguments with types and defaults, formulas, and the Keras class."""
    lines = [*wrap(f"{cls.kind}: {sentence(cls)}", WIDTH), "", "Arguments"]
    arguments = (render_argument(name.rstrip("_"), field) for name, field in cls.fields.items())
    lines += [line for argument in arguments for line in argument] or ["  none"]
    lines += ["", "Formulas", *formula_lines(cls), "", "Keras"]
    lines += [f"  {name}" for name in _keras_names(cls)]
    if cls.torch:
        lines += ["", "PyTorch", *(f"  {line}" for rule in cls.torch.rules for line in _torch_names(rule))]
    return "\n".join(lines) + "\n"


def sentence(cls: type[Layer]) -> str:
    """Return the first sentence of a kind's description."""
    return (cls.__doc__ or "").split("\n", maxsplit=1)[0]


def render_argument(name: str, field: Arg) -> list[str]:
    """Return what an argument means, its default, and what it accepts, in lines for 80 columns."""
    default = "required" if field.required else f"default {default_of(field)}"
    symbol = f"; {field.symbol} in formulas" if field.symbol else ""
    others = [word for word in field.also if word != name]
    also = f"; also `{'`, `'.join(others)}`" if others else ""
    facts = f"{default}{symbol}{also}; {field.type.accepts}"
    indent = " " * 15
    said = wrap(f"  {name:<12} {field.doc}", WIDTH, subsequent_indent=indent)
    return [*said, *wrap(facts, WIDTH, initial_indent=indent, subsequent_indent=indent)]


def default_of(field: Arg) -> str:
    """Return the default of an argument as a spec would write it, or in words."""
    if callable(field.default):
        return "computed from the others"
    if field.default is None:
        return "none"
    return written(field.default) if isinstance(field.default, bool | float) else field.type.write(field.default)


def formula_lines(cls: type[Layer]) -> list[str]:
    """Return the shape and the numbers of a kind as formulas, each behind its name."""
    found = formulas(cls)
    if not found:
        return ["  the output depends on the arguments alone"]
    lines = []
    for word, term, reason in found:
        shown = f"{write(term)}{f': {reason}' if reason else ''}" if term else f"unknown: {reason}"
        lines += wrap(f"  {word:<14} {shown}", WIDTH, subsequent_indent=" " * 17, break_long_words=False)
    return lines


def formulas(cls: type[Layer]) -> list[tuple[str, Term | None, str]]:
    """Return what a kind computes: a quantity in words, its formula where it is known, and a reason where it has one.

    Nothing is returned where the output depends on the arguments alone.
    """
    found = _sample(cls)
    if found is None:
        return []
    layer, shape = found
    quantities = quantities_of(layer, (shape, shape) if cls.joins else (shape,))
    names = (*AXIS_NAMES.get(len(quantities.shape) - 1, ()), "channels" if len(quantities.shape) > 1 else "output")
    result: list[tuple[str, Term | None, str]] = [
        (name, size, "") for name, size in zip(names, quantities.shape, strict=False)
    ]
    for name, term in explained(quantities).items():
        if reason := layer.unknown().get(name):
            result.append((QUANTITIES[name].word, None, reason))
        elif name != SIZE.name:
            result.append((QUANTITIES[name].word, term, term.reason))
    return result


def _sample(cls: type[Layer]) -> tuple[Layer, Shape] | None:
    """Return a layer of a kind that can be measured, with the input shape."""
    for sample in SAMPLES:
        rank, shape = len(sample) - 1, (SAMPLES[0][0],) * cls.leads + sample
        if rank not in cls.ranks:
            continue
        values = {name: _example(field, rank) for name, field in cls.fields.items() if not callable(field.default)}
        try:
            layer = cls(**values)
            quantities_of(layer, (shape, shape) if cls.joins else (shape,))
        except LayerError:
            continue
        return layer, shape
    return None


def _example(field: Arg, rank: int) -> object:
    """Return the default of an argument, or a small value for a required one."""
    if not field.required:
        return field.default if field.default is None else field.type.bind(field.default, rank)
    for raw in (field.example, "3", "0.5"):
        try:
            return field.type.bind(field.type.read(raw), rank)
        except ValueError:
            continue
    return None


def _keras_names(cls: type[Layer]) -> list[str]:
    rule = cls.keras
    if not rule.class_name:
        try:
            text = ", ".join(keras_classes(cls)) if _sample(cls) else ""
        except LayerError as error:
            text = f"none: {error.message}"
        return wrap(text, WIDTH - 2, subsequent_indent="    ")
    pairs = ", ".join(f"{name}={field.rstrip('_')}" for name, field in rule.argument_names().items())
    fixed = ", ".join(f"{name}={value!r}" for name, value in rule.fixed.items())
    call = f"{', '.join(keras_classes(cls))}({', '.join(part for part in (pairs, fixed) if part)})"
    return wrap(call, WIDTH - 2, subsequent_indent="    ")


def keras_classes(cls: type[Layer]) -> list[str]:
    """Return the classes that a kind becomes in Keras; raise LayerError where Keras has none."""
    rule = cls.keras
    if not rule.class_name:
        layer, shape = _sample(cls) or (None, ())
        return [call.class_name for call in layer.keras_calls(shape)] if layer else []
    names = (rule.class_name.format(rank=rank) for rank in rule.ranks if rank or "{rank}" not in rule.class_name)
    return list(dict.fromkeys(names))


def torch_classes(rule: TorchRule) -> list[str]:
    """Return the classes of PyTorch that a rule describes."""
    return [name for name in rule.class_names() if not name.startswith(LAZY)]


def _torch_names(rule: TorchRule) -> list[str]:
    """Return PyTorch's class with its arguments, our fields behind those that hold one, and what differs there."""
    names = ", ".join(torch_classes(rule))
    pairs = [
        *(f"{name}={value!r}" for name, value in rule.fixed.items()),
        *(f"{name}={field.rstrip('_')}" if field else name for name, field in rule.described().items()),
    ]
    defaults = ", ".join(f"{field}={written(value)}" for field, value in rule.values.items())
    lines = [f"{names}({', '.join(pairs)})"]
    lines += [f"defaults: {defaults}"] if defaults else []
    lines += [rule.differs] if rule.differs else []
    return [part for line in lines for part in wrap(line, WIDTH - 2, subsequent_indent="    ")]
