"""A forward pass as a class: layers with names in `__init__`, and a line for every node in `forward`."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from cnnspec.analysis.measure import quantities_of
from cnnspec.errors import printable
from cnnspec.ir.graph import Graph
from cnnspec.ir.torch_call import Order, TorchCall
from cnnspec.python_text import identifier, literal, variables
from cnnspec.torch.planning import Operand, Plan, Planned, Step
from cnnspec.torch.wording import constructed, held_lines, sizes, value_text


class Line(NamedTuple):
    """A line of a listing; `name` is the node behind whose last step it stands, `variable` what that gives."""

    text: str
    name: str = ""
    variable: str = ""


Lines = tuple[list[Line], dict[str, tuple[str, ...]]]
RESERVED: Final = frozenset(
    {*keyword.kwlist, "F", "Net", "float", "inputs", "model", "nn", "outputs", "self", "torch", "x"}
)
"""Names that mean something in a listing, besides Python's own words."""
OF_A_MODULE: Final = frozenset(
    """
    T_destination add_module apply bfloat16 buffers call_super_init children compile cpu cuda double dump_patches eval
    extra_repr float forward get_buffer get_extra_state get_parameter get_submodule half ipu load_state_dict modules
    mtia named_buffers named_children named_modules named_parameters parameters register_backward_hook register_buffer
    register_forward_hook register_forward_pre_hook register_full_backward_hook register_full_backward_pre_hook
    register_load_state_dict_post_hook register_load_state_dict_pre_hook register_module register_parameter
    register_state_dict_post_hook register_state_dict_pre_hook requires_grad_ set_extra_state set_submodule
    share_memory state_dict to to_empty train training type xpu zero_grad
    """.split()  # noqa: SIM905 - a list of sixty lines is no better
)
"""Names that `nn.Module` has itself."""


class _Layers:
    """The layers that `__init__` makes, one after the other."""

    def __init__(self) -> None:
        """Begin with none."""
        self.made: list[str] = []
        self.of_nodes: dict[str, tuple[str, ...]] = {}
        self._taken = {*keyword.kwlist, *OF_A_MODULE}
        self._alike: dict[str, str] = {}

    def names(self, own: Planned) -> list[str]:
        """Return the attribute of every step of a node, an empty text for an expression; what is new is made."""
        node, steps = own.node, own.steps
        again = iter(self.of_nodes.get(node.shared, ()))
        last = max((at for at, step in enumerate(steps) if step.call.learns), default=-1)
        frozen = not node.trainable and bool(quantities_of(node.layer, node.input_shapes).params.value)
        found = []
        for at, step in enumerate(steps):
            if not step.call.class_name or (step.call.inline and not step.call.learns):
                found.append("")
            elif not step.call.learns:
                found.append(self._stateless(step))
            elif node.shared:
                found.append(next(again))
            else:
                word = node.name if at == last else f"{node.name}_{step.call.part}"
                found.append(self._learning(step, word, frozen=frozen))
        self.of_nodes[node.name] = tuple(n for n, step in zip(found, steps, strict=True) if step.call.learns)
        return found

    def _learning(self, step: Step, word: str, *, frozen: bool) -> str:
        name = identifier(word if re.match("[A-Za-z]", word) else f"layer_{word}", self._taken)
        self.made.append(f"self.{name} = {constructed(step.call, step.at, frozen=frozen)}")
        self.made += held_lines(step.call, f"self.{name}")
        return name

    def _stateless(self, step: Step) -> str:
        """Return the one layer for all steps that are alike and learn nothing."""
        text = constructed(step.call, step.at)
        if text not in self._alike:
            word = re.sub(r"\d[dD]$", "", step.call.class_name).lower()
            self._alike[text] = identifier(word, self._taken)
            self.made.append(f"self.{self._alike[text]} = {text}")
        return self._alike[text]


def module(planned: Plan) -> Lines:
    """Return the lines of a class and of its only object, and the attributes of the layers that learn, by node."""
    graph, layers, names = planned.graph, _Layers(), _variables(planned.graph)
    taken = {*RESERVED, *names.values()}
    forward = [line for own in planned.nodes for line in _forward(own, layers.names(own), names, taken)]
    outputs = ", ".join(_moved(names[name], moves) for name, moves in planned.outputs)
    made = ["    def __init__(self):", "        super().__init__()", *(f"        {text}" for text in layers.made), ""]
    lines = [
        Line("class Net(nn.Module):"),
        *map(Line, made if layers.made else ()),
        Line(f"    def forward(self, {', '.join(names[entry.name] for entry in graph.inputs)}):"),
        *forward,
        Line(f"        return {outputs}"),
        *map(Line, ["", "", "model = Net()"]),
    ]
    return lines, layers.of_nodes


def _variables(graph: Graph) -> dict[str, str]:
    """Return the variable of every tensor: `x` for an input too that only the first layer reads."""
    entry = graph.inputs[0].name
    alone = entry not in graph.outputs and not any(entry in node.inputs for node in graph.nodes[1:])
    ends = graph.outputs == (graph.nodes[-1].name,) if graph.nodes else False
    return variables(graph, RESERVED, "x" if alone else "inputs", "x" if ends else "outputs")


def _forward(own: Planned, layers: list[str], names: dict[str, str], taken: set[str]) -> Iterator[Line]:
    """Yield the lines of a node: one, unless what a step gives is needed several times."""
    node, steps = own.node, own.steps
    texts = [names[name] for name in node.inputs]
    for at, (step, layer) in enumerate(zip(steps, layers, strict=True)):
        text = _applied(step, layer, [_operand(texts[operand.place], operand) for operand in step.operands])
        if at == len(steps) - 1:
            variable = names[node.name]
            made = f"{variable} = {text}  " if text != variable else ""
            yield Line(f"        {made}# {_comment(own, named=not made)}", node.name, variable)
        elif _is_read_once(steps[at + 1 :], len(texts)):
            texts.append(text)
        else:
            later = {
                texts[operand.place]
                for each in steps[at + 1 :]
                for operand in each.operands
                if operand.place < len(texts)
            }
            free = names[node.name] not in later
            variable = names[node.name] if free else identifier(f"{node.name}_{at + 1}", taken)
            yield Line(f"        {variable} = {text}")
            texts.append(variable)


def _applied(step: Step, layer: str, operands: list[str]) -> str:
    values = {name: value_text(value, step.at) for name, value in step.call.values.items()}
    return _form(step.call, layer).format(*operands, layer=f"self.{layer}", **values)


def _form(call: TorchCall, layer: str) -> str:
    return call.form if layer or not call.inline else call.inline


def _operand(text: str, operand: Operand) -> str:
    text = text if _is_one(text) else f"({text})"
    return _moved(text, operand.moves)


def _moved(text: str, moves: tuple[int, ...]) -> str:
    return f"{text}.permute{literal(moves)}" if moves else text


def _is_one(text: str) -> bool:
    """Tell whether a text has no sign outside of brackets, so that a method may be called on it.

    >>> _is_one("f(x + 1).g[a + 2]"), _is_one("x + f(1)")
    (True, False)
    """
    depth = 0
    for letter in text:
        depth += (letter in "([") - (letter in ")]")
        if letter == " " and depth == 0:
            return False
    return True


def _is_read_once(steps: tuple[Step, ...], place: int) -> bool:
    """Tell whether a tensor stands at one place alone in the text of later steps."""
    reading = [(step, at) for step in steps for at, operand in enumerate(step.operands) if operand.place == place]
    if len(reading) != 1:
        return False
    (step, at), *_ = reading
    return (step.call.inline or step.call.form).count(f"{{{at}}}") == 1


def _comment(own: Planned, *, named: bool) -> str:
    """Return the shape that comes out, and in what the numbers differ from ours; `named` where there is no layer."""
    last = own.steps[-1]
    moved = last.at.order is Order.LAST and last.at.rank
    note = f"; {last.call.note}" if last.call.note and not moved else ""
    name = f"{printable(own.node.name)}: " if named else ""
    return f"{name}{sizes(own.node.shape, own.place.order)}{note}"
