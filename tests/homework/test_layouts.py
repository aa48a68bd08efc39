"""One right table in many layouts: languages, orders, splits, ways of pasting; none loses a point or gets a slip."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import product
from typing import Final

import pytest

import cnnspec
from cnnspec.homework.marking.checking import Check, check
from cnnspec.ir.role import Role

Table = list[list[str]]
NETWORKS: Final = ("lenet5-rgb", "alexnet-cifar10", "mnist-cnn", "digits-cnn")
WORDS: Final = {
    "English": ("Layer", "Output shape", "# parameters", "Conv", "Pool", "FC", "Flatten", "Dropout"),
    "German": (
        "Schicht",
        "Ausgabeform",
        "Anzahl Parameter",
        "Faltung",
        "Pooling",
        "Vollverbunden",
        "Flach",
        "Auslassen",
    ),
    "French": (
        "Couche",
        "Forme de sortie",
        "Nombre de paramètres",
        "Convolution",
        "Sous-échantillonnage",
        "Entièrement connectée",
        "Aplatissement",
        "Abandon",
    ),
    "Spanish": (
        "Capa",
        "Forma de salida",
        "Número de parámetros",
        "Convolución",
        "Agrupación",
        "Totalmente conectada",
        "Aplanar",
        "Abandono",
    ),
    "Portuguese": (
        "Camada",
        "Formato de saída",
        "Número de parâmetros",
        "Convolução",
        "Subamostragem",
        "Densa",
        "Achatar",
        "Abandono",
    ),
    "Vietnamese": (
        "Lớp",
        "Kích thước đầu ra",
        "Số tham số",
        "Tích chập",
        "Gộp",
        "Kết nối đầy đủ",
        "Làm phẳng",
        "Loại bỏ",
    ),
    "Chinese": ("层", "输出形状", "参数量", "卷积层", "池化层", "全连接层", "展平层", "丢弃层"),
    "Japanese": (
        "層",
        "出力形状",
        "パラメータ数",
        "畳み込み層",
        "プーリング層",
        "全結合層",
        "平坦化",
        "ドロップアウト",
    ),
    "Korean": ("층", "출력 형태", "파라미터 수", "합성곱층", "풀링층", "완전연결층", "평탄화", "드롭아웃"),
}
"""Titles of the columns, and the words for layers."""
ROLES: Final = (Role.CONVOLUTION, Role.POOL, Role.DENSE, Role.MOVE, Role.NOISE)


def written(summary: cnnspec.Table, language: str) -> Table:
    """Return a right table, whose rows count each kind of layer."""
    layer, shape, params, *words = WORDS[language]
    counts: dict[str, int] = {}
    rows = [[layer, shape, params]]
    for row in summary:
        word = words[ROLES.index(row.node.layer.role)]
        counts[word] = counts.get(word, 0) + 1
        rows.append([f"{word} {counts[word]}", "x".join(map(str, row.shape)), str(row.params)])
    return rows


def as_csv(table: Table) -> tuple[str, str]:
    """With semicolons, as in most of these languages."""
    return "\n".join(";".join(row) for row in table), "hw.csv"


def as_markdown(table: Table) -> tuple[str, str]:
    """With text around."""
    lines = ["| " + " | ".join(row) + " |" for row in table]
    return "\n".join(["My answer:", "", lines[0], "|---" * len(table[0]) + "|", *lines[1:]]), "hw.md"


def as_fence(table: Table) -> tuple[str, str]:
    """A block of code, with spaces between the columns."""
    widths = [max(len(row[place]) for row in table) + 4 for place in range(len(table[0]))]
    lines = ["".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in table]
    return "\n".join(["Here:", "", "```", *lines, "```"]), "hw.md"


def as_notebook(table: Table) -> tuple[str, str]:
    """A cell of text."""
    cells = [{"cell_type": "markdown", "source": as_markdown(table)[0]}]
    return json.dumps({"nbformat": 4, "cells": cells}), "hw.ipynb"


def as_html(table: Table) -> tuple[str, str]:
    """A page."""
    rows = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in table)
    return f"<table>{rows}</table>", "hw.html"


def upright(table: Table) -> Table:
    """The usual way."""
    return table


def turned(table: Table) -> Table:
    """A column for every layer."""
    return [list(column) for column in zip(*table, strict=True)]


def bottom_up(table: Table) -> Table:
    """The last layer first."""
    return [table[0], *table[:0:-1]]


def over_columns(table: Table) -> Table:
    """Height, width and channels in columns of their own."""
    rows = [[row[0], *(["1", "1"] if "x" not in row[1] else []), *row[1].split("x"), row[2]] for row in table[1:]]
    return [[table[0][0], "H", "W", "C", table[0][2]], *rows]


def numbered(table: Table) -> Table:
    """Rows with numbers, and nothing else, as labels."""
    return [table[0], *([str(number), *row[1:]] for number, row in enumerate(table[1:], 1))]


FORMS: Final = (as_csv, as_markdown, as_fence, as_notebook, as_html)
SHAPES: Final = (upright, turned, bottom_up, over_columns, numbered)
LAYOUTS: Final = [
    *product(WORDS, [upright], FORMS),
    *product(["English", "German", "Chinese"], SHAPES[1:], [as_csv, as_markdown]),
]
"""69 of them."""


CLASSES: Final = ("Conv2d", "MaxPool2d", "Linear", "Flatten", "Dropout")
"""PyTorch's names of layers, by role."""
Printed = list[tuple[str, tuple[int, ...], int]]
"""What a framework prints of layers: class, shape with the batch and channels first, parameters."""


def printed(summary: cnnspec.Table) -> Printed:
    """Return what PyTorch says of the layers of a network."""
    return [
        (CLASSES[ROLES.index(row.node.layer.role)], (64, row.shape[-1], *row.shape[:-1]), row.params) for row in summary
    ]


def as_torchinfo(layers: Printed) -> str:
    """A tree: all layers but the last stand in a part of the network."""
    rule = "=" * 90
    *inner, last = [
        f"{f'{name}: {{}}':<{35}}{list(shape)!s:<26}{format(params, ',') if params else '--'}"
        for name, shape, params in layers
    ]
    lines = [f"│    └─{line.format(f'2-{number}')}" for number, line in enumerate(inner, 1)]
    return "\n".join(
        [
            *(rule, f"{'Layer (type:depth-idx)':<41}{'Output Shape':<26}Param #", rule),
            f"{'Net':<41}{'[64, 10]':<26}--",
            f"├─{'Sequential: 1-1':<39}{'[64, 84]':<26}--",
            *lines,
            f"├─  {last.format('1-2')}",
            *(rule, "Total params: 1", "Trainable params: 1", "Non-trainable params: 0", rule, "Input size (MB): 0.01"),
        ]
    )


def as_fastai(layers: Printed) -> str:
    """A shape above the layers that have it."""
    rule = "=" * 76
    lines = [
        "Sequential (Input shape: 64 x 3 x 32 x 32)",
        *(rule, f"{'Layer (type)':<20} {'Output Shape':<20} {'Param #':<10} {'Trainable':<10}", rule),
    ]
    above: tuple[int, ...] = ()
    for name, shape, params in layers:
        if shape != above:
            lines += ["_" * 76] if above else []
            lines.append(f"{'':<20} {' x '.join(map(str, shape)):<20}")
        lines.append(f"{name:<20} {'':<20} {params or '':<10} {'True' if params else '':<10}")
        above = shape
    return "\n".join(
        [*lines, "_" * 76, "", "Total params: 1", "Total trainable params: 1", "", "Callbacks:", "  - Recorder"]
    )


def as_d2l(layers: Printed) -> str:
    """Lines with shapes, and no parameters."""
    return "".join(f"{name} output shape:\t torch.Size({list(shape)})\n" for name, shape, _ in layers)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("write", [as_torchinfo, as_fastai, as_d2l])
def test_what_pytorch_prints_is_right(name: str, write: Callable[[Printed], str]) -> None:
    """Channels first, behind a batch, in a tree, below their shapes, or a line each."""
    summary = cnnspec.summarize(cnnspec.load(name))
    found = check(summary.graph, write(printed(summary)).encode(), "printed.txt")
    assert found.faults == ()
    assert [mark for mark in found.marks if mark.status != "correct"] == []
    required = [row for row in summary if not row.node.layer.optional]
    assert found.max_score >= (1 if write is as_d2l else 2) * len(required)
    assert found.diagnosis.explanations == ()


@pytest.mark.parametrize("write", [as_torchinfo, as_fastai, as_d2l])
def test_a_slip_in_what_pytorch_prints(write: Callable[[Printed], str]) -> None:
    """A layer of 27x27 places is one slip, and what follows from it follows."""
    summary = cnnspec.summarize(cnnspec.load("lenet5-rgb"))
    layers = printed(summary)
    layers[0] = (layers[0][0], (64, 8, 27, 27), layers[0][2])
    layers[1] = (layers[1][0], (64, 8, 13, 13), layers[1][2])
    found = check(summary.graph, write(layers).encode(), "printed.txt")
    wrong = [(mark.layer, mark.column, mark.status) for mark in found.marks if mark.status != "correct"]
    assert wrong == [("conv1", "shape", "wrong"), ("pool1", "shape", "follow_through")]
    assert [explanation.slips for explanation in found.diagnosis.explanations] == [("no_plus_one",)]


def test_a_shape_that_was_cut_is_no_mistake() -> None:
    """fast.ai cuts shapes to 19 characters: the last size may lack digits, and nobody is accused of it."""
    text = as_fastai([("Conv2d", (64, 128, 112, 112), 3584)]).replace("112 x 112", "112 x 11 ")
    graph = cnnspec.loads("input: 112x112x3\nlayers:\n  - conv: 128 3x3 same\n")
    found = check(graph, text.encode(), "printed.txt")
    assert [(mark.column, mark.status.value) for mark in found.marks] == [
        ("shape", "unreadable"),
        ("params", "correct"),
    ]


def marked(
    name: str, change: Callable[[Table], Table], table: Table, write: Callable[[Table], tuple[str, str]]
) -> Check:
    """Return the marks of a table in a layout."""
    text, file = write(change(table))
    return check(cnnspec.load(name), text.encode(), file)


@pytest.mark.parametrize(("language", "change", "write"), LAYOUTS)
def test_a_right_table_is_right_in_every_layout(
    language: str, change: Callable[[Table], Table], write: Callable[[Table], tuple[str, str]]
) -> None:
    """All cells of all layers, and not a word of a mistake."""
    for name in NETWORKS:
        summary = cnnspec.summarize(cnnspec.load(name))
        found = marked(name, change, written(summary, language), write)
        assert found.faults == ()
        assert [mark for mark in found.marks if mark.status != "correct"] == []
        required = [row for row in summary if not row.node.layer.optional]
        assert found.max_score >= 2 * len(required)
        assert found.diagnosis.explanations == ()


@pytest.mark.parametrize(("language", "change", "write"), LAYOUTS)
def test_a_seeded_slip_is_the_only_one_in_every_layout(
    language: str, change: Callable[[Table], Table], write: Callable[[Table], tuple[str, str]]
) -> None:
    """208 for 608 in the first layer: one input channel was counted."""
    table = written(cnnspec.summarize(cnnspec.load("lenet5-rgb")), language)
    table[1][2] = "208"
    found = marked("lenet5-rgb", change, table, write)
    assert [(mark.layer, mark.column, mark.given) for mark in found.marks if mark.status != "correct"] == [
        ("conv1", "params", "208")
    ]
    assert [explanation.slips for explanation in found.diagnosis.explanations] == [("no_channels",)]


TOTALS: Final = (
    *("Total", "Summe", "**Gesamt**", "Gesamtzahl der Parameter", "Somme", "Suma total", "Soma", "Tổng cộng"),
    *("总计", "總計", "合计", "合計", "総計", "합계", "총 파라미터"),
)


@pytest.mark.parametrize("label", TOTALS)
def test_the_row_of_totals_is_no_layer_in_any_language(label: str) -> None:
    """A wrong sum is marked as a sum; it is not taken for the number of the layer that has no row."""
    spec = "input: 32x32x3\nlayers: [conv: 8 5x5 relu, maxpool: 2x2, flatten, dense: 10 softmax]"
    table = f"Schicht;Ausgabeform;Anzahl Parameter\nConv1;28x28x8;608\nPool1;14x14x8;0\n{label};;16.299\n"
    result = check(cnnspec.loads(spec), table.encode(), "tiny.csv")
    marks = {(mark.kind, mark.status.value) for mark in result.marks if mark.layer == "total"}
    assert marks == {("total", "wrong")}  # 608 + 15,690 = 16,298


def test_a_title_that_is_nearly_one_is_proposed() -> None:
    """A column that is not marked for a slip of the pen is told with the title that was meant."""
    table = "Layer;Shape;Paramaters;Notes\nconv1;28x28x8;608;mine\n"
    found = check(cnnspec.load("lenet5-rgb"), table.encode(), "table.csv").table
    assert found
    assert found.remarks[:2] == (
        "these columns are not marked: Paramaters, Notes",
        "`Paramaters` is no title: did you mean `parameters`?",
    )
