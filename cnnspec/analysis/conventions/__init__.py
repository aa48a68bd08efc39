"""How tools count operations: one file per convention, a small table of rules by what layers do in a network.

Every rule was held against the tool itself (tests/analysis/test_conventions.py); what it does with layers that were
not, is said to be unknown.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import Final

from cnnspec.analysis.conventions._rules import Convention, Use, free
from cnnspec.errors import UsageError, listing, shorten, suggest
from cnnspec.formula import Term, nothing
from cnnspec.ir.layer import Layer
from cnnspec.ir.role import Role
from cnnspec.ir.shapes import Shape, tensor
from cnnspec.registry import modules_in

COURSE: Final = "course"
"""The convention of this program: multiply-accumulates, of one sample."""


def names() -> list[str]:
    """Return the names of all conventions, in the order of the alphabet but for the first, which is our own."""
    found = [name.replace("_", "-") for name in modules_in("analysis", "conventions")]
    return [COURSE, *(name for name in found if name != COURSE)]


def convention(name: str) -> Convention:
    """Return a convention; raise UsageError for an unknown one.

    >>> convention("thop").unit
    'MACs'
    """
    if name not in names():
        step, note = suggest(str(name), names()), f"conventions are {listing(names())}"
        raise UsageError.one("E703", f"unknown convention `{shorten(name)}`", notes=(note,), help=step)
    found: Convention = import_module(f"{__name__}.{name.replace('-', '_')}").CONVENTION
    return found


@lru_cache(maxsize=65536)
def operations(name: str, layer: Layer, shapes: tuple[Shape, ...], samples: int = 1) -> Term | str:
    """Return what a tool counts for a layer, or why that is not known.

    >>> from cnnspec.layers.pooling import AvgPool
    >>> operations("thop", AvgPool(pool=(2, 2)), ((28, 28, 6),)).value
    1176
    """
    tool = convention(name)
    x = tensor(shapes[0], others=shapes[1:])
    y = tensor(tuple([dim.value for dim in layer.shape(x)]), mark="′")
    use = Use(name, layer, x, y, samples if tool.per_batch else 1)
    own = layer.counted_as(name, x, y)
    if own is not None:
        return own if isinstance(own, str) else use.of_all(own)
    found = tool.rules.get(layer.role, _nothing)(use)
    if layer.role not in (Role.CONVOLUTION, Role.DENSE) or not layer.applied or isinstance(found, str):
        return found
    behind = tool.rules.get(Role.ACTIVATION, free)(use)
    if isinstance(behind, str):
        return behind
    return found + behind if found.value and behind.value else behind if behind.value else found


def _nothing(use: Use) -> Term | str:
    """Nothing."""
    if use.layer.macs(use.x, use.y).value:
        return f"what {use.tool} counts for `{use.layer.kind}` is not modelled"
    return nothing(f"{use.tool} counts nothing")
