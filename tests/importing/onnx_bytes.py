"""ONNX files, written byte by byte as onnx.proto says so that most tests need no onnx package; what is read of them."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest

import cnnspec
from cnnspec.importing.opening import Opened, open_model
from cnnspec.importing.spec import write_spec

FLOAT, INT, STRING, INTS = 1, 2, 3, 7


def varint(value: int) -> bytes:
    """Return a number as the wire format has it."""
    value &= 2**64 - 1
    found = b""
    while value > 0x7F:
        found += bytes([value & 0x7F | 0x80])
        value >>= 7
    return found + bytes([value])


def field(number: int, value: int | str | bytes) -> bytes:
    """Return a field of a message."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    content = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(content)) + content


def attribute(name: str, value: Any) -> bytes:
    """Return an attribute of a node."""
    if isinstance(value, float):
        return field(5, field(1, name) + varint(2 << 3 | 5) + struct.pack("<f", value) + field(20, FLOAT))
    if isinstance(value, int):
        return field(5, field(1, name) + field(3, value) + field(20, INT))
    if isinstance(value, str):
        return field(5, field(1, name) + field(4, value) + field(20, STRING))
    return field(5, field(1, name) + b"".join(field(8, each) for each in value) + field(20, INTS))


def node(operation: str, reads: str, makes: str, name: str = "", **attributes: Any) -> bytes:
    """Return an operation; its tensors are words, `-` stands for one that is left out."""
    inputs = b"".join(field(1, "" if word == "-" else word) for word in reads.split())
    outputs = b"".join(field(2, word) for word in makes.split())
    own = b"".join(attribute(key, value) for key, value in attributes.items())
    return field(1, inputs + outputs + field(3, name) + field(4, operation) + own)


def tensor(name: str, *shape: int, values: list[float] | None = None, kind: int = 1) -> bytes:
    """Return weights; they are zeros, unless numbers are given."""
    count = 1
    for size in shape:
        count *= size
    raw = bytes(count * 4) if values is None else struct.pack(f"<{count}{'q' if kind == 7 else 'f'}", *values)
    return field(5, b"".join(field(1, size) for size in shape) + field(2, kind) + field(8, name) + field(9, raw))


def value(number: int, name: str, *shape: int) -> bytes:
    """Return an input (11) or an output (12); a size of 0 is left open."""
    sizes = b"".join(field(1, field(1, size) if size else field(2, "N")) for size in shape)
    return field(number, field(1, name) + field(2, field(1, field(1, 1) + field(2, sizes))))


def model(*parts: bytes, shape: tuple[int, ...] = (1, 4, 8, 8), opset: int = 17, producer: str = "pytorch") -> bytes:
    """Return a file whose graph reads `x` and makes `y`."""
    graph = b"".join(parts) + value(11, "x", *shape) + field(12, field(1, "y"))
    return field(1, 8) + field(2, producer) + field(7, graph) + field(8, field(2, opset))


def opened(content: bytes, folder: Path, **given: Any) -> Opened:
    """Return what is in a file."""
    path = folder / "net.onnx"
    path.write_bytes(content)
    return open_model(str(path), **given)


def items(content: bytes, folder: Path) -> list[str]:
    """Return the layers of a file as lines of a spec, without names; the spec gives the network again."""
    text = write_spec(opened(content, folder).graph, flat=True)
    cnnspec.loads(text)
    return [line.strip().removeprefix("- ") for line in text.splitlines()[3:] if not line.strip().startswith("name:")]


def messages(content: bytes, folder: Path, **given: Any) -> list[str]:
    """Return what is said of a file that cannot be imported."""
    with pytest.raises(cnnspec.CnnspecError) as caught:
        opened(content, folder, **given)
    return [f"{fault.code} {fault.message} {' '.join(fault.notes)}".strip() for fault in caught.value.diagnostics]
