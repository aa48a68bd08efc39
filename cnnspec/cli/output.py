"""Where results and diagnostics go: standard output or a file, and standard error; exit codes 0, 1 and 2."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import Final, TextIO, TypeGuard

import typer

from cnnspec.errors import (
    COLORED,
    PLAIN,
    CnnspecError,
    Diagnostic,
    UsageError,
    printable,
    render_github,
    render_text,
    shorten,
    wrapped,
)
from cnnspec.files import demand_free, write_whole


class ErrorFormat(StrEnum):
    """How diagnostics are written."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


_COLOURS: Final = re.compile(r"(\x1b\[[0-9;]*m)")
_UNSEEN: Final = re.compile(r"[^\n\t -~]")
"""All characters that may be such as a terminal acts on."""


def render_json(found: Sequence[Diagnostic]) -> str:
    """Render diagnostics as a JSON document, one line each; lines and columns are counted from 1."""
    from cnnspec.json_lines import VERSION, by_item

    entries = (diagnostic.to_dict() for diagnostic in found)
    return by_item({"cnnspec": VERSION}, "diagnostics", entries).removesuffix("\n")


def _rendered(found: Sequence[Diagnostic]) -> str:
    """Render diagnostics for whoever reads standard error: in colours and as wide as the terminal, if it is one."""
    look = COLORED if use_color(sys.stderr) else PLAIN
    return render_text(found, look._replace(width=terminal_width(sys.stderr)))


_RENDERERS: Final = {ErrorFormat.TEXT: _rendered, ErrorFormat.JSON: render_json, ErrorFormat.GITHUB: render_github}


@contextmanager
def diagnostics(
    error_format: ErrorFormat = ErrorFormat.TEXT, output: Path | None = None, *, force: bool = False
) -> Iterator[None]:
    """Turn everything that a user's input can cause into diagnostics and an exit code, never a traceback.

    An output that is a file is demanded free before the work begins.
    """
    try:
        if is_file(output):
            demand_free(output, force=force)
        yield
    except CnnspecError as error:
        with suppress(OSError):  # where standard error cannot be written, the exit code still tells
            tell(error.diagnostics, error_format)
        raise typer.Exit(2 if isinstance(error, UsageError) else 1) from None
    except BrokenPipeError:
        # The reader of a pipe has gone, as in `cnnspec summarize vgg16 | head`.
        _silence()
        raise typer.Exit(1) from None
    except OSError as error:
        fact = (error.strerror or error.__class__.__name__).lower()
        fault = Diagnostic(code="E604", message="the output cannot be written", notes=(fact,))
        with suppress(OSError):  # standard error may be what cannot be written
            tell([fault], error_format)
        _silence()
        raise typer.Exit(1) from None


def tell(found: Sequence[Diagnostic], error_format: ErrorFormat) -> None:
    """Write diagnostics to standard error."""
    # Colours are there only where they are wanted: typer is not to take them out again.
    typer.echo(_RENDERERS[error_format](found), err=True, color=True)


def _silence() -> None:
    """Let what is still to be written to standard output go nowhere."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def emit(text: str, path: Path | None, *, force: bool = False, colored: bool = False, file: str = "") -> None:
    """Write a result to a file, whole or not at all, or to standard output.

    On a terminal nothing acts on it but the colours of a `colored` one; into a file or a pipe every byte goes as it is.
    A result that is for other programs to show names the `file` to write it to, after it has filled a terminal.
    """
    if is_file(path):
        write_file(path, text, force=force)
        return
    if sys.stdout is None:
        raise CnnspecError.one("E604", "the output cannot be written", notes=("standard output is closed",))
    sys.stdout.write(_visible(text, colored=colored) if sys.stdout.isatty() else text)
    sys.stdout.flush()
    if file and sys.stdout.isatty():
        say(f"this is for a browser or another program: `-o {file}` writes it into a file")


def say(text: str, *, err: bool = True) -> None:
    """Write lines of our own, which may hold names from outside: what a terminal would act on is made visible.

    On a terminal they are wrapped at words.
    """
    width = terminal_width(sys.stderr if err else sys.stdout)
    typer.echo("\n".join(wrapped("", printable(line), width, 2) for line in text.split("\n")), err=err)


def _visible(text: str, *, colored: bool) -> str:
    """Return a result without what a terminal would act on, besides line ends, tabs, and colours of our own."""
    parts = _COLOURS.split(text) if colored else [text]
    return "".join(part if index % 2 else _UNSEEN.sub(_visible_char, part) for index, part in enumerate(parts))


def _visible_char(found: re.Match[str]) -> str:
    return found[0] if found[0].isprintable() else "�"


def is_file(output: Path | None) -> TypeGuard[Path]:
    """Tell whether an output is a file: without one, and with `-`, it is standard output."""
    return output is not None and str(output) != "-"


def write_file(path: Path, text: str, *, force: bool) -> None:
    """Write a file under a temporary name and rename it; an existing file stays unless `force` is set."""
    demand_free(path, force=force)
    write_whole(path, text.encode("utf-8"), force=force)


def use_color(stream: TextIO | None = None) -> bool:
    """Tell whether a stream, standard output by itself, is a terminal whose user wants colours."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (
        is_terminal(stream or sys.stdout) and os.environ.get("TERM") != "dumb"
    )


def is_terminal(stream: TextIO | None) -> bool:
    """Tell whether a stream is a terminal; one that was closed before we started is None."""
    return stream is not None and stream.isatty()


def terminal_width(stream: TextIO | None = None) -> int | None:
    """Return the width of the terminal of a stream, standard output by itself; None where it is redirected."""
    if not is_terminal(stream or sys.stdout):
        return None
    import shutil

    return max(shutil.get_terminal_size().columns, 40)


def write_folder(folder: Path, files: dict[str, str], *, force: bool) -> None:
    """Write files by their names into a folder, which is made where it is not there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        fact = (error.strerror or error.__class__.__name__).lower()
        message = f"the folder `{shorten(folder, 80)}` cannot be made"
        raise CnnspecError.one("E604", message, notes=(fact,)) from None
    write_files({folder / name: text for name, text in files.items()}, force=force)


def demand_all_free(files: Iterable[Path], *, force: bool) -> None:
    """Raise CnnspecError where one of several files exists already."""
    taken = [] if force else [path for path in files if path.exists()]
    if taken:
        message = f"`{shorten(taken[0], 80)}` cannot be written"
        more = (f"so do {len(taken) - 1} more",) if len(taken) > 1 else ()
        step = "give `--force` to replace it" if len(taken) == 1 else "give `--force` to replace them"
        raise CnnspecError.one("E603", message, notes=("it exists already", *more), help=step)


def write_files(files: dict[Path, str], *, force: bool) -> None:
    """Write several files, none of them where one exists already."""
    demand_all_free(files, force=force)
    for path, text in files.items():
        write_file(path, text, force=force)
