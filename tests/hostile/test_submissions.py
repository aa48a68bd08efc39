"""Hostile hand-ins: archives that lie, costs that grow with the square, names that no file system takes.

Every command runs in a child process whose memory is limited; what would take hours meets the test's own time limit.
"""

from __future__ import annotations

import csv
import io
import resource
from pathlib import Path
from typing import Final

import generators
import pytest
from limited import GIBIBYTE, run

import cnnspec
from cnnspec.homework.classes import grading
from cnnspec.homework.classes.budget import Budget, ExceededError, within
from cnnspec.homework.classes.owners import File, Submission
from cnnspec.homework.marking.checking import STANDARD

ARCHIVES: Final = {
    "bzip2": (generators.bzip2_that_lies, 1, "it is packed in an unusual way, neither stored nor deflated"),
    "lzma": (generators.lzma_with_a_large_dictionary, 1, "it is packed in an unusual way, neither stored nor deflated"),
    "nameless": (generators.nameless, 1, "no table was found in `hw.csv`"),
    "deep": (generators.deep, 20, "its path has more than 64 folders within each other"),
    "deflate": (generators.deflate_bomb, 1, "it cannot be read"),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_a_lying_archive_costs_its_own_lines(name: str, tmp_path: Path) -> None:
    """The honest hand-ins beside a hostile archive are graded, and each hostile one is a line that says why not."""
    write, count, error = ARCHIVES[name]
    write(tmp_path / "hostile.zip")
    honest = tmp_path / "honest"
    for student in ("ada", "bob"):
        (honest / student).mkdir(parents=True)
        (honest / student / "hw.csv").write_text(generators.RIGHT, encoding="utf-8")
    done = run("grade", "lenet5-rgb", tmp_path / "hostile.zip", honest)
    assert done.code == 1, done.stderr
    assert "Traceback" not in done.stderr
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [(row["student"], row["gradable"]) for row in rows if row["student"] in ("ada", "bob")] == [
        ("ada", "yes"),
        ("bob", "yes"),
    ]
    assert [row["error"] for row in rows if row["gradable"] == "no"] == [error] * count


TABLES: Final = {"rowspan.html": (generators.ROWSPAN, "more than 64 columns")}


@pytest.mark.parametrize("name", TABLES)
def test_a_costly_table_is_refused(name: str, tmp_path: Path) -> None:
    """A small file that would become a huge table is refused for its size, within little memory."""
    text, message = TABLES[name]
    (tmp_path / name).write_text(text, encoding="utf-8")
    done = run("check", "lenet5-rgb", tmp_path / name)
    assert done.code == 2
    assert "error[E403]" in done.stdout + done.stderr
    assert message in done.stdout + done.stderr


WORKBOOKS: Final = {
    "foreign name": (generators.foreign_name, "E403"),
    "many names": (generators.many_names, "E403"),
    "long head": (generators.long_head, "E403"),
    "several names": (generators.several_names, "E403"),
    "utf-16": (generators.utf16, "E404"),
    "lie": (generators.lying_workbook, "E404"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", WORKBOOKS)
def test_a_hostile_workbook_is_refused(name: str, tmp_path: Path) -> None:
    """What a workbook says of itself is not believed, and its cost is known before openpyxl reads it."""
    write, code = WORKBOOKS[name]
    path = tmp_path / "b.xlsx"
    write(path)
    done = run("check", "lenet5-rgb", path)
    assert done.code == 2
    assert f"error[{code}]" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_an_honest_workbook_of_this_writer_is_read(tmp_path: Path) -> None:
    """The workbooks above are refused for their content, not for the way in which they are written."""
    path = tmp_path / "a.xlsx"
    cells = [["layer", "params"], ["CONV1", "608"]]
    rows = "".join(
        "<row>" + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in row) + "</row>" for row in cells
    )
    spreadsheet = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    generators.workbook(
        path, generators.names(1), f"<worksheet {spreadsheet}><sheetData>{rows}</sheetData></worksheet>".encode()
    )
    assert "1 of 7 cells right" in run("check", "lenet5-rgb", path).stdout


HANDED_IN: Final = {
    "rowspan.html": generators.ROWSPAN.encode(),
    "deep.json": b"[" * 100_000,
    "deep.yaml": b"- " * 50_000,
    "binary.csv": bytes(range(256)) * 100,
    "empty.csv": b"",
    "power.csv": b"layer,params\nCONV1,9^9^9^9^9^9\nPOOL1," + b"(" * 150 + b"\n",
    "wide.csv": b"," * 4_000_000,
    "long.csv": b"x" * 6_000_000,
    "cells.md": b"|a|b|\n|-|-|\n" + b"|1|2|\n" * 100_000,
    "nested.html": b"<table><tr><td>" * 50_000,
    "braces.tex": b"\\begin{tabular}{ll}" + b"{" * 100_000,
    "spaces.txt": b"layer  params\n" + b" " * 4_000_000,
    "half.csv": "layer,params\nCONV1,608".encode("utf-16")[:-1],
}
"""Hand-ins that are no table, too large, or costly, one of each kind."""


@pytest.mark.slow
def test_a_class_with_every_hostile_hand_in(tmp_path: Path) -> None:
    """Twenty honest hand-ins get their right lines, and each hostile one gets one line, within 1 GiB."""
    students = [f"student{index:02}" for index in range(20)]
    hostile = {f"hostile-{name}": (name, content) for name, content in HANDED_IN.items()}
    hostile["漢" * 80] = ("hw.csv", b"")
    for student in students:
        (tmp_path / "class" / student).mkdir(parents=True)
        (tmp_path / "class" / student / "hw.csv").write_text(generators.RIGHT, encoding="utf-8")
    for student, (name, content) in hostile.items():
        (tmp_path / "class" / student).mkdir()
        (tmp_path / "class" / student / name).write_bytes(content)
    for name, (write, _) in WORKBOOKS.items():
        (tmp_path / "class" / f"hostile-{name}").mkdir()
        write(tmp_path / "class" / f"hostile-{name}" / "b.xlsx")
    archives = [tmp_path / f"{name}.zip" for name in ARCHIVES]
    for (write, _, _), archive in zip(ARCHIVES.values(), archives, strict=True):
        write(archive)
    options = ("--feedback", tmp_path / "feedback")
    done = run("grade", "lenet5-rgb", tmp_path / "class", *archives, *options, memory=GIBIBYTE)
    assert "Traceback" not in done.stderr
    assert done.code == 1
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    honest = [row for row in rows if row["student"] in students]
    assert [(row["student"], row["score"], row["gradable"]) for row in honest] == [
        (student, "3", "yes") for student in students
    ]
    others = [row for row in rows if row["student"] not in students]
    assert len(others) == len(hostile) + len(WORKBOOKS) + sum(count for _, count, _ in ARCHIVES.values())
    assert [row["student"] for row in others if row["gradable"] == "yes"] == ["hostile-power.csv"]
    assert all(row["error"] for row in others if row["gradable"] == "no")
    assert len(list((tmp_path / "feedback").iterdir())) == len(rows)


def test_a_hand_in_has_a_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes longer than its time is one line, and the others are graded."""

    def endless(*_: object) -> None:
        while True:
            pass

    monkeypatch.setattr(grading, "_graded", endless)
    task = grading.Task(cnnspec.load("lenet5-rgb"), STANDARD, budget=Budget(0.05))
    submission = Submission("eve", (File("hw.csv", str(tmp_path)),))
    (result,) = grading.grade_all(task, [submission])
    assert (result.gradable, result.error) == (False, "it took longer than 0.05 s")


def test_memory_has_a_budget() -> None:
    """What takes more memory than it may ends there, and nothing is left of the limit."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    with pytest.raises(ExceededError, match="it took more than 64 MiB of memory"), within(Budget(memory=64 << 20)):
        bytearray(1 << 30)
    assert resource.getrlimit(resource.RLIMIT_AS) == before
