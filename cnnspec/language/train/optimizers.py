"""The optimizers, by Keras' names: a new one is a line here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple


class Optimizer(NamedTuple):
    """Keras' own learning rate, the numbers that are kept for every parameter, and whether there is a momentum.

    A momentum that is not 0 keeps one number more.
    """

    learning_rate: float = 0.001
    slots: int = 2
    takes_momentum: bool = False


OPTIMIZERS: Final[Mapping[str, Optimizer]] = {
    "adam": Optimizer(),
    "adamw": Optimizer(),
    "nadam": Optimizer(),
    "adamax": Optimizer(),
    "sgd": Optimizer(learning_rate=0.01, slots=0, takes_momentum=True),
    "rmsprop": Optimizer(slots=1, takes_momentum=True),
    "adagrad": Optimizer(slots=1),
    "adadelta": Optimizer(),
    "lion": Optimizer(slots=1),
    "ftrl": Optimizer(),
}
WITH_MOMENTUM: Final = tuple(name for name, optimizer in OPTIMIZERS.items() if optimizer.takes_momentum)
