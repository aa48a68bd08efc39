"""`cnnspec fmt`: the canonical layout."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, NamedTuple

import typer

from cnnspec.cli import options as opt
from cnnspec.cli.output import ErrorFormat, diagnostics, emit, say, write_file
from cnnspec.errors import CnnspecError, UsageError, printable

if TYPE_CHECKING:
    from cnnspec.source import Source
    from cnnspec.text.limits import Limits

EXAMPLES = """Examples:

cnnspec fmt net.yaml

cnnspec fmt --long - < net.yaml

cnnspec fmt --check nets/

cnnspec fmt --diff 'nets/*.yaml'
"""

_LINE: Final = re.compile(r"[^\n]*\n|[^\n]+")


def fmt(
    specs: opt.Specs,
    long: Annotated[bool, typer.Option("--long", help="Write arguments as mappings with full names.")] = False,
    short: Annotated[bool, typer.Option("--short", help="Write arguments as tokens.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit with 1 where a file would change.")
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Change nothing; show what would change, and exit with 1 where it would.")
    ] = False,
    limit: opt.Limit = [],
    error_format: opt.Errors = ErrorFormat.TEXT,
) -> None:
    """Bring specs into the canonical layout, keeping comments: files in place, standard input to standard output.

    Of a folder, all specs in it and below. Line ends stay what they are.
    """
    with diagnostics(error_format):
        if long and short:
            raise UsageError.one("E702", "`--long` and `--short` do not go together")
        style = "long" if long else "short" if short else None
        limits = opt.read_limits(limit)
        from cnnspec.spec_files import expanded

        files, faults = expanded(specs)
        changed = []
        for spec in files:
            try:
                layout = _layout(spec, style, limits)
            except CnnspecError as error:
                faults += error.diagnostics
                continue
            if layout.is_new:
                changed.append(spec)
            _show(layout) if diff else _tell(layout) if check else _write(layout)
        if faults:
            raise CnnspecError(faults)
        if changed and (check or diff):
            raise typer.Exit(1)


class _Layout(NamedTuple):
    """A spec as it is, and in the canonical layout."""

    spec: str
    source: Source
    text: str

    @property
    def is_new(self) -> bool:
        """Whether anything would change."""
        return self.text != self.source.text


def _layout(spec: str, style: str | None, limits: Limits) -> _Layout:
    from cnnspec.language.formatting import formatted
    from cnnspec.networks import open_source

    source = open_source(spec, limits)
    return _Layout(spec, source, formatted(source.name, source.text, style, limits))


def _show(layout: _Layout) -> None:
    """Print the lines that would change, as a patch."""
    from difflib import unified_diff

    name = printable(layout.source.name)
    old, new = (_LINE.findall(text) for text in (layout.source.text, layout.text))
    lines = [
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        for line in unified_diff(old, new, name, name)
    ]
    emit(_for_output("".join(lines)), None)


def _tell(layout: _Layout) -> None:
    if layout.is_new:
        say(f"would reformat {layout.source.name}")


def _write(layout: _Layout) -> None:
    """Write a file in place, and what has no place of its own to standard output."""
    if layout.spec == "-" or not Path(layout.spec).exists():
        emit(_for_output(layout.text), None)
    elif layout.is_new:
        write_file(Path(layout.spec), layout.text, force=True)
        say(f"reformatted {layout.source.name}")


def _for_output(text: str) -> str:
    """Return a text for standard output, which on Windows makes two characters of every line end."""
    return text if os.linesep == "\n" else text.replace("\r\n", "\n")
