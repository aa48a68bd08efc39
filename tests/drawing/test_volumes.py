"""The style volumes: nothing touches, lengths follow the law, every edge once, and the figure suits what it is for."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

import pytest
from looking import Area, labels, shapes_of, sticking_out, touching

import cnnspec
from cnnspec.analysis.measure import measure
from cnnspec.drawing.drawing import Drawing, draw
from cnnspec.drawing.part import Part, select, whole
from cnnspec.drawing.places import Plan, plan
from cnnspec.drawing.scene import Disc, Group, Polygon, Stroke, Words
from cnnspec.drawing.solids import Scale, scale_for
from cnnspec.drawing.stations import stations_of
from tests.bundled_cases import cases as bundled_cases

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES: Final = bundled_cases()
TEXTS: Final = {
    "a sequence": "input: 360x2\nlayers: [conv: 16 kernel=7 same relu, maxpool: 2, conv: 32 kernel=5, gap, dense: 5]",
    "a volume": "input: 16x32x24x1\nlayers: [conv: 8 3x3x3 same relu, maxpool: 2, upconv: 4 2x2x2/2, gap, dense: 3]",
    "two inputs and two outputs": (
        "input: {image: 64x64x3, age: 4}\nlayers:\n  - conv: 16 3x3/2 bn relu\n    from: image\n  - gap\n"
        "  - dense: 32 relu\n    from: age\n    name: aged\n  - concat: [gap1, aged]\n    name: both\n"
        "  - dense: 10\n    name: kind\n  - dense: 1\n    from: both\n    name: years\noutputs: [kind, years]\n"
    ),
    "a tall one": "input: 8x400x3\nlayers: [conv: 4 3x3, flatten, dense: 2]",
    "crossing": (
        "input: 8x8x4\nlayers:\n  - {conv: 4 1x1, name: a}\n  - {conv: 4 1x1, name: b}\n"
        "  - {add: [a, input], name: c}\n  - {add: [b, c], name: d}\n"
        "  - add: [a, d]\n  - add: [identity, b]\n  - multiply: [identity, c]\n"
    ),
    "a block of a dense net": (
        "input: 9x9x16\nlayers:\n  - concat: [identity, [bn, relu, conv: 8 1x1 bn relu, conv: 4 3x3 same]]\n  - relu\n"
    ),
}
BLOCKS: Final = {
    "resnet50": "bottleneck4",
    "inceptionv3": "module_b1",
    "efficientnetb0": "inverted6",
    "mobilenetv2": "inverted3",
    "densenet121": "dense_layer1",
    "vit-b16": "encoder1",
    "wavenet": "unit3",
}
ALL: Final = [*NAMES, *TEXTS, *(f"{name}:{block}" for name, block in BLOCKS.items())]


def part_of(name: str) -> Part:
    """Return a bundled network, a text of this file, or a block of a bundled network."""
    net, _, block = name.partition(":")
    summary = measure(cnnspec.loads(TEXTS[net]) if net in TEXTS else cnnspec.load(net))
    return select(summary, [block]) if block else whole(summary)


def planned(name: str) -> tuple[Plan, Scale]:
    """Return where all stands, and the law of lengths."""
    stations = stations_of(part_of(name))
    scale = scale_for(stations)
    return plan(stations, scale, 28, 84), scale


def drawn(name: str) -> Drawing:
    """Return the figure."""
    part = part_of(name)
    return draw(part.summary, style="volumes", names=[] if part.whole else [name.partition(":")[2]])


@pytest.mark.parametrize("name", ALL)
def test_nothing_touches(name: str) -> None:
    """Neither two labels, nor two volumes, nor a label and a volume; all is whole on the sheet."""
    scene = drawn(name).scene
    found, _ = planned(name)
    volumes = [
        Area(each.left, each.y - each.box.tall / 2, each.right, each.y + each.box.tall / 2, each.station.name)
        for each in found.places
    ]
    words = labels(scene)
    assert touching([*words, *volumes]) == []
    assert sticking_out(scene, [*words, *volumes]) == []


@pytest.mark.parametrize("name", ALL)
def test_lines_that_go_up_and_down_are_apart(name: str) -> None:
    """At least 4 pixels where they pass each other, unless they come from one volume or lead to one."""
    lines = sorted(
        (start[-2], min(start[-1], end[-1]), max(start[-1], end[-1]))
        for shape in shapes_of(drawn(name).scene.shapes)
        if isinstance(shape, Stroke) and shape.width == 1.4
        for path in shape.paths
        for start, end in itertools.pairwise(path)
        if len(end) == 2 and start[-2] == end[-2]
    )
    for one, other in itertools.combinations(lines, 2):
        if one[1] < other[2] and other[1] < one[2]:
            assert other[0] - one[0] < 0.01 or other[0] - one[0] >= 4


@pytest.mark.parametrize("name", ALL)
def test_lengths_follow_the_law(name: str) -> None:
    """Of any two maps, heights, depths and lengths are as their sizes or as the square roots of these, vectors too."""
    found, scale = planned(name)
    assert f"{scale.p} {scale.vector_p}".replace("0.5", "").replace("1.0", "").strip() == ""
    maps = [each for each in found.places if not each.station.circle and not each.station.is_vector]
    for one, other in itertools.pairwise(maps):
        for axis, length in (
            (-3, lambda each: each.box.height),
            (-2, lambda each: each.box.right),
            (-1, lambda each: each.box.length / each.station.count),
        ):
            if len(one.station.shape) == len(other.station.shape) == 3 and min(length(one), length(other)) > 2.5:
                ratio = (one.station.shape[axis] / other.station.shape[axis]) ** scale.p
                assert length(one) / length(other) == pytest.approx(ratio)
    vectors = [each for each in found.places if each.station.is_vector and not each.station.circle]
    for one, other in itertools.pairwise(vectors):
        if min(one.box.height, other.box.height) > 2.5:
            ratio = (one.station.shape[0] / other.station.shape[0]) ** scale.vector_p
            assert one.box.height / other.box.height == pytest.approx(ratio)


def test_lenet5_is_drawn_to_scale() -> None:
    """150 px for 32 rows, 54 px for 16 channels; 784 − 400 vectors as square roots: 150 px for 400 units."""
    found, scale = planned("lenet5-1998")
    heights = [round(each.box.height, 2) for each in found.places[:6]]
    # 150/32·(32, 28, 14, 10, 5) by hand, then the 400 units of the flattened map
    assert heights == [150, 131.25, 65.62, 46.88, 23.44, 150]
    # 54/16·(1, 6, 6, 16, 16)
    assert [round(each.box.length, 3) for each in found.places[:5]] == [3.375, 20.25, 20.25, 54, 54]
    # 150·sqrt(120/400), 150·sqrt(84/400), 150·sqrt(10/400)
    assert [round(each.box.height, 2) for each in found.places[6:]] == [82.16, 68.74, 23.72]
    assert scale.words == "lengths to scale, vectors as square roots"


@pytest.mark.parametrize("name", ALL)
def test_every_edge_is_drawn_once(name: str) -> None:
    """As a window with rays, as a wedge, or as an arrow with its head; and every station is there once."""
    found, _ = planned(name)
    scene = drawn(name).scene
    loose = [shape for shape in scene.shapes if isinstance(shape, Polygon)]
    assert len(loose) == len(found.lanes.edges)
    wanted = {(source, at) for at, each in enumerate(found.places) for source, _ in each.station.sources}
    assert {(edge.source, edge.target) for edge in found.lanes.edges} == wanted
    assert len([shape for shape in scene.shapes if isinstance(shape, Group)]) == len(found.places)


@pytest.mark.parametrize("name", NAMES)
def test_totals_and_shapes_are_those_of_the_json(name: str) -> None:
    """The figure cannot contradict the network."""
    document = cnnspec.summarize(cnnspec.load(name)).to_dict()
    scene = drawn(name).scene
    words = [shape.text for shape in shapes_of(scene.shapes) if isinstance(shape, Words)]
    totals = document["totals"]
    assert words[1].startswith(f"{totals['params']:,} parameters · {totals['macs']:,} MACs · lengths ")
    shapes = {"×".join(map(str, layer["output_shape"])) for layer in document["layers"]}
    shapes |= {"×".join(map(str, entry["shape"])) for entry in document["inputs"]}
    bold = {
        shape.text for shape in shapes_of(scene.shapes) if isinstance(shape, Words) and shape.bold and shape.size < 17
    }
    assert bold <= shapes


@pytest.mark.parametrize(
    ("name", "style"),
    {
        "lenet5": "volumes",
        "alexnet": "volumes",
        "vgg16": "volumes",
        "unet": "volumes",
        "crnn": "volumes",
        "resnet50:bottleneck1": "volumes",
        "inceptionv3:module_a1": "volumes",
        "resnet50": "graph",
        "googlenet": "graph",
        "densenet121": "graph",
        "siamese": "graph",
    }.items(),
)
def test_the_style_suits(name: str, style: str) -> None:
    """A chain, a U, or a single block is a figure; else there is the table."""
    part = part_of(name)
    assert draw(part.summary, names=[] if part.whole else [name.partition(":")[2]]).style == style


def test_equal_convolutions_touch() -> None:
    """VGG-16 has two, two, three, three, three, with a label each."""
    found, _ = planned("vgg16")
    assert [each.station.count for each in found.places if each.station.count > 1] == [2, 2, 3, 3, 3]
    assert found.places[5].label.lines == ("56×56×256", "conv 3×3 ×3", "relu")


def test_a_u_goes_down_and_up() -> None:
    """Five levels; each copy stays on its level, crop rides on it; what enlarges is a part of the concatenation."""
    found, _ = planned("unet")
    assert max(found.levels) == 4
    joins = [each.station for each in found.places if each.station.pieces]
    assert [[piece.channels for piece in each.pieces] for each in joins] == [[512] * 2, [256] * 2, [128] * 2, [64] * 2]
    assert [[piece.hatched for piece in each.pieces] for each in joins] == [[False, True]] * 4
    words = [shape.text for shape in shapes_of(drawn("unet").scene.shapes) if isinstance(shape, Words)]
    assert [word for word in words if word.startswith("crop")] == ["crop 88", "crop 40", "crop 16", "crop 4"]


def test_a_sum_is_a_circle_and_its_shortcut_an_arc() -> None:
    """The bottleneck with a projection: main path on the axis, the projection above it."""
    found, _ = planned("resnet50:bottleneck4")
    assert [each.station.caption for each in found.places] == [
        ["bottleneck3.relu3"],
        ["conv 1×1/2"],
        ["conv 3×3"],
        ["conv 1×1"],
        ["conv 1×1/2"],
        ["add"],
    ]
    assert found.lanes.rows == (0, 0, 0, 0, 1, 0)
    assert found.places[4].y < found.places[1].y
    assert any(isinstance(shape, Disc) for shape in shapes_of(drawn("resnet50:bottleneck4").scene.shapes))


def test_quiet_layers_are_words() -> None:
    """Under the volume before them; in front of one where others read what they read."""
    found, _ = planned("alexnet")
    assert "relu" in found.places[1].label.lines
    block, _ = planned("densenet121:dense_layer1")
    assert block.places[1].label.lines == ("56×56×128", "bn relu", "conv 1×1", "bn relu")


def test_what_has_no_columns_says_so() -> None:
    """And what is too large, too."""
    summary = measure(cnnspec.load("lenet5"))
    with pytest.raises(cnnspec.CnnspecError, match="E702"):
        draw(summary, style="volumes", columns=["layer"])
    long = "input: 4x4x1\nlayers:\n  - maxpool: 1\n    repeat: 500\n"
    with pytest.raises(cnnspec.CnnspecError, match="E705"):
        draw(measure(cnnspec.loads(long)), style="volumes")


@pytest.mark.parametrize("name", ["lenet5-1998", "resnet50:bottleneck4", "a block of a dense net"])
def test_a_figure_is_the_golden_file(name: str, assert_golden: Callable[[str, str], None]) -> None:
    """The same input gives the same bytes."""
    assert_golden(f"drawings/{name.replace(':', '-').replace(' ', '-')}-volumes.svg", drawn(name).svg)
