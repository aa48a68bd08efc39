"""Memory: what is live at every layer against brute force on random graphs, and what training keeps."""

from __future__ import annotations

import json
import os
from math import prod
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import cnnspec
from cnnspec.analysis.footprint import Memory
from cnnspec.analysis.measure import measure
from cnnspec.analysis.training_memory import of_parameters, slots, training_bytes
from cnnspec.cli.app import COMMANDS, make_app
from cnnspec.errors import UsageError
from cnnspec.ir.graph import Graph

LENET5: Final = """input: 32x32x1
layers: [conv: 6 5x5, relu, avgpool: 2, conv: 16 5x5, relu, avgpool: 2, flatten, dense: 120, dense: 84, dense: 10]
"""
UNARY: Final = (
    "conv: 2 1x1",
    "conv: 3 3x3 same",
    "relu",
    "bn",
    "dropout: 0.5",
    "identity",
    "maxpool: 1",
    "gap: keepdims",
)
VIEWS: Final = ("dropout", "identity", "flatten", "reshape")
IN_PLACE: Final = ("relu", "bn")


@st.composite
def specs(draw: st.DrawFn, most: int = 9) -> str:
    """Return a network of at most so many layers, of which each reads any one above, or adds two of one shape."""
    lines = ["input: 4x4x2", "layers:"]
    names = ["input"]
    shapes = {"input": (4, 4, 2)}
    for index in range(draw(st.integers(1, most))):
        name = f"n{index}"
        pairs = [(a, b) for a in names for b in names if a != b and shapes[a] == shapes[b]]
        if pairs and draw(st.booleans()):
            left, right = draw(st.sampled_from(pairs))
            lines.append(f"  - {{add: [{left}, {right}], name: {name}}}")
            shapes[name] = shapes[left]
        else:
            source, item = draw(st.sampled_from(names)), draw(st.sampled_from(UNARY))
            kind, _, arguments = item.partition(": ")
            lines.append(f"  - {{{kind}: {arguments}, from: {source}, name: {name}}}")
            height, width, channels = shapes[source]
            filters = int(arguments[0]) if kind == "conv" else channels
            shapes[name] = (1, 1, filters) if kind == "gap" else (height, width, filters)
        names.append(name)
    unread = [
        name
        for name in names[1:]
        if not any(f": {name}," in line or f"[{name}," in line or f", {name}]" in line for line in lines)
    ]
    return "\n".join([*lines, f"outputs: [{', '.join(unread)}]", ""])


def brute_force(graph: Graph, order: list[str], *, in_place: bool) -> list[int]:
    """Return the live elements while each layer is computed, by the definition alone: sets of tensors, step by step."""
    nodes = {node.name: node for node in graph.nodes}
    memory = {entry.name: {entry.name} for entry in graph.inputs}
    """For every tensor, all tensors that share its memory."""
    sizes = {entry.name: prod(entry.shape) for entry in graph.inputs}
    for place, name in enumerate(order):
        node = nodes[name]
        later = {read for other in order[place + 1 :] for read in nodes[other].inputs} | {*graph.outputs}
        shared = memory[node.inputs[0]]
        alone = len(node.inputs) == 1
        over = in_place and node.kind in IN_PLACE and not shared & later and not shared & {e.name for e in graph.inputs}
        if alone and (node.kind in VIEWS or over):
            shared.add(name)
            memory[name] = shared
        else:
            memory[name] = {name}
        sizes[name] = prod(node.shape)
    found = []
    for place, name in enumerate(order):
        made = {*(entry.name for entry in graph.inputs), *order[: place + 1]}
        needed = {read for other in order[place:] for read in nodes[other].inputs} | {*graph.outputs, name}
        alive = {
            id(memory[each]): max(sizes[part] for part in memory[each]) for each in made if memory[each] & made & needed
        }
        found.append(sum(alive.values()))
    return found


@settings(max_examples=int(os.environ.get("CNNSPEC_NETWORKS", "150")), deadline=None)
@given(text=specs(), in_place=st.booleans())
def test_what_is_live_is_what_brute_force_finds(text: str, in_place: bool) -> None:  # noqa: FBT001 - drawn
    """In the order of the file, at every layer, with and without work in place; formulas have the values."""
    graph = cnnspec.loads(text)
    table = measure(graph, dtype="int8", memory=Memory(in_place))
    expected = brute_force(graph, [node.name for node in graph.nodes], in_place=in_place)
    assert [table.footprint.live(row.node) for row in table] == expected
    assert [table.footprint.live_term(row.node).value for row in table] == expected
    peak, name = table.footprint.peak()
    assert peak == max(expected)
    assert table.footprint.live(table[name].node) == peak


def orders(graph: Graph) -> list[list[str]]:
    """Return all orders in which a network can be computed."""
    nodes = {
        node.name: {read for read in node.inputs if read not in {e.name for e in graph.inputs}} for node in graph.nodes
    }

    def go(done: list[str]) -> list[list[str]]:
        if len(done) == len(nodes):
            return [done]
        ready = [name for name, reads in nodes.items() if name not in done and reads <= {*done}]
        return [found for name in ready for found in go([*done, name])]

    return go([])


def reordered(text: str, order: list[str]) -> str:
    """Return a spec with its layers in another order, which all say what they read."""
    head, *lines, tail = text.rstrip("\n").split("\n")
    layers = {line.rpartition("name: ")[2].rstrip("}"): line for line in lines[1:]}
    return "\n".join([head, lines[0], *(layers[name] for name in order), tail, ""])


@settings(max_examples=25, deadline=None)
@given(text=specs(most=5), in_place=st.booleans())
def test_every_order_has_the_peak_of_brute_force(text: str, in_place: bool) -> None:  # noqa: FBT001 - drawn
    """A file in any order in which its layers can be computed."""
    for order in orders(cnnspec.loads(text)):
        graph = cnnspec.loads(reordered(text, order))
        assert [node.name for node in graph.nodes] == order
        peak, _ = measure(graph, dtype="int8", memory=Memory(in_place)).footprint.peak()
        assert peak == max(brute_force(graph, order, in_place=in_place))


def test_another_order_may_need_less() -> None:
    """The order of the file is stated, not searched: here both branches are widened before either is narrowed."""
    text = """input: 4x4x2
layers:
  - {conv: 32 1x1, name: a}
  - {conv: 32 1x1, name: b, from: input}
  - {conv: 1 1x1, name: c, from: a}
  - {conv: 1 1x1, name: d, from: b}
  - add: [c, d]
"""
    graph = cnnspec.loads(text)
    peaks = {tuple(order): max(brute_force(graph, order, in_place=False)) for order in orders(graph)}
    assert measure(graph, dtype="int8").footprint.peak() == (1056, "b")
    assert peaks[tuple(node.name for node in graph.nodes)] == 1056
    assert min(peaks.values()) == 16 * (32 + 2 + 1)


@pytest.mark.parametrize(
    ("in_place", "live"),
    [
        (False, [5728, 9408, 5880, 2776, 3200, 2000, 400, 520, 204, 94]),
        (True, [5728, 4704, 5880, 2776, 1600, 2000, 400, 520, 204, 94]),
    ],
)
def test_lenet5(in_place: bool, live: list[int]) -> None:  # noqa: FBT001 - a parameter
    """By hand: 1,024 + 4,704; 4,704 + 4,704, in place 4,704; 4,704 + 1,176; 1,176 + 1,600; …; a view takes nothing."""
    table = measure(cnnspec.loads(LENET5), dtype="int8", memory=Memory(in_place))
    assert [table.footprint.live(row.node) for row in table] == live


def test_batches_and_types() -> None:
    """Bytes are elements times samples times bytes of the type."""
    graph = cnnspec.loads(LENET5)
    assert measure(graph, batch=8, dtype="float16").footprint.peak() == (9408 * 8 * 2, "relu1")
    table = cnnspec.summarize(graph, batch=8, dtype="float16", memory=True)
    assert table["relu1"].formula("memory") == "b·(conv1 + relu1)·2 = 8·(4,704 + 4,704)·2 = 150,528"
    assert table["dense1"].formula("weight_bytes") == "P·2 = 48,120·2 = 96,240"
    assert table["relu1"].formula("weight_bytes") == "0: no parameters"
    assert (table["conv1"].weight_bytes, table["conv1"].live_bytes, table["conv1"].kept_bytes) == (312, 91_648, 75_264)


def test_many_live_tensors_are_put_together() -> None:
    """A formula names the largest."""
    layers = "".join(f"  - {{conv: {k} 1x1, name: c{k}, from: input}}\n" for k in range(1, 10))
    joined = ", ".join(f"c{k}" for k in range(1, 10))
    graph = cnnspec.loads(f"input: 2x2x1\nlayers:\n{layers}  - concat: [{joined}]\n")
    formula = cnnspec.summarize(graph)["concat1"].formula("memory")
    assert formula == "(c6 + c7 + c8 + c9 + concat1 + 5 others)·4 = (24 + 28 + 32 + 36 + 180 + 60)·4 = 1,440"


def test_training() -> None:
    """ResNet-18 with Adam: 4·(11,699,112 + 3·11,689,512) bytes, and every output once but those that are views.

    Kept are 8,380,904 elements per sample, the activation size of the table.
    """
    graph = cnnspec.load("resnet18")
    table = measure(graph, batch=32, memory=Memory(optimizer="adam"))
    assert training_bytes(table) == 4 * (11_699_112 + 3 * 11_689_512 + 32 * 8_380_904)
    sgd = measure(graph, memory=Memory(optimizer="sgd"))
    assert training_bytes(sgd) == 4 * (11_699_112 + 11_689_512 + 8_380_904)
    in_place = measure(graph, memory=Memory(in_place=True, optimizer="sgd"))
    relus = sum(row.activation_size for row in table if row.kind == "relu")
    assert training_bytes(in_place) == training_bytes(sgd) - 4 * relus


@pytest.mark.parametrize(
    ("optimizer", "kept"), [("adam", 2), ("sgd", 0), ("sgd+momentum", 1), ("rmsprop+momentum", 2), ("lion", 1)]
)
def test_optimizers(optimizer: str, kept: int) -> None:
    """Numbers per learned parameter, as Keras' optimizers keep them."""
    assert slots(optimizer) == kept


@pytest.mark.parametrize("optimizer", ["adamm", "adam+momentum", "+momentum", "sgd+nesterov"])
def test_unknown_optimizers_are_misuse(optimizer: str) -> None:
    """What is accepted is listed."""
    with pytest.raises(UsageError) as caught:
        cnnspec.summarize(cnnspec.load("lenet5"), optimizer=optimizer)
    (fault,) = caught.value.diagnostics
    assert fault.message == f"unknown optimizer `{optimizer}`"
    assert "sgd+momentum" in fault.notes[0]


def test_what_parameters_take_while_they_learn() -> None:
    """Four bytes of each, and of what is learned a gradient and the optimizer's numbers."""
    lenet = measure(cnnspec.load("lenet5-rgb"))  # 62,958 parameters, all of which are learned
    assert of_parameters(lenet, 2, "float32") == 4 * (62_958 + 3 * 62_958)
    assert of_parameters(lenet, 0, "float16") == 2 * (62_958 + 62_958)
    norm = measure(cnnspec.loads("input: 8x8x4\nlayers: [bn]\n"))  # 4·4 numbers, of which 2·4 are learned
    assert of_parameters(norm, 2, "float32") == 4 * (16 + 3 * 8)


def test_commands() -> None:
    """Columns, totals, JSON, derivations, and the memory of the whole network behind all layers."""

    def run(*words: str) -> str:
        done = CliRunner().invoke(make_app(COMMANDS), list(words))
        assert done.exit_code == 0, done.output
        return done.stdout

    text = run("summarize", "resnet18", "--optimizer", "adam", "--depth", "1", "--in-place")
    assert "\nWeights     46.8 MB as float32, 23.4 MB as float16, 11.7 MB as int8\n" in text
    assert "\nPeak        4.0 MB of activations, at maxpool1, in the order of the file, in place where" in text
    assert "\nTraining    " in text
    assert run("summarize", "lenet5", "--columns", "layer,memory", "--format", "csv").splitlines()[1:3] == [
        "input,",
        "conv1,103488",
    ]
    found = json.loads(run("summarize", "lenet5", "--memory", "--batch", "2", "--format", "json"))
    assert found["memory"] == {"in_place": False, "optimizer": ""}
    assert (found["totals"]["live_bytes"], found["totals"]["weight_bytes"]) == (250_880, 2_656_344)
    assert found["layers"][0]["formulas"]["live_bytes"]["symbolic"] == "b·(input + conv1)·4"
    assert "kept_bytes" not in found["layers"][0]
    assert "memory of lenet5, in bytes" in run("explain", "lenet5", "--memory")
    assert "memory" not in run("explain", "lenet5", "conv1")
    assert "training          weights + gradients + optimizer + kept" in run("explain", "lenet5", "--optimizer", "adam")
