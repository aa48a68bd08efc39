"""The listing, run as it is exported: on PyTorch's meta device, where tensors have shapes and no numbers."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final
from warnings import catch_warnings

from cnnspec.errors import CnnspecError, shorten
from cnnspec.ir.shapes import Shape
from cnnspec.python_text import literal
from cnnspec.torch.listing import Listing
from cnnspec.torch.planning import in_order

SAMPLES: Final = 2
NOTED: Final = "__noted__"
"""Where shapes are noted: a name that no variable of a listing has, for none begins with two underscores."""


def framework() -> Any:
    """Return the module `torch`; raise CnnspecError where it is missing."""
    try:
        with catch_warnings(action="ignore"):  # without numpy, which nothing here needs, it warns
            return import_module("torch")
    except ImportError:
        step = 'pip install "cnnspec[torch]"'
        raise CnnspecError.one("E541", "this command needs PyTorch", help=step) from None


def run(listing: Listing) -> tuple[Any, dict[str, Shape], list[Shape]]:
    """Return the module of a listing, and the shapes in PyTorch's order behind every node and of the outputs."""
    torch = framework()
    try:
        return _run(torch, listing)
    except (ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError) as error:
        message = "PyTorch does not run the listing"
        raise CnnspecError.one("E543", message, notes=(shorten(error, 200),)) from None


def _run(torch: Any, listing: Listing) -> tuple[Any, dict[str, Shape], list[Shape]]:
    graph = listing.plan.graph
    noted: dict[str, Any] = {}
    names: dict[str, Any] = {NOTED: noted}
    with torch.device("meta"):
        # What is run is the listing of our own making: what a spec says stands in it as literals and comments alone.
        exec(_noting(listing), names)  # noqa: S102 - as above; it is what is exported, so it is what is verified
        model = names["model"].eval()
        if listing.is_chain:
            _note_layers(listing, model, noted)
        places = listing.plan.inputs
        tensors = [torch.zeros((SAMPLES, *in_order(entry.shape, places[entry.name].order))) for entry in graph.inputs]
        outputs = model(*tensors)
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    shapes = {name: tuple(shape[1:]) for name, shape in noted.items()}
    return model, shapes, [tuple(output.shape[1:]) for output in outputs]


def _noting(listing: Listing) -> str:
    """Return the listing with a line behind every node of a `forward` that notes its shape."""
    lines = []
    for line in listing.lines:
        lines.append(line.text)
        if line.name and not listing.is_chain:
            lines.append(f"        {NOTED}[{literal(line.name)}] = {line.variable}.shape")
    return "\n".join(lines)


def _note_layers(listing: Listing, model: Any, noted: dict[str, Any]) -> None:
    def note(name: str) -> Any:
        return lambda _layer, _inputs, output: noted.__setitem__(name, output.shape)

    layers = list(model)
    for line in listing.lines:
        if line.name:
            layers[int(line.variable)].register_forward_hook(note(line.name))
