"""`cnnspec list` and `cnnspec show`: the networks that come with the program."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cnnspec.cli import options as opt
from cnnspec.cli.output import diagnostics, emit, is_file, terminal_width
from cnnspec.cli.suffixes import SPECS, demand
from cnnspec.errors import UsageError, shorten

LIST_EXAMPLES = """Examples:

cnnspec list

cnnspec list efficientnet

cnnspec list --format json
"""
SHOW_EXAMPLES = """Examples:

cnnspec show lenet5

cnnspec show resnet101 -o my-resnet.yaml
"""


def list_networks(
    family: Annotated[
        str, typer.Argument(metavar="[FAMILY]", help="A bundled network of which to list all variants.")
    ] = "",
    format: opt.PlainFormat = opt.Plain.TEXT,
) -> None:
    """List the bundled networks, or all variants of one, with their input, layers, parameters and MACs."""
    from cnnspec.analysis.measure import measure
    from cnnspec.bundled import bundled, bundled_names
    from cnnspec.explaining.documents import networks_document
    from cnnspec.explaining.networks import render_groups, render_variants
    from cnnspec.networks import load_bundled

    with diagnostics():
        if family:
            entry = bundled(family)
            found = {name: measure(load_bundled(name)) for name in entry.variants() or [entry.name]}
            shown = render_variants(entry, list(found.values()))
        else:
            found = {name: measure(load_bundled(name)) for name in bundled_names()}
            networks = {bundled(name): summary for name, summary in found.items()}
            shown = render_groups(networks, terminal_width())
        if format is opt.Plain.JSON:
            shown = networks_document(
                (entry if family else bundled(name), name, summary) for name, summary in found.items()
            )
        emit(shown, None)


def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A bundled network, or a variant of one.")],
    schema: opt.Schema = None,
    output: opt.Output = None,
    force: opt.Force = False,
) -> None:
    """Print a bundled network's spec, or copy it into a file, to be changed."""
    from cnnspec.bundled import bundled_source, missing
    from cnnspec.editor.schema_line import with_schema
    from cnnspec.networks import is_there

    with diagnostics(output=output, force=force):
        demand(output, *SPECS, what="a spec is YAML")
        source = bundled_source(name)
        if source is None and name.endswith((".yaml", ".yml")) and is_there(name):
            step = f"`cnnspec summarize {shorten(name, 60)}` shows its numbers"
            raise UsageError.one(
                "E702", f"`{shorten(name, 60)}` is a file, which is printed by other programs", help=step
            )
        if source is None:
            raise missing(name, "no bundled network is named")
        folder = output.parent if is_file(output) else Path()
        emit(with_schema(source.text, folder, schema), output, force=force)
