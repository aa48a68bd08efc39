"""The listing computes what Keras computes: with Keras' weights carried over, the outputs are the same numbers.

Shapes and counts do not tell on which side an odd row of padding stands, nor what a mean leaves out; this does.
"""

from __future__ import annotations

from pathlib import Path
from runpy import run_path
from typing import TYPE_CHECKING, Any, Final

import pytest

import cnnspec
from cnnspec.ir.torch_call import Order
from cnnspec.torch.listing import Listing, listing_of
from cnnspec.torch.planning import moves, what_torch_lacks

if TYPE_CHECKING:
    from cnnspec.ir.graph import Graph, Node

pytestmark = [pytest.mark.keras, pytest.mark.torch]

ORACLE: Final = run_path(str(Path(__file__).parents[1] / "keras" / "test_oracle.py"))
ROWS: Final = [
    (shape, item)
    for shape, item in ORACLE["ALL"]
    if not item.startswith(("flatten", "reshape", "pixel", "depth_to", "space_to"))
]
"""Those whose elements stand in the order of Keras; where they do not, the listing says so."""
SMALL: Final = ("crnn", "digits-cnn", "lenet5", "resnet20-cifar10", "siamese", "wavenet")
CLOSE: Final = 1e-5
"""Of the largest output: both compute with 24 bits."""


@pytest.fixture(scope="session", name="arrays")
def _arrays(torch: Any) -> Any:
    """Return the module `numpy`, where both frameworks are there."""
    assert torch
    missing = "TensorFlow is missing, so PyTorch's numbers were not compared with Keras'"
    pytest.importorskip("tensorflow", reason=missing)
    return pytest.importorskip("numpy")


@pytest.mark.parametrize(("shape", "item"), ROWS)
def test_layers_compute_the_same(torch: Any, arrays: Any, shape: str, item: str) -> None:
    """For every kind on input of every number of axes, unless PyTorch lacks it."""
    graph = cnnspec.loads(f"input: {shape}\nlayers:\n  - {item}\n")
    if not what_torch_lacks(graph):
        assert difference(torch, arrays, graph) < CLOSE


@pytest.mark.parametrize("name", SMALL)
def test_networks_compute_the_same(torch: Any, arrays: Any, name: str) -> None:
    """For the smaller bundled networks."""
    assert difference(torch, arrays, cnnspec.load(name)) < CLOSE


def difference(torch: Any, np: Any, graph: Graph) -> float:
    """Return the largest difference of the first outputs of both, as a share of the largest output."""
    from keras.utils import clear_session

    from cnnspec.keras.build import build
    from cnnspec.keras.uses import uses

    clear_session(free_memory=False)
    random = np.random.default_rng(0)
    model = build(graph)
    for layer in model.layers:
        layer.set_weights([_drawn(np, random, weight) for weight in layer.weights])
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()
    listing = listing_of(graph)
    names: dict[str, Any] = {}
    exec(listing.text, names)  # noqa: S102 - this is what a listing is for
    module = names["model"].eval()
    used = dict(uses(graph, model))
    for node in graph:
        layers = _layers(module, listing, node)
        if layers and not node.shared:
            weights = [
                w for layer in used[node.name].layers for w in getattr(layer, "weights", ()) if "seed" not in w.path
            ]
            _carry(torch, np, graph, node, layers, [weight.numpy() for weight in weights])
    samples = [_sample(np, random, graph, entry.shape) for entry in graph.inputs]
    theirs = model(samples[0] if len(samples) == 1 else samples, training=False)
    theirs = (theirs[0] if isinstance(theirs, list | tuple) else theirs).numpy()
    with torch.no_grad():
        ours = module(
            *(_first(torch, np, listing, entry, each) for entry, each in zip(graph.inputs, samples, strict=True))
        )
    ours = (ours[0] if isinstance(ours, tuple) else ours).numpy()
    name, moved = next(listing.plan.outputs)
    place = next(own.place for own in listing.plan.nodes if own.node.name == name)
    ours = np.moveaxis(ours, 1, -1) if (moved or place.order is Order.FIRST) and ours.ndim > 2 else ours
    assert ours.shape == theirs.shape
    return float(abs(ours - theirs).max() / max(abs(theirs).max(), 1e-6))


def _layers(module: Any, listing: Listing, node: Node) -> list[Any]:
    names = listing.layers[node.name]
    return [module[int(name)] if listing.is_chain else getattr(module, name) for name in names]


def _drawn(np: Any, random: Any, weight: Any) -> Any:
    """Return numbers for a weight that keep the activations of a deep network in bounds."""
    shape, name = tuple(weight.shape), weight.path
    if "seed" in name or "count" in name:
        return weight.numpy()
    numbers = random.normal(0, 1 / max(np.prod(shape[:-1]), 1) ** 0.5 if len(shape) > 1 else 0.2, shape)
    numbers = abs(numbers) + 0.7 if "variance" in name else numbers + 1 if "gamma" in name else numbers
    return numbers.astype("float32")


def _sample(np: Any, random: Any, graph: Graph, shape: tuple[int, ...]) -> Any:
    """Return two samples of an input: rows of a table, where they are looked up."""
    if any(hasattr(node.layer, "vocabulary") for node in graph):
        return random.integers(0, 3, (2, *shape)).astype("float32")
    return np.asarray(random.normal(0, 1, (2, *shape)), "float32")


def _first(torch: Any, np: Any, listing: Listing, entry: Any, sample: Any) -> Any:
    """Return an input as PyTorch takes it."""
    place = listing.plan.inputs[entry.name]
    axes = moves(place._replace(order=Order.LAST), place.order) or range(sample.ndim)
    return torch.from_numpy(np.ascontiguousarray(sample.transpose(axes)))


def _carry(torch: Any, np: Any, graph: Graph, node: Node, layers: list[Any], weights: list[Any]) -> None:
    """Put the weights of a node's Keras layers into PyTorch's."""
    for tensor, numbers in _pairs(np, graph, node, layers, weights):
        assert tuple(tensor.shape) == numbers.shape
        with torch.no_grad():
            tensor.copy_(torch.from_numpy(np.ascontiguousarray(numbers, "float32")))


def _pairs(np: Any, graph: Graph, node: Node, layers: list[Any], weights: list[Any]) -> list[tuple[Any, Any]]:
    last, kind = layers[-1], node.kind
    if kind in ("lstm", "gru", "rnn"):
        half = len(weights) // 2 if node.layer.bidirectional else len(weights)  # type: ignore[attr-defined]
        back = _gates(np, last, weights[half:], kind, "_reverse") if weights[half:] else []
        return [*_gates(np, last, weights[:half], kind, ""), *back]
    if kind == "attention":
        return _heads(np, last, weights)
    if kind == "sepconv":
        return [
            (layers[0].weight, _depthwise(weights[0])),
            *zip(_learned(last), [_kernel(weights[1]), *weights[2:]], strict=True),
        ]
    if not hasattr(last, "weight") and not hasattr(last, "running_mean"):
        own = np.moveaxis(weights[0], -1, 0) if kind == "prelu" else weights[0]
        return [(last, own.reshape(tuple(last.shape)))]
    if hasattr(last, "running_mean"):
        *learned, mean, variance = [weight.reshape(-1) for weight in weights if weight.size > 1 or weight.ndim]
        free = [tensor for tensor in _learned(last) if tensor.requires_grad]
        return [*zip(free, learned, strict=True), (last.running_mean, mean), (last.running_var, variance)]
    change = {
        "conv": _kernel,
        "upconv": _kernel,
        "dwconv": _depthwise,
        "dense": lambda kernel: _rows(np, graph, node, kernel),
    }
    free = [tensor for tensor in _learned(last) if tensor.requires_grad]
    numbers = (
        [change[kind](weights[0]), *weights[1:]] if kind in change else [_flat(kind, weight) for weight in weights]
    )
    return list(zip(free, numbers, strict=True))


def _flat(kind: str, weight: Any) -> Any:
    return weight.reshape(-1) if kind == "prelu" else weight


def _learned(layer: Any) -> list[Any]:
    return [tensor for tensor in (layer.weight, getattr(layer, "bias", None)) if tensor is not None]


def _kernel(kernel: Any) -> Any:
    """Return a kernel with its last axes, inputs and outputs, in front and exchanged."""
    rank = kernel.ndim - 2
    return kernel.transpose(rank + 1, rank, *range(rank))


def _depthwise(kernel: Any) -> Any:
    *window, channels, multiplier = kernel.shape
    rank = len(window)
    return kernel.transpose(rank, rank + 1, *range(rank)).reshape(channels * multiplier, 1, *window)


def _rows(np: Any, graph: Graph, node: Node, kernel: Any) -> Any:
    """Return the weights of a dense layer; behind a flatten, rows stand channel by channel."""
    before = {each.name: each for each in graph}
    above = before.get(node.inputs[0])
    while above is not None and above.kind == "dropout":
        above = before.get(above.inputs[0])
    if above is not None and above.kind == "flatten" and len(above.input_shapes[0]) > 1:
        shape = above.input_shapes[0]
        kernel = np.moveaxis(kernel.reshape(*shape, -1), len(shape) - 1, 0).reshape(kernel.shape)
    return kernel.T


def _gates(np: Any, layer: Any, weights: list[Any], kind: str, end: str) -> list[tuple[Any, Any]]:
    """Return the weights of one direction; Keras' gru has its update gate in front of the reset gate."""

    def ordered(numbers: Any) -> Any:
        if kind != "gru":
            return numbers
        update, reset, new = np.split(numbers, 3, -1)
        return np.concatenate([reset, update, new], -1)

    inputs, state, *biases = map(ordered, weights)
    pairs = [(getattr(layer, f"weight_ih_l0{end}"), inputs.T), (getattr(layer, f"weight_hh_l0{end}"), state.T)]
    for rows in biases:
        names = ("bias_ih_l0", "bias_hh_l0") if rows.ndim == 2 else ("bias_ih_l0",)
        pairs += [(getattr(layer, f"{name}{end}"), row) for name, row in zip(names, np.atleast_2d(rows), strict=True)]
    return pairs


def _heads(np: Any, layer: Any, weights: list[Any]) -> list[tuple[Any, Any]]:
    """Return the weights of an attention, whose heads PyTorch has in one matrix."""
    step = 2 if len(weights) == 8 else 1
    *three, out = weights[::step]
    joined = np.concatenate([each.reshape(each.shape[0], -1).T for each in three], 0)
    pairs = [(layer.in_proj_weight, joined), (layer.out_proj.weight, out.reshape(-1, out.shape[-1]).T)]
    if step == 2:
        *biases, last = weights[1::2]
        pairs += [(layer.in_proj_bias, np.concatenate([each.ravel() for each in biases])), (layer.out_proj.bias, last)]
    return pairs
