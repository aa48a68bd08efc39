"""The arena of the TFLite interpreter, told in advance: the peak in place, the input, and the scratch of a layer."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import pytest

import cnnspec
from cnnspec.analysis.footprint import Memory
from cnnspec.analysis.measure import measure

if TYPE_CHECKING:
    from cnnspec.ir.graph import Graph

GAP = 200_000
"""Bytes between two tensors from which on they are not of one arena."""


def arena(graph: Graph) -> int:
    """Return the bytes between the first and the last one of the interpreter's activations, without a delegate."""
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    model = cnnspec.keras.build(graph)
    entry = tf.TensorSpec((1, *model.inputs[0].shape[1:]), tf.float32)
    frozen = convert_variables_to_constants_v2(tf.function(model).get_concrete_function(entry))
    content = tf.lite.TFLiteConverter.from_concrete_functions([frozen]).convert()
    plain = tf.lite.experimental.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    interpreter = tf.lite.Interpreter(model_content=content, experimental_op_resolver_type=plain, num_threads=1)
    interpreter.allocate_tensors()
    interpreter.invoke()
    operations = interpreter._get_ops_details()  # noqa: SLF001 - nothing public tells which tensors are computed
    made = {int(at) for operation in operations for at in operation["outputs"]}
    made |= {int(entry["index"]) for entry in interpreter.get_input_details()}
    return _span([interpreter.tensor(at)() for at in sorted(made)])


def _span(tensors: list[Any]) -> int:
    """Return the bytes from the first to the last of the tensors that lie together."""
    places = sorted((each.__array_interface__["data"][0], each.nbytes) for each in tensors)
    groups = [[places[0]]]
    for start, size in places[1:]:
        if start - max(begin + length for begin, length in groups[-1]) < GAP:
            groups[-1].append((start, size))
        else:
            groups.append([(start, size)])
    largest = max(groups, key=lambda group: sum(size for _, size in group))
    return max(begin + size for begin, size in largest) - largest[0][0]


@pytest.mark.slow
@pytest.mark.usefixtures("keras")
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("name", "params", "shape", "scratch"),
    [
        ("mobilenetv2", {"width": 0.35}, (96, 96, 3), 0),
        ("digits-cnn", {}, (8, 8, 1), 9 * 8 * 8 * 32 * 4),
        ("resnet20-cifar10", {}, (32, 32, 3), 9 * 32 * 32 * 16 * 4),
    ],
)
def test_the_arena_is_told_in_advance(
    name: str, params: dict[str, object], shape: tuple[int, ...], scratch: int
) -> None:
    """As docs/counting.md explains it, to the byte."""
    graph = cnnspec.load(name, params=params, inputs=shape)
    peak, _ = measure(graph, memory=Memory(in_place=True)).footprint.peak()
    assert arena(graph) == peak + prod(shape) * 4 + scratch
