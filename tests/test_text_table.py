"""Aligned tables: what gives way where a terminal is narrow."""

from __future__ import annotations

from cnnspec.text_table import Column, Line, lay_out


def test_a_number_is_not_cut_while_words_can_give_way() -> None:
    """The cells of `compare resnet50 vgg16` in 28 places: a number on two lines reads as two numbers."""
    columns = [Column(""), Column("vgg16", number=True)]
    lines = [Line(["Activation size", "15,237,608"]), Line(["Non-trainable", "0"]), Line(["MACs", "15,470,264,320"])]
    assert "\n".join(lay_out(columns, lines, width=28)) == (
        "                       vgg16\n"
        " ───────────────────────────\n"
        " Activation       15,237,608\n"
        " size\n"
        " Non-                      0\n"
        " trainable\n"
        " MACs         15,470,264,320"
    )
