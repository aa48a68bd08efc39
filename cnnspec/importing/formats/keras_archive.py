"""The `.keras` file of Keras 3: a zip archive, of which the configuration alone is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cnnspec.errors import shorten
from cnnspec.importing.faults import unreadable
from cnnspec.importing.format import File, Format
from cnnspec.importing.formats.keras_json import MOST, read_text

if TYPE_CHECKING:
    from cnnspec.importing.draft import Draft

ZIP: Final = b"PK\x03\x04"
CONFIG: Final = "config.json"
MEMBERS: Final = 10_000


def claims(file: File) -> bool:
    """Tell whether a file is an archive that Keras would write."""
    return file.head.startswith(ZIP) and (file.suffix == "keras" or CONFIG.encode() in file.head)


def read(file: File, draft: Draft) -> None:
    """Read the member that holds the configuration; weights are not unpacked."""
    read_text(_configuration(file), file, draft)


def _configuration(file: File) -> bytes:
    from zipfile import ZipFile

    from cnnspec.archives import BROKEN, MemberError, read_member

    try:
        with file.opened() as opened, ZipFile(opened) as archive:
            if len(archive.infolist()) > MEMBERS:
                raise unreadable(file.name, f"the archive has more than {MEMBERS:,} members")
            if CONFIG not in archive.namelist():
                raise unreadable(file.name, f"the archive has no `{CONFIG}`, as a `.keras` file has")
            return read_member(archive, archive.getinfo(CONFIG), MOST)
    except MemberError as error:
        raise unreadable(file.name, f"`{CONFIG}` in the archive: {error}") from None
    except BROKEN as error:
        raise unreadable(file.name, f"the archive is broken: {shorten(error, 80)}") from None


FORMAT = Format("a Keras archive", "`.keras`: Keras 3's `model.save()`", 10, claims, read)
