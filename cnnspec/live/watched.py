"""The file that a page shows: read again when it has changed, and written only where that is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from cnnspec.errors import CnnspecError
from cnnspec.files import write_whole
from cnnspec.networks import open_source
from cnnspec.source import Source


class Watched(NamedTuple):
    """A spec under its name; `path` is the file, None for a bundled network and for standard input."""

    name: str
    path: Path | None
    text: str

    @classmethod
    def of(cls, spec: str) -> Watched:
        """Return what a word of the command line names; raise SpecError where that cannot be read."""
        source: Source = open_source(spec)
        path = None if spec == "-" or not Path(spec).is_file() else Path(spec).resolve()
        return cls(path.name if path else source.name, path, source.text)

    @property
    def folder(self) -> Path | None:
        """Where the networks lie that the spec may name."""
        return self.path.parent if self.path else None

    def stamp(self) -> str:
        """Return what changes when the file does; never an empty text, which is the stamp of what nobody has seen."""
        if self.path is None:
            return "no file"
        try:
            found = self.path.stat()
        except OSError:
            return "gone"
        return f"{found.st_mtime_ns}:{found.st_size}:{found.st_ino}"

    def news(self, seen: str | None) -> dict[str, Any]:
        """Return the text of the file unless it is the one that was seen already."""
        stamp = self.stamp()
        if stamp == seen:
            return {"stamp": stamp}
        text = self.text if self.path is None else open_source(self.path).text
        return {"stamp": stamp, "name": self.name, "writable": self.path is not None, "text": text}

    def save(self, text: str, seen: str | None) -> dict[str, Any]:
        """Write a text to the file; raise CnnspecError where there is none, or it is not the one that was seen."""
        if self.path is None:
            note = "it is a bundled network, or came from standard input"
            raise CnnspecError.one("E604", f"`{self.name}` is no file that could be written", notes=(note,))
        if self.stamp() != seen:
            step = "load it, or save once more to replace it"
            raise CnnspecError.one("E603", f"`{self.name}` has changed since it was read", help=step)
        if "\r\n" in open_source(self.path).text:  # an editor in a page has other line ends
            text = text.replace("\n", "\r\n")
        write_whole(self.path, text.encode("utf-8", "replace"), follow=False)
        return {"stamp": self.stamp()}
