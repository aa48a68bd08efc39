"""`cnnspec export`: a network for other programs."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from cnnspec.cli import options as opt
from cnnspec.cli.output import ErrorFormat, diagnostics, emit, is_file, say
from cnnspec.cli.suffixes import demand
from cnnspec.errors import UsageError, listing, shorten

if TYPE_CHECKING:
    from cnnspec.ir.graph import Graph

EXAMPLES = """Examples:

cnnspec export lenet5 --to keras-code

cnnspec export resnet18 --to pytorch-code -o resnet18.py

cnnspec export resnet50 --to onnx

cnnspec export runs/lenet5 -o digits.tflite
"""

LISTINGS: Final = ("keras-code", "pytorch-code", "keras-json")
"""Formats without weights."""
PYTHON: Final = ".py"
JSON: Final = ".json"
RUN_FILES = ("spec.yaml", "config.json")
"""What every folder of a training holds."""


class To(StrEnum):
    """The formats: three of text, and those of `cnnspec.keras.exporting.FORMS`."""

    CODE = "keras-code"
    TORCH = "pytorch-code"
    JSON = "keras-json"
    KERAS = "keras"
    SAVED_MODEL = "saved_model"
    TFLITE = "tflite"
    ONNX = "onnx"


def export(
    spec: Annotated[str, typer.Argument(metavar="SPEC|RUN", help="A spec as everywhere, or the folder of a training.")],
    to: Annotated[
        To | None, typer.Option("--to", "-t", help="The format; that of the output's suffix unless given.")
    ] = None,
    input: opt.Input = [],
    param: opt.Param = [],
    output: opt.Output = None,
    force: opt.Force = False,
    limit: opt.Limit = [],
    untrained: Annotated[
        bool, typer.Option("--untrained", help="Of a name, the spec, whose weights are those of the seed 0.")
    ] = False,
    error_format: opt.Errors = ErrorFormat.TEXT,
) -> None:
    """Write a network as Python, as a Keras model, or in the format of another program.

    `keras-code` and `pytorch-code` are listings of Python that need neither TensorFlow nor PyTorch to be written; they
    and `keras-json` go to standard output. Everything else becomes a file or folder of the network's name. A name
    that was trained stands for its newest run; a spec has no trained weights: the seed 0 gives them.
    """
    with diagnostics(error_format, output, force=force):
        to = to or _format_of(output)
        run = None if untrained else _open_run(spec, [*input, *param, *limit], needs_weights=to not in LISTINGS)
        graph = run.graph if run else opt.load(spec, input, param, limit)
        if to is To.CODE:
            from cnnspec.keras.listing import render

            demand(output, PYTHON, what="a listing is Python")
            emit(render(graph), output, force=force)
        elif to is To.TORCH:
            from cnnspec.torch.listing import render as render_torch

            demand(output, PYTHON, what="a listing is Python")
            emit(render_torch(graph), output, force=force)
        else:
            _export_model(graph, run, to, output, force=force)


def _format_of(output: Path | None) -> To:
    """Return the only format whose files have the suffix of an output; raise UsageError where there is none."""
    from cnnspec.keras.exporting import FORMS

    suffix = output.suffix.lower() if is_file(output) else ""
    suffixes = {To(name): form.suffix for name, form in FORMS.items()} | {To.JSON: JSON}
    found = next((to for to, theirs in suffixes.items() if theirs == suffix), None)
    if found is not None:
        return found
    note = f"formats are {listing(To)}"
    if suffix == PYTHON:
        step = f"`--to {To.CODE}` writes a listing for Keras, `--to {To.TORCH}` one for PyTorch"
        raise UsageError.one("E702", "two formats are Python, and `--to` does not say which", notes=(note,), help=step)
    if output is not None and suffix:
        message = f"no network is written as `{shorten(suffix)}`"
        known = f"suffixes are {listing([PYTHON, *suffixes.values()])}"
        step = f"write `-o {shorten(output.stem)}{suffixes[To.KERAS]}`"
        raise UsageError.one("E706", message, notes=(known,), help=step)
    step = f"give `--to {To.KERAS}`, or an output whose suffix says it, such as `-o net{suffixes[To.KERAS]}`"
    raise UsageError.one("E702", "in which format? `--to` is missing", notes=(note,), help=step)


def _open_run(spec: str, options: list[str], *, needs_weights: bool) -> Any:
    """Return the training that is named by a path, or by NAME/N below `runs`; None for everything else.

    A name alone is that of a network's newest run where its weights are wanted, no file has it, and no option is given.
    """
    from cnnspec.training.runs.folders import find

    folder = find(spec, by_name=False)
    if folder is None and needs_weights and not options and not Path(spec).is_file():
        folder = find(spec)
        if folder is not None:
            say(f"the newest run of `{spec}`: {folder}; `--untrained` takes the spec")
    if folder is None or not all((folder / name).is_file() for name in RUN_FILES):
        return None
    if options:
        message = "a run has the network that was trained: `--input`, `--param` and `--limit` do not go with it"
        raise UsageError.one("E702", message)
    try:
        from cnnspec.training.runs.opening import open_run
    except ImportError:
        from cnnspec.keras import require

        require()
        raise
    return open_run(folder)


def _export_model(graph: Graph, run: Any, to: To, output: Path | None, *, force: bool) -> None:
    """Write a model, after everything that can be found out without Keras."""
    from cnnspec.keras import exporting
    from cnnspec.keras.naming import model_name

    if to is To.JSON:
        demand(output, JSON, what="Keras' configuration is JSON")
        emit(exporting.as_json(run.load_model() if run else exporting.untrained(graph)), output, force=force)
        return
    if str(output) == "-":
        raise UsageError.one("E702", f"`--to {to}` does not go to standard output")
    form = exporting.FORMS[to]
    if not form.is_folder:
        demand(output, form.suffix, what=f"`--to {to}` writes `{form.suffix}`")
    path = output or Path(f"{model_name(graph)}{form.suffix}")
    exporting.ensure_free(path, force=force, is_folder=form.is_folder)
    form.require()
    exporting.export(run.load_model() if run else exporting.untrained(graph), to, path, force=force)
    say(f"wrote {path}{'' if run else ', untrained: the weights are those of the seed 0'}")
