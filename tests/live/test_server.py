"""The server: who may ask, what is read, and that nothing is written unasked."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from socket import create_connection
from threading import Thread
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest

from cnnspec.live.server import HEADER, MOST_BYTES, Server
from cnnspec.live.watched import Watched

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TINY: Final = "input: 8x8x1\nlayers:\n  - conv: 4 3x3\n"


class Reply(NamedTuple):
    """A status, the headers, and the text."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def data(self) -> Any:
        """The answer."""
        assert self.status == 200, self
        return json.loads(self.text)


class Served(NamedTuple):
    """A server of a file."""

    server: Server
    file: Path

    def get(self, path: str, **headers: str) -> Reply:
        """Return what a path gives."""
        return self._request("GET", path, headers, None)

    def post(self, question: object, path: str = "/answer", **changes: str) -> Reply:
        """Return what a question gives; changes to its headers have `_` for `-`, an empty one leaves it out."""
        port = self.server.server_port
        own = {"Origin": f"http://127.0.0.1:{port}", HEADER: self.server.token, "Content-Type": "application/json"}
        own |= {name.replace("_", "-"): value for name, value in changes.items()}
        body = question if isinstance(question, bytes) else json.dumps(question).encode()
        return self._request("POST", path, {name: value for name, value in own.items() if value}, body)

    def _request(self, method: str, path: str, headers: dict[str, str], body: bytes | None) -> Reply:
        connection = HTTPConnection("127.0.0.1", self.server.server_port, timeout=20)
        try:
            connection.request(method, path, body, headers)
            found = connection.getresponse()
            return Reply(found.status, dict(found.getheaders()), found.read().decode())
        finally:
            connection.close()

    @property
    def page(self) -> str:
        """The path of the page."""
        return f"/?token={self.server.token}"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """Serve a small network."""
    file = tmp_path / "net.yaml"
    file.write_text(TINY, encoding="utf-8")
    with Server(Watched.of(str(file))) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield Served(server, file)
        assert [path.name for path in tmp_path.iterdir()] == ["net.yaml"]
        server.shutdown()


def test_the_page_and_its_files_are_served_to_who_has_the_address(served: Served) -> None:
    """The page needs the token; nothing else of the machine has a path."""
    page = served.get(served.page)
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "net.yaml" in page.text
    assert "{{" not in page.text
    for name, kind in (("app.js", "text/javascript"), ("app.css", "text/css")):
        assert served.get(f"/{name}").headers["Content-Type"].startswith(kind)
    for path in ("/", "/?token=", "/?token=x", "/?token=%ff"):
        assert served.get(path).status == 403, path
    for path in ("/net.yaml", "/../net.yaml", "/worker.js", "/index.html", "/core.zip", "/answer"):
        assert served.get(path).status == 404, path


def test_headers_let_no_other_page_in(served: Served) -> None:
    """No script but the page's own, in no frame, nothing stored."""
    for reply in (served.get(served.page), served.get("/nowhere"), served.post({"ask": "file"})):
        policy = reply.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert reply.headers["Cache-Control"] == "no-store"
        assert "Access-Control-Allow-Origin" not in reply.headers
        assert reply.headers["Server"] == "cnnspec"


def test_a_question_is_answered(served: Served) -> None:
    """8·8·1 + 6·6·4 elements, 4·(3·3·1 + 1) parameters and 6·6·4·3·3 MACs; also by the machine's other name."""
    question = {"ask": "table", "spec": TINY, "name": "net.yaml"}
    assert served.post(question).data["totals"][1:4] == [208, 40, 1296]
    name = f"localhost:{served.server.server_port}"
    assert served.post(question, Origin=f"http://{name}", Host=name).data["errors"] == []


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"\xb6 / HTTP/1.1", b"HTTP/1.0 501 Not Implemented"),
        (b"HEAD / HTTP/1.1", b"HTTP/1.0 501 Not Implemented"),
        (b"GET /\x1b[31m / HTTP/1.1", b"HTTP/1.0 400 Bad Request"),
    ],
)
def test_nothing_of_what_is_no_request_comes_back(line: bytes, status: bytes, served: Served) -> None:
    """A fuzzer's: the standard library sends the method back in the first line, and a page without our headers."""
    with create_connection(("127.0.0.1", served.server.server_port), timeout=20) as connection:
        connection.sendall(line + b"\r\n\r\n")
        found = b"".join(iter(lambda: connection.recv(4096), b""))
    head, _, body = found.partition(b"\r\n\r\n")
    assert head.split(b"\r\n")[0] == status
    assert b"Content-Type: text/plain" in head
    assert b"Content-Security-Policy: default-src 'none'" in head
    assert body == status.split(b" ", 2)[2] + b"\n"


def test_foreign_pages_are_refused(served: Served) -> None:
    """By a name that leads here, from another page, without the token: and nothing is written."""
    port = served.server.server_port
    save = {"ask": "save", "spec": "gone", "seen": served.server.watched.stamp()}
    for host in ("evil.example", f"evil.example:{port}", "127.0.0.1", "127.0.0.1:1", f"127.0.0.1.evil.example:{port}"):
        assert served.post(save, Host=host).status == 403, host
        assert served.get(served.page, Host=host).status == 403, host
    for origin in (
        "",
        "null",
        "http://evil.example",
        "http://127.0.0.1",
        f"https://127.0.0.1:{port}",
        "http://localhost:1",
    ):
        assert served.post(save, Origin=origin).status == 403, origin
    for token in ("", "x", served.server.token[:-1], served.server.token + "x"):
        assert served.post(save, X_Cnnspec_Token=token).status == 403, token
    assert served.file.read_text(encoding="utf-8") == TINY


def test_what_is_no_question_is_refused(served: Served) -> None:
    """With a status and a sentence, never with a traceback."""
    assert served.post({"ask": "file"}, path="/").status == 404
    assert served.post({"ask": "file"}, Content_Type="text/plain").status == 415
    assert served.post({"ask": "file"}, Content_Length="").status == 200  # the client's own length
    for length in ("-1", "x", "1e3", "\u0661".encode().decode("latin-1")):
        assert served.post(b"{}", Content_Length=length).status == 411, length
    assert served.post(b"{}", Content_Length=str(MOST_BYTES + 1)).status == 413
    for body in (b"", b"{", b"\xff", b"[" * 100_000, b"null", b"[]", b'{"ask": "shell"}', b'{"ask": ["save"]}', b"7"):
        reply = served.post(body)
        assert reply.status == 400, body
        assert "Traceback" not in reply.text
    for question in ({"ask": "save"}, {"ask": "save", "spec": 7, "seen": ""}, {"ask": "file", "seen": []}):
        assert served.post(question).status == 400, question
    assert served.file.read_text(encoding="utf-8") == TINY


def test_other_methods_are_none(served: Served) -> None:
    """A browser that asks beforehand whether it may is told no."""
    for method in ("OPTIONS", "PUT", "DELETE", "HEAD"):
        connection = HTTPConnection("127.0.0.1", served.server.server_port, timeout=20)
        connection.request(method, "/answer")
        assert connection.getresponse().status == 501
        connection.close()


def test_the_file_is_read_again_when_it_was_saved(served: Served) -> None:
    """What was seen already is not sent again."""
    first = served.post({"ask": "file", "seen": ""}).data
    assert (first["text"], first["writable"], first["name"]) == (TINY, True, "net.yaml")
    assert "text" not in served.post({"ask": "file", "seen": first["stamp"]}).data
    served.file.write_text(TINY + "  - relu\n", encoding="utf-8")
    assert served.post({"ask": "file", "seen": first["stamp"]}).data["text"].endswith("- relu\n")
    served.file.rename(served.file.with_name("other"))
    assert served.post({"ask": "file", "seen": first["stamp"]}).data["errors"][0]["code"] == "E601"
    served.file.with_name("other").rename(served.file)


def test_the_file_is_written_only_on_request(served: Served) -> None:
    """Whole, in its own line ends, and never over what was not seen."""
    seen = served.post({"ask": "file", "seen": ""}).data["stamp"]
    for ask in ("table", "drawing"):
        served.post({"ask": ask, "spec": "input: 9x9x1\nlayers: [relu]\n"})
    assert served.file.read_text(encoding="utf-8") == TINY
    told = served.post({"ask": "save", "spec": "new\n", "seen": seen, "path": "../other", "name": "other"}).data
    assert served.file.read_bytes() == b"new\n"
    assert served.post({"ask": "save", "spec": "again\n", "seen": told["stamp"]}).data["errors"] == []
    (error,) = served.post({"ask": "save", "spec": "lost\n", "seen": seen}).data["errors"]
    assert (error["code"], served.file.read_bytes()) == ("E603", b"again\n")
    served.file.write_bytes(b"a\r\nb\r\n")
    seen = served.post({"ask": "file", "seen": ""}).data["stamp"]
    served.post({"ask": "save", "spec": "c\nd\n", "seen": seen})
    assert served.file.read_bytes() == b"c\r\nd\r\n"


def test_a_link_that_is_put_in_the_files_place_is_not_followed(served: Served, tmp_path_factory: Any) -> None:
    """Only the file that was named is written."""
    other = tmp_path_factory.mktemp("other") / "other.yaml"
    other.write_text("other\n", encoding="utf-8")
    served.file.unlink()
    served.file.symlink_to(other)
    seen = served.post({"ask": "file", "seen": ""}).data["stamp"]
    served.post({"ask": "save", "spec": "new\n", "seen": seen})
    assert other.read_text(encoding="utf-8") == "other\n"


def test_a_bundled_network_is_no_file() -> None:
    """It is shown, and cannot be written."""
    watched = Watched.of("lenet5-rgb")
    assert watched.path is None
    with Server(watched) as server:
        assert server.reply({"ask": "file"})["writable"] is False
        assert server.reply({"ask": "save", "spec": "x", "seen": ""})["errors"][0]["code"] == "E604"
        assert server.server_address[0] == "127.0.0.1"
