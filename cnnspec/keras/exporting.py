"""A Keras model as a file or folder of another program: Keras' own, SavedModel, TensorFlow Lite, ONNX, and JSON."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cnnspec.errors import shorten
from cnnspec.files import (
    demand_clock,
    demand_free,
    demand_writable,
    replacing,
    resolved,
    taken,
    temporary_beside,
    unwritable,
    write_whole,
)
from cnnspec.json_lines import indented
from cnnspec.keras.build import build, framework
from cnnspec.keras.conversion import require_onnx, to_onnx, to_saved_model, to_tflite

if TYPE_CHECKING:
    from cnnspec.ir.graph import Graph

MARKER: Final = "saved_model.pb"
"""What every folder of a SavedModel holds."""
OTHER_NAME: Final = "give another name with `-o`"


class Form(NamedTuple):
    """A binary format: the end of its files' names, how a model is written, and what that needs."""

    suffix: str
    write: Callable[[Any, Path], None]
    require: Callable[[], None] = lambda: None
    is_folder: bool = False


def export(model: Any, form: str, path: Path, *, force: bool = False) -> None:
    """Write a model in a binary format, whole or not at all; what exists stays unless `force` is set."""
    ensure_free(path, force=force, is_folder=FORMS[form].is_folder)
    FORMS[form].write(model, path)


def untrained(graph: Graph) -> Any:
    """Return the Keras model of a graph with the weights that the seed 0 gives."""
    framework().utils.set_random_seed(0)
    return build(graph)


def as_json(model: Any) -> str:
    """Return Keras' configuration of a model, indented."""
    return indented(json.loads(model.to_json()), indent=2)


def ensure_free(path: Path, *, force: bool, is_folder: bool = False) -> None:
    """Raise CnnspecError where nothing can be written, before a framework is imported.

    A folder gives way to nothing but a new SavedModel, and only if it is an old one: what else a user has stays.
    """
    target = demand_free(path, force=force, is_folder=is_folder)
    if target.is_dir() and not (is_folder and (target / MARKER).is_file()):
        raise taken(path, "it is a folder of something else", OTHER_NAME)
    if target.exists() and is_folder and not target.is_dir():
        raise taken(path, "it is a file, and a folder is to be written", OTHER_NAME)
    demand_writable(path)


def _write_keras(model: Any, path: Path) -> None:
    demand_clock(path)
    with replacing(path) as temporary:
        # Keras writes nothing whose name ends otherwise.
        named = temporary.with_name(f"{temporary.name}.keras")
        try:
            model.save(named)
            named.rename(temporary)
        except RuntimeError as error:
            # h5py reports a full disk as a RuntimeError.
            raise unwritable(path, OSError(0, shorten(error, 200))) from None
        finally:
            named.unlink(missing_ok=True)


def _write_saved_model(model: Any, path: Path) -> None:
    with _replacing_folder(path) as temporary:
        try:
            to_saved_model(model, temporary)
        except import_module("tensorflow").errors.OpError as error:
            # TensorFlow writes by itself, and has its own errors for full disks and forbidden folders.
            raise unwritable(path, OSError(0, shorten(error.message, 200))) from None


@contextmanager
def _replacing_folder(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside a folder; what was written there takes the folder's place at the end."""
    target = resolved(path)
    temporary = temporary_beside(target)
    old = temporary.with_name(f"{temporary.name}.old")
    # In a container all processes have the same number: what a killed one left has our names.
    shutil.rmtree(temporary, ignore_errors=True)
    with suppress(OSError):
        old.rename(target)  # it had put the folder aside, and not come to the new one
    shutil.rmtree(old, ignore_errors=True)
    try:
        yield temporary
        # A folder cannot be renamed onto one that holds something.
        if target.is_dir():
            target.rename(old)
        temporary.rename(target)
    except OSError as error:
        with suppress(OSError):
            old.rename(target)
        raise unwritable(path, error) from None
    finally:
        for folder in (temporary, old):
            shutil.rmtree(folder, ignore_errors=True)


FORMS: Final = {
    "keras": Form(".keras", _write_keras),
    "saved_model": Form(".saved_model", _write_saved_model, is_folder=True),
    "tflite": Form(".tflite", lambda model, path: write_whole(path, to_tflite(model))),
    "onnx": Form(".onnx", lambda model, path: write_whole(path, to_onnx(model)), require_onnx),
}
"""The binary formats by name."""
