"""Arguments in the wrong order: what belongs behind the spec stands before it."""

from __future__ import annotations

from os.path import isdir, lexists
from pathlib import Path
from typing import Final

from cnnspec.errors import UsageError, shorten

SPECS: Final = (".yaml", ".yml")


def demand_spec_first(command: str, spec: str, other: str, what: str) -> None:
    """Raise UsageError where `what` stands in the place of the spec, and the spec in the place of that."""
    from cnnspec.bundled import is_bundled

    def is_spec(word: str) -> bool:
        return Path(word).suffix.lower() in SPECS or is_bundled(word)

    # Not pathlib, which raises for names that no system allows: those are files that cannot be read.
    is_none = isdir(spec) or not lexists(spec) or Path(spec).suffix.lower() not in ("", ".json")  # noqa: PTH112
    if spec not in ("", "-") and not is_spec(spec) and is_none and is_spec(other):
        step = f"write `cnnspec {command} {shorten(other, 60)} {shorten(spec, 60)}`"
        raise UsageError.one("E702", f"the spec comes first, and {what} behind it", help=step)
