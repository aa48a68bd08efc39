"""Notes that teach: what is computed right, and is hardly ever what was meant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from operator import gt
from typing import Final, NamedTuple

from cnnspec.analysis.measure import Row, Summary
from cnnspec.errors import Diagnostic, listing
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import looks_channels_first, show

MOST_SHARE: Final = 0.8
"""The share of all parameters from which on one layer is worth a note."""
FEW: Final = 100_000
"""Networks with fewer parameters are exercises, in which one layer may have most of them."""


class Advice(NamedTuple):
    """One sort of note: what it is called, what it says of a network, in how many places, and what to do."""

    code: str
    find: Callable[[Summary], Iterator[tuple[Row | None, str]]]
    help: str


def advice(summary: Summary) -> list[Diagnostic]:
    """Return the notes on a network but those that its spec allows: one of each sort, at the first of its places."""
    found = []
    for sort in SORTS:
        places = list(sort.find(summary)) if sort.code not in summary.graph.allow else []
        if places:
            found.append(_note(summary, sort, places))
    return found


def _note(summary: Summary, sort: Advice, places: Sequence[tuple[Row | None, str]]) -> Diagnostic:
    row, message = places[0]
    others = [other.name for other, _ in places[1:] if other is not None]
    notes = (f"the same in {listing(others, 8)}",) if others else ()
    span = summary.graph.span(row.node).rest_of_line if row is not None else None
    return Diagnostic(sort.code, message, span, notes=notes, help=sort.help)


def _channels_first(summary: Summary) -> Iterator[tuple[Row | None, str]]:
    """Yield inputs that look like channels first: few channels in front, a size behind."""
    windows = any(row.node.layer.role is Role.CONVOLUTION for row in summary)
    for entry in summary.inputs:
        if windows and looks_channels_first(entry.shape):
            turned = "x".join(map(str, (*entry.shape[1:], entry.shape[0])))
            given = "x".join(map(str, entry.shape))
            yield None, f"the input {given} looks like channels first, and channels come last here: `{turned}`?"


def _dense_on_image(summary: Summary) -> Iterator[tuple[Row | None, str]]:
    """Yield dense layers that end a network at every place of an image on its own."""
    outputs = set(summary.graph.outputs)
    for row in reversed(summary.rows):
        if row.name not in outputs:
            continue
        layer = row.node.layer
        if layer.role is Role.DENSE and len(row.shape) > 2:
            places = "×".join(map(str, row.shape[:-1]))
            message = (
                f"`{row.name}` works at each of the {places} positions on its own: the output is {show(row.shape)}"
            )
            yield row, message
        elif layer.role in (Role.ACTIVATION, Role.NOISE, Role.DENSE):
            outputs.update(row.node.inputs)


def _dropped(summary: Summary) -> Iterator[tuple[Row | None, str]]:
    """Yield windows that never reach the last rows of their input."""
    for row in summary:
        given = row.node.input_shapes[0]
        if most := max(row.node.layer.dropped(given), default=0):
            rows = "row" if most == 1 else f"{most} rows"
            yield row, f"no window of `{row.name}` reaches the last {rows} of its input {show(given)}"


def _twice(summary: Summary) -> Iterator[tuple[Row | None, str]]:
    """Yield activations of what the same function has made already."""
    applied = {row.name: row.node.layer.applied for row in summary}
    for row in summary:
        before = applied.get(row.node.inputs[0], "")
        if before and row.node.layer.applied == before and row.node.layer.role is Role.ACTIVATION:
            yield row, f"`{row.name}` applies {before} to what `{row.node.inputs[0]}` has made by {before}"


def _bias_before_norm(summary: Summary) -> Iterator[tuple[Row | None, str]]:
    """Yield layers whose biases the batch norm behind them takes away again."""
    rows = {row.name: row for row in summary}
    readers = Counter(name for row in summary for name in row.node.inputs)
    for row in summary:
        before = rows.get(row.node.inputs[0])
        if before is None or not row.node.layer.mixes_samples or readers[before.name] > 1:
            continue
        layer = before.node.layer
        if before.biases and layer.role in (Role.CONVOLUTION, Role.DENSE) and not layer.applied:
            yield before, f"the {before.biases:,} biases of `{before.name}` are taken away by `{row.name}` behind it"


def _sees_more(summary: Summary) -> Iterator[tuple[Row | None, str]]:
    """Yield the first layer that sees more than the image has."""
    image = summary.inputs[0].shape[:-1]
    for row in summary:
        seen = [axis.pixels for axis in row.view.axes or ()]
        if len(seen) == len(image) and row.node.layer.window and any(map(gt, seen, image)):
            sees = "×".join(map(str, seen))
            yield row, f"from `{row.name}` on, every element sees {sees} pixels, more than the image has"
            return


def _skips(summary: Summary) -> Iterator[tuple[Row | None, str]]:
    """Yield windows that jump over elements, which nothing looks at; one element alone is meant to."""
    for row in summary:
        window, stride = row.node.layer.window, getattr(row.node.layer, "stride", ())
        if any(s > f > 1 for s, f in zip(stride, window, strict=False)):
            yield row, f"`{row.name}` moves by {max(stride)} with a window of {min(window)}: it skips elements"


def _heavy(summary: Summary) -> Iterator[tuple[Row | None, str]]:
    """Yield the one layer that has nearly all parameters."""
    total = summary.totals.params
    for row in summary:
        if len(summary) > 3 and total > FEW and row.params > MOST_SHARE * total:
            yield row, f"`{row.name}` has {row.params:,} of the {total:,} parameters ({row.params / total:.0%})"


SORTS: Final = (
    Advice("W301", _channels_first, "channels last: write the channels behind the sizes"),
    Advice("W302", _dense_on_image, "put `flatten` or `gap` before the dense layers"),
    Advice("W303", _dropped, "`pad=1`, `same` padding or another size of the input uses every row"),
    Advice("W304", _twice, "leave one of the two out"),
    Advice("W305", _bias_before_norm, "write `nobias`: batch norm has an offset of its own"),
    Advice("W306", _sees_more, "layers behind that see padding beside the whole image"),
    Advice("W307", _skips, "a window at least as large as its stride looks at everything"),
    Advice("W308", _heavy, "`gap` instead of `flatten`, or a pooling before it, makes it smaller"),
)
"""All sorts of notes, in the order in which they are told."""
