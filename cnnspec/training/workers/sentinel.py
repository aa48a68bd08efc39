"""A limit for what may hang in a library that lets no thread of Python's run meanwhile."""

from __future__ import annotations

import faulthandler
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

PROGRAM: Final = """
import os, select, sys
if not select.select([0], [], [], float(sys.argv[1]))[0]:
    os.write(2, sys.argv[2].encode("utf-8", "replace"))
"""
"""Writes a text after so many seconds, unless whoever holds its standard input has let go of it by then."""


@contextmanager
def ending_after(seconds: float, text: str) -> Iterator[None]:
    """End this process with a text on standard error, and exit code 1, unless the block is left in time."""
    command = [sys.executable, "-I", "-S", "-c", PROGRAM, str(seconds), text]
    with open(os.devnull, "w", encoding="utf-8") as nowhere, subprocess.Popen(command, stdin=subprocess.PIPE):  # noqa: PTH123, S603 - a program of our own
        faulthandler.dump_traceback_later(seconds + 1, exit=True, file=nowhere)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()
