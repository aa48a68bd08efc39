"""`cnnspec verify`: a framework's word on the analytic numbers."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final

import typer

from cnnspec.cli import options as opt
from cnnspec.cli.output import ErrorFormat, diagnostics, emit
from cnnspec.cli.suffixes import TEXT, demand
from cnnspec.errors import UsageError

if TYPE_CHECKING:
    from cnnspec.analysis.agreement import Verification
    from cnnspec.ir.graph import Graph

EXAMPLES = """Examples:

cnnspec verify lenet5

cnnspec verify resnet50 --macs

cnnspec verify resnet50 --with torch

cnnspec verify net.yaml -o verified.json
"""


class VerificationFormat(StrEnum):
    """The formats of a verification."""

    TABLE = "table"
    JSON = "json"


JSON: Final = ".json"


class With(StrEnum):
    """The frameworks that are asked."""

    KERAS = "keras"
    TORCH = "torch"


def verify(
    spec: opt.Spec,
    with_: Annotated[
        With, typer.Option("--with", "-w", help="The framework: PyTorch runs what `export --to pytorch-code` gives.")
    ] = With.KERAS,
    macs: Annotated[
        bool, typer.Option("--macs", help="Count the MACs of conv and dense layers with TensorFlow's profiler too.")
    ] = False,
    format: Annotated[
        VerificationFormat | None,
        typer.Option("--format", "-f", help="The format; that of the output's suffix, or a table, unless given."),
    ] = None,
    input: opt.Input = [],
    param: opt.Param = [],
    output: opt.Output = None,
    force: opt.Force = False,
    limit: opt.Limit = [],
    error_format: opt.Errors = ErrorFormat.TEXT,
) -> None:
    """Build the network with Keras or PyTorch and compare every layer's shape and parameters with the analytic numbers.

    The last column is `=` where the framework agrees, or what it has instead; if anything differs, the exit code is 1.
    """
    with diagnostics(error_format, output, force=force):
        if macs and with_ is With.TORCH:
            raise UsageError.one("E702", "`--macs` asks TensorFlow's profiler: it does not go with `--with torch`")
        if format is None:
            demand(output, JSON, *TEXT, what="a verification is a table or JSON")
        is_json = format is VerificationFormat.JSON or (not format and output and output.suffix.lower() == JSON)
        graph = opt.load(spec, input, param, limit)
        from cnnspec.analysis.agreement import ensure_agreement
        from cnnspec.analysis.agreement_report import render_json, render_table

        verification = _compare(graph, with_, macs=macs)
        render = render_json if is_json else render_table
        emit(render(verification), output, force=force)
        ensure_agreement(verification)


def _compare(graph: Graph, framework: With, *, macs: bool) -> Verification:
    if framework is With.TORCH:
        from cnnspec.torch.verification import verify as compare_with_torch

        return compare_with_torch(graph)
    from cnnspec.keras.verification import verify as compare_with_keras

    return compare_with_keras(graph, macs=macs)
