"""Programs that `torch.export.save` has written: a committed one, hostile ones, and those of the installed PyTorch."""

from __future__ import annotations

import json
import random
import sys
import types
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest
from programs import MISSING, messages, packed

import cnnspec
from cnnspec.importing.opening import open_model
from cnnspec.importing.spec import write_spec

TINY: Final = Path(__file__).parents[1] / "data" / "tiny.pt2"
"""A small network with a batch of any size, by PyTorch 2.13, without its weights and the places of its program."""
SPEC: Final = """\
name: tiny
input: 32x32x3
layers:
  - conv: 8 3x3/2 pad=1
    name: stem
  - silu:
    name: silu
  - maxpool: 3x3/2 ceil
    name: pool
  - dwconv: 3x3 pad=1 nobias
    name: block_conv
  - bn: eps=1e-05 momentum=0.9
    name: block_norm
  - add:
    name: block_add
    from: [block_norm, pool]
  - relu:
    name: block_act
  - channel_shuffle: 2
    name: view
  - split: 2
    name: chunk
  - split: 2 index=1
    name: chunk_1
    from: view
  - conv: 4 1x1
    name: mix
  - concat:
    name: cat
    from: [chunk, mix]
  - ln: eps=1e-05
    name: ln
  - upconv: 6 2x2/2
    name: up
  - relu6:
    name: hardtanh
  - gap: keepdims
    name: adaptive_avg_pool2d
  - flatten:
    name: flatten
  - dense: 10
    name: head
"""


def program() -> dict[str, Any]:
    """Return the JSON of the committed program."""
    with zipfile.ZipFile(TINY) as archive:
        found: dict[str, Any] = json.loads(archive.read("tiny/models/model.json"))
    return found


def test_a_small_network() -> None:
    """Channels last, modules' names, patterns as kinds; 616 parameters in PyTorch, and 16 that move."""
    graph = open_model(str(TINY)).graph
    assert write_spec(graph, flat=True) == SPEC
    assert sum(row.params for row in cnnspec.summarize(graph)) == 632
    assert [node.shape for node in graph][:4] == [(16, 16, 8), (16, 16, 8), (8, 8, 8), (8, 8, 8)]


def test_what_works_in_place_changes_what_it_reads(tmp_path: Path) -> None:
    """A later reader of the input of `relu_` gets its output."""
    document = program()
    nodes = document["graph_module"]["graph"]["nodes"]
    add = next(node for node in nodes if "add" in node["target"])
    relu = next(node for node in nodes if "relu_" in node["target"])
    changed = json.loads(json.dumps(relu).replace(add["outputs"][0]["as_tensor"]["name"], "max_pool2d"))
    changed["outputs"] = [{"as_tensor": {"name": "changed"}}]
    nodes.insert(nodes.index(add), changed)
    graph = open_model(str(packed(document, tmp_path))).graph
    assert graph["block_add"].inputs == ("block_norm", "block_act")


@pytest.mark.parametrize(
    ("operation", "name", "same", "other"),
    [
        ("softplus", "beta", {"as_int": 1}, {"as_int": 2}),
        ("softplus", "threshold", {"as_int": 20}, {"as_int": 21}),
        ("celu", "alpha", {"as_float": 1.0}, {"as_float": 2.0}),
        ("hardshrink", "lambd", {"as_float": 0.5}, {"as_float": 1.5}),
        ("softshrink", "lambd", {"as_float": 0.5}, {"as_float": 1.5}),
        ("elu", "scale", {"as_int": 1}, {"as_int": 2}),
        ("elu", "input_scale", {"as_int": 1}, {"as_int": 2}),
        ("gelu", "approximate", {"as_string": "none"}, {"as_string": "tanh"}),
    ],
)
def test_numbers_of_functions_that_are_those_of_their_kind(
    tmp_path: Path, operation: str, name: str, same: dict[str, Any], other: dict[str, Any]
) -> None:
    """The defaults of PyTorch's functions; any other is counted as lost."""
    for given, lost in ((same, {}), (other, {name: 1})):
        document = program()
        (node,) = (each for each in document["graph_module"]["graph"]["nodes"] if "silu" in each["target"])
        node["target"] = f"torch.ops.aten.{operation}.default"
        node["inputs"].append({"name": name, "arg": given, "kind": 1})
        assert open_model(str(packed(document, tmp_path))).lost == lost


@pytest.mark.parametrize("name", ["log_softmax", "_log_softmax"])
def test_a_softmax_that_changes_the_type_of_numbers(name: str, tmp_path: Path) -> None:
    """Along the channels, which are axis 1; what is made of halves on the way is counted as lost."""
    for half, lost in ((False, {}), (True, {"half_to_float": 1})):
        document = program()
        (node,) = (each for each in document["graph_module"]["graph"]["nodes"] if "silu" in each["target"])
        node["target"] = f"torch.ops.aten.{name}.default"
        node["inputs"] += [
            {"name": "dim", "arg": {"as_int": 1}, "kind": 1},
            {"name": "half_to_float", "arg": {"as_bool": half}, "kind": 1},
        ]
        assert open_model(str(packed(document, tmp_path))).lost == lost


def test_refusals(tmp_path: Path) -> None:
    """All at once, by the path in the module; `partial` has the file's shapes."""
    document = program()
    for node in document["graph_module"]["graph"]["nodes"]:
        if "silu" in node["target"]:
            node["target"] = "torch.ops.aten.wavelet.default"
        if "hardtanh" in node["target"]:
            node["target"] = "torch.ops.mine.blur.default"
    path = packed(document, tmp_path)
    assert messages(path) == [
        "E606 layer `wavelet`: no kind stands for the operation `wavelet`",
        "E606 layer `torch.ops.mine.blur.default`: no kind stands for the operation `torch.ops.mine.blur.default`",
    ]
    graph = open_model(str(path), partial=True).graph
    assert [node.shape for node in graph if node.kind == "opaque"] == [(16, 16, 8), (16, 16, 6)]


def test_files_that_are_no_programs(tmp_path: Path) -> None:
    """Each is told apart, and the way to a right one is said."""
    (found,) = messages(packed("[" * 100_000, tmp_path))
    assert found.endswith("its program is nested too deep")
    assert "no JSON" in messages(packed("{", tmp_path))[0]
    assert "the program is no object of JSON" in messages(packed([], tmp_path))[0]
    assert "its schema has the version 7, not 8" in messages(packed({"schema_version": {"major": 7}}, tmp_path))[0]
    pickled = tmp_path / "model.pt"
    with zipfile.ZipFile(pickled, "w") as archive:
        archive.writestr("model/data.pkl", b"\x80\x02.")
    assert "it is pickled, as `torch.save` writes, and pickles are not opened" in messages(pickled)[0]
    broken = tmp_path / "broken.pt2"
    broken.write_bytes(TINY.read_bytes()[:-40])
    assert "the archive is broken" in messages(broken)[0]


def deep(depth: int) -> dict[str, Any]:
    """Return an argument in as many others."""
    return {"as_optional_tensor": deep(depth - 1)} if depth else {"as_none": True}


@pytest.mark.parametrize(
    ("path", "value", "what"),
    [
        (("graph", "nodes"), {}, "`nodes` is no list"),
        (("graph", "nodes", 1, "inputs", 0, "arg"), deep(10), "arguments lie too deep in each other"),
        (("graph", "nodes", 1, "inputs", 0, "arg"), {"as_tensors": 7}, "tensors is no list"),
        (("graph", "nodes", 1, "inputs", 0, "arg"), {"as_sym_ints": [7]}, "a size is no object of JSON"),
        (("graph", "nodes", 1, "inputs"), None, "`inputs` of node 2 is no list"),
        (("graph", "tensor_values", "x"), 7, "a tensor is no object of JSON"),
        (("signature",), [], "`signature` is no object of JSON"),
    ],
)
def test_broken_programs(path: tuple[Any, ...], value: Any, what: str, tmp_path: Path) -> None:
    """Each place is named."""
    document = program()
    place = document["graph_module"]
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    (found,) = messages(packed(document, tmp_path))
    assert found.endswith(f"its program is not what `torch.export` writes: {what}")


def test_outputs_that_only_bring_buffers_up_to_date(tmp_path: Path) -> None:
    """They are no outputs of the network."""
    document = program()
    module = document["graph_module"]
    name = module["graph"]["nodes"][1]["outputs"][0]["as_tensor"]["name"]
    module["graph"]["outputs"].insert(0, {"as_tensor": {"name": name}})
    module["signature"]["output_specs"].append({"buffer_mutation": {"arg": {"name": name}, "buffer_name": "mean"}})
    assert open_model(str(packed(document, tmp_path))).graph.outputs == ("head",)


@pytest.mark.parametrize(
    ("argument", "what"),
    [
        ({"as_ints": [1, 2, 3]}, "`stem`: it has 3 sizes for 2 axes"),
        ({"as_bool": True}, "`stem`: `stride` is `True`, not integers"),
        ({"as_float": float("inf")}, "`stem`: `stride` is `inf`, not integers"),
        ({"as_something": 7}, "`stem`: `stride` is `7`, not integers"),
    ],
)
def test_arguments_that_do_not_fit(argument: dict[str, Any], what: str, tmp_path: Path) -> None:
    """As what they are, with the layer."""
    document = program()
    (stride,) = (each for each in document["graph_module"]["graph"]["nodes"][1]["inputs"] if each["name"] == "stride")
    stride["arg"] = argument
    assert messages(packed(document, tmp_path))[0] == f"E606 layer {what}"


def places(document: Any) -> list[tuple[Any, Any]]:
    """Return all places in a document at which something else may stand."""
    found: list[tuple[Any, Any]] = []
    if not isinstance(document, dict | list):
        return found
    for key, inner in document.items() if isinstance(document, dict) else enumerate(document):
        found += [(document, key), *places(inner)]
    return found


def test_mutations(tmp_path: Path) -> None:
    """A network or diagnostics, never anything else, in a moment."""
    chance = random.Random(7)  # noqa: S311 - the same cases every time
    strange = [
        None,
        0,
        -1,
        2**70,
        1e400,
        "x",
        "\ud800",
        [],
        {},
        [[]],
        True,
        {"as_int": 0},
        {"as_ints": [0, -3]},
        [1, 2],
    ]
    text = json.dumps(program())
    for _ in range(150):
        document = json.loads(text)
        spots = places(document["graph_module"])
        for _ in range(chance.choice([1, 2, 5])):
            where, key = chance.choice(spots)
            where[key] = chance.choice(strange)
        with suppress(cnnspec.CnnspecError):
            write_spec(open_model(str(packed(document, tmp_path))).graph, flat=True)


NETWORKS: Final = {
    "resnet18": (69, 11_689_512),
    "mobilenet_v2": (153, 3_504_872),
    "densenet121": (427, 7_978_856),
    "convnext_tiny": (138, 28_589_128),
    "efficientnet_b0": (240, 5_288_548),
    "squeezenet1_0": (66, 1_248_424),
}
"""Layers, and parameters as torchvision publishes them."""


@pytest.fixture(scope="module")
def torch() -> Any:
    """Return the module `torch`; skip, and say so, where it is missing."""
    return pytest.importorskip("torch", reason=MISSING)


@pytest.fixture(scope="module")
def models(torch: Any) -> Any:
    """Return `torchvision.models`, whose compiled operations for boxes are not needed and may not fit."""
    sys.modules.setdefault("torchvision._meta_registrations", types.ModuleType("torchvision._meta_registrations"))
    return pytest.importorskip("torchvision.models", reason=f"torchvision is missing, beside {torch.__name__}")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", NETWORKS)
def test_networks_of_torchvision(name: str, torch: Any, models: Any, tmp_path: Path) -> None:
    """Every layer's parameters and shape are those of the modules and of the file."""
    with torch.device("meta"):
        network = getattr(models, name)().eval()
        exported = torch.export.export(network, (torch.zeros(1, 3, 224, 224),))
    path = tmp_path / f"{name}.pt2"
    torch.export.save(exported, str(path))
    graph = open_model(str(path)).graph
    learned = {
        key.replace(".", "_"): sum(each.numel() for each in module.parameters(recurse=False))
        for key, module in network.named_modules()
        if any(True for _ in module.parameters(recurse=False)) and not key.endswith("layer_scale")
    }
    found = {row.name: row.trainable_params for row in cnnspec.summarize(graph) if row.params}
    layers, parameters = NETWORKS[name]
    assert (len(graph), sum(found.values())) == (layers, parameters)
    same = {key: count for key, count in learned.items() if key in found}
    assert same == {key: found[key] for key in same}
    assert len(same) >= len(found) // 2
    assert cnnspec.loads(write_spec(graph)).nodes[-1].shape == (1000,)
