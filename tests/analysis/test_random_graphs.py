"""Random graphs with branches, asymmetric padding, dilation and enlargement, followed element by element."""

from __future__ import annotations

from collections import Counter
from random import Random

from tests.fuzz.signals import Compared, compare, draw


def test_elements_see_what_is_claimed_and_take_the_multiplications() -> None:
    """Shapes, MACs and receptive fields of 60 graphs; `python -m tests.fuzz signals` compares more of them."""
    totals: Counter[str] = Counter()
    for number in range(60):
        found: Compared = compare(draw(Random(f"1998/{number}")))  # noqa: S311 - the same graphs each time
        totals.update(found._asdict())
    assert totals["exact"] > 180
    assert totals["rough"] > 10
    assert totals["products"] > 50_000
