"""One student's folder or archive: the table in it is marked, whatever else is there; what cannot be is said."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import Final

import pytest

import cnnspec
from cnnspec.homework.classes.budget import Budget
from cnnspec.homework.classes.handed_in import check_handed_in
from cnnspec.homework.marking.checking import STANDARD, Check

RIGHT: Final = "Layer;# parameters\nCONV1;608\nPOOL1;0\nCONV2;3216\nPOOL2;0\nFC3;48120\nFC4;10164\nSoftmax;850\n"
WHILE: Final = Budget()
OTHER: Final = RIGHT.replace("608", "208")


def checked(path: Path, budget: Budget = WHILE) -> Check:
    """Return what one student handed in, checked against the network of the lecture."""
    return check_handed_in(cnnspec.load("lenet5-rgb"), path, STANDARD, budget)


def packed(path: Path, **files: str) -> Path:
    """Write a zip archive; `__` in a name is a slash."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"{name.replace('__', '/')}.csv", text)
    return path


def test_the_table_of_a_folder(tmp_path: Path) -> None:
    """A README, a picture, hidden files and a copy do not matter; the name is that of the table."""
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "hw.csv").write_text(RIGHT, encoding="utf-8")
    (tmp_path / "copy.csv").write_text(RIGHT, encoding="utf-8")
    (tmp_path / "README.md").write_text("| Layer | Size |\n|---|---|\n| a | 1 |\n", encoding="utf-8")
    (tmp_path / "scan.png").write_bytes(b"\x89PNG\r\n")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "other.csv").write_text(OTHER, encoding="utf-8")
    found = checked(tmp_path)
    assert (found.name, found.score, found.max_score) == ("copy.csv", 7, 7)


def test_the_table_of_an_archive(tmp_path: Path) -> None:
    """Alone, or in the folder."""
    archive = packed(tmp_path / "hw.ZIP", deep__er__hw=OTHER)
    for path in (archive, tmp_path):
        assert (checked(path).name, checked(path).score) == ("hw.csv", 6)


def faults(found: Check) -> tuple[str, ...]:
    """Return code, message and facts of what is wrong, of a check that cannot be graded."""
    assert not found.gradable
    assert found.score == 0
    (fault,) = found.faults
    return (fault.code, fault.message, *fault.notes)


def test_nothing(tmp_path: Path) -> None:
    """An empty folder, and an archive without a file."""
    expected = ("E417", "nothing was handed in", "the folder is empty")
    assert faults(checked(tmp_path)) == expected
    assert faults(checked(packed(tmp_path / "hw.zip"))) == expected


def test_two_tables(tmp_path: Path) -> None:
    """Both are named, and nobody guesses."""
    (tmp_path / "a.csv").write_text(RIGHT, encoding="utf-8")
    packed(tmp_path / "hw.zip", b=OTHER)
    assert faults(checked(tmp_path)) == ("E417", "2 tables of one student: a.csv, b.csv")


def test_a_sheet_beside_the_answers(tmp_path: Path) -> None:
    """The sheet that was handed out is no second table, and alone it scores nothing."""
    sheet = "\n".join(f"{line.partition(';')[0]};" for line in RIGHT.splitlines()).replace(
        "Layer;", "Layer;# parameters"
    )
    (tmp_path / "a-sheet.csv").write_text(sheet + "\n", encoding="utf-8")
    assert (checked(tmp_path).gradable, checked(tmp_path).score) == (True, 0)
    (tmp_path / "mine.csv").write_text(OTHER, encoding="utf-8")
    assert (checked(tmp_path).name, checked(tmp_path).score) == ("mine.csv", 6)


def test_what_cannot_be_read(tmp_path: Path) -> None:
    """A broken archive, a link that leads out, too many files, and no time: each says why."""
    (tmp_path / "hw.zip").write_bytes(b"PK\x03\x04 and no more")
    code, message, fact = faults(checked(tmp_path))
    assert (code, message) == ("E417", "`hw.zip` cannot be read")
    assert fact == "it is no zip archive that can be read"
    for many in (1_001, 12_000):  # the directory of the second is not even read
        packed(tmp_path / "hw.zip", **dict.fromkeys(map(str, range(many)), "x"))
        assert faults(checked(tmp_path))[2] == "it holds too many files"
    for name in ("b.zip", "c.zip", "hw.zip"):
        inner = (
            packed(tmp_path / "a.zip", hw=RIGHT)
            if name == "b.zip"
            else tmp_path / "b.zip"
            if name == "c.zip"
            else tmp_path / "c.zip"
        )
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.write(inner, inner.name)
        inner.unlink()
    assert faults(checked(tmp_path))[2] == "it is an archive within an archive"
    (tmp_path / "hw.zip").unlink()
    (tmp_path / "hw.csv").symlink_to("/etc/passwd")
    assert faults(checked(tmp_path))[2] == "it is a link that leads out of the folder"
    for number in range(21):
        (tmp_path / f"{number}.csv").write_text(RIGHT + str(number), encoding="utf-8")
    assert faults(checked(tmp_path))[1] == "22 files may be the table, more than 20"


@pytest.mark.skipif(os.name == "nt", reason="time is watched with a signal")
def test_what_takes_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that would be read for ever ends with its budget."""

    def endless(*_: object) -> None:
        while True:
            pass

    monkeypatch.setattr("cnnspec.homework.classes.grading.check_summary", endless)
    (tmp_path / "hw.csv").write_text(RIGHT, encoding="utf-8")
    assert faults(checked(tmp_path, Budget(seconds=0.2))) == ("E417", "it took longer than 0.2 s")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "foo,bar\nconv1,3\n",
            (
                "E406",
                "`hw.csv` has no column that can be marked",
                "its titles are `foo`, `bar`",
                "titles that are known: layer, activation shape, activation size, parameters",
            ),
        ),
        (
            "layer,params\ndropout,7\nbn,8\n",
            (
                "E407",
                "no row of the table speaks of a layer of `lenet5-rgb`",
                "its layers: conv1, pool1, conv2, pool2, flatten1, fc3, fc4, softmax",
            ),
        ),
    ],
    ids=["no known title", "another network"],
)
def test_a_table_about_something_else(text: str, expected: tuple[str, ...], tmp_path: Path) -> None:
    """No title is known, or no row is of a layer."""
    (tmp_path / "hw.csv").write_text(text, encoding="utf-8")
    assert faults(checked(tmp_path)) == expected


def test_a_title_of_a_near_name_is_proposed(tmp_path: Path) -> None:
    """A letter too few is no reason to look for the words in the documentation."""
    (tmp_path / "hw.csv").write_text("Layer,Actvation shap,9\nconv1,28x28x8,608\n", encoding="utf-8")
    check = checked(tmp_path)
    assert [fault.help for fault in check.faults] == ["did you mean `activation shape`?"]


def test_the_folder_that_one_stands_in_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`cnnspec check SPEC .` says of what it speaks."""
    monkeypatch.chdir(tmp_path)
    assert checked(Path()).name == tmp_path.name
