"""The filters of the first convolution are its weights, whatever its class, and are drawn as tiles."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cnnspec
from cnnspec.errors import UsageError
from cnnspec.keras import build
from cnnspec.training.results.feature_maps import render
from cnnspec.training.results.filters import Filters, exhibit, first_convolution, read_filters
from cnnspec.training.results.tiles import lay_out_colored
from cnnspec.training.runs.run import Run
from cnnspec.training.settings import Settings


class Numbered(Run):
    """A run whose model counts its weights up."""

    def load_model(self, which: str = "best") -> Any:
        """Return a new model."""
        del which
        model = build(self.graph)
        model.set_weights([np.arange(weight.size).reshape(weight.shape) for weight in model.get_weights()])
        return model


@pytest.mark.keras
@pytest.mark.usefixtures("keras")
@pytest.mark.parametrize(
    ("layer", "shape", "second"),
    [
        ("conv: 4 3x2", (3, 2, 3, 4), [1, 5, 9]),
        ("upconv: 4 3x2", (3, 2, 3, 4), [3, 4, 5]),
        ("dwconv: 3x2", (3, 2, 1, 3), [1]),
        ("sepconv: 4 3x2", (3, 2, 1, 3), [1]),
        ("conv: 4 3x2 bn relu", (3, 2, 3, 4), [1, 5, 9]),
    ],
)
def test_filters_are_the_weights(layer: str, shape: tuple[int, ...], second: list[int]) -> None:
    """The last axis counts filters: at the first place, the second filter has these weights of the input channels.

    Keras keeps (height, width, input, output), a transposed convolution (height, width, output, input).
    """
    text = f"input: 8x8x3\nlayers:\n  - relu\n  - {layer}\n  - conv: 2 1x1\n  - gap\n"
    graph = cnnspec.loads(text)
    run = Numbered(Path("none"), graph, Settings(data="digits"), ("a", "b"), 255.0, {})
    node = first_convolution(graph)
    found = read_filters(run, node)
    assert found.layer == [entry.name for entry in graph][1]
    assert found.weights.shape == shape
    assert found.weights[0, 0, :, 1].tolist() == second


def test_a_network_without_convolution_has_no_filters() -> None:
    """A dense layer has weights, but not at places."""
    with pytest.raises(UsageError, match="no convolution"):
        first_convolution(cnnspec.loads("name: flat\ninput: 4x4x1\nlayers: [flatten, dense: 3]\n"))


def test_colored_filters_are_seen_from_their_least_to_their_largest_weight() -> None:
    """Each by itself, on clear paper; one that is the same everywhere is counted."""
    from PIL import Image

    weights = np.zeros((1, 1, 3, 3))
    weights[0, 0, :, 0] = [-1, 0, 1]
    weights[0, 0, :, 1] = [9, 9, 5]
    grid = lay_out_colored(weights, 106, 2, 6)
    image = Image.open(BytesIO(grid.png)).convert("RGBA")
    assert image.getpixel((5, 5)) == (0, 128, 255, 255)
    assert image.getpixel((image.width - 5, 5)) == (255, 255, 0, 255)
    assert image.getpixel((image.width // 2, 5)) == (0, 0, 0, 0)
    assert grid.constant == 1


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ((3, 3, 1, 8), ["of conv1", "8 of 3×3×1", "from 0 to 71"]),
        ((3, 3, 3, 96), ["of conv1", "96 of 3×3×3", "from 0 to 2.59e+03", "64 shown"]),
        ((1, 1, 5, 2), ["of conv1", "2 of 1×1×5", "from 0 to 9", "means over 5 channels"]),
    ],
)
def test_filters_are_a_row_of_the_picture(shape: tuple[int, ...], said: list[str]) -> None:
    """What they are stands beside them."""
    weights = np.arange(float(np.prod(shape))).reshape(shape)
    text = render(np.zeros((4, 4, 3), np.uint8), [], ["a"], exhibits=[exhibit(Filters("conv1", weights))])
    assert text.count("<image") == 2
    assert all(f">{line}<" in text for line in said)
