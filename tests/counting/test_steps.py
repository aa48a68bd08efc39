"""The counting itself: it tells work that grows with the square of its length from work that does not."""

from __future__ import annotations

import ast
from typing import Any, Final

import pytest
import regex_steps
import steps

LINEAR: Final = (
    "[number for number in range(n)]",
    "[number in {1, 2} for number in range(n)]",
    "'a' * n + 'b'",
    "sorted(range(n))",
    "[min(number, 3) for number in range(n)]",
    "['a'.join(('b', 'c')) for number in range(n)]",
)
SQUARE: Final = (
    "[other for number in range(n) for other in range(n)]",
    "[number in list(range(n)) for number in range(n)]",
    "[('a' * n)[number:] for number in range(n)]",
    "[('a' * n).count('b') for number in range(n)]",
    "[min(map(int, range(n))) for number in range(n)]",
    "[[*range(n)] for number in range(n)]",
    "[f\"{'a' * n}\" for number in range(n)]",
    "[(lambda: [0 for _ in range(n)])() for number in range(n)]",
)


def counted(expression: str, n: int) -> int:
    """Return the steps of an expression in `n`."""
    tree = ast.fix_missing_locations(steps.Rewriting().visit(ast.parse(expression, mode="eval")))
    names: dict[str, Any] = {f"__{function.__name__}__": function for function in steps.FUNCTIONS}
    steps.Steps.taken = 0
    eval(compile(tree, "<expression>", "eval"), names | {"n": n})  # noqa: S307 - the texts above
    return steps.Steps.taken


@pytest.mark.parametrize("expression", LINEAR)
def test_linear_work(expression: str) -> None:
    """One round, one call and one element are one step."""
    assert steps.grows_linearly(lambda n: counted(expression, n), 20)


@pytest.mark.parametrize("expression", SQUARE)
def test_work_that_grows_with_the_square(expression: str) -> None:
    """Neither a loop nor what C does in one go hides it."""
    assert not steps.grows_linearly(lambda n: counted(expression, n), 20)


def looks(pattern: str, text: str) -> int:
    """Return how many characters a search looks at."""
    regex_steps.Count.looks = 0
    regex_steps.search(pattern, text)
    return regex_steps.Count.looks


@pytest.mark.parametrize("pattern", ["b", "[^a]+b", "a{1,3}b", r"(?<!a)a*+b", r"(?:\bx|\By)", "a*?a", "(?=a)a(?!a)"])
def test_a_pattern_that_looks_at_a_text_once(pattern: str) -> None:
    """From every place it goes a bounded way."""
    assert steps.grows_linearly(lambda n: looks(pattern, "a" * n), 20)


@pytest.mark.slow
@pytest.mark.parametrize("pattern", ["a+b", "a*+b", "a*?b", "(?>a+)b", "(?:aa?)*+b", "(a)+\\1b", "(?i:A+)b"])
def test_a_pattern_that_starts_again_in_every_place(pattern: str) -> None:
    """A run that is gone through from each of its places is its square."""
    assert not steps.grows_linearly(lambda n: looks(pattern, "a" * n), 20)


def test_a_pattern_that_tries_everything() -> None:
    """Each further character doubles what there is to try: 2^n ways to part n letters, from one place."""
    regex_steps.Count.looks = 0
    regex_steps.match("(?:a|aa)+b", "a" * 12)
    once = regex_steps.Count.looks
    regex_steps.Count.looks = 0
    regex_steps.match("(?:a|aa)+b", "a" * 18)
    assert regex_steps.Count.looks > 8 * once
