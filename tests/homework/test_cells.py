"""The spellings of numbers, shapes, rows and columns that students use."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Final

import pytest
from typer.testing import CliRunner

import cnnspec
from cnnspec.cli.app import make_app
from cnnspec.homework.marking.checking import check
from cnnspec.homework.tables.cells import UnreadableError, read_number, read_shape, same_shape
from cnnspec.homework.tables.columns import recognise
from cnnspec.ir.shapes import Shape

app = make_app(["check", "explain"])
TABLE: Final = "Layer;Activation shape;Activation size;# parameters\nCONV1;(28,28,8);6272;208\n"


@pytest.mark.parametrize(
    "text",
    [
        "3072",
        "3,072",
        "3 072",
        "3\u202f072",
        "3\xa0072",
        "3'072",
        "3’072",
        "3_072",
        "3.072",
        " 3072 ",
        "3072.0",
        "32*32*3",
        "32x32x3",
        "32 × 32 × 3",
        "32·32·3",
        "32^2*3",
        "3072 params",
        "32*32*3 = 3,072",
        "3072 = 32*32*3",
        "(32·32)·3",
        "3,000 + 72",
        "6144/2",
        "`3072`",
        "$3072$",
        "32X32X3",
    ],
)
def test_numbers(text: str) -> None:
    """Thousands separators, formulas, results behind or in front of them."""
    assert read_number(text).value == 3072


@pytest.mark.parametrize(
    "text",
    ["", "abc", "9**9**9", "1/0", "0x10b", "=1+1+cmd", "1e3", "3,07", "1 2", "٣+٤", "1" * 30, "1+" * 100, "print(1)"],
)
def test_what_is_no_number(text: str) -> None:
    """Code, words and numbers beyond every bound."""
    with pytest.raises(UnreadableError):
        read_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "28x28x8",
        "28×28×8",
        "28 x 28 x 8",
        "(28, 28, 8)",
        "[28,28,8]",
        "{28; 28; 8}",
        "28 28 8",
        "28*28*8",
        "28 by 28 by 8",
        "(None, 28, 28, 8)",
        "(?, 28, 28, 8)",
        "(m,28,28,8)",
        "(28,28,8,)",
        "8@28x28",
        "28x28@8",
        "`28x28x8`",
    ],
)
def test_shapes(text: str) -> None:
    """Brackets, signs, batch axes, and LeCun's way."""
    assert read_shape(text).value == (28, 28, 8)


def test_shapes_with_fractions_and_thousands() -> None:
    """A fraction stays one; `1,568` is a vector where one of that length is expected."""
    assert read_shape("(14.5, 14.5, 8)").value == (Fraction(29, 2), Fraction(29, 2), 8)
    assert read_shape("1,568").value == (1, 568)
    assert read_shape("1,568", (1568,)).value == read_shape("(1 568,)", (1568,)).value == (1568,)


@pytest.mark.parametrize(
    ("given", "expected", "remark"),
    [
        ((120,), (120,), ""),
        ((120, 1), (120,), ""),
        ((1, 120), (120,), ""),
        ((1, 1, 120), (120,), ""),
        ((1,), (1,), ""),
        ((64, 120), (120,), "batch"),
        ((32, 28, 28, 8), (28, 28, 8), "batch"),
        ((8, 28, 28), (28, 28, 8), "channels stand first"),
        ((20, 10, 8), (10, 20, 8), "swapped"),
        ((), (1,), None),
        ((119,), (120,), None),
        ((27, 28, 8), (28, 28, 8), None),
        ((60, 2), (120,), None),
    ],
)
def test_forms_of_a_shape(given: Shape, expected: Shape, remark: str | None) -> None:
    """Vectors with ones, the batch, channels first and swapped sides are accepted, the unusual with a remark."""
    found = same_shape(given, expected)
    assert found is None if remark is None else found is not None and remark in found


@pytest.mark.parametrize(
    ("title", "column"),
    [
        ("# Parameters", "params"),
        ("Param #", "params"),
        ("Number of learnable parameters", "params"),
        ("Trainable params", "params"),
        ("Weights + biases", "params"),
        ("Weights", "weights"),
        ("Number of biases", "biases"),
        ("Activation Shape", "shape"),
        ("Output shape (H×W×C)", "shape"),
        ("Activation map dimensions", "shape"),
        ("Activation size", "size"),
        ("Number of neurons", "size"),
        ("Layer (type)", "layer"),
        ("Mult-Adds", "macs"),
        ("(shape)", "shape"),
        ("Comment", None),
        ("", None),
    ],
)
def test_titles(title: str, column: str | None) -> None:
    """Columns in the words of courses and tools."""
    assert recognise(title) == column


@pytest.mark.parametrize(
    ("cell", "points"),
    [("(8,28,28)", 3), ("(None,28,28,8)", 3), ("(32,28,28,8)", 3), ("8@28x28", 3), ("(28,28)", 2), ("", 2), ("?", 2)],
)
def test_points_of_a_shape(cell: str, points: int) -> None:
    """What is accepted with a remark costs nothing."""
    graph = cnnspec.loads("input: 32x32x3\nlayers: [conv: 8 5x5]\n")
    result = check(graph, TABLE.replace("(28,28,8)", cell).replace("208", "608").encode(), "table.csv")
    assert (result.score, result.max_score) == (points, 3)


@pytest.mark.parametrize("format", ["text", "json", "markdown", "gradescope", "classroom50", "junit"])
def test_exit_codes(tmp_path: Path, format: str) -> None:
    """0 for a right table, 1 for a wrong one, 2 for none; the runners of two formats want 0."""
    spec = tmp_path / "one.yaml"
    spec.write_text("input: 32x32x3\nlayers: [conv: 8 5x5]\n", encoding="utf-8")
    table = tmp_path / "table.csv"
    always = format in ("gradescope", "classroom50")
    for text, code in ((TABLE.replace("208", "608"), 0), (TABLE, 1), ("nothing", 2)):
        table.write_text(text, encoding="utf-8")
        done = CliRunner().invoke(app, ["check", str(spec), str(table), "--format", format, "--as-key"])
        assert done.exit_code == (0 if always else code), done.output
        if format in ("json", "gradescope", "classroom50"):
            json.loads(done.stdout)


@pytest.mark.parametrize("name", ["no_channels", "arithmetic", "pool_stride_one"])
def test_slips_are_explained(name: str) -> None:
    """`cnnspec explain` teaches a slip with an example."""
    done = CliRunner().invoke(app, ["explain", name])
    assert done.exit_code == 0
    assert "wrong  " in done.stdout
    assert "right  " in done.stdout


@pytest.mark.parametrize("option", ["params", "params=-1", "params=1.5", "banana=2", "params=9999999"])
def test_wrong_weights(tmp_path: Path, option: str) -> None:
    """Points are whole and not negative."""
    (tmp_path / "table.csv").write_text(TABLE, encoding="utf-8")
    done = CliRunner().invoke(app, ["check", "lenet5-rgb", str(tmp_path / "table.csv"), "--weight", option])
    assert done.exit_code == 2


def test_a_weight_of_a_column_that_is_there_is_about_its_number(tmp_path: Path) -> None:
    """A right name is not proposed in its own place."""
    (tmp_path / "table.csv").write_text(TABLE, encoding="utf-8")
    called = ["check", "lenet5-rgb", str(tmp_path / "table.csv"), "--weight"]
    assert "did you mean" not in CliRunner().invoke(app, [*called, "params=1,5"]).stderr
    assert "did you mean `params`?" in CliRunner().invoke(app, [*called, "param=1"]).stderr


def test_a_point_between_thousands_is_told_from_one_before_decimals() -> None:
    """Only what was read otherwise than written is remarked on."""
    plain = {"608.0": 608, "0.0": 0, "608.00": 608}
    grouped = {"15.690": 15690, "1.234.567": 1234567}
    assert {text: read_number(text).value for text in (*plain, *grouped)} == plain | grouped
    assert [text for text in (*plain, *grouped) if read_number(text).remark] == list(grouped)
