"""Lanes: every edge once, none through a foreign row, nested skips from the inside out."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnspec.drawing.lanes import Lanes, lay_out
from cnnspec.errors import UsageError

Sources = list[tuple[int, ...]]


@st.composite
def graphs(draw: st.DrawFn) -> Sources:
    """Return rows that read some of the rows above."""
    count = draw(st.integers(1, 14))
    return [tuple(draw(st.sets(st.integers(0, row - 1), max_size=3))) if row else () for row in range(count)]


@given(graphs())
def test_every_edge_is_there_once(sources: Sources) -> None:
    """And nothing else."""
    edges = [(edge.source, edge.target) for edge in lay_out(sources).edges]
    assert sorted(edges) == sorted({(source, row) for row, read in enumerate(sources) for source in read})


@given(graphs())
def test_no_edge_goes_through_a_row_that_it_does_not_join(sources: Sources) -> None:
    """Nor do two edges share a lane beside a row, unless they end in one row or come from one."""
    lanes = lay_out(sources)
    for edge in lanes.edges:
        assert edge.lane not in {lanes.rows[row] for row in range(edge.source + 1, edge.target)}
        assert 0 <= edge.lane < lanes.width
    for one, other in combinations(lanes.edges, 2):
        between = max(one.source, other.source) < min(one.target, other.target) - 1
        assert not (between and one.lane == other.lane)


@st.composite
def nested(draw: st.DrawFn, depth: int = 3) -> Sources:
    """Return a series-parallel graph: rows in series, some with a skip around them."""
    rows: Sources = [()]

    def grow(left: int) -> None:
        for _ in range(draw(st.integers(1, 3))):
            fork = len(rows) - 1
            if left and draw(st.booleans()):
                grow(left - 1)
                rows.append(tuple(dict.fromkeys((len(rows) - 1, fork))))
            else:
                rows.append((fork,))

    grow(depth)
    return rows


def spans(lanes: Lanes) -> list[tuple[int, int, int]]:
    """Return the skips: their lanes, and their rows."""
    return [(edge.lane, edge.source, edge.target) for edge in lanes.edges if edge.open]


@given(nested())
def test_a_longer_skip_lies_outside(sources: Sources) -> None:
    """The main path is a straight line, and what a skip encloses is left of it: no crossing."""
    lanes = lay_out(sources)
    assert set(lanes.rows) == {0}
    for (inner, start, end), (outer, first, last) in combinations(sorted(spans(lanes)), 2):
        if first <= start and end <= last:
            assert inner < outer
        if start <= first and last <= end:
            assert outer < inner or (start, end) == (first, last)


def test_four_branches_are_four_lanes() -> None:
    """An inception module: the first branch stays, each other opens the next lane, the join is on the first."""
    lanes = lay_out([(), (0,), (0,), (2,), (0,), (4,), (0,), (6,), (1, 3, 5, 7), (8,)])
    assert lanes.rows == (0, 0, 1, 1, 2, 2, 3, 3, 0, 0)
    assert lanes.width == 4


def test_a_u_has_its_longest_copy_outside() -> None:
    """Two levels: the skips of the outer one go around those of the inner one."""
    lanes = lay_out([(), (0,), (1,), (2,), (3,), (2, 4), (5,), (1, 6)])
    assert spans(lanes) == [(2, 1, 7), (1, 2, 5)]


def test_inputs_are_lanes_of_their_own() -> None:
    """Two arms that meet."""
    lanes = lay_out([(), (), (0,), (1,), (2, 3)])
    assert lanes.rows == (0, 1, 0, 1, 0)


def test_skips_that_overlap_take_turns() -> None:
    """Cells that read the two before them, as NASNet's do: two lanes beside the main path, however many there are."""
    lanes = lay_out([(), (0,), *((row - 1, row - 2) for row in range(2, 40))])
    assert lanes.width == 3


def test_thousands_of_edges_beside_each_other_are_refused() -> None:
    """Every row reads the first."""
    with pytest.raises(UsageError, match="E705"):
        lay_out([(), *((0,) for _ in range(2000))])
