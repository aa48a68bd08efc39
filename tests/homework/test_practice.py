"""Practice sheets: variants, keys that check as right, quizzes as their importers read them, rosters, the command."""

from __future__ import annotations

import csv
import re
from functools import cache
from html import unescape
from html.parser import HTMLParser
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner

from cnnspec.analysis.measure import measure
from cnnspec.cli.app import make_app
from cnnspec.errors import CnnspecError, UsageError
from cnnspec.homework.classes.roster import Student, read_roster, safe_names, seed_of
from cnnspec.homework.diagnosis.answers import wrong_outcomes
from cnnspec.homework.diagnosis.distractors import cases, collisions, count, fingerprint
from cnnspec.homework.diagnosis.formulas import right_outcome
from cnnspec.homework.marking.asked import ask
from cnnspec.homework.marking.checking import Marking, check
from cnnspec.homework.marking.marks import Status
from cnnspec.homework.practice import variation
from cnnspec.homework.practice.questions import NO_SEPARATORS, Question, questions, spellings
from cnnspec.homework.practice.variation import VARIABLE
from cnnspec.homework.practice.worksheet import Plan, Worksheet, practice
from cnnspec.ir.graph import Graph
from cnnspec.ir.inference import infer
from cnnspec.ir.layer import KINDS
from cnnspec.language.writer import write
from cnnspec.networks import load, loads
from tests.bundled_cases import cases as bundled_cases

app = make_app(["practice", "check"])

TABLES: Final = {"csv": "csv", "markdown": "md", "html": "html", "latex": "tex"}
"""The formats that `check` reads back, with their extensions."""
FORMATS: Final = (*TABLES, "moodle", "gift", "text2qti", "spec")
EVERY_COLUMN: Final = ("shape", "size", "params", "weights", "biases", "macs")
SMALL: Final = (
    *("alexnet", "alexnet-cifar10", "alexnet-torchvision", "convnet-39", "crnn", "dcgan-discriminator"),
    *("dcgan-generator", "digits-cnn", "fc-vs-conv", "lenet5", "lenet5-1998", "lenet5-rgb", "mnist-cnn"),
    *("nature-dqn", "pilotnet", "resnet-cifar10", "siamese", "squeezenet", "unet", "vgg"),
)
"""The bundled networks of at most 40 layers."""
HOSTILE_NOTE: Final = "=cmd|'/C calc'!A0 ]]> <script>alert(1)</script> \\end{document} ```|&%$#_{}~^ // ::\n1. x\n*a) y"
HOSTILE_NAME: Final = "=a]]><b>&\"{x}~#%$_^\\ `c` |d| $x$ ::-> $ {y} '"
SPEC: Final = """
name: tiny
input: 12x12x3
layers:
  - conv: 5 3x3/2 pad=1
    name: c1
  - relu
  - dropout: 0.5
  - conv: 7 3x3
  - gap
  - dense: 4
"""


def sheet(spec: str = "lenet5-rgb", **plan: object) -> Worksheet:
    """Return a sheet of a bundled network."""
    return practice(measure(load(spec)), Plan(**plan))  # type: ignore[arg-type] # a plan's fields


@cache
def varied(seed: int) -> Worksheet:
    """Return a sheet of LeNet-5 with all of it varied."""
    return sheet(vary=VARIABLE, seed=seed)


def hostile() -> Worksheet:
    """Return a sheet of a network whose name and notes mean something to every format."""
    quoted = [
        text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") for text in (HOSTILE_NAME, HOSTILE_NOTE)
    ]
    text = f'name: "{quoted[0]}"\ninput: 12x12x3\nlayers:\n  - conv: 5 3x3\n    note: "{quoted[1]}"\n  - dense: 4\n'
    return practice(measure(loads(text)), student="<i>Eve</i> {~=#} $&%")


def render(name: str, worksheet: Worksheet, *, key: bool = False) -> str:
    """Return a sheet in a format."""
    return str(import_module(f"cnnspec.homework.practice.formats.{name}").render(worksheet, key=key))


def score(spec: str, text: str, extension: str) -> tuple[int, int]:
    """Return the score of a table against a spec that is given as text, and the highest one."""
    result = check(loads(spec), text.encode(), f"key.{extension}")
    assert result.gradable, [fault.message for fault in result.faults]
    return result.score_without_follow_through, result.max_score


def seeds(count: int) -> list[object]:
    """Return the first seeds, of which all but three are for the slow part of the tests."""
    return [*range(3), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(3, count))]


# A sheet filled in from its own key


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("form", TABLES)
def test_a_key_checks_as_right(name: str, form: str) -> None:
    """Against the bundled network and against the spec that stands beside the sheet."""
    worksheet = sheet(name, columns=EVERY_COLUMN)
    key = render(form, worksheet, key=True)
    asked = sum(line.row is not None for line in worksheet.exercises) * len(EVERY_COLUMN)
    for graph in (load(name), loads(worksheet.spec)):
        result = check(graph, key.encode(), f"key.{TABLES[form]}")
        assert result.passed
        assert result.max_score >= asked


@pytest.mark.parametrize("seed", seeds(25))
def test_the_key_of_a_variant_checks_as_right(seed: int) -> None:
    """For every seed, in every format that can be read back."""
    worksheet = varied(seed)
    for form, extension in TABLES.items():
        right, most = score(worksheet.spec, render(form, worksheet, key=True), extension)
        assert right == most == 27


@pytest.mark.parametrize("form", TABLES)
def test_an_empty_sheet_has_no_right_cell_but_the_given_ones(form: str) -> None:
    """What is blank stays blank in every format: `check` finds it missing."""
    worksheet = sheet()
    result = check(load("lenet5-rgb"), render(form, worksheet).encode(), f"sheet.{TABLES[form]}")
    assert {mark.status for mark in result.marks if mark.kind != "input"} == {Status.MISSING}
    assert not result.passed


@pytest.mark.parametrize("form", TABLES)
@pytest.mark.parametrize("seed", range(5))
def test_a_partly_blank_sheet_keeps_its_given_cells_right(form: str, seed: int) -> None:
    """Every cell is right or missing, in the shares that were asked for."""
    worksheet = sheet(blank=0.4, seed=seed)
    cells = [cell for line in worksheet.exercises if line.row for cell in line.cells]
    result = check(load("lenet5-rgb"), render(form, worksheet).encode(), f"sheet.{TABLES[form]}")
    statuses = [mark.status for mark in result.marks if mark.kind != "input"]
    assert statuses.count(Status.CORRECT) == sum(not cell.blank for cell in cells)
    assert statuses.count(Status.MISSING) == sum(cell.blank for cell in cells)
    assert sum(cell.blank for line in worksheet.exercises for cell in line.cells) == round(0.4 * 25)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("blank", [1.0, 0.4])
def test_an_untouched_sheet_scores_nothing(form: str, blank: float) -> None:
    """What a sheet tells is no answer, neither alone nor in a class that is asked for all cells."""
    graph = load("lenet5-rgb")
    text = render(form, sheet(blank=blank, seed=3)).encode()
    class_of = Marking(asked=ask(measure(graph), ("shape", "size", "params")))
    for marking in (Marking(), class_of):
        result = check(graph, text, f"sheet.{TABLES.get(form, 'txt')}", marking)
        assert result.score == 0
        if form in TABLES:
            assert result.max_score > 0
            assert result.table is not None
            assert "nothing is filled in: what a sheet tells earns no points" in result.table.remarks


@pytest.mark.parametrize("form", TABLES)
def test_given_cells_neither_earn_nor_cost(form: str) -> None:
    """Of 25 cells, 15 are given: those that are left, and the input's two, are all that can be earned."""
    worksheet = sheet(blank=0.4, seed=3)
    text, name = render(form, worksheet, key=True).encode(), f"sheet.{TABLES[form]}"
    result = check(load("lenet5-rgb"), text, name)
    assert (result.score, result.max_score, result.passed) == (12, 12, True)
    class_of = Marking(asked=ask(measure(load("lenet5-rgb")), ("shape", "size", "params")))
    result = check(load("lenet5-rgb"), text, name, class_of)
    assert (result.score, result.max_score) == (8, 8)  # a class is asked for 23: poolings learn nothing
    wrong = render(form, worksheet, key=True).replace("(28, 28, 8) (given)", "(27, 27, 8) (given)")
    result = check(load("lenet5-rgb"), wrong.encode(), name)
    assert (result.score, result.max_score, result.passed) == (12, 13, False)


def test_the_share_is_met_and_never_nothing() -> None:
    """A tiny share still leaves one cell blank, and `all` leaves all."""
    for share, blank in ((0.001, 1), (0.5, 12), (1.0, 25)):
        assert sum(cell.blank for line in sheet(blank=share).exercises for cell in line.cells) == blank


@pytest.mark.parametrize("form", TABLES)
def test_two_inputs_are_told_apart(form: str) -> None:
    """Marking takes the lines of inputs in their order."""
    worksheet = sheet("fc-vs-conv")
    assert [line.label for line in worksheet.exercises if line.row is None] == ["input 1", "input 2"]
    assert check(load("fc-vs-conv"), render(form, worksheet, key=True).encode(), f"key.{TABLES[form]}").passed


def test_activations_and_dropout_have_no_line() -> None:
    """They learn nothing and keep the shape; what read them says from where."""
    lines = practice(measure(loads(SPEC))).exercises
    assert [(line.label, line.configuration) for line in lines] == [
        ("input", "12x12x3"),
        ("c1", "conv 5 3x3/2 pad=1"),
        ("conv1", "conv 7 3x3/1 valid"),
        ("gap1", "gap"),
        ("dense1", "dense 4"),
    ]
    prelu = practice(measure(loads("input: 4x4x3\nlayers: [prelu, gap]"))).exercises
    assert [line.label for line in prelu] == ["input", "prelu1", "gap1"]


def test_a_layer_that_reads_elsewhere_says_so() -> None:
    """Branches are shown by the names of lines."""
    lines = {line.label: line.configuration for line in sheet("resnet-cifar10").exercises}
    assert lines["add1"].startswith("add from ")
    assert "relu" not in lines["add1"]


# Specs


@pytest.mark.parametrize("name", bundled_cases())
def test_a_spec_is_the_same_network(name: str) -> None:
    """Written out flat, all layers, shapes and totals are what they were."""
    graph = load(name)
    again = loads(write(graph), "again.yaml")
    assert [(node.layer, node.shape) for node in again] == [(node.layer, node.shape) for node in graph]
    assert again.name == graph.name
    assert measure(again).totals == measure(graph).totals
    assert write(again) == write(graph)


@pytest.mark.parametrize(
    "text",
    [
        "input: {a: 8x8x1, b: 8x8x2}\nlayers:\n  - concat:\n    from: [a, b]\n",
        "input: {x: 8x8x1}\nlayers:\n  - conv: 2 3x3 pad=[[0,1],[2,1]]\n  - pad: [[1,2],[0,1]]\n  - pad: 1\n",
        "input: 8x8x1\nlayers:\n  - conv: 2 3x3\n    name: a\n  - conv: 3 3x3\n    name: b\noutputs: [a, b]\n",
        "input: 784\nlayers:\n  - reshape: 28x28x1\n  - permute: [3, 1, 2]\n  - rescale: 1/255\n  - leaky_relu\n",
        """
name: 'yes: #1'
input: 6x6x4
blocks:
  x: [dwconv: 3x3, relu]
layers:
  - x
  - x
  - conv: 2 1x1
    name: x1_dwconv1
    note: 'a: "b"'
""",
    ],
)
def test_unusual_networks_are_written_too(text: str) -> None:
    """Several inputs and outputs, paddings per side, names of copies that a spec may not give."""
    graph = loads(text, "net.yaml")
    again = loads(write(graph), "net.yaml")
    assert [(node.layer, node.shape, node.note) for node in again] == [(n.layer, n.shape, n.note) for n in graph]
    assert (len(again.outputs), again.name) == (len(graph.outputs), graph.name)


# Variants

LITERAL: Final = """name: lenet5-rgb
input: 36x36x3
layers:
  - conv: 5 5x5/1 valid
    name: conv1
  - maxpool: 3x3/3 valid
    name: pool1
  - conv: 14 3x3/1 valid
    name: conv2
  - maxpool: 2x2/2 valid
    name: pool2
  - flatten:
    name: flatten1
  - dense: 120
    name: fc3
  - dense: 84
    name: fc4
  - dense: 10 softmax
    name: softmax
"""


def test_a_seed_always_gives_the_same_variant() -> None:
    """The literal text: students keep their sheets, whatever the machine and the version of Python."""
    assert sheet(vary=("filters", "kernel", "input"), seed=7).spec == LITERAL


@pytest.mark.parametrize("form", FORMATS)
def test_a_seed_always_gives_the_same_text(form: str) -> None:
    """Blank cells too are chosen by the seed alone."""
    texts = {render(form, sheet(vary=VARIABLE, seed=3, blank=0.5), key=key) for _ in range(2) for key in (False, True)}
    assert len(texts) == (1 if form == "spec" else 2)


def test_the_order_of_the_words_does_not_matter() -> None:
    """`--vary input,filters` is `--vary filters,input`."""
    assert sheet(vary=("input", "kernel", "filters"), seed=7).spec == LITERAL


@pytest.mark.slow
def test_seeds_give_different_variants() -> None:
    """Hardly two of fifty students get the same numbers."""
    assert len({varied(seed).spec for seed in range(50)}) >= 49


@pytest.mark.parametrize("seed", seeds(50))
def test_the_slips_of_a_variant_give_different_numbers(seed: int) -> None:
    """Computed from the formulas: no slip gives the right number, and two give one only if their formulas are equal."""
    worksheet = varied(seed)
    assert worksheet.collisions == ()
    summary = measure(loads(worksheet.spec))
    for name, case in cases(summary).items():
        correct = right_outcome("params", case)
        assert correct is not None
        if not summary[name].params:
            continue
        formulas: dict[object, set[int]] = {correct.answer: {fingerprint(correct.term)}}
        for _, outcome in wrong_outcomes("params", case):
            formulas.setdefault(outcome.answer, set()).add(fingerprint(outcome.term))
        assert all(len(found) == 1 for found in formulas.values()), name


def test_collisions_are_found_and_told() -> None:
    """A gray image hides what is wrong with channels; the key says so."""
    found = list(collisions(measure(load("lenet5-1998"))))
    assert [count(found), *(count(found, most) for most in (1, 2, 3, 9))] == [3, 1, 2, 3, 3]  # 1, 2 − 1, 2 − 1
    assert [(collision.layer, collision.hidden) for collision in found] == [("C1", True), ("C1", False), ("C3", False)]
    assert str(found[0]) == "C1: bias_per_in_channel gives 156, as is right"
    assert str(found[1]) == "C1: one_bias_per_layer, bias_on_inputs give 151, all the same"
    for form in ("markdown", "html", "latex"):
        assert "do not tell apart" in render(form, sheet("lenet5-1998"), key=True)
        assert "do not tell apart" not in render(form, sheet("lenet5-1998"))
        assert "do not tell apart" not in render(form, sheet(), key=True)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "most"), [("googlenet", 58), ("lenet5", 800)])
def test_of_a_large_network_few_variants_are_looked_at(monkeypatch: pytest.MonkeyPatch, name: str, most: int) -> None:
    """Of GoogLeNet, 82 layers, 58: as many as cost what 80 variants of 60 layers do; each is a network of its own."""
    looked = []

    def looking(graph: Graph) -> Any:
        looked.append(len(graph))
        return measure(graph)

    monkeypatch.setattr(variation, "measure", looking)
    graph = load(name)
    made = variation.draw(graph, ("filters", "kernel"), 1)
    assert [node.layer for node in made] != [node.layer for node in graph]
    assert {*looked} == {len(graph)}
    assert 1 <= len(looked) <= most


def test_another_input_is_not_gray() -> None:
    """Where the input may change, it gets the channels that tell slips apart; no image has two or four."""
    worksheet = sheet("lenet5-1998", vary=("input",), seed=2)
    assert loads(worksheet.spec).inputs[0].shape[-1] == 3
    assert list(map(str, worksheet.collisions)) == ["C3: image_channels, groups_invented give 1,216, all the same"]


@pytest.mark.parametrize("seed", seeds(8))
def test_variants_can_be_computed_by_hand(seed: int) -> None:
    """With `most`, no number that is asked for is larger, and the slips still give different numbers."""
    worksheet = sheet(vary=VARIABLE, seed=seed, most=1_000)
    answers = [cell.answer for exercise in worksheet.exercises for cell in exercise.cells if exercise.row]
    assert max(answer for answer in answers if isinstance(answer, int)) <= 1_000
    assert loads(worksheet.spec).inputs[0].shape[-1] in (1, 3)
    assert len(worksheet.collisions) <= 1


def test_a_bound_that_no_variant_keeps_is_said() -> None:
    """With the one that would do."""
    with pytest.raises(UsageError) as caught:
        sheet(vary=("kernel",), most=5)
    fault = caught.value.diagnostics[0]
    assert fault.code == "E411"
    assert fault.help == "write `--max 10164`, or let more vary"
    assert sheet(vary=("kernel",), most=10_164).spec


@pytest.mark.parametrize("word", VARIABLE)
@pytest.mark.parametrize("seed", range(5))
def test_only_what_may_vary_does(word: str, seed: int) -> None:
    """Something is different, and all of it is what was named."""
    graph, other = load("lenet5-rgb"), loads(sheet(vary=(word,), seed=seed).spec)
    changed = {
        field
        for old, new in zip(graph, other, strict=True)
        for field in old.layer.fields
        if getattr(old.layer, field) != getattr(new.layer, field)
    }
    if other.inputs != graph.inputs:
        changed.add("input")
    allowed = {"kernel": {"kernel", "pool", "stride"}}.get(word, {word})
    assert changed
    assert changed <= allowed


LARGE: Final = """
input: 224x224x3
layers: [conv: 512 3x3, maxpool: 2, conv: 1024 3x3 same, maxpool: 2, flatten, dense: 4096, dense: 1000]
"""


@pytest.mark.parametrize("seed", range(8))
def test_numbers_stay_small(seed: int) -> None:
    """A person computes them."""
    for node in loads(practice(measure(loads(LARGE)), Plan(vary=VARIABLE, seed=seed)).spec):
        assert max(node.shape[:-1], default=0) <= 256
        assert getattr(node.layer, "filters", 0) <= 64
        assert getattr(node.layer, "units", 0) <= 512


INCEPTION: Final = """
input: 28x28x12
layers:
  - conv: 16 3x3 same
  - concat:
    - conv: 8 1x1
    - [conv: 6 1x1, conv: 8 3x3 same]
    - [conv: 4 1x1, conv: 8 5x5 same]
    - [maxpool: 3x3/1 same, conv: 8 1x1]
  - gap
  - dense: 10
"""
INVERTED: Final = """
input: 28x28x12
layers:
  - conv: 16 3x3/2 same
  - residual: [conv: 96 1x1, bn, relu6, dwconv: 3x3 same, bn, relu6, conv: 16 1x1, bn]
  - gap
  - dense: 10
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    ["resnet-cifar10", "unet", INCEPTION, INVERTED],
    ids=["resnet-cifar10", "unet", "inception", "inverted residual"],
)
def test_branches_of_a_variant_still_join(text: str) -> None:
    """Networks with joins vary as a whole: sums, and concatenations of branches."""
    graph = loads(text) if "\n" in text else load(text)
    worksheet = practice(measure(graph), Plan(vary=("filters", "input"), seed=4))
    assert write(graph) != worksheet.spec
    assert score(worksheet.spec, render("csv", worksheet, key=True), "csv")[0] > 0


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("input: 8x8x3\nlayers: [conv: 4 3x3]", "units"),
        ("input: 8x8x3\nlayers: [gap]", "filters"),
        ("input: 8x8x3\nlayers: [conv: 4 1x1]", "kernel"),
        ("input: 8x8x3\nlayers: [reshape: 192]", "input"),
    ],
)
def test_what_cannot_vary_is_an_error(text: str, word: str) -> None:
    """The message names what was asked for."""
    with pytest.raises(UsageError) as caught:
        practice(measure(loads(text)), Plan(vary=(word,)))
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "E411"
    assert word in diagnostic.message


def test_every_kind_can_be_varied() -> None:
    """No kind with a window, filters or units makes a draw fail."""
    for kind, arguments in {"sepconv": "8 3x3", "dwconv": "3x3", "upconv": "8 3x3/2", "avgpool": "3x3/2"}.items():
        assert kind in KINDS
        graph = loads(f"input: 21x21x3\nlayers: [{kind}: {arguments}, flatten, dense: 5]")
        assert practice(measure(graph), Plan(vary=VARIABLE, seed=5)).spec != write(graph)


def test_a_sheet_has_a_largest_size() -> None:
    """Nobody fills in a thousand lines."""
    graph = loads("input: 8\nlayers:\n  - relu:\n    repeat: 1001\n")
    with pytest.raises(UsageError) as caught:
        practice(measure(graph))
    assert caught.value.diagnostics[0].code == "E413"


# Moodle XML, GIFT, text2qti


def test_moodle_xml_has_every_answer_with_its_fraction() -> None:
    """One hundred for the right number, nothing for those of slips, which carry the hint, nothing for all others."""
    quiz = ET.fromstring(render("moodle", sheet()))  # noqa: S314 - our own text
    kinds = [question.get("type") for question in quiz]
    assert kinds[0] == "category"
    assert (kinds.count("numerical"), kinds.count("shortanswer")) == (17, 8)
    named = {question.findtext("name/text"): question for question in quiz}
    conv = named["lenet5-rgb: conv1 # parameters"]
    answers = {a.findtext("text"): (a.get("fraction"), a.findtext("feedback/text")) for a in conv.iter("answer")}
    assert answers["608"] == ("100", "")
    assert answers["208"] == ("0", "<p>A filter is as deep as its input: F·F·C.</p>")
    assert answers["601"] == ("0", "<p>Every filter and every unit has its own bias.</p>")
    assert list(answers)[-1] == "*"
    assert {a.findtext("tolerance") for a in conv.iter("answer")} == {"0"}
    assert NO_SEPARATORS in (conv.findtext("questiontext/text") or "")
    shape = named["lenet5-rgb: conv1 activation shape"]
    spelled = {a.findtext("text"): a.get("fraction") for a in shape.iter("answer")}
    assert {spelled[text] for text in ("28x28x8", "(28, 28, 8)", "28, 28, 8", "28 x 28 x 8")} == {"100"}
    assert (spelled["28x28x3"], spelled["(32, 32, 8)"], spelled["*"]) == ("0", "0", "0")
    assert shape.find("answer/tolerance") is None


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lenet5-rgb", "resnet-cifar10", "unet"])
def test_no_wrong_answer_is_right_and_none_comes_twice(name: str) -> None:
    """Moodle takes the first answer that fits: all spellings of a question are different."""
    for question in ET.fromstring(render("moodle", sheet(name, columns=EVERY_COLUMN))):  # noqa: S314 - our own text
        texts = [answer.findtext("text") for answer in question.iter("answer")]
        assert len(texts) == len(set(texts))
        assert question.get("type") == "category" or texts[-1] == "*"


def test_a_question_does_not_give_answers_away() -> None:
    """The network stands in a question only up to the layer in question, without what is blank."""
    quiz = ET.fromstring(render("moodle", sheet()))  # noqa: S314 - our own text
    texts = {q.findtext("name/text"): q.findtext("questiontext/text") or "" for q in quiz}
    text = texts["lenet5-rgb: conv2 # parameters"]
    assert "pool1" in text
    assert "pool2" not in text
    assert "3216" not in text
    assert "14" not in text
    given = ET.fromstring(render("moodle", sheet(blank=0.2, seed=2)))  # noqa: S314 - our own text
    assert any("(28, 28, 8)" in (q.findtext("questiontext/text") or "") for q in given)


def test_the_key_of_a_quiz_has_the_derivation() -> None:
    """As the general feedback, which Moodle shows in the end."""
    for form in ("moodle", "gift", "text2qti"):
        formula = "(5·5·3 + 1)·8 = 608"
        plain = unescape(unescape(render(form, sheet(), key=True))).replace("\\=", "=")
        assert formula in plain
        assert formula not in unescape(unescape(render(form, sheet()))).replace("\\=", "=")


def gift_questions(text: str) -> list[tuple[str, str, dict[str, tuple[str, str]]]]:
    """Read GIFT as Moodle's importer does: names, texts, and answers with their percentage and feedback."""
    found = []
    for block in re.split(r"\n\s*\n", text):
        lines = [line for line in block.split("\n") if not line.strip().startswith("//")]
        if not any(lines):
            continue
        hidden = "\n".join(lines).replace("\\\\", "\0").strip()
        for sign in ":#={}~":
            hidden = hidden.replace(f"\\{sign}", chr(0xE000 + ord(sign)))
        _, name, rest = hidden.split("::")
        assert (rest.count("{"), rest.count("}")) == (1, 1)
        body, _, answers = rest.rstrip("}").partition("{")
        answers, *_ = answers.strip().split("####")
        numerical = answers.startswith("#")
        entries, tilde, other = answers[numerical:].partition("~")
        assert bool(tilde) is numerical
        read = {}
        for entry in entries.split("=")[1:]:
            weight, answer = re.fullmatch(r"%(\d+)%(.*)", entry.strip(), re.DOTALL).groups()  # type: ignore[union-attr] # it must fit
            value, _, feedback = answer.partition("#")
            read[shown(value.removesuffix(":0") if numerical else value)] = (weight, shown(feedback))
        if numerical:
            read["*"] = ("0", shown(other.partition("#")[2]))
        found.append((shown(name), shown(body), read))
    return found


def shown(text: str) -> str:
    """Put the signs back that were escaped."""
    return "".join(chr(ord(char) - 0xE000) if "\ue000" <= char <= "\ue0ff" else char for char in text).replace(
        "\0", "\\"
    )


def test_gift_says_the_same_as_moodle_xml() -> None:
    """Questions, answers, fractions and hints agree."""
    for worksheet in (sheet(), hostile(), sheet("unet", columns=EVERY_COLUMN)):
        quiz = ET.fromstring(render("moodle", worksheet))[1:]  # type: ignore[index] # noqa: S314 - our own text
        read = gift_questions(render("gift", worksheet, key=True))
        assert len(read) == len(quiz)
        for element, (name, body, answers) in zip(quiz, read, strict=True):
            assert name == element.findtext("name/text")
            assert body.removeprefix("[html]") == (element.findtext("questiontext/text") or "").replace("\n", "")
            expected = {
                answer.findtext("text"): (
                    answer.get("fraction"),
                    re.sub(r"</?p>", "", answer.findtext("feedback/text") or ""),
                )
                for answer in element.iter("answer")
            }
            assert {text.strip(): (weight, hint.strip()) for text, (weight, hint) in answers.items()} == expected


def test_text2qti_has_numbers_and_short_answers() -> None:
    """A numerical answer cannot be 0 there: that is a short answer."""
    text = render("text2qti", sheet())
    blocks = {block.split("\n")[0]: block.split("\n") for block in text.split("\n\n") if block.startswith("Title: ")}
    assert blocks["Title: conv1 # parameters"][-1] == "=   608"
    assert blocks["Title: pool1 # parameters"][-1] == "*   0"
    assert "*   28x28x8" in blocks["Title: conv1 activation shape"]
    assert text.startswith("Quiz title: Practice sheet: lenet5-rgb\n")


def test_text2qti_has_no_markdown_of_a_spec() -> None:
    """Every sign of the spec that means something is an entity; no line begins a question by itself."""
    text = render("text2qti", hostile())
    for line in text.splitlines()[1:]:
        assert re.match(r"(Title: |Text: |1\.  |-   |\*   |=   |    \| |$)", line)
    table = [line for line in text.splitlines() if line.startswith("    | conv1")]
    assert len(table) == 1
    assert "$" not in table[0]
    assert "<script" not in table[0]
    assert HOSTILE_NOTE.split()[0] in unescape(table[0])


def test_spellings_of_a_shape_are_those_that_check_reads() -> None:
    """A student who is right in the quiz is right in a table."""
    for shape in ((28, 28, 8), (120,), (7, 3)):
        text = f"input: {'x'.join(map(str, shape))}\nlayers: [identity, relu]"
        for spelling in spellings(shape):
            rows = f'Layer,Shape\nidentity1,"{spelling}"\n'
            assert check(loads(text), rows.encode(), "a.csv").passed, spelling


def test_questions_ask_for_blank_cells_alone() -> None:
    """As many as there are, each with a name of its own."""
    worksheet = sheet(blank=0.3, seed=9)
    asked: list[Question] = list(questions(worksheet))
    assert len({question.name for question in asked}) == len(asked) == round(0.3 * 25)


# Hostile texts


class Page(HTMLParser):
    """The tags and the text of a page."""

    def __init__(self) -> None:
        """Start with an empty page."""
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the base's
        """Note a tag."""
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.text += data


def test_html_shows_hostile_texts_as_they_are() -> None:
    """No tag comes from a spec or a roster."""
    for key in (False, True):
        page = Page()
        page.feed(render("html", hostile(), key=key))
        page.close()
        assert not page.tags & {"script", "i"}
        assert "<script>alert(1)</script>" in page.text
        assert "<i>Eve</i> {~=#} $&%" in page.text
        assert HOSTILE_NAME in page.text


def test_csv_has_no_formula() -> None:
    """A spreadsheet runs nothing."""
    for row in csv.reader(StringIO(render("csv", hostile(), key=True))):
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)


def test_latex_ends_once() -> None:
    """What a note says is set, not run."""
    text = render("latex", hostile(), key=True)
    assert text.count(r"\end{document}") == 1
    assert r"\textbackslash{}end\{document\}" in text


def test_markdown_keeps_its_columns() -> None:
    """A bar in a note is not the end of a cell, and nothing is a tag."""
    text = render("markdown", hostile())
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {7}
    assert not re.search(r"(?<!\\)<script", text)


def test_moodle_xml_keeps_hostile_texts() -> None:
    """They come out of the parser as they went in."""
    quiz = ET.fromstring(render("moodle", hostile(), key=True))  # noqa: S314 - our own text
    names = [question.findtext("name/text") or "" for question in quiz[1:]]  # type: ignore[index] # a list of elements
    assert all(name.startswith(HOSTILE_NAME) for name in names)


@pytest.mark.parametrize("form", TABLES)
def test_hostile_texts_do_not_spoil_the_key(form: str) -> None:
    """Names and notes leave every cell where it belongs."""
    worksheet = hostile()
    right, most = score(worksheet.spec, render(form, worksheet, key=True), TABLES[form])
    assert right == most > 0


def test_control_characters_are_shown_as_such() -> None:
    """XML has no place for them, and terminals act on them."""
    worksheet = practice(measure(loads(SPEC)), student="a\x00b\x1b[31m\ufffe")
    for form in FORMATS[:-1]:
        text = render(form, worksheet, key=True)
        assert not re.search("[\x00\x1b\ufffe]", text)
    ET.fromstring(render("moodle", worksheet))  # noqa: S314 - our own text


# Rosters


@pytest.mark.parametrize(
    ("text", "students"),
    [
        ("id,name\n7,Ada\n8,Bob\n", [Student("7", "Ada"), Student("8", "Bob")]),
        ("Name;E-Mail\r\nAda;a@x.org\r\n", [Student("a@x.org", "Ada")]),
        ("\ufeffName\nAda Lovelace\n\n", [Student("Ada Lovelace", "Ada Lovelace")]),
        ("ada\nbob\n", [Student("ada"), Student("bob")]),
        ('Student,ID,Section\n    Points Possible,,\n"Lovelace, Ada",7,A\n', [Student("7", "Lovelace, Ada")]),
    ],
)
def test_rosters_are_read(text: str, students: list[Student]) -> None:
    """By a known title, or else by the first column."""
    assert read_roster(text.encode(), "class.csv") == students


@pytest.mark.parametrize(
    ("content", "note"),
    [
        (b"", "it names no student"),
        (b"id,name\n", "it names no student"),
        (b"id,name\n,Ada\n8,Bob\n", "line 2 has no id"),
        (b"id\nada\nbob\nada\n", "`ada` stands in line 2 and in line 4"),
        ("id\nJürgen\n".encode("latin-1"), "it is not text in UTF-8"),
        (b"id\n" + b"x" * 200_000 + b"\n", "field larger than field limit (131072)"),
        (b"id\n" + b"x\n" * 10_001, "it has more than 10,000 rows"),
    ],
)
def test_unusable_rosters_are_refused(content: bytes, note: str) -> None:
    """The note says why, with the line."""
    with pytest.raises(CnnspecError) as caught:
        read_roster(content, "class.csv")
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "E412"
    assert diagnostic.notes[0] == note


def test_names_of_files_are_harmless_and_different() -> None:
    """No path, nothing hidden, nothing reserved, no two alike where case does not count."""
    ids = [
        "../x",
        "/etc/passwd",
        "..",
        "",
        "con",
        "NUL.txt",
        "a/b",
        "a_b",
        "Ann",
        "ann",
        "bob",
        "bob.key",
        "x-d6b96a97",
    ]
    ids += ["C:\\x", "-rf", "~", "tab\tx", "nul\x00", "é" * 300, ".hidden", "Ada Lovelace", "ada@example.org", "x.yaml"]
    names = safe_names(ids)
    assert len({name.casefold() for name in names}) == len(ids)
    for name in names:
        assert re.fullmatch(r"[^\W_][\w@+-][\w.@+-]*", name)
        assert len(name.encode()) < 200
        assert not name.endswith((".", ".key", ".yaml"))
    assert (names[8], names[10], names[-2]) == ("Ann", "bob", "ada@example.org")
    assert safe_names(["x-d6b96a97", "../x"])[1] != "x-d6b96a97"


def test_seeds_of_students_are_their_own() -> None:
    """They come from the id and the seed of the class."""
    assert seed_of(1, "ada@example.org") == 4216448907
    assert len({seed_of(seed, student) for seed in (1, 2) for student in ("ada", "bob")}) == 4


# The command


def run(*arguments: str, code: int = 0) -> tuple[str, str]:
    """Run `cnnspec practice`, which must end with a code; return what it printed and its errors."""
    result = CliRunner().invoke(app, ["practice", *arguments])
    assert result.exit_code == code, result.stderr
    return result.stdout, result.stderr


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files(folder: Path) -> list[str]:
    """Return the names of all files below a folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("form", FORMATS)
def test_the_command_writes_every_format(form: str, folder: Path) -> None:
    """To standard output, as the module of the format does."""
    assert run("lenet5-rgb", "--format", form)[0] == render(form, sheet())
    assert run("lenet5-rgb", "--format", form, "--key")[0] == render(form, sheet(), key=True)
    assert files(folder) == []


def test_a_sheet_its_key_and_its_spec(folder: Path) -> None:
    """The spec of a variant lies beside the sheet; a sheet of the network itself needs none."""
    run("lenet5-rgb", "--vary", "filters,kernel,input", "--seed", "7", "--with-key", "-o", "sheet.md")
    assert files(folder) == ["sheet.key.md", "sheet.md", "sheet.yaml"]
    assert Path("sheet.yaml").read_text(encoding="utf-8") == LITERAL
    result = CliRunner().invoke(app, ["check", "sheet.yaml", "sheet.key.md"])
    assert result.exit_code == 0
    assert "27 of 27 cells right" in result.stdout
    run("lenet5-rgb", "-o", "plain.csv", "--format", "csv")
    run("lenet5-rgb", "--format", "markdown", "-o", "odd.yaml", "--vary", "units")
    assert files(folder)[:3] == ["odd.spec.yaml", "odd.yaml", "plain.csv"]


HOMEWORK: Final = "assignment: hw3\nspec: lenet5-rgb  # ours\npoints: {column: {params: 2, size: 0}, total: 10}\n"


def test_a_variant_has_the_points_of_its_assignment(folder: Path) -> None:
    """An assignment lies beside its spec, and a quiz asks for what is worth something, with its points."""
    Path("hw3.yaml").write_text(HOMEWORK, encoding="utf-8")
    run("hw3.yaml", "--vary", "all", "--seed", "7", "--with-key", "-o", "sheet.md")
    assert files(folder) == ["hw3.yaml", "sheet.hw.yaml", "sheet.key.md", "sheet.md", "sheet.yaml"]
    assert Path("sheet.hw.yaml").read_text(encoding="utf-8") == HOMEWORK.replace("lenet5-rgb", '"sheet.yaml"')
    done = CliRunner().invoke(app, ["check", "sheet.hw.yaml", "sheet.key.md"])
    assert "21 of 21 cells right, score 21 of 21, that is 10 of 10" in done.stdout
    Path("class.csv").write_text("id\nada\nada.hw\n", encoding="utf-8")
    run("hw3.yaml", "--vary", "all", "--roster", "class.csv", "--output-dir", "out", "--format", "moodle")
    assert 'spec: "ada.yaml"' in Path("out/ada.hw.yaml").read_text(encoding="utf-8")
    quiz = Path("out/ada.xml").read_text(encoding="utf-8")
    assert sorted(re.findall(r"<defaultgrade>(\d)", quiz)) == ["1"] * 7 + ["2"] * 7
    assert len(files(folder / "out")) == 8
    assert run("hw3.yaml", "--format", "text2qti")[0].count("Points: 2\n") == 7


def test_a_bound_is_about_variants(folder: Path) -> None:
    """Without one it is wrong usage."""
    assert "E702" in run("lenet5-rgb", "--max", "500", code=2)[1]
    assert files(folder) == []


def test_nothing_is_replaced_without_force(folder: Path) -> None:
    """If one of the files is there, none is written."""
    Path("sheet.yaml").write_text("mine", encoding="utf-8")
    _, errors = run("lenet5-rgb", "--vary", "all", "-o", "sheet.md", code=1)
    assert "E603" in errors
    assert files(folder) == ["sheet.yaml"]
    run("lenet5-rgb", "--vary", "all", "-o", "sheet.md", "--force")
    assert Path("sheet.yaml").read_text(encoding="utf-8").startswith("name: lenet5-rgb")


def test_a_class_gets_a_variant_each(folder: Path) -> None:
    """Three files per student, inside the folder whatever the ids are; each key is right for its own spec."""
    Path("class.csv").write_text("id,name\nada,Ada\n../x,Eve\nbob,Bob\n", encoding="utf-8")
    run("lenet5-rgb", "--vary", "all", "--roster", "class.csv", "--output-dir", "out/sheets", "-f", "csv")
    stems = ["ada", "bob", "x-d6b96a97"]
    expected = sorted(f"out/sheets/{stem}{end}" for stem in stems for end in (".csv", ".key.csv", ".yaml"))
    assert files(folder) == ["class.csv", *expected]
    specs = [Path(f"out/sheets/{stem}.yaml").read_text(encoding="utf-8") for stem in stems]
    assert len(set(specs)) == 3
    for stem, spec in zip(stems, specs, strict=True):
        right, most = score(spec, Path(f"out/sheets/{stem}.key.csv").read_text(encoding="utf-8"), "csv")
        assert right == most
    assert specs[0] == sheet(vary=VARIABLE, seed=seed_of(1, "ada")).spec


def test_the_sheet_of_a_student_names_them(folder: Path) -> None:
    """With the seed by which the sheet can be made again."""
    Path("class.csv").write_text("id,name\nada,Ada L.\n", encoding="utf-8")
    run("lenet5-rgb", "--vary", "all", "--roster", "class.csv", "--output-dir", str(folder))
    text = Path("ada.md").read_text(encoding="utf-8")
    assert f"Name: Ada L. (ada) · Variant {seed_of(1, 'ada')}" in text
    again, _ = run("lenet5-rgb", "--vary", "all", "--seed", str(seed_of(1, "ada")))
    assert again.partition("\n|")[2] == text.partition("\n|")[2]


def test_a_folder_without_a_roster(folder: Path) -> None:
    """The three files have the network's name."""
    run("lenet5-rgb", "--output-dir", "here", "--format", "moodle")
    assert files(folder) == ["here/lenet5-rgb.key.xml", "here/lenet5-rgb.xml", "here/lenet5-rgb.yaml"]


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["--blank", "0"], "E703", "no share"),
        (["--blank", "1.5"], "E703", "no share"),
        (["--blank", "half"], "E703", "no share"),
        (["--blank", "nan"], "E703", "no share"),
        (["--vary", "filter"], "E703", "did you mean `filters`?"),
        (["--columns", "shape,colour"], "E703", "takes no `colour`"),
        (["--columns", ","], "E703", "no column"),
        (["--roster", "class.csv"], "E702", "--output-dir"),
        (["--with-key"], "E702", "--output"),
        (["--key", "--with-key", "-o", "a.md"], "E702", "one of them"),
        (["--output-dir", "x", "-o", "a.md"], "E702", "--output-dir"),
        (["--output-dir", "x", "--roster", "none.csv"], "E601", "none.csv"),
        (["--vary", "units", "--input", "8x8x3", "-p", "x=1"], "E114", "x"),
    ],
)
def test_misuse_is_explained(arguments: list[str], code: str, word: str, folder: Path) -> None:
    """With the form that is expected, and nothing written."""
    result = CliRunner().invoke(app, ["practice", "lenet5-rgb", *arguments])
    assert result.exit_code in (1, 2)
    assert f"error[{code}]" in result.stderr
    assert word in result.stderr
    assert files(folder) == []


def test_a_folder_that_cannot_be_made(folder: Path) -> None:
    """A file stands in its place."""
    Path("out").write_text("", encoding="utf-8")
    _, errors = run("lenet5-rgb", "--output-dir", "out/x", code=1)
    assert "E604" in errors
    assert files(folder) == ["out"]


@pytest.mark.parametrize("vary", [["kernel"], ["kernel", "filters"], [*VARIABLE]])
def test_a_variant_of_many_layers_is_soon_drawn(monkeypatch: pytest.MonkeyPatch, vary: list[str]) -> None:
    """1,000 layers that fit only as they are took ten seconds: 800 draws of all of them, and looks at 48 for each."""
    graph = loads("input: 64x64x3\nlayers:\n" + "  - conv: 8 3x3 pad=1\n  - relu\n" * 500)
    drawn, looked = [], []
    monkeypatch.setattr(variation, "infer", lambda *given: (drawn.append(1), infer(*given))[1])
    monkeypatch.setattr(variation, "collisions", lambda summary: (looked.append(1), collisions(summary))[1])
    assert len(variation.draw(graph, vary, 1)) == 1_000
    assert len(drawn) <= 100_000
    assert 1 <= len(looked) <= 2
