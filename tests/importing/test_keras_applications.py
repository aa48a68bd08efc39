"""All networks of keras.applications, from their configurations: every layer's shape and parameters are Keras'.

`data/keras_applications.json.xz` holds the configurations that Keras 3.15.1 writes (`NAME(weights=None).to_json()`),
`data/keras_applications_layers.json.xz` the name, class, shape and `count_params()` of every layer.
"""

from __future__ import annotations

import json
import lzma
from collections import Counter
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any, Final

import pytest

import cnnspec
from cnnspec.importing.opening import Opened, open_model
from cnnspec.importing.spec import write_spec

DATA: Final = Path(__file__).parents[1] / "data"
INPUT: Final = (224, 224, 3)


@cache
def stored(name: str) -> Any:
    """Return what a compressed file of data holds."""
    return json.loads(lzma.decompress((DATA / name).read_bytes()))


LAYERS: Final[dict[str, list[tuple[str, str, list[int | None], int]]]] = stored("keras_applications_layers.json.xz")


def opened(name: str, folder: Path) -> Opened:
    """Return the import of a network's configuration; two of them leave their sizes open."""
    path = folder / f"{name}.json"
    path.write_text(json.dumps(stored("keras_applications.json.xz")[name]), encoding="utf-8")
    return open_model(str(path), {"": INPUT} if name.startswith("MobileNetV3") else {})


@pytest.mark.slow
@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_is_keras_own(name: str, tmp_path: Path) -> None:
    """Under its own name, in the graph and in the flat spec read again."""
    graph = opened(name, tmp_path).graph
    again = cnnspec.loads(write_spec(graph, flat=True))
    for found in (graph, again):
        rows = {row.name: (row.shape, row.params) for row in cnnspec.summarize(found)}
        for layer, class_name, sizes, params in LAYERS[name]:
            shape, count = rows[layer]
            assert count == params, (layer, class_name)
            assert len(shape) == len(sizes), (layer, class_name)
            assert all(theirs in (None, ours) for ours, theirs in zip(shape, sizes, strict=True)), (layer, class_name)
    assert [(node.layer, node.shape) for node in graph] == [(node.layer, node.shape) for node in again]


LINES: Final = {
    "ConvNeXtBase": 27,
    "ConvNeXtLarge": 27,
    "ConvNeXtSmall": 27,
    "ConvNeXtTiny": 27,
    "ConvNeXtXLarge": 27,
    "DenseNet121": 22,
    "DenseNet169": 22,
    "DenseNet201": 22,
    "EfficientNetB0": 40,
    "EfficientNetB1": 40,
    "EfficientNetB2": 40,
    "EfficientNetB3": 40,
    "EfficientNetB4": 40,
    "EfficientNetB5": 40,
    "EfficientNetB6": 40,
    "EfficientNetB7": 40,
    "EfficientNetV2B0": 51,
    "EfficientNetV2B1": 52,
    "EfficientNetV2B2": 52,
    "EfficientNetV2B3": 52,
    "EfficientNetV2L": 53,
    "EfficientNetV2M": 52,
    "EfficientNetV2S": 51,
    "InceptionResNetV2": 75,
    "InceptionV3": 70,
    "MobileNet": 27,
    "MobileNetV2": 28,
    "MobileNetV3Large": 61,
    "MobileNetV3Small": 44,
    "NASNetLarge": 287,
    "NASNetMobile": 240,
    "ResNet101": 28,
    "ResNet101V2": 51,
    "ResNet152": 28,
    "ResNet152V2": 51,
    "ResNet50": 28,
    "ResNet50V2": 51,
    "VGG16": 13,
    "VGG19": 13,
    "Xception": 36,
}
"""How long the folded specs are at most: none may grow."""


@pytest.mark.slow
@pytest.mark.parametrize("name", LAYERS)
def test_a_folded_spec_has_keras_layers(name: str, tmp_path: Path) -> None:
    """All layers with parameters are there as often as in Keras, with their shapes, and the spec is short."""
    text = write_spec(opened(name, tmp_path).graph)
    assert text.count("\n") <= LINES[name]
    ours = Counter((row.shape, row.params) for row in cnnspec.summarize(cnnspec.loads(text)) if row.params)
    assert sorted(params for _, params in ours.elements()) == sorted(row[3] for row in LAYERS[name] if row[3])
    theirs = Counter((tuple(sizes), params) for _, _, sizes, params in LAYERS[name] if params)
    assert name.startswith("MobileNetV3") or ours == theirs


@pytest.mark.parametrize(
    "path", sorted((DATA.parent / "cases" / "importing").glob("*.yaml")), ids=lambda path: path.stem
)
def test_whole_specs(path: Path, tmp_path: Path) -> None:
    """A block with a stage table, rates that grow, and cells with named inputs, as a reader gets them."""
    assert write_spec(opened(path.stem, tmp_path).graph) == path.read_text(encoding="utf-8")


def test_the_median_is_short() -> None:
    """Half of the networks have at most 45 lines, and none is longer than 300."""
    assert median(LINES.values()) <= 45
    assert max(LINES.values()) <= 300


@pytest.mark.parametrize(
    ("name", "lost"),
    [
        ("ResNet50", {}),
        ("EfficientNetB7", {"kernel_initializer": 219, "depthwise_initializer": 55, "training": 49}),
    ],
)
def test_losses(name: str, lost: dict[str, int], tmp_path: Path) -> None:
    """What changes no number is counted: initializers (219 Conv2D, 55 DepthwiseConv2D), dropouts that do not train."""
    assert opened(name, tmp_path).lost == lost


def test_open_sizes_are_asked_for(tmp_path: Path) -> None:
    """MobileNetV3 takes images of any size, and its numbers depend on it."""
    path = tmp_path / "model.json"
    path.write_text(json.dumps(stored("keras_applications.json.xz")["MobileNetV3Small"]), encoding="utf-8")
    with pytest.raises(cnnspec.CnnspecError) as caught:
        open_model(str(path))
    (fault,) = caught.value.diagnostics
    assert (fault.code, fault.message) == ("E607", "the file leaves sizes of the input `input` open: (?, ?, 3)")
