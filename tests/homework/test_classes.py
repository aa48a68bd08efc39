"""Whole classes: where submissions come from, one line each, gradebooks, feedback files, exit codes."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path
from typing import Final

import pytest
from typer.testing import CliRunner, Result

from cnnspec.cli.app import make_app
from cnnspec.errors import CnnspecError, shorten
from cnnspec.homework.classes.gradebook import Entry, fill, read_gradebook
from cnnspec.homework.classes.submissions import find_submissions

HEADER: Final = "Layer;Activation shape;Activation size;# parameters\n"
RIGHT: Final = (
    HEADER
    + """\
CONV1;(28,28,8);6272;608
POOL1;(14,14,8);1568;0
CONV2;(10,10,16);1600;3216
POOL2;(5,5,16);400;0
FC3;120;120;48120
FC4;84;84;10164
Softmax;10;10;850
"""
)

app = make_app(["grade"])
WRONG: Final = RIGHT.replace(";608", ";208").replace(";3216", ";416")


def run(*arguments: object, code: int = 0) -> Result:
    """Return the result of `cnnspec grade lenet5-rgb …`, which ends with a code."""
    done = CliRunner().invoke(app, ["grade", "lenet5-rgb", *map(str, arguments)])
    assert done.exit_code == code, done.output + repr(done.exception)
    return done


def lines_of(done: Result) -> list[dict[str, str]]:
    """Return the lines of CSV in an output."""
    return list(csv.DictReader(io.StringIO(done.stdout)))


def written(folder: Path, **files: str) -> Path:
    """Return a folder with files; `__` in a name begins a folder."""
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_csv", ".csv")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_a_folder(tmp_path: Path) -> None:
    """A line per submission, broken ones too, and a histogram of the slips."""
    folder = written(tmp_path / "hw", bob_csv=WRONG, alice_csv=RIGHT, carol_csv="nothing", dave__table_csv=WRONG)
    (folder / "notes.pdf").write_bytes(b"%PDF")
    (folder / ".hidden.csv").write_text("x", encoding="utf-8")
    done = run(folder, code=1)
    rows = lines_of(done)
    assert [(row["student"], row["gradable"], row["score"], row["max_score"]) for row in rows] == [
        ("alice", "yes", "21", "21"),
        ("bob", "yes", "19", "21"),
        ("carol", "no", "0", "0"),
        ("dave", "yes", "19", "21"),
        ("notes", "no", "0", "0"),
    ]
    assert rows[1]["slips"] == "no_channels"
    assert rows[2]["error"]
    assert "5 submissions, 3 graded, 2 not gradable, 1 without a mistake" in done.stderr
    assert "no_channels     2" in done.stderr


def test_a_class_of_which_nobody_was_graded(tmp_path: Path) -> None:
    """The reason stands in place of a mean that nobody has: most often the wrong file was given."""
    (tmp_path / "gradebook.csv").write_text("Student,ID\nAda,1\n", encoding="utf-8")
    done = run(tmp_path / "gradebook.csv", code=1)
    assert "1 submission, 0 graded, 1 not gradable, 0 without a mistake" in done.stderr
    (row,) = lines_of(done)
    assert f"the first that is not gradable: {row['error']}" in done.stderr
    assert "mean" not in done.stderr


def test_globs_and_single_files(tmp_path: Path) -> None:
    """A pattern, a file and a pattern of archives may be mixed."""
    folder = written(tmp_path, a_csv=RIGHT, b_csv=RIGHT)
    assert [row["student"] for row in lines_of(run(f"{folder}/*.csv"))] == ["a", "b"]
    assert [row["student"] for row in lines_of(run(folder / "a.csv"))] == ["a"]


@pytest.mark.parametrize("path", ["nowhere", "*.nothing", "empty"])
def test_what_is_not_there_is_wrong_usage(tmp_path: Path, path: str) -> None:
    """A path without submissions ends with 2."""
    (tmp_path / "empty").mkdir()
    run(tmp_path / path, code=2)


def test_a_folder_around_all_names_nobody(tmp_path: Path) -> None:
    """An archive with one folder of all files names students by what is in it."""
    archive = tmp_path / "class.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("hw3/ada.csv", RIGHT)
        file.writestr("hw3/Jane Doe_17_assignsubmission_file_/table.csv", RIGHT)
    assert [entry.student for entry in find_submissions([str(archive)])] == [
        "ada",
        "Jane Doe",
    ]


def test_a_hostile_archive(tmp_path: Path) -> None:
    """Paths that lead out, duplicates, encryption, a bomb and broken data are lines, and nothing is written."""
    archive = tmp_path / "class.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for name in ("../evil.csv", "/abs.csv", "C:/win.csv", "..\\back.csv", "ok.csv", "\x1b[31mred.csv"):
            file.writestr(name, RIGHT)
        with pytest.warns(UserWarning, match="Duplicate name"):
            file.writestr("ok.csv", WRONG)
        file.writestr("bomb.csv", b"0" * 60_000_000)
        file.writestr("locked.csv", RIGHT)
        file.writestr("broken.csv", RIGHT)
        locked, broken = file.getinfo("locked.csv"), file.getinfo("broken.csv")
    data = bytearray(archive.read_bytes())
    data[broken.header_offset + 45 : broken.header_offset + 75] = b"\xff" * 30
    directory = data.rfind(b"PK\x01\x02", 0, data.rfind(b"locked.csv"))
    data[directory + 8] |= 1
    data[locked.header_offset + 6] |= 1
    archive.write_bytes(data)
    rows = {row["student"] + row["score"]: row for row in lines_of(run(archive, code=1))}
    assert len(rows) == 9
    assert {row["error"] for key, row in rows.items() if key in ("evil0", "abs0", "win0", "back0")} == {
        "its path leads out of the archive"
    }
    assert rows["�[31mred21"]["gradable"] == "yes"
    assert rows["ok0"]["error"] == "2 tables of one student: ok.csv, ok.csv; `--newest` grades the newest"
    assert rows["bomb0"]["error"] == "it is too large, more than 5,000,000 bytes"
    assert rows["locked0"]["error"] == "it is encrypted"
    assert rows["broken0"]["error"] == "it cannot be read"
    assert {path.name for path in tmp_path.iterdir()} == {"class.zip"}


def test_a_truncated_archive_is_wrong_usage(tmp_path: Path) -> None:
    """An archive without its directory cannot be read at all."""
    archive = tmp_path / "class.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("ok.csv", RIGHT)
    archive.write_bytes(archive.read_bytes()[:-30])
    assert "is not a zip archive" in run(archive, code=2).stderr


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    """A link to a file elsewhere is a line with a fault."""
    (tmp_path / "secret.csv").write_text(RIGHT, encoding="utf-8")
    folder = written(tmp_path / "hw", a_csv=RIGHT)
    (folder / "b.csv").symlink_to(tmp_path / "secret.csv")
    rows = lines_of(run(folder, code=1))
    assert [row["error"] for row in rows] == ["", "it is a link that leads out of the folder"]


def test_no_formulas_reach_a_spreadsheet(tmp_path: Path) -> None:
    """Names that begin like a formula are made harmless."""
    folder = tmp_path / "hw"
    folder.mkdir()
    for name in ("=HYPERLINK(1)", "+1", "-1", "@SUM(A1)"):
        (folder / f"{name}.csv").write_text(RIGHT, encoding="utf-8")
    assert all(row["student"].startswith("'") for row in lines_of(run(folder)))


def test_two_processes_give_the_same(tmp_path: Path) -> None:
    """The order and every number are those of one process."""
    folder = tmp_path / "hw"
    folder.mkdir()
    for number in range(40):
        text = (RIGHT, WRONG, "nothing", RIGHT.replace("(28,28,8)", "(27,27,8)"))[number % 4]
        (folder / f"student{number}.csv").write_text(text, encoding="utf-8")
    assert run(folder, "--jobs", 2, code=1).output == run(folder, code=1).output


def test_feedback_files(tmp_path: Path) -> None:
    """Every submission has its own file in the folder, whatever the students are called; none is replaced."""
    archive = tmp_path / "class.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for name in ("a b.csv", "a_b.csv", "A_B.csv", "..csv", "x/1.csv", "x/2.csv", "../../x.csv"):
            file.writestr(name, RIGHT if name != "a b.csv" else WRONG)
    folder = tmp_path / "feedback"
    run(archive, "--feedback", folder, "--reveal", "hint", code=1)
    names = {path.name.lower() for path in folder.iterdir()}
    assert names == {"a_b.md", "a_b-2.md", "a_b-3.md", "x.md", "x-2.md"}
    assert {path.name for path in tmp_path.iterdir()} == {"class.zip", "feedback"}
    texts = [path.read_text(encoding="utf-8") for path in folder.iterdir()]
    assert sum("no\\_channels" in text and "as deep as" in text for text in texts) == 1
    assert sum(text == "Not gradable: its path leads out of the archive\n" for text in texts) == 1
    assert "exists already" in run(archive, "--feedback", folder, code=1).stderr
    run(archive, "--feedback", folder, "--force", code=1)


CANVAS: Final = (
    '\ufeff"Student";ID;"SIS Login ID";Section;"HW3 (1234)";Current Score\r\n'
    '"    Points Possible";;;;21;(read only)\r\n'
    '"Lovelace, Ada";11;ada@x.org;"A;B";;"90,5"\r\n'
    '"Turing, Alan";12;alan@x.org;A;3;\r\n'
    '"Doe, Jane";13;jane@x.org;A;;\r\n'
    '"Doe, Jane";14;jane2@x.org;A;;\r\n'
    '"O""Neill, Pat";15;pat@x.org;A;EX;\r\n'
)
MOODLE: Final = (
    "First name,Last name,ID number,Email address,Assignment: HW3 (Real),Last downloaded from this course\n"
    "Ada,Lovelace,4711,ada@x.org,-,1763760000\n"
    'Alan,"Turing",4712,alan@x.org,-,1763760000\n'
)


def test_a_canvas_export() -> None:
    """Only the one column changes: every other byte, quote and line end stays."""
    filled = fill(
        read_gradebook(CANVAS.encode(), "canvas.csv"),
        "HW3 (1234)",
        [
            Entry("lovelaceada_11_99_table", "21"),
            Entry("alan", "19"),
            Entry("Jane Doe", "5"),
            Entry("nobody", "1"),
            Entry("jane2", "7"),
        ],
    )
    expected = CANVAS.replace('"A;B";;', '"A;B";21;').replace("alan@x.org;A;3;", "alan@x.org;A;19;")
    expected = expected.replace("jane2@x.org;A;;", "jane2@x.org;A;7;")
    assert filled.text == expected
    assert (filled.filled, filled.unknown, filled.ambiguous) == (3, ("nobody",), ("Jane Doe",))
    assert filled.absent == ('O"Neill, Pat',)


def test_a_moodle_export() -> None:
    """Moodle's folders name students by their full names."""
    grades = [Entry("Ada Lovelace_991_assignsubmission_file_", "21"), Entry("alan@x.org", "19")]
    filled = fill(read_gradebook(MOODLE.encode(), "moodle.csv"), "Assignment: HW3 (Real)", grades)
    assert filled.text == MOODLE.replace("ada@x.org,-,", "ada@x.org,21,").replace("alan@x.org,-,", "alan@x.org,19,")


def test_two_submissions_of_one_student_fill_nothing() -> None:
    """Nobody knows which of the two counts."""
    filled = fill(read_gradebook(CANVAS.encode(), "c.csv"), "HW3 (1234)", [Entry("ada", "1"), Entry("11", "2")])
    assert filled.text == CANVAS
    assert filled.ambiguous == ("ada", "11")


@pytest.mark.parametrize(
    ("text", "column", "code"),
    [
        (CANVAS, "HW4", "E408"),
        (CANVAS, "Student", "E408"),
        (CANVAS.replace("Current Score", "HW3 (1234)"), "HW3 (1234)", "E408"),
        ("a,b\n1,2\n", "b", "E409"),
        ("", "b", "E409"),
        ('Student,ID,"x\n1,2,3\n', "ID", "E409"),
        ('Student,ID,x\n"a"b,2,3\n', "x", "E409"),
    ],
)
def test_what_is_no_gradebook(text: str, column: str, code: str) -> None:
    """A column that is not there, not clear or names students, and files that are no CSV, are told."""
    with pytest.raises(CnnspecError) as caught:
        fill(read_gradebook(text.encode(), "book.csv"), column, [Entry("ada", "1")])
    assert caught.value.diagnostics[0].code == code


def test_filling_makes_a_copy(tmp_path: Path) -> None:
    """The export stays as it is unless it shall be filled in place; who is not in it is told."""
    folder = written(tmp_path / "hw", ada_csv=RIGHT, alan_csv=WRONG)
    book = tmp_path / "canvas.csv"
    book.write_bytes(CANVAS.encode())
    done = run(folder, "--fill", book, "--column", "HW3 (1234)", "--out-of", 100)
    assert "filled 2 grades" in done.stderr
    assert book.read_bytes() == CANVAS.encode()
    copy = (tmp_path / "canvas.filled.csv").read_bytes()
    assert b'"A;B";100;' in copy
    assert b"alan@x.org;A;90.48;" in copy
    written(folder, zoe_csv=RIGHT)
    done = run(folder, "--fill", book, "--column", "HW3 (1234)", "--in-place", code=1)
    assert "not in the gradebook: zoe" in done.stderr
    assert b'"A;B";21;' in book.read_bytes()
    assert "out of" not in done.stderr, "21 points here, and in the gradebook"


@pytest.mark.parametrize(("possible", "options", "mine"), [("10", (), "21"), ("10,5", (), "21"), ("21", (100,), "100")])
def test_other_points_than_those_of_the_gradebook_are_told(
    possible: str, options: tuple[int, ...], mine: str, tmp_path: Path
) -> None:
    """19 of 21 points would be 19 of 10 in Canvas."""
    book = tmp_path / "canvas.csv"
    book.write_text(CANVAS.replace(";21;(read", f";{possible};(read"), encoding="utf-8")
    given = [word for number in options for word in ("--out-of", number)]
    done = run(written(tmp_path / "hw", ada_csv=RIGHT), "--fill", book, "--column", "HW3 (1234)", *given)
    remark = f"is out of {possible.replace(',', '.')}, these grades are out of {mine}: `--out-of` scales them\n"
    assert done.stderr.endswith(f"the gradebook's column {remark}")


def test_fill_and_column_go_together(tmp_path: Path) -> None:
    """One without the other is wrong usage."""
    run(written(tmp_path, a_csv=RIGHT), "--column", "x", code=2)


def test_options_of_a_gradebook_need_one(tmp_path: Path) -> None:
    """None of them is passed over."""
    folder = written(tmp_path / "hw", ada_csv=RIGHT)
    assert run(folder, "--fill", "canvas.csv", code=2).stderr == (
        "error[E702]: `--fill` and `--column` go together\n"
        "  = help: add the title of the column, such as `--column 'HW3 (1234)'`\n"
    )
    for options in (("--column", "HW4"), ("--out-of", "20"), ("--in-place",)):
        assert run(folder, *options, code=2).stderr == (
            f"error[E702]: `{options[0]}` is about a gradebook, and `--fill` names none\n"
            "  = help: add `--fill EXPORT.csv`, an export of Canvas or Moodle\n"
        )


def test_a_path_of_a_near_name_is_proposed(tmp_path: Path) -> None:
    """For submissions, and for the gradebook."""
    folder, book = written(tmp_path / "homework", ada_csv=RIGHT), tmp_path / "canvas.csv"
    book.write_bytes(CANVAS.encode())
    done = run(tmp_path / "homwork", code=2)
    assert done.stderr.endswith(f"`\n  = help: did you mean `{folder}`?\n")
    done = run(folder, "--fill", tmp_path / "canvas.cvs", "--column", "HW3 (1234)", code=2)
    assert done.stderr.endswith(f"`\n  = help: did you mean `{book}`?\n")
    done = run(tmp_path / "nowhere" / "hw", code=2)
    assert done.stderr.endswith(f"  = note: there is no folder `{shorten(tmp_path / 'nowhere', 80)}`\n")
