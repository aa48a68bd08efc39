"""`cnnspec explain`: every number derived, and what an error code means."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from cnnspec.cli import options as opt
from cnnspec.cli.candidates import layers, specs_or_pages
from cnnspec.cli.order import demand_spec_first
from cnnspec.cli.output import ErrorFormat, diagnostics, emit, terminal_width
from cnnspec.cli.suffixes import demand, format_of
from cnnspec.errors import UsageError, shorten, suggest
from cnnspec.registry import modules_in

if TYPE_CHECKING:
    from cnnspec.ir.graph import Graph

EXAMPLES = """Examples:

cnnspec explain lenet5-rgb conv1

cnnspec explain E103

cnnspec explain no_channels

cnnspec explain thop

cnnspec explain resnet18 bn1 --convention fvcore

cnnspec explain lenet5 --memory --dtype int8

cnnspec explain --layer 'conv: 10 3x3' --input 39x39x3

cnnspec explain lenet5 conv1 --format latex

cnnspec explain lenet5 -o lenet5.html
"""
if TYPE_CHECKING:
    ExplanationFormat = str
else:
    ExplanationFormat = opt.choices("ExplanationFormat", modules_in("reports", "explanation"))
DEFAULT: Final = "text"
PAGE_SUFFIXES: Final = (".md", ".txt")


_PLAIN: Final[dict[str, Any]] = {
    "batch": 1,
    "dtype": "float32",
    "convention": "",
    "params": "keras",
    "memory": False,
    "in_place": False,
    "optimizer": "",
}
"""What numbers are counted with unless options say otherwise."""


def explain(
    spec: Annotated[
        str | None,
        typer.Argument(
            metavar="[SPEC|CODE|SLIP|CONVENTION]",
            help="A spec as in `summarize`, the code of an error, or the name of a slip or of a convention.",
            show_default=False,
            autocompletion=specs_or_pages,
        ),
    ] = None,
    node: Annotated[
        str | None, typer.Argument(metavar="[NODE]", help="One layer, by its name.", autocompletion=layers)
    ] = None,
    layer: Annotated[
        str | None, typer.Option("--layer", metavar="ITEM", help="One layer, as a spec would write it.")
    ] = None,
    format: Annotated[
        ExplanationFormat | None,
        typer.Option("--format", "-f", help="The format; that of the output's suffix, or text, unless given."),
    ] = None,
    input: opt.Input = [],
    param: opt.Param = [],
    batch: opt.Batch = 1,
    dtype: opt.Numbers = opt.DType.FLOAT32,
    memory: opt.Memory = False,
    in_place: opt.InPlace = False,
    optimizer: opt.Optimizer = "",
    convention: opt.Convention = None,
    params: opt.Parameters = "keras",
    output: opt.Output = None,
    force: opt.Force = False,
    limit: opt.Limit = [],
    error_format: opt.Errors = ErrorFormat.TEXT,
) -> None:
    """Derive every number: the formula, the numbers put in, the rounding, the result.

    With a code, a slip or a convention: a page about an error, about a mistake in homework, or about how a tool counts.
    """
    with diagnostics(error_format, output, force=force):
        if spec is not None and layer is not None:
            step = f"leave out `--layer`, or `{shorten(spec)}`"
            raise UsageError.one("E702", "`--layer` is a spec of its own, beside which there is no other", help=step)
        if spec is None and layer is None:
            step = "name a spec, a code, or give `--layer 'conv: 10 3x3' --input 39x39x3`"
            raise UsageError.one("E702", "what shall be explained?", help=step)
        counting = opt.counting(convention, params)
        numbers: dict[str, Any] = {
            "batch": batch,
            "dtype": dtype.value,
            "convention": counting.convention,
            "params": counting.params,
            "memory": memory,
            "in_place": in_place,
            "optimizer": optimizer,
        }
        page = _page(spec) if spec is not None and node is None else None
        if page is not None or (spec is not None and _is_code(spec)):
            if page is None or input or param or any(numbers[name] != value for name, value in _PLAIN.items()):
                raise UsageError.one("E702", "a page is shown alone, without other arguments")
            if format not in (None, DEFAULT):
                step = "leave `--format` out; a layer of a network has formats"
                raise UsageError.one("E702", f"a page is text: `--format {format}` does not go with it", help=step)
            demand(output, *PAGE_SUFFIXES, what="a page is text")
            emit(_readable(page) if output is None else page, output, force=force)
            return
        chosen = format or format_of(output, "reports", "explanation", default=DEFAULT)
        if spec is not None:
            demand_spec_first("explain", spec, node or "", "the layer")
            _demand_no_kind(spec)
            _demand_no_near_page(spec)
        from cnnspec import library
        from cnnspec.analysis.explanation import solution

        if layer is not None and param:
            raise UsageError.one("E702", "`--layer` has no parameters: `-p` does not go with it")
        graph = _one_layer(layer, input, limit) if layer is not None else opt.load(spec or "", input, param, limit)
        found = solution(library.summarize(graph, **numbers), node)
        emit(import_module(f"cnnspec.reports.explanation.{chosen}").render(found), output, force=force)


def _demand_no_kind(word: str) -> None:
    """Raise UsageError where a word that is no spec is a kind of layer."""
    from cnnspec.bundled import is_bundled

    if not re.fullmatch(r"\w+", word) or Path(word).exists() or is_bundled(word):
        return
    from cnnspec import layers  # noqa: F401 - registers the kinds
    from cnnspec.ir.words import find_kind

    if find_kind(word):
        step = f"`cnnspec kinds {word}` describes it; `cnnspec explain SPEC LAYER` explains a layer of a network"
        raise UsageError.one("E702", f"`{word}` is a kind of layer, not a spec", help=step)


def _demand_no_near_page(word: str) -> None:
    """Raise UsageError where a word that is no spec is near the name of a slip, and near that of no network."""
    from cnnspec.bundled import bundled_names, is_bundled

    if not re.fullmatch(r"[a-z_]+", word) or Path(word).exists() or is_bundled(word) or suggest(word, bundled_names()):
        return
    from cnnspec.homework.diagnosis.slips import all_slips

    longer = next((name for name in all_slips() if len(word) > 3 and name.startswith(word)), "")
    if step := f"did you mean `{longer}`?" if longer else suggest(word, all_slips()):
        raise UsageError.one("E601", f"no file, no bundled network and no slip is named `{shorten(word)}`", help=step)


def _one_layer(layer: str, inputs: list[str], limits: list[str]) -> Graph:
    from cnnspec import networks

    if len(inputs) != 1:
        raise UsageError.one("E702", "`--layer` needs one `--input`, such as `--input 39x39x3`")
    text = f"input: {inputs[0]}\nlayers:\n  - {layer}\n"
    return networks.loads(text, "<layer>", limits=opt.read_limits(limits))


def _readable(page: str) -> str:
    """Return a page whose paragraphs fit the terminal, if there is one; its examples stay as they are."""
    width = terminal_width()
    if width is None:
        return page
    from cnnspec.text_table import folded

    parts = page.split("```")
    return "```".join(
        part if at % 2 else "\n".join(folded(line, width) for line in part.split("\n")) for at, part in enumerate(parts)
    )


def _is_code(name: str) -> bool:
    return bool(re.fullmatch(r"[EeWw]\d{3}", name))


def _page(name: str) -> str | None:
    """Return the page about a code, a slip or a convention, None where the name is that of a network."""
    from cnnspec.bundled import is_bundled

    if _is_code(name):
        from cnnspec.error_codes import entry

        return entry(name.upper())
    if not re.fullmatch(r"[a-z]+([_-][a-z]+)*", name) or Path(name).exists() or is_bundled(name):
        return None
    if name in (word.replace("_", "-") for word in modules_in("analysis", "conventions")):
        from cnnspec.explaining.conventions import render

        return render(name)
    from cnnspec.homework.diagnosis.slip_page import has_lesson, teach

    return teach(name) if has_lesson(name) else None
