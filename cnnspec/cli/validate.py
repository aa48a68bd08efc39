"""`cnnspec validate`: all errors, nothing else."""

from __future__ import annotations

import typer

from cnnspec.cli import options as opt
from cnnspec.cli.output import ErrorFormat, diagnostics
from cnnspec.errors import CnnspecError, Diagnostic

EXAMPLES = """Examples:

cnnspec validate lenet5.yaml

cnnspec validate nets/*.yaml --error-format github
"""


def validate(
    specs: opt.Specs,
    input: opt.Input = [],
    param: opt.Param = [],
    limit: opt.Limit = [],
    error_format: opt.Errors = ErrorFormat.TEXT,
) -> None:
    """Check specs and report every error of each; silent where all is well."""
    with diagnostics(error_format):
        found: list[Diagnostic] = []
        for spec in specs:
            try:
                opt.load(spec, input, param, limit)
            except CnnspecError as error:
                found += error.diagnostics
        if found:
            raise CnnspecError(found)
    if error_format is ErrorFormat.JSON:
        typer.echo("[]", err=True)
