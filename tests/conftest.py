"""What all tests share: golden files, a copy of the package to extend, and patience with slow machines."""

from __future__ import annotations

import gc
import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import pytest
import typer.testing
from hypothesis import settings

import cnnspec

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

settings.register_profile("patient", deadline=None)
settings.register_profile("quick", parent=settings.get_profile("patient"), max_examples=25)
settings.load_profile("patient")
_FUNCTIONS: dict[tuple[object, ...], typer.Typer] = {}
_make: Final = cache(typer.testing._get_command)  # noqa: SLF001 - it has no other name
typer.testing._get_command = lambda app: _make(  # noqa: SLF001 - else made anew by every invocation
    _FUNCTIONS.setdefault(tuple(each.callback for each in app.registered_commands), app)
)
gc.set_threshold(100_000, 50, 50)  # collecting makes a million objects that stay

CASES: Final = Path(__file__).parent / "cases"


def pytest_collection_finish() -> None:
    """Let Python's collector not look through thousands of cases again and again: they live to the end."""
    gc.freeze()


def pytest_configure(config: pytest.Config) -> None:
    """Try fewer examples of each law where the slow part of the tests is left out."""
    if "not slow" in config.option.markexpr:
        settings.load_profile("quick")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that writes golden files."""
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew instead of comparing")


@pytest.fixture
def assert_golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Return the comparison of a text with the golden file of a name below `tests/cases`."""

    def compare(name: str, text: str) -> None:
        path = CASES / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.exists(), f"{path} is missing: pytest --update-golden writes it"
        assert text == path.read_text(encoding="utf-8")

    return compare


class PackageCopy(NamedTuple):
    """A copy of the package and the bundled networks, to which a test adds what a contributor would."""

    folder: Path

    def add(self, name: str, text: str) -> None:
        """Write text to the end of a file of the package, which may be new."""
        with (self.folder / "cnnspec" / name).open("a", encoding="utf-8") as file:
            file.write(text)

    def run(self, *arguments: str, given: str = "", code: int = 0) -> str:
        """Run a command of the copy in its folder, and return what it printed."""
        paths = {**os.environ, "PYTHONPATH": str(self.folder), "PYTHONUTF8": "1", "COLUMNS": "200"}
        done = subprocess.run(
            [sys.executable, "-m", "cnnspec", *arguments],
            check=False,
            capture_output=True,
            text=True,
            encoding="utf-8",
            input=given,
            cwd=self.folder,
            env={key: value for key, value in paths.items() if not key.startswith(("COV", "PYTEST", "PYTHONDONT"))},
            timeout=120,
        )
        assert done.returncode == code, done.stderr
        return done.stdout


@pytest.fixture
def package_copy(tmp_path: Path) -> PackageCopy:
    """Return a copy of the package."""
    package = Path(cnnspec.__file__).parent
    shutil.copytree(package, tmp_path / "cnnspec")
    shutil.copytree(package.parent / "specs", tmp_path / "specs")
    return PackageCopy(tmp_path)


@pytest.fixture
def conforms() -> Callable[[str, str], Any]:
    """Return the reading of a JSON document that holds it against the schema of a name below `docs/schemas`."""

    def read(name: str, text: str) -> Any:
        from jsonschema import Draft202012Validator  # noqa: PLC0415 - few tests read documents

        schema = json.loads((CASES.parents[1] / "docs" / "schemas" / f"{name}.json").read_text(encoding="utf-8"))
        document = json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
        Draft202012Validator(schema).validate(document)
        return document

    return read
