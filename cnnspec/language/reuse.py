"""Items that stand for nodes made elsewhere: layers and blocks applied again, and other networks."""

from __future__ import annotations

from collections.abc import Mapping

from cnnspec.errors import SpecError, shorten
from cnnspec.ir.graph import Copy, Node
from cnnspec.ir.values import FAULTY
from cnnspec.language import items as it
from cnnspec.language import nesting
from cnnspec.language.expressions import to_text
from cnnspec.language.names import UNKNOWN
from cnnspec.language.scope import Context
from cnnspec.language.sharing import Stretch, apply_again, single
from cnnspec.language.surroundings import Surroundings


def share(here: Surroundings, stretches: Mapping[str, Stretch], item: it.Share, current: int, context: Context) -> int:
    """Append the nodes of an earlier layer, or of a copy of a block, once more."""
    if here.look_up(item.reference, context) == UNKNOWN:
        return here.broken(item, UNKNOWN, context)
    name = here.names.resolved(here.evaluator.text(item.reference, context) or "", context.prefix)
    stretch = stretches.get(name) or single(here.network, name)
    if stretch is None:
        place = (item.reference.start, item.reference.end)
        here.faults.add("E206", f"`{shorten(name)}` is no layer that could be shared", place)
        return here.broken(item, UNKNOWN, context)
    if stretch.copy is not None:
        return _share_copy(here, item, stretch, stretch.copy, current, context)
    given = item.modifiers.name is not None
    base = here.name(item, here.network.nodes[stretch.first].kind, context)

    def rename(node: Node) -> str:
        if node is here.network.nodes[stretch.first]:
            return base
        return f"{base}_{node.kind}" if given else here.names.automatic(node.kind, context.prefix)

    behind = apply_again(here.network, item, stretch, current, rename, context)
    here.names.tensors[base] = behind
    return behind


def _share_copy(here: Surroundings, item: it.Share, stretch: Stretch, old: Copy, current: int, context: Context) -> int:
    run = context.run or here.budget.steps
    new = Copy(old.block, here.name(item, old.block, context), run, item.place)
    inner = context._replace(scope=(*context.scope, new), prefix=f"{new.name}.")
    behind = apply_again(
        here.network, item, stretch, current, lambda node: new.name + node.name.removeprefix(old.name), inner
    )
    here.names.tensors[new.name] = behind
    return behind


def nest(here: Surroundings, build_other: nesting.Builder, item: it.Nested, current: int, context: Context) -> int:
    """Append the nodes of another network."""
    shape = here.network.shape(current)
    scope = here.variables(current, context)
    params = {name: here.evaluator.value(scalar, scope) for name, scalar in item.params.items()}
    if shape is None or any(value is FAULTY for value in params.values()):
        return here.broken(item, UNKNOWN, context)
    try:
        graph, declared = build_other(item.name.text, shape, {key: to_text(v) for key, v in params.items()})
    except SpecError as error:
        nesting.report(here.faults, item, error)
        return here.broken(item, UNKNOWN, context)
    nodes = nesting.kept(here.faults, item, graph)
    if nodes is None or not nesting.fits(here.faults, item, graph, declared, shape):
        return here.broken(item, UNKNOWN, context)
    name = _network_name(here, item, context)
    behind = nesting.splice(here.network, item, graph, current, name, context, nodes)
    here.names.tensors[name] = behind
    return behind


def _network_name(here: Surroundings, item: it.Nested, context: Context) -> str:
    """Return the name of a network as an item: the given one, or that of its file, numbered from the second on."""
    base = nesting.base_name(item.name.text)
    if item.modifiers.name is None and here.names.is_free(base, context.prefix):
        here.names.tensors[context.prefix + base] = UNKNOWN
        return context.prefix + base
    return here.name(item, f"{base}_", context)
