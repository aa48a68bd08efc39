"""The numbers of whole networks: the course's table, sums, foldings, and MACs counted one by one."""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from math import prod
from typing import Any, Final, NamedTuple

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import cnnspec
from cnnspec.analysis.folding import fold
from cnnspec.analysis.quantities import QUANTITIES
from tests.bundled_cases import COURSE_TOTALS
from tests.bundled_cases import cases as bundled_cases

COURSE: Final = (
    ("conv1", (28, 28, 8), 6_272, 608, 470_400, 5, 1),
    ("pool1", (14, 14, 8), 1_568, 0, 0, 6, 2),
    ("conv2", (10, 10, 16), 1_600, 3_216, 320_000, 14, 2),
    ("pool2", (5, 5, 16), 400, 0, 0, 16, 4),
    ("flatten1", (400,), 400, 0, 0, None, None),
    ("fc3", (120,), 120, 48_120, 48_000, None, None),
    ("fc4", (84,), 84, 10_164, 10_080, None, None),
    ("softmax", (10,), 10, 850, 840, None, None),
)
"""The course's complexity table with its counts corrected: shape, size, parameters, MACs, receptive field, jump."""

SUMMED: Final = ("params", "trainable_params", "non_trainable_params", "macs", "flops")


LENET: Final = """
input: 32x32x1
layers:
  - conv: 6 5x5
  - avgpool: 2
  - conv: 16 5x5
  - avgpool: 2
  - flatten
  - dense: 120
  - dense: 84
  - dense: 10
"""
TORCHINFO: Final = """
input: 28x28x1
layers:
  - conv: 10 5x5
  - maxpool: 2
  - relu
  - conv: 20 5x5
  - maxpool: 2
  - relu
  - flatten
  - dense: 50 relu
  - dense: 10
"""
NESTED: Final = """
name: nested
input: 16x16x4
blocks:
  inner:
    params: {f: required}
    layers:
      - conv: $f 3x3 same bn relu
  outer:
    params: {f: required}
    layers:
      - residual:
          - inner: {f: $f}
            repeat: 2
          - reshape: 16x16x$f
      - relu
layers:
  - inner: {f: 4}
  - outer: {f: 4}
    repeat: 3
  - flatten
  - dense: 10
"""


@lru_cache
def summary(name: str) -> cnnspec.Table:
    """Return a bundled network's numbers, computed once."""
    return cnnspec.summarize(cnnspec.load(name))


def network(text: str) -> cnnspec.Table:
    """Return the numbers of a spec."""
    return cnnspec.summarize(cnnspec.loads(text))


def test_course_table_is_right_in_every_cell() -> None:
    """Shapes, sizes, parameters, MACs, receptive fields and jumps of the course's example."""
    found = []
    for row in summary("lenet5-rgb"):
        axis = row.view.axes[0] if row.view.axes else None
        place = (axis.extent, axis.jump) if axis else (None, None)
        found.append((row.name, row.shape, row.activation_size, row.params, row.macs, *place))
    assert tuple(found) == COURSE


def test_course_table_has_the_right_totals() -> None:
    """62,958 parameters, 849,320 MACs, 13,126 numbers with the input; 4 bytes each."""
    assert summary("lenet5-rgb").totals._asdict() == COURSE_TOTALS


def test_lenet5_has_the_totals_of_other_tools() -> None:
    """61,706 parameters, 416,520 MACs (833,040 by PyTorch's counter), 423,038 with biases (ptflops)."""
    totals = network(LENET).totals
    biases = totals.flops - 2 * totals.macs - 4 * (1_176 + 400)
    assert (totals.params, totals.macs, totals.macs + biases) == (61_706, 416_520, 423_038)


def test_torchinfo_example_has_its_numbers() -> None:
    """Torchinfo's README prints multiply-adds with biases for a batch of 7, and 87.36 kB of parameters."""
    net = network(TORCHINFO)
    assert [7 * (row.macs + row.biases * prod(row.shape[:-1])) for row in net if row.params] == [
        *(1_048_320, 2_248_960, 112_350, 3_570),
    ]
    assert (net.totals.params, net.totals.params_bytes) == (21_840, 87_360)


def test_flops_are_macs_biases_and_elements() -> None:
    """2·MACs, one addition per biased output, and the pools' windows: nothing else is in this network."""
    macs, biases, pools = 849_320, 6_272 + 1_600 + 120 + 84 + 10, 4 * (1_568 + 400)
    assert summary("lenet5-rgb").totals.flops == 2 * macs + biases + pools + 5 * 10


@pytest.mark.parametrize("name", bundled_cases())
def test_sizes_are_products_of_shapes(name: str) -> None:
    """An activation has as many numbers as its shape says, whatever the kind."""
    assert all(row.activation_size == prod(row.shape) for row in summary(name))


@pytest.mark.parametrize("name", bundled_cases())
def test_parameters_split_without_rest(name: str) -> None:
    """Parameters are weights and biases, and trainable and stored ones; no part is negative."""
    for row in summary(name):
        assert row.params == row.weights + row.biases == row.trainable_params + row.non_trainable_params
        assert min(row.weights, row.biases, row.trainable_params, row.non_trainable_params) >= 0


@pytest.mark.parametrize("name", bundled_cases())
def test_totals_are_sums_of_columns(name: str) -> None:
    """All sums; the activations are the inputs and all rows but those that only give another shape."""
    net = summary(name)
    for quantity in SUMMED:
        assert getattr(net.totals, quantity) == sum(getattr(row, quantity) for row in net)
    own = [row.activation_size for row in net if row.kind not in ("flatten", "reshape")]
    assert net.totals.activation_size == sum(prod(entry.shape) for entry in net.inputs) + sum(own)
    assert net.totals.params_bytes == 4 * net.totals.params
    assert net.totals.activation_bytes == 4 * net.totals.activation_size


@pytest.mark.parametrize(
    ("dtype", "size"), [("float64", 8), ("float32", 4), ("float16", 2), ("bfloat16", 2), ("int8", 1)]
)
def test_bytes_follow_type_and_batch(dtype: str, size: int) -> None:
    """A batch multiplies the activations and leaves the parameters alone."""
    totals = cnnspec.summarize(cnnspec.load("lenet5-rgb"), batch=3, dtype=dtype).totals
    assert (totals.params_bytes, totals.activation_bytes) == (62_958 * size, 3 * 13_126 * size)


@pytest.mark.parametrize("depth", [None, 1, 2, 3, 9])
@pytest.mark.parametrize("name", ["nested", "resnet50", "densenet121", "efficientnetb0", "resnet20-cifar10", "vgg16"])
def test_folding_never_changes_totals(name: str, depth: int | None) -> None:
    """However many blocks are folded, the columns of the table add up to the same numbers."""
    net = network(NESTED) if name == "nested" else summary(name)
    rows = fold(net, depth)
    for quantity in (row for row in QUANTITIES.values() if row.key in SUMMED):
        assert sum(row.value(quantity) for row in rows) == getattr(net.totals, quantity.key)
    assert sum(len(row.members) for row in rows) == net.totals.layers


def test_folding_names_blocks_by_their_depth() -> None:
    """At depth 1 the outermost blocks are rows, at depth 2 those within; the copies of one repeat share a row."""
    net = network(NESTED)
    assert [row.configuration for row in fold(net, 1)] == ["", "inner", "outer ×3", "flatten", "dense 10"]
    inner = [row.configuration for row in fold(net, 2) if row.folded]
    assert inner == ["inner ×2"] * 3
    assert len(fold(net, 3)) == len(fold(net)) == 1 + net.totals.layers


def test_two_equal_layers_count_twice() -> None:
    """Layers are measured once per kind and input, and still counted each."""
    once, twice = (network(f"input: 8x8x4\nlayers: [{', '.join(['conv: 4 3x3 same'] * n)}]").totals for n in (1, 2))
    assert [twice.params, twice.macs, twice.flops] == [2 * once.params, 2 * once.macs, 2 * once.flops]


class Tiny(NamedTuple):
    """A convolution small enough to be done by hand."""

    n: tuple[int, ...]
    channels: int
    filters: int
    kernel: tuple[int, ...]
    stride: int
    margin: int
    dilation: int
    groups: int


@st.composite
def tiny(draw: st.DrawFn) -> Tiny:
    """Return a convolution on one to three axes."""
    rank = draw(st.integers(1, 3))
    groups = draw(st.sampled_from((1, 1, 2)))
    stride, dilation = draw(st.sampled_from(((1, 1), (2, 1), (3, 1), (1, 2))))
    sizes = tuple(draw(st.integers(1, 5)) for _ in range(rank))
    kernel = tuple(draw(st.integers(1, 3)) for _ in range(rank))
    channels, filters = groups * draw(st.integers(1, 2)), groups * draw(st.integers(1, 2))
    return Tiny(sizes, channels, filters, kernel, stride, draw(st.integers(0, 2)), dilation, groups)


def outputs_and_products(case: Tiny) -> tuple[int, int]:
    """Walk over every output element and count each multiplication that it takes."""
    starts = [range(-case.margin, n + case.margin, case.stride) for n in case.n]
    fits = [
        [first for first in axis if first + case.dilation * (f - 1) < n + case.margin]
        for axis, f, n in zip(starts, case.kernel, case.n, strict=True)
    ]
    elements = multiplications = 0
    for _ in product(*fits):
        for output in range(case.filters):
            elements += 1
            group = output * case.groups // case.filters
            for _ in product(*map(range, case.kernel)):
                for channel in range(case.channels):
                    multiplications += channel * case.groups // case.channels == group
    return elements, multiplications


@given(tiny())
def test_macs_of_a_convolution_are_its_multiplications(case: Tiny) -> None:
    """Counted in loops over positions, filters, window and channels of the group; padding is multiplied too."""
    elements, multiplications = outputs_and_products(case)
    assume(elements)
    arguments: dict[str, Any] = {
        "filters": case.filters,
        "kernel": list(case.kernel),
        "stride": case.stride,
        "padding": case.margin,
        "dilation": case.dilation,
        "groups": case.groups,
    }
    written = ", ".join(f"{name}: {value}" for name, value in arguments.items())
    shape = "x".join(map(str, (*case.n, case.channels)))
    row = network(f"input: {shape}\nlayers:\n  - conv: {{{written}}}\n").rows[0]
    assert (row.activation_size, row.macs, row.flops) == (elements, multiplications, 2 * multiplications + elements)


@given(st.integers(1, 4), st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.integers(1, 3))
def test_macs_of_a_transposed_convolution_are_its_multiplications(n: int, f: int, s: int, c: int, k: int) -> None:
    """Every input element is multiplied into a window of the output, for every pair of channels."""
    touched = [first * s + offset for first in range(n) for offset in range(f)]
    row = network(f"input: {n}x{c}\nlayers:\n  - upconv: {k} kernel={f} stride={s}\n").rows[0]
    assert row.macs == len(touched) * c * k
    assert row.shape[0] == max(*touched, n * s - 1) + 1


@given(st.integers(1, 6), st.integers(1, 3), st.integers(1, 3), st.integers(1, 3))
def test_macs_of_a_separable_convolution_are_those_of_its_parts(n: int, f: int, c: int, k: int) -> None:
    """A depthwise convolution and one of size 1 without the first one's bias do the same."""
    assume(n >= f)
    whole, parts = (
        network(f"input: {n}x{n}x{c}\nlayers: [{layers}]").totals
        for layers in (f"sepconv: {k} {f}x{f}", f"dwconv: {f}x{f} nobias, conv: {k} 1x1")
    )
    assert (whole.macs, whole.params, whole.flops) == (parts.macs, parts.params, parts.flops)


def test_a_summary_is_iterable_and_indexed_by_name() -> None:
    """The library's handle: rows in order, by name, and a KeyError for a name that is not there."""
    net = summary("lenet5-rgb")
    assert [row.name for row in net] == [row.name for row in net.rows]
    assert (len(net), net["fc3"].params) == (8, 48_120)
    with pytest.raises(KeyError, match="fc5"):
        net["fc5"]


def test_a_table_holds_its_rows_and_their_names() -> None:
    """And no others."""
    table, other = cnnspec.summarize(cnnspec.load("lenet5")), cnnspec.summarize(cnnspec.load("vgg16"))
    assert "conv1" in table
    assert table["conv1"] in table
    assert "conv9" not in table
    assert other.rows[0] not in table
    assert 0 not in table
