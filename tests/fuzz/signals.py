"""Random graphs on one axis, followed element by element: what each of them sees, and every multiplication counted.

An independent interpreter: windows are loops over positions, a field is a set of pixels as bits of an integer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from random import Random
from typing import Final, NamedTuple

import cnnspec

NUMBER: Final = re.compile(r"-?[\d.]+")
LENGTH: Final = 90
CHANNELS: Final = 2
SEEN_WHOLE: Final = 40
"""Elements that a tensor has at least: fewer say little."""

EXACT: Final = 1e-9
"""Thirds of pixels are not exact as floating-point numbers."""
Element = int | None
"""The pixels that an element sees, as bits; None where it sees padding, or an end of the input."""


class Signal(NamedTuple):
    """A tensor: its name in the spec, what its elements see, its channels, and the products that made it.

    `enlarged` is how many elements share a place, `skips` whether a stride follows an enlargement, `joined` whether a
    join does: what elements see then differs, and the claimed mean is over places that are not all there.
    """

    name: str
    elements: list[Element]
    channels: int
    products: int = 0
    enlarged: int = 1
    skips: bool = False
    joined: bool = False


class Drawn(NamedTuple):
    """A graph as text, and its tensors."""

    text: str
    signals: list[Signal]


def draw(random: Random) -> Drawn:
    """Return a graph of up to ten layers, most of which read what is above them, others something earlier."""
    signals = [Signal("in", [1 << place for place in range(LENGTH)], CHANNELS)]
    lines: list[str] = []
    for number in range(random.randrange(2, 11)):
        above = signals[-1] if random.random() < 0.75 else random.choice(signals)
        made = _joined(random, signals, number) if random.random() < 0.25 else _made(random, above, number)
        if made is None or len(made[1].elements) < SEEN_WHOLE or len(made[1].elements) > 6 * LENGTH:
            continue
        lines += made[0]
        signals.append(made[1])
    if not lines:
        return draw(random)
    read = {word for line in lines if "from:" in line for word in line.partition("from:")[2].strip(" []").split(", ")}
    unread = [signal.name for signal in signals[1:] if signal.name not in read]
    outputs = f"outputs: [{', '.join(unread)}]\n" if len(unread) > 1 else ""
    return Drawn(f"input:\n  in: {LENGTH}x{CHANNELS}\n{outputs}layers:\n" + "".join(lines), signals[1:])


def _lines(item: str, number: int, reads: str) -> list[str]:
    return [f"  - {item}\n", f"    name: t{number}\n", f"    from: {reads}\n"]


def _made(random: Random, above: Signal, number: int) -> tuple[list[str], Signal] | None:
    """Return a layer with one input, as lines and as what it does."""
    item, signal = random.choice(LAYERS)(random, above._replace(name=f"t{number}"))
    return _lines(item, number, above.name), signal


def _window(random: Random, signal: Signal, kind: str) -> tuple[str, Signal]:
    """Return a window that slides: with a stride or a dilation, and every sort of padding."""
    size, stride, dilation = random.randrange(1, 5), random.choice((1, 1, 2, 3)), random.choice((1, 1, 2, 3))
    pools = kind in ("maxpool", "avgpool")
    dilation = 1 if pools or (stride > 1 and random.random() < 0.7) else dilation
    dilation = 1 if kind != "conv" and stride > 1 else dilation
    reach, length = dilation * (size - 1) + 1, len(signal.elements)
    form = random.choice(("valid", "same", "rows"))
    before, after = random.randrange(min(reach, 3)), random.randrange(min(reach, 3))
    if form == "same":
        missing = max((-(-length // stride) - 1) * stride + reach - length, 0)
        before, after = missing // 2, missing - missing // 2
    elif form == "valid":
        before = after = 0
    padded: list[Element] = [None] * before + signal.elements + [None] * after
    found: list[Element] = []
    products = 0
    filters = {"conv": random.randrange(1, 4)}.get(kind, signal.channels)
    for first in range(0, len(padded) - reach + 1, stride):
        found.append(_union(padded[first + dilation * place] for place in range(size)))
        products += sum(1 for _filter in range(filters) for _place in range(size)) * (
            signal.channels if kind == "conv" else 1
        )
    padding = f"[[{before}, {after}]]" if form == "rows" else form
    own = f"filters: {filters}, kernel: {size}" if kind == "conv" else f"{'pool' if pools else 'kernel'}: {size}"
    spread = "" if pools else f", dilation: {dilation}"
    item = f"{kind}: {{{own}, stride: {stride}, padding: {padding}{spread}}}"
    skips = signal.skips or (stride > 1 and signal.enlarged > 1)
    return item, signal._replace(elements=found, channels=filters, products=0 if pools else products, skips=skips)


def _enlarged(random: Random, signal: Signal) -> tuple[str, Signal]:
    """Return a transposed convolution: every element is multiplied into a window of the output."""
    stride = random.choice((1, 2, 2, 3))
    size, dilation = random.randrange(stride, 5), random.choice((1, 2)) if stride == 1 else 1
    reach, length = dilation * (size - 1) + 1, len(signal.elements)
    filters, crop = random.randrange(1, 4), random.randrange(2)
    whole = (length - 1) * stride + max(reach, stride)
    fed: list[list[Element]] = [[] for _ in range(whole)]
    products = 0
    for place in range(-reach, length + reach):
        for offset in range(size):
            at = place * stride + offset * dilation
            if 0 <= at < whole:
                fed[at].append(signal.elements[place] if 0 <= place < length else None)
            products += filters * signal.channels * (0 <= place < length)
    found = [_union(iter(each)) for each in fed][crop : whole - crop or None]
    own = f"filters: {filters}, kernel: {size}, stride: {stride}, dilation: {dilation}"
    item = f"upconv: {{{own}, padding: [[{crop}, {crop}]]}}"
    return item, signal._replace(elements=found, channels=filters, products=products, enlarged=signal.enlarged * stride)


def _repeated(random: Random, signal: Signal) -> tuple[str, Signal]:
    size = random.choice((2, 3))
    found = [element for element in signal.elements for _ in range(size)]
    return f"upsample: {size}", signal._replace(elements=found, products=0, enlarged=signal.enlarged * size)


def _margins(random: Random, signal: Signal) -> tuple[str, Signal]:
    """Return rows that are added, or cut off, before and behind."""
    before, after = random.randrange(4), random.randrange(4)
    if random.random() < 0.4:
        rows: list[Element] = [None] * before + signal.elements + [None] * after
        return f"pad: {{margins: [[{before}, {after}]]}}", signal._replace(elements=rows, products=0)
    rows = signal.elements[before : len(signal.elements) - after]
    return f"crop: {{margins: [[{before}, {after}]]}}", signal._replace(elements=rows, products=0)


def _plain(random: Random, signal: Signal) -> tuple[str, Signal]:
    return f"{random.choice(('relu:', 'bn:', 'dropout: 0.5'))}", signal._replace(products=0)


def _dense(random: Random, signal: Signal) -> tuple[str, Signal]:
    """Return a layer that mixes the channels of every place."""
    units = random.randrange(1, 4)
    products = sum(signal.channels for _ in signal.elements for _unit in range(units))
    return f"dense: {units}", signal._replace(channels=units, products=products)


LAYERS: Final = (
    lambda random, signal: _window(random, signal, "conv"),
    lambda random, signal: _window(random, signal, "conv"),
    lambda random, signal: _window(random, signal, "dwconv"),
    lambda random, signal: _window(random, signal, random.choice(("maxpool", "avgpool"))),
    _enlarged,
    _repeated,
    _margins,
    _margins,
    _plain,
    _dense,
)


def _joined(random: Random, signals: list[Signal], number: int) -> tuple[list[str], Signal] | None:
    """Return a join of two or three tensors that are equally long, None where none are."""
    first = random.choice(signals)
    fitting = [each for each in signals if len(each.elements) == len(first.elements) and each is not first]
    if not fitting:
        return None
    chosen = [first, *random.sample(fitting, min(len(fitting), random.choice((1, 1, 2))))]
    same = len({each.channels for each in chosen}) == 1
    kind = random.choice(("add", "maximum", "average")) if same and random.random() < 0.7 else "concat"
    elements = [_union(iter(each)) for each in zip(*(each.elements for each in chosen), strict=True)]
    enlarged = max(each.enlarged for each in chosen)
    signal = Signal(
        f"t{number}",
        elements,
        sum(each.channels for each in chosen) if kind == "concat" else first.channels,
        enlarged=enlarged,
        skips=any(each.skips for each in chosen),
        joined=enlarged > 1 or any(each.joined for each in chosen),
    )
    return _lines(f"{kind}:", number, f"[{', '.join(each.name for each in chosen)}]"), signal


def _union(elements: Iterator[Element]) -> Element:
    found = 0
    for element in elements:
        if element is None:
            return None
        found |= element
    return found or None


class Compared(NamedTuple):
    """How many tensors of a graph agree exactly, in the mean to one pixel, and how many say nothing to compare."""

    exact: int
    rough: int
    silent: int
    products: int


def compare(drawn: Drawn) -> Compared:
    """Compare a graph with what is claimed of it; raise AssertionError where that differs."""
    summary = cnnspec.summarize(cnnspec.loads(drawn.text))
    counts = {"exact": 0, "rough": 0, "silent": 0}
    products = 0
    for signal in drawn.signals:
        row = summary[signal.name]
        assert row.shape == (len(signal.elements), signal.channels), f"{signal.name}: {row.shape}\n{drawn.text}"
        if signal.products:
            assert row.macs == signal.products, f"{signal.name}: {row.macs}, not {signal.products}\n{drawn.text}"
            products += signal.products
        counts[_field(signal, row, drawn.text)] += 1
    return Compared(*counts.values(), products)


def _field(signal: Signal, row: cnnspec.Row, text: str) -> str:
    """Compare what is claimed of a tensor with what its elements see in the mean over a period."""
    if row.view.misaligned:
        assert len(set(NUMBER.findall(row.view.misaligned))) > 1, f"{row.view.misaligned}\n{text}"
    if row.view.axes is None or row.view.misaligned:
        return "silent"
    extent, jump, start = row.view.axes[0]
    periods = list(_periods(signal.elements, signal.enlarged))
    for first, seen in periods:
        count = len(seen)
        mean = Fraction(sum(each.bit_length() - _low(each) for each in seen), count)
        centre = Fraction(sum(each.bit_length() - 1 + _low(each) for each in seen), 2 * count)
        claimed = Fraction(start) + Fraction(jump) * (first + Fraction(count - 1, 2))
        told = f"{signal.name} at {first}: {mean} pixels around {centre}, claimed {extent} around {claimed}\n{text}"
        if signal.skips or signal.joined:
            assert abs(mean - Fraction(extent)) < 2 and abs(centre - claimed) < 2, told  # noqa: PT018
        else:
            assert mean == extent, told
            assert abs(centre - claimed) < EXACT, told
    return "silent" if not periods else "rough" if signal.skips or signal.joined else "exact"


def _periods(elements: list[Element], count: int) -> Iterator[tuple[int, list[int]]]:
    """Yield the first place and what is seen for every stretch of so many elements that see whole fields."""
    for first in range(len(elements) - count + 1):
        seen = [element for element in elements[first : first + count] if element]
        if len(seen) == count:
            yield first, seen


def _low(element: int) -> int:
    return (element & -element).bit_length() - 1
