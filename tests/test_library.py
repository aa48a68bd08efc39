"""The library as a reader of a notebook meets it: names, representations, mistakes."""

from __future__ import annotations

import pytest

import cnnspec

LENET = cnnspec.load("lenet5-rgb")
TABLE = cnnspec.summarize(LENET)


def test_what_is_evaluated_shows_itself_in_a_line() -> None:
    """Names and numbers, no addresses."""
    assert repr(LENET) == "<cnnspec.Graph lenet5-rgb: 8 layers>"
    assert repr(TABLE) == "<cnnspec.Table lenet5-rgb: 8 layers, 62,958 parameters, 849,320 MACs>"
    assert repr(TABLE["conv1"]) == "<cnnspec.Row conv1: conv → (28, 28, 8), 608 parameters, 470,400 MACs>"
    assert repr(TABLE["fc3"]) == "<cnnspec.Row fc3: dense → (120,), 48,120 parameters, 48,000 MACs>"


def test_a_row_is_a_record() -> None:
    """It is no sequence; equal rows are those of equal layers at the same place."""
    row = TABLE["conv1"]
    with pytest.raises(TypeError):
        len(row)  # type: ignore[arg-type] # as a reader may try
    with pytest.raises(TypeError):
        iter(row)  # type: ignore[call-overload] # as above
    again = cnnspec.summarize(LENET)["conv1"]
    assert row == again
    assert {row, again} == {row}
    assert row != TABLE["conv2"]
    assert row != row.node
    shared = cnnspec.loads("input: 4\nlayers: [dense: 4, share: dense1]\n")
    assert cnnspec.summarize(shared)[1] == cnnspec.summarize(shared)[1]


def test_tables_and_graphs_are_read_by_name_and_by_number() -> None:
    """A name is in them, and so is what stands under it."""
    for whole in (LENET, TABLE):
        assert whole["conv1"] == whole[0]
        assert whole["softmax"] == whole[-1]
        assert "conv1" in whole
        assert whole[0] in whole
        assert "conv9" not in whole
        assert whole._ipython_key_completions_()[:2] == ["conv1", "pool1"]


NO_LAYER = """\
error[E201]: `lenet5-rgb` has no layer `conv9`
  = note: its layers: conv1, pool1, conv2, pool2, flatten1, fc3, fc4, softmax
  = help: did you mean `conv2`?"""


@pytest.mark.parametrize("whole", [LENET, TABLE], ids=["graph", "table"])
def test_a_name_that_is_not_there_is_a_key_error_that_helps(whole: cnnspec.Graph | cnnspec.Table) -> None:
    """It says what there is."""
    with pytest.raises(KeyError) as caught:
        whole["conv9"]
    assert str(caught.value) == NO_LAYER
    assert isinstance(caught.value, cnnspec.SpecError)


def test_explaining_a_layer_that_is_not_there_is_the_same_error() -> None:
    """One mistake, one message."""
    with pytest.raises(cnnspec.NoLayerError) as caught:
        cnnspec.explain(LENET, "conv9")
    assert str(caught.value) == NO_LAYER


def test_a_row_explains_itself() -> None:
    """As the function and the command do; all layers of the network are the rows' texts together."""
    assert TABLE["conv2"].explain() == cnnspec.explain(LENET, "conv2")
    assert "r + (f − 1)·j = 6 + (5 − 1)·2 = 14" in TABLE["conv2"].explain()
    assert cnnspec.explain(LENET) == "\n".join(row.explain() for row in TABLE)
