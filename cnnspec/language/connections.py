"""Whether everything in a network leads to an output."""

from __future__ import annotations

from collections.abc import Sequence

from cnnspec.ir.graph import Input
from cnnspec.language.items import Place
from cnnspec.language.network import Network


def check_use(network: Network, inputs: Sequence[Input], outputs: Sequence[str], inputs_place: Place) -> None:
    """Report layers and inputs from which no way leads to an output: Keras would leave them out silently."""
    if not outputs:
        return
    used = set(outputs)
    for node in reversed(network.nodes):
        if node.name in used:
            used.update(node.inputs)
    read = {name for node in network.nodes for name in node.inputs}
    for node in network.nodes:
        if node.name not in used and node.name not in read:
            _report(network, "layer", node.name, node.place)
    for tensor in inputs:
        if tensor.name not in used:
            _report(network, "input", tensor.name, inputs_place)


def _report(network: Network, what: str, name: str, place: Place) -> None:
    step = f"read it with `from: {name}`, name it under `outputs`, or remove it"
    network.faults.add("E205", f"no output depends on the {what} `{name}`", place, step=step)
