"""The style graph: nothing touches, totals are those of the JSON, every edge once, bars to scale."""

from __future__ import annotations

import itertools
import re
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Final

import pytest
from looking import labels, shapes_of, sticking_out, touching

import cnnspec
from cnnspec.analysis.measure import measure
from cnnspec.drawing.drawing import Drawing, draw
from cnnspec.drawing.marks import LAYER
from cnnspec.drawing.scene import Box, Disc, Scene, Stroke, Words
from tests.bundled_cases import cases as bundled_cases

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES: Final = bundled_cases()
NESTED: Final = """
name: <script>alert(1)</script>
input: {left: 16x16x3, right: 16x16x3}
blocks:
  inner: [{residual: [conv: 3 3x3 same, relu]}]
  outer: [{inner: {}, repeat: 2}, {conv: 3 1x1}, {inner: {}}]
layers:
  - outer:
    from: left
    repeat: 3
  - relu: {}
    name: one
  - conv: 3 3x3 same
    from: right
    name: two
    note: <b>bold</b>
  - add: [one, identity]
  - flatten
outputs: [flatten1, one]
"""


def drawn(text: str, **options: object) -> Drawing:
    """Return the graph of a bundled network, or of a text."""
    net = cnnspec.loads(text) if "\n" in text else cnnspec.load(text)
    return draw(measure(net), style="graph", **options)  # type: ignore[arg-type] # options are by name


def cell(scene: Scene, words: str) -> Words:
    """Return the only text that says something."""
    (found,) = [shape for shape in shapes_of(scene.shapes) if isinstance(shape, Words) and shape.text == words]
    return found


@pytest.mark.parametrize("name", [*NAMES, NESTED])
@pytest.mark.parametrize("depth", [1, 9])
def test_no_label_touches_another(name: str, depth: int) -> None:
    """Measured in the widest of the fonts; all are whole on the sheet."""
    scene = drawn(name, depth=depth).scene
    areas = labels(scene)
    rows: dict[float, list[int]] = {}
    for place, area in enumerate(areas):
        rows.setdefault(area.top, []).append(place)
    assert [found for row in rows.values() for found in touching([areas[place] for place in row])] == []
    tops = sorted((row, max(areas[place].bottom for place in places)) for row, places in rows.items())
    assert all(bottom <= top for (_, bottom), (top, _) in itertools.pairwise(tops))
    assert sticking_out(scene, areas) == []


@pytest.mark.parametrize("name", NAMES)
def test_totals_are_those_of_the_json(name: str) -> None:
    """Printed below the title; folding changes nothing, and the numbers of the first table add up to them."""
    totals = cnnspec.summarize(cnnspec.load(name)).to_dict()["totals"]
    said = f"{totals['params']:,} parameters · {totals['macs']:,} MACs"
    scene = drawn(name).scene
    assert cell(scene, said).y == 57
    below = [shape for shape in shapes_of(scene.shapes) if isinstance(shape, Words) and shape.size == 17][1:]
    end = below[0].y - 30 if below else scene.height
    texts = [shape for shape in shapes_of(scene.shapes) if isinstance(shape, Words) and 92 < shape.y < end]
    for title, total in (("# Parameters", totals["params"]), ("MACs", totals["macs"])):
        right = next(s.x for s in shapes_of(scene.shapes) if isinstance(s, Words) and s.text == title)
        column = [int(shape.text.replace(",", "")) for shape in texts if shape.x == right and shape.anchor == "end"]
        assert sum(column) == total


@pytest.mark.parametrize("name", NAMES)
def test_every_edge_is_drawn_once(name: str) -> None:
    """With all layers shown: from the row of each layer that is read to the row of the reader."""
    net = cnnspec.load(name)
    place = {word: row for row, word in enumerate([each.name for each in (*net.inputs, *net.nodes)])}
    wanted = sorted((place[source], place[node.name]) for node in net for source in dict.fromkeys(node.inputs))
    scene = drawn(name, depth=9).scene
    strokes = [shape for shape in shapes_of(scene.shapes) if isinstance(shape, Stroke) and shape.width == 1.6]
    ends = [(path[0][-1], path[-1][-1]) for stroke in strokes for path in stroke.paths]
    assert sorted((round((a - 106.5) / 21), round((b - 106.5) / 21)) for a, b in ends) == wanted
    assert len([shape for shape in shapes_of(scene.shapes) if isinstance(shape, Disc)]) == len(place)


def test_bars_are_linear_from_zero() -> None:
    """LeNet-5 of the course: 84 pixels for the 48,120 parameters of fc3, and its others in proportion."""
    scene = drawn("lenet5-rgb").scene
    numbers = {"608": 608, "3,216": 3216, "48,120": 48120, "10,164": 10164, "850": 850}
    rows = {cell(scene, text).y: value for text, value in numbers.items()}
    left = cell(scene, "48,120").x + 8
    bars = {shape.y: shape.width for shape in shapes_of(scene.shapes) if isinstance(shape, Box) and shape.x == left}
    assert {round(y + 8.5 - 0.5 + 0.5): round(width, 6) for y, width in bars.items()} == {
        round(y): round(max(84 * value / 48120, 1), 6) for y, value in rows.items()
    }


def test_resnet50_is_eleven_rows_and_two_forms() -> None:
    """What repeats is folded: an input, ten rows, and below them the two ways of building a bottleneck."""
    drawing = drawn("resnet50")
    words = [shape.text for shape in shapes_of(drawing.scene.shapes) if isinstance(shape, Words)]
    assert [word for word in words if "×" in word and word.startswith("bottleneck ")] == [
        "bottleneck ×3",
        "bottleneck ×4",
        "bottleneck ×6",
        "bottleneck ×3",
    ]
    titles = [s.text for s in shapes_of(drawing.scene.shapes) if isinstance(s, Words) and s.size == 17]
    assert titles == ["resnet50", "bottleneck1", "bottleneck2"]
    assert len(drawing.svg) < 18_000


def test_what_is_read_from_two_sides_is_not_folded() -> None:
    """Two arms with the same layers stand beside each other: neither reads the other."""
    words = [shape.text for shape in shapes_of(drawn("siamese").scene.shapes) if isinstance(shape, Words)]
    assert {"first", "second"} <= {*words}


@pytest.mark.parametrize("name", ["lenet5-rgb", "resnet20-cifar10", "siamese"])
def test_a_drawing_is_the_golden_file(name: str, assert_golden: Callable[[str, str], None]) -> None:
    """The same input gives the same bytes."""
    assert_golden(f"drawings/{name}-graph.svg", drawn(name).svg)


@pytest.mark.parametrize("text", [NESTED, "unet"])
def test_a_drawing_is_safe_xml(text: str) -> None:
    """Anybody's words stay words; nothing is loaded, nothing runs, all names are our own."""
    svg = drawn(text, depth=9).svg
    tags = {element.tag.rpartition("}")[2] for element in ET.fromstring(svg).iter()}  # noqa: S314 - our own text
    assert tags <= {"svg", "title", "desc", "style", "g", "rect", "path", "circle", "text"}
    assert not re.search(r"href|url\(|@import|<!|<\?", svg)
    assert all(name.startswith("cnnspec-") for found in re.findall(r'class="([^"]*)"', svg) for name in found.split())
    assert " id=" not in svg


def test_only_a_part_is_drawn() -> None:
    """A copy of a block by its name, or a block, which means its first copy; layers of any place."""
    titles = [drawn("resnet50", names=[name]).scene.title for name in ("bottleneck2", "bottleneck")]
    assert titles == ["bottleneck2 of resnet50", "bottleneck of resnet50"]
    scene = drawn("resnet50", names=["bottleneck2"]).scene
    # 1·1·256·64 + 64, 3·3·64·64 + 64, 1·1·64·256 + 256, and 4 per channel of 64, 64 and 256
    assert cell(scene, "71,552 parameters · 218,365,952 MACs")
    assert cell(scene, "bottleneck1.relu3")
    assert len(list(shapes_of(drawn("lenet5", names=["conv2"]).scene.shapes))) < 30


def test_unknown_names_and_columns_are_said() -> None:
    """With what there is."""
    with pytest.raises(cnnspec.NoLayerError, match=r"E201.*no block `conv9`"):
        drawn("resnet50", names=["conv9"])
    with pytest.raises(cnnspec.CnnspecError, match=r"E701"):
        drawn("lenet5", columns=["colour"])


def test_thousands_of_rows_are_refused() -> None:
    """A long network is drawn folded."""
    text = "input: 4x4x1\nlayers:\n  - relu\n    repeat: 4000\n".replace("relu\n", "relu:\n")
    with pytest.raises(cnnspec.CnnspecError, match=r"E705.*4,001 rows"):
        drawn(text)
    folded = "input: 4x4x1\nblocks: {b: [relu]}\nlayers:\n  - b:\n    repeat: 4000\n"
    assert len(drawn(folded).svg) < 8_000


def test_marks_are_smaller_than_lanes() -> None:
    """So that neighbours never touch."""
    assert LAYER < 7
