"""The shares of workers: every sample of every batch is computed once, and its loss counts as in one process."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnspec.errors import UsageError
from cnnspec.training.workers.shares import Share, demand_shares

WORKERS = st.integers(1, 5)
COUNTS = st.integers(1, 300)


@given(WORKERS, COUNTS, COUNTS)
def test_the_workers_have_every_batch_among_them(workers: int, samples: int, batch: int) -> None:
    """The n-th batches of all workers, one behind the other, are the n-th batch of one process."""
    shares = [Share(index, workers) for index in range(workers)]
    parts = []
    for share in shares:
        places, size = share.places(samples, batch), share.size(batch)
        assert len(places) == len(set(places))
        parts.append([places[at : at + size] for at in range(0, len(places), size)] if size else [])
    for number, begin in enumerate(range(0, samples, batch)):
        own = [part[number] for part in parts if number < len(part)]
        assert np.concatenate(own).tolist() == list(range(begin, min(begin + batch, samples)))


@given(WORKERS, COUNTS)
def test_parts_are_as_even_as_can_be(workers: int, samples: int) -> None:
    """Contiguous, in order, and no two differ by more than one sample."""
    parts = [range(samples)[Share(index, workers).part(samples)] for index in range(workers)]
    assert [place for part in parts for place in part] == list(range(samples))
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_the_weights_of_an_uneven_last_batch() -> None:
    """Of 41 samples, batches of 32 are shared as 16 and 16, the last 9 as 5 and 4: 2·5/9 and 2·4/9."""
    first, second = (Share(index, 2) for index in (0, 1))
    assert first.weights(41, 32).tolist() == pytest.approx([1, 10 / 9])
    assert second.weights(41, 32).tolist() == pytest.approx([1, 8 / 9])
    assert second.places(41, 32).tolist() == [*range(16, 32), *range(37, 41)]


@pytest.mark.slow
@given(WORKERS, st.integers(5, 300), st.integers(5, 60))
def test_the_mean_over_workers_is_the_mean_over_samples(workers: int, samples: int, batch: int) -> None:
    """What each has for a mean, weighed, is summed to what one process has: brute force over random losses."""
    losses = np.random.default_rng(samples).random(samples)
    shares = [Share(index, workers) for index in range(workers)]
    if samples % batch and samples % batch < workers:
        return
    for number, begin in enumerate(range(0, samples, batch)):
        whole = losses[begin : begin + batch]
        means = [whole[share.part(len(whole))].mean() * share.weights(samples, batch)[number] for share in shares]
        assert sum(means) / workers == pytest.approx(whole.mean(), rel=1e-6)


@pytest.mark.parametrize(
    ("workers", "samples", "batch", "message", "step"),
    [
        (2, 961, 32, "the last batch has 1 of 961 samples, which 2 workers cannot share", "`--batch-size 33` leaves"),
        (3, 1438, 1, "a batch has 1 sample, which 3 workers cannot share", "`--batch-size 5` leaves"),
        (5, 3, 32, "the last batch has 3 of 3 samples, which 5 workers cannot share", "take fewer workers"),
    ],
)
def test_a_worker_without_a_sample_is_refused(workers: int, samples: int, batch: int, message: str, step: str) -> None:
    """The others would wait for it for ever."""
    with pytest.raises(UsageError) as caught:
        demand_shares(workers, samples, batch)
    (fault,) = caught.value.diagnostics
    assert (fault.code, fault.message) == ("E702", message)
    assert fault.help.startswith(step)


@given(WORKERS, st.integers(1, 200), st.integers(1, 200))
def test_what_is_proposed_can_be_shared(workers: int, samples: int, batch: int) -> None:
    """The batch size of the help is refused by nobody."""
    try:
        demand_shares(workers, samples, batch)
    except UsageError as error:
        words = error.diagnostics[0].help.split("`")
        if len(words) > 1:
            demand_shares(workers, samples, int(words[1].split()[1]))
        else:
            assert samples < workers
