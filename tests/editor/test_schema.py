"""The JSON Schema of specs: every right spec keeps it, and what is plainly wrong breaks it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

import cnnspec
from cnnspec.cli.app import app_for
from cnnspec.editor.schema import schema
from cnnspec.ir.layer import KINDS

ROOT: Final = Path(__file__).parent.parent.parent
VALIDATOR: Final = Draft202012Validator(schema())
PAGES: Final = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
BLOCKS: Final = [
    (page.name, text)
    for page in PAGES
    for text in re.findall(r"^```yaml\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    if re.search(r"^input:", text, re.MULTILINE) and re.search(r"^layers:", text, re.MULTILINE)
]


def faults(text: str) -> list[str]:
    """Return where a spec breaks the schema, read as an editor reads YAML."""
    return [f"{list(error.path)}: {error.message[:200]}" for error in VALIDATOR.iter_errors(yaml.safe_load(text))]


def test_it_is_a_schema() -> None:
    """Of the draft that it names."""
    Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("path", sorted((ROOT / "specs").glob("*.yaml")), ids=lambda path: path.stem)
def test_bundled_networks_keep_it(path: Path) -> None:
    """All of them."""
    assert faults(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("block", range(len(BLOCKS)))
def test_examples_of_the_pages_keep_it(block: int) -> None:
    """Those that are right."""
    page, text = BLOCKS[block]
    try:
        cnnspec.loads(text)
    except cnnspec.SpecError:
        return
    assert faults(text) == [], page


@pytest.mark.parametrize(
    "text",
    [
        "input: 8x8x3\nlayer: [relu]\n",
        "layers: [relu]\n",
        "input: 8x8x3\nlayers: {conv: 3}\n",
        "input: 8x8x3\nlayers:\n  - conv: 8 3x3 smae\n",
        "input: 8x8x3\nlayers: [[relu]]\n",
        "input: 8x8x3\nlayers: [relu]\ntrain: {epohcs: 3}\n",
        "input: 8x8x3\nlayers: [relu]\nallow: [E101]\n",
        "input: 8x8x3\nlayers: [relu]\nexpect: {parms: 3}\n",
    ],
)
def test_what_is_wrong_breaks_it(text: str) -> None:
    """And the language refuses it too, so that nothing right is marked."""
    assert faults(text)
    with pytest.raises(cnnspec.SpecError):
        cnnspec.loads(text)


def test_every_kind_and_argument_is_in_it() -> None:
    """With what it is."""
    found: Any = schema()["$defs"]["mapping"]["properties"]
    for kind, cls in KINDS.items():
        arguments = found[kind]["anyOf"][2]["properties"]
        assert found[kind]["description"]
        assert {name.rstrip("_") for name in cls.fields} <= arguments.keys()
        assert all(each["description"] for each in arguments.values())


def test_the_command_writes_it() -> None:
    """As one JSON document."""
    result = CliRunner().invoke(app_for(["schema"]), ["schema"])
    assert (result.exit_code, json.loads(result.stdout)) == (0, schema())
