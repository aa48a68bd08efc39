"""The local server of the page: from this machine to this machine, one question at a time, each with its token.

A page of another site can send requests to 127.0.0.1, and by a name that it lets point there even read the answers:
so the names in Host and Origin are looked at, and who asks shows the token of the address that was printed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from hmac import compare_digest
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_urlsafe
from threading import Lock
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from cnnspec.errors import CnnspecError
from cnnspec.foreign_json import parsed
from cnnspec.live.answers import QuestionError, answer, text_in
from cnnspec.live.page import TYPES, Shown, asset, index
from cnnspec.live.watched import Watched

ADDRESS: Final = "127.0.0.1"
HEADER: Final = "X-Cnnspec-Token"
MOST_BYTES: Final = 8_000_000
"""The longest question: a spec and a table, each character of which may take six in JSON."""
PATIENCE: Final = 30
"""Seconds that a request may take to arrive."""
ASSETS: Final = ("app.js", "app.css")
HEADERS: Final = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Server(ThreadingHTTPServer):
    """A server of one spec; `url` is the address of its page, with the token."""

    daemon_threads = True

    def __init__(self, watched: Watched, port: int = 0) -> None:
        """Listen at a port, or at any that is free; raise OSError where that cannot be."""
        self.watched = watched
        self.token = token_urlsafe(24)
        self.one_at_a_time = Lock()
        super().__init__((ADDRESS, port), Handler)
        self.hosts = {f"{name}:{self.server_port}" for name in (ADDRESS, "localhost")}
        self.url = f"http://{ADDRESS}:{self.server_port}/?token={self.token}"

    def reply(self, question: Any) -> dict[str, Any]:
        """Return the answer to a question; raise QuestionError for what no page asks."""
        with self.one_at_a_time:
            ask = question.get("ask") if isinstance(question, dict) else None
            own = OWN.get(ask) if isinstance(ask, str) else None
            if own is None:
                return answer(question, self.watched.folder)
            try:
                return {"errors": [], **own(self.watched, question)}
            except CnnspecError as error:
                return {"errors": [fault.to_dict() for fault in error.diagnostics]}

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a page that went away before it was answered."""


def _save(watched: Watched, question: dict[str, Any]) -> dict[str, Any]:
    return watched.save(text_in(question, "spec"), text_in(question, "seen"))


OWN: Final[dict[str, Callable[[Watched, dict[str, Any]], dict[str, Any]]]] = {
    "file": lambda watched, question: watched.news(text_in(question, "seen", "")),
    "save": _save,
}
"""What only a server is asked: what its file says, and to write it."""


class RefusedError(Exception):
    """A request is not answered."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        """Keep the status and the reason."""
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Handler(BaseHTTPRequestHandler):
    """One request: the page and its files, or a question."""

    server: Server
    timeout = PATIENCE

    def version_string(self) -> str:
        """Name the program, and none of the versions that it runs with."""
        return "cnnspec"

    def do_GET(self) -> None:
        """Send the page to who has the token, and its files, which hold nothing of anyone's."""
        self._answer(self._page)

    def do_POST(self) -> None:
        """Answer a question."""
        self._answer(self._reply)

    def _answer(self, find: Callable[[], tuple[str, str]]) -> None:
        try:
            self._demand_host()
            kind, text = find()
        except RefusedError as refused:
            self._send(refused.status, TYPES[".txt"], f"{refused.reason}\n")
        except Exception as error:  # noqa: BLE001 - the page says it, and the server goes on
            fault = f"this is a fault of cnnspec: {error.__class__.__name__}: {error}"
            self._send(HTTPStatus.INTERNAL_SERVER_ERROR, TYPES[".txt"], f"{fault}\n")
        else:
            self._send(HTTPStatus.OK, kind, text)

    def _demand_host(self) -> None:
        if self.headers.get("Host") not in self.server.hosts:
            raise RefusedError(HTTPStatus.FORBIDDEN, "this server has another name")

    def _page(self) -> tuple[str, str]:
        url = urlsplit(self.path)
        name = url.path.removeprefix("/")
        if name in ASSETS:
            return TYPES[f".{name.rpartition('.')[2]}"], asset(name)
        if name:
            raise RefusedError(HTTPStatus.NOT_FOUND, "there is nothing of this name")
        self._demand(parse_qs(url.query).get("token", [""])[0])
        return TYPES[".html"], index(Shown(self.server.watched.name, ""))

    def _reply(self) -> tuple[str, str]:
        if self.headers.get("Origin") not in {f"http://{host}" for host in self.server.hosts}:
            raise RefusedError(HTTPStatus.FORBIDDEN, "the question comes from another page")
        self._demand(self.headers.get(HEADER, ""))
        if self.path != "/answer":
            raise RefusedError(HTTPStatus.NOT_FOUND, "questions go to /answer")
        if self.headers.get_content_type() != "application/json":
            raise RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "a question is JSON")
        try:
            question = parsed(self._body())
        except (ValueError, RecursionError):
            raise RefusedError(HTTPStatus.BAD_REQUEST, "a question is JSON") from None
        try:
            return TYPES[".json"], json.dumps(self.server.reply(question))
        except QuestionError as error:
            raise RefusedError(HTTPStatus.BAD_REQUEST, str(error)) from None

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdecimal() or len(length) > 12:
            raise RefusedError(HTTPStatus.LENGTH_REQUIRED, "a question says how long it is")
        if int(length) > MOST_BYTES:
            raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a question has at most {MOST_BYTES:,} bytes")
        return self.rfile.read(int(length))

    def _demand(self, token: str) -> None:
        if not compare_digest(token.encode("utf-8", "surrogatepass"), self.server.token.encode()):
            raise RefusedError(
                HTTPStatus.FORBIDDEN, "the token is missing: open the address that `cnnspec live` printed"
            )

    def _send(self, status: HTTPStatus, kind: str, text: str) -> None:
        content = text.encode("utf-8", "replace")
        self.send_response(status)
        policy = f"{Shown('', '').policy}; frame-ancestors 'none'"
        headers = {**HEADERS, "Content-Security-Policy": policy, "Content-Type": kind, "Content-Length": len(content)}
        for name, value in headers.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(content)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002 - as the standard library calls it
        """Refuse what is no request in the words of the protocol: nothing of it comes back."""
        self._send(HTTPStatus(code), TYPES[".txt"], f"{HTTPStatus(code).phrase}\n")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the terminal is the user's."""
