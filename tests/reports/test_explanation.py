"""Derivations in every format: whole files, and anybody's words as they are."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from importlib import import_module
from typing import Final

import pytest

import cnnspec
from cnnspec.analysis.explanation import solution
from cnnspec.registry import modules_in

FORMATS: Final = {"text": "txt", "markdown": "md", "latex": "tex", "html": "html", "json": "json"}
ODD: Final = "name: '<b>&_$'\ninput: 8x8x1\nlayers: [conv: 4 3x3]\n"


def render(spec: cnnspec.Graph, format: str, name: str | None = None) -> str:
    """Return the derivations of a network or of one layer."""
    found = solution(cnnspec.summarize(spec, memory=name is None), name)
    return str(import_module(f"cnnspec.reports.explanation.{format}").render(found))


def test_every_format_is_here() -> None:
    """A new one has its file too."""
    assert set(FORMATS) == set(modules_in("reports", "explanation"))


@pytest.mark.parametrize("format", FORMATS)
def test_a_derivation_is_the_golden_file(format: str, assert_golden: Callable[[str, str], None]) -> None:
    """Of one layer, and of all with the memory; what a text says stands in every format."""
    text = render(cnnspec.load("lenet5-rgb"), format, "conv1")
    assert_golden(f"reports/conv1.explained.{FORMATS[format]}", text)
    whole = render(cnnspec.load("lenet5-rgb"), format)
    assert all(name in whole for name in ("conv1", "pool1", "fc3", "softmax"))
    assert "37,376" in whole.replace("{,}", ",").replace("37376", "37,376"), "the peak of the memory"


def test_a_page_is_whole_and_shows_words_as_they_are() -> None:
    """Its charset is said, everything that is opened is closed, and a name is no element."""
    text = render(cnnspec.loads(ODD), "html")
    tags: list[str] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, _: tags.append(tag)  # type: ignore[method-assign] # what is seen is kept
    parser.feed(text)
    assert text.startswith('<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">')
    assert {"b", "script"}.isdisjoint(tags)
    assert text.count("<tr>") == text.count("</tr>")


def test_words_are_escaped_in_markdown_and_latex() -> None:
    """As in the tables."""
    assert r"# \<b\>\&\_\$" in render(cnnspec.loads(ODD), "markdown")
    assert r"\textless{}b" in render(cnnspec.loads(ODD), "latex")
