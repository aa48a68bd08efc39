"""YAML text to located tree, through PyYAML's event parser.

Events, not PyYAML's loader: the loader recurses (and crashes) on deep nesting, keeps the last of two equal keys
without a word, and turns `no` into False and `012` into 10. Scalars stay text here; whoever knows which argument
they are for gives them a type.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import yaml

from cnnspec.errors import MOST, Diagnostic, Related, SpecError, shorten
from cnnspec.source import Source, Span
from cnnspec.text.faults import deeper, in_our_words, limit, not_text, syntax_error
from cnnspec.text.limits import STANDARD, Limits
from cnnspec.text.tree import Mapping, Scalar, Sequence, Tree

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
TEXT_ALONE: Final = "a spec is a text file in UTF-8; `cnnspec import FILE` writes that of a model file"
PICTURES: Final = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8")
"""How files of pictures begin."""
LOOKED_AT: Final = 1024
"""Bytes of a long file that tell whether it may be a text."""
MOST_PARTS: Final = 64
"""The parts that a value in round brackets may have."""


def decode(content: bytes, name: str, limits: Limits = STANDARD) -> Source:
    """Return the text of a file; raise SpecError where it is too large or not UTF-8."""
    if len(content) > limits.bytes:
        if b"\0" in content[:LOOKED_AT]:
            raise not_text(name, "it holds bytes of zero", TEXT_ALONE)
        message = f"the spec is longer than {limits.bytes:,} bytes"
        raise SpecError([limit(message, None, f"bytes={limits.bytes * 10}")])
    if content.startswith(PICTURES):
        raise not_text(
            name, "it is a picture", "`cnnspec predict RUN PICTURE` takes one; a spec is a text file in UTF-8"
        )
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise not_text(name, "it is UTF-16 text", "save it as UTF-8; PowerShell's `>` writes UTF-16, `-o FILE` UTF-8")
    try:
        return Source(name, content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        fact = f"byte {error.start:,} is 0x{content[error.start]:02x}, which is not UTF-8"
        raise not_text(name, fact, TEXT_ALONE) from None


def read(source: Source, limits: Limits = STANDARD) -> Tree | None:
    """Return the tree of a text, or None for an empty one; raise SpecError with every fault of the text."""
    tree, faults = read_faulty(source, limits)
    if faults:
        raise SpecError(faults)
    return tree


def read_faulty(source: Source, limits: Limits = STANDARD) -> tuple[Tree | None, list[Diagnostic]]:
    """Return the tree of a text and its faults; raise SpecError where they leave no tree."""
    composer = _Composer(source, limits)
    fault = composer.fault_of(source.text)
    if fault and ">" in source.text:
        composer, fault = _with_conditions(source, limits, composer, fault)
    if fault:
        raise SpecError([*composer.faults, *in_our_words(source, fault)])
    return composer.root, composer.faults


def _with_conditions(
    source: Source, limits: Limits, composer: _Composer, fault: Diagnostic
) -> tuple[_Composer, Diagnostic | None]:
    """Return what reads a text whose conditions begin with `>`, which is no YAML, and its fault; else what is given."""
    from cnnspec.text.conditions import masked, unmask  # noqa: PLC0415 - few texts have them

    if (text := masked(source.text)) is None:
        return composer, fault
    again = _Composer(source, limits)
    other = again.fault_of(text)
    unmask(again.root)
    return again, other


class _Composer:
    """The state of one walk over the events: the open collections and what was found wrong."""

    def __init__(self, source: Source, limits: Limits) -> None:
        self.source = source
        self.limits = limits
        self.faults: list[Diagnostic] = []
        self.root: Tree | None = None
        self.documents = 0
        self.has_brackets = "(" in source.text

    def fault_of(self, text: str) -> Diagnostic | None:
        """Compose the tree of a text; return why it is no YAML, None where it is."""
        try:
            self.compose(text)
        except yaml.YAMLError as error:
            return syntax_error(self.source, error, self.limits)
        except RecursionError:
            return limit("the spec is nested too deeply", None, "")
        return None

    def compose(self, text: str) -> None:
        """Walk all events once; `open_nodes` holds the open collections, `children` what the innermost contains.

        Every spec passes here with several events a line, so the loop is written out instead of divided.
        """
        open_nodes: list[tuple[Sequence | Mapping, list[Tree]]] = []
        children: list[Tree] = []
        limit = self.limits.events
        events: Iterable[Any] = yaml.parse(text, Loader=_LOADER)
        for count, event in enumerate(events):
            kind = event.__class__
            if count >= limit:
                self._check_limits(len(open_nodes), count, event)
            if kind is yaml.ScalarEvent:
                start, end = event.start_mark.index, event.end_mark.index
                children.append(Scalar(event.value, start, end, not event.style))
                if event.anchor is not None or event.tag is not None:
                    self._refuse_extras(event)
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                node, inner = open_nodes.pop()
                node.end = event.end_mark.index
                self._close(node, children)
                children = inner
                children.append(node)
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                if event.anchor is not None or event.tag is not None:
                    self._refuse_extras(event)
                if len(open_nodes) >= self.limits.depth:
                    self._check_limits(len(open_nodes), count, event)
                start, end = event.start_mark.index, event.end_mark.index
                shape = Mapping if kind is yaml.MappingStartEvent else Sequence
                open_nodes.append((shape(start, end, bool(event.flow_style), []), children))
                children = []
            else:
                self._other(event)
        self.root = children[0] if children else None

    def _close(self, node: Sequence | Mapping, children: list[Tree]) -> None:
        """Give a collection what it contains: in a mapping keys and values alternate."""
        if node.flow and self.has_brackets:
            children = list(self._whole(children, pairs=node.__class__ is Mapping))
        if node.__class__ is Sequence:
            node.items = children
            return
        keys = [key if isinstance(key, Scalar) else self._refuse_key(key) for key in children[::2]]
        entries = list(zip(keys, children[1::2], strict=True))
        node.entries = entries  # type: ignore[union-attr] # what is no Sequence is a Mapping
        if len(entries) > 1 or (entries and entries[0][0].text == "<<"):
            self._refuse_duplicates(entries)

    def _whole(self, children: list[Tree], *, pairs: bool) -> Iterator[Tree]:
        """Yield what stands in braces or brackets, with values in round brackets whole.

        YAML splits `(3, 3)` at its comma: what follows is a key without a value in braces, a further item in brackets.
        """
        at, step = 0, 2 if pairs else 1
        while at < len(children):
            node = children[at + step - 1]
            value = _last(node)
            end = _closing(children, at + step - 1, step)
            if end > at + step - 1:
                stop = children[end + 1 - step].end
                value = Scalar(self.source.text[value.start : stop], value.start, stop)
                if isinstance(node, Mapping):
                    node.end, node.entries = stop, [(node.entries[0][0], value)]
            yield from children[at : at + step - 1]
            yield node if isinstance(node, Mapping) else value
            at = end + 1

    def _add(self, fault: Diagnostic) -> None:
        """Keep a fault; raise SpecError where there are so many that finding more would help nobody."""
        self.faults.append(fault)
        if len(self.faults) >= MOST:
            raise SpecError(self.faults)

    def _check_limits(self, depth: int, count: int, event: Any) -> None:
        if count >= self.limits.events:
            message = f"the spec has more than {self.limits.events:,} YAML elements"
            fault = limit(message, self._span(event), f"events={self.limits.events * 10}")
        else:
            fault = deeper(depth, self._span(event))
        raise SpecError([*self.faults, fault])

    def _other(self, event: Any) -> None:
        if isinstance(event, yaml.AliasEvent):
            self._refuse(event, f"the alias `*{shorten(event.anchor)}` is not part of the spec language")
            raise SpecError(self.faults)
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents == 2:
                self._refuse(event, "a second YAML document begins here")
                raise SpecError(self.faults)

    def _refuse_extras(self, event: Any) -> None:
        if getattr(event, "anchor", None) is not None:
            self._refuse(event, f"the anchor `&{shorten(event.anchor)}` is not part of the spec language")
        if getattr(event, "tag", None) is not None:
            self._refuse(event, f"the tag `{shorten(event.tag)}` is not part of the spec language")

    def _refuse(self, event: Any, message: str) -> None:
        step = "write repeated parts as `blocks:` or with `repeat:`" if "nch" in message or "alias" in message else ""
        note = "a spec is one YAML document without anchors, aliases, merge keys and tags"
        self._add(Diagnostic(code="E109", message=message, span=self._span(event), notes=(note,), help=step))

    def _refuse_key(self, node: Tree) -> Scalar:
        span = Span(self.source, node.start, node.start + 1)
        self._add(Diagnostic(code="E112", message="a key must be a word, not a collection", span=span))
        return Scalar("", node.start, node.start + 1)

    def _refuse_duplicates(self, entries: list[tuple[Scalar, Tree]]) -> None:
        seen: dict[str, Scalar] = {}
        for key, _ in entries:
            first = seen.setdefault(key.text, key)
            if first is not key:
                self._add(self._duplicate(key, first))
            if key.text == "<<":
                self._add(self._merge_key(key))
        entries[:] = [entry for entry in entries if seen[entry[0].text] is entry[0]]

    def _duplicate(self, key: Scalar, first: Scalar) -> Diagnostic:
        place = Span(self.source, first.start, first.end)
        return Diagnostic(
            code="E102",
            message=f"`{shorten(key.text)}` is given twice",
            span=Span(self.source, key.start, key.end),
            label="second value",
            related=(Related(span=place, message="first given here"),),
        )

    def _merge_key(self, key: Scalar) -> Diagnostic:
        return Diagnostic(
            code="E109",
            message="the merge key `<<` is not part of the spec language",
            span=Span(self.source, key.start, key.end),
            help="write shared arguments under `defaults:` or as a block",
        )

    def _span(self, event: Any) -> Span:
        start, end = event.start_mark.index, event.end_mark.index
        return Span(self.source, start, max(end, start + 1))


def _closing(children: list[Tree], at: int, step: int) -> int:
    """Return where a value ends that begins at a place: behind its closing bracket, or there where none closes it."""
    depth, end = _opened(_last(children[at])), at
    while depth > 0 and end + step < len(children) and end - at < MOST_PARTS * step:
        end += step
        first, *others = children[end + 1 - step : end + 1]
        depth += _opened(first)
        if not all(isinstance(part, Scalar) and part.plain and not part.text for part in others):
            break
        if not (isinstance(first, Scalar) and first.plain):
            break
    return end if not depth else at


def _last(tree: Tree) -> Tree:
    """Return the value of a pair that stands in brackets without braces, everything else as it is."""
    is_pair = isinstance(tree, Mapping) and tree.flow and len(tree.entries) == 1
    return tree.entries[0][1] if is_pair and isinstance(tree, Mapping) else tree


def _opened(tree: Tree) -> int:
    """Return how many round brackets a text opens and does not close."""
    return tree.text.count("(") - tree.text.count(")") if isinstance(tree, Scalar) and tree.plain else 0
