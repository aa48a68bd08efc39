"""A command of ours in a process that was forked for it."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Sequence

from cnnspec.cli.app import main


def exit_code(words: Sequence[str], prepare: Callable[[], None]) -> int:
    """Run a command in this process, which ends with it, behind what prepares the process; return its exit code."""
    try:
        prepare()
        sys.argv = ["cnnspec", *words]
        main()
    except SystemExit as end:
        return int(end.code or 0)
    except BaseException:  # noqa: BLE001 - as the interpreter does
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0
