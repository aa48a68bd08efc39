"""What may stand at a place of the command line, for shells that complete it; nothing here ever says an error."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from cnnspec.errors import CnnspecError

COMPLETING: Final = "_CNNSPEC_COMPLETE"
"""Set by a shell that asks what may stand at a place."""
SUFFIXES: Final = (".yaml", ".yml")


def specs(incomplete: str) -> list[str]:
    """Return the bundled networks and the specs and folders that begin so."""
    from cnnspec.bundled import bundled_names

    return [*_beginning(bundled_names(), incomplete), *_files(incomplete)]


def specs_or_pages(incomplete: str) -> list[str]:
    """Return what `explain` explains: specs, codes and slips."""
    from cnnspec.error_codes import sections
    from cnnspec.homework.diagnosis.slips import all_slips

    return [*specs(incomplete), *_beginning(sections(), incomplete), *_beginning(all_slips(), incomplete)]


def layers(ctx: Any, incomplete: str) -> list[str]:
    """Return the layers of the spec that stands in front."""
    from cnnspec import networks

    try:
        graph = networks.load(ctx.params.get("spec") or "")
    except CnnspecError:
        return []
    return _beginning((node.name for node in graph.nodes), incomplete)


def kinds(incomplete: str) -> list[str]:
    """Return the kinds of layers."""
    import cnnspec.layers  # noqa: F401 - registers the kinds
    from cnnspec.ir.layer import KINDS

    return _beginning(sorted(KINDS), incomplete)


def _beginning(words: Iterable[str], incomplete: str) -> list[str]:
    return [word for word in words if word.startswith(incomplete)]


def _files(incomplete: str) -> Iterator[str]:
    """Yield specs and folders; what cannot be read has none."""
    folder, slash, start = incomplete.rpartition("/")
    try:
        found = sorted(Path(folder or ("/" if slash else ".")).iterdir())
    except (OSError, ValueError):
        return
    for path in found:
        if path.name.startswith(start) and not (path.name.startswith(".") and not start):
            if path.is_dir():
                yield f"{folder}{slash}{path.name}/"
            elif path.suffix in SUFFIXES:
                yield f"{folder}{slash}{path.name}"
