"""What training takes of memory: weights, gradients, the optimizer's numbers, and the activations that are kept."""

from __future__ import annotations

from typing import Final, NamedTuple

from cnnspec.analysis.footprint import Memory
from cnnspec.analysis.measure import Summary
from cnnspec.errors import UsageError, listing, shorten, suggest
from cnnspec.formula import Term, nothing, number, symbol
from cnnspec.ir.number_types import BYTES
from cnnspec.language.train.optimizers import OPTIMIZERS

MOMENTUM: Final = "+momentum"


class Part(NamedTuple):
    """A part of the memory, with how it comes about."""

    word: str
    term: Term


def slots(optimizer: str) -> int:
    """Return how many numbers an optimizer keeps per learned parameter; raise UsageError for an unknown one.

    >>> slots("adam"), slots("sgd"), slots("sgd+momentum")
    (2, 0, 1)
    """
    name = optimizer.removesuffix(MOMENTUM)
    found = OPTIMIZERS.get(name)
    if found is None or (name != optimizer and not found.takes_momentum):
        known = [*OPTIMIZERS, *(f"{each}{MOMENTUM}" for each in OPTIMIZERS if OPTIMIZERS[each].takes_momentum)]
        note, step = f"optimizers are {listing(known)}", suggest(str(optimizer), known)
        raise UsageError.one("E703", f"unknown optimizer `{shorten(optimizer)}`", notes=(note,), help=step)
    return found.slots + (name != optimizer)


def how(*, memory: bool, in_place: bool, optimizer: str) -> Memory | None:
    """Return how memory is counted, None where nobody asks; raise UsageError for an unknown optimizer."""
    if optimizer:
        slots(optimizer)
    return Memory(in_place, optimizer) if memory or in_place or optimizer else None


def of_parameters(summary: Summary, kept: int, dtype: str) -> int:
    """Return the bytes of weights, gradients, and so many numbers of an optimizer per learned parameter."""
    totals = summary.totals
    return BYTES[dtype] * (totals.params + totals.trainable_params * (1 + kept))


def training_parts(summary: Summary) -> list[Part]:
    """Return what a step of training needs at once, part by part."""
    footprint, totals = summary.footprint, summary.totals
    each, kept = number(BYTES[summary.dtype]), slots(footprint.memory.optimizer)
    trainable = symbol("P_t", totals.trainable_params, "trainable parameters")
    elements = sum(footprint.kept(row.node) for row in summary.rows) + footprint.inputs()
    activations = symbol("n", elements // (summary.batch * each.value), "elements kept, the inputs too")
    return [
        Part("weights", footprint.weights_term(totals.params)),
        Part("gradients", trainable * each),
        Part("optimizer", number(kept) * trainable * each if kept else nothing("it keeps nothing")),
        Part("activations", footprint.in_bytes(activations)),
    ]


def training_bytes(summary: Summary) -> int:
    """Return what a step of training needs at once."""
    return sum(part.term.value for part in training_parts(summary))
