"""The catalogue of error codes: `error_codes.md` beside this module, one section per code."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from cnnspec.errors import CnnspecError, listing


@cache
def sections() -> dict[str, str]:
    """Return the text of every section by its code."""
    text = Path(__file__).with_name("error_codes.md").read_text(encoding="utf-8")
    parts = re.split(r"^## ([EW]\d{3}) ", text, flags=re.MULTILINE)
    return {code: f"{code}: {body.strip()}\n" for code, body in zip(parts[1::2], parts[2::2], strict=True)}


def entry(code: str) -> str:
    """Return what the catalogue says about a code; raise CnnspecError for an unknown one."""
    if code not in sections():
        note = f"codes are {listing(sections())}"
        raise CnnspecError.one("E704", f"there is no error code `{code}`", notes=(note,))
    return sections()[code]


def example(code: str) -> str | None:
    """Return the failing spec of a section, None where a spec cannot show the error."""
    found = re.search(r"^```yaml\n(.*?)^```", entry(code), flags=re.MULTILINE | re.DOTALL)
    return found[1] if found else None
