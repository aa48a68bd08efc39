"""The page as a folder of files for any web space: Python runs in the browser, and nothing is sent anywhere."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import PackageNotFoundError, distribution
from io import BytesIO
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from cnnspec.bundled import bundled_names, bundled_source
from cnnspec.errors import CnnspecError, UsageError, listing, shorten
from cnnspec.files import demand_free, taken, unwritable, write_whole
from cnnspec.live.page import Shown, asset, index

PACKAGE: Final = Path(__file__).parent.parent
LEFT_OUT: Final = ("cli", "importing", "keras", "torch", "training")
"""The parts of the package that the page does not need."""
FIRST: Final = (1980, 1, 1, 0, 0, 0)
"""The time of all members of an archive: the same files make the same bytes."""
NEEDED: Final = ("pyodide.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")
HOST: Final = re.compile(r"[\w.-]+(:\d+)?", re.ASCII)
EITHER: Final = ("pyodide.asm.mjs", "pyodide.asm.js")
"""What Pyodide's own module loads, which has another name in its older releases."""
STEP: Final = "`npm install pyodide`, then give `--pyodide node_modules/pyodide`"


def write_folder(folder: Path, name: str, text: str, pyodide: str, *, force: bool) -> list[str]:
    """Write the page of a spec into a folder, and return the names of the files; nothing is replaced unasked."""
    files = dict(_files(name, text, pyodide))
    if folder.exists() and not folder.is_dir():
        raise taken(folder, "it is no folder", "name another folder")
    if not force and (there := [each for each in files if (folder / each).exists()]):
        raise taken(folder, f"it has {listing(there, 4)} already", "give `--force` to replace them")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "pyodide").mkdir(exist_ok=True) if any("/" in each for each in files) else None
    except OSError as error:
        raise unwritable(folder, error) from None
    for each, content in files.items():
        demand_free(folder / each, force=force)
        write_whole(folder / each, content, force=force)
    return list(files)


def _files(name: str, text: str, pyodide: str) -> Iterator[tuple[str, bytes]]:
    """Yield the files of the page; Pyodide's are copied unless it lies at an address."""
    url = urlsplit(pyodide)
    if url.scheme in ("http", "https"):
        if not HOST.fullmatch(url.netloc):  # it becomes a part of the page's policy
            raise UsageError.one("E703", f"`{shorten(pyodide, 80)}` is no address of a folder with Pyodide", help=STEP)
        place, host = pyodide.removesuffix("pyodide.mjs"), f"{url.scheme}://{url.netloc}"
    else:
        place, host = "pyodide/", ""
        yield from ((f"pyodide/{each}", content) for each, content in _pyodide(Path(pyodide)))
    yield "index.html", index(Shown(name, text, place, host)).encode()
    for script in ("app.js", "worker.js", "app.css"):
        yield script, asset(script).encode()
    yield "core.zip", core()


def _pyodide(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a download of Pyodide; raise UsageError where it is none."""
    if not folder.is_dir():
        raise UsageError.one("E601", f"there is no folder `{shorten(folder, 80)}` with Pyodide", help=STEP)
    own = [name for name in EITHER if (folder / name).is_file()][:1]
    if lacking := [name for name in (*NEEDED, *(own or EITHER[:1])) if not (folder / name).is_file()]:
        message = f"`{shorten(folder, 80)}` is no download of Pyodide"
        raise UsageError.one("E602", message, notes=(f"it lacks {listing(lacking)}",), help=STEP)
    for name in (*NEEDED, *own):
        try:
            yield name, (folder / name).read_bytes()
        except OSError as error:
            fact = (error.strerror or "it is not readable").lower()
            raise CnnspecError.one("E602", f"`{name}` of Pyodide cannot be read", notes=(fact,)) from None


def core() -> bytes:
    """Return the archive of what the page runs: the core, the bundled networks, and PyYAML in Python."""
    output = BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(_core_files()):
            archive.writestr(zipfile.ZipInfo(name, FIRST), content, zipfile.ZIP_DEFLATED, 9)
    return output.getvalue()


def _core_files() -> Iterator[tuple[str, bytes]]:
    for path in PACKAGE.rglob("*"):
        name = path.relative_to(PACKAGE)
        if path.suffix in (".py", ".md") and name.parts[0] not in LEFT_OUT:
            yield f"cnnspec/{name.as_posix()}", path.read_bytes()
    for network in bundled_names():
        source = bundled_source(network)
        if source is not None:
            yield f"cnnspec/specs/{source.name}", source.text.encode()
    yaml = Path(str(import_module("yaml").__file__)).parent
    yield from ((f"yaml/{path.name}", path.read_bytes()) for path in yaml.glob("*.py"))
    yield from _licence()


def _licence() -> Iterator[tuple[str, bytes]]:
    """Yield the licence of PyYAML, which goes wherever a copy goes."""
    try:
        files = distribution("PyYAML").files or ()
    except PackageNotFoundError:
        return
    for path in files:
        if path.name.upper().startswith("LICENSE"):
            yield "yaml/LICENSE", Path(str(path.locate())).read_bytes()
