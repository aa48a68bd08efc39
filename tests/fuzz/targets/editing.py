"""What an editor and a page send: documents with places in them, questions, requests, lines of other workers."""

from __future__ import annotations

import io
import json
from collections.abc import Hashable
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final

from cnnspec.editor import navigation
from cnnspec.editor.actions import actions
from cnnspec.editor.completion import complete
from cnnspec.editor.document import open_any, open_document
from cnnspec.editor.hints import hints
from cnnspec.editor.hover import hover
from cnnspec.editor.messages import messages
from cnnspec.editor.positions import Position, offset_of, position_of
from cnnspec.editor.symbols import folds, symbols
from cnnspec.errors import UsageError
from cnnspec.language.formatting import formatted
from cnnspec.live.answers import QuestionError, answer
from cnnspec.live.server import Handler, Server
from cnnspec.live.watched import Watched
from tests.fuzz.mutation import octets, texts, trees
from tests.fuzz.target import Target, promise
from tests.fuzz.targets.specs import specs, words

TINY: Final = "input: 8x8x1\nlayers:\n  - conv: 4 3x3\n    name: first\n  - flatten\n  - dense: 10\n"
ENCODINGS: Final = ("utf-8", "utf-16", "utf-32")


def edit(content: bytes, folder: Path) -> Hashable:
    """Ask all that an editor asks, at places that depend on the text, some outside of it."""
    text = content.decode("utf-8", "replace")
    document = open_any(text, "net.yaml", folder)
    random = Random(len(text))
    length = len(document.text)
    for encoding in ENCODINGS:
        for _ in range(3):
            line, column = random.randrange(-1, text.count("\n") + 3), random.choice((0, 1, 5, 40, 1 << 31))
            offset = offset_of(document.source, Position(max(0, line), column), encoding)
            promise(0 <= offset <= length, "a position outside of the text")
            promise(position_of(document.source, offset, encoding).line >= 0, "a line below the first")
    seen = [len(messages(document)) > 0, len(hints(document)) > 0, len(symbols(document)) > 0]
    promise(all(0 <= each.mark.start <= length for each in messages(document)), "a message outside of the text")
    promise(all(0 <= each.offset <= length for each in hints(document)), "a hint outside of the text")
    folds(document)
    for offset in {random.randrange(length + 1) for _ in range(6)} | {0, length}:
        seen += _at(document, offset)
    for each in actions(document, 0, length)[:3]:
        changed = document.changed(*each.edit)
        promise(len(changed.errors) < len(document.errors), "an action that mends nothing")
    _laid_out(document)
    return frozenset(fault.code for fault in document.diagnostics), tuple(seen)


def _at(document: Any, offset: int) -> list[bool]:
    """Return what is known at one place."""
    found = complete(document, offset)
    promise(all(0 <= each.start <= offset for each in found), "a completion of what stands behind the cursor")
    try:
        edits = navigation.rename(document, offset, "renamed_here")
        changed = navigation.applied(document, edits)
        promise(bool(document.errors) or not changed.errors, "a new name breaks the spec")
        named = True
    except UsageError:
        named = False
    place = navigation.definition(document, offset)
    places = navigation.references(document, offset)
    return [bool(found), named, place is not None, bool(places), hover(document, offset) is not None]


def _laid_out(document: Any) -> None:
    """Demand that a text without faults has a layout with the same network."""
    if not document.errors and document.summary:
        text = formatted("net.yaml", document.text, None)
        promise(not open_document(text, "net.yaml", document.folder).errors, "the layout breaks the spec")


def ask(content: bytes, folder: Path) -> Hashable:
    """Ask what a page asks."""
    try:
        question = json.loads(content)
    except (ValueError, RecursionError):
        return "no question"
    found = answer(question, folder)
    json.loads(json.dumps(found))
    return question["ask"], tuple(found)[:6], bool(found["errors"])


EXERCISE: Final = {"columns": ["shape", "params"], "blank": 0.5, "seed": 1}
QUESTIONS: Final[tuple[dict[str, Any], ...]] = (
    {"ask": "table", "spec": TINY, "name": "net.yaml"},
    {"ask": "derivation", "spec": TINY, "layer": "first"},
    {"ask": "drawing", "spec": TINY, "style": "graph"},
    {"ask": "check", "spec": TINY, "table": "layer,params\nfirst,40\n", "reveal": "full"},
    {"ask": "sheet", "spec": TINY, "exercise": EXERCISE},
    {"ask": "marks", "spec": TINY, "exercise": EXERCISE, "given": [["6x6x4", "40"], [None, "7"]], "reveal": "hint"},
    {"ask": "code", "code": "E301"},
    {"ask": "file", "seen": ""},
    {"ask": "save", "spec": TINY, "seen": "x"},
)


@cache
def questions() -> tuple[bytes, ...]:
    """Return what pages ask, also about other specs."""
    others = [{"ask": "table", "spec": content.decode("utf-8", "replace"), "name": "x"} for content in specs()[::9]]
    return tuple(json.dumps(each).encode() for each in (*QUESTIONS, *others))


ASKED: Final = ("table", "derivation", "drawing", "check", "sheet", "marks", "code", "full", "none", "volumes", "macs")


class _Connection:
    """A connection whose other end has said all that it says."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.sent = bytearray()

    def makefile(self, *_: Any, **__: Any) -> io.BytesIO:
        return io.BytesIO(self.content)

    def sendall(self, content: bytes) -> None:
        self.sent += content

    def settimeout(self, _: float) -> None:
        """Nothing waits here."""


@cache
def server(folder: Path) -> Server:
    """Return a server that hears nothing by itself."""
    path = folder / "net.yaml"
    path.write_text(TINY, encoding="utf-8")
    found = Server(Watched.of(str(path)))
    found.socket.close()
    found.token = "t" * 32
    found.hosts = {"127.0.0.1:80"}
    return found


def request(content: bytes, folder: Path) -> Hashable:
    """Let the server handle the bytes of a request."""
    connection = _Connection(content)
    Handler(connection, ("127.0.0.1", 1), server(folder))  # type: ignore[arg-type]
    sent = bytes(connection.sent)
    head, _, body = sent.partition(b"\r\n\r\n")
    promise(b" 500 " not in head[:20], f"a fault of the server: {body[:200]!r}")
    promise(
        not sent.startswith(b"HTTP/") or all(32 <= byte < 127 for byte in head.replace(b"\r\n", b"")),
        "a header with signs of the request",
    )
    names = {path.name for path in folder.iterdir()}
    promise(names <= {"net.yaml"}, f"files beside the spec: {names}")
    return head[:12], body[:9]


def _request(body: bytes, line: str = "POST /answer HTTP/1.1", **headers: str) -> bytes:
    own = {"Host": "127.0.0.1:80", "Origin": "http://127.0.0.1:80", "X-Cnnspec-Token": "t" * 32}
    own |= {"Content-Type": "application/json", "Content-Length": str(len(body)), "Connection": "close"}
    lines = [line, *(f"{name.replace('_', '-')}: {value}" for name, value in (own | headers).items()), "", ""]
    return "\r\n".join(lines).encode() + body


@cache
def requests() -> tuple[bytes, ...]:
    """Return requests of the page, and of others."""
    gets = (f"/?token={'t' * 32}", "/app.js", "/", "/?token=x", "//evil/", "/answer")
    return (
        *(_request(json.dumps(question).encode()) for question in QUESTIONS),
        *(_request(b"", f"GET {path} HTTP/1.1") for path in gets),
        _request(b"", "OPTIONS * HTTP/1.0"),
        _request(b"{}", Transfer_Encoding="chunked"),
        _request(b"{}", Host="evil.example"),
    )


def change_request(random: Random, content: bytes, other: bytes) -> bytes:
    """Return a request with another head, or with another question and its right length."""
    head, sign, body = content.partition(b"\r\n\r\n")
    if body and random.random() < 0.7:
        found = trees.mutator(lambda: ASKED)(random, body, other.partition(b"\r\n\r\n")[2])
        lines = [line for line in head.split(b"\r\n") if not line.startswith(b"Content-Length")]
        return b"\r\n".join([*lines, b"Content-Length: %d" % len(found)]) + sign + found
    if random.random() < 0.7:
        return texts.mutator(lambda: HEADERS)(random, head, other.partition(b"\r\n\r\n")[0]) + sign + body
    return octets.mutate(random, content, other)


HEADERS: Final = (
    "Host",
    "Origin",
    "Content-Length",
    "Content-Type",
    "Expect",
    "Upgrade",
    "chunked",
    "HEAD",
    "PUT",
    "close",
)


def hear(content: bytes, _: Path) -> Hashable:
    """Let a worker hear the lines of another one."""
    from cnnspec.training.workers.lines import GoneError, Line

    class Spoken:
        def __init__(self) -> None:
            self.rest = content

        def settimeout(self, _: float) -> None:
            """Nothing waits here."""

        def setsockopt(self, *_: Any) -> None:
            """Nothing is kept alive here."""

        def recv(self, most: int) -> bytes:
            found, self.rest = self.rest[:most], self.rest[most:]
            return found

    line, heard = Line(Spoken()), 0  # type: ignore[arg-type]
    try:
        for _round in range(20):
            for message in line.read():
                promise(isinstance(message, dict), "a message that is no object")
                heard += 1
    except GoneError:
        return heard
    return "more"


def change_lines(random: Random, content: bytes, other: bytes) -> bytes:
    """Return lines of which one is another message."""
    lines, others = content.split(b"\n"), other.split(b"\n")
    at = random.randrange(len(lines))
    lines[at] = trees.mutator()(random, lines[at], random.choice(others))
    found = b"\n".join(lines)
    return octets.mutate(random, found, other) if random.random() < 0.2 else found


LINES: Final = (
    b'{"say": "hello", "index": 1}\n{"say": "ready"}\n',
    b'{"state": {"epoch": 1, "history": [{"epoch": 1, "loss": 0.5}]}}\n{}\n',
)


TARGETS = [
    Target("editor", specs, texts.mutator(words), edit),
    Target("live-question", questions, trees.mutator(lambda: ASKED), ask, (QuestionError,)),
    Target("live-request", requests, change_request, request),
    Target("worker-lines", lambda: LINES, change_lines, hear),
]
