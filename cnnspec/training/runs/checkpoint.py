"""Checkpoints: one Keras file that holds weights, optimizer and the state of the training, replaced in one step.

The state stands inside the file, so the two can never be of different epochs, whenever the process is killed.
"""

from __future__ import annotations

import json
import lzma
import os
import shutil
import struct
import warnings
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cnnspec.archives import MemberError, read_member
from cnnspec.errors import CnnspecError, listing, shorten
from cnnspec.files import demand_clock, replacing, unwritable
from cnnspec.foreign_json import parsed
from cnnspec.hdf5 import demand_sound
from cnnspec.keras.naming import layer_names
from cnnspec.training.runs.state import State, from_json

if TYPE_CHECKING:
    import keras

    from cnnspec.ir.graph import Graph

STATE: Final = "cnnspec.json"
"""The member of a Keras file that holds the state; Keras reads past it."""
MAKE_ROOM: Final = "make room, then go on with `--resume`: the checkpoint before is kept"
WEIGHTS: Final = "model.weights.h5"
MOST_STATE: Final = 10_000_000
"""The most bytes of a state: those of 50,000 epochs."""
MOST_PER_LAYER: Final = 10_000
"""The most bytes of a layer in Keras' configuration, which takes a tenth of them."""
BESIDE_LAYERS: Final = 1_000_000
FAILURES: Final = (
    *(OSError, EOFError, ValueError, TypeError, ArithmeticError, LookupError, RuntimeError, MemoryError),
    *(struct.error, zlib.error, lzma.LZMAError, zipfile.BadZipFile),
)
"""What the readers of archives, JSON and HDF5 raise for files that are damaged, each in its own way."""


def save(model: keras.Model, state: State, path: Path) -> None:
    """Write a checkpoint whole or not at all; raise CnnspecError where it cannot be written."""
    step = MAKE_ROOM if os.path.lexists(path) else "make room, then train again"
    demand_clock(path)
    with replacing(path, step, follow=False) as temporary:
        try:
            model.save(temporary)
            with zipfile.ZipFile(temporary, "a") as archive:
                archive.writestr(STATE, json.dumps(state.as_json()))
        except (RuntimeError, ValueError) as error:
            # h5py reports a full disk as a RuntimeError.
            fault = OSError(0, shorten(error, 200))
            raise unwritable(path, fault, step) from None


def link(source: Path, target: Path) -> None:
    """Let a second name stand for a checkpoint; where the file system has no links, copy it."""
    with replacing(target, follow=False) as temporary:
        try:
            os.link(source, temporary)
        except OSError:
            shutil.copyfile(source, temporary)


def read_state(path: Path) -> State:
    """Return the state inside a checkpoint; raise CnnspecError where the file is not one of ours."""
    try:
        return from_json(parsed(_member(path, STATE, MOST_STATE)))
    except (ValueError, RecursionError) as error:
        raise broken(path, f"it holds no state of a training ({shorten(error, 80)})") from None


def restore(model: keras.Model, graph: Graph, path: Path) -> None:
    """Give a model, and its optimizer if it has one, the values in a Keras file of the same network.

    Nothing of the file but its numbers is used: no layer is made from its configuration, no code in it runs.
    """
    inspect(graph, path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what is missing Keras warns first, and then it fails
            model.load_weights(path)
    except FAILURES as error:
        raise broken(path, shorten(error, 120)) from None


def inspect(graph: Graph, path: Path) -> None:
    """Raise CnnspecError where a Keras file brings code of its own, or is of another network."""
    try:
        config = parsed(_member(path, "config.json", BESIDE_LAYERS + MOST_PER_LAYER * len(graph.nodes)))
        made = list(_objects(config))
        names = [layer["config"]["name"] for layer in config["config"]["layers"]]
    except (*FAILURES, AttributeError) as error:
        raise broken(path, shorten(error, 80)) from None
    code = sorted(
        {name for module, name in made if name == "Lambda" or module.partition(".")[0] not in ("keras", "builtins")}
    )
    if code or "__lambda__" in json.dumps(config):
        raise _refused(path, f"it brings code of its own: {listing(code or ['a lambda'])}")
    wanted = layer_names(graph)
    missing = [node.name for node in graph if wanted[node.name] not in names]
    if missing:
        raise _refused(path, f"it is of another network: it lacks {listing(missing, 5)}")
    _demand_sound_weights(path)


def _demand_sound_weights(path: Path) -> None:
    """Raise CnnspecError where the weights are not as Keras writes them, whole and unpacked: their size is a true one.

    Only then, and where it gets to their end, does Keras read them.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if member.filename == WEIGHTS]
            if any(member.compress_type != zipfile.ZIP_STORED for member in members):
                raise broken(path, f"its `{WEIGHTS}` is packed, which Keras never does")
            for member in members:
                demand_sound(archive.read(member))
    except FAILURES as error:
        raise broken(path, shorten(error, 120)) from None


def _objects(config: Any) -> list[tuple[str, str]]:
    """Return the module and the class of everything that a configuration would make."""
    found, rest = [], [config]
    while rest:
        value = rest.pop()
        if isinstance(value, dict):
            if "class_name" in value:
                found.append((str(value.get("module") or "builtins"), str(value["class_name"])))
            rest.extend(value.values())
        elif isinstance(value, list):
            rest.extend(value)
    return found


def _member(path: Path, name: str, most: int) -> bytes:
    """Return a text member of a Keras file, of at most so many bytes, whatever the file says of itself."""
    if not os.path.lexists(path):
        raise _missing(path)
    if not path.is_file():
        raise broken(path, "it is no file")
    try:
        with zipfile.ZipFile(path) as archive:
            if name not in archive.namelist():
                raise broken(path, f"it holds no `{name}`")
            return read_member(archive, archive.getinfo(name), most)
    except MemberError as error:
        raise broken(path, f"its `{name}` {str(error).removeprefix('it ')}") from None
    except FAILURES as error:
        raise broken(path, shorten(error, 80)) from None


def _missing(path: Path) -> CnnspecError:
    """Return the diagnostic about a checkpoint that is not there; beside the best one lies the last one."""
    step = "train for an epoch first"
    if path.name == "best.keras" and path.with_name("last.keras").is_file():
        step = "take the weights of the last epoch with `--checkpoint last`"
    return CnnspecError.one("E526", f"`{shorten(path, 80)}` is not there", help=step)


def broken(path: Path, fact: str) -> CnnspecError:
    """Return the error about a file that is no checkpoint of ours."""
    message = f"`{shorten(path, 80)}` is no checkpoint that can be read"
    return CnnspecError.one("E526", message, notes=(fact,))


def _refused(path: Path, fact: str) -> CnnspecError:
    return CnnspecError.one("E523", f"`{shorten(path, 80)}` is refused", notes=(fact,))


def seeds_of(model: keras.Model) -> tuple[tuple[int, ...], ...]:
    """Return the states of the layers that draw random numbers."""
    return tuple(tuple(int(number) for number in variable.numpy()) for variable in seed_variables(model))


def set_seeds(model: keras.Model, seeds: tuple[tuple[int, ...], ...], path: Path) -> None:
    """Put the layers that draw random numbers where they were; raise CnnspecError where they are others."""
    variables = seed_variables(model)
    had, wanted = [len(seed) for seed in seeds], [int(variable.shape[0]) for variable in variables]
    if had != wanted:
        fact = f"it holds {len(had)} states of random numbers, and the network has {len(wanted)}"
        raise broken(path, fact if len(had) != len(wanted) else "its states of random numbers are of another size")
    for variable, seed in zip(variables, seeds, strict=True):
        variable.assign(seed)


def seed_variables(model: keras.Model) -> list[Any]:
    """Return what Keras keeps for random numbers: variables that are no weights and that it does not save."""
    weights = {id(variable) for variable in model.weights}
    return [variable for variable in model.non_trainable_variables if id(variable) not in weights]
