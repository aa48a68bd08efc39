"""Check training on whatever GPU there is, and measure it: `python tests/gpu.py [--on cpu]`; at most ten minutes.

Every line is a training by the command line in a process of its own. Checked are: that a GPU learns what the processor
learns, with and without compiling just in time; float16 with its scale of the loss; several GPUs; and `--device gpu:1`.
Measured are images per second, with the card's name. Without a GPU nothing is done, and the exit code is 0; `--on cpu`
takes the processor instead of a GPU, to try the script itself.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

ROOT: Final = Path(__file__).parents[1]
LIMIT: Final = 570.0
"""Seconds after which nothing more is begun, and what runs is ended."""
SEES: Final = """
import json, tensorflow as tf
found = tf.config.list_physical_devices("GPU")
print(json.dumps([tf.config.experimental.get_device_details(gpu).get("device_name", gpu.name) for gpu in found]))
"""
STEPS: Final = (
    "--limit",
    "320",
    "--epochs",
    "1",
    "--optimizer",
    "sgd",
    "--learning-rate",
    "0.1",
    "--schedule",
    "constant",
)
"""Ten steps, after which rounding has not grown yet."""
CHECKED: Final = """name: check
input: 8x8x1
layers:
  - conv: 16 3x3 same nobias bn tanh
  - avgpool: 2
  - conv: 32 3x3 tanh
  - flatten
  - dense: 10 softmax
train: {data: digits, batch_size: 32}
"""
"""Without a kink, where a rounding decides between two gradients, and without dropout, whose masks differ by device."""
CLOSE, ROUGH = 1e-3, 3e-2
"""How far weights may be from those of the processor, in 32 bits and in 16."""
TRAININGS: Final = (("mnist-cnn", 256, 51_200), ("resnet20-cifar10", 256, 12_800), ("alexnet-cifar10", 256, 25_600))
"""Networks, batches and images of what is measured."""


class Skipped(Exception):  # noqa: N818 - it is no error
    """There is not what a check needs."""


class Gpu(NamedTuple):
    """What is tried: the word for it in `--device`, how many there are, a folder for runs, and when to stop."""

    word: str
    names: tuple[str, ...]
    folder: Path
    end: float

    def process(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run `cnnspec train` until the time is over; NVIDIA's short floats of 19 bits stay off."""
        left = self.end - time.monotonic()
        if left <= 0:
            raise Skipped("ten minutes are over")
        environment = os.environ | {"PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3", "NO_COLOR": "1"}
        environment |= {"NVIDIA_TF32_OVERRIDE": "0"} if "--limit" in words else {}
        command = [sys.executable, "-m", "cnnspec", "train", *words]
        try:
            return subprocess.run(
                command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=left, check=False
            )
        except subprocess.TimeoutExpired:
            raise Skipped("ten minutes are over") from None

    def train(self, name: str, *words: str) -> Path:
        """Train in a folder of that name, unless that is done, and return the folder of the run."""
        run = self.folder / name / words[0].removesuffix(".yaml") / "1"
        if not (run / "summary.json").exists():
            done = self.process(*words, "--run-dir", name)
            if done.returncode:
                raise AssertionError(done.stderr.strip()[-600:])
        return run


def weights(run: Path) -> dict[str, Any]:
    """Return the numbers of the layers in the last checkpoint of a run."""
    import h5py  # noqa: PLC0415 - without a GPU nothing is needed

    found: dict[str, Any] = {}

    def add(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset) and name.startswith("layers/"):
            found[name] = item[()]

    with (
        zipfile.ZipFile(run / "last.keras") as archive,
        h5py.File(io.BytesIO(archive.read("model.weights.h5"))) as file,
    ):
        file.visititems(add)
    assert len(found) >= 4
    return found


def distance(one: Path, other: Path) -> float:
    """Return how far the weights of two runs are from each other at most."""
    first, second = weights(one), weights(other)
    assert first.keys() == second.keys()
    return max(float(abs(first[name] - second[name]).max()) for name in first)


def as_cpu(gpu: Gpu, name: str, bound: float, *how: str) -> str:
    """Check that weights are those of the processor."""
    cpu = gpu.train("cpu", "check.yaml", *STEPS, "--device", "cpu")
    found = distance(cpu, gpu.train(name, "check.yaml", *STEPS, *how))
    assert found <= bound, f"weights are {found:.1e} from those of the processor, and {bound:.0e} is allowed"
    return f"weights within {found:.1e} of the processor's"


def scaled_loss(gpu: Gpu) -> str:
    """Check that float16 learns, and that its loss is scaled."""
    how = ("--device", gpu.word, "--mixed-precision")
    said = as_cpu(gpu, "float16", ROUGH, *how)
    with zipfile.ZipFile(gpu.folder / "float16" / "check" / "1" / "last.keras") as archive:
        config = archive.read("config.json").decode()
    scaled = "LossScaleOptimizer" in config
    assert scaled or gpu.word == "cpu", "the loss is not scaled"
    return f"{said}, loss {'scaled' if scaled else 'not scaled, as bfloat16 needs none'}"


def several(gpu: Gpu) -> str:
    """Check that two share every batch and learn the same."""
    if len(gpu.names) < 2:
        raise Skipped("there is one GPU")
    return as_cpu(gpu, "two", CLOSE, "--device", gpu.word, "--devices", "2")


def second(gpu: Gpu) -> str:
    """Check `gpu:1`: the second one where there is one, else the error that says how many there are."""
    if len(gpu.names) >= 2 and gpu.word == "gpu":
        return as_cpu(gpu, "second", CLOSE, "--device", "gpu:1")
    done = gpu.process("check.yaml", *STEPS, "--device", "gpu:1", "--run-dir", "none")
    assert done.returncode == 1, done.stderr[-600:]
    assert done.stderr.startswith("error[E507]: 1 × `gpu:1` cannot be had"), done.stderr[-600:]
    return done.stderr.splitlines()[0].partition("had: ")[2]


def speed(gpu: Gpu, network: str, batch: int, images: int, *how: str) -> str:
    """Measure the better of the last two epochs of three."""
    words = ("--data", f"synthetic:{images}", "--batch-size", str(batch), "--epochs", "3", "--augment", "none")
    run = gpu.train(" ".join(("speed", *how)).replace(" ", ""), network, *words, "--device", gpu.word, *how)
    rows = list(csv.DictReader((run / "history.csv").read_text(encoding="utf-8").splitlines()))
    seconds = min(float(row["seconds"]) for row in rows[1:])
    return f"{images / seconds:12,.0f} images/s, {seconds:.2f} s an epoch of {images:,}"


def checks(gpu: Gpu) -> Iterator[tuple[str, Callable[[], str]]]:
    """Yield everything that is tried, with a name, what matters most first."""
    on = ("--device", gpu.word)
    yield "learns what the processor learns", partial(as_cpu, gpu, "plain", CLOSE, *on, "--jit", "off")
    yield "the same, compiled just in time", partial(as_cpu, gpu, "jit", CLOSE, *on, "--jit", "on")
    yield "float16 with a scale of the loss", partial(scaled_loss, gpu)
    yield "two GPUs share a batch", partial(several, gpu)
    yield "--device gpu:1", partial(second, gpu)
    for network, batch, images in TRAININGS:
        count = images if gpu.word == "gpu" else images // 100
        for how in ((), ("--jit", "on"), ("--jit", "off"), ("--mixed-precision",)):
            yield f"{network} {' '.join(how) or '(auto)'}", partial(speed, gpu, network, batch, count, *how)


def tried(check: Callable[[], str]) -> tuple[str, str]:
    """Return whether a check passes, and what it says."""
    try:
        return "ok", check()
    except Skipped as reason:
        return "skipped", str(reason)
    except AssertionError as fault:
        return "FAILED", str(fault)


def main() -> None:
    """Print a table; a failed check ends with 1."""
    form: Any = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    parser.add_argument("--on", choices=("gpu", "cpu"), default="gpu", help="cpu: try the script without a GPU")
    word = parser.parse_args().on
    end = time.monotonic() + LIMIT
    found = subprocess.run([sys.executable, "-c", SEES], capture_output=True, text=True, check=True)
    names = tuple(json.loads(found.stdout.splitlines()[-1])) if word == "gpu" else ("the processor", "its second half")
    if not names:
        print("no GPU: TensorFlow sees none here, so nothing was checked")
        return
    print(f"{len(names)} × {names[0]}", flush=True)
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "check.yaml").write_text(CHECKED, encoding="utf-8")
        for name, check in checks(Gpu(word, names, Path(folder), end)):
            result, said = tried(check)
            print(f"{name:<40} {result:<8} {said}", flush=True)
            failed |= result == "FAILED"
    sys.exit(failed)


if __name__ == "__main__":
    main()
