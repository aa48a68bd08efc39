"""Homework tables that were judged unfairly once, with the verdict that is fair."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

import pytest

import cnnspec
from cnnspec.homework.diagnosis.diagnosis import digits_of, message
from cnnspec.homework.marking.checking import Check, check
from cnnspec.homework.marking.marks import Status
from cnnspec.homework.tables.cells import Answer

CASES: Final = Path(__file__).parents[1] / "cases" / "homework"
CLASSIC: Final = """
name: classic
input: 32x32x1
layers:
  - conv: 6 5x5 tanh
  - avgpool: 2
  - conv: 16 5x5 tanh
  - avgpool: 2
  - conv: 120 5x5 tanh
  - flatten
  - dense: 84 tanh
  - dense: 10 softmax
"""


class Verdict(NamedTuple):
    """The points of a table, those that it has, and the slips that are named."""

    score: int
    maximum: int
    slips: tuple[str, ...] = ()
    remark: str = ""


VERDICTS: Final = {
    "hw.ipynb": Verdict(14, 14),
    "k3_fence.md": Verdict(16, 16),
    "k3_nobars.txt": Verdict(16, 16),
    "m02_outputsize_tuple.csv": Verdict(14, 14),
    "m03_outputsize_wrong.csv": Verdict(13, 14, ("no_plus_one",)),
    "m06_german.csv": Verdict(24, 24),
    "m06c_german_dec.csv": Verdict(24, 24),
    "m08_wrongarith.csv": Verdict(16, 21, ("arithmetic",)),
    "m09b_chinese_rows.md": Verdict(16, 16),
    "m12b_convpool.csv": Verdict(10, 10),
    "m13_transposed.csv": Verdict(24, 24, remark="the table was turned: its columns are the layers"),
    "m15_sentence.csv": Verdict(21, 21),
    "m18b_layernumbers.csv": Verdict(16, 16),
    "m19_onlyrelu.csv": Verdict(18, 18),
    "m20_hw_cols.csv": Verdict(16, 16),
    "m21_bullets.txt": Verdict(14, 14),
    "m23_weights_per.csv": Verdict(21, 21),
    "m26_sum_titles.csv": Verdict(21, 21),
    "noof.csv": Verdict(14, 14),
    "paramsk.csv": Verdict(14, 14),
    "sep.csv": Verdict(16, 16),
    "wobias.csv": Verdict(7, 7),
}


def marked(name: str, spec: str = "lenet5-rgb") -> Check:
    """Return the marks of a table of the cases."""
    graph = cnnspec.loads(spec) if "\n" in spec else cnnspec.load(spec)
    return check(graph, (CASES / name).read_bytes(), name)


@pytest.mark.parametrize("name", VERDICTS)
def test_a_verdict_is_fair(name: str) -> None:
    """Points as a teacher would give them, and no slip but the one that was made."""
    verdict, found = VERDICTS[name], marked(name)
    assert not found.faults
    assert (found.score, found.max_score) == (verdict.score, verdict.maximum)
    assert {slip for explanation in found.diagnosis.explanations for slip in explanation.slips} == {*verdict.slips}
    assert found.table is not None
    assert verdict.remark in ("", *found.table.remarks)


def test_a_shape_over_two_columns() -> None:
    """The layout of the best known page on LeNet-5: feature maps in one column, their size in the next."""
    found = marked("m01_lenet_classic_layout.md", CLASSIC)
    assert (found.score, found.max_score) == (8, 8)


def test_a_permuted_shape_is_wrong() -> None:
    """28x4x56 has as many elements as 28x28x8, and is another shape; 20x20 has no channels."""
    found = marked("m04_outputsize_permuted.csv")
    wrong = [mark.given for mark in found.marks if mark.status is Status.WRONG]
    assert (found.score, found.max_score, wrong) == (10, 14, ["28x4x56", "7x28x8", "40x40x1", "20x20"])


def test_shapes_without_channels_have_a_name() -> None:
    """28x28 for 28x28x8, in every layer with an image."""
    found = marked("m25_shape_hwc_wrong.csv")
    assert (found.score, found.max_score) == (10, 14)
    assert {explanation.slips for explanation in found.diagnosis.explanations} == {("shape_without_channels",)}
    assert len(found.diagnosis.explanations) == 4


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("3272", "3,272: a slip of the pen, not of understanding: one digit is another one. → 28·28·8 = 6,272"),
        ("2672", "2,672: a slip of the pen, not of understanding: two digits are swapped. → 28·28·8 = 6,272"),
        ("672", "672: a slip of the pen, not of understanding: a digit is missing. → 28·28·8 = 6,272"),
        (
            "28*28*8=6274",
            (
                "6,274: the formula is right, its result is not: one digit is another one. "
                "Recheck the product. → 28·28·8 = 6,272"
            ),
        ),
        ("28*28*8=6300", "6,300: the formula is right, its result is not. Recheck the product. → 28·28·8 = 6,272"),
    ],
)
def test_a_slip_of_the_pen_is_none_of_understanding(given: str, said: str) -> None:
    """One digit of one number."""
    graph = cnnspec.loads("input: 32x32x3\nlayers:\n  - conv: 8 5x5\n")
    found = check(graph, f"Layer,Size\nCONV1,{given}\n".encode(), "hw.csv")
    (explanation,) = found.diagnosis.explanations
    assert explanation.slips == ("arithmetic",)
    assert message(explanation) == said


@pytest.mark.parametrize(
    ("value", "expected", "said"),
    [
        (108, 100, "one digit is another one"),
        (98, 99, ""),  # two digits are too few for one of them to be a slip of the pen
        (21, 12, "two digits are swapped"),
        (10, 100, "a digit is missing"),
        (100, 10, "a digit is too many"),
        (19, 9, ""),
        (9, 19, ""),
        (12, 120, "a digit is missing"),
        (1, 100, ""),
        (35, 123, ""),
        (124, 35, ""),
        (312, 123, ""),  # three places differ
        (113, 131, "two digits are swapped"),
        (122, 211, ""),
        (129, 131, ""),
        (6272, (28, 28, 8), ""),
        ((28, 28, 8), 6272, ""),
    ],
)
def test_what_is_wrong_about_digits(value: Answer, expected: Answer, said: str) -> None:
    """One of at least three, two that changed places, one too many or too few; never of a single digit."""
    assert digits_of(value, expected) == said


def test_pytorchs_batch_norms_are_another_convention() -> None:
    """Counted with 2·C everywhere, they are one remark and no slip; a single one of several is a slip."""
    spec = (CASES / "bnspec.yaml").read_text(encoding="utf-8")
    found = marked("bnts.txt", spec)
    assert (found.score, found.max_score, found.diagnosis.explanations) == (18, 20, ())
    assert found.table is not None
    assert [remark for remark in found.table.remarks if "2·C" in remark] == [
        (
            "every batch normalization is counted with 2·C, as PyTorch counts; here what it stores counts too, 4·C, "
            "unless an assignment says `batch_norm: 2C`"
        )
    ]
    text = (CASES / "bnts.txt").read_bytes().replace(b"              32\n", b"              64\n")
    found = check(cnnspec.loads(spec), text, "bnts.txt")
    assert found.score == 19
    assert [explanation.slips for explanation in found.diagnosis.explanations] == [("bn_trained_only",)]


def test_rounded_numbers_are_read() -> None:
    """They are no slip, and what is wrong about them is said."""
    found = marked("m14_units.csv")
    wrong = [mark for mark in found.marks if mark.status is not Status.CORRECT]
    assert {mark.status for mark in wrong} == {Status.WRONG}
    assert {mark.remark for mark in wrong} == {"the number is rounded: write it in full"}
    assert found.diagnosis.explanations == ()
