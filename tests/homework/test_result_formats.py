"""Reports of a check: their contracts, what they give away, and what they do with hostile tables."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from functools import cache
from importlib import import_module
from typing import Any, Final

import pytest

import cnnspec
from cnnspec.analysis.measure import Summary, measure
from cnnspec.homework.feedback import Reveal
from cnnspec.homework.marking.asked import USUAL, ask, usual_rows
from cnnspec.homework.marking.checking import Check, FollowThrough, Marking, check, check_summary

FORMATS: Final = ("text", "json", "markdown", "gradescope", "classroom50", "prairielearn", "github", "junit")
HEADER: Final = "Layer;Activation shape;Activation size;# parameters\n"
WRONG: Final = (
    HEADER
    + """\
CONV1;(27,27,8);5832;208
POOL1;(13,13,8);;0
CONV2;(9,9,16);what;416
POOL2;(4,4,16);256;77
FC3;120;1200;30841
FC4;84;84;5
Softmax;10;10;33
total;;;12
"""
)
SECRETS: Final = ("28", "6272", "6,272", "608", "1568", "1,568", "3216", "3,216", "1600", "48120", "48,120", "10164")
SECRETS_TOO: Final = ("10,164", "850", "62958", "62,958", "849320", "849,320")


@cache
def lenet() -> Summary:
    """Return the measured network of the lecture's table."""
    return measure(cnnspec.load("lenet5-rgb"))


def checked(table: str, marking: Marking | None = None) -> Check:
    """Return a table checked."""
    return check_summary(lenet(), table.encode(), "table.csv", marking or Marking())


def rendered(result: Check, name: str, reveal: Reveal = Reveal.FULL) -> str:
    """Return a report."""
    text = import_module(f"cnnspec.homework.reports.{name}").render(result, reveal)
    assert isinstance(text, str)
    return text


def timeless(text: str) -> str:
    """Return a report without the times in it, whose numbers are those of the clock."""
    return re.sub(r"\d{4}-\d\d-\d\dT[\d:.+Z-]+", "", text)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("reveal", [Reveal.NONE, Reveal.VERDICT, Reveal.HINT])
def test_nothing_right_is_given_away(name: str, reveal: Reveal) -> None:
    """No expected number stands in a report that does not reveal it."""
    found = re.findall(r"[\d,]+", timeless(rendered(checked(WRONG), name, reveal)))
    assert not {*SECRETS, *SECRETS_TOO} & set(found)


@pytest.mark.parametrize("name", FORMATS)
def test_slips_are_named_from_hints_on(name: str) -> None:
    """Verdicts do not say why; hints and full reports name the slip where the format has a place for it."""
    for reveal in (Reveal.NONE, Reveal.VERDICT):
        text = rendered(checked(WRONG), name, reveal)
        assert "no_channels" not in text
        assert "as deep as" not in text
        assert "`same`" not in text
    if name not in ("classroom50", "github"):
        assert "no_channels" in rendered(checked(WRONG), name, Reveal.HINT).replace("\\", "")
        assert "608" in rendered(checked(WRONG), name, Reveal.FULL)


def test_the_text_fits_a_terminal() -> None:
    """Reasons and faults are wrapped at words, and say the same."""
    text = import_module("cnnspec.homework.reports.text")
    for table in ("Layer,# parameters\nconv1,601\n", "layers: [1, a: 2, 3]"):
        result = checked(table)
        narrow = text.render(result, Reveal.FULL, width=60)
        assert max(map(len, narrow.splitlines())) < 60 < max(map(len, text.render(result, Reveal.FULL).splitlines()))
        assert narrow.split() == text.render(result, Reveal.FULL).split()


@pytest.mark.parametrize("name", FORMATS)
def test_none_gives_the_score_alone(name: str) -> None:
    """Without reveal no cell is judged."""
    text = timeless(rendered(checked(WRONG), name, Reveal.NONE))
    assert "27" not in text
    assert str(checked(WRONG).score) in text


def is_count(value: object) -> bool:
    """Tell whether a value is a whole number from 0 on, and no truth value."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


@pytest.mark.parametrize("follow_through", FollowThrough)
def test_classroom50(monkeypatch: pytest.MonkeyPatch, follow_through: FollowThrough) -> None:
    """Whole numbers, unique names, scores within their limits, identity from the environment."""
    monkeypatch.setenv("CLASSROOM", "dl-2026")
    monkeypatch.setenv("USERNAME", "ada")
    table = WRONG + "CONV1;(1,1,1);1;1\n" + "<b>;1;1;1\n"
    result: dict[str, Any] = json.loads(rendered(checked(table, Marking(follow_through=follow_through)), "classroom50"))
    assert result["schema"] == "classroom50/result/v1"
    assert result["classroom"] == "dl-2026"
    assert result["assignment_type"] == "individual"
    assert result["submitted_by"]["username"] == "ada"
    fields = ["assignment", "owner", "submission", "commit", "release", "review", "datetime", "graded_at"]
    assert set(fields) <= result.keys()
    assert is_count(result["score"])
    assert is_count(result["max-score"])
    tests = result["tests"]
    assert len({test["test-name"] for test in tests}) == len(tests)
    assert all(test.keys() == {"test-name", "passed", "score", "max-score"} for test in tests)
    assert all(test["test-name"] and isinstance(test["passed"], bool) for test in tests)
    assert all(is_count(test["score"]) and is_count(test["max-score"]) for test in tests)
    assert all(test["score"] <= test["max-score"] for test in tests)
    assert sum(test["score"] for test in tests) == result["score"] <= result["max-score"]
    assert sum(test["max-score"] for test in tests) == result["max-score"]


def test_gradescope() -> None:
    """A visible test per cell, numbered by row, whose scores sum up to the score."""
    result: dict[str, Any] = json.loads(rendered(checked(WRONG), "gradescope"))
    assert result["output_format"] == "md"
    assert result["visibility"] == "visible"
    tests = result["tests"]
    assert [test["number"] for test in tests[:5]] == ["1.1", "1.2", "1.3", "2.1", "2.2"]
    assert {test["status"] for test in tests} == {"passed", "failed"}
    assert all(is_count(test["score"]) and test["score"] <= test["max_score"] for test in tests)
    assert sum(test["score"] for test in tests) == result["score"]
    assert tests[2]["extra_data"] == {"slips": ["no_channels"], "follow_through": False}
    assert tests[1]["extra_data"]["follow_through"] is True
    allowed = {"score", "max_score", "status", "name", "number", "output", "output_format", "extra_data"}
    assert all(test.keys() == allowed for test in tests)


@pytest.mark.parametrize("reveal", Reveal)
def test_classroom50_never_passes_what_does_not(reveal: Reveal) -> None:
    """A result without tests, or of 0 points, counts as passed there: what cannot be marked fails one test."""
    graph = lenet().graph
    marking = Marking(asked=ask(lenet(), ("params",), usual_rows(lenet()), USUAL))
    for text in ("no table", WRONG):
        result = json.loads(rendered(check(graph, text.encode(), "table.csv", marking), "classroom50", reveal))
        assert result["max-score"] == 7
        assert result["score"] < 7
        assert not all(test["passed"] for test in result["tests"])
        assert sum(test["max-score"] for test in result["tests"]) == 7


def test_prairielearn() -> None:
    """A share from 0 to 1 and a test per cell; what is no table costs no attempt, and says why."""
    result: dict[str, Any] = json.loads(rendered(checked(WRONG), "prairielearn"))
    assert result["gradable"] is True
    assert 0 < result["score"] < 1
    assert all(test.keys() == {"name", "points", "max_points", "message"} for test in result["tests"])
    points, most = (sum(test[key] for test in result["tests"]) for key in ("points", "max_points"))
    assert result["message"] == f"Score {points} of {most}"
    assert result["score"] == points / most
    broken: dict[str, Any] = json.loads(rendered(checked("no table"), "prairielearn"))
    assert (broken["gradable"], broken["score"]) == (False, 0)
    assert broken["format_errors"]
    assert all(isinstance(entry, str) for entry in broken["format_errors"])


def test_the_points_of_a_course() -> None:
    """Where an assignment says what all points are worth together, the runners that take fractions say so too."""
    marking = Marking(asked=ask(lenet(), ("params",), usual_rows(lenet()), USUAL), out_of=10)
    found = check_summary(lenet(), b"Layer;# parameters\nCONV1;608\nPOOL1;0\nCONV2;3216\n", "table.csv", marking)
    scope: dict[str, Any] = json.loads(rendered(found, "gradescope"))
    assert scope["score"] == 4.29  # 3 of 7 cells, in tenths
    assert [(test["score"], test["max_score"]) for test in scope["tests"]] == [(1.43, 1.43)] * 3 + [(0, 1.43)] * 4
    assert json.loads(rendered(found, "prairielearn"))["message"] == "Score 4.29 of 10"
    assert "Points 4.29/10" in rendered(found, "github")
    assert "**Score 3 of 7, that is 4.29 of 10**" in rendered(found, "markdown")


def test_github() -> None:
    """The two notices of GitHub Classroom's reporter, and errors for what cannot be graded: one line each."""
    right = HEADER + "FC3;120;120;48120\n"
    assert rendered(checked(right), "github") == (
        "::notice title=Autograding complete::Points 3/21\n"
        '::notice title=Autograding report::{"totalPoints": 3, "maxPoints": 21}\n'
    )
    lines = rendered(checked("no table\n::error::x"), "github").splitlines()
    assert [line.partition(" ")[0] for line in lines] == ["::notice", "::notice", "::error"]


@pytest.mark.parametrize("reveal", Reveal)
def test_junit(reveal: Reveal) -> None:
    """The counts are those of the cases, the score stands in the properties, the slip is a failure's type."""
    root = ET.fromstring(rendered(checked(WRONG), "junit", reveal))  # noqa: S314 - our own report
    (suite,) = root
    cases = suite.findall("testcase")
    assert suite.get("tests") == root.get("tests") == str(len(cases))
    assert suite.get("failures") == str(len(suite.findall("testcase/failure")))
    assert suite.get("errors") == str(len(suite.findall("testcase/error")))
    assert {entry.get("name") for entry in suite.findall("properties/property")} == {"score", "max_score"}
    kinds = {failure.get("type") for failure in suite.findall("testcase/failure")}
    assert ("no_channels" in kinds) == (reveal in (Reveal.HINT, Reveal.FULL))


def test_json() -> None:
    """Every cell with its status, numbers as numbers."""
    result: dict[str, Any] = json.loads(rendered(checked(WRONG), "json"))
    assert result["spec"] == "lenet5-rgb"
    assert result["gradable"] is True
    first = result["cells"][0]
    assert (first["layer"], first["column"], first["expected"]) == ("conv1", "shape", [28, 28, 8])
    assert (first["status"], first["slips"]) == ("wrong", ["no_plus_one"])
    assert [entry["slip"] for entry in result["diagnosis"]][:1] == ["no_channels"]


HOSTILE: Final = (
    "9**9**9",
    "(9**9)**(9**9)",
    "__import__('os').system('x')",
    "=cmd()|' /C calc'!A0",
    "٣٤٥",
    "²³",
    "<script>alert(1)</script>",
    "]]><x>&amp;",
    "a\x00b\x1b[31mc\x07",
    "\u202edcba",
    "9" * 1000,
    "(" * 150,
    "1/0",
    "nan",
    "inf",
    "1e999",
    "-5",
    "x" * 190,
    "|a|b|`c`|",
    "[link](javascript:alert(1))",
    "None",
    "()",
    "(,)",
    "28x28x8x1x1x1x1",
)


def hostile_rows(cell: str) -> list[str]:
    """Return four rows, each with a hostile cell in another column."""
    right = ["CONV1", "(28,28,8)", "6272", "608"]
    return [
        ";".join(f'"{cell if place == column else text}"' for place, text in enumerate(right)) for column in range(4)
    ]


@pytest.mark.parametrize("cell", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_cells(cell: str) -> None:
    """No cell in any column raises, and every report escapes it: no markup, no control characters, valid JSON, XML."""
    result = checked(HEADER + "\n".join([*hostile_rows(cell), "FC3;120;120;48120"]))
    texts = {name: rendered(result, name, reveal) for name in FORMATS for reveal in Reveal}
    for name, text in texts.items():
        assert "\x1b" not in text
        assert "\x00" not in text
        assert name in ("text", "json", "gradescope", "classroom50", "prairielearn") or "<script>" not in text.replace(
            "\\<", ""
        )
    for name in ("json", "gradescope", "classroom50", "prairielearn"):
        json.loads(texts[name])
    ET.fromstring(texts["junit"])  # noqa: S314 - our own report


@pytest.mark.slow
def test_huge_cells_and_tables() -> None:
    """A cell of a hundred thousand characters and 5,000 rows are marked or refused, never a crash."""
    assert not checked(HEADER + f"CONV1;{'9' * 10**5};1;1\n").gradable
    many = checked(HEADER + "\n".join(f"CONV{index};(28,28,8);6272;608" for index in range(4_999)))
    assert many.gradable
    assert many.max_score == 21
    for name in FORMATS:
        rendered(many, name)
    assert not checked(HEADER + "CONV1;1;1;1\n" * 6_000).gradable


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("table", ["", "no table", "A;B\n1;2\n", HEADER + "Banana;;;\n", "\x00\x01", "\ufeff"])
def test_what_is_not_gradable(name: str, table: str) -> None:
    """A file that is no table of the network is told apart from a wrong one, in every format."""
    result = checked(table)
    text = rendered(result, name)
    assert (result.gradable, result.passed, result.score) in ((False, False, 0), (True, False, 0))
    if name == "junit":
        ET.fromstring(text)  # noqa: S314 - our own report
    if name in ("json", "gradescope", "classroom50", "prairielearn"):
        assert json.loads(text)["score"] == 0
