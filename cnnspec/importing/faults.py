"""The diagnostics of importing: files that are no models, layers that are not known, sizes that are left open."""

from __future__ import annotations

from typing import Final

from cnnspec.errors import CnnspecError, Diagnostic, UsageError, shorten
from cnnspec.ir.shapes import Shape, compact

LONGEST: Final = 400
"""Characters of what is said of a step: it may quote lists of the file, which are as long as that likes."""


def unopened(name: str, reason: Exception | str) -> CnnspecError:
    """Return the error of a file that cannot be opened."""
    if isinstance(reason, FileNotFoundError):
        from cnnspec.bundled import is_bundled  # noqa: PLC0415 - a file that is there does not pay for it

        is_spec = is_bundled(name)
        step = f"it is a spec already: `cnnspec show {name}`" if is_spec else "`cnnspec import --help` shows examples"
        return UsageError.one("E601", f"there is no file `{shorten(name, 80)}`", help=step)
    fact = str(getattr(reason, "strerror", None) or "the name is not allowed").lower()
    fact = reason if isinstance(reason, str) else fact
    return UsageError.one("E602", f"`{shorten(name, 80)}` cannot be read", notes=(fact,))


def unreadable(name: str, fact: str, step: str = "") -> CnnspecError:
    """Return the error of a file that is no model that could be read."""
    return CnnspecError.one("E605", f"`{shorten(name, 80)}` cannot be imported", notes=(fact,), help=step)


def unmodelled(path: str, what: str, *notes: str, step: str = "") -> Diagnostic:
    """Return the diagnostic of a layer that no kind describes."""
    return Diagnostic("E606", f"layer `{shorten(path, 80)}`: {shorten(what, LONGEST)}", notes=notes, help=step)


def unsized(name: str, shown: str) -> Diagnostic:
    """Return the diagnostic of an input without all of its sizes."""
    message = f"the file leaves sizes of the input `{shorten(name)}` open: {shown}"
    return Diagnostic("E607", message, help="give them, such as `--input 224x224x3`")


def unfitting(name: str, given: Shape, shown: str) -> Diagnostic:
    """Return the diagnostic of a shape that is given for an input of another number of axes."""
    message = f"the shape `{compact(given)}` is given for the input `{shorten(name)}`, which the file has as {shown}"
    return Diagnostic("E105", message, help="give as many sizes, such as `--input 224x224x3` for an image in colours")
