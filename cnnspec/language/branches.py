"""What has branches: joins, `residual` and `gate`, and kinds that may read a second input."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from cnnspec.errors import listing, shorten, suggest
from cnnspec.ir.layer import Layer
from cnnspec.ir.words import Found
from cnnspec.language import items as it
from cnnspec.language.arguments_reader import ArgumentsReader
from cnnspec.language.faults import Faults, place_of
from cnnspec.layers.joins import Add, Identity, Multiply
from cnnspec.text import tree as yaml
from cnnspec.text.tree import Scalar, Sequence, Tree

BRANCHES: Final = "branches"
"""The key of the branches where arguments stand beside them."""


class BranchParser:
    """Reads items with branches; `parse` reads one item and `parse_list` several."""

    def __init__(
        self,
        faults: Faults,
        arguments: ArgumentsReader,
        parse: Callable[[Tree], it.Item],
        parse_list: Callable[[Tree], list[it.Item]],
    ) -> None:
        """Keep where faults go, and what reads the parts."""
        self.faults = faults
        self.arguments = arguments
        self.parse = parse
        self.parse_list = parse_list

    def join(self, kind: Found, head: Scalar, value: Tree | None, modifiers: it.Modifiers) -> it.Item:
        """Return a join: its branches are its value, stand under `branches`, or are named by `from`."""
        place, cls = (head.start, head.end), kind.cls
        found, given = self._split(value, modifiers)
        if found is None:
            branches = [it.Branch((name.start, name.end), [], name) for name in modifiers.source]
            modifiers = modifiers._replace(source=())
        else:
            branches = [self._branch(branch) for branch in found]
        if len(branches) < 2:
            self._refuse(cls, place, len(branches), value)
            return it.Broken(place, modifiers)
        arguments = self.arguments.of_kind(kind, given) if cls.fields or given is not None else None
        if arguments is not None and arguments.faulty:
            return it.Broken(place, modifiers)
        return it.Merge(place, modifiers, cls, branches, arguments=arguments)

    def _split(self, value: Tree | None, modifiers: it.Modifiers) -> tuple[list[Tree] | None, Tree | None]:
        """Return the branches, None where `from` names them, and the arguments."""
        if isinstance(value, Sequence):
            return value.items, None
        if isinstance(value, yaml.Mapping) and (branches := value.get(BRANCHES)) is not None:
            others = [entry for entry in value.entries if entry[0].text != BRANCHES]
            rest = yaml.Mapping(value.start, value.end, value.flow, others) if others else None
            return (branches.items if isinstance(branches, Sequence) else [branches]), rest
        if modifiers.source:
            return None, value
        return ([] if value is None else [value]), None

    def _refuse(self, cls: type[Layer], place: it.Place, count: int, value: Tree | None) -> None:
        found = {0: "here is none", 1: "here is one"}[count]
        message = f"`{cls.kind}` joins two or more branches, {found}"
        step = f"write `{cls.kind}: [[...], identity]`, or `from: [name, name]` beside it"
        if isinstance(value, Scalar) and re.fullmatch(r"[A-Za-z_]\w{0,40}", value.text):
            step = f"write `{cls.kind}: [identity, {value.text}]`, where `identity` is what comes from above"
        self.faults.add("E206", message, place, "a branch is a list of items, `identity`, or a name", step=step)

    def _branch(self, tree: Tree) -> it.Branch:
        place = place_of(tree)
        if isinstance(tree, Scalar):
            return it.Branch(place, [], None if tree.text == Identity.kind else tree)
        if isinstance(tree, yaml.Mapping):
            return it.Branch(place, [self.parse(tree)])
        return it.Branch(place, self.parse_list(tree))

    def residual(self, head: Scalar, value: Tree | None, modifiers: it.Modifiers) -> it.Item:
        """Return the sum of a body and a shortcut, which is the input itself unless given."""
        place = (head.start, head.end)
        shortcut: Tree | None = None
        body = value
        if isinstance(value, yaml.Mapping):
            body, shortcut = value.get("body"), value.get("shortcut")
            self._only(value, ("body", "shortcut"), "`residual`")
        if body is None:
            self.faults.add("E107", "`residual` needs a body", place, step="write `residual: [items]`")
            return it.Broken(place, modifiers)
        first = self._branch(body)
        if not first.items and not first.reference:
            self.faults.add("E107", "the body of `residual` has no items", place, step="write `residual: [items]`")
            return it.Broken(place, modifiers)
        if isinstance(shortcut, Scalar) and shortcut.text == "if-same-shape":
            other = it.Branch(place_of(shortcut), [])
            return it.Merge(place, modifiers, Add, [first, other], if_same_shape=True)
        second = self._branch(shortcut) if shortcut is not None else it.Branch(place, [])
        return it.Merge(place, modifiers, Add, [first, second])

    def gate(self, head: Scalar, value: Tree | None, modifiers: it.Modifiers) -> it.Item:
        """Return the product of the input and a body."""
        place = (head.start, head.end)
        if value is None:
            self.faults.add("E107", "`gate` needs a body", place, step="write `gate: [items]`")
            return it.Broken(place, modifiers)
        body = self._branch(value)
        if not body.items and not body.reference:
            self.faults.add("E107", "the body of `gate` has no items", place, step="write `gate: [items]`")
            return it.Broken(place, modifiers)
        return it.Merge(place, modifiers, Multiply, [it.Branch(place, []), body])

    def _only(self, tree: yaml.Mapping, keys: tuple[str, ...], what: str) -> None:
        for key, _ in tree.entries:
            if key.text not in keys:
                note = f"{what} has the keys {listing(keys)}"
                step = suggest(key.text, keys)
                self.faults.add("E108", f"unknown key `{shorten(key.text)}` in {what}", place_of(key), note, step=step)
