"""How far a training has come: whole epochs, the best of them, and what random numbers need to go on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final

Row = Mapping[str, float]
"""One line of the history: epoch, loss, metrics, the same on validation data, learning rate, seconds."""
RUNNING: Final = "running"
FINISHED: Final = "finished"
STOPPED: Final = "stopped early"


@dataclass(frozen=True, slots=True)
class State:
    """A training after some whole epochs.

    `best_value` is the least value so far of what the settings monitor. `seeds` are the states of the layers that
    draw random numbers, in the order of the model.
    """

    epoch: int = 0
    status: str = RUNNING
    best_epoch: int = 0
    best_value: float | None = None
    history: tuple[Row, ...] = ()
    seeds: tuple[tuple[int, ...], ...] = ()

    @property
    def waited(self) -> int:
        """Epochs since the best one."""
        return self.epoch - self.best_epoch

    def advance(self, row: Row, monitor: str | None, seeds: tuple[tuple[int, ...], ...]) -> State:
        """Return the state after one more epoch; without anything to monitor, the last epoch is the best."""
        value = None if monitor is None else row[monitor]
        better = value is None or self.best_value is None or value < self.best_value
        return replace(
            self,
            epoch=int(row["epoch"]),
            best_epoch=int(row["epoch"]) if better else self.best_epoch,
            best_value=value if better else self.best_value,
            history=(*self.history, row),
            seeds=seeds,
        )

    def ended(self, status: str) -> State:
        """Return the state of a training that goes on no more."""
        return replace(self, status=status)

    def as_json(self) -> dict[str, Any]:
        """Return the state as JSON has it."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def from_json(values: Mapping[str, Any]) -> State:
    """Return the state that `as_json` wrote; raise ValueError where it is none."""
    try:
        state = State(**values)
        return replace(
            state,
            history=tuple({str(name): number for name, number in row.items()} for row in state.history),
            seeds=tuple(tuple(int(number) for number in seed) for seed in state.seeds),
        )
    except (TypeError, AttributeError) as error:
        raise ValueError(str(error)) from None
