"""A whole page of HTML around an element: nothing is loaded, and nothing runs."""

from __future__ import annotations

from html import escape
from typing import Final

from cnnspec.errors import printable

_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:72em;margin:2em auto;padding:0 1em}"
    "body{color:#1a1a1a;background:#fff}"
    "table{border-collapse:collapse}caption{font-weight:bold;text-align:left}"
    "th,td{padding:.15em .8em .15em 0;vertical-align:top;font-variant-numeric:tabular-nums}"
    "@media screen and (prefers-color-scheme:dark){body{color:#e8e8e8;background:#161616}}"
)
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"


def page(title: str, body: str) -> str:
    """Return a page with a title, which is anybody's text, around a body of HTML."""
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(printable(title))}</title>\n<style>{_STYLE}</style></head><body>\n{body}</body></html>\n"
    )
