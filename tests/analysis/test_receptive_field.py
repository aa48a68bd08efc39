"""Receptive axes: published ones, and those found by following every output element back to the input."""

from __future__ import annotations

from fractions import Fraction
from typing import Final, NamedTuple

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import cnnspec
from cnnspec.analysis.receptive_field import AxisView

PUBLISHED: Final = {
    "vgg16": {
        "maxpool1": (6, 2, 2),
        "maxpool2": (16, 4, 6),
        "maxpool3": (44, 8, 18),
        "maxpool4": (100, 16, 42),
        "maxpool5": (212, 32, 90),
    },
    "alexnet": {
        "conv1": (11, 4, 0),
        "maxpool1": (19, 8, 0),
        "conv2": (51, 8, 16),
        "conv3": (99, 16, 32),
        "conv4": (131, 16, 48),
        "conv5": (163, 16, 64),
        "maxpool3": (195, 32, 64),
    },
    "lenet5-rgb": {
        "conv1": (5, 1, 0),
        "pool1": (6, 2, 0),
        "conv2": (14, 2, 0),
        "pool2": (16, 4, 0),
    },
}
"""Size, effective stride and effective padding: Araujo, Norris and Sim, and the course's table."""
HALF: Final = Fraction(1, 2)
RESNET50: Final = (483, 32)
"""Size and stride of resnet_v1_50 by the same authors."""


def views(text: str) -> dict[str, cnnspec.Row]:
    """Return the rows of a spec by name."""
    return {row.name: row for row in cnnspec.summarize(cnnspec.loads(text))}


def last(text: str) -> cnnspec.Row:
    """Return the last row of a spec."""
    return cnnspec.summarize(cnnspec.loads(text)).rows[-1]


@pytest.mark.parametrize(("name", "layer"), [(name, layer) for name, found in PUBLISHED.items() for layer in found])
def test_receptive_field_is_the_published_one(name: str, layer: str) -> None:
    """The effective padding p and the first centre are the same fact: start = (r − 1)/2 − p."""
    size, stride, padding = PUBLISHED[name][layer]
    axes = cnnspec.summarize(cnnspec.load(name))[layer].view.axes
    assert axes == (AxisView(size, stride, (size - 1) / 2 - padding),) * 2


def test_resnet50_sees_483_pixels_in_steps_of_32() -> None:
    """The stride stands in another convolution than in the paper's code, which changes neither."""
    rows = [row for row in cnnspec.summarize(cnnspec.load("resnet50")) if row.view.axes]
    assert {(field.extent, field.jump) for field in rows[-1].view.axes or ()} == {RESNET50}


class Step(NamedTuple):
    """One layer of a chain along one axis: its text, and what it does with lists of sets of input elements."""

    item: str
    window: int = 1
    stride: int = 1
    before: int = 0
    after: int = 0
    dilation: int = 1


@st.composite
def steps(draw: st.DrawFn) -> Step:
    """Return a convolution, a pool, a margin or a layer that moves nothing."""
    window, stride = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    before, after, dilation = draw(st.integers(0, 2)), draw(st.integers(0, 2)), draw(st.integers(2, 3))
    margins = f"[[{before},{after}]]"
    return draw(
        st.sampled_from(
            (
                Step(f"conv: 2 kernel={window} stride={stride} pad={margins}", window, stride, before, after),
                Step(f"conv: 2 kernel={window} dilation={dilation}", window, 1, 0, 0, dilation),
                Step(f"dwconv: kernel={window} stride={stride}", window, stride),
                Step(f"sepconv: 2 kernel={window} pad={margins}", window, 1, before, after),
                Step(f"maxpool: {window} stride={stride}", window, stride),
                Step(f"avgpool: {window}", window, window),
                Step(f"pad: {margins}", 1, 1, before, after),
                Step(f"crop: {margins}", 1, 1, -before, -after),
                Step("bn"),
                Step("relu"),
            )
        )
    )


Element = frozenset[int] | None
"""The input elements that an element depends on; None for padding and for what a window with padding gives."""


def through(axis: list[Element], step: Step) -> list[Element]:
    """Return what the elements behind a layer depend on."""
    padded: list[Element] = [None] * step.before + axis + [None] * step.after
    if step.before < 0 or step.after < 0:
        padded = axis[max(-step.before, 0) : len(axis) - max(-step.after, 0)]
    reach = step.dilation * (step.window - 1)
    found: list[Element] = []
    for first in range(0, len(padded) - reach, step.stride):
        seen = padded[first : first + reach + 1 : step.dilation]
        found.append(frozenset().union(*(part for part in seen if part)) if None not in seen else None)
    return found


@given(st.lists(steps(), min_size=1, max_size=6))
def test_receptive_field_is_what_elements_depend_on(chain: list[Step]) -> None:
    """Every element that touches no padding sees `extent` input elements, `jump` further than the one before it."""
    axis: list[Element] = [frozenset({index}) for index in range(200)]
    for step in chain:
        axis = through(axis, step)
        assume(len(axis) > 0)
    items = "".join(f"  - {step.item}\n" for step in chain)
    row = last(f"input: 200x2\nlayers:\n{items}")
    extent, jump, start = row.view.axes[0]  # type: ignore[index] # a chain keeps its places
    assert row.shape[0] == len(axis)
    for position, seen in enumerate(axis):
        if seen is not None:
            assert max(seen) - min(seen) + 1 == extent
            assert Fraction(max(seen) + min(seen), 2) == Fraction(start) + position * jump


@given(st.integers(1, 12), st.integers(1, 5), st.integers(1, 4))
def test_same_padding_puts_the_odd_row_behind(n: int, window: int, stride: int) -> None:
    """With `same`, the first centre follows from the smallest padding, of which the larger half comes last."""
    positions = len(range(0, n, stride))
    padding = max((positions - 1) * stride + window - n, 0)
    axes = last(f"input: {n}x1\nlayers:\n  - conv: 1 kernel={window} stride={stride} same\n").view.axes
    assert axes == (AxisView(window, stride, Fraction(window - 1, 2) - padding // 2),)


def test_axes_are_followed_apart() -> None:
    """A window of 3 rows and 5 columns, with another stride and padding along each axis."""
    row = last("input: 20x30x1\nlayers:\n  - conv: 4 3x5/1x2 pad=1x0\n  - maxpool: 1x2\n")
    assert row.view.axes == (AxisView(3, 1, 0), AxisView(7, 4, 3))


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        pytest.param("[upsample: 2]", AxisView(1, HALF, -0.25), id="two elements share a pixel"),
        pytest.param("[upsample: 2, conv: 1 kernel=3]", AxisView(2, HALF, 0.25), id="three half pixels are in two"),
        pytest.param("[pad: 2 reflect, conv: 1 kernel=5]", AxisView(5, 1, 0), id="mirrored rows keep the places"),
        pytest.param("[maxpool: 2, upsample: 2]", AxisView(2, 1, 0), id="down and up again"),
        pytest.param("[upconv: 1 kernel=2 stride=2]", AxisView(1, HALF, -0.25), id="U-Net's up-convolution"),
        pytest.param("[upconv: 1 kernel=4 stride=2 same]", AxisView(2, HALF, -0.25), id="DCGAN's up-convolution"),
        pytest.param("[upconv: 1 kernel=4 stride=2 pad=1]", AxisView(2, HALF, -0.25), id="DCGAN's in PyTorch's words"),
        pytest.param(
            "[upconv: 1 kernel=3 stride=2 pad=1 output_padding=1]", AxisView(3 * HALF, HALF, 0), id="one row is cropped"
        ),
        pytest.param(
            "[upconv: 1 kernel=3 stride=2 same output_padding=0]",
            AxisView(3 * HALF, HALF, 0),
            id="TensorFlow crops two",
        ),
        pytest.param(
            "[upconv: 1 kernel=3 stride=2 same]", AxisView(3 * HALF, HALF, -0.5), id="TensorFlow crops the last row"
        ),
        pytest.param("[upconv: 1 kernel=3 dilation=2]", AxisView(5, 1, -2), id="three pixels, two apart"),
        pytest.param("[gap: keepdims]", AxisView(16, 16, 7.5), id="global pooling sees all"),
    ],
)
def test_enlarging_divides_the_jump(items: str, expected: AxisView) -> None:
    """Elements of an enlarged tensor lie between pixels; counted by hand."""
    assert last(f"input: 16x1\nlayers: {items}").view.axes == (expected,)


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("depth_to_space: 2", AxisView(1, HALF, -0.25)),  # two elements share a pixel, as behind upsample
        ("depth_to_space: 4", AxisView(1, HALF / 2, -0.375)),
        ("space_to_depth: 2", AxisView(2, 2, 0.5)),  # as behind a pool of 2
        ("space_to_depth: 4", AxisView(4, 4, 1.5)),
        ("channel_shuffle: 4", AxisView(1, 1, 0)),
    ],
)
def test_blocks_of_pixels_are_looked_at_like_windows(item: str, expected: AxisView) -> None:
    """Along both axes; counted by hand."""
    assert last(f"input: 16x16x16\nlayers: [{item}]").view.axes == (expected, expected)


@pytest.mark.parametrize(("stacks", "field"), [(1, 1024), (2, 2047), (3, 3070)])
def test_causal_layers_see_the_past(stacks: int, field: int) -> None:
    """WaveNet's stacks of ten layers with kernel 2 and dilations from 1 to 512 (stats.SE 265462)."""
    layer = "{filters: 8, kernel: 2, dilation: '${2**i}', padding: causal}"
    stage = f"  - for: [i]\n    in: [{', '.join(f'[{i}]' for i in range(10))}]\n    do:\n      - conv: {layer}\n"
    row = last(f"input: 16000x1\nlayers:\n{stage * stacks}")
    assert row.view.axes == (AxisView(field, 1, (1 - field) / 2),)


@pytest.mark.parametrize(
    ("word", "extent"), [("nearest", 1), ("bilinear", 2), ("bicubic", 4), ("lanczos3", 6), ("lanczos5", 10)]
)
def test_interpolation_looks_at_its_neighbours(word: str, extent: int) -> None:
    """So many pixels along an axis change one element of TensorFlow's output, as a run with one white pixel shows."""
    row = last(f"input: 16x16x1\nlayers: [upsample: 2 {word}]\n")
    assert row.view.axes == (AxisView(extent, HALF, -0.25),) * 2


ALIGNED: Final = {
    "inception": ("[[conv: 1 1x1], [conv: 1 3x3 same], [conv: 1 5x5 same]]", (5, 1, 0)),
    "cropped shortcut": ("[[conv: 1 3x3], [crop: 1]]", (3, 1, 1)),
    "reduction": ("[[maxpool: 2], [conv: 1 2x2/2]]", (2, 2, 0.5)),
    "reduction with the same centre": ("[[conv: 1 4x4/2 pad=1], [avgpool: 2]]", (4, 2, 0.5)),
    "both inputs": ("[identity, [relu]]", (1, 1, 0)),
}
MISALIGNED: Final = {
    "the branches are misaligned: their starts are 0 and 0.5 pixels": "[[maxpool: 2], [maxpool: 1 stride=2]]",
    "the branches are misaligned: their starts are 0 and 1 pixels": "[[conv: 1 3x3/2 same], [conv: 1 1x1/2]]",
    "the branches are misaligned: their jumps are 1 and 2 pixels": "[[crop: [[0,8],[0,8]]], [maxpool: 2]]",
}


@pytest.mark.parametrize("name", ALIGNED)
def test_aligned_branches_give_the_largest_field(name: str) -> None:
    """Branches that look at the same places: the join sees what the widest of them sees."""
    branches, expected = ALIGNED[name]
    row = last(f"input: 16x16x1\nlayers:\n  - concat: {branches}\n")
    assert row.view.misaligned == ""
    assert row.view.axes == (AxisView(*expected),) * 2


def test_thirds_of_pixels_are_equal_whichever_way_they_were_added() -> None:
    """A random graph's: −1/6 pixels by two ways, which differ in the last bit of a float."""
    body = "[upconv: {filters: 2, kernel: 4, stride: 2}, maxpool: {pool: 4, stride: 2}]"
    items = f"[upconv: {{filters: 2, kernel: 4, stride: 3, padding: [[1, 1]]}}, concat: [{body}, identity]]"
    assert last(f"input: 90x2\nlayers: {items}\n").view.misaligned == ""


@pytest.mark.parametrize("reason", MISALIGNED)
def test_misaligned_branches_are_said(reason: str) -> None:
    """Branches whose elements lie at different places: no first centre holds for both, in this layer and behind it."""
    rows = views(f"input: 16x16x1\nlayers:\n  - add: {MISALIGNED[reason]}\n    name: join\n  - relu\n")
    assert rows["join"].view.misaligned == reason
    assert rows["relu1"].view.misaligned == reason


def test_a_gate_sees_everything_at_the_places_of_its_input() -> None:
    """Squeeze and excitation: the factor depends on the whole input, the place is that of the gated tensor."""
    items = "[maxpool: 2, gate: [gap: keepdims, conv: 2 1x1 relu, conv: 4 1x1 sigmoid]]"
    row = last(f"input: 16x16x4\nlayers: {items}")
    assert row.view.misaligned == ""
    assert row.view.axes == (AxisView(16, 2, 0.5),) * 2


def test_the_largest_branch_need_not_come_first() -> None:
    """The order of branches does not matter."""
    one, two = "[conv: 1 3x3 same]", "[conv: 1 7x7 same]"
    found = {last(f"input: 16x16x1\nlayers:\n  - add: [{a}, {b}]\n").view for a, b in ((one, two), (two, one))}
    assert {view.axes for view in found} == {(AxisView(7, 1, 0),) * 2}


LOST: Final = {
    "flatten": "behind a layer that gives up places in the input",
    "gap": "behind a layer that gives up places in the input",
    "reshape: 128x2": "behind a layer that gives up places in the input",
    "permute: 2x1x3": "behind a layer that gives up places in the input",
}


GAPS: Final = "behind a transposed convolution whose kernel is smaller than its stride: nothing reaches some elements"


def test_gaps_have_no_mean() -> None:
    """Of three elements one sees a pixel and two see none: behind the windows the elements see 4, 4 and 2 pixels."""
    items = "[upconv: 1 kernel=1 stride=3, conv: 1 kernel=2 dilation=3, conv: 1 kernel=5 dilation=2]"
    rows = list(views(f"input: 8x1\nlayers: {items}\n").values())
    assert [(row.view.axes, row.view.reason) for row in rows] == [(None, GAPS)] * 3


def test_one_axis_with_gaps_is_enough() -> None:
    """A field of one axis alone is no field."""
    row = last("input: 8x8x1\nlayers: [upconv: 1 kernel=3x1 stride=2x2]\n")
    assert (row.view.axes, row.view.reason) == (None, GAPS)


def test_parts_along_an_axis_look_at_their_own_places() -> None:
    """Rows behind each other have no jump in common; channels behind each other have."""
    rows = views("input: 8x8x2\nlayers:\n  - concat: {branches: [identity, [conv: 2 3x3 same]], axis: 1}\n")
    reason = "behind a concatenation along a spatial axis: the parts look at places of their own"
    assert (rows["concat1"].view.axes, rows["concat1"].view.reason) == (None, reason)
    row = last("input: 8x8x2\nlayers:\n  - concat: {branches: [identity, [conv: 2 3x3 same]], axis: 3}\n")
    assert row.view.axes == (AxisView(3, 1, 0),) * 2


def test_a_stride_and_a_dilation_give_no_mean() -> None:
    """Of a window with holes, spread in steps of two, every second element sees nothing."""
    row = last("input: 8x1\nlayers: [upconv: 1 kernel=3 stride=2 dilation=2]\n")
    reason = "behind a transposed convolution with a stride and a dilation: what reaches an element differs"
    assert (row.view.axes, row.view.reason) == (None, reason)


@pytest.mark.parametrize("item", LOST)
def test_places_are_lost_with_a_reason(item: str) -> None:
    """What forgets where elements were has no receptive field, and neither has anything behind it."""
    rows = list(views(f"input: 16x16x1\nlayers:\n  - {item}\n  - relu\n").values())
    assert [row.view.axes for row in rows] == [None, None]
    assert [row.view.reason for row in rows] == [LOST[item]] * 2


def test_the_middle_of_an_image_begins_inside() -> None:
    """Of 28 rows and columns, all rows and the middle 20 columns stay: the first is column 4; none that is larger."""
    assert last("input: 28x28x3\nlayers: [centercrop: 28x20]").view.axes == (AxisView(1, 1, 0), AxisView(1, 1, 4))
    assert last("input: 28x28x3\nlayers: [centercrop: 30x20]").view.axes is None


def test_a_vector_has_no_places() -> None:
    """An input without spatial axes is not called flattened."""
    assert last("input: 16\nlayers: [dense: 3]").view.reason == "the input has no spatial axes"


def test_a_join_with_a_flattened_branch_has_no_places() -> None:
    """The reason of the branch is the reason of the join."""
    row = last("input: 4x4x1\nlayers:\n  - flatten\n  - add: [identity, [dense: 16]]\n")
    assert (row.view.axes, row.view.reason) == (None, "behind a layer that gives up places in the input")
