"""Transformers against the numbers that are published of them."""

from __future__ import annotations

from typing import Final

import cnnspec
from cnnspec.formula import render

VIT: Final = """
name: vit-b16
input: 224x224x3
blocks:
  encoder:
    - residual: [ln: eps=1e-6, attention: 12]
    - residual: [ln: eps=1e-6, dense: 3072 gelu, dense: 768]
layers:
  - conv: 768 16x16/16
  - reshape: -1x768
  - class_token
  - positions
  - encoder:
    repeat: 12
  - ln: eps=1e-6
  - slice: {axis: 1, stop: 1}
  - flatten
  - dense: 1000
"""


def test_vit_has_the_numbers_of_torchvision() -> None:
    """86,567,656 parameters and 17.564 GMACs: `ViT_B_16_Weights.IMAGENET1K_V1`; 7,087,872 parameters a block."""
    table = cnnspec.summarize(cnnspec.loads(VIT))
    assert table.totals.params == 86_567_656
    assert round(table.totals.macs / 1e9, 3) == 17.564
    block = [row for row in table if row.name.startswith("encoder1.")]
    assert sum(row.params for row in block) == 7_087_872
    assert (table["positions1"].params, table["class_token1"].params) == (151_296, 768)


def test_attention_is_derived_as_papers_write_it() -> None:
    """Three products in, one out, and what the steps see of each other."""
    quantities = cnnspec.summarize(cnnspec.loads(VIT))["encoder1.attention1"].quantities
    assert render(quantities.params) == "3·(C + 1)·h·d_k + (h·d_k + 1)·C"
    assert render(quantities.params, numbers=True) == "3·(768 + 1)·12·64 + (12·64 + 1)·768"
    assert render(quantities.macs) == "(3·C·h·d_k + h·d_k·C)·L + 2h·d_k·L·L"
