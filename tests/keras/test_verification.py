"""Verification: Keras agrees with every number of every bundled network, and a wrong number is found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from runpy import run_path
from typing import Any, Final

import pytest

import cnnspec
from cnnspec.analysis.agreement import ensure_agreement
from cnnspec.analysis.agreement_report import render_json, render_table
from cnnspec.keras import build
from cnnspec.keras.verification import verify

pytestmark = pytest.mark.keras

ORACLE: Final = run_path(str(Path(__file__).with_name("test_oracle.py")))
ROWS: Final = ORACLE["ROWS"]
"""An input shape and an item for every kind on input of every number of axes."""
SEVERAL: Final = ORACLE["SEVERAL"]
"""A network with several inputs and outputs."""
SMALL: Final = """\
name: small
input: 8x8x3
layers:
  - conv: 4 3x3 pad=1 bn
  - upconv: 2 3x3/2
  - flatten
  - dense: 10
"""
VERIFIED: Final = """\
Layer     Kind     Activation shape  # Parameters  Trainable    MACs  Keras
──────────────────────────────────────────────────────────────────────────────────────────
conv1     conv     (8, 8, 4)                  112        112   6,912  =
bn1       bn       (8, 8, 4)                   16          8       0  =
upconv1   upconv   (17, 17, 2)                 74         74   4,608  =, MACs not compared
flatten1  flatten  (578,)                       0          0       0  =
dense1    dense    (10,)                    5,790      5,790   5,780  =
──────────────────────────────────────────────────────────────────────────────────────────
Total                                       5,992      5,984  17,300  =

verified: 5 layers, 5,992 parameters: Keras {version} agrees
MACs compared with TensorFlow's profiler: 12,692 in 2 layers
MACs not compared in upconv1: for transposed convolutions it takes the output for s·n elements, which only `same` \
padding gives
"""
WIDER: Final = SMALL.replace("upconv: 2", "upconv: 3").replace("pad=1 bn", "same bn")
DIFFERENT: Final = """\
Layer     Kind     Activation shape  # Parameters  Trainable  Keras
────────────────────────────────────────────────────────────────────────────────────────────────────
conv1     conv     (8, 8, 4)                  112        112  =
bn1       bn       (8, 8, 4)                   16          8  =
upconv1   upconv   (17, 17, 2)                 74         74  shape (17, 17, 3), params 111, trainable 111, biases 3
flatten1  flatten  (578,)                       0          0  shape (867,)
dense1    dense    (10,)                    5,790      5,790  params 8,680, trainable 8,680
"""
FAULTS: Final = """\
error[E508]: Keras has other numbers for `upconv1`
 --> <text>:5:5
  |
5 |   - upconv: 2 3x3/2
  |     ^^^^^^
  = note: activation shape: (17, 17, 2) here, (17, 17, 3) in Keras
  = note: parameters: 74 here, 111 in Keras
  = note: trainable parameters: 74 here, 111 in Keras
  = note: biases: 2 here, 3 in Keras

error[E508]: Keras has other numbers for `flatten1`
 --> <text>:6:5
  |
6 |   - flatten
  |     ^^^^^^^
  = note: activation shape: (578,) here, (867,) in Keras

error[E508]: Keras has other numbers for `dense1`
 --> <text>:7:5
  |
7 |   - dense: 10
  |     ^^^^^
  = note: parameters: 5,790 here, 8,680 in Keras
  = note: trainable parameters: 5,790 here, 8,680 in Keras

error[E508]: Keras has other numbers for the whole network
  = note: parameters: 5,992 here, 8,919 in Keras
  = note: trainable parameters: 5,984 here, 8,911 in Keras
  = note: Keras layers: 6 here, 5 in Keras"""

UNCOUNTED = {"crnn": {"lstm"}, "dcgan-generator": {"upconv"}, "vit-b16": {"attention"}, "wavenet": {"conv"}}
"""Kinds of which the profiler counts something else in a bundled network: of `upconv`, one without `same` padding."""


@pytest.fixture(autouse=True)
def session(keras: Any) -> None:
    """Number Keras' own names from the start."""
    keras.utils.clear_session(free_memory=False)


@pytest.mark.parametrize("name", cnnspec.bundled_names())
def test_keras_and_the_profiler_agree_with_bundled_networks(name: str) -> None:
    """On every layer's shape, parameters and MACs, but for loops, products of steps and dilated windows."""
    verification = verify(cnnspec.load(name), macs=True)
    ensure_agreement(verification)
    assert verification.agrees
    counted = {check.name for check in verification.layers if "macs" in check.theirs}
    left_out = {row.kind for row in verification.summary if row.macs and row.name not in counted}
    assert left_out == UNCOUNTED.get(name, set())


@pytest.mark.parametrize(("shape", "item"), ROWS)
def test_the_profiler_agrees_with_layers(shape: str, item: str) -> None:
    """On every kind that multiplies, unless it is known to count something else."""
    graph = cnnspec.loads(f"input: {shape}\nlayers:\n  - {item}\n")
    if cnnspec.summarize(graph).totals.macs:
        ensure_agreement(verify(graph, macs=True))


def test_a_verification_is_a_table(keras: Any) -> None:
    """With what was not compared, and why."""
    assert render_table(verify(cnnspec.loads(SMALL), macs=True)) == VERIFIED.format(version=keras.__version__)


def test_several_inputs_and_outputs_are_verified() -> None:
    """By name and shape, in their order."""
    verification = verify(cnnspec.loads(SEVERAL))
    ensure_agreement(verification)
    assert verification.total.theirs["inputs"] == (("left", (8, 8, 3)), ("right", (4, 4, 2)), ("scalar", (5,)))
    assert verification.total.theirs["outputs"] == (("class", (3,)), ("value", (1,)), ("pool", (3, 3, 6)))


def test_another_model_is_found_out() -> None:
    """Every difference is shown in the table, and is an error at its place in the spec."""
    verification = verify(cnnspec.loads(SMALL), build(cnnspec.loads(WIDER)))
    assert not verification.agrees
    table = render_table(verification)
    assert [line.strip("─") for line in table.splitlines()[:7]] == [line.strip("─") for line in DIFFERENT.splitlines()]
    assert "\nnot verified: 5 layers, 5,992 parameters: Keras" in table
    assert table.endswith("differs in 3 layers\n")
    with pytest.raises(cnnspec.CnnspecError) as caught:
        ensure_agreement(verification)
    assert str(caught.value) == FAULTS


def test_a_layer_too_few_is_found_out() -> None:
    """A model without a layer differs there, and in the number of its layers."""
    shorter = "input: 8x8x3\nlayers:\n  - conv: 4 3x3\n  - relu\n  - gap\n"
    model = build(cnnspec.loads(shorter.replace("  - relu\n", "")))
    verification = verify(cnnspec.loads(shorter), model)
    assert render_table(verification).splitlines()[3].split() == [
        "relu1",
        "relu",
        "(6,",
        "6,",
        "4)",
        "0",
        "0",
        "missing",
    ]
    with pytest.raises(cnnspec.CnnspecError, match="the Keras model has no layer `relu1`"):
        ensure_agreement(verification)


def test_a_wrong_macs_number_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a formula had forgotten a factor."""
    monkeypatch.setattr("cnnspec.keras.verification.profiled_macs", lambda *_: 7)
    with pytest.raises(cnnspec.CnnspecError, match="MACs: 6,912 here, 7 in Keras"):
        ensure_agreement(verify(cnnspec.loads(SMALL), macs=True))


def test_json_has_both_sides(keras: Any, conforms: Callable[[str, str], Any]) -> None:
    """One object per layer, whose facts are those of the JSON summary."""
    text = render_json(verify(cnnspec.loads("name: n\ninput: 4\nlayers: [dense: 2]"), macs=True))
    content = conforms("verification", text)
    facts = {"output_shape": [2], "params": 10, "trainable_params": 10, "non_trainable_params": 0, "biases": 2}
    sums = {"params": 10, "trainable_params": 10, "non_trainable_params": 0}
    total = {**sums, "inputs": [["input", [4]]], "outputs": [["dense1", [2]]], "calls": 1}
    layer = {"agrees": True, "ours": {**facts, "macs": 8}, "theirs": {**facts, "macs": 8}}
    assert content == {
        "cnnspec": 1,
        "name": "n",
        "source": "<text>",
        "keras": keras.__version__,
        "agrees": True,
        "uncounted": {},
        "layers": [{"name": "dense1", "kind": "dense", **layer}],
        "total": {"agrees": True, "ours": total, "theirs": total},
    }


SHARED: Final = """\
input: {left: 12x12x1, right: 12x12x1}
blocks:
  arm: [conv: 4 5x5 pad=1 bn relu, maxpool: 2, flatten, dense: 6]
layers:
  - arm:
    from: left
    name: one
    trainable: false
  - share: one
    from: right
    name: other
  - subtract: [one, other]
  - dense: 1 sigmoid
"""


def test_keras_shares_and_freezes_the_same_layers() -> None:
    """A shared block has its parameters once, a frozen one none that are trained; MACs count at every use."""
    verification = verify(cnnspec.loads(SHARED), macs=True)
    assert verification.agrees
    totals = verification.summary.totals
    assert (totals.params, totals.trainable_params) == (104 + 16 + (4 * 25 + 1) * 6 + 7, 7)
    assert totals.macs == 2 * (25 * 4 * 100 + 100 * 6) + 6
    assert [layer.name for layer in verification.layers if not layer.ours["params"]] == [
        *("one.relu1", "one.maxpool1", "one.flatten1"),
        *("other.conv1", "other.bn1", "other.relu1", "other.maxpool1", "other.flatten1", "other.dense1", "subtract1"),
    ]
