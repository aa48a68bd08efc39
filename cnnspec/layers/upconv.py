"""The transposed convolution."""

from __future__ import annotations

from itertools import repeat
from typing import Final

from cnnspec.formula import Term, product
from cnnspec.ir.arguments import Margins, PerAxis, arg
from cnnspec.ir.keras_rule import Call, KerasRule
from cnnspec.ir.keras_values import shortest
from cnnspec.ir.layer import LayerError, Reach, Variations, kernel_symbols, kind
from cnnspec.ir.operation import named
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import AXIS_NAMES, Shape, Tensor
from cnnspec.ir.torch_call import Order, TorchCall
from cnnspec.ir.torch_rule import Only, Reads, TorchRule
from cnnspec.ir.window import Window
from cnnspec.layers._convolution import GROUPS, KERNEL, check_groups, depth, with_groups
from cnnspec.layers._learned import Filters, Learned, learned_arguments
from cnnspec.layers._torch import cut, lacks, stated, torch_call
from cnnspec.layers._transposed import Axis
from cnnspec.layers._variation import on_all_axes
from cnnspec.layers._window import vanished
from cnnspec.layers.margins import Crop

PADDINGS: Final = ("valid", "same")

GAPS: Final = "behind a transposed convolution whose kernel is smaller than its stride: nothing reaches some elements"
HOLES: Final = "behind a transposed convolution with a stride and a dilation: what reaches an element differs"


@kind("upconv", "deconv", "convtranspose")
class TransposedConv(Filters, Learned):
    """Spread every input element over a window of the output: a convolution backwards, which enlarges."""

    role = Role.CONVOLUTION
    called = r"up ?conv|deconv|conv\w*transpose|transposed"
    ranks = (1, 2, 3)
    filters: int = Filters.filters
    kernel: tuple[int, ...] = arg(KERNEL, symbol="F", always=True, also=("f",), doc="size of the window")
    stride: tuple[int, ...] = arg(PerAxis(), (1,), symbol="s", always=True, also=("s",), doc="factor of enlargement")
    padding: str | tuple[tuple[int, int], ...] = arg(
        Margins(PADDINGS),
        "valid",
        symbol="p",
        always=True,
        also=("pad", "p"),
        doc="rows cropped per side; `same` (s·n) is PyTorch's kernel 4, stride 2, padding 1",
    )
    dilation: tuple[int, ...] = arg(PerAxis(), (1,), symbol="d", also=("d",), doc="step inside the window")
    groups: int = GROUPS
    output_padding: tuple[int, ...] | None = arg(
        PerAxis(0), None, symbol="q", doc="rows added behind, as in Keras and PyTorch"
    )

    keras = KerasRule(
        "Conv{rank}DTranspose",
        {
            "filters": "filters",
            "kernel_size": "kernel",
            "strides": "stride",
            "padding": "padding",
            "output_padding": "output_padding",
            "dilation_rate": "dilation",
            **learned_arguments("kernel"),
        },
        also=("Convolution{rank}DTranspose",),
        ranks=(1, 2, 3),
        first=("filters", "kernel_size"),
    )
    torch = TorchRule(
        "ConvTranspose{rank}d",
        {
            "in_channels": Reads.CHANNELS,
            "out_channels": "filters",
            "kernel_size": "kernel",
            "stride": "stride",
            "padding": "padding",
            "output_padding": "output_padding",
            "groups": "groups",
            "bias": "bias",
            "dilation": "dilation",
            "padding_mode": Only(("zeros",)),
        },
        values={"output_padding": (0,)},
        lazy=True,
        leading=3,
        order=Order.FIRST,
        learns=True,
    )
    onnx = named("ConvTranspose")
    aten = named("conv_transpose1d", "conv_transpose2d", "conv_transpose3d")

    @property
    def spread(self) -> tuple[int, ...]:
        """The dilation per axis."""
        return self.dilation

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """Those of its axes; raise LayerError where one vanishes, or more is added behind than Keras and PyTorch do."""
        self.check(x)
        check_groups(self.groups, self.filters, x)
        axes = self._axes(x.shape)
        if any(axis.added and axis.added >= max(axis.s, axis.d) for axis in axes):
            message = f"`output_padding` must be below the stride {self.stride} or the dilation {self.dilation}"
            raise LayerError("E307", f"{message}, not {self.output_padding}")
        sizes = tuple(axis.size() for axis in axes)
        for name, size in zip(AXIS_NAMES[x.rank], sizes, strict=True):
            if size.value < 1:
                raise vanished(self.kind, name, size, x.shape, "use less padding")
        return (*sizes, self.outputs(x))

    def sliding(self, shape: Shape) -> Window:
        """The window over the output: the rows that are missing there of (n − 1)·s + d·(f − 1) + 1 are its padding."""
        missing = tuple((axis.before, axis.missing - axis.before) for axis in self._axes(shape))
        return Window(self.kernel, self.stride, self.dilation, missing, spread=True)

    def _axes(self, shape: Shape) -> list[Axis]:
        crops = repeat(self.padding) if isinstance(self.padding, str) else self.padding
        added = repeat(None) if self.output_padding is None else self.output_padding
        return list(map(Axis, shape[:-1] or repeat(1), self.kernel, self.stride, self.dilation, crops, added))

    def params(self, x: Tensor) -> Term:
        """(F·F·C + 1)·K, as for a convolution; the biases belong to the outputs."""
        return self.weighted(product((*kernel_symbols(self.kernel), depth(self.groups, x))), x)

    def macs(self, x: Tensor, y: Tensor) -> Term:
        """One multiply-accumulate per weight and position of the input, which is what moves here."""
        return product((*kernel_symbols(self.kernel), depth(self.groups, x), self.outputs(x), *x.spatial))

    def reach(self, x: Tensor) -> tuple[Reach, ...] | str:
        """An output element is fed by f/s input elements in the mean; s of them share one place.

        With f < s some are fed by none, and how many of these a window behind meets differs from place to place.
        """
        axes = self._axes(x.shape)
        if any(axis.extent < axis.s for axis in axes):
            return GAPS
        if any(axis.s > 1 and axis.d > 1 for axis in axes):
            return HOLES
        from fractions import Fraction  # noqa: PLC0415 - few networks enlarge, and the import is slow

        return tuple(
            Reach(
                Fraction(axis.extent, axis.s) - 1,
                Fraction(1, axis.s),
                (axis.before - Fraction(axis.extent - 1, 2)) / axis.s,
            )
            for axis in axes
        )

    def keras_calls(self, *shapes: Shape) -> tuple[Call, ...]:
        """Keras' layer alone where its words say the same; else it crops what Keras' layer without padding gives."""
        axes = self._axes(shapes[0])
        self._refuse_what_keras_lacks(axes)
        if isinstance(self.padding, str):
            return super().keras_calls(*shapes)
        if all(axis.is_same() for axis in axes):
            return self._whole("same", None)
        rests = tuple(axis.rest for axis in axes)
        stated = any(rests) or any(axis.extent < axis.s for axis in axes)
        (call,) = self._whole("valid", rests if stated else None)
        margins = tuple((axis.before, axis.cropped[1] + axis.rest - (axis.added or 0)) for axis in axes)
        if not any(map(any, margins)):
            return (call,)
        return call._replace(learns=True), *Crop(margins=margins).keras_calls(*shapes)

    def torch_calls(self, *shapes: Shape) -> tuple[TorchCall, ...]:
        """PyTorch's layer with the rows in front that are missing here; what is then too much behind is cut off."""
        axes = self._axes(shapes[0])
        behind = tuple(axis.size().value - axis.largest() + 2 * axis.before for axis in axes)
        if any(rows >= max(axis.s, axis.d) for rows, axis in zip(behind, axes, strict=True)):
            raise lacks(self, f"that adds {max(behind)} rows behind")
        given = stated(tuple((axis.before, axis.before) for axis in axes))
        added = tuple(max(rows, 0) for rows in behind)
        given["output_padding"] = shortest(added)
        call = torch_call(
            self, shapes[0], {name: value or None for name, value in given.items()}, values={"padding": "valid"}
        )
        too_much = tuple((0, max(-rows, 0)) for rows in behind)
        return call, *cut(too_much), *self.torch_activation(shapes[0])

    def _whole(self, padding: str, added: tuple[int, ...] | None) -> tuple[Call, ...]:
        values = vars(self) | {"padding": padding, "output_padding": added}
        return self.keras.calls(self.fields, values, len(self.kernel))

    def _refuse_what_keras_lacks(self, axes: list[Axis]) -> None:
        """Raise LayerError for what PyTorch computes, and so do we, but no layer of Keras."""
        if self.groups > 1:
            raise LayerError("E510", f"Keras has no `{self.kind}` with groups", "its numbers are computed all the same")
        if any(axis.s > 1 and axis.d > 1 for axis in axes):
            message = f"Keras has no `{self.kind}` with both a stride and a dilation above 1"
            raise LayerError("E510", message, "its numbers are computed all the same")
        if any(axis.rest >= axis.s for axis in axes):
            message = f"Keras adds no more rows behind than its stride has, not {self.output_padding}"
            raise LayerError("E510", message)
        if any(axis.crop == "same" and axis.added == 0 and axis.extent % 2 == 0 for axis in axes):
            message = "TensorFlow runs no `same` with `output_padding` 0 behind a kernel of even size"
            raise LayerError("E510", message, step="leave out `output_padding`, or give `padding` as numbers")

    def variations(self) -> Variations:
        """Windows of any size but 1, which stays; strides that enlarge; both paddings, unless rows are added behind."""
        found = with_groups(super().variations(), self.groups)
        if max(self.kernel) == 1:
            return found
        found |= {"kernel": ("kernel", on_all_axes((2, 3, 4, 5), self.kernel))}
        if self.output_padding is not None or max(self.dilation) > 1:
            return found
        return found | {"stride": ("stride", on_all_axes((2, 3), self.stride)), "padding": ("padding", PADDINGS)}

    def counted_as(self, convention: str, x: Tensor, y: Tensor) -> str | None:
        """Unknown where calflops takes the output of a convolution for its biases, and TensorFlow's profiler too."""
        odd = convention == "tf-profiler" or (convention == "calflops" and self.bias)
        return f"{convention} takes another shape for a transposed convolution, which is not modelled" if odd else None

    def uncounted(self) -> str:
        """Volumes, and outputs of another size than s·n."""
        if len(self.kernel) == 3:
            return "it does not know the transposed convolution of volumes"
        if all(axis.is_multiple() for axis in self._axes(())):
            return ""
        return "for transposed convolutions it takes the output for s·n elements, which only `same` padding gives"
