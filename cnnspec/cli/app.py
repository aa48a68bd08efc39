"""The commands of `cnnspec`; each stands in a module of its own, which is imported when it is called."""

from __future__ import annotations

import gc
import os
import re
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
    """Where a command stands: its module, its function, its group in the overview, and the examples below its help."""

    module: str
    function: str
    group: str
    examples: str = "EXAMPLES"


SELDOM: Final = (50_000, 20, 100)
"""When the garbage collector looks: what a command imports is none, and looking takes a tenth of a short one's time."""

_STREAMS: Final = 3
"""Standard input, output and error have the first numbers of files."""

COMMANDS: Final = {
    "summarize": Command("summarize", "summarize", "Analyse"),
    "explain": Command("explain", "explain", "Analyse"),
    "compare": Command("compare", "compare", "Analyse"),
    "solve": Command("solve", "solve", "Analyse"),
    "draw": Command("draw", "draw", "Analyse"),
    "report": Command("report", "report", "Analyse"),
    "live": Command("live", "live", "Analyse"),
    "check": Command("check", "check", "Homework"),
    "grade": Command("grade", "grade", "Homework"),
    "practice": Command("practice", "practice", "Homework"),
    "assignment": Command("assignment", "assignment", "Homework"),
    "autograder": Command("autograder", "autograder", "Homework"),
    "train": Command("train", "train", "Train"),
    "sweep": Command("sweep", "sweep", "Train"),
    "runs": Command("runs", "runs", "Train"),
    "verify": Command("verify", "verify", "Train"),
    "evaluate": Command("evaluate", "evaluate", "Train"),
    "predict": Command("predict", "predict", "Train"),
    "show-activations": Command("show_activations", "show_activations", "Train"),
    "validate": Command("validate", "validate", "Files"),
    "export": Command("export", "export", "Files"),
    "import": Command("import_", "import_", "Files"),
    "fmt": Command("format", "fmt", "Files"),
    "kinds": Command("kinds", "kinds", "Files"),
    "schema": Command("schema", "schema", "Files"),
    "lsp": Command("lsp", "lsp", "Files"),
    "completion": Command("completion", "completion", "Files"),
    "list": Command("bundled", "list_networks", "Files", "LIST_EXAMPLES"),
    "show": Command("bundled", "show", "Files", "SHOW_EXAMPLES"),
}


OTHERS: Final = {
    "summary": "summarize",
    "info": "summarize",
    "diff": "compare",
    "format": "fmt",
    "lint": "validate",
    "plot": "draw",
    "convert": "import",
    "test": "evaluate",
    "eval": "evaluate",
    "layers": "kinds",
    "models": "list",
    "cat": "show",
    "serve": "live",
    "mark": "check",
}
"""Words that other programs have for a command."""

EXTRA: Final = r"(?s)unexpected extra argument(?:s|\(s\))? \((.*)\)"
"""Words that are too many, as versions of the parser tell them."""


def make_app(names: Iterable[str] = COMMANDS) -> typer.Typer:
    """Return the application with some of its commands: a call needs one, `--help` all of them."""
    app = typer.Typer(
        name="cnnspec",
        epilog="Start: cnnspec summarize lenet5",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(cnnspec)
    for name in names:
        command = COMMANDS[name]
        module = import_module(f"cnnspec.cli.{command.module}")
        function = getattr(module, command.function)
        options: dict[str, Any] = {"epilog": getattr(module, command.examples), "rich_help_panel": command.group}
        app.command(name, help=reflowed(function.__doc__ or ""), **options)(function)
    return app


def reflowed(text: str) -> str:
    r"""Return a text whose paragraphs are a line each, for a terminal of any width.

    >>> reflowed("One\n    sentence.\n\n    Another.")
    'One sentence.\n\nAnother.'
    """
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.strip().split("\n\n"))


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
    if None in (sys.stdin, sys.stdout, sys.stderr):
        _occupy()
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
        code = readable(app)(standalone_mode=False) if {"-h", "--help"} & {*sys.argv} else app(standalone_mode=False)
    except typer.Abort:
        code = 1
    except Exception as error:
        if not hasattr(error, "format_message"):
            raise
        code = _refuse(error, sys.argv[1:])
    gc.freeze()  # the collections of the interpreter's end would look through all that is left
    sys.exit(code)


def _occupy() -> None:
    """Let no file of ours get the number of a standard stream that was closed: what libraries tell would go into it."""
    number = os.open(os.devnull, os.O_RDWR)
    while number < _STREAMS:
        os.set_inheritable(number, True)
        number = os.open(os.devnull, os.O_RDWR)
    os.close(number)
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - as long as we run


def _complete() -> NoReturn:
    """Answer a shell that asks what may stand at a place."""
    from cnnspec.cli.completion import PROGRAM, ready

    ready()
    line = os.environ.get("COMP_WORDS") or os.environ.get("_TYPER_COMPLETE_ARGS", "")
    _, *words = line.split(" ")
    sys.exit(app_for(words if len(words) > 1 else ())(prog_name=PROGRAM, complete_var=COMPLETING))


def readable(app: typer.Typer) -> Any:
    """Return the application as a command whose options say in words what they accept, which no column cuts."""
    command = typer.main.get_command(app)
    for each in (command, *getattr(command, "commands", {}).values()):
        for parameter in each.params:
            kind = getattr(parameter, "type_descriptor", None) or parameter.type  # as typer from 0.29 on calls it
            choices = getattr(kind, "choices", None)
            if choices and not parameter.metavar:
                words = ", ".join(str(getattr(choice, "value", choice)) for choice in choices)
                parameter.metavar = str(parameter.name).upper().rpartition("_")[2]
                parameter.help = f"{getattr(parameter, 'help', None) or ''} One of {words}.".lstrip()
    return command


def _refuse(error: Any, words: Sequence[str]) -> int:
    """Say what typer has against a command line, without what a terminal would act on; return the exit code."""
    from typer.rich_utils import rich_format_error

    from cnnspec.cli.refused_numbers import tell_number
    from cnnspec.cli.wrong_turns import choice_meant

    error.message = printable(error.message)
    if tell_number(error, words):
        return int(error.exit_code)
    if error.message.startswith("No such command"):
        error.message = f"{error.message.partition('. ')[0].rstrip('.')}. {_command_meant(words)}".rstrip()
    elif meant := _words_meant(error, words):
        error.message = f"{error.message.rstrip('.')}. {meant}"
        error.possibilities = None
    else:
        error.message = choice_meant(error.message)
    rich_format_error(error)
    return int(error.exit_code)


def _words_meant(error: Any, words: Sequence[str]) -> str:
    """Return what was meant by an option that a command does not have, or by words that are too many."""
    from cnnspec.cli.wrong_turns import extra_meant, option_meant

    command = next((word for word in words if word in COMMANDS), "")
    if option := getattr(error, "option_name", "") if error.message.startswith("No such option") else "":
        return option_meant(typer.main.get_command(make_app()), command, option)
    return extra_meant(command, words, extra[1]) if (extra := re.search(EXTRA, error.message)) else ""


def _command_meant(words: Sequence[str]) -> str:
    """Return the command line that was meant by one whose first word is no command."""
    from cnnspec.errors import shorten, suggest
    from cnnspec.networks import is_there

    word = next((word for word in words if not word.startswith("-")), "")
    if word == "version":
        return "Did you mean `cnnspec --version`?"
    if word == "help":
        return "Did you mean `cnnspec --help`?"
    if is_there(word):
        return f"Did you mean `cnnspec summarize {shorten(word, 60)}`?"
    known = suggest(OTHERS.get(word, word), COMMANDS)
    return known.capitalize().replace("`", "`cnnspec ", 1) if known else "`cnnspec --help` lists the commands."
