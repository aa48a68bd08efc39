"""`cnnspec draw` as a user calls it."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from cnnspec.cli.app import make_app

if TYPE_CHECKING:
    from pathlib import Path

RUN = CliRunner()
APP = make_app()


def call(code: int, *words: str) -> tuple[str, str]:
    """Return what a command says on standard output and standard error."""
    done = RUN.invoke(APP, ["draw", *words])
    assert done.exit_code == code, done.output
    return done.stdout, done.stderr


def test_the_svg_goes_to_standard_output() -> None:
    """Nothing else does; the same input gives the same bytes."""
    first, second = (call(0, "lenet5", "--style", "graph") for _ in range(2))
    assert first == second
    assert first[0].startswith("<svg ")
    assert first[0].endswith("</svg>\n")
    assert not first[1]


def test_a_file_has_the_format_of_its_suffix(tmp_path: Path) -> None:
    """And is not replaced unless that is said."""
    for name, begins in (("net.svg", "<svg "), ("net.tex", "% The layers of lenet5")):
        call(0, "lenet5", "--style", "graph", "-o", str(tmp_path / name))
        assert (tmp_path / name).read_text(encoding="utf-8").startswith(begins)
    assert "E603" in call(1, "lenet5", "-o", str(tmp_path / "net.svg"))[1]
    call(0, "lenet5", "-o", str(tmp_path / "net.svg"), "--force")


@pytest.mark.parametrize("name", ["net.png", "net.pdf", "net.webp", "net"])
def test_pixels_are_refused_with_the_step(name: str, tmp_path: Path) -> None:
    """What is no SVG is never called one."""
    if "." not in name:
        call(0, "lenet5", "-o", str(tmp_path / name))
        return
    text = call(2, "lenet5", "-o", str(tmp_path / name))[1]
    assert "error[E706]: drawings are not written as" in text
    assert "write `net.svg`" in text
    assert ("rsvg-convert" in text) is (not name.endswith("webp"))
    call(2, "lenet5", "-o", str(tmp_path / name), "--format", "svg")
    assert "E702" in call(2, "lenet5", "-o", str(tmp_path / "net.tex"), "--format", "svg")[1]
    assert list(tmp_path.iterdir()) == []


def test_columns_and_parts_are_chosen() -> None:
    """As those of the table."""
    text, _ = call(0, "resnet50", "--select", "bottleneck2", "--columns", "layer,receptive_field")
    assert "<title>bottleneck2 of resnet50</title>" in text
    assert ">Receptive field<" in text
    assert ">MACs<" not in text
    assert "receptive_field" in call(0, "resnet50", "--columns", "help")[0]
    assert "E702" in call(2, "lenet5", "--style", "volumes", "--columns", "layer")[1]


def test_what_style_was_taken_is_said() -> None:
    """On standard error, with the switch that changes it, where it is not the figure."""
    assert "`--style volumes`" in call(0, "resnet50")[1]
    assert not call(0, "lenet5")[1]
    assert not call(0, "resnet50", "--style", "graph")[1]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["lenet5", "--columns", "zzz"], 2, "E701"),
        (["lenet5", "--columns", ","], 2, "E703"),
        (["lenet5", "--select", "zzz"], 1, "E201"),
        (["lenet5", "--style", "oil"], 2, "oil"),
        (["lenet5", "--depth", "0"], 2, "depth"),
        (["no-such-network"], 1, "E601"),
    ],
)
def test_what_is_wrong_is_said(words: list[str], code: int, said: str) -> None:
    """With the codes of the other commands."""
    assert said in "".join(call(code, *words))


class Terminal(StringIO):
    """A terminal that remembers what was written."""

    def isatty(self) -> bool:
        """Say that it is one."""
        return True


@pytest.mark.parametrize(
    ("words", "file"),
    [(["draw"], "network.svg"), (["draw", "--format", "tikz"], "network.tex"), (["report"], "network.html")],
)
def test_what_fills_a_terminal_names_a_file(
    words: list[str], file: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who forgot `-o` sees how to have it, below all the markup; a pipe gets the markup alone."""
    monkeypatch.setattr("sys.stdout", Terminal())
    APP([*words, "lenet5"], standalone_mode=False)
    step = f"this is for a browser or another program: `-o {file}` writes it into a file\n"
    assert capsys.readouterr().err == step
