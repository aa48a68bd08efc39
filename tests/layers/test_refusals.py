"""What single layers refuse, and the nearest that they take: who reads the message learns what would do."""

from __future__ import annotations

from typing import Final

import pytest

import cnnspec
from cnnspec.torch.listing import render

REFUSED: Final = (
    ("8x8x3", "normalize: {mean: 0.5}", "E307", "`normalize` needs both `mean` and `variance`, or neither", ""),
    ("8x3", "upsample: 2 bilinear", "E307", "`bilinear` works on images, not on (8, 3)", "use `nearest`"),
    ("8x8x3", "split: 2", "E305", "3 elements cannot be divided into 2 parts", ""),
    ("8x8x4", "split: 2 index=2", "E305", "of 2 parts, none has the index 2", ""),
    ("8x8x4", "slice: start=4", "E307", "4 to 4 is no part of the 4 elements of the axis", ""),
    ("8x8x4", "slice: {start: 2, stop: 5}", "E307", "2 to 5 is no part of the 4 elements of the axis", ""),
    ("9x8", "dot: {branches: [identity, [dense: 3]]}", "E302", "`dot` needs axes of one size, not 8 and 3", ""),
    ("9x8", "dot: [identity, [relu], [relu]]", "E206", "`dot` takes two inputs, not 3", ""),
    ("9x8", "subtract: [identity, [relu], [relu]]", "E206", "`subtract` takes two inputs, not 3", ""),
    ("8x8x3", "depth_to_space: 2", "E305", "3 channels cannot be divided into blocks of 2·2 pixels", ""),
    ("7x8x4", "space_to_depth: 2", "E305", "7x8 pixels cannot be divided into blocks of 2", ""),
    ("8x7x4", "space_to_depth: 2", "E305", "8x7 pixels cannot be divided into blocks of 2", ""),
    ("9x7", "glu", "E305", "7 channels cannot be divided into 2 halves", ""),
    ("8x8x4", "gn: 3", "E305", "4 channels cannot be divided into 3 groups", ""),
    ("8x8x4", "channel_shuffle: 3", "E305", "4 channels cannot be divided into 3 groups", ""),
    ("8x8x4", "random_hue: 0.2", "E307", "`random_hue` works on images of 3 channels, not on (8, 8, 4)", ""),
    (
        *("8x8x4", "random_grayscale", "E307"),
        *("`random_grayscale` works on images of 1 or 3 channels, not on (8, 8, 4)", ""),
    ),
    (
        *("8x4", "convlstm: 2 3x3", "E303"),
        *("`convlstm` works on steps of an image (H, W, C): (T, H, W, C); its input is (8, 4)", ""),
    ),
    ("5x9x9x4", "convlstm: 2 3x3/2 dilation=2", "E307", "a stride and a dilation above 1 do not go together", ""),
    (
        *("9x6", "attention: 4", "E305", "6 channels cannot be divided into 4 heads"),
        "give the channels of a head with `key=`",
    ),
    ("9x6", "{attention: 2, from: [input, input, input]}", "E206", "`attention` takes one input or two, not 3", ""),
    ("3x4x4", "pad: 3 reflect", "E307", "`reflect` has 2 rows to show along the height, not 3", "use fewer rows"),
    ("2x3x4", "pad: 2 reflect", "E307", "`reflect` has 1 row to show along the height, not 2", "use fewer rows"),
    ("2x3x4", "pad: 3 symmetric", "E307", "`symmetric` has 2 rows to show along the height, not 3", "use fewer rows"),
    ("4x4x8", "dropout: 0.2 noise=1x2x8", "E307", "the mask (1, 2, 8) does not fit (4, 4, 8)", ""),
    ("4x4x8", "dropout: 0.2 noise=1x8", "E307", "the mask (1, 8) does not fit (4, 4, 8)", ""),
    ("8x8x4", "crop: 4", "E301", "`crop` leaves nothing: the output height would be 0", ""),
)
"""An input and an item, with the code, the message and the step of its only fault."""
TAKEN: Final = (
    ("8x8x4", "split: 2 index=1", (8, 8, 2)),
    ("8x8x4", "slice: start=3", (8, 8, 1)),
    ("8x8x4", "slice: {start: 2, stop: 4}", (8, 8, 2)),
    ("8x8x1", "random_grayscale", (8, 8, 1)),
    ("5x9x9x4", "convlstm: 2 3x3/2", (4, 4, 2)),
    ("5x9x9x4", "convlstm: 2 3x3 dilation=2", (5, 5, 2)),
    ("9x6", "{attention: 2, from: [input, input]}", (9, 6)),
    ("9x6", "{opaque: 3x4, from: [input, input]}", (3, 4)),
    ("8x8x4", "pad", (10, 10, 4)),  # one row per side unless given
    ("8x8x4", "crop", (6, 6, 4)),
    ("3x4x4", "pad: 2 reflect", (7, 8, 4)),
    ("2x3x4", "pad: 2 symmetric", (6, 7, 4)),
    ("8x8x4", "crop: [[3,4],[0,0]]", (1, 8, 4)),
)
"""One less of what is refused above, and the output, counted by hand."""
PYTORCH_LACKS: Final = (
    ("9x8", "attention: 2 key=3", "`attention` whose heads have other than their share of the channels", ""),
    ("9x8", "attention: 2 key=4 value=3", "`attention` whose heads have other than their share of the channels", ""),
    (
        *("9x8", "attention: 2 out=6", "`attention` that gives other channels"),
        "leave out `out`, and put a `dense` behind it",
    ),
    (
        *("9", "embedding: 4 vocabulary=10 mask_zero", "`embedding` that skips steps"),
        "leave out `mask_zero`, which changes no shape and no count",
    ),
    ("8x8x4", "relu: 6 slope=0.2", "`relu` with these arguments together", ""),
    ("8x8x4", "relu: threshold=1", "`relu` with these arguments together", ""),
    ("8x8x4", "softmax: {axis: [1, 2]}", "`softmax` over several axes at once", ""),
    (
        *("8x8x4", "bn: axis=1", "`bn` along another axis than the channels"),
        "bring the axis to the end with `permute`",
    ),
    ("2x2x2x2x4", "bn", "`bn` on input of 5 axes", "leave it fewer axes with `reshape`"),
    ("8x8x4", "ln: axis=1", "`ln` over axes that are not the last ones", "bring them to the end with `permute`"),
    ("8x8x4", "ln: axis=[2,3]", "`ln` over axes that are not the last ones", "bring them to the end with `permute`"),
    (
        *("8x8x4", "avgpool: {pool: 3, stride: 2, padding: [[0,1],[0,1]], ceil: true}"),
        *("`avgpool` that rounds up behind such a padding", "leave out `ceil`, or use `same` padding"),
    ),
    ("9x4", "lstm: 5 relu", "`lstm` with the activation `relu`", "use `tanh`"),
    ("9x4", "rnn: 5 sigmoid", "`rnn` with the activation `sigmoid`", "use `tanh` or `relu`"),
    (
        *("9x4", "lstm: 5 recurrent_activation=tanh", "`lstm` with the function `tanh` for its gates"),
        "use `sigmoid`",
    ),
    ("9x4", "gru: 5 noreset_after", "`gru` without `reset_after`", ""),
    ("8x8x4", "resize: 4 bicubic", "`resize` with Keras' interpolation `bicubic`", "use `bilinear`"),
    ("8x8x4", "upsample: 2 bicubic", "`upsample` with Keras' interpolation `bicubic`", "use `bilinear`"),
    ("8x8x4", "centercrop: 9", "`centercrop` of a larger size than its input", "put a `resize` before it"),
    ("8x8x4", "centercrop: 9 width=8", "`centercrop` of a larger size than its input", "put a `resize` before it"),
    ("8", "gaussian_dropout: 1", "`gaussian_dropout` of the rate 1", ""),
)
"""Layers that torch.nn has not, as its documentation describes the classes that it has; with the step."""
PYTORCH_HAS: Final = (
    ("9x8", "attention: 2 key=4 value=4"),
    ("8x8x4", "bn: axis=3"),
    ("2x2x2x4", "bn"),
    ("8x8x4", "ln: axis=[1,2,3]"),
    ("8x8x4", "avgpool: 3x3/2 ceil"),
    ("9x4", "rnn: 5 relu"),
    ("8x8x4", "centercrop: 8"),
    ("8", "gaussian_dropout: 0.9"),
)


def loaded(shape: str, item: str) -> cnnspec.Graph:
    """Return the network of one item."""
    return cnnspec.loads(f"input: {shape}\nlayers:\n  - {item}\n")


@pytest.mark.parametrize(("shape", "item", "code", "message", "step"), REFUSED)
def test_what_a_layer_refuses(shape: str, item: str, code: str, message: str, step: str) -> None:
    """One fault, with what the input has."""
    with pytest.raises(cnnspec.SpecError) as caught:
        loaded(shape, item)
    assert [(found.code, found.message, found.help) for found in caught.value.diagnostics] == [(code, message, step)]


@pytest.mark.parametrize(
    ("shape", "item", "note"),
    [
        ("8x8x4", "reshape: 7x7", "7·7 = 49 is not 8·8·4 = 256"),
        ("8x4", "reshape: 7x7", "7·7 = 49 is not 8·4 = 32"),
        ("32", "reshape: 7x7", "7·7 = 49 is not 32"),
        ("32", "reshape: -1x7", "7 = 7 does not divide 32"),
        ("8x4", "permute: 1x2x3", "an input of 2 axes needs each of 1, 2 once"),
        ("8x8x4", "permute: 1x1x2", "an input of 3 axes needs each of 1, 2, 3 once"),
        ("8x8x4", "crop: 5", "height: 8 − 2·5 = −2"),
        ("8x8x7", "conv: 6 3x3 groups=3", "7 = 2·3 + 1"),
    ],
)
def test_the_numbers_behind_a_refusal(shape: str, item: str, note: str) -> None:
    """The equation that does not hold."""
    with pytest.raises(cnnspec.SpecError) as caught:
        loaded(shape, item)
    assert [found.notes for found in caught.value.diagnostics] == [(note,)]


@pytest.mark.parametrize(("shape", "item", "output"), TAKEN)
def test_what_a_layer_takes(shape: str, item: str, output: tuple[int, ...]) -> None:
    """Up to the limit, and no further."""
    assert loaded(shape, item).nodes[-1].shape == output


@pytest.mark.parametrize(("shape", "item", "what", "step"), PYTORCH_LACKS)
def test_what_pytorch_lacks(shape: str, item: str, what: str, step: str) -> None:
    """It is analysed all the same; only the listing is refused."""
    graph = loaded(shape, item)
    with pytest.raises(cnnspec.CnnspecError) as caught:
        render(graph)
    found = [(fault.code, fault.message, fault.help) for fault in caught.value.diagnostics]
    assert found == [("E542", f"PyTorch has no {what}", step)]


@pytest.mark.parametrize(("shape", "item"), PYTORCH_HAS)
def test_what_pytorch_has(shape: str, item: str) -> None:
    """The same layers within its limits have a listing."""
    assert "nn." in render(loaded(shape, item))
