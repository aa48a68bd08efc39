"""Aligned tables: what gives way where a terminal is narrow."""

from __future__ import annotations

from cnnspec.text_table import Column, Line, folded, in_lines, lay_out


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


def test_a_line_is_folded_at_words() -> None:
    """Colours take no place, a long word stays whole, and so does a line whose parts are aligned."""
    assert folded("one two three", 9) == "one two\nthree"
    assert folded("one two three", 13) == "one two\nthree"  # the last place is left free
    assert folded("one two three", 14) == folded("one two three", None) == "one two three"
    assert folded("\x1b[1mone two\x1b[0m three", 9) == "\x1b[1mone two\x1b[0m\nthree"
    assert folded("  a 0123456789 b", 8) == "  a\n  0123456789\n  b"
    assert folded("one `two three` four", 12) == "one\n`two three`\nfour"
    assert folded("name    what it is", 9) == "name    what it is"


def test_a_long_name_is_cut_where_its_parts_meet() -> None:
    """Each line is filled; digits of a number stay together as long as they can."""
    assert in_lines("a-b-cccc", 5) == ["a-b-", "cccc"]
    assert in_lines("x stage1.block2.conv_1", 10) == ["x stage1.", "block2.", "conv_1"]
    assert in_lines("bottleneck1", 6) == ["bottle", "neck1"]
    assert in_lines("12,345.678", 9) == ["12,345.67", "8"]
