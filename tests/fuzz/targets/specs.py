"""Specs and what is made of them, expressions, and specs with open numbers."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable
from functools import cache
from pathlib import Path
from typing import Any, Final

import cnnspec
from cnnspec.analysis.advice import advice
from cnnspec.analysis.budgets import check
from cnnspec.analysis.explanation import explain
from cnnspec.analysis.measure import Summary, measure
from cnnspec.editor.schema import schema
from cnnspec.errors import CnnspecError
from cnnspec.language.expressions import ExpressionError, evaluate, substitute
from cnnspec.language.formatting import formatted
from cnnspec.networks import load
from tests.fuzz.mutation import texts
from tests.fuzz.neighbours import rows
from tests.fuzz.target import ROOT, Target, promise

CASES: Final = ROOT / "tests" / "cases"
FEW: Final = 400
"""Layers up to which everything is made of a network: what takes longer is no matter of the reader."""
LONGEST: Final = 3500
KEYS: Final = """
    cnnspec name input layers blocks params variants expect train cite allow defaults repeat for in do when share from
    trainable network seq required true false same valid causal identity until without top residual add concat each
    if-same-shape norm init l2 shape dtype layout channels_first macs rf ?
"""


@cache
def specs() -> tuple[bytes, ...]:
    """Return small specs: bundled ones, those of the tests, right and wrong."""
    files = [*(ROOT / "specs").glob("*.yaml"), *CASES.glob("*/*.yaml")]
    found = [path.read_bytes() for path in sorted(files)]
    for name in ("friction.txt", "mistakes.txt"):
        cases = re.split(
            r"^=== .*\n", (ROOT / "tests" / "cases" / name).read_text(encoding="utf-8"), flags=re.MULTILINE
        )
        found += [case.encode() for case in cases]
    blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "language.md").read_text(encoding="utf-8"), re.DOTALL)
    found += [block.encode() for block in blocks]
    found += [f"input: {shape}\nlayers:\n  - {item}\n".encode() for shape, item in rows()[::3]]
    return tuple(content for content in found if 0 < len(content) < LONGEST)


@cache
def words() -> tuple[str, ...]:
    """Return the words that mean something in a spec: keys, kinds, arguments and values, by the schema."""
    return texts.words_of(KEYS, json.dumps(schema()))


def read_spec(content: bytes, folder: Path) -> Hashable:
    """Load a spec from a file, and let everything that is small be made of it."""
    path = folder / "net.yaml"
    path.write_bytes(content)
    graph = load(path)
    if len(graph) > FEW:
        return "large"
    summary = measure(graph)
    check(summary)
    advice(summary)
    for row in summary:
        explain(row)
    _layouts(content, graph)
    return frozenset(node.kind for node in graph)


def _layouts(content: bytes, graph: cnnspec.Graph) -> None:
    """Demand that a spec in every layout is the same network, and that the layout stays as it is."""
    text = content.decode("utf-8-sig")
    for style in (None, "long", "short"):
        once = formatted("net.yaml", text, style)
        promise(_numbers(cnnspec.loads(once)) == _numbers(graph), f"another network in the layout {style}")
        promise(formatted("net.yaml", once, style) == once, f"the layout {style} is not kept")


def _numbers(graph: cnnspec.Graph) -> list[Any]:
    return [(node.name, node.kind, node.shape, node.inputs, node.layer) for node in graph]


def use_spec(content: bytes, folder: Path) -> Hashable:
    """Load a spec, and let every command make of it what it can without a framework."""
    path = folder / "net.yaml"
    path.write_bytes(content)
    graph = load(path)
    if len(graph) > FEW // 4:
        return "large"
    summary = measure(graph)
    return tuple(_made(name, make, summary) for name, make in MADE.items())


def _made(name: str, make: Any, summary: Summary) -> str:
    try:
        found = make(summary)
    except CnnspecError as error:
        return f"{name} {error.diagnostics[0].code}"
    promise(isinstance(found, str), f"{name} makes no text")
    found.encode()
    return name


def _drawn(summary: Summary) -> str:
    from cnnspec.drawing.drawing import draw
    from cnnspec.library import summarize

    return draw(summarize(summary.graph)).svg


def _page(summary: Summary) -> str:
    from cnnspec.pages.document import render

    return render(summary)


def _in_json(summary: Summary) -> str:
    from cnnspec.reports.json import render

    text = render(summary)
    json.loads(text)
    return text


def _in_keras(summary: Summary) -> str:
    from cnnspec.keras.listing import render

    text = render(summary.graph)
    compile(text, "net.py", "exec")
    return text


def _in_torch(summary: Summary) -> str:
    from cnnspec.torch.listing import render

    text = render(summary.graph)
    compile(text, "net.py", "exec")
    return text


def _practised(summary: Summary) -> str:
    from cnnspec.homework.practice.variation import draw
    from cnnspec.homework.practice.worksheet import practice

    return repr(len(practice(measure(draw(summary.graph, ("filters", "kernel"), 1))).exercises))


MADE: Final = {
    "drawing": _drawn,
    "page": _page,
    "json": _in_json,
    "keras": _in_keras,
    "torch": _in_torch,
    "practice": _practised,
}


def read_expression(content: bytes, _: Path) -> Hashable:
    """Evaluate an expression with a few names, alone and inside a text."""
    text = content.decode("utf-8", "surrogateescape")
    scope: dict[str, Any] = {"f": 16, "wide": True, "k": 0.5, "word": "same", "in.c": 3, "in.h": 32, "i": 0}
    substitute(f"${{{text}}}" if "}" not in text else text, scope)
    found = evaluate(text, scope)
    promise(isinstance(found, int | float | str | bool), "an expression gives something else")
    return type(found).__name__, text[:1]


EXPRESSIONS: Final = (
    *(
        "4*f",
        "f if wide else 8",
        "make_divisible(f*k, 8)",
        "2**i",
        "f//2 + 1",
        "-f % 3",
        "min(f, 3, 4)",
        "max(f, in.c)",
    ),
    *(
        "round(k*f)",
        "ceil(k)",
        "floor(f/3)",
        "sqrt(f)",
        "f == 16 and not wide",
        "1 < f <= 16",
        "word == 'same'",
        "in.h/2",
    ),
    *("int(k)", "abs(-f)", "f * (k + 1) - 2e3", "'a' + word", "(f)", "1 if f > 2 or wide else 0", "7.5 // 2", "f**-1"),
)


def read_open(content: bytes, folder: Path) -> Hashable:
    """Search what fits into open numbers, with few tries."""
    from cnnspec.networks import open_source
    from cnnspec.solving.search import search
    from cnnspec.solving.unknowns import find_unknowns

    path = folder / "net.yaml"
    path.write_bytes(content)
    statement = find_unknowns(open_source(path))

    def loaded(text: str, *_: Any, **__: Any) -> cnnspec.Graph:
        return cnnspec.loads(text, "net.yaml")

    found = search(statement, loaded, 20)
    return min(len(found.solutions), 9)


@cache
def open_specs() -> tuple[bytes, ...]:
    """Return specs with numbers left open."""
    text = (ROOT / "docs" / "solving.md").read_text(encoding="utf-8")
    found = [block.encode() for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)]
    return (
        *found,
        b"input: 32x32x3\nlayers:\n  - conv: ? 5x5/? pad=?\n  - flatten\n  - dense: 10\nexpect:\n  params: <= 10k\n",
    )


TARGETS = [
    Target("spec", specs, texts.mutator(words), read_spec),
    Target("spec-uses", specs, texts.mutator(words), use_spec),
    Target(
        "expression",
        lambda: [text.encode() for text in EXPRESSIONS],
        texts.mutator(lambda: texts.words_of(*EXPRESSIONS, "in.w __import__ lambda __class__ for import")),
        read_expression,
        (ExpressionError,),
    ),
    Target("open-spec", open_specs, texts.mutator(words), read_open),
]
