"""How wide text is that is written for any terminal, any page and any mail."""

from __future__ import annotations

from typing import Final

WIDTH: Final = 80
"""Columns."""
