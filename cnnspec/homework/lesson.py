"""What a slip is, taught with an example: the wrong formula beside the right one."""

from __future__ import annotations

from typing import Final

from cnnspec.errors import CnnspecError, Diagnostic, shorten, suggest
from cnnspec.formula import SLIDE, render
from cnnspec.homework.marking import show_answer
from cnnspec.homework.recipes import Case, Outcome, recipe
from cnnspec.homework.slips import all_slips
from cnnspec.homework.slips.slip import Slip, outcome_of
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
    ("bn", "28x28x8"),
    ("flatten", "5x5x16"),
    ("relu", "28x28x8"),
)
"""Layers on which slips give numbers of their own (n = 31, C = 3, f = 5, K = 7, s = 2, p = 1 keeps most apart)."""


def teach(name: str) -> str:
    """Return a page about a slip; raise CnnspecError for an unknown one."""
    slips = all_slips()
    if name not in slips:
        message = f"there is no slip `{shorten(name)}`"
        raise CnnspecError([Diagnostic(code="E704", message=message, help=suggest(name, slips))])
    slip = slips[name]
    lines = [f"{slip.id}: {slip.mistake}", "", f"  {slip.hint}", ""]
    lines += _example(slip)
    return "\n".join([*lines, "", f"  Seen in: {slip.source}"]) + "\n"


def _example(slip: Slip) -> list[str]:
    for item, shape, case in example_cases():
        if case.layer.kind not in slip.kinds and "*" not in slip.kinds:
            continue
        right = recipe(slip.column, case)
        changes = slip.changes(case) if slip.changes else None
        wrong = outcome_of(slip.whole(case)) if slip.whole else right.outcome(changes) if right and changes else None
        correct = right.outcome({}) if right else None
        if wrong is None or correct is None or wrong.answer == correct.answer:
            continue
        return [
            f"  `{item}` on {shape}",
            f"    wrong  {_line(wrong)}",
            f"    right  {_line(correct)}",
        ]
    return []


def _line(outcome: Outcome) -> str:
    numbers = render(outcome.term, SLIDE, numbers=True)
    return f"{render(outcome.term)} = {numbers}: {show_answer(outcome.answer)}"


def example_cases() -> list[tuple[str, str, Case]]:
    """Return the examples as cases, each behind what a slip may look back at."""
    graphs = ((item, shape, loads(f"input: {shape}\nlayers:\n  - {item}\n")) for item, shape in EXAMPLES)
    return [(item, shape, _case(graph, shape)) for item, shape, graph in graphs]


def _case(graph: Graph, shape: str) -> Case:
    node = graph.nodes[0]
    case = Case(node.layer, node.input_shapes, node.shape, (32, 32, 3))
    if shape == "400":
        return case._replace(flattened=(5, 5, 16), averaged=(5, 5, 400), before_pool=(10, 10, 16))
    return case
