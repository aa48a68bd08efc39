"""The networks that come with the program: a file each, of which some are families with variants.

A variant of a family is a network of its own name: `resnet101` is `resnet` with the row 101 of its table of variants.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from cnnspec.errors import SpecError, shorten, suggest
from cnnspec.files import MOST_NAMES, WHOLE, lacking
from cnnspec.language.expressions import fill
from cnnspec.language.faults import Faults
from cnnspec.language.parameters import read_variants
from cnnspec.source import Source
from cnnspec.text.limits import STANDARD
from cnnspec.text.reader import decode, read
from cnnspec.text.tree import Mapping, Scalar

SUFFIX = ".yaml"


class Bundled(NamedTuple):
    """A bundled spec, the group of networks that it says it belongs to, and the choices of its variants.

    `chooser` is the parameter that chooses a variant, an empty text where there are none; `title` is the name that
    holds it, `place` are the offsets of its value.
    """

    source: Source
    group: str
    chooser: str = ""
    title: str = ""
    choices: tuple[str, ...] = ()
    place: tuple[int, int] = (0, 0)

    @property
    def name(self) -> str:
        """The name of the file."""
        return self.source.name.removesuffix(SUFFIX)

    def variants(self) -> list[str]:
        """Return the names of the variants, as the spec forms them."""
        return [fill(self.title, {self.chooser: choice}) for choice in self.choices]

    def variant(self, name: str) -> Source | None:
        """Return the spec of a variant, which differs from the family's in the value that chooses it."""
        choice = name.removeprefix(self.name).removeprefix("-")
        if choice not in self.choices:
            return None
        text, (start, end) = self.source.text, self.place
        return Source(f"{name}{SUFFIX}", f"{text[:start]}{choice}{text[end:]}")


def bundled_names() -> list[str]:
    """Return the names of the bundled networks, sorted; of a family, that of the family."""
    return sorted(path.stem for path in _folder().glob(f"*{SUFFIX}"))


def bundled_source(name: str) -> Source | None:
    """Return the spec of a bundled network or of a variant, by its name with or without `.yaml`."""
    stem = name.removesuffix(SUFFIX)
    if not stem or any(char in stem for char in "/\\\0:") or stem.startswith("."):
        return None
    path = _folder() / f"{stem}{SUFFIX}"
    if _is_file(path):
        return decode(path.read_bytes(), path.name)
    return next((source for family in _families(stem) if (source := bundled(family).variant(stem))), None)


def is_bundled(name: str) -> bool:
    """Tell whether a bundled network or a variant has a name."""
    return bundled_source(name) is not None


def missing(name: str, message: str, *, or_file: bool = False) -> SpecError:
    """Return the error that a name is no bundled network's, with those that are, or with the variants of its family.

    Where a file would do too, one of a near name may be what was meant, and a path is answered without all networks.
    """
    names, path = bundled_names(), Path(name)
    found = [bundled(family) for family in _families(name.removesuffix(SUFFIX))]
    family = next((entry for entry in found if entry.choices), None)
    known = family.variants() if family else names
    note = f"{f'variants of `{family.name}`' if family else 'bundled networks'}: {', '.join(known)}"
    is_path = or_file and not family and bool(path.suffix or path.name != name)
    folder = lacking(path) if is_path else ""
    meant = (or_file and (_revision(name) or _beside(path, known))) or suggest(path.stem, known if not folder else ())
    notes = (folder,) if folder else () if is_path else (note,)
    step = meant or "`cnnspec list` shows the bundled networks"
    return SpecError.one("E601", f"{message} `{shorten(name, 80)}`", notes=notes, help=step)


def _revision(name: str) -> str:
    """Return what takes a spec as it was in a revision of git, where a name says that of a file that is there."""
    file, _, revision = name.rpartition("@")
    if not revision or not _is_file(Path(file)):
        return ""
    return f"a revision is compared: `cnnspec compare {shorten(name, 80)} {shorten(file, 80)}`"


def _beside(path: Path, known: list[str]) -> str:
    """Return what was meant, a spec in the same folder or a bundled network: of that name but its ending or its case.

    Where none is, the nearest of both; a bundled network lies in no folder.
    """
    try:
        files = [found.name for found in islice(path.parent.iterdir(), MOST_NAMES) if found.suffix in (SUFFIX, ".yml")]
    except (OSError, ValueError):
        files = []
    words = {} if path.parent.name else {word: word for word in known}
    words |= {Path(file).stem.lower(): shorten(path.parent / file, WHOLE) for file in files}
    return suggest(path.stem, words, words)


def hidden(name: str) -> str:
    """Return the file beside which a bundled network of its name is found, an empty text where there is none.

    `lenet5` is the bundled network, even where the folder holds `lenet5.yaml`.
    """
    path = Path(name)
    if _is_file(path) or path.suffix in (SUFFIX, ".yml"):
        return ""
    return next((f"{name}{suffix}" for suffix in (SUFFIX, ".yml") if _is_file(Path(f"{name}{suffix}"))), "")


@lru_cache
def bundled(name: str) -> Bundled:
    """Return what the file of a bundled network says of itself."""
    source = bundled_source(name)
    if source is None:
        raise missing(name, "no bundled network is named")
    tree = read(source, STANDARD)
    if not isinstance(tree, Mapping):
        return Bundled(source, "")
    meta, params = tree.get("meta"), tree.get("params")
    group = meta.get("group") if isinstance(meta, Mapping) else None
    entry = Bundled(source, group.text if isinstance(group, Scalar) else "")
    table, title = read_variants(tree.get("variants"), Faults(source)), tree.get("name")
    chosen = params.get(table.chooser) if table and isinstance(params, Mapping) else None
    if table is None or not isinstance(chosen, Scalar) or not isinstance(title, Scalar):
        return entry
    place = chosen.start, chosen.end
    return Bundled(source, entry.group, table.chooser, title.text, tuple(table.choices()), place)


def _families(name: str) -> Iterator[str]:
    """Yield the bundled networks whose names begin a name, the longest first."""
    return (stem for stem in reversed(bundled_names()) if name.startswith(stem) and name != stem)


def _folder() -> Path:
    """Return the folder of the bundled specs: inside an installed package, beside it in a checkout."""
    package = Path(__file__).parent
    inside = package / "specs"
    return inside if inside.is_dir() else package.parent / "specs"


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
