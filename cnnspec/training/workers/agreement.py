"""What all workers must have alike before the first step, and what is said where they do not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final
from zlib import crc32

from cnnspec.analysis.measure import measure
from cnnspec.errors import SHOWN, CnnspecError, Diagnostic, shorten
from cnnspec.ir.graph import Graph
from cnnspec.language.train.declaration import Setting
from cnnspec.training.settings import BESIDE

Facts = Mapping[str, Any]
PACKAGES: Final = ("tensorflow", "keras", "numpy")
SUMS: Final = {
    "nodes": "its layers are others, though as many",
    "crc32": "its images or labels are others, though as many",
}
"""What is compared by a checksum, which says nothing to a reader."""
BESIDE_DATA: Final = ("files", "name")
"""What may differ where the data are the same."""


def facts_of(graph: Graph, asked: Mapping[str, Any], workers: int) -> Facts:
    """Return what decides about a training but the data: versions, the network, and the settings that are asked for."""
    from cnnspec import __version__

    totals = measure(graph).totals
    plain = [node._replace(place=(0, 0), note="") for node in graph]
    return {
        "workers": workers,
        "cnnspec": __version__,
        **{name: _version(name) for name in PACKAGES},
        "network": f"{graph.name} with {totals.layers} layers and {totals.params:,} parameters",
        "nodes": crc32(repr((graph.inputs, graph.outputs, plain)).encode("utf-8", "replace")),
        **{name: Setting.write_json(value) for name, value in asked.items() if name not in BESIDE},
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "of another package"


def differences(theirs: Facts, ours: Facts) -> list[str]:
    """Return what a worker has otherwise than the chief, in words."""
    names = [name for name in {**ours, **theirs} if name not in BESIDE_DATA and theirs.get(name) != ours.get(name)]
    spoken = [name for name in names if name not in SUMS]
    found = [f"`{name}` is {_shown(theirs, name)} there, and {_shown(ours, name)} for the chief" for name in spoken]
    return found or [SUMS[name] for name in names]


def _shown(facts: Facts, name: str) -> str:
    value = facts.get(name)
    if isinstance(value, list):
        value = "×".join(map(str, value)) if name == "shape" else ", ".join(map(str, value)) or "none"
    return shorten("not given" if value is None else value, 60)


def demand_alike(who: str, theirs: Any, ours: Facts) -> None:
    """Raise CnnspecError where a worker would train something else than the chief."""
    notes = tuple(differences(theirs if isinstance(theirs, dict) else {}, ours))
    if notes:
        step = "give all workers the same spec, options and data, and the same versions"
        raise CnnspecError.one("E533", f"{who} would train something else than the chief", notes=notes, help=step)


def packed(diagnostics: Iterable[Diagnostic]) -> list[dict[str, Any]]:
    """Return diagnostics as they are sent to other workers: without places, whose texts lie elsewhere."""
    return [
        {
            "code": fault.code,
            "message": fault.message,
            "notes": [*([str(fault.span.place)] if fault.span else []), *fault.notes],
            "help": fault.help,
        }
        for fault in diagnostics
    ]


def unpacked(sent: Any, note: str = "") -> list[Diagnostic]:
    """Return diagnostics that another worker has sent, of bounded length whatever it was."""
    found = []
    for fault in sent[:SHOWN] if isinstance(sent, list) else []:
        if isinstance(fault, dict) and isinstance(fault.get("notes"), list):
            notes = (shorten(text, 400) for text in (*fault["notes"][:SHOWN], *([note] if note else [])))
            code, message, step = (shorten(fault.get(name, ""), 400) for name in ("code", "message", "help"))
            found.append(Diagnostic(code, message, notes=tuple(notes), help=step))
    return found
