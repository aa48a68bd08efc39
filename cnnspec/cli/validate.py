"""`cnnspec validate`: all errors, nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import typer

from cnnspec.cli import options as opt
from cnnspec.cli.output import ErrorFormat, diagnostics, emit, tell
from cnnspec.errors import CnnspecError, Diagnostic

EXAMPLES = """Examples:

cnnspec validate lenet5.yaml

cnnspec validate hw3.yaml

cnnspec validate nets/

cnnspec validate 'nets/*.yaml' --error-format github

cnnspec validate nets/ --format json
"""


def validate(
    specs: opt.Specs,
    input: opt.Input = [],
    param: opt.Param = [],
    limit: opt.Limit = [],
    strict: opt.Strict = False,
    format: opt.PlainFormat = opt.Plain.TEXT,
    error_format: opt.Errors = ErrorFormat.TEXT,
) -> None:
    """Check specs and assignments: every error, what `expect:` demands, notes on odd things; silent if all is well.

    Of a folder, all specs and assignments in it and below. With `--format json`, what is found goes to standard output.
    Notes do not change the exit code, unless `--strict` is given; `allow: [W303]` in a spec silences them.
    """
    with diagnostics(error_format):
        from cnnspec.analysis.measure import measure
        from cnnspec.spec_files import expanded

        files, missing = expanded(specs, assignments=True)
        found: dict[str, list[Diagnostic]] = {}
        for spec in files:
            try:
                graph, homework = opt.load_homework(spec, input, param, limit)
                found[spec] = opt.findings(spec, measure(graph)) if homework is None else []
            except CnnspecError as error:
                found[spec] = [*error.diagnostics]
        if format is opt.Plain.JSON:
            emit(_document(found, missing, strict=strict), None)
            if missing or not all(_is_valid(faults, strict=strict) for faults in found.values()):
                raise typer.Exit(1)
            return
        every = [*missing, *(fault for faults in found.values() for fault in faults)]
        opt.report(every, error_format, strict=strict)
    if error_format is ErrorFormat.JSON and not every:
        tell(every, error_format)


def _document(found: Mapping[str, Sequence[Diagnostic]], missing: Sequence[Diagnostic], *, strict: bool) -> str:
    """Return what was found as JSON, one line per file."""
    from cnnspec.json_lines import VERSION, by_item

    files = (
        {
            "file": name,
            "valid": _is_valid(faults, strict=strict),
            "diagnostics": [fault.to_dict() for fault in faults],
        }
        for name, faults in found.items()
    )
    return by_item({"cnnspec": VERSION}, "files", files, {"missing": [fault.to_dict() for fault in missing]})


def _is_valid(faults: Sequence[Diagnostic], *, strict: bool) -> bool:
    return not any(strict or fault.severity == "error" for fault in faults)
