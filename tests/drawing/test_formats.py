"""The formats: how wide words are, colours for dark paper, LaTeX that compiles."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Final

import pytest

import cnnspec
from cnnspec.drawing.formats import svg, tikz
from cnnspec.drawing.palette import CONVOLUTION, INK, QUIET
from cnnspec.drawing.scene import Box, Disc, Group, Polygon, Scene, Stroke, Words
from cnnspec.drawing.svg import measure

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WIDTHS: Final = {
    "conv 64 3×3": 64.06,
    "25,636,712": 57.26,
    "bottleneck1 … bottleneck16": 141.48,
    "Activation shape": 83.42,
}
"""Widths of texts of 10 px in DejaVu Sans, as Pillow 13.0 with FreeType measures them."""
BOLD: Final = {"224×224×3": 65.46, "bottleneck1": 67.24, "densenet121": 73.35}
"""The same in DejaVu Sans Bold."""
TRIANGLE: Final = ((0, 0), (10.126, 0), (5, 8))
SCENE: Final = Scene(
    100,
    60,
    "a & <b>",
    "100% of #1",
    (
        Group(
            "one\nvolume", (Polygon(((0, 0), (10.126, 0), (5, 8)), CONVOLUTION.front, CONVOLUTION.line, dashed=True),)
        ),
        Box(1, 2, 3, 4, INK, radius=2),
        Disc(9, 9, 3, CONVOLUTION.top, QUIET),
        Stroke((((0, 0), (0, 5), (0, 5, 8, 9, 10, 10)),), QUIET, 2),
        Words(5, 6, "50% <_> {x} \\ × …", 10, INK, "middle", bold=True),
        Words(5, 9, "more", 10, INK, "middle", bold=True),
    ),
)


@pytest.mark.parametrize("name", ["siamese", "unet", "lenet5"])
def test_every_colour_changes_on_dark_paper(name: str) -> None:
    """A head of an arrow is filled with the colour of lines: it changes as a filling, and lines as lines."""
    text = cnnspec.draw(cnnspec.load(name), style="volumes").svg
    for tag in re.findall(r"<(?:g|path|rect|circle|text) [^>]*class=[^>]*>", text):
        for what in {"fill", "stroke"} & {found for found, _ in re.findall(r'(fill|stroke)="(#\w+)"', tag)}:
            classes = re.findall(r"cnnspec-[a-z-]+", tag)
            assert [each for each in classes if f".{each}{{{what}:#" in text], tag


@pytest.mark.parametrize(("words", "width"), WIDTHS.items())
def test_words_are_measured_in_the_widest_font(words: str, width: float) -> None:
    """Never too little, and not much too much."""
    assert width <= measure(words, 10) <= 1.04 * width


@pytest.mark.parametrize(("words", "width"), BOLD.items())
def test_bold_words_are_wider(words: str, width: float) -> None:
    """As far as shapes and names are concerned."""
    assert width <= measure(words, 10, bold=True) <= 1.08 * width


def test_svg_has_both_papers(assert_golden: Callable[[str, str], None]) -> None:
    """Light colours as attributes, dark ones by class; neighbours of one look share a group; words stay words."""
    assert_golden("drawings/shapes.svg", svg.render(SCENE))


def test_tikz_escapes_words(assert_golden: Callable[[str, str], None]) -> None:
    """Anybody's words are set as they are."""
    text = tikz.render(SCENE)
    assert r"{50\% \textless{}\_\textgreater{} \{x\} \textbackslash{} $\times$ \ldots{}};" in text
    assert_golden("drawings/shapes.tex", text)


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("pdflatex"), reason="pdflatex is missing")
@pytest.mark.parametrize("name", ["resnet50", "lenet5"])
def test_tikz_compiles(name: str, tmp_path: Path) -> None:
    """To one page of the size of the drawing."""
    drawing = cnnspec.draw(cnnspec.load(name))
    (tmp_path / "net.tex").write_text(drawing.tikz, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "net.tex"]
    done = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout[-2000:]
    assert "Output written on net.pdf (1 page" in done.stdout.replace("\n", "")
