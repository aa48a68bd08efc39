"""Where specs come from: a path, standard input, or the bundled networks."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from cnnspec import layers as _layers  # noqa: F401 - registers the kinds
from cnnspec.errors import SpecError, shorten, suggest
from cnnspec.ir.graph import Graph
from cnnspec.ir.shapes import Shape
from cnnspec.ir.values import sizes
from cnnspec.language.build import build
from cnnspec.source import Source
from cnnspec.text.limits import STANDARD, Limits
from cnnspec.text.reader import decode

ShapeLike = str | Sequence[int]


def load(
    spec: str | Path,
    *,
    inputs: Mapping[str, ShapeLike] | None = None,
    params: Mapping[str, object] | None = None,
    limits: Limits = STANDARD,
) -> Graph:
    """Return the graph of a spec: a path, `-` for standard input, or the name of a bundled network.

    Raises SpecError with every fault of the spec. `inputs` replaces input shapes by name (an empty name means the only
    input), `params` file parameters.

    >>> load("lenet5").nodes[0].shape
    (28, 28, 32)
    """
    source = open_source(spec, limits)
    return build(source, inputs=_shapes(inputs or {}), params=_texts(params or {}), limits=limits)


def loads(
    text: str,
    name: str = "<text>",
    *,
    inputs: Mapping[str, ShapeLike] | None = None,
    params: Mapping[str, object] | None = None,
    limits: Limits = STANDARD,
) -> Graph:
    r"""Return the graph of a spec that is given as text; everything else is as for `load`.

    >>> loads("input: 8x8x1\nlayers: [conv: 4 3x3]").nodes[0].shape
    (6, 6, 4)
    """
    source = decode(text.encode("utf-8", "surrogatepass"), name, limits)
    return build(source, inputs=_shapes(inputs or {}), params=_texts(params or {}), limits=limits)


def _shapes(inputs: Mapping[str, ShapeLike]) -> dict[str, Shape]:
    shapes = {}
    for name, given in inputs.items():
        try:
            shape = sizes(given if isinstance(given, str) else list(given))
        except (ValueError, TypeError):
            shape = ()
        if not 1 <= len(shape) <= 4 or min(shape) < 1:
            note = "a shape is positive integers, channels last and without the batch"
            message = f"`{shorten(given)}` is not an input shape"
            raise SpecError.one("E105", message, notes=(note,))
        shapes[name] = shape
    return shapes


def _texts(params: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in params.items()}


def open_source(spec: str | Path, limits: Limits = STANDARD) -> Source:
    """Return the text of a spec; a file wins over a bundled network of the same name."""
    if str(spec) == "-":
        return decode(sys.stdin.buffer.read(limits.bytes + 1), "<stdin>", limits)
    path = Path(spec)
    bundled = bundled_path(str(spec))
    if bundled is not None and not _is_file(path):
        path = bundled
    return decode(_read(path, limits), path.name if path == bundled else str(spec), limits)


def load_bundled(name: str) -> Graph:
    """Return the graph of a bundled network, whatever files lie about."""
    path = bundled_path(name)
    if path is None:
        raise _missing(name)
    return build(decode(_read(path, STANDARD), path.name))


def bundled_names() -> list[str]:
    """Return the names of the bundled networks, sorted."""
    return sorted(path.stem for path in _folder().glob("*.yaml"))


def bundled_path(name: str) -> Path | None:
    """Return the file of a bundled network, by its name with or without `.yaml`."""
    stem = name.removesuffix(".yaml")
    if not stem or any(char in stem for char in "/\\\0:") or stem.startswith("."):
        return None
    path = _folder() / f"{stem}.yaml"
    return path if _is_file(path) else None


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
    names = bundled_names()
    close = suggest(Path(spec).stem, names)
    return SpecError.one(
        "E601",
        f"no file and no bundled network is named `{shorten(spec, 80)}`",
        notes=(f"bundled networks: {', '.join(names)}",),
        help=close or "`cnnspec list` shows the bundled networks",
    )


def _unreadable(path: Path, fact: str, step: str) -> SpecError:
    return SpecError.one("E602", f"`{shorten(path, 80)}` cannot be read", notes=(fact,), help=step)
