"""Words that are no kind: what their writers mean, known before spelling is guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Final, NamedTuple

from cnnspec.errors import listing, shorten
from cnnspec.ir.layer import ALIASES, KERAS_NAMES, KINDS, TORCH_NAMES
from cnnspec.ir.words import Found, find_kind
from cnnspec.language.faults import Faults
from cnnspec.language.names import NAME
from cnnspec.language.pasted import INPUTS, NO_LAYER, Pasted, answer, is_python
from cnnspec.language.spelling import nearest
from cnnspec.language.steps import STEPS
from cnnspec.text import tree
from cnnspec.text.tree import Scalar, Tree

TYPES: Final = ("type", "class_name", "class", "layer", "kind", "op", "module")
"""Keys under which other formats name the kind of a layer."""
SIDES: Final = ("same", "valid")
PADDING: Final = re.compile("padding|pads?|bordermode")
_ENDINGS: Final = (
    (re.compile(r"[^a-z0-9]"), ""),
    (re.compile(r"[123]d(?=$|transpose$|layer$)"), ""),
    (re.compile(r"(?<=.)layer$"), ""),
    (re.compile(r"average"), "avg"),
    (re.compile(r"pooling"), "pool"),
    (re.compile(r"normali[sz]ation"), "norm"),
    (re.compile(r"convolution(al)?"), "conv"),
    (re.compile(r"separableconv$"), "sepconv"),
)


@cache
def _meanings() -> dict[str, str]:
    return {_folded(word): step for step, words in STEPS.items() for word in words.split()}


def _folded(word: str) -> str:
    """Return a word as it is looked up: `MaxPooling2D`, `max_pooling2d` and `max-pool` are one.

    >>> _folded("nn.MaxPooling2D"), _folded("max_pooling2d"), _folded("max-pool")
    ('maxpool', 'maxpool', 'maxpool')
    """
    text = word[:64].rpartition(".")[2].lower()
    for pattern, short in _ENDINGS:
        text = pattern.sub(short, text)
    return text


def meant_by(word: str, known: Iterable[str] = ()) -> str:
    """Return the step that helps somebody who wrote a word that is no kind; `known` are further words of the file.

    >>> meant_by("InstanceNormalization"), meant_by("max_pooling2d_3"), meant_by("dens")
    ('write `gn: -1`, with a group for each channel', 'did you mean `maxpool`?', 'did you mean `dense`?')
    """
    if step := synonym(word):
        return step
    words = _words(len(KINDS)) | {_folded(other): other for other in known}
    forms = _forms(word)
    long = [other for other in _meanings() if len(other) > len("norm")]
    near = next((form for form in forms if form in words), "") or nearest(forms[-1], [*words, *long])
    return f"did you mean `{words[near]}`?" if near in words else _meanings().get(near, "")


def _forms(word: str) -> tuple[str, ...]:
    """Return a word as it is looked up, as it is and without the number of a layer: `relu6`, `fc1`, `conv2d_3`."""
    return tuple(dict.fromkeys((_folded(word), _folded(re.sub(r"(?<=[A-Za-z])\d$|_\d+$", "", word)))))


def synonym(word: str) -> str:
    """Return the step for a word that is known for what it means elsewhere, an empty text for any other."""
    first, *others = _forms(word)
    own = _own(len(KINDS))
    return (
        _meanings().get(first, "")
        if first in own or not others
        else _meanings().get(first) or _meanings().get(others[0], "")
    )


@cache
def _own(_: int) -> frozenset[str]:
    """Return our own names of so many kinds, folded."""
    return frozenset(_folded(name) for name in (*KINDS, *ALIASES))


@cache
def _words(_: int) -> dict[str, str]:
    """Return all names of so many kinds, folded, with the name to propose."""
    classes = {_folded(name): kind for name, (kind, _) in KERAS_NAMES.items()}
    theirs = {_folded(name): found[0][0] for name, found in TORCH_NAMES.items()}
    return theirs | classes | {_folded(name): name for name in (*ALIASES, *KINDS)}


def _step(pasted: Pasted) -> str:
    exact = pasted.step if pasted.word in INPUTS else ""
    return exact or synonym(pasted.word) or pasted.step or ("" if pasted.notes else NO_LAYER)


def _around(head: Scalar, value: Tree | None) -> Pasted | None:
    """Return what to answer to a word with a layer of Python beside it: `Bidirectional: LSTM(64)` means both."""
    if isinstance(value, tree.Mapping):
        parts = [(f"{key.text}=", part) for key, part in value.entries]
    else:
        parts = [("", value)] if value else []
    texts = [(name, part.text) for name, part in parts if isinstance(part, Scalar)]
    calls = [answer(text) for _, text in texts if is_python(text)]
    texts = [(name, repr(text) if text.islower() and text.isidentifier() else text) for name, text in texts]
    if not calls:
        return None
    whole = answer(f"{head.text}({', '.join(name + text for name, text in texts)})")
    return whole if whole and whole.step else calls[0]


def report_unknown_kind(
    faults: Faults, head: Scalar, value: Tree | None, blocks: Iterable[str], structures: Iterable[str]
) -> tuple[Scalar, Tree | None] | None:
    """Report a word that is no kind, with what its writer means or the nearest word that is one.

    Return the kind and its arguments where it is clear which were meant.
    """
    place = (head.start, max(head.end, head.start + 1))
    if not head.text:
        faults.add("E104", "an item is empty", place, step="write a kind, such as `relu`, or remove the `-`")
        return None
    if called := _called(head.text):
        message = f"`{shorten(head.text)}` has the arguments in brackets, which stand behind a colon here"
        faults.add("E104", message, place, step=f"write `- {called}`")
        return None
    if pasted := answer(head.text) or _around(head, value):
        faults.add("E104", pasted.message, place, *pasted.notes, step=_step(pasted))
        return None
    if isinstance(value, Scalar) and value.text in SIDES and PADDING.fullmatch(_folded(head.text)):
        step = f"it is an argument of the layer above: write `{value.text}` behind that"
        faults.add("E104", f"`{head.text}: {value.text}` is no layer", place, step=step)
        return None
    if many := _many(head, value, faults.source.text):
        faults.add("E104", f"unknown kind `{shorten(head.text)}`", place, step=many.step)
        return many.head, many.value
    first, _, rest = head.text.strip().partition(" ")
    item = _as_item(head, value, faults.source.text)
    known = ""
    if rest and first in (*KINDS, *ALIASES, *blocks, *structures):
        step = f"write `- {first}: {shorten(rest)}`"
    else:
        known = synonym(head.text) if value is None else ""
        step = known or (item.step if item else "") or meant_by(head.text, (*blocks, *structures))
    if "`input:` at the top" in step and isinstance(value, Scalar) and value.text:
        is_there = re.search(r"^input[ \t]*:", faults.source.text, re.MULTILINE)
        step = "remove this line" if is_there else f"move it above `layers:`, as `input: {shorten(value.text)}`"
    also = f"; blocks of this file: {listing(blocks)}" if blocks else ""
    notes = () if step else (_kinds(faults, structures) + also,)
    faults.add("E104", f"unknown kind `{shorten(head.text)}`", place, *notes, step=step)
    return (item.head, item.value) if item and step in (item.step, known) else None


def _many(head: Scalar, value: Tree | None, text: str) -> _Item | None:
    """Return the item of which several copies are meant by `2x conv`, None for any other."""
    copies = re.fullmatch(r"(\d{1,3}) ?[x×*] ?([A-Za-z]\w*)", head.text)
    item = _as_item(Scalar(copies[2], head.start, head.end), value, text) if copies else None
    if copies is None or item is None:
        return None
    line = item.step.split("`")[1].removeprefix("- ")
    return item._replace(step=f"write {_with_line(line, f'repeat: {copies[1]}')}")


def _with_line(item: str, below: str) -> str:
    """Return how an item with a line below it is told: its kind has a colon behind it then."""
    return f"`- {item if ':' in item else f'{item}:'}`, and `{below}` below it"


def as_key(faults: Faults, head: Scalar, value: Scalar) -> Scalar | None:
    """Report an item that is nothing but `type: flatten`, and return its kind."""
    found = kind_meant(value.text) if head.text in TYPES else None
    if found is None:
        return None
    step = f"the kind is the key: write `- {found.word}`"
    faults.add("E104", f"unknown kind `{head.text}`", (head.start, head.end), step=step)
    return Scalar(found.word, value.start, value.end)


def _kinds(faults: Faults, structures: Iterable[str]) -> str:
    """Return all kinds, and where they stand the second time that a run says it."""
    if any(note.startswith("kinds are") for fault in faults.diagnostics for note in fault.notes):
        return "`cnnspec kinds` lists the kinds"
    return f"kinds are {listing(sorted([*KINDS, *structures]))}"


class _Item(NamedTuple):
    """An item as it was meant, and the step that says so."""

    step: str
    head: Scalar
    value: Tree | None


def _called(text: str) -> str:
    """Return an item whose kind is ours and has its arguments in brackets, an empty text for any other."""
    from cnnspec.language.meant import item_of  # noqa: PLC0415 - what is known by another word is rare

    match = re.fullmatch(r"([a-z_0-9]{2,20})\((.{0,100})\)", text)
    found = find_kind(match[1]) if match and match[1] in (*KINDS, *ALIASES) else None
    return item_of(found, match[2]) if match and found else ""


def _as_item(head: Scalar, value: Tree | None, text: str) -> _Item | None:
    """Return the item that was meant with its whole line, None where that is not clear."""
    from cnnspec.language.meant import item_of  # noqa: PLC0415 - what is known by another word is rare

    word = head.text
    if isinstance(value, tree.Mapping) and (typed := _typed(value, text)):
        step = f"the kind is the key: write {_with_line(typed[0], f'name: {shorten(word)}')}"
        return _Item(step, Scalar(typed[1].word, head.start, head.end), typed[2])
    if isinstance(value, Scalar) and (named := _named_item(word, value)):
        return named
    found = _found(word, with_value=value is not None)
    if found is None:
        return None
    inside = "" if isinstance(value, Scalar) or value is None else text[value.start : value.end]
    if inside:
        line = f"{found.word}: {inside}" if not {*"\n`"} & {*inside} else ""
    else:
        line = item_of(found, value.text if isinstance(value, Scalar) else "")
        if isinstance(value, Scalar):
            value = Scalar(line.partition(": ")[2], value.start, value.end)
    if not line:
        return None
    numbered = re.fullmatch(r"([A-Za-z]+)\d+", word)
    line = shorten(line, 80)
    own = numbered and _folded(word) not in _words(len(KINDS))
    step = f"write {_with_line(line, f'name: {word}') if own else f'`- {line}`'}"
    return _Item(step, Scalar(found.word, head.start, head.end), value)


def _named_item(word: str, value: Scalar) -> _Item | None:
    """Return the item of `conv1: conv 16 3x3`, whose name stands where its kind belongs, None for any other."""
    from cnnspec.language.meant import item_of  # noqa: PLC0415 - what is known by another word is rare

    first, _, rest = value.text.partition(" ")
    found = find_kind(first) if first[:1].isalpha() and NAME.fullmatch(word) else None
    line = item_of(found, rest) if found else ""
    if not found or not line:
        return None
    step = f"the kind is the key: write {_with_line(line, f'name: {word}')}"
    arguments = line.partition(": ")[2]
    return _Item(
        step,
        Scalar(found.word or found.cls.kind, value.start, value.end),
        Scalar(arguments, value.start, value.end) if arguments else None,
    )


def _typed(value: tree.Mapping, text: str) -> tuple[str, Found, Tree | None] | None:
    """Return an item whose kind stands as a value in its arguments, its kind and these; None for any other."""
    kind = next((part.text for key, part in value.entries if key.text in TYPES and isinstance(part, Scalar)), "")
    found = kind_meant(kind) if kind else None
    if found is None:
        return None
    given = [(key, part) for key, part in value.entries if key.text not in TYPES]
    pairs = ", ".join(f"{key.text}: {text[part.start : part.end]}" for key, part in given)
    arguments = tree.Mapping(value.start, value.end, True, given) if given else None
    return f"{found.word}: {{{pairs}}}" if pairs else found.word, found, arguments


def kind_meant(word: str) -> Found | None:
    """Return the kind that a word names or means.

    >>> from cnnspec import layers
    >>> kind_meant("Conv_2D").cls.kind, kind_meant("fully_connected").cls.kind, kind_meant("name")
    ('conv', 'dense', None)
    """
    return find_kind(word) or _found(word)


def _found(word: str, *, with_value: bool = True) -> Found | None:
    """Return the kind that a word means: by the table of steps, whose numbers are an example, or by its signs alone.

    A step that names a second kind, or says what is different, is one that its reader must decide upon.
    """
    if step := synonym(word):
        match = re.match(r"write `(\w+)(?:: [\d.x/ ]+)?`(?!,? (?:or|and|then)\b)(?!.*;)", step)
        found = find_kind(match[1]) if match and (with_value or ":" not in match[0]) else None
    else:
        words = _words(len(KINDS))
        found = next((find_kind(words[form]) for form in _forms(word) if form in words), None)
    return found if found and not found.cls.joins else None
