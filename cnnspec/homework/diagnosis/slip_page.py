"""What a slip is, taught with an example: the wrong formula beside the right one."""

from __future__ import annotations

from typing import Final

from cnnspec.errors import CnnspecError, shorten, suggest
from cnnspec.formula import SLIDE, Term, render, rounded_from
from cnnspec.homework.diagnosis.case import Case, Outcome
from cnnspec.homework.diagnosis.diagnosis import ARITHMETIC
from cnnspec.homework.diagnosis.formulas import right_outcome
from cnnspec.homework.diagnosis.slip import Slip
from cnnspec.homework.diagnosis.slips import all_slips
from cnnspec.homework.marking.marks import show_answer, show_number
from cnnspec.ir.graph import Graph
from cnnspec.networks import loads

EXAMPLES: Final = (
    ("conv: 7 5x5/2 pad=1", "31x31x3"),
    ("conv: 16 5x5", "14x14x8"),
    ("conv: 8 5x5 same", "32x32x3"),
    ("conv: 8 5x5/2 same", "32x32x3"),
    ("conv: 8 5x5/2", "32x32x3"),
    ("conv: 8 3x3 dilation=2", "32x32x3"),
    ("conv: 256 5x5 groups=2 same", "27x27x96"),
    ("maxpool: 2", "28x28x8"),
    ("dense: 120", "400"),
    ("dwconv: 3x3", "14x14x32"),
    ("sepconv: 100 5x5", "28x28x10"),
    ("upconv: 32 3x3/2", "7x7x64"),
    ("upconv: 32 3x3/2 same", "7x7x64"),
    ("bn", "28x28x8"),
    ("flatten", "5x5x16"),
    ("relu", "28x28x8"),
    ("lstm: 32", "20x16"),
    ("gru: 32", "20x16"),
    ("convlstm: 8 3x3", "10x28x28x3"),
    ("lstm: 32 bidirectional=true", "20x16"),
    ("embedding: 16 vocabulary=1000", "20"),
    ("attention: 2", "20x16"),
    ("gn: 4", "28x28x8"),
    ("prelu:", "28x28x8"),
)
"""Layers on which slips give numbers of their own (n = 31, C = 3, f = 5, K = 7, s = 2, p = 1 keeps most apart)."""

_ARITHMETIC: Final = """\
arithmetic: the formula was right, the digits went wrong

  Recheck the product: a digit too many or too few, another digit, or two digits swapped.
  It is a slip of the pen, not of understanding.

  `conv: 8 5x5` on 32x32x3
    wrong  (F·F·C + 1)·K = (5·5·3 + 1)·8 = 680
    right  (F·F·C + 1)·K = (5·5·3 + 1)·8 = 608

  Seen in: every course
"""


def has_lesson(name: str) -> bool:
    """Tell whether there is a page about a name."""
    return name == ARITHMETIC or name in all_slips()


def teach(name: str) -> str:
    """Return a page about a slip; raise CnnspecError for an unknown one."""
    slips = all_slips()
    if name == ARITHMETIC:
        return _ARITHMETIC
    if name not in slips:
        message = f"there is no slip `{shorten(name)}`"
        raise CnnspecError.one("E704", message, help=suggest(name, slips))
    slip = slips[name]
    lines = [f"{slip.id}: {slip.mistake}", "", f"  {slip.hint}", ""]
    lines += _example(slip)
    return "\n".join([*lines, "", f"  Seen in: {slip.source}"]) + "\n"


def _example(slip: Slip) -> list[str]:
    for item, shape, case in example_cases():
        wrong, correct = slip.outcome(case), right_outcome(slip.column, case)
        if wrong is None or correct is None or wrong.answer == correct.answer:
            continue
        return [f"  `{item}` on {shape}", *_lines(wrong, correct)]
    return []


def _lines(wrong: Outcome, right: Outcome) -> list[str]:
    """Return both formulas; of a shape those of the first axis in which they differ."""
    terms = wrong.term, right.term
    if isinstance(wrong.answer, tuple) and isinstance(right.answer, tuple) and len(wrong.answer) == len(right.answer):
        pairs = zip(wrong.answer, right.answer, strict=True)
        axis = next(index for index, (left, other) in enumerate(pairs) if left != other)
        terms = wrong.formula[axis], right.formula[axis]
    return [f"    wrong  {_line(wrong, terms[0])}", f"    right  {_line(right, terms[1])}"]


def _line(outcome: Outcome, term: Term) -> str:
    """Return the formula, the numbers put in, and the answer: `(F·F·C + 1)·K = (5·5·3 + 1)·8 = 608`."""
    numbers = render(term, SLIDE, numbers=True)
    before = "" if "⌈" in numbers else rounded_from(term)
    steps = [render(term), numbers, before or show_number(term.value)]
    if isinstance(outcome.answer, tuple) or before:
        steps.append(show_answer(outcome.answer))
    formula, *rest = dict.fromkeys(steps)
    if not isinstance(outcome.answer, tuple):
        return " = ".join((formula, *rest))
    return f"{' = '.join((formula, *rest[:-1]))} → {rest[-1]}" if rest else formula


def example_cases() -> list[tuple[str, str, Case]]:
    """Return the examples as cases, each behind what a slip may look back at."""
    graphs = ((item, shape, loads(f"input: {shape}\nlayers:\n  - {item}\n")) for item, shape in EXAMPLES)
    return [(item, shape, _case(graph, shape)) for item, shape, graph in graphs]


def _case(graph: Graph, shape: str) -> Case:
    node = graph.nodes[0]
    above = loads("input: 32x32x3\nlayers:\n  - conv: 8 5x5\n").nodes[0]
    case = Case(
        node.layer, node.input_shapes, node.shape, (32, 32, 3), above=(above.layer, above.input_shapes), batch=32
    )
    if shape == "400":
        return case._replace(flattened=(5, 5, 16), averaged=(5, 5, 400), before_pool=(10, 10, 16))
    return case
