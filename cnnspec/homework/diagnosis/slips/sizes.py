"""Slips in the activation size."""

from __future__ import annotations

from typing import Final

from cnnspec.formula import Term, product, symbol
from cnnspec.homework.diagnosis.case import Case
from cnnspec.homework.diagnosis.slip import Quantity, Slip
from cnnspec.ir.shapes import size_of


def _has_axes(case: Case) -> bool:
    return len(case.shape) > 1


def _has_channels(case: Case) -> bool:
    return _has_axes(case) and case.shape[-1] > 1


def _learns(case: Case) -> bool:
    return case.right.params.value > 0


def _changes_size(case: Case) -> bool:
    return size_of(case.shapes[0]) != size_of(case.shape)


def _with_batch(case: Case) -> Term | None:
    return symbol("batch", case.batch) * case.y.size if case.batch else None


SLIPS: Final = (
    Slip(
        "size_without_channels",
        "size",
        Quantity(lambda case: product(case.y.spatial)),
        "the channels were left out",
        "Multiply all of the shape: H·W·C.",
        where=_has_channels,
    ),
    Slip(
        "size_sum",
        "size",
        Quantity(lambda case: sum(case.y.dims[1:], case.y.dims[0])),
        "the sizes were added",
        "Multiply the sizes, do not add them.",
        where=_has_axes,
    ),
    Slip(
        "params_for_size",
        "size",
        Quantity(lambda case: case.right.params),
        "the parameters were written down",
        "The activation size counts what the layer produces.",
        "a slip of the column",
        where=_learns,
    ),
    Slip(
        "size_of_input",
        "size",
        Quantity(lambda case: symbol("size above", size_of(case.shapes[0]))),
        "the size of the row above was written down",
        "The activation size is that of the layer's output.",
        where=_changes_size,
    ),
    Slip(
        "size_with_batch",
        "size",
        Quantity(_with_batch),
        "the samples of the batch were counted too",
        "The activation size is that of one sample: leave the batch out.",
    ),
)
