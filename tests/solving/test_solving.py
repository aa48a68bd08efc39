"""Numbers that stand as `?`: exactly those that brute force finds, the simplest first; what is no number is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import cnnspec
from cnnspec.cli.app import app_for
from cnnspec.errors import CnnspecError
from cnnspec.ir.graph import Graph
from cnnspec.solving import unknowns
from cnnspec.solving.search import Search, search, simplest_first
from cnnspec.solving.unknowns import find_unknowns
from cnnspec.source import Source


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try few numbers of filters and units."""
    monkeypatch.setattr(unknowns, "LARGEST_COUNT", 128)


def load(text: str) -> Graph:
    """Return the graph of a text under the name that the statement has."""
    return cnnspec.loads(text, "net.yaml")


def solved(text: str, most: int | None = None) -> Search:
    """Return what is found for a spec."""
    return search(find_unknowns(Source("net.yaml", text)), load, most)


def values(text: str) -> list[tuple[int, ...]]:
    """Return the values that fit."""
    return [each.values for each in solved(text).solutions]


def test_a_search_tells_how_far_it_is() -> None:
    """Each of what is tried, and how many there may be."""
    text = "input: 8x8x1\nexpect: {params: == 30}\nlayers: [flatten, dense: ?]\n"
    heard: list[tuple[int, int]] = []
    found = search(find_unknowns(Source("net.yaml", text)), load, 5, lambda tried, most: heard.append((tried, most)))
    assert heard == [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]
    assert (found.tried, found.complete) == (5, False)


CASES: Final = {
    # (39 + 2p − 5)/s + 1 = 19 has p = 1 and s = 2 alone
    "stride and padding": ("input: 39x39x3\nlayers:\n  - conv: 20 5x5/? pad=?\n    expect: 19x19x20\n", [(2, 1)]),
    # 784·78 + 78 = 61,230 and 78·10 + 10 = 790
    "a budget met exactly": (
        "input: 28x28x1\nexpect: {params: == 62020}\nlayers: [flatten, dense: ? relu, dense: 10]\n",
        [(78,)],
    ),
    "a window, by Keras' names": (
        "input: 32x32x3\nlayers:\n  - Conv2D: {filters: 8, kernel_size: [?, ?]}\n    expect: 28x30x8\n",
        [(5, 3)],
    ),
    "a repeat": ("input: 64x64x1\nlayers:\n  - maxpool: 2\n    repeat: ?\n  - flatten:\n    expect: 16\n", [(4,)]),
    "a parameter of the file": (
        "input: 8x8x3\nparams: {f: ?}\nexpect: {params: == 448}\nlayers: [conv: $f 3x3]\n",
        [(16,)],
    ),
    "in a block": (
        "input: 8x8x3\nblocks: {b: [conv: 4 3x3 pad=?]}\nlayers:\n  - b\n  - relu:\n    expect: 8x8x4\n",
        [(1,)],
    ),
    "item by item": (
        """input: 39x39x3
layers:
  - conv: ? 3x3/2   # why?
    expect: 19x19x20
    note: is it 7?
  - conv: ? 3x3
    expect: 17x17x40
""",
        [(20, 40)],
    ),
    "none": ("input: 8x8x3\nlayers:\n  - conv: 4 ?x3\n    expect: 9x6x4\n", []),
}


@pytest.mark.parametrize("name", CASES)
def test_the_numbers_that_fit_are_found(name: str) -> None:
    """All of them, and no others."""
    text, expected = CASES[name]
    assert values(text) == expected


@pytest.mark.slow
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(4, 24), st.integers(1, 3))
def test_all_windows_and_strides_are_found(size: int, out: int) -> None:
    """Held against every triple of window, stride and padding that the ranges have, by the floor's own definition."""
    text = f"input: {size}x{size}x1\nlayers:\n  - maxpool: ?/? pad=?\n    expect: {out}x{out}x1\n"
    brute = set()
    for f in range(1, 16):
        for s in range(1, 9):
            for p in range(8):
                starts = [start for start in range(-p, size + p - f + 1) if (start + p) % s == 0]
                if len(starts) == out and 2 * p <= f:
                    brute.add((f, s, p))
    found = set(values(text))
    assert {each for each in found if 2 * each[2] <= each[0]} == brute


@pytest.mark.slow
def test_the_simplest_come_first() -> None:
    """Small numbers before large ones."""
    found = values("input: 9x9x1\nlayers:\n  - conv: 1 ?x?/1 pad=?\n    expect: 9x9x1\n")
    assert found == [(1, 1, 0), (3, 3, 1), (5, 5, 2), (7, 7, 3), (9, 9, 4), (11, 11, 5), (13, 13, 6), (15, 15, 7)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(1, 4), min_size=1, max_size=4))
def test_every_place_comes_once(sizes: list[int]) -> None:
    """Ordered by their sums."""
    found = list(simplest_first(sizes))
    total = 1
    for size in sizes:
        total *= size
    assert len(set(found)) == len(found) == total
    assert [sum(each) for each in found] == sorted(sum(each) for each in found)


def test_a_search_that_stops_says_so() -> None:
    """78 is the 78th number of units that is tried."""
    text = CASES["a budget met exactly"][0]
    assert not (stopped := solved(text, most=70)).solutions
    assert (stopped.tried, stopped.complete) == (70, False)
    assert len(solved(text, most=78).solutions) == 1
    assert solved(text).complete


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("input: 8x8x3\nlayers:\n  - conv: 4 3x3\n    expect: 6x6x4\n", "E707", "the spec leaves no number open"),
        ("input: 8x8x3\nlayers:\n  - conv: ? 3x3\n", "E707", "nothing says which numbers fit"),
        (
            "input: 8x8x3\nlayers:\n  - conv: 4 3x3 act=?\n    expect: 6x6x4\n",
            "E115",
            "`?` stands for a number, and `activation` of `conv` takes none here",
        ),
        ("input: 8x8x3\nlayers:\n  - conv: ? 3x3 sme\n    expect: 6x6x4\n", "E103", "`conv` takes no `sme`"),
    ],
)
def test_what_cannot_be_solved_is_said(text: str, code: str, message: str) -> None:
    """With what is missing, or the fault that no number mends."""
    with pytest.raises(CnnspecError) as caught:
        solved(text)
    assert [(fault.code, fault.message) for fault in caught.value.diagnostics] == [(code, message)]


def test_a_fault_stands_where_the_user_wrote_it() -> None:
    """In the text with its question marks."""
    with pytest.raises(CnnspecError) as caught:
        solved("input: 8x8x3\nlayers:\n  - conv: ? 3x3 sme\n    expect: 6x6x4\n")
    assert "3 |   - conv: ? 3x3 sme" in str(caught.value)


def run(text: str, *arguments: str) -> tuple[int, str, str]:
    """Run the command on a spec."""
    Path("net.yaml").write_text(text, encoding="utf-8")
    result = CliRunner().invoke(app_for(["solve"]), ["solve", "net.yaml", *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The formulas are those of `explain`, JSON has the whole specs, and nothing that fits is exit code 1."""
    monkeypatch.chdir(tmp_path)
    text = CASES["stride and padding"][0]
    code, out, _ = run(text)
    assert (code, out.splitlines()[0]) == (0, "1 solution")
    assert "(n + 2p − f)/s + 1 = (39 + 2·1 − 5)/2 + 1 = 19" in out
    document = json.loads(run(text, "-f", "json")[1])
    assert (document["found"], document["complete"], document["tried"]) == (1, True, 64)
    solution = document["solutions"][0]
    assert load(solution["spec"]).nodes[0].shape == (19, 19, 20)
    assert [unknown["column"] for unknown in document["unknowns"]] == [18, 24]
    stopped = run(CASES["a budget met exactly"][0], "--most", "70")
    assert stopped[:2] == (
        1,
        "no solution so far\n\nSearched: units of `dense` 1…128.\nStopped after 70: `--most` tries more.\n",
    )
    assert run(CASES["none"][0])[:2] == (1, "no solution\n\nSearched: kernel of `conv` 1…15.\n")


@pytest.mark.parametrize(
    ("text", "given", "name", "option"),
    [
        ("input: 8x8x3\nparams: {f: ?}\nexpect: {params: <= 448}\nlayers: [conv: $f 3x3]\n", "-pf=9", "f", "--param"),
        ("input: ?x8x3\nlayers:\n  - conv: 4 3x3\n    expect: 6x6x4\n", "-i9x8x3", "input", "--input"),
    ],
)
def test_what_is_open_is_not_given(
    text: str, given: str, name: str, option: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The value would win over each number that is tried, so that all of them or none would fit."""
    monkeypatch.chdir(tmp_path)
    message = f"`{name}` is `?` in the spec, and `{option}` gives it a value"
    step = f"leave `{option}` out, or write the value in place of the `?`"
    assert run(text, given) == (2, "", f"error[E702]: {message}\n  = help: {step}\n")


def test_other_commands_name_the_one_that_solves() -> None:
    """A `?` is no YAML at the start of a value."""
    with pytest.raises(CnnspecError) as caught:
        cnnspec.loads("input: 8x8x3\nlayers:\n  - conv: ? 3x3\n")
    assert caught.value.diagnostics[0].help == "`cnnspec solve` finds the numbers that stand as `?`"
    with pytest.raises(CnnspecError) as caught:
        cnnspec.loads("input: 39x39x3\nlayers: [{conv: 20 5x5/? pad=?}, {dense: {units: '?'}}]\n")
    steps = {fault.code: fault.help for fault in caught.value.diagnostics}
    assert steps == dict.fromkeys(("E103", "E105"), "`cnnspec solve` finds the numbers that stand as `?`")


def test_a_condition_of_five_thousand_digits_is_refused_like_any_other() -> None:
    """A fuzzer's: Python makes no integer of so many, and says so by an exception of its own."""
    text = f"input: 8x8x3\nlayers:\n  - conv: ? 3x3\nexpect:\n  params: {'9' * 5000}\n"
    statement = find_unknowns(Source("net.yaml", text))
    with pytest.raises(CnnspecError) as caught:
        search(statement, cnnspec.loads)
    assert {fault.code for fault in caught.value.diagnostics} == {"E105"}
