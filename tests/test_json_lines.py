"""JSON leaves the program in lines, exact, and without anything that a terminal would act on."""

from __future__ import annotations

import json
from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnspec import loads
from cnnspec.analysis.measure import measure
from cnnspec.homework.feedback import Reveal
from cnnspec.homework.marking.checking import check
from cnnspec.json_lines import by_item, by_key, compact, indented
from cnnspec.reports import json as summary_json

REVERSED = "\u202egnp.exe"
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def is_harmless(text: str) -> bool:
    """Tell whether no character of a text can move a cursor or turn the direction of writing."""
    return text.replace("\n", "").isprintable() and not any("\ud800" <= char <= "\udfff" for char in text)


@given(value=VALUES)
def test_every_value_survives(value: object) -> None:
    """A value is the same after it was written and read, and nothing in the text acts on a terminal."""
    for text in (compact(value), indented(value)):
        assert json.loads(text) == value
        assert is_harmless(text)


def test_halves_of_characters_are_shown_as_elsewhere() -> None:
    """A byte of a file's name that is no UTF-8 is half a character in Python, and none in JSON."""
    assert json.loads(compact("\udcff.yaml")) == "\N{REPLACEMENT CHARACTER}.yaml"
    assert json.loads(indented(["a\ud800b"])) == ["a\N{REPLACEMENT CHARACTER}b"]


@pytest.mark.slow
@given(head=st.dictionaries(st.text(min_size=1), VALUES, min_size=1), items=st.lists(VALUES), tail=VALUES)
def test_a_document_is_what_its_parts_are(head: dict[str, object], items: list[object], tail: object) -> None:
    """A document by lines is that of its parts, with a line for every part."""
    head = {f"h{key}": value for key, value in head.items()}
    text = by_item(head, "items", items, {"tail": tail})
    assert json.loads(text) == head | {"items": items, "tail": tail}
    assert len(text.splitlines()) == len(items) + 3 + (not items)
    assert json.loads(by_key(head)) == head
    assert len(by_key(head).splitlines()) == len(head)


@pytest.mark.parametrize("name", ["json", "gradescope", "classroom50", "junit"])
def test_names_in_reports_of_homework_are_escaped(name: str) -> None:
    """A table with a turned name is reported with its name escaped."""
    graph = loads("input: 8\nlayers:\n  - dense: 4\n")
    result = check(graph, f"Layer,# Parameters\ndense,{REVERSED}35\ntop{REVERSED},7\n".encode(), f"{REVERSED}.csv")
    assert REVERSED in result.name
    assert is_harmless(import_module(f"cnnspec.homework.reports.{name}").render(result, Reveal.FULL))


def test_names_in_a_summary_are_escaped() -> None:
    """A file with a turned name is summarized with its name escaped."""
    text = summary_json.render(measure(loads("input: 8\nlayers: [dense: 4]\n", name=f"{REVERSED}.yaml")))
    assert json.loads(text)["source"] == f"{REVERSED}.yaml"
    assert is_harmless(text)
