"""Random graphs with branches, asymmetric padding, dilation and enlargement, followed element by element."""

from __future__ import annotations

from collections import Counter
from random import Random

from tests.fuzz.signals import Compared, compare, draw


def test_elements_see_what_is_claimed_and_take_the_multiplications() -> None:
    """Shapes, MACs and receptive fields of 100 graphs; `python -m tests.fuzz signals` compares more of them."""
    totals: Counter[str] = Counter()
    for number in range(100):
        found: Compared = compare(draw(Random(f"1998/{number}")))
        totals.update(found._asdict())
    assert totals["exact"] > 300
    assert totals["rough"] > 20
    assert totals["products"] > 100_000
