"""How fast training is: ratios measured side by side in one run.

    python tests/benchmarks/training.py --data-dir DIR

DIR holds MNIST in any form that `cnnspec train --data-dir` reads, such as `mnist.npz`; without the option it is
`$CNNSPEC_DATA`. `--only a` measures one part, `--epochs` and `--rounds` say how long. Both sides run in turns, on the
CPU, each in a process of its own, so that a busy machine slows both; a ratio is given of the best of all rounds and of
their medians. The first epoch, in which everything is set up, counts in (b) and not in (a). Every figure is printed as
soon as it is measured.
"""

from __future__ import annotations

import argparse
import csv
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[2]
BATCH = 64
KERAS_MNIST = """
import sys, time
import keras
import numpy as np
from keras import layers

file, epochs, batch_size, first = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "first"
with np.load(file) as arrays:
    x, y = arrays["x_train"], arrays["y_train"]
x = x.reshape((-1, 28, 28, 1)).astype("float32") / 255


class Clock(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        self.start = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        print(f"<epoch {time.perf_counter() - self.start}>", flush=True)

    def on_train_batch_end(self, batch, logs=None):
        if first:
            import os
            print(f"<first {time.time()}>", flush=True)
            os._exit(0)


model = keras.Sequential([
    keras.Input((28, 28, 1)),
    layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D(2),
    layers.Conv2D(64, 3, activation="relu"), layers.MaxPooling2D(2),
    layers.Conv2D(128, 3, activation="relu"),
    layers.Flatten(), layers.Dense(10, activation="softmax"),
])
assert model.count_params() == 104_202
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x, y, epochs=epochs, batch_size=batch_size, callbacks=[Clock()])
"""
"""The course's script, with a clock."""
OUR_EPOCHS = """
import sys, time
from cnnspec.cli.progress import Lines

last = []


def end(self, row, epochs, *, best):
    last.append(time.perf_counter())
    if len(last) > 1:
        print(f"<whole {last[-1] - last[-2]}>", flush=True)


Lines.end = end
from cnnspec.cli.app import main
main()
"""
"""`cnnspec`, with a clock that runs from the end of an epoch, when all of it is on the disk, to the end of the next."""
OUR_FIRST = """
import os, sys, time
from cnnspec.cli.progress import Lines


def step(self, done, loss):
    print(f"<first {time.time()}>", flush=True)
    os._exit(0)


Lines.step = step
from cnnspec.cli.app import main
main()
"""
KERAS_RESNET = "import keras; assert keras.applications.ResNet50(weights=None).count_params() == 25_636_712"
Measure = Callable[[], Sequence[float]]


def main() -> None:
    """Measure and print every ratio with its goal."""
    options = read_options()
    say(f"parts {', '.join(options.only)}, {options.rounds} rounds, {options.epochs} epochs of each training\n")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if {"a", "b"} & set(options.only):
            write_arrays(options.data_dir, folder)
        if "a" in options.only:
            epoch_ratios(folder, options.epochs, options.rounds)
        if "b" in options.only:
            start_ratio(folder, options.rounds + 2)
        if "c" in options.only:
            verify_ratio(options.rounds)


def read_options() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", metavar="DIR", default=os.environ.get("CNNSPEC_DATA"), help="where MNIST is")
    parser.add_argument(
        "--epochs", type=int, default=4, metavar="N", help="epochs of each training; the first is dropped"
    )
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="trainings of each side; (b) has two more")
    parser.add_argument("--only", nargs="+", choices=("a", "b", "c"), default=["a", "b", "c"], help="what to measure")
    options = parser.parse_args()
    if options.epochs < 2 or options.rounds < 1:
        parser.error("at least 2 epochs, for the first does not count, and 1 round")
    if options.data_dir is None and {"a", "b"} & set(options.only):
        parser.error("MNIST is needed: give `--data-dir DIR`, or set CNNSPEC_DATA")
    return options


def write_arrays(data_dir: str, folder: Path) -> None:
    """Write MNIST into a folder as one file, which both sides read."""
    say("writing MNIST as one file\n")
    import numpy as np  # noqa: PLC0415, TID251 - `--help` needs none

    from cnnspec.training.data import load_data  # noqa: PLC0415 - needs numpy

    data = load_data("mnist", folder=Path(data_dir).expanduser(), offline=True)
    arrays = {"x_train": data.train.x[..., 0], "x_test": data.test.x[..., 0]}
    np.savez(folder / "mnist.npz", y_train=data.train.y, y_test=data.test.y, **arrays)


def epoch_ratios(folder: Path, epochs: int, rounds: int) -> None:
    """Compare the seconds per epoch with those of the course's script."""
    whole: list[list[float]] = []

    def ours() -> Sequence[float]:
        with tempfile.TemporaryDirectory() as runs:
            options = ("--epochs", str(epochs), "--batch-size", str(BATCH), "--run-dir", runs)
            whole.append(list(marked("whole", "-c", OUR_EPOCHS, *training(folder), *options)))
            text = (Path(runs) / "mnist-cnn" / "1" / "history.csv").read_text(encoding="utf-8")
            return [float(row["seconds"]) for row in csv.DictReader(text.splitlines())][1:]

    def theirs() -> Sequence[float]:
        script = ("-c", KERAS_MNIST, str(folder / "mnist.npz"), str(epochs), str(BATCH), "go on")
        return list(marked("epoch", *script))[1:]

    left, right = in_turns("(a) seconds per epoch", ours, theirs, rounds)
    show("(a) epoch of `train mnist-cnn`, `seconds` of history.csv / Keras script", left, right, "≤ 0.75")
    show("(a) the same with checkpoint, history and curves written", flat(whole), right, "≤ 0.75")


def start_ratio(folder: Path, rounds: int) -> None:
    """Compare the time from the start of the process to the end of the first execution: a batch, or several of ours."""

    def ours() -> Sequence[float]:
        with tempfile.TemporaryDirectory() as runs:
            return since_start("-c", OUR_FIRST, *training(folder), "--batch-size", str(BATCH), "--run-dir", runs)

    def theirs() -> Sequence[float]:
        return since_start("-c", KERAS_MNIST, str(folder / "mnist.npz"), "1", str(BATCH), "first")

    in_turns("(b) first, so that all files are in memory", ours, theirs, 1)
    sides = in_turns("(b) seconds to the first batch", ours, theirs, rounds)
    show("(b) process start to first batch, `train mnist-cnn` / Keras script", *sides, "≤ 1.1")


def verify_ratio(rounds: int) -> None:
    """Compare `verify resnet50` with building and counting the network in Keras."""

    def ours() -> Sequence[float]:
        return timed("-m", "cnnspec", "verify", "resnet50")

    def theirs() -> Sequence[float]:
        return timed("-c", KERAS_RESNET)

    in_turns("(c) first, so that all files are in memory", ours, theirs, 1)
    sides = in_turns("(c) seconds of the process", ours, theirs, rounds)
    show("(c) process `verify resnet50` / Keras builds and counts ResNet-50", *sides, "about 1")


def training(folder: Path) -> tuple[str, ...]:
    """Return the command line that trains on the arrays in a folder."""
    return ("train", "mnist-cnn", "--data-dir", str(folder), "--offline", "--device", "cpu")


def in_turns(what: str, left: Measure, right: Measure, rounds: int) -> tuple[list[float], list[float]]:
    """Return what both sides measure, run alternately, and say so."""
    ours: list[float] = []
    theirs: list[float] = []
    for number in range(1, rounds + 1):
        say(f"{what}, round {number} of {rounds}:  ours")
        ours += left()
        say("  theirs")
        theirs += right()
        say("\n")
    return ours, theirs


def say(text: str) -> None:
    """Print what is being done, at once."""
    print(text, end="", flush=True)


def flat(parts: Sequence[Sequence[float]]) -> list[float]:
    """Return the numbers of all rounds."""
    return [number for part in parts for number in part]


def show(what: str, left: list[float], right: list[float], goal: str) -> None:
    """Print the ratios of the best and of the medians, and the seconds that they are made of."""
    best, middle = min(left) / min(right), median(left) / median(right)
    seconds = ", ".join(
        f"{name} {min(side):.2f} and {median(side):.2f} s" for name, side in (("ours", left), ("theirs", right))
    )
    print(f"{what:<76} {best:6.2f} (best) {middle:6.2f} (median)   goal {goal}", flush=True)
    print(f"    {seconds}, of {len(left)}", flush=True)


def marked(name: str, *arguments: str, since: float = 0) -> Iterator[float]:
    """Yield and print the numbers that a Python process prints with a name, less another one."""
    for line in lines(*arguments):
        for number in re.findall(rf"<{name} ([\d.e-]+)>", line):
            yield told(float(number) - since)


def told(seconds: float) -> float:
    """Return a figure after it is printed."""
    say(f" {seconds:.2f}")
    return seconds


def since_start(*arguments: str) -> list[float]:
    """Return the seconds from the start of a Python process to its first batch."""
    return list(marked("first", *arguments, since=time.time()))


def timed(*arguments: str) -> list[float]:
    """Return the seconds that a Python process takes."""
    start = time.perf_counter()
    for _ in lines(*arguments):
        pass
    return [told(time.perf_counter() - start)]


def lines(*arguments: str) -> Iterator[str]:
    """Run a Python process on the CPU and yield what it prints; end with its errors where it fails."""
    without = ("PYTHONDONTWRITEBYTECODE", "CNNSPEC_DATA")
    environment = {name: value for name, value in os.environ.items() if name not in without}
    environment |= {"CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, *arguments]
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as errors,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment, cwd=tempfile.gettempdir()
        ) as process,
    ):
        yield from process.stdout or ()
        if process.wait():
            errors.seek(0)
            sys.exit(f"\n{' '.join(arguments[2:] or arguments)}\n{errors.read()}")


if __name__ == "__main__":
    main()
