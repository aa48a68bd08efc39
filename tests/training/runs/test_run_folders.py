"""Run folders as input and as output: what is in them is read with its type, and nothing outside them is written."""

from __future__ import annotations

import json
import os
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from typer.testing import CliRunner

import cnnspec
from cnnspec.cli.app import make_app
from cnnspec.errors import CnnspecError
from cnnspec.files import write_whole
from cnnspec.text.limits import STANDARD
from cnnspec.training.data.dataset import Dataset, Samples
from cnnspec.training.fitting import trainer
from cnnspec.training.plan import make_plan
from cnnspec.training.runs import checkpoint, folders
from cnnspec.training.runs import run as runs
from cnnspec.training.runs.opening import open_run
from cnnspec.training.runs.resuming import demand_data, demand_unchanged, resumable
from cnnspec.training.runs.run import Run, create
from cnnspec.training.runs.state import State, from_json
from cnnspec.training.settings import merge

SPEC: Final = """
name: tiny
input: 2x2x1
layers: [flatten, dense: 3 softmax]
train: {data: digits, epochs: 4}
"""
ROW: Final = {"epoch": 1, "loss": 0.5, "accuracy": 0.25, "learning_rate": 0.001, "seconds": 0.5}
posix = pytest.mark.skipif(sys.platform == "win32", reason="links and pipes are made otherwise")


def fault(call: Callable[[], object]) -> tuple[str, str, tuple[str, ...], str]:
    """Return code, message, notes and step of the only diagnostic of a call."""
    with pytest.raises(CnnspecError) as caught:
        call()
    (found,) = caught.value.diagnostics
    return found.code, found.message, found.notes, found.help


def dataset(**changes: Any) -> Dataset:
    """Return six images for training and three for testing, of three classes."""
    values = {
        "x": np.arange(24, dtype=np.uint8).reshape(6, 2, 2, 1),
        "y": np.array([0, 1, 2, 0, 1, 2]),
        "classes": ("a", "b", "c"),
        "peak": 255.0,
        "mirrors": False,
    } | changes
    test = Samples(np.zeros((3, 2, 2, 1), np.uint8), np.array([0, 1, 2]))
    return Dataset(
        "digits", Samples(values["x"], values["y"]), test, values["classes"], values["peak"], values["mirrors"]
    )


def begin(root: Path, data: Dataset | None = None, spec: str = SPEC, **options: Any) -> Run:
    """Return a new run of a network, in which no epoch was finished."""
    graph = cnnspec.loads(spec, "tiny.yaml")
    settings = merge(graph.train, options).changed(scale=1 / 255)
    return runs.create(root, graph, settings, data or dataset())


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return a new run."""
    return begin(tmp_path / "runs")


def leave(run: Run, epochs: int = 1, name: str = "last.keras", **changes: Any) -> State:
    """Write a checkpoint that holds a state and no weights; return the state."""
    rows = tuple({**ROW, "epoch": epoch} for epoch in range(1, epochs + 1))
    state = State(epoch=epochs, best_epoch=epochs, history=rows, seeds=((1, 2),))
    with zipfile.ZipFile(run.folder / name, "w") as archive:
        archive.writestr(checkpoint.STATE, json.dumps(state.as_json() | changes))
    return state


def change(run: Run, **changes: Any) -> None:
    """Change values in the configuration of a run, named by their path with underscores doubled."""
    path = run.folder / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    for name, value in changes.items():
        *places, last = name.split("__")
        inside = config
        for place in places:
            inside = inside[place]
        inside[last] = value
    path.write_text(json.dumps(config), encoding="utf-8")


def link_to_itself(path: Path) -> None:
    """Make a link that leads nowhere."""
    path.symlink_to(path)


# Nothing outside is written


@posix
def test_a_link_in_a_run_folder_is_replaced(run: Run, tmp_path: Path) -> None:
    """And what it points to stays as it was; the output of a command goes where its link points."""
    victim = tmp_path / "victim"
    victim.write_text("precious", encoding="utf-8")
    for name in ("confusion.svg", "elsewhere.svg"):
        (run.folder / name).symlink_to(victim)
    (run.folder / "best.keras").symlink_to(victim)
    (run.folder / "last.keras").write_bytes(b"checkpoint")
    run.write("confusion.svg", "picture")
    checkpoint.link(run.last, run.best)
    assert victim.read_text(encoding="utf-8") == "precious"
    assert not (run.folder / "confusion.svg").is_symlink()
    assert (run.folder / "confusion.svg").read_text(encoding="utf-8") == "picture"
    assert run.best.read_bytes() == b"checkpoint"
    write_whole(run.folder / "elsewhere.svg", b"output")
    assert victim.read_text(encoding="utf-8") == "output"
    assert (run.folder / "elsewhere.svg").is_symlink()


@posix
def test_a_lock_that_is_a_link_is_refused(run: Run, tmp_path: Path) -> None:
    """Its target is not emptied."""
    victim = tmp_path / "victim"
    victim.write_text("precious", encoding="utf-8")
    (run.folder / ".lock").symlink_to(victim)
    with pytest.raises(CnnspecError) as caught, trainer.locked(run.folder):
        pytest.fail("it was locked")
    assert caught.value.diagnostics[0].code == "E604"
    assert victim.read_text(encoding="utf-8") == "precious"


@posix
def test_one_process_has_the_lock(run: Run) -> None:
    """And a lock file that is there already is no lock."""
    (run.folder / ".lock").write_text("kept", encoding="utf-8")
    with trainer.locked(run.folder):
        (code, message, *_) = fault(lambda: trainer.locked(run.folder).__enter__())
        assert (code, message) == ("E525", f"another process is training in `{run.folder}`")
    assert (run.folder / ".lock").read_text(encoding="utf-8") == "kept"


# Names


def test_a_name_is_the_newest_run_with_a_checkpoint(tmp_path: Path) -> None:
    """A start that failed leaves a folder without any; that is what is resumed."""
    root = tmp_path / "runs"
    for number in range(1, 12):
        last = begin(root)
        if number in (2, 10):
            leave(last)
    for text in ("tiny", "tiny.yaml", str(root / "tiny"), root / "tiny"):
        assert folders.find(text, root) == root / "tiny" / "10"
        assert folders.find(text, root, trained=False) == root / "tiny" / "11"
    assert folders.newest(root / "tiny") == root / "tiny" / "11"
    for text in ("tiny/2", str(root / "tiny" / "2"), root / "tiny" / "2"):
        assert folders.find(text, root) == open_run(text, root).folder == root / "tiny" / "2"
    for text in ("tony", "", "\0", "x" * 5000, "tiny/12", "tiny/config.json"):
        assert folders.find(text, root) is None


def test_a_bare_name_may_be_a_specs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For who also takes specs, only what has a slash or is a run folder itself names a run."""
    monkeypatch.chdir(tmp_path)
    folder = begin(Path("runs")).folder
    assert [folders.find(text, by_name=False) for text in ("tiny", "tiny.yaml", "nets/tiny.yaml")] == [None] * 3
    for text in ("runs/tiny", "tiny/1", "runs/tiny/1", "./runs/tiny"):
        assert folders.find(text, by_name=False) == folder
    monkeypatch.chdir(folder.parent)
    assert folders.find("1", by_name=False) == Path("1")


def test_a_run_is_exported_by_each_of_its_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """But for its network's alone, which is a spec's."""
    monkeypatch.chdir(tmp_path)
    begin(Path("runs"))
    names = ("runs/tiny/1", "runs/tiny", "tiny/1", "tiny")
    app = make_app(["export"])
    done = [CliRunner().invoke(app, ["export", name, "--to", "keras-code"]) for name in names]
    assert [result.exit_code for result in done] == [0, 0, 0, 1]
    assert [result.stdout.partition(":")[0] for result in done] == ["# tiny", "# tiny", "# tiny", ""]
    assert done[3].stderr.startswith("error[E601]: no file and no bundled network is named `tiny`\n")


def test_without_a_checkpoint_the_newest_run_is_named(run: Run) -> None:
    """So that its error says what is missing."""
    assert folders.find("tiny", run.folder.parent.parent) == run.folder


@pytest.mark.parametrize("sign", ["x", "é", "漢"])
def test_a_long_name_is_cut(tmp_path: Path, sign: str) -> None:
    """No file system takes names of 300 bytes."""
    made = begin(tmp_path, spec=SPEC.replace("tiny", sign * 300))
    assert made.folder.parent.name == sign * (100 // len(sign.encode()))
    assert open_run(sign * 300, tmp_path).folder == made.folder


# Configurations


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("settings__batch_size", value) for value in (0, "x", -3, None, "32", 2.5, True, 10**400)),
        *(("settings__epochs", value) for value in ("abc", None, 0, [3])),
        *(("settings__scale", value) for value in ("x", "1/255", [1], 10**400, float("nan"))),
        *(("settings__learning_rate", value) for value in ("x", None, -1, float("inf"))),
        *(("settings__loss", value) for value in ("foo", 3, None)),
        *(("settings__data", value) for value in (5, None, "")),
        *(("settings__metrics", value) for value in ("accuracy", [3], ["foo"], [[]], None)),
        *(("settings__augment", value) for value in (True, "crop", ["turn"])),
        *(("settings__jit", value) for value in ("perhaps", True)),
        ("settings__data_dir", 7),
        ("settings__offline", "false"),
        ("settings__steps_per_execution", 0),
        *(("settings__threads", value) for value in (0, 4, "0x1", "auto", [2, 1])),
        ("settings__devices", 0),
        ("settings__device", 3),
        ("settings__patience", 3),
        ("settings__colour", "red"),
        ("settings", []),
        ("settings", {}),
        *(("data__classes", value) for value in (None, "abc", ["a", "b"], ["a", "b", 3], ["a", "b", "c", "d"])),
        *(("data__peak", value) for value in (10**400, 0, -1, float("nan"), float("inf"), "x", None, True)),
        ("data", 3),
        ("source", 3),
        ("overrides", 3),
        ("overrides", {"inputs": 3}),
        ("overrides", {"inputs": {"": None}}),
        ("overrides", {"params": {"a": []}}),
        ("overrides", {"other": {}}),
    ],
)
def test_a_configuration_is_read_with_its_types(run: Run, name: str, value: Any) -> None:
    """A run folder is input like any other."""
    change(run, **{name: value})
    assert fault(lambda: open_run(run.folder))[0] == "E521"


def test_something_else_in_the_place_of_a_run(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file in its folder, a number that none has, a picture, and a network that was not trained."""
    monkeypatch.chdir(run.folder.parent)  # long paths are shortened
    number = Path("99")
    steps = {
        Path(run.folder.name, "best.keras"): f"the run is its folder, `{run.folder.name}`",
        number: f"runs there are {run.folder.name}",
        Path("photo.png"): "the run comes first, and the pictures behind it",
        Path("lenet5"): "`cnnspec train lenet5` makes one",
    }
    for named, step in steps.items():
        assert fault(lambda named=named: open_run(str(named)))[::3] == ("E521", step)


def test_all_wrong_settings_are_named(run: Run) -> None:
    """In one error."""
    change(run, settings__batch_size=0, settings__loss="foo")
    assert fault(lambda: open_run(run.folder)) == (
        "E521",
        "the settings of the run cannot be read",
        ("`batch_size` is 0", "`loss` is 'foo'"),
        "",
    )


@pytest.mark.parametrize(
    ("head", "given"),
    [
        ("input: 4x4x1", {"params": {"k": 5}}),
        ("input: 4x4x1", {"inputs": {"": (2, 2, 1)}}),
        ("input: 4x4x1", {"inputs": {"input": "2x2x1"}, "params": {"k": "5", "on": False}}),
        ("", {"inputs": {"": [2, 2, 1]}}),
        ("input: {a: 4x4x1, b: 2x2x1}", {"inputs": {"a": (2, 2, 3)}, "params": {"k": 2.0}}),
    ],
)
def test_a_run_has_the_network_that_was_given(tmp_path: Path, head: str, given: dict[str, Any]) -> None:
    """Input shapes and parameters that are not those of the text are the run's too."""
    first = "- concat: [a, b]" if "{" in head else "- identity"
    text = (
        f"name: net\n{head}\nparams: {{k: 4, on: true}}\nlayers:\n  {first}\n"
        "  - flatten\n  - dense: $k nobias\n    when: $on\n  - dense: 3 softmax\ntrain: {data: digits}\n"
    )
    graph = cnnspec.loads(text, "net.yaml", **given)
    made = runs.create(tmp_path, graph, merge(graph.train, {"scale": 1.0}), dataset())
    assert open_run(made.folder).graph == graph


def test_a_run_could_be_opened_again_or_is_not_begun(tmp_path: Path) -> None:
    """A network that its text does not give, and a text beyond the limits of everyone else."""
    graph = cnnspec.loads(SPEC, "tiny.yaml")
    changed = replace(graph, nodes=(graph.nodes[0]._replace(name="flat"), *graph.nodes[1:]))
    settings = merge(graph.train, {"scale": 1.0})
    assert fault(lambda: runs.create(tmp_path, changed, settings, dataset()))[0] == "E502"
    large = cnnspec.loads(SPEC + "# " + "x" * STANDARD.bytes, limits=STANDARD._replace(bytes=2 * STANDARD.bytes))
    assert fault(lambda: runs.create(tmp_path, large, settings, dataset()))[0] == "E110"
    assert not list(tmp_path.iterdir())


def test_a_configuration_survives_its_file(tmp_path: Path) -> None:
    """Every setting, and what is known of the data."""
    options = {"batch_size": 7, "augment": ("crop", "flip"), "metrics": (), "limit": 9, "device": "cpu", "jit": "off"}
    made = begin(tmp_path, **options, steps_per_execution=3, data_dir="d", schedule="step", learning_rate=1e-05)
    read = open_run(made.folder)
    assert read.settings == made.settings
    assert read.data == made.data
    assert (read.classes, read.peak) == (("a", "b", "c"), 255.0)


def test_one_output_unit_tells_two_classes(tmp_path: Path) -> None:
    """Of more units, each has its class."""
    spec = SPEC.replace("3 softmax", "1 sigmoid").replace("epochs: 4", "loss: binary_crossentropy")
    made = begin(tmp_path, dataset(classes=("no", "yes")), spec)
    assert open_run(made.folder).classes == ("no", "yes")
    change(made, data__classes=["no"])
    note = "it names 1 classes, and the network has 1 output units"
    assert fault(lambda: open_run(made.folder))[2] == (note,)


@posix
@pytest.mark.parametrize("name", ["config.json", "spec.yaml"])
@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, link_to_itself])
def test_what_is_no_file_is_not_waited_for(run: Run, name: str, make: Callable[[Path], None]) -> None:
    """A pipe would be read for ever."""
    (run.folder / name).unlink()
    make(run.folder / name)
    assert fault(lambda: open_run(run.folder))[0] == "E521"


@pytest.mark.parametrize(("name", "most"), [("config.json", 10_000_000), ("spec.yaml", 1_000_000)])
def test_only_so_much_is_read(run: Run, name: str, most: int) -> None:
    """Enough for every run."""
    with (run.folder / name).open("ab") as file:
        file.write(b" " * most)
    code, message, notes, _ = fault(lambda: open_run(run.folder))
    assert (code, notes) == ("E521", (f"it has more than {most:,} bytes",))
    assert message.endswith("` of the run cannot be read")


# Checkpoints


@posix
@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, link_to_itself])
def test_a_checkpoint_that_is_no_file_is_refused(run: Run, make: Callable[[Path], None]) -> None:
    """At once."""
    make(run.last)
    assert fault(lambda: checkpoint.read_state(run.last))[::2] == ("E526", ("it is no file",))
    assert fault(lambda: resumable(run, None, {}))[0] == "E526"


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_a_damaged_archive_is_one_diagnostic(run: Run, method: int) -> None:
    """Whatever compresses it."""
    with zipfile.ZipFile(run.last, "w", method) as archive:
        archive.writestr(checkpoint.STATE, json.dumps({"text": "abc" * 1000}))
    data = bytearray(run.last.read_bytes())
    data[30 + len(checkpoint.STATE) : 50 + len(checkpoint.STATE)] = b"\xff" * 20
    run.last.write_bytes(data)
    assert fault(lambda: checkpoint.read_state(run.last))[0] == "E526"


@pytest.mark.parametrize(
    "changes",
    [
        *({"epoch": value} for value in ("1", -5, 1.5, True, None, 10**400)),
        *({"best_epoch": value} for value in ("1", 2, -1)),
        *({"best_value": value} for value in ("x", [], float("nan"), 10**400)),
        *({"status": value} for value in ("done", 3, None, [])),
        *({"history": value} for value in (3, [3], [{**ROW, "loss": "x"}], [ROW, ROW], [{**ROW, "epoch": 2}], None)),
        *({"seeds": value} for value in (3, [3], [["x"]], [[-1]], [[1 << 32]], [[0.5]])),
        {"other": 3},
    ],
)
def test_a_state_is_read_with_its_types(run: Run, changes: dict[str, Any]) -> None:
    """It decides how a training goes on."""
    leave(run, **changes)
    assert fault(lambda: checkpoint.read_state(run.last))[0] == "E526"


def test_rows_of_a_history_have_the_same_names() -> None:
    """They are lines of one table."""
    values = State(2, "running", 2, None, (ROW, {**ROW, "epoch": 2})).as_json() | {"seeds": []}
    values = json.loads(json.dumps(values))
    assert from_json(values).epoch == 2
    values["history"][1]["other"] = values["history"][1].pop("seconds")
    with pytest.raises(ValueError, match="its history has rows with other names"):
        from_json(values)


def test_a_history_of_other_settings_is_refused(run: Run) -> None:
    """Its rows would not go on."""
    leave(run, history=[{**ROW, "val_loss": 3.0}])
    code, _, notes, _ = fault(lambda: resumable(run, None, {}))
    assert (code, notes) == (
        "E526",
        ("its history has accuracy, epoch, learning_rate, loss, seconds, val_loss",),
    )


def test_a_missing_best_checkpoint_is_replaced_by_the_last(run: Run) -> None:
    """Where there is one."""
    missing = lambda: checkpoint.inspect(run.graph, run.best)  # noqa: E731 - a call that is made twice
    assert fault(missing) == (
        "E526",
        f"`{checkpoint.shorten(run.best, 80)}` is not there",
        (),
        "train for an epoch first",
    )
    leave(run)
    assert fault(missing)[3] == "take the weights of the last epoch with `--checkpoint last`"


# Going on


def test_nothing_is_written_before_the_lock(run: Run) -> None:
    """More epochs are written down where the training goes on, and not when it is only planned."""
    leave(run)
    before = (run.folder / "config.json").read_bytes()
    more, state = resumable(run, None, {"epochs": 9, "tensorboard": True, "offline": True, "data_dir": "d"})
    assert state is not None
    assert state.epoch == 1
    assert more.settings == run.settings.changed(epochs=9, tensorboard=True, offline=True, data_dir="d")
    assert (run.folder / "config.json").read_bytes() == before
    runs.update_settings(run)
    assert (run.folder / "config.json").read_bytes() == before
    runs.update_settings(more)
    assert open_run(run.folder).settings == more.settings
    assert open_run(run.folder).data == run.data


@pytest.mark.parametrize("name", ["best.keras", "state.json", "history.csv", "summary.json"])
def test_a_lost_checkpoint_is_no_new_beginning(run: Run, name: str) -> None:
    """What is there would be overwritten."""
    assert resumable(run, None, {}) == (run, None)
    (run.folder / name).write_bytes(b"")
    assert fault(lambda: resumable(run, None, {})) == (
        "E526",
        f"`{run.last}` is not there",
        (f"without it the training cannot go on, and {name} would be overwritten",),
        "leave out `--resume` to begin a new run",
    )


def test_a_training_without_its_test_goes_on_to_it(run: Run) -> None:
    """It was killed while it was tested; an older test does not count."""
    state = leave(run, 4)
    assert resumable(run, None, {}) == (run, state)
    run.write("summary.json", '{"epochs": 3}')
    assert resumable(run, None, {}) == (run, state)
    run.write("summary.json", '{"epochs": 4}')
    assert fault(lambda: resumable(run, None, {})) == (
        "E524",
        f"`{run.folder}` has finished its 4 epochs",
        (),
        "`--epochs 8` goes on",
    )
    assert resumable(run, None, {"epochs": 5})[0].settings.epochs == 5
    assert fault(lambda: resumable(run, None, {"epochs": 3}))[0] == "E524"


def test_the_same_options_are_no_change(tmp_path: Path) -> None:
    """In whatever way they are written."""
    run = begin(tmp_path, dataset(mirrors=True), augment=("crop", "flip"))
    options = {"augment": ("auto",), "data": "Digits", "learning_rate": 0.001, "batch_size": None}
    assert resumable(run, None, options) == (run, None)
    assert fault(lambda: resumable(run, None, {"augment": ("crop",), "deterministic": True, "data": "mnist"})) == (
        "E522",
        f"`{run.folder}` was begun with other settings",
        (
            "`augment` was crop,flip, and now crop",
            "`deterministic` was off, and now on",
            "`data` was digits, and now mnist",
        ),
        "leave out these options, or `--resume` to begin a new run",
    )
    plain = begin(tmp_path)
    assert fault(lambda: resumable(plain, None, {"augment": ("auto",)}))[2] == ("`augment` was none, and now auto",)


def test_a_changed_section_of_the_spec_is_refused(run: Run) -> None:
    """Unless an option decides; more epochs are more epochs."""

    def again(section: str, **options: Any) -> Run:
        spec = SPEC.replace("train: {data: digits, epochs: 4}", f"train: {{{section}}}")
        return resumable(run, cnnspec.loads(spec), options)[0]

    assert again("epochs: 4, data: DIGITS, scale: 1/255, learning_rate: 0.001") == run
    assert again("data: digits, epochs: 6").settings.epochs == 6
    assert again("data: digits, epochs: 2", epochs=5).settings.epochs == 5
    assert again("data: digits, epochs: 4, batch_size: 64", batch_size=32) == run
    assert fault(lambda: again("data: digits, epochs: 2, batch_size: 64, validation_split: 0.5")) == (
        "E522",
        f"`{run.folder}` was begun with other settings",
        (
            "`epochs` was 4, and now 2",
            "`batch_size` was 32, and now 64",
            "`validation_split` was 0.0, and now 0.5",
        ),
        "leave out `--resume` to train the changed spec in a new run",
    )


def test_epochs_are_fixed_where_the_learning_rate_depends_on_them(tmp_path: Path) -> None:
    """As a cosine does."""
    run = begin(tmp_path, schedule="cosine")
    assert fault(lambda: resumable(run, None, {"epochs": 5}))[2] == ("`epochs` was 4, and now 5",)


@pytest.mark.parametrize(
    ("changes", "notes"),
    [
        ({}, ()),
        ({"x": np.ones((6, 2, 2, 1), np.uint8)}, ("the training images are others, though as many",)),
        ({"y": np.array([0, 1, 2, 0, 2, 1])}, ("the training labels are others, though as many",)),
        (
            {"x": np.zeros((5, 2, 2, 1), np.uint8), "y": np.arange(5)},
            ("there were 6 training images, and now 5",),
        ),
        (
            {"x": np.zeros((6, 3, 2, 1), np.uint8)},
            ("the images were 2×2×1, and now 3×2×1",),
        ),
        ({"peak": 1.0}, ("the largest value of a pixel was 255.0, and now 1.0",)),
        ({"classes": ("a", "c", "b")}, ("the classes were a, b, c, and now a, c, b",)),
    ],
)
def test_changed_data_are_refused(run: Run, changes: dict[str, Any], notes: tuple[str, ...]) -> None:
    """They would be half of two trainings."""
    read = open_run(run.folder)
    if not notes:
        demand_data(read, dataset())
        return
    code, message, found, step = fault(lambda: demand_data(read, dataset(**changes)))
    assert (code, message) == ("E522", f"the data have changed since `{run.folder}` was begun")
    assert step == "leave out `--resume` to begin a new run with these data"
    assert found == notes


def test_the_checksum_of_data_is_that_of_their_bytes(run: Run) -> None:
    """As other programs compute it, whatever the order in memory."""
    sums = json.loads((run.folder / "config.json").read_text(encoding="utf-8"))["data"]["crc32"]
    assert sums["training"][0] == 0x8295A696
    demand_data(run, dataset(x=np.asfortranarray(dataset().train.x)))


def test_a_run_that_went_on_meanwhile_is_left(run: Run) -> None:
    """Another process had the lock between the look at the state and ours."""
    state = leave(run)
    demand_unchanged(run, state)
    leave(run, 2)
    assert fault(lambda: demand_unchanged(run, state)) == (
        "E525",
        f"another process has trained in `{run.folder}` meanwhile",
        (),
        "give the command again",
    )


@pytest.mark.keras
@pytest.mark.parametrize(
    ("seeds", "note"),
    [
        ((), "it holds 0 states of random numbers, and the network has 1"),
        (((1, 2), (3, 4)), "it holds 2 states of random numbers, and the network has 1"),
        (((1, 2, 3),), "its states of random numbers are of another size"),
    ],
)
def test_other_random_numbers_are_refused(keras: Any, seeds: tuple[tuple[int, ...], ...], note: str) -> None:
    """A resumed training would silently be another one."""
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dropout(0.5, seed=1), keras.layers.Dense(2)])
    assert fault(lambda: checkpoint.set_seeds(model, seeds, Path("last.keras")))[::2] == ("E526", (note,))
    checkpoint.set_seeds(model, ((7, 8),), Path("last.keras"))
    assert checkpoint.seeds_of(model) == ((7, 8),)


def test_a_run_keeps_the_files_that_its_spec_names(tmp_path: Path) -> None:
    """A run is opened again where the specs that its network consists of are gone, or are others by now."""
    base = tmp_path / "specs" / "parts" / "base.yaml"
    base.parent.mkdir(parents=True)
    base.write_text("input: 8x8x1\nlayers: [conv: 4 3x3 relu]\n", encoding="utf-8")
    outer = tmp_path / "specs" / "outer.yaml"
    outer.write_text(
        "input: 8x8x1\nlayers:\n  - network: parts/base.yaml\n  - flatten\n  - dense: 10 softmax\n"
        "train: {data: digits}\n",
        encoding="utf-8",
    )
    graph = cnnspec.load(outer)
    plan = make_plan(graph, merge(graph.train, {"epochs": 1}))
    run = create(tmp_path / "runs", plan.graph, plan.settings, plan.dataset)
    base.write_text("input: 8x8x1\nlayers: [conv: 8 3x3 relu]\n", encoding="utf-8")
    assert [node.name for node in open_run(run.folder).graph] == ["base.conv1", "flatten1", "dense1"]
    assert open_run(run.folder).graph.nodes == graph.nodes
