"""How fast importing is, side by side with Keras: `python tests/benchmarks/importing.py`."""

from __future__ import annotations

import json
import lzma
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cnnspec
from cnnspec.importing.opening import open_model
from cnnspec.importing.spec import write_spec

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
ENVIRONMENT = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}


def main() -> None:
    """Measure and print each figure with its goal."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "EfficientNetB7.json"
        path.write_text(
            json.dumps(json.loads(lzma.decompress(STORED.read_bytes()))["EfficientNetB7"]), encoding="utf-8"
        )
        graph = open_model(str(path)).graph
        show(
            "(a) seconds: import and summary of EfficientNetB7, in process",
            best(summary(path)),
            "≤ 0.5",
        )
        show("(b) seconds: folding it", best(lambda: timed(lambda: write_spec(graph))), "none")
        ours, keras = run(OURS, path), run(KERAS, path)
        show("(c) process: Keras' model_from_json and count / our import and summary", in_turns(keras, ours, 3), "≥ 50")


def show(what: str, figure: float, goal: str) -> None:
    """Print one figure."""
    print(f"{what:<80} {figure:8.2f}   goal {goal}", flush=True)


def summary(path: Path) -> Callable[[], float]:
    """Return what times an import with its summary."""
    return lambda: timed(lambda: cnnspec.summarize(open_model(str(path)).graph))


def best(action: Callable[[], float], rounds: int = 5) -> float:
    """Return the best of several times."""
    return min(action() for _ in range(rounds))


def in_turns(left: Callable[[], float], right: Callable[[], float], rounds: int) -> float:
    """Return the best of one side by the best of the other, taken in turns, so that a busy machine slows both."""
    pairs = [(left(), min(right() for _ in range(3))) for _ in range(rounds)]
    return min(pair[0] for pair in pairs) / min(pair[1] for pair in pairs)


def timed(action: Callable[[], object]) -> float:
    """Return the seconds that an action takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def run(program: str, path: Path) -> Callable[[], float]:
    """Return what times one process, whose answer must be right."""

    def once() -> float:
        start = time.perf_counter()
        command = [sys.executable, "-c", program, str(path)]
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=ENVIRONMENT)
        assert done.stdout.split()[-1] == PARAMS
        return time.perf_counter() - start

    return once


if __name__ == "__main__":
    main()
