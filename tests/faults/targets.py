"""All targets: a training, a sweep, a class with feedback, a gradebook, a class of sheets, and every `-o`."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

from tests.faults.child import run
from tests.faults.target import Choice, Target

SPEC: Final = """name: tiny
input: 8x8x1
layers:
  - conv: 6 3x3 same bn relu
  - maxpool: 2
  - flatten
  - dropout: 0.3
  - dense: 10 softmax
train:
  data: digits
  epochs: 4
  batch_size: 64
  schedule: cosine
  augment: true
  validation_split: 0.2
  loss: categorical_crossentropy
  mixup: 0.4
  warmup_epochs: 1
"""
OPEN: Final = "input: 39x39x3\nlayers: [{conv: 20 5x5/? pad=?, expect: 19x19x20}]\n"
ASSIGNMENT: Final = "assignment: homework\nspec: lenet5-rgb\n"
ANSWERS: Final = (608, 0, 3216, 0, 48120, 10164, 850)
STUDENTS: Final = 40


def _spec(folder: Path) -> None:
    (folder / "net.yaml").write_text(SPEC, encoding="utf-8")
    (folder / "open.yaml").write_text(OPEN, encoding="utf-8")


def _table(wrong: int) -> str:
    """Return a table in which one of the answers is wrong."""
    rows = [value + (row == wrong) for row, value in enumerate(ANSWERS)]
    names = ("CONV1", "POOL1", "CONV2", "POOL2", "FC3", "FC4", "Softmax")
    return "Layer;# parameters\n" + "".join(f"{name};{value}\n" for name, value in zip(names, rows, strict=True))


def _students(folder: Path) -> None:
    """Write a class of forty, its gradebook and its roster."""
    names = [f"student{number:02}" for number in range(STUDENTS)]
    for number, name in enumerate(names):
        (folder / "class" / name).mkdir(parents=True)
        (folder / "class" / name / "hw.csv").write_text(_table(number % 9), encoding="utf-8")
    lines = "".join(f"{name},{name},\n" for name in names)
    (folder / "canvas.csv").write_text(f"Student,ID,HW3 (1)\n{lines}", encoding="utf-8")
    roster = "".join(f"{name},{name}\n" for name in names[:12])
    (folder / "roster.csv").write_text(f"id,name\n{roster}", encoding="utf-8")
    (folder / "hw.csv").write_text(_table(len(ANSWERS)), encoding="utf-8")
    (folder / "hw.yaml").write_text(ASSIGNMENT, encoding="utf-8")


def _both(folder: Path) -> None:
    _spec(folder)
    _students(folder)


@cache
def _trained() -> Path:
    """Return a folder with a run, trained once for all commands that read one."""
    place = Path(tempfile.mkdtemp(prefix="faults-run-"))
    _both(place)
    for words in (
        ("train", "net.yaml", "--deterministic", "--epochs", "2"),
        ("export", "net.yaml", "--to", "keras", "--untrained", "-o", "model.keras"),
    ):
        ended = run(words, place, log=place / "log")
        if ended.code:
            raise RuntimeError(ended.text)
    from PIL import Image

    Image.new("L", (8, 8), 128).save(place / "seven.png")
    return place


def _with_run(folder: Path) -> None:
    shutil.copytree(_trained(), folder, dirs_exist_ok=True)


TRAIN: Final = ("train", "net.yaml", "--resume", "auto", "--deterministic")
SWEEP: Final = (
    "sweep",
    "net.yaml",
    "--seed",
    "0,1",
    "--jobs",
    "2",
    "--deterministic",
    "--epochs",
    "2",
    "--limit",
    "256",
)
GRADE: Final = (
    *("grade", "lenet5-rgb", "class", "--feedback", "feedback", "--review", "review.html", "-o", "grades.csv"),
    *("--fill", "canvas.csv", "--column", "HW3 (1)"),
)
GRADED: Final = ("feedback", "review.html", "grades.csv", "canvas.filled.csv")
IN_PLACE: Final = ("grade", "lenet5-rgb", "class", "--fill", "canvas.csv", "--column", "HW3 (1)", "--in-place")
SHEETS: Final = (
    *("practice", "lenet5-rgb", "--vary", "all", "--roster", "roster.csv", "--output-dir", "sheets", "--force"),
)


def _training() -> Sequence[Target]:
    return [
        Target("train", TRAIN, TRAIN, _spec, ("runs",), in_steps=True, enough=("E524",), needs=("keras",)),
    ]


def _sweeping() -> Sequence[Target]:
    again = (*SWEEP, "--resume")
    return [Target("sweep", SWEEP, again, _spec, ("sweeps",), in_steps=True, needs=("keras",))]


def _grading() -> Sequence[Target]:
    return [
        Target(name, words, (*words, "--resume", "--force"), _students, GRADED, grows=("grades.csv",))
        for name, words in (("grade", GRADE), ("grade --jobs 2", (*GRADE, "--jobs", "2")))
    ]


def _filling() -> Sequence[Target]:
    return [Target("grade --in-place", IN_PLACE, IN_PLACE, _students, ("canvas.csv",), in_steps=True)]


def _sheets() -> Sequence[Target]:
    return [Target("practice --output-dir", SHEETS, SHEETS, _students, ("sheets",))]


OUTPUTS: Final = (
    ("assignment lenet5-rgb", "hw3.yaml"),
    ("autograder hw.yaml --to gradescope", "hw3.zip"),
    ("check lenet5-rgb hw.csv", "marks.json"),
    ("compare lenet5 lenet5-rgb", "both.md"),
    ("draw resnet50", "net.svg"),
    ("explain lenet5", "why.html"),
    ("export net.yaml --untrained --to keras-code", "net.py"),
    ("grade lenet5-rgb class", "grades.csv"),
    ("import model.keras", "back.yaml"),
    ("live lenet5-rgb --pyodide https://localhost/pyodide/", "public"),
    ("practice lenet5-rgb", "sheet.md"),
    ("report resnet50", "report.html"),
    ("runs runs", "runs.csv"),
    ("schema", "schema.json"),
    ("solve open.yaml", "solved.json"),
    ("summarize resnet152", "net.csv"),
    ("sweep net.yaml --seed 0,1 --print lines", "lines.txt"),
)
TRAINED: Final = (
    ("evaluate tiny", "scores.json"),
    ("export tiny --to keras", "tiny.keras"),
    ("export tiny --to saved_model", "tiny.saved_model"),
    ("export tiny --to tflite", "tiny.tflite"),
    ("predict tiny seven.png", "answers.csv"),
    ("report net.yaml --run tiny", "run.html"),
    ("show-activations tiny seven.png", "maps.svg"),
    ("verify lenet5", "verified.json"),
)
FOLDERS: Final = ("public", "tiny.saved_model")


def _output(words: str, name: str) -> Target:
    command = (*words.split(), "-o", name, "--force")
    grows = (name,) if words.startswith("grade") else ()
    is_plain = name not in FOLDERS and not grows
    return Target(f"{words} -o {name}", command, command, _with_run, (name,), is_plain, grows)


@cache
def _outputs() -> Sequence[Target]:
    return [_output(*each) for each in OUTPUTS]


@cache
def _trained_outputs() -> Sequence[Target]:
    return [_output(*each)._replace(needs=("keras",)) for each in TRAINED]


CHOICES: Final[dict[str, Choice]] = {
    "train": Choice(12, _training),
    "sweep": Choice(4, _sweeping),
    "feedback": Choice(8, _grading),
    "gradebook": Choice(4, _filling),
    "sheets": Choice(4, _sheets),
    "output": Choice(10, _outputs),
    "trained-output": Choice(8, _trained_outputs),
}
"""What can be named on the command line."""
