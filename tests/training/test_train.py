"""`cnnspec train` and the library behind it: the plan, what is refused before TensorFlow starts, and what is trained.

The parts with Keras train networks of a few hundred parameters, so that most of their time is TensorFlow's own.
"""

from __future__ import annotations

import csv
import json
import math
import os
import pickle
import re
import subprocess
import sys
import tarfile
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from typer.testing import CliRunner

import cnnspec
from cnnspec.cli.app import make_app
from cnnspec.errors import CnnspecError
from cnnspec.training import open_run, train
from cnnspec.training.plan import make_plan
from cnnspec.training.runs import checkpoint
from cnnspec.training.runs import run as runs
from cnnspec.training.settings import Settings, merge

if TYPE_CHECKING:
    from cnnspec.training.fitting.trainer import Outcome

ROOT: Final = Path(__file__).parents[2]
APP: Final = make_app(("train", "evaluate"))
HEAD: Final = "name: net\ninput: 8x8x1\nlayers:\n"
SMALL: Final = f"{HEAD}  - flatten\n  - dense: 10 softmax\n"
FILES: Final = (
    "best.keras",
    "config.json",
    "confusion.svg",
    "curves.svg",
    "environment.json",
    "history.csv",
    "last.keras",
    "mistakes.svg",
    "reliability.svg",
    "spec.yaml",
    "state.json",
    "summary.json",
)


class Done(NamedTuple):
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def codes(self) -> list[str]:
        """The codes of what is wrong."""
        return [line[6:10] for line in self.err.splitlines() if line.startswith("error[")]


def cnn(*arguments: str) -> Done:
    """Run a command in this process; Typer colours its own errors on some machines, whatever NO_COLOR says."""
    result = CliRunner().invoke(APP, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return Done(result.exit_code, result.stdout, re.sub(r"\x1b\[[\d;]*m", "", result.stderr))


def process(*arguments: str, cwd: Path, code: str = "") -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own, after some code; it ends with the frameworks that it imported."""
    program = (
        f"import sys\n{code}\nfrom cnnspec.cli.app import main\ntry: main()\n"
        "finally: print('imported', [name for name in ('tensorflow', 'keras') if sys.modules.get(name)])"
    )
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        check=False,
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "CUDA_VISIBLE_DEVICES": "-1"},
        timeout=300,
    )


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, where no data are found but those that come along."""
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    for name in ("KERAS_HOME", "CNNSPEC_DATA"):
        (tmp_path / name).mkdir()
        monkeypatch.setenv(name, str(tmp_path / name))
    return work


@pytest.fixture
def nothing_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a command begin where TensorFlow is not installed."""
    monkeypatch.setattr("cnnspec.keras.requirement.find_spec", lambda name: name)


fast = pytest.mark.usefixtures("nothing_needed")


# The plan


NO_FRAMEWORK: Final = "sys.modules['tensorflow'] = sys.modules['keras'] = None"
"""What makes every import of a framework fail, as where none is installed."""
DIGITS_PLAN: Final = """\
run       none: this is a dry run, nothing is written
network   digits-cnn: 10 layers, 99,178 parameters, 1,527,040 MACs
data      digits: 1,438 training and 359 test images 8×8×1, 10 classes
training  adam at 0.001 (cosine), 20 epochs of 45 steps with 32 images, seed 0
memory    about 3.6 MB, with the gradients of activations, and the data

"""


def test_a_dry_run_prints_the_plan_and_does_nothing_else(folder: Path) -> None:
    """The whole text; no framework is needed, and no file is written."""
    done = process("train", "digits-cnn", "--dry-run", cwd=folder, code=NO_FRAMEWORK)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{DIGITS_PLAN}imported []\n"
    assert not list(folder.iterdir())


@fast
def test_without_a_spec_it_is_lenet5(folder: Path) -> None:
    """The course's network; `--resize` brings the digits to its input."""
    done = cnn("train", "--data", "digits", "--resize", "--dry-run")
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        "run       none: this is a dry run, nothing is written\n"
        "network   lenet5: 8 layers, 664,086 parameters, 8,778,056 MACs\n"
        "data      digits: 1,438 training and 359 test images 28×28×1, 10 classes\n"
        "training  adam at 0.001, 10 epochs of 45 steps with 32 images, seed 0\n"
        "memory    about 23.4 MB, with the gradients of activations, and the data\n"
        "\n"
    )
    assert not list(folder.iterdir())


@fast
def test_options_show_up_in_the_plan() -> None:
    """Counts, sizes, names and rates are those that were given, in lines of 80 columns."""
    done = cnn(
        *("train", "digits-cnn", "--dry-run", "--data", "synthetic:50", "--limit", "30", "--input", "12x10x3"),
        *("--optimizer", "sgd", "--learning-rate", "0.25", "--epochs", "7", "--batch-size", "5", "--schedule", "step"),
        *("--augment", "flip,crop", "--validation-split", "0.2", "--seed", "9"),
    )
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[1:6] == [
        "network   digits-cnn: 10 layers, 116,138 parameters, 2,918,912 MACs",
        "data      synthetic:50: 24 training, 6 validation and 10 test images 12×10×3, 10",
        "          classes",
        "training  sgd at 0.25 (step), 7 epochs of 5 steps with 5 images, varied by flip",
        "          and crop, seed 9",
    ]


OPTIONS: Final[Mapping[str, tuple[str, object]]] = {
    "data": ("digits", "digits"),
    "data_dir": ("/", "/"),
    "offline": ("", True),
    "limit": ("100", 100),
    "resize": ("", True),
    "augment": ("crop", ("crop",)),
    "validation_split": ("0.25", 0.25),
    "loss": ("mse", "mean_squared_error"),
    "optimizer": ("rmsprop", "rmsprop"),
    "target": ("class", "class"),
    "mixup": ("0.2", 0.2),
    "weight_decay": ("0.01", 0.01),
    "class_weight": ("0=2", ("0=2",)),
    "monitor": ("val_acc", "val_accuracy"),
    "learning_rate": ("0.02", 0.02),
    "momentum": ("0.5", 0.5),
    "schedule": ("step", "step"),
    "epochs": ("7", 7),
    "batch_size": ("48", 48),
    "patience": ("4", 4),
    "seed": ("11", 11),
    "deterministic": ("", True),
    "mixed_precision": ("", True),
    "jit": ("off", "off"),
    "steps_per_execution": ("1", 1),
    "threads": ("4", "4"),
    "device": ("cpu", "cpu"),
    "devices": ("2", 2),
    "tensorboard": ("", True),
}
"""What is given for each option, and the setting that comes of it."""
UNFIT: Final = {
    **dict.fromkeys(("clipnorm", "global_clipnorm", "clipvalue")),  # two devices clip nothing
    **dict.fromkeys(("warmup_epochs", "warmup_steps"), 0),  # `step` has no warm-up
    "label_smoothing": 0.0,  # nor has a distance smooth labels,
    "from_logits": False,  # or an activation
}
"""The settings that do not go with the others."""
FULL: Final = f"""{SMALL}train:
  data: synthetic:20
  resize: false
  augment: [flip]
  validation_split: 0.5
  loss: sparse_categorical_crossentropy
  optimizer: sgd
  learning_rate: 1
  momentum: 0.1
  schedule: cosine
  epochs: 2
  batch_size: 3
  patience: 1
  seed: 5
  scale: 1/8
  metrics: [accuracy, top_5_accuracy]
"""


@fast
def test_every_option_wins_over_the_spec(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is planned has the values of the options, and the spec's where there is none."""
    planned: list[Settings] = []

    def plan(graph: cnnspec.Graph, settings: Settings) -> Any:
        planned.append(settings)
        return make_plan(graph, settings)

    monkeypatch.setattr("cnnspec.training.plan.make_plan", plan)
    monkeypatch.setattr("cnnspec.training.fitting.tensorboard.find_spec", lambda _: True)
    (folder / "net.yaml").write_text(FULL, encoding="utf-8")
    words = [[f"--{name.replace('_', '-')}", *([value] if value else [])] for name, (value, _) in OPTIONS.items()]
    done = cnn("train", "net.yaml", "--dry-run", *(word for option in words for word in option))
    assert (done.code, done.err) == (0, "")
    assert cnn("train", "net.yaml", "--dry-run", "--data", "digits").code == 0
    everything, little = (settings.as_json() for settings in planned)
    only_in_specs = {"init": [], "unfreeze": [], "scale": 0.125, "metrics": ["accuracy", "top_5_accuracy"]}
    expected = {name: list(value) if isinstance(value, tuple) else value for name, (_, value) in OPTIONS.items()}
    assert everything == expected | only_in_specs | UNFIT
    assert (little["optimizer"], little["learning_rate"], little["momentum"]) == ("sgd", 1.0, 0.1)
    assert (little["schedule"], little["epochs"], little["batch_size"], little["seed"]) == ("cosine", 2, 3, 5)
    assert (little["augment"], little["validation_split"], little["patience"]) == (["flip"], 0.5, 1)


# What is refused before TensorFlow starts


OPTIMIZERS: Final = "`adam`, `adamw`, `nadam`, `adamax`, `sgd`, `rmsprop`, `adagrad`, `adadelta`, `lion`, `ftrl`"
LOSSES: Final = (
    "`sparse_categorical_crossentropy`, `categorical_crossentropy`, `binary_crossentropy`, `mean_squared_error`, "
    "`mean_absolute_error`"
)


@fast
def test_all_wrong_values_are_said_at_once() -> None:
    """A wrong usage, exit code 2, one E703 for each."""
    done = cnn(
        *("train", "digits-cnn", "--optimizer", "adm", "--loss", "mes", "--learning-rate", "nan", "--momentum", "2"),
        *("--validation-split", "-1", "--augment", "rotate", "--steps-per-execution", "0"),
    )
    assert (done.code, done.out) == (2, "")
    assert [line for line in done.err.splitlines() if line] == [
        "error[E703]: `--augment` must be `auto`, `none`, `crop`, `flip` or `crop,flip`, not `rotate`",
        f"error[E703]: `--optimizer` must be one of {OPTIMIZERS}, not `adm`",
        "  = help: did you mean `adam`?",
        "error[E703]: `--learning-rate` must be a number above 0, at most 3.4e+38, not `nan`",
        "error[E703]: `--momentum` must be a number from 0 to 1, not `2`",
        "  = help: did you mean `0.02`?",
        f"error[E703]: `--loss` must be one of {LOSSES}, not `mes`",
        "error[E703]: `--validation-split` must be a number from 0 to 1, not `-1`",
        "error[E703]: `--steps-per-execution` must be `auto` or a positive integer, not `0`",
    ]


@fast
@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--schedule", "linear", "'linear' is not one of 'constant', 'cosine', 'step'"),
        ("--jit", "yes", "'yes' is not one of 'auto', 'on', 'off'"),
    ],
)
def test_what_the_command_line_itself_refuses(option: str, value: str, said: str) -> None:
    """Choices, with the option's name."""
    done = cnn("train", "digits-cnn", option, value)
    assert (done.code, done.out) == (2, "")
    assert f"Invalid value for '{option}': {said}" in done.err


@fast
@pytest.mark.parametrize(
    ("option", "value"),
    [
        *(("--device", "gpu:x"), ("--device", "tpu"), ("--devices", "0"), ("--seed", "4294967296"), ("--seed", "-1")),
        *(("--learning-rate", "0"), ("--epochs", "0"), ("--batch-size", "0"), ("--limit", "0"), ("--patience", "-1")),
    ],
)
def test_what_nothing_can_be_trained_with(option: str, value: str) -> None:
    """Words that are no device, a seed beyond the 32 bits that NumPy takes, and nothing where something is needed."""
    done = cnn("train", "digits-cnn", "--dry-run", option, value)
    assert (done.code, done.out, done.codes) == (2, "", ["E703"])


@fast
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--patience", "3"), "`patience` waits for the loss on validation data, and there are none"),
        (("--momentum", "0.9"), "`adam` takes no `momentum`"),
        (("--validation-split", "1"), "`validation_split` leaves nothing to train on"),
        (
            ("--deterministic", "--jit", "on"),
            "TensorFlow compiles nothing just in time while its operations are deterministic",
        ),
    ],
)
def test_what_does_not_go_together(options: tuple[str, ...], message: str, folder: Path) -> None:
    """A wrong usage, before any data are read."""
    done = cnn("train", "digits-cnn", *options)
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines()[0] == f"error[E702]: {message}"
    assert not list(folder.iterdir())


@fast
@pytest.mark.parametrize(
    ("last", "options", "codes", "words"),
    [
        ("dense: 10", (), ["E502"], "the last layer has no activation"),
        ("dense: 10 softmax", ("--loss", "binary_crossentropy"), ["E502"], "write `dense: 10 sigmoid`"),
        ("dense: 1 sigmoid", (), ["E502"], "add `loss: binary_crossentropy` to `train`"),
        ("dense: 7 softmax", (), ["E503"], "the network has 7 output units, and `digits` has 10 classes"),
        ("dense: 1 sigmoid", ("--loss", "binary_crossentropy"), ["E503"], "one sigmoid unit tells 2 classes apart"),
        ("dense: 10 softmax", ("--input", "9x8x1"), ["E504"], "`--resize` brings the images to the input's shape"),
        ("dense: 7 softmax", ("--input", "8x8x3"), ["E503", "E504"], "the input is (8, 8, 3)"),
        ("dense: 10 softmax", ("--input", "64", "--augment", "crop"), ["E504"], "write `input: 8x8x1`"),
    ],
)
def test_network_loss_and_data_must_fit(
    folder: Path, last: str, options: tuple[str, ...], codes: list[str], words: str
) -> None:
    """Exit code 1, and what to write instead; no run folder is made."""
    (folder / "net.yaml").write_text(f"{HEAD}  - flatten\n  - {last}\n", encoding="utf-8")
    done = cnn("train", "net.yaml", "--data", "digits", *options)
    assert (done.code, done.out) == (1, "")
    assert done.codes == codes
    assert words in done.err
    assert [path.name for path in folder.iterdir()] == ["net.yaml"]


@fast
def test_data_that_are_not_there(folder: Path) -> None:
    """`--offline` downloads nothing, and names where it has looked."""
    (folder / "data").mkdir()
    done = cnn("train", "--offline", "--data-dir", "data")
    assert (done.code, done.out, done.codes) == (1, "", ["E512"])
    assert "nothing is downloaded with `--offline`" in done.err
    assert "  = note: looked in: data, " in done.err
    done = cnn("train", "digits-cnn", "--data", "minst")
    assert (done.code, done.out, done.codes) == (1, "", ["E511"])
    assert "did you mean `mnist`?" in done.err
    assert [path.name for path in folder.iterdir()] == ["data"]


@fast
def test_a_spec_that_names_no_data(folder: Path) -> None:
    """A wrong usage: the option, or the line of the spec, that is missing."""
    (folder / "net.yaml").write_text(SMALL, encoding="utf-8")
    done = cnn("train", "net.yaml")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "error[E511]: nothing says which data to train on\n"
        "  = help: add `--data mnist`, or `data: mnist` to the `train` section of the spec\n"
    )


@fast
def test_a_run_folder_needs_resume(folder: Path) -> None:
    """It is no spec, and nobody wants it overwritten."""
    graph = cnnspec.load("digits-cnn")
    plan = make_plan(graph, merge(graph.train, {}))
    run = runs.create(folder / "runs", graph, plan.settings, plan.dataset)
    done = cnn("train", "runs/digits-cnn/1")
    assert (done.code, done.out) == (2, "")
    assert done.err == ("error[E702]: `runs/digits-cnn/1` is a run folder\n  = help: add `--resume` to go on with it\n")
    assert sorted(path.name for path in run.folder.iterdir()) == ["config.json", "spec.yaml"]


@fast
@pytest.mark.parametrize("spec", ["digits-cnn", "lenet5"])
def test_there_is_nothing_to_resume(spec: str) -> None:
    """Without a run of the network."""
    done = cnn("train", spec, "--resume", "--run-dir", "elsewhere")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        f"error[E521]: there is no run of `{spec}` in `elsewhere` to resume\n"
        "  = help: leave out `--resume` to begin one, or give `--resume auto`\n"
    )


def test_the_options_of_a_run_resume_it(folder: Path) -> None:
    """What it was begun with is no change, though the run knows by now what `auto` stands for."""
    from cnnspec.training.runs.resuming import resumable

    graph = cnnspec.load("digits-cnn")
    options = {"augment": ("auto",), "schedule": "constant", "batch_size": 64}
    plan = make_plan(graph, merge(graph.train, options))
    run = runs.create(folder / "runs", graph, plan.settings, plan.dataset)
    assert run.settings.augment == ("crop",)
    assert resumable(run, graph, {**options, "epochs": 30})[0].settings == run.settings.changed(epochs=30)
    with pytest.raises(CnnspecError) as caught:
        resumable(run, graph, {**options, "batch_size": 32})
    assert [fault.code for fault in caught.value.diagnostics] == ["E522"]


@fast
def test_tensorboard_is_not_installed(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """It is missed before the training, not after an epoch."""
    monkeypatch.setattr("cnnspec.training.fitting.tensorboard.find_spec", lambda _: None)
    done = cnn("train", "digits-cnn", "--tensorboard")
    assert (done.code, done.out) == (1, "")
    assert done.err == "error[E501]: `--tensorboard` needs TensorBoard\n  = help: pip install tensorboard\n"
    assert not list(folder.iterdir())


def test_without_tensorflow_nothing_is_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first thing that is said is how to install it."""
    monkeypatch.setattr("cnnspec.keras.requirement.find_spec", lambda name: None if name == "tensorflow" else True)
    done = cnn("train", "digits-cnn", "--optimizer", "adm")
    assert (done.code, done.out) == (1, "")
    assert done.err == ('error[E501]: this command needs TensorFlow\n  = help: pip install "cnnspec[train]"\n')
    monkeypatch.setattr("cnnspec.keras.requirement.find_spec", lambda _: None)
    several = "error[E501]: this command needs TensorFlow, Keras, NumPy and Pillow\n"
    assert cnn("train", "digits-cnn").err.startswith(several)


def test_the_usage_names_the_second_word() -> None:
    """`auto` is the one word that stands behind a spec, where `--resume` goes on with the newest run."""
    assert " [SPEC|RUN] [auto]" in cnn("train", "--foo").err


@pytest.mark.parametrize("command", [("train", "--dry-run"), ("sweep", "lenet5", "--seed", "0,1", "--print", "lines")])
def test_without_numpy_the_step_is_named(folder: Path, command: tuple[str, ...]) -> None:
    """An installation without extras has no NumPy: nothing that imports it comes before the look for it."""
    done = process(*command, cwd=folder, code="sys.modules['numpy'] = None")
    assert (done.returncode, done.stdout) == (1, "imported []\n")
    assert done.stderr == 'error[E501]: this command needs NumPy\n  = help: pip install "cnnspec[train]"\n'


# Data to train on


def archive(path: Path, images: int, classes: int, *, seed: int = 0, alike: bool = True) -> Path:
    """Write an .npz of different images of 8×8 bytes, whose labels can be seen or are drawn; return its path."""
    random = np.random.default_rng(seed)
    x = random.integers(0, 60, (images, 8, 8, 1), dtype=np.uint8)
    x[:, 0, 0, 0], x[:, 0, 1, 0] = np.divmod(np.arange(images), 256)
    y = np.arange(images) % classes if alike else random.integers(0, classes, images)
    if alike:
        x[np.arange(images), 4 + y // 8, y % 8] += 190
    cut = images * 4 // 5
    np.savez(path, x_train=x[:cut], y_train=y[:cut], x_test=x[cut:], y_test=y[cut:])
    return path


@pytest.mark.parametrize(("share", "counts"), [(0.25, (60, 20)), (0.1, (72, 8))])
def test_validation_and_test_data_are_not_trained_on(folder: Path, share: float, counts: tuple[int, int]) -> None:
    """Every image is in one part, and none is lost."""
    data = archive(folder / "data.npz", 100, 10)
    graph = cnnspec.loads(SMALL)
    plan = make_plan(graph, merge({}, {"data": str(data), "validation_split": share}))
    assert plan.validation is not None
    assert (len(plan.training), len(plan.validation), len(plan.dataset.test)) == (*counts, 20)
    parts = [{image.tobytes() for image in part.x} for part in (plan.training, plan.validation, plan.dataset.test)]
    assert sum(map(len, parts)) == len(set().union(*parts)) == 100


# Training


class Watcher:
    """Says nothing and remembers what it was told."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self.begun: list[tuple[int, int, int]] = []
        self.done: list[int] = []
        self.best: list[int] = []
        self.notes: list[str] = []

    def begin(self, epoch: int, epochs: int, steps: int) -> None:
        """An epoch begins."""
        self.begun.append((epoch, epochs, steps))

    def step(self, done: int, loss: float) -> None:
        """Remember the step of the last execution of each epoch."""
        assert math.isfinite(loss)
        self.done[len(self.begun) - 1 :] = [done]

    def end(self, row: Mapping[str, float], epochs: int, *, best: bool) -> None:
        """An epoch is on the disk."""
        assert row["epoch"] <= epochs
        if best:
            self.best.append(int(row["epoch"]))

    def note(self, text: str) -> None:
        """Remember a note."""
        self.notes.append(text)


def trained(spec: str, watcher: Watcher | None = None, **options: Any) -> Outcome:
    """Train a spec in this process, in the folder `runs`."""
    from cnnspec.training.fitting import trainer

    graph = cnnspec.loads(spec, "net.yaml")
    plan = make_plan(graph, merge(graph.train, options))
    run = runs.create(Path("runs"), graph, plan.settings, plan.dataset)
    return trainer.train(plan, run, watcher or Watcher())


def history(run: Path) -> list[dict[str, float]]:
    """Return the rows of a run's history."""
    rows = csv.DictReader((run / "history.csv").read_text(encoding="utf-8").splitlines())
    return [{name: float(value) for name, value in row.items()} for row in rows]


def read(path: Path) -> Any:
    """Return what a JSON file holds."""
    return json.loads(path.read_text(encoding="utf-8"))


def contents(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder that are shown."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if not path.name.startswith(".")}


def keras_evaluate(keras: Any, outcome: Outcome, part: Any, metrics: tuple[str, ...] = ()) -> dict[str, float]:
    """Return what Keras itself measures with the best checkpoint."""
    from cnnspec.training.fitting.targets import labels_for

    run = outcome.run
    model = keras.models.load_model(run.best, compile=False)
    model.compile(loss=run.settings.loss, metrics=list(metrics))
    x = part.x.astype(np.float32) * np.float32(run.settings.scale)
    y = labels_for(run.settings.loss, part.y, model.output_shape[-1])
    return {name: float(value) for name, value in model.evaluate(x, y, verbose=0, return_dict=True).items()}


@pytest.mark.keras
def test_a_training_leaves_a_run_folder(keras: Any, folder: Path, conforms: Callable[[str, str], Any]) -> None:
    """The whole command: what it prints, and the files that it writes, each of which agrees with the others."""
    done = cnn("train", "digits-cnn", "--epochs", "3", "--validation-split", "0.1", "--batch-size", "64", "--seed", "1")
    assert done.code == 0, done.err
    run = folder / "runs" / "digits-cnn" / "1"
    assert tuple(contents(run)) == FILES
    assert [path.name for path in run.iterdir() if path.name.startswith(".") and path.name != ".lock"] == []

    rows = history(run)
    assert [list(row) for row in rows] == [
        ["epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate", "seconds"]
    ] * 3
    assert [row["epoch"] for row in rows] == [1, 2, 3]
    assert rows[2]["loss"] < rows[1]["loss"] < rows[0]["loss"] < 3
    losses = [row["val_loss"] for row in rows]
    best = 1 + losses.index(min(losses))

    state, summary, config, environment = (
        conforms(f"run-{name}", (run / f"{name}.json").read_text(encoding="utf-8"))
        for name in ("state", "summary", "config", "environment")
    )
    assert (state["epoch"], state["status"], state["best_epoch"]) == (3, "finished", best)
    assert state["history"] == rows
    assert list(summary) == [
        *("cnnspec", "name", "status", "epochs", "best_epoch", "params", "data", "training", "validation"),
        *("last", "test", "seconds"),
    ]
    assert (summary["cnnspec"], summary["name"], summary["status"]) == (1, "digits-cnn", "finished")
    assert (summary["epochs"], summary["best_epoch"], summary["params"], summary["data"]) == (3, best, 99_178, "digits")
    assert (summary["training"], summary["validation"], summary["test"]["images"]) == (1_294, 144, 359)
    assert summary["last"] == rows[-1]
    assert summary["seconds"]["epochs"] == pytest.approx(sum(row["seconds"] for row in rows), abs=0.002)
    assert summary["seconds"]["total"] >= summary["seconds"]["epochs"]
    assert (config["name"], config["source"], config["settings"]["scale"]) == ("digits-cnn", "digits-cnn.yaml", 1 / 16)
    assert (config["data"]["training"], config["data"]["test"], config["data"]["peak"]) == (1_438, 359, 16.0)
    assert (environment["version"], environment["keras"]) == (cnnspec.__version__, keras.__version__)
    assert (run / "spec.yaml").read_bytes() == (ROOT / "specs" / "digits-cnn.yaml").read_bytes()
    for name in ("curves.svg", "confusion.svg", "reliability.svg", "mistakes.svg"):
        assert ET.parse(run / name).getroot().tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314 - our own file

    assert [line.split()[:2] for line in done.err.splitlines()] == [["epoch", f"{epoch}/3"] for epoch in (1, 2, 3)]
    assert [line.endswith("*") for line in done.err.splitlines()] == [
        loss == min(losses[: index + 1]) for index, loss in enumerate(losses)
    ]
    head, _, foot = done.out.partition("\n\n")
    lines = [line for line in head.splitlines() if not line.startswith(" ")]
    assert [line.split()[0] for line in lines] == ["run", "network", "data", "training", "memory"]
    test = summary["test"]
    wrong = round(359 * (1 - test["accuracy"]))
    assert f"test      loss {test['loss']:.4f}, accuracy {test['accuracy']:.4f}: {wrong} of 359 wrong" in foot
    assert foot.splitlines()[-1] == f"run       {Path('runs/digits-cnn/1')}"

    fresh = cnn("evaluate", "digits-cnn/1", "-f", "json", "--pictures", "pictures")
    assert fresh.code == 0, fresh.err
    found = json.loads(fresh.out)
    assert found["accuracy"] == test["accuracy"] > 0.5
    assert found["loss"]["value"] == pytest.approx(test["loss"], rel=1e-5)
    assert found["top_5_accuracy"] == test["top_5_accuracy"]


@pytest.mark.keras
@pytest.mark.usefixtures("keras")
def test_the_next_training_gets_the_next_number() -> None:
    """Nothing of the first is written to."""
    first = trained(SMALL, data="digits", limit=64, epochs=1)
    before = contents(first.run.folder)
    second = trained(SMALL, data="digits", limit=64, epochs=2)
    assert (first.run.folder, second.run.folder) == (Path("runs/net/1"), Path("runs/net/2"))
    assert contents(first.run.folder) == before
    assert tuple(contents(second.run.folder)) == FILES
    assert (len(history(first.run.folder)), len(history(second.run.folder))) == (1, 2)


@pytest.mark.keras
@pytest.mark.usefixtures("keras")
def test_a_run_remembers_what_was_given_for_its_network(folder: Path) -> None:
    """From Python and from the command line: the checkpoint is of the network that was trained."""
    text = f"{HEAD}  - conv: $k 3x3\n  - flatten\n  - dense: 10 softmax\nparams: {{k: 2}}\n"
    (folder / "net.yaml").write_text(text, encoding="utf-8")
    options = ("--data", "synthetic:40", "--epochs", "1", "--input", "6x6x3", "-p", "k=3")
    graph = cnnspec.loads(text, "net.yaml", inputs={"": (6, 6, 3)}, params={"k": 3})
    first = train(graph, data="synthetic:40", epochs=1).run
    assert cnn("train", "net.yaml", *options).code == 0
    for path in (first.folder, Path("runs/net/2")):
        model = open_run(path).load_model()
        assert model.input_shape == (None, 6, 6, 3)
        assert model.count_params() == (3 * 3 * 3 + 1) * 3 + (4 * 4 * 3 + 1) * 10
    assert cnn("train", "net.yaml", *options, "--epochs", "2", "--resume").code == 0


@pytest.mark.keras
def test_patience_stops_and_the_best_epoch_is_kept(keras: Any, folder: Path) -> None:
    """Labels that are drawn can only be learned by heart: the validation loss rises."""
    data = archive(folder / "data.npz", 100, 10, alike=False)
    watcher = Watcher()
    options = {"data": str(data), "validation_split": 0.5, "batch_size": 8, "epochs": 200, "learning_rate": 0.01}
    outcome = trained(SMALL, watcher, patience=3, **options)
    run, state = outcome.run, outcome.state
    losses = [row["val_loss"] for row in history(run.folder)]
    assert state.status == "stopped early"
    assert state.best_epoch == 1 + losses.index(min(losses))
    assert state.epoch == len(losses) == state.best_epoch + 3 < 200
    assert watcher.best[-1] == state.best_epoch
    assert watcher.begun[-1] == (state.epoch, 200, 5)
    assert watcher.done == [5] * state.epoch
    assert checkpoint.read_state(run.best).epoch == state.best_epoch
    assert checkpoint.read_state(run.last).epoch == state.epoch
    plan = make_plan(run.graph, run.settings)
    assert plan.validation is not None
    assert keras_evaluate(keras, outcome, plan.validation)["loss"] == pytest.approx(min(losses), rel=1e-5)
    assert outcome.test is not None
    assert keras_evaluate(keras, outcome, plan.dataset.test)["loss"] == pytest.approx(
        outcome.test.scores.loss, rel=1e-5
    )
    assert read(run.folder / "summary.json")["status"] == "stopped early"


@pytest.mark.keras
@pytest.mark.usefixtures("keras")
@pytest.mark.parametrize(
    ("schedule", "rates"),
    [
        ("constant", [0.5, 0.5, 0.5, 0.5, 0.5]),
        # 0.5/2 · (1 + cos(π·t/5)), t = 1 … 5: the cosines are 0.809017, 0.309017, −0.309017, −0.809017 and −1
        ("cosine", [0.45225425, 0.32725425, 0.17274575, 0.04774575, 0.0]),
        # by 10 after 2.5 epochs, by 100 after 3.75
        ("step", [0.5, 0.5, 0.05, 0.005, 0.005]),
    ],
)
def test_schedules(schedule: str, rates: list[float]) -> None:
    """The learning rate at the end of each epoch."""
    outcome = trained(SMALL, data="digits", limit=64, batch_size=16, epochs=5, learning_rate=0.5, schedule=schedule)
    found = [row["learning_rate"] for row in history(outcome.run.folder)]
    assert found == pytest.approx(rates, rel=1e-6, abs=1e-8)


@pytest.mark.keras
def test_the_rate_drops_after_half_and_three_quarters_of_the_steps(keras: Any) -> None:
    """Of 8 steps 4 have the whole rate, 2 a tenth and 2 a hundredth."""
    from cnnspec.training.fitting.compiling import _schedule

    rates = _schedule(keras, Settings(data="digits", learning_rate=0.5, schedule="step", epochs=4), 2)
    found = [float(rates(step)) for step in range(8)]
    assert found == pytest.approx([0.5, 0.5, 0.5, 0.5, 0.05, 0.05, 0.005, 0.005])


@fast
def test_distances_need_a_number_for_every_output(folder: Path) -> None:
    """Keras would subtract the numbers of classes from probabilities."""
    (folder / "net.yaml").write_text(f"{SMALL}train: {{data: digits, metrics: [accuracy, mse]}}\n", encoding="utf-8")
    done = cnn("train", "net.yaml", "--dry-run")
    assert (done.code, done.out, done.codes) == (2, "", ["E702"])
    assert "take `loss: categorical_crossentropy`, which is the same loss" in done.err
    assert cnn("train", "net.yaml", "--dry-run", "--loss", "categorical_crossentropy").code == 0


@pytest.mark.keras
def test_every_metric_is_measured(keras: Any, folder: Path) -> None:
    """Against a one for the class among zeros, as numpy computes it."""
    data = archive(folder / "data.npz", 100, 10)
    spec = f"{SMALL}train:\n  metrics: [accuracy, top_5_accuracy, mse, mae]\n"
    outcome = trained(spec, data=str(data), loss="categorical_crossentropy", validation_split=0.25, epochs=1)
    plan = make_plan(outcome.run.graph, outcome.run.settings)
    assert plan.validation is not None
    x, y = plan.validation.x / np.float32(plan.dataset.peak), plan.validation.y
    outputs = keras.models.load_model(outcome.run.best, compile=False).predict(x, verbose=0)
    (row,) = history(outcome.run.folder)
    errors = outputs - np.eye(10)[y]
    best_five = np.argsort(outputs)[:, -5:]
    assert row["val_accuracy"] == pytest.approx(np.mean(outputs.argmax(axis=1) == y))
    assert row["val_top_5_accuracy"] == pytest.approx(np.mean((best_five == y[:, None]).any(axis=1)))
    assert row["val_mean_squared_error"] == pytest.approx(np.mean(errors**2), rel=1e-4)
    assert row["val_mean_absolute_error"] == pytest.approx(np.mean(np.abs(errors)), rel=1e-4)


@pytest.mark.keras
@pytest.mark.usefixtures("keras")
def test_two_devices_share_every_batch(folder: Path) -> None:
    """Two halves of the processor learn what one whole learns, and what they leave can be read as anything else."""
    (folder / "net.yaml").write_text(SMALL, encoding="utf-8")
    options = {"data": "digits", "limit": 96, "batch_size": 8, "epochs": 1, "optimizer": "sgd", "learning_rate": 0.1}
    words = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", str(value))]
    done = process("train", "net.yaml", *words, "--device", "cpu", "--devices", "2", "--run-dir", "two", cwd=folder)
    assert done.returncode == 0, done.stderr
    one, two = trained(SMALL, **options), folder / "two" / "net" / "1"
    assert tuple(contents(two)) == FILES
    (mine,), (theirs,) = history(one.run.folder), history(two)
    assert theirs["learning_rate"] == pytest.approx(0.1)
    assert theirs["loss"] == pytest.approx(mine["loss"], abs=0.02)
    assert one.test is not None
    assert read(two / "summary.json")["test"]["loss"] == pytest.approx(one.test.scores.loss, abs=0.02)


@pytest.mark.keras
@pytest.mark.parametrize(
    ("layers", "classes", "loss"),
    [
        ("dense: 10 softmax", 10, "categorical_crossentropy"),
        ("dense: 10 sigmoid", 10, "binary_crossentropy"),
        ("dense: 1 sigmoid", 2, "binary_crossentropy"),
        ("dense: 10 tanh", 10, "mean_squared_error"),
    ],
)
def test_the_loss_on_test_data_is_that_of_keras(keras: Any, folder: Path, layers: str, classes: int, loss: str) -> None:
    """As `model.evaluate` says for the same images; for one unit and for many, the accuracy too."""
    data = archive(folder / "data.npz", 100, classes)
    outcome = trained(f"{HEAD}  - flatten\n  - {layers}\n", data=str(data), loss=loss, epochs=1, batch_size=80)
    assert outcome.test is not None
    theirs = keras_evaluate(keras, outcome, outcome.test.data.test, ("accuracy",))
    assert outcome.test.scores.loss == pytest.approx(theirs["loss"], rel=1e-4)
    assert outcome.test.scores.accuracy == pytest.approx(theirs["accuracy"])
    (row,) = history(outcome.run.folder)
    assert math.isfinite(row["loss"])


@fast
@pytest.mark.parametrize(
    ("spec", "data", "message", "step"),
    [
        ("resnet20-cifar10", 64, "`bn1` looks at the whole batch, and `--threads 2x3` divides it into parts", "3"),
        ("mnist-cnn", 65, "the last batch has 1 of 65 samples, which `--threads 2x3` cannot divide", "3"),
    ],
)
def test_what_cannot_be_divided_is_told_before(spec: str, data: int, message: str, step: str) -> None:
    """Parts of a batch have other means than the whole, and TensorFlow ends where one is empty."""
    done = cnn("train", spec, "--data", f"synthetic:{data}", "--threads", "2x3", "--dry-run")
    assert (done.code, done.out) == (2 if spec == "mnist-cnn" else 1, "")
    assert done.err.startswith(f"error[E702]: {message}\n")
    assert done.err.endswith(f"= help: `--threads {step}` divides none\n")


# Data of several kinds


def cifar10(path: Path, images: int) -> Path:
    """Write a small CIFAR-10 as it is given away: pickled batches in an archive; return its folder."""
    random = np.random.default_rng(0)
    batches = {
        name: {
            b"data": random.integers(0, 256, (images, 3 * 32 * 32), dtype=np.uint8),
            b"labels": [index % 10 for index in range(images)],
        }
        for name in (*(f"data_batch_{number}" for number in range(1, 6)), "test_batch")
    }
    names = b"airplane automobile bird cat deer dog frog horse ship truck".split()
    with tarfile.open(path, "w:gz") as file:
        for name, content in {**batches, "batches.meta": {b"label_names": names}}.items():
            data = pickle.dumps(content, protocol=2)
            member = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            member.size = len(data)
            file.addfile(member, BytesIO(data))
    return path.parent


@pytest.mark.keras
@pytest.mark.usefixtures("keras")
@pytest.mark.parametrize(
    ("spec", "parts", "columns"),
    [
        ("alexnet-cifar10", "20 training and 10 test", ["loss", "accuracy"]),
        ("resnet-cifar10", "16 training, 4 validation and 10 test", ["loss", "accuracy", "val_loss", "val_accuracy"]),
    ],
)
def test_cifar10_in_its_original_archive(folder: Path, spec: str, parts: str, columns: list[str]) -> None:
    """One step of each of the two networks for it."""
    data = cifar10(folder / "cifar-10-python.tar.gz", 10)
    done = cnn("train", spec, "--data-dir", str(data), "--offline", "--limit", "20", "--epochs", "1")
    assert done.code == 0, done.err
    assert f"data cifar10: {parts} images 32×32×3, 10 classes" in " ".join(done.out.split())
    run = folder / "runs" / spec / "1"
    (row,) = history(run)
    assert list(row) == ["epoch", *columns, "learning_rate", "seconds"]
    config = read(run / "config.json")
    assert config["settings"]["augment"] == (["crop", "flip"] if spec == "alexnet-cifar10" else [])
    assert config["settings"]["scale"] == 1 / 255
    assert config["data"]["files"] == [str(data / "cifar-10-python.tar.gz")]
    assert config["data"]["classes"][9] == "truck"


@pytest.mark.keras
@pytest.mark.usefixtures("keras")
def test_an_archive_of_arrays_is_learned(folder: Path) -> None:
    """One bright pixel tells the class."""
    archive(folder / "mine.npz", 200, 4)
    spec = f"{HEAD}  - flatten\n  - dense: 4 softmax\n"
    outcome = trained(spec, data="mine.npz", epochs=15, batch_size=8, learning_rate=0.01)
    assert outcome.test is not None
    assert outcome.test.scores.accuracy == 1.0
    assert history(outcome.run.folder)[-1]["accuracy"] > 0.9


@pytest.mark.keras
@pytest.mark.usefixtures("keras")
def test_a_folder_of_images_is_learned(folder: Path) -> None:
    """Bright and dark pictures, one folder for each."""
    from PIL import Image

    random = np.random.default_rng(0)
    for name, least in (("bright", 180), ("dark", 0)):
        (folder / "photos" / name).mkdir(parents=True)
        for index in range(20):
            pixels = random.integers(least, least + 70, (12, 10, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / "photos" / name / f"{index}.png")
    (folder / "net.yaml").write_text(f"{HEAD}  - flatten\n  - dense: 2 softmax\n", encoding="utf-8")
    done = cnn(
        *("train", "net.yaml", "--data", "photos", "--epochs", "10", "--batch-size", "4"),
        *("--learning-rate", "0.02", "--resize", "--limit", "40"),
    )
    assert done.code == 0, done.err
    run = folder / "runs" / "net" / "1"
    assert read(run / "config.json")["data"]["classes"] == ["bright", "dark"]
    assert read(run / "summary.json")["test"]["accuracy"] == 1.0
