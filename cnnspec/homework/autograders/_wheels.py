"""Wheels for a machine without network: cnnspec's own, and those of what it needs that lie beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple
from zipfile import ZipFile

from cnnspec.archives import BROKEN, MemberError, read_member
from cnnspec.errors import UsageError, shorten
from cnnspec.files import absent

OWN: Final = "cnnspec"
EXTRA: Final = "xlsx"
"""What reads the workbooks that students hand in."""
LARGEST: Final = 50_000_000

_NAME: Final = re.compile(r"(?P<name>[A-Za-z0-9._]+)-(?P<version>[A-Za-z0-9._+!]+)(-\d\w*)?(-[A-Za-z0-9_.]+){3}\.whl")
_METADATA: Final = re.compile(r"[^/]+\.dist-info/METADATA")
_MOST_METADATA: Final = 1_000_000
_NEED: Final = re.compile(r"(?P<name>[A-Za-z0-9._-]+)\s*(\[(?P<extras>[^\]]*)\])?[^;]*(;(?P<marker>.*))?", re.DOTALL)
_OF_EXTRA: Final = re.compile(r"extra\s*==\s*[\"']([^\"']+)[\"']")


class Need(NamedTuple):
    """What a wheel needs: a package with extras of its own; perhaps for an `extra`, or on some machines only."""

    name: str
    extras: tuple[str, ...]
    extra: str
    is_conditional: bool


class Wheel(NamedTuple):
    """A wheel: its package, version, and what it needs."""

    path: Path
    name: str
    version: str
    needs: tuple[Need, ...]


class Wheels(NamedTuple):
    """cnnspec's wheel with those that it needs; `lacking` are packages without one, `reads_workbooks` if none is."""

    own: Path
    files: tuple[Path, ...]
    lacking: tuple[str, ...]
    reads_workbooks: bool


def collect(path: Path, version: str) -> Wheels:
    """Return a wheel of this version of cnnspec, and the wheels beside it that it needs.

    Raises UsageError where it is no wheel, of another package, or of another version.
    """
    own = read_wheel(path)
    if own.name != OWN:
        raise _unfit(path, f"it is a wheel of `{shorten(own.name)}`")
    if own.version != version:
        note = f"it is a wheel of cnnspec {shorten(own.version)}, and this is cnnspec {version}"
        raise _unfit(path, note, "pack with the version that shall mark")
    beside = _beside(path)
    needed, lacking = _closure(own, (), beside)
    more, lacking_more = _closure(own, (EXTRA,), beside)
    reads_workbooks = bool(lacking) or not lacking_more - lacking
    files = dict.fromkeys([path, *needed, *(more if reads_workbooks else ())])
    return Wheels(path, tuple(files), tuple(sorted(lacking)), reads_workbooks)


def read_wheel(path: Path) -> Wheel:
    """Return what a wheel says of itself; raise UsageError where it is none."""
    named = _NAME.fullmatch(path.name)
    if named is None:
        raise _unfit(path, "the name of a wheel is NAME-VERSION-PYTHON-ABI-PLATFORM.whl")
    try:
        if path.stat().st_size > LARGEST:
            raise _unfit(path, f"it is larger than {LARGEST:,} bytes")
        with ZipFile(path) as archive:
            member = next(entry for entry in archive.infolist() if _METADATA.fullmatch(entry.filename))
            text = read_member(archive, member, _MOST_METADATA).decode("utf-8", "replace")
    except FileNotFoundError:
        raise absent(path) from None
    except StopIteration:
        raise _unfit(path, "it holds no METADATA") from None
    except (MemberError, *BROKEN):
        raise _unfit(path, "it is no zip archive that can be read") from None
    head = [line.partition(": ")[::2] for line in text.partition("\n\n")[0].splitlines()]
    fields = dict(head)
    needs = tuple(_need(value) for key, value in head if key == "Requires-Dist")
    return Wheel(path, _normal(fields.get("Name", "")), fields.get("Version", "").strip(), needs)


def _need(text: str) -> Need:
    found = _NEED.match(text.strip())
    if found is None:
        return Need(_normal(text.strip()), (), "", is_conditional=False)
    extras = tuple(filter(None, (extra.strip() for extra in (found["extras"] or "").split(","))))
    of_extra = _OF_EXTRA.search(found["marker"] or "")
    conditions = _OF_EXTRA.sub("", found["marker"] or "").replace("(", "").replace(")", "").split()
    extra = of_extra[1] if of_extra else ""
    return Need(_normal(found["name"]), extras, extra, is_conditional=bool(conditions))


def _normal(name: str) -> str:
    """Return a package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name.strip()).lower()


def _beside(path: Path) -> dict[str, list[Path]]:
    """Return the other wheels of a folder by the names of their packages."""
    found: dict[str, list[Path]] = {}
    for other in sorted(path.absolute().parent.glob("*.whl")):
        named = _NAME.fullmatch(other.name)
        if named is not None and other.is_file() and other != path.absolute():
            found.setdefault(_normal(named["name"]), []).append(other)
    return found


def _closure(own: Wheel, extras: tuple[str, ...], beside: dict[str, list[Path]]) -> tuple[list[Path], set[str]]:
    """Return the wheels that a wheel needs with those that they need, and the names of those that are not there.

    What only some machines need is taken if it is there, and not missed.
    """
    files: list[Path] = []
    lacking: set[str] = set()
    left = list(_asked(own, extras))
    seen: set[tuple[str, tuple[str, ...]]] = set()
    while left:
        need = left.pop()
        if (need.name, need.extras) in seen:
            continue
        seen.add((need.name, need.extras))
        paths = [] if need.name == own.name else beside.get(need.name, [])
        if not paths and not need.is_conditional and need.name != own.name:
            lacking.add(need.name)
        files += paths
        left += [inner for path in paths for inner in _asked(read_wheel(path), need.extras)]
        left += _asked(own, need.extras) if need.name == own.name else ()
    return files, lacking


def _asked(wheel: Wheel, extras: tuple[str, ...]) -> Iterator[Need]:
    """Yield what a wheel needs with some extras."""
    yield from (need for need in wheel.needs if not need.extra or need.extra in extras)


def _unfit(path: Path, fact: str, step: str = "") -> UsageError:
    step = step or "`pip download cnnspec -d wheels` fetches one with all that it needs"
    return UsageError.one("E418", f"`{shorten(path, 80)}` is no wheel to pack", notes=(fact,), help=step)
