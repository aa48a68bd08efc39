"""The command line: every command, every option, exit codes, files, and what a user sees when something is wrong."""

from __future__ import annotations

import csv
import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from typer.testing import CliRunner

import cnnspec
from cnnspec import layers as _layers  # noqa: F401 - registers the kinds
from cnnspec.bundled import bundled
from cnnspec.cli.app import COMMANDS, app_for, main, make_app
from cnnspec.ir.layer import ALIASES, KERAS_NAMES, KINDS
from tests.bundled_cases import cases as bundled_cases

ROOT: Final = Path(__file__).parent.parent.parent
SPECS: Final = ROOT / "specs"
TINY: Final = "input: 8x8x1\nlayers:\n  - conv: 4 3x3\n"
WRONG: Final = "input: 8x8x1\nlayers:\n  - conv: 4 30x30\n  - convv: 4 3x3\n"
BOTH: Final = """
input: {image: 8x8x3, gray: 8x8x1}
layers:
  - gap: {}
    from: image
    name: a
  - gap: {}
    from: gray
    name: b
outputs: [a, b]
"""
KERAS_MODEL: Final = {
    "class_name": "Sequential",
    "config": {
        "name": "tiny",
        "layers": [
            {"class_name": "InputLayer", "config": {"batch_shape": [None, 4], "name": "input"}},
            {"class_name": "Dense", "config": {"name": "dense", "units": 2}},
        ],
    },
}
WIDE: Final = "params: {width: 4}\ninput: 8x8x1\nlayers:\n  - conv: $width 3x3\n"


class Done(NamedTuple):
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


def cnn(*arguments: str, given: str | None = None) -> Done:
    """Run a command in this process."""
    result = CliRunner().invoke(app_for(arguments), list(arguments), input=given)
    return Done(result.exit_code, result.stdout, result.stderr)


def ok(*arguments: str, given: str | None = None) -> str:
    """Run a command that must succeed, and return what it printed."""
    done = cnn(*arguments, given=given)
    assert (done.code, done.err) == (0, "")
    return done.out


def fails(code: int, *arguments: str, given: str | None = None) -> str:
    """Run a command that must fail with an exit code and print no result, and return the errors."""
    done = cnn(*arguments, given=given)
    assert (done.code, done.out) == (code, "")
    assert "Traceback" not in done.err
    return done.err


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, without colours."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def file(name: str, text: str = TINY) -> str:
    """Write a file into the working folder and return its name."""
    Path(name).write_text(text, encoding="utf-8")
    return name


def names() -> list[str]:
    """Return what lies in the working folder, hidden files included."""
    return sorted(path.name for path in Path().iterdir())


# Help


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_examples(command: str) -> None:
    """Every command's help has examples of the command itself."""
    text = ok(command, "--help")
    _, _, examples = text.partition("Examples:")
    assert f"cnnspec {command}" in examples


def test_the_overview_names_every_command() -> None:
    """With the names under which they are called."""
    assert [command.name for command in make_app().registered_commands] == list(COMMANDS)
    overview = ok("--help")
    assert all(name in overview for name in COMMANDS)


def test_no_command_prints_the_help() -> None:
    """`cnnspec` alone shows what there is."""
    done = cnn()
    assert "summarize" in done.out + done.err
    assert done.code in (0, 2)


@pytest.mark.parametrize("arguments", [["-h"], ["summarize", "-h"]])
def test_help_has_a_short_form(arguments: list[str]) -> None:
    """`-h` is `--help`."""
    assert "Usage" in ok(*arguments)


def test_version_is_the_packages() -> None:
    """`--version` names program and version."""
    assert ok("--version") == f"cnnspec {cnnspec.__version__}\n"


# Where specs come from


@pytest.mark.parametrize("spec", ["lenet5", "lenet5.yaml"])
def test_bundled_networks_are_found_with_and_without_suffix(spec: str) -> None:
    """In any folder."""
    assert "664,086" in ok("summarize", spec)


def test_a_path_is_read() -> None:
    """A file of the working folder, whatever its suffix."""
    assert "conv 4 3x3/1 valid" in ok("summarize", file("net.txt"))


def test_a_dash_is_standard_input() -> None:
    """A spec may come through a pipe; its network has no better name."""
    assert "conv 4 3x3/1 valid" in ok("summarize", "-", given=TINY)
    assert "<stdin>:3:5" in fails(1, "summarize", "-", given=WRONG)


@pytest.mark.parametrize("name", ["lenet5", "lenet5.yaml"])
def test_a_file_wins_over_a_bundled_network(name: str) -> None:
    """Who has a `lenet5` means it."""
    file(name)
    assert "conv 4 3x3/1 valid" in ok("summarize", name)


def test_a_folder_does_not_hide_a_bundled_network() -> None:
    """A folder is no spec: a run of `lenet5` may lie in a folder of that name."""
    Path("lenet5").mkdir()
    assert "664,086" in cnn("summarize", "lenet5").out


def test_a_missing_file_names_what_there_is() -> None:
    """The bundled networks, and the one that was meant."""
    assert fails(1, "summarize", "lenet") == (
        "error[E601]: no file and no bundled network is named `lenet`\n"
        f"  = note: bundled networks: {', '.join(cnnspec.bundled_names())}\n"
        "  = help: did you mean `lenet5`?\n"
    )


def test_a_missing_path_is_answered_without_all_networks() -> None:
    """A name that ends as files do, or lies in a folder, is meant as a file."""
    step = "  = help: `cnnspec list` shows the bundled networks\n"
    folder = "  = note: there is no folder `nets`\n"
    Path("specs").mkdir()
    Path("net.yaml").touch()
    for name, note in {
        "homework3.yaml": "",
        "homework3.keras": "",
        "specs/homework3": "",
        "nets/net.yaml": folder,
    }.items():
        message = f"error[E601]: no file and no bundled network is named `{name}`\n"
        assert fails(1, "summarize", name) == f"{message}{note}{step}"
    assert fails(1, "summarize", "lenet.yaml").splitlines()[1:] == ["  = help: did you mean `lenet5`?"]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("LeNet5", "lenet5"),
        ("lenet-5", "lenet5"),
        ("resnet5", "resnet50"),
        ("NET", "net.yaml"),
        ("nett.yaml", "net.yaml"),
        ("net.yml", "net.yaml"),
        ("lenet.yaml", "lenet5"),
    ],
)
def test_the_nearest_name_is_proposed(word: str, meant: str) -> None:
    """Of files beside and of bundled networks alike: a file of a name less near is not what was meant."""
    Path("net.yaml").write_text("input: 8x8x1\nlayers: [gap]\n", encoding="utf-8")
    assert fails(1, "summarize", word).endswith(f"  = help: did you mean `{meant}`?\n")


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("check", "hw.csv", "net.yaml"), "the table"),
        (("check", "folder", "net.yaml"), "the table"),
        (("check", "nix.csv", "lenet5"), "the table"),
        (("grade", "folder", "net.yaml"), "the submissions"),
        (("grade", "hw.zip", "lenet5"), "the submissions"),
        (("explain", "conv1", "net.yaml"), "the layer"),
        (("explain", "conv1", "lenet5"), "the layer"),
    ],
)
def test_a_spec_behind_what_belongs_behind_it_is_told(words: tuple[str, str, str], what: str) -> None:
    """The command to write stands there; whether the files exist does not matter."""
    Path("net.yaml").write_text(TINY, encoding="utf-8")
    Path("folder").mkdir()
    Path("hw.csv").write_text("Layer,Size\nconv1,1\n", encoding="utf-8")
    command, first, second = words
    assert fails(2, *words) == (
        f"error[E702]: the spec comes first, and {what} behind it\n"
        f"  = help: write `cnnspec {command} {second} {first}`\n"
    )


@pytest.mark.slow
def test_the_list_of_networks_fits_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variants of a family stand below it."""
    monkeypatch.setattr("cnnspec.cli.bundled.terminal_width", lambda: 80)
    lines = ok("list").splitlines()
    assert max(map(len, lines)) < 80
    at = next(place for place, line in enumerate(lines) if line.startswith("efficientnet "))
    assert lines[at].endswith(" 385,814,752")
    assert lines[at + 1] == "  variant=b0, b1, b2, b3, b4, b5, b6, b7"


@pytest.mark.parametrize(
    ("word", "meant"), [("one_bias", "one_bias_per_layer"), ("no_chanels", "no_channels"), ("lenet", "lenet5")]
)
def test_the_slip_that_was_meant_is_told(word: str, meant: str) -> None:
    """By its beginning or a near name; a network that is near goes before."""
    assert fails(1 if meant == "lenet5" else 2, "explain", word).endswith(f"  = help: did you mean `{meant}`?\n")


def test_a_page_about_an_error_fits_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its paragraphs are wrapped at words; its example is a spec and stays as it is."""
    whole = ok("explain", "E301")
    monkeypatch.setattr("cnnspec.cli.explain.terminal_width", lambda: 60)
    narrow = ok("explain", "E301")
    assert max(map(len, narrow.splitlines())) < 60 < max(map(len, whole.splitlines()))
    assert (narrow.split(), narrow.split("```")[1]) == (whole.split(), whole.split("```")[1])


def test_a_folder_is_no_spec() -> None:
    """The error says so."""
    Path("nets").mkdir()
    text = fails(1, "summarize", "nets")
    assert "error[E602]: `nets` cannot be read" in text
    assert "it is a directory" in text


# summarize


def test_the_table_is_not_cut_in_a_file() -> None:
    """Redirected output is as wide as it must be."""
    text = ok("summarize", "densenet121")
    assert "concat (dense_layer57.concat1, dense_layer58.conv2)" in text
    assert "2,834,161,664" in text


@pytest.mark.parametrize("format", ["table", "json", "csv", "markdown", "latex", "html"])
def test_every_format_has_the_parameters(format: str) -> None:
    """608 for the first convolution of the course."""
    assert "608" in ok("summarize", "lenet5-rgb", "--format", format)


def test_an_unknown_format_is_wrong_usage() -> None:
    """The known ones are listed."""
    assert "markdown" in fails(2, "summarize", "lenet5", "--format", "pdf")


def test_columns_are_chosen() -> None:
    """In their order, by their short names; blanks do not matter."""
    text = ok("summarize", "lenet5-rgb", "-f", "csv", "--columns", "params, layer,receptive_field")
    assert text.splitlines()[:3] == ["params,layer,receptive_field", "0,input,", "608,conv1,5"]


def test_columns_help_lists_all() -> None:
    """Short name and title of each."""
    lines = ok("summarize", "lenet5", "--columns", "help").splitlines()
    assert "params           # Parameters" in lines
    assert len(lines) == 24


def test_an_unknown_column_is_wrong_usage() -> None:
    """Every unknown one is named, with the one that was meant."""
    text = fails(2, "summarize", "lenet5", "--columns", "layer,shap,zzz")
    assert "error[E701]: unknown column `shap`" in text
    assert "did you mean `shape`?" in text
    assert "unknown column `zzz`" in text


def test_depth_folds_blocks() -> None:
    """A block is a line, and the totals stay."""
    deep, folded = (ok("summarize", "resnet50", *options) for options in ([], ["--depth", "1"]))
    assert "bottleneck1 … bottleneck3" in folded
    assert "bottleneck2.conv1" in deep
    assert "bottleneck2.conv1" not in folded
    assert all("25,636,712" in text and "3,857,973,248" in text for text in (deep, folded))
    fails(2, "summarize", "resnet50", "--depth", "0")


@pytest.mark.parametrize("shape", ["64x64x3", "input=64x64x3"])
def test_another_input_is_taken(shape: str) -> None:
    """With or without the input's name."""
    report = json.loads(ok("summarize", "resnet50", "--input", shape, "-f", "json"))
    assert report["inputs"][0]["shape"] == [64, 64, 3]
    assert report["totals"]["params"] == 25_636_712


def test_one_of_several_inputs_is_replaced() -> None:
    """By its name; without one it is not clear which."""
    name = file("net.yaml", BOTH)
    report = json.loads(ok("summarize", name, "-i", "gray=40x40x1", "-f", "json"))
    assert [entry["shape"] for entry in report["inputs"]] == [[8, 8, 3], [40, 40, 1]]
    assert "write `--input NAME=SHAPE`" in fails(1, "summarize", name, "-i", "40x40x1")
    assert "the spec has no input `grey`" in fails(1, "summarize", name, "-i", "grey=40x40x1")


@pytest.mark.parametrize("shape", ["", "x", "0x3x3", "-1", "3x", "=3x3x1", "1x2x3x4x5x6", "axb"])
def test_a_bad_input_is_wrong_usage(shape: str) -> None:
    """The message shows the form."""
    assert "write `--input 224x224x3`" in fails(2, "summarize", "lenet5", "--input", shape)


def test_batch_and_type_change_the_bytes() -> None:
    """And nothing else."""
    plain = json.loads(ok("summarize", "lenet5-rgb", "-f", "json"))["totals"]
    batch = json.loads(ok("summarize", "lenet5-rgb", "-f", "json", "--batch", "10", "--dtype", "float16"))["totals"]
    assert (plain["activation_bytes"], batch["activation_bytes"]) == (52_504, 262_520)
    assert (plain["params_bytes"], batch["params_bytes"]) == (251_832, 125_916)
    assert {key for key in plain if plain[key] != batch[key]} == {"activation_bytes", "params_bytes"}
    assert "for a batch of 10" in ok("summarize", "lenet5-rgb", "--batch", "10")


@pytest.mark.parametrize("options", [["--batch", "0"], ["--batch", "x"], ["--dtype", "float3"]])
def test_a_bad_batch_or_type_is_wrong_usage(options: list[str]) -> None:
    """Exit code 2."""
    assert options[0] in fails(2, "summarize", "lenet5", *options)


def test_a_parameter_of_the_file_is_replaced() -> None:
    """`-p` overrides what stands under `params`."""
    name = file("net.yaml", WIDE)
    assert [row["params"] for row in table(name)] == ["0", "40"]
    assert [row["params"] for row in table(name, "-p", "width=8")] == ["0", "80"]


def table(spec: str, *options: str) -> list[dict[str, str]]:
    """Return the rows of a summary."""
    return list(csv.DictReader(StringIO(ok("summarize", spec, "-f", "csv", *options))))


def test_an_unknown_parameter_is_named() -> None:
    """With the ones that the file has."""
    assert fails(1, "summarize", file("net.yaml", WIDE), "-p", "widht=8") == (
        "error[E114]: the spec has no parameter `widht`\n"
        "  = note: its parameters: width\n"
        "  = help: did you mean `width`?\n"
    )


@pytest.mark.parametrize("pair", ["width", "=8", "width="])
def test_a_bad_parameter_is_wrong_usage(pair: str) -> None:
    """NAME=VALUE, both of them."""
    assert "write `--param width=0.5`" in fails(2, "summarize", file("net.yaml", WIDE), "-p", pair)


def test_a_limit_can_be_raised() -> None:
    """And the error names the option."""
    name = file("net.yaml", "input: 4\nlayers: [bn, bn, bn, bn, bn, bn]\n")
    assert "allow it with `--limit nodes=40`" in fails(1, "summarize", name, "--limit", "nodes=4")
    assert "bn6" in ok("summarize", name, "--limit", "nodes=6")
    deep = file("deep.yaml", f"input: 4\nmeta: {'[' * 70}{']' * 70}\nlayers: [relu]\n")
    assert "E110" in fails(1, "summarize", deep)
    assert "relu1" in ok("summarize", deep, "--limit", "depth=100")


@pytest.mark.parametrize("limit", ["nodes", "nodes=", "nodes=x", "nodes=-1", "nodes=0", "foo=3"])
def test_a_bad_limit_is_wrong_usage(limit: str) -> None:
    """A name of the four, and a number."""
    assert "E703" in fails(2, "summarize", "lenet5", "--limit", limit)


@pytest.mark.parametrize("options", [["--columns", "layer"], ["--depth", "1"]])
def test_json_takes_no_columns_and_no_depth(options: list[str]) -> None:
    """It always has everything; to ask for less is refused instead of ignored."""
    assert "E702" in fails(2, "summarize", "lenet5", "-f", "json", *options)


# Files


def test_a_result_goes_into_a_file() -> None:
    """Whole, and nothing on standard output; the bytes are those that would have been printed."""
    assert ok("summarize", "lenet5-rgb", "-f", "csv", "-o", "net.csv") == ""
    assert Path("net.csv").read_text(encoding="utf-8") == ok("summarize", "lenet5-rgb", "-f", "csv")
    assert names() == ["net.csv"]


def test_nothing_is_overwritten_silently() -> None:
    """E603, and the file as it was; `--force` replaces it."""
    file("net.csv", "mine")
    assert "error[E603]: `net.csv` cannot be written" in fails(1, "summarize", "lenet5", "-f", "csv", "-o", "net.csv")
    assert Path("net.csv").read_text(encoding="utf-8") == "mine"
    ok("summarize", "lenet5", "-f", "csv", "-o", "net.csv", "--force")
    assert Path("net.csv").read_text(encoding="utf-8").startswith("layer,")


def test_a_failing_run_writes_no_file() -> None:
    """Not even an empty one."""
    fails(1, "summarize", file("wrong.yaml", WRONG), "-o", "out.txt")
    assert names() == ["wrong.yaml"]


def test_a_missing_folder_is_said() -> None:
    """E604 with the uppermost one, or the file that stands in its place."""
    text = fails(1, "summarize", "lenet5", "-o", "no/such/where.txt")
    assert text == (
        "error[E604]: `no/such/where.txt` cannot be written\n"
        "  = note: there is no folder `no`\n"
        "  = help: name a folder that is there\n"
    )
    file("taken", "mine")
    assert "note: `taken` is a file\n" in fails(1, "draw", "lenet5", "-o", "taken/net.svg")


def test_a_folder_is_not_replaced_by_a_file() -> None:
    """Not even with `--force`."""
    Path("out").mkdir()
    assert "E604" in fails(1, "summarize", "lenet5", "-o", "out", "--force")
    assert names() == ["out"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_said() -> None:
    """E604, and no leftover."""
    folder = Path("locked")
    folder.mkdir(mode=0o500)
    assert "permission denied" in fails(1, "summarize", "lenet5", "-o", "locked/out.txt")


def test_a_dash_is_standard_output() -> None:
    """`-o -` is what is printed anyway."""
    assert ok("summarize", "lenet5", "-o", "-") == ok("summarize", "lenet5")


# Colours


def test_no_colour_goes_into_a_pipe() -> None:
    """Redirected output is plain."""
    assert "\x1b" not in ok("summarize", "lenet5")


def test_colour_can_be_forced_and_forbidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """`NO_COLOR` wins over `FORCE_COLOR`; a file is never coloured."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[1m" in ok("summarize", "lenet5")
    ok("summarize", "lenet5", "-o", "net.txt")
    assert "\x1b" not in Path("net.txt").read_text(encoding="utf-8")
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in ok("summarize", "lenet5")


# explain


def test_explain_derives_one_layer() -> None:
    """The course's 608."""
    text = ok("explain", "lenet5-rgb", "conv1")
    assert "(F·F·C + 1)·K = (5·5·3 + 1)·8 = 608" in text
    assert "pool1:" not in text


def test_explain_derives_all_layers() -> None:
    """Each begins with its name, in the order of the network."""
    heads = [line.partition(":")[0] for line in ok("explain", "lenet5-rgb").splitlines() if line[:1].strip()]
    assert heads == ["conv1", "pool1", "conv2", "pool2", "flatten1", "fc3", "fc4", "softmax"]


def test_explain_names_the_layers_for_an_unknown_one() -> None:
    """With the one that was meant."""
    text = fails(1, "explain", "lenet5-rgb", "cnv1")
    assert "error[E201]: `lenet5-rgb` has no layer `cnv1`" in text
    assert "its layers: conv1, pool1, conv2" in text
    assert "did you mean `conv1`?" in text


def test_explain_takes_a_layer_without_a_network() -> None:
    """One item and one input; any notation."""
    text = ok("explain", "--layer", "conv: 10 3x3", "--input", "39x39x3")
    assert "(3·3·3 + 1)·10 = 280" in text
    assert ok("explain", "--layer", "conv: {filters: 10, kernel: 3}", "--input", "39x39x3") == text
    assert ok("explain", "--layer", "Conv2D: {filters: 10, kernel_size: 3}", "-i", "39x39x3") == text


def test_explain_takes_parameters_with_a_layer() -> None:
    """No option is ignored silently: it works, or is refused as wrong usage."""
    done = cnn("explain", "--layer", "conv: $k 3x3", "--input", "8x8x1", "-p", "k=3")
    assert done.code in (0, 2), done.err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["lenet5", "--layer", "relu", "--input", "4"],
        ["--layer", "relu"],
        ["--layer", "relu", "--input", "4", "--input", "5"],
    ],
)
def test_explain_needs_one_thing_to_explain(arguments: list[str]) -> None:
    """A spec, a code, or a layer with its input."""
    assert "E702" in fails(2, "explain", *arguments)


@pytest.mark.parametrize("code", ["E103", "e103"])
def test_explain_describes_an_error_code(code: str) -> None:
    """What it means, and a spec that shows it."""
    text = ok("explain", code)
    assert text.startswith("E103: an argument is unknown\n")
    assert "```yaml" in text


def test_explain_knows_only_its_codes() -> None:
    """E704 lists them."""
    assert "error[E704]: there is no error code `E999`" in fails(1, "explain", "E999")


def test_explain_takes_inputs_parameters_and_a_file() -> None:
    """The options of `summarize`."""
    text = ok("explain", file("net.yaml", WIDE), "-p", "width=7", "-i", "9x9x2")
    assert "(3·3·2 + 1)·7 = 133" in text
    ok("explain", "lenet5", "-o", "out.txt")
    assert Path("out.txt").read_text(encoding="utf-8") == ok("explain", "lenet5")
    assert "E603" in fails(1, "explain", "lenet5", "-o", "out.txt")


@pytest.mark.parametrize(
    ("arguments", "begins"),
    [
        (("-f", "json"), '{"cnnspec": 1'),
        (("-o", "out.html"), "<!DOCTYPE html>"),
        (("-o", "out.htm"), "<!DOCTYPE html>"),
        (("-o", "out.TEX"), "% needs \\usepackage{amsmath}"),
        (("-o", "out.md"), "# lenet5-rgb"),
        (("-o", "out.html", "-f", "text"), "conv1: conv 8 5x5/1 valid"),
        (("-o", "out"), "conv1: conv 8 5x5/1 valid"),
    ],
)
def test_explain_has_formats(arguments: tuple[str, ...], begins: str) -> None:
    """That of the option, that of the suffix, or text."""
    text = ok("explain", "lenet5-rgb", "conv1", *arguments)
    assert (text or Path(arguments[1]).read_text(encoding="utf-8")).startswith(begins)


def test_a_page_about_a_code_is_text() -> None:
    """Which has no other formats."""
    assert "does not go with it" in fails(2, "explain", "E103", "-f", "html")
    assert "a page is text, not `.html`" in fails(2, "explain", "E103", "-o", "out.html")
    assert ok("explain", "no_channels", "-o", "out.md") == ""


@pytest.mark.parametrize(
    ("command", "output", "message"),
    [
        (("explain", "lenet5"), "out.docx", "nothing is written as `.docx` here"),
        (("summarize", "lenet5"), "out.pdf", "nothing is written as `.pdf` here"),
        (("import", "model.json"), "net.txt", "a spec is YAML, not `.txt`"),
        (("assignment", "lenet5"), "hw.json", "an assignment is YAML, not `.json`"),
        (("grade", "lenet5", "."), "grades.xlsx", "grades are CSV, not `.xlsx`"),
        (("check", "lenet5", "table.csv"), "out.pdf", "nothing is written as `.pdf` here"),
        (("autograder", "hw.yaml", "--to", "gradescope"), "hw.tar", "an autograder is a zip archive, not `.tar`"),
        (("report", "lenet5"), "net.svg", "the page is HTML, not `.svg`"),
        (("schema",), "schema.yaml", "a schema is JSON, not `.yaml`"),
        (("solve", "-"), "out.csv", "nothing is written as `.csv` here"),
        (("verify", "lenet5"), "out.csv", "a verification is a table or JSON, not `.csv`"),
        (("export", "lenet5", "--to", "keras-code"), "net.txt", "a listing is Python, not `.txt`"),
        (("practice", "lenet5"), "sheet.docx", "a sheet is a text, not `.docx`"),
        (("practice", "lenet5"), "sheet.xml", "`.xml` may be a quiz, which holds the answers"),
    ],
)
def test_an_unknown_suffix_is_refused(command: tuple[str, ...], output: str, message: str) -> None:
    """Before anything is computed, in every command; nothing is written."""
    assert f"error[E706]: {message}\n" in fails(2, *command, "-o", output)
    assert names() == []


def test_the_page_of_a_class_is_html() -> None:
    """It is no PDF."""
    assert "E706" in fails(2, "grade", "lenet5", ".", "--review", "class.pdf")


# validate


def test_validate_is_silent_where_all_is_well() -> None:
    """Exit code 0 and not a word."""
    assert ok("validate", *cnnspec.bundled_names(), file("net.yaml")) == ""


def test_validate_reports_every_error_of_every_spec() -> None:
    """Also of the files behind the first wrong one."""
    text = fails(1, "validate", file("a.yaml", WRONG), "lenet5", file("b.yaml", "layers: [reluu]\n"), "c.yaml")
    assert text.count("error[") == 5
    for place in ("a.yaml:3:5", "a.yaml:4:5", "b.yaml:1:10", "E107", "`c.yaml`"):
        assert place in text


def test_validate_takes_folders_and_patterns() -> None:
    """All specs and assignments below a folder, no other YAML, nothing hidden; patterns as a shell leaves them."""
    for name in ("nets/deep", ".hidden", "none"):
        Path(name).mkdir(parents=True)
    file("nets/a.yaml"), file("nets/deep/b.yml", "input: 8x8x1\nlayers: [reluu]\n")
    file("nets/other.yaml", "on: push\n"), file(".hidden/c.yaml", WRONG), file("hw.yaml", "assignment: 1\nspec: a\n")
    places = re.findall(r" --> (.*)", fails(1, "validate", "."))
    assert places == ["hw.yaml:2:7", "nets/deep/b.yml:2:10"]
    assert "nets/deep/b.yml:2:10" in fails(1, "validate", "nets/*/*.yml", "nets/**/*.yml")
    assert fails(1, "validate", "nets/*.yml", "none") == (
        "error[E601]: no file matches `nets/*.yml`\n"
        "  = note: `*` stands for any characters, `**` for folders too\n\n"
        "error[E601]: there is no spec in the folder `none`\n"
        "  = note: a spec is a YAML file with `input` and `layers`\n"
    )


def test_validate_can_be_json(conforms: Callable[[str, str], Any]) -> None:
    """File by file on standard output, with what is missing; notes make no file wrong but with `--strict`."""
    odd = file("odd.yaml", "input: 8x8x1\nlayers: [conv: 4 3x3, flatten, dense: 900, dense: 900]\n")
    done = cnn("validate", file("a.yaml", WRONG), odd, "lenet5", "none/*.yaml", "--format", "json")
    assert (done.code, done.err) == (1, "")
    document = conforms("validation", done.out)
    assert [(entry["file"], entry["valid"]) for entry in document["files"]] == [
        ("a.yaml", False),
        ("odd.yaml", True),
        ("lenet5", True),
    ]
    assert [fault["code"] for fault in document["files"][0]["diagnostics"]] == ["E301", "E104"]
    assert [fault["code"] for fault in document["missing"]] == ["E601"]
    notes = document["files"][1]["diagnostics"]
    assert notes
    assert cnn("validate", odd, "-f", "json").code == 0
    assert cnn("validate", odd, "-f", "json", "--strict").code == 1


def test_errors_can_be_json(conforms: Callable[[str, str], Any]) -> None:
    """Objects with places, also where all is well."""
    text = fails(1, "validate", file("a.yaml", WRONG), "--error-format", "json")
    found: list[dict[str, Any]] = conforms("diagnostics", text)["diagnostics"]
    assert [(error["code"], error["file"], error["line"], error["column"]) for error in found] == [
        ("E301", "a.yaml", 3, 5),
        ("E104", "a.yaml", 4, 5),
    ]
    assert found[1]["help"] == "did you mean `conv`?"
    done = cnn("validate", "lenet5", "--error-format", "json")
    assert (done.code, json.loads(done.err)) == (0, {"cnnspec": 1, "diagnostics": []})


def test_errors_can_be_annotations_on_github() -> None:
    """One workflow command per error, without line breaks."""
    lines = fails(1, "validate", file("a.yaml", WRONG), "--error-format", "github").splitlines()
    heads = [line[: line.index("::", 2)] for line in lines]
    place = "::error file=a.yaml,line={},col=5,title={}"
    assert heads == [place.format(3, "E301"), place.format(4, "E104")]


@pytest.mark.parametrize("command", ["summarize", "explain", "validate", "fmt"])
def test_every_command_that_reads_specs_has_error_formats(command: str) -> None:
    """The same errors in the same form."""
    found = json.loads(fails(1, command, file("a.yaml", "input: 8\nlayers: [flatten\n"), "--error-format", "json"))
    assert [error["code"] for error in found["diagnostics"]] == ["E100"]


# kinds, list, show


def test_kinds_lists_the_vocabulary() -> None:
    """Every kind and every other name of it."""
    lines = ok("kinds").splitlines()
    for name in (*KINDS, *ALIASES):
        assert any(name in line[:25].replace(",", " ").split() for line in lines), name
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_shows_each_kind(kind: str) -> None:
    """What it does, its arguments, formulas and Keras class, in lines that fit a page."""
    text = ok("kinds", kind)
    assert text.startswith(f"{kind}: ")
    for part in ("Arguments", "Formulas", "parameters", "MACs", "Keras"):
        if kind not in ("reshape", "permute") or part not in ("parameters", "MACs"):
            assert part in text
    assert max(map(len, text.splitlines())) <= 80
    assert "None" not in text


@pytest.mark.parametrize(
    "kind",
    [pytest.param(kind) if kind == "reshape" else kind for kind in KINDS],
)
def test_no_argument_is_another_name_of_itself(kind: str) -> None:
    """Other names are other names."""
    arguments = re.findall(r"^  (\w+) .*\n((?: {15}.*\n)*)", ok("kinds", kind), flags=re.MULTILINE)
    for name, facts in arguments:
        assert f"also `{name}`" not in facts
        assert f", `{name}`" not in facts.partition(";")[0]


@pytest.mark.parametrize("name", [*ALIASES, *KERAS_NAMES])
def test_kinds_finds_a_kind_by_any_name(name: str) -> None:
    """Other spellings and Keras' classes."""
    meant = KERAS_NAMES[name][0] if name in KERAS_NAMES else ALIASES[name]
    assert ok("kinds", name).startswith(f"{meant}: ")


def test_kinds_can_be_json(conforms: Callable[[str, str], Any]) -> None:
    """All of them, or one; the names are those that a spec accepts."""
    every = conforms("kinds", ok("kinds", "--format", "json"))
    assert [kind["kind"] for kind in every["kinds"]] == sorted(KINDS)
    assert {alias for kind in every["kinds"] for alias in kind["aliases"]} == set(ALIASES)
    (conv,) = conforms("kinds", ok("kinds", "Conv2D", "-f", "json"))["kinds"]
    assert [argument["name"] for argument in conv["arguments"][:3]] == ["filters", "kernel", "stride"]
    assert (conv["arguments"][0]["required"], conv["arguments"][0]["symbol"]) == (True, "K")
    assert {"quantity": "parameters", "symbolic": "(F·F·C + 1)·K", "reason": None} in conv["formulas"]
    assert (conv["keras"], conv["torch"]) == (["Conv1D", "Conv2D", "Conv3D"], ["Conv1d", "Conv2d", "Conv3d"])
    only = conforms("kinds", ok("kinds", "gate", "-f", "json"))
    assert (only["kinds"], [entry["word"] for entry in only["structures"]]) == ([], ["gate"])


def test_list_can_be_json(conforms: Callable[[str, str], Any]) -> None:
    """The networks with their totals, or the variants of a family."""
    every = conforms("networks", ok("list", "--format", "json"))["networks"]
    assert sorted(network["name"] for network in every) == cnnspec.bundled_names()
    vgg = conforms("networks", ok("list", "vgg", "--format", "json"))["networks"]
    assert [(network["name"], network["family"], network["params"]) for network in vgg] == [
        ("vgg16", "vgg", 138_357_544),
        ("vgg19", "vgg", 143_667_240),
    ]
    assert [network["variants"] for network in every if network["name"] == "vgg"] == [["vgg16", "vgg19"]]


def test_kinds_suggests_a_kind() -> None:
    """For a misspelt one."""
    text = fails(1, "kinds", "Convv2D")
    assert "error[E104]: unknown kind `Convv2D`" in text
    assert "did you mean `conv`?" in text


def test_kinds_knows_the_words_of_others() -> None:
    """Classes of PyTorch are found, and words of other programs are answered as in a spec."""
    assert "  Conv1d, Conv2d, Conv3d(in_channels, out_channels=filters, kernel_size=kernel" in ok("kinds", "nn.Conv2d")
    assert "write `dense: 10`, with the number of units" in fails(1, "kinds", "InnerProduct")


def test_list_has_all_bundled_networks() -> None:
    """With input, layers, parameters, MACs and variants, group by group."""
    head, *lines = ok("list").splitlines()
    assert head.split() == ["Network", "Input", "Layers", "#", "Parameters", "MACs", "Variants"]
    groups = [line for line in lines if line and "  " not in line]
    rows = [line for line in lines if "  " in line]
    assert groups == sorted({bundled(name).group for name in cnnspec.bundled_names()}, key=str.lower)
    assert sorted(row.split()[0] for row in rows) == cnnspec.bundled_names()
    assert [row.split() for row in rows if row.startswith(("lenet5-rgb", "resnet "))] == [
        ["lenet5-rgb", "32x32x3", "8", "62,958", "849,320"],
        ["resnet", "224x224x3", "174", "25,636,712", "3,857,973,248", "depth=50,", "101,", "152"],
    ]


def test_list_shows_all_variants_of_a_family() -> None:
    """Each with its totals; a network without variants is a row alone."""
    head, *lines = ok("list", "vgg").splitlines()
    assert head.split() == ["Network", "Input", "Layers", "#", "Parameters", "MACs"]
    assert [line.split() for line in lines] == [
        ["vgg16", "224x224x3", "22", "138,357,544", "15,470,264,320"],
        ["vgg19", "224x224x3", "25", "143,667,240", "19,632,062,464"],
    ]
    assert ok("list", "lenet5").splitlines()[1].split() == ["lenet5", "28x28x1", "8", "664,086", "8,778,056"]


def test_a_variant_is_a_network() -> None:
    """By its own name, with or without a hyphen and the suffix; the family with its parameter is the same."""
    table = ok("summarize", "resnet101", "--depth", "1")
    assert "resnet101" in table
    assert "44,707,176" in table
    same = (("resnet-101",), ("resnet101.yaml",), ("resnet", "-p", "depth=101"))
    assert [ok("summarize", *spec, "--depth", "1") for spec in same] == [table] * 3
    Path("mine.yaml").write_text(ok("show", "resnet101"), encoding="utf-8")
    assert cnn("summarize", "mine.yaml", "--depth", "1").out == table


def test_a_variant_that_is_none_names_those_that_are() -> None:
    """As the name of a network, and as the value of its parameter."""
    assert fails(1, "summarize", "resnet51") == (
        "error[E601]: no file and no bundled network is named `resnet51`\n"
        "  = note: variants of `resnet`: resnet50, resnet101, resnet152\n"
        "  = help: did you mean `resnet50`?\n"
    )
    assert fails(1, "list", "vgg13").startswith("error[E601]: no bundled network is named `vgg13`\n")
    Path("vgg14.yaml").write_text("input: 8x8x1\nlayers: [gap]\n", encoding="utf-8")
    for command in ("list", "show"):
        message = fails(1, command, "vgg13")
        assert message.endswith("\n  = help: did you mean `vgg19`?\n"), "a file is none of those that are listed"
    assert fails(1, "summarize", "resnet", "-p", "depth=51") == (
        "error[E105]: `depth` cannot be `51`\n  = note: the spec has the variants 50, 101, 152\n"
    )


def test_list_shows_the_bundled_networks_and_no_others() -> None:
    """A file of the same name in the working folder does not show."""
    expected = ok("list")
    file("lenet5.yaml", WRONG)
    assert ok("list") == expected


@pytest.mark.parametrize("name", bundled_cases())
def test_show_prints_the_file(name: str) -> None:
    """Byte for byte, so that it can be redirected and changed."""
    assert ok("show", name) == (SPECS / f"{name}.yaml").read_text(encoding="utf-8")
    assert ok("show", f"{name}.yaml") == ok("show", name)


def test_show_names_the_schema_that_is_near() -> None:
    """A path from where the spec will lie; fmt and the network stay as they are."""
    text = ok("show", "lenet5")
    assert ok("show", "lenet5", "--schema", "https://example.org/s.json") == (
        f"# yaml-language-server: $schema=https://example.org/s.json\n{text}"
    )
    ok("schema", "-o", "spec.schema.json")
    named = ok("show", "lenet5")
    assert named == f"# yaml-language-server: $schema=spec.schema.json\n{text}"
    assert ok("show", "lenet5", "--schema", "none") == text
    assert ok("fmt", "-", given=named) == named
    assert cnnspec.summarize(cnnspec.loads(named)).to_csv() == cnnspec.summarize(cnnspec.load("lenet5")).to_csv()
    for wrong in ("a b", "", "a\nlayers: []"):
        assert "E703" in fails(2, "show", "lenet5", "--schema", wrong)


def test_a_folder_is_no_output() -> None:
    """`--force` replaces no folder by a file."""
    Path("nets").mkdir()
    assert fails(1, "summarize", "lenet5", "-o", "nets", "--force") == (
        "error[E604]: `nets` cannot be written\n  = note: it is a folder\n  = help: name a file in it\n"
    )


def test_show_copies_a_network_into_a_file() -> None:
    """UTF-8 whatever a shell makes of what is printed; nothing is replaced unless that is said."""
    ok("show", "lenet5", "-o", "net.yaml")
    assert Path("net.yaml").read_bytes() == (SPECS / "lenet5.yaml").read_bytes()
    assert "E603" in fails(1, "show", "resnet101", "-o", "net.yaml")
    ok("show", "resnet101", "-o", "net.yaml", "--force")
    assert Path("net.yaml").read_text(encoding="utf-8") == ok("show", "resnet101")
    assert "a spec is YAML, not `.txt`" in fails(2, "show", "lenet5", "-o", "net.txt")


def test_import_names_the_schema_that_is_near() -> None:
    """From the folder of the output."""
    file("model.json", json.dumps(KERAS_MODEL))
    assert ok("import", "model.json").startswith("name: ")
    ok("schema", "-o", "spec.schema.json")
    Path("nets/deep").mkdir(parents=True)
    ok("import", "model.json", "-o", "nets/deep/net.yaml")
    first = Path("nets/deep/net.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=../../spec.schema.json"
    assert ok("import", "model.json", "--schema", "none").startswith("name: ")


@pytest.mark.parametrize("name", ["lenet", "../specs/lenet5", "/etc/passwd", ".", "", "lenet5/"])
def test_show_has_nothing_but_bundled_networks(name: str) -> None:
    """No other file is shown."""
    assert "error[E601]" in fails(1, "show", name)


# fmt


def test_fmt_writes_in_place() -> None:
    """And says so on standard error; a canonical file stays untouched."""
    name = file("net.yaml", "input:   8x8x1\nlayers:\n    - relu\n")
    assert cnn("fmt", name) == Done(0, "", "reformatted net.yaml\n")
    assert Path(name).read_text(encoding="utf-8") == "input: 8x8x1\nlayers:\n  - relu\n"
    before = Path(name).stat().st_mtime_ns
    assert cnn("fmt", name) == Done(0, "", "")
    assert Path(name).stat().st_mtime_ns == before


def test_fmt_check_only_looks() -> None:
    """Exit code 1 where a file would change, and the files named."""
    good, bad = file("good.yaml"), file("bad.yaml", "input:   8x8x1\nlayers: [relu]\n")
    assert cnn("fmt", "--check", good) == Done(0, "", "")
    assert cnn("fmt", "--check", good, bad) == Done(1, "", "would reformat bad.yaml\n")
    assert Path(bad).read_text(encoding="utf-8") == "input:   8x8x1\nlayers: [relu]\n"


def test_fmt_diff_shows_a_patch() -> None:
    """Which `patch` takes; nothing is written, and the exit code is that of `--check`."""
    good, bad = file("good.yaml"), file("bad.yaml", "input:   8x8x1\nlayers: [relu]")
    assert cnn("fmt", "--diff", good, bad) == Done(
        1,
        "--- bad.yaml\n+++ bad.yaml\n@@ -1,2 +1,2 @@\n-input:   8x8x1\n-layers: [relu]\n"
        "\\ No newline at end of file\n+input: 8x8x1\n+layers: [relu]\n",
        "",
    )
    assert Path(bad).read_text(encoding="utf-8") == "input:   8x8x1\nlayers: [relu]"


def test_fmt_takes_folders_and_goes_on_behind_a_wrong_spec() -> None:
    """The others are written, and the line ends of each stay."""
    Path("nets").mkdir()
    file("nets/a.yaml", "input: [8\n")
    Path("nets/b.yaml").write_bytes(b"input:   8x8x1\r\nlayers: [relu]\r\n")
    done = cnn("fmt", "nets")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("reformatted nets/b.yaml\nerror[E100]")
    assert Path("nets/b.yaml").read_bytes() == b"input: 8x8x1\r\nlayers: [relu]\r\n"


def test_fmt_passes_standard_input_through() -> None:
    """`fmt -` is a filter."""
    assert ok("fmt", "-", given="input:   8x8x1\nlayers: [relu]\n") == "input: 8x8x1\nlayers: [relu]\n"
    assert ok("fmt", "--long", "-", given=TINY) == "input: 8x8x1\nlayers:\n  - conv: {filters: 4, kernel: 3x3}\n"
    assert ok("fmt", "--short", "-", given=ok("fmt", "--long", "-", given=TINY)) == TINY


def test_fmt_prints_bundled_networks() -> None:
    """Which cannot be written in place."""
    assert "filters: 8, kernel: 5x5" in ok("fmt", "--long", "lenet5-rgb")


def test_fmt_long_and_short_exclude_each_other() -> None:
    """Wrong usage."""
    assert "E702" in fails(2, "fmt", "--long", "--short", "-", given=TINY)


def test_fmt_keeps_the_file_of_a_wrong_spec() -> None:
    """What cannot be read is not written."""
    name = file("net.yaml", "input: [8\n")
    assert "E100" in fails(1, "fmt", name)
    assert Path(name).read_text(encoding="utf-8") == "input: [8\n"
    assert "E112" in fails(1, "fmt", "-", given="# nothing\n")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_fmt_keeps_permissions_and_links() -> None:
    """A private file stays private, and a link a link to the formatted file."""
    name = file("net.yaml", "input:   8x8x1\nlayers: [relu]\n")
    Path(name).chmod(0o600)
    Path("link.yaml").symlink_to(name)
    cnn("fmt", "link.yaml")
    assert Path("link.yaml").is_symlink()
    assert Path(name).read_text(encoding="utf-8") == "input: 8x8x1\nlayers: [relu]\n"
    assert stat.S_IMODE(Path(name).stat().st_mode) == 0o600


# The program as a process


def process(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program as a user does."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "cnnspec", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_the_module_runs() -> None:
    """`python -m cnnspec` is `cnnspec`."""
    done = process("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"cnnspec {cnnspec.__version__}\n", "")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["summarize", "lenet5-rgb"], 0),
        (["summarize", "nothing"], 1),
        (["summarize"], 2),
        (["nothing"], 2),
        (["summarize", "lenet5-rgb", "--nothing"], 2),
    ],
)
def test_exit_codes_are_0_1_and_2(
    arguments: list[str], code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Fine, the input is wrong, the usage is wrong: the program as its entry point calls it."""
    monkeypatch.setattr(sys, "argv", ["cnnspec", *arguments])
    with pytest.raises(SystemExit) as done:
        main()
    out, err = capsys.readouterr()
    assert (done.value.code or 0) == code
    assert bool(out) == (code == 0)
    assert "Traceback" not in err
    assert bool(err) == (code != 0)


def test_a_closed_pipe_is_no_error() -> None:
    """`cnnspec summarize densenet121 -f json | head -1` ends quietly."""
    command = f'"{sys.executable}" -m cnnspec summarize densenet121 -f json | head -1'
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    done = subprocess.run(  # noqa: S602 - our own program in a pipe
        command, shell=True, capture_output=True, text=True, check=False, env=environment
    )
    assert done.stdout.startswith('{"cnnspec": 1')
    assert done.stderr == ""


def test_output_is_utf8_whatever_the_locale() -> None:
    """In a plain C locale the signs of the formulas are still written."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LC_ALL": "C"}
    command = [sys.executable, "-m", "cnnspec", "explain", "lenet5-rgb", "conv1"]
    done = subprocess.run(command, capture_output=True, check=True, env=environment)
    assert "(n + 2p − f)/s + 1" in done.stdout.decode("utf-8")


@pytest.mark.parametrize(
    "command", [["explain", "lenet5-rgb", "conv1"], ["summarize", "lenet5-rgb"], ["kinds", "conv"]]
)
def test_output_can_be_redirected_on_windows(command: list[str]) -> None:
    """There, Python writes files and pipes in the code page of the system unless it is told otherwise."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "0", "PYTHONIOENCODING": "cp1252"}
    line = [sys.executable, "-m", "cnnspec", *command]
    done = subprocess.run(line, capture_output=True, check=False, env=environment)
    assert (done.returncode, done.stderr) == (0, b"")
