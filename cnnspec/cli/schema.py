"""`cnnspec schema`: the form of a spec for editors."""

from __future__ import annotations

from cnnspec.cli import options as opt
from cnnspec.cli.output import diagnostics, emit
from cnnspec.cli.suffixes import demand

EXAMPLES = """Examples:

cnnspec schema -o spec.schema.json

Then begin a spec with: # yaml-language-server: $schema=spec.schema.json
"""


def schema(output: opt.Output = None, force: opt.Force = False) -> None:
    """Write the JSON Schema of specs: editors complete kinds and arguments by it, and mark what cannot be right."""
    with diagnostics(output=output, force=force):
        demand(output, ".json", what="a schema is JSON")
        from cnnspec.editor.schema import schema as make
        from cnnspec.json_lines import indented

        emit(indented(make()), output, force=force)
