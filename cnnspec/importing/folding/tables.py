"""Items in a row with what repeats written once: equal neighbours, and stages that differ in numbers."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from cnnspec.importing.folding.families import STRIDE
from cnnspec.importing.folding.items import Item, Table, Texts, numbers, own_key
from cnnspec.importing.folding.parameters import FACTORS, SHORT, Ramp, as_argument
from cnnspec.ir.values import written

LONGEST: Final = 10
"""How many entries a stage may have."""
COLUMNS: Final = 9
"""How many columns a table may have."""
COUNT: Final = "repeat"
FIRST: Final = "first "
LAST: Final = "last "
SIZES: Final = (COUNT, *(mark + name for mark in ("", FIRST, LAST) for name in ("s", "k", STRIDE, "kernel", "pool")))
"""What has nothing to do with channels."""


@dataclass(slots=True, eq=False)
class Entry:
    """An item that may be repeated: its numbers by name, those of its first or last copy where they differ.

    `usual` are the values that need not be written, `switches` the names that may differ in the first or last copy.
    """

    item: Item
    key: Hashable
    values: dict[str, Any]
    channels: int
    usual: Mapping[str, Any] = field(default_factory=dict)
    switches: frozenset[str] = frozenset()
    ramps: Mapping[str, Ramp] = field(default_factory=dict)
    count: int = 1
    first: dict[str, Any] = field(default_factory=dict)
    last: dict[str, Any] = field(default_factory=dict)


def entry_of(item: Item) -> Entry:
    """Return the entry of an item that is no block: its numbers may differ, if it has no branches."""
    if item.branches or item.layer is None or not item.is_plain:
        return Entry(item, ("whole", bare(item)), {}, item.enters[-1] if item.enters else 0)
    return Entry(item, own_key(item), dict(numbers(item.layer)), item.enters[-1])


def bare(item: Item) -> Item:
    """Return an item without its shapes."""
    return item._replace(enters=(), leaves=(), branches=tuple(tuple(map(bare, branch)) for branch in item.branches))


def folded(entries: Sequence[Entry], *, at_end: bool) -> list[Item]:
    """Return items in which neighbours that are alike are one, `at_end` with what only the last has, else the first."""
    runs = list(_runs(entries, at_end=at_end))
    items: list[Item] = []
    at = 0
    while at < len(runs):
        period, times = _pattern(runs, at)
        if times < 2:
            items.append(_single(runs[at]))
            at += 1
            continue
        stages = [runs[at + period * row : at + period * (row + 1)] for row in range(times)]
        items.append(_table(stages))
        at += period * times
    return items


def _runs(entries: Sequence[Entry], *, at_end: bool) -> Iterator[Entry]:
    """Yield entries, neighbours that are alike as one."""
    at = 0
    while at < len(entries):
        run = entries[at]
        at += 1
        while at < len(entries) and (longer := _joined(run, entries[at], at_end=at_end)):
            run = longer
            at += 1
        yield run


def _joined(run: Entry, other: Entry, *, at_end: bool) -> Entry | None:
    """Return a run with one more entry, None where that does not fit."""
    is_like = run.key == other.key and not run.last and run.item.is_plain
    both = _both(run, other) if is_like else None
    if both is None or not both[1].keys() <= run.switches:
        return None
    values, differing = both
    longer = replace(run, values=values, count=run.count + 1)
    if not differing:
        return longer
    if at_end:
        return replace(longer, last=differing)
    first = {name: run.values[name] for name in differing}
    return replace(longer, values={**values, **differing}, first=first) if run.count == 1 else None


def _both(run: Entry, other: Entry) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Return the values of a run and one more entry, and those of the entry that differ; None where one grows wrongly.

    A value that does not count is None, and any other one stands for it.
    """
    values, differing = dict(run.values), {}
    for name, value in other.values.items():
        mine = run.values[name]
        step = run.count if name in run.ramps else 0
        if mine is None:
            values[name] = value - step if step and value is not None else value
        elif value is not None and value != (mine + step if step else mine):
            if step:
                return None
            differing[name] = value
    return values, differing


def _pattern(runs: Sequence[Entry], at: int) -> tuple[int, int]:
    """Return the period and the number of stages that save most when they become a table, from one place on."""
    best, found = 1.0, (1, 1)
    for period in range(1, min(LONGEST, (len(runs) - at) // 2) + 1):
        times = 1
        while _is_stage(runs, at, period, times):
            times += 1
        if times < 2:
            continue
        saved = (times - 1) * sum(_lines(run) for run in runs[at : at + period]) - 3 - times / 4
        if saved > best and _columns_fit([runs[at + period * row : at + period * (row + 1)] for row in range(times)]):
            best, found = saved, (period, times)
    return found


def _is_stage(runs: Sequence[Entry], at: int, period: int, times: int) -> bool:
    start = at + period * times
    stage = runs[start : start + period]
    return len(stage) == period and all(
        run.key == model.key and run.item.is_plain for run, model in zip(stage, runs[at : at + period], strict=True)
    )


def _lines(run: Entry) -> int:
    return 1 + (run.count > 1) + bool(run.first) + bool(run.last)


def _single(run: Entry) -> Item:
    """Return the item of an entry that stands alone."""
    texts = {name: _shown(run, name, value) for name, value in run.values.items()}
    first = tuple((name, _text(value)) for name, value in run.first.items())
    last = tuple((name, _text(value)) for name, value in run.last.items())
    repeat = str(run.count) if run.count > 1 else ""
    item = bare(run.item)
    if item.layer is None and run.values:
        item = item._replace(said=_said(run, texts))
    return item._replace(repeat=repeat, first=first, last=last)


def _said(run: Entry, texts: Mapping[str, str]) -> Texts:
    """Return the arguments of a block that it does not take by itself."""
    return tuple(
        (name, text)
        for name, text in texts.items()
        if run.values[name] is not None
        and not (name in run.usual and run.usual[name] == run.values[name] and "$" not in text)
    )


def _shown(run: Entry, name: str, value: Any) -> str:
    """Return a value; one that grows from copy to copy as an expression of the copy's number."""
    if name in run.ramps and value is not None:
        if run.count == 1:
            return written(run.ramps[name].at(value))
        return run.ramps[name].text(f"({value} + index)" if value else "index")
    return _text(value)


def _text(value: Any) -> str:
    return "" if value is None else written(value)


def _columns(stages: Sequence[Sequence[Entry]]) -> dict[tuple[int, str], list[Any]]:
    """Return what differs between stages: by the place of an entry and what differs of it, a value per stage."""
    found: dict[tuple[int, str], list[Any]] = {}
    for place, several in enumerate(zip(*stages, strict=True)):
        for name in several[0].values:
            values = [run.values[name] for run in several]
            known = next((value for value in values if value is not None), None)
            found[place, name] = [known if value is None else value for value in values]
        found[place, COUNT] = [run.count for run in several]
        for mark, overrides in ((FIRST, [run.first for run in several]), (LAST, [run.last for run in several])):
            for name in dict.fromkeys(name for each in overrides for name in each):
                found[place, mark + name] = [
                    each.get(name, run.values[name]) for each, run in zip(overrides, several, strict=True)
                ]
    return {key: values for key, values in found.items() if len({*map(repr, values)}) > 1}


def _columns_fit(stages: Sequence[Sequence[Entry]]) -> bool:
    return len({tuple(map(repr, values)) for values in _columns(stages).values()}) <= COLUMNS


def _table(stages: Sequence[Sequence[Entry]]) -> Item:
    """Return the stage table of stages with the same entries."""
    columns: dict[str, list[Any]] = {}
    texts: dict[tuple[int, str], str] = {}
    for (place, name), values in _columns(stages).items():
        alone = all(stage[place].count == 1 for stage in stages)
        channels = [stage[place].channels for stage in stages] if alone else []
        texts[place, name] = _expression(columns, name, values, channels, ramp=name in stages[0][place].ramps)
    items = tuple(_staged(place, [stage[place] for stage in stages], texts) for place in range(len(stages[0])))
    rows = tuple(tuple(_text(values[row]) for values in columns.values()) for row in range(len(stages)))
    if not columns:
        return (
            items[0]._replace(repeat=str(len(stages)))
            if len(items) == 1
            else Item(group=items, repeat=str(len(stages)))
        )
    return Item(table=Table(tuple(columns), rows, items))


def _expression(columns: dict[str, list[Any]], name: str, values: list[Any], channels: list[int], *, ramp: bool) -> str:
    """Return the variable, or a multiple of one, whose values these are; a new column where there is none.

    `channels` are those that enter, where they are the same for every copy.
    """
    whole = all(isinstance(value, int) and not isinstance(value, bool) for value in values)
    for own, others in columns.items():
        if list(map(repr, others)) == list(map(repr, values)):
            return own
        if whole and all(isinstance(other, int) and not isinstance(other, bool) for other in others):
            for factor in FACTORS if name not in SIZES else ():
                if all(value == factor * other for value, other in zip(values, others, strict=True)):
                    return f"{factor}*{own}"
    if whole and channels and name not in SIZES:
        for factor in (1, *FACTORS):
            if all(value == factor * channel for value, channel in zip(values, channels, strict=True)):
                return f"{factor}*in.c" if factor > 1 else "in.c"
            if factor > 1 and all(channel // factor == value for value, channel in zip(values, channels, strict=True)):
                return f"in.c//{factor}"
    base = "n" if name == COUNT else "b" if ramp else name.removeprefix(FIRST).removeprefix(LAST)
    base = SHORT.get(base, base.rstrip("_"))
    own, number = base, 1
    while own in columns:
        number += 1
        own = f"{base}{number}"
    columns[own] = values
    return own


def _staged(place: int, several: Sequence[Entry], texts: Mapping[tuple[int, str], str]) -> Item:
    """Return the item of one place of a stage."""
    run = several[0]
    item = bare(run.item)

    def text(name: str, value: Any) -> str:
        return f"${{{texts[place, name]}}}" if (place, name) in texts else _text(value)

    shown: dict[str, str] = {}
    for name in run.values:
        known = next((each.values[name] for each in several if each.values[name] is not None), None)
        if name in run.ramps and known is not None:
            inner = texts.get((place, name), _text(known))
            shown[name] = run.ramps[name].text(f"({inner} + index)")
        elif (place, name) in texts:
            shown[name] = text(name, known)
        elif item.layer is None and not (name in run.usual and run.usual[name] == known) and known is not None:
            shown[name] = _text(known)
    if item.layer is not None:
        said = tuple((name, as_argument(item.layer, name, value)) for name, value in shown.items())
        item = item._replace(said=said)
    else:
        item = item._replace(said=tuple(shown.items()))
    names = {name for each in several for name in each.first}
    first = tuple(
        (name, text(FIRST + name, run.first.get(name, run.values[name]))) for name in run.values if name in names
    )
    names = {name for each in several for name in each.last}
    last = tuple(
        (name, text(LAST + name, run.last.get(name, run.values[name]))) for name in run.values if name in names
    )
    repeat = text(COUNT, run.count) if (place, COUNT) in texts or run.count > 1 else ""
    if not repeat and any(name in run.ramps for name in shown):
        repeat = "1"
    return item._replace(repeat=repeat, first=first, last=last)
