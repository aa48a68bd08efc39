"""Which row speaks of which layer, in what order, and what a student's own row hands on to those below."""

from __future__ import annotations

from typing import Final

import pytest

import cnnspec
from cnnspec.homework.marking.alignment import by_depth
from cnnspec.homework.marking.checking import Check, check
from cnnspec.homework.marking.errata import known_erratum
from cnnspec.homework.marking.marks import Status
from cnnspec.homework.marking.matching import Layers, fits, read_rows
from cnnspec.homework.tables.reading import read_grid
from cnnspec.homework.tables.student_table import make_student_table

SIDE_BRANCH: Final = """
input: 8x8x3
layers:
  - conv: 4 3x3 same
    name: stem
  - conv: 4 1x1
    name: short
  - conv: 4 3x3 same
    name: left
    from: stem
  - conv: 4 3x3 same
    name: right
  - add: [right, short]
    name: sum
  - add: [sum, stem]
    name: sum2
"""
TWO_HEADS: Final = """
input: 8x8x3
layers:
  - conv: 4 3x3 same
    name: stem
  - conv: 4 3x3 same
    name: p1
  - conv: 4 1x1
    name: q1
    from: stem
  - conv: 4 1x1
    name: r1
    from: stem
  - add: [q1, p1, r1]
    name: sum
  - flatten:
    name: flat2
  - dense: 2
    name: main
  - flatten:
    name: flat
    from: stem
  - dense: 2
    name: side
outputs: [main, side]
"""


@pytest.mark.parametrize(
    ("spec", "listed"),
    [
        (SIDE_BRANCH, "stem left right short sum sum2"),
        (TWO_HEADS, "stem q1 p1 r1 sum flat2 flat main side"),
        (TWO_HEADS.replace("[main, side]", "[side, main]"), "stem q1 p1 r1 sum flat flat2 side main"),
    ],
)
def test_the_order_in_which_keras_lists_layers(spec: str, listed: str) -> None:
    """`model.layers` of Keras 3.15 for the same layers: by depth, then as a walk from the outputs meets them."""
    graph = cnnspec.loads(spec)
    assert [graph.nodes[place].name for place in by_depth(graph)] == listed.split()


def marked(spec: str, *lines: str) -> Check:
    """Return the marks of a table of shapes and parameters."""
    found = check(cnnspec.loads(spec), "\n".join(("Layer;Shape;Params", *lines)).encode(), "table.csv")
    assert found.faults == ()
    return found


def statuses(found: Check) -> list[tuple[str, str, str]]:
    """Return every mark as layer, column and status."""
    return [(mark.layer, mark.column, mark.status.value) for mark in found.marks]


def test_a_table_in_the_order_in_which_keras_lists_layers() -> None:
    """Rows without names: another order is taken where it fits clearly better, by a whole row, and that is said."""
    spec = SIDE_BRANCH.replace("conv: 4 1x1", "maxpool: 3x3/1 same")
    usual = ["Conv2D;8x8x4;112", "MaxPooling2D;8x8x4;0", "Conv2D;8x8x4;148", "Conv2D;8x8x4;148", *["Add;8x8x4;0"] * 2]
    listed = [usual[0], usual[2], usual[3], usual[1], *usual[4:]]
    for rows, remarks in (
        (usual, ()),
        (listed, ("the rows were read in the order in which Keras lists layers",)),
        (usual[::-1], ("the rows were read from the bottom up",)),
    ):
        found = marked(spec, *rows)
        assert {status for _, _, status in statuses(found)} == {"correct"}
        assert found.table is not None
        assert found.table.remarks == remarks


def test_another_order_that_is_better_by_a_row_is_taken_with_its_mistakes() -> None:
    """One more row fits than in the order of the spec, and the wrong number of the first layer is wrong there too."""
    spec = SIDE_BRANCH.replace("conv: 4 1x1", "maxpool: 3x3/1 same")
    rows = ["Conv2D;8x8x4;40", "Conv2D;8x8x4;148", "Conv2D;8x8x4;148", "MaxPooling2D;8x8x4;0", *["Add;8x8x4;0"] * 2]
    assert [entry for entry in statuses(marked(spec, *rows)) if entry[2] != "correct"] == [("stem", "params", "wrong")]


def test_an_order_in_which_all_is_right_is_the_one_that_was_meant() -> None:
    """As Keras prints it, though only two numbers stand elsewhere; with a mistake of its own it is not that sure."""
    params = {"conv2d": 112, "conv2d_1": 148, "conv2d_2": 148, "conv2d_3": 20, "add": 0, "add_1": 0}
    found = marked(SIDE_BRANCH, *(f"{name};8x8x4;{number}" for name, number in params.items()))
    assert {status for _, _, status in statuses(found)} == {"correct"}
    params["conv2d"] = 40
    found = marked(SIDE_BRANCH, *(f"{name};8x8x4;{number}" for name, number in params.items()))
    assert [entry for entry in statuses(found) if entry[2] == "wrong"] == [
        (layer, "params", "wrong") for layer in ("stem", "short", "right")
    ]


def test_a_row_for_three_layers() -> None:
    """Its numbers are those of the first layer, its shape that of the last; of the one between it says nothing."""
    found = marked("input: 8x8x3\nlayers: [conv: 4 3x3, maxpool: 2, conv: 5 1x1]\n", "CONV1 + POOL1 + CONV2;3x3x5;112")
    assert statuses(found) == [("conv1", "params", "correct"), ("conv2", "shape", "correct")]


POOLED: Final = "input: 32x32x3\nlayers: [conv: 8 5x5, maxpool: 2]\n"
FLAT: Final = "input: 9x9x1\nlayers: [conv: 1 2x2, maxpool: 2]\n"


@pytest.mark.parametrize(
    ("spec", "conv", "pool", "status"),
    [
        (POOLED, "27x27x8", "13x13x8", Status.FOLLOW_THROUGH),
        (POOLED, "28x28x1", "14x14x1", Status.WRONG),  # one channel would make what follows trivial
        (POOLED, "28x28", "14x14", Status.WRONG),
        (POOLED, "28x10000000x8", "14x5000000x8", Status.FOLLOW_THROUGH),
        (POOLED, "28x10000001x8", "14x5000000x8", Status.WRONG),  # larger than anybody computes with
        (FLAT, "7x7x1", "3x3x1", Status.FOLLOW_THROUGH),  # one channel is right there
        (POOLED, "2x2x8", "1x1x8", Status.FOLLOW_THROUGH),
    ],
)
def test_a_plausible_shape_is_carried_on(spec: str, conv: str, pool: str, status: Status) -> None:
    """A wrong shape makes the one below follow from it, as long as there is still something to compute."""
    found = check(cnnspec.loads(spec), f"Layer;Shape\nCONV1;{conv}\nPOOL1;{pool}\n".encode(), "table.csv")
    assert [mark.status for mark in found.marks] == [Status.WRONG, status]


def test_a_vector_is_carried_on_without_its_axes_of_one() -> None:
    """Nine values written as 1x1x9, of which five units learn (9 + 1)·5 = 50."""
    table = b"Layer;Shape;Params\nFC1;1x1x9;104\nFC2;5;50\n"
    found = check(cnnspec.loads("input: 12\nlayers: [dense: 8, dense: 5]\n"), table, "table.csv")
    assert statuses(found)[-1] == ("dense2", "params", "follow_through")


def test_the_row_of_the_input_counts_its_elements() -> None:
    """32·32·3 = 3,072, neither twice nor half of it."""
    for size, status in ((3072, Status.CORRECT), (6144, Status.WRONG), (1536, Status.WRONG)):
        found = check(
            cnnspec.loads(POOLED), f"Layer;Size\nInput;{size}\nCONV1;6272\nPOOL1;1568\n".encode(), "table.csv"
        )
        assert [mark.status for mark in found.marks] == [status, Status.CORRECT, Status.CORRECT]


def test_the_sum_of_the_sizes_that_stand_in_a_table() -> None:
    """Rows may be left out of it: without input and flatten it is 10,054, with the input's 3,072 it is 13,126."""
    sizes = {"CONV1": 6272, "POOL1": 1568, "CONV2": 1600, "POOL2": 400, "FC3": 120, "FC4": 84, "Softmax": 10}
    rows = [f"{name};{size}" for name, size in sizes.items()]
    graph = cnnspec.load("lenet5-rgb")
    for total, status in ((10_054, Status.CORRECT), (13_126, Status.CORRECT), (10_055, Status.WRONG)):
        found = check(graph, "\n".join(["Layer;Size", *rows, f"Total;{total}"]).encode(), "table.csv")
        assert [mark.status for mark in found.marks] == [Status.CORRECT] * 7 + [status]
        assert found.marks[-1].expected == {10_054: 10_054}.get(total, 13_126)


def test_a_layer_without_a_row_has_missing_cells_on_no_line() -> None:
    """Its cells are asked for, and stand nowhere in the table."""
    found = marked("input: 8x8x3\nlayers: [conv: 4 3x3, conv: 4 3x3]\n", "CONV1;6x6x4;112")
    assert [(mark.layer, mark.status, mark.line) for mark in found.marks] == [
        *[("conv1", Status.CORRECT, 2)] * 2,
        *[("conv2", Status.MISSING, 0)] * 2,
    ]


PUBLISHED: Final = {
    "the parameters of the lecture 'Why convolutions?'": ("32x32x3", "conv: 6 5x5", "Params", 156),
    "the AlexNet paper's neurons of the first layer": ("227x227x3", "conv: 96 11x11/4", "Size", 253_440),
}


@pytest.mark.parametrize("title", PUBLISHED)
def test_published_mistakes_are_known(title: str) -> None:
    """(5·5 + 1)·6 = 156 for the 456 parameters of an RGB image; 253,440 neurons (AlexNet's paper) for 55·55·96."""
    shape, layer, column, wrong = PUBLISHED[title]
    graph = cnnspec.loads(f"input: {shape}\nlayers: [{layer}]\n")
    for number, known in ((wrong, title), (wrong + 1, None)):
        erratum = known_erratum(check(graph, f"Layer;{column}\nCONV1;{number}\n".encode(), "table.csv"))
        assert (erratum.title if erratum else None) == known


def test_a_sheet_on_which_nothing_is_filled_in_earns_nothing() -> None:
    """Not even for the input, which is right as the sheet tells it."""
    found = check(cnnspec.load("lenet5-rgb"), b"Layer;Shape\nInput;32x32x3\nCONV1;\nPOOL1;\n", "table.csv")
    assert (found.score, [mark.credit for mark in found.marks]) == (0, [0] * len(found.marks))
    assert found.table is not None
    assert "nothing is filled in: what a sheet tells earns no points" in found.table.remarks


FITTING: Final = """
input: 8x8x3
layers: [conv: 4 3x3, flatten, dense: 10 softmax]
"""


def fitting(*rows: str, spec: str = FITTING) -> dict[str, list[int]]:
    """Return how well every row fits each of a convolution, a flatten and a dense layer that ends in a softmax."""
    summary = cnnspec.summarize(cnnspec.loads(spec))
    table = make_student_table(read_grid("\n".join(["Layer;Shape;Params", *rows]).encode(), "table.csv"), "table.csv")
    nodes = tuple(summary.graph.nodes)
    answers = tuple({"shape": row.shape, "params": row.params} for row in summary)
    layers = Layers(nodes, tuple(node.name for node in nodes), answers)
    scores = zip(*fits(layers, read_rows(table.rows, table)), strict=True)
    return {row.partition(";")[0]: list(score) for row, score in zip(rows, scores, strict=True)}


def test_how_well_a_row_fits_a_layer() -> None:
    """A name weighs 12, a kind 4, any other label 1 where a row is needed; a right cell 3, unless it is a 0."""
    assert fitting("conv1;;", "Conv2D;;", "FC;;", "Softmax;;", "foo;;") == {
        "conv1": [12, 0, 0],
        "Conv2D": [4, 0, 0],
        "FC": [0, 0, 4],
        "Softmax": [0, 0, 0],  # the dense layer has a row of its own
        "foo": [1, 0, 1],
    }
    assert fitting("conv1;;", "Softmax;;") == {"conv1": [12, 0, 0], "Softmax": [0, 0, 6]}
    logits = FITTING.replace(" softmax", "")
    assert fitting("conv1;;", "Softmax;;", spec=logits) == {"conv1": [12, 0, 0], "Softmax": [0, 0, 1]}
    assert fitting("conv1;;", "conv0;;") == {"conv1": [4, 0, 0], "conv0": [4, 0, 0]}  # names that only count
    assert fitting("foo;6x6x4;112", "bar;4x6x6;0", "flatten;144;0", "baz;10;1450") == {
        "foo": [7, 0, 1],  # (3·3·3 + 1)·4 = 112
        "bar": [4, 0, 1],  # the same shape, channels first
        "flatten": [0, 7, 0],
        "baz": [1, 0, 7],  # (144 + 1)·10
    }
