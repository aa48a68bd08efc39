"""How a side that trains talks to the benchmark: it waits for a line before each epoch, and answers with figures."""

from __future__ import annotations

import json
import os
import resource
import sys
import time


class Clock:
    """Times epochs that are asked for one by one, so that several sides take theirs in turns."""

    def __init__(self) -> None:
        """Nothing is timed yet."""
        self._start, self._processor, self._is_begun = 0.0, 0.0, False

    def begin(self) -> None:
        """Wait until an epoch is asked for; end the process where no more are."""
        if not sys.stdin.readline():
            os._exit(0)
        self._start, self._processor = time.perf_counter(), time.process_time()

    def step(self) -> None:
        """Say when the first step is done."""
        if not self._is_begun:
            self._is_begun = True
            say({"first": time.time()})

    def end(self) -> None:
        """Say what the epoch took: seconds, seconds of all cores, and the most memory so far in MiB."""
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        seconds, processor = time.perf_counter() - self._start, time.process_time() - self._processor
        say({"seconds": seconds, "processor": processor, "peak": peak})


def say(figures: dict[str, float]) -> None:
    """Write a line of JSON; a progress bar may stand before it."""
    print(f"\n{json.dumps(figures)}", flush=True)
