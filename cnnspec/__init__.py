"""Convolutional networks from one short spec: shapes, parameters, MACs and receptive fields, each with its formula.

>>> import cnnspec
>>> cnnspec.summarize(cnnspec.load("lenet5-rgb")).totals.params
62958
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnnspec.analysis.measure import Totals
    from cnnspec.errors import CnnspecError, Diagnostic, NoLayerError, SpecError
    from cnnspec.ir.graph import Graph, Node
    from cnnspec.library import Row, Table, explain, summarize
    from cnnspec.networks import bundled_names, load, loads

__version__ = "0.1.0"

__all__ = [
    "CnnspecError",
    "Diagnostic",
    "Graph",
    "NoLayerError",
    "Node",
    "Row",
    "SpecError",
    "Table",
    "Totals",
    "__version__",
    "bundled_names",
    "explain",
    "load",
    "loads",
    "summarize",
]

_HOMES = {
    "Row": ("library", "Row"),
    "Totals": ("analysis.measure", "Totals"),
    "Table": ("library", "Table"),
    "explain": ("library", "explain"),
    "summarize": ("library", "summarize"),
    "CnnspecError": ("errors", "CnnspecError"),
    "Diagnostic": ("errors", "Diagnostic"),
    "SpecError": ("errors", "SpecError"),
    "NoLayerError": ("errors", "NoLayerError"),
    "Graph": ("ir.graph", "Graph"),
    "Node": ("ir.graph", "Node"),
    "bundled_names": ("networks", "bundled_names"),
    "load": ("networks", "load"),
    "loads": ("networks", "loads"),
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first used: the command line needs only some of them."""
    if name not in _HOMES:
        raise AttributeError(f"module 'cnnspec' has no attribute {name!r}")
    module, attribute = _HOMES[name]
    return getattr(import_module(f"cnnspec.{module}"), attribute)


def __dir__() -> list[str]:
    return sorted(__all__)
