"""A batch in parts gives what the whole gives, and which ways are tried depends on the training."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pytest

import cnnspec
from cnnspec.keras import build
from cnnspec.training.fitting.parts import divided, divisions
from cnnspec.training.settings import Settings

HEAD: Final = "input: 8x8x1\nlayers:\n"
TAIL: Final = "  - maxpool: 2\n  - flatten\n  - dense: 10 softmax\n"
BLOCKS: Final = f"{HEAD}  - conv: 4 3x3 same relu\n{TAIL}"
LONG: Final = 10**9
"""Multiply-accumulates of an image with which every training is long."""

pytestmark = [pytest.mark.keras, pytest.mark.usefixtures("keras")]


@pytest.mark.parametrize(("samples", "parts"), [(32, 2), (33, 2), (33, 4), (2, 2)])
def test_parts_learn_what_the_whole_learns(keras: Any, samples: int, parts: int) -> None:
    """The same outputs, and the same weights after one step of SGD."""
    random = np.random.default_rng(samples)
    x = random.random((samples, 8, 8, 1), np.float32)
    y = random.integers(0, 10, samples)
    graph = cnnspec.loads(BLOCKS)
    plain, whole = build(graph), build(graph)
    whole.set_weights(plain.get_weights())
    before = plain.get_weights()
    in_parts = divided(whole, parts)
    assert np.allclose(in_parts(x), plain(x), rtol=0, atol=1e-6)
    losses = []
    for model in (plain, in_parts):
        model.compile(keras.optimizers.SGD(0.5), "sparse_categorical_crossentropy", jit_compile=False)
        losses.append(float(model.train_on_batch(x, y)))
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)
    found = list(zip(plain.get_weights(), whole.get_weights(), before, strict=True))
    assert len(found) == 4
    assert all(np.allclose(one, other, rtol=0, atol=1e-5) for one, other, _ in found)
    assert any(np.abs(one - old).max() > 1e-3 for one, _, old in found)


def test_parts_measure_a_last_batch_of_one_sample(keras: Any) -> None:
    """Its first half is empty."""
    random = np.random.default_rng(0)
    x, y = random.random((33, 8, 8, 1), np.float32), random.integers(0, 10, 33)
    plain = build(cnnspec.loads(BLOCKS))
    values = []
    for model in (plain, divided(plain, 2)):
        model.compile(keras.optimizers.SGD(0.5), "sparse_categorical_crossentropy", metrics=["accuracy"])
        values.append(model.evaluate(x, y, batch_size=32, verbose=0))
    assert values[0] == pytest.approx(values[1], rel=1e-5)


@pytest.mark.parametrize(
    ("change", "samples", "cores", "tried"),
    [
        ({}, 96, 2, (1, 2)),
        ({}, 97, 2, (1,)),
        ({}, 98, 2, (1, 2)),
        ({}, 96, 1, (1,)),
        ({}, 96, 16, (1, 2)),
        ({"batch_size": 256}, 256, 4, (1, 2, 4)),
        ({"batch_size": 256}, 256, 6, (1, 2, 4)),
        ({"batch_size": 256}, 256, 64, (1, 2, 4, 8, 16)),
        ({"batch_size": 256}, 259, 16, (1, 2)),
        ({"batch_size": 31}, 93, 2, (1,)),
        ({"devices": 2}, 96, 2, (1,)),
        ({"jit": "on"}, 96, 2, (1,)),
        ({"deterministic": True}, 96, 2, (1,)),
        ({"threads": "2x1"}, 97, 8, (2,)),
        ({"threads": "4"}, 96, 2, (1,)),
    ],
)
def test_what_is_tried(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], samples: int, cores: int, tried: tuple[int, ...]
) -> None:
    """Twice as many parts each time, of 16 samples at least, up to one for every core."""
    monkeypatch.setattr("cnnspec.training.fitting.parts.cores", lambda: cores)
    settings = Settings(data="digits").changed(**change)
    assert divisions(cnnspec.loads(BLOCKS), settings, samples, LONG) == tried


def test_a_short_training_is_not_worth_measuring(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is there anything to choose where batch norm looks at the whole batch."""
    monkeypatch.setattr("cnnspec.training.fitting.parts.cores", lambda: 2)
    settings = Settings(data="digits")
    assert divisions(cnnspec.loads(BLOCKS), settings, 1438, 1_527_040) == (1,)
    normed = cnnspec.loads(f"{HEAD}  - conv: 4 3x3 bn relu\n{TAIL}")
    assert divisions(normed, settings, 96, LONG) == (1,)
