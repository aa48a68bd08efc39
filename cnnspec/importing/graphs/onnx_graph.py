"""The graph of an ONNX model, read into a draft."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from cnnspec.errors import listing, shorten
from cnnspec.importing.graphs.entrances import enter, stated_shapes
from cnnspec.importing.graphs.flow import Flow
from cnnspec.importing.graphs.onnx_arguments import DOMAIN, OPSET
from cnnspec.importing.graphs.onnx_file import Model, Node
from cnnspec.importing.graphs.onnx_operations import is_known, perform
from cnnspec.importing.graphs.reading import follow, leave, meanings
from cnnspec.importing.graphs.steps import Step
from cnnspec.layers.conv import Conv
from cnnspec.layers.normalization import BatchNorm

if TYPE_CHECKING:
    from cnnspec.importing.draft import Draft

TORCH: Final = "pytorch"
COMPUTED: Final = re.compile(r"onnx::.*")
"""What PyTorch calls weights that its export has computed."""
WEIGHT: Final = re.compile(r"(?P<layer>[A-Za-z_][\w.]*)\.(weight|kernel|W)")


def read_graph(model: Model, draft: Draft) -> None:
    """Read all nodes; say what the file no longer tells."""
    flow = Flow(draft, shares=False)
    flow.values |= model.weights
    entries = {name: shape for name, shape in model.inputs.items() if name not in model.weights}
    steps = list(_steps(model))
    if enter(flow, entries, steps, "onnx"):
        flow.stated = stated_shapes(flow, model.stated)
    follow(flow, steps, perform, is_known)
    leave(flow, model.outputs)
    draft.notes += _notes(model, flow)


def _steps(model: Model) -> Iterator[Step]:
    for number, node in enumerate(model.nodes, 1):
        path = node.name or f"{node.operation} {number}"
        arguments = {**node.attributes, DOMAIN: node.domain, OPSET: model.opset}
        outputs = node.outputs
        yield Step(node.operation, path, _name(node, number), node.inputs, outputs, arguments)


def _name(node: Node, number: int) -> str:
    """Return the name of the layer in the program that was exported, as far as it can be told."""
    found = WEIGHT.fullmatch(node.inputs[1]) if len(node.inputs) > 1 else None
    if found:
        return found["layer"].replace(".", "_")
    name = ""
    for part in node.name.strip("/").split("/"):
        name = part if part == name or part.startswith(f"{name}.") else f"{name}.{part}".strip(".")
    last = f".{node.operation}"
    if name.endswith(last) and name.removesuffix(last).rpartition(".")[2].lower().startswith(node.operation.lower()):
        name = name.removesuffix(last)
    return name.replace(".", "_") or f"{node.operation.lower()}_{number}"


def _notes(model: Model, flow: Flow) -> Iterator[str]:
    """Yield what the file no longer tells of the network, or what its numbers are not."""
    convolutions, norms = (
        [node for node in model.nodes if (found := meanings("onnx").get(node.operation)) and found.cls is cls]
        for cls in (Conv, BatchNorm)
    )
    computed = [node for node in convolutions if len(node.inputs) > 1 and COMPUTED.fullmatch(node.inputs[1])]
    plural = "s" * (len(computed) > 1)
    if computed and not norms and TORCH in model.producer:
        yield (
            f"PyTorch has written the file with batch normalizations computed into {len(computed)} convolution"
            f"{plural}, which therefore {'have' if plural else 'has'} biases: their parameters are not in it; export"
            " with `training=torch.onnx.TrainingMode.TRAINING` to keep them"
        )
    several = [name for name, uses in flow.uses.items() if uses > 1]
    if several:
        shown = listing(f"`{shorten(name)}`" for name in several[:3])
        more = f" and {len(several) - 3} more" if len(several) > 3 else ""
        yield f"weights that several layers read are counted for each of them: {shown}{more}"
    if model.external:
        several_lie = f"{model.external:,} tensors of weights lie in other files, which are not read: their shapes are"
        one_lies = "1 tensor of weights lies in another file, which is not read: its shape is"
        yield f"{several_lie if model.external > 1 else one_lies} in this one"
