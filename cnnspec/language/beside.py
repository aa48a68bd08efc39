"""Arguments that stand beside their kind and not behind it: the item as it was meant."""

from __future__ import annotations

from collections.abc import Mapping as Mapping_
from typing import Final

from cnnspec.errors import listing, shorten
from cnnspec.ir.words import Found, field_of
from cnnspec.language.faults import Faults
from cnnspec.language.foreign_words import TYPES, kind_meant
from cnnspec.language.items import SIBLINGS
from cnnspec.language.meant import argument_of, behind
from cnnspec.text.tree import Mapping, Scalar, Tree

KEYS: Final[Mapping_[str, str]] = {
    "name": "id title label layer_name",
    "from": "input inputs bottom source previous prev parent",
    "repeat": "times repeats count n number num_layers",
    "note": "comment comments description remark",
    "when": "if condition",
    "expect": "shape output_shape output",
}
"""Keys that may stand beside a kind, each with the words that others have for it."""


def moved(faults: Faults, tree: Mapping, heads: list[Scalar]) -> Mapping | None:
    """Report arguments beside a kind with the line to write, and return the item with them behind it.

    None where nothing beside the kind is an argument of it. Another kind beside it is another item.
    """
    typed = next((entry for entry in tree.entries if entry[0].text in TYPES and isinstance(entry[1], Scalar)), None)
    if typed and isinstance(typed[1], Scalar) and (found := kind_meant(typed[1].text)):
        return _typed(faults, tree, typed[0], typed[1], found)
    entries = {head.text: next(value for key, value in tree.entries if key is head) for head in heads}
    first, *others = heads
    found = kind_meant(first.text)
    if found is None or found.cls.joins or not others:
        return None
    beside = [head for head in others if argument_of(found.cls, head.text)]
    if not beside:
        return _alone(faults, tree, first, others)
    value = entries[first.text]
    text = faults.source.text
    given = [(head.text, text[entries[head.text].start : entries[head.text].end]) for head in beside]
    is_bare = isinstance(value, Scalar) and (value.plain or value.text)
    line = behind(found, value.text, given) if isinstance(value, Scalar) and is_bare else ""
    if isinstance(value, Scalar) and not value.text:
        line = f"{{{', '.join(f'{word}: {part}' for word, part in given)}}}"
    elif isinstance(value, Mapping) and value.flow:
        line = f"{text[value.start : value.end - 1].rstrip()}, {', '.join(f'{word}: {part}' for word, part in given)}}}"
    words = listing(f"`{shorten(head.text)}`" for head in beside)
    verb = "stands" if len(beside) == 1 else "stand"
    step = f"write `- {first.text}: {shorten(line, 160)}`" if line else f"write {words} behind `{first.text}:`"
    note = () if value.start != value.end else ("or indent them by two further columns",)
    message = f"{words} {verb} beside `{first.text}`, not behind it"
    faults.add("E108", message, (beside[0].start, beside[0].end), *note, step=step)
    return _item(tree, first, _merged(value, [(head, entries[head.text]) for head in beside], line), beside)


def _alone(faults: Faults, tree: Mapping, first: Scalar, others: list[Scalar]) -> Mapping | None:
    """Report further kinds in an item, which are items of their own, and other words for keys; None for all else."""
    text, taken = faults.source.text, []
    for head in others:
        value = next(inner for key, inner in tree.entries if key is head)
        line = text[head.start : max(value.end, head.end)].partition("\n")[0].rstrip(": ")
        known = next((key for key, words in KEYS.items() if head.text.lower() in words.split()), "")
        if known:
            note = f"beside its kind, an item may have {listing(SIBLINGS)}"
            step = f"write `{known}: {shorten(text[value.start : value.end])}`"
            message = f"unknown key `{shorten(head.text)}` beside a kind"
            faults.add("E108", message, (head.start, head.end), note, step=step)
        elif kind_meant(head.text):
            message = f"an item names one kind, this one names `{shorten(first.text)}` and `{shorten(head.text)}`"
            step = f"put it on a line of its own: `- {shorten(line, 80)}`"
            faults.add("E112", message, (head.start, head.end), step=step)
        else:
            continue
        taken.append(head)
    return _item(tree, first, next(v for k, v in tree.entries if k is first), taken) if taken else None


def _merged(value: Tree, given: list[tuple[Scalar, Tree]], line: str) -> Tree:
    """Return the arguments of a kind with those that stood beside it."""
    if isinstance(value, Scalar) and value.text:
        return Scalar(line or value.text, value.start, value.end)
    own = value.entries if isinstance(value, Mapping) else []
    start, end = given[0][0].start, given[-1][1].end
    return Mapping(min(value.start, start), max(value.end, end), False, [*own, *given])


def _ours(found: Found, word: str) -> str:
    """Return an argument's name as it stands where it is accepted, else as we call it."""
    return word if field_of(found.cls, word) else argument_of(found.cls, word) or word


def _item(tree: Mapping, first: Scalar, value: Tree, beside: list[Scalar]) -> Mapping:
    kept = [(key, value if key is first else inner) for key, inner in tree.entries if key not in beside]
    return Mapping(tree.start, tree.end, tree.flow, kept)


def _typed(faults: Faults, tree: Mapping, key: Scalar, value: Scalar, found: Found) -> Mapping:
    """Report an item whose kind is a value, and return it with the kind as its key."""
    text, config = faults.source.text, tree.get("config")
    rest = [entry for entry in tree.entries if entry[0] is not key]
    named = config.entries if isinstance(config, Mapping) else [e for e in rest if e[0].text not in SIBLINGS]
    given = [(Scalar(_ours(found, word.text), word.start, word.end), part) for word, part in named]
    beside = [entry for entry in rest if entry[0].text in SIBLINGS]
    pairs = ", ".join(f"{word.text}: {text[part.start : part.end]}" for word, part in given)
    line = f"{found.word}: {{{shorten(pairs, 200)}}}" if pairs else found.word
    also = "".join(f", and `{word.text}: {text[part.start : part.end]}` below it" for word, part in beside[:1])
    message = f"`{key.text}` is no key of an item"
    faults.add("E112", message, (key.start, key.end), step=f"the kind is the key: write `- {line}`{also}")
    head = Scalar(found.word, value.start, value.end)
    arguments: Tree = Mapping(tree.start, tree.end, True, given) if given else Scalar("", value.end, value.end)
    return Mapping(tree.start, tree.end, tree.flow, [(head, arguments), *beside])
