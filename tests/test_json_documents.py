"""The JSON documents: every one is as its schema says, and the page of documents says what the schemas say."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator

import cnnspec
from cnnspec.analysis.explanation import solution
from cnnspec.homework.feedback import Reveal
from cnnspec.homework.marking.checking import check
from cnnspec.homework.reports.json import render
from cnnspec.reports.explanation.json import render as render_explanation
from tests.bundled_cases import cases as bundled_cases

DOCS: Final = Path(__file__).parents[1] / "docs"
PAGE: Final = DOCS / "json.md"
SCHEMAS: Final = sorted((DOCS / "schemas").glob("*.json"))
Schema = dict[str, Any]
Conforms = Callable[[str, str], Any]


def schema_of(path: Path) -> Schema:
    """Return a schema."""
    schema: Schema = json.loads(path.read_text(encoding="utf-8"))
    return schema


def rows(schema: Schema, prefix: str = "") -> Iterator[tuple[str, Schema]]:
    """Yield every key below a schema with its own; entries of a list are below `[]`, those of any name below `*`."""
    for key, inner in schema.get("properties", {}).items():
        yield f"{prefix}{key}", inner
        yield from rows(inner, f"{prefix}{key}.")
    if schema.get("type") == "array" and isinstance(schema.get("items"), dict):
        yield from rows(schema["items"], f"{prefix.removesuffix('.')}[].")
    for name, inner in schema.get("$defs", {}).items():
        if name != "diagnostic":  # it has a page of its own
            yield from rows(inner, f"{name}.")


def words(schema: Schema) -> str:
    """Return the type of a value in words."""
    if "$ref" in schema:
        return f"a {schema['$ref'].rpartition('/')[2]}"
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return " or ".join(_word(kind, schema) for kind in kinds)


def _word(kind: str, schema: Schema) -> str:
    if kind == "array" and "prefixItems" in schema:
        return f"list of {' and '.join(words(item) for item in schema['prefixItems'])}"
    if kind == "array":
        return f"list of {words(schema['items'])}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict) and "properties" not in schema:
        return f"object of {words(schema['additionalProperties'])}"
    return {"string": "text", "boolean": "true or false"}.get(kind, kind)


def table(schema: Schema) -> str:
    """Return the table of a document's keys."""
    lines = ["| key | type | meaning |", "| --- | --- | --- |"]
    lines += [f"| `{key}` | {words(inner)} | {inner['description']} |" for key, inner in rows(schema)]
    return "\n".join(lines)


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.stem)
def test_a_schema_describes_every_key(path: Path) -> None:
    """It is a schema, its document has a version, and nothing in it is left unsaid."""
    schema = schema_of(path)
    Draft202012Validator.check_schema(schema)
    assert next(iter(schema["properties"])) == "cnnspec" == schema["required"][0]
    assert [key for key, inner in rows(schema) if not inner.get("description")] == []


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.stem)
def test_the_page_says_what_the_schema_says(path: Path, request: pytest.FixtureRequest) -> None:
    """The tables of the page are those of the schemas; `--update-golden` writes them anew."""
    text, schema = PAGE.read_text(encoding="utf-8"), schema_of(path)
    link = re.escape(f"Schema: [schemas/{path.name}](schemas/{path.name}).")
    place = re.compile(
        rf"(^## {re.escape(schema['title'])}\n\n(?:(?!^## )[\s\S])*{link}\n\n)((?:\|.*\n)+)", re.MULTILINE
    )
    found = place.search(text)
    assert found, f"{path.name} has no section"
    if request.config.getoption("--update-golden"):
        PAGE.write_text(text[: found.start(2)] + table(schema) + "\n" + text[found.end(2) :], encoding="utf-8")
    else:
        assert found[2] == table(schema) + "\n"


UNUSUAL: Final = {
    "blocks, notes, and a start that is unknown": (
        "input: 9x9x2\nblocks: {b: [conv: 2 3x3 same, relu]}\nlayers:\n  - b:\n    repeat: 2\n"
        "  - add: [[conv: 2 3x3], [crop: 1]]\n    note: two ways\n  - add: [[conv: 2 3x3], [crop: [[0, 2], [0, 2]]]]\n"
    ),
    "shared and frozen": "input: 4\nlayers: [dense: 4, {dense: 4, trainable: false}, share: dense1]",
    "explicit padding": (
        "input: 9x9x2\nlayers:\n  - conv: 4 3x3 pad=[[0,1],[1,2]]\n  - upsample: 2\n  - normalize\n  - rescale: 1/255\n"
    ),
    "a sequence": "input: 9x2\nlayers: [conv: 4 kernel=3, lstm: 3]",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", bundled_cases())
def test_summaries_of_bundled_networks(name: str, conforms: Conforms) -> None:
    """All of them."""
    document = conforms("summary", cnnspec.summarize(cnnspec.load(name)).to_json())
    assert len(document["layers"]) == document["totals"]["layers"]


@pytest.mark.parametrize("case", UNUSUAL)
def test_summaries_with_keys_that_are_rare(case: str, conforms: Conforms) -> None:
    """What only some layers have."""
    conforms("summary", cnnspec.summarize(cnnspec.loads(UNUSUAL[case]), batch=8, dtype="bfloat16").to_json())


@pytest.mark.parametrize("name", ["crnn", "resnet18"])
def test_summaries_with_another_convention(name: str, conforms: Conforms) -> None:
    """What is counted so, and what is not known."""
    conforms("summary", cnnspec.summarize(cnnspec.load(name), convention="fvcore", params="torch").to_json())


@pytest.mark.parametrize("text", ["input: 8x8x3\nlayers: [conv: 4 3x3 bn relu, gap, dense: 2]", UNUSUAL["a sequence"]])
def test_summaries_with_memory(text: str, conforms: Conforms) -> None:
    """Of a training, and where an opaque layer has unknown parameters."""
    graph = cnnspec.loads(text)
    conforms("summary", cnnspec.summarize(graph, optimizer="adam", in_place=True, batch=2).to_json())
    opaque = cnnspec.loads("input: 8\nlayers: [opaque: {shape: 4}, dense: 2]")
    assert conforms("summary", cnnspec.summarize(opaque, memory=True).to_json())["totals"]["weight_bytes"] is None


@pytest.mark.parametrize("name", ["lenet5-rgb", "crnn", "siamese", "vit-b16"])
def test_derivations(name: str, conforms: Conforms) -> None:
    """Of a whole network with its memory; the values are those of the summary."""
    summary = cnnspec.summarize(cnnspec.load(name), optimizer="adam")
    document = conforms("explanation", render_explanation(solution(summary)))
    assert [layer["name"] for layer in document["layers"]] == [row.name for row in summary]
    for layer, row in zip(document["layers"], summary, strict=True):
        assert [step["value"] for step in layer["steps"] if step["quantity"] == "parameters"] == [row.params]
    alone = conforms("explanation", render_explanation(solution(summary, document["layers"][0]["name"])))
    assert alone["layers"] == document["layers"][:1]
    assert "memory" not in alone


TABLE: Final = b'Layer,Activation shape,Size,Parameters\nCONV1,"(28,28,8)",6272,208\nPOOL1,"(14,14,9)",x,0\nTotal,,,9\n'


@pytest.mark.parametrize("reveal", Reveal)
@pytest.mark.parametrize("content", [TABLE, b"hello", b""], ids=["marked", "no table", "nothing"])
def test_marked_tables(content: bytes, reveal: Reveal, conforms: Conforms) -> None:
    """However much is revealed, and where nothing can be graded."""
    result = check(cnnspec.load("lenet5-rgb"), content, "table.csv")
    document = conforms("check", render(result, reveal))
    assert bool(document["errors"]) is not document["gradable"]
