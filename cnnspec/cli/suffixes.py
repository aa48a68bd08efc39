"""The format of a result by the suffix of its file, where no option names it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Final

from cnnspec.errors import UsageError, listing, shorten
from cnnspec.registry import modules_in

TEXT: Final = ("", ".txt", ".log")
"""Suffixes of files that hold what a terminal shows."""
OTHERS: Final = {".htm": ".html", ".markdown": ".md", ".latex": ".tex"}
"""Other suffixes of the same files."""
PAGES: Final = (".html", ".htm")
SPECS: Final = (".yaml", ".yml")


def format_of(output: Path | None, *folder: str, default: str) -> str:
    """Return the format of a folder whose files have the suffix of an output; raise UsageError where none has.

    Without an output, and in a text, it is the default.
    """
    suffix = output.suffix.lower() if output else ""
    if output is None or suffix in TEXT:
        return default
    package = ".".join(("cnnspec", *folder))
    suffixes = {import_module(f"{package}.{name}").FORMAT.suffix: name for name in modules_in(*folder)}
    found = suffixes.get(OTHERS.get(suffix, suffix))
    if found is not None:
        return found
    known = sorted(each for each in suffixes if each and each != TEXT[1])
    message = f"nothing is written as `{shorten(suffix)}` here"
    step = f"write `-o {shorten(output.stem)}{known[0]}`, or name the format with `--format`"
    raise UsageError.one("E706", message, notes=(f"formats are {listing([*known, TEXT[1]])}",), help=step)


def demand(output: Path | None, *suffixes: str, what: str) -> None:
    """Raise UsageError where an output's suffix is none of those that files of one format have; it may have none."""
    suffix = output.suffix.lower() if output else ""
    if output is not None and suffix and suffix not in suffixes:
        message = f"{what}, not `{shorten(suffix)}`"
        step = f"write `{shorten(output.stem)}{suffixes[0]}`"
        raise UsageError.one("E706", message, notes=(f"suffixes are {listing(filter(None, suffixes))}",), help=step)
