"""All targets: one file for each sort of reader, each with a list `TARGETS`."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from tests.fuzz.target import Target


@cache
def targets() -> dict[str, Target]:
    """Return all targets by their names."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("[!_]*.py"))
    found = [target for name in names for target in import_module(f"{__name__}.{name}").TARGETS]
    return {target.name: target for target in found}


def available(target: Target) -> bool:
    """Tell whether the packages are there that a target needs."""
    return all(find_spec(name) is not None for name in target.needs)
