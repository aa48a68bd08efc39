"""Laws of drawings, over any network: nothing touches, nothing is cut, every edge once, both formats can be written."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from looking import Area, labels, sticking_out, touching

import cnnspec
from cnnspec.analysis.measure import measure
from cnnspec.drawing.drawing import draw
from cnnspec.drawing.part import whole
from cnnspec.drawing.places import plan
from cnnspec.drawing.scene import Polygon
from cnnspec.drawing.solids import scale_for
from cnnspec.drawing.stations import stations_of

LAYERS = (
    "conv: 4 3x3 same relu",
    "bn: {}",
    "relu: {}",
    "dropout: 0.5",
    "maxpool: 3x3/1 same",
    "upconv: 4 1x1",
    "pad: 0",
)
JOINS = ("add", "multiply", "maximum", "average")


@st.composite
def networks(draw_from: st.DrawFn) -> str:
    """Return a spec whose layers read any of those above; what none reads is an output."""
    names = ["left", "right"][: draw_from(st.integers(1, 2))]
    inputs = ", ".join(f"{name}: 8x8x4" for name in names)
    unread = dict.fromkeys(names)
    lines = [f"input: {{{inputs}}}", "layers:"]
    for index in range(draw_from(st.integers(len(names), 9))):
        late = list(unread)[:1] if index < 2 else []  # so that every input is read
        read = list(dict.fromkeys([*late, *draw_from(st.lists(st.sampled_from(names), min_size=1, max_size=3))]))
        if len(read) > 1:
            lines.append(f"  - {draw_from(st.sampled_from(JOINS))}: [{', '.join(read)}]\n    name: n{index}")
        else:
            lines.append(f"  - {draw_from(st.sampled_from(LAYERS))}\n    from: {read[0]}\n    name: n{index}")
        for name in read:
            unread.pop(name, None)
        names.append(f"n{index}")
        unread[names[-1]] = None
    outputs = [name for name in unread if name.startswith("n")]
    return "\n".join([*lines, f"outputs: [{', '.join(outputs)}]", ""])


@pytest.mark.slow
@given(networks())
@settings(max_examples=60)
def test_any_network_can_be_drawn(text: str) -> None:
    """In both styles."""
    summary = measure(cnnspec.loads(text))
    for style in ("graph", "volumes"):
        drawing = draw(summary, style=style)
        words = labels(drawing.scene)
        assert touching(words) == []
        assert sticking_out(drawing.scene, words) == []
        ET.fromstring(drawing.svg)  # noqa: S314 - our own text
        assert drawing.tikz.endswith("\\end{document}\n")


@given(networks())
@settings(max_examples=60)
def test_volumes_of_any_network_stand_apart(text: str) -> None:
    """From each other and from labels; every edge is drawn once."""
    summary = measure(cnnspec.loads(text))
    stations = stations_of(whole(summary))
    found = plan(stations, scale_for(stations), 28, 84)
    volumes = [
        Area(each.left, each.y - each.box.tall / 2, each.right, each.y + each.box.tall / 2, each.station.name)
        for each in found.places
    ]
    scene = draw(summary, style="volumes").scene
    assert touching([*volumes, *labels(scene)]) == []
    assert len([shape for shape in scene.shapes if isinstance(shape, Polygon)]) == len(found.lanes.edges)
