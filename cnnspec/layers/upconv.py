"""The transposed convolution."""

from __future__ import annotations

from typing import Final

from cnnspec.formula import Term, product
from cnnspec.ir.arguments import Choice, PerAxis, arg
from cnnspec.ir.keras_rule import KerasRule
from cnnspec.ir.layer import Reach, Variations, kernel_symbols, kind
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import Tensor
from cnnspec.layers._convolution import KERNEL
from cnnspec.layers._learned import Filters, Learned, learned_arguments
from cnnspec.layers._symbols import input_size, stride, window_size
from cnnspec.layers._variation import on_all_axes

PADDINGS: Final = ("valid", "same")

GAPS: Final = "behind a transposed convolution whose kernel is smaller than its stride: nothing reaches some elements"


@kind("upconv", "deconv", "convtranspose")
class TransposedConv(Filters, Learned):
    """Spread every input element over a window of the output: a convolution backwards, which enlarges."""

    role = Role.CONVOLUTION
    called = r"up ?conv|deconv|conv\w*transpose|transposed"
    ranks = (1, 2, 3)
    filters: int = Filters.filters
    kernel: tuple[int, ...] = arg(KERNEL, symbol="F", always=True, also=("f",), doc="size of the window")
    stride: tuple[int, ...] = arg(PerAxis(), (1,), symbol="s", always=True, also=("s",), doc="factor of enlargement")
    padding: str = arg(Choice(PADDINGS), "valid", always=True, also=("pad",), doc="`same` gives s·n")

    keras = KerasRule(
        "Conv{rank}DTranspose",
        {
            "filters": "filters",
            "kernel_size": "kernel",
            "strides": "stride",
            "padding": "padding",
            **learned_arguments("kernel"),
        },
        also=("Convolution{rank}DTranspose",),
        neutral={"dilation_rate": 1},
        ranks=(1, 2, 3),
        first=("filters", "kernel_size"),
    )

    def shape(self, x: Tensor) -> tuple[Term, ...]:
        """s·n for `same`, s·n + max(f − s, 0) for `valid` (Keras)."""
        self.check(x)
        sizes = []
        for n, f, s in zip(x.spatial, self.kernel, self.stride, strict=True):
            size, step = input_size(n.value), stride(s)
            longer = self.padding == "valid" and f > s
            sizes.append((size - 1) * step + window_size(f) if longer else size * step)
        return (*sizes, self.outputs(x))

    def params(self, x: Tensor) -> Term:
        """(F·F·C + 1)·K, as for a convolution; the biases belong to the outputs."""
        return self.weighted(product((*kernel_symbols(self.kernel), x.channels)), x)

    def macs(self, x: Tensor, y: Tensor) -> Term:
        """One multiply-accumulate per weight and position of the input, which is what moves here."""
        return product((*kernel_symbols(self.kernel), x.channels, self.outputs(x), *x.spatial))

    def reach(self, x: Tensor) -> tuple[Reach, ...] | str:
        """An output element is fed by f/s input elements in the mean; s of them share one place.

        With f < s some are fed by none, and how many of these a window behind meets differs from place to place.
        """
        if any(f < s for f, s in zip(self.kernel, self.stride, strict=True)):
            return GAPS
        from fractions import Fraction  # noqa: PLC0415 - few networks enlarge, and the import is slow

        result = []
        for f, s in zip(self.kernel, self.stride, strict=True):
            cropped = max(f - s, 0) // 2 if self.padding == "same" else 0
            offset = (cropped - Fraction(f - 1, 2)) / s
            result.append(Reach(Fraction(f, s) - 1, Fraction(1, s), offset))
        return tuple(result)

    def variations(self) -> Variations:
        """Windows of any size but 1, which stays; strides that enlarge; both paddings."""
        if max(self.kernel) == 1:
            return super().variations()
        sizes = {"kernel": (2, 3, 4, 5), "stride": (2, 3)}
        window = {name: (name, on_all_axes(values, vars(self)[name])) for name, values in sizes.items()}
        return {**super().variations(), **window, "padding": ("padding", PADDINGS)}

    def uncounted(self) -> str:
        """Volumes, and outputs of another size than s·n."""
        if len(self.kernel) == 3:
            return "it does not know the transposed convolution of volumes"
        if self.padding == "valid" and any(f > s for f, s in zip(self.kernel, self.stride, strict=True)):
            return "for transposed convolutions it takes the output for s·n elements, which only `same` padding gives"
        return ""
