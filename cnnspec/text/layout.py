"""The canonical layout of a spec: a tree written back as text, with the comments of the original."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final, NamedTuple

from cnnspec.text.tree import Mapping, Scalar, Sequence, Tree

WIDTH: Final = 110
_HARMLESS: Final = re.compile(r"(?!(?:null|~)$)[A-Za-z0-9_$/.][A-Za-z0-9_$./ (){}+*=>-]*(?<! )")
_FLOW_SPECIAL: Final = re.compile(r"[,\[\]{}]")
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}


class Comment(NamedTuple):
    """A comment with its offset; `alone` tells that nothing stands before it on its line."""

    offset: int
    text: str
    alone: bool


def write(tree: Tree, original: str, read: Tree | None = None) -> str:
    """Return a tree as text; comments and single blank lines of the original stay where they are.

    `read` is the tree that the original was read to, where `tree` is another one.
    """
    return _Writer(tree, original, read or tree).write()


class _Writer:
    """The lines written so far, and the comments that are still to come."""

    def __init__(self, tree: Tree, original: str, read: Tree) -> None:
        self.tree = tree
        self.original = original
        self.lines: list[str] = []
        self.levels: list[tuple[int, int]] = []
        self.comments = list(_comments(original, read))

    def write(self) -> str:
        self._block(self.tree, 0)
        self._comments_before(len(self.original) + 1, 0)
        return "\n".join(self.lines).strip("\n") + "\n"

    def _block(self, tree: Tree, indent: int) -> None:
        if isinstance(tree, Mapping):
            for key, value in tree.entries:
                self._begin(key.start, indent)
                self._entry(key, value, " " * indent, indent)
        elif isinstance(tree, Sequence):
            for item in tree.items:
                self._begin(item.start, indent, self._column(tree.start))
                self._item(item, indent)
        else:
            self._begin(tree.start, indent)
            self.lines.append(" " * indent + scalar(tree))

    def _item(self, item: Tree, indent: int, before: str | None = None) -> None:
        lead = (" " * indent if before is None else before) + "- "
        single = isinstance(item, Mapping) and len(item.entries) == 1
        text = None if single else self._inline(item, len(lead))
        if text is not None:
            self.lines.append((lead + text).rstrip())
        elif isinstance(item, Mapping):
            for index, (key, value) in enumerate(item.entries):
                if index:
                    self._begin(key.start, indent + 2)
                self._entry(key, value, " " * (indent + 2) if index else lead, indent + 2)
        elif isinstance(item, Sequence):
            for index, child in enumerate(item.items):
                if index:
                    self._begin(child.start, indent + 2, self._column(item.start))
                self._item(child, indent + 2, None if index else lead)

    def _entry(self, key: Scalar, value: Tree, lead: str, indent: int) -> None:
        head = f"{lead}{scalar(key)}:"
        text = self._inline(value, len(head) + 1)
        if text is not None:
            self.lines.append(f"{head} {text}".rstrip())
        else:
            self.lines.append(head)
            self._block(value, indent + 2)

    def _inline(self, tree: Tree, column: int) -> str | None:
        """Return a node as it stands on one line, None for one that needs lines of its own."""
        if isinstance(tree, Scalar):
            return scalar(tree)
        children = tree.items if isinstance(tree, Sequence) else tree.entries
        if not children:
            return "[]" if isinstance(tree, Sequence) else "{}"
        if not tree.flow or any(tree.start <= comment.offset < tree.end for comment in self.comments):
            return None
        text = flow(tree)
        return text if column + len(text) <= WIDTH else None

    def _begin(self, offset: int, indent: int, column: int | None = None) -> None:
        """Write what stands before a node: comments, and one blank line where there was one."""
        column = self._column(offset) if column is None else column
        self._comments_before(offset, indent, column)
        self._blank_before(offset)
        self.levels = [level for level in self.levels if level[0] < column] + [(column, indent)]

    def _comments_before(self, offset: int, indent: int, column: int = -1) -> None:
        while self.comments and self.comments[0].offset < offset:
            comment = self.comments.pop(0)
            if not comment.alone and self.lines and "#" not in self.lines[-1]:
                self.lines[-1] += f"  {comment.text}"
            else:
                self._blank_before(comment.offset)
                self.lines.append(" " * self._comment_indent(comment, indent, column) + comment.text)

    def _comment_indent(self, comment: Comment, indent: int, column: int) -> int:
        """Return where a comment goes: with what follows in `column`, or, if it stands deeper, with what it ends."""
        own = self._column(comment.offset)
        ended = [new for old, new in self.levels if column < old <= own]
        return ended[-1] if comment.alone and ended else indent

    def _column(self, offset: int) -> int:
        return offset - (self.original.rfind("\n", 0, offset) + 1)

    def _blank_before(self, offset: int) -> None:
        start = self.original.rfind("\n", 0, max(offset, 0)) + 1
        above = self.original[:start].rstrip(" \t")
        if self.lines and self.lines[-1] and above.endswith(("\n\n", "\n\r\n")):
            self.lines.append("")


def scalar(node: Scalar, *, in_flow: bool = False) -> str:
    """Return a scalar as YAML: plain where it stood plain or is harmless, in double quotes elsewhere."""
    text = node.text
    if node.plain and not text:
        return ""
    kept = node.plain and text == text.strip() and text.isprintable() and not text.startswith(">")
    if (kept or _HARMLESS.fullmatch(text)) and not (in_flow and _FLOW_SPECIAL.search(text)):
        return text
    escaped = "".join(_ESCAPES.get(char) or (char if char.isprintable() else _escape(char)) for char in text)
    return f'"{escaped}"'


def _escape(char: str) -> str:
    return (
        f"\\x{ord(char):02x}"
        if ord(char) < 256
        else f"\\u{ord(char):04x}"
        if ord(char) < 65536
        else f"\\U{ord(char):08x}"
    )


def flow(tree: Tree) -> str:
    """Return a node in the form with brackets, on one line."""
    if isinstance(tree, Scalar):
        return scalar(tree, in_flow=True)
    if isinstance(tree, Sequence):
        return f"[{', '.join(_flow_item(item) for item in tree.items)}]"
    return f"{{{', '.join(_pair(key, value) for key, value in tree.entries)}}}"


def _flow_item(tree: Tree) -> str:
    """Return an item of a flow list; a single pair needs no braces there: `[conv: 8 3x3, relu]`."""
    if isinstance(tree, Mapping) and len(tree.entries) == 1:
        return _pair(*tree.entries[0])
    return flow(tree)


def _pair(key: Scalar, value: Tree) -> str:
    return f"{scalar(key, in_flow=True)}: {flow(value)}"


def _comments(text: str, tree: Tree) -> Iterator[Comment]:
    """Yield all comments: what begins with `#` behind a blank and outside of every scalar."""
    spans = sorted((node.start, node.end) for node in _scalars(tree))
    starts = [start for start, _ in spans]
    position = 0
    while (position := text.find("#", position)) >= 0:
        index = bisect_right(starts, position) - 1
        inside = index >= 0 and spans[index][0] <= position < spans[index][1]
        if inside or (position and text[position - 1] not in " \t\r\n,[]{}"):
            position += 1
            continue
        end = text.find("\n", position)
        end = len(text) if end < 0 else end
        line_start = text.rfind("\n", 0, position) + 1
        yield Comment(position, text[position:end].rstrip(), not text[line_start:position].strip())
        position = end


def _scalars(tree: Tree) -> Iterator[Scalar]:
    if isinstance(tree, Scalar):
        yield tree
    elif isinstance(tree, Sequence):
        for item in tree.items:
            yield from _scalars(item)
    else:
        for key, value in tree.entries:
            yield key
            yield from _scalars(value)
