"""A class of two hundred: fifteen mistakes in eight formats, and what else is handed in, into both gradebooks."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from itertools import product
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

import pytest
from typer.testing import CliRunner

from cnnspec.cli.app import make_app

Table = list[list[str]]
Mistakes = Mapping[tuple[str, str], str]

TITLES: Final = ["Layer", "Activation shape", "Activation size", "# parameters"]
RIGHT: Final = (
    ("CONV1", "(28, 28, 8)", "6272", "608"),
    ("POOL1", "(14, 14, 8)", "1568", "0"),
    ("CONV2", "(10, 10, 16)", "1600", "3216"),
    ("POOL2", "(5, 5, 16)", "400", "0"),
    ("FC3", "(120,)", "120", "48120"),
    ("FC4", "(84,)", "84", "10164"),
    ("Softmax", "(10,)", "10", "850"),
)
POINTS: Final = 21


def params(**cells: str) -> Mistakes:
    """Return other numbers of parameters, by row."""
    return {(row, TITLES[3]): text for row, text in cells.items()}


def sizes(**cells: str) -> Mistakes:
    """Return other sizes, by row."""
    return {(row, TITLES[2]): text for row, text in cells.items()}


class Planted(NamedTuple):
    """What a student does wrong: the slips, the cells that have them, and those that follow from them."""

    slips: frozenset[str]
    wrong: Mistakes
    following: Mistakes = MappingProxyType({})


NO_CHANNELS: Final = params(CONV1="208", CONV2="416")
POOLS: Final = params(POOL1="40", POOL2="80")
MAPS: Final = sizes(CONV1="784", POOL1="196", CONV2="100", POOL2="25")
ONE_BIAS: Final = params(CONV1="601", CONV2="3201", FC3="48001", FC4="10081", Softmax="841")
PLANTED: Final = (
    Planted(frozenset(), {}),
    Planted(frozenset({"no_channels"}), NO_CHANNELS),
    Planted(frozenset({"one_bias_per_layer"}), ONE_BIAS),
    Planted(frozenset({"no_bias"}), params(CONV1="600", CONV2="3200")),
    Planted(frozenset({"bias_per_in_channel"}), params(CONV1="624", CONV2="3328")),
    Planted(frozenset({"image_channels"}), params(CONV2="1216")),
    Planted(frozenset({"one_filter"}), params(CONV1="76", CONV2="201")),
    Planted(frozenset({"pool_has_params"}), POOLS),
    Planted(frozenset({"pool_forgotten"}), params(FC3="192120")),
    Planted(frozenset({"flatten_without_channels"}), params(FC3="3120")),
    Planted(frozenset({"macs_for_params"}), params(CONV1="470400", CONV2="320000")),
    Planted(frozenset({"size_without_channels"}), MAPS),
    Planted(
        frozenset({"no_plus_one"}),
        {("CONV1", TITLES[1]): "(27, 27, 8)", ("CONV2", TITLES[1]): "(8, 8, 16)"},
        {
            ("POOL1", TITLES[1]): "(13, 13, 8)",
            ("POOL2", TITLES[1]): "(4, 4, 16)",
            **sizes(CONV1="5832", POOL1="1352", CONV2="1024", POOL2="256"),
            **params(FC3="30840"),
        },
    ),
    Planted(frozenset({"no_channels", "pool_has_params"}), {**NO_CHANNELS, **POOLS}),
    Planted(frozenset({"no_channels", "no_bias"}), params(CONV1="200", CONV2="400")),
    Planted(frozenset({"one_bias_per_layer", "size_without_channels"}), {**ONE_BIAS, **MAPS}),
)
"""Nothing at all, and fifteen slips and pairs of slips, with numbers computed by hand."""


def as_csv(table: Table) -> bytes:
    """With semicolons."""
    return "\n".join(";".join(row) for row in table).encode()


def as_tsv(table: Table) -> bytes:
    """With tabs."""
    return "\n".join("\t".join(row) for row in table).encode()


def as_markdown(table: Table) -> bytes:
    """With a line below the titles."""
    return "\n".join(f"| {' | '.join(row)} |" for row in [table[0], ["---"] * len(TITLES), *table[1:]]).encode()


def as_html(table: Table) -> bytes:
    """A page."""
    return "".join(["<table>", *("<tr><td>" + "</td><td>".join(row) + "</td></tr>" for row in table)]).encode()


def as_json(table: Table) -> bytes:
    """A list of rows."""
    return json.dumps([dict(zip(TITLES, row, strict=True)) for row in table[1:]]).encode()


def as_latex(table: Table) -> bytes:
    """A tabular."""
    lines = (" & ".join(row).replace("#", "\\#") + " \\\\" for row in table)
    return "\n".join(["\\begin{tabular}{lccc}", *lines, "\\end{tabular}"]).encode()


def as_notebook(table: Table) -> bytes:
    """A cell of text."""
    return json.dumps(
        {"nbformat": 4, "cells": [{"cell_type": "markdown", "source": as_markdown(table).decode()}]}
    ).encode()


def as_document(table: Table) -> bytes:
    """A Word document."""
    cells = ("".join(f"<w:tc><w:p><w:r><w:t>{cell}</w:t></w:r></w:p></w:tc>" for cell in row) for row in table)
    rows = "".join(f"<w:tr>{row}</w:tr>" for row in cells)
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(
            "word/document.xml", f'<w:document xmlns:w="{word}"><w:body><w:tbl>{rows}</w:tbl></w:body></w:document>'
        )
    return buffer.getvalue()


FORMATS: Final[tuple[tuple[str, Callable[[Table], bytes]], ...]] = (
    ("csv", as_csv),
    ("tsv", as_tsv),
    ("md", as_markdown),
    ("html", as_html),
    ("json", as_json),
    ("tex", as_latex),
    ("ipynb", as_notebook),
    ("docx", as_document),
)
STYLES: Final = ("{}", "{:,}", "{:_}")
"""6272, 6,272 and 6 272."""


class Student(NamedTuple):
    """Somebody of the class: a number, two names, suffixes and contents of their files, and what they did wrong."""

    number: int
    first: str
    last: str
    files: tuple[tuple[str, bytes], ...]
    planted: Planted | None

    @property
    def name(self) -> str:
        """How a gradebook calls them."""
        return f"{self.first} {self.last}"

    @property
    def login(self) -> str:
        """How Canvas begins the names of their files."""
        return "".join(char for char in f"{self.last}{self.first}".lower() if char.isalnum())

    @property
    def points(self) -> str:
        """What they have earned, nothing where nothing can be graded."""
        return "" if self.planted is None else str(POINTS - len(self.planted.wrong))


FIRST: Final = ("Ada", "Zoë", "Jean-Luc", "Mary Ann", "Ólafur", "李", "Jürgen", "Nguyễn Văn", "O", "Sofía")
LAST: Final = (
    *("Lovelace", "O'Neill", "van der Berg", "García Márquez", "Müller", "伟", "Smith-Jones", "Şahin", "Li", "Ng"),
    *("Turing", "D'Amico", "de la Cruz", "Nuñez Vera", "Weiß", "芳", "Brown-Lee", "Çelik", "Li", "Hall"),
)
"""The ten Lis have namesakes."""
PDFS, EMPTY, TWICE = (7, 60, 121, 199), (33, 150), (12, 88, 170)


def table_of(planted: Planted, style: str) -> Table:
    """Return a student's table, its numbers in a style."""
    other = {**planted.wrong, **planted.following}
    rows = [[other.get((cells[0], title), cell) for title, cell in zip(TITLES, cells, strict=True)] for cells in RIGHT]
    return [
        TITLES,
        *([row[0], row[1], *(style.format(int(cell)).replace("_", " ") for cell in row[2:])] for row in rows),
    ]


def the_class() -> Iterator[Student]:
    """Yield the students, of whom four hand in a PDF, two nothing, and three again, late."""
    ways = list(product(PLANTED, FORMATS))
    for number, (last, first) in enumerate(product(LAST, FIRST)):
        planted, (suffix, write) = ways[number * 5 % len(ways)]
        content = write(table_of(planted, STYLES[number % len(STYLES)]))
        files: tuple[tuple[str, bytes], ...] = ((suffix, content),)
        if number in TWICE:
            files = (("csv", as_csv(table_of(PLANTED[15], "{}"))), *files)
        if number in PDFS:
            files = (("pdf", b"%PDF-1.4\n\x80\xff\x00"),)
        if number in EMPTY:
            files = ()
        yield Student(4000 + number, first, last, files, None if number in PDFS + EMPTY else planted)


CLASS: Final = tuple(the_class())


def canvas(path: Path) -> tuple[str, str]:
    """Write what Canvas exports, with an empty file for nothing; return its gradebook, and the title of its column."""
    with zipfile.ZipFile(path, "w") as archive:
        for student in CLASS:
            for again, (suffix, content) in enumerate(student.files):
                late = "_LATE" if again else ""
                upload = 90_000 + 1_000 * again + student.number
                archive.writestr(f"{student.login}{late}_{student.number}_{upload}_my hw{again}.{suffix}", content)
            if not student.files:
                archive.writestr(f"{student.login}_{student.number}_{90_000 + student.number}_hw.csv", b"")
    rows = [["Student", "ID", "SIS Login ID", "Section", "HW2 (77)", "HW3 (78)", "Final Score"]]
    rows += [["    Points Possible", "", "", "", "10", "21", "(read only)"]]
    for student in CLASS:
        mail = f"s{student.number}@x.org"
        rows.append([f"{student.last}, {student.first}", str(student.number), mail, "A; B", "7,5", "", "90.5"])
    return written(rows), "HW3 (78)"


def moodle(path: Path) -> tuple[str, str]:
    """Write what Moodle exports; return its worksheet, and the title of its column."""
    with zipfile.ZipFile(path, "w") as archive:
        for student in CLASS:
            folder = f"{student.name}_{student.number}_assignsubmission_file_/"
            archive.writestr(folder, b"")
            for again, (suffix, content) in enumerate(student.files):
                time = (2026, 3, 1 + again, 12, 0, 0)
                archive.writestr(zipfile.ZipInfo(f"{folder}hw{again}.{suffix}", time), content)
    rows = [["Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade", "Feedback comments"]]
    for student in CLASS:
        mail = f"s{student.number}@x.org"
        rows.append([f"Participant {student.number}", student.name, mail, "Submitted, late", "", "21.00", ""])
    return written(rows), "Grade"


def written(rows: Table) -> str:
    """Return rows as a platform exports them."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return "\ufeff" + text.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize("platform", [canvas, moodle])
def test_a_class_of_two_hundred(platform: Callable[[Path], tuple[str, str]], tmp_path: Path) -> None:
    """A line for everybody, the slips that were planted, one maximum, and nothing else in the gradebook changes."""
    export, column = platform(tmp_path / "submissions.zip")
    (tmp_path / "book.csv").write_bytes(export.encode())
    words = ["grade", "lenet5-rgb", "submissions.zip", "-o", "grades.csv", "--newest", "--fill", "book.csv"]
    words = [str(tmp_path / word) if "." in word else word for word in words]
    done = CliRunner().invoke(make_app(["grade"]), [*words, "--column", column])
    assert done.exit_code == 1, done.output
    assert f"200 submissions, {len(CLASS) - 6} graded, 6 not gradable, " in done.stdout

    with (tmp_path / "grades.csv").open(encoding="utf-8", newline="") as file:
        lines = {row["student"]: row for row in csv.DictReader(file)}
    assert len(lines) == len(CLASS) == 200
    for student in CLASS:
        name = student.login if platform is canvas else student.name
        line = lines[f"{name} ({student.number})" if student.last == "Li" else name]
        assert line["gradable"] == ("no" if student.planted is None else "yes"), line
        assert bool(line["error"]) == (student.planted is None), line
        if student.planted is not None:
            assert {*line["slips"].split()} == student.planted.slips, line
            assert (line["score"], line["max_score"]) == (student.points, str(POINTS)), line

    before = list(csv.reader(io.StringIO(export.removeprefix("\ufeff"))))
    after = list(csv.reader(io.StringIO((tmp_path / "book.filled.csv").read_bytes().decode().removeprefix("\ufeff"))))
    filled = before[0].index(column)
    grades = dict(zip((student.number for student in CLASS), (row[filled] for row in after[-200:]), strict=True))
    assert grades == {student.number: student.points for student in CLASS}
    open_columns = {filled, *(index for index, title in enumerate(before[0]) if title == "Feedback comments")}
    for row, other in zip(before, after, strict=True):
        assert [cell for index, cell in enumerate(row) if index not in open_columns] == [
            cell for index, cell in enumerate(other) if index not in open_columns
        ]
