"""Faults of the machine: full disks, signals, readers that are gone, and two who write one output."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from limited import PATIENCE, ROOT, Done, run

from cnnspec.cli.output import write_file
from cnnspec.errors import CnnspecError
from cnnspec.files import remove_leftovers, temporary_beside
from cnnspec.keras.exporting import _replacing_folder
from cnnspec.training.runs.run import _next_folder

ENVIRONMENT: Final = {**os.environ, "PYTHONPATH": str(ROOT)}
OLDER: Final = "what was there before\n"
OUTPUTS: Final = {
    "assignment": ("assignment", "lenet5-rgb", "-o", "out.yaml"),
    "check": ("check", "lenet5-rgb", "hw.csv", "-o", "out.json"),
    "compare": ("compare", "lenet5", "lenet5-rgb", "resnet50", "vgg16", "-o", "out.md"),
    "draw": ("draw", "lenet5", "-o", "out.svg"),
    "explain": ("explain", "lenet5", "-o", "out.html"),
    "export": ("export", "lenet5", "--untrained", "--to", "keras-code", "-o", "out.py"),
    "grade": ("grade", "lenet5-rgb", "class", "-o", "out.csv"),
    "practice": ("practice", "lenet5-rgb", "-o", "out.md"),
    "report": ("report", "lenet5", "-o", "out.html"),
    "review": ("grade", "lenet5-rgb", "class", "-o", "/dev/null", "--review", "out.html"),
    "schema": ("schema", "-o", "out.json"),
    "summarize": ("summarize", "resnet152", "--format", "csv", "-o", "out.csv"),
    "sweep": ("sweep", "digits-cnn", "--seed", "0..30", "--print", "lines", "-o", "out.txt"),
}
"""Commands that write a file of more than 500 bytes, without a framework."""


def hand_in(folder: Path) -> None:
    """Write a class of twelve, and one table."""
    table = "Layer;# parameters\nCONV1;608\n"
    (folder / "hw.csv").write_text(table, encoding="utf-8")
    for number in range(12):
        (folder / "class" / f"s{number}").mkdir(parents=True)
        (folder / "class" / f"s{number}" / "hw.csv").write_text(table, encoding="utf-8")


def output_of(name: str, folder: Path) -> Path:
    """Return the path that a command of the table writes."""
    return folder / next(word for word in OUTPUTS[name] if word.startswith("out."))


def limited(words: tuple[str, ...], folder: Path, largest_file: int) -> Done:
    """Run a command where no file may grow beyond so many bytes, as with a quota or on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    heard = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, before[1]))
    try:
        return run(*words, "--force", folder=folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, heard)


@pytest.mark.parametrize("name", OUTPUTS)
@pytest.mark.parametrize("older", [False, True], ids=["new", "older"])
def test_no_output_is_half_written(name: str, older: bool, tmp_path: Path) -> None:  # noqa: FBT001 - of pytest
    """Where the disk is full there is what was there before, no temporary file, and one diagnostic."""
    hand_in(tmp_path)
    output = output_of(name, tmp_path)
    if older:
        output.write_text(OLDER, encoding="utf-8")
    before = {path.name for path in tmp_path.iterdir()}
    done = limited(OUTPUTS[name], tmp_path, 500)
    assert done.code == 1, done.stdout + done.stderr
    what = "the output" if name == "review" else f"`{output.name}`"  # tables of a review wait in a temporary file
    assert done.stderr.count("error[E604]: ") == done.stderr.count(f"error[E604]: {what} cannot be written") == 1
    assert "= note: file too large" in done.stderr
    assert "Traceback" not in done.stderr
    after = {path.name for path in tmp_path.iterdir()}
    if name == "grade":  # its lines are on the disk one by one, so that `--resume` goes on
        assert after - before <= {output.name}
        return
    assert after == before
    assert not older or output.read_text(encoding="utf-8") == OLDER


def test_a_class_goes_on_after_a_full_disk(tmp_path: Path) -> None:
    """The disk is full within a line, of which half is written: with `--resume` the file is what it would have been."""
    hand_in(tmp_path)
    words = OUTPUTS["grade"]
    assert limited(words, tmp_path, 311).code == 1
    half = (tmp_path / "out.csv").read_bytes()
    assert len(half) == 311
    assert not half.endswith(b"\n")
    assert run(*words, "--resume", folder=tmp_path).code == 0
    found = (tmp_path / "out.csv").read_bytes()
    assert run(*words, "--force", folder=tmp_path).code == 0
    assert (found.count(b"\n"), found) == (13, (tmp_path / "out.csv").read_bytes())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a disk that is full")
def test_a_disk_without_room_keeps_the_gradebook(tmp_path: Path) -> None:
    """64 KiB of disk, and a gradebook of 40 KiB that is to be replaced: it stays as it was, byte for byte."""
    hand_in(tmp_path)
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["/bin/mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], check=False).returncode:
        pytest.skip("this root may not mount")
    try:
        book = disk / "canvas.csv"
        book.write_text("Student,ID,HW3 (1)\n" + "".join(f"S {row},s{row},\n" for row in range(3000)), encoding="utf-8")
        before = book.read_bytes()
        words = ("grade", "lenet5-rgb", "class", "--fill", "disk/canvas.csv", "--column", "HW3 (1)", "--in-place")
        done = run(*words, folder=tmp_path)
        assert done.code == 1
        assert done.stderr.endswith(
            "error[E604]: `disk/canvas.csv` cannot be written\n  = note: no space left on device\n"
        )
        assert book.read_bytes() == before
        assert [path.name for path in disk.iterdir()] == ["canvas.csv"]
    finally:
        subprocess.run(["/bin/umount", disk], check=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("validate", "no such file"), 1),
        (("summarize", "lenet5", "--columns", "nonsense"), 2),
        (("check", "lenet5-rgb", "empty.csv"), 2),
        (("grade", "lenet5-rgb", "class", "-o", "grades.csv"), 0),
    ],
    ids=["no file", "usage", "no table", "a class"],
)
@pytest.mark.parametrize("stderr", ["closed", "full", "a pipe without a reader"])
def test_the_exit_code_does_not_need_standard_error(
    words: tuple[str, ...], code: int, stderr: str, tmp_path: Path
) -> None:
    """Where nobody can be told, the code is that of the same command whose diagnostics are read."""
    hand_in(tmp_path)
    (tmp_path / "empty.csv").write_text("", encoding="utf-8")
    command = [sys.executable, "-m", "cnnspec", *words]
    if stderr == "closed":
        command = ["/bin/sh", "-c", '"$@" 2>&-', "sh", *command]
    reader, writer = os.pipe()
    os.close(reader)
    with Path("/dev/full").open("wb") as full, os.fdopen(writer, "wb") as pipe:
        done = subprocess.run(
            command,
            check=False,
            cwd=tmp_path,
            env=ENVIRONMENT,
            stdout=subprocess.PIPE,
            stderr=full if stderr == "full" else pipe,
            timeout=PATIENCE,
        )
    assert done.returncode == code
    assert b"Traceback" not in done.stdout
    assert code or (tmp_path / "grades.csv").read_bytes().count(b"\n") == 13


@pytest.mark.parametrize(
    "words",
    [("summarize", "-"), ("fmt", "-"), ("check", "lenet5-rgb", "-"), ("import", "-")],
    ids=lambda words: words[0],
)
def test_standard_input_may_be_closed(words: tuple[str, ...]) -> None:
    """As services have it: one diagnostic."""
    command = ["/bin/sh", "-c", '"$@" <&-', "sh", sys.executable, "-m", "cnnspec", *words]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=ENVIRONMENT, timeout=PATIENCE)
    assert (done.returncode, done.stdout) == (1 if words[0] == "fmt" else 2, "")  # which tells of each of its files
    assert done.stderr == "error[E602]: standard input cannot be read\n  = note: it is closed\n"


@pytest.mark.parametrize("closed", ["<&-", "2>&-", "<&- 2>&-"])
def test_no_file_gets_the_number_of_a_closed_stream(closed: str) -> None:
    """What libraries write to standard error would go into the output, which is opened first."""
    program = (
        "import os, sys\nfrom cnnspec.cli.app import main\nsys.argv[1:] = ['--version']\n"
        "try: main()\nexcept SystemExit: print(os.open(os.devnull, os.O_RDONLY), sys.stderr.fileno())"
    )
    command = ["/bin/sh", "-c", f'"$@" {closed}', "sh", sys.executable, "-c", program]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=ENVIRONMENT, timeout=PATIENCE)
    number, stderr = map(int, done.stdout.splitlines()[-1].split())
    assert (number > 2, stderr) == (True, 2)


def test_what_comes_while_we_write_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else takes the name between our look and our renaming: that file stays, and nothing of ours."""
    output, fsync = tmp_path / "out.csv", os.fsync

    def meanwhile(number: int) -> None:
        output.write_text("theirs", encoding="utf-8")
        fsync(number)

    monkeypatch.setattr(os, "fsync", meanwhile)
    with pytest.raises(CnnspecError) as caught:
        write_file(output, "ours", force=False)
    assert [fault.code for fault in caught.value.diagnostics] == ["E603"]
    assert [path.read_text(encoding="utf-8") for path in tmp_path.iterdir()] == ["theirs"]
    write_file(output, "ours", force=True)
    assert [path.read_text(encoding="utf-8") for path in tmp_path.iterdir()] == ["ours"]


@pytest.mark.slow
def test_two_processes_write_one_output(tmp_path: Path) -> None:
    """With leave to replace, one of the two files is there at the end, whole; without it, one of the two is refused."""
    texts = {name: run("summarize", name, "--format", "csv").stdout for name in ("lenet5", "resnet152")}
    for force, codes in ((["--force"], [[0, 0]]), ([], [[0, 1]])):
        output = tmp_path / f"out{len(force)}.csv"
        both = [
            subprocess.Popen(
                [sys.executable, "-m", "cnnspec", "summarize", name, "-o", output, *force],
                env=ENVIRONMENT,
                stderr=subprocess.DEVNULL,
            )
            for name in texts
        ]
        assert sorted(process.wait(PATIENCE) for process in both) in codes
        assert output.read_text(encoding="utf-8") in texts.values()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out0.csv", "out1.csv"]


def test_what_a_killed_writer_left_is_removed(tmp_path: Path) -> None:
    """Of files in a run folder, which is locked then, only those that have a temporary name."""
    names = (".77-3b5665fc.json", ".1-00000000", ".5-abcdef01.keras")
    others = (".lock", ".77-3b5665fc.json.bak", "77-3b5665fc.json", ".a-3b5665fc.json", "state.json")
    for name in names + others:
        (tmp_path / name).touch()
    (tmp_path / ".9-3b5665fc").mkdir()
    remove_leftovers(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*others, ".9-3b5665fc"])


@pytest.mark.parametrize("had", [True, False], ids=["before it put the old one aside", "behind"])
def test_what_a_killed_export_left_is_no_part_of_the_next(had: bool, tmp_path: Path) -> None:  # noqa: FBT001 - of pytest
    """In a container every process has the same number, and so the names of the one that was killed."""
    target = tmp_path / "net.saved_model"
    temporary = temporary_beside(target)
    (temporary / "half").mkdir(parents=True)
    aside = target if had else temporary.with_name(f"{temporary.name}.old")
    aside.mkdir()
    (aside / "saved_model.pb").write_text("old", encoding="utf-8")
    with pytest.raises(KeyboardInterrupt), _replacing_folder(target) as folder:  # noqa: PT012 - of both
        assert not folder.exists()
        raise KeyboardInterrupt
    assert [path.name for path in tmp_path.iterdir()] == ["net.saved_model"]
    assert (target / "saved_model.pb").read_text(encoding="utf-8") == "old"
    with _replacing_folder(target) as folder:
        folder.mkdir()
        (folder / "saved_model.pb").write_text("new", encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["net.saved_model"]
    assert [path.read_text(encoding="utf-8") for path in target.iterdir()] == ["new"]


def test_two_processes_begin_runs_of_one_network(tmp_path: Path) -> None:
    """Each has a folder of its own, though both count the same ones before."""
    children = []
    for _ in range(4):
        child = os.fork()
        if child == 0:
            for _ in range(25):
                (_next_folder(tmp_path / "net") / str(os.getpid())).touch()
            os._exit(0)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * 4
    assert sorted(int(path.name) for path in (tmp_path / "net").iterdir()) == [*range(1, 101)]
    assert [len(list(path.iterdir())) for path in (tmp_path / "net").iterdir()] == [1] * 100
