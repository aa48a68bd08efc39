"""The vocabulary and the bundled networks as JSON: contracts for scripts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from cnnspec.analysis.measure import Summary
from cnnspec.analysis.quantities import MACS, PARAMS
from cnnspec.bundled import Bundled
from cnnspec.explaining.vocabulary import (
    STRUCTURES,
    aliases,
    default_of,
    formulas,
    keras_classes,
    sentence,
    torch_classes,
)
from cnnspec.formula import EXACT
from cnnspec.formula import render as write
from cnnspec.ir.layer import Layer, LayerError
from cnnspec.json_lines import VERSION, by_item


def kinds_document(kinds: Iterable[type[Layer]], structures: Iterable[str] = ()) -> str:
    """Return kinds with their arguments, formulas and classes, one line each, and words for several layers."""
    words = [{"word": word, "sentence": STRUCTURES[word]} for word in structures]
    return by_item({"cnnspec": VERSION}, "kinds", map(_kind, kinds), {"structures": words})


def _kind(cls: type[Layer]) -> dict[str, Any]:
    return {
        "kind": cls.kind,
        "aliases": aliases(cls.kind),
        "role": cls.role.value,
        "sentence": sentence(cls),
        "arguments": list(_arguments(cls)),
        "formulas": [
            {"quantity": word, "symbolic": write(term, EXACT) if term else None, "reason": reason or None}
            for word, term, reason in formulas(cls)
        ],
        "keras": _keras(cls),
        "torch": [name for rule in cls.torch.rules for name in torch_classes(rule)] if cls.torch else [],
    }


def _keras(cls: type[Layer]) -> list[str]:
    try:
        return keras_classes(cls)
    except LayerError:
        return []


def _arguments(cls: type[Layer]) -> Iterator[dict[str, Any]]:
    for name, field in cls.fields.items():
        yield {
            "name": name.rstrip("_"),
            "meaning": field.doc,
            "required": field.required,
            "default": None if field.required else default_of(field),
            "symbol": field.symbol or None,
            "aliases": [word for word in field.also if word != name],
            "accepts": field.type.accepts,
        }


def networks_document(entries: Iterable[tuple[Bundled, str, Summary]]) -> str:
    """Return bundled networks with their totals, one line each; a name is that of a family or of a variant."""
    return by_item({"cnnspec": VERSION}, "networks", (_network(*entry) for entry in entries))


def _network(entry: Bundled, name: str, summary: Summary) -> dict[str, Any]:
    return {
        "name": name,
        "family": entry.name,
        "group": entry.group,
        "inputs": [{"name": given.name, "shape": list(given.shape)} for given in summary.inputs],
        "layers": summary.totals.layers,
        PARAMS.key: summary.totals.params,
        MACS.key: summary.totals.macs,
        "variants": entry.variants() if name == entry.name else [],
    }
