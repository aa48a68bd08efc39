"""The notes that a spec does not want to hear of: its key `allow`."""

from __future__ import annotations

from cnnspec.error_codes import sections
from cnnspec.errors import listing, shorten
from cnnspec.language.faults import Faults, place_of
from cnnspec.text.tree import Scalar, Sequence, Tree, describe


def read_allowed(tree: Tree | None, faults: Faults) -> frozenset[str]:
    """Return the codes of a list, or of one code alone."""
    if tree is None:
        return frozenset()
    found = set()
    known = [code for code in sections() if code.startswith("W")]
    for item in tree.items if isinstance(tree, Sequence) else [tree]:
        if not isinstance(item, Scalar):
            faults.add("E112", f"`allow` must hold codes, not {describe(item)}", place_of(item))
        elif item.text not in known:
            note = f"codes of notes are {listing(known)}"
            faults.add("E105", f"`allow` takes no `{shorten(item.text)}`", place_of(item), note)
        else:
            found.add(item.text)
    return frozenset(found)
