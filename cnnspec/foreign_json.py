"""JSON that others have written: no integer in it is larger than any that a computation would take."""

from __future__ import annotations

import json
from typing import Any, Final

MOST_DIGITS: Final = 40
"""An integer of 64 bits has 19; one of 309 is no floating-point number any more, and breaks what expects one."""


def parsed(text: str | bytes) -> Any:
    """Return a value; raise ValueError where a text is no JSON, RecursionError where it is nested too deep.

    >>> parsed('{"epochs": 3}')
    {'epochs': 3}
    """
    return json.loads(text, parse_int=_integer)


def _integer(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise ValueError(f"a number of {len(text):,} digits")
    return int(text)
