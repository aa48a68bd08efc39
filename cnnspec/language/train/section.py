"""The `train` section: settings that a spec proposes for training its network."""

from __future__ import annotations

from typing import Any, Final

from cnnspec.errors import listing, shorten, suggest
from cnnspec.ir.arguments import ArgType
from cnnspec.ir.values import FAULTY, Raw
from cnnspec.language.faults import Faults, place_of
from cnnspec.language.train.settings import Settings
from cnnspec.text.tree import Mapping, Scalar, Sequence, Tree, describe

TYPES: Final = {name: setting.type for name, setting in Settings.declared.items() if setting.in_spec}


def read_section(tree: Tree, faults: Faults) -> dict[str, Any]:
    """Return the checked settings of a `train` section."""
    if not isinstance(tree, Mapping):
        faults.add("E112", f"`train` must be a mapping, not {describe(tree)}", place_of(tree))
        return {}
    values: dict[str, Any] = {}
    for key, value in tree.entries:
        if key.text not in TYPES:
            note = f"`train` has {listing(TYPES)}"
            step = suggest(key.text, TYPES)
            faults.add("E108", f"unknown key `{shorten(key.text)}` in `train`", place_of(key), note, step=step)
            continue
        read = _read(key.text, TYPES[key.text], value, faults)
        if read is not FAULTY:
            values[key.text] = read
    return values


def _read(name: str, accepts: ArgType, tree: Tree, faults: Faults) -> Any:
    if isinstance(tree, Sequence):
        raw: Raw = [_text(item) for item in tree.items]
    elif isinstance(tree, Mapping):
        raw = {key.text: _text(value) for key, value in tree.entries}
    else:
        raw = tree.text
    try:
        return accepts.read(raw)
    except ValueError:
        shown = shorten(faults.source.text[tree.start : tree.end])
        faults.add("E105", f"`{name}` must be {accepts.accepts}, not `{shown}`", place_of(tree))
        return FAULTY


def _text(tree: Tree) -> str:
    return tree.text if isinstance(tree, Scalar) else ""
