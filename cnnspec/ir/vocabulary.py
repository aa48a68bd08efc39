"""Tables by the words of a spec that are filled when a word is looked up, so that a network costs the kinds it has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from typing import Final, TypeVar

Value = TypeVar("Value")

FINDERS: Final[list[Callable[[str | None], None]]] = []
"""Add what declares a word to the tables, or all there is for no word; removed when they have nothing more to add."""


class Vocabulary(MutableMapping[str, Value]):
    """What words mean; a word that is not there is looked for first, and where all words matter, all are."""

    def __init__(self, *, whole: bool = False) -> None:
        """Begin without words; the meaning of a word in a `whole` table may depend on all declarations."""
        self._values: dict[str, Value] = {}
        self._whole = whole

    def __getitem__(self, word: str) -> Value:
        if self._whole or word not in self._values:
            _find(None if self._whole else word)
        return self._values[word]

    def __setitem__(self, word: str, value: Value) -> None:
        self._values[word] = value

    def __delitem__(self, word: str) -> None:
        del self._values[word]

    def __iter__(self) -> Iterator[str]:
        _find(None)
        return iter(self._values)

    def __len__(self) -> int:
        _find(None)
        return len(self._values)

    def sort(self, key: Callable[[tuple[str, Value]], str | int]) -> None:
        """Bring what is there into an order."""
        self._values = dict(sorted(self._values.items(), key=key))

    def declared(self) -> dict[str, Value]:
        """Return what is there already, without looking for more: for those who add to it."""
        return self._values


def _find(word: str | None) -> None:
    for find in tuple(FINDERS):
        find(word)
