"""Convolutional networks from one short spec: shapes, parameters, MACs and receptive fields, each with its formula.

>>> import cnnspec
>>> cnnspec.summarize(cnnspec.load("lenet5-rgb")).totals.params
62958
"""

from cnnspec.analysis.measure import Row, Summary, Totals
from cnnspec.analysis.measure import measure as summarize
from cnnspec.errors import CnnspecError, Diagnostic, SpecError
from cnnspec.ir.graph import Graph, Node
from cnnspec.networks import bundled_names, load, loads

__version__ = "0.1.0"

__all__ = [
    "CnnspecError",
    "Diagnostic",
    "Graph",
    "Node",
    "Row",
    "SpecError",
    "Summary",
    "Totals",
    "__version__",
    "bundled_names",
    "load",
    "loads",
    "summarize",
]
