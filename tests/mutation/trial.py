"""Tests run in a process of their own, with one module of the package replaced: nothing is written."""

from __future__ import annotations

import ast
import importlib.machinery
import importlib.util
import inspect
import json
import os
import resource
import signal
import sys
import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).parents[2]
MEMORY: Final = 6 * 2**30
OPTIONS: Final = (
    *("-x", "-q", "-n0", "-p", "no:cacheprovider", "--doctest-modules", "-o", "addopts=--import-mode=importlib"),
    "--assert=plain",  # the hook that rewrites assertions would load a module whose examples run, as it is in its file
)
SKIPPED: Final = "not keras and not browser and not torch and not slow"


class Replaced(importlib.machinery.SourceFileLoader):
    """An import hook that gives one module another code."""

    def __init__(self, name: str, path: Path, tree: ast.Module) -> None:
        """Remember the code; the module's file stays as it is."""
        super().__init__(name, str(path))
        self.tree = tree

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> Any:
        """Answer for this module alone."""
        if name != self.name:
            return None
        package = Path(self.path).name == "__init__.py"
        places = [str(Path(self.path).parent)] if package else None
        return importlib.util.spec_from_file_location(name, self.path, loader=self, submodule_search_locations=places)

    def get_code(self, _fullname: str) -> CodeType:
        """Return the other code."""
        return compile(self.tree, self.path, "exec")


class Chosen:
    """A plugin that keeps some tests of those collected, the fastest first."""

    def __init__(self, names: Sequence[str]) -> None:
        """Keep the tests with these names, in this order."""
        self.order = {name: place for place, name in enumerate(names)}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Choose."""
        items[:] = sorted(
            (item for item in items if item.nodeid in self.order), key=lambda item: self.order[item.nodeid]
        )


class Observed:
    """A plugin that notes which lines of functions of some files each test runs, and how long it takes."""

    def __init__(self, paths: Sequence[Path]) -> None:
        """Watch these files."""
        self.lines: dict[str, dict[str, set[int]]] = {str(path): defaultdict(set) for path in paths}
        self.seconds: dict[str, float] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Watch one test with its fixtures."""

        def local(frame: FrameType, event: str, _value: object) -> Any:
            if event == "line":
                self.lines[frame.f_code.co_filename][item.nodeid].add(frame.f_lineno)
            return local

        def trace(frame: FrameType, _event: str, _value: object) -> Any:
            # What runs when a module is imported says nothing about the test that came first.
            is_function = frame.f_code.co_flags & inspect.CO_OPTIMIZED
            return local if is_function and frame.f_code.co_filename in self.lines else None

        started = time.process_time()
        sys.settrace(trace)
        try:
            return (yield)
        finally:
            sys.settrace(None)
            self.seconds[item.nodeid] = time.process_time() - started


def module_name(path: Path) -> str:
    """Return the dotted name of a file of the package."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def observe(paths: Sequence[Path], tests: Sequence[str], report: Path) -> int:
    """Run tests with the code as it is, write into a file what they ran of others, and return pytest's exit code."""
    watched = Observed(paths)
    code = pytest.main([*OPTIONS, "-m", SKIPPED, *tests], plugins=[watched])
    lines = {path: {name: sorted(ran) for name, ran in of.items()} for path, of in watched.lines.items()}
    report.write_text(json.dumps([lines, watched.seconds]), encoding="utf-8")
    return int(code)


def noticed(path: Path, tree: ast.Module, names: Sequence[str]) -> int:
    """Run tests with other code, and return pytest's exit code: 0 where none noticed, or none is left."""
    for name in [name for name in sys.modules if name.partition(".")[0] in ("cnnspec", "tests")]:
        del sys.modules[name]  # what this process had imported before it was forked
    sys.meta_path.insert(0, Replaced(module_name(path), path, tree))
    files = dict.fromkeys(name.partition("::")[0] for name in names)
    code = pytest.main([*OPTIONS, "-m", SKIPPED, *files], plugins=[Chosen(names)])
    return 0 if code == pytest.ExitCode.NO_TESTS_COLLECTED else int(code)


def in_child(run: Callable[[], int], seconds: int) -> int:
    """Return the exit code of a function in a fork, or minus the signal that ended it: its time is limited."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    quiet = os.open(os.devnull, os.O_WRONLY)
    if "MUTATION_VERBOSE" not in os.environ:
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    code = 1  # what cannot even be imported is noticed
    try:
        code = run()
    except BaseException:  # noqa: BLE001 - nothing may go on in the fork
        traceback.print_exc()
    finally:
        os._exit(code)
