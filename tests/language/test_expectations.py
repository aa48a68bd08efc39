"""The key `expect` of a file: what is read, in every form that YAML allows, and how it is written back."""

from __future__ import annotations

import pytest

import cnnspec
from cnnspec.language.expectations import AMOUNT, COUNT, PIXELS, condition
from cnnspec.text.layout import write
from cnnspec.text.reader import read

HEAD = "input: 8x8x1\nparams: {most: 5k}\nlayers: [conv: 4 3x3, gap, dense: 10]\n"


def expected(text: str) -> list[tuple[str, str, object]]:
    """Return the conditions of a spec with this key."""
    return [(each.word, each.relation, each.bound) for each in cnnspec.loads(f"{HEAD}expect:{text}").expect]


@pytest.mark.parametrize(
    ("text", "relation", "bound"),
    [
        ("<= 5M", "<=", 5_000_000),
        ("<5.5M", "<", 5_500_000),
        ("≤ 256 k", "<=", 256_000),
        (">= 1_000", ">=", 1_000),
        ("> 1.25G", ">", 1_250_000_000),
        ("== 61706", "==", 61_706),
        ("61706", "==", 61_706),
        ("2e3", "==", 2_000),
    ],
)
def test_conditions(text: str, relation: str, bound: int) -> None:
    """A sign, a number and a unit: k, M and G are powers of ten."""
    assert condition(text, COUNT) == (relation, bound, "")


@pytest.mark.parametrize(
    "text", ["", "<=", "5m", "<= 5 MB", "1.5", "5M <", "<= -5", "= = 5", "nan", "9" * 40, "<= 1K", "<= 5\n6"]
)
def test_no_conditions(text: str) -> None:
    """Everything else is refused: nothing is guessed."""
    with pytest.raises(ValueError, match=r"^$"):
        condition(text, COUNT)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<= 256 kB", ("<=", 256_000, "")),
        ("<= 256KiB", ("<=", 262_144, "")),
        ("< 1.5 MB as int8", ("<", 1_500_000, "int8")),
        (">= 1 GiB as float16", (">=", 1_073_741_824, "float16")),
        ("100 B", ("==", 100, "")),
    ],
)
def test_amounts_of_memory(text: str, found: tuple[str, int, str]) -> None:
    """A kB is 1,000 bytes, KiB 1,024; a type may stand behind."""
    assert condition(text, AMOUNT) == found


@pytest.mark.parametrize("text", ["<= 256", "<= 256 KB", "<= 256 kb", "<= 1 M", "<= 1 kB as int4", "<= 1 kB int8"])
def test_no_amounts_of_memory(text: str) -> None:
    """An amount without a unit, or with one that means two things, is refused."""
    with pytest.raises(ValueError, match=r"^$"):
        condition(text, AMOUNT)


def test_pixels_have_no_unit() -> None:
    """A receptive field is counted in pixels."""
    with pytest.raises(ValueError, match=r"^$"):
        condition(">= 2k", PIXELS)


@pytest.mark.parametrize(
    "text",
    [
        "\n  receptive_field: >= 3\n",
        "\n  receptive_field:   >=3\n",
        '\n  receptive_field: ">= 3"\n',
        " {receptive_field: >= 3}",
        " {receptive_field: [>= 3]}",
        "\n  receptive_field:\n    - >= 3\n",
        "\n  receptive_field: >= 3  # enough\n",
    ],
)
def test_a_sign_that_yaml_keeps_for_itself_needs_no_quotes(text: str) -> None:
    """`>` begins a folded text in YAML, which a condition is not."""
    assert expected(text) == [("receptive_field", ">=", 3)]


def test_places_and_texts_are_those_of_the_file() -> None:
    """A reading that works around YAML's sign leaves no trace."""
    graph = cnnspec.loads(f"{HEAD}expect:\n  receptive_field: > 2\nmeta: {{arrow: a > b}}\n")
    (found,) = graph.expect
    assert found.text == graph.source.text[slice(*found.place)] == "> 2"


def test_a_folded_text_stays_one() -> None:
    """A real `>` of YAML, in a spec without and with conditions."""
    for more in ("", "expect: {params: > 1}\n"):
        graph = cnnspec.loads(f"{HEAD}{more}name: >\n  a long\n  name\n")
        assert graph.name == "a long name\n"


def test_other_faults_are_found_behind_a_sign() -> None:
    """The error of the text is what a reader can mend, not the sign."""
    with pytest.raises(cnnspec.SpecError) as caught:
        cnnspec.loads("input: 8\nexpect: {params: > 3}\nlayers: [flatten\n")
    (fault,) = caught.value.diagnostics
    assert fault.code == "E100"
    assert fault.span is not None
    assert fault.span.position == (3, 9)


def test_expressions_and_shapes() -> None:
    """Parameters of the file stand in conditions, outputs have shapes."""
    assert expected(" {params: '<= $most', output: 10}") == [("params", "<=", 5_000), ("output", "==", (10,))]
    assert expected(" {output: [10]}") == [("output", "==", (10,))]


def test_several_outputs_are_named() -> None:
    """A shape alone says nothing where there are two."""
    text = "input: 8x8x1\nlayers: [conv: 4 3x3, gap]\noutputs: [conv1, gap1]\nexpect: {output: "
    graph = cnnspec.loads(text + "{gap1: 4, conv1: 6x6x4}}")
    assert [(each.output, each.bound) for each in graph.expect] == [("gap1", (4,)), ("conv1", (6, 6, 4))]
    for output, message in (
        ("4", "the network has several outputs, and `output` does not say which"),
        ("{gap: 4}", "`gap` is no output of the network"),
    ):
        with pytest.raises(cnnspec.SpecError) as caught:
            cnnspec.loads(f"{text}{output}}}")
        assert [fault.message for fault in caught.value.diagnostics] == [message]


def test_the_canonical_layout_is_yaml_that_others_read() -> None:
    """`cnnspec fmt` puts quotes where only we need none."""
    source = cnnspec.loads(f"{HEAD}expect:\n  params: <= 5M\n  receptive_field: >= 3\n").source
    tree = read(source)
    assert tree is not None
    assert write(tree, source.text).endswith('expect:\n  params: <= 5M\n  receptive_field: ">= 3"\n')
