"""Batches: their order, their variations, their scale, and labels as losses take them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnspec.training.data.dataset import Samples
from cnnspec.training.fitting.batches import Feed, draw, margins_of, vary
from cnnspec.training.fitting.class_weights import class_weights
from cnnspec.training.fitting.targets import labels_for
from cnnspec.training.settings import Settings


@given(st.integers(1, 200), st.integers(0, 2**32), st.integers(0, 1000))
def test_an_epoch_sees_every_sample_once(samples: int, seed: int, epoch: int) -> None:
    """Shuffled, not drawn."""
    chance = draw(samples, (8, 8, 1), Settings(data="x", seed=seed), epoch)
    assert sorted(chance.order) == list(range(samples))
    assert not chance.shift.any()
    assert not chance.mirrored.any()


def test_chance_depends_on_seed_and_epoch_alone() -> None:
    """This is what makes a resumed training equal to one that was not interrupted."""
    settings = Settings(data="x", seed=3, augment=("crop", "flip"))
    one, again, next_epoch = (draw(40, (32, 32, 3), settings, epoch) for epoch in (5, 5, 6))
    assert all(np.array_equal(a, b) for a, b in zip(one, again, strict=True))
    assert not np.array_equal(one.order, next_epoch.order)
    assert 0 <= one.shift.min() < one.shift.max() <= 8
    assert 8 < one.mirrored.sum() < 32


@given(st.lists(st.integers(0, 4), min_size=1, max_size=50))
def test_balanced_weights_add_up_to_the_samples(labels: list[int]) -> None:
    """Every class that is there has as much of the sum as any other."""
    y = np.array(labels)
    weights = class_weights(Settings(data="x", class_weight=("balanced",)), tuple("abcde"), y)
    assert weights is not None
    sums = [sum(weights[label] for label in labels if label == number) for number in {*labels}]
    assert sums == pytest.approx([len(labels) / len({*labels})] * len(sums))


@pytest.mark.parametrize(("shape", "margins"), [((32, 32, 3), (4, 4)), ((28, 28, 1), (3, 3)), ((4, 8, 1), (1, 1))])
def test_shifts_are_an_eighth(shape: tuple[int, ...], margins: tuple[int, ...]) -> None:
    """4 of 32 pixels, as in He et al., section 4.2."""
    assert margins_of(shape) == margins


def test_labels_for_losses() -> None:
    """Numbers, rows with a one, or a column."""
    y = np.array([2, 0])
    assert labels_for("sparse_categorical_crossentropy", y, 3).tolist() == [2, 0]
    assert labels_for("categorical_crossentropy", y, 3).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert labels_for("binary_crossentropy", np.array([1, 0]), 1).tolist() == [[1], [0]]


@pytest.mark.keras
@pytest.mark.usefixtures("keras")
def test_a_shift_moves_and_fills_with_zeros() -> None:
    """Brute force: what a padded picture shows at the place."""
    import tensorflow as tf

    random = np.random.default_rng(0)
    x = random.integers(1, 255, (6, 16, 24, 3), dtype=np.uint8)
    shift = np.stack([random.integers(0, 5, 6), random.integers(0, 7, 6)], axis=1).astype(np.int32)
    mirrored = np.array([True, False] * 3)
    varied = vary(tf.constant(x), tf.constant(shift), tf.constant(mirrored), ("crop", "flip")).numpy()
    for image, (down, right), flip, result in zip(x, shift, mirrored, varied, strict=True):
        seen = image[:, ::-1] if flip else image
        padded = np.pad(seen, ((2, 2), (3, 3), (0, 0)))
        assert np.array_equal(padded[down : down + 16, right : right + 24], result)
    assert np.array_equal(vary(tf.constant(x), tf.constant(shift), tf.constant(mirrored), ()).numpy(), x)


@pytest.mark.keras
@pytest.mark.usefixtures("keras")
def test_a_feed_scales_and_keeps_pairs_together() -> None:
    """Pixel k belongs to label k, in every order."""
    samples = Samples(np.arange(10, dtype=np.uint8).reshape(-1, 1, 1, 1), np.arange(10))
    feed = Feed(samples, Settings(data="x", batch_size=4, scale=0.5), 10)
    batches = [(x.numpy().ravel(), y.numpy()) for x, y in feed.epoch(0)]
    assert [len(y) for _, y in batches] == [4, 4, 2]
    assert all(np.array_equal(x, y * 0.5) for x, y in batches)
    assert sorted(np.concatenate([y for _, y in batches])) == list(range(10))
    assert [y.numpy().tolist() for _, y in feed.in_order()] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
