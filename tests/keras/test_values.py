"""Numbers against brute force: padding in pooling, MACs by counting, receptive fields by changing one pixel."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

import cnnspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.keras

np: Any = pytest.importorskip("numpy", reason="numpy is missing: it comes with TensorFlow")

Sizes = tuple[int, ...]
Pairs = tuple[tuple[int, int], ...]


@pytest.fixture
def model_of(keras: Any) -> Callable[[cnnspec.Graph], Any]:
    """Return the way from a graph to its Keras model."""
    from cnnspec.keras import build

    keras.utils.clear_session(free_memory=False)
    return build


def _graph(shape: str, *items: str) -> cnnspec.Graph:
    return cnnspec.loads("\n".join([f"input: {shape}", "layers:", *(f"  - {item}" for item in items)]))


def _numbers(shape: Sizes) -> Any:
    return np.random.default_rng(1).uniform(-2, -1, shape).astype("float32")


def _run(model: Any, x: Any) -> Any:
    return np.asarray(model(x[np.newaxis]))[0]


def _places(sizes: Sizes, window: Sizes, stride: Sizes) -> Iterator[Sizes]:
    """Yield the places that a window may take on an array of these sizes."""
    return product(*(range((n - f) // s + 1) for n, f, s in zip(sizes, window, stride, strict=False)))


POOLING = (
    ("9x3", "3 stride=2 pad=1", (3,), (2,), ((1, 1),)),
    ("9x3", "3 stride=1 pad=[[2,0]]", (3,), (1,), ((2, 0),)),
    ("8x7x2", "3x3/2 pad=1", (3, 3), (2, 2), ((1, 1), (1, 1))),
    ("8x7x2", "3x2/1x3 pad=[[0,2],[1,0]]", (3, 2), (1, 3), ((0, 2), (1, 0))),
    ("4x5x6x2", "2x3x2 stride=2x1x3 pad=[[1,1],[0,2],[1,0]]", (2, 3, 2), (2, 1, 3), ((1, 1), (0, 2), (1, 0))),
)
"""An input, tokens, and what the tokens say: window, stride, padding."""


@pytest.mark.parametrize(("kind", "fill"), [("maxpool", float("-inf")), ("avgpool", 0.0)])
@pytest.mark.parametrize(("shape", "tokens", "window", "stride", "padding"), POOLING)
def test_explicit_padding_never_wins_a_maximum_and_counts_as_zeros_in_a_mean(
    kind: str, fill: float, shape: str, tokens: str, window: Sizes, stride: Sizes, padding: Pairs, model_of: Any
) -> None:
    """On negative input, where a padded zero would win, pooling is what loops over its windows make of it."""
    graph = _graph(shape, f"{kind}: {tokens}")
    x = _numbers(graph.inputs[0].shape)
    padded = np.pad(x, (*padding, (0, 0)), constant_values=fill)
    expected = np.zeros(graph.nodes[0].shape)
    for place in _places(padded.shape, window, stride):
        part = padded[tuple(slice(p * s, p * s + f) for p, s, f in zip(place, stride, window, strict=True))]
        expected[place] = (
            part.reshape(-1, x.shape[-1]).max(0) if kind == "maxpool" else part.reshape(-1, x.shape[-1]).mean(0)
        )
    assert np.allclose(_run(model_of(graph), x), expected, atol=1e-6)


def test_padding_of_same_does_not_count_in_a_mean(model_of: Any) -> None:
    """The corner of a mean over 3x3 with `same` padding is the mean of the 4 pixels that exist."""
    graph = _graph("4x4x1", "avgpool: 3x3/1 same")
    x = _numbers((4, 4, 1))
    assert np.allclose(_run(model_of(graph), x)[0, 0], x[:2, :2].mean(), atol=1e-6)


def test_a_window_of_padding_alone_is_refused() -> None:
    """A maximum of nothing would be minus infinity."""
    with pytest.raises(cnnspec.SpecError) as caught:
        _graph("4x4x1", "maxpool: 2x2 pad=2")
    assert [diagnostic.code for diagnostic in caught.value.diagnostics] == ["E307"]


class _Counter:
    """Computes layers in plain loops and counts the multiplications."""

    def __init__(self) -> None:
        self.macs = 0

    def convolve(self, x: Any, links: list[tuple[int, Any, int]], stride: Sizes, dilation: Sizes) -> Any:
        """Slide kernels over an array; a link leads from an input channel through a kernel to an output channel."""
        taps = links[0][1].shape
        window = tuple(d * (f - 1) + 1 for f, d in zip(taps, dilation, strict=True))
        places = list(_places(x.shape, window, stride))
        y = np.zeros((*(last + 1 for last in places[-1]), 1 + max(link[2] for link in links)))
        for place, (channel, kernel, output) in product(places, links):
            for tap in np.ndindex(taps):
                at = tuple(p * s + t * d for p, s, t, d in zip(place, stride, tap, dilation, strict=True))
                y[(*place, output)] += x[(*at, channel)] * kernel[tap]
                self.macs += 1
        return y

    def spread(self, x: Any, kernel: Any, stride: Sizes) -> Any:
        """Add every input element, times the kernel, to a window of the output."""
        *taps, outputs, inputs = kernel.shape
        sizes = tuple((n - 1) * s + max(f, s) for n, s, f in zip(x.shape, stride, taps, strict=False))
        y = np.zeros((*sizes, outputs))
        for place in np.ndindex(x.shape[:-1]):
            for *tap, output, channel in np.ndindex(*taps, outputs, inputs):
                at = tuple(p * s + t for p, s, t in zip(place, stride, tap, strict=True))
                y[(*at, output)] += x[(*place, channel)] * kernel[(*tap, output, channel)]
                self.macs += 1
        return y


def _dense_links(kernel: Any, groups: int = 1) -> list[tuple[int, Any, int]]:
    depth, filters = kernel.shape[-2:]
    first = [k // (filters // groups) * depth for k in range(filters)]
    return [(first[k] + c, kernel[..., c, k], k) for k in range(filters) for c in range(depth)]


def _depthwise_links(kernel: Any) -> list[tuple[int, Any, int]]:
    channels, multiplier = kernel.shape[-2:]
    return [(c, kernel[..., c, m], c * multiplier + m) for c in range(channels) for m in range(multiplier)]


CONVOLUTIONS = (
    ("9x4", "conv: 3 kernel=3 stride=2 same", ((1, 1),)),
    ("8x4", "conv: 3 kernel=3 stride=2 same", ((0, 1),)),
    ("9x4", "conv: 6 kernel=2 dilation=3 groups=2", ((0, 0),)),
    ("6x5x3", "conv: 4 3x2", ((0, 0), (0, 0))),
    ("6x5x3", "conv: 4 3x2/2x1 pad=[[1,0],[2,1]] nobias", ((1, 0), (2, 1))),
    ("6x5x4", "conv: 4 3x3 same dilation=2 groups=4", ((2, 2), (2, 2))),
    ("4x5x3x2", "conv: 2 2x3x1 stride=1x2x2", ((0, 0), (0, 0), (0, 0))),
    ("9x4", "dwconv: 3 stride=2 pad=1 multiplier=2", ((1, 1),)),
    ("6x5x3", "dwconv: 3x2 same", ((1, 1), (0, 1))),
    ("6x5x3", "dwconv: 2x2/2 dilation=2 multiplier=2", ((0, 0), (0, 0))),
    ("9x4", "sepconv: 5 kernel=3 same", ((1, 1),)),
    ("6x5x3", "sepconv: 2 3x3/2 multiplier=3", ((0, 0), (0, 0))),
    ("7", "dense: 5", ()),
    ("6x5x3", "dense: 4", ((0, 0), (0, 0))),
)
"""An input, an item, and the padding that it means."""


@pytest.mark.parametrize(("shape", "item", "padding"), CONVOLUTIONS)
def test_macs_are_the_multiplications_of_plain_loops(shape: str, item: str, padding: Pairs, model_of: Any) -> None:
    """Loops that compute what Keras computes multiply as often as the table says, zeros of the padding included."""
    graph = _graph(shape, item)
    node, rank = graph.nodes[0], len(padding)
    model, counter = model_of(graph), _Counter()
    layer = model.get_layer(node.name)
    stride, dilation = getattr(layer, "strides", (1,) * rank), getattr(layer, "dilation_rate", (1,) * rank)
    x = _numbers(graph.inputs[0].shape)
    y = np.pad(x, (*padding, (0, 0)))
    kernels = [np.asarray(weight) for weight in layer.weights if "kernel" in weight.name]
    if node.kind in ("dwconv", "sepconv"):
        y = counter.convolve(y, _depthwise_links(kernels.pop(0)), stride, dilation)
        stride, dilation = (1,) * rank, (1,) * rank
    for kernel in kernels:
        per_place = kernel.reshape((1,) * (rank + 2 - kernel.ndim) + kernel.shape)
        y = counter.convolve(y, _dense_links(per_place, getattr(layer, "groups", 1)), stride, dilation)
    assert np.allclose(_run(model, x), y, atol=1e-4)
    assert counter.macs == cnnspec.summarize(graph).rows[0].macs


TRANSPOSED = (
    ("5x3", "upconv: 2 kernel=3 stride=2", (0,)),
    ("5x3", "upconv: 2 kernel=2 stride=3", (0,)),
    ("4x5x2", "upconv: 3 3x2/1x3", (0, 0)),
    ("4x5x2", "upconv: 3 4x3/2x1 same nobias", (1, 1)),
    ("2x3x2x2", "upconv: 2 2x3x1 stride=2x1x3", (0, 0, 0)),
)
"""An input, an item, and the rows that `same` takes away in front."""


@pytest.mark.parametrize(("shape", "item", "crop"), TRANSPOSED)
def test_macs_of_transposed_convolutions_are_those_of_plain_loops(
    shape: str, item: str, crop: Sizes, model_of: Any
) -> None:
    """Every input element is multiplied by the whole kernel, also where `same` cuts the result."""
    graph = _graph(shape, item)
    model, counter = model_of(graph), _Counter()
    layer = model.get_layer(graph.nodes[0].name)
    x = _numbers(graph.inputs[0].shape)
    whole = counter.spread(x, np.asarray(layer.kernel), layer.strides)
    part = whole[tuple(slice(before, before + n) for before, n in zip(crop, graph.nodes[0].shape, strict=False))]
    assert np.allclose(_run(model, x), part, atol=1e-4)
    assert counter.macs == cnnspec.summarize(graph).rows[0].macs


def _reached(model: Any, shape: Sizes, axis: int) -> Any:
    """Return which outputs along an axis change with which pixels along it, for a net whose kernels are all 1."""
    for weight in model.weights:
        if "kernel" in weight.name:
            weight.assign(np.ones(weight.shape))
    pixels = list(np.ndindex(shape[:-1]))
    images = np.ones((len(pixels) + 1, *shape), "float32")
    for image, pixel in zip(images[1:], pixels, strict=True):
        image[pixel] = 1000
    outputs = np.asarray(model(images))
    changed = (~np.isclose(outputs[1:], outputs[0], rtol=1e-4)).any(-1)
    changed = changed.reshape(*shape[:-1], *changed.shape[1:])
    rank = len(shape) - 1
    return changed.any(tuple(other for other in range(2 * rank) if other % rank != axis))


def _measured(reached: Any, period: int) -> tuple[float, float, float]:
    """Return extent, jump and start over the outputs that see as many pixels as the ones in the middle.

    Where `period` outputs share a place in the input, their centres are taken together.
    """
    pixels = [np.flatnonzero(column) for column in reached.T]
    middle = len(pixels) // 2
    typical = [pixels[middle + (o - middle) % period] for o in range(len(pixels))]
    inner = [
        o for o, seen in enumerate(pixels) if len(seen) and list(seen - seen[0]) == list(typical[o] - typical[o][0])
    ]
    assert inner == list(range(inner[0], inner[-1] + 1))
    assert len(inner) >= 2 * period
    centre = {o: (pixels[o][0] + pixels[o][-1]) / 2 for o in inner}
    jumps = {(centre[o + period] - centre[o]) / period for o in inner[:-period]}
    assert len(jumps) == 1
    jump = jumps.pop()
    start = sum(centre[o] - o * jump for o in inner[:period]) / period
    return max(pixels[o][-1] - pixels[o][0] + 1 for o in inner), jump, start


STRIDED = "conv: 2 kernel=3 stride=2 pad=1"
FIELDS = (
    ("60x1", 1, ("conv: 2 kernel=5", "maxpool: 3 stride=2", "conv: 2 kernel=3 stride=2")),
    ("60x1", 1, ("conv: 2 kernel=3 stride=2 same", "conv: 2 kernel=4 same", "avgpool: 2")),
    ("61x1", 1, ("conv: 2 kernel=3 stride=2 same", "conv: 2 kernel=4 same", "avgpool: 2")),
    ("61x1", 1, ("conv: 2 kernel=3 dilation=2", "conv: 2 kernel=3 dilation=4 same")),
    ("60x1", 1, ("conv: 2 kernel=4 stride=3 pad=[[2,5]]", "avgpool: 3 stride=2 pad=1")),
    ("60x1", 1, ("maxpool: 3 stride=2 pad=1", "pad: [[3,0]]", "conv: 1 kernel=3", "crop: [[1,4]]")),
    ("60x1", 1, ("maxpool: 3 stride=2 same", "maxpool: 2 same", "relu", "bn")),
    ("60x2", 1, ("dwconv: 3 stride=2 dilation=3", "sepconv: 2 kernel=5 same", "layerscale: 2")),
    ("60x2", 1, ("conv: 2 kernel=1 stride=3", "conv: 2 kernel=2 same")),
    ("60x2", 1, ("residual: [conv: 2 kernel=3 same bn relu, conv: 2 kernel=5 same]", "maxpool", "residual: [relu]")),
    ("60x2", 1, (STRIDED, "concat: [[conv: 2 kernel=3 same], [maxpool: 5 stride=1 same]]")),
    ("61x2", 1, (f"residual: {{body: [{STRIDED}, conv: 2 kernel=3 same], shortcut: [conv: 2 kernel=1 stride=2]}}",)),
    ("20x1", 2, ("upconv: 2 kernel=2 stride=2",)),
    ("20x1", 2, ("upconv: 2 kernel=3 stride=2",)),
    ("20x1", 2, ("upconv: 2 kernel=3 stride=2 same",)),
    ("20x1", 2, ("upconv: 2 kernel=4 stride=2 same",)),
    ("20x1", 3, ("upconv: 2 kernel=5 stride=3",)),
    ("20x1", 1, ("upconv: 2 kernel=3", "conv: 2 kernel=2")),
    ("40x1", 2, (STRIDED, "upconv: 2 kernel=2 stride=2")),
    ("20x1", 3, ("conv: 2 kernel=3", "upsample: 3")),
    ("20x1", 2, ("upsample: 2", "conv: 2 kernel=3")),
    ("40x1", 2, ("maxpool", "conv: 2 kernel=3 same", "upsample: 2")),
    ("40x1", 2, ("concat: [identity, [maxpool, conv: 2 kernel=3 same, upsample: 2]]",)),
    ("15x17x1", 1, ("conv: 2 3x5/1x2", "maxpool: 3x2/2x1 pad=1x0")),
    ("15x17x1", 1, ("dwconv: 2x3 same", "conv: 2 3x1 same dilation=2", "avgpool: 2x3/2")),
    ("8x9x1", 2, ("upsample: 2 bilinear",)),
    ("7x8x9x1", 1, ("conv: 1 2x3x2", "maxpool: 2x1x3 stride=1x1x2")),
)
"""An input, how many outputs share a place, and the items of a net."""


@pytest.mark.parametrize(("shape", "period", "items"), FIELDS, ids=[f"{row[0]}-{', '.join(row[2])}" for row in FIELDS])
def test_receptive_fields_are_the_pixels_that_matter(
    shape: str, period: int, items: tuple[str, ...], model_of: Any
) -> None:
    """Changing one pixel changes the outputs whose field holds it, and no other: extent, jump and start follow."""
    graph = _graph(shape, *items)
    fields = cnnspec.summarize(graph).rows[-1].view.axes
    assert fields is not None
    for axis, field in enumerate(fields):
        measured = _measured(_reached(model_of(graph), graph.inputs[0].shape, axis), period)
        assert measured == pytest.approx((field.pixels, float(field.jump), float(field.start)))


def test_a_gate_sees_the_whole_image(model_of: Any) -> None:
    """Squeeze and excitation makes every output depend on every pixel."""
    graph = _graph("9x8x2", "conv: 2 3x3", "gate: [gap: keepdims, conv: 2 1x1]")
    fields = cnnspec.summarize(graph).rows[-1].view.axes
    assert fields is not None
    for axis, field in enumerate(fields):
        assert _reached(model_of(graph), (9, 8, 2), axis).all()
        assert field.extent == (9, 8)[axis]
