"""A Keras model in the formats of other libraries, whose converters do not know every layer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cnnspec.errors import CnnspecError, shorten
from cnnspec.keras.silence import unlogged
from cnnspec.keras.tracing import trace


def to_saved_model(model: Any, folder: Path) -> None:
    """Write a SavedModel, whose signature has the names of the model's inputs."""
    specs = _specs(model)
    with unlogged("absl", "tensorflow"):
        model.export(folder, verbose=False, input_signature=specs if len(specs) == 1 else [specs])


def to_tflite(model: Any) -> bytes:
    """Return a TensorFlow Lite model that needs nothing but the built-in operations."""
    lite = import_module("tensorflow").lite
    with TemporaryDirectory() as folder, _faults("TensorFlow Lite"):
        to_saved_model(model, Path(folder))
        return bytes(lite.TFLiteConverter.from_saved_model(folder).convert())


def require_onnx() -> None:
    """Raise CnnspecError where the converter to ONNX is missing; it is not imported, which would take seconds."""
    try:
        found = find_spec("tf2onnx") and find_spec("onnx")
    except ValueError:  # a module that someone has put aside
        found = None
    if found is None:
        step = 'pip install "cnnspec[onnx]"'
        raise CnnspecError.one("E509", "ONNX needs tf2onnx", help=step)


def to_onnx(model: Any) -> bytes:
    """Return an ONNX model with the names of the model's inputs and outputs, for any number of samples."""
    require_onnx()
    onnx, convert = import_module("onnx"), import_module("tf2onnx.convert")
    with _faults("ONNX"):
        function = _frozen(model)
        inputs, outputs = [tensor.name for tensor in function.inputs], [tensor.name for tensor in function.outputs]
        converted, _ = convert.from_graph_def(
            function.graph.as_graph_def(),
            name=model.name,
            input_names=inputs,
            output_names=outputs,
            tensors_to_rename=_renamed(inputs, model.inputs) | _renamed(outputs, model.outputs),
            custom_op_handlers={"Erfc": (_complement, [])},
        )
        _set_groups(onnx, converted)
        onnx.checker.check_model(converted, full_check=True)  # the converter leaves what it does not know as it is
        return bytes(converted.SerializeToString())


def _specs(model: Any) -> list[Any]:
    tensorflow = import_module("tensorflow")
    return [tensorflow.TensorSpec(tensor.shape, tensor.dtype, name=tensor.name) for tensor in model.inputs]


def _frozen(model: Any) -> Any:
    """Return a model as a function without variables: its weights are constants."""
    freezing = import_module("tensorflow.python.framework.convert_to_constants")
    function = trace(lambda *inputs: model(inputs[0] if len(inputs) == 1 else inputs, training=False), *_specs(model))
    return freezing.convert_variables_to_constants_v2(function)


def _renamed(names: list[str], tensors: Any) -> dict[str, str]:
    """Return the names of the layers that tensors come from, for the names that freezing has given them."""
    return {
        name: tensor._keras_history.operation.name  # noqa: SLF001 - the only way to the layer
        for name, tensor in zip(names, tensors, strict=True)
    }


def _set_groups(onnx: Any, model: Any) -> None:
    """Give every convolution its groups, which tf2onnx forgets: the input's channels over the kernel's."""
    graph = onnx.shape_inference.infer_shapes(model).graph
    values = [*graph.input, *graph.value_info]
    shapes = {value.name: [size.dim_value for size in value.type.tensor_type.shape.dim] for value in values}
    shapes |= {kernel.name: list(kernel.dims) for kernel in graph.initializer}
    for node in model.graph.node:
        if node.op_type == "Conv":
            groups = shapes[node.input[0]][1] // shapes[node.input[1]][1]
            kept = [attribute for attribute in node.attribute if attribute.name != "group"]
            del node.attribute[:]
            node.attribute.extend([*kept, onnx.helper.make_attribute("group", groups)])


def _complement(context: Any, node: Any, *_: Any) -> None:
    """Write erfc(x), which gelu needs and tf2onnx does not know, as 1 − erf(x)."""
    numpy = import_module("numpy")
    facts = {"shapes": node.output_shapes, "dtypes": node.output_dtypes}
    context.remove_node(node.name)
    one = context.make_const(f"{node.name}_one", numpy.array(1, dtype=numpy.float32))
    error = context.make_node("Erf", node.input, name=f"{node.name}_erf", **facts)
    context.make_node("Sub", [one.output[0], error.output[0]], name=node.name, outputs=node.output, **facts)


@contextmanager
def _faults(form: str) -> Iterator[None]:
    """Turn whatever a converter raises into a diagnostic, and keep quiet what it logs meanwhile."""
    try:
        with unlogged("tensorflow", "tf2onnx"):
            yield
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001 - converters raise whatever the libraries below them do
        fact = shorten(str(error).strip().partition("\n")[0] or error.__class__.__name__, 200)
        message = f"this network cannot be written as {form}"
        raise CnnspecError.one("E509", message, notes=(fact,)) from None
