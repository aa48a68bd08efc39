"""Steps that compute element by element: sums and products of tensors, of tensors and numbers, of numbers."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from math import isfinite, prod, sqrt
from typing import Final

from cnnspec.importing.graphs.flow import Flow
from cnnspec.importing.graphs.steps import (
    Gauss,
    Held,
    Known,
    Step,
    UnmodelledStepError,
    Value,
    is_near,
)
from cnnspec.ir.layer import KINDS, Layer
from cnnspec.ir.shapes import show
from cnnspec.layers._learned import Learned
from cnnspec.layers._operations import GATED, GAUSSIAN
from cnnspec.layers.dwconv import DepthwiseConv
from cnnspec.layers.joins import Add, Elementwise, Multiply, Subtract
from cnnspec.layers.scaling import LayerScale, Rescale

Number = int | float
FEW: Final = 4
"""The most channels whose factors are written as numbers; more are learned."""
ERF, ERF_PLUS_1, TWICE, HALF_SUM = "erf", "erf + 1", "x·(erf + 1)", "(erf + 1)/2"
OPERATORS: Final[Mapping[type[Layer], Callable[[Number, Number], Number]]] = {
    Add: operator.add,
    Subtract: operator.sub,
    Multiply: operator.mul,
}


def combined(flow: Flow, step: Step, cls: type[Elementwise], values: Sequence[Value]) -> Value:
    """Return a sum, a product or the like of tensors or numbers."""
    if not values:
        raise UnmodelledStepError("it reads nothing")
    known = [value for value in values if isinstance(value, Known)]
    if len(known) == len(values):
        return computed(known, OPERATORS.get(cls))
    if len(values) == 1:
        return values[0]
    if any(isinstance(value, Gauss) for value in values):
        return _gaussian(flow, step, cls, values)
    return _with_numbers(flow, step, cls, values) if known else _joined(flow, step, cls, flow.alike(values))


def _joined(flow: Flow, step: Step, cls: type[Elementwise], held: list[Held]) -> Held:
    """Return a sum, a product or the like of tensors that layers make."""
    if cls is Multiply and (gated := _gated(flow, step, held)):
        return gated
    if held[0] == held[1] and cls is Add and len(held) == 2:
        return flow.layer(step, Rescale(scale=2.0, offset=0.0), held[:1])
    return flow.layer(step, flow.build(cls, 0), held)


def _gated(flow: Flow, step: Step, held: Sequence[Held]) -> Held | None:
    """Return x·sigmoid(x) as the function that it is, None where a product is none."""
    for one, other in (held, held[::-1]) if len(held) == 2 else ():
        made = flow.made.get(other.tensor)
        if made and made[1] == (one.tensor,) and made[0].kind in GATED:
            return flow.layer(step, KINDS[GATED[made[0].kind]](), [one])
    return None


def _with_numbers(flow: Flow, step: Step, cls: type[Elementwise], values: Sequence[Value]) -> Value:
    """Return a tensor to which numbers are added, or by which it is multiplied."""
    if len(values) != 2:
        raise UnmodelledStepError("it reads several tensors and numbers")
    known = next(value for value in values if isinstance(value, Known))
    turned = values[0] is known
    held = flow.held(values[1 if turned else 0])
    if prod(known.shape) == 1 and known.values:
        return _with_number(flow, step, cls, held, float(known.values[0]), turned=turned)
    held = _along_channels(flow, held, known)
    if known.values and len(known.values) <= FEW and cls in OPERATORS and not (turned and cls is Subtract):
        numbers = [float(value) for value in known.values]
        if cls is Multiply:
            return flow.layer(step, flow.build(Rescale, 0, scale=numbers), [held])
        sign = -1 if cls is Subtract else 1
        if (biased := _biased(flow, held)) is None:
            return flow.layer(step, flow.build(Rescale, 0, scale=1, offset=[sign * n for n in numbers]), [held])
        return biased
    if cls is Multiply:
        return flow.layer(step, flow.build(LayerScale, 0), [held], weights=known)
    biased = _biased(flow, held) if cls is Add else None
    if biased is None:
        raise UnmodelledStepError(f"it combines a tensor with numbers of the shape {show(known.shape)}")
    return biased


def _with_number(flow: Flow, step: Step, cls: type[Elementwise], held: Held, number: float, *, turned: bool) -> Held:
    """Return a tensor to which one number is added, or by which it is multiplied."""
    if not isfinite(number) or cls not in OPERATORS:
        raise UnmodelledStepError(f"it combines a tensor with the number {number}")
    if cls is Multiply:
        scale, offset = number, 0.0
    elif cls is Add:
        scale, offset = 1.0, number
    else:
        scale, offset = (-1.0, number) if turned else (1.0, -number)
    return flow.layer(step, Rescale(scale=scale, offset=offset), [held])


def _along_channels(flow: Flow, held: Held, known: Known) -> Held:
    """Return the tensor with the axis last along which numbers differ; raise UnmodelledStepError for several axes."""
    sizes = (flow.batch, *flow.sizes(held))
    wide = [at - len(known.shape) for at, size in enumerate(known.shape) if size > 1]
    if len(wide) != 1 or -wide[0] > len(sizes) - 1 or sizes[wide[0]] != known.shape[wide[0]]:
        raise UnmodelledStepError(
            f"it combines {show(sizes)}, with the batch, and numbers of the shape {show(known.shape)}"
        )
    count = len(held.axes)
    if flow.axis(held, wide[0]) == count - 1:
        return held
    place = wide[0] + count
    rest = iter(range(count - 1))
    return flow.ordered(held, tuple(count - 1 if at == place else next(rest) for at in range(count)))


def _biased(flow: Flow, held: Held) -> Held | None:
    """Return what a layer without biases makes with them, None where no layer learns biases here."""
    layer, reads, step = flow.made.get(held.tensor, (None, (), None))
    if step is None or layer is None:
        return None
    rank = len(held.axes) - 1
    if isinstance(layer, LayerScale) and rank in DepthwiseConv.ranks:
        layer = flow.build(DepthwiseConv, rank, kernel=[1] * rank)
    elif isinstance(layer, Learned) and not layer.bias and not layer.applied and len(reads) == 1:
        own = {name: value for name, value in vars(layer).items() if name in layer.fields}
        layer = type(layer)(**{**own, "bias": True})
    else:
        return None
    weights = flow.weights.get(held.tensor)
    return flow.layer(step, layer, [Held(reads[0], held.axes)], held.axes, weights=weights, replaces=held.tensor)


def divided(flow: Flow, step: Step, values: Sequence[Value]) -> Value:
    """Return a tensor divided by a number."""
    one, other = values if len(values) == 2 else (None, None)
    if isinstance(one, Known) and isinstance(other, Known):
        return computed([one, other], _quotient)
    if isinstance(other, Known) and other.values and len(other.values) == 1 and other.values[0]:
        inverse = Known(other.shape, (1 / other.values[0],))
        return combined(flow, step, Multiply, [one, inverse])
    raise UnmodelledStepError("it divides by a tensor, or by numbers that are not one")


def _quotient(one: Number, other: Number) -> Number:
    if not other:
        raise UnmodelledStepError("it divides by 0")
    return one // other if isinstance(one, int) and isinstance(other, int) else one / other


def error_function(flow: Flow, x: Value) -> Gauss:
    """Return erf(x/√2) of a tensor that has been divided by √2."""
    held = flow.held(x)
    base, factor = _scaled(flow, held)
    if not is_near(factor, 1 / sqrt(2)):
        raise UnmodelledStepError("the error function is known as a part of a gelu only")
    return Gauss(base, ERF)


def _gaussian(flow: Flow, step: Step, cls: type[Elementwise], values: Sequence[Value]) -> Value:
    """Return the next part of x·(1 + erf(x/√2))/2, or the gelu when it is whole."""
    part = next(value for value in values if isinstance(value, Gauss))
    (other,) = (value for value in values if value is not part)
    number = other.values[0] if isinstance(other, Known) and other.values and len(other.values) == 1 else None
    if cls is Add and part.form == ERF and number == 1:
        return part._replace(form=ERF_PLUS_1)
    if cls is Multiply and number is not None and is_near(number, 0.5):
        if part.form == TWICE:
            return _gelu(flow, step, part)
        if part.form == ERF_PLUS_1:
            return part._replace(form=HALF_SUM)
    if cls is Multiply and isinstance(other, Held):
        if other == part.base and part.form == ERF_PLUS_1:
            return part._replace(form=TWICE)
        if other == part.base and part.form == HALF_SUM:
            return _gelu(flow, step, part)
        base, factor = _scaled(flow, other)
        if base == part.base and is_near(factor, 0.5) and part.form == ERF_PLUS_1:
            return _gelu(flow, step, part)
    raise UnmodelledStepError("the error function is known as a part of a gelu only")


def _gelu(flow: Flow, step: Step, part: Gauss) -> Held:
    return flow.layer(step, KINDS[GAUSSIAN](), [part.base])


def _scaled(flow: Flow, held: Held) -> tuple[Held, float]:
    """Return the tensor that has been multiplied by a number, and the number."""
    layer, reads, _ = flow.made.get(held.tensor, (None, (), None))
    if isinstance(layer, Rescale) and not layer.offset and isinstance(layer.scale, float):
        return Held(reads[0], held.axes), layer.scale
    return held, 1.0


def computed(values: Sequence[Known], compute: Callable[[Number, Number], Number] | None) -> Known:
    """Return the numbers that numbers give, their shape alone where there are many."""
    first, *others = values
    for other in others:
        shape = first.shape if len(first.shape) >= len(other.shape) else other.shape
        if prod(shape) < max(prod(first.shape), prod(other.shape)):
            raise UnmodelledStepError(f"numbers of the shapes {show(first.shape)} and {show(other.shape)} do not fit")
        found = None
        if compute and first.values and other.values and 1 in (len(first.values), len(other.values)):
            found = tuple(compute(one, two) for one in first.values for two in other.values)
        elif compute and first.values and other.values and len(first.values) == len(other.values):
            found = tuple(map(compute, first.values, other.values))
        first = Known(shape, found)
    return first
