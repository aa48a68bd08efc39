"""A graph while it is read: which tensor of the file is which tensor of the draft, or which numbers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from math import prod
from typing import TYPE_CHECKING, Any

from cnnspec.errors import shorten
from cnnspec.importing.draft import STEP
from cnnspec.importing.graphs.steps import (
    Bordered,
    Gauss,
    Grouped,
    Held,
    Known,
    Step,
    UnmodelledStepError,
    Value,
    channels_first,
)
from cnnspec.ir.layer import Layer
from cnnspec.ir.shapes import Shape, show
from cnnspec.layers.rearrangement import Permute, Reshape

if TYPE_CHECKING:
    from cnnspec.importing.draft import Draft


class Flow:
    """The tensors of a graph so far, by their names in the file.

    `batch` is the size of the batch in the file; `shares` says that weights with one name are those of one layer.
    """

    def __init__(self, draft: Draft, *, shares: bool) -> None:
        """Start without tensors."""
        self.draft = draft
        self.batch = 1
        self.shares = shares
        self.values: dict[str, Value] = {}
        self.stated: dict[str, Shape] = {}
        self.uses: Counter[str] = Counter()
        self.made: dict[str, tuple[Layer, tuple[str, ...], Step]] = {}
        self.weights: dict[str, Known] = {}
        self.joined: dict[tuple[int, tuple[Held, ...]], Held] = {}
        self.lengths: defaultdict[tuple[int, Held], list[int]] = defaultdict(list)
        """How many tensors were joined along an axis, by the first of them, in order."""
        self._first: dict[str, str] = {}
        self._number = 0

    def value(self, name: str) -> Value:
        """Return what a tensor is; raise UnmodelledStepError where nothing makes it."""
        if name not in self.values:
            raise UnmodelledStepError(f"it reads `{shorten(name)}`, which nothing before it makes")
        return self.values[name]

    def reads(self, step: Step) -> list[Value]:
        """Return what the tensors are that a step reads, without those that are left out."""
        return [self.value(name) for name in step.reads if name]

    def held(self, value: Value) -> Held:
        """Return a tensor of the draft; raise UnmodelledStepError for numbers of the file and unfinished patterns."""
        if isinstance(value, Grouped):
            return self.settled(value)
        if isinstance(value, Gauss):
            raise UnmodelledStepError("the error function is known as a part of a gelu only")
        if isinstance(value, Bordered):
            raise UnmodelledStepError("rows of −∞ around are known in front of a max-pooling only")
        if not isinstance(value, Held):
            raise UnmodelledStepError("it reads numbers where a layer is expected")
        return value

    def settled(self, value: Grouped) -> Held:
        """Return a tensor whose channels are groups as one that has an axis more."""
        ours = self.ours(value.base)
        sizes = (*ours[:-1], value.groups, ours[-1] // value.groups)
        count = len(sizes)
        axes = (count - 2, count - 1, *range(count - 2))
        if value.exchanged:
            axes = (axes[1], axes[0], *axes[2:])
        step = self.made[value.base.tensor][2] if value.base.tensor in self.made else Step("", "", "grouped", (), ())
        return Held(self.layer(step, Reshape(shape_=sizes), [value.base]).tensor, axes)

    def ours(self, held: Held) -> Shape:
        """Return the shape of a tensor in the draft."""
        shape = self.draft.shape(held.tensor)
        if shape is None:
            raise LostError
        return shape

    def sizes(self, value: Value) -> Shape:
        """Return the sizes of a tensor as the file has them, without the batch; of numbers, all of them."""
        if isinstance(value, Known):
            return value.shape
        if isinstance(value, Grouped):
            ours = self.ours(value.base)
            pair = (value.groups, ours[-1] // value.groups)
            return (*(pair[::-1] if value.exchanged else pair), *ours[:-1])
        held = self.held(value)
        ours = self.ours(held)
        return tuple(ours[axis] for axis in held.axes)

    def axis(self, held: Held, axis: int) -> int:
        """Return the axis of the draft, counted from 0, of an axis of the file, counted with the batch or from behind.

        Raise UnmodelledStepError for the batch.
        """
        count = len(held.axes)
        place = axis + count + 1 if axis < 0 else axis
        if not 1 <= place <= count:
            what = "the batch" if place == 0 else f"an axis {axis}, which is not there"
            raise UnmodelledStepError(f"it works along {what}")
        return held.axes[place - 1]

    def spoken(self, held: Held, axis: int) -> int:
        """Return an axis of the file as a spec counts: from 1 behind the batch, -1 for the last."""
        place = self.axis(held, axis)
        return -1 if place == len(held.axes) - 1 else place + 1

    def layer(
        self,
        step: Step,
        layer: Layer,
        reads: Sequence[Held],
        axes: tuple[int, ...] | None = None,
        *,
        weights: Known | None = None,
        output: int = 0,
        replaces: str = "",
    ) -> Held:
        """Add a layer; return what it makes, whose axes are those of its first input unless given.

        A layer that stands in the place of an earlier one, which has turned out to be a part of it, `replaces` that.
        """
        self._number += 1
        tensor = f"{self._number}"
        shared = ""
        if weights:
            self.weights[tensor] = weights
        if weights and weights.name:
            self.uses[weights.name] += not replaces
            if self._first.get(weights.name) == replaces:
                self._first[weights.name] = tensor
            shared = self._first.setdefault(weights.name, tensor) if self.shares else ""
        names = [held.tensor for held in reads]
        name = f"{step.name}_{output}" if output else step.name
        self.draft.layer(tensor, layer, names, name=name, path=step.path, shared=shared * (shared != tensor))
        self.made[tensor] = (layer, tuple(names), step)
        shape = self.draft.shape(tensor)
        if shape is None:
            raise LostError
        kept = axes if axes is not None else reads[0].axes
        return Held(tensor, kept if len(kept) == len(shape) else channels_first(len(shape)))

    def build(self, cls: type[Layer], rank: int, **values: Any) -> Layer:
        """Return a layer with values as files have them; raise UnmodelledStepError for those that it does not take."""
        found: dict[str, Any] = {}
        for name, field in cls.fields.items():
            if name not in values:
                value = field.default_for(found)
            else:
                value = values[name]
                try:
                    value = None if value is None and field.default is None else field.type.read(_raw(value))
                except (ValueError, TypeError, OverflowError):
                    raise UnmodelledStepError(
                        f"`{name}` would be `{shorten(values[name])}`: it must be {field.type.accepts}"
                    ) from None
            try:
                found[name] = value if value is None else field.type.bind(value, rank)
            except ValueError:
                raise UnmodelledStepError(f"`{name}` is `{shorten(value)}`, which does not fit its input") from None
        return cls(**found)

    def ordered(self, value: Value, axes: tuple[int, ...]) -> Held:
        """Return a tensor whose axes are these in the draft, moved there if they are not."""
        held = self.held(value)
        if held.axes == axes or len(held.axes) != len(axes):
            return held
        dims = [0] * len(axes)
        for there, here in zip(axes, held.axes, strict=True):
            dims[there] = here + 1
        step = self.made[held.tensor][2] if held.tensor in self.made else Step("", "", "permuted", (), ())
        step = step._replace(name=f"{step.name}_permuted")
        return Held(self.layer(step, Permute(dims=tuple(dims)), [held]).tensor, axes)

    def image(self, value: Value) -> Held:
        """Return a tensor whose channels stand behind the batch in the file, as convolutions want it."""
        held = self.held(value)
        return self.ordered(held, channels_first(len(held.axes)))

    def rows(self, value: Value) -> Held:
        """Return a tensor whose channels stand last in the file too, as dense layers want it."""
        held = self.held(value)
        count = len(held.axes)
        return held if held.axes[-1] == count - 1 else self.ordered(held, tuple(range(count)))

    def alike(self, values: Iterable[Value]) -> list[Held]:
        """Return tensors with their axes in one order."""
        held = [self.held(value) for value in values]
        return [self.ordered(each, held[0].axes) for each in held]

    def check(self, step: Step) -> None:
        """Report an output that has another shape here than the file says."""
        for name in step.outputs:
            said, value = self.stated.get(name), self.values.get(name)
            if not said or not isinstance(value, Held):
                continue
            found = self.sizes(value)
            if said != found:
                what = f"the file says that it makes {show(said)}, its arguments give {show(found)}"
                self.draft.refuse("E606", f"layer `{shorten(step.path, 80)}`: {what}")

    def lost(self, step: Step, what: str) -> None:
        """Refuse a step, or make an opaque layer of it with the shape that the file states."""
        held = []
        for name in step.reads:
            value = self.values.get(name)
            if isinstance(value, Held | Grouped):
                held.append(self.held(value))
        reads = [each.tensor for each in held]
        self._number += 1
        tensor = f"{self._number}"
        said = self.stated.get(step.outputs[0]) if step.outputs else None
        shape = (*said[1:], said[0]) if said else None
        if said == () and held:  # one number, which fits beside whatever it is made of
            shape = (1,) * len(held[0].axes)
        if reads or not self.draft.partial:
            params = self._weights(step)
            self.draft.unknown(tensor, reads, what, name=step.name, path=step.path, shape=shape, params=params)
        else:
            self.refuse(step, what)
        self.values |= dict.fromkeys(step.outputs)
        made = self.draft.shape(tensor)
        if made is not None and step.outputs:
            axes = channels_first(len(made)) if said or not held else held[0].axes
            self.values[step.outputs[0]] = Held(tensor, axes)

    def refuse(self, step: Step, what: str) -> None:
        """Refuse a step that cannot be opaque here, as no layer makes what it reads."""
        told = "`--partial` makes opaque items of what reads a layer's output, which this does not: write it by hand"
        self.draft.unknown("", [], what, path=step.path, step=told if self.draft.partial else STEP)

    def _weights(self, step: Step) -> int | None:
        """Return how many numbers with a name an unknown step reads, None where there are none."""
        values = [self.values.get(name) for name in step.reads]
        return sum(prod(value.shape) for value in values if isinstance(value, Known) and value.name) or None


class LostError(Exception):
    """A step reads what could not be made: that is reported already."""


def _raw(value: Any) -> Any:
    """Return a value in the form in which arguments are read."""
    return [_raw(part) for part in value] if isinstance(value, tuple | list) else value
