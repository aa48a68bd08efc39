"""What is known to go wrong with weights from elsewhere before a framework is imported."""

from __future__ import annotations

from cnnspec.errors import CnnspecError, Diagnostic
from cnnspec.ir.graph import Graph
from cnnspec.training.settings import Settings
from cnnspec.training.transfer.sources import sources
from cnnspec.training.transfer.unfreezing import unfrozen


def check_transfer(graph: Graph, settings: Settings) -> list[Diagnostic]:
    """Return a diagnostic for everything that `init` and `unfreeze` name and that is not there."""
    faults: list[Diagnostic] = []
    for look, names in ((sources, settings.init), (unfrozen, settings.unfreeze)):
        try:
            look(graph, names)
        except CnnspecError as error:
            faults += error.diagnostics
    return faults
