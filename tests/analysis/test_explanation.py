"""Derivations: the text of a solution, every number that of the table, and every printed equation true."""

from __future__ import annotations

import ast
import re
from fractions import Fraction
from functools import lru_cache
from math import ceil
from pathlib import Path
from runpy import run_path
from typing import TYPE_CHECKING, Final

import pytest

import cnnspec
from cnnspec import layers as _layers  # noqa: F401 - registers the kinds
from cnnspec.analysis.explanation import Explanation, explain
from cnnspec.explaining.derivation import WIDTH
from cnnspec.explaining.derivation import render as render_folded
from cnnspec.ir.layer import KINDS
from cnnspec.ir.words import find_kind
from tests.bundled_cases import cases as bundled_cases

if TYPE_CHECKING:
    from collections.abc import Iterable

CONV1: Final = """\
conv1: conv 8 5x5/1 valid
  (32, 32, 3) → (28, 28, 8)
  Slide K learned filters over the input; every output element is one dot
  product.

  output height     (n + 2p − f)/s + 1 = (32 − 5)/1 + 1 = 28
  output width      as the height: 28
  channels          K = 8
  activation size   H′·W′·C′ = 28·28·8 = 6,272
  parameters        (F·F·C + 1)·K = (5·5·3 + 1)·8 = 608
  MACs              F·F·C·K·H′·W′ = 5·5·3·8·28·28 = 470,400
  FLOPs             2·F·F·C·K·H′·W′ + H′·W′·C′ = 2·5·5·3·8·28·28 + 28·28·8
                    = 947,072
  receptive field   r + (f − 1)·j = 1 + (5 − 1)·1 = 5
  jump              j·s = 1·1 = 1
  first centre      2
"""


def render(explanation: Explanation) -> str:
    """Return a derivation whose equations are not folded: a line for each quantity."""
    return re.sub(r"\n {19,}(?=\S)", " ", render_folded(explanation))


EQUATIONS: Final = {
    "conv: 8 5x5/2": (
        ("output height", "(n + 2p − f)/s + 1 = (32 − 5)/2 + 1 = 14.5 → 14"),
        ("output width", "as the height: 14"),
    ),
    "conv: 8 3x3/3 pad=1": (("output height", "(n + 2p − f)/s + 1 = (32 + 2·1 − 3)/3 + 1 = 11.333 → 11"),),
    "conv: 8 3x3 pad=[[0,1],[0,1]]": (("output height", "(n + p_1 + p_2 − f)/s + 1 = (32 + 1 − 3)/1 + 1 = 31"),),
    "conv: 8 3x3/3 same": (("output height", "⌈n/s⌉ = ⌈32/3⌉ = 10.667 → 11"),),
    "conv: 8 3x3 dilation=2": (
        ("output height", "(n + 2p − d·(f − 1) − 1)/s + 1 = (32 − 2·(3 − 1) − 1)/1 + 1 = 28"),
        ("receptive field", "r + (f_d − 1)·j = 1 + (5 − 1)·1 = 5"),
    ),
    "conv: 6 3x5/2x1 groups=3 nobias": (
        ("output height", "(n + 2p − f)/s + 1 = (32 − 3)/2 + 1 = 15.5 → 15"),
        ("output width", "(n + 2p − f)/s + 1 = (32 − 5)/1 + 1 = 28"),
        ("parameters", "F_h·F_w·(C/g)·K = 3·5·(3/3)·6 = 90"),
    ),
    "dwconv: 3x3 multiplier=2": (("parameters", "(F·F + 1)·C·M = (3·3 + 1)·3·2 = 60"),),
    "sepconv: 4 3x3": (("parameters", "F·F·C + (C + 1)·K = 3·3·3 + (3 + 1)·4 = 43"),),
    "upconv: 4 3x3/2": (("output height", "(n − 1)·s + f = (32 − 1)·2 + 3 = 65"), ("jump", "j/s = 1/2 = 0.5")),
    "upconv: 4 2x2/2": (("output height", "n·s = 32·2 = 64"),),
    "maxpool: 2": (
        ("output height", "(n + 2p − f)/s + 1 = (32 − 2)/2 + 1 = 16"),
        ("channels", "as in the input: 3"),
        ("parameters", "0: the maximum is picked, nothing is learned"),
        ("MACs", "0: no multiply-accumulates"),
    ),
    "dense: 10": (("parameters", "(N_in + 1)·N_out = (3 + 1)·10 = 40"),),
    "bn": (
        ("output shape", "as the input: (32, 32, 3)"),
        ("parameters", "4·C = 4·3 = 12"),
        ("non-trainable", "2·C = 2·3 = 6"),
        ("receptive field", "as in the input: 1"),
    ),
    "flatten": (
        ("output", "H·W·C = 32·32·3 = 3,072"),
        ("receptive field", "not defined: behind a layer that gives up places in the input"),
    ),
    "crop: 2": (("output height", "n − 2p = 32 − 2·2 = 28"), ("jump", "as in the input: 1")),
    "gap: keepdims": (("receptive field", "32"), ("jump", "j·s = 1·32 = 32")),
    "upsample: 2": (("output height", "n·s = 32·2 = 64"),),
    "concat: [identity, [conv: 5 3x3 same]]": (("channels", "C_1 + C_2 = 3 + 5 = 8"),),
    "add: [identity, [conv: 3 3x3 same]]": (("receptive field", "the largest of the branches: 3"),),
}
"""Item on 32x32x3 -> lines of its derivation, as a lecturer would write them."""
SEQUENCES: Final = {
    "9x4 | lstm: 5": (
        ("parameters", "4·((C + 1)·u + u·u) = 4·((4 + 1)·5 + 5·5) = 200"),
        ("MACs", "4·(C·u + u·u)·L = 4·(4·5 + 5·5)·9 = 1,620"),
        ("FLOPs", "2·4·(C·u + u·u)·L + 13u·L = 2·4·(4·5 + 5·5)·9 + 13·5·9 = 3,825"),
    ),
    "9x4 | gru: 5": (
        ("parameters", "3·((C + 2)·u + u·u) = 3·((4 + 2)·5 + 5·5) = 165"),
        ("FLOPs", "2·3·(C·u + u·u)·L + 14u·L = 2·3·(4·5 + 5·5)·9 + 14·5·9 = 3,060"),
    ),
    "9x4 | rnn: 5 bidirectional": (
        ("output", "2u = 2·5 = 10"),
        ("parameters", "2·((C + 1)·u + u·u) = 2·((4 + 1)·5 + 5·5) = 100"),
        ("MACs", "2·(C·u + u·u)·L = 2·(4·5 + 5·5)·9 = 810"),
    ),
    "9x8 | attention: 2": (
        ("parameters", "3·(C + 1)·h·d_k + (h·d_k + 1)·C = 3·(8 + 1)·2·4 + (2·4 + 1)·8 = 288"),
        ("MACs", "(3·C·h·d_k + h·d_k·C)·L + 2h·d_k·L·L = (3·8·2·4 + 2·4·8)·9 + 2·2·4·9·9 = 3,600"),
    ),
    "9x8 | attention: 2 key=4 value=4": (
        ("parameters", "3·(C + 1)·h·d_k + (h·d_v + 1)·C = 3·(8 + 1)·2·4 + (2·4 + 1)·8 = 288"),
    ),
    "8x8x4 | depth_to_space: 2": (
        ("output height", "H·r = 8·2 = 16"),
        ("channels", "C/(r·r) = 4/(2·2) = 1"),
        ("jump", "j/s = 1/2 = 0.5"),
    ),
    "8x8x4 | space_to_depth: 2": (("output height", "H/r = 8/2 = 4"), ("channels", "C·r·r = 4·2·2 = 16")),
    "8x8x4 | crop: [[1,2],[0,0]]": (("output height", "n − p_1 − p_2 = 8 − 1 − 2 = 5"),),
    "8x8x4 | pad: [[1,2],[0,0]]": (("output height", "n + p_1 + p_2 = 8 + 1 + 2 = 11"),),
    "8x8x4 | split: 2 index=1": (("channels", "C/g = 4/2 = 2"),),
    "8x8x4 | slice: {start: 1, stop: 3}": (("channels", "b − a = 3 − 1 = 2"),),
    "8x8x4 | reshape: -1x8": (("output length", "(H·W·C)/n_2 = (8·8·4)/8 = 32"), ("channels", "n_2 = 8")),
    "5x9x9x4 | convlstm: 2 3x3": (
        ("parameters", "4·(F·F·(C + K) + 1)·K = 4·(3·3·(4 + 2) + 1)·2 = 440"),
        ("MACs", "4·F·F·(C + K)·K·H′·W′·T = 4·3·3·(4 + 2)·2·7·7·5 = 105,840"),
    ),
    "9x4 | add: [identity, [relu]]": (("FLOPs", "L′·C′ = 9·4 = 36"),),
    "9x4 | average: [identity, [relu], [tanh]]": (("FLOPs", "2·L′·C′ = 2·9·4 = 72"),),
    "9x4 | bn: noscale": (("parameters", "3·C = 3·4 = 12"), ("FLOPs", "2·L′·C′ = 2·9·4 = 72")),
    "9x9x4 | lrn: 5": (("FLOPs", "(n + 4)·H′·W′·C′ = (5 + 4)·9·9·4 = 2,916"),),
}
"""Input and item -> lines of its derivation: what sequences, joins and moved elements have of their own."""

ROW_VALUES: Final = {
    "activation size": "activation_size",
    "parameters": "params",
    "non-trainable": "non_trainable_params",
    "MACs": "macs",
    "FLOPs": "flops",
}


@lru_cache
def explanations(name: str) -> list[Explanation]:
    """Return the derivations of a whole bundled network."""
    return derive(cnnspec.load(name))


def derive(graph: cnnspec.Graph) -> list[Explanation]:
    """Return the derivations of all layers of a network."""
    return [explain(row) for row in cnnspec.summarize(graph)]


def layer(item: str, shape: str = "32x32x3") -> Explanation:
    """Return the derivation of the last layer of an item on an input."""
    return derive(cnnspec.loads(f"input: {shape}\nlayers:\n  - {item}\n"))[-1]


def test_derivation_reads_as_a_solution() -> None:
    """The whole text for the first convolution of the course's example, but for the legend."""
    text = render_folded(explanations("lenet5-rgb")[0])
    assert text.partition("\n  with ")[0] == CONV1


def test_every_symbol_has_a_meaning_in_the_legend() -> None:
    """What stands in a formula and is no output dimension is explained below it, with its value."""
    legend = " ".join(render(explanations("lenet5-rgb")[0]).partition("\n  with ")[2].split())
    found = dict(re.findall(r"(\w+) = (\d+) \(\w", legend))
    assert found == {"n": "32", "p": "0", "f": "5", "s": "1", "K": "8", "F": "5", "C": "3", "r": "1", "j": "1"}


@pytest.mark.parametrize(
    ("item", "shape", "legend"),
    [
        (
            "conv: 6 3x3 groups=3 pad=[[0,1],[0,1]]",
            "32x32x3",
            (
                "n = 32 (input size), p_1 = 0 (padding before), p_2 = 1 (padding after), f = 3 (window), "
                "s = 1 (stride), K = 6 (filters), F = 3 (kernel size), C = 3 (input channels), g = 3 (groups), "
                "r = 1 (receptive field of the input), j = 1 (jump of the input)"
            ),
        ),
        (
            "dwconv: 3x3 multiplier=2 dilation=2",
            "32x32x3",
            (
                "n = 32 (input size), p = 0 (padding per side), d = 2 (dilation), f = 3 (window), s = 1 (stride), "
                "C = 3 (input channels), M = 2 (channel multiplier), F = 3 (kernel size), "
                "r = 1 (receptive field of the input), f_d = 5 (window with its dilation), j = 1 (jump of the input)"
            ),
        ),
        ("dense: 10", "120", "N_out = 10 (units), N_in = 120 (inputs)"),
        ("flatten", "4x6x2", "H = 4 (input height), W = 6 (input width), C = 2 (input channels)"),
        (
            "flatten",
            "3x4x6x2",
            "D = 3 (input depth), H = 4 (input height), W = 6 (input width), C = 2 (input channels)",
        ),
        ("lstm: 8", "20x16", "u = 8 (units), C = 16 (input channels), L = 20 (input length)"),
        ("bn", "120", "C = 120 (input channels)"),
        ("relu", "120", ""),
    ],
)
def test_the_legend_says_what_the_symbols_stand_for(item: str, shape: str, legend: str) -> None:
    """Each leaf of a formula carries its meaning, in the order of reading."""
    assert " ".join(render(layer(item, shape)).partition("\n  with ")[2].split()) == legend


@pytest.mark.parametrize("item", EQUATIONS)
def test_derivation_shows_formula_numbers_rounding_and_result(item: str) -> None:
    """The line of each quantity, literally."""
    assert written(layer(item), EQUATIONS[item]) == dict(EQUATIONS[item])


@pytest.mark.parametrize("case", SEQUENCES)
def test_derivation_of_layers_on_other_inputs(case: str) -> None:
    """Likewise, with a check of what is computed there."""
    shape, _, item = case.partition(" | ")
    found = layer(item, shape)
    assert written(found, SEQUENCES[case]) == dict(SEQUENCES[case])
    assert sum(check(line) for line in render(found).splitlines()) >= len(SEQUENCES[case])


def written(explanation: Explanation, quantities: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the line of each quantity that is asked for."""
    lines = [re.split(r"\s{2,}", line.strip()) for line in render(explanation).splitlines()]
    found = dict(line for line in lines if len(line) == 2)
    return {quantity: found[quantity] for quantity, _ in quantities}


def test_an_unrounded_result_has_no_arrow() -> None:
    """Only a rounding that changes the number is shown."""
    assert "→ 1" not in render(layer("conv: 8 5x5/3", "32x32x3"))
    assert "= 10 " not in render(layer("conv: 8 5x5/2", "32x32x3"))


@pytest.mark.parametrize("name", bundled_cases())
def test_derivations_end_in_the_numbers_of_the_table(name: str) -> None:
    """Every term's value is the row's: what is explained is what is counted."""
    for derivation in explanations(name):
        row = derivation.row
        terms = {step.quantity: step.term.value for step in derivation.steps if step.term is not None}
        for quantity, attribute in ROW_VALUES.items():
            assert terms.get(quantity, 0) == getattr(row, attribute), (row.name, quantity)
        if row.view.axes and "receptive field" in terms:
            assert terms["receptive field"] == row.view.axes[0].extent
        if row.view.axes and "jump" in terms:
            assert terms["jump"] == row.view.axes[0].jump
        sizes = [value for quantity, value in terms.items() if quantity.startswith(("output", "channels"))]
        assert set(sizes) <= set(row.shape)


@pytest.mark.parametrize("name", bundled_cases())
def test_every_node_has_every_quantity(name: str) -> None:
    """No number of the table is left without a derivation or a reason."""
    for derivation in explanations(name):
        quantities = [step.quantity for step in derivation.steps]
        assert quantities[0].startswith("output")
        assert {"activation size", "parameters", "MACs", "FLOPs"} <= set(quantities)
        assert any(quantity.startswith(("receptive field", "field of axis")) for quantity in quantities)
        assert all(step.term is not None or step.text for step in derivation.steps)
        assert derivation.sentence.endswith(".")


@pytest.mark.parametrize("name", bundled_cases())
def test_printed_equations_are_true(name: str) -> None:
    """The numbers put in, computed again from the printed text, give the printed result."""
    checked = sum(check(line) for derivation in explanations(name) for line in render(derivation).splitlines())
    assert checked >= len(explanations(name))


@pytest.mark.parametrize("item", EQUATIONS)
def test_printed_equations_of_single_layers_are_true(item: str) -> None:
    """Likewise for layers with unusual arguments."""
    assert sum(check(line) for line in render(layer(item)).splitlines()) >= 1


def check(line: str) -> bool:
    """Compute what a line of a derivation prints; tell whether it prints an equation at all."""
    found = re.fullmatch(r"  \S.*?\s{2,}.* = ([^=]+) = ([\d.,]+)(?: → ([\d,]+))?", line)
    if not found:
        return False
    numbers, exact, rounded = found[1], found[2].replace(",", ""), found[3]
    upwards = re.fullmatch("⌈[^⌈⌉]*⌉", numbers) is not None
    value = compute(numbers.strip("⌈⌉") if upwards else numbers)
    if rounded is None:
        assert value == Fraction(exact), line
    else:
        assert abs(value - Fraction(exact)) < Fraction(1, 1000), line
        assert (ceil(value) if upwards else value // 1) == int(rounded.replace(",", "")), line
    return True


def compute(text: str) -> Fraction:
    """Return the value of an expression of integers, as a reader would compute it."""
    text = re.sub("⌈([^⌈⌉]*)⌉", lambda quotient: str(ceil(compute(quotient[1]))), text)
    plain = text.replace("·", "*").replace("−", "-").replace(",", "")
    return _value(ast.parse(plain, mode="eval").body)


def _value(node: ast.expr) -> Fraction:
    if isinstance(node, ast.Constant):
        return Fraction(str(node.value))
    assert isinstance(node, ast.BinOp), ast.dump(node)
    left, right = _value(node.left), _value(node.right)
    match node.op:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case _:
            return left / right


KIND_SAMPLES: Final = {
    found[0].kind: (row.item, row.input)
    for row in reversed(run_path(str(Path(__file__).parents[1] / "layers" / "test_layers.py"))["ROWS"])
    if (found := find_kind(row.item.partition(":")[0]))
}
"""An item of every kind with an input that fits it."""


@pytest.mark.parametrize("kind", KIND_SAMPLES)
def test_a_derivation_fits_a_terminal(kind: str) -> None:
    """Every line of every kind: equations go on at an equals sign, or where a side is too long inside it."""
    text = render_folded(layer(*KIND_SAMPLES[kind]))
    assert [line for line in text.splitlines() if len(line) > WIDTH] == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_explained(kind: str) -> None:
    """Each kind has a sentence and a derivation whose equations hold."""
    text = render(layer(*KIND_SAMPLES[kind]))
    assert text.splitlines()[0].startswith(f"{kind}1: {kind}")
    assert text.split("\n\n")[0].endswith(".")
    for line in text.splitlines():
        check(line)


@pytest.mark.parametrize(
    ("item", "input_shape"),
    [
        pytest.param("permute: 3x1x2", "(8, 6, 3)", id="axes in another order"),
        pytest.param("multiply: [[conv: 1 1x1], identity]", "(8, 6, 1)", id="a mask for all channels"),
    ],
)
def test_a_changed_shape_is_not_called_that_of_the_input(item: str, input_shape: str) -> None:
    """What comes out has another shape than what goes in."""
    text = render(layer(item, "8x6x3"))
    assert f"  {input_shape}" in text.splitlines()[1]
    assert "as the input" not in text


def test_a_computed_dimension_is_derived() -> None:
    """The dimension that a reshape leaves open comes from the others."""
    assert "8·6·3/3" in render(layer("reshape: -1x3", "8x6x3")).replace("(", "").replace(")", "")


@pytest.mark.parametrize(
    ("item", "symbol", "values"),
    [
        pytest.param("crop: 1x2", "p", {"1", "2"}, id="margins of two axes"),
        pytest.param("conv: 2 3x5", "f", {"3", "5"}, id="windows of two axes"),
        pytest.param("upconv: 2 3x3/2 same", "f", {"3"}, id="the window, not the part that feeds a pixel"),
    ],
)
def test_the_legend_gives_no_symbol_a_wrong_value(item: str, symbol: str, values: set[str]) -> None:
    """A symbol that stands for several numbers is explained by all of them or by none."""
    text = " ".join(render(layer(item)).split())
    assert set(re.findall(rf"\b{symbol} = (\d+) \(", text)) in (set(), values)


@pytest.mark.parametrize("item", ["conv: 2 3x5", "crop: 1x2", "conv: 2 3x5/2x1 nobias"])
def test_derivations_stay_in_their_columns(item: str) -> None:
    """The names of quantities and what is said of them form two columns."""
    lines = render(layer(item)).split("\n\n")[1].splitlines()
    starts = [re.fullmatch(r"(  \S.*?\s{2,})\S.*", line) for line in lines]
    assert len({match[1] and len(match[1]) if match else 0 for match in starts}) == 1
