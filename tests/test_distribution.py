"""What is handed out: the source distribution holds what is tracked, and the wheel runs on every Python here."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
import yaml

import cnnspec

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parents[1]
PROJECT: Final = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OLDEST: Final = (3, 11)
VERSION: Final = re.compile(r"Python (\d+)\.(\d+)\.\d+$")


def run(*command: str | Path, folder: Path) -> str:
    """Run a command in a folder and return what it prints; a test that fails shows what it said."""
    done = subprocess.run(command, check=False, capture_output=True, text=True, encoding="utf-8", cwd=folder)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def pythons() -> dict[str, str]:
    """Return a Python per version from the oldest on that is here: on the path, or where pyenv keeps them."""
    pyenv = (Path.home() / ".pyenv" / "versions").glob("3.*/bin/python3")
    found = (shutil.which(f"python3.{minor}") for minor in range(OLDEST[1], 20))
    versions: dict[str, str] = {}
    for python in (sys.executable, *filter(None, found), *map(str, sorted(pyenv))):
        done = subprocess.run([python, "--version"], check=False, capture_output=True, text=True)
        numbers = VERSION.match(done.stdout.strip())
        if numbers and (int(numbers[1]), int(numbers[2])) >= OLDEST:
            versions.setdefault(f"{numbers[1]}.{numbers[2]}", python)
    return versions


@pytest.fixture(name="built", scope="module")
def _built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the source distribution of the checkout and the wheel that is built of it."""
    pytest.importorskip("build", reason="the package `build` is missing, so nothing was built")
    pytest.importorskip("hatchling", reason="hatchling is missing, so nothing was built")
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, folder=folder)
    yield folder
    shutil.rmtree(folder)


def test_the_front_door_says_one_thing() -> None:
    """Version, licence and keywords stand in several files; what is installed is tested by the same command."""
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == cnnspec.__version__
    assert citation["license"] == PROJECT["license"] == "MIT"
    assert [author["name"] for author in citation["authors"]] == [author["name"] for author in PROJECT["authors"]]
    extension = (ROOT / "editors" / "vscode" / "package.json").read_text(encoding="utf-8")
    assert f'"version": "{cnnspec.__version__}"' in extension
    gate = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    for page in ("README.md", "CONTRIBUTING.md"):
        assert "\npip install -e '.[dev]' && python -m pytest\n" in (ROOT / page).read_text(encoding="utf-8")
    assert "-e '.[dev]'\n" in gate
    assert "\npython -m pytest\n" in gate
    assert "\npip install . && cnnspec summarize lenet5\n" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_source_distribution_holds_what_is_tracked(built: Path) -> None:
    """Tests need pages, specs, editors and the gate; nothing that is not tracked goes along."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no checkout, so what is tracked is not known")
    tracked = set(run("git", "ls-files", folder=ROOT).splitlines())
    [archive] = built.glob("*.tar.gz")
    with tarfile.open(archive) as file:
        held = {name.partition("/")[2] for name in file.getnames()}
    assert held == tracked | {"PKG-INFO"}


@pytest.mark.slow
@pytest.mark.parametrize("version", pythons())
def test_the_wheel_runs_alone(version: str, built: Path, tmp_path: Path) -> None:
    """In a fresh environment, outside the checkout, with nothing but what it asks for."""
    [wheel] = built.glob("*.whl")
    run(pythons()[version], "-m", "venv", tmp_path / "venv", folder=tmp_path)
    programs = tmp_path / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
    install = [programs / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel]
    done = subprocess.run(install, check=False, capture_output=True, text=True, cwd=tmp_path)
    if done.returncode and "No matching distribution" in done.stderr:
        pytest.skip("no package index can be reached, so the wheel was not installed")
    assert done.returncode == 0, done.stderr
    table = run(programs / "cnnspec", "summarize", "lenet5", folder=tmp_path)
    assert "664,086" in table
    assert run(programs / "cnnspec", "--version", folder=tmp_path).split() == ["cnnspec", cnnspec.__version__]
    assert run(programs / "cnnspec", "list", folder=tmp_path).count("\n") > 50
    assert run(programs / "cnnspec", "explain", "E301", folder=tmp_path).startswith("E301: an output vanishes")
    assert run(programs / "cnnspec", "draw", "lenet5", "-o", "lenet5.svg", folder=tmp_path) == ""
    assert (tmp_path / "lenet5.svg").read_text(encoding="utf-8").startswith("<svg")
