"""The numbers of a layer as other programs count them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnspec.analysis.conventions import operations
from cnnspec.analysis.counting import TORCH, Counting
from cnnspec.formula import nothing
from cnnspec.ir.graph import Node
from cnnspec.ir.shapes import tensor

if TYPE_CHECKING:
    from cnnspec.analysis.measure import Quantities


def recount(quantities: Quantities, node: Node, counting: Counting, samples: int) -> Quantities:
    """Return the numbers of a node's layer with operations and parameters as they are counted elsewhere."""
    if counting.params == TORCH and quantities.non_trainable.value:
        x = tensor(node.input_shapes[0], others=node.input_shapes[1:])
        stored = nothing("what is stored is no parameter of PyTorch")
        quantities = quantities._replace(params=node.layer.learned(x), non_trainable=stored)
    if not counting.convention:
        return quantities
    return quantities._replace(counted=operations(counting.convention, node.layer, node.input_shapes, samples))
