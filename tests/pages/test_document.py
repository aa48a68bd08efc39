"""The page of a network: one file that loads nothing, with every number of the summary and its derivation."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any, Final

import pytest

import cnnspec
from cnnspec.analysis.footprint import Memory
from cnnspec.analysis.measure import measure
from cnnspec.pages.data import derivation, network
from cnnspec.pages.document import Picture, embedded, render, script, style

CHAINS: Final = (
    "lenet5-rgb",
    "lenet5",
    "lenet5-1998",
    "alexnet",
    "vgg16",
    "vgg19",
    "convnet-39",
    "mnist-cnn",
    "pilotnet",
)
HOSTILE: Final = """
name: "</script><script>alert(1)</script>"
input: 8x8x1
layers:
  - conv: 4 3x3
    note: "<img src=https://example.org/x onerror=alert(1)>"
"""


class Reader(HTMLParser):
    """What a browser finds in a page: the texts of its scripts and styles, its policy, and what it would load."""

    def __init__(self, page: str) -> None:
        """Read a page."""
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None], str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an element."""
        self.found.append((tag, dict(attrs), ""))

    def handle_endtag(self, _: str) -> None:
        """Keep what follows apart."""
        self.found.append(("", {}, ""))

    def handle_data(self, data: str) -> None:
        """Keep the text of the last element."""
        if self.found:
            tag, attrs, text = self.found[-1]
            self.found[-1] = (tag, attrs, text + data)

    def all(self, tag: str) -> list[tuple[dict[str, str | None], str]]:
        """Return the elements of a tag."""
        return [(attrs, text) for name, attrs, text in self.found if name == tag]

    @property
    def data(self) -> dict[str, Any]:
        """What the page's script reads."""
        found: dict[str, Any] = json.loads(next(text for attrs, text in self.all("script") if "id" in attrs))
        return found


def page(name: str) -> str:
    """Return the page of a bundled network."""
    return render(measure(cnnspec.load(name), memory=Memory()))


@pytest.mark.parametrize("name", ["lenet5-rgb", "unet", "siamese", "crnn", "transfer-mobilenetv2", "resnet50"])
def test_a_page_holds_all_numbers_and_their_derivations(name: str) -> None:
    """Those of the JSON summary and of `explain`; totals too."""
    table = cnnspec.summarize(cnnspec.load(name), memory=True)
    data = Reader(render(table)).data
    keys = [column["key"] for column in data["columns"]]
    assert keys[:5] == ["shape", "size", "params", "macs", "memory"]
    totals = table.totals
    assert data["totals"][1:4] == [totals.activation_size, totals.params, totals.macs]
    assert data["totals"][4] == max(layer["cells"][4] for layer in data["layers"])
    for row, layer in zip(table, data["layers"], strict=True):
        assert layer["cells"][1:4] == [row.activation_size, row.params, row.macs]
        explained = " ".join(row.explain().split())
        words = data["words"][layer["words"]]
        for names, steps in zip(words, layer["steps"], strict=True):
            assert all(data["texts"][text] in explained for text in (*names, *steps))
            assert len(names) == len(steps)
        assert sum(map(len, words)) >= 4
        for key, steps in zip(keys, layer["steps"], strict=False):
            assert steps, key


def test_a_number_has_its_own_steps() -> None:
    """The published 608 parameters of the first layer of the course's LeNet-5."""
    data = Reader(page("lenet5-rgb")).data
    first = data["layers"][0]
    said = {
        column["key"]: [data["texts"][text] for step in zip(names, steps, strict=True) for text in step]
        for column, names, steps in zip(data["columns"], data["words"][first["words"]], first["steps"], strict=False)
    }
    assert said["params"] == ["parameters", "(F·F·C + 1)·K = (5·5·3 + 1)·8 = 608"]
    assert said["shape"][:2] == ["output height", "(n + 2p − f)/s + 1 = (32 − 5)/1 + 1 = 28"]
    assert said["receptive_field"][:2] == ["receptive field", "r + (f − 1)·j = 1 + (5 − 1)·1 = 5"]
    assert [data["texts"][text] for text in first["legend"]][2] == "f = 5 (window)"
    assert data["windows"][first["window"]] == {
        "size": [5, 5],
        "stride": [1, 1],
        "dilation": [1, 1],
        "padding": [[0, 0], [0, 0]],
        "spread": False,
    }


@pytest.mark.parametrize("name", ["lenet5-rgb", "resnet50", "unet"])
def test_nothing_is_loaded_and_only_what_the_policy_names_runs(name: str) -> None:
    """Every script and style has its hash in the policy; no element has an address, no handler, no style of its own."""
    text = page(name)
    found = Reader(text)
    policy = next(attrs["content"] or "" for attrs, _ in found.all("meta") if "http-equiv" in attrs)
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    running = [body for attrs, body in found.all("script") if attrs.get("type") != "application/json"]
    assert running == [script()]
    for body in (*running, *(body for _, body in found.all("style"))):
        assert b64encode(sha256(body.encode()).digest()).decode() in policy
    for tag, attrs, _ in found.found:
        assert not {"src", "href", "style", "action", "srcset"} & attrs.keys(), tag
        assert not [word for word in attrs if word.startswith("on")]
    assert set(re.findall(r"https?://[^\"' ]*", text)) == {"http://www.w3.org/2000/svg"}


def test_words_of_a_spec_stay_words() -> None:
    """None of them ends an element or begins one."""
    text = render(measure(cnnspec.loads(HOSTILE)), [Picture("<b>", "<svg onload='alert(1)'/>")], "<i>")
    found = Reader(text)
    assert "<script>alert" not in text
    assert "<img src=https" not in text
    assert len(found.all("script")) == 2
    assert [attrs["alt"] for attrs, _ in found.all("img")] == ["<b>"]
    assert found.data["name"] == "</script><script>alert(1)</script>"
    assert "onload" not in text


def test_the_same_network_gives_the_same_bytes() -> None:
    """Nothing in a page is random or dated."""
    assert page("lenet5-rgb") == page("lenet5-rgb")


def test_pages_are_small() -> None:
    """Script and style 25 kB, a chain 64 kB, a network of 200 layers 300 kB."""
    assert len((script() + style()).encode()) <= 25_000
    for name in CHAINS:
        assert len(page(name).encode()) <= 64_000, name
    for name, layers in (("resnet50", 174), ("densenet121", 426)):
        assert len(cnnspec.load(name)) == layers
        assert len(page(name).encode()) <= 300_000, name


def test_numbers_that_no_double_holds_stay_exact() -> None:
    """They are texts of digits, which the script reads as whole numbers."""
    data = Reader(render(measure(cnnspec.loads("input: 999999999\nlayers: [dense: 999999999]\n")))).data
    assert data["totals"][2] == "999999999000000000"


def test_derivations_may_come_one_by_one() -> None:
    """A page that asks for them is told the same."""
    summary = measure(cnnspec.load("resnet50"))
    whole, lean = network(summary), network(summary, derived=False)
    assert len(embedded(lean)) < 0.7 * len(embedded(whole))
    for layer, short in zip(whole["layers"], lean["layers"], strict=True):
        own = derivation(summary, layer["name"])
        for told, held in ((own["steps"], layer["steps"]), (own["words"], whole["words"][layer["words"]])):
            texts = [[own["texts"][at] for at in steps] for steps in told]
            assert texts == [[whole["texts"][at] for at in steps] for steps in held]
        assert short.keys().isdisjoint({"steps", "words", "does", "legend"})
        assert short.items() <= layer.items()
