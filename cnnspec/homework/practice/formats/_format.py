"""What a format of worksheets says of itself."""

from __future__ import annotations

from typing import NamedTuple


class WorksheetFormat(NamedTuple):
    """The suffix of its files, and whether it is the `spec` that lies beside a worksheet in any other format.

    A `quiz` holds the answers: nobody gets one without asking for it.
    """

    suffix: str
    spec: bool = False
    quiz: bool = False
