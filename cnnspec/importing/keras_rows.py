"""Learned rows in Keras files: a layer of Keras learns none without an input, so a kind that does is several layers.

They are what the kind itself says: the rows of a dense layer on ones, which a part of the input is made of, joined to
the input.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Final, NamedTuple

from cnnspec.importing.keras_functions import function_name
from cnnspec.importing.keras_records import Application, Model, Record, Ref
from cnnspec.importing.keras_slices import as_slices
from cnnspec.ir.keras_rule import FUNCTIONS, Call
from cnnspec.ir.keras_values import ANYTHING, is_same, is_uncounted, means_nothing, plain
from cnnspec.ir.layer import Layer, LayerError
from cnnspec.ir.shapes import Shape
from cnnspec.layers.positions import ClassToken, Positions

LEARNING: Final = "EinsumDense"
"""The class that learns the rows."""
PLAIN: Final[Mapping[str, Any]] = {"activation": "linear", "bias_axes": None, "trainable": ANYTHING}
"""Arguments that are not written, and what they must be."""
Place = tuple[str, int]
"""An application of a layer: the layer's name, and which one it is."""


class Rows(NamedTuple):
    """Layers that may learn rows together: the tensor that they read, and their applications, the join last."""

    entering: Ref
    parts: tuple[tuple[Record, int], ...]

    @property
    def learning(self) -> Record:
        """The layer that learns."""
        return self.parts[-2][0]


def learned_rows(model: Model) -> dict[Place, Rows]:
    """Return what may learn rows in a model, by the application that ends it."""
    learning = [record for record in model.records.values() if record.class_name == LEARNING]
    readers = _readers(model) if learning else {}
    found = (
        _rows(model, (record.name, number), readers)
        for record in learning
        for number in range(len(record.applications))
    )
    return {(rows.parts[-1][0].name, rows.parts[-1][1]): rows for rows in found if rows}


def _readers(model: Model) -> dict[Place, list[Place]]:
    """Return which applications read each one; what leaves the model is read by nothing that has a name."""
    found: dict[Place, list[Place]] = {}
    for record in model.records.values():
        for number, application in enumerate(record.applications):
            for ref in application.reads:
                found.setdefault((ref.layer, ref.application), []).append((record.name, number))
    for ref in model.outputs:
        found.setdefault((ref.layer, ref.application), []).append(("", 0))
    return found


def _rows(model: Model, learning: Place, readers: Mapping[Place, list[Place]]) -> Rows | None:
    """Return the layers around one that learns, None where they are no chain that nothing else reads."""
    places = [learning]
    while len(places) < 3:
        reads = _reads(model, places[0])
        if len(reads) != 1:
            return None
        places.insert(0, (reads[0].layer, reads[0].application))
    entering = _reads(model, places[0])
    places += readers.get(learning, [])
    alone = all(readers.get(place) == [behind] for place, behind in pairwise(places))
    if len(entering) != 1 or not alone or len(places) != 4 or places[-1][0] not in model.records:
        return None
    return Rows(entering[0], tuple((model.records[name], number) for name, number in places))


def _reads(model: Model, place: Place) -> tuple[Ref, ...]:
    record = model.records.get(place[0])
    return record.applications[place[1]].reads if record and place[1] < len(record.applications) else ()


def read_rows(rows: Rows, shape: Shape) -> tuple[Layer, list[str]] | None:
    """Return the layer that is written as these Keras layers on input of a shape, None where none is.

    With it come the arguments that change no number and are not as the layer is written.
    """
    made = rows.learning.config.get("output_shape")
    steps = made[0] if isinstance(made, list) and made and isinstance(made[0], int) else 0
    for layer in (Positions(), ClassToken(steps=steps)) if steps > 0 else ():
        lost = _compared(layer, rows, shape)
        if lost is not None:
            return layer, lost
    return None


def _compared(layer: Layer, rows: Rows, shape: Shape) -> list[str] | None:
    """Return the uncounted arguments in which the file differs from what a layer is written as, None for others."""
    try:
        calls = layer.keras_calls(shape)
    except LayerError:
        return None
    refs = [rows.entering, *(Ref(record.name, number) for record, number in rows.parts)]
    lost: list[str] = []
    for place, (call, (record, number)) in enumerate(zip(calls, rows.parts, strict=True)):
        application = record.applications[number]
        if application.reads != tuple(refs[read] for read in call.reads or (place,)):
            return None
        if call.is_function:
            if not _is_function(call, record, application):
                return None
            continue
        others = _others(call, record.config)
        if record.class_name != call.class_name or not all(map(is_uncounted, others)):
            return None
        lost += others
    return lost


def _is_function(call: Call, record: Record, application: Application) -> bool:
    name, said = call.class_name.removeprefix(FUNCTIONS), [as_slices(value) for value in application.values[1:]]
    return function_name(record) == name and said == [*call.arguments.values()] and not application.keywords


def _others(call: Call, config: Mapping[str, Any]) -> list[str]:
    """Return the arguments that are not as a kind writes them, of a layer that may be frozen."""
    stated = {**PLAIN} | {name: plain(value) for name, value in call.arguments.items()}
    names = dict.fromkeys([*call.arguments, *config])
    return [name for name in names if not _is_so(name, plain(config.get(name)), stated)]


def _is_so(name: str, value: Any, stated: Mapping[str, Any]) -> bool:
    return (
        is_same(value, stated[name])
        if name in stated and stated[name] is not ANYTHING
        else means_nothing(name, value, 0, stated)
    )
