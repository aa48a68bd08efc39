"""Located tree to items: every fault that shows without computing anything is found here, in all blocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from cnnspec.errors import listing, shorten, suggest
from cnnspec.ir.per_step import WRAPPER
from cnnspec.ir.words import Found, find_kind, is_ambiguous
from cnnspec.language import items as it
from cnnspec.language.arguments_reader import ArgumentsReader
from cnnspec.language.branches import BranchParser
from cnnspec.language.faults import Faults, place_of
from cnnspec.language.foreign_arguments import BESIDE, given_arguments
from cnnspec.language.inputs import NO_HINTS, Hints
from cnnspec.language.items import SIBLINGS
from cnnspec.language.names import NAME, NAME_RULE
from cnnspec.language.nesting import BESIDE as BESIDE_NETWORK
from cnnspec.language.nesting import parse_network
from cnnspec.language.sharing import parse_share
from cnnspec.language.tables import read_names, read_rows, read_values
from cnnspec.layers.joins import Identity
from cnnspec.text import tree as yaml
from cnnspec.text.tree import Scalar, Sequence, Tree, describe

VALUES: Final = ("repeat", "when", "expect", "note", "trainable")
SHAPE_OR_BUDGET: Final = (
    "an item expects a shape, `expect: 8x8x16`; numbers of the network are expected at the top of the file"
)
LOOP: Final = ("for", "in", "do")

RESERVED: Final = frozenset({"residual", "gate", "seq", "each", "share", "network", Identity.kind, *SIBLINGS, *LOOP})
"""Words that mean something in a layer list, which no block may be named."""


class ItemParser:
    """Reads layer lists; `blocks` are the macros of the file, `names` its explicit names per block.

    `block` is the block that is read, an empty text outside of blocks.
    """

    def __init__(
        self,
        faults: Faults,
        defaults: Mapping[str, tuple[Found, Tree]],
        blocks: Mapping[str, it.Block],
        entering: Hints = NO_HINTS,
    ) -> None:
        """Keep where faults go and what the file defines; `entering` is what is known of the input."""
        self.faults = faults
        self.blocks = blocks
        self.arguments = ArgumentsReader(faults, defaults, entering)
        self.names: dict[str, set[str]] = {"": set()}
        self._kinds: dict[str, Found | None] = {}
        self.block = ""
        branches = BranchParser(faults, self.arguments, self.parse, self.parse_list)
        self._join = branches.join
        self._heads: dict[str, Callable[[Scalar, Tree | None, it.Modifiers], it.Item]] = {
            "residual": branches.residual,
            "gate": branches.gate,
            "seq": self._group,
            "each": self._each,
            WRAPPER: self._each,
            "share": partial(parse_share, self.faults),
            "network": partial(parse_network, self.faults, None),
        }

    def parse_list(self, tree: Tree, what: str = "`layers`") -> list[it.Item]:
        """Return the items of a layer list."""
        if isinstance(tree, yaml.Mapping) and tree.entries:
            return self._undashed(tree, what)
        if not isinstance(tree, Sequence):
            step = self._lines(tree) or "write every layer on its own line behind `- `"
            self.faults.add("E112", f"{what} must be a list, not {describe(tree)}", place_of(tree), step=step)
            return []
        return [self.parse(item) for item in tree.items]

    def _undashed(self, tree: yaml.Mapping, what: str) -> list[it.Item]:
        """Return the items of a list without dashes; that two of them have one key is no fault of its own."""
        key, value = tree.entries[0]
        first = self.faults.source.text[key.start : value.end].partition("\n")[0].strip()
        step = f"{what} is a list: put `- ` before every layer, as in `- {shorten(first, 60)}`"
        self.faults.forget("E102", (tree.start, tree.end))
        self.faults.add("E112", f"{what} must be a list, not a mapping", place_of(tree), step=step)
        return [self._item(head, inner, it.PLAIN) for head, inner in tree.entries]

    def _lines(self, tree: Tree) -> str:
        """Return lines of Python that stand where a list belongs as items."""
        lines = self.faults.source.text[tree.start : tree.end].split("\n") if isinstance(tree, Scalar) else []
        from cnnspec.language.pasted import MOST, is_python, readable_items  # noqa: PLC0415 - few specs are pasted

        items = [item.text for line in lines if is_python(line) for item in readable_items(line)]
        if not items and isinstance(tree, Scalar):
            from cnnspec.language.meant import chain  # noqa: PLC0415 - layers stand on lines of their own

            return f"write `layers: [{', '.join(found)}]`" if (found := chain(tree.text)) else ""
        return f"write {', then '.join(f'`- {item}`' for item in items[:MOST])}" if items else ""

    def parse(self, tree: Tree) -> it.Item:
        """Return one item."""
        if isinstance(tree, Scalar):
            return self._item(tree, None, it.PLAIN)
        if isinstance(tree, yaml.Mapping):
            if len(tree.entries) == 1:
                head, value = tree.entries[0]
                return self._item(head, value, it.PLAIN)
            return self._mapping(tree)
        step = "group items with `seq: [...]`"
        self.faults.add("E112", "an item of a layer list cannot be a list", place_of(tree), step=step)
        return it.Broken(place_of(tree), it.PLAIN)

    def _mapping(self, tree: yaml.Mapping) -> it.Item:
        loop = [key for key, _ in tree.entries if key.text in LOOP]
        nested = next((entry for entry in tree.entries if entry[0].text == "network"), None)
        others = (*SIBLINGS, *LOOP, *(BESIDE_NETWORK if nested else ()))
        heads = [(key, value) for key, value in tree.entries if key.text not in others]
        if loop:
            return self._loop(tree, [key for key, _ in heads])
        if len(heads) != 1:
            return self._headless(tree, [key for key, _ in heads])
        head, value = heads[0]
        if nested:
            return parse_network(self.faults, tree, head, value, self._modifiers(tree, head.text))
        return self._item(head, value, self._modifiers(tree, head.text))

    def _item(self, head: Scalar, value: Tree | None, modifiers: it.Modifiers) -> it.Item:
        if isinstance(value, Scalar) and value.plain and not value.text:
            value = None
        found = self._find(head.text, value)
        if found and (found.cls.joins or (found.cls.may_join and len(modifiers.source) > 1)):
            return self._join(found, head, value, modifiers)
        if found or head.text in self.blocks:
            return self._call(head, value, modifiers, found)
        if head.text in self._heads:
            return self._heads[head.text](head, value, modifiers)
        from cnnspec.language.foreign_words import as_key, report_unknown_kind  # noqa: PLC0415 - a right spec has none

        if isinstance(value, Scalar) and (meant := as_key(self.faults, head, value)):
            return self._item(meant, None, modifiers)
        known = report_unknown_kind(self.faults, head, value, self.blocks, self._heads.keys() - {WRAPPER})
        if known:
            return self._item(*known, modifiers)
        return it.Broken((head.start, head.end), modifiers)

    def _find(self, word: str, value: Tree | None) -> Found | None:
        """Return the kind that a word names, with these arguments where it may name several."""
        if word not in self._kinds:
            if is_ambiguous(word):
                return find_kind(word, given_arguments(self.arguments.raw(value)) if value else {})
            self._kinds[word] = find_kind(word)
        return self._kinds[word]

    def _call(self, head: Scalar, value: Tree | None, modifiers: it.Modifiers, found: Found | None) -> it.Item:
        place = (head.start, head.end)
        if found:
            if isinstance(value, yaml.Mapping) and any(key.text in BESIDE for key, _ in value.entries):
                value, modifiers = self._lifted(found, value, modifiers)
            arguments = self.arguments.of_kind(found, value)
        else:
            arguments = self.arguments.of_block(self.blocks[head.text], value)
        if arguments.faulty:
            return it.Broken(place, modifiers)
        if found:
            return it.Call(place, modifiers, found.cls, arguments, found.rank)
        return it.BlockCall(place, modifiers, head.text, arguments)

    def _lifted(self, found: Found, value: yaml.Mapping, modifiers: it.Modifiers) -> tuple[Tree | None, it.Modifiers]:
        """Take what stands beside a kind here out of its arguments, where Keras has it."""
        kept = []
        for key, inner in value.entries:
            if key.text not in BESIDE or key.text in found.cls.fields:
                kept.append((key, inner))
            elif getattr(modifiers, key.text) is not None:
                self.faults.add("E106", f"`{key.text}` is given twice", place_of(key), label="second value")
            else:
                read: dict[str, Any] = {
                    key.text: self._name(inner) if key.text == BESIDE[0] else self._scalar(inner, f"`{key.text}`")
                }
                modifiers = modifiers._replace(**read)
        return (yaml.Mapping(value.start, value.end, value.flow, kept) if kept else None), modifiers

    def _headless(self, tree: yaml.Mapping, heads: list[Scalar]) -> it.Item:
        from cnnspec.language.beside import moved  # noqa: PLC0415 - a right spec has nothing beside its kinds

        if heads and (meant := moved(self.faults, tree, heads)):
            return self._mapping(meant)
        unknown = [head for head in heads if not self._known(head.text)]
        if len(heads) - len(unknown) == 1:
            for head in unknown:
                note = f"beside its kind, an item may have {listing(SIBLINGS)}"
                step = _other_input(head, tree.get(head.text)) or suggest(head.text, SIBLINGS)
                if not step:
                    kind = next(h.text for h in heads if h not in unknown)
                    step = f"arguments belong behind the kind, as in `{kind}: ... {shorten(head.text)}=...`"
                place = (head.start, head.end)
                self.faults.add("E108", f"unknown key `{shorten(head.text)}` beside a kind", place, note, step=step)
            known = yaml.Mapping(
                tree.start, tree.end, tree.flow, [entry for entry in tree.entries if entry[0] not in unknown]
            )
            return self._mapping(known)
        words = " and ".join(f"`{shorten(head.text)}`" for head in heads)
        message = f"an item names one kind, this one names {words}" if heads else "an item needs a kind"
        step = "put every kind on its own line behind `- `" if heads else ""
        if any(head.text == "share" for head in heads):
            step = "`share` stands alone: the layer that it names says which kind it is"
        self.faults.add("E112", message, place_of(heads[1] if heads else tree), step=step)
        return it.Broken(place_of(tree), it.PLAIN)

    def _known(self, word: str) -> bool:
        return bool(find_kind(word)) or word in self.blocks or word in self._heads

    def _group(self, head: Scalar, value: Tree | None, modifiers: it.Modifiers) -> it.Item:
        place = (head.start, head.end)
        if value is None:
            self.faults.add("E107", "`seq` needs items", place, step="write `seq: [items]`")
            return it.Broken(place, modifiers)
        return it.Group(place, modifiers, self.parse_list(value, "`seq`"))

    def _each(self, head: Scalar, value: Tree | None, modifiers: it.Modifiers) -> it.Item:
        """Return what is applied at every step: a list of items, or one item alone."""
        place = (head.start, head.end)
        if value is None:
            step = "write `each: [items]`, with what is done at every step"
            self.faults.add("E107", f"`{head.text}` needs items", place, step=step)
            return it.Broken(place, modifiers)
        return it.Each(place, modifiers, self.parse_list(value) if isinstance(value, Sequence) else [self.parse(value)])

    def _loop(self, tree: yaml.Mapping, extra: list[Scalar]) -> it.Item:
        place = place_of(tree)
        names, rows, body = (tree.get(key) for key in LOOP)
        for head in extra:
            note = f"a stage table has the keys {listing(LOOP)}"
            self.faults.add("E108", f"unknown key `{shorten(head.text)}` in a stage table", place_of(head), note)
        if names is None or rows is None or body is None:
            missing = [key for key in LOOP if tree.get(key) is None]
            step = "write `for: [names]`, `in: [rows]`, `do: [items]`"
            self.faults.add("E107", f"a stage table lacks `{missing[0]}`", place, step=step)
            return it.Broken(place, it.PLAIN)
        modifiers = self._modifiers(tree, "for")
        items = self.parse_list(body, "`do`")
        words = [name.text for name in read_names(names, "a stage table", self.faults)]
        return it.Loop(place, modifiers, words, read_rows(rows, words, self.faults), items)

    def _modifiers(self, tree: yaml.Mapping, head: str) -> it.Modifiers:
        found: dict[str, Tree] = {key.text: value for key, value in tree.entries if key.text in SIBLINGS}
        if not found:
            return it.PLAIN
        values: dict[str, Any] = {key: self._scalar(found[key], f"`{key}`") for key in VALUES if key in found}
        if "name" in found:
            values["name"] = self._name(found["name"])
        if "from" in found:
            values["source"] = tuple(read_values(found["from"], "`from`", self.faults))
        for key in ("first", "last"):
            if key in found:
                values[key] = self._overrides(found[key], head, key)
        return it.Modifiers(**values)

    def _overrides(self, tree: Tree, head: str, key: str) -> it.Arguments | None:
        kind = self._find(head, tree)
        if kind and not kind.cls.joins:
            return self.arguments.of_kind(kind, tree, defaults=False)
        if head in self.blocks:
            return self.arguments.of_block(self.blocks[head], tree)
        message = f"`{key}` overrides arguments, and `{shorten(head)}` has none"
        self.faults.add("E108", message, place_of(tree))
        return None

    def _name(self, tree: Tree) -> Scalar | None:
        name = self._scalar(tree, "`name`")
        if name is None:
            return None
        if name.text == Identity.kind or ("$" not in name.text and not NAME.fullmatch(name.text)):
            self.faults.add("E207", f"`{shorten(name.text)}` is not a name", place_of(name), NAME_RULE)
            return None
        self.names.setdefault(self.block, set()).add(name.text)
        return name

    def _scalar(self, tree: Tree, what: str) -> Scalar | None:
        if isinstance(tree, Scalar):
            return tree
        if what == "`expect`" and isinstance(tree, Sequence):
            values = read_values(tree, what, self.faults)
            return Scalar("x".join(value.text for value in values), tree.start, tree.end)
        step = SHAPE_OR_BUDGET if what == "`expect`" and isinstance(tree, yaml.Mapping) else ""
        self.faults.add("E112", f"{what} must be a value, not {describe(tree)}", place_of(tree), step=step)
        return None


def _other_input(head: Scalar, value: Tree | None) -> str:
    """Return the step for a word that takes a second input, or another one, beside a kind."""
    if not isinstance(value, Scalar) or not NAME.fullmatch(value.text):
        return ""
    if head.text in ("skip", "skip_from", "shortcut", "residual_from", "add_from"):
        return f"a layer has one input; to add another one, write `- add: [identity, {value.text}]` as the next item"
    return f"did you mean `from: {value.text}`?" if head.text in ("input", "inputs", "source", "bottom") else ""
