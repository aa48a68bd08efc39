"""The losses, by Keras' names: a new one is an entry here.

Nothing is imported for the formulas: who measures hands over NumPy, as `np`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from cnnspec.layers.activations import Outputs

CROSS_ENTROPY: Final = "sparse_categorical_crossentropy"
LEAST: Final = 1e-7
"""How near to 0 and 1 a probability is taken, which is Keras' own."""


class Loss(NamedTuple):
    """A loss: its formula, what it needs, and other spellings of its name.

    `formula` takes NumPy, outputs (N, K) and what they should have been, a 1 for the class and 0 elsewhere; it gives
    the mean. `outputs` is what a network's outputs must be. A `sparse` loss is told the number of the class.
    `entropy` is the class in `keras.losses` of one that can apply the last activation itself, and `is_smooth` tells
    that its labels can be smoothed.
    """

    formula: Callable[[Any, Any, Any], Any]
    outputs: Outputs = Outputs.NUMBERS
    sparse: bool = False
    entropy: str = ""
    is_smooth: bool = False
    aliases: tuple[str, ...] = ()


def _categorical(np: Any, outputs: Any, targets: Any) -> Any:
    return -(targets * np.log(outputs.clip(LEAST, 1))).sum(axis=-1).mean()


def _binary(np: Any, outputs: Any, targets: Any) -> Any:
    given = outputs.clip(LEAST, 1 - LEAST)
    return -(targets * np.log(given) + (1 - targets) * np.log(1 - given)).mean()


LOSSES: Final[Mapping[str, Loss]] = {
    CROSS_ENTROPY: Loss(_categorical, Outputs.DISTRIBUTION, sparse=True, entropy="SparseCategoricalCrossentropy"),
    "categorical_crossentropy": Loss(
        _categorical, Outputs.DISTRIBUTION, entropy="CategoricalCrossentropy", is_smooth=True
    ),
    "binary_crossentropy": Loss(_binary, Outputs.PROBABILITIES, entropy="BinaryCrossentropy", is_smooth=True),
    "mean_squared_error": Loss(lambda _np, outputs, targets: ((outputs - targets) ** 2).mean(), aliases=("mse",)),
    "mean_absolute_error": Loss(lambda _np, outputs, targets: abs(outputs - targets).mean(), aliases=("mae",)),
}


def smoothed(loss: Loss, targets: Any, share: float) -> Any:
    """Return targets (…, K) of which a share goes to all classes alike; a probability on its own is of two classes."""
    classes = targets.shape[-1] if loss.outputs is Outputs.DISTRIBUTION else 2
    return targets * (1 - share) + share / classes
