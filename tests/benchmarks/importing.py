"""How fast importing is, side by side with Keras, for `python -m tests.benchmarks importing`."""

from __future__ import annotations

import json
import lzma
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
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
MEMORY = """
import sys, cnnspec
from cnnspec.importing.opening import open_model
cnnspec.summarize(open_model(sys.argv[1]).graph)
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""
"""Not `getrusage`, which counts what the process that started this one had."""
WIDTHS = (3, 1024, 1024, 1024, 620)
"""Channels of convolutions with 25,000,000 weights or so, which are 100 MB."""
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
        large = Path(folder) / "large.onnx"
        large.write_bytes(onnx())
        megabytes = large.stat().st_size / 1e6
        read = run(OURS, large, str(sum(9 * c * k for c, k in pairwise(WIDTHS))))
        yield Figure(
            f"(d) process: import and summary of an ONNX file of {megabytes:.0f} MB", best(read), "s", ("≤", 1)
        )
        if sys.platform == "linux":
            most = int(answer(MEMORY, large)[0]) * 1024 / 1e6
            yield Figure("(e) process: most memory of that", most, "MB", ("≤", 100))


def summary(path: Path) -> Callable[[], float]:
    """Return what times an import with its summary."""
    return lambda: timed(lambda: cnnspec.summarize(open_model(str(path)).graph))


def best(action: Callable[[], float], rounds: int = 5) -> float:
    """Return the best of several times."""
    return min(action() for _ in range(rounds))


def onnx() -> bytes:
    """Return an ONNX file of convolutions with weights, as onnx.proto numbers the fields."""
    nodes, weights = b"", b""
    for place, (c, k) in enumerate(pairwise(WIDTHS)):
        kernel = field(1, b"pads") + b"".join(number(8, 1) for _ in range(4)) + number(20, 7)
        reads = field(1, b"x%d" % place) + field(1, b"w%d" % place)
        nodes += field(1, reads + field(2, b"x%d" % (place + 1)) + field(4, b"Conv") + field(5, kernel))
        sizes = b"".join(number(1, size) for size in (k, c, 3, 3))
        weights += field(5, sizes + number(2, 1) + field(8, b"w%d" % place) + field(9, bytes(4 * 9 * c * k)))
    ends = [value(0, WIDTHS[0]), value(len(WIDTHS) - 1, WIDTHS[-1])]
    graph = nodes + field(2, b"large") + weights + field(11, ends[0]) + field(12, ends[1])
    return number(1, 8) + field(7, graph) + field(8, number(2, 17))


def value(place: int, channels: int) -> bytes:
    """Return a tensor of images as an input or an output says it."""
    sizes = b"".join(field(1, number(1, size)) for size in (1, channels, 32, 32))
    return field(1, b"x%d" % place) + field(2, field(1, number(1, 1) + field(2, sizes)))


def field(key: int, content: bytes) -> bytes:
    """Return a field with its length, by the wire format of protocol buffers."""
    return varint(key << 3 | 2) + varint(len(content)) + content


def number(key: int, content: int) -> bytes:
    """Return a field that is a number."""
    return varint(key << 3) + varint(content)


def varint(content: int) -> bytes:
    """Return a number in groups of seven bits."""
    return bytes([content]) if content < 128 else bytes([content & 127 | 128]) + varint(content >> 7)


def answer(program: str, path: Path) -> list[str]:
    """Return the words that a process prints."""
    command = [sys.executable, "-c", program, str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=QUIET)
    return done.stdout.split()


def run(program: str, path: Path, params: str = PARAMS) -> Callable[[], float]:
    """Return what times one process, whose answer must be right."""

    def once() -> float:
        start = time.perf_counter()
        assert answer(program, path)[-1] == params
        return time.perf_counter() - start

    return once
