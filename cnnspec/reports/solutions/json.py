"""Solutions as JSON: a line each, with the values in the order of the unknowns."""

from __future__ import annotations

from typing import Final

from cnnspec.json_lines import VERSION, by_item
from cnnspec.reports._format import TableFormat
from cnnspec.solving.search import Search, filled

FORMAT: Final = TableFormat(suffix=".json", whole=True)


def render(found: Search, most: int) -> str:
    """Return the unknowns with their places, and all solutions that are asked for."""
    source = found.statement.source
    unknowns = [
        dict(zip(("line", "column"), source.position(each.offset), strict=True)) | {"what": each.label}
        for each in found.statement.unknowns
    ]
    head = {
        "cnnspec": VERSION,
        "source": source.name,
        "unknowns": unknowns,
        "found": len(found.solutions),
        "tried": found.tried,
        "complete": found.complete,
    }
    solutions = (
        {"values": list(each.values), "spec": filled(found.statement, each.values)} for each in found.solutions[:most]
    )
    return by_item(head, "solutions", solutions)
