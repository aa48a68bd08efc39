"""Commands under a pseudo-terminal: what they write there, byte by byte."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
EVIL: Final = "\x1b]0;pwn\x07\x1b[31mEVIL\u202e\u200f\x9b31m"
"""A title of the window, a colour, a text from right to left, and a control sequence of one byte."""
_ALLOWED: Final = re.compile(r"\x1b\[\??[0-9;]*[A-Za-z]|\r")
"""Colours, and what a progress bar needs: up, erase, hide the cursor, back to the start of the line."""


_PROGRAM: Final = """
import json, sys, traceback
from cnnspec.cli.app import main
for number, words in enumerate(json.loads(sys.argv.pop())):
    sys.argv = ["cnnspec", *words]
    try:
        main()
    except SystemExit:
        pass
    except BaseException:
        traceback.print_exc()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    print(f"<end of {number}>", flush=True)
"""


def on_terminal(*lines: Sequence[str], cwd: Path) -> list[str]:
    """Return all that each of some command lines writes to a terminal of 200 columns, one after the other."""
    leader, follower = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200", "TERM": "xterm", "PYTHONUTF8": "1"}
    environment.pop("NO_COLOR", None)
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, json.dumps(lines)],
        stdin=subprocess.DEVNULL,
        stdout=follower,
        stderr=follower,
        cwd=cwd,
        env=environment,
    )
    os.close(follower)
    pieces = []
    while True:
        try:
            piece = os.read(leader, 65536)
        except OSError:
            break
        if not piece:
            break
        pieces.append(piece)
    os.close(leader)
    process.wait(timeout=120)
    texts = re.split(r"<end of \d+>\r\n", b"".join(pieces).decode("utf-8", "replace"))
    assert len(texts) == len(lines) + 1, texts[-1]
    assert texts[-1] == ""
    return texts[:-1]


def acting(text: str) -> str:
    """Return the characters of an output that a terminal would act on, besides line ends, colours and bars."""
    assert "\x1b[31mEVIL" not in text, "a colour of the input reached the terminal"
    rest = _ALLOWED.sub("", text)
    return "".join(sorted({char for char in rest if not char.isprintable() and char not in "\n\t"}))
