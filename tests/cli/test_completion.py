"""Completion: what a shell is told may stand at each place, and the scripts that ask for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cnnspec.cli.app import COMMANDS, app_for


def candidates(line: str, folder: Path) -> list[str]:
    """Return what a fresh process tells bash of the last word of a line."""
    words = line.split(" ")
    asked = {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1), "_CNNSPEC_COMPLETE": "complete_bash"}
    done = subprocess.run(
        [sys.executable, "-m", "cnnspec"],
        env=os.environ | asked,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("cnnspec summ", ["summarize"]),
        ("cnnspec summarize lenet5-r", ["lenet5-rgb"]),
        ("cnnspec summarize my", ["mynet.yaml", "my/"]),
        pytest.param("cnnspec summarize my/", ["my/inner.yml"], marks=pytest.mark.slow),
        pytest.param("cnnspec validate lenet5 lenet5-1", ["lenet5-1998"], marks=pytest.mark.slow),
        pytest.param("cnnspec explain lenet5-rgb conv", ["conv1", "conv2"], marks=pytest.mark.slow),
        ("cnnspec explain mynet.yaml den", ["dense1"]),
        ("cnnspec explain broken.yaml den", []),
        ("cnnspec explain E10", ["E100", "E101", "E102", "E103", "E104", "E105", "E106", "E107", "E108", "E109"]),
        pytest.param("cnnspec kinds sepc", ["sepconv"], marks=pytest.mark.slow),
        ("cnnspec summarize lenet5 --force", ["--force"]),
        pytest.param("cnnspec completion z", ["zsh"], marks=pytest.mark.slow),
    ],
)
def test_what_may_stand_there(line: str, expected: list[str], tmp_path: Path) -> None:
    """Commands, networks, files, layers, codes, kinds and options; a spec with faults has no layers to tell."""
    (tmp_path / "mynet.yaml").write_text("input: 8x8x3\nlayers: [flatten, dense: 3]\n", encoding="utf-8")
    (tmp_path / "broken.yaml").write_text("input: [\n", encoding="utf-8")
    (tmp_path / "mynotes.txt").write_text("", encoding="utf-8")
    (tmp_path / "my").mkdir()
    (tmp_path / "my" / "inner.yml").write_text("", encoding="utf-8")
    assert sorted(candidates(line, tmp_path)) == sorted(expected)


def test_every_command_is_a_candidate(tmp_path: Path) -> None:
    """At the first place."""
    assert set(candidates("cnnspec ", tmp_path)) == {*COMMANDS}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_the_script_asks_the_command(shell: str) -> None:
    """Through the variable that it answers to."""
    result = CliRunner().invoke(app_for(["completion"]), ["completion", shell])
    assert result.exit_code == 0
    assert "_CNNSPEC_COMPLETE" in result.stdout
    assert "cnnspec" in result.stdout


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is missing")
def test_bash_takes_the_script(tmp_path: Path) -> None:
    """It defines a function and names it as the command's completion."""
    script = CliRunner().invoke(app_for(["completion"]), ["completion", "bash"]).stdout
    path = tmp_path / "completion.bash"
    path.write_text(f"{script}\ncomplete -p cnnspec\n", encoding="utf-8")
    done = subprocess.run(["bash", "--norc", str(path)], capture_output=True, text=True, check=True)  # noqa: S607 - whichever is there
    assert done.stdout.strip() == "complete -o default -F _cnnspec_completion cnnspec"
