"""A layer applied at every step of a sequence with the same parameters: Keras' TimeDistributed.

The layer of a kind at every step is of a class of its own, which builds on that of the kind and so is of the kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, ClassVar

from cnnspec.formula import Term, symbol
from cnnspec.ir.keras_rule import FUNCTIONS, Call
from cnnspec.ir.layer import SAME_PLACE, Layer, Reach
from cnnspec.ir.shapes import Shape, Tensor, tensor
from cnnspec.ir.torch_call import Order, TorchCall, expression
from cnnspec.ir.window import Window

WRAPPER = "TimeDistributed"


class PerStep(Layer):
    """What a layer computes for a sequence of T steps: the same at each, with the parameters of one."""

    plain: ClassVar[type[Layer]]

    def __init__(self, **values: Any) -> None:
        """Keep the layer of one step too, which knows its formulas."""
        super().__init__(**values)
        self.__dict__["one"] = self.plain(**{name: getattr(self, name) for name in self.fields})

    @property
    def _one(self) -> Layer:
        return self.__dict__["one"]  # type: ignore[no-any-return] # set in __init__

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """T, and the shape of one step."""
        return (_steps(x), *self._one.shape(_step(x)))

    def params(self, x: Tensor) -> Term:
        """Those of one step: all steps have the same."""
        return self._one.params(_step(x))

    def biases(self, x: Tensor) -> Term:
        """Those of one step."""
        return self._one.biases(_step(x))

    def non_trainable(self, x: Tensor) -> Term:
        """Those of one step."""
        return self._one.non_trainable(_step(x))

    def macs(self, x: Tensor, y: Tensor) -> Term:
        """T times those of one step."""
        return _times(x, self._one.macs(_step(x), _step(y, "′")))

    def extra_flops(self, x: Tensor, y: Tensor) -> Term:
        """T times those of one step."""
        return _times(x, self._one.extra_flops(_step(x), _step(y, "′")))

    def reach(self, x: Tensor) -> tuple[Reach, ...] | str | None:
        """A step sees itself alone."""
        found = self._one.reach(_step(x))
        return (SAME_PLACE, *found) if isinstance(found, tuple) else found

    def dropped(self, shape: Shape) -> tuple[int, ...]:
        """Nothing of the steps, and what one step drops."""
        found = self._one.dropped(shape[1:])
        return (0, *found) if found else ()

    def sliding(self, shape: Shape) -> Window | None:
        """The window over what one step is."""
        return self._one.sliding(shape[1:])

    def uncounted(self) -> str:
        """What is done per step."""
        return "it does not count what is repeated for every step of a sequence"

    def keras_calls(self, *shapes: Shape) -> tuple[Call, ...]:
        """Wrap every Keras layer; put the steps into the batch where Keras wraps nothing: functions, several inputs."""
        calls = self._one.keras_calls(*(shape[1:] for shape in shapes))
        wraps = self.keras.per_step and len(shapes) == 1
        if wraps and not any(call.is_function or call.reads for call in calls):
            return tuple(Call(WRAPPER, {"layer": call}, ("layer",), learns=call.learns) for call in calls)
        return tuple(_folded(self._one, calls, shapes))

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """Take all steps for samples, as often as there are inputs, and bring them back."""
        calls, count = self._one.torch_calls(*(shape[1:] for shape in shapes)), len(shapes)
        folds = (
            expression("{0}.flatten(0, 1)", Order.LAST, rank=len(shape) - 2, leaves=Order.LAST, reads=(place,))
            for place, shape in enumerate(shapes)
        )
        inner = []
        for place, call in enumerate(calls):
            first = tuple(range(count if self.joins else 1))
            reads = call.reads or ((count + place - 1,) if place else first)
            inner.append(call._replace(reads=tuple(read + count for read in reads)))
        behind = self._one.shape(tensor(shapes[0][1:], others=tuple(shape[1:] for shape in shapes[1:])))
        inner[-1] = inner[-1]._replace(rank=len(behind) - 1)
        back = expression("{0}.unflatten(0, (-1, {steps}))", Order.LAST, steps=shapes[0][0], leaves=Order.LAST)
        return *folds, *inner, back


def per_step(layer: Layer) -> Layer:
    """Return the layer that does the same at every step of a sequence."""
    values = {name: getattr(layer, name) for name in layer.fields}
    return _class_of(type(layer))(**values)  # type: ignore[arg-type] # classes are hashable, whatever their objects are


@cache
def _class_of(cls: type[Layer]) -> type[Layer]:
    facts = {"__doc__": cls.__doc__, "__module__": cls.__module__, "plain": cls, "step_axes": cls.step_axes + 1}
    kind = cls
    while issubclass(kind, PerStep):
        kind = kind.plain
    return type(cls.__name__, (PerStep, kind), facts)


def _steps(x: Tensor) -> Term:
    return symbol("T", x.dims[0].value, "steps")


def _step(x: Tensor, mark: str = "") -> Tensor:
    """Return what one step of a sequence is."""
    return tensor(x.shape[1:], mark, tuple(other.shape[1:] for other in x.others))


def _times(x: Tensor, each: Term) -> Term:
    return _steps(x) * each if each.value else each


def _folded(layer: Layer, calls: tuple[Call, ...], shapes: tuple[Shape, ...]) -> Iterator[Call]:
    """Yield Keras layers that take all steps for samples, as often as there are inputs, and bring them back."""
    count = len(shapes)
    for place, shape in enumerate(shapes):
        yield _reshaped((-1, *shape[1:]), place)
    alone = not any(call.learns for call in calls)
    for place, call in enumerate(calls):
        first = tuple(range(count if layer.joins else 1))
        reads = call.reads or ((count + place - 1,) if place else first)
        learns = call.learns or (alone and place == len(calls) - 1 and not call.is_function)
        yield call._replace(reads=tuple(read + count for read in reads), learns=learns)
    behind = layer.shape(tensor(shapes[0][1:], others=tuple(shape[1:] for shape in shapes[1:])))
    steps = shapes[0][0]
    yield _reshaped((-1, steps, *(dim.value for dim in behind)), 2 * count + len(calls) - 1)
    yield Call("Identity")  # a layer: a function could not be the same one where the node is shared


def _reshaped(shape: Shape, reads: int) -> Call:
    return Call(f"{FUNCTIONS}reshape", {"newshape": shape}, ("newshape",), reads=(reads,))
