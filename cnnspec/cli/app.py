"""The commands of `cnnspec`; each stands in a module of its own."""

from __future__ import annotations

import gc
import sys
from io import TextIOWrapper
from typing import Annotated

from cnnspec.garbage import paused

# Looking for cycles again and again while modules are imported takes a tenth of a short command's time.
with paused():
    import typer

    from cnnspec.cli import bundled, check, explain, format, grade, kinds, practice, summarize, validate  # noqa: A004 - named for its command

app = typer.Typer(
    name="cnnspec",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("summarize", epilog=summarize.EXAMPLES)(summarize.summarize)
app.command("explain", epilog=explain.EXAMPLES)(explain.explain)
app.command("check", epilog=check.EXAMPLES)(check.check)
app.command("grade", epilog=grade.EXAMPLES)(grade.grade)
app.command("practice", epilog=practice.EXAMPLES)(practice.practice)
app.command("validate", epilog=validate.EXAMPLES)(validate.validate)
app.command("fmt", epilog=format.EXAMPLES)(format.fmt)
app.command("kinds", epilog=kinds.EXAMPLES)(kinds.kinds)
app.command("list", epilog=bundled.LIST_EXAMPLES)(bundled.list_networks)
app.command("show", epilog=bundled.SHOW_EXAMPLES)(bundled.show)


def _version(value: bool) -> None:  # noqa: FBT001 - typer calls it with the option's value
    if value:
        from cnnspec import __version__  # noqa: PLC0415 - only this option needs it

        typer.echo(f"cnnspec {__version__}")
        raise typer.Exit


@app.callback()
def cnnspec(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Compute the shapes, parameters and MACs of a convolutional network from one YAML file and explain them."""


def main() -> None:
    """Run the command line."""
    gc.freeze()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and stream.encoding.lower() not in ("utf-8", "utf8"):
            stream.reconfigure(encoding="utf-8")
    app()
