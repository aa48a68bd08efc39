"""How fast training is: four networks, each trained by several sides that take their epochs in turns.

    python -m tests.benchmarks.training [--quick] [--torch PYTHON] [NETWORK…]

The sides are the course's plain Keras script, the same with 10 steps per execution, plain
PyTorch where a Python has it (`--torch`, `$CNNSPEC_TORCH`, or this one), and `cnnspec train`. All run on the CPU,
each in a process of its own, on the same images, which are made up. The first epoch of each, in which everything is
set up and measured, does not count. Of the others the best of each side is compared. A large product of matrices takes
its turns too: it tells what the machine can do, and how much of that a step reaches. Where other programs take a part
of the machine, that part is printed, and the seconds of the processor are worth more than those of the clock.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, Final, NamedTuple, Self

from tests.benchmarks.figures import Figure, machine

ROOT: Final = Path(__file__).parents[2]
CHECK: Final = "import keras; assert keras.applications.ResNet50(weights=None).count_params() == 25_636_712"
PRODUCT: Final = 20 * 2048**3
"""Multiply-accumulates of an epoch of `sides/product.py`."""
FORWARD_AND_BACK: Final = 3
"""A step computes about as much for the gradients of the weights, and of what they are applied to, as forward."""


class Network(NamedTuple):
    """What is trained: its spec, the images of a quick epoch and of a whole one, and the goals."""

    name: str
    batch: int
    quick: int
    whole: int
    keras: float
    product: float | None = None


NETWORKS: Final = (
    Network("mnist-cnn", 64, 12_800, 60_000, 0.65, 1.7),
    Network("lenet5", 32, 6_400, 60_000, 0.65, 1.7),
    Network("resnet20-cifar10", 32, 1_280, 10_000, 0.85),
    Network("alexnet-cifar10", 128, 6_400, 50_000, 0.85),
)
TOGETHER: Final = 10
"""Steps of an execution, for the second side; `cnnspec train` chooses its own."""
PYTORCH: Final = 0.8
"""The goal beside PyTorch, for all networks."""
FIRST: Final = 1.1
"""The goal for the time to the first batch, beside the plain script."""


class Turn(NamedTuple):
    """An epoch of one side."""

    seconds: float
    processor: float
    peak: float


class Side:
    """A process that trains, and waits before each epoch until it is asked for one."""

    def __init__(self, name: str, *command: str) -> None:
        """Start it, and let it train for an epoch alone."""
        self.turns: list[Turn] = []
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - closed with the process
        start = time.time()
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, text=True, env=environment()
        )
        self._ask()
        self.name, self.first = name, (self._answer().get("first", start) if name else start) - start
        self._answer()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()
        self._errors.close()

    def train(self) -> None:
        """Train for another epoch."""
        self._ask()
        self.turns.append(Turn(**self._answer()))

    @property
    def best(self) -> Turn:
        """The least seconds, the least seconds of the processor, and the most memory."""
        return Turn(
            min(turn.seconds for turn in self.turns),
            min(turn.processor for turn in self.turns),
            max(turn.peak for turn in self.turns),
        )

    def _ask(self) -> None:
        assert self._process.stdin
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def _answer(self) -> dict[str, float]:
        for line in self._process.stdout or ():
            if line.startswith('{"'):
                found: dict[str, float] = json.loads(line)
                return found
        self._errors.seek(0)
        sys.exit(f"{self._process.args}\n{self._errors.read()[-4000:]}")


def environment() -> dict[str, str]:
    """Return the environment of a side: our modules, no GPU, and nothing on standard error that is no error."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(ROOT)}


def module(python: str, name: str, *arguments: object) -> tuple[str, ...]:
    """Return the command that runs one of the sides."""
    return (python, "-W", "ignore", "-m", f"tests.benchmarks.sides.{name}", *map(str, arguments))


def sides(stack: ExitStack, network: Network, file: Path, torch: str | None) -> Iterator[Side]:
    """Start the sides of a network, one after another."""
    keras = partial(module, sys.executable, "plain_keras", file, network.name, network.batch)
    enter = stack.enter_context
    yield enter(Side("plain Keras", *keras(1)))
    yield enter(Side("the same, steps_per_execution", *keras(TOGETHER)))
    if torch:
        yield enter(Side("plain PyTorch", *module(torch, "plain_torch", file, network.name, network.batch)))
    words = ("train", network.name, "--data", file, "--epochs", 100_000, "--batch-size", network.batch)
    how = ("--augment", "none", "--device", "cpu", "--run-dir", file.parent / f"runs-{network.name}")
    yield enter(Side("cnnspec train", *module(sys.executable, "ours", *words, *how)))


def macs_of(network: Network) -> int:
    """Return the multiply-accumulates of one image."""
    from cnnspec.analysis.measure import measure  # noqa: PLC0415 - as above
    from cnnspec.networks import load  # noqa: PLC0415

    return measure(load(network.name)).totals.macs


def write_images(network: Network, file: Path, count: int) -> None:
    """Write made-up images of ten classes, the same for all sides."""
    import numpy as np  # noqa: PLC0415, TID251 - what is trained on is arrays

    random = np.random.default_rng(0)
    shape = (28, 28, 1) if network.product else (32, 32, 3)
    arrays = {
        f"{kind}_{part}": random.integers(0, high, (number, *size), np.uint8)
        for part, number in (("train", count), ("test", 100))
        for kind, high, size in (("x", 256, shape), ("y", 10, ()))
    }
    np.savez(file, **arrays)


def measured(network: Network, torch: str | None, *, quick: bool) -> Iterator[Figure]:
    """Train one network by all sides, print the table, and yield each ratio with its goal."""
    images, rounds = (network.quick, 3) if quick else (network.whole, 5)
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        file = Path(name) / "images.npz"
        write_images(network, file, images)
        product = stack.enter_context(Side("", *module(sys.executable, "product")))
        found = {side.name: side for side in sides(stack, network, file, torch)}
        busy, start = processor_seconds(), time.perf_counter()
        for _ in range(rounds):
            for side in (product, *found.values()):
                side.train()
        share = others_share(busy, start, [product, *found.values()])
    work = FORWARD_AND_BACK * macs_of(network) * images
    limit = work / (PRODUCT / product.best.seconds)
    print(
        f"  {network.name}: {images:,} images, batches of {network.batch}, best and median of {rounds} epochs", end=""
    )
    print(f"; other programs took {share:.0%} of the machine; its matrix product needs {limit:.2f} s")
    for side in found.values():
        print(row(side, limit), flush=True)
    yield from ratios(network, found, limit)


def row(side: Side, limit: float) -> str:
    """Return a line about a side."""
    best, middle = side.best, median(turn.seconds for turn in side.turns)
    return (
        f"    {side.name:<30} {best.seconds:7.2f} {middle:7.2f} s   processor {best.processor:7.2f} s   "
        f"first batch {side.first:5.1f} s   peak {best.peak:5.0f} MiB   {limit / best.seconds:4.0%} of the product"
    )


def ratios(network: Network, found: Mapping[str, Side], limit: float) -> Iterator[Figure]:
    """Yield what the goals are about."""
    ours, plain = found["cnnspec train"], found["plain Keras"]
    for name, goal in (
        ("plain Keras", network.keras),
        ("the same, steps_per_execution", None),
        ("plain PyTorch", PYTORCH),
    ):
        if name in found:
            what, theirs = f"{network.name}: epoch / {name}", found[name].best
            yield Figure(what, ours.best.seconds / theirs.seconds, goal=("≤", goal) if goal else None)
            yield Figure(f"{what}, seconds of the processor", ours.best.processor / theirs.processor)
    goal = ("≤", network.product) if network.product else None
    yield Figure(f"{network.name}: epoch / the machine's matrix product", ours.best.seconds / limit, goal=goal)
    yield Figure(f"{network.name}: to the first batch / plain Keras", ours.first / plain.first, goal=("≤", FIRST))
    yield Figure(f"{network.name}: peak memory / plain Keras", ours.best.peak / plain.best.peak)


def processor_seconds() -> float:
    """Return the seconds that all cores have worked since the machine started, 0 where it does not tell."""
    try:
        fields = Path("/proc/stat").read_text(encoding="utf-8").split("\n", 1)[0].split()[1:9]
    except OSError:
        return 0.0
    user, nice, system, _, _, interrupts, soft, _ = map(int, fields)
    return (user + nice + system + interrupts + soft) / os.sysconf("SC_CLK_TCK")


def others_share(busy: float, start: float, own: list[Side]) -> float:
    """Return the part of all cores that other programs have taken."""
    mine = sum(turn.processor for side in own for turn in side.turns)
    return max(0.0, (processor_seconds() - busy - mine) / ((time.perf_counter() - start) * (os.cpu_count() or 1)))


def find_torch(python: str | None) -> str | None:
    """Return a Python that has PyTorch, and say so where none has."""
    for candidate in filter(None, (python, os.environ.get("CNNSPEC_TORCH"), sys.executable)):
        if not subprocess.run([candidate, "-c", "import torch"], capture_output=True, check=False).returncode:
            return candidate
    print("  PyTorch is not installed: `--torch PYTHON` or CNNSPEC_TORCH names a Python that has it")
    return None


def check_ratio() -> Figure:
    """Compare `verify resnet50` with building and counting the network in Keras: the best of two processes each."""
    seconds: dict[str, list[float]] = {"ours": [], "theirs": []}
    for _ in range(2):
        for side, words in (("ours", ("-m", "cnnspec", "verify", "resnet50")), ("theirs", ("-c", CHECK))):
            start = time.perf_counter()
            subprocess.run([sys.executable, *words], check=True, capture_output=True, env=environment())
            seconds[side].append(time.perf_counter() - start)
    return Figure(
        "process: `verify resnet50` / Keras builds and counts it", min(seconds["ours"]) / min(seconds["theirs"])
    )


def figures(names: tuple[str, ...] = (), *, quick: bool = True, torch: str | None = None) -> Iterator[Figure]:
    """Yield every ratio; the tables that they are made of are printed before."""
    python = find_torch(torch)
    for network in NETWORKS:
        if not names or network.name in names:
            yield from measured(network, python, quick=quick)
    if not names:
        yield check_ratio()


def main() -> None:
    """Measure what is named, or all."""
    form: Any = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.training", description=__doc__, formatter_class=form
    )
    known = [network.name for network in NETWORKS]
    parser.add_argument("names", nargs="*", metavar="NETWORK", help=f"of {', '.join(known)}; all where none is given")
    parser.add_argument("--quick", action="store_true", help="fewer images: ten minutes on two cores")
    parser.add_argument("--torch", metavar="PYTHON", help="a Python that has PyTorch")
    options = parser.parse_args()
    if unknown := [name for name in options.names if name not in known]:
        parser.error(f"there is no network {', '.join(unknown)}: they are {', '.join(known)}")
    print(", ".join(f"{name} {value}" for name, value in machine().items()))
    for figure in figures(tuple(options.names), quick=options.quick, torch=options.torch):
        print(f"  {figure.line()}", flush=True)


if __name__ == "__main__":
    main()
