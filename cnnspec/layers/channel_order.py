"""Channels that become pixels, pixels that become channels, and channels in another order."""

from __future__ import annotations

from cnnspec.formula import Term, symbol
from cnnspec.ir.arguments import Count, arg
from cnnspec.ir.keras_rule import Call, KerasRule
from cnnspec.ir.layer import LayerError, Reach, kind
from cnnspec.ir.operation import named
from cnnspec.ir.shapes import Shape, Tensor
from cnnspec.ir.torch_call import Order, TorchCall, expression
from cnnspec.ir.torch_rule import TorchRule
from cnnspec.layers._torch import torch_call
from cnnspec.layers.rearrangement import REARRANGED, Rearrangement


class Blocks(Rearrangement):
    """A layer that moves elements between channels and blocks of r·r pixels."""

    ranks = (2,)
    block: int = arg(Count(positional=True), symbol="r", always=True, also=("upscale_factor",), doc="side of a block")
    keras = KerasRule("")

    def _side(self) -> Term:
        return symbol("r", self.block, "side of a block")

    def _area(self) -> Term:
        return self._side() * self._side()


@kind("depth_to_space", "pixel_shuffle")
class DepthToSpace(Blocks):
    """Make a block of r·r pixels of every r·r channels, in TensorFlow's order (sub-pixel convolution, 2016)."""

    torch = TorchRule("PixelShuffle", {"upscale_factor": "block"}, leading=1, order=Order.FIRST)
    onnx = named("DepthToSpace")
    aten = named("pixel_shuffle")

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """PyTorch's layer."""
        return (torch_call(self, shapes[0], note=REARRANGED),)

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """r·H × r·W × C/(r·r); raise LayerError where r·r does not divide the channels."""
        self.check(x)
        if x.channels.value % self._area().value:
            message = f"{x.channels.value} channels cannot be divided into blocks of {self.block}·{self.block} pixels"
            raise LayerError("E305", message)
        return (*(n * self._side() for n in x.spatial), x.channels // self._area())

    def reach(self, x: Tensor) -> tuple[Reach, ...]:
        """The pixels of a block share one place."""
        from fractions import Fraction  # noqa: PLC0415 - few networks enlarge, and the import is slow

        return (Reach(0, Fraction(1, self.block), Fraction(1 - self.block, 2 * self.block)),) * x.rank

    def keras_calls(self, *shapes: Shape) -> tuple[Call, ...]:
        """Split the channels, bring both parts beside their pixels, and join them."""
        (height, width, channels), r = shapes[0], self.block
        rest = channels // r**2
        return _moved((height, width, r, r, rest), (1, 3, 2, 4, 5), (height * r, width * r, rest))


@kind("space_to_depth", "pixel_unshuffle")
class SpaceToDepth(Blocks):
    """Make r·r channels of every block of r·r pixels; nothing is lost, as it is in pooling."""

    torch = TorchRule("PixelUnshuffle", {"downscale_factor": "block"}, leading=1, order=Order.FIRST)
    onnx = named("SpaceToDepth")
    aten = named("pixel_unshuffle")

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """PyTorch's layer."""
        return (torch_call(self, shapes[0], note=REARRANGED),)

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """H/r × W/r × C·r·r; raise LayerError where r does not divide height and width."""
        self.check(x)
        if any(n.value % self.block for n in x.spatial):
            height, width = (n.value for n in x.spatial)
            raise LayerError("E305", f"{height}x{width} pixels cannot be divided into blocks of {self.block}")
        return (*(n // self._side() for n in x.spatial), x.channels * self._side() * self._side())

    def reach(self, x: Tensor) -> tuple[Reach, ...]:
        """A block of r·r pixels, as in pooling."""
        return (Reach(self.block - 1, self.block, (self.block - 1) / 2),) * x.rank

    def keras_calls(self, *shapes: Shape) -> tuple[Call, ...]:
        """Split height and width, bring what is left beside the channels, and join them."""
        (height, width, channels), r = shapes[0], self.block
        rows, columns = height // r, width // r
        return _moved((rows, r, columns, r, channels), (1, 3, 2, 4, 5), (rows, columns, channels * r**2))


@kind("channel_shuffle")
class ChannelShuffle(Rearrangement):
    """Deal the channels of g groups out, one of each in turn, so that groups mix (ShuffleNet, 2018)."""

    groups: int = arg(Count(positional=True), symbol="g", always=True, also=("g",), doc="groups of channels")
    keras = KerasRule("")
    torch = TorchRule("ChannelShuffle", {"groups": "groups"}, leading=1, order=Order.FIRST)
    aten = named("channel_shuffle", "native_channel_shuffle")

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """PyTorch's layer, which does not take vectors: these are split, exchanged and joined."""
        if len(shapes[0]) > 1:
            return super().torch_calls(*shapes)
        return (expression("{0}.unflatten(1, ({groups}, -1)).transpose(1, 2).flatten(1)", groups=self.groups),)

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """That of the input, whose channels the groups must divide."""
        if x.channels.value % self.groups:
            raise LayerError("E305", f"{x.channels.value} channels cannot be divided into {self.groups} groups")
        return x.dims

    def reach(self, x: Tensor) -> tuple[Reach, ...]:
        """Places stay."""
        return (Reach(),) * x.rank

    def keras_calls(self, *shapes: Shape) -> tuple[Call, ...]:
        """Split the channels, exchange both parts, and join them."""
        *places, channels = shapes[0]
        kept = tuple(range(1, len(places) + 1))
        last = len(places) + 1
        return _moved((*places, self.groups, channels // self.groups), (*kept, last + 1, last), shapes[0])


def _moved(split: Shape, order: tuple[int, ...], joined: Shape) -> tuple[Call, ...]:
    return (
        Call("Reshape", {"target_shape": split}, ("target_shape",)),
        Call("Permute", {"dims": order}, ("dims",)),
        Call("Reshape", {"target_shape": joined}, ("target_shape",)),
    )
