"""PyTorch's word: the listing of every kind and of every bundled network is run, and every number is ours."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from runpy import run_path
from typing import Any, Final

import pytest
from hypothesis import given, settings

import cnnspec
from cnnspec.analysis.agreement import ensure_agreement
from cnnspec.analysis.agreement_report import render_json, render_table
from cnnspec.torch import execution
from cnnspec.torch.listing import listing_of
from cnnspec.torch.planning import what_torch_lacks
from cnnspec.torch.verification import verify

ORACLE: Final = run_path(str(Path(__file__).parents[1] / "keras" / "test_oracle.py"))
ROWS: Final = ORACLE["ALL"]
"""An input shape and an item for every kind on input of every number of axes."""
RANDOM: Final = run_path(str(Path(__file__).parents[1] / "keras" / "test_oracle_random.py"))
AWKWARD: Final = (
    ("1", "reshape: 1x1"),  # not a flatten from axis 1 to axis 0
    ("3x1", "reshape: 3x1"),
    ("4x3", "relu: 0"),  # Hardtanh wants a range
    ("4x1x4x2", "avgpool: 3x3x1/1 same"),  # AvgPool3d wants its window inside, though it pads
)
FROZEN: Final = ORACLE["FROZEN"]
GRAPHS: Final = {name: ORACLE[name] for name in ("SEVERAL", "SHARED")}
"""Networks with several inputs and outputs, and with shared layers inside of steps."""
COUNTED: Final = {
    "alexnet": 60_965_224,
    "crnn": 434_261,
    "densenet121": 7_978_856,
    "efficientnetb0": 5_288_548,
    "inceptionv3": 23_834_568,
    "mobilenetv2": 3_504_872,
    "resnet18": 11_689_512,
    "resnet50": 25_583_592,
    "unet": 31_030_658,
    "vgg16": 138_357_544,
    "vit-b16": 86_567_656,
}
"""What `sum(p.numel() for p in model.parameters())` gives in PyTorch 2.13."""
SMALL: Final = """\
name: small
input: 8x8x3
layers:
  - conv: 4 3x3 same bn
  - bn: noscale
  - dense: 5
  - flatten
"""
VERIFIED: Final = """\
Layer     Kind     Activation shape  # Parameters  Trainable  PyTorch
───────────────────────────────────────────────────────────────────────────────────────────────
conv1     conv     (8, 8, 4)                  112        112  =
bn1       bn       (8, 8, 4)                   16          8  =, 8 of them buffers
bn2       bn       (8, 8, 4)                   12          4  =, 8 of them buffers, 4 more held
dense1    dense    (8, 8, 5)                   25         25  =
flatten1  flatten  (320,)                       0          0  =
───────────────────────────────────────────────────────────────────────────────────────────────
Total                                         165        149  =

verified: 5 layers, 165 parameters: PyTorch {version} agrees
PyTorch's `parameters()` has 153 numbers:
  16 fewer, for moving means and variances are buffers there
  4 more, which its layers have beyond ours; the listing holds them at what changes nothing
"""


def release(torch: Any) -> str:
    """Return PyTorch's release, without the word for what it was built for."""
    return str(torch.__version__).partition("+")[0]


@pytest.mark.torch
@pytest.mark.parametrize("name", cnnspec.bundled_names())
def test_bundled_networks_agree(torch: Any, name: str) -> None:
    """Every shape and number; and PyTorch's own count is the one in the listing's second line."""
    verification = verify(cnnspec.load(name))
    ensure_agreement(verification)
    assert verification.agrees
    assert verification.framework.version == release(torch)
    assert verification.total.theirs["counted"] == COUNTED.get(name, verification.total.theirs["counted"])


@pytest.mark.torch
@pytest.mark.usefixtures("torch")
@pytest.mark.parametrize(("shape", "item"), ROWS)
def test_layers_agree(shape: str, item: str) -> None:
    """For every kind on input of every number of axes, unless PyTorch lacks it."""
    graph = cnnspec.loads(f"input: {shape}\nlayers:\n  - {item}\n")
    if not what_torch_lacks(graph):
        ensure_agreement(verify(graph))


@pytest.mark.torch
@pytest.mark.usefixtures("torch")
@pytest.mark.parametrize(("shape", "item"), [row for row in FROZEN if "convlstm" not in row[1]])
def test_frozen_layers_agree(shape: str, item: str) -> None:
    """Nothing of them takes a gradient."""
    colon = "" if ":" in item else ":"
    graph = cnnspec.loads(f"input: {shape}\nlayers:\n  - {item}{colon}\n    trainable: false\n")
    verification = verify(graph)
    ensure_agreement(verification)
    assert verification.total.theirs["trainable_params"] == 0


@pytest.mark.torch
@pytest.mark.usefixtures("torch")
@pytest.mark.parametrize("name", GRAPHS)
def test_graphs_agree(name: str) -> None:
    """With several inputs and outputs too, and shared layers are counted once."""
    ensure_agreement(verify(cnnspec.loads(GRAPHS[name])))


@pytest.mark.torch
@pytest.mark.usefixtures("torch")
@pytest.mark.parametrize(("shape", "item"), AWKWARD)
def test_what_torch_refuses_itself_is_written_otherwise(shape: str, item: str) -> None:
    """Found by random networks: arguments that PyTorch's own layers do not take."""
    ensure_agreement(verify(cnnspec.loads(f"input: {shape}\nlayers:\n  - {item}\n")))


@pytest.mark.torch
@pytest.mark.usefixtures("torch")
def test_random_networks_agree() -> None:
    """Those that Keras is asked about too, with shared and frozen layers, unless PyTorch lacks a layer."""
    agreed = 0

    @settings(RANDOM["SLOW"], max_examples=150)
    @given(RANDOM["_networks"]())
    def check(network: Any) -> None:
        nonlocal agreed
        graph = cnnspec.loads(network.text)
        if not what_torch_lacks(graph):
            ensure_agreement(verify(graph))
            agreed += 1

    check()
    assert agreed > 75


@pytest.mark.torch
def test_the_report_explains_how_torch_counts(torch: Any) -> None:
    """Where PyTorch agrees, and in what its own number differs."""
    verification = verify(cnnspec.loads(SMALL))
    assert render_table(verification) == VERIFIED.format(version=release(torch))
    document = json.loads(render_json(verification))
    assert (document["torch"], document["agrees"]) == (release(torch), True)
    assert document["total"]["theirs"]["counted"] == 153


@pytest.mark.torch
@pytest.mark.usefixtures("torch")
def test_a_wrong_listing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is run is the text: a number that is changed there differs, at its layer and behind."""
    graph = cnnspec.loads("name: wrong\ninput: 8x8x3\nlayers:\n  - conv: 4 3x3\n  - gap\n  - dense: 5\n")
    listing = listing_of(graph)
    assert listing.is_chain
    lines = tuple(line._replace(text=line.text.replace("nn.Linear(4, 5)", "nn.Linear(4, 6)")) for line in listing.lines)
    monkeypatch.setattr("cnnspec.torch.verification.listing_of", lambda _: listing._replace(lines=lines))
    verification = verify(graph)
    with pytest.raises(cnnspec.CnnspecError) as caught:
        ensure_agreement(verification)
    found = caught.value.diagnostics
    assert [each.code for each in found] == ["E543", "E543"]
    assert found[0].message == "PyTorch has other numbers for `dense1`"
    assert found[0].notes[:2] == (
        "activation shape: (5,) here, (6,) in PyTorch",
        "parameters: 25 here, 30 in PyTorch",
    )


@pytest.mark.torch
@pytest.mark.usefixtures("torch")
def test_what_does_not_run_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyTorch's own errors are no traceback."""
    graph = cnnspec.loads("input: 4\nlayers:\n  - dense: 5\n")
    listing = listing_of(graph)
    lines = tuple(line._replace(text=line.text.replace("Linear(4", "Linear(7")) for line in listing.lines)
    monkeypatch.setattr("cnnspec.torch.verification.listing_of", lambda _: listing._replace(lines=lines))
    with pytest.raises(cnnspec.CnnspecError) as caught:
        verify(graph)
    assert caught.value.diagnostics[0].message == "PyTorch does not run the listing"
    assert "[2, 4] X [7, 5]" in caught.value.diagnostics[0].notes[0]


HOSTILE: Final = ('x"]; raise SystemExit  # ', "'''\"\"\"\\", "x\nraise SystemExit", "__noted__", "_modules", "forward")


@pytest.mark.torch
@pytest.mark.usefixtures("torch")
@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("last", ["dense: 4", "residual: [dense: 4]"])
def test_nothing_of_a_spec_is_run(name: str, last: str) -> None:
    """Whatever layers are called, what is run is the listing alone, and every layer is found again."""
    graph = cnnspec.loads(f"input: 4\nlayers:\n  - dense: 4\n  - {last}\n")
    names = {node.name: f"{name}{node.name}" for node in graph} | {"input": f"{name}input"}
    nodes = [node._replace(name=names[node.name], inputs=tuple(names[read] for read in node.inputs)) for node in graph]
    entry = graph.inputs[0]._replace(name=names["input"])
    outputs = tuple(names[output] for output in graph.outputs)
    ensure_agreement(verify(replace(graph, name=name, inputs=(entry,), nodes=tuple(nodes), outputs=outputs)))


def test_torch_is_asked_for_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """And how it is installed."""
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(cnnspec.CnnspecError) as caught:
        execution.framework()
    (found,) = caught.value.diagnostics
    assert (found.code, found.message) == ("E541", "this command needs PyTorch")
    assert found.help == 'pip install "cnnspec[torch]"'
