"""How figures grow with the size of what is given, for `python -m tests.benchmarks scale`."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from cnnspec.analysis.measure import measure
from cnnspec.drawing.drawing import draw
from cnnspec.networks import loads
from tests.benchmarks.figures import ENVIRONMENT, Figure, timed

MEASURED = """
import resource, sys, time
import cnnspec
from cnnspec.importing.opening import open_model
from cnnspec.text.limits import Limits
limits = Limits(bytes=10_000_000, events=1_000_000, nodes=200_000)
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
def load(name):
    return open_model(name).graph if name.endswith(".json") else cnnspec.load(name, limits=limits)
cnnspec.summarize(cnnspec.load("lenet5"))
before, start = peak(), time.perf_counter()
summary = cnnspec.summarize(load(sys.argv[1]))
print(time.perf_counter() - start, (peak() - before) * 1024)
"""
"""Seconds and bytes of a network that is read and measured."""


def figures() -> Iterator[Figure]:
    """Yield each figure; where one is a ratio of per-layer costs, with its goal."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (small, _), (large, memory) = (measured(written(folder, count)) for count in (1_000, 100_000))
        yield Figure("a spec of 100,000 lines, read and measured", large, "s")
        yield Figure("its memory per layer", memory / 100_000 / 1024, "KiB")
        yield Figure("its time per layer / of 1,000 lines", large / small / 100, goal=("≤", 1.2))
        (small, _), (large, memory) = (measured(configured(folder, count)) for count in (1_000, 90_000))
        yield Figure("a Keras configuration of 90,000 layers, imported and measured", large, "s")
        yield Figure("its memory per layer", memory / 90_000 / 1024, "KiB")
        yield Figure("its time per layer / of 1,000 layers", large / small / 90, goal=("≤", 1.2))
        small, large = (min(drawing(count) for _ in range(5)) for count in (1_000, 10_000))
        yield Figure("drawing 10,000 folded layers", large, "s")
        yield Figure("its time per layer / of 1,000", large / small / 10, goal=("≤", 1.3))
        for command in ("draw", "report"):
            yield Figure(f"process: {command} of 1,000 layers", command_of(folder, command), "s")
        yield Figure("process: practice for 1,000 students", practice(folder), "s")


def written(folder: Path, count: int) -> Path:
    """Write a spec in which every layer is a line of its own."""
    path = folder / f"lines{count}.yaml"
    lines = (f"  - conv: {8 * (1 + index % 4)} 3x3 same" for index in range(count))
    path.write_text("input: 32x32x3\nlayers:\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def drawing(count: int) -> float:
    """Draw a network of one block, again and again."""
    text = f"input: 8x8x4\nblocks: {{pair: [conv: 4 3x3 same, relu]}}\nlayers:\n  - pair:\n    repeat: {count // 2}\n"
    summary = measure(loads(text))
    return timed(lambda: draw(summary).svg)


def configured(folder: Path, count: int) -> Path:
    """Write a Keras configuration of a chain."""
    path = folder / f"layers{count}.json"
    shape = {"batch_shape": [None, 32, 32, 8], "dtype": "float32", "name": "input"}
    layers: list[object] = [{"module": "keras.layers", "class_name": "InputLayer", "config": shape}]
    for index in range(count):
        settings = {"name": f"conv{index}", "filters": 8, "kernel_size": [3, 3], "padding": "same", "use_bias": True}
        layers.append({"module": "keras.layers", "class_name": "Conv2D", "config": settings})
    document = {"class_name": "Sequential", "config": {"name": "chain", "layers": layers}}
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def measured(path: Path) -> tuple[float, int]:
    """Return the best seconds of three processes, and the memory in bytes of one."""
    runs = [run("-c", MEASURED, str(path)).split() for _ in range(3)]
    return min(float(seconds) for seconds, _ in runs), min(int(memory) for _, memory in runs)


def command_of(folder: Path, command: str) -> float:
    """Return the seconds of a command over a network of a thousand different layers."""
    path = written(folder, 1_000)
    output = folder / f"{command}.{'svg' if command == 'draw' else 'html'}"
    return min(timed(lambda: run("-m", "cnnspec", command, str(path), "-o", str(output), "--force")) for _ in range(3))


def practice(folder: Path) -> float:
    """Return the seconds of a sheet and a key for each of a thousand students."""
    roster = folder / "roster.csv"
    roster.write_text("Student\n" + "".join(f"student{index:04}\n" for index in range(1_000)), encoding="utf-8")
    words = (
        "practice",
        "lenet5-rgb",
        "--vary",
        "filters,kernel,input",
        "--roster",
        str(roster),
        "--output-dir",
        str(folder / "sheets"),
    )
    return timed(lambda: run("-m", "cnnspec", *words))


def run(*arguments: str) -> str:
    """Run a Python process and return what it prints; end with its errors where it fails."""
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, env=ENVIRONMENT, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(arguments)}\n{done.stderr}")
    return done.stdout
