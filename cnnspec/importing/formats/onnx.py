"""The `.onnx` file: a message of protocol buffers, read as it lies on the disk; weights are not loaded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from cnnspec.importing.faults import unopened, unreadable
from cnnspec.importing.format import PIPED, STANDARD_INPUT, File, Format

if TYPE_CHECKING:
    from cnnspec.importing.draft import Draft

VERSION: Final = 0x08
NEWEST: Final = 64
BEHIND: Final = (0x12, 0x1A, 0x22, 0x28, 0x32, 0x3A, 0x42)
"""The first bytes of the fields of a model that may follow its version."""


def claims(file: File) -> bool:
    """Tell whether a file is called as ONNX files are, or begins as they do: with the version and another field."""
    head = file.head
    begins = len(head) > 2 and head[0] == VERSION and 0 < head[1] < NEWEST and head[2] in BEHIND
    return begins or file.suffix == "onnx"


def read(file: File, draft: Draft) -> None:
    """Read the records of the model, then its graph."""
    from cnnspec.importing.graphs.onnx_file import read_model
    from cnnspec.importing.graphs.onnx_graph import read_graph
    from cnnspec.importing.graphs.protobuf import BrokenMessageError

    try:
        with _mapped(file) as data:
            model = read_model(data)
    except BrokenMessageError as error:
        raise unreadable(file.name, f"it is broken as an ONNX file: {error}") from None
    except ValueError:
        raise unreadable(file.name, "it is empty") from None
    read_graph(model, draft)


@contextmanager
def _mapped(file: File) -> Iterator[memoryview]:
    """Look at a file where it lies, at a copy where it comes through a pipe; raise ValueError where it is empty."""
    if file.name == STANDARD_INPUT:
        yield memoryview(file.content(PIPED))
        return
    from mmap import ACCESS_READ, mmap

    with file.opened() as opened:
        try:
            mapped = mmap(opened.fileno(), 0, access=ACCESS_READ)
        except OSError as error:
            raise unopened(file.name, error) from None
        with mapped, memoryview(mapped) as data:
            yield data


FORMAT = Format("an ONNX file", "`.onnx`: `torch.onnx.export()`, tf2onnx", 50, claims, read)
