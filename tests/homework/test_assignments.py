"""Assignment files: what they decide, and what is wrong with them, with its place."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import pytest
from typer.testing import CliRunner

import cnnspec
from cnnspec.cli.app import make_app
from cnnspec.error_codes import entry
from cnnspec.errors import SpecError
from cnnspec.homework.assignment.opening import open_homework
from cnnspec.homework.assignment.reading import is_assignment
from cnnspec.homework.assignment.record import KEYS, Assignment
from cnnspec.homework.diagnosis.diagnosis import message
from cnnspec.homework.feedback import Reveal, cell_message
from cnnspec.homework.marking.checking import Check, check
from cnnspec.homework.marking.marks import Mark, Status
from cnnspec.homework.practice.questions import questions
from cnnspec.homework.practice.worksheet import Plan, practice
from cnnspec.source import Source

CASES: Final = Path(__file__).parents[1] / "cases" / "homework"
HEAD: Final = "assignment: hw3\nspec: lenet5-rgb\n"
# A. Ng, Convolutional Neural Networks, week 1: the LeNet-5 table, with its errata mended.
ROWS: Final = (
    ("CONV1", "28x28x8", "6272", "608"),
    ("POOL1", "14x14x8", "1568", "0"),
    ("CONV2", "10x10x16", "1600", "3216"),
    ("POOL2", "5x5x16", "400", "0"),
    ("FC3", "120", "120", "48120"),
    ("FC4", "84", "84", "10164"),
    ("Softmax", "10", "10", "850"),
)
TITLES: Final = ("Layer", "Activation shape", "Activation size", "# Parameters")


def table(rows: Any = ROWS, titles: tuple[str, ...] = TITLES, columns: tuple[int, ...] = (0, 1, 2, 3)) -> bytes:
    """Return a table as CSV, with some of its columns."""
    return "\n".join(",".join(row[column] for column in columns) for row in (titles, *rows)).encode()


def opened(tmp_path: Path, text: str, head: str = HEAD) -> Assignment:
    """Return the assignment that a file holds."""
    path = tmp_path / "hw3.yaml"
    path.write_text(head + text, encoding="utf-8")
    assignment = open_homework(str(path))[1]
    assert assignment is not None
    return assignment


def marked(tmp_path: Path, text: str, content: bytes, name: str = "table.csv", head: str = HEAD) -> Check:
    """Return the marks of a table by an assignment."""
    assignment = opened(tmp_path, text, head)
    return check(assignment.graph, content, name, assignment.marking)


def points(tmp_path: Path, text: str, content: bytes) -> tuple[int, int]:
    """Return the points of a table by an assignment, and those that it asks for."""
    found = marked(tmp_path, text, content)
    assert found.gradable
    return found.score, found.max_score


def cell(found: Check, layer: str, column: str) -> Mark:
    """Return the mark of one cell."""
    return next(mark for mark in found.marks if (mark.layer, mark.column) == (layer, column))


def faults_of(tmp_path: Path, text: str, head: str = HEAD) -> list[tuple[str, str]]:
    """Return the code and the marked text of every fault."""
    with pytest.raises(SpecError) as caught:
        opened(tmp_path, text, head)
    return [(fault.code, fault.span.text if fault.span else "") for fault in caught.value.diagnostics]


def test_messages_are_short_whatever_a_word_is(tmp_path: Path) -> None:
    """A fuzzer's: a key of 5,000 characters, of which each message quotes 80; behind a colon YAML allows 1,024."""
    texts = ("points: {column: {KEY}}", "points: {row: {KEY}}", "follow_through: KEY", "slips: {KEY}")
    for text in (*(each.replace("KEY", "x" * 5_000) for each in texts), f"points: {{column: {{{'x' * 900}: y}}}}"):
        with pytest.raises(SpecError) as caught:
            opened(tmp_path, f"{text}\n")
        assert max(len(fault.message) + sum(map(len, fault.notes)) for fault in caught.value.diagnostics) < 600


def test_a_first_one(tmp_path: Path) -> None:
    """Three columns of the seven layers that learn, move a window or are dense: 21 cells."""
    assignment = opened(tmp_path, "")
    assert (assignment.name, assignment.graph.name, assignment.reveal) == ("hw3", "lenet5-rgb", None)
    assert points(tmp_path, "", table()) == (21, 21)


@pytest.mark.parametrize(
    ("columns", "places", "score"),
    [
        ("[shape]", (0, 1), (7, 7)),
        ("[shape, params]", (0, 1), (7, 14)),
        ("[shape, params]", (0, 1, 2, 3), (14, 14)),
        ("params", (0, 1, 2, 3), (7, 7)),
    ],
)
def test_columns(tmp_path: Path, columns: str, places: tuple[int, ...], score: tuple[int, int]) -> None:
    """A column that is asked for and missing is missing cells; one that is not asked for earns nothing."""
    assert points(tmp_path, f"columns: {columns}\n", table(columns=places)) == score


def test_what_was_asked_is_said(tmp_path: Path) -> None:
    """And which column is missing, and which one does not count."""
    found = marked(tmp_path, "columns: [shape, params]\n", table(columns=(0, 1, 2)))
    assert found.table is not None
    assert found.table.remarks[-3:] == (
        "asked: activation shape, # parameters of conv1, pool1, conv2, pool2, fc3, fc4, softmax (14 cells)",
        "not asked for, and not marked: Activation size",
        "asked for, and not in the table: # Parameters",
    )


@pytest.mark.parametrize(
    "extra",
    [(), (("Input", "32x32x3", "3072", "0"),), (("Flatten", "400", "400", "0"),), (("Total", "", "", "62958"),)],
)
def test_one_maximum_whatever_rows_there_are(tmp_path: Path, extra: tuple[Any, ...]) -> None:
    """Inputs, layers without a row of their own and sums earn nothing, unless they are asked for."""
    rows = [*extra, *ROWS] if extra and extra[0][0] == "Input" else [*ROWS[:4], *extra, *ROWS[4:]]
    assert points(tmp_path, "", table(rows)) == (21, 21)


def test_rows(tmp_path: Path) -> None:
    """Pools are given, the input and the sum are asked for: 5 layers of 3 cells, 2 of the input, 2 sums."""
    text = "rows:\n  given: [pool]\n  asked: [input, total]\n"
    assert points(tmp_path, text, table([row for row in ROWS if "POOL" not in row[0]])) == (15, 19)
    full = [("Input", "32x32x3", "3072", ""), *ROWS, ("Total", "", "13126", "62958")]
    assert points(tmp_path, text, table(full)) == (19, 19)
    assert opened(tmp_path, text).given == {"pool1", "pool2"}


def test_a_near_word_wins(tmp_path: Path) -> None:
    """A layer's own name counts more than its kind, and a kind more than a role."""
    text = "columns: params\nrows: {optional: [dense, pool], asked: [fc3]}\n"
    assert points(tmp_path, text, table()) == (3, 3)


def test_points(tmp_path: Path) -> None:
    """Those of a row are for each of its cells, else those of a column, else those of any cell."""
    text = "columns: [shape, params]\npoints: {cell: 2, column: {params: 3}, row: {fc3: 5}, total: 10}\n"
    assert points(tmp_path, text, table()) == (6 * 2 + 6 * 3 + 2 * 5, 40)
    assert opened(tmp_path, text).marking.out_of == 10


def test_titles_and_labels(tmp_path: Path) -> None:
    """The words of a course stand for ours."""
    rows = [("Alpha", "608"), ("Beta", "0"), ("Gamma", "3216"), *((row[0], row[3]) for row in ROWS[3:])]
    text = "columns: params\ntitles: {Lernbare Zahlen: params, Baustein: layer}\n"
    labels = "labels: {alpha: conv1, Beta: pool1, Gamma: conv2}\n"
    content = table(rows, ("Baustein", "Lernbare  zahlen"), (0, 1))
    found = marked(tmp_path, text + labels, content)
    assert (found.score, found.max_score) == (7, 7)


def test_titles_of_a_table_that_is_turned_or_empty(tmp_path: Path) -> None:
    """They stand in the first column of one, and nowhere in the other."""
    text = "columns: params\ntitles: {Lernbare Zahlen: params, Baustein: layer}\n"
    turned = "\n".join(",".join((title, *(row[place] for row in ROWS))) for title, place in TURNED.items())
    found = marked(tmp_path, text, turned.encode())
    assert (found.score, found.max_score) == (7, 7)
    assert [fault.code for fault in marked(tmp_path, text, b"").faults] == ["E401"]


TURNED: Final = {"Baustein": 0, "Lernbare Zahlen": 3}


def test_rounded_numbers(tmp_path: Path) -> None:
    """They are right where the assignment takes them, and wrong where it does not."""
    content = (CASES / "m14_units.csv").read_bytes()
    text = "columns: params\n"
    assert points(tmp_path, text + "conventions: {rounding: true}\n", content) == (7, 7)
    score, most = points(tmp_path, text, content)
    assert score < most == 7


NORMS: Final = "name: net\ninput: 8x8x3\nlayers:\n  - conv: 4 3x3\n  - bn\n"


@pytest.mark.parametrize(
    ("conventions", "conv", "norm"),
    [
        ("{}", "112", "16"),
        ("{batch_norm: 2C}", "112", "8"),
        ("{biases: out}", "108", "12"),
        ("{batch_norm: 4C}", "112", "16"),
    ],
)
def test_conventions(tmp_path: Path, conventions: str, conv: str, norm: str) -> None:
    """A convolution of 4 filters of 3·3·3 and a batch normalization of 4 channels, counted in all ways."""
    (tmp_path / "net.yaml").write_text(NORMS, encoding="utf-8")
    head = "assignment: hw3\nspec: net.yaml\ncolumns: params\n"
    content = f"Layer,Params\nconv1,{conv}\nbn1,{norm}\n".encode()
    found = marked(tmp_path, f"conventions: {conventions}\n", content, head=head)
    assert (found.score, found.max_score) == (2, 2)


@pytest.mark.parametrize(("conventions", "norm"), [("{}", "12"), ("{batch_norm: 2C}", "6")])
def test_a_normalization_that_is_applied_again_stores_nothing_more(tmp_path: Path, conventions: str, norm: str) -> None:
    """3 channels: 4·3 or 2·3 numbers at its first place, and 0 at the second, however a course counts."""
    spec = "input: 8x8x3\nlayers:\n  - conv: 3 3x3 same\n  - bn:\n  - conv: 3 3x3 same\n  - share: bn1\n"
    (tmp_path / "net.yaml").write_text(spec, encoding="utf-8")
    head = "assignment: hw3\nspec: net.yaml\ncolumns: params\nrows: {asked: [bn1, bn2]}\n"
    content = f"Layer,Params\nconv1,84\nbn1,{norm}\nconv2,84\nbn2,0\n".encode()
    found = marked(tmp_path, f"conventions: {conventions}\n", content, head=head)
    assert (found.score, found.max_score) == (4, 4)


def test_rows_that_are_asked_for_and_missing_are_said(tmp_path: Path) -> None:
    """And those alone: nobody asked for a pooling."""
    text = "columns: params\nrows: {optional: [dense, pool], asked: [fc3]}\n"
    found = marked(tmp_path, text, table([row for row in ROWS if row[0] not in ("POOL1", "FC3", "FC4")]))
    assert found.table is not None
    assert [remark for remark in found.table.remarks if "no row" in remark] == [
        "these layers of `lenet5-rgb` have no row: `fc3`"
    ]
    assert [(mark.layer, mark.line) for mark in found.marks if mark.status is Status.MISSING] == [("fc3", 0)]


def test_another_convention_is_named(tmp_path: Path) -> None:
    """A number that is right as others count is no slip."""
    (tmp_path / "net.yaml").write_text(NORMS, encoding="utf-8")
    head = "assignment: hw3\nspec: net.yaml\ncolumns: params\nconventions: {batch_norm: 2C}\n"
    found = marked(tmp_path, "", b"Layer,Params\nconv1,112\nbn1,16\n", head=head)
    assert (found.score, found.max_score, found.diagnosis.findings) == (1, 2, ())
    mark = cell(found, "bn1", "params")
    assert cell_message(found, mark, Reveal.HINT) == "this course counts in another way"
    assert cell_message(found, mark, Reveal.FULL) == "expected 8; this course counts in another way"


def test_slips_are_those_of_the_convention(tmp_path: Path) -> None:
    """Where biases do not count, nobody has forgotten them: 200 is one input channel, and no second slip."""
    content = b"Layer,Params\nCONV1,200\nCONV2,1600\n"
    found = marked(tmp_path, "columns: params\nconventions: {biases: out}\n", content)
    assert [entry.slips for entry in found.diagnosis.explanations] == [("no_channels",), ("size_for_params",)]
    assert message(found.diagnosis.explanations[0]) == (
        "200 = 5·5·1·8: one input channel was counted. A filter is as deep as its input: F·F·C. → 5·5·3·8 = 600"
    )
    titled = check(cnnspec.load("lenet5-rgb"), content.replace(b"Params", b"Params (without biases)"), "table.csv")
    assert [entry.slips for entry in titled.diagnosis.explanations] == [("no_channels",), ("size_for_params",)]


@pytest.mark.parametrize("conventions", ["{}", "{batch_norm: 2C}", "{biases: out}", "{biases: out, batch_norm: 2C}"])
def test_quizzes_count_as_the_course_does(tmp_path: Path, conventions: str) -> None:
    """Every right answer is right for marking, every wrong one wrong, and what is right elsewhere is among them."""
    (tmp_path / "net.yaml").write_text(NORMS, encoding="utf-8")
    path = tmp_path / "hw3.yaml"
    path.write_text(f"assignment: hw3\nspec: net.yaml\ncolumns: params\nconventions: {conventions}\n", encoding="utf-8")
    _, homework = open_homework(str(path))
    assert homework is not None
    plan = Plan(("params",), conventions=homework.marking.conventions)
    asked = list(questions(practice(cnnspec.summarize(homework.graph), plan)))
    right = {"{}": (112, 16), "{batch_norm: 2C}": (112, 8), "{biases: out}": (108, 12)}.get(conventions, (108, 4))
    assert tuple(question.answer for question in asked) == right
    for question, layer, usual in zip(asked, ("conv1", "bn1"), (112, 16), strict=True):
        for answer in (question.answer, *(wrong.answer for wrong in question.wrong)):
            table = f"Layer,Params\n{layer},{answer}\n".encode()
            found = check(homework.graph, table, "table.csv", homework.marking)
            assert (cell(found, layer, "params").status is Status.CORRECT) == (answer == question.answer)
        assert usual in (question.answer, *(wrong.answer for wrong in question.wrong))
    assert str(right[0]) in asked[0].solution.replace(",", "").split()[-1]


def test_accepted_answers(tmp_path: Path) -> None:
    """The teacher's last word: a cell earns what is written, with the reason."""
    rows = [("CONV1", "28x28x8", "6272", "600"), ("POOL1", "14x14x8", "1568", "7"), *ROWS[2:]]
    text = """columns: params
accept:
  - {row: conv1, column: params, value: 600, credit: 1/2, reason: the sheet was unclear}
  - {row: pool1, column: params, value: 7, reason: a misprint}
  - {row: fc3, column: params, value: 48120, credit: 0}
"""
    found = marked(tmp_path, text, table(rows))
    assert (found.score, found.max_score) == (1 + 2 + 0 + 4 * 2, 14)
    assert [mark.status for mark in found.marks[:2]] == [Status.WRONG, Status.CORRECT]
    assert cell(found, "conv1", "params").remark == "the sheet was unclear"
    assert found.diagnosis.findings == ()


def test_an_accepted_shape(tmp_path: Path) -> None:
    """A value is compared as a value, and may stand in brackets as it does in a table."""
    rows = [("CONV1", "27x27x8", "", ""), *ROWS[1:]]
    text = "columns: [shape]\naccept:\n  - {row: conv1, column: shape, value: [27, 27, 8]}\n"
    assert points(tmp_path, text, table(rows)) == (7, 7)


def test_credit_for_named_slips(tmp_path: Path) -> None:
    """A wrong cell whose slip is known earns a share: 208 is 5·5·1·8 + 8."""
    rows = [("CONV1", "28x28x8", "6272", "208"), *ROWS[1:]]
    assert points(tmp_path, "columns: params\nslips: half\n", table(rows)) == (13, 14)
    assert points(tmp_path, "columns: params\n", table(rows)) == (6, 7)


def test_weights_and_biases_are_parameters(tmp_path: Path) -> None:
    """Two columns that say the parameters together are the column that is asked for."""
    content = "Layer,Weights,Biases\nCONV1,600,8\nPOOL1,0,0\nCONV2,3200,16\nPOOL2,-,-\n"
    content += "FC3,48000,120\nFC4,10080,84\nSoftmax,840,10\n"
    assert points(tmp_path, "columns: params\n", content.encode()) == (7, 7)
    content = "Layer,Weights (K),Biases\nCONV1,0.6,8\nPOOL1,0,0\nCONV2,3.2,16\nPOOL2,-,-\n"
    content += "FC3,48,120\nFC4,10.08,84\nSoftmax,0.84,10\n"
    assert points(tmp_path, "columns: params\n", content.encode()) == (7, 7)


@pytest.mark.parametrize(
    ("weights", "biases", "status", "given"),
    [
        ("608", "", Status.CORRECT, "608"),  # together in one of them
        ("", "608", Status.CORRECT, "608"),
        ("600", "9", Status.WRONG, "600 + 9"),
        ("", "", Status.MISSING, ""),
        ("x", "8", Status.UNREADABLE, "?"),
    ],
)
def test_the_sum_of_two_cells(tmp_path: Path, weights: str, biases: str, status: Status, given: str) -> None:
    """A blank one adds nothing; two blank ones say nothing."""
    content = f"Layer,Weights,Biases\nCONV1,{weights},{biases}\nPOOL1,0,0\n".encode()
    mark = cell(marked(tmp_path, "columns: params\n", content), "conv1", "params")
    assert (mark.status, mark.given) == (status, given)


def test_a_row_for_two_layers(tmp_path: Path) -> None:
    """What such a row does not say of one layer follows from what it says of the other."""
    content = (CASES / "m12b_convpool.csv").read_bytes()
    score, most = points(tmp_path, "columns: [shape, params]\n", content)
    assert (score, most) == (14, 14)


def test_all_faults_at_once(tmp_path: Path) -> None:
    """Each with its place."""
    text = """columns: [shape, parms]
rows: {given: [conv1, conv77], optional: [conv1], some: x}
points: {cell: -1, column: {params: x}, row: {fc9: 1}}
titles: {Zahl: number}
labels: {卷积层1: conv9}
conventions: {batch_norm: 3C, rounding: maybe}
follow_through: some
slips: 2
reveal: all
accept: [{row: conv1, value: 3}]
due: {a: b}
colums: 3
"""
    assert faults_of(tmp_path, text) == [
        ("E415", "parms"),
        ("E415", "conv77"),
        ("E416", "conv1"),
        ("E108", "some"),
        ("E105", "-1"),
        ("E105", "x"),
        ("E415", "fc9"),
        ("E415", "number"),
        ("E415", "conv9"),
        ("E105", "3C"),
        ("E105", "maybe"),
        ("E105", "some"),
        ("E105", "2"),
        ("E105", "all"),
        ("E107", "{row: conv1, value: 3}"),
        ("E112", "{a: b}"),
        ("E108", "colums"),
    ]


def test_faults_of_the_spec_come_with_those_of_the_assignment(tmp_path: Path) -> None:
    """One run shows both."""
    (tmp_path / "net.yaml").write_text("input: 8x8x3\nlayers: [conv: {kernal: 3}]\n", encoding="utf-8")
    codes = [code for code, _ in faults_of(tmp_path, "colums: 3\n", "assignment: hw\nspec: net.yaml\n")]
    assert codes[0] == "E108"
    assert "E103" in codes


@pytest.mark.parametrize(
    ("head", "code"),
    [
        ("assignment: hw3\n", "E107"),
        ("assignment: hw3\nspec: ../net.yaml\n", "E601"),
        ("assignment: hw3\nspec: lenet55\n", "E601"),
        ("assignment: hw3\nassignment: hw4\nspec: lenet5\n", "E102"),
        ("assignment: hw3\nspec: lenet5-rgb\nrows: {optional: [conv, pool, dense]}\n", "E416"),
        ("assignment: [a]\nspec: lenet5-rgb\n", "E105"),
        ("assignment: hw3\nspec: lenet5-rgb\npoints: 3\n", "E112"),
        ("assignment: hw3\nspec: lenet5-rgb\ncolumns: []\n", "E105"),
    ],
)
def test_what_is_refused(tmp_path: Path, head: str, code: str) -> None:
    """A single fault each."""
    assert [found for found, _ in faults_of(tmp_path, "", head)] == [code]


@pytest.mark.parametrize("code", ["E415", "E416"])
def test_the_examples_of_the_catalogue(tmp_path: Path, code: str) -> None:
    """They fail with their own code alone."""
    example = re.search(r"^```assignment\n(.*?)^```", entry(code), re.MULTILINE | re.DOTALL)
    assert example is not None
    assert {found for found, _ in faults_of(tmp_path, "", example[1])} == {code}


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        (HEAD, True),
        ("# hw\nspec: lenet5\n'assignment': hw3\n", True),
        ("{spec: lenet5, assignment: hw3}\n", True),
        ("input: 8x8x3\nlayers: [flatten]\n", False),
        ("meta:\n  assignment: x\ninput: 8x8x3\nlayers: [flatten]\n", False),
        ("assignment: [\n", True),
    ],
)
def test_what_is_an_assignment(text: str, is_one: bool) -> None:  # noqa: FBT001 - what is expected
    """A mapping with the key `assignment`, broken or not; a spec that speaks of one elsewhere is none."""
    assert is_assignment(Source("a.yaml", text)) is is_one


def run(*words: object, code: int = 0) -> Any:
    """Run a command line."""
    done = CliRunner().invoke(make_app(), [str(word) for word in words])
    assert done.exit_code == code, done.output + repr(done.exception)
    return done


def test_check_takes_one(tmp_path: Path) -> None:
    """Where a spec is accepted; what the file reveals is what is shown."""
    path, sheet = tmp_path / "hw3.yaml", tmp_path / "table.csv"
    sheet.write_bytes(table(columns=(0, 1)))
    path.write_text(HEAD + "columns: [shape, params]\npoints: {total: 10}\nreveal: verdict\n", encoding="utf-8")
    shown = run("check", path, sheet, code=1).output
    assert "7 of 14 cells right, score 7 of 14, that is 5 of 10" in shown
    assert "Right total" not in shown
    assert "Right total" in run("check", path, sheet, "--reveal", "full", code=1).output
    path.write_text(HEAD + "columns: [shape, parms]\n", encoding="utf-8")
    shown = run("check", path, sheet, code=1).stderr
    assert "hw3.yaml:3:18\n" in shown
    assert "  |                  ^^^^^\n" in shown
    assert "= help: did you mean `params`?" in shown


def test_grade_has_one_maximum(tmp_path: Path) -> None:
    """With an assignment and without one: tables with an input, without it, with a flatten row."""
    folder = tmp_path / "class"
    folder.mkdir()
    (folder / "a.csv").write_bytes(table([("Input", "32x32x3", "3072", "0"), *ROWS]))
    (folder / "b.csv").write_bytes(table())
    (folder / "c.csv").write_bytes(table([*ROWS[:4], ("Flatten", "400", "400", "0"), *ROWS[4:]]))
    (folder / "d.csv").write_bytes(table(columns=(0, 1, 3)))
    done = run("grade", "lenet5-rgb", folder)
    lines = [line.split(",")[:5] for line in done.stdout.splitlines()[1:]]
    assert lines == [
        ["a", "a.csv", "yes", "21", "21"],
        ["b", "b.csv", "yes", "21", "21"],
        ["c", "c.csv", "yes", "21", "21"],
        ["d", "d.csv", "yes", "14", "21"],
    ]
    said = "asked: activation shape, activation size, # parameters of conv1, pool1, conv2, pool2, fc3, fc4, softmax"
    assert f"{said} (21 cells)" in done.stderr
    path = tmp_path / "hw3.yaml"
    path.write_text(HEAD + "columns: [shape, params]\n", encoding="utf-8")
    done = run("grade", path, folder, "--jobs", 2)
    assert [line.split(",")[3:5] for line in done.stdout.splitlines()[1:]] == [["14", "14"]] * 4


def test_a_class_has_a_line_for_everybody_who_is_due(tmp_path: Path) -> None:
    """Whoever hands nothing in is a line that says so, and not every submission was graded."""
    folder = tmp_path / "class"
    folder.mkdir()
    for name in ("ada", "zoe"):
        (folder / f"{name}.csv").write_bytes(table())
    path = tmp_path / "hw3.yaml"
    path.write_text(HEAD + "due: [Ada, grace, zoe]\n", encoding="utf-8")
    done = run("grade", path, folder, code=1)
    lines = [line.split(",") for line in done.stdout.splitlines()[1:]]
    assert [(line[0], line[2], line[3]) for line in lines] == [
        ("ada", "yes", "21"),
        ("grace", "no", "0"),
        ("zoe", "yes", "21"),
    ]
    head = done.stdout.splitlines()[0].split(",")
    assert lines[1][head.index("error")] == "nothing was handed in"


@pytest.mark.parametrize("spec", ["lenet5-rgb", "resnet18", "unet", "siamese", "mnist-cnn"])
def test_a_first_assignment_asks_what_is_usual(tmp_path: Path, spec: str) -> None:
    """The commented file is right, and asks for just what an assignment without decisions asks for."""
    path = tmp_path / "hw3.yaml"
    run("assignment", spec, "-o", path)
    run("validate", path)
    first = open_homework(str(path))[1]
    assert first is not None
    assert first.name == "hw3"
    bare = opened(tmp_path, "", f"assignment: hw3\nspec: {spec}\n")
    assert first.marking == bare.marking


@pytest.mark.parametrize("spec", ["lenet5-rgb", "resnet50", "vit-b16"])
def test_a_first_assignment_fits_80_columns(spec: str) -> None:
    """Comments and rows."""
    assert [line for line in run("assignment", spec).output.splitlines() if len(line) > 80] == []


def test_every_key_is_shown_in_the_first_assignment(tmp_path: Path) -> None:
    """With its comment signs taken away, each of its keys stands there and is right."""
    text = run("assignment", "lenet5-rgb").output
    keys = re.findall(r"^(?:# )?([a-z_]+):", text, re.MULTILINE)
    assert keys == [*KEYS]
    whole = re.sub(r"^( *)# (?=[a-z_]+: [{\[\d]|  - |    [a-z]|accept:$)", r"\1", text, flags=re.MULTILINE)
    found = opened(tmp_path, whole, "")
    assert found.due == ("ada", "grace")
    assert found.marking.out_of == 10
    assert found.marking.accepted[0].reason == "the sheet was unclear"


def test_an_assignment_lies_beside_its_spec(tmp_path: Path) -> None:
    """Or above it; it names the spec by the path from there."""
    (tmp_path / "nets").mkdir()
    net = tmp_path / "nets" / "net.yaml"
    net.write_text(NORMS, encoding="utf-8")
    run("assignment", net, "-o", tmp_path / "hw3.yaml")
    run("validate", tmp_path / "hw3.yaml")
    (tmp_path / "other").mkdir()
    assert "E702" in run("assignment", net, "-o", tmp_path / "other" / "hw3.yaml", code=2).stderr
    assert "E702" in run("assignment", "-", code=2).stderr


def test_validate_shows_all_faults(tmp_path: Path) -> None:
    """Of specs and assignments alike."""
    path = tmp_path / "hw3.yaml"
    path.write_text(HEAD + "columns: [shapes]\nreveal: all\n", encoding="utf-8")
    shown = run("validate", path, code=1).stderr
    assert "error[E415]" in shown
    assert "error[E105]" in shown


def test_practice_takes_one(tmp_path: Path) -> None:
    """A sheet has the columns that are asked for, rows that are given are filled in, and numbers are the course's."""
    (tmp_path / "net.yaml").write_text(NORMS, encoding="utf-8")
    path = tmp_path / "hw3.yaml"
    text = "assignment: hw3\nspec: net.yaml\ncolumns: params\nrows: {given: [bn]}\nconventions: {batch_norm: 2C}\n"
    path.write_text(text, encoding="utf-8")
    sheet = run("practice", path).output
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in sheet.splitlines() if line[:2] == "| "]
    assert rows[0][-1] == "\\# Parameters"
    assert (rows[-2][0], rows[-2][-1]) == ("conv1", "")
    assert (rows[-1][0], rows[-1][-1]) == ("bn1", "8")
    (tmp_path / "sheet.md").write_text(sheet, encoding="utf-8")
    assert "score 0 of 1" in run("check", path, tmp_path / "sheet.md", code=1).output
    run("practice", path, "--with-key", "-o", tmp_path / "new.md")
    assert "score 1 of 1" in run("check", path, tmp_path / "new.key.md").output


def test_an_assignment_is_no_spec(tmp_path: Path) -> None:
    """Commands about networks say what the file is, instead of finding fault with each of its keys."""
    path = tmp_path / "hw3.yaml"
    path.write_text(HEAD + "columns: [shape]\n", encoding="utf-8")
    shown = run("summarize", path, code=1).stderr
    assert shown.count("error[") == 1
    assert "this is an assignment, not a spec" in shown


def test_batch_norms_as_pytorch_counts(tmp_path: Path) -> None:
    """The summary that torchsummary prints is all right where the course counts as it does."""
    (tmp_path / "net.yaml").write_bytes((CASES / "bnspec.yaml").read_bytes())
    head = "assignment: hw3\nspec: net.yaml\ncolumns: [shape, params]\n"
    content = (CASES / "bnts.txt").read_bytes()
    found = marked(tmp_path, "conventions: {batch_norm: 2C}\n", content, "bnts.txt", head)
    assert (found.score, found.max_score, found.diagnosis.findings) == (14, 14, ())
    found = marked(tmp_path, "", content, "bnts.txt", head)
    assert (found.score, found.max_score) == (12, 14)


def test_a_label_may_mean_the_sums(tmp_path: Path) -> None:
    """The row of sums is asked for, and called as the course calls it."""
    text = "columns: params\nrows: {asked: [total]}\nlabels: {Alles: total}\n"
    assert points(tmp_path, text, table([*ROWS, ("Alles", "", "", "62958")])) == (8, 8)
    assert points(tmp_path, text, table([*ROWS, ("Alles", "", "", "62959")])) == (7, 8)
    assert points(tmp_path, text, table()) == (7, 8)


def test_follow_through_and_shares_stay_whole(tmp_path: Path) -> None:
    """A wrong shape, and a pool that follows from it for half: 27x27x8 pools to 13x13x8, and so on."""
    shapes = ("27x27x8", "13x13x8", "9x9x16", "4x4x16", "120", "84", "10")
    rows = [(row[0], shape, "", "") for row, shape in zip(ROWS, shapes, strict=True)]
    found = marked(tmp_path, "columns: [shape]\nfollow_through: half\n", table(rows))
    assert (found.score, found.score_without_follow_through, found.max_score) == (9, 6, 14)
    found = marked(tmp_path, "columns: [shape]\nfollow_through: none\n", table(rows))
    assert (found.score, found.max_score) == (3, 7)


@pytest.mark.parametrize("share", ["1/7", "0.001", "-1", "1.5", "x", "1/0", "[1]"])
def test_shares_that_are_refused(tmp_path: Path, share: str) -> None:
    """Hundredths and thirds, from 0 to 1."""
    assert faults_of(tmp_path, f"slips: {share}\n") == [("E105", share)]


def test_keys_without_a_value_decide_nothing(tmp_path: Path) -> None:
    """As what is left where everything below a key is a comment."""
    bare = opened(tmp_path, "")
    other = opened(tmp_path, "points:\ntitles:\nlabels:\nrows:\nconventions:\naccept:\ndue:\n")
    assert other._replace(source=bare.source) == bare


def test_columns_of_a_class_that_has_weights_and_biases(tmp_path: Path) -> None:
    """They say the parameters together: whoever has them apart and whoever has the sum can earn as much."""
    folder = tmp_path / "class"
    folder.mkdir()
    apart = "Layer,Weights,Biases\nCONV1,600,8\nPOOL1,0,0\nCONV2,3200,16\nPOOL2,0,0\n"
    apart += "FC3,48000,120\nFC4,10080,84\nSoftmax,840,10\n"
    for name in ("a", "b"):
        (folder / f"{name}.csv").write_text(apart, encoding="utf-8")
    (folder / "c.csv").write_bytes(table(columns=(0, 3)))
    done = run("grade", "lenet5-rgb", folder)
    assert [line.split(",")[3:5] for line in done.stdout.splitlines()[1:]] == [["7", "7"]] * 3
    done = run("grade", "lenet5-rgb", folder, "--weight", "params=2")
    assert [line.split(",")[3:5] for line in done.stdout.splitlines()[1:]] == [["14", "14"]] * 3


def test_channels_first(tmp_path: Path) -> None:
    """Such shapes are right with a remark, unless the course wants its own order."""
    rows = [("CONV1", "8x28x28", "", ""), *ROWS[1:]]
    assert points(tmp_path, "columns: [shape]\n", table(rows)) == (7, 7)
    found = marked(tmp_path, "columns: [shape]\nconventions: {channels_first: false}\n", table(rows))
    assert (found.score, found.max_score, found.diagnosis.findings) == (6, 7, ())


def test_a_title_that_narrows_a_column_is_said(tmp_path: Path) -> None:
    """A column of parameters without biases is marked as weights, and the teacher learns of it."""
    found = marked(tmp_path, "columns: [params]\n", (CASES / "wobias.csv").read_bytes())
    assert found.table is not None
    assert "the column `# Parameters` was marked as weights, for its title says so" in found.table.remarks
    assert (found.score, found.max_score) == (7, 7)
