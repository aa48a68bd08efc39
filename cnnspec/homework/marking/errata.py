"""Published tables and answer keys that are known to be wrong."""

from __future__ import annotations

from typing import Final, NamedTuple

from cnnspec.homework.marking.checking import Check
from cnnspec.homework.marking.marks import Status


class Erratum(NamedTuple):
    """A wrong column of a published table: its numbers from top to bottom, and where they stand."""

    title: str
    column: str
    published: tuple[int, ...]
    source: str


ERRATA: Final = (
    Erratum(
        "the LeNet-5 table of a famous lecture",
        "params",
        (208, 416, 48_001, 10_081, 841),
        "A. Ng, Convolutional Neural Networks, week 1, CNN example; the course published a correction",
    ),
    Erratum(
        "the parameters of the lecture 'Why convolutions?'",
        "params",
        (156,),
        "A. Ng, Convolutional Neural Networks, week 1: (5·5 + 1)·6 on an RGB image, right is (5·5·3 + 1)·6 = 456",
    ),
    Erratum(
        "the AlexNet paper's neurons of the first layer",
        "size",
        (253_440,),
        "Krizhevsky, Sutskever and Hinton 2012; 55·55·96 = 290,400, see stats.SE 132897",
    ),
)


def known_erratum(check: Check) -> Erratum | None:
    """Return the published mistake that a table repeats, None where it repeats none."""
    for erratum in ERRATA:
        wrong = [
            mark
            for mark in check.marks
            if mark.column == erratum.column
            and mark.kind != "total"
            and mark.status not in (Status.CORRECT, Status.MISSING)
        ]
        if tuple(mark.value for mark in wrong) == erratum.published:
            return erratum
    return None
