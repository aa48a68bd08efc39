"""A spec's text to the graph: the keys of the file, its inputs and outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cnnspec.errors import SpecError, listing, shorten, suggest
from cnnspec.garbage_collection import paused
from cnnspec.ir.graph import Expectation, Graph, Input, Overrides
from cnnspec.ir.layer import KINDS
from cnnspec.ir.shapes import Shape
from cnnspec.ir.words import Found, find_kind
from cnnspec.language import items as it
from cnnspec.language import nesting
from cnnspec.language.allowed import read_allowed
from cnnspec.language.connections import check_use
from cnnspec.language.expansion import Expansion
from cnnspec.language.expressions import ExpressionError, Value, fill
from cnnspec.language.faults import Faults, place_of
from cnnspec.language.inputs import hints, name_flat_input, read_inputs, read_shape
from cnnspec.language.keys import KEYS, key_meant, other_word
from cnnspec.language.names import NAME, NAME_RULE, UNKNOWN
from cnnspec.language.nesting import Opener, nothing_else
from cnnspec.language.outputs import read_outputs
from cnnspec.language.parameters import read_params, read_variants
from cnnspec.language.parser import RESERVED, ItemParser
from cnnspec.language.scope import Context
from cnnspec.language.train import read_training
from cnnspec.source import Source
from cnnspec.text.limits import STANDARD, Limits
from cnnspec.text.reader import read, read_faulty
from cnnspec.text.tree import Mapping as MappingTree
from cnnspec.text.tree import Scalar, Sequence, Tree, describe

LANGUAGE: Final = 1
TWICE: Final = "E102"
"""The fault of a text that leaves its tree as it is."""


def build(
    source: Source,
    *,
    inputs: Mapping[str, Shape] | None = None,
    params: Mapping[str, str] | None = None,
    limits: Limits = STANDARD,
    open_other: Opener = nothing_else,
) -> Graph:
    """Return the graph of a spec; raise SpecError with everything that is wrong.

    `inputs` replaces input shapes (under the name "" where there is one input), `params` file parameters. `open_other`
    opens the specs that this one names as items.
    """
    given = Overrides(dict(inputs or {}), dict(params or {}))
    with paused():
        try:
            return _built(source, limits, open_other, given)
        except SpecError as error:
            from cnnspec.language.mending import meant  # noqa: PLC0415 - a right spec does not pay for it

            raise meant(source, error, lambda text: _built(text, limits, open_other, given)) from None


def _built(source: Source, limits: Limits, open_other: Opener, given: Overrides) -> Graph:
    """Return the graph of a spec, all of whose faults are those of one text."""
    try:
        tree, faults = read_faulty(source, limits)
    except SpecError:
        _refuse_other_texts(source)
        raise
    if not isinstance(tree, MappingTree) or all(key.text not in KEYS for key, _ in tree.entries):
        _refuse_other_texts(source)
    if any(fault.code != TWICE for fault in faults):
        raise SpecError(faults)
    build = _Build(source, limits, open_other)
    for fault in faults:
        build.faults.add_foreign(fault)
    return build.build(tree, given)


def _refuse_other_texts(source: Source) -> None:
    from cnnspec.language.pasted_file import refuse_other_texts  # noqa: PLC0415 - what is a spec does not pay for it

    refuse_other_texts(source)


TABLES: Final = (".csv", ".tsv", ".md")
"""Ends of the names of files that are rather homework than specs."""


class _Build:
    """One build: the faults found so far and the keys of the file."""

    def __init__(self, source: Source, limits: Limits, open_other: Opener) -> None:
        self.open_other = open_other
        self.source = source
        self.limits = limits
        self.faults = Faults(source)
        self.keys: dict[str, Tree] = {}
        self.block_trees: dict[str, Tree] = {}
        self.variables: Mapping[str, Value] = {}

    def build(self, tree: Tree | None, given: Overrides) -> Graph:
        if not isinstance(tree, MappingTree):
            what = describe(tree) if tree is not None else "empty"
            step = "begin with `input: 28x28x1` and `layers:`"
            if self.source.name.lower().endswith(TABLES):
                step = f"`cnnspec check SPEC {shorten(self.source.name)}` marks a table of homework"
            place = place_of(tree) if tree is not None else None
            self.faults.add("E112", f"a spec is a mapping, this file is {what}", place, step=step)
            raise self.faults.error()
        self._read_keys(tree)
        blocks = self._block_names()
        parser = ItemParser(self.faults, self._defaults(), blocks, hints(self.keys.get("input")))
        for block, body in list(blocks.items()):
            parser.block = block
            body.items.extend(self._block_body(block, body, parser))
        parser.block = ""
        layers = self.keys.get("layers")
        items = parser.parse_list(layers) if layers is not None else []
        self.variables = self._params(given.params)
        values, other = self.variables, self._other
        expansion = Expansion(self.faults, parser.arguments, blocks, parser.names, values, self.limits, other)
        graph_inputs, current = self._inputs(expansion, given.inputs)
        if len(graph_inputs) > 1:
            self._check_first(items, graph_inputs)
        current = expansion.expand(items, current, Context(variables=self.variables))
        outputs = read_outputs(self.keys.get("outputs"), expansion, current)
        if not expansion.network.nodes and not self.faults and "outputs" not in self.keys:
            self.faults.add("E107", "the spec has no layers", place_of(self.keys["layers"]))
        name = self._name()
        train = read_training(self.keys.get("train"), self.faults)
        allow = read_allowed(self.keys.get("allow"), self.faults)
        expect = self._expectations(self.variables, outputs)
        if not self.faults:
            check_use(expansion.network, graph_inputs, outputs, place_of(self.keys.get("input", tree)))
        if self.faults:
            name_flat_input(self.faults, graph_inputs)
            raise self.faults.error()
        nodes = tuple(expansion.network.nodes)
        return Graph(name, graph_inputs, nodes, outputs, self.source, self.variables, train, given, allow, expect)

    def _other(self, name: str, shape: Shape, params: Mapping[str, str]) -> tuple[Graph, Shape | None]:
        """Return the network of another spec for an input shape, and the shape that it declares itself."""
        opened = self.open_other(name)
        build = _Build(opened.source, self.limits, opened.open_others)
        tree = read(opened.source, self.limits)
        nesting.demand_one_input(tree, name)
        graph = build.build(tree, Overrides({"": shape}, dict(params)))
        return graph, build.declared()

    def declared(self) -> Shape | None:
        """Return the shape of the only input as the spec declares it, None where it does not."""
        tree = self.keys.get("input")
        return None if tree is None else read_shape(tree, self.faults, self.variables)

    def _expectations(self, variables: Mapping[str, Value], outputs: tuple[str, ...]) -> tuple[Expectation, ...]:
        if "expect" not in self.keys:
            return ()
        from cnnspec.language.expectations import read_expectations  # noqa: PLC0415 - few specs have some

        return read_expectations(self.keys["expect"], self.faults, variables, outputs)

    def _read_keys(self, tree: MappingTree) -> None:
        if (homework := tree.get("assignment")) is not None and tree.get("layers") is None:
            step = "give the spec that it names, or call `check`, `grade`, `practice` or `validate`"
            self.faults.add("E112", "this is an assignment, not a spec", place_of(homework), step=step)
            raise self.faults.error()
        for key, value in tree.entries:
            if key.text in KEYS:
                self.keys[key.text] = value
            else:
                note = f"a spec has the keys {listing(KEYS)}"
                step = key_meant(key.text, self.source.text[value.start : value.end])
                self.faults.add("E108", f"unknown key `{shorten(key.text)}`", place_of(key), note, step=step)
                if other := other_word(key.text):
                    self.keys.setdefault(other, value)
        if "layers" not in self.keys:
            step = "add `layers:` with a list of items"
            self.faults.add("E107", "the spec has no `layers`", place_of(tree), step=step)
        version = self.keys.get("cnnspec")
        if version is not None and not (isinstance(version, Scalar) and version.text == str(LANGUAGE)):
            note = f"this program reads version {LANGUAGE} of the language"
            self.faults.add("E105", "unknown language version", place_of(version), note)

    def _name(self) -> str:
        name = self.keys.get("name")
        if isinstance(name, Scalar):
            try:
                return fill(name.text, self.variables)
            except ExpressionError as error:
                self.faults.add(error.code, error.message, place_of(name), step=error.step)
        elif name is not None:
            self.faults.add("E112", f"`name` must be a value, not {describe(name)}", place_of(name))
        return self.source.name.replace("\\", "/").rpartition("/")[2].rpartition(".")[0] or self.source.name

    def _mapping(self, key: str, what: str) -> list[tuple[Scalar, Tree]]:
        tree = self.keys.get(key)
        if tree is None or (isinstance(tree, Scalar) and tree.text in ("", "~", "null")):
            return []
        if not isinstance(tree, MappingTree):
            self.faults.add("E112", f"`{key}` must be a mapping {what}, not {describe(tree)}", place_of(tree))
            return []
        return tree.entries

    def _defaults(self) -> dict[str, tuple[Found, Tree]]:
        result: dict[str, tuple[Found, Tree]] = {}
        for key, value in self._mapping("defaults", "from kinds to arguments"):
            found = find_kind(key.text)
            if found is None or found.cls.joins:
                step = suggest(key.text, KINDS)
                self.faults.add("E104", f"unknown kind `{shorten(key.text)}` in `defaults`", place_of(key), step=step)
            elif found.cls.kind in result:
                message = f"defaults for `{found.cls.kind}` are given twice"
                self.faults.add("E102", message, place_of(key))
            else:
                result[found.cls.kind] = (found, value)
        return result

    def _params(self, given: Mapping[str, str]) -> dict[str, Value]:
        """Return the parameters; a fault in `variants` ends the build, for what names one of them would be faulty."""
        before = len(self.faults.diagnostics)
        table = read_variants(self.keys.get("variants"), self.faults)
        values: dict[str, Value] = {}
        if len(self.faults.diagnostics) == before:
            values = read_params(self._mapping("params", "from names to values"), table, given, self.faults)
        if "variants" in self.keys and len(self.faults.diagnostics) > before:
            raise self.faults.error()
        return values

    def _block_names(self) -> dict[str, it.Block]:
        blocks: dict[str, it.Block] = {}
        for key, tree in self._mapping("blocks", "from names to blocks"):
            self.block_trees[key.text] = tree
            if find_kind(key.text) or key.text in RESERVED or not NAME.fullmatch(key.text):
                message = f"a block cannot be named `{shorten(key.text)}`"
                self.faults.add("E207", message, place_of(key), f"{NAME_RULE}; it is not the name of a kind")
                continue
            params = tree.get("params") if isinstance(tree, MappingTree) else None
            blocks[key.text] = it.Block(key, self._block_params(params), [])
        return blocks

    def _block_params(self, tree: Tree | None) -> dict[str, Tree | None]:
        if tree is None:
            return {}
        if isinstance(tree, Sequence):
            return {name.text: None for name in tree.items if isinstance(name, Scalar)}
        if not isinstance(tree, MappingTree):
            step = "write `params: {f: required, stride: 1}`"
            self.faults.add("E112", f"`params` must be a mapping, not {describe(tree)}", place_of(tree), step=step)
            return {}
        for _, value in tree.entries:
            if not isinstance(value, Scalar):
                self.faults.add("E112", f"a default is one value, not {describe(value)}", place_of(value))
        return {
            key.text: None if isinstance(value, Scalar) and value.text == "required" else value
            for key, value in tree.entries
        }

    def _block_body(self, name: str, block: it.Block, parser: ItemParser) -> list[it.Item]:
        tree = self.block_trees[name]
        if isinstance(tree, Sequence):
            return parser.parse_list(tree, f"block `{name}`")
        layers = tree.get("layers") if isinstance(tree, MappingTree) else None
        if layers is None or not isinstance(tree, MappingTree):
            step = "write `layers:` with a list of items below it"
            self.faults.add("E107", f"block `{name}` has no `layers`", place_of(block.name), step=step)
            return []
        for key, _ in tree.entries:
            if key.text not in ("params", "layers"):
                note = "a block has the keys params, layers"
                self.faults.add("E108", f"unknown key `{shorten(key.text)}` in a block", place_of(key), note)
        return parser.parse_list(layers)

    def _inputs(self, expansion: Expansion, given: Mapping[str, Shape]) -> tuple[tuple[Input, ...], int]:
        """Add the inputs; the first layer reads the only one, of several it must say which."""
        shapes = read_inputs(self.keys.get("input"), given, self.faults, self.variables)
        for name in given:
            if name not in shapes and name:
                self.faults.add("E201", f"the spec has no input `{shorten(name)}`", None, f"inputs: {listing(shapes)}")
        if "" in given and len(shapes) > 1:
            step = "write `--input NAME=SHAPE`"
            self.faults.add("E201", "the spec has several inputs", None, f"inputs: {listing(shapes)}", step=step)
        elif "" in given and given.keys() & shapes.keys():
            self.faults.add("E106", f"the shape of `{listing(shapes)}` is given twice", None)
        place = place_of(self.keys["input"]) if "input" in self.keys else (0, 1)
        indices = [expansion.network.add_input(name, shape, place) for name, shape in shapes.items()]
        inputs = tuple(Input(name, shape) for name, shape in shapes.items())
        return inputs, indices[0] if indices else UNKNOWN

    def _check_first(self, items: list[it.Item], inputs: tuple[Input, ...]) -> None:
        if not items or it.says_what_it_reads(first := items[0]):
            return
        note = f"inputs: {listing(entry.name for entry in inputs)}"
        step = f"write `from: {inputs[0].name}` beside it"
        self.faults.add("E107", "the first layer does not say which input it reads", first.place, note, step=step)
