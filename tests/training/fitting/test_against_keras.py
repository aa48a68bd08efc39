"""Every setting does what Keras' own argument of that name does: the same weights after some steps of plain Keras."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import numpy as np
import pytest

import cnnspec
from cnnspec.analysis.measure import measure
from cnnspec.training.data.dataset import Samples
from cnnspec.training.fitting.batches import Feed, draw
from cnnspec.training.fitting.class_weights import class_weights
from cnnspec.training.fitting.mixing import draw_mixture
from cnnspec.training.runs.state import State
from cnnspec.training.settings import Settings

SPEC: Final = "input: 4x4x1\nlayers:\n  - conv: 3 3x3 tanh\n  - flatten\n  - dense: 4 softmax\n"
BINARY: Final = SPEC.replace("4 softmax", "1 sigmoid")
NUMBERS: Final = np.array([0, 1, 1, 2, 3, 3, 3, 0, 1, 1, 2, 0, 3, 3, 3, 3, 1, 2, 1, 1])
"""The classes of 20 samples: 3, 7, 3 and 7 of each."""
CATEGORICAL: Final = "categorical_crossentropy"

pytestmark = pytest.mark.keras


class Case(NamedTuple):
    """Settings, and the arguments that say the same in plain Keras: those of its optimizer, of `compile`, of `fit`."""

    settings: dict[str, Any]
    optimizer: Callable[[Any], Any] = lambda keras: keras.optimizers.SGD(0.5)
    loss: Callable[[Any], Any] = lambda _keras: "sparse_categorical_crossentropy"
    fit: Mapping[str, Any] = MappingProxyType({})
    spec: str = SPEC


def schedules(keras: Any) -> Any:
    """Return the module of Keras' schedules."""
    return keras.optimizers.schedules


CASES: Final = {
    "class_weight": Case({"class_weight": ("0=2", "2=0.25")}, fit={"class_weight": {0: 2.0, 2: 0.25}}),
    "class_weight of one unit": Case(
        {"class_weight": ("1=3",), "loss": "binary_crossentropy"},
        loss=lambda _keras: "binary_crossentropy",
        fit={"class_weight": {0: 1.0, 1: 3.0}},
        spec=BINARY,
    ),
    "class_weight of rows": Case(
        {"class_weight": ("3=4",), "loss": CATEGORICAL}, loss=lambda _keras: CATEGORICAL, fit={"class_weight": {3: 4.0}}
    ),
    "balanced": Case(  # 20/(4·3) and 20/(4·7)
        {"class_weight": ("balanced",)}, fit={"class_weight": {0: 5 / 3, 1: 5 / 7, 2: 5 / 3, 3: 5 / 7}}
    ),
    "label_smoothing": Case(
        {"label_smoothing": 0.2, "loss": CATEGORICAL},
        loss=lambda keras: keras.losses.CategoricalCrossentropy(label_smoothing=0.2),
    ),
    "from_logits": Case(
        {"from_logits": True},
        loss=lambda keras: keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        spec=SPEC.replace(" softmax", ""),
    ),
    "from_logits, smooth": Case(
        {"from_logits": True, "label_smoothing": 0.2, "loss": CATEGORICAL},
        loss=lambda keras: keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.2),
        spec=SPEC.replace(" softmax", ""),
    ),
    "label_smoothing of one unit": Case(
        {"label_smoothing": 0.2, "loss": "binary_crossentropy"},
        loss=lambda keras: keras.losses.BinaryCrossentropy(label_smoothing=0.2),
        spec=BINARY,
    ),
    "weight_decay of adamw": Case(
        {"optimizer": "adamw", "learning_rate": 0.01, "weight_decay": 0.5},
        lambda keras: keras.optimizers.AdamW(0.01, weight_decay=0.5),
    ),
    "adamw without one": Case({"optimizer": "adamw"}, lambda keras: keras.optimizers.AdamW()),
    "weight_decay of sgd": Case({"weight_decay": 0.05}, lambda keras: keras.optimizers.SGD(0.5, weight_decay=0.05)),
    "clipnorm": Case({"clipnorm": 0.05}, lambda keras: keras.optimizers.SGD(0.5, clipnorm=0.05)),
    "global_clipnorm": Case({"global_clipnorm": 0.05}, lambda keras: keras.optimizers.SGD(0.5, global_clipnorm=0.05)),
    "clipvalue": Case({"clipvalue": 0.01}, lambda keras: keras.optimizers.SGD(0.5, clipvalue=0.01)),
    "warmup_steps": Case(
        {"warmup_steps": 4},
        lambda keras: keras.optimizers.SGD(schedules(keras).PolynomialDecay(0.0, 4, end_learning_rate=0.5)),
    ),
    "warmup_epochs": Case(  # 3 of 9 steps
        {"warmup_epochs": 1, "schedule": "cosine"},
        lambda keras: keras.optimizers.SGD(schedules(keras).CosineDecay(0.0, 6, warmup_target=0.5, warmup_steps=3)),
    ),
}


def samples_of(spec: str) -> Samples:
    """Return 20 pictures with classes."""
    x = np.random.default_rng(0).integers(0, 256, (20, 4, 4, 1), dtype=np.uint8)
    return Samples(x, NUMBERS % 2 if spec is BINARY else NUMBERS)


@pytest.mark.parametrize("name", CASES)
def test_a_setting_is_that_of_keras(keras: Any, name: str) -> None:
    """Three epochs of two batches of 8 samples and one of 4; both begin with the same weights."""
    from cnnspec.training.fitting.compiling import compiled

    case = CASES[name]
    given = {"optimizer": "sgd", "learning_rate": 0.5, "batch_size": 8, "epochs": 3, "scale": 1 / 255} | case.settings
    if "optimizer" in case.settings and "learning_rate" not in case.settings:
        given["learning_rate"] = 0.001
    settings, samples = Settings(data="x", **given), samples_of(case.spec)
    keras.utils.set_random_seed(0)
    graph = cnnspec.loads(case.spec)
    model = compiled(measure(graph), settings, 20).model
    plain = keras.models.clone_model(model)
    first = model.get_weights()
    plain.set_weights(first)
    plain.compile(case.optimizer(keras), case.loss(keras))
    units = model.output_shape[-1]
    weights = class_weights(settings, tuple(map(str, range(max(units, 2)))), samples.y)
    feed = Feed(samples, settings, units, weights=weights)
    rows = np.eye(4)[samples.y] if settings.loss == CATEGORICAL else samples.y
    x = samples.x.astype(np.float32) * np.float32(1 / 255)
    for epoch in range(3):
        order = draw(20, (4, 4, 1), settings, epoch).order
        model.fit(feed.epoch(epoch), verbose=0, shuffle=False)
        plain.fit(x[order], rows[order], batch_size=8, shuffle=False, verbose=0, **case.fit)
    for ours, theirs in zip(model.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)
    assert np.abs(model.get_weights()[0] - first[0]).max() > 1e-3


def test_mixed_batches_are_those_of_keras(keras: Any) -> None:
    """What Keras' layer makes of a batch with the same permutation and the same shares."""
    settings = Settings(data="x", batch_size=8, mixup=0.4, loss=CATEGORICAL, scale=1.0)
    samples = samples_of(SPEC)
    layer = keras.layers.MixUp(alpha=0.4)
    chance, mixture = draw(20, (4, 4, 1), settings, 2), draw_mixture(20, settings, 2)
    seen = 0
    for x, y in Feed(samples, settings, 4).epoch(2):
        places = slice(seen, seen + len(x))
        change = {"permutation_order": mixture.other[places] - seen, "mix_weight": mixture.share[places]}
        order = chance.order[places]
        assert sorted(change["permutation_order"]) == list(range(len(x)))
        images = samples.x[order].astype(np.float32)
        np.testing.assert_allclose(x, layer.transform_images(images, change), atol=1e-4)
        labels = np.eye(4, dtype=np.float32)[samples.y[order]]
        np.testing.assert_allclose(y, layer.transform_labels(labels, change), atol=1e-6)
        seen += len(x)
    assert seen == 20


def test_shares_of_a_mixture_have_the_distribution_of_keras(keras: Any) -> None:
    """Beta(α, α): a mean of 1/2 and a variance of 1/(4·(2α + 1)), for both."""
    share = draw_mixture(20_000, Settings(data="x", mixup=0.2), 0).share
    theirs = keras.ops.convert_to_numpy(
        keras.layers.MixUp(alpha=0.2).get_random_transformation(np.zeros((20_000, 1, 1, 1)))["mix_weight"]
    )
    for found in (share, theirs):
        assert found.mean() == pytest.approx(0.5, abs=0.01)
        assert found.var() == pytest.approx(0.1786, abs=0.005)


@pytest.mark.parametrize(
    ("monitor", "values"),
    [
        ("val_accuracy", [0.1, 0.5, 0.4, 0.5, 0.6, 0.6, 0.2, 0.3, 0.9]),
        ("val_loss", [3.0, 2.0, 2.0, 2.5, 1.0, 1.5, 1.0, 2.0, 0.1]),
        ("mean_absolute_error", [3.0, 2.0, 2.0, 2.5, 1.0, 1.5, 1.0, 2.0, 0.1]),
        ("top_5_accuracy", [0.1, 0.5, 0.4, 0.5, 0.6, 0.6, 0.2, 0.3, 0.9]),
    ],
)
def test_patience_ends_where_keras_stops(keras: Any, monitor: str, values: list[float]) -> None:
    """After the same epoch, with the same best one; what is equal is not better."""
    mode = "max" if "accuracy" in monitor else "min"
    stopping = keras.callbacks.EarlyStopping(monitor=monitor, patience=3, mode=mode)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    stopping.set_model(model)
    stopping.on_train_begin()
    state, ours = State(), 0
    for epoch, value in enumerate(values):
        stopping.on_epoch_end(epoch, {monitor: value})
        state = state.advance({"epoch": epoch + 1, monitor: value}, monitor, ())
        ours = ours or (state.epoch if state.waited >= 3 else 0)
        if ours:
            break
    assert (state.epoch, state.best_epoch) == (8, 5)
    assert stopping.stopped_epoch == 7
    assert stopping.best_epoch == 4
