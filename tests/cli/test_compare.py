"""`cnnspec compare`: totals and layers of specs, model files and revisions, and mistakes with their step."""

from __future__ import annotations

import csv
import re
import subprocess
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any, Final

import pytest
from typer.testing import CliRunner

import cnnspec
from cnnspec.analysis.comparison import Side, compare
from cnnspec.analysis.measure import measure
from cnnspec.cli.app import app_for
from cnnspec.registry import modules_in
from cnnspec.reports.comparison.table import render

OLD: Final = "name: net\ninput: 8x8x3\nparams: {f: 4}\nlayers:\n  - conv: $f 3x3 relu\n  - flatten\n  - dense: 10\n"
NEW: Final = "name: net\ninput: 8x8x3\nlayers:\n  - conv: 8 3x3 bn relu\n  - maxpool: 2\n  - flatten\n  - dense: 10\n"
CASES: Final = Path(__file__).parent.parent / "cases" / "comparison"


def run(*arguments: str) -> tuple[int, str, str]:
    """Run the command and return its exit code, what it printed, and its errors."""
    result = CliRunner().invoke(app_for(["compare"]), ["compare", *arguments])
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with two specs."""
    monkeypatch.chdir(tmp_path)
    Path("old.yaml").write_text(OLD, encoding="utf-8")
    Path("new.yaml").write_text(NEW, encoding="utf-8")


@pytest.mark.parametrize("name", modules_in("reports", "comparison"))
def test_layers_in_every_format(name: str, assert_golden: Callable[[str, str], None]) -> None:
    """The whole output; (3·3·3 + 1)·4 = 112, (3·3·3 + 1)·8 = 224, (144 + 1)·10 = 1,450 and (72 + 1)·10 = 730."""
    code, out, err = run("old.yaml", "new.yaml", "--layers", "--format", name)
    assert (code, err) == (0, "")
    assert_golden(f"comparison/layers.{name}", out)
    assert "conv 8 3x3/1 valid" in out


@pytest.mark.parametrize("names", [("lenet5", "lenet5-rgb"), ("resnet18", "resnet50")])
def test_layers_fit_a_terminal_of_eighty_characters(names: tuple[str, str]) -> None:
    """Under short titles, of which none is cut, and numbers are whole."""
    compared = compare([Side(name, measure(cnnspec.load(name))) for name in names], layers=True)
    lines = render(compared, width=80).splitlines()
    assert max(map(len, lines)) <= 80
    head = next(line for line in lines if "Configuration" in line)
    assert head.split() == ["Layer", "Configuration", "Shape", "Δ", "Params", "Δ", "MACs"]
    whole = render(compared)
    assert {*re.findall(r"[+−][\d,]{5,}", whole)} == {*re.findall(r"[+−][\d,]{5,}", "\n".join(lines))}


def test_a_revision_of_one_spec_names_the_command_that_takes_it() -> None:
    """`summarize` takes a file."""
    result = CliRunner().invoke(app_for(["summarize"]), ["summarize", "old.yaml@HEAD~1"])
    assert result.exit_code == 1
    assert "help: a revision is compared: `cnnspec compare old.yaml@HEAD~1 old.yaml`" in result.stderr


def test_totals_are_those_of_the_summaries(conforms: Callable[[str, str], Any]) -> None:
    """VGG-16 has 138,357,544 parameters, ResNet-50 25,636,712 and MobileNetV2 3,538,984, as Keras counts them."""
    code, out, _ = run("vgg16", "resnet50", "mobilenetv2", "-f", "json")
    document = conforms("comparison", out)
    assert code == 0
    assert [each["totals"]["params"] for each in document["networks"]] == [138_357_544, 25_636_712, 3_538_984]
    assert [round(each["ratios"]["params"], 4) for each in document["networks"]] == [1.0, 0.1853, 0.0256]
    assert "layers" not in document


def test_differences_of_layers_add_up_to_those_of_the_totals(conforms: Callable[[str, str], Any]) -> None:
    """No layer is left out of the pairs, and none is counted twice."""
    document = conforms("comparison", run("lenet5", "alexnet-cifar10", "--layers", "-f", "json")[1])
    for key in ("params", "macs"):
        sides = [sum(change[side][key] for change in document["layers"] if change[side]) for side in ("left", "right")]
        assert sides == [network["totals"][key] for network in document["networks"]]


def test_a_row_per_network_as_csv() -> None:
    """Raw integers."""
    rows = list(csv.DictReader(StringIO(run("lenet5-rgb", "old.yaml", "-f", "csv")[1])))
    assert [(row["network"], row["params"], row["layers"]) for row in rows] == [
        ("lenet5-rgb", "62958", "8"),
        ("old.yaml", "1562", "3"),
    ]


def test_parameters_of_a_spec_stand_behind_its_name() -> None:
    """112 + 1,450 parameters become 224 + 2,890."""
    rows = list(csv.DictReader(StringIO(run("old.yaml", "old.yaml:f=8", "-f", "csv")[1])))
    assert [row["params"] for row in rows] == ["1562", "3114"]


def test_the_suffix_of_the_output_says_the_format() -> None:
    """Markdown for a pull request."""
    assert run("old.yaml", "new.yaml", "-o", "diff.md")[:2] == (0, "")
    assert Path("diff.md").read_text(encoding="utf-8").startswith("|  | old.yaml | new.yaml | Ratio |\n| --- | ---: |")


def git(*arguments: str) -> None:
    """Run git in the working folder."""
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")
    subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)  # noqa: S607 - whichever git is there


def test_a_revision_of_git_is_a_network_too() -> None:
    """With the file beside it as it was then."""
    Path("top.yaml").write_text("input: 8x8x3\nlayers:\n  - network: old.yaml\n", encoding="utf-8")
    git("init")
    git("add", ".")
    git("commit", "-m", "first")
    Path("old.yaml").write_text(NEW, encoding="utf-8")
    rows = list(csv.DictReader(StringIO(run("top.yaml@HEAD", "top.yaml", "-f", "csv")[1])))
    assert [(row["network"], row["params"]) for row in rows] == [("top.yaml@HEAD", "1562"), ("top.yaml", "986")]


def test_a_model_file_is_a_network_too() -> None:
    """Read as `cnnspec import` reads it."""
    config = (
        '{"class_name": "Sequential", "config": {"name": "m", "layers": [{"class_name": "Dense", "config": '
        '{"name": "d", "units": 5, "batch_input_shape": [null, 7]}}]}}'
    )
    Path("model.json").write_text(config, encoding="utf-8")
    rows = list(csv.DictReader(StringIO(run("model.json", "old.yaml", "-f", "csv")[1])))
    assert [row["params"] for row in rows] == ["40", "1562"]
    code, _, err = run("model.json:f=3", "old.yaml")
    assert (code, err.splitlines()[0]) == (2, "error[E703]: `model.json` is a model file, which has no parameters")


@pytest.mark.parametrize(
    ("arguments", "code", "messages"),
    [
        (["lenet5"], 2, ["error[E703]: one network cannot be compared"]),
        (["lenet5", "vgg16", "unet", "--layers"], 2, ["error[E702]: `--layers` compares two networks, not 3"]),
        (
            ["nope", "lenet5", "nix.yaml"],
            1,
            [f"error[E601]: no file and no bundled network is named `{name}`" for name in ("nope", "nix.yaml")],
        ),
        (["old.yaml@HEAD~1", "old.yaml"], 1, ["error[E601]: git has no `old.yaml` at `HEAD~1`"]),
        (["old.yaml@--help", "old.yaml"], 1, ["error[E601]: git has no `old.yaml` at `--help`"]),
        (["lenet5", "vgg16", "-o", "both.html"], 2, ["error[E706]: nothing is written as `.html` here"]),
        (["old.yaml:g=3", "old.yaml"], 1, ["error[E114]: the spec has no parameter `g`"]),
    ],
)
def test_mistakes_are_told_all_at_once(arguments: list[str], code: int, messages: list[str]) -> None:
    """With the words that were written."""
    found, out, err = run(*arguments)
    assert (found, out) == (code, "")
    assert [line for line in err.splitlines() if line.startswith("error")] == messages


def test_the_library_measures_what_the_command_compares() -> None:
    """One number, one home."""
    assert cnnspec.summarize(cnnspec.load("old.yaml")).totals.params == 1562
