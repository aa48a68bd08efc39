"""Names of layers: which may be given, which are taken, and which tensor each of them means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice
from typing import Final

from cnnspec.errors import listing, shorten, suggest
from cnnspec.ir.layer import KINDS
from cnnspec.language.faults import Faults
from cnnspec.language.items import Place

NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
NAME_RULE: Final = "a name begins with a letter or `_` and holds letters, digits, `_` and `-`, at most 64 of them"
VARIABLES: Final = frozenset({"in", "branch", "block", "index", "total", "true", "false"})
"""Words that mean something in every expression."""
UNKNOWN: Final = -1
"""The tensor behind a layer that has a fault: what follows is not checked against it."""

COUNTED: Final = (-1, -1)
"""The place of a name that no text gives."""


class Names:
    """The names of one network; `reserved` are the explicit names of the file ("") and of each of its blocks.

    Names inside a copy of a block begin with the copy's name and a dot, the `prefix`.
    """

    def __init__(self, faults: Faults, reserved: Mapping[str, set[str]]) -> None:
        """Start without any name; no layer gets a reserved one by itself."""
        self.faults = faults
        self._explicit = frozenset().union(*reserved.values())
        self.tensors: dict[str, int] = {}
        self.left_out: set[str] = set()
        self._reserved = reserved
        self._taken: dict[str, Place] = {}
        self._counts: dict[str, int] = {}

    def automatic(self, base: str, prefix: str) -> str:
        """Return the base with the next number that is free behind this prefix.

        A base that ends with a digit may meet another one: the first `relu6` and the 61st `relu` are both `relu61`.
        Only such names are looked up among all, which are too many to look through for every layer.
        """
        key, ambiguous = prefix + base, base[-1].isdigit()
        names = self.tensors if ambiguous else self._taken
        number = self._counts.get(key, 0) + 1
        while f"{base}{number}" in self._explicit or f"{key}{number}" in names:
            number += 1
        self._counts[key] = number
        if ambiguous:
            self._taken[f"{key}{number}"] = COUNTED
        return f"{key}{number}"

    def is_free(self, name: str, prefix: str) -> bool:
        """Tell whether nothing has a name behind this prefix, and the file gives it to nothing."""
        return name not in self._explicit and f"{prefix}{name}" not in self.tensors

    def take(self, name: str, place: Place) -> None:
        """Reserve a name, which only one layer may have."""
        first = self._taken.get(name)
        counted = first == COUNTED or (first is None and name in self.tensors)
        self._taken[name] = place
        if counted:
            message = f"the name `{shorten(name)}` is used twice"
            self.faults.add("E202", message, place, "another layer has got it by counting layers of its kind")
        elif first == place:
            step = "number it with a variable, as in `name: level${index}`, or leave the name out"
            self.faults.add("E202", f"the name `{shorten(name)}` is used in every copy", place, step=step)
        elif first is not None:
            related = ((first, "first given here"),)
            self.faults.add("E202", f"the name `{shorten(name)}` is used twice", place, related=related)

    def resolved(self, name: str, prefix: str) -> str:
        """Return a name as it is known, looked for behind this prefix and then outwards; itself where it is not."""
        outer = prefix
        while outer + name not in self.tensors:
            if not outer:
                return name
            outer = outer[: outer[:-1].rfind(".") + 1]
        return outer + name

    def find(self, name: str, prefix: str, blocks: list[str], place: Place) -> int:
        """Return the tensor that a name means, looked for behind this prefix and then outwards."""
        outer = prefix
        while (found := self.tensors.get(outer + name)) is None:
            if not outer:
                return self._missing(name, prefix, blocks, place)
            outer = outer[: outer[:-1].rfind(".") + 1]
        return found

    def _missing(self, name: str, prefix: str, blocks: list[str], place: Place) -> int:
        if prefix + name in self.left_out:
            self.faults.add("E201", f"the layer `{shorten(name)}` is left out", place, "its `when` or `repeat` says so")
            return UNKNOWN
        if any(name in self._reserved.get(block, ()) for block in ("", *blocks)):
            note = "a layer reads only layers above it, so that the network has no cycle"
            self.faults.add("E203", f"`{shorten(name)}` comes later", place, note)
            return UNKNOWN
        names = [known.removeprefix(prefix) for known in islice(reversed(self.tensors), 500)]
        step = suggest(name, names)
        if name in KINDS and not step:
            step = f"a branch of one layer is written `[{name}]`"
        note = f"layers above: {listing(reversed(names[:12]))}"
        self.faults.add("E201", f"no layer is named `{shorten(name)}`", place, note, step=step)
        return UNKNOWN
