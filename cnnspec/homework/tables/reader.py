"""What a format of homework tables says of itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from cnnspec.source import Source

NARROWER: Final = "give every row as many cells as the header has"


class Reader(NamedTuple):
    """One format: how its files are called and recognised, and the words for what is in them.

    name         the format's name
    called       what its content is called in a message
    suffixes     the suffixes that mean this format and no other, without the dot
    looked_for   what a table looks like in it
    order        formats are recognised by their content in this order
    looks_like   tells whether a text is one of them; for workbooks, which are no text, it is never asked
    place        what a place in such a file is called
    vague        suffixes of files that may hold such a table, or one in another format
    ragged_step  what helps where a row is longer than the header
    member       of a format that is an archive and no text: the member that tells it
    """

    name: str
    called: str
    suffixes: tuple[str, ...]
    looked_for: str
    order: int
    looks_like: Callable[[Source], bool]
    place: str = "line"
    vague: tuple[str, ...] = ()
    ragged_step: str = NARROWER
    member: str = ""
