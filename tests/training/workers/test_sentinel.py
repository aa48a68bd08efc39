"""A limit that holds where no thread of Python's runs."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from cnnspec.training.workers.sentinel import ending_after

HANGING = """
import time
from cnnspec.training.workers.sentinel import ending_after

with ending_after(0.5, "it hangs\\n"):
    time.sleep(30)
"""


def test_a_process_that_hangs_is_ended_with_a_text() -> None:
    """And with exit code 1, without a traceback."""
    begin = time.monotonic()
    done = subprocess.run([sys.executable, "-c", HANGING], check=False, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "it hangs\n")
    assert time.monotonic() - begin < 20


@pytest.mark.slow
def test_nothing_comes_of_it_in_time() -> None:
    """Nor is anything left that would end the process later."""
    begin = time.monotonic()
    with ending_after(1, "never\n"):
        pass
    assert time.monotonic() - begin < 1
    time.sleep(2.5)
