"""The vocabulary of training: its settings, each declared once, and the words that they accept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cnnspec.language.faults import Faults
    from cnnspec.text.tree import Tree


def read_training(tree: Tree | None, faults: Faults) -> dict[str, Any]:
    """Return the checked settings of a `train` section; without one, nothing of the vocabulary is imported."""
    if tree is None:
        return {}
    from cnnspec.language.train.section import read_section  # noqa: PLC0415 - few specs pay for it

    return read_section(tree, faults)
