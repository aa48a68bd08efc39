"""The network of a worksheet as a spec, against which filled-in worksheets are checked."""

from __future__ import annotations

from typing import Final

from cnnspec.homework.practice.formats._format import WorksheetFormat
from cnnspec.homework.practice.worksheet import Worksheet

FORMAT: Final = WorksheetFormat(".yaml", spec=True)


def render(worksheet: Worksheet, *, key: bool) -> str:  # noqa: ARG001 - all formats are called alike
    """Return the spec; it is its own key."""
    return worksheet.spec
