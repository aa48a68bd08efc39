"""`cnnspec live` as a user calls it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path
from typing import Final

import pytest
from typer.testing import CliRunner

import cnnspec
from cnnspec.cli.app import make_app
from cnnspec.live.folder import EITHER, NEEDED

RUN: Final = CliRunner()
APP: Final = make_app(["live", "draw"])
ROOT: Final = Path(cnnspec.__file__).parent.parent


def call(code: int, *words: str) -> str:
    """Return what a command says on standard error."""
    done = RUN.invoke(APP, ["live", *words])
    assert done.exit_code == code, done.output
    assert not done.stdout
    return done.stderr


def test_a_folder_is_written(tmp_path: Path) -> None:
    """And it is said how it is looked at."""
    source = tmp_path / "pyodide"
    source.mkdir()
    for name in (*NEEDED, EITHER[1]):
        (source / name).write_text(name, encoding="utf-8")
    words = "lenet5-rgb", "-o", str(tmp_path / "public"), "--pyodide", str(source)
    assert "10 files" in call(0, *words)
    assert (tmp_path / "public" / "pyodide" / EITHER[1]).exists()
    assert "E603" in call(1, *words)
    call(0, *words, "--force")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["lenet5-rgb", "-o", "public"], "E702"),
        (["lenet5-rgb", "-o", "public", "--pyodide", "nowhere"], "E601"),
        (["lenet5-rgb", "-o", "public", "--pyodide", "x", "--port", "8000"], "E702"),
        (["lenet5-rgb", "--pyodide", "x"], "E702"),
        (["lenet5-rgb", "--force"], "E702"),
    ],
)
def test_what_does_not_go_together_is_said(
    words: list[str], code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is written."""
    monkeypatch.chdir(tmp_path)
    assert f"error[{code}]" in call(2, *words)
    assert list(tmp_path.iterdir()) == []


def test_a_spec_that_is_not_there_is_said() -> None:
    """As by every command."""
    assert "error[E601]" in call(1, "no-such-network")


def test_a_port_that_is_taken_is_said() -> None:
    """With the step that helps."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        text = call(1, "lenet5-rgb", "--port", str(other.getsockname()[1]))
    assert "error[E709]: the server cannot listen" in text
    assert "leave `--port` out" in text


def test_the_server_says_where_it_is_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    """The address works as it is printed, and a wrong spec is served too: it is what the page is for."""
    spec = tmp_path / "net.yaml"
    spec.write_text("layers: [convv: 4]\n", encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "cnnspec", "live", str(spec)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", env=environment,
    ) as process:  # fmt: skip
        assert process.stdout
        assert process.stderr
        line = process.stdout.readline()
        found = re.fullmatch(r"net\.yaml: http://127\.0\.0\.1:(\d+)(/\?token=[\w-]{20,})\n", line)
        assert found, line
        connection = HTTPConnection("127.0.0.1", int(found[1]), timeout=20)
        connection.request("GET", found[2])
        assert connection.getresponse().status == 200
        connection.close()
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        assert "Traceback" not in process.stderr.read()
