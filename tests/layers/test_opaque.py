"""`opaque`: what the writer says is marked as such everywhere, and what is not said is unknown, never 0."""

from __future__ import annotations

import csv
import json
from typing import Any, Final

import pytest

import cnnspec
from cnnspec.analysis.explanation import explain
from cnnspec.explaining import derivation
from cnnspec.homework.marking.checking import check
from cnnspec.homework.practice.worksheet import practice
from cnnspec.keras.listing import render as render_listing
from cnnspec.language.writer import write

SPEC: Final = """
name: own
input: 28x28x1
layers:
  - conv: 8 3x3
  - opaque: {shape: 12x12x16, params: 1200, macs: 50000, reason: "a layer of our own, p. 7"}
  - opaque: 6x6x16 reason="not counted yet"
  - gap
  - dense: 10 softmax
"""
LINES: Final = """\
conv1 conv 8 3x3/1 valid (26, 26, 8) 5,408 80 48,672
opaque1 opaque 12x12x16 params=1200 macs=50000 reason="a layer of our own, p. 7" (given by the writer) (12, 12, 16) \
2,304 1,200 50,000
opaque2 opaque 6x6x16 reason="not counted yet" (given by the writer) (6, 6, 16) 576 – –
gap1 gap (16,) 16 0 0
dense1 dense 10 softmax (10,) 10 170 160
Total 9,098 ≥ 1,450 ≥ 98,832
Parameters at least 1,450 (1,450 trainable, 0 non-trainable), 5.8 kB as float32
Activations 9,098 with the input, 36.4 kB for one sample
MACs at least 98,832, FLOPs at least 203,708
MACs are the multiply-accumulates of conv and dense layers for one sample, without biases.
The numbers of opaque1, opaque2 are the writer's, and not computed.
The parameters of opaque2 are not known, and left out of the total.
The MACs of opaque2 are not known, and left out of the total.
"""
"""The table behind its input, with one space for many."""
GIVEN: Final = """\
  output height     12: given by the writer: a layer of our own, p. 7
  output width      as the height: 12
  channels          16: given by the writer: a layer of our own, p. 7
  activation size   H′·W′·C′ = 12·12·16 = 2,304
  parameters        1,200: given by the writer: a layer of our own, p. 7
  MACs              50,000: given by the writer: a layer of our own, p. 7
  FLOPs             2·50,000 = 100,000
  receptive field   not defined: what `opaque` looks at is not known
"""
NUMBERS: Final = ("params", "weights", "biases", "trainable_params", "non_trainable_params", "macs", "flops")


@pytest.fixture
def table() -> cnnspec.Table:
    """Return the numbers of the network."""
    return cnnspec.summarize(cnnspec.loads(SPEC))


def test_a_table_says_whose_numbers_they_are(table: cnnspec.Table) -> None:
    """In the layer's configuration and below the table; a total without what is not known is a least number."""
    shown = [" ".join(line.split()) for line in str(table).splitlines() if line and "─" not in line]
    assert shown[3:] == LINES.splitlines()


def test_other_formats_say_it_too(table: cnnspec.Table) -> None:
    """A dash or an empty cell, the mark, and the remark."""
    least = ((table.to_markdown(), "≥ 1,450"), (table.to_html(), "≥ 1,450"), (table.to_latex(), r"$\geq$ 1,450"))
    for text, total in least:
        assert text.count("(given by the writer)") == 2
        assert total in text
    assert "The parameters of opaque2 are not known" in table.to_markdown()
    rows = list(csv.DictReader(table.to_csv().splitlines()))
    assert [(row["params"], row["macs"]) for row in rows[2:4]] == [("1200", "50000"), ("", "")]
    assert rows[3]["configuration"].endswith("(given by the writer)")


def test_json_has_null_and_the_reasons(table: cnnspec.Table) -> None:
    """What is given is named as the writer's, what is not given is null, in the totals too."""
    document: Any = json.loads(table.to_json())
    first, second = document["layers"][1:3]
    assert [first[key] for key in NUMBERS] == [1200, None, None, 1200, 0, 50_000, 100_000]
    assert [second[key] for key in NUMBERS] == [None] * 7
    assert first["unknown"]["params"] == first["unknown"]["output_shape"] == "given by the writer"
    assert second["unknown"]["params"] == second["unknown"]["flops"] == "the writer gives no number"
    assert first["formulas"]["params"]["reason"] == "given by the writer: a layer of our own, p. 7"
    assert second["formulas"]["params"]["value"] is None
    totals = document["totals"]
    assert [totals[key] for key in ("params", "macs", "activation_size", "params_bytes")] == [None, None, 9_098, None]
    assert totals["unknown"]["params"] == "not known of opaque2; the others have 1450"


def test_it_is_explained_as_given(table: cnnspec.Table) -> None:
    """Every number with its source, or as unknown."""
    assert derivation.render(explain(table["opaque1"])).endswith(GIVEN)
    text = derivation.render(explain(table["opaque2"]))
    assert "  parameters        unknown: the writer gives no number\n" in text
    assert table["opaque2"].unknown["params"] == "the writer gives no number"


def test_a_folded_block_with_it_is_not_known() -> None:
    """The sum of a block is unknown where a part of it is."""
    spec = "input: 9\nblocks:\n  b: [dense: 3, opaque: 4]\nlayers: [b]\n"
    rows = list(csv.DictReader(cnnspec.summarize(cnnspec.loads(spec)).to_csv(depth=1).splitlines()))
    assert (rows[1]["layer"], rows[1]["params"], rows[1]["size"]) == ("b1", "", "7")


def test_it_is_not_built() -> None:
    """Nobody knows what it computes: it is refused by name, with its place."""
    with pytest.raises(cnnspec.CnnspecError) as caught:
        render_listing(cnnspec.loads(SPEC, "own.yaml"))
    found = caught.value.diagnostics
    assert [(fault.code, fault.span and fault.span.position) for fault in found] == [("E510", (6, 5)), ("E510", (7, 5))]
    assert found[0].message == "`opaque` is no layer of Keras: its numbers are given, what it computes is not"


def test_it_is_written_back() -> None:
    """With its reason, whatever that holds."""
    graph = cnnspec.loads(SPEC)
    assert [node.layer for node in cnnspec.loads(write(graph))] == [node.layer for node in graph]
    odd = cnnspec.loads("input: 9\nlayers:\n  - opaque: {params: 3, reason: 'a: b # c=d, [e]'}\n")
    assert [node.layer for node in cnnspec.loads(write(odd))] == [node.layer for node in odd]
    quoted = cnnspec.loads("input: 9\nlayers:\n  - opaque: {reason: 'a \"b\" c'}\n")
    assert "'b'" in write(quoted)
    plain = cnnspec.loads("input: 9\nlayers:\n  - opaque: {reason: ours}\n")
    assert " reason=ours\n" in write(plain)
    for given, read in (("'\"'", '"'), ("'\"\"'", ""), ("'\"a b\"'", "a b"), ("'\"a'", '"a')):
        (node,) = cnnspec.loads(f"input: 9\nlayers:\n  - opaque: {{reason: {given}}}\n").nodes
        assert node.layer.arguments()["reason"] == read if read else "reason" not in node.layer.arguments()
    bare = cnnspec.loads("input: 9\nlayers:\n  - opaque: {reason: 'a=b'}\n")
    assert ' reason="a=b"' in write(bare)


def test_it_may_be_shared_and_repeated_per_step() -> None:
    """Its parameters count once, its multiply-accumulates at every use and step."""
    spec = "input: 5x9\nlayers:\n  - each: [opaque: 9 params=7 macs=11]\n    name: a\n  - share: opaque1\n"
    table = cnnspec.summarize(cnnspec.loads(spec))
    assert [(row.shape, row.params, row.macs) for row in table] == [((5, 9), 7, 55), ((5, 9), 0, 55)]
    assert (table.totals.params, table.totals.macs) == (7, 110)


def test_homework_asks_for_what_is_known_alone(table: cnnspec.Table) -> None:
    """Numbers that nobody knows are not marked; a practice sheet needs them all, and gives the writer's."""
    sheet = b"layer,shape,params\nconv1,26x26x8,80\nopaque1,12x12x16,1200\nopaque2,6x6x16,99\ngap,16,0\nfc,10,170\n"
    marks = check(table.graph, sheet, "table.csv").marks
    assert [(mark.layer, mark.column) for mark in marks if mark.status.value != "correct"] == []
    assert ("opaque2", "params") not in {(mark.layer, mark.column) for mark in marks}
    with pytest.raises(cnnspec.CnnspecError) as caught:
        practice(table)
    assert [fault.code for fault in caught.value.diagnostics] == ["E414"]
    given = cnnspec.loads(SPEC.replace("6x6x16 reason", "6x6x16 params=5 macs=6 reason"))
    exercise = next(each for each in practice(cnnspec.summarize(given)).exercises if each.label == "opaque1")
    assert [cell.blank for cell in exercise.cells] == [False, True, False]


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("params: -1", "`params` of `opaque` must be an integer ≥ 0, not `-1`"),
        ("shape: 3x0", "`shape` of `opaque` must be positive integers such as `7x7x64`, not `3x0`"),
        ("flops: 3", "unknown argument `flops` for `opaque`"),
        (f"reason: {'x' * 201}", "`reason` of `opaque` must be a text of at most 200 characters"),
    ],
)
def test_what_it_takes_is_checked(argument: str, message: str) -> None:
    """As of every kind."""
    with pytest.raises(cnnspec.SpecError) as caught:
        cnnspec.loads(f"input: 9\nlayers:\n  - opaque: {{{argument}}}\n")
    assert caught.value.diagnostics[0].message.startswith(message)
