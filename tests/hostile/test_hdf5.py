"""HDF5 files in which the library that reads them turns round for ever: found by the fuzzer in twenty seconds."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Final

import pytest

import cnnspec
from cnnspec import hdf5
from cnnspec.errors import CnnspecError
from cnnspec.importing.opening import open_model
from cnnspec.training.runs import checkpoint
from cnnspec.training.transfer import stored

ENDLESS: Final = "the library that reads HDF5 does not come to an end with it"
SPEC: Final = "input: 4\nlayers: [dense: 2]\n"


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hdf5, "SECONDS", 1)


def endless(attribute: str) -> bytes:
    """Return a file of 5 kB with two texts, the first of which says that it is 0 bytes long."""
    library = pytest.importorskip("h5py", reason="h5py is missing, so no HDF5 was read")
    file = io.BytesIO()
    with library.File(file, "w") as archive:
        archive.attrs[attribute] = ["one", "two"]
    content = bytearray(file.getvalue())
    at = content.index(b"GCOL") + 24
    content[at : at + 8] = bytes(8)
    return bytes(content)


def fact(error: pytest.ExceptionInfo[CnnspecError]) -> str:
    """Return the note of the only diagnostic."""
    ((note,),) = (fault.notes for fault in error.value.diagnostics)
    return note


@pytest.mark.slow
def test_an_endless_model_is_broken(tmp_path: Path) -> None:
    """It is read by a process of its own, which is ended."""
    path = tmp_path / "net.h5"
    path.write_bytes(endless("model_config"))
    with pytest.raises(CnnspecError) as error:
        open_model(str(path))
    assert fact(error) == f"it is broken: {ENDLESS}"


@pytest.mark.slow
def test_endless_weights_are_damaged(tmp_path: Path) -> None:
    """As a file of its own, and inside an archive."""
    path = tmp_path / "weights.h5"
    path.write_bytes(endless("layer_names"))
    with pytest.raises(CnnspecError) as error, stored.opened(path):
        pass
    assert fact(error) == f"it is damaged: {ENDLESS}"
    with zipfile.ZipFile(tmp_path / "net.keras", "w") as archive:
        archive.writestr("model.weights.h5", path.read_bytes())
    with pytest.raises(CnnspecError) as error, stored.opened(tmp_path / "net.keras"):
        pass
    assert fact(error) == f"it is damaged: {ENDLESS}"


@pytest.mark.slow
def test_an_endless_checkpoint_is_refused_before_keras_reads_it(tmp_path: Path) -> None:
    """Its configuration is right."""
    layers = [{"module": "keras.layers", "class_name": "Dense", "config": {"name": name}} for name in ("in", "dense1")]
    path = tmp_path / "best.keras"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", json.dumps({"class_name": "Functional", "config": {"layers": layers}}))
        archive.writestr("model.weights.h5", endless("anything"))
    with pytest.raises(CnnspecError) as error:
        checkpoint.inspect(cnnspec.loads(SPEC), path)
    assert fact(error) == ENDLESS


def test_half_characters_are_no_json(tmp_path: Path) -> None:
    """A configuration whose bytes are no UTF-8."""
    library = pytest.importorskip("h5py", reason="h5py is missing, so no HDF5 was read")
    path = tmp_path / "net.h5"
    with library.File(path, "w") as archive:
        archive.attrs["model_config"] = "{xyzxyz}"
    path.write_bytes(path.read_bytes().replace(b"xyzxyz", b"\xff\xfe\xed\xa0\x80x"))
    with pytest.raises(CnnspecError) as error:
        open_model(str(path))
    assert fact(error).startswith("it is no JSON")
