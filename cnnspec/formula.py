"""Traced integers: a number that remembers how it was computed.

A layer writes its formula once, as ordinary arithmetic on terms. The tree that results is the value, and renders as
symbols, as the numbers put in, and as LaTeX.

>>> f, c, k = symbol("F", 5), symbol("C", 3), symbol("K", 8)
>>> params = (f * f * c + 1) * k
>>> print(render(params), "=", render(params, numbers=True), "=", params.value)
(F·F·C + 1)·K = (5·5·3 + 1)·8 = 608
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from fractions import Fraction

SUM, PRODUCT, QUOTIENT, ATOM = 1, 3, 2, 4


class Term:
    """An integer together with the arithmetic that gave it.

    `op` is `symbol`, `number`, `add`, `sub`, `mul`, `floor_div`, `ceil_div` or `quotient`; `meaning` says in words what
    a symbol stands for, `reason` why a value holds where nothing is computed (a pooling layer has 0 parameters).
    """

    __slots__ = ("meaning", "name", "op", "operands", "reason", "value")

    def __init__(
        self,
        value: int,
        op: str,
        name: str = "",
        operands: tuple[Term, ...] = (),
        reason: str = "",
        meaning: str = "",
    ) -> None:
        """Keep the value and how it came about; `symbol`, `number` and arithmetic make terms."""
        self.value = value
        self.op = op
        self.name = name
        self.operands = operands
        self.reason = reason
        self.meaning = meaning

    def __add__(self, other: Term | int) -> Term:
        right = number(other)
        return Term(self.value + right.value, "add", "", (self, right))

    def __radd__(self, other: int) -> Term:
        return number(other) + self

    def __sub__(self, other: Term | int) -> Term:
        right = number(other)
        return Term(self.value - right.value, "sub", "", (self, right))

    def __rsub__(self, other: int) -> Term:
        return number(other) - self

    def __mul__(self, other: Term | int) -> Term:
        right = number(other)
        return Term(self.value * right.value, "mul", "", (self, right))

    def __rmul__(self, other: int) -> Term:
        return number(other) * self

    def __floordiv__(self, other: Term | int) -> Term:
        right = number(other)
        return Term(self.value // right.value, "floor_div", "", (self, right))

    def __int__(self) -> int:
        return self.value

    def __str__(self) -> str:
        return render(self)

    def __repr__(self) -> str:
        return f"<{self} = {self.value}>" if self.op != "number" else f"<{self.value}>"


def symbol(name: str, value: int, meaning: str = "") -> Term:
    """Return a leaf with a name, such as `F` with value 5, and what it stands for, such as `kernel size`."""
    return Term(value, "symbol", name, (), "", meaning)


def number(value: Term | int) -> Term:
    """Return a literal leaf; a term is returned as it is."""
    return value if isinstance(value, Term) else Term(value, "number")


def nothing(reason: str) -> Term:
    """Return the number 0 together with the reason why it is 0."""
    return Term(0, "number", reason=reason)


def ceil_div(left: Term, right: Term) -> Term:
    """Return the quotient, rounded up."""
    return Term(-(-left.value // right.value), "ceil_div", "", (left, right))


def quotient(left: Term, right: Term) -> Term:
    """Return the quotient as it is, not rounded: `unrounded` has its value, `value` is what is below."""
    return Term(left.value // right.value, "quotient", "", (left, right))


OPERATIONS: Final[Mapping[str, Callable[[Term, Term], Term]]] = {
    "add": Term.__add__,
    "sub": Term.__sub__,
    "mul": Term.__mul__,
    "floor_div": Term.__floordiv__,
    "ceil_div": ceil_div,
    "quotient": quotient,
}
"""What puts the operands of a term together, by its `op`."""


def product(factors: Iterable[Term]) -> Term:
    """Return the product of one or more terms, in their order."""
    result: Term | None = None
    for factor in factors:
        result = factor if result is None else result * factor
    return number(1) if result is None else result


def leaves(term: Term) -> Iterator[Term]:
    """Yield the named leaves of a term, in reading order."""
    if term.op == "symbol":
        yield term
    for operand in term.operands:
        yield from leaves(operand)


def unrounded(term: Term) -> Fraction | int:
    """Return the value that the formula has before any rounding.

    >>> unrounded((symbol("n", 32) - 5) // symbol("s", 2) + 1)
    Fraction(29, 2)
    """
    if not term.operands:
        return term.value
    left, right = (unrounded(operand) for operand in term.operands)
    match term.op:
        case "add":
            return left + right
        case "sub":
            return left - right
        case "mul":
            return left * right
        case _:
            from fractions import Fraction  # noqa: PLC0415 - only explanations of what is divided need it

            return Fraction(left) / right


class Notation(NamedTuple):
    """How one operation is written: how strongly it binds, and how strongly each operand must to stand bare."""

    template: str
    strength: int
    left: int
    right: int


class Style(NamedTuple):
    """How formulas are written: a notation per operation, and how leaves and parentheses look."""

    notations: Mapping[str, Notation]
    parentheses: str = "({})"
    separator: str = ""
    subscripts: bool = False


_TEXT: Final = {
    "add": Notation("{} + {}", SUM, SUM, SUM),
    "sub": Notation("{} − {}", SUM, SUM, QUOTIENT),
    "mul": Notation("{}·{}", PRODUCT, PRODUCT, PRODUCT),
}
SLIDE: Final = Style(
    _TEXT
    | {
        "floor_div": Notation("{}/{}", QUOTIENT, ATOM, ATOM),
        "ceil_div": Notation("⌈{}/{}⌉", ATOM, ATOM, ATOM),
        "quotient": Notation("{}/{}", QUOTIENT, ATOM, ATOM),
    },
    separator=",",
)
"""As on a lecture's slide: the rounding down of a quotient is understood, and shown beside the result."""
EXACT: Final = Style(
    _TEXT
    | {
        "floor_div": Notation("floor({}/{})", ATOM, ATOM, ATOM),
        "ceil_div": Notation("ceil({}/{})", ATOM, ATOM, ATOM),
        "quotient": Notation("{}/{}", QUOTIENT, ATOM, ATOM),
    }
)
"""Every rounding written out and no thousands separators, for programs and error messages."""
LATEX: Final = Style(
    {
        "add": Notation("{} + {}", SUM, SUM, SUM),
        "sub": Notation("{} - {}", SUM, SUM, QUOTIENT),
        "mul": Notation(r"{} \cdot {}", PRODUCT, PRODUCT, PRODUCT),
        "floor_div": Notation(r"\left\lfloor\frac{{{}}}{{{}}}\right\rfloor", ATOM, SUM, SUM),
        "ceil_div": Notation(r"\left\lceil\frac{{{}}}{{{}}}\right\rceil", ATOM, SUM, SUM),
        "quotient": Notation(r"\frac{{{}}}{{{}}}", ATOM, SUM, SUM),
    },
    parentheses=r"\left({}\right)",
    subscripts=True,
)


def render(term: Term, style: Style = SLIDE, *, numbers: bool = False) -> str:
    """Return a formula as text, in symbols or with the numbers put in.

    With numbers, summands that are nothing are left out, as `2p` where p is 0; one that comes out as 0 stays: `5 − 5`.
    """
    return _written(term, style, numbers=numbers)[0]


def _written(term: Term, style: Style, *, numbers: bool) -> tuple[str, int]:
    """Write a term; the second value is how strongly what is written binds."""
    if not term.operands:
        return _leaf(term, style, numbers=numbers), ATOM
    left, right = term.operands
    if numbers and term.op in ("add", "sub") and _is_absent(right):
        return _written(left, style, numbers=numbers)
    if numbers and term.op == "add" and _is_absent(left):
        return _written(right, style, numbers=numbers)
    notation = style.notations[term.op]
    texts = (
        _enclosed(_written(left, style, numbers=numbers), notation.left, style),
        _enclosed(_written(right, style, numbers=numbers), notation.right, style),
    )
    template = "{}{}" if not numbers and _juxtaposed(term) else notation.template
    return template.format(*texts), notation.strength


def _is_absent(term: Term) -> bool:
    """Tell whether a summand is 0 because something in it is: one whose parts only come out as 0 is not."""
    if term.value or not term.operands:
        return not term.value
    if term.op == "mul":
        return any(map(_is_absent, term.operands))
    dividends = term.operands if term.op == "add" else term.operands[:1]
    return term.op != "sub" and all(map(_is_absent, dividends))


def _enclosed(written: tuple[str, int], minimum: int, style: Style) -> str:
    text, strength = written
    return text if strength >= minimum else style.parentheses.format(text)


def _juxtaposed(term: Term) -> bool:
    """Tell whether a product is written without a sign, as in `2p`."""
    left, right = term.operands
    return (
        term.op == "mul"
        and left.op == "number"
        and right.op == "symbol"
        and len(right.name) == 1
        and right.name.islower()
    )


def _leaf(term: Term, style: Style, *, numbers: bool) -> str:
    if term.op == "symbol" and not numbers:
        return _latex_name(term.name) if style.subscripts else term.name
    text = f"{term.value:,}" if style.separator else str(term.value)
    if term.value >= 0:
        return text
    return f"({text})" if style.subscripts else f"({text.replace('-', '−')})"


def _latex_name(name: str) -> str:
    base, _, subscript = name.replace("′", "'").partition("_")
    if len(base) > 3 or "_" in subscript:  # a layer's name
        return rf"\text{{{name.replace('_', chr(92) + '_')}}}"
    return f"{base}_{{{subscript}}}" if subscript else base


def rounded_from(term: Term) -> str:
    """Return the value before rounding as text where rounding changed it, else an empty text.

    A quotient that is written as rounded up, and then computed with, is its rounded value.

    >>> rounded_from((symbol("n", 32) - 5) // symbol("s", 2) + 1), rounded_from(ceil_div(symbol("n", 7), number(2)) + 1)
    ('14.5', '')
    """
    if term.op != "ceil_div" and _rounds_up(term):
        return ""
    exact = unrounded(term)
    if exact == term.value:
        return ""
    return f"{float(exact):.3f}".rstrip("0").rstrip(".")


def _rounds_up(term: Term) -> bool:
    return term.op == "ceil_div" or any(map(_rounds_up, term.operands))
