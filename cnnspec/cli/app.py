"""The commands of `cnnspec`; each stands in a module of its own, which is imported when it is called."""

from __future__ import annotations

import gc
import os
import sys
import warnings
from collections.abc import Iterable, Sequence
from importlib import import_module
from io import TextIOWrapper
from typing import Annotated, Any, Final, NamedTuple, NoReturn

from cnnspec.cli.candidates import COMPLETING
from cnnspec.errors import printable
from cnnspec.garbage_collection import paused

# Looking for cycles again and again while modules are imported takes a tenth of a short command's time.
with paused():
    import typer


class Command(NamedTuple):
    """Where a command stands: its module, its function, and the examples below its help."""

    module: str
    function: str
    examples: str = "EXAMPLES"


SELDOM: Final = (50_000, 20, 100)
"""When the garbage collector looks: what a command imports is none, and looking takes a tenth of a short one's time."""

COMMANDS: Final = {
    "summarize": Command("summarize", "summarize"),
    "explain": Command("explain", "explain"),
    "compare": Command("compare", "compare"),
    "solve": Command("solve", "solve"),
    "draw": Command("draw", "draw"),
    "report": Command("report", "report"),
    "live": Command("live", "live"),
    "check": Command("check", "check"),
    "grade": Command("grade", "grade"),
    "practice": Command("practice", "practice"),
    "assignment": Command("assignment", "assignment"),
    "autograder": Command("autograder", "autograder"),
    "train": Command("train", "train"),
    "sweep": Command("sweep", "sweep"),
    "runs": Command("runs", "runs"),
    "validate": Command("validate", "validate"),
    "verify": Command("verify", "verify"),
    "export": Command("export", "export"),
    "import": Command("import_", "import_"),
    "evaluate": Command("evaluate", "evaluate"),
    "predict": Command("predict", "predict"),
    "show-activations": Command("show_activations", "show_activations"),
    "fmt": Command("format", "fmt"),
    "kinds": Command("kinds", "kinds"),
    "schema": Command("schema", "schema"),
    "completion": Command("completion", "completion"),
    "list": Command("bundled", "list_networks", "LIST_EXAMPLES"),
    "show": Command("bundled", "show", "SHOW_EXAMPLES"),
}


def make_app(names: Iterable[str] = COMMANDS) -> typer.Typer:
    """Return the application with some of its commands: a call needs one, `--help` all of them."""
    app = typer.Typer(
        name="cnnspec",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(cnnspec)
    for name in names:
        command = COMMANDS[name]
        module = import_module(f"cnnspec.cli.{command.module}")
        app.command(name, epilog=getattr(module, command.examples))(getattr(module, command.function))
    return app


def app_for(words: Sequence[str]) -> typer.Typer:
    """Return the application that a command line needs: the one command that it calls, or all where it calls none."""
    called = [name for name in words[:1] if name in COMMANDS]
    return make_app(called or COMMANDS)


def _version(value: bool) -> None:  # noqa: FBT001 - typer calls it with the option's value
    if value:
        from cnnspec import __version__

        typer.echo(f"cnnspec {__version__}")
        raise typer.Exit


def cnnspec(
    version: Annotated[
        bool, typer.Option("--version", "-V", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Compute the shapes, parameters and MACs of a convolutional network from one YAML file and explain them."""


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and stream.encoding.lower() not in ("utf-8", "utf8"):
            stream.reconfigure(encoding="utf-8")
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # what libraries warn of is for who writes programs with them
    gc.set_threshold(*SELDOM)
    if COMPLETING in os.environ:
        _complete()
    with paused():
        app = app_for(sys.argv[1:])
    gc.freeze()
    try:
        code = app(standalone_mode=False)
    except typer.Abort:
        code = 1
    except Exception as error:
        if not hasattr(error, "format_message"):
            raise
        code = _refuse(error)
    gc.freeze()  # the collections of the interpreter's end would look through all that is left
    sys.exit(code)


def _complete() -> NoReturn:
    """Answer a shell that asks what may stand at a place."""
    from cnnspec.cli.completion import PROGRAM, ready

    ready()
    line = os.environ.get("COMP_WORDS") or os.environ.get("_TYPER_COMPLETE_ARGS", "")
    _, *words = line.split(" ")
    sys.exit(app_for(words if len(words) > 1 else ())(prog_name=PROGRAM, complete_var=COMPLETING))


def _refuse(error: Any) -> int:
    """Say what typer has against a command line, without what a terminal would act on; return the exit code."""
    from typer.rich_utils import rich_format_error

    error.message = printable(error.message)
    rich_format_error(error)
    return int(error.exit_code)
