"""Where results and diagnostics go: standard output or a file, and standard error; exit codes 0, 1 and 2."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

import typer

from cnnspec.errors import CnnspecError, Diagnostic, UsageError, render_github, render_json, render_text, shorten
from cnnspec.files import unwritable, write_whole


class ErrorFormat(StrEnum):
    """How diagnostics are written."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


_RENDERERS = {ErrorFormat.TEXT: render_text, ErrorFormat.JSON: render_json, ErrorFormat.GITHUB: render_github}


@contextmanager
def diagnostics(error_format: ErrorFormat = ErrorFormat.TEXT) -> Iterator[None]:
    """Turn everything that a user's input can cause into diagnostics and an exit code, never a traceback."""
    try:
        yield
    except CnnspecError as error:
        typer.echo(_RENDERERS[error_format](error.diagnostics), err=True)
        raise typer.Exit(2 if isinstance(error, UsageError) else 1) from None
    except BrokenPipeError:
        # The reader of a pipe has gone, as in `cnnspec summarize vgg16 | head`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(1) from None
    except OSError as error:
        fact = (error.strerror or error.__class__.__name__).lower()
        fault = Diagnostic(code="E604", message="the output cannot be written", notes=(fact,))
        typer.echo(_RENDERERS[error_format]([fault]), err=True)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(1) from None


def emit(text: str, path: Path | None, *, force: bool = False) -> None:
    """Write a result to a file, whole or not at all, or to standard output."""
    if path is None or str(path) == "-":
        sys.stdout.write(text)
        sys.stdout.flush()
    else:
        write_file(path, text, force=force)


def write_file(path: Path, text: str, *, force: bool) -> None:
    """Write a file under a temporary name and rename it; an existing file stays unless `force` is set."""
    demand_free(path, force=force)
    write_whole(path, text.encode("utf-8"))


def demand_free(path: Path | None, *, force: bool) -> None:
    """Raise CnnspecError where a file exists that must not be replaced, or its folder does not.

    Who computes for long asks this first.
    """
    if path is not None and str(path) != "-" and not path.resolve().parent.is_dir():
        raise unwritable(path, FileNotFoundError(2, "no such file or directory"))
    if path is not None and path.resolve().exists() and not force:
        message = f"`{shorten(path, 80)}` cannot be written"
        step = "give `--force` to replace it"
        raise CnnspecError.one("E603", message, notes=("it exists already",), help=step)


def use_color() -> bool:
    """Tell whether standard output is a terminal whose user wants colours."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (sys.stdout.isatty() and os.environ.get("TERM") != "dumb")


def terminal_width() -> int | None:
    """Return the width of the terminal, None where the output is redirected."""
    if not sys.stdout.isatty():
        return None
    import shutil

    return max(shutil.get_terminal_size().columns, 40)
