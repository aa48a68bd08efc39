"""How fast importing is, side by side with Keras, for `python -m tests.benchmarks importing`."""

from __future__ import annotations

import json
import lzma
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cnnspec
from cnnspec.importing.opening import open_model
from cnnspec.importing.spec import write_spec
from tests.benchmarks.figures import ENVIRONMENT, Figure, in_turns, timed

STORED = Path(__file__).parents[1] / "data" / "keras_applications.json.xz"
KERAS = """
import sys, keras
print(keras.models.model_from_json(open(sys.argv[1]).read()).count_params())
"""
OURS = """
import sys, cnnspec
from cnnspec.importing.opening import open_model
print(cnnspec.summarize(open_model(sys.argv[1]).graph).totals.params)
"""
PARAMS = "66658687"
QUIET = ENVIRONMENT | {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}


def figures() -> Iterator[Figure]:
    """Yield each figure with its goal."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "EfficientNetB7.json"
        path.write_text(
            json.dumps(json.loads(lzma.decompress(STORED.read_bytes()))["EfficientNetB7"]), encoding="utf-8"
        )
        graph = open_model(str(path)).graph
        yield Figure("(a) import and summary of EfficientNetB7, in process", best(summary(path)), "s", ("≤", 0.5))
        yield Figure("(b) folding it", best(lambda: timed(lambda: write_spec(graph))), "s")
        ours, keras = run(OURS, path), run(KERAS, path)
        ratio = in_turns(keras, lambda: min(ours() for _ in range(3)), 3)
        yield Figure("(c) process: Keras' model_from_json and count / our import and summary", ratio, goal=("≥", 50))


def summary(path: Path) -> Callable[[], float]:
    """Return what times an import with its summary."""
    return lambda: timed(lambda: cnnspec.summarize(open_model(str(path)).graph))


def best(action: Callable[[], float], rounds: int = 5) -> float:
    """Return the best of several times."""
    return min(action() for _ in range(rounds))


def run(program: str, path: Path) -> Callable[[], float]:
    """Return what times one process, whose answer must be right."""

    def once() -> float:
        start = time.perf_counter()
        command = [sys.executable, "-c", program, str(path)]
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=QUIET)
        assert done.stdout.split()[-1] == PARAMS
        return time.perf_counter() - start

    return once
