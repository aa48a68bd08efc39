"""The types of numbers, and how much memory one takes."""

from __future__ import annotations

from typing import Final

BYTES: Final = {"float64": 8, "float32": 4, "float16": 2, "bfloat16": 2, "int8": 1}
"""Bytes per number, by the name of its type."""
