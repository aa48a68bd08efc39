"""The gradient of a class's score with respect to what a layer makes of an image."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from cnnspec.keras.build import framework
from cnnspec.keras.uses import uses
from cnnspec.layers.activations import FUNCTIONS, Outputs

if TYPE_CHECKING:
    import keras

    from cnnspec.ir.graph import Graph, Node


class Slope(NamedTuple):
    """What a layer makes of an image, and the gradient of a score with respect to each of these numbers."""

    values: Any
    gradient: Any | None
    """None where the score does not depend on them."""


def slope(graph: Graph, model: keras.Model, name: str, image: Any, number: int) -> Slope:
    """Return the outputs of a node for an image (H, W, C), and the gradient of the score of a class by its number.

    The score is what stands in front of a softmax or sigmoid at the end, whose slope vanishes where the network is
    sure; the model has lost that function afterwards. Of one unit the second class has the score, the first its
    negative.
    """
    keras, tensorflow = framework(), import_module("tensorflow")
    outputs = {node: use for node, use in uses(graph, model) if use is not None}
    score = _score(graph, model, outputs)
    probe = keras.Model(model.inputs, [outputs[name].output, score])
    with tensorflow.GradientTape() as tape:
        values, scores = probe(tensorflow.convert_to_tensor(image[None]), training=False)
        flat = tensorflow.reshape(scores, (-1,))
        chosen = flat[number] if len(flat) > 1 else flat[0] * (1 if number else -1)
    gradient = tape.gradient(chosen, values)
    return Slope(values.numpy()[0], None if gradient is None else gradient.numpy()[0])


def _score(graph: Graph, model: keras.Model, outputs: dict[str, Any]) -> Any:
    """Return the tensor of the scores; a layer that applies the function at the end itself applies none any more."""
    node = _deciding(graph)
    function = FUNCTIONS.get(node.layer.applied) if node is not None else None
    if node is None or function is None or function.outputs is Outputs.NUMBERS:
        return model.outputs[0]
    use = outputs[node.name]
    last = use.layers[-1]
    if not last.weights:
        return use.inputs[0]
    last.activation = framework().activations.linear
    return use.output


def _deciding(graph: Graph) -> Node | None:
    """Return the node whose function is the last; layers behind it that keep all values do not count."""
    nodes = {node.name: node for node in graph}
    node = nodes.get(graph.outputs[0])
    while node is not None and node.layer.keeps_values:
        node = nodes.get(node.inputs[0])
    return node
