"""`cnnspec evaluate`, `predict` and `show-activations` on a trained network, as a user calls them."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from typer.testing import CliRunner

from cnnspec.cli.app import make_app

if TYPE_CHECKING:
    from cnnspec.training.runs.run import Run

pytestmark = pytest.mark.keras
ROOT: Final = Path(__file__).parent.parent.parent
APP: Final = make_app(("evaluate", "predict", "show-activations"))


class Done(NamedTuple):
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


def cnn(*arguments: str) -> Done:
    """Run a command in this process."""
    result = CliRunner().invoke(APP, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return Done(result.exit_code, result.stdout, result.stderr)


def ok(*arguments: str) -> str:
    """Run a command that must succeed, and return what it printed."""
    done = cnn(*arguments)
    assert (done.code, done.err) == (0, "")
    return done.out


@pytest.fixture
def run(trained_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Work in an empty folder, and return the trained run's own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    return str(trained_run.folder)


@pytest.fixture
def images(run: str, trained_run: Run) -> list[str]:  # noqa: ARG001 - the folder to work in
    """Return three test images as PNG files, named after their classes."""
    from PIL import Image

    test = trained_run.load_data().test
    names = [f"{index}-{test.y[index]}.png" for index in range(3)]
    for index, name in enumerate(names):
        Image.fromarray(test.x[index, :, :, 0]).save(name)
    return names


def outputs_of(run: Run, x: Any) -> Any:
    """Return what Keras itself says of images of bytes."""
    return run.load_model().predict(np.asarray(x, np.float32) / 255, verbose=0)


# evaluate


def test_evaluate_tells_what_and_how_well(run: str) -> None:
    """Network, checkpoint, data, loss, accuracy, a line per class, and the pictures in the run folder."""
    text = ok("evaluate", run)
    assert f"tiny, checkpoint best of {run}" in text
    assert "synthetic:80, 16 test images" in text
    assert "(sparse_categorical_crossentropy)" in text
    assert all(title in text for title in ("Precision", "Recall", "F1", "Images", "mean"))
    for name in ("confusion.svg", "reliability.svg", "mistakes.svg"):
        assert str(Path(run) / name) in text
        ET.parse(Path(run) / name)  # noqa: S314 - our own file


def test_pictures_of_the_training_are_not_replaced_by_others(run: str) -> None:
    """Another checkpoint or other data need a place of their own for their pictures."""
    ok("evaluate", run)
    before = (Path(run) / "confusion.svg").stat().st_mtime_ns
    text = ok("evaluate", run, "--checkpoint", "last")
    assert "Pictures" not in text
    assert f"tiny, checkpoint last of {run}" in text
    assert (Path(run) / "confusion.svg").stat().st_mtime_ns == before


def test_evaluate_agrees_with_keras(
    run: str, trained_run: Run, keras: Any, conforms: Callable[[str, str], Any]
) -> None:
    """Accuracy, loss and confusion matrix are those of the model's own outputs."""
    found = conforms("evaluation", ok("evaluate", run, "-f", "json"))
    test = trained_run.load_data().test
    outputs = outputs_of(trained_run, test.x)
    assert found["mistakes"]
    assert found["accuracy"] == np.mean(outputs.argmax(axis=1) == test.y)
    theirs = np.mean(keras.losses.sparse_categorical_crossentropy(test.y, outputs))
    assert found["loss"]["value"] == pytest.approx(float(theirs), rel=1e-4)
    assert np.array(found["confusion"]).sum(axis=1).tolist() == np.bincount(test.y, minlength=4).tolist()
    for mistake in found["mistakes"]:
        assert str(test.y[mistake["image"]]) == mistake["class"]
        assert mistake["confidence"] == pytest.approx(float(outputs[mistake["image"]].max()), rel=1e-4)


def test_evaluation_as_json_is_a_contract(run: str) -> None:
    """Names, order and forms are stable."""
    found = json.loads(ok("evaluate", run, "-f", "json", "--pictures", "."))
    assert list(found) == [
        "cnnspec",
        "run",
        "network",
        "checkpoint",
        "data",
        "loss",
        "accuracy",
        "accuracy_interval",
        "top_5_accuracy",
        "top_5_accuracy_interval",
        "intervals",
        "calibration",
        "macro",
        "classes",
        "confusion",
        "mistakes",
        "pictures",
    ]
    assert found["data"] == {"name": "synthetic:80", "part": "test", "images": 16, "resized_from": None}
    assert found["top_5_accuracy"] is None
    assert list(found["classes"][0]) == [
        "name",
        "precision",
        "recall",
        "f1",
        "images",
        "precision_interval",
        "recall_interval",
    ]
    assert found["pictures"] == ["confusion.svg", "reliability.svg", "mistakes.svg"]


def test_evaluation_as_csv(run: str) -> None:
    """A row per class; the suffix of the output names the format."""
    ok("evaluate", run, "-o", "scores.csv")
    rows = list(csv.DictReader(StringIO(Path("scores.csv").read_text(encoding="utf-8"))))
    assert [row["class"] for row in rows] == ["0", "1", "2", "3"]
    assert sum(int(row["images"]) for row in rows) == 16


def test_evaluate_on_other_data(run: str, trained_run: Run) -> None:
    """An archive of floats from 0 to 1 is as good as bytes from 0 to 255."""
    test = trained_run.load_data().test
    np.savez("other.npz", x_train=test.x / 255, y_train=test.y, x_test=test.x / 255, y_test=test.y)
    mine, other = (json.loads(ok("evaluate", run, "-f", "json", *more)) for more in ((), ("--data", "other.npz")))
    assert other["data"]["name"] == "other.npz"
    assert other["confusion"] == mine["confusion"]
    assert other["loss"]["value"] == pytest.approx(mine["loss"]["value"], rel=1e-3)


def test_images_of_another_shape_are_resized_where_that_is_asked_for(run: str, trained_run: Run) -> None:
    """Each pixel four times is the same picture; without the option both shapes are said."""
    test = trained_run.load_data().test
    large = test.x.repeat(2, axis=1).repeat(2, axis=2)
    np.savez("large.npz", x_train=large, y_train=test.y, x_test=large, y_test=test.y)
    done = cnn("evaluate", run, "--data", "large.npz")
    assert (done.code, done.out) == (1, "")
    assert (
        "error[E504]: the network was trained on (8, 8, 1), and the images of `large.npz` are (16, 16, 1)" in done.err
    )
    assert "`--resize`" in done.err
    assert "large.npz, 16 test images, resized from 16×16×1 to 8×8×1" in ok(
        "evaluate", run, "--data", "large.npz", "--resize"
    )


def test_data_of_other_classes_are_refused(run: str) -> None:
    """Ten classes for four units."""
    done = cnn("evaluate", run, "--data", "digits")
    assert (done.code, done.out) == (1, "")
    assert "error[E503]: the network was trained on 4 classes, and `digits` has 10" in done.err


def test_pictures_do_not_replace_others(run: str) -> None:
    """In a folder that is not the run's own, files stay unless `--force` is given."""
    Path("mistakes.svg").write_text("mine", encoding="utf-8")
    done = cnn("evaluate", run, "--pictures", ".")
    assert (done.code, done.out) == (1, "")
    assert "error[E603]" in done.err
    assert Path("mistakes.svg").read_text(encoding="utf-8") == "mine"
    ok("evaluate", run, "--pictures", ".", "--force")
    assert Path("mistakes.svg").read_text(encoding="utf-8") != "mine"


def test_numbers_are_shown_even_if_pictures_cannot_be_written(run: str) -> None:
    """The folder's name is that of a file."""
    Path("taken").write_text("", encoding="utf-8")
    done = cnn("evaluate", run, "--pictures", "taken/pictures")
    assert done.code == 1
    assert "Accuracy" in done.out
    assert "Pictures" not in done.out
    assert done.err.count("error[E604]") == 3


# predict


def test_predict_says_the_most_probable_classes(
    run: str, images: list[str], trained_run: Run, conforms: Callable[[str, str], Any]
) -> None:
    """Exactly the model's outputs, the largest first, however many classes are asked for."""
    found = conforms("prediction", ok("predict", run, *images, "--top", "9", "-f", "json"))
    outputs = outputs_of(trained_run, trained_run.load_data().test.x[:3])
    for entry, name, row in zip(found["images"], images, outputs, strict=True):
        assert entry["file"] == name
        assert entry["statement"] == "8×8 grayscale, as it is"
        numbers = [guess["number"] for guess in entry["predictions"]]
        assert numbers == np.argsort(-row, kind="stable").tolist()
        values = [guess["probability"] for guess in entry["predictions"]]
        assert values == pytest.approx(row[numbers].tolist(), rel=1e-4)


def test_predict_as_text_and_csv(run: str, images: list[str]) -> None:
    """A line per picture, and a block for a single one; a row per class of each."""
    text = ok("predict", run, *images, "--top", "2")
    assert text.splitlines()[0].split() == ["Image", "Taken", "for", "Probability", "Then"]
    assert text.count(" %") == 6
    assert text.endswith("\n\n8×8 grayscale, as it is: all\n")
    text = ok("predict", run, images[0], "--top", "2")
    assert text.startswith(f"{images[0]}: 8×8 grayscale, as it is\n  ")
    assert text.count(" %") == 2
    rows = list(csv.DictReader(StringIO(ok("predict", run, *images, "--top", "2", "-f", "csv"))))
    assert [row["rank"] for row in rows] == ["1", "2"] * 3


def test_all_unreadable_images_are_named(run: str, images: list[str]) -> None:
    """The good ones are answered all the same; the exit code tells that something was wrong."""
    Path("bad.png").write_text("no image", encoding="utf-8")
    done = cnn("predict", run, "bad.png", images[0], "missing.png")
    assert done.code == 1
    assert images[0] in done.out
    assert done.err.count("error[E516]") == 2
    assert all(name in done.err for name in ("bad.png", "missing.png"))
    done = cnn("predict", run, "missing.png")
    assert (done.code, done.out) == (1, "")


def test_predict_takes_folders(run: str, images: list[str]) -> None:
    """All pictures in and below them, in natural order, each folder's own first; others are said to be left out."""
    folder = Path("scans")
    (folder / "more").mkdir(parents=True)
    for name in ("scan10.png", "scan9.PNG", "more/scan1.png"):
        (folder / name).write_bytes(Path(images[0]).read_bytes())
    (folder / "notes.txt").write_text("no picture", encoding="utf-8")
    (folder / ".hidden.png").write_text("no picture", encoding="utf-8")
    (folder / "more" / "around").symlink_to(folder.resolve())
    done = cnn("predict", run, images[1], "scans", "-f", "json")
    assert (done.code, done.err) == (0, "left out: 1 file not named as a picture\n")
    files = [Path(entry["file"]).as_posix() for entry in json.loads(done.out)["images"]]
    assert files == [images[1], "scans/scan9.PNG", "scans/scan10.png", "scans/more/scan1.png"]
    text = cnn("predict", run, *images, "scans", "--top", "1").out
    assert text.endswith("8×8 grayscale, as it is: all\n")


def test_a_folder_without_pictures_is_an_error(run: str, images: list[str]) -> None:
    """What is named beside it is answered all the same."""
    Path("empty").mkdir()
    done = cnn("predict", run, "empty", images[0])
    assert done.code == 1
    assert images[0] in done.out
    assert "error[E516]: the folder `empty` holds no pictures" in done.err


def test_pictures_are_read_some_at_a_time(run: str, images: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The answers are the same, and in order."""
    from cnnspec.training.results import prediction

    whole = ok("predict", run, *images, "-f", "csv")
    monkeypatch.setattr(prediction, "_at_once", lambda _: 2)
    parts = ok("predict", run, *images, "-f", "csv")
    one, other = ([row.split(",") for row in text.splitlines()[1:]] for text in (whole, parts))
    assert [row[:4] for row in one] == [row[:4] for row in other]
    assert [float(row[4]) for row in one] == pytest.approx([float(row[4]) for row in other], rel=1e-5)


def test_inverted_images(run: str, images: list[str]) -> None:
    """The negative of a picture, inverted, is the picture."""
    from PIL import Image, ImageOps

    ImageOps.invert(Image.open(images[0])).save("negative.png")
    straight, inverted = (
        json.loads(ok("predict", run, *more, "-f", "json"))["images"][0]
        for more in ((images[0],), ("negative.png", "--invert"))
    )
    assert inverted["statement"] == "8×8 grayscale, as it is, inverted"
    assert inverted["predictions"] == straight["predictions"]


# show-activations


def test_activations_of_all_layers(run: str, images: list[str]) -> None:
    """One picture with every layer; an existing file stays."""
    text = ok("show-activations", run, images[0])
    assert "activations.svg: 4 layers" in text
    root = ET.parse("activations.svg").getroot()  # noqa: S314 - our own file
    lines = ["".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"conv1", "maxpool1", "flatten1", "dense1", "6×6×6", "conv 6 3x3/1 valid relu"} <= {*lines}
    done = cnn("show-activations", run, images[0])
    assert done.code == 1
    assert "error[E603]" in done.err


def test_activations_of_some_layers(run: str, images: list[str]) -> None:
    """In the order of the network; `-` is standard output."""
    text = ok("show-activations", run, images[0], "--layers", "dense1, conv1", "-o", "-")
    assert text.index("conv1") < text.index("dense1")
    assert "maxpool1" not in text
    ET.fromstring(text)  # noqa: S314 - our own text


def test_activations_are_those_of_the_model(images: list[str], trained_run: Run) -> None:
    """The last layer's are the outputs; pooling takes the maxima of what stands before it."""
    from cnnspec.training.results.activations import choose_layers, compute_activations
    from cnnspec.training.results.prediction import read_pictures

    pictures, _ = read_pictures(trained_run, images[:1])
    found = compute_activations(trained_run, pictures[0], choose_layers(trained_run.graph, []))
    values = {entry.name: entry.values for entry in found}
    outputs = outputs_of(trained_run, trained_run.load_data().test.x[:1])
    assert values["dense1"] == pytest.approx(outputs[0], rel=1e-4)
    assert np.array_equal(values["maxpool1"], values["conv1"].reshape(3, 2, 3, 2, 6).max(axis=(1, 3)))
    assert {entry.name: entry.values.shape for entry in found} == {node.name: node.shape for node in trained_run.graph}


def test_an_unknown_layer_is_a_wrong_usage(run: str, images: list[str]) -> None:
    """With what there is instead."""
    done = cnn("show-activations", run, images[0], "--layers", "conv2")
    assert (done.code, done.out) == (2, "")
    assert "did you mean `conv1`?" in done.err


def test_filters_and_grad_cam(run: str, images: list[str]) -> None:
    """Rows of the same picture, above the layers; the class is a name."""
    text = ok("show-activations", run, images[0], "--layers", "dense1", "--filters", "--grad-cam", "--class", "2")
    assert text.endswith("activations.svg: 1 layer, Grad-CAM of conv1 for 2, the filters of conv1\n")
    root = ET.parse("activations.svg").getroot()  # noqa: S314 - our own file
    lines = ["".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"Grad-CAM", "6×6 map of conv1", "filters", "6 of 3×3×1", "dense1"} <= {*lines}
    assert any(line.startswith("for 2 (") for line in lines)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--class", "2"], "add `--grad-cam`"),
        (["--cam-layer", "conv1"], "add `--grad-cam`"),
        (["--grad-cam", "--class", "two"], "classes are 0, 1, 2, 3"),
        (["--grad-cam", "--cam-layer", "dense1"], "layers with height and width are conv1, maxpool1"),
    ],
)
def test_what_grad_cam_cannot_show(run: str, images: list[str], more: list[str], said: str) -> None:
    """Said before anything is computed, with what there is instead."""
    done = cnn("show-activations", run, images[0], *more)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert not Path("activations.svg").exists()


# All three


@pytest.mark.parametrize("command", [("evaluate",), ("predict", "a.png"), ("show-activations", "a.png")])
def test_a_missing_run_is_said_before_a_framework_is_imported(command: tuple[str, ...], tmp_path: Path) -> None:
    """TensorFlow takes seconds; a slip of the pen is told at once."""
    name, *more = command
    program = "import sys; from cnnspec.cli.app import main\ntry: main()\nfinally: print('tensorflow' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program, name, "nothing", *more],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
    )
    assert done.returncode == 1
    assert "error[E521]" in done.stderr
    assert done.stdout == "False\n"
