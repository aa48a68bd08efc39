"""The file of an ONNX model as records: of weights only the shapes, of short lists of numbers the numbers too.

The messages are those of onnx.proto (https://github.com/onnx/onnx). A file is not trusted.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping
from math import prod
from typing import Any, Final, NamedTuple

from cnnspec.importing.graphs.protobuf import VARINT, BrokenMessageError, Field, Reader, signed
from cnnspec.importing.graphs.steps import Known
from cnnspec.ir.shapes import Shape

MOST_NODES: Final = 200_000
MOST_AXES: Final = 8
MOST_NUMBERS: Final = 1024
FEW: Final = 64
"""The most numbers of a tensor that are read, as shapes, axes and limits have."""
FORMS: Final = {1: "<f", 2: "<B", 3: "<b", 5: "<h", 6: "<i", 7: "<q", 9: "<?", 10: "<e", 11: "<d", 12: "<I", 13: "<Q"}
"""How the numbers of a type lie in a file, by the number of the type."""
UNSET: Final[Mapping[int, Any]] = {1: 0.0, 2: 0, 3: "", 6: [], 7: []}
"""What an attribute of a type is whose value is not written."""
EXTERNAL: Final = 1


class Node(NamedTuple):
    """One operation; an attribute that is a graph, or of another kind that no layer has, is a Foreign."""

    name: str
    operation: str
    domain: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]


class Foreign(NamedTuple):
    """A value of an attribute that is not read."""

    what: str


class Model(NamedTuple):
    """A model; a size that is left open is None, and so is a shape that is not told."""

    producer: str
    opset: int
    nodes: list[Node]
    weights: dict[str, Known]
    inputs: dict[str, tuple[int | None, ...] | None]
    outputs: list[str]
    stated: dict[str, tuple[int | None, ...] | None]
    external: int


def read_model(data: memoryview) -> Model:
    """Return the model of a file; raise BrokenMessageError."""
    reader = Reader(data)
    model = Model("", 0, [], {}, {}, [], {}, 0)
    graph: Field | None = None
    for field in reader.fields(0, len(data)):
        if field[0] == 2:
            model = model._replace(producer=reader.text(field))
        elif field[0] == 7:
            graph = field
        elif field[0] == 8:
            domain, version = _opset(reader, field)
            model = model._replace(opset=version) if domain in STANDARD else model
    if graph is None:
        raise BrokenMessageError("there is no graph in it")
    external = _graph(reader, graph, model)
    return model._replace(external=external)


STANDARD: Final = ("", "ai.onnx")
"""What the domain of ONNX' own operations is called."""


def _opset(reader: Reader, field: Field) -> tuple[str, int]:
    domain, version = "", 0
    for each in reader.inside(field):
        if each[0] == 1:
            domain = reader.text(each)
        elif each[0] == 2:
            version = _integer(each)
    return domain, version


def _graph(reader: Reader, graph: Field, model: Model) -> int:
    """Read a graph into a model; return how many weights lie in other files."""
    external = 0
    for field in reader.inside(graph):
        number = field[0]
        if number == 1:
            model.nodes.append(_node(reader, field))
            if len(model.nodes) > MOST_NODES:
                raise BrokenMessageError(f"it has more than {MOST_NODES:,} nodes")
        elif number == 5:
            known, is_external = tensor(reader, field)
            model.weights[known.name] = known
            external += is_external
        elif number in (11, 12, 13):
            name, shape = _value(reader, field)
            model.stated[name] = model.stated.get(name) if shape is None else shape
            if number == 11:
                model.inputs[name] = shape
            elif number == 12:
                model.outputs.append(name)
        elif number == 15:
            raise BrokenMessageError("it has sparse weights, which are not read")
    return external


def _node(reader: Reader, field: Field) -> Node:
    name = operation = domain = ""
    inputs: list[str] = []
    outputs: list[str] = []
    attributes: dict[str, Any] = {}
    for each in reader.inside(field):
        number = each[0]
        if number == 1:
            inputs.append(reader.text(each))
        elif number == 2:
            outputs.append(reader.text(each))
        elif number == 3:
            name = reader.text(each)
        elif number == 4:
            operation = reader.text(each)
        elif number == 5:
            key, value = _attribute(reader, each)
            attributes[key] = value
        elif number == 7:
            domain = reader.text(each)
    return Node(name, operation, domain, tuple(inputs), tuple(outputs), attributes)


def _attribute(reader: Reader, field: Field) -> tuple[str, Any]:
    name, kind, found = "", 0, None
    lists: list[Any] = []
    for each in reader.inside(field):
        number = each[0]
        if number == 1:
            name = reader.text(each)
        elif number == 20:
            kind = _integer(each)
        elif number == 21:
            found = Foreign("an argument of a function")
        elif number in (7, 8):
            lists += reader.numbers(each, "<f", MOST_NUMBERS) if number == 7 else reader.integers(each, MOST_NUMBERS)
            if len(lists) > MOST_NUMBERS:
                raise BrokenMessageError(f"an attribute has more than {MOST_NUMBERS:,} numbers")
        elif number in ATTRIBUTES:
            found = ATTRIBUTES[number](reader, each)
    if lists:
        return name, lists
    return name, found if found is not None else UNSET.get(kind, Foreign("nothing that is known"))


def _one_float(reader: Reader, field: Field) -> float:
    """Return a number with as few digits as tell it from its neighbours of 32 bits, as it was before it was stored."""
    stored = float(reader.number(field, "<f"))
    texts = (f"{stored:.{digits}g}" for digits in range(1, 10))
    return next((short for text in texts if _stored(short := float(text)) == stored), stored)


def _stored(value: float) -> float:
    try:
        return float(struct.unpack("<f", struct.pack("<f", value))[0])
    except OverflowError:
        return float("inf")


def _one_tensor(reader: Reader, field: Field) -> Known:
    return tensor(reader, field)[0]


ATTRIBUTES: Final[Mapping[int, Callable[[Reader, Field], Any]]] = {
    2: _one_float,
    3: lambda _, field: _integer(field),
    4: Reader.text,
    5: _one_tensor,
    6: lambda *_: Foreign("a graph"),
}


def tensor(reader: Reader, field: Field) -> tuple[Known, bool]:
    """Return what is known of a tensor, and whether its numbers lie in another file."""
    name, kind, dims, external = "", 0, [], False
    raw: Field | None = None
    lists: list[Field] = []
    for each in reader.inside(field):
        number = each[0]
        if number == 1:
            dims += reader.integers(each, MOST_AXES)
        elif number == 2:
            kind = _integer(each)
        elif number == 8:
            name = reader.text(each)
        elif number == 9:
            raw = each
        elif number in (4, 5, 7, 10, 11):
            lists.append(each)
        elif number == 14:
            external = _integer(each) == EXTERNAL
    if len(dims) > MOST_AXES or any(size < 0 for size in dims):
        raise BrokenMessageError(f"a tensor has the sizes {dims[:MOST_AXES]}")
    shape = tuple(dims)
    if raw is not None and kind in FORMS and not external:
        _demand_size(raw, kind, shape)
    few = not external and prod(shape) <= FEW
    return Known(shape, _numbers(reader, kind, raw, lists, shape) if few else None, name), external


def _demand_size(raw: Field, kind: int, shape: Shape) -> None:
    size = {"B": 1, "b": 1, "?": 1, "h": 2, "e": 2, "q": 8, "Q": 8, "d": 8}.get(FORMS[kind][1], 4)
    if raw[3] - raw[2] != size * prod(shape):
        raise BrokenMessageError(f"a tensor of the sizes {list(shape)} has {raw[3] - raw[2]:,} bytes")


def _numbers(
    reader: Reader, kind: int, raw: Field | None, lists: list[Field], shape: Shape
) -> tuple[int | float, ...] | None:
    """Return the numbers of a tensor that has few, None where they are of an unusual type."""
    if kind not in FORMS:
        return None
    found: list[int | float] = []
    if raw is not None:
        found = reader.numbers(raw, FORMS[kind], FEW)
    for field in lists if raw is None else ():
        if field[0] in (5, 7, 11):
            found += reader.integers(field, FEW)
        else:
            found += reader.numbers(field, "<f" if field[0] == 4 else "<d", FEW)
    return tuple(found) if (len(found) == prod(shape) and kind != 10) or raw is not None else None


def _value(reader: Reader, field: Field) -> tuple[str, tuple[int | None, ...] | None]:
    """Return the name and the shape of an input, an output, or another tensor."""
    name, shape = "", None
    for each in reader.inside(field):
        if each[0] == 1:
            name = reader.text(each)
        elif each[0] == 2:
            for kind in _within(reader, each, 1):
                for sizes in _within(reader, kind, 2):
                    shape = tuple(_size(reader, size) for size in _within(reader, sizes, 1))
    return name, shape if shape is None or len(shape) <= MOST_AXES else None


def _within(reader: Reader, field: Field, number: int) -> Iterator[Field]:
    return (each for each in reader.inside(field) if each[0] == number)


def _size(reader: Reader, field: Field) -> int | None:
    found = [_integer(each) for each in reader.inside(field) if each[0] == 1]
    return found[0] if found and found[0] > 0 else None


def _integer(field: Field) -> int:
    if field[1] != VARINT:
        raise BrokenMessageError("an integer is of another type")
    return signed(field[2])
