"""One moment after the other: kill, look at what is there, give the command again, and compare with the undisturbed."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

from tests.faults.child import Ended, Moment, left_in_session, run
from tests.faults.target import Parts, Target, content, files_in, strays_in

OLDER: Final = b"what was there before\n"


class Undisturbed(NamedTuple):
    """What a command does that nobody kills: its time, its file events, and what it writes."""

    ended: Ended
    files: dict[str, Parts]
    raw: dict[str, bytes]


class Kill(NamedTuple):
    """What was seen at one moment: whether it came before the end, what lay around, and every broken promise."""

    target: str
    moment: Moment
    was_killed: bool
    strays: tuple[str, ...]
    broken: tuple[str, ...]


def undisturbed(target: Target, place: Path) -> Undisturbed:
    """Run a target to its end, twice, so that the second time is one with everything in memory."""
    for number in (1, 2):
        folder = place / f"whole{number}"
        folder.mkdir()
        target.prepare(folder)
        ended = run(target.command, folder, log=place / "log")
        if ended.code:
            raise RuntimeError(f"{target.name} ends with {ended.code} by itself:\n{ended.text[-2000:]}")
    found = {str(path.relative_to(folder)): path for path in files_in(folder, target.outputs)}
    if not found:
        raise RuntimeError(f"{target.name} writes nothing below {target.outputs}")
    raw = {name: found[name].read_bytes() for name in target.grows}
    return Undisturbed(ended, {name: content(path) for name, path in found.items()}, raw)


def draw(random: Random, whole: Undisturbed) -> Moment:
    """Return a moment: half of them by time, half by what the command does to files, where the rare things happen."""
    if random.random() < 0.5:
        return Moment(seconds=random.uniform(0, whole.ended.seconds))
    return Moment(event=random.randint(1, max(1, whole.ended.events)))


def kill(target: Target, whole: Undisturbed, moment: Moment, *, older: bool) -> Kill:
    """Kill a command at a moment, and return what was seen."""
    with _place() as place:
        folder = place / "work"
        folder.mkdir()
        target.prepare(folder)
        if older:
            for name in target.outputs:
                (folder / name).write_bytes(OLDER)
        ended = run(target.command, folder, moment, place / "log")
        broken = list(_left(ended))
        was_killed = ended.code == -signal.SIGKILL
        if not was_killed and ended.code:
            broken.append(f"it ended with {ended.code} by itself: {ended.text[-500:]}")
        broken.extend(_half_written(target, folder, whole, older=older))
        strays = strays_in(folder)
        if was_killed:
            broken.extend(_gone_on(target, folder, place, whole))
    return Kill(target.name, moment, was_killed, tuple(strays), tuple(broken))


def _left(ended: Ended) -> Iterator[str]:
    """Yield what a command has left running."""
    end = time.monotonic() + 5
    while (left := left_in_session(ended.process)) and time.monotonic() < end:
        time.sleep(0.05)
    if left:
        yield f"{len(left)} of its processes still run after 5 s"
        for number in left:
            os.kill(number, signal.SIGKILL)


def _half_written(target: Target, folder: Path, whole: Undisturbed, *, older: bool) -> Iterator[str]:
    """Yield every output that is neither missing nor old nor new; what changes as it goes is read to its end."""
    for path in files_in(folder, target.outputs):
        name = str(path.relative_to(folder))
        if older and path.read_bytes() == OLDER:
            continue
        if name in target.grows:
            if not whole.raw[name].startswith(path.read_bytes()):
                yield f"{name} is no beginning of what it becomes"
            continue
        try:
            found = content(path)
        except Exception as error:  # noqa: BLE001 - whatever a reader says of half a file
            yield f"{name} is not whole: {error!r}"
            continue
        if not target.in_steps and found != whole.files.get(name):
            yield f"{name} is neither the old file nor the new one"


def _gone_on(target: Target, folder: Path, place: Path, whole: Undisturbed) -> Iterator[str]:
    """Yield what is otherwise than without the kill, after the command was given again."""
    ended = run(target.again, folder, log=place / "log")
    if ended.code and not any(word in ended.text for word in target.enough):
        yield f"given again it ends with {ended.code}: {ended.text[-800:]}"
        return
    _take_second_runs(folder)
    found = {str(path.relative_to(folder)): path for path in files_in(folder, target.outputs)}
    if missing := whole.files.keys() - found.keys():
        yield f"given again it does not write {sorted(missing)}"
    if more := found.keys() - whole.files.keys():
        yield f"given again it also has {sorted(more)}"
    for name in sorted(found.keys() & whole.files.keys()):
        parts, wanted = content(found[name]), whole.files[name]
        if parts != wanted:
            other = [key for key in {**parts, **wanted} if parts.get(key) != wanted.get(key)]
            yield f"given again its {name} is another: {other[:5]}"


def _take_second_runs(folder: Path) -> None:
    """Let a second run stand for a first one that was killed before its folder held what is trained."""
    for second in list(folder.rglob("2")):
        first = second.with_name("1")
        if first.is_dir() and not (first / "config.json").exists():
            shutil.rmtree(first)
            second.rename(first)


@contextmanager
def _place() -> Iterator[Path]:
    place = Path(tempfile.mkdtemp(prefix="faults-"))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)
