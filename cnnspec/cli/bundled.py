"""`cnnspec list` and `cnnspec show`: the networks that come with the program."""

from __future__ import annotations

from typing import Annotated

import typer

from cnnspec.cli.output import diagnostics, emit

LIST_EXAMPLES = """Examples:

cnnspec list

cnnspec list efficientnet
"""
SHOW_EXAMPLES = """Examples:

cnnspec show lenet5

cnnspec show resnet101 > my-resnet.yaml
"""


def list_networks(
    family: Annotated[
        str, typer.Argument(metavar="[FAMILY]", help="A bundled network of which to list all variants.")
    ] = "",
) -> None:
    """List the bundled networks, or all variants of one, with their input, layers, parameters and MACs."""
    from cnnspec.analysis.measure import measure
    from cnnspec.bundled import bundled, bundled_names
    from cnnspec.explaining.networks import render_groups, render_variants
    from cnnspec.networks import load_bundled

    with diagnostics():
        if family:
            entry = bundled(family)
            names = entry.variants() or [entry.name]
            emit(render_variants(entry, [measure(load_bundled(name)) for name in names]), None)
        else:
            emit(render_groups({bundled(name): measure(load_bundled(name)) for name in bundled_names()}), None)


def show(name: Annotated[str, typer.Argument(metavar="NAME", help="A bundled network, or a variant of one.")]) -> None:
    """Print a bundled network's spec."""
    from cnnspec.bundled import bundled_source, missing

    with diagnostics():
        source = bundled_source(name)
        if source is None:
            raise missing(name, "no bundled network is named")
        emit(source.text, None)
