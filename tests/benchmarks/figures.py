"""A figure that was measured, its goal, and how it is printed; and how two sides are timed in turns."""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final, NamedTuple

__all__ = ["ENVIRONMENT", "Figure", "in_turns", "machine", "show", "timed"]

ENVIRONMENT: Final = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
"""For processes that are timed: byte code is kept, as on a user's machine."""
PACKAGES: Final = ("keras", "tensorflow", "torch", "typer", "rich", "pyyaml")


class Figure(NamedTuple):
    """One number with its unit, and its goal where it has one: `("≤", 1.2)`."""

    what: str
    value: float
    unit: str = ""
    goal: tuple[str, float] | None = None

    @property
    def met(self) -> bool | None:
        """Whether the goal is reached; None where there is none."""
        if self.goal is None:
            return None
        sign, bound = self.goal
        return self.value <= bound if sign == "≤" else self.value >= bound

    def line(self) -> str:
        """Return the figure as one line of text."""
        goal = f"goal {self.goal[0]} {self.goal[1]:g}{'' if self.met else '   MISSED'}" if self.goal else ""
        return f"{self.what:<84} {self.value:10.2f} {self.unit:<5} {goal}".rstrip()

    def as_json(self) -> dict[str, Any]:
        """Return what JSON has of it."""
        return {"what": self.what, "value": self.value, "unit": self.unit, "goal": self.goal, "met": self.met}


def show(figures: Iterable[Figure]) -> None:
    """Print figures as soon as each is measured."""
    for figure in figures:
        print(figure.line(), flush=True)


def in_turns(left: Callable[[], float], right: Callable[[], float], rounds: int) -> float:
    """Return the best of `left` divided by the best of `right`, run alternately, so that a busy machine slows both."""
    pairs = [(left(), right()) for _ in range(rounds)]
    return min(pair[0] for pair in pairs) / min(pair[1] for pair in pairs)


def timed(action: Callable[[], object]) -> float:
    """Return the seconds that an action takes; what it returns is thrown away afterwards."""
    start = time.perf_counter()
    result = action()
    seconds = time.perf_counter() - start
    del result
    return seconds


def machine() -> dict[str, str]:
    """Return where the figures come from: processor, cores, system, Python and packages."""
    return {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "executable": platform.python_implementation(),
        **dict(_packages()),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _packages() -> Iterator[tuple[str, str]]:
    for name in PACKAGES:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            continue


def dump(results: dict[str, list[Figure]]) -> None:
    """Print everything as one JSON document."""
    found = {name: [figure.as_json() for figure in figures] for name, figures in results.items()}
    json.dump({"machine": machine(), "benchmarks": found}, sys.stdout, ensure_ascii=False, indent=2)
    print()
