"""Convolutional networks from one short spec: shapes, parameters, MACs and receptive fields, each with its formula.

>>> import cnnspec
>>> cnnspec.summarize(cnnspec.load("lenet5-rgb")).totals.params
62958
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cnnspec import keras, training
    from cnnspec.analysis.totals import Totals
    from cnnspec.bundled import bundled_names
    from cnnspec.drawing.drawing import Drawing
    from cnnspec.errors import CnnspecError, Diagnostic, NoLayerError, SpecError
    from cnnspec.homework.assignment.record import Assignment
    from cnnspec.homework.checked import Check, check, load_assignment
    from cnnspec.ir.graph import Graph, Node
    from cnnspec.library import Row, Table, draw, explain, import_model, summarize, to_spec, validate
    from cnnspec.networks import load, loads
    from cnnspec.pages.page import Page, report

__version__ = "0.1.0"

__all__ = [
    "Assignment",
    "Check",
    "CnnspecError",
    "Diagnostic",
    "Drawing",
    "Graph",
    "NoLayerError",
    "Node",
    "Page",
    "Row",
    "SpecError",
    "Table",
    "Totals",
    "__version__",
    "bundled_names",
    "check",
    "draw",
    "explain",
    "import_model",
    "keras",
    "load",
    "load_assignment",
    "loads",
    "report",
    "summarize",
    "to_spec",
    "training",
    "validate",
]

_PARTS: Final = ("keras", "training")
_HOMES: Final = {
    "analysis.totals": ("Totals",),
    "bundled": ("bundled_names",),
    "drawing.drawing": ("Drawing",),
    "errors": ("CnnspecError", "Diagnostic", "NoLayerError", "SpecError"),
    "homework.assignment.record": ("Assignment",),
    "homework.checked": ("Check", "check", "load_assignment"),
    "ir.graph": ("Graph", "Node"),
    "library": ("Row", "Table", "draw", "explain", "import_model", "summarize", "to_spec", "validate"),
    "networks": ("load", "loads"),
    "pages.page": ("Page", "report"),
}
_HOME_OF: Final = {name: home for home, names in _HOMES.items() for name in names}


if not TYPE_CHECKING:  # to a type checker, a name that is not there is a mistake

    def __getattr__(name: str) -> object:
        """Import a public name when it is first used: the command line needs only some of them."""
        if name in _PARTS:
            return import_module(f"cnnspec.{name}")
        if name in _HOME_OF:
            return getattr(import_module(f"cnnspec.{_HOME_OF[name]}"), name)
        raise AttributeError(f"module 'cnnspec' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
