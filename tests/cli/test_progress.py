"""What is seen of a training: curves on a terminal that can show them, lines elsewhere."""

from __future__ import annotations

import re
from io import StringIO

import pytest

from cnnspec.cli.progress import Bar, Curves, Lines, watcher

ROWS = [
    {"epoch": epoch, "loss": 2 / epoch, "accuracy": 1 - 0.9 / epoch, "learning_rate": 0.001, "seconds": 0.5}
    for epoch in range(1, 6)
]


class Terminal(StringIO):
    """A terminal that remembers what was written."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        """Say that it is one."""
        return True


class Narrow(Terminal):
    """A terminal without Unicode."""

    encoding = "latin-1"


def use(stream: StringIO, monkeypatch: pytest.MonkeyPatch, term: str = "xterm") -> StringIO:
    """Make a stream standard error."""
    for name, value in {"TERM": term, "COLUMNS": "110", "LINES": "40"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr("sys.stderr", stream)
    return stream


def test_curves_grow_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of earlier epochs too; they stay at the end, with the line of the last epoch and without the bar."""
    stream = use(Terminal(), monkeypatch)
    with watcher(live=True, history=ROWS[:3]) as shown:
        assert type(shown) is Curves
        shown.note("going on after epoch 3")
        for row in ROWS[3:]:
            shown.begin(int(row["epoch"]), 5, 10)
            shown.step(10, row["loss"])
            shown.end(row, 5, best=False)
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", stream.getvalue())
    assert "going on after epoch 3" in plain
    last = plain.rpartition("Loss  ━━ training")[2]
    assert last.startswith(" 0.4  ")
    assert "Accuracy  ━━ training 82.00 %" in last
    assert last.rstrip().endswith("epoch 5/5  loss 0.4000  accuracy 0.8200  0.5 s")


@pytest.mark.parametrize(
    ("stream", "term", "kind"), [(StringIO(), "xterm", Lines), (Terminal(), "dumb", Lines), (Narrow(), "xterm", Bar)]
)
def test_where_no_curves_can_be_that_is_said(
    stream: StringIO, term: str, kind: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the training goes on with a line for each epoch."""
    use(stream, monkeypatch, term)
    assert type(watcher(live=True)) is kind
    assert "`--live` needs a terminal" in stream.getvalue()


def test_nothing_is_said_where_nothing_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bar on a terminal, lines elsewhere."""
    assert type(watcher()) is Lines
    assert type(use(Terminal(), monkeypatch) and watcher()) is Bar
