"""Slips in the activation size."""

from __future__ import annotations

from cnnspec.analysis.measure import quantities_of
from cnnspec.formula import Term, product, symbol
from cnnspec.homework.diagnosis.recipes import Case
from cnnspec.homework.diagnosis.slip import EVERY, Slip
from cnnspec.ir.shapes import size_of


def _no_channels(case: Case) -> Term | None:
    return product(case.y.spatial) if len(case.shape) > 1 and case.shape[-1] > 1 else None


def _sum(case: Case) -> Term | None:
    if len(case.shape) < 2:
        return None
    first, *rest = case.y.dims
    return sum(rest, first)


def _params(case: Case) -> Term | None:
    params = quantities_of(case.layer, case.shapes).params
    return params if params.value else None


def _input(case: Case) -> Term | None:
    size = size_of(case.shapes[0])
    return symbol("size above", size) if size != size_of(case.shape) else None


def _with_batch(case: Case) -> Term | None:
    return symbol("batch", case.batch) * case.y.size if case.batch else None


NATURAL = "not documented, a natural slip"
SLIPS = (
    Slip(
        "size_without_channels",
        "size",
        EVERY,
        "the channels were left out",
        "Multiply all of the shape: H·W·C.",
        NATURAL,
        whole=_no_channels,
    ),
    Slip(
        "size_sum", "size", EVERY, "the sizes were added", "Multiply the sizes, do not add them.", NATURAL, whole=_sum
    ),
    Slip(
        "params_for_size",
        "size",
        EVERY,
        "the parameters were written down",
        "The activation size counts what the layer produces.",
        "a slip of the column",
        whole=_params,
    ),
    Slip(
        "size_of_input",
        "size",
        EVERY,
        "the size of the row above was written down",
        "The activation size is that of the layer's output.",
        NATURAL,
        whole=_input,
    ),
    Slip(
        "size_with_batch",
        "size",
        EVERY,
        "the samples of the batch were counted too",
        "The activation size is that of one sample: leave the batch out.",
        NATURAL,
        whole=_with_batch,
    ),
)
