"""Networks of our own against others who count: Keras, windows followed by hand, multiplications one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

DIFFERENCES: Final[dict[str, Callable[[int, int, float], int]]] = {}
