"""How a batch is divided is decided by the clock: the first steps are taken in turns, and the fastest way stays.

Every step that is measured is a step of the training: nothing is computed twice.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from cnnspec.training.fitting.learners import Alone, Look

if TYPE_CHECKING:
    import tensorflow as tf

ROUNDS: Final = 3
"""Executions of each way that are measured; the one in which it is compiled comes before."""
GAIN: Final = 0.97
"""A way is taken instead of a simpler one where it needs less than this share of its time."""
Times = Mapping[int, float]
"""The seconds of a step for each number of parts that was tried."""
Trials = Generator[int, float | None, int]
"""Yields the parts of the next execution, is sent its seconds, and returns the parts of all that follow."""


class Choosing(Alone):
    """Keras' own `fit`, whose first executions are taken in several ways."""

    def __init__(self, model: Any, parts: Sequence[int], steps: int, chosen: Callable[[int, Times], None]) -> None:
        """Take a compiled `Divided` model, the parts to try, the steps of an execution, and who is told the choice."""
        super().__init__(model)
        self._divided, self._steps, self._chosen = model, steps, chosen
        self._functions: dict[int, Any] = {}
        self._times: dict[int, float] = {}
        self._trials = trials(parts, self._times)
        self._next = next(self._trials)
        self._is_decided = False
        self._left = 0
        model.train_function = self._execute

    def learn(self, batches: tf.data.Dataset, epoch: int, look: Look) -> Mapping[str, float]:
        """Take a step for each batch of an epoch, and return the mean loss and metrics."""
        self._left = len(batches)
        return super().learn(batches, epoch, look)

    def _execute(self, iterator: Any) -> Any:
        """Take some steps; until it is known which way is the fastest, in the one whose turn it is."""
        function, self._left = self._function(self._next), self._left - self._steps
        if self._is_decided:
            return function(iterator)
        start = perf_counter()
        logs = function(iterator)
        seconds = (perf_counter() - start) / self._steps
        if self._left >= 0:  # else fewer steps were left of the epoch
            self._advance(seconds)
        return logs

    def _advance(self, seconds: float) -> None:
        try:
            self._next = self._trials.send(seconds)
        except StopIteration as end:
            self._next, self._is_decided = end.value, True
            self._divided.parts = self._next
            self._chosen(self._next, self._times)

    def _function(self, parts: int) -> Any:
        """Return Keras' own function of some steps, compiled for so many parts."""
        if parts not in self._functions:
            self._divided.parts = parts
            self._divided.make_train_function(force=True)
            self._functions[parts] = self._divided.train_function
            self._divided.train_function = self._execute
        return self._functions[parts]


def trials(parts: Sequence[int], times: dict[int, float]) -> Trials:
    """Try ways in their order, each against the best so far in turns, until one is no better; note their best times."""
    best, *others = parts
    yield best  # compiles it
    for other in others:
        yield other
        seconds: dict[int, list[float]] = {best: [], other: []}
        for _ in range(ROUNDS):
            for way in (best, other):
                seconds[way].append((yield way) or 0.0)
        times.update({way: min(found) for way, found in seconds.items()})
        if times[other] >= GAIN * times[best]:
            break
        best = other
    return best


def describe(parts: int, times: Times) -> str:
    """Say in a line what was chosen, and by what."""
    measured = ", ".join(f"{_words(way)} {1000 * times[way]:.3g} ms" for way in times)
    return f"a batch is computed {_words(parts)}; a step took: {measured}"


def _words(parts: int) -> str:
    return "as a whole" if parts == 1 else f"in {parts} parts side by side"
