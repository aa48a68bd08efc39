"""Networks with several inputs of one shape: pairs of images are planned, learned from, tested and asked about."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pytest
from typer.testing import CliRunner

import cnnspec
from cnnspec.cli.app import make_app
from cnnspec.errors import CnnspecError
from cnnspec.training import train
from cnnspec.training.data.inputs import side_by_side
from cnnspec.training.plan import make_plan
from cnnspec.training.settings import Settings, merge

if TYPE_CHECKING:
    from click.testing import Result

APP: Final = make_app(("train", "evaluate", "predict", "show-activations"))
SPEC: Final = """\
name: pair
input: {left: 6x6x1, right: 6x6x1}
layers:
  - seq: [flatten, dense: 8 relu]
    from: left
    name: one
  - seq: [flatten, dense: 8 relu]
    from: right
    name: two
  - subtract: [one, two]
  - dense: 2 softmax
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with a network, and pairs of which the left image is brighter in every other one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    random = np.random.default_rng(0)
    left, right = random.integers(0, 256, (2, 40, 6, 6, 1), dtype=np.uint8)
    y = np.arange(40) % 2
    np.savez("pairs.npz", left=left // (1 + y[:, None, None, None]), right=right, y=y)
    Path("pair.yaml").write_text(SPEC, encoding="utf-8")
    return tmp_path


def cnn(*words: str) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(APP, list(words))


def plan_of(**given: Any) -> Any:
    """Return the plan of a training of the network on its pairs."""
    graph = cnnspec.load("pair.yaml")
    return make_plan(graph, merge(graph.train, {"data": "pairs.npz"} | given))


def fault_of(**given: Any) -> str:
    """Return what is said of such a training."""
    with pytest.raises(CnnspecError) as caught:
        plan_of(**given)
    return str(caught.value)


def test_one_image_for_two_inputs_is_refused() -> None:
    """With the arrays that an .npz file needs; that there are other classes too would lead astray."""
    assert fault_of(data="digits") == (
        "error[E504]: the network looks at 2 images (6, 6, 1), and a sample of `digits` is (8, 8, 1)\n"
        "  = note: an .npz file has an array for each, `left_train`, `right_train` and so on, "
        "or all in `x_train` (N, 2, 6, 6, 1)"
    )


def test_pairs_are_resized_and_not_varied() -> None:
    """Each image of a pair for itself; their number stays."""
    np.savez("large.npz", x=np.zeros((10, 2, 12, 12, 1), np.uint8), y=np.arange(10) % 2)
    np.savez("three.npz", x=np.zeros((10, 3, 6, 6, 1), np.uint8), y=np.arange(10) % 2)
    assert plan_of(data="large.npz", resize=True).dataset.shape == (2, 6, 6, 1)
    assert "a sample of `three.npz` is (3, 6, 6, 1)" in fault_of(data="three.npz", resize=True)
    assert "only images (H, W, C) can be varied, one for a sample" in fault_of(augment="flip")


def test_pairs_are_looked_at_side_by_side() -> None:
    """The images for the inputs from left to right."""
    pair = np.array([[[[[1], [2]], [[3], [4]]], [[[5], [6]], [[7], [8]]]]])
    assert side_by_side(pair, 2)[0, ..., 0].tolist() == [[1, 2, 5, 6], [3, 4, 7, 8]]
    assert side_by_side(pair, 1) is pair


@pytest.mark.keras
@pytest.mark.usefixtures("keras")
def test_a_batch_has_an_array_for_each_input() -> None:
    """In the order of the inputs, shuffled together, mixed together."""
    from cnnspec.training.data.dataset import Samples
    from cnnspec.training.fitting.batches import Feed, draw

    x = np.arange(5 * 2, dtype=np.uint8).reshape(5, 2, 1)
    settings = Settings(data="x", batch_size=5, scale=1.0)
    feed = Feed(Samples(x, np.arange(5)), settings, 5, inputs=2)
    ((left, right), y), *none = feed.epoch(3)
    order = draw(5, (2, 1), settings, 3).order
    assert not none
    assert left.numpy().ravel().tolist() == (2 * order).tolist()
    assert right.numpy().ravel().tolist() == (2 * order + 1).tolist()
    assert y.numpy().tolist() == order.tolist()
    ((left, right), _), *_ = feed.in_order()
    assert (left.numpy().ravel().tolist(), right.numpy().ravel().tolist()) == ([0, 2, 4, 6, 8], [1, 3, 5, 7, 9])


@pytest.mark.keras
@pytest.mark.usefixtures("keras")
def test_parts_of_a_batch_are_parts_of_every_input() -> None:
    """The outputs are those of the whole batch."""
    from cnnspec.keras import build
    from cnnspec.training.fitting.parts import divided

    model = build(cnnspec.load("pair.yaml"))
    left, right = np.random.default_rng(1).random((2, 5, 6, 6, 1), dtype=np.float32)
    whole = np.asarray(model([left, right]))
    assert np.asarray(divided(model, 2)((left, right))) == pytest.approx(whole, abs=1e-6)


@pytest.mark.slow
@pytest.mark.keras
@pytest.mark.usefixtures("keras")
def test_a_network_of_pairs_is_trained_tested_and_asked(folder: Path) -> None:
    """The loss and the answers are what Keras computes of both arrays; commands take a picture for each input."""
    from PIL import Image

    outcome = train(cnnspec.load("pair.yaml"), data="pairs.npz", epochs=2, batch_size=8)
    data, model = outcome.run.load_data(), outcome.run.load_model()
    assert data.shape == (2, 6, 6, 1)
    model.compile(loss="sparse_categorical_crossentropy")
    left, right = (data.test.x[:, place] / np.float32(255) for place in (0, 1))
    loss = model.evaluate([left, right], data.test.y, verbose=0)
    assert outcome.test is not None
    assert outcome.test.scores.loss == pytest.approx(loss, abs=1e-5)
    assert (outcome.run.folder / "mistakes.svg").is_file()
    measured = json.loads(cnn("evaluate", "pair", "--format", "json").stdout)
    assert measured["loss"]["value"] == pytest.approx(loss, abs=1e-5)

    for name, image in (("l.png", data.test.x[0, 0]), ("r.png", data.test.x[0, 1])):
        Image.fromarray(image[..., 0]).save(folder / name)
    theirs = np.asarray(model([left[:1], right[:1]]))[0]
    answer = json.loads(cnn("predict", "pair", "l.png", "r.png", "--format", "json").stdout)["images"]
    assert [one["file"] for one in answer] == ["l.png, r.png"]
    told = {guess["class"]: guess["probability"] for guess in answer[0]["predictions"]}
    assert [told["0"], told["1"]] == pytest.approx(theirs.tolist(), abs=1e-5)

    left_over = cnn("predict", "pair", "l.png", "r.png", "l.png")
    assert left_over.exit_code == 2
    assert left_over.stderr == (
        "error[E702]: the network looks at 2 pictures at once, and 3 cannot be divided into such groups\n"
        "  = note: its inputs are `left`, `right`: give a picture for each in this order\n"
    )
    shown = cnn("show-activations", "pair", "l.png")
    assert (shown.exit_code, re.findall(r"error\[(\w+)\]", shown.stderr)) == (2, ["E702"])
