"""Recurrent layers: one step after the other, with a state that every step changes."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from cnnspec.formula import Term, nothing, number, symbol
from cnnspec.ir.arguments import Choice, Count, Flag, Real, arg
from cnnspec.ir.keras_rule import Call, KerasRule, Wrapper
from cnnspec.ir.keras_values import ANYTHING
from cnnspec.ir.layer import RANK_WORDS, Layer, LayerError, Reach, Variations, kind
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import Shape, Tensor
from cnnspec.ir.torch_call import Held, Order, TorchCall
from cnnspec.ir.torch_rule import Only, Reads, Source, TorchRule
from cnnspec.layers._torch import lacks, torch_call
from cnnspec.layers._variation import MOST_UNITS, around
from cnnspec.layers.activations import ACTIVATION, FUNCTIONS, SPELLINGS

INNER: Final = Choice(tuple(FUNCTIONS), SPELLINGS, bare=False)
SHARE: Final = Real(0.0, 1.0)


class Recurrent(Layer):
    """A layer of u units per gate; `bidirectional` reads the sequence from both ends with weights of their own."""

    role = Role.SEQUENCE
    ranks = (1,)
    gates: ClassVar[int] = 1
    per_unit: ClassVar[int] = 1
    """Operations per unit and step besides products with weights and biases: activations and the state's arithmetic."""
    torch_state: ClassVar[str] = ""
    """Where the state stands in what PyTorch returns beside the outputs."""
    torch_activations: ClassVar[tuple[str, ...]] = ("tanh",)
    units: int = arg(Count(positional=True), symbol="u", always=True, doc="size of the state")
    sequences: bool = arg(Flag(), False, doc="return the state of every step, not of the last one only")
    backwards: bool = arg(Flag(), False, doc="read the sequence from its end")
    bidirectional: bool = arg(Flag(), False, doc="read from both ends, with two layers")
    merge: str = arg(
        Choice(("concat", "sum", "mul", "ave"), bare=False), "concat", doc="how both directions are joined"
    )
    activation: str = arg(ACTIVATION, "tanh", also=("act",), doc="function of the new state")
    bias: bool = arg(Flag(), True, doc="add one learned number per gate and unit")
    dropout: float = arg(SHARE, 0.0, doc="share of the inputs that are dropped while training")
    recurrent_dropout: float = arg(SHARE, 0.0, doc="share of the state that is dropped while training")

    def variations(self) -> Variations:
        """Numbers of units around its own."""
        return {"units": ("units", around(self.units, MOST_UNITS, 10))}

    @property
    def biases_per_gate(self) -> int:
        """How many biases a unit has per gate."""
        return int(self.bias)

    def check(self, x: Tensor) -> None:
        """Refuse what is no sequence, and say how an image becomes one."""
        if x.rank == 2:
            height, width, channels = x.shape
            message = f"`{self.kind}` works on {RANK_WORDS[1]}; its input is {x.shape}"
            step = f"make every row a step with `reshape: {height}x{width * channels}`"
            raise LayerError("E303", message, step=step)
        super().check(x)

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """L·u, or u of the last step alone; 2·u where both directions are put behind each other."""
        self.check(x)
        if self.bidirectional and self.backwards:
            raise LayerError(
                "E307", "`bidirectional` reads backwards too", "Keras refuses both", step="leave out `backwards`"
            )
        units = self._units() if not self.bidirectional or self.merge != "concat" else 2 * self._units()
        return (*x.spatial, units) if self.sequences else (units,)

    def params(self, x: Tensor) -> Term:
        """Per gate a weight per input and unit, one per pair of units, and the biases."""
        inputs = x.channels + self.biases_per_gate if self.biases_per_gate else x.channels
        return self._in_all(inputs * self._units() + self._units() * self._units())

    def biases(self, x: Tensor) -> Term:
        """One per gate and unit."""
        if not self.bias:
            return nothing("no bias")
        own = self._units() if self.biases_per_gate == 1 else number(self.biases_per_gate) * self._units()
        return self._in_all(own)

    def macs(self, x: Tensor, y: Tensor) -> Term:
        """One multiply-accumulate per weight and step of the sequence."""
        return self._in_all(x.channels * self._units() + self._units() * self._units()) * x.spatial[0]

    def extra_flops(self, x: Tensor, y: Tensor) -> Term:
        """At every step: the biases, a function per gate and the arithmetic of the state."""
        per_step = (self.gates * self.biases_per_gate + self.per_unit) * (1 + self.bidirectional)
        return number(per_step) * self._units() * x.spatial[0]

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """PyTorch's layer, and of what it returns the states that are asked for."""
        self._refuse_what_torch_lacks()
        held = tuple(Held(name, 0.0, self.gates * self.units) for name in self._second_biases())
        tensor = "{0}.flip(1)" if self.backwards else "{0}"
        form = f"{{layer}}({tensor}){self._picked()}"
        return (torch_call(self, shapes[0], {"batch_first": True}, form=form, leaves=Order.LAST, held=held),)

    def _refuse_what_torch_lacks(self) -> None:
        """Raise LayerError for what Keras computes, and so do we, but no layer of PyTorch."""
        if self.activation not in self.torch_activations:
            step = f"use {' or '.join(f'`{name}`' for name in self.torch_activations)}"
            raise lacks(self, f"with the activation `{self.activation}`", step=step)
        if self.dropout or self.recurrent_dropout:
            raise lacks(self, "that drops its inputs or its state", step="put a `dropout` before it")

    def _second_biases(self) -> tuple[str, ...]:
        """Return the biases that PyTorch has beside those of ours."""
        if self.biases_per_gate != 1:
            return ()
        return ("bias_hh_l0", "bias_hh_l0_reverse") if self.bidirectional else ("bias_hh_l0",)

    def _picked(self) -> str:
        """Return which of the states are the output, and how those of both directions are joined."""
        if not self.bidirectional:
            return "[0]" if self.sequences else "[0][:, -1]"
        joined = {"concat": "", "sum": ".sum({axis})", "mul": ".prod({axis})", "ave": ".mean({axis})"}[self.merge]
        if self.sequences:
            return f"[0].unflatten(2, (2, -1)){joined.format(axis=2)}" if joined else "[0]"
        last = f"[1]{self.torch_state}"
        return f"{last}{joined.format(axis=0)}" if joined else f"{last}.transpose(0, 1).flatten(1)"

    def reach(self, x: Tensor) -> tuple[Reach, ...] | None:
        """A state remembers the whole sequence before it."""
        return None

    def uncounted(self) -> str:
        """Loops."""
        return "it does not count what is repeated for every step of a sequence"

    def _units(self) -> Term:
        return symbol("u", self.units, "units")

    def _in_all(self, per_gate: Term) -> Term:
        """Return what all gates of all directions have together."""
        gates = number(self.gates) * per_gate if self.gates > 1 else per_gate
        return number(2) * gates if self.bidirectional else gates


NEUTRAL: Final = {
    "kernel_initializer": "glorot_uniform",
    "recurrent_initializer": "orthogonal",
    "unit_forget_bias": True,
    "return_state": False,
    "stateful": False,
    "unroll": False,
}


def _rule(class_name: str, **arguments: str) -> KerasRule:
    own: dict[str, Any] = {
        "units": "units",
        "activation": "activation",
        "use_bias": "bias",
        "return_sequences": "sequences",
        "go_backwards": "backwards",
        "dropout": "dropout",
        "recurrent_dropout": "recurrent_dropout",
    }
    both = Wrapper("Bidirectional", "bidirectional", {"merge_mode": "merge"})
    return KerasRule(class_name, own | arguments, neutral=NEUTRAL, wrapper=both, first=("units",))


_FACTS: Final[dict[str, Any]] = {"leading": 2, "order": Order.LAST, "learns": True}
ONE: Final = Only((1,), "write an item for every layer")
_TORCH: Final[dict[str, Source]] = {
    "input_size": Reads.CHANNELS,
    "hidden_size": "units",
    "num_layers": ONE,
    "bias": "bias",
    "batch_first": Only((ANYTHING,)),
    "dropout": Only((ANYTHING,)),
    "bidirectional": "bidirectional",
    "proj_size": Only((0,)),
}


class Biased(Recurrent):
    """A recurrent layer that may have two biases per gate, of the input's and of the state's weights."""

    second_bias: bool = arg(Flag(), False, doc="add a second learned number per gate and unit, as PyTorch does")

    @property
    def biases_per_gate(self) -> int:
        """One, or two as in PyTorch."""
        return int(self.bias) * (1 + self.second_bias)

    def keras_calls(self, *shapes: Shape) -> tuple[Call, ...]:
        """Keras' layer; raise LayerError where it lacks the second bias."""
        if self.biases_per_gate > 1:
            step = "leave out `second_bias`, and the layer computes the same with fewer parameters"
            raise LayerError("E510", f"`{self.kind}` has two biases per gate", "Keras' layer has one", step=step)
        return super().keras_calls(*shapes)


class Gated(Recurrent):
    """A recurrent layer whose gates decide what is kept."""

    recurrent_activation: str = arg(INNER, "sigmoid", doc="function of the gates")

    def _refuse_what_torch_lacks(self) -> None:
        """Raise LayerError for other gates too."""
        super()._refuse_what_torch_lacks()
        if self.recurrent_activation != "sigmoid":
            raise lacks(self, f"with the function `{self.recurrent_activation}` for its gates", step="use `sigmoid`")


@kind("lstm")
class Lstm(Gated, Biased):
    """Keep a long and a short memory, with three gates and a candidate (Hochreiter and Schmidhuber, 1997)."""

    gates = 4
    per_unit = 9
    torch_state = "[0]"
    keras = _rule("LSTM", recurrent_activation="recurrent_activation")
    torch = TorchRule("LSTM", _TORCH, **_FACTS, values={"sequences": True, "second_bias": True})


@kind("gru")
class Gru(Gated):
    """Keep one memory with two gates and a candidate (Cho et al., 2014); `reset_after` has two biases per unit."""

    gates = 3
    per_unit = 8
    reset_after: bool = arg(Flag(), True, doc="multiply by the reset gate behind the weights, as cuDNN does")
    keras = _rule("GRU", recurrent_activation="recurrent_activation", reset_after="reset_after")
    torch = TorchRule("GRU", _TORCH, **_FACTS, values={"sequences": True})

    def _refuse_what_torch_lacks(self) -> None:
        """Raise LayerError for the older form too."""
        super()._refuse_what_torch_lacks()
        if not self.reset_after:
            raise lacks(self, "without `reset_after`")

    @property
    def biases_per_gate(self) -> int:
        """Two with `reset_after`: of the input's and of the state's weights."""
        return int(self.bias) * (1 + self.reset_after)


@kind("rnn", "simple_rnn")
class SimpleRnn(Biased):
    """Mix every step's input with the state before it (Elman, 1990)."""

    torch_activations = ("tanh", "relu")
    keras = _rule("SimpleRNN")
    torch = TorchRule(
        "RNN",
        {
            "input_size": Reads.CHANNELS,
            "hidden_size": "units",
            "num_layers": ONE,
            "nonlinearity": "activation",
            **_TORCH,
        },
        **_FACTS,
        values={"sequences": True, "second_bias": True},
    )
