"""Where weights come from at the beginning, as `init` says: a run, a file of Keras, or Keras' own published ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from cnnspec.bundled import is_bundled
from cnnspec.errors import CnnspecError, Diagnostic, listing, shorten, suggest
from cnnspec.ir.graph import Graph
from cnnspec.training.runs.folders import CHECKPOINTS, find, is_file

IMAGENET: Final = "imagenet"
SIGNATURES: Final = (b"PK\x03\x04", b"\x89HDF\r\n\x1a\n")
"""How the files begin that hold weights: an archive of Keras 3, and HDF5."""


class Source(NamedTuple):
    """Where the weights of a network come from, or of the nested `part` of it; without a path, Keras publishes them."""

    words: str
    part: str
    path: Path | None


def sources(graph: Graph, init: Sequence[str]) -> list[Source]:
    """Return where weights come from; raise CnnspecError with all that are nowhere, or for parts that there are not."""
    found: list[Source] = []
    faults: list[Diagnostic] = []
    for words in init:
        try:
            found += _read(graph, words)
        except CnnspecError as error:
            faults += error.diagnostics
    if faults:
        raise CnnspecError(faults)
    return found


def parts_of(graph: Graph) -> dict[str, str]:
    """Return the name of every network that stands in another as one item, and the name of its spec."""
    blocks = {node.scope[0].name: node.scope[0].block for node in graph if node.scope}
    files = {Path(other.name).stem for other in graph.others}
    return {name: block for name, block in blocks.items() if is_bundled(block) or Path(block).stem in files}


def _read(graph: Graph, words: str) -> Iterator[Source]:
    name, equals, rest = words.partition("=")
    parts = parts_of(graph)
    if equals and name in parts:
        yield Source(words, name, _path(rest))
    elif equals and not Path(words).exists():
        message = f"`init` names a network `{shorten(name)}`, which is no part of `{graph.name}`"
        notes = (f"its networks are {listing(parts)}" if parts else "it has no `network:` item",)
        raise CnnspecError.one("E529", message, notes=notes, help=suggest(name, parts))
    elif words == IMAGENET and parts:
        yield from (Source(words, part, None) for part in parts)
    else:
        yield Source(words, "", _path(words))


def _path(words: str) -> Path | None:
    """Return the file with the weights, of a run the best checkpoint; None stands for what Keras publishes."""
    if words == IMAGENET:
        return None
    path = Path(words).expanduser()
    if not is_file(path):
        folder = find(words)
        found = [folder / name for name in CHECKPOINTS if is_file(folder / name)] if folder else []
        if not found:
            fact = "no epoch of the run is there" if folder else "there is no such run or file"
            step = f"name a run, a file of Keras (.keras, .h5), or `{IMAGENET}`"
            raise CnnspecError.one(
                "E529", f"weights cannot be taken from `{shorten(words, 80)}`", notes=(fact,), help=step
            )
        path = found[0]
    try:
        with path.open("rb") as file:
            head = file.read(8)
    except OSError as error:
        raise unusable(path, (error.strerror or "it cannot be read").lower()) from None
    if not head.startswith(SIGNATURES):
        raise unusable(path, "it begins neither as a `.keras` file nor as HDF5 does")
    return path


def unusable(path: Path, fact: str) -> CnnspecError:
    """Return the error about a file from which no weights can be taken."""
    return CnnspecError.one("E529", f"weights cannot be taken from `{shorten(path, 80)}`", notes=(fact,))
