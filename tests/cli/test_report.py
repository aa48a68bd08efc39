"""`cnnspec report` as a user calls it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest
from typer.testing import CliRunner

from cnnspec.cli.app import make_app

RUN = CliRunner()
APP = make_app()
PICTURES: Final = Path(__file__).parents[1] / "cases" / "pictures"


def call(code: int, *words: str) -> tuple[str, str]:
    """Return what the command says on standard output and standard error."""
    done = RUN.invoke(APP, ["report", *words])
    assert done.exit_code == code, done.output
    return done.stdout, done.stderr


def test_the_page_goes_to_standard_output_or_into_a_file(tmp_path: Path) -> None:
    """A file that is there stays unless that is said."""
    page = call(0, "lenet5")[0]
    assert page.startswith("<!DOCTYPE html>\n")
    path = tmp_path / "net.html"
    call(0, "lenet5", "-o", str(path))
    assert path.read_text(encoding="utf-8") == page
    assert "E603" in call(1, "lenet5", "-o", str(path))[1]
    call(0, "lenet5", "-i", "64x64x3", "-o", str(path), "--force")
    assert path.read_text(encoding="utf-8") != page


@pytest.mark.parametrize(
    ("words", "said"),
    [
        # one byte for each of the 62,958 parameters, and of the 13,126 activations with the input, of 8 samples
        (["--dtype", "int8", "--batch", "8"], ["63.0 kB as int8", "105.0 kB for a batch of 8"]),
        (["--optimizer", "adam"], ["with adam for one sample", "optimizer 503.7 kB"]),
        (
            ["--convention", "thop", "--params", "torch"],
            ["MACs as thop counts them", "Parameters are those of PyTorch"],
        ),
    ],
)
def test_how_is_counted_is_chosen_as_for_the_table(words: list[str], said: list[str]) -> None:
    """The options of `summarize`, with its words."""
    page = call(0, "lenet5-rgb", *words)[0]
    assert [each for each in said if each not in page] == []


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["lenet5", "--convention", "nope"], 2, "error[E703]: unknown convention `nope`"),
        ([], 2, "error[E702]: what shall be reported?"),
        (["lenet5", "-o", "net.pdf"], 2, "error[E706]: the page is HTML, not `.pdf`"),
        (["--run", "nowhere/1"], 1, "error[E521]: there is no run `nowhere/1`"),
        (["--run", "nowhere/1", "-i", "8x8x1"], 2, "error[E702]: a run has its own values"),
    ],
)
def test_misuse_is_said(words: list[str], code: int, said: str) -> None:
    """With the step that helps."""
    if code == 1:
        pytest.importorskip("numpy")
    assert said in call(code, *words)[1]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Return the folder of a run with two pictures."""
    folder = tmp_path / "runs" / "tiny" / "1"
    folder.mkdir(parents=True)
    (folder / "spec.yaml").write_text(
        "name: tiny\ninput: 8x8x1\nlayers: [flatten, dense: 2 softmax]\n", encoding="utf-8"
    )
    config = {
        "source": "tiny.yaml",
        "overrides": {"inputs": {}, "params": {}},
        "data": {"classes": ["a", "b"], "peak": 255},
        "settings": {"data": "digits"},
    }
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    for name in ("curves.svg", "confusion.svg"):
        (folder / name).write_bytes((PICTURES / name).read_bytes())
    return folder


def test_a_run_adds_its_pictures(run: Path) -> None:
    """Those that it holds, as images; the network is that of its spec."""
    pytest.importorskip("numpy")
    page = call(0, "--run", str(run))[0]
    assert "<h1>tiny</h1>" in page
    assert "<h2>Training: tiny/1</h2>" in page
    assert page.count('src="data:image/svg+xml;base64,') == 2
    assert page.index('alt="Learning curves"') < page.index('alt="Confusion matrix"')
    assert "is no run of `lenet5`" in call(2, "lenet5", "--run", str(run))[1]
