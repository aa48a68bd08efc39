"""How the values of an assignment are read: each is right, or a fault with its place."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from fractions import Fraction
from typing import NamedTuple

from cnnspec.errors import listing, shorten, suggest
from cnnspec.language.faults import Faults, place_of
from cnnspec.text.tree import Mapping, Scalar, Sequence, Tree, describe

STEPS = 300
MOST_POINTS = 1_000_000
LONGEST = 400
"""Characters of a name, a label or a reason."""


class Fields(NamedTuple):
    """The readers of values, which report to the faults of one source."""

    faults: Faults

    def entries(
        self, tree: Tree | None, name: str, known: Collection[str] | None = None
    ) -> Iterator[tuple[Scalar, Tree]]:
        """Yield the entries of a mapping; a key that is not among the known ones is a fault."""
        if tree is None or (isinstance(tree, Scalar) and tree.plain and not tree.text):
            return
        if not isinstance(tree, Mapping):
            self.faults.add("E112", f"{_quoted(name)} must be a mapping, not {describe(tree)}", place_of(tree))
            return
        for key, value in tree.entries:
            if known is None or key.text in known:
                yield key, value
            else:
                step = suggest(key.text, known)
                message = f"unknown key `{shorten(key.text)}` in {_quoted(name)}"
                self.faults.add("E108", message, place_of(key), f"{_quoted(name)} has {listing(known)}", step=step)

    def items(self, tree: Tree | None, name: str) -> list[Tree]:
        """Return the items of a list; one value alone is a list of one."""
        if tree is None:
            return []
        if isinstance(tree, Mapping):
            self.faults.add("E112", f"{_quoted(name)} must be a list, not a mapping", place_of(tree))
            return []
        if isinstance(tree, Sequence):
            return tree.items
        return [tree] if tree.text else []

    def texts(self, tree: Tree | None, name: str) -> list[Scalar]:
        """Return the texts of a list."""
        return [item for item in self.items(tree, name) if self.text(item, name) and isinstance(item, Scalar)]

    def text(self, tree: Tree, name: str) -> str:
        """Return a text of one line, an empty one where it is none."""
        if isinstance(tree, Scalar) and tree.text.strip() and len(tree.text) <= LONGEST:
            return tree.text.strip()
        self.unfit(tree, name, f"a text of at most {LONGEST} characters")
        return ""

    def word(self, tree: Tree, name: str, words: Collection[str]) -> str:
        """Return one of several words, an empty text where it is none."""
        if isinstance(tree, Scalar) and tree.text in words:
            return tree.text
        step = suggest(tree.text, words) if isinstance(tree, Scalar) else ""
        self.unfit(tree, name, f"one of {listing(f'`{word}`' for word in words)}", step)
        return ""

    def flag(self, tree: Tree, name: str) -> bool:
        """Return a truth value."""
        return self.word(tree, name, ("true", "false")) == "true"

    def number(self, tree: Tree, name: str, least: int = 0) -> int | None:
        """Return a number of points, None where it is none."""
        text = tree.text if isinstance(tree, Scalar) else ""
        if text.isascii() and text.isdecimal() and len(text) <= 7 and least <= int(text) <= MOST_POINTS:
            return int(text)
        self.unfit(tree, name, f"an integer from {least} to {MOST_POINTS:,}")
        return None

    def share(self, tree: Tree, name: str) -> Fraction | None:
        """Return a share from 0 to 1, a multiple of 1/300 so that points stay small; None where it is none."""
        text = tree.text if isinstance(tree, Scalar) else ""
        words = {"full": "1", "half": "1/2", "none": "0"}
        try:
            value = Fraction(words.get(text, text if len(text) <= 8 else ""))
        except (ValueError, ZeroDivisionError):
            value = Fraction(-1)
        if 0 <= value <= 1 and STEPS % value.denominator == 0:
            return value
        self.unfit(
            tree, name, "`full`, `half`, `none`, or a share from 0 to 1 in hundredths or thirds, such as 0.25 or 1/3"
        )
        return None

    def unfit(self, tree: Tree, name: str, accepts: str, step: str = "") -> None:
        """Report a value that does not fit."""
        shown = shorten(self.faults.source.text[tree.start : tree.end])
        self.faults.add("E105", f"{_quoted(name)} must be {accepts}, not `{shown}`", place_of(tree), step=step)

    def absent(self, key: Scalar, message: str, known: Collection[str]) -> None:
        """Report a word for something that is not there."""
        note = f"there are {listing(dict.fromkeys(known), 40)}"
        self.faults.add("E415", message, place_of(key), note, step=suggest(key.text, known))


def _quoted(name: str) -> str:
    """Return a name for a message; a user's word may be in it."""
    return f"`{shorten(name, 80)}`"
