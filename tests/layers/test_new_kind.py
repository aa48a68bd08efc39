"""A kind is one file: written to a folder and imported, it is known everywhere, without a word of it anywhere else."""

from __future__ import annotations

from importlib import util
from typing import TYPE_CHECKING, Any, Final

import pytest

import cnnspec
from cnnspec.analysis.explanation import explain
from cnnspec.explaining import derivation, vocabulary
from cnnspec.homework.marking.checking import check
from cnnspec.homework.practice.worksheet import Plan, practice
from cnnspec.ir.layer import ALIASES, KERAS_NAMES, KINDS
from cnnspec.ir.role import Role
from cnnspec.ir.words import Found, find_kind
from cnnspec.keras.listing import render as render_listing
from cnnspec.keras.verification import verify
from cnnspec.training.checks import check_network, last_activation
from cnnspec.training.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILE: Final = '''
"""A change of the channels."""

from cnnspec.formula import symbol
from cnnspec.ir.arguments import Count, arg
from cnnspec.ir.keras_rule import KerasRule
from cnnspec.ir.layer import Layer, kind
from cnnspec.ir.role import Role


@kind("swap", "exchange")
class Swap(Layer):
    """Exchange the channels for others, at every place on its own."""

    role = Role.DENSE
    width: int = arg(Count(positional=True), symbol="U", always=True, doc="number of channels that come out")
    keras = KerasRule("Dense", {"units": "width"}, fixed={"use_bias": False}, names_kind=False, first=("units",))

    def shape(self, x):
        """The width takes the place of the channels."""
        return (*x.spatial, symbol("U", self.width))

    def params(self, x):
        """C·U."""
        return x.channels * symbol("U", self.width)

    def macs(self, x, y):
        """One per weight and place."""
        return y.size * x.channels

    def variations(self):
        """Any width."""
        return {"units": ("width", range(2, 10))}
'''
SPEC: Final = """
input: 8x8x3
layers:
  - conv: 4 3x3
  - swap: 5
  - flatten
  - dense: 10 softmax
"""
LISTING: Final = """\
        layers.Conv2D(4, 3, name="conv1"),  # 6×6×4
        layers.Dense(5, use_bias=False, name="swap1"),  # 6×6×5
"""
KIND: Final = """\
swap: Exchange the channels for others, at every place on its own.

Arguments
  width        number of channels that come out
               required; U in formulas; a positive integer

Formulas
  height         H
  width          W
  channels       U
  parameters     C·U
  MACs           H′·W′·C′·C
  FLOPs          2·H′·W′·C′·C

Keras
  Dense(units=width, use_bias=False)
"""


@pytest.fixture(autouse=True)
def _swap(tmp_path: Path) -> Iterator[None]:
    """Register the kind of a file, and forget it again."""
    registers: tuple[dict[str, Any], ...] = (KINDS, ALIASES, KERAS_NAMES)
    before = [dict(register) for register in registers]
    path = tmp_path / "swap.py"
    path.write_text(FILE, encoding="utf-8")
    spec = util.spec_from_file_location("swap", path)
    assert spec is not None
    assert spec.loader is not None
    spec.loader.exec_module(util.module_from_spec(spec))
    yield
    for register, old in zip(registers, before, strict=True):
        register.clear()
        register.update(old)


def test_it_is_summarized_and_explained() -> None:
    """With its numbers and their formulas."""
    table = cnnspec.summarize(cnnspec.loads(SPEC))
    row = table["swap1"]
    assert (row.shape, row.params, row.macs) == ((6, 6, 5), 20, 720)
    assert "parameters        C·U = 4·5 = 20" in derivation.render(explain(row))
    assert row.node.layer.role is Role.DENSE


def test_it_is_in_the_vocabulary() -> None:
    """With its other name, arguments, formulas and Keras class."""
    lines = vocabulary.render_list().splitlines()
    index = next(index for index, line in enumerate(lines) if line.startswith("swap"))
    entry = " ".join(" ".join(lines[index : index + 2]).split())
    assert entry == "swap, exchange Exchange the channels for others, at every place on its own."
    assert vocabulary.render_kind(KINDS["swap"]) == KIND
    assert find_kind("exchange") == Found(KINDS["swap"], None, "exchange")


def test_it_is_listed_and_read_back() -> None:
    """As its rule says."""
    assert LISTING in render_listing(cnnspec.loads(SPEC))
    layer = cnnspec.loads(SPEC)["swap1"].layer
    assert KINDS["swap"].from_keras({"units": 5, "use_bias": False, "name": "s"}, 2) == layer


def test_it_is_marked() -> None:
    """Its row is found by the kind's name, a wrong cell is wrong, and a missing row is missed."""
    table = b"layer,shape,params\nCONV,6x6x4,112\nSWAP (pointwise),6x6x5,25\nFC,10,1810\n"
    marks = check(cnnspec.loads(SPEC), table, "table.csv").marks
    assert [(mark.layer, mark.column, mark.status.value) for mark in marks] == [
        ("conv1", "shape", "correct"),
        ("conv1", "params", "correct"),
        ("swap1", "shape", "correct"),
        ("swap1", "params", "wrong"),
        ("dense1", "shape", "correct"),
        ("dense1", "params", "correct"),
    ]
    marks = check(cnnspec.loads(SPEC), b"layer,params\nCONV,112\nFC,1810\n", "table.csv").marks
    assert [(mark.layer, mark.status.value) for mark in marks if not mark.row] == [("swap1", "missing")]


def test_it_is_practised() -> None:
    """It has a row of its own, and varies as it says."""
    exercises = practice(cnnspec.summarize(cnnspec.loads(SPEC)), Plan(vary=("units",), seed=3)).exercises
    row = next(exercise for exercise in exercises if exercise.label == "swap1")
    assert row.configuration.startswith("swap ")
    assert row.shape[-1] in range(2, 10)
    assert [cell.blank for cell in row.cells] == [True, True, True]


def test_training_knows_what_it_applies() -> None:
    """Nothing: a loss of probabilities needs a softmax behind it."""
    graph = cnnspec.loads("input: 8\nlayers: [swap: 10]")
    assert last_activation(graph) == ""
    assert [fault.code for fault in check_network(graph, Settings(data="digits"))] == ["E502"]
    assert last_activation(cnnspec.loads("input: 8\nlayers: [swap: 10, softmax]")) == "softmax"


@pytest.mark.keras
def test_it_is_verified() -> None:
    """Keras has the same numbers, TensorFlow's profiler too."""
    pytest.importorskip("tensorflow")
    verification = verify(cnnspec.loads(SPEC), macs=True)
    assert verification.agrees
    assert {check.name for check in verification.layers} == {"conv1", "swap1", "flatten1", "dense1"}
