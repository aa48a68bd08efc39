"""What goes with what before a network is asked: classes, shapes, the range of pixels; and outputs that are none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cnnspec
from cnnspec.errors import CnnspecError
from cnnspec.training.data import Dataset, Samples
from cnnspec.training.results import evaluation_report as report
from cnnspec.training.results.evaluation import draw_pictures, evaluate
from cnnspec.training.results.other_data import fitted, scale_for
from cnnspec.training.results.outputs import PART, compute_outputs
from cnnspec.training.results.prediction import network_pixels, read_pictures
from cnnspec.training.runs.run import Run
from cnnspec.training.settings import Settings

SPEC = "name: tiny\ninput: 4x4x1\nlayers: [flatten, dense: 3 softmax]\n"


class Model:
    """A network that says what it was told to say."""

    def __init__(self, outputs: Any) -> None:
        """Take the outputs for all images, in their order."""
        self.outputs = np.asarray(outputs, np.float32)
        self.output_shape = (None, *self.outputs.shape[1:])
        self.inputs = [None]
        self.seen: list[Any] = []

    def predict(self, x: Any, batch_size: int, verbose: int) -> Any:
        """Return the outputs for the next images."""
        assert (x.dtype, verbose, batch_size > 0) == (np.float32, 0, True)
        first = sum(map(len, self.seen))
        self.seen.append(x)
        return self.outputs[first : first + len(x)]


class Trained(Run):
    """A run whose model is given."""

    model: Model

    def load_model(self, which: str = "best") -> Any:
        """Return the model that was given."""
        assert which == "best"
        return self.model


def make_run(
    data: str = "digits", scale: float = 1 / 16, classes: tuple[str, ...] = ("cat", "dog", "eel"), peak: float = 16.0
) -> Run:
    """Return a run without a folder."""
    return Run(Path("none"), cnnspec.loads(SPEC), Settings(data=data, scale=scale), classes, peak, {})


def make_data(
    classes: tuple[str, ...], *, name: str = "folder", shape: tuple[int, ...] = (4, 4, 1), peak: float = 255.0
) -> Dataset:
    """Return data with one image of each class."""
    y = np.arange(len(classes))
    samples = Samples(np.zeros((len(y), *shape), np.uint8), y)
    return Dataset(name, samples, samples, classes, peak, mirrors=False)


def codes(error: pytest.ExceptionInfo[CnnspecError]) -> list[str]:
    """Return the codes of what is wrong."""
    return [diagnostic.code for diagnostic in error.value.diagnostics]


# Classes


def test_classes_are_told_apart_by_their_names() -> None:
    """A folder whose classes stand in another order has other numbers for them."""
    found = fitted(make_run(), make_data(("eel", "cat", "dog")))
    assert found.classes == ("cat", "dog", "eel")
    assert found.test.y.tolist() == [2, 0, 1]
    assert len(found.train) == 0


def test_numbers_in_the_place_of_names_fit_all() -> None:
    """An archive has no names; the run's are taken."""
    found = fitted(make_run(), make_data(("0", "1", "2")))
    assert found.classes == ("cat", "dog", "eel")
    assert found.test.y.tolist() == [0, 1, 2]


@pytest.mark.parametrize("classes", [("cat", "dog", "fox"), ("cat", "dog")])
def test_other_classes_are_refused(classes: tuple[str, ...]) -> None:
    """Scores on classes that the network does not know would say nothing."""
    with pytest.raises(CnnspecError) as caught:
        fitted(make_run(), make_data(classes))
    assert codes(caught) == ["E503"]
    assert caught.value.diagnostics[0].notes == (
        "the run knows cat, dog, eel",
        f"`folder` has {', '.join(classes)}",
    )


def test_other_shapes_are_refused_or_resized() -> None:
    """Both shapes are said, beside what else is wrong; a constant stays what it is when it is resized."""
    with pytest.raises(CnnspecError) as caught:
        fitted(make_run(), make_data(("cat", "dog"), shape=(5, 4, 1)))
    assert codes(caught) == ["E503", "E504"]
    assert caught.value.diagnostics[1].message == (
        "the network was trained on (4, 4, 1), and the images of `folder` are (5, 4, 1)"
    )
    found = fitted(make_run(), make_data(("cat", "dog", "eel"), shape=(5, 4, 1)), resize=True)
    assert found.test.x.shape == (3, 4, 4, 1)
    assert found.shape == (4, 4, 1)


# Pixels


def test_white_becomes_the_white_of_the_training_data() -> None:
    """Whatever range the arrays had that the network was trained on."""
    assert network_pixels(make_run(peak=65535.0), np.array([0, 255], np.uint8)).tolist() == [0.0, 65535.0]


def test_other_data_are_scaled_to_the_same_white() -> None:
    """Trained on 0 to 16, asked about 0 to 255: both end at 1; its own data are scaled as they were."""
    run = make_run("digits", 1 / 16)
    assert scale_for(run, make_data(("a",), name="mnist")) == pytest.approx(1 / 255)
    assert scale_for(run, make_data(("a",), name="digits", peak=16.0)) == 1 / 16


def test_a_bright_ground_is_pointed_out(tmp_path: Path) -> None:
    """Ink on paper, for a network that learned white on black; not for photographs."""
    from PIL import Image

    Image.new("L", (4, 4), "white").save(tmp_path / "paper.png")
    Image.new("L", (4, 4), "black").save(tmp_path / "slate.png")
    files = [str(tmp_path / name) for name in ("paper.png", "slate.png")]
    (paper, slate), faults = read_pictures(make_run("mnist"), files)
    assert not faults
    assert "`--invert`" in paper.statement
    assert "`--invert`" not in slate.statement
    (inverted, _), _ = read_pictures(make_run("mnist"), files, invert=True)
    assert inverted.pixels.max() == 0
    assert all("`--invert`" not in picture.statement for picture in read_pictures(make_run("pictures"), files)[0])


# Outputs


def test_outputs_are_computed_in_parts_that_fit_into_memory() -> None:
    """In the order of the images, each part whole batches."""
    images = np.zeros((50, 512, 512, 3), np.uint8)
    images[:, 0, 0, 0] = np.arange(50)
    model = Model(np.arange(50)[:, None])
    found = compute_outputs(model, images, 0.5, 8)
    assert found.ravel().tolist() == list(range(50))
    assert len(model.seen) > 1
    assert all(part.nbytes <= PART for part in model.seen)
    assert np.concatenate(model.seen)[:, 0, 0, 0].tolist() == [0.5 * index for index in range(50)]


def test_outputs_that_are_no_numbers_are_an_error() -> None:
    """A network that diverged knows nothing, and its accuracy would be that of class 0."""
    model = Model([[0.5, 0.5], [np.nan, 0.5], [np.inf, 0]])
    with pytest.raises(CnnspecError) as caught:
        compute_outputs(model, np.zeros((3, 2, 2, 1)), 1.0, 8)
    assert codes(caught) == ["E527"]
    assert "2 of 3" in str(caught.value)


# Reports


def evaluation() -> Any:
    """Return the evaluation of a network that takes the cat for a dog, and never says eel."""
    run = make_run()
    found = Trained(run.folder, run.graph, run.settings, run.classes, run.peak, {})
    object.__setattr__(found, "model", Model([[0.2, 0.8, 0], [0.1, 0.9, 0], [0.3, 0.7, 0]]))
    return evaluate(found, make_data(run.classes))


def test_the_table_says_what_is_undefined() -> None:
    """A dash and what it means, never 0 in the place of nothing."""
    text = report.render_table(evaluation(), pictures=["a.svg", "b.svg"])
    assert "–" in text
    assert "stands where no image was taken for the class" in text
    assert "cat taken for dog: 1 time\n" in text
    assert "Accuracy   33.33 % (95 % CI 6.1–79.2 %, Wilson)\n" in text
    assert "ECE        0.5333 (15 bins of equal width; mean confidence 80.00 %)\n" in text
    line = next(line for line in text.splitlines() if line.startswith("dog "))
    assert line.split() == ["dog", "33.33", "%", "6.1–79.2", "%", "100.00", "%", "20.7–100.0", "%", "50.00", "%", "1"]
    assert text.endswith("Pictures   a.svg\n           b.svg\n")


def test_csv_is_harmless() -> None:
    """What is undefined is empty."""
    head, *rows = (line.split(",") for line in report.render_csv(evaluation()).splitlines())
    assert ",".join(head) == "class,precision,recall,f1,images,precision_low,precision_high,recall_low,recall_high"
    assert [row[:5] for row in rows] == [
        ["cat", "", "0.0", "0.0", "1"],
        ["dog", "0.3333333333333333", "1.0", "0.5", "1"],
        ["eel", "", "0.0", "0.0", "1"],
    ]
    assert [row[5:7] for row in (rows[0], rows[2])] == [["", ""]] * 2
    ends = [float(end) for row in rows for end in row[5:] if end]
    assert ends == pytest.approx([0, 0.7935, 0.0615, 0.7923, 0.2065, 1, 0, 0.7935], abs=5e-5)


def test_mistakes_are_shown_of_images_only() -> None:
    """A network on vectors has a confusion matrix, too."""
    found = evaluation()
    assert set(draw_pictures(found)) == {"confusion.svg", "reliability.svg", "mistakes.svg"}
    flat = replace(found.data, test=Samples(found.data.test.x.reshape(3, 16), found.data.test.y))
    assert set(draw_pictures(replace(found, data=flat))) == {"confusion.svg", "reliability.svg"}


def test_names_in_tables_stay_names() -> None:
    """Neither markup nor what a terminal would act on."""
    found = evaluation()
    named = replace(found.data, classes=("[red]a[/red]\x1b[31m", "猫", "eel"))
    text = report.render_table(replace(found, data=named))
    assert "[red]a[/red]�[31m" in text
    assert "\x1b" not in text
