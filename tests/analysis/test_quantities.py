"""The table of quantities: what holds for every row, and that a new row is enough for all who read the table."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import pytest

import cnnspec
from cnnspec.analysis.folding import fold
from cnnspec.analysis.quantities import PLACES, QUANTITIES, SHAPE, SIZE, marked
from cnnspec.formula import Term
from cnnspec.homework.tables.columns import asked, recognise

if TYPE_CHECKING:
    from conftest import PackageCopy

NETWORKS: Final = ("lenet5-rgb", "resnet20-cifar10", "densenet121")
NEW: Final = """
QUANTITIES["half"] = Quantity(
    name="half",
    title="Half of the biases",
    key="half_biases",
    value=lambda row: row.biases // 2,
    total=lambda summary: sum(row.biases // 2 for row in summary.rows),
    derived=lambda quantities: quantities.biases // 2,
    word="half of the biases",
    prompt="How many biases has one half of {}?",
    meaning="One half has every second bias.",
    spellings="half( of the biases)?",
)
"""
CSV: Final = "layer,half\ninput,0\nconv1,4\npool1,0\nconv2,8\npool2,0\nflatten1,0\nfc3,60\nfc4,42\nsoftmax,5\n"
TABLE: Final = "layer,half\nconv1,4\npool1,0\nconv2,9\npool2,0\nfc3,60\nfc4,42\nsoftmax,5\ntotal,119\n"
"""LeNet-5 on RGB has 8, 16, 120, 84 and 10 biases: only 9 is wrong."""


def test_names_keys_and_titles_tell_quantities_apart() -> None:
    """A column, a key of JSON and a title mean one quantity."""
    rows = QUANTITIES.values()
    assert len({row.key for row in rows}) == len({row.title for row in rows}) == len(QUANTITIES)
    assert not QUANTITIES.keys() & PLACES.keys()


def test_every_marked_quantity_can_be_asked_for() -> None:
    """A worksheet has a prompt and a derivation for it, and its own title is one of its spellings."""
    assert tuple(marked()) == ("shape", "size", "params", "weights", "biases", "macs")
    row = cnnspec.summarize(cnnspec.load("lenet5-rgb"))["conv1"]
    for name, quantity in marked().items():
        assert "{}" in quantity.prompt
        assert recognise(quantity.title) == name
        assert quantity is SHAPE or quantity.derived(row.quantities)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_derivation_has_the_value_of_its_row(name: str) -> None:
    """The formula of a quantity and what a table shows are the same number."""
    for row in cnnspec.summarize(cnnspec.load(name)):
        for quantity in QUANTITIES.values():
            term = quantity.derived(row.quantities)
            assert not isinstance(term, Term) or term.value == quantity.value(row)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_total_is_what_inputs_and_layers_add_up_to(name: str) -> None:
    """However blocks are folded."""
    summary = cnnspec.summarize(cnnspec.load(name))
    for quantity in QUANTITIES.values():
        if quantity.total:
            inputs = sum(SIZE.of_input(entry.shape) for entry in summary.inputs) if quantity is SIZE else 0
            assert quantity.total(summary) == inputs + quantity.sum(summary.rows)


def test_folded_copies_have_the_sum_of_their_layers() -> None:
    """Three blocks of two convolutions, each with its normalization: 3·2·(9·16·16 + 16 + 4·16) parameters."""
    summary = cnnspec.summarize(cnnspec.load("resnet20-cifar10"))
    (row,) = [row for row in fold(summary, 1) if row.name.startswith("basic1 ")]
    assert row.value(QUANTITIES["params"]) == 3 * 2 * (9 * 16 * 16 + 16 + 4 * 16)
    assert row.value(SHAPE) == (32, 32, 16)


@pytest.mark.parametrize(
    ("title", "quantity"),
    [("# Parameters", "params"), ("Params (trainable)", "trainable"), ("Number of learnable parameters", "trainable")],
)
def test_a_title_may_ask_for_a_part(title: str, quantity: str) -> None:
    """Of the parameters, those that are learned."""
    assert asked("params", title).name == quantity


@pytest.mark.slow
def test_a_new_quantity_touches_one_file(package_copy: PackageCopy) -> None:
    """A row more, and every report shows it, folding adds it up, a worksheet asks for it, and a table is marked."""
    package_copy.add("analysis/quantities.py", NEW)

    def table(form: str, *options: str) -> str:
        return package_copy.run("summarize", "lenet5-rgb", "--format", form, "--columns", "layer,half", *options)

    assert table("csv") == CSV
    assert ["Total", "119"] in [line.split() for line in table("table").splitlines()]
    assert "| **Total** | **119** |" in table("markdown")
    assert r"Total & 119 \\" in table("latex")
    assert '<th style="text-align: right">119</th>' in table("html")
    found = json.loads(package_copy.run("summarize", "lenet5-rgb", "--format", "json"))
    assert (found["layers"][0]["half_biases"], found["totals"]["half_biases"]) == (4, 119)
    assert found["layers"][0]["formulas"]["half_biases"]["substituted"] == "floor(8/2)"
    assert "half of the biases K/2 = 8/2 = 4" in package_copy.run("explain", "lenet5-rgb", "conv1")
    folded = package_copy.run(
        "summarize", "resnet20-cifar10", "--depth", "1", "--format", "csv", "--columns", "layer,biases,half"
    )
    assert "basic1 … basic3,192,96" in folded
    sheet = package_copy.run("practice", "lenet5-rgb", "--columns", "half")
    assert "One half has every second bias." in sheet
    assert "| Layer | Configuration | Half of the biases |" in sheet
    quiz = package_copy.run("practice", "lenet5-rgb", "--columns", "half", "--format", "text2qti", "--key")
    assert "How many biases has one half of conv1?" in quiz
    result = json.loads(
        package_copy.run("check", "lenet5-rgb", "-", "--format", "json", "--weight", "half=2", given=TABLE, code=1)
    )
    assert (result["score"], result["max_score"]) == (14, 16)
    assert [cell["status"] for cell in result["cells"]] == ["correct", "correct", "wrong", *["correct"] * 5]
