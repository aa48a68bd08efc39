"""The arguments that practice draws anew, and between which values: numbers that can be computed by hand."""

from __future__ import annotations

from typing import Any, Final

import pytest

import cnnspec
from cnnspec.layers._variation import around, on_all_axes


def pairs(*sizes: int) -> list[tuple[int, int]]:
    """Return sizes along both axes of an image."""
    return [(size, size) for size in sizes]


EVERY_FOURTH: Final = [*range(4, 17)]
PADDINGS: Final = ("valid", "same", ((1, 1), (1, 1)), ((2, 2), (2, 2)))
DRAWN: Final[dict[str, dict[str, tuple[str, Any]]]] = {
    "9x9x4 | conv: 8 5x5": {
        "filters": ("filters", EVERY_FOURTH),
        "kernel": ("kernel", pairs(3, 5, 7)),
        "stride": ("stride", pairs(1, 2, 3)),
        "padding": ("padding", PADDINGS),
    },
    "9x9x4 | conv: 8 3x3 dilation=2": {
        "filters": ("filters", EVERY_FOURTH),
        "kernel": ("kernel", pairs(3, 5, 7)),
        "stride": ("stride", ()),  # no stride beside a dilation
        "padding": ("padding", PADDINGS),
    },
    "9x9x4 | conv: 8 1x1": {"filters": ("filters", EVERY_FOURTH)},
    "9x9x4 | conv: 16 1x1": {"filters": ("filters", [*range(8, 21), 24, 28, 32])},
    "9x9x4 | conv: 8 1x3": {
        "filters": ("filters", EVERY_FOURTH),
        "kernel": ("kernel", []),  # what differs by axis stays
        "stride": ("stride", pairs(1, 2, 3)),
        "padding": ("padding", PADDINGS),
    },
    "9x9x4 | conv: 8 1x1 groups=4": {"filters": ("filters", [4, 8, 12, 16])},
    "9x9x4 | upconv: 8 3x3/2": {
        "filters": ("filters", EVERY_FOURTH),
        "kernel": ("kernel", pairs(2, 3, 4, 5)),
        "stride": ("stride", pairs(2, 3)),
        "padding": ("padding", ("valid", "same")),
    },
    "9x9x4 | upconv: 8 1x1": {"filters": ("filters", EVERY_FOURTH)},
    "9x9x4 | upconv: 8 3x3 dilation=2": {
        "filters": ("filters", EVERY_FOURTH),
        "kernel": ("kernel", pairs(2, 3, 4, 5)),
    },
    "9x9x4 | upconv: 8 3x3/2 output_padding=1": {
        "filters": ("filters", EVERY_FOURTH),
        "kernel": ("kernel", pairs(2, 3, 4, 5)),
    },
    "9x9x4 | maxpool: 3": {"kernel": ("pool", pairs(2, 3)), "stride": ("stride", pairs(2, 3))},
    "9x9x4 | maxpool: 2": {"kernel": ("pool", pairs(2, 3)), "stride": ("stride", pairs(1, 2))},
    "9x9x4 | maxpool: 1x1/2": {"kernel": ("pool", ()), "stride": ("stride", pairs(1, 1))},
    "9 | dense: 12": {"units": ("units", [*range(6, 21)])},  # 24 is no multiple of 10
    "9 | dense: 30": {"units": ("units", [15, 16, 17, 18, 19, 20, 30, 40, 50, 60])},
    "9x4 | lstm: 12": {"units": ("units", [*range(6, 21)])},
    "9x4 | embedding: 12 vocabulary=5": {"units": ("units", [*range(6, 21)])},
    "9x4 | lstm: 30": {"units": ("units", [15, 16, 17, 18, 19, 20, 30, 40, 50, 60])},
    "9x4 | embedding: 30 vocabulary=5": {"units": ("units", [15, 16, 17, 18, 19, 20, 30, 40, 50, 60])},
    "9x9x9x4 | convlstm: 16 3x3": {"filters": ("filters", [*range(8, 21), 24, 28, 32])},
    "9x9x9x4 | convlstm: 8 3x3": {"filters": ("filters", EVERY_FOURTH)},
}


@pytest.mark.parametrize("spec", DRAWN)
def test_what_practice_may_draw(spec: str) -> None:
    """By the key under which layers of a network vary together: the argument, and its values."""
    shape, _, item = spec.partition(" | ")
    layer = cnnspec.loads(f"input: {shape}\nlayers:\n  - {item}\n").nodes[-1].layer
    assert layer.variations() == DRAWN[spec]


@pytest.mark.parametrize(
    ("value", "most", "step", "numbers"),
    [
        (8, 64, 4, [*range(4, 17)]),
        (16, 64, 4, [*range(8, 21), 24, 28, 32]),
        (100, 64, 4, [*range(32, 65, 4)]),
        (32, 64, 10, [16, 17, 18, 19, 20, 30, 40, 50, 60]),
        (40, 64, 4, [20, *range(24, 65, 4)]),
        (1, 64, 4, [2]),
        (2, 64, 4, [2, 3, 4]),
        (5, 64, 4, [*range(2, 11)]),
    ],
)
def test_numbers_around_another(value: int, most: int, step: int, numbers: list[int]) -> None:
    """From half to twice, never below 2: all of them up to 20, and those above that are round."""
    assert around(value, most, step) == numbers


def test_sizes_on_all_axes() -> None:
    """Nothing where those of a value differ."""
    assert on_all_axes((3, 5), (7, 7)) == [(3, 3), (5, 5)]
    assert on_all_axes((3, 5), (7,)) == [(3,), (5,)]
    assert on_all_axes((3, 5), (7, 5)) == []
    assert around(4, 64, 1, least=8) == [8]
