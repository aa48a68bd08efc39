"""What Keras writes of a network is imported as the same network: spec → Keras → configuration → spec."""

from __future__ import annotations

import json
from collections import Counter
from operator import attrgetter
from pathlib import Path
from runpy import run_path
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import Phase, given, settings

import cnnspec
from cnnspec.importing.draft import Draft
from cnnspec.importing.folding.equality import is_same_network
from cnnspec.importing.folding.simplification import simplified
from cnnspec.importing.keras_model import read_document
from cnnspec.importing.opening import open_model
from cnnspec.importing.spec import write_spec
from cnnspec.keras import build

if TYPE_CHECKING:
    from cnnspec.ir.graph import Graph

FOLDER: Final = Path(__file__).parent
RANDOM: Final = run_path(str(FOLDER / "test_oracle_random.py"))
LISTING: Final = run_path(str(FOLDER / "test_listing.py"))

pytestmark = pytest.mark.keras


def imported(document: Any) -> Graph:
    """Return the network of a configuration."""
    draft = Draft("net", {})
    read_document(document, "net.json", draft)
    return draft.finish()


def written(model: Any) -> Any:
    """Return the configuration of a model as a file has it."""
    return json.loads(model.to_json())


@pytest.mark.parametrize("name", cnnspec.bundled_names())
def test_bundled_networks_come_back(keras: Any, name: str) -> None:
    """But for padding, which is a layer of its own in Keras."""
    keras.utils.clear_session(free_memory=False)
    graph = cnnspec.load(name)
    found = imported(written(build(graph)))
    assert is_same_network(simplified(found), simplified(graph))
    assert cnnspec.summarize(found).totals.params == cnnspec.summarize(graph).totals.params
    assert {node.name for node in graph if "." not in node.name} <= {node.name for node in found}


@pytest.mark.filterwarnings("ignore:You are using a softmax over axis")
@pytest.mark.filterwarnings("ignore:.*does not support masking")
def test_random_networks_come_back(keras: Any) -> None:
    """The model that Keras builds of an imported network is the model that it was imported from, argument by argument.

    What is a function on tensors in Keras may be refused, and nothing else.
    """
    refused: Counter[str] = Counter()
    seen: Counter[str] = Counter()

    @settings(RANDOM["SLOW"], max_examples=120, phases=[Phase.generate])
    @given(RANDOM["_networks"]())
    def check(network: Any) -> None:
        keras.utils.clear_session(free_memory=False)
        graph = cnnspec.loads(network.text)
        model = build(graph)
        try:
            found = imported(written(model))
        except cnnspec.CnnspecError as error:
            refused.update(fault.message.partition(": ")[2] for fault in error.diagnostics)
            return
        keras.utils.clear_session(free_memory=False)
        assert LISTING["unnamed"](keras, build(found)) == LISTING["unnamed"](keras, model)
        again = cnnspec.loads(write_spec(found))
        assert cnnspec.summarize(again).totals.params == model.count_params()
        seen.update(node.kind for node in found)

    check()
    assert len(seen) > 60
    assert all("function" in message for message in refused), refused


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_files_that_keras_saves(keras: Any, tmp_path: Path) -> None:
    """`.keras`, `.h5` and `.json`, as Keras itself writes them, weights and all."""
    graph = cnnspec.load("lenet5")
    model = build(graph)
    model.save(tmp_path / "lenet.keras")
    keras.saving.save_model(model, tmp_path / "lenet.h5")
    (tmp_path / "lenet.json").write_text(model.to_json(), encoding="utf-8")
    for suffix in ("keras", "h5", "json"):
        assert is_same_network(open_model(str(tmp_path / f"lenet.{suffix}")).graph, graph)


def test_a_network_of_keras_applications(keras: Any) -> None:
    """By its name, made by Keras."""
    keras.utils.clear_session(free_memory=False)
    graph = open_model("keras.applications:MobileNet").graph
    assert cnnspec.summarize(graph).totals.params == 4_253_864
    with pytest.raises(cnnspec.CnnspecError, match="has no `MobileNetV9`"):
        open_model("keras.applications:MobileNetV9")


@pytest.mark.parametrize("frozen", ["layer", "layer.layer", "layer.forward_layer"])
def test_what_is_frozen_in_a_wrapper_stays_frozen(keras: Any, frozen: str) -> None:
    """Keras keeps it at the wrapper or at the layer inside; the dense layer behind learns (6 or 3 + 1)·2 numbers."""
    layers, is_bidirectional = keras.layers, frozen != "layer.layer"
    wrap, inner = (
        (layers.Bidirectional, layers.SimpleRNN) if is_bidirectional else (layers.TimeDistributed, layers.Dense)
    )
    wrapper = wrap(inner(3))
    model = keras.Sequential([keras.Input((6, 4)), wrapper, layers.Dense(2)])
    for path in (frozen, frozen.replace("forward", "backward")):
        place = attrgetter(path.partition(".")[2])(wrapper) if "." in path else wrapper
        place.trainable = False
    totals = cnnspec.summarize(imported(written(model))).totals
    assert totals.trainable_params == (14 if is_bidirectional else 8)
    assert totals.params == model.count_params()
