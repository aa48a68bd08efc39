"""The specs that words of a command line name: files, all of a folder, and patterns that no shell has expanded."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from glob import has_magic, iglob
from itertools import islice
from pathlib import Path
from typing import Final

from cnnspec.bundled import is_bundled
from cnnspec.errors import Diagnostic, SpecError, shorten
from cnnspec.text.limits import STANDARD

SUFFIXES: Final = (".yaml", ".yml")
SPEC: Final = re.compile(r"^(?:cnnspec|input|layers|blocks)[ \t]*:", re.MULTILINE)
ASSIGNMENT: Final = re.compile(r"^assignment[ \t]*:", re.MULTILINE)
MOST: Final = 10_000
"""Files that one word may stand for."""


def is_spec(text: str) -> bool:
    """Tell whether a text is meant as a spec; other YAML files, and assignments, are left alone."""
    return SPEC.search(text) is not None and not ASSIGNMENT.search(text)


def expanded(words: Iterable[str], *, assignments: bool = False) -> tuple[list[str], list[Diagnostic]]:
    """Return the specs that words name, each once, and the faults of folders and patterns that name none.

    Of a folder these are the YAML files in it and below that are meant as specs, or as `assignments`.
    """
    found: dict[str, None] = {}
    faults: list[Diagnostic] = []
    for word in words:
        try:
            found |= dict.fromkeys(_expanded(word, assignments=assignments))
        except SpecError as error:
            faults += error.diagnostics
    return list(found), faults


def _expanded(word: str, *, assignments: bool) -> list[str]:
    if word in ("", "-") or is_bundled(word) or _is(Path.is_file, word):
        return [word]
    if _is(Path.is_dir, word):
        specs = [str(path) for path in _files(Path(word)) if _is_meant(path, assignments=assignments)]
        return _bounded(
            word, specs, "there is no spec in the folder", "a spec is a YAML file with `input` and `layers`"
        )
    if has_magic(word):
        files = sorted(path for path in _matching(word) if Path(path).is_file())
        return _bounded(word, files, "no file matches", "`*` stands for any characters, `**` for folders too")
    return [word]


def _is(kind: Callable[[Path], bool], word: str) -> bool:
    try:
        return kind(Path(word))
    except (OSError, ValueError):
        return False


def _bounded(word: str, files: list[str], message: str, note: str) -> list[str]:
    if not files:
        raise SpecError.one("E601", f"{message} `{shorten(word, 80)}`", notes=(note,))
    if len(files) > MOST:
        step = "name a folder or a pattern with fewer files"
        raise SpecError.one("E602", f"`{shorten(word, 80)}` stands for more than {MOST:,} specs", help=step)
    return files


def _matching(pattern: str) -> list[str]:
    try:
        found = iglob(pattern, recursive=True)  # noqa: PTH207 - for Path a pattern must be relative
        return list(islice(found, MOST + 1))
    except (OSError, ValueError, re.error):
        return []


def _files(folder: Path) -> Iterator[Path]:
    """Yield the YAML files of a folder and of those below, in order; hidden folders and links are left alone."""
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(parent) / name for name in sorted(names) if name.lower().endswith(SUFFIXES))


def _is_meant(path: Path, *, assignments: bool) -> bool:
    try:
        with path.open("rb") as file:
            text = file.read(STANDARD.bytes).decode("utf-8-sig", "replace")
    except OSError:
        return True  # what is wrong with it is said where it is read
    return is_spec(text) or (assignments and ASSIGNMENT.search(text) is not None)
