"""The embedding: a table of learned rows."""

from __future__ import annotations

from cnnspec.formula import Term, symbol
from cnnspec.ir.arguments import Count, Flag, arg
from cnnspec.ir.keras_rule import KerasRule
from cnnspec.ir.keras_values import ANYTHING
from cnnspec.ir.layer import Layer, Reach, Variations, kind
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import Shape, Tensor
from cnnspec.ir.torch_call import Order, TorchCall
from cnnspec.ir.torch_rule import Only, TorchRule
from cnnspec.layers._torch import lacks, torch_call
from cnnspec.layers._variation import MOST_UNITS, around


@kind("embedding")
class Embedding(Layer):
    """Look up a learned row for every integer of the input, from 0 up to the vocabulary's size less one."""

    role = Role.SEQUENCE
    vocabulary: int = arg(Count(), symbol="V", always=True, also=("vocab",), doc="number of rows")
    units: int = arg(Count(positional=True), symbol="D", always=True, also=("dim",), doc="length of a row")

    mask_zero: bool = arg(Flag(), False, doc="tell later recurrent layers to skip the steps of row 0")

    keras = KerasRule(
        "Embedding",
        {"input_dim": "vocabulary", "output_dim": "units", "mask_zero": "mask_zero"},
        neutral={"embeddings_initializer": "random_uniform"},
        first=("input_dim", "output_dim"),
    )
    torch = TorchRule(
        "Embedding",
        {
            "num_embeddings": "vocabulary",
            "embedding_dim": "units",
            "padding_idx": Only((ANYTHING,)),
            "max_norm": Only((None,)),
            "norm_type": Only((ANYTHING,)),
            "scale_grad_by_freq": Only((ANYTHING,)),
            "sparse": Only((ANYTHING,)),
        },
        leading=2,
        order=Order.LAST,
        learns=True,
    )

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """PyTorch's layer, which takes whole numbers alone."""
        if self.mask_zero:
            raise lacks(self, "that skips steps", step="leave out `mask_zero`, which changes no shape and no count")
        return (torch_call(self, shapes[0], form="{layer}({0}.long())", leaves=Order.LAST),)

    def variations(self) -> Variations:
        """Rows of lengths around its own."""
        return {"units": ("units", around(self.units, MOST_UNITS, 10))}

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """A row of D numbers for every element of the input."""
        return (*x.dims, symbol("D", self.units, "length of a row"))

    def params(self, x: Tensor) -> Term:
        """V·D: one row for every word of the vocabulary."""
        return symbol("V", self.vocabulary, "rows") * symbol("D", self.units, "length of a row")

    def reach(self, x: Tensor) -> tuple[Reach, ...] | None:
        """Rows of numbers have other axes than what was looked up."""
        return None
