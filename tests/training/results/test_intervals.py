"""Confidence intervals against published ones, and laws that hold for all."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnspec.training.results.intervals import Interval, of_classes, of_share, wilson


@pytest.mark.parametrize(
    ("hits", "samples", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_intervals_of_newcombe(hits: int, samples: int, low: float, high: float) -> None:
    """Table I of Newcombe 1998 (Statistics in Medicine 17:857), method 3, the score method without correction."""
    assert wilson(hits, samples) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_nothing_has_no_interval() -> None:
    """Neither of no samples, nor of a share that is undefined."""
    assert wilson(0, 0) is None
    assert of_share(None, 5) is None


@given(st.integers(1, 10_000).flatmap(lambda samples: st.tuples(st.integers(0, samples), st.just(samples))))
def test_laws_of_intervals(counted: tuple[int, int]) -> None:
    """Within 0 and 1, around the share, never a point; hits and misses are alike; four times the samples halve it."""
    hits, samples = counted
    found, other, more = wilson(hits, samples), wilson(samples - hits, samples), wilson(4 * hits, 4 * samples)
    assert found is not None
    assert other is not None
    assert more is not None
    assert 0 <= found.low <= hits / samples <= found.high <= 1
    assert found.low < found.high
    assert (1 - other.high, 1 - other.low) == (pytest.approx(found.low), pytest.approx(found.high))
    assert more.high - more.low < found.high - found.low
    assert of_share(hits / samples, samples) == found


def test_intervals_of_classes() -> None:
    """Of the columns for precision, of the rows for recall; a class that was never said has none of the first."""
    (cat, dog, eel) = of_classes(np.array([[20, 0, 0], [0, 0, 1], [0, 0, 0]]))
    assert cat.precision == cat.recall == Interval(pytest.approx(1 - 0.1611, abs=5e-5), 1.0)
    assert (dog.precision, eel.recall) == (None, None)
    assert dog.recall is not None
    assert dog.recall.low == 0.0
