"""How drawing grows: folded, with the layers; blocks in blocks are drawn once."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
from looking import shapes_of
from steps import grows_linearly, steps

import cnnspec
from cnnspec.analysis.measure import measure
from cnnspec.drawing.drawing import draw
from cnnspec.drawing.scene import Words

FOLDED: Final = """
input: 8x8x4
blocks:
  unit: [{{residual: [conv: 4 3x3 same bn relu, conv: 4 3x3 same bn]}}, relu]
layers:
  - unit:
    repeat: {}
"""
SKIPS: Final = "input: 8x8x4\nlayers:\n- seq: [{{residual: [{{residual: [relu, bn]}}, bn]}}]\n  repeat: {}\n"


@pytest.mark.slow
@pytest.mark.parametrize("spec", [FOLDED, SKIPS], ids=["folded", "skips"])
@pytest.mark.parametrize("style", ["graph", "volumes"])
def test_drawing_is_linear(
    spec: str, style: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In steps, which no clock takes."""
    monkeypatch.chdir(tmp_path)

    def counted(copies: int) -> int:
        Path("big.yaml").write_text(spec.format(copies), encoding="utf-8")
        taken = steps("cnnspec.cli.draw", "draw", "big.yaml", style=style, depth=1)
        assert capsys.readouterr().out
        return taken

    assert grows_linearly(counted, 2)


def test_a_block_in_blocks_is_drawn_once() -> None:
    """However many blocks use it."""
    text = """
input: 8x8x4
blocks:
  inner: [{residual: [conv: 4 3x3 same, relu]}]
  one: [{inner: {}, repeat: 2}, relu]
  two: [{inner: {}, repeat: 3}, bn]
layers: [{one: {}, repeat: 2}, {two: {}, repeat: 2}]
"""
    scene = draw(measure(cnnspec.loads(text)), style="graph").scene
    titles = [shape.text for shape in shapes_of(scene.shapes) if isinstance(shape, Words) and shape.size == 17]
    assert titles == ["<text>", "one1", "two1", "one1.inner1"]
