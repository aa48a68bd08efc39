"""What can be known to go wrong before a framework is imported: outputs, losses, shapes and memory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from math import prod

from cnnspec.analysis.measure import Summary
from cnnspec.analysis.memory import show_bytes
from cnnspec.analysis.training_memory import of_parameters, slots
from cnnspec.errors import Diagnostic, listing, shorten, suggest
from cnnspec.ir.graph import Graph
from cnnspec.ir.number_types import BYTES
from cnnspec.ir.shapes import show
from cnnspec.keras.naming import what_keras_lacks
from cnnspec.language.train.losses import LOSSES
from cnnspec.language.train.targets import CLASS
from cnnspec.language.train.threads import parts_of, width_of
from cnnspec.layers.activations import FUNCTIONS, Outputs
from cnnspec.source import Span
from cnnspec.training.data.dataset import Dataset
from cnnspec.training.data.inputs import several_faults
from cnnspec.training.fitting.class_weights import unknown_classes
from cnnspec.training.settings import Settings
from cnnspec.training.target_checks import target_faults, wrong_sort


def check_network(graph: Graph, settings: Settings) -> list[Diagnostic]:
    """Return what makes a network unfit to be trained with these settings."""
    if several := list(_count_faults(graph)):
        return several
    told = wrong_sort(graph, settings, settings.target, _last(graph)) if settings.target else ()
    return [
        *what_keras_lacks(graph),
        *_loss_faults(graph, settings, _output_shape(graph)[-1]),
        *told,
        *_division_faults(graph, settings),
    ]


def _count_faults(graph: Graph) -> Iterator[Diagnostic]:
    shapes = list(dict.fromkeys(entry.shape for entry in graph.inputs))
    step = "`cnnspec.keras.build` gives the model to train in Keras"
    if len(shapes) > 1:
        message = f"training takes several inputs of one shape; those of the network are {listing(map(show, shapes))}"
        yield Diagnostic(code="E502", message=message, help=step)
    if len(graph.outputs) > 1:
        message = f"training needs one output; the network has {len(graph.outputs)}"
        yield Diagnostic(code="E502", message=message, help=step)


def _division_faults(graph: Graph, settings: Settings) -> Iterator[Diagnostic]:
    mixing = next((node for node in graph if node.layer.mixes_samples), None)
    if mixing is not None and parts_of(settings.threads) > 1:
        message = f"`{mixing.name}` looks at the whole batch, and `--threads {settings.threads}` divides it into parts"
        step = f"`--threads {width_of(settings.threads or '1')}` divides none"
        yield Diagnostic(code="E702", message=message, span=graph.span(mixing), help=step)


def _loss_faults(graph: Graph, settings: Settings, units: int) -> Iterator[Diagnostic]:
    activation = last_activation(graph)
    if settings.from_logits:
        if _outputs(activation) is not Outputs.NUMBERS:
            message = f"the last activation is `{activation}`, which a loss `from_logits` applies once more"
            yield Diagnostic(code="E502", message=message, span=_last(graph), help="leave out `from_logits`")
        if units == 1 and LOSSES[settings.loss].outputs is Outputs.DISTRIBUTION:
            message = f"`{settings.loss}` over one unit has nothing to tell apart, so nothing can be learned"
            yield Diagnostic(code="E502", message=message, span=_last(graph), help="take `loss: binary_crossentropy`")
        return
    needed = LOSSES[settings.loss].outputs
    accepted = [name for name, function in FUNCTIONS.items() if function.outputs is needed]
    if needed is not Outputs.NUMBERS and activation not in accepted:
        had = f"the last activation is `{activation}`" if activation else "the last layer has no activation"
        yield Diagnostic(
            code="E502",
            message=f"`{settings.loss}` needs probabilities, and {had}",
            span=_last(graph),
            notes=(
                f"with this loss the last activation is {' or '.join(f'`{name}`' for name in accepted)}",
                *(() if activation else ("`from_logits: true` in `train` lets the loss apply it",)),
            ),
            help=_loss_step(activation, accepted[0], _output_shape(graph)),
        )
    if units == 1 and _outputs(activation) is Outputs.DISTRIBUTION:
        message = f"{activation} over one unit is always 1, so nothing can be learned"
        yield Diagnostic(
            code="E502", message=message, span=_last(graph), help="write `dense: 1 sigmoid`, or `dense: 2 softmax`"
        )


def _loss_step(activation: str, wanted: str, outputs: tuple[int, ...]) -> str:
    kind, units = _outputs(activation), outputs[-1]
    fitting = next(name for name, loss in LOSSES.items() if loss.outputs is kind)
    if units == 1 and kind is not Outputs.DISTRIBUTION:
        return f"add `loss: {fitting}` to `train`, or give `--loss {fitting}`"
    if len(outputs) == 1:
        return f"write `dense: {units} {wanted}`"
    numbers = f", or give `--loss {fitting}` to learn numbers" if kind is Outputs.NUMBERS else ""
    return f"let the last layer end in `{wanted}`{numbers}"


def check_data(graph: Graph, settings: Settings, dataset: Dataset) -> list[Diagnostic]:
    """Return what does not agree between a network and the data that it is to be trained on."""
    if several := list(several_faults(graph, dataset, resize=settings.resize)):
        return several
    is_class = dataset.target == CLASS
    return [
        *(_class_faults(graph, settings, dataset) if is_class else ()),
        *target_faults(graph, settings, dataset, _last(graph)),
        *_weight_faults(settings, dataset),
        *_shape_faults(graph, settings, dataset),
    ]


def _class_faults(graph: Graph, settings: Settings, dataset: Dataset) -> Iterator[Diagnostic]:
    units, classes = _output_shape(graph)[-1], len(dataset.classes)
    if len(_output_shape(graph)) > 1:
        return
    if units == 1 and LOSSES[settings.loss].outputs is Outputs.PROBABILITIES:
        if classes != 2:
            message = f"one sigmoid unit tells 2 classes apart, and `{dataset.name}` has {classes}"
            yield Diagnostic(code="E503", message=message, span=_last(graph), help=f"write `dense: {classes} softmax`")
    elif units + 1 == classes and all(part.y.all() for part in (dataset.train, dataset.test)):
        message = f"the classes of `{dataset.name}` go from 1 to {units}, and count from 0 for a network"
        yield Diagnostic(code="E503", message=message, help="save the labels less one: `y - 1`")
    elif units != classes:
        yield Diagnostic(
            code="E503",
            message=f"the network has {units} output units, and `{dataset.name}` has {classes} classes",
            span=_last(graph),
            help=f"write `dense: {classes} softmax` as the last layer",
        )


def _weight_faults(settings: Settings, dataset: Dataset) -> Iterator[Diagnostic]:
    for name in unknown_classes(settings, dataset.classes):
        message = f"`class_weight` weighs the class `{shorten(name)}`, which `{dataset.name}` has not"
        notes = (f"its classes are {listing(dataset.classes, 12)}",)
        yield Diagnostic(code="E503", message=message, notes=notes, help=suggest(name, dataset.classes))


def _shape_faults(graph: Graph, settings: Settings, dataset: Dataset) -> Iterator[Diagnostic]:
    wanted, had = graph.inputs[0].shape, dataset.shape
    if wanted == had or settings.resize or len(graph.inputs) > 1:
        return
    message = f"the input is {show(wanted)}, and the images of `{dataset.name}` are {show(had)}"
    size = "x".join(map(str, had))
    if step := _same_values(wanted, had):
        yield Diagnostic(code="E504", message=message, help=step)
        return
    same_rank = len(wanted) == len(had) == 3
    step = "`--resize` brings the images to the input's shape" if same_rank else f"write `input: {size}`"
    notes = (f"`--input {size}` builds the network for these images",)
    yield Diagnostic(code="E504", message=message, notes=notes, help=step)


def _same_values(wanted: tuple[int, ...], had: tuple[int, ...]) -> str:
    """Return the step where images have the values of the input in another order or shape, else an empty text."""
    if len(wanted) > 1 and had == (wanted[-1], *wanted[:-1]):
        return "channels come last: save the images with `numpy.moveaxis(x, 1, -1)`"
    if len(had) == 1 and had[0] == prod(wanted):
        return f"save the images in their shape: `x.reshape(-1, {', '.join(map(str, wanted))})`"
    return ""


def check_memory(summary: Summary, settings: Settings, available: int | None = None) -> list[Diagnostic]:
    """Return a diagnostic where training cannot fit into the memory of the machine."""
    needed, memory = memory_of(summary, settings), available or machine_memory()
    if memory is None or needed <= memory:
        return []
    fixed, sample = _shares(summary, settings)
    fits = (memory - fixed) // sample if sample else 0
    step = f"`--batch-size {fits}` would fit" if fits >= 1 else "take a smaller network or input"
    message = f"training needs about {show_bytes(needed)} of memory, and the machine has {show_bytes(memory)}"
    return [Diagnostic(code="E505", message=message, notes=("\n".join(_account(summary, settings)),), help=step)]


def memory_of(summary: Summary, settings: Settings) -> int:
    """Return an estimate of the bytes that training takes: parameters, gradients, optimizer and activations."""
    fixed, sample = _shares(summary, settings)
    return fixed + sample * settings.batch_size


def _shares(summary: Summary, settings: Settings) -> tuple[int, int]:
    """Return the bytes that do not depend on the batch, and those per sample: every activation and its gradient."""
    kept = slots(settings.optimizer) + (1 if settings.momentum else 0)
    sample = 2 * BYTES["float32"] * summary.totals.activation_size
    return of_parameters(summary, kept, "float32"), sample


def _account(summary: Summary, settings: Settings) -> Iterator[str]:
    fixed, sample = _shares(summary, settings)
    yield f"{show_bytes(fixed)} for parameters, gradients and `{settings.optimizer}`"
    yield f"and {show_bytes(sample)} for each of the {settings.batch_size} samples of a batch"


def machine_memory() -> int | None:
    """Return the bytes of memory that the machine has, None where the system does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def last_activation(graph: Graph) -> str:
    """Return the activation function behind the output, empty for none; layers that keep all values do not count."""
    nodes = {node.name: node for node in graph}
    node = nodes.get(graph.outputs[0])
    while node is not None and node.layer.keeps_values:
        node = nodes.get(node.inputs[0])
    return node.layer.applied if node is not None else ""


def _outputs(activation: str) -> Outputs:
    """Return what a function's outputs are; one that is no argument of other layers has numbers."""
    return FUNCTIONS[activation].outputs if activation in FUNCTIONS else Outputs.NUMBERS


def _output_shape(graph: Graph) -> tuple[int, ...]:
    return graph[graph.outputs[0]].shape


def _last(graph: Graph) -> Span:
    """Return the place of the last layer: the rest of its line."""
    return graph.span(graph[graph.outputs[0]]).rest_of_line
