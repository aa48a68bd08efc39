"""Several real processes train together: as one does, to the bit among themselves, and never without one of them.

They run on this machine; some are started by `--workers`, others stand for machines of their own: each has TF_CONFIG
and works in a folder of its own.
"""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from contextlib import ExitStack, closing
from pathlib import Path
from socket import create_server
from typing import Any, Final, NamedTuple

import numpy as np
import pytest

ROOT: Final = Path(__file__).parents[3]
HEAD: Final = "name: tiny\ninput: 8x8x1\nlayers:\n"
PLAIN: Final = f"{HEAD}  - conv: 6 3x3 same relu\n  - maxpool: 2\n  - flatten\n  - dense: 10 softmax\n"
SMOOTH: Final = PLAIN.replace("relu", "tanh").replace("maxpool", "avgpool")
"""Without a kink, where a rounding decides between two gradients."""
NORMED: Final = SMOOTH.replace("same tanh", "same nobias bn tanh")
RANDOM: Final = f"""{PLAIN.replace("flatten", "flatten{NEXT}  - dropout: 0.3").replace("{NEXT}", chr(10))}train:
  data: digits
  epochs: 4
  batch_size: 63
  schedule: cosine
  augment: crop
  validation_split: 0.2
"""
PROGRAM: Final = """
import os, signal, sys
from cnnspec.training.fitting.together import Together

learn, epochs, last, seeds = Together.learn, [0], int(sys.argv[1]), sys.argv[2]
sys.argv[1:3] = []


def dying(self, batches, epoch, look):
    from cnnspec.training.runs.checkpoint import seed_variables

    if not epochs[0]:
        with open(seeds, "w") as file:
            file.write(str([variable.numpy().tolist() for variable in seed_variables(self._model)]))
    epochs[0] += 1

    def dies(done, loss):
        if epochs[0] == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return look(done, loss)

    return learn(self, batches, epoch, dies)


Together.learn = dying
from cnnspec.cli.app import main

main()
"""
"""The command line, which dies in an epoch that is counted from its own first, and writes down the seeds of dropout."""
ENVIRONMENT: Final = {
    **{name: value for name, value in os.environ.items() if not name.startswith(("SLURM", "TF_CONFIG", "CNNSPEC"))},
    "CUDA_VISIBLE_DEVICES": "-1",
    "PYTHONPATH": str(ROOT),
    "NO_COLOR": "1",
    "TF_NUM_INTRAOP_THREADS": "1",  # with as many threads, sums are rounded alike
}
LIMIT: Final = 240

pytestmark = [pytest.mark.keras, pytest.mark.usefixtures("keras")]


class Done(NamedTuple):
    """How a process ended, and after how many seconds."""

    code: int
    out: str
    err: str

    @property
    def codes(self) -> list[str]:
        """The codes of what is wrong."""
        return [line[6:10] for line in self.err.splitlines() if line.startswith("error[")]


def start(folder: Path, *words: str, dies: int = 0, **environment: str) -> subprocess.Popen[str]:
    """Start `cnnspec train` in a folder."""
    folder.mkdir(exist_ok=True)
    program = ("-c", PROGRAM, str(dies), str(folder.with_suffix(".seeds"))) if dies else ("-m", "cnnspec")
    return subprocess.Popen(
        [sys.executable, *program, "train", *words],
        cwd=folder,
        env=ENVIRONMENT | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> Done:
    """Wait for a process."""
    with process:
        try:
            out, err = process.communicate(timeout=LIMIT)
        finally:
            process.kill()
    return Done(process.returncode, out, err)


def train(folder: Path, *words: str, dies: int = 0) -> Done:
    """Run `cnnspec train` in a folder."""
    return finish(start(folder, *words, dies=dies))


def configs(count: int) -> list[str]:
    """Return TF_CONFIG for each of so many workers on this machine."""
    with ExitStack() as stack:
        ports = [stack.enter_context(closing(create_server(("127.0.0.1", 0)))).getsockname()[1] for _ in range(count)]
    cluster = {"worker": [f"127.0.0.1:{port}" for port in ports]}
    return [json.dumps({"cluster": cluster, "task": {"type": "worker", "index": index}}) for index in range(count)]


def spec(folder: Path, text: str) -> str:
    """Write a spec into a folder, and return its path."""
    path = folder / "net.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def numbers(path: Path) -> dict[str, Any]:
    """Return every number in a checkpoint: weights and the optimizer's."""
    import h5py

    found: dict[str, Any] = {}
    with zipfile.ZipFile(path) as archive, h5py.File(io.BytesIO(archive.read("model.weights.h5"))) as file:
        file.visititems(lambda name, item: found.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None)
    assert len(found) > 4
    return found


def far(one: Path, other: Path) -> float:
    """Return the greatest difference between the weights of two runs after their last epoch."""
    first, second = (numbers(run / "last.keras") for run in (one, other))
    assert first.keys() == second.keys()
    return max(float(np.abs(first[name] - second[name]).max()) for name in first if name.startswith("layers/"))


def demand_equal(one: Path, other: Path) -> None:
    """Two runs have the same history and, to the last bit, the same weights and numbers of the optimizer."""
    assert history(one) == history(other)
    for name in ("last.keras", "best.keras"):
        first, second = numbers(one / name), numbers(other / name)
        assert first.keys() == second.keys()
        assert all(np.array_equal(first[key], second[key]) for key in first), name


def history(run: Path) -> list[dict[str, float]]:
    """Return the history without the seconds."""
    rows = csv.DictReader((run / "history.csv").read_text(encoding="utf-8").splitlines())
    return [{name: float(value) for name, value in row.items() if name != "seconds"} for row in rows]


def read(path: Path) -> Any:
    """Return what a JSON file holds."""
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("text", "workers", "words"),
    [
        # 1,438 samples: 44 batches of 32, and one of 30 that is halved
        (SMOOTH, 2, ("--optimizer", "adam")),
        # 1,015 samples: 30 batches of 33, cut in 17 and 16, and one of 25; the 215 for validation are cut too
        (SMOOTH, 2, ("--optimizer", "sgd", "--momentum", "0.9", "--limit", "1230", "--batch-size", "33",
                    "--validation-split", "0.175", "--augment", "crop", "--patience", "9",
                    "--loss", "categorical_crossentropy", "--mixup", "0.4", "--label-smoothing", "0.1",
                    "--class-weight", "balanced", "--weight-decay", "0.01", "--warmup-steps", "7")),
        # 43 batches of 33, thirds of 11, and one of 19 that is 7, 6 and 6
        (SMOOTH, 3, ("--optimizer", "sgd", "--batch-size", "33", "--schedule", "cosine")),
        # Means and variances are those of the whole batch; of 1,438 samples 28 are left for the last one
        (NORMED, 2, ("--optimizer", "sgd", "--batch-size", "47")),
    ],
    ids=["adam", "sgd, crop, validation, mixup", "three workers", "batch norm"],
)  # fmt: skip
def test_several_learn_what_one_learns(tmp_path: Path, text: str, workers: int, words: tuple[str, ...]) -> None:
    """To rounding, in three epochs: weights, losses and metrics."""
    options = (spec(tmp_path, text), "--data", "digits", "--epochs", "3", *words)
    alone = train(tmp_path / "alone", *options)
    together = train(tmp_path / "together", *options, "--workers", str(workers))
    assert (alone.code, together.code) == (0, 0), together.err
    one, several = (tmp_path / name / "runs" / "tiny" / "1" for name in ("alone", "together"))
    assert far(one, several) < 1e-6
    for row, other in zip(history(one), history(several), strict=True):
        assert other == pytest.approx(row, rel=2e-6)
    assert read(several / "environment.json")["workers"] == workers
    first, second = (read(run / "summary.json")["test"] for run in (one, several))
    assert second == pytest.approx(first, rel=1e-5)
    assert f", {workers} workers " in " ".join(together.out.split())
    assert 'synchronized": true' not in zipfile.ZipFile(several / "last.keras").read("config.json").decode()


@pytest.fixture(scope="module")
def whole(keras: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run of two workers that nobody has killed."""
    del keras
    folder = tmp_path_factory.mktemp("whole")
    done = train(folder, spec(folder, RANDOM), "--deterministic", "--workers", "2")
    assert done.code == 0, done.err
    return folder / "runs" / "tiny" / "1"


def test_a_killed_worker_ends_the_other_and_both_go_on(tmp_path: Path, whole: Path) -> None:
    """On machines of their own, with one command line for every start; the other machine has no run folder."""
    options = (spec(tmp_path, RANDOM), "--deterministic", "--resume", "auto")
    folders = [tmp_path / name for name in ("chief", "worker")]
    processes = [
        start(folder, *options, dies=dies, TF_CONFIG=config)
        for folder, dies, config in zip(folders, (-1, 3), configs(2), strict=True)
    ]
    worker = finish(processes[1])
    begin = time.monotonic()
    chief = finish(processes[0])
    assert time.monotonic() - begin < 60
    assert (worker.code, chief.code, chief.codes) == (-signal.SIGKILL, 1, ["E534"]), chief.err
    *_, message, step = chief.err.splitlines()
    assert message.startswith("error[E534]: worker 1 (127.0.0.1:")
    assert message.endswith(") is gone, and the training cannot go on without it")
    assert step == f"  = help: `cnnspec train {Path('runs/tiny/1')} --resume` goes on, with any number of workers"
    run = folders[0] / "runs" / "tiny" / "1"
    assert read(run / "state.json")["epoch"] == 2
    seeds = [json.loads(folder.with_suffix(".seeds").read_text(encoding="utf-8")) for folder in folders]
    assert [first + 1 for (first, _) in seeds[0]] == [first for (first, _) in seeds[1]] != []
    again = [start(folder, *options, TF_CONFIG=config) for folder, config in zip(folders, configs(2), strict=True)]
    chief, worker = map(finish, again)
    assert (chief.code, worker.code) == (0, 0), chief.err + worker.err
    assert (worker.out, worker.err, list(folders[1].iterdir())) == ("", "", [])
    demand_equal(whole, run)
    done = train(folders[0], *options)
    assert (done.code, done.err.strip()) == (0, f"`{Path('runs/tiny/1')}` has finished its 4 epochs")


@pytest.fixture(scope="module")
def killed(keras: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Done]:
    """Return the folder of two workers whose chief was killed in the third epoch, and what was printed."""
    del keras
    folder = tmp_path_factory.mktemp("killed")
    process = start(folder, spec(folder, RANDOM), "--deterministic", "--workers", "2", dies=3)
    return folder, finish(process)  # the other worker holds the pipe too, so that this waits for both


def test_a_killed_chief_ends_the_others_and_they_go_on(killed: tuple[Path, Done], whole: Path, tmp_path: Path) -> None:
    """One diagnostic, by a worker that nobody else speaks for; then as many go on to the same bits."""
    folder, done = killed
    assert (done.code, done.codes) == (-signal.SIGKILL, ["E534"]), done.err
    assert done.err.endswith(
        "error[E534]: the chief is gone, and the training cannot go on without it\n"
        "  = help: the same command with `--resume auto` goes on, with any number of workers\n"
    )
    shutil.copytree(folder, tmp_path / "copy")
    done = train(tmp_path / "copy", str(Path("runs/tiny/1")), "--resume", "--workers", "2")
    assert done.code == 0, done.err
    demand_equal(whole, tmp_path / "copy" / "runs" / "tiny" / "1")


@pytest.mark.parametrize("number", [1, 3])
def test_any_number_goes_on(killed: tuple[Path, Done], whole: Path, tmp_path: Path, number: int) -> None:
    """From the same epoch; the loss of the next one is that of two, but for dropout, which draws other masks."""
    shutil.copytree(killed[0], tmp_path / "copy")
    done = train(tmp_path / "copy", str(Path("runs/tiny/1")), "--resume", "--workers", str(number))
    assert done.code == 0, done.err
    assert done.err.startswith("going on after epoch 2\n")
    expected, found = (history(path)[2] for path in (whole, tmp_path / "copy" / "runs" / "tiny" / "1"))
    assert found["val_loss"] == pytest.approx(expected["val_loss"], abs=1e-3)
    assert found["loss"] == pytest.approx(expected["loss"], abs=0.03)


STOPPING: Final = "stopping after this epoch; Ctrl-C again stops at once and loses it\n"


@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_is_common(tmp_path: Path, times: int) -> None:
    """The chief hears it for the workers that it has started; the second one does not wait for the end of the epoch."""
    words = ("--data", "synthetic:9000", "--epochs", "900", "--workers", "2")
    process = start(tmp_path, spec(tmp_path, PLAIN), *words)
    assert process.stderr
    assert process.stderr.readline().startswith("epoch   1/900")
    process.send_signal(signal.SIGINT)
    assert process.stderr.readline() == STOPPING
    if times == 2:
        process.send_signal(signal.SIGINT)
    done = finish(process)
    assert (done.code, done.codes) == (130, []), done.err
    epoch = read(tmp_path / "runs" / "tiny" / "1" / "state.json")["epoch"]
    if epoch == 1:  # the signal may come between two epochs
        assert done.err in ("", "stopping at once\n")
    else:
        assert (epoch, done.err.startswith("epoch   2/900")) == (2, times == 1)
    assert done.out.splitlines()[-2:] == [
        f"stopped   epoch {epoch} of 900",
        f"resume    cnnspec train {Path('runs/tiny/1')} --resume --workers 2",
    ]


def test_a_worker_that_has_to_leave_stops_all(tmp_path: Path) -> None:
    """As where a scheduler takes a machine away: the others lose the epoch, and nobody crashes."""
    path = spec(tmp_path, PLAIN)
    processes = [
        start(tmp_path / name, path, "--data", "digits", "--epochs", "900", TF_CONFIG=config)
        for name, config in zip(("chief", "worker"), configs(2), strict=True)
    ]
    assert processes[0].stderr
    assert processes[0].stderr.readline().startswith("epoch   1/900")
    processes[1].send_signal(signal.SIGTERM)
    chief, worker = map(finish, processes)
    assert (chief.code, worker.code, chief.codes, worker.codes) == (130, 130, [], []), chief.err + worker.err
    assert "stopping at once" in chief.err


def test_a_loss_that_is_no_number_ends_all_with_one_diagnostic(tmp_path: Path) -> None:
    """It is the loss of all; no run is left of a training without an epoch."""
    words = ("--data", "digits", "--epochs", "3", "--optimizer", "sgd", "--learning-rate", "1e30")
    done = train(tmp_path, spec(tmp_path, PLAIN), *words, "--workers", "2")
    assert (done.code, done.codes) == (1, ["E506"]), done.err
    assert [path.name for path in tmp_path.iterdir()] == ["net.yaml"]


def test_different_specs_are_refused_before_tensorflow_starts(tmp_path: Path) -> None:
    """Both say what differs; so do data of other bytes."""
    folders = [tmp_path / name for name in ("chief", "worker")]
    for number, (folder, units) in enumerate(zip(folders, (16, 17), strict=True)):
        folder.mkdir()
        spec(folder, PLAIN.replace("conv: 6", f"conv: {units}"))
        x = np.random.default_rng(number).integers(0, 256, (40, 8, 8, 1), dtype=np.uint8)
        np.savez(folder / "data.npz", x_train=x, y_train=np.arange(40) % 10, x_test=x, y_test=np.arange(40) % 10)
    for word, told in (
        ("net.yaml", "`network` is tiny with 4 layers and 2,900 parameters there, and tiny with 4 layers and 2,730 "),
        (spec(tmp_path, PLAIN), "its images or labels are others, though as many"),
    ):
        processes = [
            start(folder, word, "--data", "data.npz", TF_CONFIG=config)
            for folder, config in zip(folders, configs(2), strict=True)
        ]
        for done in map(finish, processes):
            assert (done.code, done.codes, done.out) == (1, ["E533"], ""), done.err
            assert told in done.err
    assert all(sorted(path.name for path in folder.iterdir()) == ["data.npz", "net.yaml"] for folder in folders)
