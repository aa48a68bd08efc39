"""Which axis an argument names: counted from 1 behind the batch, or from the end."""

from __future__ import annotations

import pytest

import cnnspec
from cnnspec.ir.layer import LayerError
from cnnspec.ir.shapes import tensor
from cnnspec.layers._axes import along, position

IMAGE = tensor((5, 8, 3))


@pytest.mark.parametrize(("axis", "place"), [(1, 0), (2, 1), (3, 2), (-1, 2), (-2, 1), (-3, 0)])
def test_the_place_of_an_axis(axis: int, place: int) -> None:
    """The first is that of the rows, the last that of the channels."""
    assert position(axis, IMAGE, "softmax") == place


@pytest.mark.parametrize("axis", [0, 4, -4, 5, -5])
def test_an_axis_that_there_is_not(axis: int) -> None:
    """0 is the batch, and there are three others."""
    with pytest.raises(LayerError) as caught:
        position(axis, IMAGE, "softmax")
    assert (caught.value.code, caught.value.message) == ("E307", f"`softmax` has no axis {axis} in (5, 8, 3)")
    assert caught.value.notes == ("axes are counted from 1 to 3, or from the end as -1",)


def test_elements_along_axes() -> None:
    """5·8 rows and columns, 3 channels, 5·3 of both ends."""
    assert [along(axes, IMAGE, "ln").value for axes in ((1, 2), (-1,), (3,), (3, 1), (1,))] == [40, 3, 3, 15, 5]


def test_an_axis_of_a_spec_that_there_is_not() -> None:
    """It is answered with those that there are."""
    with pytest.raises(cnnspec.SpecError, match=r"no axis -4 in \(5, 8, 3\)"):
        cnnspec.loads("input: 5x8x3\nlayers: [Softmax: {axis: -4}]\n")


@pytest.mark.parametrize(
    ("axes", "written"),
    [("-1", "-1"), ("3", "-1"), ("2", "2"), ("[2]", "2"), ("[-1, 1]", "[1,3]"), ("[2, 1]", "[1,2]")],
)
def test_axes_are_written_as_a_spec_has_them(axes: str, written: str) -> None:
    """In their order, counted from 1; the last one alone from the end, and one without a list."""
    layer = cnnspec.loads(f"input: 5x8x3\nlayers: [ln: {{axis: {axes}}}]\n").nodes[-1].layer
    assert layer.fields["axis"].type.write(layer.arguments().get("axis", (-1,))) == written


@pytest.mark.parametrize("axes", ["0", "[1, 0]", "[1, 2, 1]", "[]"])
def test_axes_of_a_dot_are_one_or_two(axes: str) -> None:
    """One for both inputs or one for each, and never the batch."""
    with pytest.raises(cnnspec.SpecError) as caught:
        cnnspec.loads(f"input: 9x8\nlayers: [dot: {{branches: [identity, [relu]], axes: {axes}}}]\n")
    assert [fault.code for fault in caught.value.diagnostics] == ["E105"]


@pytest.mark.parametrize(("axes", "shape"), [("1", (8, 8)), ("2", (9, 9)), ("[2, 2]", (9, 9)), ("-1", (9, 9))])
def test_a_dot_keeps_the_other_axes(axes: str, shape: tuple[int, ...]) -> None:
    """9 steps of 8 channels: those that are not summed over remain, of both inputs."""
    spec = f"input: 9x8\nlayers: [dot: {{branches: [identity, [relu]], axes: {axes}}}]\n"
    assert cnnspec.loads(spec).nodes[-1].shape == shape
