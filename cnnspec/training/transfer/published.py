"""Keras' own published weights of a network of `keras.applications`, which Keras itself finds or downloads."""

from __future__ import annotations

import re
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cnnspec.errors import CnnspecError, shorten
from cnnspec.ir.graph import Graph
from cnnspec.ir.shapes import show
from cnnspec.keras.build import framework
from cnnspec.training.data.search_path import keras_home
from cnnspec.training.transfer.matching import Weighted, matched, weighted
from cnnspec.training.transfer.sources import IMAGENET, parts_of

if TYPE_CHECKING:
    import keras

MODELS: Final = "models"
"""The folder of weights in Keras' cache."""
WIDTHS: Final = (1.0, 0.75, 0.5, 0.35, 0.25, 1.3, 1.4)
"""The multipliers of width for which Keras has weights, of one network or another."""


class Given(NamedTuple):
    """What was taken over, in words."""

    words: str


def take(model: keras.Model, graph: Graph, part: str, *, offline: bool) -> Given:
    """Give a model, or a part of it, the published weights; raise CnnspecError where they do not fit or are missing."""
    name = parts_of(graph)[part] if part else graph.name
    maker = _maker(name)
    ours = [layer for layer in weighted(model) if layer.name.startswith(f"{part}.") or not part]
    arguments = _fitting(maker, name, ours, _input_shape(graph, part))
    theirs = _published(maker, arguments, offline=offline)
    pairs, _ = matched(ours, weighted(theirs))  # once more: Keras numbers some layers on from model to model
    for own, other in pairs:
        model.get_layer(own).set_weights(theirs.get_layer(other).get_weights())
    what = f"{len(pairs)} layers" + (f" of {part}" if part else "")
    return Given(f"{what} from keras.applications.{maker.__name__}, trained on ImageNet")


def _maker(name: str) -> Any:
    """Return the function of `keras.applications` with the name of a network, whatever signs and cases it has."""
    applications = framework().applications
    makers = {_plain(word): word for word in dir(applications) if word[:1].isupper()}
    found = makers.get(_plain(name))
    if found is None:
        message = f"Keras publishes no weights of `{shorten(name)}`"
        step = "name a run or a file of Keras with `init`"
        raise CnnspecError.one(
            "E529", message, notes=(f"`{IMAGENET}` is for networks of keras.applications",), help=step
        )
    return getattr(applications, found)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _input_shape(graph: Graph, part: str) -> tuple[int, ...]:
    first = next(node for node in graph if not part or node.name.startswith(f"{part}."))
    return tuple(first.input_shapes[0])


def _fitting(maker: Any, name: str, ours: Sequence[Weighted], shape: tuple[int, ...]) -> dict[str, Any]:
    """Return the arguments with which Keras makes the same network.

    Raises CnnspecError with the shapes here and there of the first layer that does not fit.
    """
    whole = {"include_top": True, "weights": None}
    sized = {"include_top": False, "weights": None, "input_shape": shape}
    widths = WIDTHS if "alpha" in signature(maker).parameters else (None,)
    faults = []
    for width in widths:
        for arguments in (sized, whole):
            given = arguments | ({} if width is None else {"alpha": width})
            try:
                theirs = weighted(maker(**given))
            except ValueError as error:
                faults.append(shorten(error, 120))
                continue
            if len(theirs) != len(ours):
                continue
            _, fault = matched(ours, theirs)
            if not fault:
                return given
            faults.append(fault)
    fact = faults[0] if faults else f"it has {len(ours)} layers with weights, and Keras' network another number"
    message = f"Keras' published weights do not fit `{shorten(name)}`"
    notes = (fact, f"its input is {show(shape)}")
    raise CnnspecError.one(
        "E529", message, notes=notes, help=f"`cnnspec show {shorten(name)}` is the network that they fit"
    )


def _published(maker: Any, arguments: Mapping[str, Any], *, offline: bool) -> Any:
    with redirect_stdout(sys.stderr), _without_network(offline=offline):
        try:
            return maker(**{**arguments, "weights": IMAGENET})
        except Exception as error:  # noqa: BLE001 - Keras raises a bare Exception where a server does not answer
            fact = shorten(error, 200)
    message = f"Keras' published weights of `{maker.__name__}` cannot be read"
    kept = _broken(maker.__name__)
    again = " and run again" + (" without `--offline`" if offline else "")
    if kept:
        files = " and ".join(f"`{shorten(file, 400)}`" for file in kept)
        step = f"delete {files}, which may be half of a download,{again}"
    else:
        step = f"put the file into {keras_home() / MODELS}" + (", or leave out `--offline`" if offline else "")
    raise CnnspecError.one("E529", message, notes=(fact,), help=step)


def _broken(maker: str) -> list[Path]:
    """Return the files of a network's weights in Keras' cache that cannot be opened: a killed download leaves such.

    Keras takes them for whole, as long as they are there.
    """
    import h5py

    found = []
    for file in sorted((keras_home() / MODELS).glob("*.h5")):
        if _plain(file.stem).startswith(_plain(maker)):
            try:
                h5py.File(file, "r").close()
            except OSError:
                found.append(file)
    return found


@contextmanager
def _without_network(*, offline: bool) -> Iterator[None]:
    """Let no name of a server be found while we are offline, and wait for none for ever."""
    before, patience = socket.getaddrinfo, socket.getdefaulttimeout()

    def refuse(*_: object, **__: object) -> Any:
        raise OSError("offline, and the file is not in Keras' cache")

    socket.setdefaulttimeout(60.0)
    if offline:
        socket.getaddrinfo = refuse
    try:
        yield
    finally:
        socket.getaddrinfo = before
        socket.setdefaulttimeout(patience)
