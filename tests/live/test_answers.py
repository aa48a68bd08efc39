"""What the page is told: numbers of LeNet-5 as published, errors at their lines, and nothing for what no page asks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from cnnspec.bundled import bundled_source
from cnnspec.live.answers import ASKED, QuestionError, answer, answer_json

if TYPE_CHECKING:
    from pathlib import Path

SOURCE: Final = bundled_source("lenet5-rgb")
assert SOURCE
LENET: Final = SOURCE.text
TEN: Final = "input: 8x8x1\nlayers:\n" + "".join(f"  - conv: {{filters: 4, kernal{at}: 3}}\n" for at in range(10))


def told(ask: str, spec: str = LENET, **more: object) -> dict[str, Any]:
    """Return the answer to a question about a spec."""
    return answer({"ask": ask, "spec": spec, "name": "net.yaml", **more})


def test_the_table_has_the_published_numbers() -> None:
    """Those of the course's table: 608 + 3,216 + 48,120 + 10,164 + 850 parameters."""
    found = told("table")
    assert (found["errors"], found["notes"]) == ([], [])
    at = [column["key"] for column in found["columns"]].index("params")
    assert [layer["cells"][at] for layer in found["layers"]] == [608, 0, 3216, 0, 0, 48120, 10164, 850]
    assert found["totals"][at] == 62958
    assert (found["layers"][0]["name"], "steps" in found["layers"][0]) == ("conv1", False)


def test_a_derivation_and_a_drawing() -> None:
    """Of the layer by its name; a layer that is not there is an error."""
    assert "(F·F·C + 1)·K = (5·5·3 + 1)·8 = 608" in told("derivation", layer="conv1")["texts"]
    assert told("derivation", layer="conv9")["errors"][0]["message"].startswith("`lenet5-rgb` has no layer")
    drawing = told("drawing")
    assert drawing["svg"].startswith("<svg ")
    assert drawing["style"] == "volumes"
    assert told("drawing", style="graph")["style"] == "graph"
    assert told("drawing", style="oil")["errors"][0]["code"] == "E703"


def test_all_errors_are_told_at_their_lines() -> None:
    """Ten errors in a text are ten entries, each with its line, its note and its place in the file."""
    errors = told("table", TEN)["errors"]
    assert [error["line"] for error in errors] == [*range(3, 13)]
    assert {error["code"] for error in errors} == {"E103"}
    assert all(error["notes"] and error["file"] == "net.yaml" for error in errors)
    assert told("code", code="E103")["text"].startswith("E103: an argument is unknown")
    assert told("code", code="E999")["errors"][0]["code"] == "E704"


def test_notes_are_told_too() -> None:
    """A network without mistakes may have something to be noted."""
    notes = told("table", "input: 3x224x224\nlayers:\n  - conv: 8 3x3 same\n")["notes"]
    assert [note["code"] for note in notes] == ["W301"]


def test_a_pasted_table_is_checked() -> None:
    """416 is what counting one input channel gives."""
    table = "Layer,Parameters\nconv1,608\nconv2,416\n"
    cells = {cell["layer"]: cell for cell in told("check", table=table)["cells"]}
    assert cells["conv1"]["status"] == "correct"
    assert (cells["conv2"]["slips"], cells["conv2"]["expected"]) == (["no_channels"], None)
    full = {cell["layer"]: cell for cell in told("check", table=table, reveal="full")["cells"]}
    assert full["conv2"]["expected"] == 3216
    assert "(5·5·8 + 1)·16 = 3,216" in full["conv2"]["message"]
    assert told("check", table="nothing")["faults"]
    assert told("check", table=table, reveal="everything")["errors"][0]["code"] == "E703"


def test_other_files_are_read_beside_the_spec_alone(tmp_path: Path) -> None:
    """And again each time: they may have changed."""
    other, spec = tmp_path / "other.yaml", "input: 8x8x1\nlayers:\n  - network: other.yaml\n"
    for filters in (4, 5):
        other.write_text(f"input: 8x8x1\nlayers:\n  - conv: {filters} 3x3\n", encoding="utf-8")
        found = answer({"ask": "table", "spec": spec}, tmp_path)
        assert found["layers"][0]["shape"] == [6, 6, filters]
    assert told("table", spec)["errors"][0]["code"] == "E601"


def test_a_page_has_a_bound() -> None:
    """3,000 layers are shown, one more is not."""
    spec = "input: 8x8x1\nlayers:\n  - relu: {{}}\n    repeat: {}\n"
    assert len(told("table", spec.format(3000))["layers"]) == 3000
    (error,) = told("table", spec.format(3001))["errors"]
    assert (error["code"], error["message"]) == ("E705", "the page shows at most 3,000 layers")


def test_what_no_page_asks_is_refused() -> None:
    """Anything can be sent to a server."""
    for question in (
        None,
        [],
        "table",
        {},
        {"ask": "eval"},
        {"ask": []},
        {"ask": "table"},
        {"ask": "table", "spec": 1},
    ):
        with pytest.raises(QuestionError):
            answer(question)
    with pytest.raises(QuestionError):
        told("table", "#" * 2_000_001)
    assert "save" not in ASKED


def test_questions_are_json_in_a_browser() -> None:
    """A text that no encoding has does not stop the answer."""
    question = json.dumps({"ask": "table", "spec": "input: 8x8x1\nlayers:\n  - conv\ud800: 4\n"})
    assert json.loads(answer_json(question))["errors"]
