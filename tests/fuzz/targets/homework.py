"""What a class hands in and what teachers give: tables of all formats, archives, gradebooks, rosters, assignments."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Hashable
from functools import cache
from importlib import import_module
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

import cnnspec
from cnnspec.analysis.measure import Summary, measure
from cnnspec.errors import CnnspecError
from cnnspec.homework.assignment.opening import open_homework
from cnnspec.homework.classes import class_csv
from cnnspec.homework.classes.gradebook import Entry, Gradebook, demand_column, fill, points_possible, read_gradebook
from cnnspec.homework.classes.grading import Target as Marked
from cnnspec.homework.classes.grading import Task, grade, target_of
from cnnspec.homework.classes.roster import read_roster, safe_names
from cnnspec.homework.classes.submissions import find_submissions
from cnnspec.homework.feedback import Reveal
from cnnspec.homework.marking.checking import check_summary
from cnnspec.homework.marking.policy import Marking
from cnnspec.homework.practice.worksheet import practice
from cnnspec.homework.tables.reading import readers
from tests.fuzz.mutation import archives, texts, trees
from tests.fuzz.target import ROOT, Mutate, Target, promise

CASES: Final = ROOT / "tests" / "cases"
NETWORK: Final = "lenet5-rgb"
WORDS: Final = """
    layer output shape size parameters activation CONV1 POOL1 conv1 pool1 fc1 dense1 total sum weights bias macs flops
    table tr td th colspan rowspan tabular hline multicolumn frac times sqrt text cdot begin end rows columns cells
    worksheet sheetData row c v f is t inlineStr sst si mergeCell document body tbl markdown code source outputs
    SUM PRODUCT ROUND IF POWER correct given none None x by per k M ReLU softmax
"""
RIGHT: Final = """\
Layer,Output Shape,Size,Parameters
INPUT,32x32x3,3072,0
CONV1,28x28x8,6272,608
POOL1,14x14x8,1568,0
CONV2,10x10x16,1600,=(5*5*8+1)*16
POOL2,5x5x16,400,0
FC1,120,120,48120
FC2,84,84,10164
SOFTMAX,10,10,850
"""


@cache
def summary() -> Summary:
    """Return the network that tables are marked against."""
    return measure(cnnspec.load(NETWORK))


@cache
def words() -> tuple[str, ...]:
    """Return the words of tables."""
    return texts.words_of(WORDS)


@cache
def samples(suffix: str) -> tuple[bytes, ...]:
    """Return tables of one suffix: those of the tests, sheets, reports, and a small right one."""
    names = [*(CASES / "homework").glob(f"*.{suffix}"), *(CASES / "reports").glob(f"*.{suffix}")]
    found = [path.read_bytes() for path in sorted(names) if path.stat().st_size < 40_000]
    found += [MADE[suffix](RIGHT)] if suffix in MADE else []
    if suffix in SHEETS:
        module = import_module(f"cnnspec.homework.practice.formats.{SHEETS[suffix]}")
        found.append(module.render(practice(summary()), key=True).encode())
    return tuple(found) or (RIGHT.encode(),)


SHEETS: Final = {"csv": "csv", "html": "html", "tex": "latex", "md": "markdown"}


def _rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def _html(text: str) -> bytes:
    rows = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>\n" for row in _rows(text))
    return f"<html><body><p>a &lt; b</p><table>\n{rows}</table></body></html>".encode()


def _tex(text: str) -> bytes:
    rows = " \\\\ \\hline\n".join(" & ".join(row) for row in _rows(text)).replace("x", "$\\times$")
    return f"\\begin{{tabular}}{{l|ccc}}\n{rows}\n\\end{{tabular}}\n".encode()


def _markdown(text: str) -> bytes:
    first, *rest = (f"| {' | '.join(row)} |" for row in _rows(text))
    return "\n".join(["# Answer", "", first, "|---|:-:|--:|---|", *rest, ""]).encode()


def _json(text: str) -> bytes:
    titles, *rest = _rows(text)
    return json.dumps([dict(zip(titles, row, strict=True)) for row in rest]).encode()


def _yaml(text: str) -> bytes:
    titles, *rest = _rows(text)
    lines = (f"- {{{', '.join(f'{title}: {cell}' for title, cell in zip(titles, row, strict=True))}}}" for row in rest)
    return "\n".join(lines).encode()


def _notebook(text: str) -> bytes:
    cell = {"cell_type": "markdown", "metadata": {}, "source": _markdown(text).decode().splitlines(keepends=True)}
    code = {"cell_type": "code", "metadata": {}, "source": ["1+1"], "outputs": [], "execution_count": 1}
    return json.dumps({"cells": [code, cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def _xlsx(text: str) -> bytes:
    from openpyxl import Workbook

    book, file = Workbook(), io.BytesIO()
    for row in _rows(text):
        book.active.append([int(cell) if cell.isdecimal() else cell for cell in row])
    book.active.merge_cells("F1:G2")
    book.save(file)
    return file.getvalue()


def _docx(text: str) -> bytes:
    rows = "".join(
        "<w:tr>" + "".join(f"<w:tc><w:p><w:r><w:t>{cell}</w:t></w:r></w:p></w:tc>" for cell in row) + "</w:tr>"
        for row in _rows(text)
    )
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    document = f"<w:document {space}><w:body><w:tbl>{rows}</w:tbl></w:body></w:document>"
    return archives.pack([("[Content_Types].xml", b"<Types/>", 8), ("word/document.xml", document.encode(), 8)])


MADE: Final[dict[str, Callable[[str], bytes]]] = {
    "csv": str.encode,
    "txt": str.encode,
    "html": _html,
    "tex": _tex,
    "md": _markdown,
    "json": _json,
    "yaml": _yaml,
    "ipynb": _notebook,
    "xlsx": _xlsx,
    "docx": _docx,
}


def table_reader(suffix: str) -> Callable[[bytes, Path], Hashable]:
    """Return what marks a table of one suffix, and lets every report be made of it."""

    def read(content: bytes, _: Path) -> Hashable:
        found = check_summary(summary(), content, f"hw.{suffix}", Marking())
        promise(0 <= found.score <= found.max_score, "a score outside of what there is")
        for name in ("text", "json", "markdown", "junit", "gradescope"):
            text = import_module(f"cnnspec.homework.reports.{name}").render(found, Reveal.FULL)
            text.encode()
            promise(name != "json" or json.loads(text), "a report that is no JSON")
        if found.faults:
            raise CnnspecError(found.faults)
        return found.score // 3, len(found.diagnosis.findings), len(found.table.quantities) if found.table else 0

    return read


def _tables() -> list[Target]:
    """Return a target for every format of tables that has a suffix, and one for texts of any layout."""
    inner: dict[str, Mutate] = {"json": trees.mutator(words), "ipynb": trees.mutator(words)}
    inner |= dict.fromkeys(("xlsx", "docx"), archives.mutator(texts.mutator(words)))
    suffixes = {reader.suffixes[0] if reader.suffixes else "txt" for reader in readers().values()}
    packages = {"xlsx": ("openpyxl",)}
    return [
        Target(
            f"table-{suffix}",
            lambda suffix=suffix: samples(suffix),
            inner.get(suffix, texts.mutator(words)),
            table_reader(suffix),
            needs=packages.get(suffix, ()),
        )
        for suffix in sorted(suffixes)
    ]


@cache
def _marked() -> tuple[Task, Marked]:
    task = Task(summary().graph, Marking(), review=True)
    return task, target_of(task)


def read_class(content: bytes, folder: Path) -> Hashable:
    """Find and grade the hand-ins of an archive."""
    path = folder / "class.zip"
    path.write_bytes(content)
    task, target = _marked()
    found = find_submissions([str(path)])
    grades = [grade(task, target, submission) for submission in found[:40]]
    for each in grades:
        class_csv.render(each).encode()
    names = safe_names([each.student for each in grades])
    promise(len(set(names)) == len(names), "two students with one file")
    promise(
        all("/" not in name and name.isprintable() and len(name.encode()) < 240 for name in names), "an unsafe name"
    )
    return len(found) // 2, frozenset((each.gradable, each.error[:20]) for each in grades)


@cache
def classes() -> tuple[bytes, ...]:
    """Return archives as platforms give them."""
    wrong = RIGHT.replace("608", "208")
    folders = {
        f"{student}_{number}_assignsubmission_file/hw.csv": RIGHT for number, student in enumerate(("Ada", "Bo"))
    }
    plain = {"ada/hw.csv": RIGHT, "ada/notes.txt": "hello", "eve/hw.md": _markdown(wrong).decode(), "mal/": ""}
    canvas = {
        "adalovelace_12_345_hw-1.csv": RIGHT,
        "adalovelace_12_345_hw-2.csv": wrong,
        "bo_LATE_13_346_hw.csv": wrong,
    }
    inner = archives.pack([("hw.csv", RIGHT.encode(), 8), ("__MACOSX/._hw.csv", b"x", 8)])
    packed = [
        archives.pack([(f"top/{name}", content.encode(), zipfile.ZIP_DEFLATED) for name, content in files.items()])
        for files in (folders, plain, canvas)
    ]
    return (*packed, archives.pack([("ada/answer.zip", inner, 0), ("bo/hw.csv", RIGHT.encode(), 8)]))


def _in_archives(random: Any, content: bytes, other: bytes) -> bytes:
    """Change a member: an archive inside as one, the others as texts."""
    if content.startswith(b"PK"):
        return archives.mutator(texts.mutator(words))(random, content, other)
    return texts.mutator(words)(random, content, other)


CANVAS: Final = (
    b"Student,ID,SIS User ID,SIS Login ID,Section,HW3 (1234),Final Score\n"
    b"    Points Possible,,,,,10.00,(read only)\n"
    b'"Lovelace, Ada",11,s11,ada,CS,,90\n"Babbage, ""Bo""",12,s12,bo,CS,3,80\n'
)
MOODLE: Final = (
    b"Identifier,Full name,Email address,Grade,Feedback comments\r\n"
    b"Participant 7,Ada Lovelace,ada@example.org,,\r\nParticipant 8,Bo Babbage,bo@example.org,5,good\r\n"
)
CELLS: Final = texts.words_of("Grade Student ID Section Ada Lovelace Bo Participant Identifier Email Username")


def read_book(content: bytes, _: Path) -> Hashable:
    """Fill a gradebook: no cell changes but those of the grades and of the comments."""
    book = read_gradebook(content, "book.csv")
    column = next((cell.value for cell in book.rows[0] if "HW3" in cell.value or cell.value == "Grade"), "Grade")
    demand_column(book, column)
    points_possible(book, column)
    entries = [Entry("Ada Lovelace", "9", 'well,\n"done"'), Entry("bo", "=7"), Entry("12", "3"), Entry("mal", "1")]
    filled = fill(book, column, entries)
    before, after = _cells(book), _cells(read_gradebook(filled.text.encode("utf-8", "surrogatepass"), "book.csv"))
    promise(len(before) == len(after), "a row more or less")
    changed = sum(
        one != two for old, new in zip(before, after, strict=True) for one, two in zip_longest(old, new, fillvalue="")
    )
    promise(changed <= 2 * filled.filled, "a cell has changed that is no grade")
    return filled.filled, len(filled.unknown), len(filled.ambiguous), book.delimiter


def _cells(book: Gradebook) -> list[list[str]]:
    return [[cell.value for cell in row] for row in book.rows]


def read_students(content: bytes, _: Path) -> Hashable:
    """Read a roster, and give its students files of their own."""
    students = read_roster(content, "class.csv")
    names = safe_names([student.id for student in students])
    promise(len({name.lower() for name in names}) == len(students), "two students with one file")
    promise(all("/" not in name and name.isprintable() for name in names), "an unsafe name")
    return min(len(students), 5), any(student.name for student in students)


ROSTERS: Final = (
    b"Name,ID\nAda,7\nBob,8\n",
    b"student;email\nAda L;ada@x.org\n",
    b"ada\nbob\neve\n",
    b"ID\tFull Name\n1\tA\n2\tB\n",
    CANVAS,
)


def read_task(content: bytes, folder: Path) -> Hashable:
    """Open an assignment from a file, beside which a spec lies."""
    (folder / "net.yaml").write_text("input: 8x8x1\nlayers:\n  - conv: 4 3x3\n  - flatten\n  - dense: 10\n")
    path = folder / "hw.yaml"
    path.write_bytes(content)
    graph, assignment = open_homework(str(path))
    return len(graph) if assignment is None else (len(assignment.given), assignment.reveal, len(assignment.due))


@cache
def tasks() -> tuple[bytes, ...]:
    """Return assignments."""
    import re

    text = (ROOT / "docs" / "homework.md").read_text(encoding="utf-8")
    found = [block for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if "assignment" in block]
    own = """\
assignment: HW3
spec: net.yaml
columns: [shape, size, params, macs]
rows: {asked: [conv1], given: [flatten1], optional: [dense1]}
points: {column: {params: 2}, row: {conv1: 3}, total: 10}
titles: {Gewichte: params}
labels: {CONV1: conv1}
conventions: {biases: out, rounding: true, channels_first: false, batch_norm: 2C}
follow_through: half
slips: 1/3
reveal: hint
accept:
  - {row: conv1, column: params, value: 36, credit: half, reason: no bias}
due: [ada, bo]
"""
    return tuple(each.encode() for each in (*found, own, own.replace("net.yaml", "lenet5")))


def read_ledger(content: bytes, _: Path) -> Hashable:
    """Read what an interrupted run has graded."""
    kept = class_csv.read_kept(content.decode("utf-8", "replace"), "grades.csv")
    return min(len(kept), 3)


@cache
def ledgers() -> tuple[bytes, ...]:
    """Return the lines of a class."""
    task, target = _marked()
    path = ROOT / "tests" / "cases" / "homework"
    grades = [grade(task, target, submission) for submission in find_submissions([str(path)])[:3]]
    return ((class_csv.header() + "".join(map(class_csv.render, grades))).encode(),)


ASSIGNED: Final = texts.words_of(
    "assignment spec columns rows points titles labels conventions follow_through slips reveal accept due half full"
    " none hint asked given optional row column value credit reason shape size params macs conv1 dense1 total bias"
)
TARGETS = [
    *_tables(),
    Target("class-zip", classes, archives.mutator(_in_archives), read_class),
    Target("gradebook", lambda: (CANVAS, MOODLE), texts.mutator(lambda: CELLS), read_book),
    Target("roster", lambda: ROSTERS, texts.mutator(lambda: CELLS), read_students),
    Target("assignment", tasks, texts.mutator(lambda: ASSIGNED), read_task),
    Target("ledger", ledgers, texts.mutator(lambda: CELLS), read_ledger),
]
