"""Attention with several heads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Self

from cnnspec.formula import Term, nothing, number, product, symbol
from cnnspec.ir.arguments import Count, Flag, Real, arg
from cnnspec.ir.keras_rule import Call, KerasRule, Via
from cnnspec.ir.keras_values import ANYTHING
from cnnspec.ir.layer import Layer, LayerError, Reach, kind
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import Shape, Tensor, show, tensor
from cnnspec.ir.torch_call import Order, TorchCall
from cnnspec.ir.torch_rule import Only, Reads, TorchRule
from cnnspec.layers._torch import lacks, torch_call


class _Sizes(NamedTuple):
    """The sizes of an attention: channels of the query and of what it looks at, heads, and per head; channels out."""

    query: Term
    memory: Term
    heads: Term
    key: Term
    value: Term
    out: Term


def _as_given(out: int | None, _: int) -> int | None:
    return out


def _only(out: Any, _: int) -> Any:
    return out[0] if isinstance(out, list) and len(out) == 1 else out


@kind("attention", "mha")
class Attention(Layer):
    """Mix all steps by how well they fit each other, h times; of two inputs, those of the second (Vaswani, 2017)."""

    role = Role.SEQUENCE
    ranks = (1, 2, 3)
    may_join = True
    heads: int = arg(Count(positional=True), symbol="h", always=True, also=("num_heads",), doc="number of heads")
    key: int | None = arg(
        Count(), None, symbol="d_k", also=("key_dim",), doc="channels of a head; all by the heads unless given"
    )
    value: int | None = arg(
        Count(),
        None,
        symbol="d_v",
        also=("value_dim",),
        doc="channels of a head's values; those of the keys unless given",
    )
    out: int | None = arg(Count(), None, symbol="D", doc="channels of the output; those of the input unless given")
    bias: bool = arg(Flag(), True, doc="add one learned number per output of every product")
    dropout: float = arg(Real(0.0, 1.0), 0.0, doc="share of the weights of steps that are dropped while training")

    keras = KerasRule(
        "MultiHeadAttention",
        {
            "num_heads": "heads",
            "key_dim": "key",
            "value_dim": "value",
            "dropout": "dropout",
            "use_bias": "bias",
            "output_shape": Via("out", _as_given, _only),
        },
        neutral={
            "kernel_initializer": "glorot_uniform",
            "sliding_window": None,
            "flash_attention": None,
            "use_gate": False,
        },
        first=("num_heads", "key_dim"),
        made_of_layers=True,
    )
    torch = TorchRule(
        "MultiheadAttention",
        {
            "embed_dim": Reads.CHANNELS,
            "num_heads": "heads",
            "dropout": "dropout",
            "bias": "bias",
            "add_bias_kv": Only((False,)),
            "add_zero_attn": Only((False,)),
            "kdim": Only((None,)),
            "vdim": Only((None,)),
            "batch_first": Only((ANYTHING,)),
        },
        leading=2,
        order=Order.LAST,
        learns=True,
    )

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """The steps of the first input, D channels."""
        for each in (x, *x.others):
            self.check(each)
        if len(x.others) > 1:
            raise LayerError("E206", f"`{self.kind}` takes one input or two, not {len(x.others) + 1}")
        if self.key is None and x.channels.value % self.heads:
            message = f"{x.channels.value} channels cannot be divided into {self.heads} heads"
            raise LayerError("E305", message, step="give the channels of a head with `key=`")
        if x.others and len(x.others[0].dims) != len(x.dims):
            message = f"`{self.kind}` needs inputs of as many axes, not {show(x.shape)} and {show(x.others[0].shape)}"
            raise LayerError("E302", message)
        return (*x.spatial, x.channels if self.out is None else symbol("D", self.out, "output channels"))

    def params(self, x: Tensor) -> Term:
        """Weights and biases of query, key, value and output: four dense layers."""
        c = self._sizes(x)
        query, key = self._weighted(c.query) * c.heads * c.key, self._weighted(c.memory) * c.heads * c.key
        value, out = self._weighted(c.memory) * c.heads * c.value, self._weighted(c.heads * c.value) * c.out
        if not x.others and self._is_even():
            return 3 * query + out
        return query + key + value + out

    def biases(self, x: Tensor) -> Term:
        """One per output of the four products."""
        if not self.bias:
            return nothing("no bias")
        c = self._sizes(x)
        return 2 * (c.heads * c.key) + c.heads * c.value + c.out

    def macs(self, x: Tensor, y: Tensor) -> Term:
        """Four dense layers at every step, the products of all queries with all keys, and the sums of values."""
        c = self._sizes(x)
        steps, others = self._steps(x)
        if not x.others and self._is_even():
            projected = (3 * c.query * c.heads * c.key + c.heads * c.key * c.out) * steps
            return projected + 2 * c.heads * c.key * steps * steps
        keys, values = c.memory * c.heads * c.key * others, c.memory * c.heads * c.value * others
        projected = c.query * c.heads * c.key * steps + keys + values + c.heads * c.value * c.out * steps
        return projected + c.heads * c.key * steps * others + c.heads * c.value * steps * others

    def extra_flops(self, x: Tensor, y: Tensor) -> Term:
        """The biases, one factor per query, and 5 operations per pair of steps and head for the softmax."""
        c = self._sizes(x)
        steps, others = self._steps(x)
        softmax = number(5) * c.heads * steps * others + c.heads * c.key * steps
        if not self.bias:
            return softmax
        keys = 2 * c.heads * c.key * steps if not x.others else c.heads * c.key * (steps + others)
        return keys + c.heads * c.value * others + c.out * steps + softmax

    def reach(self, x: Tensor) -> tuple[Reach, ...] | None:
        """Every step looks at all steps."""
        return None

    def uncounted(self) -> str:
        """Products of two activations."""
        return "it does not count products that are written as sums over indices"

    def keras_calls(self, *shapes: Shape) -> tuple[Call, ...]:
        """Give the input twice where there is one, with the channels of a head that follow from it."""
        (call,) = super().keras_calls(*shapes)
        c = self._sizes(tensor(shapes[0], others=shapes[1:]))
        arguments = {**call.arguments, "key_dim": c.key.value}
        if c.value.value == c.key.value:  # as Keras takes it by itself
            arguments["value_dim"] = None
        return (call._replace(arguments=arguments, reads=(0, len(shapes) - 1), apart=True),)

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """PyTorch's layer, whose heads share the channels, on the steps in a row."""
        query, memory = shapes[0], shapes[-1]
        c = self._sizes(tensor(query, others=shapes[1:]))
        if c.heads.value * c.key.value != c.query.value or c.value.value != c.key.value:
            raise lacks(self, "whose heads have other than their share of the channels")
        if c.out.value != c.query.value:
            raise lacks(self, "that gives other channels", step="leave out `out`, and put a `dense` behind it")
        other = {"kdim": memory[-1], "vdim": memory[-1]} if memory[-1] != query[-1] else {}
        places = {
            name: {1: ""}.get(len(shape) - 1, f".flatten(1, {len(shape) - 1})")
            for name, shape in (("q", query), ("k", memory))
        }
        key = f"{{{len(shapes) - 1}}}{places['k']}"
        back = f".unflatten(1, {query[:-1]})" if places["q"] else ""
        form = f"{{layer}}({{0}}{places['q']}, {key}, {key}, need_weights=False)[0]{back}"
        given = {"batch_first": True, **other}
        return (torch_call(self, query, given, form=form, reads=tuple(range(len(shapes)))),)

    @classmethod
    def from_keras(cls, config: Mapping[str, Any], rank: int) -> Self:
        """Return the layer of a configuration, which states the channels of values even where they are the keys'."""
        found = super().from_keras(config, rank)
        return cls(**found.arguments() | {"value": None}) if found.value == found.key else found

    def _sizes(self, x: Tensor) -> _Sizes:
        heads = symbol("h", self.heads, "heads")
        each = x.channels.value // self.heads if self.key is None else self.key
        key = symbol("d_k", each, "channels of a head")
        value = key if self.value is None else symbol("d_v", self.value, "channels of a head's values")
        memory = symbol("C_2", x.others[0].channels.value, "channels of the second input") if x.others else x.channels
        out = x.channels if self.out is None else symbol("D", self.out, "output channels")
        return _Sizes(x.channels, memory, heads, key, value, out)

    def _steps(self, x: Tensor) -> tuple[Term, Term]:
        """Return how many steps ask and how many are looked at."""
        steps = product(x.spatial)
        if not x.others:
            return steps, steps
        return steps, symbol("L_2", product(x.others[0].spatial).value, "steps of the second input")

    def _weighted(self, inputs: Term) -> Term:
        return inputs + 1 if self.bias else inputs

    def _is_even(self) -> bool:
        """Whether keys and values have as many channels."""
        return self.value is None or self.value == self.key
