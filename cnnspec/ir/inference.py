"""The output shape of a layer on given inputs, worked out once for equal ones."""

from __future__ import annotations

from functools import lru_cache

from cnnspec.ir.layer import Layer, LayerError
from cnnspec.ir.shapes import Shape, show, size_of, tensor
from cnnspec.text.limits import LARGEST


@lru_cache(maxsize=65536)
def infer(layer: Layer, shapes: tuple[Shape, ...]) -> Shape:
    """Return the output shape of a layer; raise LayerError where it cannot take its inputs."""
    x = tensor(shapes[0], others=shapes[1:])
    shape = tuple([dim.value for dim in layer.shape(x)])
    if size_of(shape) > LARGEST:
        raise LayerError("E308", f"the output {show(shape)} of `{layer.kind}` has more than 10^12 elements")
    return shape
