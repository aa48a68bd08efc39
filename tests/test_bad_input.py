"""Any file whatever gives a graph or diagnostics, in steps that grow with it: no other exception, no crash, no wait."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from steps import grows_linearly, steps
from typer.testing import CliRunner

import cnnspec
from cnnspec.cli.app import app_for
from cnnspec.cli.output import render_json
from cnnspec.errors import render_github, render_text
from cnnspec.text.limits import STANDARD, Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT: Final = Path(__file__).parents[1]
HEAD: Final = "input: 28x28x1\nlayers:\n"
SMALL: Final = Limits(nodes=20_000)
"""A fifth of the largest network: how long the whole of it takes is not the question here."""
RANDOM: Final = random.Random(1998)  # noqa: S311 - garbage needs no secrecy


class Bad(NamedTuple):
    """A file that is no spec, the codes of what is wrong with it, and how files like it are made shorter or longer."""

    content: bytes
    codes: str
    limits: Limits = STANDARD
    of: Callable[[int], bytes] | None = None
    few: int = 20


def many(of: Callable[[int], bytes], count: int, codes: str, few: int = 20) -> Bad:
    """Return the file that has so many of something; from `few` of it on, steps are in proportion."""
    return Bad(of(count), codes, of=of, few=few)


def item(text: str) -> bytes:
    """Return a spec with one item of a layer list."""
    return f"{HEAD}  - {text}\n".encode()


def spec(text: str) -> bytes:
    """Return a spec with further keys."""
    return f"input: 8\nlayers: [relu]\n{text}\n".encode()


def numbered(template: str, count: int, between: str = "") -> str:
    """Return copies of a text with their numbers in place of `#`."""
    return between.join(template.replace("#", str(number)) for number in range(count))


def doubling(innermost: str) -> bytes:
    """Return a network of 2^49 copies of a block."""
    lines = [f"  b{number}: [b{number - 1}, b{number - 1}]\n" for number in range(1, 50)]
    return f"input: 8\nblocks:\n  b0: [{innermost}]\n{''.join(lines)}layers: [b49]\n".encode()


def chain(length: int) -> bytes:
    """Return blocks each of which calls the one before."""
    lines = [f"  b{number}: [b{number - 1}]\n" for number in range(1, length)]
    return f"input: 8\nblocks:\n  b0: [relu]\n{''.join(lines)}layers: [b{length - 1}]\n".encode()


NO_TEXT: Final = {
    "nothing": Bad(b"", "E112"),
    "blanks": Bad(b"  \n \n", "E112"),
    "a BOM": Bad(b"\xef\xbb\xbf", "E112"),
    "comments": Bad(b"# input: 28x28x1\n# layers: [relu]", "E112"),
    "a megabyte of comments": many(lambda n: b"# x\n" * n, 250_000, "E112"),
    "more than a megabyte": Bad(b"#" * 1_000_001, "E110"),
    "all bytes": Bad(bytes(range(256)), "E101"),
    "random bytes": Bad(RANDOM.randbytes(1_000_000), "E101"),
    "random characters": Bad(bytes(RANDOM.choices(range(32, 127), k=100_000)), "E100 E112"),
    "random punctuation": Bad("".join(RANDOM.choices("ab:[]{},-# \n'\"&*!|>%@`", k=100_000)).encode(), "E100"),
    "a picture": Bad(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "E101"),
    "an archive": Bad(b"PK\x03\x04\x14\0\0\0\x08\0", "E101"),
    "a model file of a megabyte": Bad(b"\x89HDF\r\n\x1a\n" + bytes(1_000_000), "E101"),
    "UTF-16": Bad(item("relu").decode().encode("utf-16"), "E101"),
    "UTF-16 without a BOM": Bad(item("relu").decode().encode("utf-16-le"), "E101"),
    "UTF-32": Bad(item("relu").decode().encode("utf-32"), "E101"),
    "Latin-1": Bad(item("relu: é").decode().encode("latin-1"), "E101"),
    "half a character": Bad(item("relu: é")[:-2], "E101"),
    "a surrogate": Bad(b"name: \xed\xa0\x80\n", "E101"),
    "NUL": Bad(item("relu\0"), "E101"),
    "an escape sequence": Bad(item("\x1b[31mrelu"), "E101"),
    "a BOM in the middle": Bad("input: 8\n\ufefflayers: [relu]".encode(), "E100"),
}
"""Files that are no text, or a text without anything in it."""

NESTED: Final = {
    "brackets": many(lambda n: b"[" * n, 100_000, "E110"),
    "closed brackets": many(lambda n: b"[" * n + b"]" * n, 100_000, "E110"),
    "closing brackets": many(lambda n: b"]" * n, 100_000, "E100"),
    "braces": many(lambda n: b"{" * n, 100_000, "E110"),
    "mappings": many(lambda n: b"{a: " * n, 100_000, "E110"),
    "dashes": many(lambda n: b"- " * n, 100_000, "E110"),
    "question marks": many(lambda n: b"? " * n, 100_000, "E110"),
    "lines": Bad("".join(f"{' ' * depth}a:\n" for depth in range(1_000)).encode(), "E110"),
    "joins": Bad(item("add: [identity, [" * 40 + "relu" + "]]" * 40), "E110"),
    "a list as an argument": Bad(item("conv: {filters: 8, kernel: " + "[" * 50 + "3" + "]" * 50 + "}"), "E105"),
    "aliases": Bad(b"a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n", "E109"),
    "aliases of aliases": many(lambda n: spec("meta:\n  a: &a [x]\n" + numbered("  b#: [*a, *a]\n", n)), 1_000, "E109"),
    "an alias of nothing": Bad(b"a: *b", "E109"),
    "an alias of itself": Bad(b"a: &a [*a]", "E109"),
    "documents": many(lambda n: b"---\n" * n, 100_000, "E109"),
    "YAML elements": many(lambda n: spec("meta: [" + "a, " * n + "a]"), 200_000, "E110"),
}
"""What brings down YAML readers."""

NUMBERS: Final = {
    "5,000 digits": Bad(item("conv: " + "9" * 5_000 + " 3x3"), "E105"),
    "5,000 digits in a mapping": Bad(item("conv: {filters: " + "9" * 5_000 + ", kernel: 3}"), "E105"),
    "5,000 digits in a window": Bad(item("conv: 8 3x" + "9" * 5_000), "E105"),
    "5,000 digits of a limit": Bad(item("relu: " + "9" * 5_000), "E105"),
    "5,000 digits of copies": Bad(item("{relu: , repeat: " + "9" * 5_000 + "}"), "E105"),
    "5,000 digits in a parameter": Bad(b"params: {a: " + b"9" * 5_000 + b"}\n" + item("dense: $a"), "E105"),
    "5,000 digits in an expression": Bad(item("conv: ${" + "9" * 5_000 + "} 3x3"), "E111"),
    "400 digits in an expression": Bad(item("conv: ${" + "9" * 400 + "} 3x3"), "E111"),
    "5,000 digits of the input": Bad(b"input: " + b"9" * 5_000 + b"\nlayers: [relu]", "E105"),
    "10^12 on three axes": Bad(b"input: 1000000000000x1000000000000x1000000000000\nlayers: [relu]", "E105"),
    "300,000 axes": many(lambda n: b"input: " + b"9x" * n + b"9\nlayers: [relu]", 300_000, "E105"),
    "no size": Bad(b"input: 0x28x1\nlayers: [relu]", "E105"),
    "a negative size": Bad(b"input: -28x28x1\nlayers: [relu]", "E105"),
    "an enlarged input": Bad(b"input: 1000000x1000x1\nlayers: [upsample: 1000000]", "E308"),
    "a padded input": Bad(b"input: 10x10x1\nlayers: [pad: 1000000000000]", "E308"),
    "an infinity": Bad(item("relu: {max: 1e999}"), "E105"),
    "no number": Bad(item("relu: {max: nan}"), "E105"),
    "a quotient of zero": Bad(item("rescale: 1/0"), "E105"),
    "100,000 quotients": many(lambda n: item("relu: {max: " + "1/" * n + "1}"), 100_000, "E105"),
    "100,000 quotients in a parameter": many(
        lambda n: b"params: {a: " + b"1/" * n + b"1}\n" + item("relu: $a"), 100_000, "E103"
    ),
    "100,000 quotients in a row": many(
        lambda n: item("{for: a, in: [" + "1/" * n + "1], do: [relu: $a]}"), 100_000, "E103"
    ),
    "a list for a number": Bad(item("conv: {filters: [8], kernel: 3}"), "E105"),
    "a list of lists for sizes": Bad(item("conv: {filters: 8, kernel: [[3]]}"), "E105"),
    "lists of lists for padding": Bad(item("conv: {filters: 8, kernel: 3, pad: [[[1]]]}"), "E105"),
    "positional arguments": Bad(item("conv: [8, 3]"), "E105"),
    "a list of epochs": Bad(spec("train: {epochs: [1]}"), "E105"),
    "digits of another script": Bad(item("conv: {filters: ²³, kernel: 3}"), "E105"),
    "broken brackets": Bad(item("conv: 8 3x3 pad=[[1]"), "E105"),
}
"""Numbers that are too large, too long, or none."""

EXPRESSIONS: Final = {
    "a tower of powers": Bad(item("conv: ${9**9**9} 3x3"), "E111"),
    "an import": Bad(item("conv: ${__import__('os').system('id')} 3x3"), "E111"),
    "an attribute": Bad(item("conv: ${().__class__.__bases__} 3x3"), "E111"),
    "10,000 parentheses": Bad(item("conv: ${" + "(" * 10_000 + "1" + ")" * 10_000 + "} 3x3"), "E111"),
    "240 parentheses": Bad(item("conv: ${" + "(" * 240 + "1" + ")" * 240 + "} 3x3"), "E111"),
    "480 minus signs": Bad(item("conv: ${" + "-" * 480 + "1} 3x3"), "E105 E111"),
    "480 tildes": Bad(item("conv: ${" + "~" * 480 + "1} 3x3"), "E111"),
    "a complex number": Bad(item("conv: ${(-8)**0.5} 3x3"), "E111"),
    "200,000 dollars": many(lambda n: item("conv: " + "$" * n), 200_000, "E111"),
    "200,000 variables": many(lambda n: item("conv: " + "$a" * n), 200_000, "E113"),
    "200,000 braces": many(lambda n: item("conv: '" + "${" * n + "'"), 200_000, "E111"),
    "an escape sequence": Bad(item('conv: "${\\e[31m} 3x3"'), "E111"),
    "parameters that name each other": Bad(b"params: {a: $b, b: $a}\n" + item("relu"), "E113"),
}
"""What must not be evaluated."""

NETWORKS: Final = {
    "a block that calls itself": Bad(b"input: 8\nblocks: {a: [a]}\nlayers: [a]", "E204"),
    "blocks that call each other": Bad(b"input: 8\nblocks: {a: [b], b: [c], c: [a]}\nlayers: [a]", "E204"),
    "2^49 layers": Bad(doubling("relu"), "E110", SMALL),
    "2^49 times nothing": Bad(doubling(""), "E110", SMALL),
    "5,000 blocks in each other": many(chain, 5_000, "E110"),
    "too many copies": Bad(item("{relu: , repeat: 100000000}"), "E105"),
    "copies of copies": Bad(item("seq: [{seq: [relu], repeat: 10000}]\n    repeat: 10000"), "E110", SMALL),
    "copies of copies of nothing": Bad(item("seq: [{seq: [], repeat: 10000}]\n    repeat: 10000"), "E110", SMALL),
    "copies of what is not kept": Bad(
        item("seq: [{seq: [{relu: , when: no}], repeat: 10000}]\n    repeat: 10000"), "E110", SMALL
    ),
    "rows of rows": Bad(
        item("{for: a, in: [" + "1, " * 999 + "1], do: [{for: b, in: [" + "1, " * 999 + "1], do: []}]}"), "E110", SMALL
    ),
    "an output that vanishes": Bad(item("conv: 8 29x29"), "E301"),
    "a crop of everything": Bad(item("crop: 14"), "E301"),
    "a cycle of two": Bad(item("{relu: , name: a, from: b}\n  - {relu: , name: b, from: a}"), "E203"),
    "a cycle of one": Bad(item("{relu: , name: a, from: a}"), "E203"),
    "a name used twice": Bad(item("{relu: , name: a}\n  - {relu: , name: a}"), "E202"),
    "a mismatched join": Bad(b"input: {a: 8x8x1, b: 9x9x1}\nlayers: [add: [a, b]]", "E302"),
    "a join of different ranks": Bad(b"input: {a: 8x8x1, b: 8}\nlayers: [concat: [a, b]]", "E302"),
    "no layers at all": Bad(b"input: 8\nlayers: [seq: [seq: []]]", "E107"),
}
"""Networks that do not end, or do not fit."""

STRUCTURE: Final = {
    "a word": Bad(b"hello", "E112"),
    "a list": Bad(b"- input: 8", "E112"),
    "null": Bad(b"null", "E112"),
    "keys of null": Bad(
        b"input:\nlayers:\nparams:\nblocks:\ndefaults:\noutputs:\ntrain:\nmeta:\ncnnspec:", "E105 E112 E201"
    ),
    "keys of lists": Bad(
        b"input: []\nlayers: []\nparams: []\nblocks: []\ndefaults: []\noutputs: []\ntrain: []\nmeta: []\ncnnspec: []",
        "E105 E107 E112",
    ),
    "keys of mappings": Bad(
        b"input: {}\nlayers: {}\nparams: {}\nblocks: {}\noutputs: {}\ntrain: {}\ncnnspec: {}", "E105 E112"
    ),
    "no layers": Bad(b"input: 8\nlayers: null", "E112"),
    "an empty list of layers": Bad(b"input: 8\nlayers: []", "E107"),
    "no input": Bad(b"input:\nlayers: [relu]", "E105"),
    "an empty key": Bad(spec('"": 1'), "E108"),
    "a null key": Bad(spec("~: 1"), "E108"),
    "a list as a key": Bad(spec("? [a, b]\n: 1"), "E112"),
    "an empty kind": Bad(item('"": 3'), "E104"),
    "an empty item": Bad(item(""), "E104"),
    "an empty argument": Bad(item('conv: {"": 3}'), "E103"),
    "a tab": Bad(b"input: 8\nlayers:\n\t- relu", "E100"),
    "an open quote": Bad(b"input: '8\nlayers: [relu]", "E100"),
    "an unknown directive": Bad(b"%YAML 9.9\n---\ninput: 8\nlayers: [relu]", "E100"),
    "a broken escape": Bad(item('relu: "\\ud800"'), "E100"),
    "an escaped NUL": Bad(item('conv: "8 3x3 \\0"'), "E103"),
    "an escaped escape": Bad(item('conv: "8 3x3 \\e[31m"'), "E103"),
    "a folded scalar": Bad(item("conv: >\n      8 3x3\n      foo\n"), "E103"),
    "a literal scalar": Bad(item("conv: |\n      8 3x3\n      foo\n"), "E103"),
    "characters that change the direction": Bad(item("\u202erelu\u202c"), "E104"),
    "characters without a width": Bad(item("conv: 8\u200b 3x3"), "E103"),
    "pictures": Bad(item("\U0001f600: 8"), "E104"),
    "train as a tree": Bad(spec("train: {data: {a: 1}, metrics: [[a]], loss: []}"), "E105"),
    "outputs as a tree": Bad(spec("outputs: [[a], {b: c}]"), "E112"),
}
"""Trees that are not of the form of a spec."""

LONG: Final = {
    "a long line": many(lambda n: item("a" * n), 900_000, "E104"),
    "a long name": many(lambda n: item("{relu: , name: " + "a" * n + "}"), 900_000, "E207"),
    "a long reference": many(lambda n: item("{relu: , from: " + "a" * n + "}"), 900_000, "E201"),
    "many blanks": many(lambda n: item("conv: 8 3x3" + " " * n + "foo"), 900_000, "E103"),
    "many blank lines": many(lambda n: item("co" + "\n" * n + "nv: 8 3x3"), 60_000, "E104 E108"),
    "many blanks in an input": many(lambda n: b'input: "28' + b" " * n + b'28"\nlayers: [relu]', 60_000, "E105"),
    "many blanks in a size": many(lambda n: item('maxpool: {pool: "3' + " " * n + '3"}'), 60_000, "E105"),
    "many unknown tokens": many(lambda n: item("conv: 8 3x3" + " foo" * n), 220_000, "E103"),
    "many equal tokens": many(lambda n: item("conv: " + "8 " * n), 100_000, "E106"),
    "many unknown kinds": many(lambda n: (HEAD + numbered("  - k#\n", n)).encode(), 60_000, "E104"),
    "many unknown keys": many(lambda n: spec(numbered("k#: 1\n", n)), 60_000, "E108"),
    "many equal keys": many(lambda n: b"a: 1\n" * n, 90_000, "E102"),
    "many unknown variables": many(lambda n: (HEAD + numbered("  - relu: $k#\n", n)).encode(), 15_000, "E113"),
    "many unknown names": many(
        lambda n: (HEAD + "  - relu\n" + numbered("  - {relu: , from: k#}\n", n)).encode(), 8_000, "E201"
    ),
    "many unknown names beside many layers": many(
        lambda n: (HEAD + "  - relu\n" * n + numbered("  - {relu: , from: k#}\n", 50)).encode(), 15_000, "E201", 600
    ),
    "many unknown kinds beside many blocks": many(
        lambda n: (
            "input: 8\nblocks:\n" + numbered("  b#: [relu]\n", n) + "layers:\n" + numbered("  - k#\n", 50)
        ).encode(),
        6_000,
        "E104",
        600,
    ),
    "many blocks": many(
        lambda n: ("input: 8\nblocks:\n" + numbered("  b#: [relu]\n", n) + "layers: [b1, foo]").encode(), 12_000, "E104"
    ),
    "many parameters": many(
        lambda n: f"params: {{{numbered('p#: #', n, ', ')}}}\n{HEAD}  - dense: $p1\n    repeat: {n}\n  - foo".encode(),
        14_000,
        "E104",
    ),
    "many short rows": many(lambda n: item("{for: [a, b], in: [" + "1, " * n + "1], do: [relu]}"), 90_000, "E112"),
    "many branches": many(lambda n: item("add: [" + "input, " * n + "foo]"), 90_000, "E201"),
    "many inputs": many(lambda n: f"input: {{{numbered('i#: 8', n, ', ')}}}\nlayers: [relu]".encode(), 60_000, "E110"),
    "many settings": many(lambda n: spec("train: {" + numbered("k#: 1", n, ", ") + "}"), 60_000, "E108"),
}
"""Files that are as long as they may be."""

ALL: Final = {
    f"{group}-{name}": bad
    for group, table in (
        ("no text", NO_TEXT),
        ("nested", NESTED),
        ("number", NUMBERS),
        ("expression", EXPRESSIONS),
        ("network", NETWORKS),
        ("structure", STRUCTURE),
        ("long", LONG),
    )
    for name, bad in table.items()
}


def check(diagnostics: Sequence[cnnspec.Diagnostic]) -> None:
    """Assert what holds for all diagnostics: places in the text, and renderings in three formats."""
    assert diagnostics
    for diagnostic in diagnostics:
        spans = [diagnostic.span, *(related.span for related in diagnostic.related)]
        assert all(0 <= span.start <= len(span.source.text) for span in spans if span)
        assert all(span.start <= span.end <= len(span.source.text) + 1 for span in spans if span)
    text = render_text(diagnostics)
    assert text.replace("\n", "").isprintable()
    assert text.count("error[") == min(len(diagnostics), 20)
    assert [entry["code"] for entry in json.loads(render_json(diagnostics))["diagnostics"]] == [
        fault.code for fault in diagnostics
    ]
    assert len(render_github(diagnostics).splitlines()) == len(diagnostics)


@pytest.mark.slow
@pytest.mark.parametrize("name", ALL)
def test_a_bad_file_gives_diagnostics(name: str, tmp_path: Path) -> None:
    """Each file has the codes of the table, and no other exception."""
    bad = ALL[name]
    path = tmp_path / "bad.yaml"
    path.write_bytes(bad.content)
    with pytest.raises(cnnspec.SpecError) as caught:
        cnnspec.load(path, limits=bad.limits)
    found = {diagnostic.code for diagnostic in caught.value.diagnostics}
    assert found <= set(bad.codes.split())
    assert found
    check(caught.value.diagnostics)


DEPTHS: Final[dict[str, Callable[[int], str]]] = {
    "brackets": lambda depth: f"meta: {'[' * depth}{']' * depth}",
    "braces": lambda depth: f"meta: {'{a: ' * depth}1{'}' * depth}",
    "dashes": lambda depth: f"meta:\n  {'- ' * depth}1",
    "lines": lambda depth: (
        "meta:\n" + "".join(f"{' ' * level}a:\n" for level in range(1, depth)) + " " * depth + "a: 1"
    ),
}
"""Ways to open so many collections within the one of the whole text: libyaml counts brackets alone, we count all."""


def deepest(form: str, depth: int) -> list[tuple[str, int]]:
    """Return the codes and the limits of what is told while one does what the help says, until nothing more is told."""
    told: list[tuple[str, int]] = []
    text, limits = f"input: 4\nlayers: [relu]\n{DEPTHS[form](depth)}\n", STANDARD
    while True:
        try:
            cnnspec.loads(text, limits=limits)
        except cnnspec.SpecError as error:
            (fault,) = error.diagnostics
            told.append((fault.code, limits.depth))
            assert fault.message == f"the spec is nested more than {limits.depth:,} levels deep"
            step = re.fullmatch(r"allow it with `--limit depth=(\d+)`", fault.help)
            if not step:
                return told
            limits = limits._replace(depth=int(step[1]))
        else:
            return told


@pytest.mark.parametrize("size", [0, 1_000_000])
def test_a_model_file_is_answered_with_import(size: int, tmp_path: Path) -> None:
    """No limit that is raised makes a spec of it."""
    path = tmp_path / "model.h5"
    path.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(size))
    with pytest.raises(cnnspec.SpecError) as caught:
        cnnspec.load(path)
    assert caught.value.diagnostics[0].help.endswith("`cnnspec import FILE` writes that of a model file")


@pytest.mark.parametrize("form", DEPTHS)
def test_a_depth_that_is_told_is_enough(form: str) -> None:
    """Whichever libyaml reads, and whoever counts: each step of the help allows more, and the last one says no more."""
    assert deepest(form, 63) == []
    assert deepest(form, 64) == [("E110", 64)]
    assert deepest(form, 255) == [("E110", 64)]
    assert deepest(form, 256) == deepest(form, 1_100) == [("E110", 64), ("E110", 256)]


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, bad in ALL.items() if bad.of])
def test_a_longer_file_takes_steps_in_proportion(name: str) -> None:
    """A file that may be a megabyte is read without any work that grows with the square of its length."""
    of, few = ALL[name].of, ALL[name].few
    assert of
    assert grows_linearly(lambda count: steps("cnnspec.networks", "loads", of(count).decode()), few)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, bad in ALL.items() if bad.limits == SMALL])
def test_a_network_takes_steps_up_to_its_limit(name: str) -> None:
    """What would not end takes steps in proportion to the layers that are allowed."""
    text = ALL[name].content.decode()
    assert grows_linearly(lambda nodes: steps("cnnspec.networks", "loads", text, limits=Limits(nodes=nodes)), 100)


@pytest.mark.parametrize(
    "name",
    [
        "no text-all bytes",
        "no text-nothing",
        "no text-UTF-16",
        "no text-more than a megabyte",
        "nested-brackets",
        "nested-aliases",
        "number-5,000 digits in an expression",
        "expression-an import",
        "network-blocks that call each other",
        "structure-keys of null",
        "long-many unknown kinds",
    ],
)
def test_a_bad_file_ends_the_command_with_1(name: str, tmp_path: Path) -> None:
    """The command prints diagnostics to standard error and nothing else."""
    path = tmp_path / "bad.yaml"
    path.write_bytes(ALL[name].content)
    words = ["summarize", str(path)]
    done = CliRunner().invoke(app_for(words), words)
    assert (done.exit_code, done.stdout) == (1, "")
    assert isinstance(done.exception, SystemExit)
    assert re.match(rf"error\[({'|'.join(ALL[name].codes.split())})\]: ", done.stderr)


@pytest.mark.parametrize("name", ["nested-brackets", "long-many unknown kinds"])
def test_a_bad_file_ends_the_process_with_1(name: str, tmp_path: Path) -> None:
    """No traceback, and no crash of a library in C."""
    path = tmp_path / "bad.yaml"
    path.write_bytes(ALL[name].content)
    done = subprocess.run(
        [sys.executable, "-m", "cnnspec", "summarize", str(path)],
        check=False,
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONUTF8": "1"},
    )
    errors = done.stderr.decode()
    assert done.returncode == 1
    assert done.stdout == b""
    assert "Traceback" not in errors
    assert re.match(rf"error\[({'|'.join(ALL[name].codes.split())})\]: ", errors)


@pytest.mark.parametrize("code", [b"\x00\xff", b"[" * 100_000, b""], ids=["binary", "brackets", "nothing"])
def test_bad_standard_input_ends_the_command_with_1(code: bytes) -> None:
    """What comes through a pipe is not trusted either."""
    done = subprocess.run(
        [sys.executable, "-m", "cnnspec", "summarize", "-"],
        check=False,
        input=code,
        capture_output=True,
        cwd=ROOT,
    )
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "E602"),
        (".", "E602"),
        ("missing.yaml", "E601"),
        ("missing/net.yaml", "E601"),
        ("lenet6", "E601"),
        ("../specs/lenet5.yaml", "E601"),
        ("net\0.yaml", "E602"),
        ("net\ud800.yaml", "E602"),
        ("n" * 5_000, "E602"),
        ("a file/net.yaml", "E602"),
        ("a loop", "E602"),
    ],
)
def test_a_path_that_leads_to_no_file_is_an_error(
    name: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A directory, a missing file, and names that no file system has."""
    (tmp_path / "a file").write_bytes(b"")
    (tmp_path / "a loop").symlink_to("a loop")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(cnnspec.SpecError) as caught:
        cnnspec.load(name)
    assert [diagnostic.code for diagnostic in caught.value.diagnostics] == [code]
    check(caught.value.diagnostics)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_an_error(tmp_path: Path) -> None:
    """The reason is told."""
    path = tmp_path / "net.yaml"
    path.write_bytes(item("relu"))
    path.chmod(0)
    with pytest.raises(cnnspec.SpecError) as caught:
        cnnspec.load(path)
    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.code, diagnostic.notes) == ("E602", ("permission is denied",))


def test_a_text_with_half_a_character_is_an_error() -> None:
    """A Python text may hold what no file does."""
    with pytest.raises(cnnspec.SpecError) as caught:
        cnnspec.loads("input: 8\nlayers: [relu]\nname: \ud83d\n")
    assert caught.value.diagnostics[0].code == "E101"


SPECS: Final = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "specs").glob("*.yaml"))}
TOKEN: Final = re.compile(r"\w+|\s+|[^\w\s]")
WORDS: Final = (
    *("\n", "\n  ", "\n    - ", "- ", ": ", "[", "]", "{", "}", ", ", "#", "'", '"', "\t", "|\n", ">\n", "&a ", "*a "),
    *("$", "${", "${1/0}", "${in.h}", "$index", "%", "@", "`", "?", "~", "/", "=", "\0", "\x1b", "\x85", "\u2028", "é"),
    *(
        "name",
        "from",
        "repeat",
        "first",
        "when",
        "expect",
        "for",
        "residual",
        "seq",
        "gate",
        "add",
        "concat",
        "identity",
    ),
    *("conv", "maxpool", "flatten", "gap", "bn", "relu", "same", "input", "required", "[3]", "{a: 1}", "''", "null"),
)
NUMBERS_TO_TRY: Final = ("0", "-1", "1", "2", "3", "7", "1000", "1.5", "1e-3", "3x3", "[1, 2]", "x", "''", "10" * 10)


class Change(NamedTuple):
    """One change of a text: its kind, two places in it, and what may be written there."""

    how: str
    first: int
    second: int
    word: str
    number: str


def changed(tokens: list[str], change: Change) -> list[str]:
    """Return the tokens of a text after a change."""
    first, second = change.first % len(tokens), change.second % len(tokens)
    result = list(tokens)
    match change.how:
        case "delete":
            del result[first]
        case "copy":
            result.insert(first, tokens[second])
        case "swap":
            result[first], result[second] = tokens[second], tokens[first]
        case "insert":
            result.insert(first, change.word)
        case "replace":
            result[first] = change.word
        case "cut":
            result[first] = tokens[first][: len(tokens[first]) // 2]
        case "number":
            places = [place for place, token in enumerate(tokens) if token.isdecimal()] or [first]
            result[places[first % len(places)]] = change.number
        case _:
            lines = "".join(tokens).split("\n")
            line = lines.pop(first % len(lines))
            if change.how == "move line":
                lines.insert(second % (len(lines) + 1), line)
            result = TOKEN.findall("\n".join(lines))
    return result or ["\n"]


CHANGES: Final = st.builds(
    Change,
    st.sampled_from(("delete", "copy", "swap", "insert", "replace", "cut", "number", "delete line", "move line")),
    st.integers(0, 10_000),
    st.integers(0, 10_000),
    st.sampled_from(WORDS),
    st.sampled_from(NUMBERS_TO_TRY),
)


def damaged(name: str, changes: list[Change]) -> str:
    """Return a bundled spec, without the comments on top, after some changes."""
    tokens = TOKEN.findall(re.sub("^#.*\n", "", SPECS[name], flags=re.MULTILINE))
    for change in changes:
        tokens = changed(tokens, change)
    return "".join(tokens)


@pytest.mark.slow
@settings(max_examples=400, derandomize=True, deadline=None, database=None)
@given(st.builds(damaged, st.sampled_from(sorted(SPECS)), st.lists(CHANGES, min_size=1, max_size=4)))
def test_a_damaged_spec_gives_a_graph_or_diagnostics(text: str) -> None:
    """Whatever a slip of the keyboard makes of a spec is a network that can be measured, or a list of faults."""
    try:
        graph = cnnspec.loads(text, "net.yaml", limits=SMALL)
    except cnnspec.SpecError as error:
        check(error.diagnostics)
    else:
        known = [*(entry.name for entry in graph.inputs), *(node.name for node in graph)]
        assert len(known) == len(set(known))
        assert set(graph.outputs) <= set(known)
        assert cnnspec.summarize(graph).totals.layers == len(graph) <= SMALL.nodes
