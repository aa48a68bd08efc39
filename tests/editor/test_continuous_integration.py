"""What runs elsewhere: the hooks of pre-commit, the steps of the GitHub action, and the extension of VS Code."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

import cnnspec

ROOT: Final = Path(__file__).parent.parent.parent
HOOKS: Final = {
    each["id"]: each for each in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
}
ACTION: Final = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS: Final = {each["name"]: each for each in ACTION["runs"]["steps"] if "name" in each}
GOOD: Final = "input: 8x8x1\nlayers:\n  - conv: 4 3x3\n  - gap\n  - dense: 2\n"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return a folder under git with one spec in its first commit, and `cnnspec` on the path."""
    program = tmp_path / "bin" / "cnnspec"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m cnnspec "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    work = tmp_path / "work"
    (work / "specs").mkdir(parents=True)
    (work / "specs" / "a.yaml").write_text(GOOD, encoding="utf-8")
    for words in ("init -q", "add .", "-c user.name=a -c user.email=a@b commit -q -m first"):
        subprocess.run(["git", *words.split()], cwd=work, check=True, timeout=20)  # noqa: S607
    return work


def run(place: Path, script: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a script as GitHub's `shell: bash` does."""
    path = f"{place.parent / 'bin'}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "PYTHONPATH": str(ROOT)} | variables
    call = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    return subprocess.run(call, cwd=place, env=environment, capture_output=True, text=True, timeout=60, check=False)


def step(place: Path, name: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a step of the action with its variables."""
    return run(place, STEPS[name]["run"], **variables)


@pytest.mark.slow
def test_the_hook_validates(place: Path) -> None:
    """A commit with a faulty spec is refused."""
    assert run(place, f"{HOOKS['cnnspec-validate']['entry']} specs/a.yaml").returncode == 0
    (place / "specs" / "a.yaml").write_text(GOOD.replace("gap", "gapp"), encoding="utf-8")
    done = run(place, f"{HOOKS['cnnspec-validate']['entry']} specs/a.yaml")
    assert done.returncode == 1
    assert "unknown kind `gapp`" in done.stderr


@pytest.mark.slow
def test_the_hook_formats(place: Path) -> None:
    """A changed file is what pre-commit fails for."""
    (place / "specs" / "a.yaml").write_text(GOOD.replace("input: ", "input:   "), encoding="utf-8")
    assert run(place, f"{HOOKS['cnnspec-fmt']['entry']} specs/a.yaml").returncode == 0
    assert (place / "specs" / "a.yaml").read_text(encoding="utf-8") == GOOD


@pytest.mark.parametrize("hook", HOOKS.values(), ids=HOOKS)
def test_hooks_are_for_specs(hook: dict[str, Any]) -> None:
    """A repository has other YAML files too."""
    assert re.search(hook["files"], "models/nets/a.yaml")
    assert not re.search(hook["files"], ".github/workflows/test.yaml")


@pytest.mark.slow
def test_the_action_validates(place: Path) -> None:
    """Errors stand at their lines in GitHub's own form, unmet budgets among them."""
    assert step(place, "Validate", SPECS="specs/**/*.yaml", STRICT="false").returncode == 0
    (place / "specs" / "b.yaml").write_text(f"{GOOD}expect:\n  params: <= 10\n", encoding="utf-8")
    done = step(place, "Validate", SPECS="specs/**/*.yaml", STRICT="false")
    assert done.returncode == 1
    assert "::error file=specs/b.yaml,line=7," in done.stdout + done.stderr
    assert step(place, "Validate", SPECS="nets/*.yaml", STRICT="false").returncode == 1


def compared(place: Path) -> str:
    """Return the comparison with the first commit."""
    report, summary, output = (place.parent / name for name in ("report.md", "summary.md", "output"))
    variables = {"REPORT": report, "GITHUB_STEP_SUMMARY": summary, "GITHUB_OUTPUT": output}
    done = step(place, "Compare", SPECS="specs/**/*.yaml", BASE="HEAD", **{k: str(v) for k, v in variables.items()})
    assert done.returncode == 0, done.stderr
    assert output.read_text(encoding="utf-8").splitlines()[-1] == f"comparison={report}"
    return report.read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_action_compares(place: Path) -> None:
    """Changed specs layer by layer, new ones whole, equal ones not at all; 4·(9 + 1) + 2·(4 + 1) are 50 parameters."""
    assert compared(place) == "## Networks\n\nNo network has changed.\n"
    (place / "specs" / "a.yaml").write_text(GOOD.replace("4 3x3", "8 3x3"), encoding="utf-8")
    (place / "specs" / "b.yaml").write_text(GOOD, encoding="utf-8")
    text = compared(place)
    assert "### specs/a.yaml\n" in text
    assert "### specs/b.yaml (new)\n" in text
    assert "50" in text
    assert "98" in text  # 8·(9 + 1) + 2·(8 + 1)


def test_the_action_puts_no_input_into_a_script() -> None:
    """What a pull request names cannot run: scripts read variables."""
    for each in STEPS.values():
        assert "${{" not in each["run"], each["name"]


def test_the_extension_starts_the_server() -> None:
    """By the command that there is, from a file that there is."""
    folder = ROOT / "editors" / "vscode"
    package = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    assert package["contributes"]["configuration"]["properties"]["cnnspec.command"]["default"] == ["cnnspec", "lsp"]
    assert (folder / package["main"]).is_file()
    assert package["version"] == cnnspec.__version__
