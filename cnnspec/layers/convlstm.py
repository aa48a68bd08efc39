"""The convolutional LSTM: one image after the other, with a state that is an image too."""

from __future__ import annotations

from typing import Final

from cnnspec.formula import Term, nothing, number, product, symbol
from cnnspec.ir.arguments import Choice, Count, Flag, PerAxis, arg
from cnnspec.ir.keras_rule import KerasRule
from cnnspec.ir.layer import RANK_WORDS, LayerError, Reach, Variations, kernel_symbols, kind
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import Tensor, show, tensor
from cnnspec.ir.window import Window
from cnnspec.layers._variation import MOST_FILTERS, around
from cnnspec.layers._window import Windowed
from cnnspec.layers.activations import ACTIVATION
from cnnspec.layers.recurrent import INNER, NEUTRAL, SHARE

GATES: Final = 4
PER_ELEMENT: Final = 9
"""Operations per element of the state and step besides products and biases: five functions, four of arithmetic."""


@kind("convlstm", "conv_lstm")
class ConvLstm(Windowed):
    """An LSTM on a sequence of images, whose products are convolutions (Shi et al., 2015)."""

    role = Role.SEQUENCE
    called = r"conv[\s_-]?lstm"
    leads = 1
    filters: int = arg(Count(positional=True), symbol="K", always=True, also=("k",), doc="channels of the state")
    kernel: tuple[int, ...] = arg(
        PerAxis(claims_sizes=True), symbol="F", always=True, also=("f",), doc="size of the window"
    )
    padding: str = arg(
        Choice(("valid", "same")), "valid", symbol="p", always=True, also=("pad", "p"), doc="rows added around"
    )
    dilation: tuple[int, ...] = arg(PerAxis(), (1,), symbol="d", also=("d",), doc="step inside the window")
    sequences: bool = arg(Flag(), False, doc="return the state of every step, not of the last one only")
    backwards: bool = arg(Flag(), False, doc="read the sequence from its end")
    activation: str = arg(ACTIVATION, "tanh", also=("act",), doc="function of the new state")
    recurrent_activation: str = arg(INNER, "sigmoid", doc="function of the gates")
    bias: bool = arg(Flag(), True, doc="add one learned number per gate and channel")
    dropout: float = arg(SHARE, 0.0, doc="share of the inputs that are dropped while training")
    recurrent_dropout: float = arg(SHARE, 0.0, doc="share of the state that is dropped while training")

    keras = KerasRule(
        "ConvLSTM{rank}D",
        {
            "filters": "filters",
            "kernel_size": "kernel",
            "strides": "stride",
            "padding": "padding",
            "dilation_rate": "dilation",
            "activation": "activation",
            "recurrent_activation": "recurrent_activation",
            "use_bias": "bias",
            "return_sequences": "sequences",
            "go_backwards": "backwards",
            "dropout": "dropout",
            "recurrent_dropout": "recurrent_dropout",
        },
        neutral=NEUTRAL,
        ranks=(1, 2, 3),
        first=("filters", "kernel_size"),
        made_of_layers=True,
    )

    @property
    def window(self) -> tuple[int, ...]:
        """The kernel's size."""
        return self.kernel

    @property
    def spread(self) -> tuple[int, ...]:
        """The dilation per axis."""
        return self.dilation

    def variations(self) -> Variations:
        """Numbers of channels around its own."""
        return {"filters": ("filters", around(self.filters, MOST_FILTERS, 4))}

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """T·H′·W′·K, or H′·W′·K of the last step alone; raise LayerError for what is no sequence of images."""
        if x.rank - self.leads not in self.ranks:
            message = f"`{self.kind}` works on steps of {RANK_WORDS[2]}: (T, H, W, C); its input is {show(x.shape)}"
            raise LayerError("E303", message)
        if max(self.stride) > 1 and max(self.dilation) > 1:
            raise LayerError("E307", "a stride and a dilation above 1 do not go together", "Keras refuses both at once")
        state = (*self.positions(_image(x)), self._filters())
        return (_steps(x), *state) if self.sequences else state

    def params(self, x: Tensor) -> Term:
        """4·((F·F·(C + K) + 1)·K): per gate a convolution of the input and the state together, with one bias."""
        weights = product((*kernel_symbols(self.kernel), x.channels + self._filters()))
        return number(GATES) * ((weights + 1 if self.bias else weights) * self._filters())

    def biases(self, x: Tensor) -> Term:
        """One per gate and channel."""
        return number(GATES) * self._filters() if self.bias else nothing("no bias")

    def macs(self, x: Tensor, y: Tensor) -> Term:
        """One multiply-accumulate per weight, place of the state and step."""
        weights = product((*kernel_symbols(self.kernel), x.channels + self._filters(), self._filters()))
        return number(GATES) * weights * product(self._state(y).spatial) * _steps(x)

    def extra_flops(self, x: Tensor, y: Tensor) -> Term:
        """Per element of the state and step: the biases, a function per gate and the arithmetic of the state."""
        return number(GATES * self.bias + PER_ELEMENT) * self._state(y).size * _steps(x)

    def reach(self, x: Tensor) -> tuple[Reach, ...] | str | None:
        """Unknown: the state is convolved again at every step."""
        return "every step of a convolutional LSTM sees more than the one before"

    def dropped(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """No step, and the rows of an image that no window reaches."""
        return (0, *super().dropped(shape[1:]))

    def sliding(self, shape: tuple[int, ...]) -> Window:
        """The window over the image of a step."""
        return super().sliding(shape[1:])

    def uncounted(self) -> str:
        """Loops."""
        return "it does not count what is repeated for every step of a sequence"

    def _filters(self) -> Term:
        return symbol("K", self.filters, "filters")

    def _state(self, y: Tensor) -> Tensor:
        """Return the state of one step, as fresh leaves."""
        return tensor(y.shape[1:] if self.sequences else y.shape, "′")


def _steps(x: Tensor) -> Term:
    return symbol("T", x.dims[0].value, "steps")


def _image(x: Tensor) -> Tensor:
    return tensor(x.shape[1:])
