"""Protocol buffers changed by their fields, whatever these mean."""

from __future__ import annotations

from copy import deepcopy
from random import Random
from typing import Any, Final

from tests.fuzz.mutation import octets, texts

VARINT, LONG, BYTES, SHORT = 0, 1, 2, 5
DEEPEST: Final = 12
NUMBERS: Final = (0, 1, 2, 3, 5, 7, 8, 127, 128, 255, 2**31 - 1, 2**31, 2**32, 2**63 - 1, 2**63, 2**64 - 1)
Field = list[Any]
"""Number, type, and value: an integer, bytes, or the fields of a message."""


def parse(data: bytes, depth: int = 0) -> list[Field] | None:
    """Return the fields of a message, None where these bytes are none."""
    fields: list[Field] = []
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, kind = key >> 3, key & 7
        if at < 0 or number == 0:
            return None
        if kind == VARINT:
            value, at = _varint(data, at)
            if at < 0:
                return None
            fields.append([number, kind, value])
            continue
        size = {LONG: 8, SHORT: 4}.get(kind, -1)
        if kind == BYTES:
            size, at = _varint(data, at)
        if size < 0 or at < 0 or at + size > len(data):
            return None
        fields.append([number, kind, _inner(data[at : at + size], depth) if kind == BYTES else data[at : at + size]])
        at += size
    return fields


def _inner(data: bytes, depth: int) -> bytes | list[Field]:
    if depth >= DEEPEST or len(data) < 2 or (len(data) > 2000 and not any(data[:200])):
        return data
    found = parse(data, depth + 1)
    return data if found is None or all(32 <= byte < 127 for byte in data) else found


def write(fields: list[Field]) -> bytes:
    """Return a message."""
    found = bytearray()
    for number, kind, value in fields:
        found += _as_varint(number << 3 | kind)
        if kind == VARINT:
            found += _as_varint(value)
            continue
        content = write(value) if isinstance(value, list) else value
        found += (_as_varint(len(content)) if kind == BYTES else b"") + content
    return bytes(found)


def mutate(random: Random, content: bytes, other: bytes) -> bytes:
    """Return a message with a few changes."""
    tree, second = parse(content), parse(other)
    if tree is None or random.random() < 0.08:
        return octets.mutate(random, content, other)
    for _ in range(random.choice((1, 1, 2, 3, 6))):
        holders = list(_messages(tree))
        holder = random.choice(holders)
        others = random.choice(list(_messages(second or tree)))
        if holder or others:
            _change(random, holder, others)
    found = write(tree)[: octets.LONGEST]
    return octets.mutate(random, found, other) if random.random() < 0.03 else found


def _messages(fields: list[Field]) -> Any:
    yield fields
    for _, _, value in fields:
        if isinstance(value, list):
            yield from _messages(value)


def _change(random: Random, fields: list[Field], others: list[Field]) -> None:
    at, how = random.randrange(len(fields) or 1), random.randrange(8)
    if not fields or how == 0:
        fields.insert(at, deepcopy(random.choice(others or fields)) if others or fields else [1, VARINT, 1])
    elif how == 1:
        del fields[at]
    elif how == 2:
        fields[at:at] = [deepcopy(fields[at]) for _ in range(random.choice((1, 1, 2, 30)))]
    elif how == 3:
        fields[at] = [random.choice((fields[at][0] + 1, random.randrange(1, 30))), *fields[at][1:]]
    elif how == 4 and len(fields) > 1:
        last = random.randrange(len(fields))
        fields[at], fields[last] = fields[last], fields[at]
    else:
        _set_value(random, fields[at])


def _set_value(random: Random, field: Field) -> None:
    _, kind, value = field
    if kind == VARINT:
        field[2] = random.choice((*NUMBERS, value + 1, max(0, value - 1), value * 2))
    elif isinstance(value, bytes) and kind == BYTES:
        field[2] = random.choice((texts.mutator()(random, value, b"Conv"), octets.mutate(random, value, value)))[
            :20_000
        ]
    elif kind == BYTES:
        field[2] = random.choice((b"", b"\xff" * 12, [], deepcopy(value) + deepcopy(value)))
    else:
        field[2] = random.randbytes(len(value))


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Return a number and where it ends, below zero where it does not."""
    value = 0
    for place in range(10):
        if at + place >= len(data):
            return 0, -1
        byte = data[at + place]
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return value, at + place + 1
    return 0, -1


def _as_varint(value: int) -> bytes:
    value &= 2**64 - 1
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])
