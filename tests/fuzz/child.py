"""The process that reads: one input after the other, with bounds on time and memory, and an eye on what it touches."""

from __future__ import annotations

import faulthandler
import json
import os
import re
import resource
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Hashable, Sequence
from contextlib import suppress
from mmap import mmap
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple

from cnnspec.errors import CnnspecError, escaped, render_github
from tests.fuzz.mutation import octets
from tests.fuzz.target import ROOT, BrokenPromiseError, Target, promise

SECONDS: Final = 5
"""Processor time that an input may take."""
GIBIBYTE: Final = 1 << 30
"""Memory that inputs may take beyond what the interpreter has."""
PLAIN: Final = 0.2
"""How often an input of the corpus is read as it is, until all were."""
POOL: Final = 4000
"""How many inputs that were read in a new way are kept as the beginning of others."""
LARGEST: Final = 1 << 24
TOUCHES: Final = frozenset(
    (
        *(
            "os.remove",
            "os.rename",
            "os.mkdir",
            "os.rmdir",
            "os.symlink",
            "os.link",
            "os.truncate",
            "os.chmod",
            "os.chown",
        ),
        *(
            "os.system",
            "os.exec",
            "os.posix_spawn",
            "os.fork",
            "os.forkpty",
            "os.putenv",
            "os.kill",
            "subprocess.Popen",
        ),
        *("socket.connect", "socket.bind", "urllib.Request", "pickle.find_class", "shutil.rmtree", "shutil.move"),
    )
)
"""Events of the interpreter that no reader causes outside its folder."""
SPAWNS: Final = frozenset(("os.posix_spawn", "os.fork", "subprocess.Popen"))


class Finding(NamedTuple):
    """A broken promise: what tells it from others, and all that is known."""

    key: str
    text: str
    content: bytes


class Shared:
    """The memory that child and parent share: the input that is being read, and how many were."""

    def __init__(self) -> None:
        """Reserve it."""
        self.memory = mmap(-1, LARGEST + 24)

    def begin(self, number: int, content: bytes) -> None:
        """Say that an input is being read."""
        size = min(len(content), LARGEST)
        self.memory[16 : 16 + size] = content[:size]
        self.memory[:16] = number.to_bytes(8, "little") + size.to_bytes(8, "little")

    @property
    def number(self) -> int:
        """How many inputs were begun."""
        return int.from_bytes(self.memory[:8], "little")

    @property
    def content(self) -> bytes:
        """The input that was begun last."""
        return bytes(self.memory[16 : 16 + int.from_bytes(self.memory[8:16], "little")])


class Watcher:
    """What the process touches outside its folder while it reads."""

    def __init__(self, folder: Path, *, spawns: bool = False) -> None:
        """Begin to look; a hook cannot be taken back, but put to sleep."""
        self.folder = f"{folder}{os.sep}"
        self.counts = TOUCHES - SPAWNS if spawns else TOUCHES
        self.awake = False
        self.touched: list[str] = []
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.awake:
            return
        if event == "open":
            path, mode, flags = arguments
            writes = mode is not None and set(mode) & set("wax+")
            writes = writes or (flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC) and mode is None)
            if writes and not isinstance(path, int) and not self._is_own(path):
                self.touched.append(f"it writes `{path!s}`")
        elif event in self.counts and not (
            arguments and isinstance(arguments[0], str | bytes | Path) and self._is_own(arguments[0])
        ):
            self.touched.append(f"it causes {event} {arguments!r:.200}")

    def _is_own(self, path: Any) -> bool:
        text = os.fsdecode(path)
        return os.path.abspath(text).startswith(self.folder) or text == os.devnull  # noqa: PTH100 - what is opened


def work(target: Target, seed: str, seconds: float, shared: Shared, report: Any, log: Any, folder: Path) -> None:
    """Read inputs for so many seconds, and write findings and figures as lines of JSON."""
    _bound(log)
    warnings.simplefilter("ignore")
    os.chdir(folder)
    watcher = Watcher(folder, spawns=target.spawns)
    random = Random(seed)
    pool = list(target.corpus())
    own = len(pool)
    for content in pool[:5]:  # what is imported by the first inputs is no cost of theirs
        with suppress(Exception):
            target.read(content, folder)
    seen: set[Hashable] = set()
    known: set[str] = set()
    base, end = _resident(), time.monotonic() + seconds
    count = accepted = plain = 0
    slowest = 0.0
    while time.monotonic() < end:
        content = pool[plain] if plain < own and random.random() < PLAIN else _input(random, target, pool, own)
        plain += content is pool[min(plain, own - 1)]
        count += 1
        shared.begin(count, content)
        begun = time.process_time()
        finding, mark = attempt(target, content, folder, watcher)
        slowest = max(slowest, time.process_time() - begun)
        accepted += not (isinstance(mark, tuple) and mark and mark[0] == "refused")
        if finding is None and _resident() - base > GIBIBYTE:
            finding = Finding("memory", f"more than {GIBIBYTE:,} bytes", content)
        if finding and finding.key not in known:
            known.add(finding.key)
            smaller = _shrunk(target, finding, folder, watcher)
            _write(report, {"key": finding.key, "text": finding.text, "content": smaller.hex()})
        if finding and finding.key == "memory":
            break
        if mark not in seen and len(content) < 100_000:
            seen.add(mark)
            pool.append(content)
            if len(pool) > POOL:
                del pool[random.randrange(own, len(pool))]
        if count % 50 == 0:
            _figures(report, count, accepted, len(seen), slowest, _resident() - base)
    _figures(report, count, accepted, len(seen), slowest, _resident() - base)


def attempt(target: Target, content: bytes, folder: Path, watcher: Watcher) -> tuple[Finding | None, Hashable]:
    """Read an input, and return what is wrong with that, and what tells the way it was read from others."""
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    watcher.touched.clear()
    watcher.awake = True
    mark: Hashable = None
    finding = None
    try:
        try:
            mark = ("read", target.read(content, folder))
        except CnnspecError as error:
            mark = ("refused", *_kept(error))
        except target.allowed as error:
            mark = ("refused", error.__class__.__name__, _skeleton(str(error)))
    except Exception as error:
        finding = Finding(_key(error), _told(error), content)
    finally:
        watcher.awake = False
        signal.setitimer(signal.ITIMER_PROF, 0)
    if watcher.touched and finding is None:
        finding = Finding(f"touches {_skeleton(watcher.touched[0])}", "\n".join(watcher.touched), content)
    return finding, mark


def _kept(error: CnnspecError) -> tuple[str, ...]:
    """Return what tells diagnostics from others; raise BrokenPromiseError where they are not what they should be."""
    text = str(error)
    promise(all(char.isprintable() or char == "\n" for char in text), "a diagnostic has signs that a terminal obeys")
    promise(render_github(error.diagnostics).replace("\n", "").isprintable(), "a command of GitHub has such signs")
    promise(error.diagnostics, "an error without a diagnostic")
    for fault in error.diagnostics:
        promise(re.fullmatch(r"[EW]\d{3}", fault.code), f"`{fault.code}` is no code")
        escaped(json.dumps(fault.to_dict(), ensure_ascii=False)).encode()
        promise(len(fault.message) < 2000, f"{fault.code} has a message of {len(fault.message):,} characters")
        span = fault.span
        promise(
            span is None or 0 <= span.start <= span.end <= len(span.source.text) + 1,
            f"{fault.code} has a place outside",
        )
    return tuple(sorted({f"{fault.code} {_skeleton(fault.message)}" for fault in error.diagnostics})[:6])


def _skeleton(text: str) -> str:
    """Return a message without what the input has given it."""
    return re.sub(r"`[^`]*`|[-\d.,]+", "·", text)[:160]


def _key(error: BaseException) -> str:
    """Return where an exception came from: its class, and the last two places in the product."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if frame.filename.startswith(str(ROOT / "cnnspec"))] or frames
    places = [f"{Path(frame.filename).name}:{frame.name}:{frame.lineno}" for frame in ours[-2:]]
    what = _skeleton(str(error)) if isinstance(error, BrokenPromiseError) else ""
    return " ".join([error.__class__.__name__, *places, what]).strip()


def _told(error: BaseException) -> str:
    text = "".join(traceback.format_exception(error))
    return text if len(text) < 8000 else f"{text[:4000]}\n…\n{text[-4000:]}"


def _input(random: Random, target: Target, pool: Sequence[bytes], own: int) -> bytes:
    """Return a new input made of two old ones; of those that were found, late ones are taken more often."""
    late = len(pool) > own and random.random() < 0.5
    first = pool[
        random.randrange(max(own, len(pool) - 300), len(pool))
        if late and len(pool) > own
        else random.randrange(len(pool))
    ]
    second = random.choice(pool)
    try:
        return target.mutate(random, first, second)[:LARGEST]
    except RecursionError:  # of an input that is nested deeper than Python's own copies go
        return octets.mutate(random, first, second)


def _shrunk(target: Target, finding: Finding, folder: Path, watcher: Watcher, tries: int = 300) -> bytes:
    """Return a shorter input that breaks the same promise, if one is found soon."""
    content, size = finding.content, max(1, len(finding.content) // 2)
    if finding.key == "memory":
        return content
    end = time.monotonic() + 20
    while size and tries > 0 and time.monotonic() < end:
        at = 0
        while at < len(content) and tries > 0 and time.monotonic() < end:
            shorter = content[:at] + content[at + size :]
            tries -= 1
            found, _ = attempt(target, shorter, folder, watcher)
            if found and found.key == finding.key:
                content = shorter
            else:
                at += size
        size //= 2
    return content


def _bound(log: Any) -> None:
    """Let too much time or memory end the process, which says where it was."""
    faulthandler.enable(log, all_threads=False)
    faulthandler.register(signal.SIGPROF, log, all_threads=False, chain=True)
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limit = pages * resource.getpagesize() + 2 * GIBIBYTE
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.dont_write_bytecode = True


def _resident() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _figures(report: Any, count: int, accepted: int, ways: int, slowest: float, memory: int) -> None:
    _write(report, {"count": count, "accepted": accepted, "ways": ways, "slowest": slowest, "memory": memory})


def _write(report: Any, line: dict[str, Any]) -> None:
    report.write(json.dumps(line) + "\n")
    report.flush()
