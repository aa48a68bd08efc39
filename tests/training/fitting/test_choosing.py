"""The fastest way is found by the clock, among real steps, and the training goes on in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from typer.testing import CliRunner

import cnnspec
from cnnspec.cli.app import make_app
from cnnspec.keras import build
from cnnspec.training.fitting.choosing import ROUNDS, Choosing, describe, trials
from cnnspec.training.fitting.parts import divided

SPEC: Final = "name: net\ninput: 8x8x1\nlayers:\n  - conv: 4 3x3 relu\n  - flatten\n  - dense: 10 softmax\n"


def decided(seconds: Mapping[int, float]) -> tuple[int, list[int], dict[int, float]]:
    """Return what is chosen where steps take so long, the order in which ways were taken, and what was noted."""
    times: dict[int, float] = {}
    going, order = trials(tuple(seconds), times), []
    try:
        way = next(going)
        while True:
            order.append(way)
            way = going.send(seconds[way])
    except StopIteration as end:
        return end.value, order, times


def test_the_fastest_way_is_taken_and_worse_ones_are_not_tried() -> None:
    """Each is compiled once, then measured in turns against the best so far."""
    assert decided({1: 9.0, 2: 5.0, 4: 6.0, 8: 1.0}) == (
        2,
        [1, 2, *[1, 2] * ROUNDS, 4, *[2, 4] * ROUNDS],
        {1: 9.0, 2: 5.0, 4: 6.0},
    )
    assert decided({1: 1.0, 2: 0.98, 4: 0.1})[0] == 1  # two hundredths are within the noise
    assert decided({1: 1.0, 2: 0.9, 4: 0.8})[0] == 4


def test_a_line_says_what_was_chosen() -> None:
    """With what was measured, in milliseconds."""
    assert describe(2, {1: 0.0123, 2: 0.00912}) == (
        "a batch is computed in 2 parts side by side; a step took: as a whole 12.3 ms, in 2 parts side by side 9.12 ms"
    )


@pytest.mark.keras
def test_measured_steps_are_steps_of_the_training(keras: Any) -> None:
    """Over three epochs whose last executions are short, the weights and the loss are those of plain Keras."""
    import tensorflow as tf

    random = np.random.default_rng(0)
    x, y = random.random((216, 8, 8, 1), np.float32), random.integers(0, 10, 216)
    plain, whole = build(cnnspec.loads(SPEC)), build(cnnspec.loads(SPEC))
    whole.set_weights(plain.get_weights())
    batches = tf.data.Dataset.from_tensor_slices((x, y)).batch(32)  # 7 steps, the last of 24 images
    plain.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy", metrics=["accuracy"], jit_compile=False)
    history = plain.fit(batches, epochs=3, shuffle=False, verbose=0).history
    model = divided(whole, 1)
    model.compile(
        keras.optimizers.SGD(0.1),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=False,
        steps_per_execution=2,
    )
    told: list[tuple[int, list[int]]] = []
    learner = Choosing(model, (1, 2), 2, lambda parts, times: told.append((parts, sorted(times))))
    seen: list[int] = []

    def look(done: int, _: float) -> bool:
        seen.append(done)
        return False

    for epoch in range(3):
        logs = learner.learn(batches, epoch, look)
        assert logs["loss"] == pytest.approx(history["loss"][epoch], rel=1e-4)
        assert logs["accuracy"] == pytest.approx(history["accuracy"][epoch])
        assert len(told) == (epoch == 2)  # 2 compile and 6 are measured: three whole executions an epoch
    assert [times for _, times in told] == [[1, 2]]
    assert model.parts == told[0][0]
    assert seen == [2, 4, 6, 8] * 3
    for theirs, ours in zip(plain.get_weights(), whole.get_weights(), strict=True):
        assert np.allclose(ours, theirs, rtol=0, atol=1e-5)


@pytest.mark.keras
@pytest.mark.usefixtures("keras")
def test_what_was_chosen_is_kept_in_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said in a line, stands in `config.json`, and holds when the run goes on, unless an option is given."""
    monkeypatch.setattr("cnnspec.training.fitting.parts.LONG", 0)
    monkeypatch.setattr("cnnspec.training.fitting.parts.cores", lambda: 2)
    monkeypatch.setattr("cnnspec.training.fitting.trainer.cores", lambda: 2)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.yaml").write_text(SPEC, encoding="utf-8")

    def run(*words: str) -> tuple[str, str]:
        done = CliRunner().invoke(make_app(), ["train", *words])
        assert done.exit_code == 0, done.stderr
        settings = json.loads((tmp_path / "runs/net/1/config.json").read_text(encoding="utf-8"))["settings"]
        return done.stderr, settings["threads"]

    said, kept = run("net.yaml", "--data", "digits", "--epochs", "2", "--device", "cpu")
    assert kept in ("1x2", "2x2")
    assert said.count("a batch is computed ") == 1
    said, still = run("runs/net/1", "--resume", "--epochs", "3")
    assert (still, "a batch is computed" in said) == (kept, False)
    assert run("runs/net/1", "--resume", "--epochs", "4", "--threads", "auto")[1] == kept
    said, kept = run("runs/net/1", "--resume", "--epochs", "5", "--threads", "1")
    assert (kept, "a batch is computed" in said) == ("1", False)
