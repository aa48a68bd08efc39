"""`cnnspec verify`: Keras' word on the analytic numbers."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from cnnspec.cli import options as opt
from cnnspec.cli.output import ErrorFormat, diagnostics, emit

EXAMPLES = """Examples:

cnnspec verify lenet5

cnnspec verify resnet50 --macs

cnnspec verify net.yaml --format json -o verified.json
"""


class VerificationFormat(StrEnum):
    """The formats of a verification."""

    TABLE = "table"
    JSON = "json"


def verify(
    spec: opt.Spec,
    macs: Annotated[
        bool, typer.Option("--macs", help="Count the MACs of conv and dense layers with TensorFlow's profiler too.")
    ] = False,
    format: Annotated[
        VerificationFormat, typer.Option("--format", "-f", help="The format.")
    ] = VerificationFormat.TABLE,
    input: opt.Input = [],
    param: opt.Param = [],
    output: opt.Output = None,
    force: opt.Force = False,
    limit: opt.Limit = [],
    error_format: opt.Errors = ErrorFormat.TEXT,
) -> None:
    """Build the network with Keras and compare every layer's shape and parameters with the analytic numbers.

    The last column is `=` where Keras agrees, or what Keras has instead; the exit code is 1 where anything differs.
    """
    with diagnostics(error_format, output, force=force):
        graph = opt.load(spec, input, param, limit)
        from cnnspec.analysis.agreement import ensure_agreement
        from cnnspec.analysis.agreement_report import render_json, render_table
        from cnnspec.keras.verification import verify as compare

        verification = compare(graph, macs=macs)
        render = render_json if format is VerificationFormat.JSON else render_table
        emit(render(verification), output, force=force)
        ensure_agreement(verification)
