"""Bytes changed without knowing what they mean: bits, numbers, pieces."""

from __future__ import annotations

from random import Random
from typing import Final

LONGEST: Final = 400_000
"""How long an input may become."""
NUMBERS: Final = tuple(
    sorted(
        {sign * (1 << bits) + more for bits in (0, 7, 8, 15, 16, 31, 32, 63) for sign in (1, -1) for more in (-1, 0)}
    )
)


def mutate(random: Random, content: bytes, other: bytes) -> bytes:
    """Return bytes with one to eight changes."""
    data = bytearray(content)
    for _ in range(random.choice((1, 1, 1, 2, 4, 8))):
        random.choice(CHANGES)(random, data, other)
    return bytes(data[:LONGEST])


def _bit(random: Random, data: bytearray, _: bytes) -> None:
    if data:
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)


def _byte(random: Random, data: bytearray, _: bytes) -> None:
    if data:
        data[random.randrange(len(data))] = random.choice((0, 1, 0x7F, 0x80, 0xFE, 0xFF, random.randrange(256)))


def _number(random: Random, data: bytearray, _: bytes) -> None:
    size = random.choice((1, 2, 4, 8))
    if len(data) >= size:
        at = random.randrange(len(data) - size + 1)
        value = random.choice(NUMBERS) % (1 << 8 * size)
        data[at : at + size] = value.to_bytes(size, random.choice(("little", "big")))


def _cut(random: Random, data: bytearray, _: bytes) -> None:
    start, end = _piece(random, len(data))
    del data[start:end]


def _end(random: Random, data: bytearray, _: bytes) -> None:
    del data[random.randrange(len(data) + 1) :]


def _again(random: Random, data: bytearray, _: bytes) -> None:
    start, end = _piece(random, len(data))
    times = random.choice((1, 1, 2, 8, 100, 3000))
    if (end - start) * times < LONGEST:
        data[end:end] = data[start:end] * times


def _splice(random: Random, data: bytearray, other: bytes) -> None:
    start, end = _piece(random, len(other))
    at, last = _piece(random, len(data))
    data[at : random.choice((at, last))] = other[start:end]


def _insert(random: Random, data: bytearray, _: bytes) -> None:
    at = random.randrange(len(data) + 1)
    data[at:at] = random.randbytes(random.choice((1, 2, 4, 16)))


def _piece(random: Random, length: int) -> tuple[int, int]:
    """Return a range of places, a short one more often than a long one."""
    start = random.randrange(length + 1)
    return start, min(length, start + random.choice((1, 2, 4, 8, 32, 200, length)))


CHANGES: Final = (_bit, _bit, _byte, _byte, _number, _number, _cut, _end, _again, _splice, _insert)
