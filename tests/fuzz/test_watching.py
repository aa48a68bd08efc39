"""The fuzzer finds what it looks for: exceptions, crashes, what is written elsewhere; and names the input."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from cnnspec.errors import CnnspecError
from tests.fuzz import child
from tests.fuzz.mutation import archives, messages, octets, opcodes, texts, trees
from tests.fuzz.target import ROOT, Target
from tests.fuzz.targets import available, targets
from tests.fuzz.watching import Result, again, save, watch

ELSEWHERE = "/tmp/cnnspec-fuzz-elsewhere"  # noqa: S108 - nothing is written there


def lengthen(random: Random, content: bytes, _: bytes) -> bytes:
    """Return more of the same."""
    return content + bytes([random.randrange(3)])


def result(read: Callable[[bytes], object]) -> Result:
    """Return what a reader with a fault breaks."""
    return watch(Target("faulty", lambda: [b"\0"], lengthen, lambda content, _: read(content)), 1, 0.5)


def fault(content: bytes) -> None:
    """Raise what no reader should once a byte is a two; refuse everything else."""
    if 2 in content:
        raise IndexError(len(content))
    raise CnnspecError.one("E401", "there is no table")


def test_an_exception_is_named_by_a_short_input(tmp_path: Path) -> None:
    """Bytes that do not matter are left out, and the input is read again from its file."""
    found = result(fault)
    (finding,) = found.findings
    assert finding.key.startswith("IndexError")
    assert finding.content == b"\2"
    (path,) = save(found, tmp_path)
    assert f"python -m tests.fuzz --again faulty {path}" in path.with_suffix(".txt").read_text(encoding="utf-8")
    here = Path.cwd()
    try:
        assert "IndexError: 1" in again(found.target._replace(read=lambda content, _: fault(content)), path)
    finally:
        os.chdir(here)


def test_a_crash_is_named_by_its_input() -> None:
    """The child is gone; what it read last is in the memory that it shared."""
    found = result(lambda content: os.kill(os.getpid(), signal.SIGSEGV) if 2 in content else None)
    assert {finding.key.split()[0] for finding in found.findings} <= {"end", "touches"}
    assert 2 in found.findings[0].content


def test_a_loop_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even one in C: the signal's own action ends the process."""
    monkeypatch.setattr(child, "SECONDS", 0.2)
    found = result(lambda content: sum(range(10**12)) if 2 in content else None)
    assert found.findings[0].key.startswith("time")
    assert 2 in found.findings[0].content


@pytest.mark.slow
@pytest.mark.parametrize(
    ("read", "key"),
    [
        (lambda _: Path(ELSEWHERE).write_bytes(b""), "it writes"),
        (lambda _: Path("inside").write_bytes(b""), ""),
        (lambda _: subprocess.run([sys.executable, "-c", ""], check=False), "it causes subprocess"),
        (lambda _: CnnspecError.one("E401", "x").diagnostics[0].code, ""),
    ],
)
def test_what_is_touched_elsewhere_is_told(read: Callable[[bytes], object], key: str) -> None:
    """Files in the folder of the input are its own."""
    found = result(read)
    assert bool(found.findings) == bool(key)
    assert key in "".join(finding.text for finding in found.findings)
    Path(ELSEWHERE).unlink(missing_ok=True)


@pytest.mark.parametrize("module", [archives, messages, octets, opcodes, texts, trees])
def test_the_same_seed_makes_the_same_inputs(module: object) -> None:
    """A finding of one machine is one of all."""
    inner = texts.mutator()
    mutate = getattr(module, "mutate", None) or module.mutator(*([inner] if module is archives else []))  # type: ignore[attr-defined]
    contents = (archives.pack([("a", b"one: 1\n", 8)]), b'{"one": [1, 2]}', b"\x80\x02}.", b"\x08\x01\x12\x03abc")
    for content in contents:
        made = [[mutate(Random(seed), content, contents[0]) for seed in range(40)] for _ in range(2)]
        assert made[0] == made[1]
        assert len(set(made[0])) > 10


@pytest.mark.slow
def test_every_target_reads_its_corpus(tmp_path: Path) -> None:
    """Most of what mutation begins with is right: a target that refuses all of it tests little."""
    here = Path.cwd()
    for name, target in targets().items():
        if not available(target) or target.spawns:
            continue
        folder = tmp_path / name
        folder.mkdir()
        os.chdir(folder)
        watcher = child.Watcher(folder)
        try:
            corpus = list(target.corpus())[:12]
            with suppress(Exception):
                target.read(corpus[0], folder)  # what is begun or imported once is not the input's
            tries = [child.attempt(target, content, folder, watcher) for content in corpus]
        finally:
            os.chdir(here)
        assert not [finding for finding, _ in tries if finding], name
        assert any(isinstance(mark, tuple) and mark[0] == "read" for _, mark in tries), name


@pytest.mark.slow
def test_every_target_has_a_corpus_in_a_process_of_its_own() -> None:
    """What other tests define is found by the fuzzer alone too, as `python -m tests.fuzz` runs it."""
    names = [name for name, target in targets().items() if not target.needs]
    program = (
        "from tests.fuzz.targets import targets\nfor name in {}: print(name, len(list(targets()[name].corpus())) > 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program.format(names)], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [f"{name} True" for name in names]
    assert {"onnx", "keras-json", "spec", "table-csv"} <= {*names}
