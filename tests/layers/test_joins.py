"""What helps where branches do not fit: the layer that makes one shape the other."""

from __future__ import annotations

from typing import Final

import pytest

import cnnspec
from cnnspec.ir.shapes import Shape
from cnnspec.layers.joins import projection

PROJECTIONS: Final[dict[tuple[Shape, Shape], str]] = {
    ((56, 56, 64), (28, 28, 128)): "conv: 128 1x1/2",  # ResNet's shortcut
    ((28, 28, 128), (56, 56, 64)): "conv: 128 1x1/2",
    ((56, 56, 64), (56, 56, 256)): "conv: 256 1x1",
    ((10, 10, 64), (3, 3, 64)): "conv: 64 1x1/4",  # ⌈10/4⌉ = 3
    ((9, 9, 64), (3, 3, 64)): "conv: 64 1x1/3",
    ((10, 4), (5, 8)): "conv: 8 kernel=1 stride=2",
    ((10, 4), (10, 8)): "conv: 8 kernel=1",
    ((4, 4, 4, 2), (2, 2, 2, 6)): "conv: 6 1x1x1/2",
    ((8, 8, 4), (4, 8, 4)): "",  # another stride for each axis
    ((7, 4), (5, 4)): "",  # no stride makes 5 of 7
    ((8, 8, 4), (8, 4)): "",
    ((4,), (8,)): "",
}


@pytest.mark.parametrize(("left", "right"), PROJECTIONS)
def test_the_shortcut_that_makes_one_shape_the_other(left: Shape, right: Shape) -> None:
    """A convolution of size 1 whose stride gives ⌈n/s⌉ of every axis; nothing where there is none."""
    step = PROJECTIONS[left, right]
    found = projection(left, right)
    assert f"`{step}`" in found if step else found == ""
    if step:
        big, small = (left, right) if left[:-1] >= right[:-1] else (right, left)
        spec = f"input: {'x'.join(map(str, big))}\nlayers: [{step}]\n"
        assert cnnspec.loads(spec).nodes[-1].shape == small


@pytest.mark.parametrize(
    ("shape", "branch", "step"),
    [
        ("8x8x4", "maxpool: 2", "`upsample: 2`"),
        ("6x9x4", "maxpool: 3", "`upsample: 3`"),
        ("9x9x4", "conv: 4 5x5", "`crop: 2`"),
        ("8x8x4", "conv: 4 4x4", "`crop: [[1,2]]`"),
        ("9x4", "conv: 4 kernel=4", "`crop: [[1,2]]`"),
        ("8x8x4", "conv: 4 1x2", ""),
    ],
)
def test_the_step_that_makes_sizes_agree(shape: str, branch: str, step: str) -> None:
    """Enlarge the smaller one by a whole factor, or cut rows off the larger one, one more behind where they are odd."""
    with pytest.raises(cnnspec.SpecError) as caught:
        cnnspec.loads(f"input: {shape}\nlayers: [concat: [identity, [{branch}]]]\n")
    (found,) = caught.value.diagnostics
    assert step in found.help
    assert bool(step) is ("`" in found.help)
