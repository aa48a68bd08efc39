"""The rules that conventions are made of: what a layer counts, and in their first line the words for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from cnnspec.formula import Term, nothing, number, product, symbol
from cnnspec.ir.layer import Layer
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import Tensor
from cnnspec.layers._symbols import WINDOW
from cnnspec.layers._tool_costs import FUNCTION_COSTS
from cnnspec.layers.activations import FUNCTIONS, Function, Outputs


class Use(NamedTuple):
    """A layer between its input and its output, as a tool counts it for a number of samples."""

    tool: str
    layer: Layer
    x: Tensor
    y: Tensor
    samples: int = 1

    @property
    def is_affine(self) -> bool:
        """Whether a normalization has learned numbers."""
        return self.layer.learned(self.x).value > 0

    @property
    def macs(self) -> Term:
        """Its multiply-accumulates."""
        return self.layer.macs(self.x, self.y)

    def of_all(self, each: Term) -> Term:
        """Return a number of one sample for all samples."""
        return each if self.samples == 1 or not each.value else symbol("b", self.samples, "samples") * each

    def per_output(self, cost: int) -> Term:
        """Return a cost per output element."""
        return self.of_all(self.y.size if cost == 1 else number(cost) * self.y.size) if cost else self.free()

    def free(self) -> Term:
        """Return nothing, and who says so."""
        return nothing(f"{self.tool} counts nothing")

    def unknown(self) -> str:
        """Return why the number is not known."""
        return f"what {self.tool} counts for `{self.layer.kind}` is not modelled"


Rule = Callable[[Use], Term | str]


class Convention(NamedTuple):
    """What a tool counts: its unit, a rule per role (nothing for others), whether it multiplies by the batch.

    `source` says what the rules were held against, `remark` what a reader should know besides.
    """

    title: str
    unit: str
    rules: Mapping[Role, Rule]
    source: str
    per_batch: bool = False
    remark: str = ""


def macs(use: Use) -> Term:
    """Multiply-accumulates."""
    return use.of_all(use.macs)


def macs_and_biases(use: Use) -> Term:
    """Multiply-accumulates, and 1 per output element where there are biases."""
    return use.of_all(use.macs + use.y.size if use.layer.biases(use.x).value else use.macs)


def doubled(use: Use) -> Term:
    """2 per multiply-accumulate."""
    return use.of_all(2 * use.macs)


def doubled_and_biases(use: Use) -> Term:
    """2 per multiply-accumulate, and 1 per output element where there are biases."""
    return use.of_all(2 * use.macs + use.y.size if use.layer.biases(use.x).value else 2 * use.macs)


def learned(use: Use) -> Term:
    """1 per learned parameter, once."""
    found = use.layer.learned(use.x)
    return use.of_all(found) if found.value else use.free()


def not_modelled(use: Use) -> str:
    """Not modelled."""
    return use.unknown()


NOT_MODELLED: Final[dict[Role, Rule]] = {Role.SEQUENCE: not_modelled, Role.OPAQUE: not_modelled}
"""The roles of which tools count what nobody has looked at."""


def free(use: Use) -> Term:
    """Nothing."""
    return use.free()


def functions(use: Use) -> Term | str:
    """As the tool knows the function."""
    counted = FUNCTION_COSTS.get(use.layer.applied, {})
    return use.unknown() if counted is None else use.per_output(counted.get(use.tool, 0))


def is_distribution(use: Use) -> bool:
    """Tell whether the function gives a distribution, as softmax does."""
    return FUNCTIONS.get(use.layer.applied, Function()).outputs is Outputs.DISTRIBUTION


def inputs(use: Use) -> Term:
    """1 per input element."""
    return use.of_all(use.x.size)


def window_elements(use: Use) -> Term:
    """1 per output element and element of the window."""
    sizes = use.layer.window
    window = [symbol(WINDOW[0] if len(set(sizes)) == 1 else f"{WINDOW[0]}_{at}", size) for at, size in enumerate(sizes)]
    return use.of_all(product((*window, *use.y.dims)))


def standardized(with_scale: int, without: int) -> Rule:
    """Return a rule of a cost per element, less where a normalization learns nothing; of others nothing."""

    def rule(use: Use) -> Term:
        if not (use.layer.mixes_samples or use.layer.standardizes):
            return use.free()
        return use.per_output(with_scale if use.is_affine else without)

    rule.__doc__ = f"{with_scale} per element of a batch, layer or group norm, {without} where it learns nothing."
    return rule


def normalized(use: Use) -> Term:
    """2 per element of a batch norm and 5 of a layer or group norm, 1 less where it learns nothing."""
    if use.layer.mixes_samples:
        return use.per_output(2 if use.is_affine else 1)
    return use.per_output(5 if use.is_affine else 4) if use.layer.standardizes else use.free()


def is_bilinear(use: Use) -> bool:
    """Tell whether new elements are made of four neighbours."""
    return use.layer.extra_flops(use.x, use.y).value == 4 * use.y.size.value


def is_copied(use: Use) -> bool:
    """Tell whether elements are repeated."""
    return not use.layer.extra_flops(use.x, use.y).value
