"""How fast the core is: ratios measured side by side in one run, for `python -m tests.benchmarks core`.

Every ratio divides the best of several runs by the best of several runs of the other side, taken in turns, so that a
busy machine slows both.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import yaml

import cnnspec
from tests.benchmarks.figures import ENVIRONMENT, Figure, in_turns, timed

KERAS_LENET = """
import keras
from keras import layers
model = keras.Sequential([
    keras.Input((28, 28, 1)),
    layers.Conv2D(32, 5, padding="same", activation="relu"), layers.MaxPooling2D(2),
    layers.Conv2D(48, 5, padding="same", activation="relu"), layers.MaxPooling2D(2),
    layers.Flatten(), layers.Dense(256, activation="relu"), layers.Dense(84, activation="relu"),
    layers.Dense(10, activation="softmax"),
])
model.summary()
"""


def figures() -> Iterator[Figure]:
    """Yield every ratio with its goal."""
    startup = "(a) process `summarize lenet5 --format json` / importing typer, rich and yaml"
    yield Figure(startup, process_ratio(), goal=("≤", 1.2))
    speed, memory = keras_ratios()
    yield Figure("(b) Keras script / ours, time", speed, goal=("≥", 30))
    yield Figure("(b) Keras script / ours, memory", memory, goal=("≥", 10))
    yield Figure("(c) time per layer at 100,000 / at 1,000 layers", scale_ratio(), goal=("≤", 1.2))
    yield Figure("(d) text to measured graph, 2,000 lines / libyaml's events", parse_ratio(), goal=("≤", 6))
    yield Figure("(e) ResNet-152: Keras build and count / ours in process", resnet_ratio(), goal=("≥", 100))
    yield Figure("(f) process `draw densenet121` / `summarize densenet121`", draw_ratio(), goal=("≤", 1.5))


def run(*arguments: str) -> Callable[[], float]:
    """Return a function that times one Python process."""
    command = [sys.executable, *arguments]
    return lambda: timed(
        lambda: subprocess.run(command, check=True, capture_output=True, env=ENVIRONMENT, cwd=tempfile.gettempdir())
    )


def process_ratio() -> float:
    """Compare the whole command, as its installed script runs it, with the imports that such a program needs."""
    ours = run("-c", "from cnnspec.cli.app import main; main()", "summarize", "lenet5", "--format", "json")
    imports = run("-c", "import typer, rich.console, rich.table, yaml")
    in_turns(ours, imports, 2)
    return in_turns(ours, imports, 25)


def draw_ratio() -> float:
    """Compare drawing a large network with its table."""
    drawing, table = (run("-m", "cnnspec", command, "densenet121") for command in ("draw", "summarize"))
    return in_turns(drawing, table, 15)


def keras_ratios() -> tuple[float, float]:
    """Compare time and peak memory of a Keras script with those of the command."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "lenet.py"
        script.write_text(KERAS_LENET, encoding="utf-8")
        ours = ("-m", "cnnspec", "summarize", "lenet5", "--format", "json")
        single = run(*ours)
        speed = in_turns(run(str(script)), lambda: min(single() for _ in range(5)), 3)
        return speed, peak_memory(str(script)) / peak_memory(*ours)


def peak_memory(*arguments: str) -> int:
    """Return the peak memory of one Python process, in the system's unit."""
    code = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL); "
    code += "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    command = [sys.executable, "-c", code, sys.executable, *arguments]
    done = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=ENVIRONMENT, text=True
    )
    return int(done.stdout)


def measured(text: str) -> Callable[[], float]:
    """Return a function that times text to measured graph."""
    return lambda: timed(lambda: cnnspec.summarize(cnnspec.loads(text)))


def scale_ratio() -> float:
    """Compare the time per layer of a large network with that of a small one."""
    spec = "input: 32x32x3\nlayers:\n  - conv: 8 3x3 same\n    repeat: {}\n"
    small, large = measured(spec.format(1_000)), measured(spec.format(100_000))
    return in_turns(large, lambda: min(small() for _ in range(10)), 8) / 100


def parse_ratio() -> float:
    """Compare reading, building and measuring a flat spec with libyaml's bare parse of the same text."""
    lines = []
    for index in range(500):
        filters = 8 * (1 + index % 16)
        lines += [f"  - conv: {filters} 3x3 same relu", f"  - conv: {{filters: {filters}, kernel: 1x1}}"]
        lines += ["  - bn", "  - relu"]
    text = "input: 32x32x3\nlayers:\n" + "\n".join(lines) + "\n"
    events = lambda: timed(lambda: sum(1 for _ in yaml.parse(text, Loader=yaml.CSafeLoader)))  # noqa: E731 - a pair of functions
    return in_turns(measured(text), events, 15)


def resnet_ratio() -> float:
    """Compare building and counting ResNet-152 in Keras with reading and measuring it here."""
    os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    import keras  # noqa: PLC0415, TID251 - the side that is compared with

    text = (Path(__file__).parents[2] / "specs" / "resnet.yaml").read_text(encoding="utf-8")
    text = text.replace("params: {depth: 50}", "params: {depth: 152}")
    assert cnnspec.summarize(cnnspec.loads(text)).totals.params == 60_419_944

    def build() -> float:
        keras.backend.clear_session()
        return timed(lambda: keras.applications.ResNet152(weights=None).count_params())

    return in_turns(build, measured(text), 3)
