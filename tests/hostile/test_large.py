"""A hundred bytes of spec may mean a hundred thousand layers: no command does more for each of them than for one."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest
from steps import grows_linearly, steps

SPEC: Final = "input: 16x16x4\nlayers:\n- seq: [{{conv: 4 3x3 same bn relu, repeat: 2}}]\n  repeat: {}\n"
HOMEWORK: Final = "layer,params\nconv1,148\nconv2,147\nconv999,5\n"
COMMANDS: Final[dict[str, tuple[str, tuple[str, ...], dict[str, Any]]]] = {
    "validate": ("validate", (), {}),
    "table": ("summarize", (), {}),
    "folded table": ("summarize", (), {"depth": 1}),
    **{name: ("summarize", (), {"format": name}) for name in ("csv", "json", "markdown", "latex", "html")},
    "explain": ("explain", (), {}),
    "drawing": ("draw", (), {"style": "graph"}),
    "check": ("check", ("hw.csv",), {"format": "gradescope"}),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_layers_take_steps_in_proportion(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The whole command, from the text to what is printed."""
    command, others, options = COMMANDS[name]
    monkeypatch.chdir(tmp_path)
    Path("hw.csv").write_text(HOMEWORK, encoding="utf-8")

    def counted(layers: int) -> int:
        Path("big.yaml").write_text(SPEC.format(layers), encoding="utf-8")
        spec = ["big.yaml"] if command == "validate" else "big.yaml"
        taken = steps(f"cnnspec.cli.{command}", command, spec, *others, **options)
        assert capsys.readouterr().out or command == "validate"
        return taken

    assert grows_linearly(counted, 4)
