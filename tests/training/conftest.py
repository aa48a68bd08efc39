"""What the tests of training share: TensorFlow quiet and on the CPU, and a small trained network in a run folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from cnnspec.training.runs.run import Run

MISSING = 'TensorFlow is missing, so nothing was trained: pip install "cnnspec[train]"'
SPEC = """
name: tiny
input: 8x8x1
layers:
  - conv: 6 3x3 relu
  - maxpool: 2
  - flatten
  - dense: 4 softmax
"""

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let pass what Keras' own use of numpy 2 warns of while it saves a model."""
    for item in items:
        if item.get_closest_marker("keras") and Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"))


@pytest.fixture(scope="session")
def keras() -> Any:
    """Return the module `keras`; skip, and say so, where TensorFlow is missing."""
    pytest.importorskip("tensorflow", reason=MISSING)
    return pytest.importorskip("keras", reason=MISSING)


@pytest.fixture(scope="session")
def trained_run(keras: Any, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a run of a small network on made-up images of four classes, trained too shortly to know them all."""
    import cnnspec
    from cnnspec.keras import build
    from cnnspec.training.data import load_data
    from cnnspec.training.runs import checkpoint
    from cnnspec.training.runs import run as runs
    from cnnspec.training.runs.state import State
    from cnnspec.training.settings import merge

    graph = cnnspec.loads(SPEC, "tiny.yaml")
    settings = merge({}, {"data": "synthetic:80", "batch_size": 16, "seed": 1}).changed(scale=1 / 255)
    data = load_data("synthetic:80", shape=(8, 8, 1), classes=4, seed=1)
    run = runs.create(tmp_path_factory.mktemp("work") / "runs", graph, settings, data)
    keras.utils.set_random_seed(1)
    model = build(graph)
    model.compile("adam", settings.loss)
    model.optimizer.learning_rate = 0.01
    model.fit(data.train.x / 255.0, data.train.y, batch_size=16, epochs=2, verbose=0)
    for path in (run.best, run.last):
        checkpoint.save(model, State(epoch=2, best_epoch=2), path)
    return run
