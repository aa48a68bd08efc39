"""Conditions on the whole network: which hold, what is said of those that do not, and of those that nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from typer.testing import CliRunner

import cnnspec
from cnnspec.analysis.budgets import check
from cnnspec.analysis.quantities import OPERATIONS, PLACES, QUANTITIES
from cnnspec.cli.app import COMMANDS, make_app
from cnnspec.language.expectations import WORDS

if TYPE_CHECKING:
    from pathlib import Path

LENET: Final = """input: 32x32x1
layers: [conv: 6 5x5, avgpool: 2, conv: 16 5x5, avgpool: 2, flatten, dense: 120, dense: 84, dense: 10]
"""
"""LeNet-5: 61,706 parameters, 416,520 MACs, receptive field 16 in front of the dense layers (reference/counting.md)."""


def messages(text: str, expect: str) -> list[str]:
    """Return what is said of a spec with these conditions."""
    return [fault.message for fault in check(cnnspec.summarize(cnnspec.loads(f"{text}expect: {{{expect}}}\n")))]


@pytest.mark.parametrize(
    "expect",
    [
        "params: 61706",
        "params: [<= 61706, '>= 61706', < 61707, '> 61.705k']",
        "macs: < 0.5M",
        "flops: < 1M",
        "trainable: 61706",
        "non_trainable: 0",
        "size: 9118",
        "receptive_field: 16",
        "memory: [<= 23.52 kB, <= 5880 B as int8, <= 12 KiB as float16]",
        "weight_bytes: 246824 B",
        "kept_bytes: < 1 MB",
        "output: 10",
    ],
)
def test_what_holds_is_silent(expect: str) -> None:
    """The published numbers of LeNet-5, and 1,024 + 4,704 + 1,176 + 1,600 + 400 + 120 + 84 + 10 = 9,118 elements."""
    assert messages(LENET, expect) == []


@pytest.mark.parametrize(
    ("expect", "message"),
    [
        ("params: <= 60k", "`params` is 61,706, and must be at most 60,000"),
        ("params: < 61706", "`params` is 61,706, and must be less than 61,706"),
        ("params: 60k", "`params` is 61,706, and must be exactly 60,000"),
        ("macs: '> 416520'", "`macs` is 416,520, and must be more than 416,520"),
        ("receptive_field: '>= 32'", "`receptive_field` is 16, and must be at least 32"),
        ("memory: <= 16 KiB", "`memory` is 23,520 bytes as float32, and must be at most 16,384"),
        ("memory: < 5.88 kB as int8", "`memory` is 5,880 bytes as int8, and must be less than 5,880"),
        ("weight_bytes: <= 60 kB as int8", "`weight_bytes` is 61,706 bytes as int8, and must be at most 60,000"),
        ("output: 11", "the output `dense3` is 10, and must be 11"),
        ("output: 10x1", "the output `dense3` is 10, and must be 10x1"),
    ],
)
def test_what_does_not_hold_is_said(expect: str, message: str) -> None:
    """The number, the bound, and the relation in words."""
    assert messages(LENET, expect) == [message]


def test_the_three_layers_that_cost_most_are_named() -> None:
    """48,120 + 10,164 + 2,416 of 61,706 parameters; of views nothing is counted."""
    table = cnnspec.summarize(cnnspec.loads(f"{LENET}expect: {{params: < 1k, size: 1, receptive_field: '> 99'}}\n"))
    live = cnnspec.summarize(cnnspec.loads(f"{LENET}expect: {{memory: < 1 kB as int8}}\n"))
    assert [fault.notes for fault in check(live)] == [
        ("the most is live at: `avgpool1` 5,880 (100.0%), `conv1` 5,728 (97.4%), `conv2` 2,776 (47.2%)",)
    ]
    assert [fault.notes for fault in check(table)] == [
        ("most of it: `dense1` 48,120 (78.0%), `dense2` 10,164 (16.5%), `conv2` 2,416 (3.9%)",),
        ("most of it: `conv1` 4,704 (51.6%), `conv2` 1,600 (17.5%), `avgpool1` 1,176 (12.9%)",),
        ("it grows most at: `conv2` 8 (50.0%), `conv1` 4 (25.0%), `avgpool2` 2 (12.5%)",),
    ]


OPAQUE: Final = "input: 8x8x1\nlayers: [conv: 4 3x3, opaque: {shape: 10}]\n"


@pytest.mark.parametrize(
    ("expect", "found"),
    [
        ("params: <= 1k", ["nobody can say whether `params` is at most 1,000"]),
        ("params: < 40", ["`params` is at least 40, and must be less than 40"]),
        ("params: <= 39", ["`params` is at least 40, and must be at most 39"]),
        ("params: '>= 40'", []),
        ("params: '> 40'", ["nobody can say whether `params` is more than 40"]),
        ("params: 40", ["nobody can say whether `params` is exactly 40"]),
        ("params: 39", ["`params` is at least 40, and must be exactly 39"]),
        ("receptive_field: '> 2'", ["nobody can say whether `receptive_field` is more than 2"]),
        ("output: 10", []),
    ],
)
def test_what_nobody_knows_is_said(expect: str, found: list[str]) -> None:
    """The numbers of the other layers settle some conditions all the same."""
    assert messages(OPAQUE, expect) == found


def test_fields_of_axes_and_outputs() -> None:
    """A lower bound holds for the smallest, an upper bound for the largest."""
    text = "input: 32x32x1\nlayers: [{conv: 4 3x5, name: a}, {conv: 4 5x9, name: b}]\noutputs: [a, b]\n"
    assert messages(text, "receptive_field: ['>= 3', <= 13]") == []
    assert messages(text, "receptive_field: ['>= 4', <= 12]") == [
        "`receptive_field` is 3, and must be at least 4",
        "`receptive_field` is 13, and must be at most 12",
    ]
    assert messages("input: 8\nlayers: [dense: 2]\n", "receptive_field: '> 1'") == [
        "nobody can say whether `receptive_field` is more than 1"
    ]


def test_every_number_with_a_total_can_be_bounded() -> None:
    """A quantity that has a total has a word, and the other way round, but for what a convention counts."""
    totals = {name for name, quantity in QUANTITIES.items() if quantity.total} - {OPERATIONS.name}
    assert WORDS.keys() - PLACES.keys() == totals


@pytest.mark.parametrize(("command", "code"), [("validate", 1), ("summarize", 1)])
def test_commands_fail(command: str, code: int, tmp_path: Path) -> None:
    """The exit code is 1, and the line of the condition is shown."""
    path = tmp_path / "net.yaml"
    path.write_text(f"{LENET}expect:\n  params: <= 60k\n", encoding="utf-8")
    done = CliRunner().invoke(make_app(COMMANDS), [command, str(path)])
    assert done.exit_code == code
    assert "net.yaml:4:11" in done.stderr
    assert "61,706" in done.stderr
