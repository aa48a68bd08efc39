"""The ways in which images are varied while a network learns from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

AUTO: Final = "auto"
"""Stands for all ways that suit the data."""
CROP: Final = "crop"
FLIP: Final = "flip"
MIRRORS: Final[Mapping[str, bool]] = {CROP: False, FLIP: True}
"""Every way, and whether it mirrors images, which not all data allow."""


def suitable(*, mirrors: bool) -> tuple[str, ...]:
    """Return the ways for data of which a mirrored picture is, or is not, still one of its class."""
    return tuple(name for name, mirroring in MIRRORS.items() if mirrors or not mirroring)
