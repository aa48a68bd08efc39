"""The files of the page, filled in for who answers its questions: the server, or Python in the browser itself."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Final, NamedTuple

from cnnspec.errors import printable
from cnnspec.pages import document

FOLDER: Final = Path(__file__).with_name("page")
SCRIPT: Final = "app.js"
POLICY: Final = (
    "default-src 'none'; script-src 'self'{scripts}; style-src 'self'; img-src data: blob:; connect-src 'self'{hosts}; "
    "worker-src 'self'; base-uri 'none'; form-action 'none'"
)
TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".txt": "text/plain; charset=utf-8",
}


class Shown(NamedTuple):
    """What a page begins with: the spec, its name, and where Pyodide lies, an empty text with a server."""

    name: str
    text: str
    pyodide: str = ""
    host: str = ""

    @property
    def policy(self) -> str:
        """What the page may load and run."""
        host = f" {self.host}" if self.host else ""
        scripts = f" 'wasm-unsafe-eval'{host}" if self.pyodide else ""
        return POLICY.format(scripts=scripts, hosts=host)


def index(shown: Shown) -> str:
    """Return the page itself."""
    values = {
        "policy": shown.policy,
        "pyodide": shown.pyodide,
        "name": printable(shown.name),
        "spec": shown.text,
    }
    text = (FOLDER / "index.html").read_text(encoding="utf-8")
    head, *rest = text.split("{{")
    parts = (part.partition("}}") for part in rest)
    return head + "".join(escape(values[name]) + after for name, _, after in parts)


def asset(name: str) -> str:
    """Return a file of the page; of the script and the style, what every page about a network has comes first."""
    text = (FOLDER / name).read_text(encoding="utf-8")
    if name.endswith(".css"):
        return document.style(text)
    return f"{document.script()}\n{text}" if name == SCRIPT else text
