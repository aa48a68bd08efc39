"""What the command line says to someone who is on the wrong way, and how it looks on a terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from cnnspec.cli import app
from cnnspec.cli.app import make_app
from cnnspec.errors import COLORED, Diagnostic, render_text
from cnnspec.source import Source, Span

if TYPE_CHECKING:
    from pathlib import Path


def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """Return the exit code and all that a command line says, in one line."""
    monkeypatch.setattr(sys, "argv", ["cnnspec", *words])
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit) as end:
        app.main()
    done = capsys.readouterr()
    return int(end.value.code or 0), " ".join((done.out + done.err).split())


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["lenet5"], "Did you mean `cnnspec summarize lenet5`?"),
        (["version"], "Did you mean `cnnspec --version`?"),
        (["sumarize"], "Did you mean `cnnspec summarize`?"),
        (["diff"], "Did you mean `cnnspec compare`?"),
        (["explain", "conv"], "`cnnspec kinds conv` describes it"),
        (["check", "table.csv", "lenet5"], "write `cnnspec check lenet5 table.csv`"),
        (["summarize", "mynet"], "did you mean `mynet.yaml`?"),
        (["summarize", "MyNett.yaml"], "did you mean `mynet.yaml`?"),
        (["summarize", "lenet5"], "note: `lenet5` is the bundled network, not the file `lenet5.yaml`"),
        (["summarize", "mynet.yaml", "--to", "onnx"], "It is an option of `cnnspec autograder` and `cnnspec export`."),
        (["kinds", "conv", "--depth", "1"], "It is an option of `cnnspec summarize` and `cnnspec draw`."),
        (["fmt", "mynet.yaml", "--columns", "x"], "of `cnnspec summarize`, `cnnspec draw` and `cnnspec practice`."),
        (["explain", "lenet5", "--layer", "gap", "-i", "8x8x1"], "help: leave out `--layer`, or `lenet5`"),
        (["summarize", "mynet.yaml", "-p", "width=2"], "help: a spec has its own below `params:`"),
        (["export", "lenet5", "--format", "onnx"], "Did you mean `--to`?"),
        (["summarize", "my", "net.yaml"], 'A name with blanks stands in quotes: `"my net.yaml"`.'),
        (["explain", "my", "net.yaml", "conv1"], 'A name with blanks stands in quotes: `"my net.yaml"`.'),
        (["draw", "mynet.yaml", "--style", "volume"], "Did you mean `volumes`?"),
        (["export", "mynet.yaml", "--to", "pytorch"], "Did you mean `pytorch-code`?"),
        (["train", "mynet.yaml", "--lr", "0.1"], "Did you mean `--learning-rate`?"),
        (["grade", "lenet5", "t.csv", "--out", "g.csv"], "Did you mean `--output`?"),
        (["summarize", "mynet.yaml", "--input", "28", "28", "1"], "Write `--input 28x28x1`."),
        (["summarize", "mynet.yaml", "-i", "28,28,1"], "write `--input 28x28x1`"),
        (["summarize", "mynet.yaml", "other.yaml", "lenet5"], "`cnnspec compare mynet.yaml lenet5` shows them"),
        (["explain", "lenet5", "conv1", "conv2"], "One layer at a time"),
        (["summarize", "table.csv"], "`cnnspec check SPEC table.csv` marks a table of homework"),
        (["fmt", "table.csv"], "`table.csv` is a value, and stays as it is"),
        (["summarize", "seven.png"], "note: it is a picture"),
        (["kinds", "lenet5"], "`cnnspec summarize lenet5` shows its layers"),
        (["show", "mynet.yaml"], "`cnnspec summarize mynet.yaml` shows its numbers"),
        (["-V"], "cnnspec 0.1.0"),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, list) else "",
)
def test_the_right_next_command(
    words: list[str],
    meant: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    """A wrong turn is answered with the command to type, or with what is not what it seems."""
    for name in ("mynet.yaml", "lenet5.yaml", "my net.yaml"):
        (tmp_path / name).write_text("input: 8x8x1\nlayers: [flatten]\n", encoding="utf-8")
    (tmp_path / "table.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (tmp_path / "seven.png").write_bytes(b"\x89PNG\r\n")
    monkeypatch.chdir(tmp_path)
    assert meant in run(monkeypatch, capsys, *words)[1]
    assert (tmp_path / "table.csv").read_text(encoding="utf-8") == "a,b\n1,2\n"


def test_the_overview_has_groups_and_a_start(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Four groups with every command, and the command to begin with."""
    code, text = run(monkeypatch, capsys, "--help")
    assert code == 0
    groups = [text.index(f"─ {group} ─") for group in ("Analyse", "Homework", "Train", "Files")]
    assert groups == sorted(groups)
    assert "Start: cnnspec summarize lenet5" in text
    assert {command.rich_help_panel for command in make_app().registered_commands} == {
        "Analyse",
        "Homework",
        "Train",
        "Files",
    }


def test_an_option_says_all_that_it_accepts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Words, which wrap, and no list in a column that is cut."""
    text = run(monkeypatch, capsys, "check", "--help")[1]
    for word in ("classroom50", "gradescope", "markdown", "prairielearn"):
        assert word in text


def fault() -> Diagnostic:
    """Return a diagnostic with all parts."""
    source = Source("net.yaml", "input: 8\nlayers: [covn]\n")
    words = "write one of the many words that are known, as in `conv: 8 3x3 same relu`"
    return Diagnostic("E104", "unknown kind `covn`", Span(source, 18, 22), "here", ("a fact",), words)


def test_colours() -> None:
    """A red head, a bold message, a blue gutter, red carets; nothing else differs from the plain text."""
    painted = render_text([fault()], COLORED)
    assert painted.startswith("\x1b[1;31merror[E104]\x1b[0m\x1b[1m: unknown kind `covn`\x1b[0m\n")
    assert "\x1b[1;34m2 |\x1b[0m layers: [covn]\n" in painted
    assert "\x1b[1;31m^^^^ here\x1b[0m" in painted
    plain = painted
    for code in ("\x1b[1;31m", "\x1b[1;34m", "\x1b[1m", "\x1b[0m"):
        plain = plain.replace(code, "")
    assert plain == render_text([fault()])


def test_a_terminal_wraps_at_words() -> None:
    """No line is wider, further lines begin below the text, and what is to be copied stays whole."""
    text = render_text([fault()], COLORED._replace(error="", warning="", message="", gutter="", width=50))
    assert text.endswith(
        "  = help: write one of the many words that are\n          known, as in `conv: 8 3x3 same relu`"
    )
    assert max(map(len, text.split("\n"))) <= 50


def test_what_is_true_of_every_row_is_said_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A table in Keras' form has a batch axis in every shape."""
    table = tmp_path / "keras.csv"
    rows = ('conv1,"(None, 28, 28, 8)"', 'pool1,"(None, 14, 14, 8)"', 'conv2,"(None, 10, 10, 16)"')
    table.write_text("\n".join(["Layer,Output Shape", *rows]), encoding="utf-8")
    text = run(monkeypatch, capsys, "check", "lenet5-rgb", str(table))[1]
    assert text.count("the batch axis was dropped") == 1
    assert "✓ all rows, Activation shape: the batch axis was dropped" in text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["train", "lenet5", "--dry-run", "--learning-rate", "0,001"],
            "`--learning-rate` must be a number above 0, at most 3.4e+38",
        ),
        (
            ["grade", "a", "b", "--out-of=10,5"],
            "`--out-of` must be a number ≥ 0, not `10,5` = help: did you mean `10.5`?",
        ),
        (
            ["summarize", "lenet5", "--batch", "1,000"],
            "must be a positive integer, not `1,000` = help: did you mean `1000`?",
        ),
        (["summarize", "lenet5", "--depth", "x"], "error[E703]: `--depth` must be a positive integer, not `x`"),
        (["grade", "a", "b", "--jobs", "200"], "`--jobs` must be an integer from 1 to 64, not `200`"),
        (["grade", "a", "b", "--timeout", "0.5"], "`--timeout` must be a number from 1 to 3600, not `0.5`"),
        (["practice", "lenet5", "--seed", "1,5"], "`--seed` must be an integer ≥ 0, not `1,5`"),
        (["train", "lenet5", "--workers", "'"], "`--workers` must be a positive integer, not `'`"),
        (["summarize", "lenet5", "--depth", "x", "--error-format", "github"], "::error title=E703::`--depth` must be"),
        (["summarize", "lenet5", "--error-format=json", "--depth", "x"], '"code": "E703", "severity": "error"'),
    ],
)
def test_what_is_no_number(
    words: list[str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What an option takes, what it was given, and the number that was meant where that is clear."""
    code, told = run(monkeypatch, capsys, *words)
    assert code == 2
    assert said in told


def test_all_settings_that_are_no_numbers_are_told_together(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As in the `train` section of a spec."""
    wrong = ("--learning-rate", "0,001", "--epochs", "ten", "--validation-split", "20%")
    code, told = run(monkeypatch, capsys, "train", "lenet5", "--dry-run", *wrong)
    assert (code, told.count("error[E703]")) == (2, 3)
    assert [step for step in ("`0.001`", "`0.2`") if f"did you mean {step}?" in told] == ["`0.001`", "`0.2`"]
