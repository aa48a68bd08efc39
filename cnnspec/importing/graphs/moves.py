"""Steps that move elements: axes in another order, together or apart, joined or cut."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from math import prod
from typing import Final

from cnnspec.importing.graphs.flow import Flow
from cnnspec.importing.graphs.steps import Grouped, Held, Known, Step, UnmodelledStepError, Value, channels_first
from cnnspec.ir.layer import Layer
from cnnspec.ir.shapes import Shape, show
from cnnspec.layers.channel_order import ChannelShuffle
from cnnspec.layers.joins import Concat
from cnnspec.layers.margins import Pad
from cnnspec.layers.rearrangement import Flatten, Reshape
from cnnspec.layers.slicing import Slice, Split

MOST_TRIED: Final = 8
"""How many earlier joins are tried as the beginning of one: that of a DenseNet is the longest."""
ORDER: Final = "order of channels"
"""What is lost where channels are numbered in another order than TensorFlow's."""
MODES = {"constant": "zeros", "reflect": "reflect", "edge": "replicate", "replicate": "replicate"}


def reshaped(flow: Flow, step: Step, x: Value, sizes: Sequence[int]) -> Value:
    """Return a tensor with other sizes, which include the batch; one may be -1."""
    if isinstance(x, Known):
        return _of_numbers(x, sizes)
    now = flow.sizes(x)
    wanted = _completed(sizes, flow.batch * prod(now))
    if wanted[:1] != (flow.batch,) or prod(wanted[1:]) != prod(now):
        raise UnmodelledStepError(f"it makes {show(wanted)} of {show((flow.batch, *now))}")
    wanted = wanted[1:]
    if not wanted:
        raise UnmodelledStepError("nothing is left but the batch")
    if wanted == now:
        return x
    if isinstance(x, Grouped) and wanted == (now[0] * now[1], *now[2:]):
        shuffle = flow.build(ChannelShuffle, 0, groups=x.groups)
        return flow.layer(step, shuffle, [x.base]) if x.exchanged else x.base
    held = flow.held(x)
    if len(wanted) == 1:
        return flow.layer(step, Flatten(), [held], (0,))
    return _relabelled(held, now, wanted) or _grouped(held, now, wanted) or _regrouped(flow, step, held, wanted)


def _grouped(held: Held, now: Shape, wanted: Shape) -> Grouped | None:
    """Return a tensor whose channels are taken apart, None where something else is done."""
    is_image = held.axes == channels_first(len(now)) and len(now) > 1
    return Grouped(held, wanted[0]) if is_image and len(wanted) == len(now) + 1 and wanted[2:] == now[1:] else None


def _relabelled(held: Held, now: Shape, wanted: Shape) -> Held | None:
    """Return a tensor of which only axes of size 1 stand elsewhere, which moves no element; None for any other."""
    if len(wanted) != len(now) or [size for size in wanted if size > 1] != [size for size in now if size > 1]:
        return None
    wide = iter([axis for axis, size in zip(held.axes, now, strict=True) if size > 1])
    single = iter([axis for axis, size in zip(held.axes, now, strict=True) if size == 1])
    return Held(held.tensor, tuple(next(wide if size > 1 else single) for size in wanted))


def _completed(sizes: Sequence[int], total: int) -> Shape:
    known = prod(size for size in sizes if size != -1)
    if sizes.count(-1) > 1 or any(size < -1 or size == 0 for size in sizes) or (-1 in sizes and total % known):
        raise UnmodelledStepError(f"the sizes {tuple(sizes)} do not fit {total:,} elements")
    return tuple(total // known if size == -1 else size for size in sizes)


def _of_numbers(x: Known, sizes: Sequence[int]) -> Known:
    wanted = _completed(sizes, prod(x.shape))
    if prod(wanted) != prod(x.shape):
        raise UnmodelledStepError(f"numbers of the shape {show(x.shape)} cannot have {show(wanted)}")
    return x._replace(shape=wanted)


def _regrouped(flow: Flow, step: Step, held: Held, wanted: Shape) -> Held:
    """Return a tensor in which axes of the file are put together, or taken apart, in their order."""
    now = flow.sizes(held)
    if len(now) == 1:
        axes = channels_first(len(wanted))
        return flow.layer(step, flow.build(Reshape, 0, shape_=[*wanted[1:], wanted[0]]), [held], axes)
    groups = list(_groups(now, wanted))
    parts = [(held.axes[start:end], wanted[first:last]) for start, end, first, last in groups]
    if any(list(axes) != sorted(axes) or max(axes) - min(axes) >= len(axes) for axes, _ in parts if axes):
        held = flow.ordered(held, tuple(range(len(now))))
        parts = [(held.axes[start:end], wanted[first:last]) for start, end, first, last in groups]
    behind: dict[int, int] = {}
    sizes: list[int] = []
    order = sorted(range(len(parts)), key=lambda at: (min(parts[at][0], default=-1), at))
    for at in order:
        behind[at] = len(sizes)
        sizes += parts[at][1]
    new = tuple(behind[at] + place for at, (_, own) in enumerate(parts) for place in range(len(own)))
    return flow.layer(step, flow.build(Reshape, 0, shape_=sizes), [held], new)


def _groups(now: Shape, wanted: Shape) -> Iterator[tuple[int, int, int, int]]:
    """Yield the smallest stretches of axes that have as many elements before and behind."""
    start = first = 0
    while start < len(now) or first < len(wanted):
        end, last = min(start + 1, len(now)), min(first + 1, len(wanted))
        before, behind = prod(now[start:end]), prod(wanted[first:last])
        while before != behind:  # what is left of both has as many elements: neither ends before they are alike
            if before < behind:
                before, end = before * now[end], end + 1
            else:
                behind, last = behind * wanted[last], last + 1
        if end == len(now):
            last = len(wanted)
        elif last == len(wanted):
            end = len(now)
        yield start, end, first, last
        start, first = end, last


def flattened(flow: Flow, step: Step, x: Value, start: int, end: int = -1) -> Value:
    """Return a tensor in which axes of the file become one."""
    now = (flow.batch, *flow.sizes(x)) if not isinstance(x, Known) else x.shape
    start, end = (axis + len(now) if axis < 0 else axis for axis in (start, end))
    if not isinstance(x, Known) and start == 0:
        raise UnmodelledStepError("it makes the batch a part of the elements")
    if not 0 <= start <= end < len(now):
        raise UnmodelledStepError(f"there are no axes {start} to {end}")
    return reshaped(flow, step, x, [*now[:start], prod(now[start : end + 1]), *now[end + 1 :]])


def squeezed(flow: Flow, step: Step, x: Value, axes: Sequence[int] | None) -> Value:
    """Return a tensor without axes of size 1."""
    now = flow.sizes(x) if isinstance(x, Known) else (flow.batch, *flow.sizes(x))
    places = {axis + len(now) if axis < 0 else axis for axis in axes} if axes is not None else None
    gone = {at for at, size in enumerate(now) if size == 1 and (at in places if places is not None else at > 0)}
    kept = [size for at, size in enumerate(now) if at not in gone]
    return reshaped(flow, step, x, kept) if gone else x


def unsqueezed(flow: Flow, step: Step, x: Value, axes: Sequence[int]) -> Value:
    """Return a tensor with further axes of size 1."""
    now = list(flow.sizes(x) if isinstance(x, Known) else (flow.batch, *flow.sizes(x)))
    count = len(now) + len(axes)
    for axis in sorted(axis + count if axis < 0 else axis for axis in axes):
        if not 0 <= axis <= len(now):
            raise UnmodelledStepError(f"there is no axis {axis}")
        now.insert(axis, 1)
    return reshaped(flow, step, x, now)


def permuted(flow: Flow, x: Value, order: Sequence[int]) -> Value:
    """Return a tensor whose axes are in another order; nothing moves before a layer wants it."""
    count = len(flow.sizes(x)) + (not isinstance(x, Known))
    order = [axis + count if axis < 0 else axis for axis in order]
    if sorted(order) != list(range(count)):
        raise UnmodelledStepError(f"{tuple(order)} is no order of {count} axes")
    if isinstance(x, Known):
        return Known(tuple(x.shape[axis] for axis in order), None, x.name)
    if order[0]:
        raise UnmodelledStepError("it moves the batch")
    if isinstance(x, Grouped):
        if order == [0, 2, 1, *range(3, count)]:
            return x._replace(exchanged=not x.exchanged)
        x = flow.settled(x)
    held = flow.held(x)
    return Held(held.tensor, tuple(held.axes[axis - 1] for axis in order[1:]))


def exchanged(flow: Flow, x: Value, one: int, other: int) -> Value:
    """Return a tensor with two axes exchanged."""
    count = len(flow.sizes(x)) + (not isinstance(x, Known))
    order = list(range(count))
    try:
        order[one], order[other] = order[other], order[one]
    except IndexError:
        raise UnmodelledStepError(f"there are no axes {one} and {other}") from None
    return permuted(flow, x, order)


def moved(flow: Flow, x: Value, places: Sequence[int], behind: Sequence[int]) -> Value:
    """Return a tensor with axes at other places, and all others in their order."""
    count = len(flow.sizes(x)) + (not isinstance(x, Known))
    places, behind = ([axis + count if axis < 0 else axis for axis in axes] for axes in (places, behind))
    order = [axis for axis in range(count) if axis not in places]
    for place, axis in sorted(zip(behind, places, strict=False)):
        order.insert(place, axis)
    return permuted(flow, x, order)


def concatenated(flow: Flow, step: Step, values: Sequence[Value], axis: int) -> Value:
    """Return tensors behind each other along an axis of the file."""
    if not values:
        raise UnmodelledStepError("it reads nothing")
    if len(values) == 1:
        return values[0]
    given = flow.alike(values)
    held = _shortest(flow, given, axis)
    made = flow.layer(step, flow.build(Concat, len(held[0].axes) - 1, axis=flow.spoken(held[0], axis)), held)
    flow.joined[axis, tuple(given)] = made
    lengths = flow.lengths[axis, given[0]]
    if len(given) not in lengths[-MOST_TRIED:]:
        insort(lengths, len(given))
    return made


def numbers_joined(known: Sequence[Known], axis: int) -> Known:
    """Return numbers of the file behind each other along an axis."""
    first, *others = shapes = [value.shape or (1,) for value in known]
    at = axis + len(first) if axis < 0 else axis
    if any((*shape[:at], *shape[at + 1 :]) != (*first[:at], *first[at + 1 :]) for shape in others) or at >= len(first):
        raise UnmodelledStepError(
            f"it joins numbers of the shapes {', '.join(map(show, shapes))} along the axis {axis}"
        )
    parts = [value.values for value in known if value.values is not None]
    numbers = tuple(chain.from_iterable(parts)) if at == 0 and len(parts) == len(known) else None
    return Known((*first[:at], sum(shape[at] for shape in shapes), *first[at + 1 :]), numbers)


def _shortest(flow: Flow, held: list[Held], axis: int) -> list[Held]:
    """Return tensors to join, the first of which are one where they have been joined before, as in DenseNets."""
    fitting = (count for count in reversed(flow.lengths[axis, held[0]]) if 1 < count < len(held))
    for count in islice(fitting, MOST_TRIED):
        joined = flow.joined.get((axis, tuple(held[:count])))
        if joined:
            return [joined, *held[count:]]
    return held


def cut(flow: Flow, step: Step, x: Value, axis: int, start: int, stop: int | None, output: int = 0) -> Held:
    """Return a part of a tensor along an axis of the file; places count from behind where they are negative."""
    held = flow.held(x)
    size = flow.ours(held)[flow.axis(held, axis)]
    first = max(start + size, 0) if start < 0 else start
    last = size if stop is None else max(stop + size, 0) if stop < 0 else min(stop, size)
    if (first, last) == (0, size):
        return held
    spoken = flow.spoken(held, axis)
    layer = flow.build(Slice, len(held.axes) - 1, axis=spoken, start=first, stop=None if last == size else last)
    return flow.layer(step, layer, [held], output=output)


def split(flow: Flow, step: Step, x: Value, axis: int, sizes: Sequence[int]) -> list[Value]:
    """Return the parts of a tensor along an axis of the file; parts of one size are `split`, others are cut."""
    held = flow.held(x)
    whole = flow.ours(held)[flow.axis(held, axis)]
    if sum(sizes) != whole or min(sizes, default=0) < 1:
        raise UnmodelledStepError(f"parts of {tuple(sizes)} are not {whole:,} elements")
    if len({*sizes}) == 1:
        spoken = flow.spoken(held, axis)
        layers = (
            flow.build(Split, len(held.axes) - 1, axis=spoken, parts=len(sizes), index=at) for at in range(len(sizes))
        )
        return [flow.layer(step, layer, [held], output=at) for at, layer in enumerate(layers)]
    ends = [sum(sizes[: at + 1]) for at in range(len(sizes))]
    return [
        cut(flow, step, held, axis, end - size, end, at) for at, (size, end) in enumerate(zip(sizes, ends, strict=True))
    ]


def chunks(whole: int, size: int) -> list[int]:
    """Return the sizes of the parts of a whole, all but the last of one size."""
    if size < 1 or whole // size > 4096:
        raise UnmodelledStepError(f"parts of {size} elements are no parts of {whole:,}")
    return [size] * (whole // size) + [whole % size] * (whole % size > 0)


def blocks(flow: Flow, step: Step, cls: type[Layer], x: Value, block: int, *, channels_outside: bool) -> Held:
    """Return a tensor whose channels have become pixels, or the other way.

    `channels_outside` says that the pixels of a block are counted within each channel, as in PyTorch, and not around
    all of them, as in TensorFlow: these are the same for one channel alone.
    """
    held = flow.image(x)
    made = flow.layer(step, flow.build(cls, 2, block=block), [held])
    if channels_outside and min(flow.ours(held)[-1], flow.ours(made)[-1]) > 1:
        flow.draft.lose(ORDER)
    return made


def padded(flow: Flow, step: Step, x: Value, rows: Sequence[tuple[int, int]], mode: str) -> Held:
    """Return a tensor with rows around; pairs are in the order of the file's axes, without the batch."""
    held = flow.image(x)
    if mode not in MODES or len(rows) != len(held.axes) or any(rows[0]):
        raise UnmodelledStepError(f"it pads in the mode `{mode}` by {tuple(map(tuple, rows))}, channels first")
    if not any(map(any, rows)):
        return held
    return flow.layer(step, flow.build(Pad, len(rows) - 1, margins=rows[1:], mode=MODES[mode]), [held])
