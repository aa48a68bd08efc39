"""Pictures: well-formed, whatever anybody is called; nothing outside the paper; as many marks as there are facts."""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode
from collections.abc import Callable
from io import BytesIO
from itertools import pairwise
from typing import Any, Final
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnspec.drawing import curves, svg
from cnnspec.drawing.axes import count_up, nice_step, scale
from cnnspec.drawing.palette import FIRST, INK, PAPER, PICTURES, QUIET, SECOND
from cnnspec.training.results import confusion, feature_maps, mistakes, pixels, reliability
from cnnspec.training.results.calibration import Calibration, calibrate
from cnnspec.training.results.feature_maps import Activation
from cnnspec.training.results.scores import Mistake
from cnnspec.training.results.tiles import CONSTANT, EMPTY, arrange, colors, lay_out, palette, shrink

SPACE: Final = "{http://www.w3.org/2000/svg}"
HOSTILE: Final = ("</text><script>alert(1)</script>", "a\"b'c&d", "line\nbreak\x00\x1b[31m\ud800", "x" * 500, "")
PNG: Final = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=]+)")


def parse(text: str) -> ET.Element:
    """Return the root of a picture; it must be one that shows itself whole and loads nothing."""
    root = ET.fromstring(text.encode())  # noqa: S314 - our own text
    assert root.tag == f"{SPACE}svg"
    title = root.find(f"{SPACE}title")
    assert title is not None
    assert title.text
    for node in root.iter():
        assert node.tag.removeprefix(SPACE) in ALLOWED
        assert not [name for name in node.attrib if name.startswith("on")]
        assert node.get("href", "data:image/png;base64,").startswith("data:image/png;base64,")
    return root


ALLOWED: Final = ("svg", "title", "desc", "style", "rect", "line", "path", "circle", "text", "image")


def shown(root: ET.Element, tag: str) -> list[ET.Element]:
    """Return the elements of a name."""
    return list(root.iter(f"{SPACE}{tag}"))


def words(root: ET.Element) -> list[str]:
    """Return all lines of text."""
    return ["".join(node.itertext()) for node in shown(root, "text")]


def assert_on_paper(root: ET.Element) -> None:
    """Assert that no line of text and no rectangle begins or ends outside the paper."""
    width, height = (float(root.get(name) or 0) for name in ("width", "height"))
    for node in shown(root, "text"):
        length = 0.9 * svg.measure("".join(node.itertext()), float(node.get("font-size") or 0))
        x, y = float(node.get("x") or 0), float(node.get("y") or 0)
        assert 0 < y < height
        if not node.get("transform"):
            shift = {"end": 1.0, "middle": 0.5}.get(node.get("text-anchor") or "", 0.0)
            assert x - shift * length >= 0
            assert x + (1 - shift) * length <= width
    for node in (*shown(root, "rect"), *shown(root, "image")):
        assert 0 <= float(node.get("x") or 0) <= float(node.get("x") or 0) + float(node.get("width") or 0) <= width
        assert 0 <= float(node.get("y") or 0) <= float(node.get("y") or 0) + float(node.get("height") or 0) <= height


def without_compression(text: str) -> str:
    """Return a picture with the pixels' digests in the place of PNGs: compression differs between machines."""
    from PIL import Image

    def digest(found: re.Match[str]) -> str:
        image = Image.open(BytesIO(b64decode(found[1])))
        return f"{image.width}x{image.height} {hashlib.sha256(image.convert('RGB').tobytes()).hexdigest()[:16]}"

    return PNG.sub(digest, text)


def history(epochs: int, *, validation: bool = True) -> list[dict[str, float]]:
    """Return a history whose numbers are round."""
    rows = [
        {"epoch": epoch, "loss": round(2 / epoch, 4), "accuracy": round(1 - 0.9 / epoch, 4)}
        for epoch in range(1, epochs + 1)
    ]
    if validation:
        rows = [row | {"val_loss": row["loss"] + 0.1, "val_accuracy": row["accuracy"] - 0.05} for row in rows]
    return rows


# Axes


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=20))
def test_values_lie_on_their_axis(values: list[float]) -> None:
    """All between the ends, which are ticks; ticks go up, and each has a label of its own."""
    axis = scale(values, lambda value, decimals: f"{value:.{decimals}f}")
    assert all(-1e-6 <= axis.place(value) <= 1 + 1e-6 for value in values)
    assert all(a < b for a, b in pairwise(axis.ticks))
    assert len(set(axis.labels)) == len(axis.ticks) <= 9


def test_the_smallest_number_is_zero_on_an_axis() -> None:
    """Its power of ten is none."""
    assert scale([5e-324], lambda value, decimals: f"{value:.{decimals}f}").labels == (
        "-0.10",
        "-0.05",
        "0.00",
        "0.05",
        "0.10",
    )


@given(st.integers(1, 5000), st.integers(0, 5000))
def test_epochs_are_whole_numbers(first: int, more: int) -> None:
    """From the first one on, never too many."""
    axis = count_up(first, first + more)
    assert axis.ticks[0] == first
    assert all(first <= tick <= first + more for tick in axis.ticks)
    assert len(axis.ticks) <= 13


@given(st.floats(1e-9, 1e9))
def test_steps_are_nice(rough: float) -> None:
    """1, 2 or 5 times a power of ten, and no smaller than asked for."""
    step = nice_step(rough)
    assert rough * 0.999 <= step <= rough * 2.6
    assert f"{step:e}"[0] in "125"


# Learning curves


@pytest.mark.parametrize("epochs", [1, 2, 12, 13, 100, 1000])
def test_curves_of_any_length(epochs: int) -> None:
    """Two panels with two lines each; few epochs are dots, too, and one epoch is nothing else."""
    root = parse(curves.render(history(epochs), best=1))
    assert_on_paper(root)
    assert len(shown(root, "path")) == (4 if epochs > 1 else 0)
    assert len(shown(root, "circle")) == 2 + (4 * epochs if epochs <= 12 else 0)
    assert words(root).count("training") == words(root).count("validation") == 2


def test_curves_without_validation() -> None:
    """What was not measured has no line and no name."""
    root = parse(curves.render(history(20, validation=False)))
    assert len(shown(root, "path")) == 2
    assert "validation" not in words(root)


def test_curves_break_where_a_value_is_no_number() -> None:
    """The line goes on behind the gap, and how much is missing is said."""
    rows = history(20)
    for index, value in ((4, float("nan")), (5, float("inf")), (9, None)):
        rows[index]["val_loss"] = value  # type: ignore[assignment] # as a history may be
    root = parse(curves.render(rows, best=5))
    assert_on_paper(root)
    assert len(shown(root, "path")) == 6
    assert "The validation loss is no number in 3 of 20 epochs." in words(root)


@pytest.mark.parametrize("rows", [[], [{"epoch": 1, "loss": float("nan")}], [{"epoch": 3}]])
def test_curves_of_nothing(rows: list[dict[str, float]]) -> None:
    """No number at all is said to be unknown."""
    root = parse(curves.render(rows))
    assert_on_paper(root)
    assert words(root).count("unknown") == 2


def test_equal_values_lie_in_the_middle() -> None:
    """A constant is neither at the edge nor a reason to divide by zero; its two names do not overlap."""
    rows = [{"epoch": epoch, "loss": 0.0, "val_loss": 0.0, "accuracy": 1.0, "val_accuracy": 1.0} for epoch in (1, 2, 3)]
    root = parse(curves.render(rows, best=2))
    assert_on_paper(root)
    names = [node for node in shown(root, "text") if "".join(node.itertext()) in ("training", "validation")]
    heights = [float(node.get("y") or 0) for node in names]
    assert abs(heights[0] - heights[1]) >= 14


def test_a_steep_loss_is_shown_in_logarithms() -> None:
    """Else a spike in the first epoch would flatten everything behind it."""
    assert "logarithmic" in words(parse(curves.render([{"loss": 1e6}, {"loss": 0.5}])))


# Confusion matrix


def matrix(classes: int) -> Any:
    """Return a confusion matrix: every class 90 times right, ten times taken for the next."""
    return np.eye(classes, dtype=np.int64) * 90 + np.roll(np.eye(classes, dtype=np.int64), 1, axis=1) * 10


@pytest.mark.parametrize("classes", [2, 3, 10, 20, 24])
def test_few_classes_have_numbers(classes: int) -> None:
    """A cell for each pair, a count where there is one, names at both sides."""
    root = parse(confusion.render(matrix(classes), [f"c{i}" for i in range(classes)]))
    assert_on_paper(root)
    assert len(shown(root, "rect")) == 2 + classes**2 + 2 * len(confusion.LEGEND)
    assert words(root).count("90") == classes
    assert words(root).count("c1") == 2
    assert not shown(root, "image")


@pytest.mark.parametrize(("classes", "named"), [(25, 2), (100, 2), (1000, 0)])
def test_many_classes_are_one_picture(classes: int, named: int) -> None:
    """Shades without numbers; of very many not even names."""
    root = parse(confusion.render(matrix(classes), [f"c{i}" for i in range(classes)]))
    assert_on_paper(root)
    assert len(shown(root, "image")) == 1
    assert "90" not in words(root)
    assert words(root).count("c1") == named


def test_the_diagonal_is_blue_and_mistakes_are_orange() -> None:
    """The paper where nothing was; stronger where more of the row is, whatever the row's size."""
    colored = confusion.paint(np.array([[5, 5, 0], [0, 100, 0], [0, 0, 0]])).astype(int)
    assert colored[0, 2, 3] == colored[2, 2, 3] == 0
    assert colored[0, 0, 2] > colored[0, 0, 0]
    assert colored[0, 1, 0] > colored[0, 1, 2]
    assert colored[1, 1, 3] == 245  # 0.96 of 255
    assert colored[0, 0, 3] == 173  # times the root of a half


def test_nearly_all_right_is_not_all_right() -> None:
    """What is not whole is never rounded to 100 %."""
    text = " ".join(words(parse(confusion.render(np.array([[99999, 1], [0, 0]]), "ab"))))
    assert "99,999 of 100,000 are right (99.99 %)" in text
    assert "nothing was shown" in " ".join(words(parse(confusion.render(np.zeros((2, 2), np.int64), "ab"))))


# Reliability


def calibration() -> Calibration:
    """Return that of six samples: of two with 0.6 one is right, of four with 0.9 three."""
    table = np.array([[0.6, 0.4]] * 2 + [[0.1, 0.9]] * 4)
    found = calibrate(table, np.array([0, 1, 1, 1, 1, 0]))
    assert found is not None
    return found


def test_a_bin_without_images_is_not_drawn() -> None:
    """Two bins have images: each a bar, a gap and a whisker of three lines, and a bar in the second plot."""
    root = parse(reliability.render(calibration()))
    titles = [node[0].text or "" for node in shown(root, "rect") if len(node)]
    assert sorted(set(titles)) == [
        "confidence above 53.3 % up to 60.0 %: 1 of 2 right, on average 60.0 % sure",
        "confidence above 86.7 % up to 93.3 %: 3 of 4 right, on average 90.0 % sure",
    ]
    assert len(titles) == 6
    assert "ECE 0.1333 over 15 bins of equal width: on average 80.00 % sure, and 66.67 % right" in words(root)


# Mistakes


@pytest.mark.parametrize("count", [0, 1, 5, 6, 25])
@pytest.mark.parametrize("channels", [1, 2, 3])
def test_every_mistake_has_its_picture(count: int, channels: int) -> None:
    """An image each, with what it is and what it was taken for."""
    found = [Mistake(index, 7, 1, 0.998) for index in range(count)]
    images = np.full((count, 8, 6, channels), 9, np.uint8)
    root = parse(mistakes.render(found, images, [str(i) for i in range(10)], total=count))
    assert_on_paper(root)
    assert len(shown(root, "image")) == count
    assert words(root).count("7, taken for 1 (99.8 %)") == count


def test_an_output_that_is_no_probability_is_shown_as_it_is() -> None:
    """A network trained on squared errors may say 1.25."""
    root = parse(mistakes.render([Mistake(0, 0, 1, 1.25)], np.zeros((1, 4, 4, 1)), "ab", peak=1, percent=False))
    assert "a, taken for b (1.25)" in words(root)


def test_white_is_the_peak() -> None:
    """Pixels of 0 to 16 are shown as brightly as those of 0 to 255; what is no number is black."""
    assert pixels.visible(np.array([[[0.0], [8.0], [16.0], [np.nan]]]), 16).tolist() == [[0, 128, 255, 0]]
    assert pixels.visible(np.array([[[300, -5, 7]]])).tolist() == [[[255, 0, 7]]]


# Feature maps


def test_layers_of_every_rank() -> None:
    """Maps, sequences, volumes, units and probabilities; what is left out is said."""
    random = np.random.default_rng(0)
    layers = [
        Activation("conv", "conv 70 3x3", random.normal(size=(9, 7, 70))),
        Activation("steps", "", random.normal(size=(30, 4))),
        Activation("volume", "", random.normal(size=(3, 6, 6, 2))),
        Activation("gap", "", random.normal(size=(1, 1, 12))),
        Activation("wide", "dense 2000", random.normal(size=2000)),
        Activation("dead", "dense 3", np.zeros(3)),
        Activation("lost", "dense 3", np.full(3, np.nan)),
        Activation("out", "dense 4 softmax", np.array([0.1, 0.2, 0.3, 0.4])),
    ]
    root = parse(feature_maps.render(np.zeros((8, 8, 1), np.uint8), layers, ["a", "b", "c", "d"]))
    assert_on_paper(root)
    lines = words(root)
    assert len(shown(root, "image")) == 8
    assert {"64 of 70 channels shown", "1,024 of 2,000 units shown", "slice 2 of 3", "no finite number"} <= {*lines}
    assert {"9×7×70", "10.0 %", "40.0 %"} <= {*lines}


def test_many_classes_show_the_most_probable() -> None:
    """Ten bars, the highest first."""
    values = np.arange(1, 101) / 5050
    lines = words(parse(_only(values, [f"c{i}" for i in range(100)])))
    assert "the 10 most probable" in lines
    assert [line for line in lines if line.startswith("c")] == [f"c{i}" for i in range(99, 89, -1)]


def test_one_sigmoid_unit_shows_both_classes() -> None:
    """0.93 for the second is 0.07 for the first."""
    assert {"cat", "7.0 %", "dog", "93.0 %"} <= {*words(parse(_only(np.array([0.93]), ["cat", "dog"])))}


def test_scores_are_no_bars() -> None:
    """Outputs that are no probabilities are cells."""
    assert len(shown(parse(_only(np.array([2.0, -1.0]), ["cat", "dog"])), "image")) == 2


def _only(values: Any, classes: list[str]) -> str:
    return feature_maps.render(np.zeros((4, 4, 3), np.uint8), [Activation("out", "", values)], classes)


def test_channels_are_colored_by_themselves() -> None:
    """Each from its own smallest to its own largest value, unless all share one scale; a constant is set apart."""
    maps = np.array([[[0.0, 10.0, 5.0], [1.0, 30.0, 5.0]]])
    levels, constant = colors(maps)
    assert levels[0].tolist() == [[0, 0, CONSTANT], [CONSTANT - 1, CONSTANT - 1, CONSTANT]]
    assert constant == 1
    levels, constant = colors(maps, jointly=True)
    assert (levels[0, 0, 0], levels[0, 1, 1], constant) == (0, CONSTANT - 1, 0)
    assert len(palette()) == 3 * 256


def test_tiles_keep_apart() -> None:
    """Three tiles in two columns, with paper between them and in the place of the fourth."""
    tiles = [np.full((2, 2), value, np.uint8) for value in (1, 2, 3)]
    sheet = arrange(tiles, 2, 1)
    assert sheet.shape == (5, 5)
    assert (sheet[0, 0], sheet[0, 3], sheet[3, 0]) == (1, 2, 3)
    assert {*sheet[2].tolist(), *sheet[:, 2].tolist(), sheet[4, 4]} == {EMPTY}


@given(st.integers(1, 90), st.integers(1, 90), st.integers(1, 50))
def test_shrinking_keeps_means(height: int, width: int, side: int) -> None:
    """No side is longer than asked for, and a constant stays what it is."""
    found = shrink(np.full((height, width, 2), 3.5), side)
    assert max(found.shape[:2]) <= max(side, 1)
    assert np.allclose(found, 3.5)


# Words


@given(st.text(max_size=60), st.floats(10, 300))
def test_words_are_cut_to_their_room(line: str, width: float) -> None:
    """Never longer than the room, unless nothing would be left."""
    found = svg.fit(line, width)
    assert svg.measure(found) <= width or len(found) <= 1
    parse(svg.document(9, 9, "t", [svg.text(1, 1, found)]))


def test_a_last_letter_makes_room_for_the_sign() -> None:
    """A digit and the sign are 0.64·12 and 12 pixels wide, the letter is wider than the sign."""
    assert svg.fit("0漢", 20.0) == "0…"


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_only_words(name: str) -> None:
    """A class, a layer or a network may be called anything: nothing of it becomes an element."""
    image, two = np.zeros((1, 4, 4, 1), np.uint8), [name, "b"]
    layers = [Activation(name, name, np.zeros((2, 2, 2))), Activation("out", name, np.array([0.5, 0.5]))]
    for text in (
        curves.render(history(3), title=name or "t"),
        confusion.render(matrix(2), two, title=name or "t"),
        reliability.render(calibration(), title=name or "t"),
        mistakes.render([Mistake(0, 0, 1, 0.5)], image, two, title=name or "t"),
        feature_maps.render(image[0], layers, two, title=name or "t"),
    ):
        assert_on_paper(parse(text))


# Colours


@pytest.mark.parametrize("name", ["curves", "confusion", "reliability", "mistakes", "feature_maps"])
def test_every_colour_has_one_on_dark_paper(name: str) -> None:
    """Each that stands in a picture, by a rule that holds inside of pictures alone."""
    text = _pictures()[name]
    style = shown(parse(text), "style")[0].text or ""
    assert style.startswith("@media (prefers-color-scheme:dark){.cnnspec-picture [")
    for colour in PICTURES:
        for kind in ("fill", "stroke"):
            rule = f'.cnnspec-picture [{kind}="{colour.light}"]{{{kind}:{colour.dark}}}'
            assert (rule in style) is (f'{kind}="{colour.light}"' in text.replace(style, "")), rule


def test_words_can_be_read_on_either_paper() -> None:
    """4.5:1 of contrast, as WCAG has it."""
    for paper in ("light", "dark"):
        ground = _luminance(getattr(PAPER, paper))
        for colour in (INK, QUIET, FIRST, SECOND):
            dark, light = sorted((ground, _luminance(getattr(colour, paper))))
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (colour.name, paper)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_paper_is_seen_between_tiles() -> None:
    """On dark paper it is dark."""
    from PIL import Image

    grid = lay_out(np.arange(32, dtype=np.float64).reshape(4, 4, 2), 100, 2, 6)
    image = Image.open(BytesIO(grid.png)).convert("RGBA")
    assert {alpha for _, (*_, alpha) in image.getcolors(100_000) or ()} == {0, 255}


# Golden files


def _pictures() -> dict[str, str]:
    ramp = np.arange(16, dtype=np.float64).reshape(4, 4)
    layers = [
        Activation("conv1", "conv 2 3x3 relu", np.stack([ramp, np.zeros((4, 4))], axis=-1)),
        Activation("flatten", "flatten", ramp.ravel()),
        Activation("dense1", "dense 2 softmax", np.array([0.25, 0.75])),
    ]
    images = np.stack([ramp, 15 - ramp])[..., None]
    found = [Mistake(3, 0, 1, 0.998), Mistake(8, 1, 0, 0.75)]
    return {
        "curves": curves.render(history(20), title="Learning curves of lenet5", best=20),
        "confusion": confusion.render(np.array([[50, 2, 0], [7, 40, 1], [0, 0, 0]]), ["cat", "dog", "<b>"]),
        "reliability": reliability.render(calibration(), title="Reliability diagram of lenet5"),
        "mistakes": mistakes.render(found, images, ["cat", "dog"], peak=15, total=7),
        "feature_maps": feature_maps.render(images[0], layers, ["cat", "dog"], peak=15),
    }


@pytest.mark.parametrize("name", ["curves", "confusion", "reliability", "mistakes", "feature_maps"])
def test_pictures_are_as_they_were(name: str, assert_golden: Callable[[str, str], None]) -> None:
    """The same input gives the same text; it says what it says, wherever it is drawn."""
    text = _pictures()[name]
    assert text == _pictures()[name]
    assert_on_paper(parse(text))
    assert_golden(f"pictures/{name}.svg", without_compression(text))
