"""Model files: Keras' configurations, archives and HDF5, ONNX, PyTorch's exported programs."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Hashable
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final

import cnnspec
from cnnspec.analysis.measure import measure
from cnnspec.importing.opening import open_model
from cnnspec.importing.spec import write_spec
from tests.fuzz.mutation import archives, messages, octets, texts, trees
from tests.fuzz.neighbours import names_in, rows
from tests.fuzz.target import ROOT, Target, promise

FEW: Final = 120


def reader(suffix: str) -> Callable[[bytes, Path], Hashable]:
    """Return what imports a file of one suffix: its spec gives the network again."""

    def read(content: bytes, folder: Path) -> Hashable:
        path = folder / f"net.{suffix}"
        path.write_bytes(content)
        opened = open_model(str(path), partial=len(content) % 2 == 0)
        if len(opened.graph) > FEW:
            return "large"
        ours, flat = measure(opened.graph), len(content) % 3 == 0
        graph = cnnspec.loads(write_spec(opened.graph, flat=flat))
        promise(measure(graph).totals.params == ours.totals.params, "the spec has other parameters")
        promise(_outputs(graph) == _outputs(opened.graph), "the spec has other outputs")
        promise(not flat or [node.shape for node in graph] == [node.shape for node in opened.graph], "other shapes")
        return frozenset(node.kind for node in graph), bool(opened.lost), bool(opened.notes)

    return read


def _outputs(graph: cnnspec.Graph) -> list[Any]:
    return [graph[name].shape for name in graph.outputs]


@cache
def configurations() -> tuple[bytes, ...]:
    """Return configurations of Keras: of an old version, and of every class in a small model."""
    found = [names_in("importing/test_keras_files.py")["KERAS_1"]]
    config_of = names_in("ir/test_keras_reading.py")["config_of"]
    seen = set()
    for shape, item in rows():
        for node in cnnspec.loads(f"input: {shape}\nlayers:\n  - {item}\n"):
            calls = [call for call in node.layer.keras_calls(*node.input_shapes) if not call.is_function]
            layers = [
                {"class_name": call.class_name, "config": {"name": f"l{at}", **config_of(call)}}
                for at, call in enumerate(calls)
            ]
            if layers and len(node.inputs) == 1 and len(seen) < len(seen | {layers[-1]["class_name"]}):
                seen.add(layers[-1]["class_name"])
                found.append(_sequential(node.input_shapes[0], layers))
    return tuple(json.dumps(each).encode() for each in (*found, FUNCTIONAL))


def _sequential(shape: Any, layers: list[Any]) -> dict[str, Any]:
    """Return a sequential model of Keras 3."""
    entry = {"class_name": "InputLayer", "config": {"batch_shape": [None, *shape], "name": "in", "dtype": "float32"}}
    made = {"name": "net", "layers": [entry, *layers]}
    return {"module": "keras", "class_name": "Sequential", "config": made, "registered_name": None}


def _functional() -> dict[str, Any]:
    """Return a model with a join as Keras 2 writes it."""
    entry = {
        "class_name": "InputLayer",
        "config": {"batch_input_shape": [None, 8, 8, 4], "name": "in"},
        "name": "in",
        "inbound_nodes": [],
    }
    conv = {"filters": 4, "kernel_size": [3, 3], "strides": [1, 1], "padding": "same", "name": "c"}
    layers = [
        entry,
        {"class_name": "Conv2D", "config": conv, "name": "c", "inbound_nodes": [[["in", 0, 0, {}]]]},
        {
            "class_name": "Add",
            "config": {"name": "a"},
            "name": "a",
            "inbound_nodes": [[["c", 0, 0, {}], ["in", 0, 0, {}]]],
        },
        {"class_name": "Flatten", "config": {"name": "f"}, "name": "f", "inbound_nodes": [[["a", 0, 0, {}]]]},
        {"class_name": "Dense", "config": {"name": "d", "units": 3}, "name": "d", "inbound_nodes": [[["f", 0, 0, {}]]]},
    ]
    made = {"name": "net", "layers": layers, "input_layers": [["in", 0, 0]], "output_layers": [["d", 0, 0]]}
    return {"class_name": "Functional", "config": made, "keras_version": "2.15.0", "backend": "tensorflow"}


FUNCTIONAL: Final = _functional()


@cache
def keras_words() -> tuple[str, ...]:
    """Return the words of configurations."""
    return texts.words_of(*(content.decode() for content in configurations()[:60]))


@cache
def keras_archives() -> tuple[bytes, ...]:
    """Return archives of Keras, without weights."""
    return tuple(
        archives.pack([("metadata.json", b"{}", 0), ("config.json", content, 8), ("model.weights.h5", b"", 0)])
        for content in configurations()[:40]
    )


@cache
def hdf5() -> tuple[bytes, ...]:
    """Return HDF5 files of Keras with a configuration, and a few weights."""
    return tuple(_hdf5(content) for content in configurations()[:20])


def _hdf5(configuration: bytes) -> bytes:
    import h5py

    file = io.BytesIO()
    with h5py.File(file, "w") as archive:
        archive.attrs["model_config"] = configuration
        weights = archive.create_group("model_weights")
        weights.attrs["layer_names"] = [b"dense"]
        layer = weights.create_group("dense")
        layer.attrs["weight_names"] = [b"dense/kernel:0"]
        layer["dense/kernel:0"] = [[1.0, 2.0]]
    return file.getvalue()


def change_hdf5(random: Random, content: bytes, other: bytes) -> bytes:
    """Return a file with another configuration, or with other bytes."""
    import h5py

    if random.random() < 0.6:
        try:
            found = []
            for each in (content, other):
                with h5py.File(io.BytesIO(each)) as archive:
                    text = archive.attrs["model_config"]
                    found.append(text if isinstance(text, bytes) else text.encode())
            return _hdf5(trees.mutator(keras_words)(random, *found))
        except Exception:
            return octets.mutate(random, content, other)
    return octets.mutate(random, content, other)


@cache
def onnx() -> tuple[bytes, ...]:
    """Return files of ONNX: a small network, and one for most operations."""
    known = names_in("importing/test_onnx_files.py")
    node, model, tensor = known["node"], known["model"], known["tensor"]
    weights = (tensor("w", 4, 4, 3, 3), tensor("b", 4), tensor("v", 4, 4), tensor("s", 2, kind=7, values=[1, 256]))
    simple = [
        node("Conv", "x w b", "y", kernel_shape=[3, 3], pads=[1, 1, 1, 1], group=1),
        node("ConvTranspose", "x w", "y", strides=[2, 2]),
        node("MaxPool", "x", "y", kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1),
        node("AveragePool", "x", "y", kernel_shape=[3, 3], auto_pad="SAME_UPPER"),
        node("BatchNormalization", "x b b b b", "y", epsilon=1e-5),
        node("Reshape", "x s", "y"),
        node("Transpose", "x", "y", perm=[0, 2, 3, 1]),
        node("Concat", "x x", "y", axis=1),
        node("Resize", "x - - s", "y", mode="nearest"),
        node("Softmax", "x", "y", axis=1),
        node("Slice", "x s s", "y"),
        node("Clip", "x", "y", min=0.0, max=6.0),
        node("MatMul", "x v", "y"),
        node("Pad", "x s", "y", mode="reflect"),
        node("ReduceMean", "x", "y", axes=[2, 3], keepdims=0),
        node("Split", "x", "y z", axis=1),
        node("Gather", "x s", "y", axis=0),
        node("LSTM", "x w b", "y", hidden_size=4, direction="bidirectional"),
        node("PRelu", "x b", "y"),
        node("InstanceNormalization", "x b b", "y"),
        node("Einsum", "x v", "y", equation="nchw,cd->ndhw"),
    ]
    simple += [node(operation, "x", "y") for operation in sorted(known["OTHERS"])[:40]]
    return (known["NET"], *(model(each, *weights) for each in simple))


@cache
def programs() -> tuple[bytes, ...]:
    """Return a program of PyTorch."""
    return ((ROOT / "tests" / "data" / "tiny.pt2").read_bytes(),)


def change_program(random: Random, content: bytes, other: bytes) -> bytes:
    """Return a program in which operations, arguments, shapes or members are others."""
    return archives.mutator(trees.mutator(aten))(random, content, other)


@cache
def aten() -> tuple[str, ...]:
    """Return the words of a program, and names of operations."""
    text = " ".join(content.decode("utf-8", "replace") for _, content, _ in archives.members(programs()[0]))
    names = "view reshape permute cat chunk slice select mean max_pool2d batch_norm conv2d linear matmul softmax"
    operations = [f"torch.ops.aten.{name}.default" for name in names.split()]
    return (*texts.words_of(text), *operations)


TARGETS = [
    Target("keras-json", configurations, trees.mutator(keras_words), reader("json")),
    Target("keras-archive", keras_archives, archives.mutator(trees.mutator(keras_words)), reader("keras")),
    Target("keras-h5", hdf5, change_hdf5, reader("h5"), needs=("h5py",), spawns=True),
    Target("onnx", onnx, messages.mutate, reader("onnx")),
    Target("pt2", programs, change_program, reader("pt2")),
]
