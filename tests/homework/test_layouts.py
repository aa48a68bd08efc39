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
