"""The records of a Keras model, added to a draft layer by layer; models in it are taken apart."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from cnnspec.errors import shorten
from cnnspec.importing.draft import Draft, Entry
from cnnspec.importing.faults import unreadable
from cnnspec.importing.keras_calls import pass_over
from cnnspec.importing.keras_foreign import foreign, is_foreign
from cnnspec.importing.keras_functions import (
    Pairs,
    Part,
    UnknownFunctionError,
    Use,
    composition,
    margins_of,
    never_wins,
)
from cnnspec.importing.keras_layers import BESIDE, ForeignClassError, is_trainable, read_layer
from cnnspec.importing.keras_records import (
    DEEPEST,
    INPUT,
    Application,
    BrokenConfigError,
    Model,
    Record,
    Ref,
    in_order,
    is_model,
    read_model,
)
from cnnspec.importing.keras_rows import Rows, learned_rows, read_rows
from cnnspec.ir.keras_reading import UnmodelledError
from cnnspec.ir.layer import Layer
from cnnspec.ir.per_step import WRAPPER, per_step
from cnnspec.ir.shapes import Shape
from cnnspec.layers.pooling import MaxPool

AUTOMATIC: Final = re.compile(r"input(_layer)?(_\d+)?")
"""What Keras calls an input by itself."""


def read_document(document: Any, name: str, draft: Draft) -> None:
    """Read a model's configuration into a draft; raise CnnspecError where it is none."""
    try:
        model = read_model(document)
        draft.name = model.name
        _Reading(draft).model(model)
    except BrokenConfigError as error:
        raise unreadable(name, f"its configuration is not what Keras writes: {error}") from None
    except RecursionError:
        raise unreadable(name, "it is nested too deep") from None


class _Place(NamedTuple):
    """Where a model lies: its path in the file, what its tensors begin with, the steps around it, what is frozen."""

    path: str = ""
    prefix: str = ""
    steps: int = 0
    trainable: bool = True
    depth: int = 0


class _Reading:
    """One reading: which tensor every layer has made first, by its path in the file."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.made: dict[str, str] = {}
        self.applied = 0
        self.padded: dict[str, Pairs] = {}
        self.shapes: dict[str, Shape] = {}
        self.known: dict[tuple[str, int, str], tuple[Layer, list[str]]] = {}

    def model(self, model: Model) -> None:
        """Read a whole file."""
        place = _Place(trainable=model.trainable)
        if model.inputs:
            entries = [
                Entry(_tensor(place, ref), _sizes(_declared(model.records[ref.layer])), _called(ref.layer, model))
                for ref in model.inputs
            ]
            self.draft.inputs(entries)
            entering = [entry.tensor for entry in entries]
        else:
            self.draft.inputs([Entry("input", _sizes(model.entering), "input")])
            entering = ["input"]
        self.draft.outputs = self.inside(model, entering, place)

    def inside(self, model: Model, entering: Sequence[str], place: _Place) -> list[str]:
        """Read the layers of a model that reads tensors; return those that leave it."""
        if place.depth > DEEPEST:
            raise BrokenConfigError(f"more than {DEEPEST} models lie within each other")
        if model.inputs and len(entering) != len(model.inputs):
            raise BrokenConfigError(f"`{shorten(model.name)}` has {len(model.inputs)} inputs and reads {len(entering)}")
        for ref, tensor in zip(model.inputs, entering, strict=False):
            if _tensor(place, ref) != tensor:
                self.draft.same(_tensor(place, ref), tensor)
        entries = {ref.layer for ref in model.inputs}
        for record in model.records.values():
            for application in record.applications:
                self.shapes |= {_tensor(place, ref): shape for ref, shape in application.shapes.items()}
        rows = learned_rows(model)
        later = {(record.name, number) for each in rows.values() for record, number in each.parts[:-1]}
        first = () if model.inputs else entering
        for record, number in in_order(model):
            if record.name in entries or (record.name, number) in later:
                continue
            found = rows.get((record.name, number))
            if found is None or not self.rows(found, place):
                for part, use in found.parts if found else [(record, number)]:
                    self.application(part, use, place, first)
        return [_tensor(place, ref) for ref in model.outputs]

    def rows(self, rows: Rows, place: _Place) -> bool:
        """Read Keras layers that are one of ours which learns rows; tell whether they are."""
        tensor = _tensor(place, rows.entering)
        shape = self.draft.shape(tensor)
        found = read_rows(rows, shape[place.steps :]) if shape is not None else None
        if found is None:
            return False
        (layer, lost), (last, number) = found, rows.parts[-1]
        for argument in lost:
            self.draft.lose(argument)
        record = last._replace(config=rows.learning.config)
        self.add(
            [Part(layer, (0,))],
            record,
            _tensor(place, Ref(last.name, number)),
            [tensor],
            place,
            f"{place.path}{last.name}",
        )
        return True

    def application(self, record: Record, number: int, place: _Place, entering: Sequence[str]) -> None:
        """Read one application of a layer; what reads nothing reads what enters."""
        application = record.applications[number]
        reads = [_tensor(place, ref) for ref in application.reads] or entering
        self.record(record, application, _tensor(place, Ref(record.name, number)), reads, place)

    def record(
        self, record: Record, application: Application, tensor: str, reads: Sequence[str], place: _Place
    ) -> None:
        """Read one application of a layer."""
        path, use = f"{place.path}{record.name}", Use(record, application, ())
        inner = record.config.get("layer") if record.class_name == WRAPPER else None
        pass_over(use, self.draft.lose)
        if record.class_name == INPUT:
            if len(reads) == 1:
                self.draft.same(tensor, reads[0])
            return
        if is_model(record.class_name, record.config):
            self.nested({"class_name": record.class_name, "config": record.config}, record, tensor, reads, place)
        elif isinstance(inner, Mapping) and is_model(inner.get("class_name"), inner.get("config")):
            self.nested(inner, record, tensor, reads, place._replace(steps=place.steps + 1))
        elif never_wins(use) and len(reads) == 1 and (rows := margins_of(use)):
            self.padded[tensor] = rows
            self.draft.same(tensor, reads[0])
        else:
            self.layer(record, application, tensor, reads, place, path)

    def nested(self, document: Any, record: Record, tensor: str, reads: Sequence[str], place: _Place) -> None:
        """Take a model apart that is applied as a layer."""
        model = read_model(document)
        self.applied += 1
        inner = _Place(
            f"{place.path}{record.name}/",
            f"{self.applied}:{record.name}/",
            place.steps,
            place.trainable and model.trainable,
            place.depth + 1,
        )
        outputs = self.inside(model, reads, inner)
        for number, output in enumerate(outputs):
            self.draft.same(_numbered(tensor, number), output)

    def layer(
        self, record: Record, application: Application, tensor: str, reads: Sequence[str], place: _Place, path: str
    ) -> None:
        """Read one layer, or several of ours that a record stands for."""
        shapes = [shape for shape in map(self.draft.shape, reads) if shape is not None]
        if len(shapes) < len(reads):
            if is_foreign(record):
                self.unknown(record, tensor, reads, path, foreign(record))
            self.draft.same(tensor, "")
            return
        try:
            parts = self.parts(Use(record, application, [shape[place.steps :] for shape in shapes]))
        except UnmodelledError as error:
            self.unknown(record, tensor, reads, path, str(error))
        except ForeignClassError:
            self.unknown(record, tensor, reads, path, foreign(record))
        except UnknownFunctionError as error:
            self.unknown(record, tensor, reads, path, str(error))
        else:
            self.add(parts, record, tensor, reads, place, path)

    def parts(self, use: Use) -> Sequence[Part]:
        """Return the layers that a record stands for."""
        record, shapes = use.record, use.shapes
        if not shapes:
            raise UnknownFunctionError("it reads nothing: constants are no layers")
        if make := composition(record):
            parts = make(use)
            if parts is None:
                raise UnknownFunctionError(f"`{shorten(record.class_name)}` is used here in a way that no kind is")
            return parts
        if is_foreign(record):
            raise ForeignClassError(record.class_name)
        layer = self.read(record, shapes[0])
        if len(shapes) > 1 and not (layer.joins or layer.may_join):
            raise UnknownFunctionError(f"`{record.class_name}` reads one tensor here, not {len(shapes)}")
        if layer.joins and len(shapes) < 2:
            raise UnknownFunctionError(f"`{record.class_name}` joins a single tensor")
        return [Part(layer, tuple(range(len(shapes))))]

    def read(self, record: Record, shape: Shape) -> Layer:
        """Return the layer of a record; those that say the same are read once."""
        said = repr({name: value for name, value in record.config.items() if name not in BESIDE})
        key = (record.class_name, len(shape), said)
        if key not in self.known:
            lost: list[str] = []
            self.known[key] = read_layer(record.class_name, record.config, shape, lost.append), lost
        layer, lost = self.known[key]
        for argument in lost:
            self.draft.lose(argument)
        return layer

    def add(
        self, parts: Sequence[Part], record: Record, tensor: str, reads: Sequence[str], place: _Place, path: str
    ) -> None:
        """Add the layers of a record to the draft, under its name and, in front of the last, names made of it."""
        known = list(reads)
        trainable = place.trainable and is_trainable(record.config)
        for number, part in enumerate(parts):
            is_last = number == len(parts) - 1
            own = tensor if is_last else f"{tensor}.{number}"
            name = record.name if is_last else f"{record.name}_{part.layer.kind}"
            layer, read = self.behind_padding(part.layer, [known[at] for at in part.reads], path)
            if layer.may_join and len(set(read)) == 1:
                read = read[:1]
            shared = self.made.setdefault(f"{path}#{number}", own)
            for _ in range(place.steps if not (layer.joins and not layer.arguments()) else 0):
                layer = per_step(layer)
            self.draft.layer(
                own, layer, read, name=name, path=path, shared=shared * (shared != own), trainable=trainable
            )
            known.append(own)

    def behind_padding(self, layer: Layer, reads: list[str], path: str) -> tuple[Layer, list[str]]:
        """Give a maximum the rows of minus infinity in front of it; refuse them in front of anything else."""
        rows = next((self.padded[read] for read in reads if read in self.padded), None)
        if rows is None:
            return layer, reads
        if not isinstance(layer, MaxPool) or layer.padding != "valid":
            self.draft.refuse(
                "E606", f"layer `{shorten(path, 80)}`: it reads rows of minus infinity, and is no maximum"
            )
            return layer, reads
        own = {name: value for name, value in vars(layer).items() if name in layer.fields}
        return MaxPool(**{**own, "padding": rows}), reads

    def unknown(self, record: Record, tensor: str, reads: Sequence[str], path: str, what: str) -> None:
        """Refuse a layer, or make it opaque, with the shape that the layers behind it have in the file."""
        shape = self.shapes.get(tensor)
        self.draft.unknown(tensor, reads, what, name=record.name, path=path, shape=shape)


def _tensor(place: _Place, ref: Ref) -> str:
    return _numbered(f"{place.prefix}{ref.layer}" + (f":{ref.application}" if ref.application else ""), ref.output)


def _numbered(tensor: str, output: int) -> str:
    return f"{tensor}#{output}" if output else tensor


def _called(name: str, model: Model) -> str:
    """Return the name of an input; that of the only one is `input`, if Keras has named it."""
    return "input" if len(model.inputs) == 1 and AUTOMATIC.fullmatch(name) else name


def _declared(record: Record) -> Any:
    """Return the shape of an input layer, with the batch in front."""
    return record.config.get("batch_shape") or record.config.get("batch_input_shape")


def _sizes(shape: Any) -> list[int | None] | None:
    """Return a shape without its batch, a size that is no number as None."""
    if isinstance(shape, list) and len(shape) == 1 and isinstance(shape[0], list):
        shape = shape[0]
    if not isinstance(shape, list) or len(shape) < 2:
        return None
    return [size if isinstance(size, int) and not isinstance(size, bool) and size > 0 else None for size in shape[1:]]
