"""Options that several commands share, and how their values are read."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cnnspec.cli.candidates import specs
from cnnspec.cli.output import ErrorFormat, say, tell
from cnnspec.errors import CnnspecError, Diagnostic, UsageError, listing, shorten, suggest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cnnspec.analysis.counting import Counting
    from cnnspec.analysis.footprint import Memory as How
    from cnnspec.analysis.measure import Summary
    from cnnspec.homework.assignment.record import Assignment
    from cnnspec.ir.graph import Graph
    from cnnspec.text.limits import Limits

Spec = Annotated[
    str,
    typer.Argument(
        metavar="SPEC", help="A path, `-` for standard input, or the name of a bundled network.", autocompletion=specs
    ),
]
SpecOrAssignment = Annotated[
    str,
    typer.Argument(
        metavar="SPEC",
        help="A path, `-`, or the name of a bundled network; or the path of an assignment.",
        autocompletion=specs,
    ),
]
Specs = Annotated[
    list[str],
    typer.Argument(
        metavar="SPEC…",
        help="Paths, folders, patterns such as `nets/*.yaml`, or names of bundled networks.",
        autocompletion=specs,
    ),
]
Input = Annotated[
    list[str],
    typer.Option("--input", "-i", metavar="SHAPE", help="Another input shape: 224x224x3, or NAME=224x224x3."),
]
Param = Annotated[
    list[str], typer.Option("--param", "-p", metavar="NAME=VALUE", help="Another value for a parameter of the file.")
]
Convention = Annotated[
    str | None,
    typer.Option("--convention", metavar="NAME", help="Count operations as a tool does; `help` lists the tools."),
]
Parameters = Annotated[
    str, typer.Option("--params", metavar="NAME", help="Count parameters as `keras` or as `torch`.", show_default=True)
]
Memory = Annotated[
    bool, typer.Option("--memory", help="Show bytes: of weights, and of the activations that are live at every layer.")
]
InPlace = Annotated[
    bool, typer.Option("--in-place", help="Memory where activations and batch norms overwrite their input.")
]
Optimizer = Annotated[
    str, typer.Option("--optimizer", metavar="NAME", help="Memory of a training: `adam`, `sgd+momentum`, …")
]
Batch = Annotated[int, typer.Option("--batch", min=1, metavar="N", help="Samples in memory at once.")]
Limit = Annotated[
    list[str], typer.Option("--limit", metavar="NAME=N", help="Raise a limit: bytes, depth, events or nodes.")
]
Strict = Annotated[bool, typer.Option("--strict", help="Take notes (codes with W) for errors.")]
Errors = Annotated[ErrorFormat, typer.Option("--error-format", help="How errors are written.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to a file instead.")]
Schema = Annotated[
    str | None,
    typer.Option(
        "--schema",
        metavar="PATH",
        help="The schema that the first line names for editors: a path, a URL, or `none`; spec.schema.json beside or "
        "above unless given.",
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Replace the output file if it exists.")]


class Plain(StrEnum):
    """The formats of what a terminal shows: text, or JSON for programs."""

    TEXT = "text"
    JSON = "json"


PlainFormat = Annotated[Plain, typer.Option("--format", "-f", help="Text, or JSON for programs.")]


def choices(name: str, words: Iterable[str]) -> object:
    """Return the values of an option, which a type checker takes for texts: they are the files of a folder."""
    return StrEnum(name, [(word.upper(), word) for word in words])


def counting(convention: str | None, params: str) -> Counting:
    """Return how operations and parameters are counted; list the conventions where that is asked for."""
    from cnnspec.analysis.counting import counting as counted

    if convention == "help":
        from cnnspec.explaining.conventions import render_list

        typer.echo(render_list(), nl=False)
        raise typer.Exit
    return counted(convention or "", params)


class DType(StrEnum):
    """The number types whose bytes are counted."""

    FLOAT64 = "float64"
    FLOAT32 = "float32"
    FLOAT16 = "float16"
    BFLOAT16 = "bfloat16"
    INT8 = "int8"


Numbers = Annotated[DType, typer.Option("--dtype", help="The type of the numbers, for the bytes.")]


def memory_of(*, memory: bool, in_place: bool, optimizer: str) -> How | None:
    """Return how memory is counted, None where nobody asks."""
    if not (memory or in_place or optimizer):
        return None
    from cnnspec.analysis.training_memory import how

    return how(memory=memory, in_place=in_place, optimizer=optimizer)


def load(spec: str, inputs: list[str], params: list[str], limits: list[str]) -> Graph:
    """Return the graph of a spec with the values that options give."""
    from cnnspec import networks

    tell_hidden(spec)
    return networks.load(spec, **overrides(inputs, params), limits=read_limits(limits))


def tell_hidden(spec: str) -> None:
    """Say that a word is a bundled network where a file beside it could be meant."""
    from cnnspec.bundled import hidden, is_bundled

    if (file := hidden(spec)) and is_bundled(spec):
        say(f"note: `{shorten(spec, 80)}` is the bundled network, not the file `{shorten(file, 80)}`")


def load_homework(
    spec: str, inputs: list[str], params: list[str], limits: list[str]
) -> tuple[Graph, Assignment | None]:
    """Return the graph of an assignment or of a spec, with the values that options give, and the assignment."""
    from cnnspec.homework.assignment.opening import open_homework

    tell_hidden(spec)
    return open_homework(spec, read_limits(limits), **overrides(inputs, params))


def overrides(inputs: list[str], params: list[str]) -> dict[str, Any]:
    """Return the input shapes and parameters that options give, as `cnnspec.load` takes them."""
    return {"inputs": shapes(inputs), "params": _pairs("--param", params)}


def load_overridden(spec: str, given: dict[str, Any]) -> Graph:
    """Return the graph of a spec with values that `overrides` has read."""
    from cnnspec import networks

    return networks.load(spec, **given)


def findings(spec: str, summary: Summary) -> list[Diagnostic]:
    """Return what a network lacks of what its spec expects, and notes on it; a bundled one is as it was published."""
    from cnnspec.bundled import is_bundled

    if not Path(spec).is_file() and is_bundled(spec):
        return []
    from cnnspec.analysis.advice import advice

    return [*_unmet(summary), *advice(summary)]


def _unmet(summary: Summary) -> list[Diagnostic]:
    if not summary.graph.expect:
        return []
    from cnnspec.analysis.budgets import check

    return check(summary)


def report(found: list[Diagnostic], error_format: ErrorFormat, *, strict: bool) -> None:
    """Write notes to standard error; raise CnnspecError where there are errors among them, or notes count as such."""
    if any(strict or fault.severity == "error" for fault in found):
        raise CnnspecError(found)
    if found:
        tell(found, error_format)


def shapes(options: list[str]) -> dict[str, tuple[int, ...]]:
    """Return the input shapes that options give by the names of inputs, or under "" that of the only one."""
    from cnnspec.ir.values import input_shape

    found = {}
    for option in options:
        name, equals, text = option.rpartition("=")
        try:
            found[name] = input_shape(text if name or not equals else "")
        except ValueError:
            plain = re.sub(r"(?<=\d) *[,*×X] *(?=\d)", "x", text.strip("()[] ")[:40])
            is_clear = plain != text and re.fullmatch(r"[1-9]\d*(x[1-9]\d*){1,3}", plain)
            step = f"write `--input {name}{equals}{plain}`" if is_clear else "write `--input 224x224x3`"
            raise _misuse("E703", f"`{shorten(option)}` is not an input shape", step) from None
    return found


def _pairs(option: str, values: list[str]) -> dict[str, str]:
    pairs = {}
    for value in values:
        name, equals, text = value.partition("=")
        if not equals or not name or not text:
            raise _misuse("E703", f"`{shorten(value)}` is not NAME=VALUE", f"write `{option} width=0.5`")
        pairs[name] = text
    return pairs


def read_limits(values: list[str]) -> Limits:
    """Return the limits that options raise."""
    from cnnspec.text.limits import STANDARD

    limits = STANDARD
    for name, text in _pairs("--limit", values).items():
        if name not in limits._fields:
            raise _misuse("E703", f"unknown limit `{shorten(name)}`", suggest(name, limits._fields), limits._fields)
        if not text.isdecimal() or not 1 <= int(text[:18]) < 10**17:
            raise _misuse("E703", f"`{shorten(text)}` is not a limit", f"write `--limit {name}=1000000`")
        limits = limits._replace(**{name: int(text)})
    return limits


def read_columns(text: str | None) -> list[str] | None:
    """Return the columns that an option names, None where it is not given; `help` lists them and ends the command."""
    if text is None:
        return None
    from cnnspec.analysis.columns import COLUMNS, choose

    if text == "help":
        typer.echo("\n".join(f"{name:<16} {column.title}" for name, column in COLUMNS.items()))
        raise typer.Exit
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise UsageError.one("E703", "`--columns` names no column", help="`--columns help` lists them")
    choose(names)
    return names


def _misuse(code: str, message: str, step: str, known: tuple[str, ...] = ()) -> UsageError:
    notes = (f"limits are {listing(known)}",) if known else ()
    return UsageError.one(code, message, notes=notes, help=step)
