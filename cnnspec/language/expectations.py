"""The key `expect` of a file: conditions on the whole network, such as `params: <= 5M`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Final, NamedTuple

from cnnspec.errors import listing, shorten, suggest
from cnnspec.ir.graph import Expectation
from cnnspec.ir.number_types import BYTES
from cnnspec.ir.shapes import Shape
from cnnspec.ir.values import shape_of
from cnnspec.language.expressions import ExpressionError, Value, substitute, to_text
from cnnspec.language.faults import Faults, place_of
from cnnspec.text.tree import Mapping as MappingTree
from cnnspec.text.tree import Scalar, Sequence, Tree, describe


class Measure(NamedTuple):
    """What a number counts: the units that it may have, with their factors, and an example."""

    factors: Mapping[str, int]
    example: str


KIBI: Final = 2**10
BYTE_UNITS: Final = {
    "B": 1,
    **{f"{prefix}B": 1000**power for power, prefix in enumerate("kMG", 1)},
    **{f"{prefix}iB": KIBI**power for power, prefix in enumerate("KMG", 1)},
}
COUNT: Final = Measure({"": 1, "k": 10**3, "M": 10**6, "G": 10**9}, "<= 5M")
PIXELS: Final = Measure({"": 1}, ">= 200")
AMOUNT: Final = Measure(BYTE_UNITS, "<= 256 kB")
WORDS: Final = {
    "size": COUNT,
    "params": COUNT,
    "trainable": COUNT,
    "non_trainable": COUNT,
    "macs": COUNT,
    "flops": COUNT,
    "receptive_field": PIXELS,
    "memory": AMOUNT,
    "weight_bytes": AMOUNT,
    "kept_bytes": AMOUNT,
}
"""The numbers of a network that may be bounded."""
OUTPUT: Final = "output"
RELATIONS: Final = {"<=": "<=", "≤": "<=", "<": "<", ">=": ">=", "≥": ">=", ">": ">", "==": "==", "=": "==", "": "=="}
"""The signs of a condition; a number alone must be hit exactly."""
MOST: Final = 100
"""Conditions on one number, and outputs with a shape."""
_CONDITION: Final = re.compile(
    r"\s*(<=|>=|==|[<>=≤≥]|)\s*(\d[\d_]{0,23}(?:\.\d{1,18})?(?:[eE]\d{1,2})?)"
    r"\s*([A-Za-z]{0,3})(?:\s+as\s+(\w{1,16}))?\s*"
)


def read_expectations(
    tree: Tree, faults: Faults, variables: Mapping[str, Value], outputs: tuple[str, ...]
) -> tuple[Expectation, ...]:
    """Return the conditions of a mapping from words to conditions, with expressions of the file's parameters."""
    if isinstance(tree, Scalar) and tree.text in ("", "~", "null"):
        return ()
    if not isinstance(tree, MappingTree):
        step = "write `expect: {params: <= 5M, output: 10}`"
        faults.add("E112", f"`expect` must be a mapping, not {describe(tree)}", place_of(tree), step=step)
        return ()
    return tuple(_Reader(faults, variables, outputs).all_of(tree))


class _Reader:
    """What every condition is read with."""

    def __init__(self, faults: Faults, variables: Mapping[str, Value], outputs: tuple[str, ...]) -> None:
        self.faults = faults
        self.variables = variables
        self.outputs = outputs

    def all_of(self, tree: MappingTree) -> Iterator[Expectation]:
        for key, value in tree.entries:
            if key.text == OUTPUT:
                yield from self._shapes(value)
            elif key.text in WORDS:
                yield from self._bounds(key.text, value)
            else:
                known = (*WORDS, OUTPUT)
                note, step = f"`expect` takes {listing(known)}", suggest(key.text, known)
                self.faults.add("E108", f"`expect` takes no `{shorten(key.text)}`", place_of(key), note, step=step)

    def _bounds(self, word: str, tree: Tree) -> Iterator[Expectation]:
        """Yield one condition, or those of a list."""
        measure = WORDS[word]
        for part in self._parts(word, tree):
            if not isinstance(part, Scalar):
                message = f"`{word}` must be a condition such as `{measure.example}`, not {describe(part)}"
                self.faults.add("E112", message, place_of(part))
            elif (text := self._text(part)) is not None:
                try:
                    relation, bound, dtype = condition(text, measure)
                    yield Expectation(word, relation, bound, text, place_of(part), dtype=dtype)
                except ValueError:
                    self._refuse(word, text, part)

    def _parts(self, word: str, tree: Tree) -> list[Tree]:
        parts: list[Tree] = tree.items if isinstance(tree, Sequence) else [tree]
        if not 1 <= len(parts) <= MOST:
            message = f"`{word}` needs from 1 to {MOST} conditions, not {len(parts):,}"
            self.faults.add("E112", message, place_of(tree))
            return []
        return parts

    def _refuse(self, word: str, text: str, part: Scalar) -> None:
        measure = WORDS[word]
        units = f"with {listing(measure.factors)}, perhaps `as` {listing(BYTES)}" if measure is AMOUNT else ""
        units = units or (f"perhaps with {listing(filter(None, measure.factors))}" if len(measure.factors) > 1 else "")
        note = f"a condition is one of <=, <, >=, >, == and a whole number{', ' * bool(units)}{units}"
        step = f"write `{word}: {measure.example}`"
        self.faults.add("E105", f"`{word}` takes no condition `{shorten(text)}`", place_of(part), note, step=step)

    def _shapes(self, tree: Tree) -> Iterator[Expectation]:
        """Yield the shape of the only output, or of each output by its name."""
        if isinstance(tree, MappingTree):
            for key, value in tree.entries[:MOST]:
                if self.outputs and key.text not in self.outputs:
                    note, step = f"outputs: {listing(self.outputs)}", suggest(key.text, self.outputs)
                    message = f"`{shorten(key.text)}` is no output of the network"
                    self.faults.add("E201", message, place_of(key), note, step=step)
                else:
                    yield from self._shape(value, key.text)
        elif len(self.outputs) > 1:
            note, step = f"outputs: {listing(self.outputs)}", f"write `output: {{{self.outputs[0]}: 10}}`"
            message = "the network has several outputs, and `output` does not say which"
            self.faults.add("E107", message, place_of(tree), note, step=step)
        else:
            yield from self._shape(tree, next(iter(self.outputs), ""))

    def _shape(self, tree: Tree, output: str) -> Iterator[Expectation]:
        shape = self._shape_of(tree)
        if shape:
            yield Expectation(
                OUTPUT, "==", shape, self.faults.source.text[tree.start : tree.end], place_of(tree), output
            )

    def _shape_of(self, tree: Tree) -> Shape | None:
        text = self._text(tree) if isinstance(tree, Scalar) else ""
        if text is None:
            return None
        try:
            return shape_of(Scalar(text, tree.start, tree.end) if isinstance(tree, Scalar) else tree)
        except ValueError:
            shown = shorten(self.faults.source.text[tree.start : tree.end])
            step = "write `output: 10` or `output: 7x7x512`"
            self.faults.add("E105", f"`output` must be a shape, not `{shown}`", place_of(tree), step=step)
            return None

    def _text(self, scalar: Scalar) -> str | None:
        """Return a text with its expressions replaced, None where that is not possible."""
        try:
            return to_text(substitute(scalar.text, self.variables)) if "$" in scalar.text else scalar.text
        except ExpressionError as error:
            self.faults.add(error.code, error.message, place_of(scalar), step=error.step)
            return None


def condition(text: str, measure: Measure) -> tuple[str, int, str]:
    """Return the relation, the bound, and the type of numbers of a condition; raise ValueError for anything else.

    >>> condition("<= 5.5M", COUNT), condition("<= 256 KiB as int8", AMOUNT)
    (('<=', 5500000, ''), ('<=', 262144, 'int8'))
    """
    match = _CONDITION.fullmatch(text)
    if not match or match[3] not in measure.factors or (match[4] and not (measure is AMOUNT and match[4] in BYTES)):
        raise ValueError
    bound = Fraction(match[2].replace("_", "")) * measure.factors[match[3]]
    if bound.denominator != 1:
        raise ValueError
    return RELATIONS[match[1]], int(bound), match[4] or ""
