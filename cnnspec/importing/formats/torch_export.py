"""The `.pt2` file that `torch.export.save` writes: a zip archive, of which the program's JSON alone is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cnnspec.errors import shorten
from cnnspec.foreign_json import parsed
from cnnspec.importing.faults import unreadable
from cnnspec.importing.format import File, Format

if TYPE_CHECKING:
    from cnnspec.importing.draft import Draft

ZIP: Final = b"PK\x03\x04"
PROGRAM: Final = "models/model.json"
OLD: Final = "serialized_exported_program.json"
"""What PyTorch up to 2.7 called the program."""
SUFFIXES: Final = ("pt2", "pt", "pth")
WEIGHTS: Final = b"/data/weights/"
MEMBERS: Final = 100_000
MOST: Final = 256_000_000
STEP: Final = "write it with `torch.export.save(torch.export.export(model, (x,)), 'model.pt2')`"


def claims(file: File) -> bool:
    """Tell whether a file is an archive that is called as PyTorch's are, or begins with weights in a folder of them."""
    return file.head.startswith(ZIP) and (file.suffix in SUFFIXES or WEIGHTS in file.head)


def read(file: File, draft: Draft) -> None:
    """Read the program; weights are not unpacked."""
    from cnnspec.importing.graphs.exported_program import BrokenProgramError, read_program

    try:
        document = parsed(_program(file))
        read_program(document, draft)
    except BrokenProgramError as error:
        raise unreadable(file.name, f"its program is not what `torch.export` writes: {error}", STEP) from None
    except (ValueError, RecursionError) as error:
        deep = isinstance(error, RecursionError)
        fact = "its program is nested too deep" if deep else f"its program is no JSON: {shorten(error, 80)}"
        raise unreadable(file.name, fact) from None


def _program(file: File) -> bytes:
    """Return the member that holds the program, which stands in a folder of any name."""
    from zipfile import ZipFile

    from cnnspec.archives import BROKEN, MemberError, read_member

    try:
        with file.opened() as opened, ZipFile(opened) as archive:
            if len(archive.infolist()) > MEMBERS:
                raise unreadable(file.name, f"the archive has more than {MEMBERS:,} members")
            names = archive.namelist()
            found = [name for name in names if name == OLD or f"/{name}".endswith(f"/{PROGRAM}")]
            if not found:
                pickled = any(name.endswith("data.pkl") for name in names)
                fact = "it is pickled, as `torch.save` writes, and pickles are not opened"
                raise unreadable(file.name, fact if pickled else f"the archive has no `{PROGRAM}`", STEP)
            return read_member(archive, archive.getinfo(found[0]), MOST)
    except MemberError as error:
        raise unreadable(file.name, f"`{PROGRAM}` in the archive: {error}") from None
    except BROKEN as error:
        raise unreadable(file.name, f"the archive is broken: {shorten(error, 80)}") from None


FORMAT = Format("a program of PyTorch", "`.pt2`: `torch.export.save()`", 5, claims, read)
