"""`cnnspec validate`: all errors, nothing else."""

from __future__ import annotations

from cnnspec.cli import options as opt
from cnnspec.cli.output import ErrorFormat, diagnostics, tell
from cnnspec.errors import CnnspecError

EXAMPLES = """Examples:

cnnspec validate lenet5.yaml

cnnspec validate hw3.yaml

cnnspec validate nets/

cnnspec validate 'nets/*.yaml' --error-format github
"""


def validate(
    specs: opt.Specs,
    input: opt.Input = [],
    param: opt.Param = [],
    limit: opt.Limit = [],
    strict: opt.Strict = False,
    error_format: opt.Errors = ErrorFormat.TEXT,
) -> None:
    """Check specs and assignments: every error, what `expect:` demands, notes on odd things; silent if all is well.

    Of a folder, all specs and assignments in it and below.
    Notes do not change the exit code, unless `--strict` is given; `allow: [W303]` in a spec silences them.
    """
    with diagnostics(error_format):
        from cnnspec.analysis.measure import measure
        from cnnspec.spec_files import expanded

        files, found = expanded(specs, assignments=True)
        for spec in files:
            try:
                graph, homework = opt.load_homework(spec, input, param, limit)
                found += opt.findings(spec, measure(graph)) if homework is None else []
            except CnnspecError as error:
                found += error.diagnostics
        opt.report(found, error_format, strict=strict)
    if error_format is ErrorFormat.JSON and not found:
        tell(found, error_format)
