"""How long the language server takes from a change of a text to what it says, for `python -m tests.benchmarks editing`.

It is asked as an editor asks it, through its protocol; the pause in which nobody types is in the figure.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from statistics import median
from typing import IO, Any, Final, cast

from cnnspec.bundled import bundled_source
from tests.benchmarks.figures import Figure

GOAL: Final = ("≤", 300.0)
COUNT: Final = 15
NETWORKS: Final = ("lenet5", "resnet50", "densenet201", "nasnetlarge")


def figures() -> Iterator[Figure]:
    """Yield each figure with its goal, over changes that bring an error and take it away again."""
    if find_spec("pygls") is None:
        print('editing: pygls is not there: pip install "cnnspec[lsp]"', file=sys.stderr)
        return
    for name in NETWORKS:
        source = bundled_source(name)
        if source is not None:
            times = measured(source.text)
            goal = GOAL if name in NETWORKS[:2] else None
            yield Figure(
                f"diagnostics of {name} behind a change: the median of {COUNT}", median(times) * 1000, "ms", goal
            )
            yield Figure(f"diagnostics of {name} behind a change: the slowest", max(times) * 1000, "ms")


def measured(text: str) -> list[float]:
    """Return the seconds from each change to the diagnostics of it."""
    command = [sys.executable, "-m", "cnnspec", "lsp"]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    client = _Client(cast("IO[bytes]", server.stdin), cast("IO[bytes]", server.stdout))
    try:
        client.send("initialize", {"processId": None, "rootUri": None, "capabilities": {}}, number=1)
        client.wait(lambda message: message.get("id") == 1)
        client.send("initialized", {})
        document = {"uri": "file:///net.yaml", "languageId": "yaml", "version": 0, "text": text}
        client.send("textDocument/didOpen", {"textDocument": document})
        client.said()
        times = []
        for version in range(1, COUNT + 1):
            wrong = version % 2 == 1
            changed = f"{text}  - covn: 8 3x3\n" if wrong else f"{text}# {version}\n"
            began = time.perf_counter()
            client.send(
                "textDocument/didChange",
                {
                    "textDocument": {"uri": "file:///net.yaml", "version": version},
                    "contentChanges": [{"text": changed}],
                },
            )
            found = client.said()
            times.append(time.perf_counter() - began)
            if any(fault.get("severity") == 1 for fault in found) is not wrong:
                raise RuntimeError(found)
        return times
    finally:
        server.kill()
        server.wait()


class _Client:
    """What an editor says and hears."""

    def __init__(self, there: IO[bytes], back: IO[bytes]) -> None:
        self.there, self.back = there, back

    def send(self, method: str, params: dict[str, Any], number: int | None = None) -> None:
        content: dict[str, Any] = {"jsonrpc": "2.0", "method": method, "params": params}
        body = json.dumps(content | ({"id": number} if number else {})).encode()
        self.there.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.there.flush()

    def wait(self, is_it: Any) -> dict[str, Any]:
        while True:
            length = 0
            while line := self.back.readline().strip():
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            if not length:
                raise RuntimeError("the server has ended")
            message: dict[str, Any] = json.loads(self.back.read(length))
            if is_it(message):
                return message

    def said(self) -> list[dict[str, Any]]:
        message = self.wait(lambda each: each.get("method") == "textDocument/publishDiagnostics")
        return list(message["params"]["diagnostics"])
