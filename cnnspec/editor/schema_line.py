"""The comment by which editors find the schema of a spec."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from cnnspec.errors import UsageError, shorten

FILE: Final = "spec.schema.json"
"""What `cnnspec schema -o` writes by convention: it is found beside a spec, and in the folders above."""
NONE: Final = "none"
MOST_ABOVE: Final = 4
START: Final = "# yaml-language-server:"


def with_schema(text: str, folder: Path, schema: str | None = None) -> str:
    r"""Return a spec's text with the line that names its schema, where there is one.

    It is a path from the folder where the spec will lie, or a URL; `none` is without, and so is a text that has one.

    >>> print(with_schema("input: 4\n", Path(), "https://example.org/spec.json"), end="")
    # yaml-language-server: $schema=https://example.org/spec.json
    input: 4
    """
    if schema is not None and (not schema or any(char.isspace() or not char.isprintable() for char in schema)):
        step = f"write `--schema {FILE}`, a URL, or `--schema {NONE}`"
        raise UsageError.one("E703", f"`{shorten(schema)}` is no path or URL of a schema", help=step)
    found = schema or _near(folder)
    return text if found in ("", NONE) or text.startswith(START) else f"{START} $schema={found}\n{text}"


def _near(folder: Path) -> str:
    """Return the path of the schema in a folder or above it, an empty text where there is none."""
    try:
        above = [folder.resolve(), *folder.resolve().parents][: MOST_ABOVE + 1]
        found = next((place / FILE for place in above if (place / FILE).is_file()), None)
        path = "" if found is None else Path(os.path.relpath(found, folder.resolve())).as_posix()
    except (OSError, ValueError, RuntimeError):
        return ""
    return "" if any(char.isspace() for char in path) else path
