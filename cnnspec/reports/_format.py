"""What a format of tables says of itself."""

from __future__ import annotations

from typing import NamedTuple


class TableFormat(NamedTuple):
    """The suffix of its files, and what tells it from others.

    A `whole` one has all columns and all layers, so that there is nothing to choose; one for a `terminal` takes a width
    and colours.
    """

    suffix: str = ""
    whole: bool = False
    terminal: bool = False
