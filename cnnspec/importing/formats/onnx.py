"""The `.onnx` file: a message of protocol buffers, read as it lies on the disk; weights are not loaded."""

from __future__ import annotations

from mmap import ACCESS_READ, mmap
from typing import TYPE_CHECKING, Final

from cnnspec.importing.faults import unopened, unreadable
from cnnspec.importing.format import File, Format
from cnnspec.importing.graphs.onnx_file import read_model
from cnnspec.importing.graphs.onnx_graph import read_graph
from cnnspec.importing.graphs.protobuf import BrokenMessageError

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
    try:
        with (
            file.path.open("rb") as opened,
            mmap(opened.fileno(), 0, access=ACCESS_READ) as mapped,
            memoryview(mapped) as data,
        ):
            model = read_model(data)
    except BrokenMessageError as error:
        raise unreadable(file.name, f"it is broken as an ONNX file: {error}") from None
    except ValueError:
        raise unreadable(file.name, "it is empty") from None
    except OSError as error:
        raise unopened(file.name, error) from None
    read_graph(model, draft)


FORMAT = Format("an ONNX file", "`.onnx`: `torch.onnx.export()`, tf2onnx", 50, claims, read)
