"""Pickles changed step by step."""

from __future__ import annotations

import pickletools
from contextlib import suppress
from random import Random
from typing import Final

from tests.fuzz.mutation import octets

STEPS: Final = (
    *(
        b"}",
        b"]",
        b")",
        b"(",
        b"N",
        b"0",
        b"1",
        b"2",
        b"a",
        b"e",
        b"s",
        b"u",
        b"t",
        b"l",
        b"d",
        b"\x85",
        b"\x86",
        b"\x87",
    ),
    *(
        b"R",
        b"b",
        b"K\x00",
        b"K\xff",
        b"J\xff\xff\xff\xff",
        b"M\x00\x10",
        b"\x88",
        b"\x89",
        b"h\x00",
        b"h\x01",
        b"q\x01",
    ),
    *(b"U\x01b", b"U\x02u1", b"T\x00\x00\x00\x7f", b"cos\nsystem\n", b"cnumpy\nndarray\n", b"c_codecs\nencode\n"),
    *(
        b"cnumpy.core.multiarray\n_reconstruct\n",
        b"I01\n",
        b"F1e999\n",
        b"L5L\n",
        b"V\\u1234\n",
        b"\x8a\x01\xff",
        b"\x8c\x01x",
    ),
    *(
        b"\x93",
        b"\x94",
        b"\x81",
        b"\x95\x00\x00\x00\x00\x00\x00\x00\x00",
        b"\x8e\xff\xff\xff\xff\xff\x00\x00\x00",
        b".",
    ),
)


def mutate(random: Random, content: bytes, other: bytes) -> bytes:
    """Return a pickle with a few other steps."""
    steps, others = _steps(content), _steps(other)
    if not steps or random.random() < 0.1:
        return octets.mutate(random, content, other)
    for _ in range(random.choice((1, 1, 2, 3, 6))):
        at, how = random.randrange(len(steps) or 1), random.randrange(6)
        if not steps or how == 0:
            steps.insert(at, random.choice(STEPS))
        elif how == 1:
            del steps[at]
        elif how == 2:
            again, times = steps[at : at + random.choice((1, 2, 5))], random.choice((1, 2, 100, 5000))
            if sum(map(len, again)) * times < octets.LONGEST:
                steps[at:at] = again * times
        elif how == 3:
            last = random.randrange(len(steps))
            steps[at], steps[last] = steps[last], steps[at]
        elif how == 4 and others:
            start = random.randrange(len(others))
            steps[at:at] = others[start : start + random.choice((1, 3, 10))]
        else:
            steps[at] = octets.mutate(random, steps[at], other[:100])
    return b"".join(steps)[: octets.LONGEST]


def _steps(content: bytes) -> list[bytes]:
    """Return the steps of a pickle, as far as they can be told apart."""
    places = []
    with suppress(Exception):  # of a damaged one the first steps are enough
        for _, _, place in pickletools.genops(content):
            places.append(place or 0)
    return [content[at:end] for at, end in zip(places, [*places[1:], len(content)], strict=False)]
