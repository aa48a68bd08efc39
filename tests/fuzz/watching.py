"""A target attacked in child processes: what hangs or crashes is ended, named, and the next one goes on."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.fuzz.child import SECONDS, Finding, Shared, Watcher, attempt, work
from tests.fuzz.target import Target

PATIENCE: Final = 240
"""Seconds after which an input that takes no processor time waits for something; a look at HDF5 may take half of it."""
MOST_RESTARTS: Final = 40


class Figures(NamedTuple):
    """What became of a target: inputs, those that were read as right, ways in which they were read, and the worst."""

    count: int = 0
    accepted: int = 0
    ways: int = 0
    slowest: float = 0.0
    memory: int = 0

    def plus(self, other: Figures) -> Figures:
        """Return both together."""
        most = (max(one, two) for one, two in zip(self[2:], other[2:], strict=True))
        return Figures(self.count + other.count, self.accepted + other.accepted, *most)  # type: ignore[arg-type]


class Result(NamedTuple):
    """The figures of a target, and what it broke."""

    target: Target
    figures: Figures
    findings: list[Finding]


def watch(target: Target, seed: int, seconds: float) -> Result:
    """Attack a target for so many seconds; the same seed makes the same inputs in the same order."""
    end = time.monotonic() + seconds
    figures, findings = Figures(), dict[str, Finding]()
    for number in range(MOST_RESTARTS):
        left = end - time.monotonic()
        if left <= 0.2 and number:
            break
        with tempfile.TemporaryDirectory(prefix="cnnspec-fuzz-") as folder:
            more, found = _once(target, f"{seed}/{target.name}/{number}", left, Path(folder))
        figures = figures.plus(more)
        for finding in found:
            findings.setdefault(finding.key, finding)
    return Result(target, figures, list(findings.values()))


def _once(target: Target, seed: str, seconds: float, folder: Path) -> tuple[Figures, list[Finding]]:
    """Run one child to its end, and return what it said and what ended it."""
    shared = Shared()
    with tempfile.TemporaryFile("w+", encoding="utf-8") as report, tempfile.TemporaryFile("w+") as log:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                own = folder / "own"
                own.mkdir()
                _silence()
                work(target, seed, seconds, shared, report, log, own)
                status = 0
            except BaseException:
                traceback.print_exc(file=log)
                log.flush()
            finally:
                os._exit(status)
        status = _waited(child, shared)
        figures, findings = Figures(), []
        for line in _lines(report):
            if "key" in line:
                findings.append(Finding(line["key"], line["text"], bytes.fromhex(line["content"])))
            else:
                figures = Figures(**line)
        log.seek(0)
        text = log.read()
    if status:
        findings.append(Finding(*_ended(status, text), shared.content))
        figures = figures.plus(Figures(count=shared.number - figures.count))
    return figures, findings


def _silence() -> None:
    """Let a child say nothing on the terminal."""
    sys.stdin, sys.stdout, sys.stderr = io.TextIOWrapper(io.BytesIO()), io.StringIO(), io.StringIO()


def _waited(child: int, shared: Shared) -> int:
    """Return how a child ended: its exit code, or the signal below zero; one that stands still is ended."""
    number, since = -1, time.monotonic()
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if shared.number != number or _is_runnable(child):
            number, since = shared.number, time.monotonic()
        if time.monotonic() - since > PATIENCE:
            os.kill(child, signal.SIGKILL)
        time.sleep(0.05)


def _is_runnable(child: int) -> bool:
    """Tell whether a process would go on if it got the processor, which others may have."""
    with suppress(OSError):
        return Path(f"/proc/{child}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] == "R"
    return False


def _lines(report: Any) -> Iterator[dict[str, Any]]:
    report.seek(0)
    for line in report:
        if line.endswith("\n"):
            yield json.loads(line)


def _ended(status: int, log: str) -> tuple[str, str]:
    """Return what ended a child."""
    if status == -signal.SIGPROF:
        place = next((line.strip() for line in log.splitlines() if "/cnnspec/" in line), "")
        return f"time {place}", f"more than {SECONDS} seconds of processor time\n{log[-6000:]}"
    if status == -signal.SIGKILL:
        return "wait", f"no end after {PATIENCE} seconds without work"
    return f"end {status} {log[-200:]}", f"the process ended with {status}\n{log[-6000:]}"


def save(result: Result, folder: Path) -> list[Path]:
    """Write findings into a folder: the input, and beside it what is known."""
    paths = []
    for finding in result.findings:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{result.target.name}-{sha256(finding.content).hexdigest()[:10]}"
        path.write_bytes(finding.content)
        again = f"python -m tests.fuzz --again {result.target.name} {path}"
        path.with_suffix(".txt").write_text(
            f"{finding.key}\n{again}\n\n{finding.text}\n", encoding="utf-8", errors="replace"
        )
        paths.append(path)
    return paths


def again(target: Target, path: Path) -> str:
    """Read one input in this process, without bounds, and return what was wrong, or how it was read."""
    folder = Path(tempfile.mkdtemp(prefix="cnnspec-fuzz-"))
    try:
        os.chdir(folder)
        target.corpus()
        finding, mark = attempt(target, path.read_bytes(), folder, Watcher(folder, spawns=target.spawns))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return finding.text if finding else f"nothing is wrong: {mark}"
