"""A program that `torch.export` has written as JSON, as the steps of a graph; nothing in it is run.

torch/_export/serde/schema.py tells what the JSON holds. A file is not trusted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import isfinite
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cnnspec.errors import shorten
from cnnspec.importing.graphs.aten_arguments import OVERLOAD
from cnnspec.importing.graphs.aten_operations import is_known, perform
from cnnspec.importing.graphs.entrances import enter, stated_shapes
from cnnspec.importing.graphs.flow import Flow
from cnnspec.importing.graphs.reading import follow, leave
from cnnspec.importing.graphs.steps import Known, Step

if TYPE_CHECKING:
    from cnnspec.importing.draft import Draft

SCHEMA: Final = 8
"""The version of the schema that is read."""
ATEN: Final = "torch.ops.aten."
WEIGHTS: Final = ("parameter", "buffer", "tensor_constant")
"""What an input of the graph may be beside one of the user's."""
MOST_NODES: Final = 200_000
DEEPEST: Final = 8
SYMBOL: Final = "sizes:"
"""What stands before the name of a size that a step computes."""
Sizes = tuple[int | None, ...]


class BrokenProgramError(Exception):
    """JSON is not what `torch.export` writes; the text finishes the sentence 'it is broken: ...'."""


class Tensors(NamedTuple):
    """The tensors of an argument of a step."""

    names: tuple[str, ...]


def read_program(document: Any, draft: Draft) -> None:
    """Read a program into a draft; raise BrokenProgramError."""
    program = _mapping(document, "the program")
    version = _mapping(program.get("schema_version"), "`schema_version`").get("major")
    if version != SCHEMA:
        raise BrokenProgramError(f"its schema has the version {shorten(version)}, not {SCHEMA}")
    module = _mapping(program.get("graph_module"), "`graph_module`")
    graph = _mapping(module.get("graph"), "`graph`")
    signature = _mapping(module.get("signature"), "`signature`")
    sizes = {name: _sizes(each) for name, each in _mapping(graph.get("tensor_values"), "`tensor_values`").items()}
    flow = Flow(draft, shares=True)
    weights = dict(_weights(signature))
    flow.values |= {
        name: Known(tuple(size or 1 for size in sizes.get(name, ())), None, weight) for name, weight in weights.items()
    }
    entries = {name: sizes.get(name) for name in _tensors(graph.get("inputs")) if name not in weights}
    nodes = _list(graph.get("nodes"), "`nodes`")
    if len(nodes) > MOST_NODES:
        raise BrokenProgramError(f"it has more than {MOST_NODES:,} nodes")
    steps = [_step(node, number) for number, node in enumerate(nodes, 1)]
    if enter(flow, entries, steps, "aten"):
        flow.stated = stated_shapes(flow, sizes)
    follow(flow, steps, perform, is_known)
    changed = set(_changed(signature))
    leave(flow, [name for name in _tensors(graph.get("outputs")) if name not in changed])


def _weights(signature: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the tensors of the graph that are no inputs of the user's, and what the module calls them."""
    for spec in _list(signature.get("input_specs"), "`input_specs`"):
        for kind in WEIGHTS:
            found = _mapping(spec, "an input").get(kind)
            if isinstance(found, Mapping):
                name = _mapping(found.get("arg"), "an input").get("name")
                yield str(name), str(found.get(f"{kind}_name"))


def _changed(signature: Mapping[str, Any]) -> Iterator[str]:
    """Yield the outputs of the graph that only bring buffers up to date."""
    for spec in _list(signature.get("output_specs"), "`output_specs`"):
        found = _mapping(spec, "an output").get("buffer_mutation")
        if isinstance(found, Mapping):
            yield str(_mapping(found.get("arg"), "an output").get("name"))


def _tensors(arguments: Any) -> list[str]:
    names: list[str] = []
    for argument in _list(arguments, "inputs or outputs"):
        value = _value(argument)
        is_size = isinstance(value, str) and value.startswith(SYMBOL)
        names += value.names if isinstance(value, Tensors) else [value] * is_size
    return names


def _sizes(meta: Any) -> Sizes:
    found = []
    for size in _list(_mapping(meta, "a tensor").get("sizes"), "`sizes`"):
        value = size.get("as_int") if isinstance(size, Mapping) else None
        found.append(value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None)
    return tuple(found)


def _step(node: Any, number: int) -> Step:
    found = _mapping(node, f"node {number}")
    target = str(found.get("target"))
    operation, _, overload = target.removeprefix(ATEN).partition(".") if target.startswith(ATEN) else (target, "", "")
    arguments: dict[str, Any] = {OVERLOAD: overload}
    reads: list[str] = []
    labels: list[str] = []
    for argument in _list(found.get("inputs"), f"`inputs` of node {number}"):
        name = str(_mapping(argument, "an argument").get("name"))
        value = _value(argument.get("arg"))
        if isinstance(value, Tensors):
            reads += value.names
            labels += [name] * len(value.names)
        else:
            arguments[name] = value
    outputs = tuple(_tensors(found.get("outputs")))
    path, label = _place(found, operation.strip("_") or f"node_{number}")
    return Step(operation, path, label, tuple(reads), outputs, arguments, tuple(labels))


def _place(node: Mapping[str, Any], operation: str) -> tuple[str, str]:
    """Return where the module has a layer, for messages, and a name that is made of it.

    `nn_module_stack` has an entry `key,path,class` per module, the innermost last, which is the layer's own where it
    has no modules in it; what a module does itself is told by the step.
    """
    metadata = node.get("metadata")
    stack = metadata.get("nn_module_stack") if isinstance(metadata, Mapping) else None
    last = stack.split(";")[-1].split(",") if isinstance(stack, str) else []
    path = last[1] if len(last) > 2 else ""
    is_own = ".nn.modules." in last[-1] if last else False
    full = path if is_own and path else f"{path}.{operation}" if path else operation
    return full, full.replace(".", "_")


def _value(argument: Any, depth: int = 0) -> Any:
    """Return the value of an argument: the names of tensors as Tensors, a size that is computed as None."""
    if depth > DEEPEST:
        raise BrokenProgramError("arguments lie too deep in each other")
    found = _mapping(argument, "an argument")
    key, value = next(((key, each) for key, each in found.items() if key.startswith("as_")), ("", None))
    if key in ("as_tensor", "as_optional_tensor"):
        inner = _mapping(value, "a tensor")
        return Tensors((str(inner["name"]),)) if "name" in inner else _value(inner, depth + 1)
    if key in NOTHING:
        return None
    return READERS.get(key, _unread)(value)


def _unread(value: object) -> str:
    return shorten(value)


def _names(value: Any) -> Iterator[str]:
    for each in _list(value, "tensors"):
        inner = _mapping(each, "a tensor")
        inner = inner.get("as_tensor", inner)
        name = inner.get("name") if isinstance(inner, Mapping) else None
        yield str(name) if name is not None else ""


def _symbol(value: Any) -> Any:
    """Return a size: its number, or the name of what computes it."""
    found = _mapping(value, "a size")
    if isinstance(found.get("as_int"), int):
        return found["as_int"]
    return f"{SYMBOL}{found.get('as_name')}"


def _symbols(value: Any) -> list[Any]:
    return [_symbol(each) for each in _list(value, "sizes")]


def _plain(value: Any) -> Any:
    """Return a number, a truth value, a text, or a list of them; a number that is none as a text."""
    if isinstance(value, list):
        return [_plain(each) for each in value if not isinstance(each, list)]
    if isinstance(value, float) and not isfinite(value):
        return str(value)
    return value if isinstance(value, int | float | str) else None


NOTHING: Final = ("", "as_none", "as_sym_bool", "as_device", "as_layout", "as_memory_format", "as_scalar_type")
"""What an argument holds that is no number: nothing, or where and how a tensor lies in memory."""
READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "as_tensors": lambda value: Tensors(tuple(_names(value))),
    "as_optional_tensors": lambda value: Tensors(tuple(_names(value))),
    **dict.fromkeys(
        ("as_int", "as_float", "as_bool", "as_string", "as_ints", "as_floats", "as_bools", "as_strings"), _plain
    ),
    "as_sym_int": _symbol,
    "as_sym_ints": _symbols,
}


def _mapping(value: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise BrokenProgramError(f"{what} is no object of JSON")
    return value


def _list(value: Any, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise BrokenProgramError(f"{what} is no list")
    return value
