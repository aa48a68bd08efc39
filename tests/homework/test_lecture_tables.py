"""Tables of lectures and the test vectors of errors that are carried forward, marked cell by cell."""

from __future__ import annotations

from typing import Final

import pytest
from typer.testing import CliRunner

import cnnspec
from cnnspec.cli.app import make_app
from cnnspec.homework.feedback import Reveal
from cnnspec.homework.marking.checking import Check, FollowThrough, Marking, check
from cnnspec.homework.marking.marks import Status
from cnnspec.homework.reports import text as text_report

HEADER: Final = "Layer;Activation shape;Activation size;# parameters\n"
LECTURE: Final = (
    HEADER
    + """\
Input;(32,32,3);3,072;0
CONV1 (f=5, s=1);(28,28,8);6,272;208
POOL1;(14,14,8);1,568;0
CONV2 (f=5, s=1);(10,10,16);1,600;416
POOL2;(5,5,16);400;0
FC3;(120,1);120;48,001
FC4;(84,1);84;10,081
Softmax;(10,1);10;841
"""
)
NO_PLUS_ONE: Final = (
    HEADER
    + """\
CONV1;(27,27,8);5832;608
POOL1;(13,13,8);1352;0
CONV2;(9,9,16);1296;3216
POOL2;(4,4,16);256;0
FC3;120;120;30840
FC4;84;84;10164
Softmax;10;10;850
total;;;45678
"""
)
KEPT_CHANNELS: Final = (
    HEADER
    + """\
CONV1;(28,28,3);2352;608
POOL1;(14,14,3);588;0
CONV2;(10,10,16);1600;1216
POOL2;(5,5,16);400;0
FC3;120;120;48120
FC4;84;84;10164
Softmax;10;10;850
"""
)

app = make_app(["check"])


def checked(table: str, marking: Marking | None = None, spec: str = "lenet5-rgb") -> Check:
    """Return a table checked against a bundled network."""
    return check(cnnspec.load(spec), table.encode(), "table.csv", marking or Marking())


def statuses(result: Check, status: Status) -> list[tuple[str, str]]:
    """Return the cells of a status as layer and column."""
    return [(mark.layer, mark.column) for mark in result.marks if mark.status is status]


def run(tmp_path: object, table: str, *options: str) -> str:
    """Return what the command prints about a table, which is wrong somewhere."""
    file = f"{tmp_path}/table.csv"
    with open(file, "w", encoding="utf-8") as output:  # noqa: PTH123 - a path as text
        output.write(table)
    done = CliRunner().invoke(app, ["check", "lenet5-rgb", file, *options])
    assert done.exit_code == 1, done.output
    return done.output


def test_the_lectures_table_has_two_slips() -> None:
    """Five wrong cells are two misconceptions, not five."""
    result = checked(LECTURE)
    assert len(result.marks) == 24
    assert result.score == result.score_without_follow_through == 19
    assert [(finding.slip, [mark.layer for mark in finding.marks]) for finding in result.diagnosis.findings] == [
        ("no_channels", ["conv1", "conv2"]),
        ("one_bias_per_layer", ["fc3", "fc4", "softmax"]),
    ]


def test_the_lectures_table_as_a_key(tmp_path: object) -> None:
    """The erratum is named, the right total is shown, with and without the slide's own total."""
    for table in (LECTURE, LECTURE + "Total;;;59,547\n"):
        output = run(tmp_path, table, "--as-key")
        assert "62,958" in output
        assert "known erratum: the LeNet-5 table" in output
        assert "208, 416, 48,001, 10,081, 841" in output


def test_equations_have_the_numbers_put_in() -> None:
    """What the student computed stands beside what is right."""
    output = text_report.render(checked(LECTURE), Reveal.FULL)
    assert "208 = (5·5·1 + 1)·8, right is (5·5·3 + 1)·8 = 608" in output
    assert "48,001 = 400·120 + 1, right is (400 + 1)·120 = 48,120" in output
    assert "3 channels, right is 8 channels" in text_report.render(checked(KEPT_CHANNELS), Reveal.FULL)


def test_a_forgotten_one_is_one_error() -> None:
    """T1: the shape of CONV1 is the one root error, everything later follows through, the total too."""
    result = checked(NO_PLUS_ONE)
    assert statuses(result, Status.WRONG) == [("conv1", "shape")]
    assert [finding.slip for finding in result.diagnosis.findings] == ["no_plus_one"]
    assert statuses(result, Status.FOLLOW_THROUGH) == [
        ("conv1", "size"),
        ("pool1", "shape"),
        ("pool1", "size"),
        ("conv2", "shape"),
        ("conv2", "size"),
        ("pool2", "shape"),
        ("pool2", "size"),
        ("fc3", "params"),
        ("total", "params"),
    ]
    assert (result.score, result.score_without_follow_through, result.max_score) == (21, 12, 22)


def test_kept_channels_are_one_error() -> None:
    """T2: the channels of CONV1 are the one root error, the parameters of CONV2 follow through."""
    result = checked(KEPT_CHANNELS)
    assert statuses(result, Status.WRONG) == [("conv1", "shape")]
    assert [finding.slip for finding in result.diagnosis.findings] == ["channels_kept"]
    assert ("conv2", "params") in statuses(result, Status.FOLLOW_THROUGH)
    assert (result.score, result.max_score) == (20, 21)


@pytest.mark.parametrize(
    ("follow_through", "score", "without", "most"),
    [(FollowThrough.FULL, 21, 12, 22), (FollowThrough.HALF, 33, 24, 44), (FollowThrough.NONE, 12, 12, 22)],
)
def test_credit_for_follow_through(follow_through: FollowThrough, score: int, without: int, most: int) -> None:
    """Half credit doubles all points, so that they stay whole."""
    result = checked(NO_PLUS_ONE, Marking(follow_through=follow_through))
    assert (result.score, result.score_without_follow_through, result.max_score) == (score, without, most)


def test_weights() -> None:
    """Columns have points: of 8 cells of parameters five are wrong."""
    result = checked(LECTURE, Marking({"shape": 2, "size": 0, "params": 3}))
    assert (result.score, result.max_score) == (8 * 2 + 3 * 3, 8 * 2 + 8 * 3)
    result = checked(LECTURE, Marking({"shape": 2}))  # a column without weight: 8 shapes for 2, 16 other cells for 1
    assert (result.score, result.max_score) == (8 * 2 + 11, 8 * 2 + 16)


@pytest.mark.parametrize(
    "shape",
    ["(0,0,8)", "(-3,-3,8)", "(1,1,8)", "(28,28,0)", "(3,3,8)", "(28.5,28.5,8)", "99999999999x99999999999x8", "28"],
)
def test_trivial_shapes_are_not_carried_on(shape: str) -> None:
    """Later rows are marked as if the shape had not been given: nobody makes them easy, nor loses them."""
    result = checked(f"{HEADER}CONV1;{shape};6272;608\nPOOL1;(14,14,8);1568;0\nCONV2;(10,10,16);1600;3216\n")
    assert ("conv1", "shape") in statuses(result, Status.WRONG)
    later = [mark for mark in result.marks if mark.layer in ("pool1", "conv2")]
    if shape == "(3,3,8)":
        assert {mark.status for mark in later if mark.layer == "conv2"} == {Status.CORRECT}
    else:
        assert {mark.status for mark in later} == {Status.CORRECT}


def test_a_wrong_size_feeds_the_dense_layer() -> None:
    """The parameters of a dense layer follow from the size above it, where that is what went wrong."""
    result = checked(f"{HEADER}POOL2;(5,5,16);40;0\nFC3;120;120;{41 * 120}\n")
    assert ("pool2", "size") in statuses(result, Status.WRONG)
    assert ("fc3", "params") in statuses(result, Status.FOLLOW_THROUGH)


def test_left_out_rows_cost_their_points() -> None:
    """A layer that must have a row and has none gives missing cells; a flatten may be left out."""
    result = checked(HEADER + "CONV1;(28,28,8);6272;608\n")
    assert (result.score, result.max_score) == (3, 21)
    assert len(statuses(result, Status.MISSING)) == 18
    assert result.table is not None
    assert any("have no row" in remark and "`softmax`" in remark for remark in result.table.remarks)


def test_rows_of_no_layer_are_told() -> None:
    """A row that speaks of no layer is not silently dropped."""
    result = checked(LECTURE + "CONV9;(1,1,1);1;1\nBanana;2;2;2\n")
    assert result.table is not None
    assert any("`CONV9`, `Banana`" in remark for remark in result.table.remarks)
    assert result.max_score == 24


EXAM: Final = """\
Layer;Activation map dimensions;Number of weights;Number of biases
INPUT;128x128x3;0;0
CONV-9-32;120x120x32;7776;32
POOL-2;60x60x32;0;0
CONV-5-64;56x56x64;51200;64
POOL-2;28x28x64;0;0
CONV-5-64;24x24x64;102400;64
POOL-2;12x12x64;0;0
FC-3;3;27648;3
"""
EXAM_SPEC: Final = """\
input: 128x128x3
layers: [conv: 32 9x9, maxpool: 2, conv: 64 5x5, maxpool: 2, conv: 64 5x5, maxpool: 2, flatten, dense: 3]
"""


def test_a_past_exam_with_split_columns() -> None:
    """Weights and biases have columns of their own, and slips in them are found."""
    graph = cnnspec.loads(EXAM_SPEC)
    result = check(graph, EXAM.encode(), "exam.csv")
    assert result.passed
    assert result.max_score == 24
    wrong = EXAM.replace("51200;64", "1600;1").replace("102400;64", "102400;1")
    result = check(graph, wrong.encode(), "exam.csv")
    assert [(finding.slip, len(finding.marks)) for finding in result.diagnosis.findings] == [
        ("no_channels", 1),
        ("one_bias_per_layer", 2),
    ]


def test_trainable_parameters_of_a_batch_norm() -> None:
    """The convention of the title counts: 2·C where the column asks for what is learned, else 4·C."""
    graph = cnnspec.loads("input: 28x28x8\nlayers: [bn]\n")
    for title, right in (("Params", 32), ("Trainable params", 16), ("# learnable parameters", 16)):
        assert check(graph, f"Layer,{title}\nbn1,{right}\n".encode(), "table.csv").passed
    result = check(graph, b"Layer,Params\nbn1,16\n", "table.csv")
    assert [finding.slip for finding in result.diagnosis.findings] == ["bn_trained_only"]


@pytest.mark.parametrize(
    ("cell", "slips"),
    [
        ("200", {"no_channels", "no_bias"}),
        ("201", {"no_channels", "one_bias_per_layer"}),
        ("6080", {"arithmetic"}),
        ("680", {"arithmetic"}),
        ("(5*5*3+1)*8 = 688", {"arithmetic"}),
        ("(5*5*3+1)*8 = 610", {"arithmetic"}),
    ],
)
def test_two_slips_and_slips_of_arithmetic(cell: str, slips: set[str]) -> None:
    """Two slips in one cell are found, and a right formula with a wrong result."""
    result = checked(HEADER + f"CONV1;28x28x8;6272;{cell}\n")
    assert {finding.slip for finding in result.diagnosis.findings} == slips


def test_a_pair_of_slips_reads_well() -> None:
    """Both mistakes and both hints stand in one sentence each."""
    output = text_report.render(checked(HEADER + "CONV1;28x28x8;6272;200\n"), Reveal.FULL)
    assert "200 = 5·5·1·8, right is (5·5·3 + 1)·8 = 608" in output


@pytest.mark.parametrize(
    ("spec", "change", "difference"),
    [
        ("lenet5-rgb", {"padding": "same"}, "`same` padding in the convolutions"),
        ("lenet5", {"padding": "valid"}, "`valid` padding in the convolutions"),
        ("lenet5-rgb", {"bias": False}, "no biases"),
        ("lenet5-rgb", {"pool": (3, 3), "stride": (3, 3)}, "windows of 3 in the pooling"),
    ],
)
def test_a_table_that_is_right_for_another_network(spec: str, change: dict[str, object], difference: str) -> None:
    """A whole convention that differs is told as such."""
    from cnnspec.homework.marking.near_networks import vary  # noqa: PLC0415 - only this test

    graph = cnnspec.load(spec)
    pools = "pool" in change
    other = vary(graph, lambda layer: change if (layer.kind == "maxpool") is pools else {})
    assert other is not None
    rows = [f"{row.name};{row.shape};{row.activation_size};{row.params}" for row in cnnspec.summarize(other)]
    result = checked(HEADER + "\n".join(rows), spec=spec)
    assert result.variant is not None
    assert result.variant.difference == difference


def test_what_is_right_on_the_way() -> None:
    """An equation with the student's own earlier row says so, and what is right with the right one."""
    output = text_report.render(checked(f"{HEADER}flatten;26;26;0\nFC3;120;120;3120\n"), Reveal.FULL)
    assert "3,120 = 26·120, right is (26 + 1)·120 = 3,240" in output
    assert "that is with your own earlier row, with the right one it is 48,120" in output
