"""How the learning rate changes while a network is trained: a new way is a line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from cnnspec.ir.keras_rule import Call

Schedule = Callable[[float, int], Call | None]
"""What gives, for the first rate and the steps of all epochs, the call in `keras.optimizers.schedules`.

None leaves the rate as it is.
"""
DROPS: Final = (0.5, 0.75)
"""`step` divides the rate by 10 after these shares of the steps, as He et al. (2015) do for CIFAR-10."""


def _step(rate: float, steps: int) -> Call:
    ends = [max(int(steps * share) - 1, 0) for share in DROPS]  # the last steps with the rate before
    rates = [rate / 10**drops for drops in range(len(DROPS) + 1)]
    return Call("PiecewiseConstantDecay", {"boundaries": ends, "values": rates})


SCHEDULES: Final[Mapping[str, Schedule]] = {
    "constant": lambda _rate, _steps: None,
    "cosine": lambda rate, steps: Call("CosineDecay", {"initial_learning_rate": rate, "decay_steps": steps}),
    "step": _step,
}
WARM_UPS: Final[Mapping[str, Callable[[float, int, int], Call]]] = {
    "constant": lambda rate, _steps, warm: Call(
        "PolynomialDecay", {"initial_learning_rate": 0.0, "decay_steps": warm, "end_learning_rate": rate}
    ),
    "cosine": lambda rate, steps, warm: Call(
        "CosineDecay",
        {"initial_learning_rate": 0.0, "decay_steps": steps - warm, "warmup_target": rate, "warmup_steps": warm},
    ),
}
"""The schedules of Keras that grow evenly from 0 at first: for the rate, all steps, and those in which it grows."""


def schedule_of(name: str, rate: float, steps: int, warm: int) -> Call | None:
    """Return the call in Keras for a schedule with so many steps of warm-up, None where the rate stays as it is."""
    return WARM_UPS[name](rate, steps, warm) if warm else SCHEDULES[name](rate, steps)


def is_constant(name: str) -> bool:
    """Tell whether the rate stays as it is once it is there, however many steps there are."""
    return SCHEDULES[name](1.0, 1) is None
