"""How far a training has come: whole epochs, the best of them, and what random numbers need to go on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from cnnspec.json_lines import VERSION
from cnnspec.language.train.metrics import is_better
from cnnspec.training.runs.untrusted import demand, is_count, is_number

Row = Mapping[str, float]
"""One line of the history: epoch, loss, metrics, the same on validation data, learning rate, seconds."""
RUNNING: Final = "running"
FINISHED: Final = "finished"
STOPPED: Final = "stopped early"


@dataclass(frozen=True, slots=True)
class State:
    """A training after some whole epochs.

    `best_value` is the best value so far of what the settings monitor. `seeds` are the states of the layers that
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
        better = value is None or self.best_value is None or is_better(monitor or "", value, self.best_value)
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
        return {"cnnspec": VERSION} | {field.name: getattr(self, field.name) for field in fields(self)}


def from_json(values: Any) -> State:
    """Return the state that `as_json` wrote; raise ValueError where it is none."""
    names = ["cnnspec", *(field.name for field in fields(State))]
    demand(isinstance(values, dict) and sorted(values) == sorted(names), f"its keys must be {', '.join(names)}")
    demand(values["cnnspec"] == VERSION, "it is of another version")
    epoch, best_epoch, best_value = values["epoch"], values["best_epoch"], values["best_value"]
    demand(is_count(epoch) and is_count(best_epoch) and best_epoch <= epoch, "its epochs are no counts")
    demand(values["status"] in (RUNNING, FINISHED, STOPPED), "its status is unknown")
    demand(best_value is None or is_number(best_value), "its best value is no number")
    history = tuple(_rows(values["history"], epoch))
    return State(epoch, values["status"], best_epoch, best_value, history, tuple(_seeds(values["seeds"])))


def _rows(rows: Any, epoch: int) -> Iterator[Row]:
    """Read the history: numbers under the same names in every row, and a row per epoch up to the last one."""
    demand(isinstance(rows, list) and len(rows) <= epoch, "its history is none")
    for number, row in enumerate(rows, epoch - len(rows) + 1):
        demand(isinstance(row, dict) and all(map(is_number, row.values())), "its history has rows without numbers")
        demand(row.keys() == rows[0].keys() and "loss" in row, "its history has rows with other names")
        demand(row.get("epoch") == number, "its history has not a row per epoch")
        yield row


def _seeds(seeds: Any) -> Iterator[tuple[int, ...]]:
    demand(isinstance(seeds, list) and all(isinstance(seed, list) for seed in seeds), "its seeds are none")
    for seed in seeds:
        demand(all(is_count(number) and number < 1 << 32 for number in seed), "its seeds are no numbers of 32 bits")
        yield tuple(seed)
