"""The page of a class for the teacher: what it counts, what it shows, and that nothing on it acts."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from typing import Final

import yaml
from typer.testing import CliRunner

from cnnspec.cli.app import make_app

TITLES: Final = "Layer;Activation shape;# parameters;Comment\n"
ROWS: Final = "CONV1;(28,28,8);{};<script>x</script>\nPOOL1;(14,14,8);0;\nCONV2;(10,10,16);{};\nPOOL2;(5,5,16);0;\n"
REST: Final = "FC3;120;48120;\nFC4;84;10164;\nSoftmax;10;850;\n"

app = make_app(["grade"])


class Page(HTMLParser):
    """Collects the tags, the texts and the blocks of code of a page."""

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__()
        self.tags: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a tag; no attribute is an event."""
        assert not any(name.startswith("on") for name, _ in attrs)
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        """Take a text."""
        self.words.append(data)


def test_a_review(tmp_path: Path) -> None:
    """Slips, cells and remarks are counted; every student has a place; text of students is text."""
    folder = tmp_path / "hw"
    folder.mkdir()
    (folder / "ada<b>.csv").write_text(TITLES + ROWS.format(608, 3216) + REST, encoding="utf-8")
    (folder / "bob.csv").write_text(TITLES + ROWS.format(208, 416) + REST, encoding="utf-8")
    (folder / "cy.csv").write_text(TITLES + ROWS.format(208, "<img src=x>") + REST, encoding="utf-8")
    (folder / "dan.pdf").write_bytes(b"%PDF-1.4\n\x80")
    target = tmp_path / "review.html"
    done = CliRunner().invoke(app, ["grade", "lenet5-rgb", str(folder), "--review", str(target)])
    assert done.exit_code == 1, done.output
    content = target.read_text(encoding="utf-8")
    page = Page()
    page.feed(content)
    assert set(page.tags).isdisjoint({"script", "img", "link", "a", "iframe", "form"})
    assert page.tags.count("details") == 4
    text = "|".join(page.words)
    assert "4 submissions, 3 graded" in text
    assert "no_channels: one input channel was counted|2|" in text
    assert "conv1: # Parameters|2|" in text
    assert "conv2: # Parameters|2|" in text
    assert "these columns are not marked: Comment|3|" in text
    assert "ada<b>| 14 of 14 |" in text
    assert "<img src=x> ?" in text
    assert "not graded: `dan.pdf` is not a text file" in text
    lines = next(word for word in page.words if word.startswith("accept:\n"))
    assert yaml.safe_load(lines)["accept"][0] == {"row": "conv1", "column": "params", "value": "208", "reason": "..."}
    again = CliRunner().invoke(app, ["grade", "lenet5-rgb", str(folder), "--review", str(target)])
    assert (again.exit_code, target.read_text(encoding="utf-8")) == (1, content)
    assert "exists already" in again.stderr
