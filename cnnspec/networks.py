"""Where specs come from: a path, standard input, or the bundled networks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from itertools import islice
from operator import index
from pathlib import Path, PurePosixPath
from sys import float_info
from typing import Any, Final, SupportsIndex

import cnnspec.layers  # noqa: F401 - registers the kinds
from cnnspec.bundled import bundled_source, is_bundled, missing
from cnnspec.errors import Diagnostic, SpecError, shorten
from cnnspec.files import read_standard_input
from cnnspec.ir.graph import Graph
from cnnspec.ir.shapes import Shape
from cnnspec.ir.values import Raw, input_shape
from cnnspec.language.build import build
from cnnspec.language.nesting import Opened, Opener
from cnnspec.source import Source
from cnnspec.text.limits import STANDARD, Limits
from cnnspec.text.reader import decode

ShapeLike = str | int | Iterable[SupportsIndex]
"""A shape as `64x64x3`, as one size, or as sizes."""
Inputs = Mapping[str, ShapeLike] | ShapeLike
"""Shapes by the names of inputs, or the shape of the only one."""
Reader = Callable[[Path, Limits], bytes]
"""Reads a file, up to a byte more than a limit allows; raises SpecError where it cannot be read."""
MOST_OTHERS: Final = 1_000
"""How many items of a spec, and of those that it names, may be networks."""
SHAPE_RULE: Final = "a shape is positive integers, channels last and without the batch, of at most 10^12 elements"


def load(
    spec: str | Path,
    *,
    inputs: Inputs | None = None,
    params: Mapping[str, object] | None = None,
    limits: Limits = STANDARD,
) -> Graph:
    """Return the graph of a spec: a path, `-` for standard input, or the name of a bundled network.

    Raises SpecError with every fault of the spec. `inputs` replaces the shape of the only input, or shapes by name,
    `params` file parameters.

    >>> load("lenet5").nodes[0].shape
    (28, 28, 32)
    >>> load("lenet5", inputs=(64, 64, 1)).nodes[0].shape
    (64, 64, 32)
    """
    source = open_source(spec, limits)
    path = Path(spec)
    others = Others(path.parent if str(spec) != "-" and _is_file(path) else None, limits)
    return built(source, inputs, params, limits, others)


def loads(
    text: str,
    name: str = "<text>",
    *,
    inputs: Inputs | None = None,
    params: Mapping[str, object] | None = None,
    limits: Limits = STANDARD,
    folder: Path | None = None,
) -> Graph:
    r"""Return the graph of a spec that is given as text; everything else is as for `load`.

    Files that it names as networks are looked for in a `folder`; without one it may name bundled networks alone.

    >>> loads("input: 8x8x1\nlayers: [conv: 4 3x3]").nodes[0].shape
    (6, 6, 4)
    """
    source = decode(text.encode("utf-8", "surrogatepass"), name, limits)
    return built(source, inputs, params, limits, Others(folder, limits))


def built(
    source: Source,
    inputs: Inputs | None,
    params: Mapping[str, object] | None,
    limits: Limits,
    others: Others,
) -> Graph:
    """Return the graph of a text, whose networks `others` opens."""
    opener = others.opener((source.name,))
    graph = build(source, inputs=shapes_of(inputs), params=_texts(params or {}), limits=limits, open_other=opener)
    return replace(graph, others=tuple(others.files.values())) if others.files else graph


def shapes_of(inputs: Inputs | None) -> dict[str, Shape]:
    """Return shapes by the names of inputs; a shape alone is that of the only one."""
    if inputs is None:
        return {}
    shapes, faults = {}, []
    for name, given in inputs.items() if isinstance(inputs, Mapping) else [("", inputs)]:
        raw = _raw_shape(given)
        try:
            shapes[name] = input_shape(raw)
        except ValueError:
            shown = tuple(raw) if isinstance(raw, list) else raw
            faults.append(Diagnostic("E105", f"`{shorten(shown)}` is not an input shape", notes=(SHAPE_RULE,)))
    if faults:
        raise SpecError(faults)
    return shapes


def _raw_shape(given: object) -> Raw:
    """Return a shape as the readers of values take it, whatever kind of sequence and of integers it was given as."""
    if not isinstance(given, Iterable) or isinstance(given, str | bytes | Mapping | AbstractSet):
        return given
    some = islice(given, 9)
    return [index(size) if isinstance(size, SupportsIndex) and not isinstance(size, bool) else size for size in some]


def _is_finite(value: object) -> bool:
    """Tell whether a value is a number, of whatever type, that fits a float."""
    from numbers import Real  # noqa: PLC0415 - few networks are loaded with parameters, and the import takes time

    size: Any = abs(value) if isinstance(value, Real) else float_info.max * 2
    return bool(size <= float_info.max)


def _texts(params: Mapping[str, object]) -> dict[str, str]:
    """Return parameters as a spec would write them."""
    if not params:
        return {}
    texts, faults = {}, []
    for name, value in params.items():
        if isinstance(value, str | bool) or _is_finite(value):
            texts[name] = str(value).lower() if isinstance(value, bool) else str(value)
        else:
            message = f"`{shorten(value)}` is no value of the parameter `{shorten(name)}`"
            faults.append(Diagnostic("E105", message, notes=("a value is a number, a word, `true` or `false`",)))
    if faults:
        raise SpecError(faults)
    return texts


def open_source(spec: str | Path, limits: Limits = STANDARD) -> Source:
    """Return the text of a spec; a file wins over a bundled network of the same name."""
    if str(spec) == "-":
        return decode(read_standard_input(limits.bytes + 1), "<stdin>", limits)
    path = Path(spec)
    own = None if _is_file(path) else bundled_source(str(spec))
    return own or decode(_read(path, limits), str(spec), limits)


class Others:
    """The specs that one spec names as networks: bundled ones, and files beside it or in folders below."""

    def __init__(self, folder: Path | None, limits: Limits, read: Reader | None = None) -> None:
        """Take the folder of the spec, None where it lies in none, and what reads a file in it."""
        self.folder = folder
        self.limits = limits
        self._read = read or _read
        self.files: dict[str, Source] = {}
        self._opened = 0

    def opener(self, chain: tuple[str, ...]) -> Opener:
        """Return what opens the specs that the last one of a chain names."""
        return lambda name: self._open(name, chain)

    def _open(self, name: str, chain: tuple[str, ...]) -> Opened:
        self._opened += 1
        if self._opened > MOST_OTHERS:
            raise SpecError.one("E110", f"more than {MOST_OTHERS:,} networks are items of this one")
        source = bundled_source(name) or self._file(name, chain)
        if source.name in chain:
            raise SpecError.one("E204", f"network `{shorten(name)}` is part of itself", notes=(" → ".join(chain),))
        return Opened(source, self.opener((*chain, source.name)))

    def _file(self, name: str, chain: tuple[str, ...]) -> Source:
        """Return a file below the folder of the spec that names it; never one above, elsewhere, or through a link."""
        inside = PurePosixPath(name.replace("\\", "/"))
        if self.folder is None or not name.endswith((".yaml", ".yml")):
            raise _missing(name)
        parent = PurePosixPath(chain[-1]).parent if len(chain) > 1 else PurePosixPath()
        place = parent / inside
        path, root = self.folder / place, self.folder.resolve()
        if inside.is_absolute() or ".." in place.parts or ":" in name:
            raise _unreadable(path, "a network lies beside the spec that names it, or in a folder below", "")
        try:
            is_outside = not path.resolve().is_relative_to(root)
        except (OSError, RuntimeError, ValueError):
            is_outside = True
        if is_outside:
            raise _unreadable(path, "it leads out of the spec's folder", "")
        source = decode(self._read(path, self.limits), str(place), self.limits)
        self.files[str(place)] = source
        return source


def is_there(spec: str) -> bool:
    """Tell whether a word names a spec: a file, standard input, or a bundled network."""
    return spec == "-" or _is_file(Path(spec)) or is_bundled(spec)


def load_bundled(name: str) -> Graph:
    """Return the graph of a bundled network, whatever files lie about."""
    source = bundled_source(name)
    if source is None:
        raise _missing(name)
    return built(source, None, None, STANDARD, Others(None, STANDARD))


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _read(path: Path, limits: Limits) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(limits.bytes + 1)
    except FileNotFoundError:
        raise _missing(str(path)) from None
    except IsADirectoryError:
        raise _unreadable(path, "it is a directory", "name a file in it") from None
    except PermissionError:
        raise _unreadable(path, "permission is denied", "") from None
    except (OSError, ValueError) as error:
        raise _unreadable(path, shorten(error.__class__.__name__), "") from None


def _missing(spec: str) -> SpecError:
    return missing(spec, "no file and no bundled network is named", or_file=True)


def _unreadable(path: Path, fact: str, step: str) -> SpecError:
    return SpecError.one("E602", f"`{shorten(path, 80)}` cannot be read", notes=(fact,), help=step)
