"""How many positions a window has: tables of the textbooks, and a count of the places where it fits."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import cnnspec
from cnnspec.layers._window import margins as margins_of


class Case(NamedTuple):
    """A window on n elements of one axis, and the length of what comes out."""

    arguments: str
    n: int
    output: int
    source: str


CASES: Final = (
    Case("1 kernel=3", 4, 2, "Dumoulin and Visin, no padding"),
    Case("1 kernel=4 pad=2", 5, 6, "Dumoulin and Visin, arbitrary padding"),
    Case("1 kernel=3 pad=1", 5, 5, "Dumoulin and Visin, half padding"),
    Case("1 kernel=3 pad=2", 5, 7, "Dumoulin and Visin, full padding"),
    Case("1 kernel=3 stride=2", 5, 2, "Dumoulin and Visin, strides without padding"),
    Case("1 kernel=3 stride=2 pad=1", 5, 3, "Dumoulin and Visin, padding and strides"),
    Case("1 kernel=3 stride=2 pad=1", 6, 3, "Dumoulin and Visin, padding and strides, odd"),
    Case("1 kernel=3 dilation=2", 7, 3, "Dumoulin and Visin, dilation"),
    Case("1 kernel=3 pad=1", 5, 5, "CS231n, W=5 F=3 S=1 P=1"),
    Case("1 kernel=3 stride=2 pad=1", 5, 3, "CS231n, W=5 F=3 S=2 P=1"),
    Case("1 kernel=3", 7, 5, "CS231n, N=7 F=3 stride 1"),
    Case("1 kernel=3 stride=2", 7, 3, "CS231n, N=7 F=3 stride 2"),
    Case("1 kernel=3 stride=3", 7, 2, "CS231n, N=7 F=3 stride 3 is 2.33"),
    Case("1 kernel=3 stride=2", 10, 4, "CS231n, W=10 F=3 S=2 is 4.5"),
    Case("1 kernel=3 stride=2 same", 224, 112, "Keras, SAME 224 k3 s2"),
    Case("1 kernel=2 stride=2 same", 7, 4, "Keras, SAME 7 k2 s2"),
    Case("1 kernel=5 stride=3 same", 10, 4, "Keras, SAME 10 k5 s3"),
    Case("1 kernel=2 stride=2", 7, 3, "Keras, VALID 7 k2 s2"),
    Case("1 kernel=20 same", 9, 9, "Keras, SAME with a window larger than the input"),
    Case("1 kernel=1 stride=2", 56, 28, "ResNet, projection"),
    Case("1 kernel=7 stride=2 pad=3", 224, 112, "ResNet, conv1"),
    Case("1 kernel=11 stride=4", 227, 55, "AlexNet, 227 gives 55"),
    Case("1 kernel=11 stride=4", 224, 54, "AlexNet, 224 does not give 55"),
    Case("1 kernel=2 stride=2 pad=[[0,1]]", 7, 4, "TensorFlow, SAME puts the odd row behind"),
    Case("1 kernel=3 stride=2 causal", 10, 5, "Keras, causal 10 k3 s2"),
    Case("1 kernel=4 stride=3 causal", 10, 4, "Keras, causal 10 k4 s3"),
    Case("1 kernel=5 stride=2", 32, 14, "by hand, 14.5 is rounded down"),
)
SIZES: Final = st.integers(1, 14)
SMALL: Final = st.integers(1, 4)


@st.composite
def windows(draw: st.DrawFn) -> dict[str, Any]:
    """Return an input, a window, strides, margins and dilations for one to three axes."""
    rank = draw(st.integers(1, 3))

    def per_axis(one: st.SearchStrategy[int]) -> list[int]:
        return draw(st.lists(one, min_size=rank, max_size=rank))

    margins = draw(st.lists(st.lists(st.integers(0, 3), min_size=2, max_size=2), min_size=rank, max_size=rank))
    return {"n": per_axis(SIZES), "f": per_axis(SMALL), "s": per_axis(SMALL), "d": per_axis(SMALL), "p": margins}


def places(n: int, f: int, s: int, d: int, margins: list[int]) -> int:
    """Count where a window can be put: it may not leave the padded axis."""
    last = n + margins[0] + margins[1] - 1
    found = 0
    first = 0
    while all(first + d * element <= last for element in range(f)):
        found += 1
        first += s
    return found


def spatial(item: str, sizes: list[int]) -> tuple[int, ...]:
    """Return the spatial shape behind an item on an input of two channels."""
    shape = "x".join(map(str, [*sizes, 2]))
    return cnnspec.loads(f"input: {shape}\nlayers:\n  - {item}\n").nodes[-1].shape[:-1]


def options(case: dict[str, Any], padding: object) -> str:
    """Return the arguments of a window as a mapping."""
    return f"kernel: {case['f']}, stride: {case['s']}, padding: {padding}, dilation: {case['d']}"


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{case.source} ({case.n})") for case in CASES])
def test_window_has_the_positions_of_its_source(case: Case) -> None:
    """One axis of a convolution, with every way to round."""
    assert spatial(f"conv: {case.arguments}", [case.n]) == (case.output,)


@given(windows())
def test_positions_are_the_places_where_the_window_fits(case: dict[str, Any]) -> None:
    """A convolution with explicit padding has one output per place, on each axis."""
    axes = zip(case["n"], case["f"], case["s"], case["d"], case["p"], strict=True)
    expected = tuple(places(*axis) for axis in axes)
    assume(min(expected) > 0)
    assert spatial(f"conv: {{filters: 1, {options(case, case['p'])}}}", case["n"]) == expected


@given(windows())
def test_valid_is_padding_with_nothing(case: dict[str, Any]) -> None:
    """A window that never leaves the input has the places that it has without margins."""
    axes = zip(case["n"], case["f"], case["s"], case["d"], strict=True)
    expected = tuple(places(*axis, [0, 0]) for axis in axes)
    assume(min(expected) > 0)
    assert spatial(f"conv: {{filters: 1, {options(case, 'valid')}}}", case["n"]) == expected


@given(windows())
def test_same_visits_every_stride_once(case: dict[str, Any]) -> None:
    """With `same`, the output has one element per started stride, whatever the window."""
    expected = tuple(len(range(0, n, s)) for n, s in zip(case["n"], case["s"], strict=True))
    assert spatial(f"conv: {{filters: 1, {options(case, 'same')}}}", case["n"]) == expected


@given(windows())
def test_pooling_has_the_positions_of_a_convolution(case: dict[str, Any]) -> None:
    """Pools slide as convolutions do."""
    axes = zip(case["n"], case["f"], case["s"], case["p"], strict=True)
    expected = tuple(places(n, f, s, 1, margins) for n, f, s, margins in axes)
    assume(min(expected) > 0)
    assert spatial(f"avgpool: {pool(case)}", case["n"]) == expected


@given(windows())
def test_maximum_of_padding_alone_is_refused(case: dict[str, Any]) -> None:
    """Padding never wins the maximum: a window that sees nothing else has none, and only such a window is refused."""
    axes = zip(case["n"], case["f"], case["s"], case["p"], strict=True)
    expected = tuple(places(n, f, s, 1, margins) for n, f, s, margins in axes)
    assume(min(expected) > 0)
    empty = any(
        not any(0 <= place * s - margins[0] + element < n for element in range(f))
        for n, f, s, margins, count in zip(case["n"], case["f"], case["s"], case["p"], expected, strict=True)
        for place in range(count)
    )
    if empty:
        with pytest.raises(cnnspec.SpecError, match="would see padding alone"):
            spatial(f"maxpool: {pool(case)}", case["n"])
    else:
        assert spatial(f"maxpool: {pool(case)}", case["n"]) == expected


@given(windows())
def test_rounding_up_counts_the_windows_that_start_inside(case: dict[str, Any]) -> None:
    """PyTorch's `ceil_mode`: windows until one reaches the end of all padding; none starts behind the input."""
    axes = list(zip(case["n"], case["f"], case["s"], case["p"], strict=True))
    expected = tuple(started(*axis) for axis in axes)
    fits = all(n + sum(margins) > f - s for n, f, s, margins in axes)
    assume(fits and all(margins[0] < f for _, f, _, margins in axes))
    assert spatial(f"maxpool: {pool(case, 'ceil: true')}", case["n"]) == expected


def started(n: int, f: int, s: int, margins: list[int]) -> int:
    """Count windows, up to the one that reaches the end."""
    found = 1
    while (found - 1) * s + f < n + sum(margins) and found * s < n + margins[0]:
        found += 1
    return found


def pool(case: dict[str, Any], *others: str) -> str:
    """Return the arguments of a pool as a mapping."""
    parts = [f"pool: {case['f']}", f"stride: {case['s']}", f"padding: {case['p']}", *others]
    return f"{{{', '.join(parts)}}}"


@given(windows())
def test_transposed_convolution_undoes_the_shape(case: dict[str, Any]) -> None:
    """A transposed convolution makes the smallest input on which a convolution has these positions."""
    ones = [[0, 0]] * len(case["n"])
    arguments = f"kernel: {case['f']}, stride: {case['s']}"
    larger = spatial(f"upconv: {{filters: 1, {arguments}}}", case["n"])
    assume(all(f >= s for f, s in zip(case["f"], case["s"], strict=True)))
    axes = zip(larger, case["f"], case["s"], [1] * len(ones), ones, strict=True)
    assert [places(*axis) for axis in axes] == case["n"]


@pytest.mark.parametrize(
    ("size", "extent", "stride", "padding", "rows"),
    [
        (28, 5, 1, "same", (2, 2)),
        (28, 3, 2, "same", (0, 1)),  # the odd one behind
        (8, 1, 2, "same", (0, 0)),  # a stride larger than the window needs none
        (28, 5, 1, "valid", (0, 0)),
        (20, 3, 1, "causal", (2, 0)),
        (28, 5, 1, (1, 3), (1, 3)),
    ],
)
def test_padding_of_words_in_rows(
    size: int, extent: int, stride: int, padding: str | tuple[int, int], rows: tuple[int, int]
) -> None:
    """As in TensorFlow's guide to its convolutions: max((ceil(n/s) − 1)·s + f − n, 0) in all."""
    assert margins_of(size, extent, stride, padding) == rows


def test_a_window_of_one_element_drops_nothing() -> None:
    """It is not meant to reach all of its input; one of three leaves out a row and a column."""
    small, large = (
        cnnspec.loads(f"input: 8x8x3\nlayers: [conv: 4 {kernel}/2]").nodes[-1].layer for kernel in ("1x1", "3x3")
    )
    assert small.dropped((8, 8, 3)) == (0, 0)
    assert large.dropped((8, 8, 3)) == (1, 1)


def test_no_step_of_a_sequence_of_images_is_dropped() -> None:
    """All five are read; of 8 rows and columns, windows of 3 in steps of 2 leave out one."""
    layer = cnnspec.loads("input: 5x8x8x3\nlayers: [convlstm: 4 3x3/2]").nodes[-1].layer
    assert layer.dropped((5, 8, 8, 3)) == (0, 1, 1)


@pytest.mark.parametrize(
    ("item", "shape", "padding", "spread"),
    [
        ("conv: 4 3x3/2 same", (8, 9, 3), ((0, 1), (1, 1)), False),  # 3·2 + 3 − 8 = 1 and 4·2 + 3 − 9 = 2
        ("convlstm: 4 3x3/2 same", (5, 8, 9, 3), ((0, 1), (1, 1)), False),  # over the image of every step
        ("maxpool: 3x3/2 ceil", (8, 9, 3), ((0, 1), (0, 0)), False),  # one row behind, where it sticks out
        ("upconv: 4 3x3/2 same", (8, 8, 3), ((0, 1), (0, 1)), True),  # 7·2 + 3 − 16 = 1
        ("upconv: 4 3x3/2 pad=1 output_padding=1", (8, 8, 3), ((1, 0), (1, 0)), True),
    ],
)
def test_how_a_window_slides(item: str, shape: tuple[int, ...], padding: tuple[Any, ...], *, spread: bool) -> None:
    """Windows of 3 in steps of 2, with rows in elements whatever word gives them; as TensorFlow pads."""
    text = f"input: {'x'.join(map(str, shape))}\nlayers:\n  - {item}\n"
    window = cnnspec.loads(text).nodes[-1].layer.sliding(shape)
    assert window == ((3, 3), (2, 2), (1, 1), padding, spread)


def test_channels_that_come_first_are_known() -> None:
    """A window that does not fit into three rows: the input is turned, and said so with its sizes."""
    with pytest.raises(cnnspec.SpecError) as caught:
        spatial("conv: 8 5x5", [3, 32])
    assert caught.value.diagnostics[0].code == "E301"
    with pytest.raises(cnnspec.SpecError) as caught:
        cnnspec.loads("input: 3x32x48\nlayers: [conv: 8 5x5]\n")
    (found,) = caught.value.diagnostics
    assert found.help == "channels come last: `32x48x3`, if its input is meant to be an image"


@pytest.mark.parametrize(
    ("item", "sizes", "output"),
    [
        ("adaptive_maxpool: 2x1", [5, 6], None),  # 5 rows make windows of 3 that overlap
        ("adaptive_maxpool: 2x3", [5, 1], None),
        ("adaptive_maxpool: 3x1", [6, 6], (3, 1)),
        ("adaptive_maxpool: 2x2", [5, 6], (2, 2)),
        ("adaptive_avgpool: 2x1", [5, 6], (2, 1)),
    ],
)
def test_windows_that_differ_need_several_columns(item: str, sizes: list[int], output: tuple[int, ...] | None) -> None:
    """TensorFlow divides by zero at one column, and ends the process (Keras 3.15 with TensorFlow 2.21)."""
    if output is not None:
        assert spatial(item, sizes) == output
        return
    with pytest.raises(cnnspec.SpecError, match="to one column needs windows of one size"):
        spatial(item, sizes)


def test_causal_padding_is_for_sequences() -> None:
    """An image has no time; its rows can be given as numbers."""
    with pytest.raises(cnnspec.SpecError) as caught:
        spatial("conv: 8 3x3 causal", [8, 8])
    (found,) = caught.value.diagnostics
    assert (found.code, found.message) == ("E307", "`causal` is for sequences, not for (8, 8, 2)")
    assert found.help == "give the rows as numbers, such as `pad=[[2,0],[1,1]]`"
