"""Items as the text of a spec: the tree of YAML that the layout writes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from cnnspec.importing.folding.items import Item, Table, Texts, fields_of
from cnnspec.ir.graph import Graph
from cnnspec.ir.layer import Layer
from cnnspec.ir.shapes import compact
from cnnspec.ir.values import written
from cnnspec.language.branches import BRANCHES
from cnnspec.language.tokens import join_window
from cnnspec.layers.joins import Add, Identity, Multiply
from cnnspec.text import layout
from cnnspec.text import tree as yaml
from cnnspec.text.tree import Scalar, Tree

GROUP: Final = "seq"
VARIABLE: Final = re.compile(r"\$\{([A-Za-z_]\w*(?:\.\w+)?)\}(?![\w.])")
"""An expression of one name, which needs no braces."""
NARROW: Final = 88
"""The most characters that stand between brackets on one line."""
LONG: Final = 10
"""How many characters of a number are more than a quotient is worth."""


def word(text: object) -> Scalar:
    """Return a scalar."""
    return Scalar(VARIABLE.sub(r"$\1", str(text)), 0, 0, plain=False)


def mapping(entries: Iterable[tuple[str, Tree]], *, flow: bool = False) -> yaml.Mapping:
    """Return a mapping."""
    return yaml.Mapping(0, 0, flow, [(word(key), value) for key, value in entries])


def listed(items: Iterable[Tree]) -> yaml.Sequence:
    """Return a list, in brackets where it is short."""
    found = yaml.Sequence(0, 0, True, list(items))
    text = layout.flow(found)
    found.flow = len(text) <= NARROW and not ("$" in text and '"' in text)
    return found


def spec_text(graph: Graph, norm: Layer, blocks: Sequence[tuple[str, Tree]], layers: Sequence[Tree]) -> str:
    """Return the text of a spec."""
    entries: list[tuple[str, Tree]] = [("name", word(graph.name)), ("input", _inputs(graph))]
    if usual := arguments(norm):
        entries.append(("defaults", mapping([(norm.kind, word(usual))])))
    if blocks:
        entries.append(("blocks", mapping(blocks)))
    entries.append(("layers", yaml.Sequence(0, 0, False, list(layers))))
    if len(graph.outputs) > 1 or graph.outputs != (graph.nodes[-1].name,):
        entries.append(("outputs", listed(map(word, graph.outputs))))
    return layout.write(mapping(entries), "")


def _inputs(graph: Graph) -> Tree:
    if len(graph.inputs) == 1 and graph.inputs[0].name == "input":
        return word(compact(graph.inputs[0].shape))
    return mapping((entry.name, word(compact(entry.shape))) for entry in graph.inputs)


def number(value: float) -> str:
    """Return a number; one that is a quotient of small integers is written as that, if it is long otherwise.

    >>> number(1 / 255), number(0.5)
    ('1/255', '0.5')
    """
    text = written(value)
    if len(text) <= LONG or not isinstance(value, float) or not 0 < value < 1:
        return text
    divisor = round(1 / value, 1)
    return f"1/{written(divisor)}" if divisor and 1 / divisor == value else text


def arguments(layer: Layer, said: Texts = (), norm: Layer | None = None) -> str:
    """Return the arguments of a layer that its kind does not take by itself, some of them as they are `said`.

    A batch norm says what differs from the usual one.
    """
    given = layer.arguments(brief=True)
    if norm is not None and type(layer) is type(norm):
        given = {name: value for name, value in fields_of(layer).items() if value != getattr(norm, name)}
    texts = {
        name: number(value) if isinstance(value, float) else layer.fields[name].type.write(value)
        for name, value in given.items()
    } | dict(said)
    return " ".join(join_window(type(layer), {name: texts[name] for name in layer.fields if name in texts}))


class Writer:
    """Writes items, where the usual batch norm need not be said."""

    def __init__(self, norm: Layer) -> None:
        """Take the usual batch norm."""
        self.norm = norm

    def items(self, items: Iterable[Item]) -> list[Tree]:
        """Return the trees of items in a row."""
        return [self.item(item) for item in items]

    def item(self, item: Item) -> Tree:
        """Return the tree of one item."""
        if item.table:
            return self.stages(item.table)
        if item.group:
            return mapping([(GROUP, listed(self.items(item.group))), *_beside(item)])
        head, value = self.join(item) if item.branches else self.call(item)
        beside = list(_beside(item))
        if value is None and not beside:
            return word(head)
        return mapping([(head, value or yaml.Scalar("", 0, 0)), *beside])

    def stages(self, table: Table) -> Tree:
        """Return the tree of a stage table."""
        one = len(table.names) == 1
        rows = [word(row[0]) if one else listed(map(word, row)) for row in table.rows]
        names = word(table.names[0]) if one else listed(map(word, table.names))
        items = yaml.Sequence(0, 0, False, self.items(table.items))
        return mapping([("for", names), ("in", listed(rows)), ("do", items)])

    def call(self, item: Item) -> tuple[str, Tree | None]:
        """Return the kind or the block, and the arguments."""
        if item.layer is None:
            return item.block, _pairs(item.said) if item.said else None
        text = arguments(item.layer, item.said, self.norm)
        if '"' in text:
            given = item.layer.arguments(brief=True).items()
            return item.layer.kind, _pairs(tuple((name.rstrip("_"), written(value)) for name, value in given))
        return item.layer.kind, word(text) if text else None

    def join(self, item: Item) -> tuple[str, Tree]:
        """Return the word and the branches of a join."""
        layer, branches = item.layer, item.branches
        if layer is None:
            raise TypeError
        if type(layer) is Add and len(branches) == 2 and not any(map(_begins_elsewhere, branches)):
            body = listed(self.items(branches[0]))
            if item.if_same_shape:
                return "residual", mapping([("body", body), ("shortcut", word("if-same-shape"))])
            if not branches[1]:
                return "residual", body
            return "residual", mapping([("body", body), ("shortcut", listed(self.items(branches[1])))])
        if type(layer) is Multiply and len(branches) == 2 and not branches[1] and not _begins_elsewhere(branches[0]):
            return "gate", listed(self.items(branches[0]))
        trees = listed(self.branch(branch) for branch in branches)
        if said := layer.arguments(brief=True):
            own = [(name.rstrip("_"), word(layer.fields[name].type.write(value))) for name, value in said.items()]
            return layer.kind, mapping([(BRANCHES, trees), *own])
        return layer.kind, trees

    def branch(self, items: tuple[Item, ...]) -> Tree:
        """Return a branch: a list of items, one item that is no word alone, or `identity`."""
        if not items:
            return word(Identity.kind)
        if items[0].layer is None and items[0].reads:
            return word(items[0].reads[0])
        trees = self.items(items)
        return trees[0] if len(trees) == 1 and isinstance(trees[0], yaml.Mapping) else listed(trees)


def _begins_elsewhere(branch: tuple[Item, ...]) -> bool:
    """Tell whether a branch says what it reads."""
    return bool(branch and branch[0].reads)


def _beside(item: Item) -> Iterable[tuple[str, Tree]]:
    """Yield what stands beside a kind."""
    if item.name:
        yield "name", word(item.name)
    if item.reads:
        yield "from", listed(map(word, item.reads)) if len(item.reads) > 1 else word(item.reads[0])
    if item.repeat:
        yield "repeat", word(item.repeat)
    for key, overrides in (("first", item.first), ("last", item.last)):
        if overrides:
            yield key, _pairs(overrides)
    if item.when:
        yield "when", word(item.when)
    if not item.trainable:
        yield "trainable", word("false")


def _pairs(texts: Texts) -> Tree:
    return mapping(((name, word(text)) for name, text in texts), flow=True)
