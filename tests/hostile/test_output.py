"""What is written, and where: nothing is lost, replaced by mistake or refused late, and no number is not one."""

from __future__ import annotations

import csv
import io
import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from limited import ROOT, Done, run
from typer.testing import CliRunner

from cnnspec.cli.app import app_for

SUMMARY: Final = ("summarize", "lenet5-rgb", "--format", "csv")
HEADER: Final = "layer,configuration,shape,size,params,macs\n"
HOMEWORK: Final = "layer,params\nCONV1,608\n"


def called(*arguments: str | Path) -> Done:
    """Return how a command ends that is called in this process."""
    words = list(map(str, arguments))
    done = CliRunner().invoke(app_for(words), words)
    return Done(done.exit_code, done.stdout, done.stderr)


def hand_in(folder: Path, *students: str) -> Path:
    """Write a table for each student, and return the folder of the class."""
    for student in students:
        (folder / "class" / student).mkdir(parents=True)
        (folder / "class" / student / "hw.csv").write_text(HOMEWORK, encoding="utf-8")
    return folder / "class"


def canvas(path: Path, rows: int, note: str) -> bytes:
    """Write a gradebook of so many students, with a long note each, and return its content."""
    path.write_text(
        "Student,ID,Notes,HW3 (1)\n" + "".join(f"Student {row},u{row},{note},\n" for row in range(rows)),
        encoding="utf-8",
    )
    return path.read_bytes()


def fill(folder: Path, book: Path, *options: str) -> Done:
    """Grade a class of one student and fill a gradebook."""
    students = hand_in(folder, "u3")
    return called("grade", "lenet5-rgb", students, "--fill", book, "--column", "HW3 (1)", *options)


@pytest.mark.slow
def test_a_large_gradebook_is_filled_whole(tmp_path: Path) -> None:
    """7 MB of gradebook, more than a table may have: one cell is filled, and every other byte stays."""
    book = tmp_path / "canvas.csv"
    before = canvas(book, 6_000, "x" * 1_200)
    assert len(before) > 7_000_000
    done = fill(tmp_path, book, "--in-place")
    assert (done.code, done.stderr.splitlines()[-1]) == (0, "filled 1 grade into " + str(book)), done.stderr
    lines = book.read_bytes().split(b"\n")
    assert lines[4].endswith(b",1")
    lines[4] = lines[4].removesuffix(b"1")
    assert b"\n".join(lines) == before


def test_a_gradebook_above_the_limit_is_refused(tmp_path: Path) -> None:
    """What is not read whole is not written."""
    book = tmp_path / "canvas.csv"
    before = canvas(book, 6_000, "x" * 10_000)
    done = fill(tmp_path, book, "--in-place")
    assert (done.code, done.stdout) == (1, "")
    assert done.stderr.startswith("error[E403]: `canvas.csv` ")
    assert book.read_bytes() == before


@pytest.mark.parametrize("points", ["nan", "inf", "-inf", "1e400", "-1"])
def test_grades_are_numbers(points: str, tmp_path: Path) -> None:
    """Nothing else is written into a gradebook."""
    book = tmp_path / "canvas.csv"
    before = canvas(book, 5, "")
    done = fill(tmp_path, book, "--in-place", "--out-of", points)
    assert (done.code, done.stdout) == (2, "")
    assert "--out-of" in done.stderr
    assert book.read_bytes() == before


@pytest.mark.parametrize("option", ["--timeout", "--out-of"])
def test_numbers_of_the_command_line_are_finite(option: str, tmp_path: Path) -> None:
    """`nan` is neither below nor above a bound."""
    done = called("grade", "lenet5-rgb", hand_in(tmp_path, "ada"), option, "nan")
    assert (done.code, done.stdout) == (2, "")
    assert option in done.stderr


def test_a_long_name_of_a_student_is_cut_by_bytes(tmp_path: Path) -> None:
    """90 Chinese characters are 270 bytes; no file system takes a name of so many."""
    students = hand_in(tmp_path, "漢" * 80, "漢" * 80 + "字", "bob")
    done = run("grade", "lenet5-rgb", students, "--feedback", tmp_path / "feedback")
    assert done.code == 0, done.stderr
    assert [row["gradable"] for row in csv.DictReader(io.StringIO(done.stdout))] == ["yes"] * 3
    names = sorted(path.name for path in (tmp_path / "feedback").iterdir())
    assert names == ["bob.md", "漢" * 33 + "-2.md", "漢" * 33 + ".md"]


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    """What is no regular file stays what it is, and needs no `--force`."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["/bin/cat", pipe], stdout=subprocess.PIPE) as reader:
        done = run(*SUMMARY, "-o", pipe)
        assert reader.stdout is not None
        assert reader.stdout.read().decode().startswith(HEADER)
    assert (done.code, done.stderr) == (0, "")
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes devices")
@pytest.mark.parametrize("options", [(), ("--force",)], ids=["plain", "force"])
def test_a_device_is_written_to(options: tuple[str, ...], tmp_path: Path) -> None:
    """A copy of `/dev/null` is still a device afterwards."""
    device = tmp_path / "null"
    os.mknod(device, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    done = run(*SUMMARY, "-o", device, *options)
    assert (done.code, done.stdout, done.stderr) == (0, "", "")
    assert stat.S_ISCHR(device.stat().st_mode)


@pytest.mark.parametrize("to", ["pipe", "file"])
def test_open_files_are_written_to(to: str, tmp_path: Path) -> None:
    """`/dev/stdout` is standard output, also where that is a file, which is then not replaced."""
    if to == "pipe":
        assert run(*SUMMARY, "-o", "/dev/stdout").stdout.startswith(HEADER)
        return
    command = [sys.executable, "-m", "cnnspec", *SUMMARY, "-o", "/dev/stdout"]
    with (tmp_path / "out.csv").open("w", encoding="utf-8") as file:
        number = os.fstat(file.fileno()).st_ino
        subprocess.run(command, check=True, cwd=ROOT, stdout=file, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert (tmp_path / "out.csv").stat().st_ino == number
    assert (tmp_path / "out.csv").read_text(encoding="utf-8").startswith(HEADER)


def test_a_name_may_be_as_long_as_the_file_system_takes(tmp_path: Path) -> None:
    """The temporary name is no longer than the name itself may be."""
    path = tmp_path / ("a" * 251 + ".csv")
    assert run(*SUMMARY, "-o", path).code == 0
    assert path.read_text(encoding="utf-8").startswith(HEADER)
    done = run(*SUMMARY, "-o", tmp_path / ("a" * 256))
    assert (done.code, done.stderr.count("error[E604]"), "file name too long" in done.stderr) == (1, 1, True)


def test_links_that_lead_in_a_circle_are_no_output(tmp_path: Path) -> None:
    """Python says so with errors of its own, another one in each of its versions."""
    (tmp_path / "loop").symlink_to("loop")
    done = run(*SUMMARY, "-o", tmp_path / "loop")
    assert done.code == 1
    assert done.stderr.startswith("error[E604]: `")
    assert "Traceback" not in done.stderr


COMMANDS: Final = {
    "summarize": ("summarize", "no such network"),
    "explain": ("explain", "no such network"),
    "check": ("check", "no such network", "no such table"),
    "grade": ("grade", "no such network", "no such class"),
    "practice": ("practice", "no such network"),
    "verify": ("verify", "no such network"),
    "export": ("export", "no such network", "--to", "keras-code"),
    "export to a file": ("export", "no such network", "--to", "keras"),
    "evaluate": ("evaluate", "no such run"),
    "predict": ("predict", "no such run", "no such picture"),
    "show-activations": ("show-activations", "no such run", "no such picture"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_outputs_are_demanded_free_before_the_work_begins(name: str, tmp_path: Path) -> None:
    """The first error is about the output, though nothing else of these command lines exists either."""
    taken = tmp_path / "taken"
    taken.write_text("kept", encoding="utf-8")
    done = called(*COMMANDS[name], "-o", taken)
    assert (done.code, done.stdout) == (1, "")
    assert done.stderr.startswith("error[E603]: `"), done.stderr
    assert taken.read_text(encoding="utf-8") == "kept"


def test_a_review_is_demanded_free_before_the_work_begins(tmp_path: Path) -> None:
    """The page of a class is an output too."""
    taken = tmp_path / "taken.html"
    taken.write_text("kept", encoding="utf-8")
    done = called("grade", "no such network", "no such class", "--review", taken)
    assert (done.code, done.stderr.startswith("error[E603]: `")) == (1, True), done.stderr
    assert taken.read_text(encoding="utf-8") == "kept"


def test_a_class_of_sheets_is_demanded_free_before_it_is_made(tmp_path: Path) -> None:
    """One sheet that is there stops all of them, and nothing is written."""
    (tmp_path / "roster.csv").write_text("id,name\n1,Ada\n2,Bob\n", encoding="utf-8")
    (tmp_path / "sheets").mkdir()
    (tmp_path / "sheets" / "2.yaml").write_text("kept", encoding="utf-8")
    options = ("--roster", tmp_path / "roster.csv", "--output-dir", tmp_path / "sheets", "--vary", "all")
    done = called("practice", "lenet5-rgb", *options)
    assert (done.code, done.stderr.startswith("error[E603]: `")) == (1, True)
    assert [path.name for path in (tmp_path / "sheets").iterdir()] == ["2.yaml"]


@pytest.mark.parametrize("command", [("summarize", "lenet5-rgb"), ("list",), ("validate", "no such network")])
def test_standard_output_may_be_closed(command: tuple[str, ...]) -> None:
    """As services and cron jobs do."""
    shell = f'"{sys.executable}" -m cnnspec "$@" >&-'
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["/bin/sh", "-c", shell, "sh", *command], check=False, capture_output=True, cwd=ROOT, env=environment
    )
    assert done.returncode == 1
    assert done.stderr.startswith(b"error[E60")
    assert b"Traceback" not in done.stderr


def test_a_name_that_is_no_utf8_is_shown(tmp_path: Path) -> None:
    """A spec and a table whose names hold the byte FF: no document has half a character, in any format."""
    spec, table = (tmp_path / os.fsdecode(b"\xff" + suffix) for suffix in (b".yaml", b".csv"))
    spec.write_text("input: 8\nlayers: [relu]\n", encoding="utf-8")
    table.write_text("layer,params\nrelu1,0\n", encoding="utf-8")
    formats = {"summarize": ("table", "csv", "markdown", "latex", "html", "json"), "check": ("text", "json", "junit")}
    for command, names in formats.items():
        for name in names:
            done = called(command, spec, *([table] if command == "check" else []), "--format", name)
            assert (done.code, done.stderr) == (0, ""), (command, name)
    document = json.loads(run("summarize", spec, "--format", "json").stdout)
    assert document["name"] == "�"
    assert document["source"].endswith("/�.yaml")
    written = tmp_path / "x.json"
    assert called("summarize", spec, "--format", "json", "-o", written).code == 0
    assert json.loads(written.read_text(encoding="utf-8")) == document
