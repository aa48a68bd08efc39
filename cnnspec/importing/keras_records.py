"""The configuration of a Keras model of any version, as records of its layers: nothing is known of kinds here.

Keras 1 and 2 write where a layer is applied as lists, `[layer, application, output, other arguments]`; Keras 3 as the
arguments of the call, in which tensors are objects of the class `__keras_tensor__`. A configuration is not trusted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from cnnspec.errors import shorten
from cnnspec.text.limits import STANDARD

MODELS: Final = ("Sequential", "Functional", "Model")
"""The classes of models, as all versions call them."""
INPUT: Final = "InputLayer"
TENSOR: Final = "__keras_tensor__"
DEEPEST: Final = 32
"""How many models may lie within each other."""


class BrokenConfigError(Exception):
    """A configuration is not what Keras writes; the text finishes the sentence 'in it, ...'."""


class Ref(NamedTuple):
    """A tensor: which output of which application of which layer."""

    layer: str
    application: int = 0
    output: int = 0


class Application(NamedTuple):
    """One application of a layer: the tensors that it reads in their order, and what else is passed to it.

    `values` holds every argument without a name, with None in the place of tensors; `shapes` are those of the tensors,
    where the file has them.
    """

    reads: tuple[Ref, ...]
    values: tuple[Any, ...] = ()
    keywords: Mapping[str, Any] = {}
    shapes: Mapping[Ref, tuple[int, ...]] = {}


class Record(NamedTuple):
    """A layer as the file has it."""

    name: str
    class_name: str
    module: str
    config: Mapping[str, Any]
    applications: tuple[Application, ...]


class Model(NamedTuple):
    """A model: its layers by name, which tensors enter and which leave it.

    The shape of what enters a sequential model without an input layer stands in `entering`, if it stands anywhere.
    """

    name: str
    records: Mapping[str, Record]
    inputs: tuple[Ref, ...]
    outputs: tuple[Ref, ...]
    entering: Any = None
    trainable: bool = True


def is_model(class_name: object, config: object) -> bool:
    """Tell whether a class with its configuration is a model of layers."""
    return class_name in MODELS and (isinstance(config, list) or (isinstance(config, dict) and "layers" in config))


def read_model(document: object) -> Model:
    """Return the model of a configuration with its class; raise BrokenConfigError."""
    found = _mapping(document, "the model")
    class_name, config = found.get("class_name"), found.get("config")
    if not is_model(class_name, config):
        shown = shorten(class_name) if isinstance(class_name, str) else "nothing"
        raise BrokenConfigError(f"the class is `{shown}`, not one of {', '.join(MODELS)}")
    settings = {"layers": config} if isinstance(config, list) else _mapping(config, "the configuration of the model")
    layers = _list(settings["layers"], "`layers`")
    if len(layers) > STANDARD.nodes:
        raise BrokenConfigError(f"there are more than {STANDARD.nodes:,} layers")
    return _sequential(settings, layers) if class_name == MODELS[0] else _functional(settings, layers)


def _sequential(settings: Mapping[str, Any], layers: list[Any]) -> Model:
    records: dict[str, Record] = {}
    entering = settings.get("build_input_shape")
    behind: Ref | None = None
    for number, layer in enumerate(layers):
        found = _record(layer, f"layer{number + 1}")
        if behind is None:
            entering = _entering(found) or entering
        reads = (behind,) if behind else ()
        if found.name in records:
            raise BrokenConfigError(f"the name `{shorten(found.name)}` is there twice")
        records[found.name] = found._replace(applications=(Application(reads),))
        behind = Ref(found.name)
    if behind is None:
        raise BrokenConfigError("the model has no layers")
    first = next(iter(records.values()))
    inputs = (Ref(first.name),) if first.class_name == INPUT else ()
    return Model(_name(settings, "sequential"), records, inputs, (behind,), entering, _trainable(settings))


def _entering(record: Record) -> Any:
    """Return the shape of what enters a first layer, with the batch in front, None where it is not told."""
    config = record.config
    for key in ("batch_shape", "batch_input_shape"):
        if isinstance(config.get(key), list):
            return config[key]
    if isinstance(config.get("input_shape"), list):
        return [None, *config["input_shape"]]
    inner = config.get("layer")
    if isinstance(inner, dict) and isinstance(inner.get("config"), dict):
        return _entering(record._replace(config=inner["config"]))
    layers = config.get("layers")
    if isinstance(layers, list) and layers and isinstance(layers[0], dict):
        return _entering(_record(layers[0], record.name))
    if isinstance(config.get("input_dim"), int):
        length = [config["input_length"]] if isinstance(config.get("input_length"), int) else []
        return [None, *length, config["input_dim"]]
    return None


def _functional(settings: Mapping[str, Any], layers: list[Any]) -> Model:
    records: dict[str, Record] = {}
    for number, layer in enumerate(layers):
        found = _record(layer, f"layer{number + 1}")
        nodes = layer.get("inbound_nodes", [])
        if not isinstance(nodes, list):
            raise BrokenConfigError(f"`inbound_nodes` of `{shorten(found.name)}` is no list")
        applications = tuple([_application(node) for node in nodes])
        if found.name in records:
            raise BrokenConfigError(f"the name `{shorten(found.name)}` is there twice")
        records[found.name] = found._replace(applications=applications or (Application(()),))
    inputs, outputs = (tuple(_refs(settings.get(key, []))) for key in ("input_layers", "output_layers"))
    if not inputs or not outputs:
        raise BrokenConfigError("the model has no inputs or no outputs")
    for ref in (*inputs, *outputs):
        _demand_known(ref, records)
    return Model(_name(settings, "model"), records, inputs, outputs, None, _trainable(settings))


def _record(layer: Any, unnamed: str) -> Record:
    found = _mapping(layer, f"layer `{unnamed}`")
    class_name, config = found.get("class_name"), found.get("config", {})
    if not isinstance(class_name, str):
        raise BrokenConfigError(f"layer `{unnamed}` has no class")
    settings = {"layers": config} if isinstance(config, list) else _mapping(config, f"the configuration of `{unnamed}`")
    name = found.get("name") or settings.get("name")
    module = found.get("module")
    return Record(
        name if isinstance(name, str) else unnamed,
        class_name,
        module if isinstance(module, str) else "",
        settings,
        (),
    )


def _application(node: Any) -> Application:
    if isinstance(node, dict):
        return _called(_list(node.get("args", []), "`args`"), _mapping(node.get("kwargs", {}), "`kwargs`"))
    reads: list[Ref] = []
    keywords: dict[str, Any] = {}
    for part in [node] if _is_ref(node) else _list(node, "an application"):
        reads.append(_ref(part))
        if len(part) > 3 and isinstance(part[3], dict):
            keywords |= part[3]
    for value in list(keywords.values()):
        several = isinstance(value, list) and value and all(map(_is_ref, value))
        reads += [_ref(found) for found in (value if several else [value]) if _is_ref(found)]
    return Application(tuple(reads), tuple(None for _ in reads), keywords)


def _called(values: list[Any], keywords: Mapping[str, Any]) -> Application:
    """Return an application from the arguments of a call, in which tensors are objects."""
    reads: list[Ref] = []
    shapes: dict[Ref, tuple[int, ...]] = {}
    plain = tuple(_without_tensors(value, reads, shapes) for value in values)
    named = {name: _without_tensors(value, reads, shapes) for name, value in keywords.items()}
    return Application(tuple(reads), plain, named, shapes)


def _without_tensors(value: Any, reads: list[Ref], shapes: dict[Ref, tuple[int, ...]], depth: int = 0) -> Any:
    """Return a value with None for the tensors in it, which go to `reads`."""
    if depth > 8:
        raise BrokenConfigError("arguments of a call lie too deep in each other")
    if isinstance(value, list):
        return [_without_tensors(part, reads, shapes, depth + 1) for part in value]
    if not isinstance(value, dict) or value.get("class_name") != TENSOR:
        return value
    config = _mapping(value.get("config"), "a tensor")
    reads.append(_ref(config.get("keras_history")))
    shape = config.get("shape")
    if isinstance(shape, list) and all(isinstance(size, int) and size > 0 for size in shape[1:]) and shape[1:]:
        shapes[reads[-1]] = tuple(shape[1:])
    return None


def _is_ref(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) >= 3
        and isinstance(value[0], str)
        and all(isinstance(part, int) and part >= 0 for part in value[1:3])
    )


def _ref(value: Any) -> Ref:
    if not _is_ref(value):
        raise BrokenConfigError(f"`{shorten(value)}` is no tensor of a layer")
    return Ref(value[0], value[1], value[2])


def _refs(value: Any, depth: int = 0) -> Iterator[Ref]:
    """Yield the tensors of a list, of a mapping, or one alone."""
    if depth > 8:
        raise BrokenConfigError("inputs or outputs lie too deep in each other")
    if _is_ref(value):
        yield _ref(value)
        return
    for part in value.values() if isinstance(value, dict) else _list(value, "inputs or outputs"):
        yield from _refs(part, depth + 1)


def in_order(model: Model) -> Iterator[tuple[Record, int]]:
    """Yield all applications of layers, each behind those that it reads, as near to the file's order as may be.

    Raise BrokenConfigError where layers read each other in a circle, or one that is not there.
    """
    waiting: dict[tuple[str, int], list[tuple[str, int]]] = {}
    left: dict[tuple[str, int], int] = {}
    ready: deque[tuple[str, int]] = deque()
    for record in model.records.values():
        for number, application in enumerate(record.applications):
            key = (record.name, number)
            needed = {(ref.layer, ref.application) for ref in application.reads}
            for ref in application.reads:
                _demand_known(ref, model.records)
            if number:  # Keras counts applications in the order of the calls
                needed.add((record.name, number - 1))
            open_ = [other for other in needed if other not in left or left[other]]
            left[key] = len(open_)
            for other in open_:
                waiting.setdefault(other, []).append(key)
            if open_:
                continue
            ready.append(key)
            while ready:
                name, place = done = ready.popleft()
                yield model.records[name], place
                for other in waiting.pop(done, ()):
                    left[other] -= 1
                    if not left[other]:
                        ready.append(other)
    if waiting:
        names = {name for others in waiting.values() for name, _ in others}
        raise BrokenConfigError(f"layers read each other in a circle: {shorten(', '.join(sorted(names)), 80)}")


def _demand_known(ref: Ref, records: Mapping[str, Record]) -> None:
    if ref.layer not in records or ref.application >= len(records[ref.layer].applications):
        raise BrokenConfigError(f"there is no layer `{shorten(ref.layer)}` that is applied {ref.application + 1} times")


def _name(settings: Mapping[str, Any], default: str) -> str:
    name = settings.get("name")
    return name if isinstance(name, str) and name else default


def _trainable(settings: Mapping[str, Any]) -> bool:
    return settings.get("trainable") is not False


def _mapping(value: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise BrokenConfigError(f"{what} is no mapping")
    return value


def _list(value: Any, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise BrokenConfigError(f"{what} is no list")
    return value
