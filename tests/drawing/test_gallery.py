"""The gallery: every bundled network as `cnnspec draw` draws it, small, and shown on its page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

import cnnspec
from tests.bundled_cases import cases as bundled_cases

GALLERY: Final = Path(__file__).parents[2] / "docs" / "gallery"
PAGE: Final = GALLERY / "README.md"
PARTS: Final = {
    "resnet50-bottleneck1": ("resnet50", "bottleneck1"),
    "inceptionv3-module_a": ("inceptionv3", "module_a"),
}
NAMES: Final = [*cnnspec.bundled_names(), *PARTS]


@pytest.mark.parametrize("name", bundled_cases(*PARTS))
def test_a_picture_is_what_is_drawn(name: str, request: pytest.FixtureRequest) -> None:
    """Byte for byte; `--update-golden` writes it anew. None is above 72 kB, and nothing is loaded or run."""
    net, *select = PARTS.get(name, (name,))
    text = cnnspec.draw(cnnspec.load(net), select=select).svg
    path = GALLERY / f"{name}.svg"
    if request.config.getoption("--update-golden"):
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text
    assert len(text.encode()) < 72_000
    assert not re.search(r"<script|href|src=|url\(|@import|<!|\son\w+=", text)


def test_the_page_shows_every_picture() -> None:
    """Once, and nothing that is not there."""
    shown = re.findall(r"!\[[^\]]+\]\(([\w-]+)\.svg\)", PAGE.read_text(encoding="utf-8"))
    assert sorted(shown) == sorted(NAMES) == sorted(path.stem for path in GALLERY.glob("*.svg"))
