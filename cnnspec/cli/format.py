"""`cnnspec fmt`: the canonical layout."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnnspec.cli import options as opt
from cnnspec.cli.output import ErrorFormat, diagnostics, emit, say, write_file
from cnnspec.errors import UsageError

if TYPE_CHECKING:
    from cnnspec.text.limits import Limits

EXAMPLES = """Examples:

cnnspec fmt net.yaml

cnnspec fmt --long - < net.yaml

cnnspec fmt --check nets/*.yaml
"""


def fmt(
    specs: opt.Specs,
    long: Annotated[bool, typer.Option("--long", help="Write arguments as mappings with full names.")] = False,
    short: Annotated[bool, typer.Option("--short", help="Write arguments as tokens.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit with 1 where a file would change.")
    ] = False,
    limit: opt.Limit = [],
    error_format: opt.Errors = ErrorFormat.TEXT,
) -> None:
    """Bring specs into the canonical layout, keeping comments: files in place, standard input to standard output."""
    with diagnostics(error_format):
        if long and short:
            raise UsageError.one("E702", "`--long` and `--short` do not go together")
        style = "long" if long else "short" if short else None
        limits = opt.read_limits(limit)
        changed = [spec for spec in specs if _format(spec, style, limits, check=check)]
        if check and changed:
            raise typer.Exit(1)


def _format(spec: str, style: str | None, limits: Limits, *, check: bool) -> bool:
    """Format one spec and tell whether it changed."""
    from cnnspec.language.formatting import formatted
    from cnnspec.networks import open_source

    source = open_source(spec, limits)
    text = formatted(source.name, source.text, style, limits)
    changed = text != source.text
    if check:
        if changed:
            say(f"would reformat {source.name}")
    elif spec == "-" or not Path(spec).exists():
        emit(text, None)
    elif changed:
        write_file(Path(spec), text, force=True)
        say(f"reformatted {source.name}")
    return changed
