"""Hostile run folders: checkpoints that lie about their size, and texts and numbers that no run has."""

from __future__ import annotations

import bz2
import io
import json
import os
import resource
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from generators import deflated, lie
from limited import GIBIBYTE, PATIENCE, ROOT, python
from typer.testing import CliRunner

from cnnspec.cli.app import make_app
from cnnspec.errors import CnnspecError
from cnnspec.training.runs.opening import open_run

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
"""Keras reads its own variables in a way that NumPy 2 deprecates."""

READ_STATE: Final = """
import sys
from pathlib import Path
from cnnspec.training.runs.checkpoint import read_state
read_state(Path(sys.argv[1]))
"""
INSPECT: Final = """
import sys
from pathlib import Path
import cnnspec
from cnnspec.training.runs.checkpoint import inspect
inspect(cnnspec.load("lenet5"), Path(sys.argv[1]))
"""


def lists(path: Path, name: str) -> None:
    """Write a member of so many empty lists that they take gigabytes in memory: 80 MB of JSON."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, b"[" + b"[]," * 27_000_000 + b"0]")


CHECKPOINTS: Final[dict[str, tuple[Callable[[Path, str], None], str]]] = {
    "bzip2": (
        lambda path, name: lie(path, name, bz2.compress(bytes(1 << 24)), zipfile.ZIP_BZIP2, 1000),
        "is packed in an unusual way, neither stored nor deflated",
    ),
    "deflate": (lambda path, name: lie(path, name, deflated(2_200_000_000), 8, 1000), "cannot be read"),
    "lists": (lists, "is too large, more than "),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CHECKPOINTS)
@pytest.mark.parametrize(("member", "script"), [("cnnspec.json", READ_STATE), ("config.json", INSPECT)])
def test_a_checkpoint_that_lies_is_refused(name: str, member: str, script: str, tmp_path: Path) -> None:
    """Its directory is not believed, and a text of it is no larger than that of an honest one."""
    write, fact = CHECKPOINTS[name]
    write(tmp_path / "best.keras", member)
    done = python("-c", script, "best.keras", memory=GIBIBYTE, folder=tmp_path)
    assert done.code == 1
    assert "error[E526]: `best.keras` is no checkpoint that can be read" in done.stderr
    assert f"= note: its `{member}` {fact}" in done.stderr


SPEC: Final = """
name: tiny
input: {_in: 8x8x1}
params: {filters: 4}
layers:
  - conv: $filters 3x3 relu
  - flatten
  - dense: 4 softmax
train: {data: "synthetic:40", epochs: 1, loss: sparse_categorical_crossentropy, metrics: [accuracy]}
"""


def trained(folder: Path) -> Path:
    """Train in a folder, and return the run."""
    pytest.importorskip(
        "tensorflow", reason='TensorFlow is missing, so nothing was trained: pip install "cnnspec[train]"'
    )
    (folder / "net.yaml").write_text(SPEC, encoding="utf-8")
    arguments = ["train", str(folder / "net.yaml"), "--run-dir", str(folder / "runs"), "-p", "filters=4"]
    done = CliRunner().invoke(make_app(("train",)), arguments)
    assert done.exit_code == 0, done.output
    return folder / "runs" / "tiny" / "1"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a run, which no test changes."""
    return trained(tmp_path_factory.mktemp("trained"))


@pytest.fixture
def copied(run: Path, tmp_path: Path) -> Path:
    """Return a copy of the run, which a test may change."""
    shutil.copytree(run, tmp_path / "run")
    return tmp_path / "run"


def replaced(value: Any, text: str) -> Iterator[Any]:
    """Yield a JSON value once for every text in it, which is another one there."""
    if isinstance(value, str):
        yield text
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        for other in replaced(part, text):
            changed = value.copy()
            changed[key] = other
            yield changed


@pytest.mark.keras
def test_no_text_of_a_run_makes_a_command_stumble(copied: Path) -> None:
    """Half a character in the place of every text: an output or a diagnostic, in every format."""
    config = json.loads((copied / "config.json").read_text(encoding="utf-8"))
    app, codes = make_app(("evaluate", "train")), []
    for changed in replaced(config, "\ud800\udcff"):
        (copied / "config.json").write_text(json.dumps(changed), encoding="utf-8")
        for command in (["evaluate", "--format", "json"], ["evaluate", "--format", "csv"], ["train", "--resume"]):
            done = CliRunner().invoke(app, [command[0], str(copied), *command[1:]])
            assert done.exception is None or isinstance(done.exception, SystemExit), (changed, done.exception)
            codes.append(done.exit_code)
    assert set(codes) == {0, 1}
    assert len(codes) > 40


@pytest.mark.keras
@pytest.mark.parametrize(
    ("part", "key", "value", "fact"),
    [
        ("data", "peak", 1e308, "the `peak` of its data is no positive number of 32 bits"),
        ("settings", "scale", 1e300, "`scale` is 1e+300"),
        ("settings", "learning_rate", 1e300, "`learning_rate` is 1e+300"),
    ],
)
def test_numbers_that_overflow_are_refused(part: str, key: str, value: float, fact: str, copied: Path) -> None:
    """Networks compute in 32 bits, where these are infinite."""
    config = json.loads((copied / "config.json").read_text(encoding="utf-8"))
    config[part][key] = value
    (copied / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(CnnspecError) as caught:
        open_run(copied)
    (fault,) = caught.value.diagnostics
    assert (fault.code, fault.notes) == ("E521", (fact,))


@pytest.mark.keras
def test_no_foreign_warning_stands_above_our_error(copied: Path) -> None:
    """Keras warns of what is missing in damaged weights, with a path into its own files."""
    with zipfile.ZipFile(copied / "best.keras") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    weights = io.BytesIO(members["model.weights.h5"])
    with pytest.importorskip("h5py").File(weights, "r+") as file:
        del file["layers"]
    members["model.weights.h5"] = weights.getvalue()
    with zipfile.ZipFile(copied / "best.keras", "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    done = python("-m", "cnnspec", "evaluate", copied, memory=resource.RLIM_INFINITY)
    assert done.code == 1
    assert done.stderr.startswith("error[E526]: "), done.stderr


def train_in(folder: Path, stdout: int | Any, largest_file: int | None) -> subprocess.CompletedProcess[str]:
    """Train in a folder where files have at most so many bytes, as on a disk that is full."""

    def limit() -> None:
        if largest_file is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))

    pytest.importorskip(
        "tensorflow", reason='TensorFlow is missing, so nothing was trained: pip install "cnnspec[train]"'
    )
    (folder / "net.yaml").write_text(SPEC, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-m", "cnnspec", "train", "net.yaml"],
        check=False,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=PATIENCE,
        preexec_fn=limit,
    )


@pytest.mark.keras
@pytest.mark.parametrize("largest_file", [200, 8000], ids=["before the first epoch", "at the first checkpoint"])
def test_a_full_disk_leaves_no_empty_run(largest_file: int, tmp_path: Path) -> None:
    """The error says what cannot be written, and no folder stays behind."""
    done = train_in(tmp_path, subprocess.DEVNULL, largest_file)
    assert done.returncode == 1
    assert done.stderr.startswith("error[E604]: `runs/tiny/1/")
    assert [path.name for path in tmp_path.iterdir()] == ["net.yaml"]


@pytest.mark.keras
def test_an_output_that_is_full_leaves_no_empty_run(tmp_path: Path) -> None:
    """The first lines about a training cannot be written."""
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = train_in(tmp_path, full, None)
    assert done.returncode == 1
    assert done.stderr == "error[E604]: the output cannot be written\n  = note: no space left on device\n"
    assert [path.name for path in tmp_path.iterdir()] == ["net.yaml"]


@pytest.mark.keras
def test_a_link_in_the_place_of_the_board_is_not_followed(tmp_path: Path) -> None:
    """TensorBoard's events are written into the run, and nowhere else."""
    pytest.importorskip(
        "tensorflow", reason='TensorFlow is missing, so nothing was written: pip install "cnnspec[train]"'
    )
    from cnnspec.training.fitting.tensorboard import open_board

    (tmp_path / "run").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run" / "tensorboard").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CnnspecError) as caught:
        open_board(tmp_path / "run")
    (fault,) = caught.value.diagnostics
    assert (fault.code, fault.notes) == ("E604", ("it is a link",))
    assert list((tmp_path / "elsewhere").iterdir()) == []
