"""What all convolutions that do not enlarge have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cnnspec.formula import Term, symbol
from cnnspec.ir.arguments import Count, PerAxis, arg
from cnnspec.ir.keras_rule import Call
from cnnspec.ir.layer import LayerError, Variations
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import Shape, Tensor
from cnnspec.ir.torch_call import TorchCall
from cnnspec.layers._learned import Learned, learned_arguments
from cnnspec.layers._torch import padded
from cnnspec.layers._torch_convolution import CONVOLUTION
from cnnspec.layers._variation import on_all_axes
from cnnspec.layers._window import Windowed

KERNEL = PerAxis(claims_sizes=True)
GROUPS: Any = arg(Count(), 1, symbol="g", also=("g",), doc="groups of channels that do not see each other")


class Convolution(Windowed, Learned):
    """A window of learned numbers; `uniform` kinds have one stride for all axes (TensorFlow's depthwise kernels)."""

    role = Role.CONVOLUTION
    uniform = False
    kernel: tuple[int, ...] = arg(KERNEL, symbol="F", always=True, also=("f",), doc="size of the window")
    dilation: tuple[int, ...] = arg(PerAxis(), (1,), symbol="d", also=("d",), doc="step inside the window")

    @property
    def window(self) -> tuple[int, ...]:
        """The kernel's size."""
        return self.kernel

    @property
    def spread(self) -> tuple[int, ...]:
        """The dilation per axis."""
        return self.dilation

    def variations(self) -> Variations:
        """Odd windows; one of size 1 stays, and so do its stride and padding."""
        if max(self.kernel) == 1:
            return super().variations()
        rank = len(self.kernel)
        paddings = ("valid", "same", ((1, 1),) * rank, ((2, 2),) * rank)
        strides = on_all_axes((1, 2, 3), self.stride) if max(self.dilation) == 1 else ()
        window = {"kernel": ("kernel", on_all_axes((3, 5, 7), self.kernel)), "stride": ("stride", strides)}
        return {**super().variations(), **window, "padding": ("padding", paddings)}

    def positions(self, x: Tensor) -> tuple[Term, ...]:
        """Return the positions of the window; raise LayerError for what no convolution of Keras does."""
        sizes = super().positions(x)
        if self.uniform and len(set(self.stride)) > 1:
            message = f"`{self.kind}` has one stride for all axes, not {self.stride}"
            raise LayerError("E307", message, "TensorFlow computes no others")
        return sizes

    def keras_calls(self, *shapes: Shape) -> tuple[Call, ...]:
        """Keras' layer; raise LayerError where its convolutions refuse what PyTorch's do."""
        if not self.uniform and max(self.stride) > 1 and max(self.dilation) > 1:
            message = f"Keras has no `{self.kind}` with both a stride and a dilation above 1"
            raise LayerError("E510", message, "its numbers are computed all the same")
        return super().keras_calls(*shapes)

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """PyTorch's layer with numbers for padding, and the activation."""
        return *padded(CONVOLUTION, self, shapes[0]), *self.torch_activation(shapes[0])

    def depthwise(self, shape: Shape, multiplier: int, **facts: Any) -> tuple[TorchCall, ...]:
        """Return PyTorch's convolution that filters every channel on its own, several times."""
        given: dict[str, Any] = {"out_channels": shape[-1] * multiplier, "groups": shape[-1]}
        given |= {} if self.bias and not facts else {"bias": False}
        return padded(CONVOLUTION, self, shape, given, **facts)

    def uncounted(self) -> str:
        """Dilated windows."""
        rearranged = "for dilated windows it counts the blocks that TensorFlow rearranges the input into"
        return rearranged if max(self.dilation) > 1 else ""


def check_groups(groups: int, filters: int, x: Tensor) -> None:
    """Raise LayerError where groups do not divide the channels of the input or the filters."""
    for count, what in ((x.channels.value, "input channels"), (filters, "filters")):
        if count % groups:
            note = f"{count} = {count // groups}·{groups} + {count % groups}"
            raise LayerError("E305", f"{count} {what} cannot be divided into {groups} groups", note)


def with_groups(variations: Variations, groups: int) -> dict[str, tuple[str, Sequence[Any]]]:
    """Return variations with as many filters as the groups divide."""
    field, numbers = variations["filters"]
    return {**variations, "filters": (field, [number for number in numbers if number % groups == 0])}


def depth(groups: int, x: Tensor) -> Term:
    """Return how many channels a filter sees: those of its group."""
    return x.channels // symbol("g", groups, "groups") if groups > 1 else x.channels


def convolution_arguments(*kernels: str) -> dict[str, Any]:
    """Return the Keras arguments of `Convolution`, for kernels of these names."""
    window = {"kernel_size": "kernel", "strides": "stride", "padding": "padding", "dilation_rate": "dilation"}
    return window | learned_arguments(*kernels)
