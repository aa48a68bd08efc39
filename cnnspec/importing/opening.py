"""A model file opened: its format is found, and its network with what no spec says of it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Final, NamedTuple

from cnnspec.errors import CnnspecError
from cnnspec.garbage_collection import paused
from cnnspec.importing.draft import Draft
from cnnspec.importing.faults import unreadable
from cnnspec.importing.format import File, Format
from cnnspec.ir.graph import Graph
from cnnspec.ir.shapes import Shape
from cnnspec.language.pasted_file import sort_of
from cnnspec.registry import modules_in


class Opened(NamedTuple):
    """The network of a model file, how many layers say something that changes no number, by its name, and notes."""

    graph: Graph
    lost: Mapping[str, int]
    notes: tuple[str, ...] = ()


def open_model(name: str, inputs: Mapping[str, Shape] | None = None, *, partial: bool = False) -> Opened:
    """Return the network of a model file; raise CnnspecError with everything that is wrong.

    `inputs` gives shapes by the names of inputs, or under "" that of the only one. `partial` makes opaque layers of
    those that no kind describes.
    """
    file = File(name)
    chosen = next((each for each in formats() if each.claims(file)), None)
    if chosen is None:
        raise unreadable(name, *_unclaimed(file))
    draft = Draft(file.stem, inputs or {}, partial=partial)
    with paused():
        chosen.read(file, draft)
        return Opened(draft.finish(), dict(draft.lost), tuple(draft.notes))


STEPS: Final = {
    ("yaml", "yml"): "it is a spec already: `cnnspec summarize` shows its numbers",
    ("pth", "pt", "ckpt", "bin", "safetensors", "npz", "weights"): (
        "weights say no network: `torch.export.save(torch.export.export(model, inputs), 'net.pt2')` writes one, or ONNX"
    ),
    ("pb", "tflite", "mlmodel", "caffemodel", "prototxt", "cfg"): "convert it to ONNX first, such as by tf2onnx",
}
"""What helps who has a file of another format, by its suffix."""

MODEL: Final = (
    "give the model itself: the file of `model.save('net.keras')`, what `model.to_json()` returns, or PyTorch's "
    "`torch.export.save(torch.export.export(model, inputs), 'net.pt2')`"
)
"""What helps who has the text of a model that a program holds."""


def _unclaimed(file: File) -> tuple[str, str]:
    """Return why a file is of no format, and the step that helps."""
    if not file.head:
        return "it is empty", "it may be a download cut short"
    known = "; ".join(each.looked_for for each in formats())
    if any(f"`.{file.suffix}`" in each.looked_for for each in formats()) and file.suffix:
        return (
            f"its content is not what `.{file.suffix}` says",
            "it may be damaged, or a download cut short",
        )
    if sort := sort_of(file.head.decode("utf-8", "replace")):
        return f"it is {sort.what}", MODEL
    step = next((step for suffixes, step in STEPS.items() if file.suffix in suffixes), "")
    return f"it is none of: {known}", step


def is_model(name: str) -> bool:
    """Tell whether a name is that of a model file which is there, or stands in the place of one."""
    file = File(name)
    try:
        return any(each.claims(file) for each in formats())
    except CnnspecError:
        return False


@cache
def formats() -> tuple[Format, ...]:
    """Return all formats, in the order in which they are asked."""
    found = (
        import_module(f"cnnspec.importing.formats.{module}").FORMAT for module in modules_in("importing", "formats")
    )
    return tuple(sorted(found, key=lambda each: each.order))
