"""Networks of our own against others who count: Keras, or every window followed and every multiplication done."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Final

from tests.fuzz.signals import Compared, compare, draw
from tests.fuzz.target import ROOT

RANDOM: Final = "tests/keras/test_oracle_random.py::test_random_networks_agree"
LIVE: Final = "tests/analysis/test_footprint.py::test_what_is_live_is_what_brute_force_finds"


def networks(count: int, seed: int, _: float) -> int:
    """Compare so many random networks of all kinds with Keras, layer by layer, each run on two samples."""
    return _run(RANDOM, count, seed)


def memory(count: int, seed: int, _: float) -> int:
    """Compare what is live at every layer of so many random networks, with sets of tensors followed step by step."""
    return _run(LIVE, count, seed)


def _run(test: str, count: int, seed: int) -> int:
    """Run a test that draws its cases, with so many of them."""
    environment = {**os.environ, "CNNSPEC_NETWORKS": str(count), "PYTHONPATH": str(ROOT)}
    options = ["-q", "-s", "-n0", "-p", "no:cacheprovider", f"--hypothesis-seed={seed}"]
    command = [sys.executable, "-m", "pytest", *options, test]
    return subprocess.run(command, check=False, cwd=ROOT, env=environment).returncode


def signals(count: int, seed: int, minutes: float) -> int:
    """Compare so many random graphs with what their elements see, and with the multiplications that make them."""
    totals: Counter[str] = Counter()
    wrong, end = 0, time.monotonic() + 60 * minutes
    for number in range(count):
        if time.monotonic() > end:
            break
        drawn = draw(Random(f"{seed}/{number}"))
        totals["graphs"] += 1
        try:
            totals.update(compare(drawn)._asdict())
        except AssertionError as error:
            wrong += 1
            print(f"graph {number} of seed {seed}: {error}", flush=True)
    print(f"{totals['graphs']:,} graphs: {sum(totals[name] for name in Compared._fields[:3]):,} tensors,")
    print(f"  fields: {totals['exact']:,} exact, {totals['rough']:,} to a pixel, {totals['silent']:,} without a claim")
    print(f"  {totals['products']:,} multiplications counted; {wrong} differences")
    return 1 if wrong else 0


DIFFERENCES: Final[dict[str, Callable[[int, int, float], int]]] = {
    "networks": networks,
    "signals": signals,
    "memory": memory,
}
"""What is compared, by its name on the command line: a count, a seed, and the most minutes."""
