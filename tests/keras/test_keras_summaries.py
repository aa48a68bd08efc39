"""The summary that Keras prints of a network, with the names that Keras gives, is a right table of it."""

from __future__ import annotations

import re
from typing import Any, Final

import pytest

import cnnspec
from cnnspec.homework.marking.checking import check
from cnnspec.keras.listing import render

pytestmark = pytest.mark.keras

COMPOSED: Final = {"convnext", "vit-b16"}
"""Networks of which single layers are several in Keras, of other kinds: nobody's table of them looks like that."""


def summary_of(keras: Any, graph: cnnspec.Graph, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return what Keras prints of a network that is written without names."""
    keras.utils.clear_session(free_memory=False)
    monkeypatch.setenv("COLUMNS", "100")
    space: dict[str, Any] = {}
    exec(re.sub(r',?\s*name="[^"]*"', "", render(graph)).replace("Input(, ", "Input("), space)  # noqa: S102 - our listing
    lines: list[str] = []
    space["model"].summary(print_fn=lambda text, **_: lines.append(text), line_length=90)
    return "\n".join(lines)


@pytest.mark.parametrize("name", sorted({*cnnspec.bundled_names()} - COMPOSED))
def test_what_keras_prints_scores_full_marks(name: str, keras: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every shape and every number of parameters, in the order in which Keras lists layers."""
    graph = cnnspec.load(name)
    result = check(graph, summary_of(keras, graph, monkeypatch).encode(), "summary.txt")
    assert not result.faults
    assert [mark for mark in result.marks if mark.status != "correct"] == []
    required = [node for node in graph.nodes if not node.layer.optional and not node.shared]
    assert result.max_score >= 2 * len(required)
