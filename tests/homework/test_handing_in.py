"""Nobody vanishes: a line per student whatever was handed in, under the names that the platforms give."""

from __future__ import annotations

import csv
import io
import os
import signal
import subprocess
import sys
import time
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest
from typer.testing import CliRunner, Result

from cnnspec.cli.app import make_app
from cnnspec.homework.classes.comments import comment
from cnnspec.homework.classes.gradebook import Entry, fill, read_gradebook
from cnnspec.homework.classes.grading import Grade
from cnnspec.homework.classes.submissions import find_submissions
from cnnspec.homework.feedback import Reveal

RIGHT: Final = """\
Layer;Activation shape;Activation size;# parameters
CONV1;(28,28,8);6272;608
POOL1;(14,14,8);1568;0
CONV2;(10,10,16);1600;3216
POOL2;(5,5,16);400;0
FC3;120;120;48120
FC4;84;84;10164
Softmax;10;10;850
"""
WRONG: Final = RIGHT.replace(";608", ";208").replace(";3216", ";416")
PARAMS: Final = "Layer;# parameters\nCONV1;608\nPOOL1;0\nCONV2;3216\nPOOL2;0\nFC3;48120\nFC4;10164\nSoftmax;850\n"
PDF: Final = b"%PDF-1.4\n\x80\xff\x00"
PNG: Final = b"\x89PNG\r\n\x1a\n\x00\x00\xff"
LATEX: Final = (
    "\\begin{tabular}{llll}\n"
    + "\\\\\n".join(line.replace("#", "\\#").replace(";", " & ") for line in RIGHT.splitlines())
    + "\n\\end{tabular}\n"
)

app = make_app(["grade"])


def run(*arguments: object, code: int = 0) -> Result:
    """Return the result of `cnnspec grade lenet5-rgb …`, which ends with a code."""
    done = CliRunner().invoke(app, ["grade", "lenet5-rgb", *map(str, arguments)])
    assert done.exit_code == code, done.output + repr(done.exception)
    return done


def lines_of(text: str, *titles: str) -> list[tuple[str, ...]]:
    """Return some columns of the lines of CSV in a text."""
    return [tuple(row[title] for title in titles) for row in csv.DictReader(io.StringIO(text))]


def put(folder: Path, **files: str | bytes) -> Path:
    """Return a folder with files; `__` in a name is a folder's end, and the last `_` the point of a suffix."""
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        path = folder / ".".join(name.replace("__", "/").rsplit("_", 1))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def students(*paths: Path) -> list[tuple[str, list[str]]]:
    """Return who handed in which files."""
    return [(entry.student, [file.name for file in entry.files]) for entry in find_submissions(map(str, paths))]


def test_five_files_are_five_lines(tmp_path: Path) -> None:
    """A PDF, a broken document and an empty file have their lines; `.tab` and `.latex` are graded."""
    folder = put(
        tmp_path / "hw", a_pdf=PDF, b_docx=b"PK\x03\x04", c_tab=RIGHT.replace(";", "\t"), d_latex=LATEX, e_csv=""
    )
    assert lines_of(run(folder, code=1).stdout, "student", "file", "gradable", "score", "error") == [
        ("a", "a.pdf", "no", "0", "`a.pdf` is not a text file"),
        ("b", "b.docx", "no", "0", "`b.docx` is no document that can be read"),
        ("c", "c.tab", "yes", "21", ""),
        ("d", "d.latex", "yes", "21", ""),
        ("e", "e.csv", "no", "0", "no table was found in `e.csv`"),
    ]


def test_folders_of_all_sorts(tmp_path: Path) -> None:
    """An empty folder, one with hidden files alone, and pictures are lines; a README beside a table is none."""
    folder = put(
        tmp_path / "hw",
        ada__hw_csv=RIGHT,
        ada__README_md=RIGHT,
        ada__sketch_png=PNG,
        bob__scan_png=PNG,
        README_txt="how to grade",
        dan__README_md=RIGHT.replace(";", " | "),
    )
    (folder / "cy").mkdir()
    (folder / "eve" / "deep").mkdir(parents=True)
    (folder / "eve" / ".DS_Store").write_bytes(b"x")
    done = run(folder, code=1)
    assert lines_of(done.stdout, "student", "file", "gradable", "error", "other_files") == [
        ("ada", "hw.csv", "yes", "", "README.md; sketch.png"),
        ("bob", "scan.png", "no", "`scan.png` is not a text file", ""),
        ("cy", "", "no", "the folder is empty", ""),
        ("dan", "README.md", "yes", "", ""),
        ("eve", "", "no", "the folder is empty", ""),
    ]
    assert done.stderr.startswith("5 submissions, 2 graded, 3 not gradable, 2 without a mistake\n")


def test_one_submission(tmp_path: Path) -> None:
    """One is not many."""
    done = run(put(tmp_path / "hw", ada_csv=RIGHT))
    assert done.stderr.startswith("1 submission, 1 graded, 0 not gradable, 1 without a mistake\n")


def test_the_same_in_an_archive(tmp_path: Path) -> None:
    """An archive's empty folders are students too."""
    with zipfile.ZipFile(tmp_path / "hw.zip", "w") as file:
        for name in ("hw3/", "hw3/ada/", "hw3/bob/", "hw3/bob/hw.pdf", "hw3/__MACOSX/ada/._hw.csv", "hw3/cy/hw.csv"):
            file.writestr(name, RIGHT if name.endswith("csv") else b"")
    assert students(tmp_path / "hw.zip") == [("ada", []), ("bob", ["hw.pdf"]), ("cy", ["hw.csv"])]


def test_archives_that_students_hand_in(tmp_path: Path) -> None:
    """What is in them is theirs, in a folder of their own or not; one that cannot be opened has its line."""
    for name in ("ada.zip", "bob/work.zip", "doejane_4711_88123_hw.zip"):
        (tmp_path / "hw" / name).parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(tmp_path / "hw" / name, "w") as file:
            file.writestr("my homework/hw.csv", RIGHT if name != "ada.zip" else WRONG)
    put(tmp_path / "hw", cy_zip=b"PK\x03\x04", bob__README_txt="see the archive")
    done = run(tmp_path / "hw", code=1)
    assert lines_of(done.stdout, "student", "file", "score", "error") == [
        ("ada", "hw.csv", "19", ""),
        ("bob", "hw.csv", "21", ""),
        ("cy", "cy.zip", "0", "it is no zip archive that can be read"),
        ("doejane", "hw.csv", "21", ""),
    ]
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as file:
        for path in sorted((tmp_path / "hw").rglob("*.zip")):
            file.write(path, path.relative_to(tmp_path / "hw"))
    assert lines_of(run(tmp_path / "class.zip", code=1).stdout, "student", "score") == [
        ("ada", "19"),
        ("bob", "21"),
        ("cy", "0"),
        ("doejane", "21"),
    ]


def test_two_tables_of_one_student(tmp_path: Path) -> None:
    """They are named, and the newest is graded only where the teacher says so; a copy and a text are no tables."""
    folder = put(
        tmp_path / "hw",
        ada__a_csv=RIGHT,
        ada__b_csv=WRONG,
        bob__hw_csv=WRONG,
        bob__copy_csv=WRONG,
        cy__hw_csv=RIGHT,
        cy__notes_txt="I worked with Bob.",
        dan_csv=WRONG,
        dan_md="none",
    )
    os.utime(folder / "ada" / "a.csv", (2_000_000_000, 2_000_000_000))
    os.utime(folder / "ada" / "b.csv", (1_000_000_000, 1_000_000_000))
    done = run(folder, code=1)
    twice = "2 tables of one student: a.csv, b.csv; `--newest` grades the newest"
    titles = ("student", "file", "score", "error", "other_files")
    others = [
        ("bob", "copy.csv", "19", "", "hw.csv"),
        ("cy", "hw.csv", "21", "", "notes.txt"),
        ("dan", "dan.csv", "19", "", "dan.md"),
    ]
    assert lines_of(done.stdout, *titles) == [("ada", "a.csv", "0", twice, "b.csv"), *others]
    done = run(folder, "--newest")
    assert lines_of(done.stdout, *titles) == [("ada", "a.csv", "21", "", "b.csv"), *others]
    os.utime(folder / "ada" / "b.csv", (2_000_000_000, 2_000_000_000))
    ((error,), *_) = lines_of(run(folder, "--newest", code=1).stdout, "error")
    assert error == "2 tables of one student: a.csv, b.csv; they are equally new"


def test_names_of_moodle(tmp_path: Path) -> None:
    """The folder's name is a name and a number, which tells namesakes apart; online text is of the same student."""
    with zipfile.ZipFile(tmp_path / "hw.zip", "w") as file:
        for name in (
            "Ada Lovelace_991_assignsubmission_file_/hw.csv",
            "Ada Lovelace_991_assignsubmission_onlinetext_/onlinetext.html",
            "Jane Doe_17_assignsubmission_file_/hw.csv",
            "Jane Doe_18_assignsubmission_file/hw.csv",
            "Participant_44_assignsubmission_file_/hw.csv",
            "Bo Li_7_assignsubmission_file_my_hw.csv",
        ):
            file.writestr(name, RIGHT)
    assert students(tmp_path / "hw.zip") == [
        ("Ada Lovelace", ["hw.csv", "onlinetext.html"]),
        ("Bo Li", ["Bo Li_7_assignsubmission_file_my_hw.csv"]),
        ("Jane Doe (17)", ["hw.csv"]),
        ("Jane Doe (18)", ["hw.csv"]),
        ("Participant 44", ["hw.csv"]),
    ]


def test_names_of_canvas(tmp_path: Path) -> None:
    """A late second upload is of the same student, and the newer one by its number; other names stay as they are."""
    folder = put(
        tmp_path / "hw",
        lovelaceada_11_991_hw_csv=WRONG,
        lovelaceada_LATE_11_1002_hw_csv=RIGHT,
        turingalan_LATE_12_995_my_hw_csv=RIGHT,
        hw_10_11_bob_csv=RIGHT,
        hw_10_11_cy_csv=RIGHT,
    )
    (folder / "doejane_13_text.html").write_text("I forgot it.", encoding="utf-8")
    assert [name for name, _ in students(folder)] == [
        "doejane",
        "hw_10_11_bob",
        "hw_10_11_cy",
        "lovelaceada",
        "turingalan",
    ]
    rows = lines_of(run(folder, "--newest", code=1).stdout, "student", "file", "score")
    assert rows[3] == ("lovelaceada", "lovelaceada_LATE_11_1002_hw.csv", "21")


def test_the_same_name_in_many_folders(tmp_path: Path) -> None:
    """A pattern such as `*/table.csv` names students by their folders."""
    folder = put(tmp_path / "hw", ada__hw_csv=RIGHT, bob__hw_csv=RIGHT)
    assert students(folder / "ada" / "hw.csv", folder / "bob" / "hw.csv") == [("ada", ["hw.csv"]), ("bob", ["hw.csv"])]
    assert [name for name, _ in students(folder / "*" / "hw.csv")] == ["ada", "bob"]


def test_columns_are_said(tmp_path: Path) -> None:
    """The class's CSV says on which columns each was marked."""
    folder = put(tmp_path / "hw", ada_csv=RIGHT, bob_csv=PARAMS)
    assert lines_of(run(folder).stdout, "student", "columns", "score", "max_score") == [
        ("ada", "shape size params", "21", "21"),
        ("bob", "params", "7", "21"),
    ]


@pytest.mark.parametrize("level", ["none", "hint", "full"])
def test_feedback_helps_where_nothing_was_graded(tmp_path: Path, level: str) -> None:
    """It carries the facts and the step that `check` shows."""
    folder = put(tmp_path / "hw", ada_pdf=PDF, bob__a_csv=RIGHT, bob__b_csv=WRONG)
    run(folder, "--feedback", tmp_path / "out", "--reveal", level, code=1)
    assert (tmp_path / "out" / "ada.md").read_text(encoding="utf-8") == (
        "### ada.pdf against lenet5-rgb\n\nNot gradable:\n\n- \\`ada.pdf\\` is not a text file\n"
        "  - it is a PDF document\n"
        "  - Help: hand in the table as csv, xlsx, Markdown, LaTeX, HTML or plain text\n"
    )
    assert "2 tables of one student: a.csv, b.csv" in (tmp_path / "out" / "bob.md").read_text(encoding="utf-8")


HEADER: Final = (
    "student,file,gradable,score,max_score,score_without_follow_through,correct,follow_through,wrong,missing,unreadable,"
    "columns,other_files,slips,error\n"
)
ADA: Final = "ada,ada.csv,yes,19,21,19,19,0,2,0,0,shape size params,,no_channels,\n"
BOB: Final = "bob,bob.pdf,no,0,0,0,0,0,0,0,0,,,,`bob.pdf` is not a text file\n"
CY: Final = "cy,cy.csv,yes,7,21,7,7,0,0,14,0,params,,,\n"


@pytest.mark.parametrize("torn", ["", "cy,cy.c", 'cy,"cy\n'])
def test_going_on(tmp_path: Path, torn: str) -> None:
    """The lines that are there are kept, a torn one is graded again, and the summary is that of the whole class."""
    folder = put(tmp_path / "hw", ada_csv=RIGHT, bob_pdf=PDF, cy_csv=PARAMS)
    output = tmp_path / "grades.csv"
    output.write_text(HEADER + ADA + BOB + torn, encoding="utf-8")
    done = run(folder, "-o", output, "--resume", code=1)
    assert output.read_text(encoding="utf-8") == HEADER + ADA + BOB + CY
    assert "3 submissions, 2 graded, 1 not gradable, 0 without a mistake" in done.stdout
    assert "no_channels     1" in done.stdout


def test_going_on_fills_the_whole_gradebook(tmp_path: Path) -> None:
    """Grades of the earlier run are filled too, and feedback of it is no obstacle."""
    folder = put(tmp_path / "hw", ada_csv=WRONG, cy_csv=PARAMS)
    put(tmp_path, grades_csv=HEADER + ADA, book_csv="Student,ID,HW\nada,1,\ncy,2,\n", out__ada_md="kept")
    more = ("--resume", "--fill", tmp_path / "book.csv", "--column", "HW", "--feedback", tmp_path / "out")
    run(folder, "-o", tmp_path / "grades.csv", *more)
    assert (tmp_path / "book.filled.csv").read_text(encoding="utf-8") == "Student,ID,HW\nada,1,19\ncy,2,7\n"
    assert (tmp_path / "out" / "ada.md").read_text(encoding="utf-8") == "kept"
    assert (tmp_path / "out" / "cy.md").exists()


@pytest.mark.parametrize("text", ["student,score\nada,3\n", HEADER + ADA.replace("19", "many")])
def test_only_its_own_file_is_gone_on_with(tmp_path: Path, text: str) -> None:
    """Another file is refused, and stays as it is; without a file there is nothing to go on with."""
    folder = put(tmp_path / "hw", ada_csv=RIGHT)
    output = tmp_path / "grades.csv"
    output.write_text(text, encoding="utf-8")
    assert "is not what an earlier run wrote" in run(folder, "-o", output, "--resume", code=2).stderr
    assert output.read_text(encoding="utf-8") == text
    run(folder, "--resume", code=2)
    output.write_text("x" * 200_000 + "\n", encoding="utf-8")  # a fuzzer's: longer than Python's reader lets a cell be
    assert "note: field larger than field limit" in run(folder, "-o", output, "--resume", code=2).stderr


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="signals of POSIX")
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up as Linux shows them")
def test_workers_end_with_a_class_that_is_killed(tmp_path: Path) -> None:
    """They ignore all signals but the one that nobody can ignore, and whom it hits cannot tell them."""
    folder = put(tmp_path / "hw")
    for number in range(200):
        put(folder, **{f"s{number:03}_csv": RIGHT})
    output = tmp_path / "grades.csv"
    command = [sys.executable, "-m", "cnnspec", "grade", "lenet5-rgb", str(folder), "--jobs", "2", "-o", str(output)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(command, env=environment, start_new_session=True) as process:
        while not output.exists() or output.read_bytes().count(b"\n") < 2:
            assert process.poll() is None
            time.sleep(0.01)
        assert len(in_session(process.pid)) == 3
        process.kill()
    for _ in range(600):
        if not in_session(process.pid):
            break
        time.sleep(0.05)
    assert in_session(process.pid) == []


def in_session(leader: int) -> list[str]:
    """Return the processes of a session that still run."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, _, session, *_ = path.read_text(encoding="utf-8").rpartition(")")[2].split()
            if int(session) == leader and state != "Z":
                found.append(path.parent.name)
    return found


@pytest.mark.slow
@pytest.mark.parametrize(("number", "jobs"), [(signal.SIGTERM, "1"), (signal.SIGINT, "2")])
def test_an_interrupted_class_goes_on(tmp_path: Path, number: signal.Signals, jobs: str) -> None:
    """A signal ends the run behind a submission; going on gives what one run gives."""
    folder = put(tmp_path / "hw")
    for student in range(600):
        (folder / f"s{student:03}.csv").write_text(WRONG if student % 3 else RIGHT, encoding="utf-8")
    command = [sys.executable, "-m", "cnnspec", "grade", "lenet5-rgb", str(folder), "--jobs", jobs, "-o"]
    output = tmp_path / "grades.csv"
    with subprocess.Popen([*command, str(output)], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None and not (output.exists() and output.read_bytes().count(b"\n") > 5):
            time.sleep(0.01)
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
    lines = output.read_text(encoding="utf-8").splitlines()
    assert process.returncode == 130
    assert errors.decode().splitlines()[-1] == (
        f"interrupted: {len(lines) - 1} of 600 submissions are graded; `--resume` goes on with the others"
    )
    assert 5 < len(lines) < 601
    whole = tmp_path / "whole.csv"
    for extra in ([str(output), "--resume"], [str(whole)]):
        subprocess.run([*command, *extra], check=True, stdout=subprocess.DEVNULL)
    assert output.read_bytes() == whole.read_bytes()


WORKSHEET: Final = (
    "Identifier,Full name,Email address,Status,Grade,Maximum grade,Last modified (grade),Feedback comments\n"
    "Participant 17,Jane Doe,jane@x.org,Submitted for grading,,21.00,-,\n"
    "Participant 18,Jane Doe,jane2@x.org,Submitted for grading,,21.00,-,Well done\n"
    'Participant 19,"Li, Bo",bo@x.org,No submission,,21.00,-,\n'
    "Participant 20,Cy Fi,cy@x.org,Submitted for grading,,21.00,-,\n"
)


def test_a_worksheet_of_moodle(tmp_path: Path) -> None:
    """Grades of namesakes by their numbers, comments beside them, and who is missing on either side."""
    with zipfile.ZipFile(tmp_path / "hw.zip", "w") as file:
        file.writestr("Jane Doe_17_assignsubmission_file_/hw.csv", WRONG)
        file.writestr("Jane Doe_18_assignsubmission_file_/hw.csv", RIGHT)
        file.writestr("Cy Fi_20_assignsubmission_file_/hw.pdf", PDF)
        file.writestr("Zoe Z_21_assignsubmission_file_/hw.csv", RIGHT)
    book = tmp_path / "book.csv"
    book.write_text(WORKSHEET, encoding="utf-8")
    done = run(tmp_path / "hw.zip", "--fill", book, "--column", "Grade", "--reveal", "hint", code=1)
    said = "19 of 21 points. Cells: 2 wrong. One input channel was counted. A filter is as deep as its input: F·F·C."
    expected = WORKSHEET.replace("grading,,21.00,-,\nParticipant 18", f"grading,19,21.00,-,{said}\nParticipant 18")
    expected = expected.replace("grading,,21.00,-,Well", "grading,21,21.00,-,Well")
    assert (tmp_path / "book.filled.csv").read_text(encoding="utf-8") == expected
    assert done.stderr.splitlines()[-4:] == [
        "not in the gradebook: Zoe Z",
        "in the gradebook, without a submission: Li, Bo",
        f"filled 2 grades into {tmp_path / 'book.filled.csv'}",
        "1 comment that stood there is kept",
    ]


def test_comments_are_escaped() -> None:
    """A comment with quotes and signs of HTML is one cell, and no formula."""
    book = read_gradebook(WORKSHEET.encode(), "book.csv")
    filled = fill(book, "Grade", [Entry("Participant 17", "3", 'so "<b>", so')])
    assert 'Participant 17,Jane Doe,jane@x.org,Submitted for grading,3,21.00,-,"so ""<b>"", so"\n' in filled.text
    grade = Grade("x", "x", True, 1, 2, 1, {"correct": 1, "wrong": 1, "follow_through": 0}, ("no_channels",))
    assert comment(grade, Reveal.NONE) == "1 of 2 points."
    assert comment(grade, Reveal.VERDICT) == "1 of 2 points. Cells: 1 wrong."
    assert comment(grade, Reveal.HINT).startswith("1 of 2 points. Cells: 1 wrong. One input channel was counted. ")


WORKSHEETS: Final = {
    "German": "ID,Vollständiger Name,E-Mail-Adresse,Status,Bewertung,Feedback als Kommentar",
    "French": "Identifiant,Nom complet,Adresse de courriel,Statut,Note,Feedback par commentaires",
    "Spanish": "Identificador,Nombre completo,Dirección de correo,Estado,Calificación,Comentarios de retroalimentación",
    "Portuguese": "Identificador,Nome completo,Endereço de email,Status,Nota,Comentários de feedback",
    "Japanese": "識別子,氏名,メールアドレス,ステータス,評点,フィードバックコメント",
}
"""Titles of Moodle's worksheet in other languages."""


@pytest.mark.parametrize("language", WORKSHEETS)
def test_worksheets_in_other_languages(language: str) -> None:
    """A site's own language names the students, the grades and the comments."""
    titles = WORKSHEETS[language]
    column = titles.split(",")[4]
    text = f"{titles}\nTeilnehmer/in 4711,Ada Lovelace,ada@x.org,-,,\nTeilnehmer/in 4712,Alan Turing,alan@x.org,-,,\n"
    entries = [Entry("Ada Lovelace_4711", "21", "well done"), Entry("Teilnehmer_in 4712", "19"), Entry("zoe", "1")]
    filled = fill(read_gradebook(text.encode(), "moodle.csv"), column, entries)
    assert filled.text == text.replace("ada@x.org,-,,", "ada@x.org,-,21,well done").replace(
        "alan@x.org,-,,", "alan@x.org,-,19,"
    )
    assert filled.unknown == ("zoe",)
