"""The form of a spec as JSON Schema: editors complete kinds and arguments by it and mark what cannot be right.

It is looser than the language, which alone knows expressions, blocks and what a layer's input allows: no right spec
breaks it.
"""

from __future__ import annotations

import re
from typing import Any, Final

import cnnspec.layers  # noqa: F401 - registers the kinds
from cnnspec.explaining.vocabulary import STRUCTURES, sentence
from cnnspec.ir.arguments import Arg
from cnnspec.ir.layer import ALIASES, KERAS_NAMES, KINDS, Layer
from cnnspec.language.expectations import OUTPUT, WORDS
from cnnspec.language.items import SIBLINGS
from cnnspec.language.keys import KEYS
from cnnspec.language.parser import LOOP
from cnnspec.language.train.settings import Settings

Schema = dict[str, Any]
ADDRESS: Final = "https://json-schema.org/draft/2020-12/schema"
ANYTHING: Final[Schema] = {}
_LOOSE: Final = (
    r"\$\{[^}]*\}\S*",  # an expression, and what a window has behind it
    r"\$?\w[\w.]*=(?:\"[^\"]*\"|\([^)]*\)|\S+)",  # an argument by its name
    r"\$\w+\S*",
    r"[-+.\d/x$\[(]\S*(?: ?[\d,\])]+)*",  # numbers, windows and lists of them
)


def schema() -> Schema:
    """Return the schema of a spec."""
    file_keys = {
        "layers": {"$ref": "#/$defs/items"},
        "blocks": {"type": "object", "additionalProperties": {"$ref": "#/$defs/block"}},
        "defaults": {"type": "object", "properties": {kind: _item(cls) for kind, cls in sorted(KINDS.items())}},
        "train": _train(),
        "expect": _expectations(),
        "allow": {"type": "array", "items": {"type": "string", "pattern": "^W\\d+$"}},
        "cnnspec": {"type": "integer", "minimum": 1},
    }
    return {
        "$schema": ADDRESS,
        "title": "A convolutional network for cnnspec",
        "type": "object",
        "properties": {key: file_keys.get(key, ANYTHING) for key in KEYS},
        "required": ["input"],
        "additionalProperties": False,
        "$defs": {
            "items": {"type": "array", "items": {"$ref": "#/$defs/item"}},
            "item": {"anyOf": [{"type": "string", "description": "a kind or a block"}, {"$ref": "#/$defs/mapping"}]},
            "mapping": {"type": "object", "properties": _heads() | _siblings(), "minProperties": 1},
            "block": {
                "anyOf": [
                    {"$ref": "#/$defs/items"},
                    {"type": "object", "properties": {"params": ANYTHING, "layers": {"$ref": "#/$defs/items"}}},
                ]
            },
        },
    }


def _expectations() -> Schema:
    """Return what may be expected of the whole network."""
    words: Schema = {word: {"description": f"a condition such as `{each.example}`"} for word, each in WORDS.items()}
    words[OUTPUT] = {"description": "the shape of the output, or of each by its name"}
    return {"type": ["object", "null"], "properties": words, "additionalProperties": False}


def _heads() -> Schema:
    """Return what an item may be: our kinds, their other names, Keras' classes, and structures."""
    own = {kind: _item(cls) for kind, cls in sorted(KINDS.items())}
    others = {alias: _item(KINDS[kind]) for alias, kind in ALIASES.items()}
    classes = {name: {"description": sentence(KINDS[kind])} for name, (kind, _) in KERAS_NAMES.items()}
    structures = {word: {"description": text} for word, text in STRUCTURES.items()}
    return own | others | classes | structures


def _siblings() -> Schema:
    words = {"repeat": ["integer", "string"], "trainable": ["boolean", "string"], "note": ["string", "number"]}
    typed: Schema = {word: {"type": words[word]} if word in words else ANYTHING for word in (*SIBLINGS, *LOOP)}
    return typed | {"do": {"$ref": "#/$defs/items"}}


def _item(cls: type[Layer]) -> Schema:
    """Return what may stand behind a kind: tokens, a mapping of arguments, branches, or nothing."""
    forms: list[Schema] = [
        {"type": ["number", "boolean", "null", "array"]},
        {"type": "string", "pattern": _tokens(cls)},
        {"type": "object", "properties": _arguments(cls)},
    ]
    return {"description": sentence(cls), "anyOf": forms}


def _arguments(cls: type[Layer]) -> Schema:
    """Return the arguments of a kind under all their names, each with what it is and accepts."""
    named = {name.rstrip("_"): _argument(field) for name, field in cls.fields.items()}
    others = {word: _argument(field) for field in cls.fields.values() for word in field.also}
    keras = {word: _argument(cls.fields[name]) for word, name in cls.keras.argument_names().items()}
    return keras | others | named


def _argument(field: Arg) -> Schema:
    return {"description": f"{field.doc}: {field.type.accepts}"}


def _tokens(cls: type[Layer]) -> str:
    """Return the pattern of a kind's short form: words that it knows, numbers, windows, named values, expressions."""
    words = {word for name, field in cls.fields.items() for word in (name, *field.type.words(name), *field.also)}
    words |= {*cls.keras.argument_names()}
    token = "|".join([*_LOOSE, *map(re.escape, sorted(words, key=lambda word: (-len(word), word)))])
    return rf"^\s*(?:(?:{token})(?:\s+|$))*$"


def _train() -> Schema:
    settings = {name: declared for name, declared in Settings.declared.items() if declared.in_spec}
    properties = {name: {"description": declared.doc} for name, declared in settings.items()}
    return {"type": "object", "properties": properties, "additionalProperties": False}
