"""`cnnspec list` and `cnnspec show`: the networks that come with the program."""

from __future__ import annotations

from typing import Annotated

import typer

from cnnspec.cli.output import diagnostics, emit
from cnnspec.errors import CnnspecError, listing, shorten, suggest

LIST_EXAMPLES = """Examples:

cnnspec list
"""
SHOW_EXAMPLES = """Examples:

cnnspec show lenet5

cnnspec show resnet50 > my-resnet.yaml
"""


def list_networks() -> None:
    """List the bundled networks with their input, layers, parameters and MACs."""
    from cnnspec.analysis.measure import measure
    from cnnspec.explaining.vocabulary import render_networks
    from cnnspec.networks import bundled_names, load_bundled

    with diagnostics():
        emit(render_networks([measure(load_bundled(name)) for name in bundled_names()]), None)


def show(name: Annotated[str, typer.Argument(metavar="NAME", help="A bundled network.")]) -> None:
    """Print a bundled network's spec."""
    from cnnspec.networks import bundled_names, bundled_path

    with diagnostics():
        path = bundled_path(name)
        if path is None:
            names = bundled_names()
            message = f"no bundled network is named `{shorten(name)}`"
            note = f"bundled networks: {listing(names)}"
            raise CnnspecError.one("E601", message, notes=(note,), help=suggest(name, names))
        emit(path.read_text(encoding="utf-8"), None)
