"""The graph of an ONNX model, read into a draft."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from cnnspec.errors import listing, shorten
from cnnspec.importing.draft import Entry
from cnnspec.importing.graphs.flow import Flow
from cnnspec.importing.graphs.onnx_arguments import DOMAIN, OPSET
from cnnspec.importing.graphs.onnx_file import Model, Node
from cnnspec.importing.graphs.onnx_operations import is_known, perform
from cnnspec.importing.graphs.reading import follow, leave, meanings
from cnnspec.importing.graphs.steps import Held, Step, channels_first
from cnnspec.layers.conv import Conv
from cnnspec.layers.normalization import BatchNorm

if TYPE_CHECKING:
    from cnnspec.importing.draft import Draft

TORCH: Final = "pytorch"
COMPUTED: Final = re.compile(r"onnx::.*")
"""What PyTorch calls weights that its export has computed."""
WEIGHT: Final = re.compile(r"(?P<layer>[A-Za-z_][\w.]*)\.(weight|kernel|W)")
Sizes = Sequence[int | None]


def read_graph(model: Model, draft: Draft) -> None:
    """Read all nodes; say what the file no longer tells."""
    flow = Flow(draft, shares=False)
    flow.values |= model.weights
    entries = {name: shape for name, shape in model.inputs.items() if name not in model.weights}
    enter(flow, entries)
    if flow.stated or not entries:
        flow.stated = {name: shape for name, sizes in model.stated.items() if (shape := whole_shape(sizes))}
    follow(flow, _steps(model), perform, is_known)
    leave(flow, model.outputs)
    draft.notes += _notes(model, flow)


def enter(flow: Flow, entries: dict[str, tuple[int | None, ...] | None]) -> None:
    """Declare the inputs; the first tells the batch. Unless shapes are the file's own, no others of it hold."""
    flow.draft.inputs([Entry(f"input:{name}", _last(shape), _called(name, entries)) for name, shape in entries.items()])
    batches = [shape[0] for shape in entries.values() if shape]
    flow.batch = batches[0] or 1 if batches else 1
    as_said = True
    for name, sizes in entries.items():
        shape = flow.draft.shape(f"input:{name}")
        flow.values[name] = Held(f"input:{name}", channels_first(len(shape))) if shape else None
        as_said = as_said and shape == tuple(_last(sizes) or ())
    flow.stated = {"": ()} if as_said else {}


def whole_shape(sizes: Sizes | None) -> tuple[int, ...] | None:
    """Return a shape without its batch, None where one of its sizes is not told."""
    found = tuple(size for size in sizes[1:] if size) if sizes else ()
    return found if sizes and len(found) == len(sizes) - 1 and found else None


def _called(name: str, entries: dict[str, tuple[int | None, ...] | None]) -> str:
    return "input" if len(entries) == 1 else name


def _last(sizes: Sizes | None) -> list[int | None] | None:
    """Return the sizes of an input with its channels last, without the batch."""
    return [*sizes[2:], sizes[1]] if sizes and len(sizes) > 1 else None


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
