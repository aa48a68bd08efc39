"""A folder whose files are kinds or formats is the list of them: a new file is enough, and none is imported for it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

import cnnspec
from cnnspec.homework.practice.formats._format import WorksheetFormat
from cnnspec.homework.reports._format import ResultFormat
from cnnspec.registry import modules_in
from cnnspec.reports._format import TableFormat

if TYPE_CHECKING:
    from conftest import PackageCopy

FOLDERS: Final = (
    (("reports",), TableFormat),
    (("homework", "reports"), ResultFormat),
    (("homework", "practice", "formats"), WorksheetFormat),
)
TABLE: Final = """
from cnnspec.analysis.folding import fold
from cnnspec.analysis.columns import choose
from cnnspec.reports._format import TableFormat

FORMAT = TableFormat(suffix=".tsv")


def render(summary, *, columns=None, depth=None):
    rows = fold(summary, depth)
    chosen = choose(columns, rows)
    return "".join("\\t".join(str(column.value(row)) for column in chosen) + "\\n" for row in rows)
"""
RESULT: Final = """
from cnnspec.homework.reports._format import ResultFormat

FORMAT = ResultFormat(runner=True)


def render(check, reveal):
    return f"{check.score}/{check.max_score}\\n"
"""
WORKSHEET: Final = """
from cnnspec.homework.practice.formats._format import WorksheetFormat

FORMAT = WorksheetFormat(".org")


def render(worksheet, *, key):
    return "".join(f"* {exercise.label}\\n" for exercise in worksheet.exercises)
"""
MODEL: Final = """
from cnnspec.importing.format import Format
from cnnspec.importing.formats import keras_json


def claims(file):
    return file.head.startswith(b"wrapped:")


def read(file, draft):
    keras_json.read_text(file.content(10_000).removeprefix(b"wrapped:"), file, draft)


FORMAT = Format("a wrapped configuration", "`.wrapped`: a configuration behind a word", 90, claims, read)
"""
[KIND] = re.findall(
    r"`cnnspec/layers/maxout.py`:\n\n```py\n(.*?)^```$",
    (Path(__file__).parents[1] / "CONTRIBUTING.md").read_text(encoding="utf-8"),
    re.MULTILINE | re.DOTALL,
)
"""The kind that CONTRIBUTING shows."""
KERAS: Final = {
    "class_name": "Sequential",
    "config": {
        "name": "small",
        "layers": [
            {"class_name": "InputLayer", "config": {"name": "pixels", "batch_shape": [None, 28, 28, 1]}},
            {"class_name": "Flatten", "config": {"name": "flat"}},
            {"class_name": "Dense", "config": {"name": "scores", "units": 10, "activation": "linear"}},
        ],
    },
}
COMMAND: Final = """
import sys
from cnnspec.cli.app import make_app
make_app(["{command}"])
print(*sorted(name for name in sys.modules if name.startswith("cnnspec.")))
"""


@pytest.mark.parametrize(("folder", "declared"), FOLDERS)
def test_every_file_of_a_folder_of_formats_is_one(folder: tuple[str, ...], declared: type) -> None:
    """It says what it is, and renders."""
    package = Path(cnnspec.__file__).parent.joinpath(*folder)
    names = modules_in(*folder)
    assert names == sorted(path.stem for path in package.glob("[!_]*.py"))
    for name in names:
        module = import_module(".".join(("cnnspec", *folder, name)))
        assert isinstance(module.FORMAT, declared)
        assert callable(module.render)


@pytest.mark.parametrize("command", ["summarize", "check", "practice"])
def test_formats_are_listed_without_being_imported(command: str) -> None:
    """A command imports no format before one is chosen."""
    done = subprocess.run(
        [sys.executable, "-c", COMMAND.format(command=command)],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(cnnspec.__file__).parent.parent)},
        timeout=60,
    )
    imported = done.stdout.split()
    assert f"cnnspec.cli.{command}" in imported
    assert not [name for name in imported if ".reports" in name or ".formats" in name or ".analysis" in name]


def test_a_new_kind_touches_one_file(package_copy: PackageCopy) -> None:
    """Specs in both styles, tables, derivations, drawings, homework and the schema know it."""
    before = files_of(package_copy.folder)
    package_copy.add("layers/maxout.py", KIND)
    assert files_of(package_copy.folder) - before == {"cnnspec/layers/maxout.py"}
    spec = package_copy.folder / "net.yaml"
    spec.write_text("input: 28x28x8\nlayers:\n  - conv: 32 3x3\n  - maxout: 4\n  - dense: 10\n", encoding="utf-8")
    table = package_copy.run("summarize", "net.yaml", "--format", "csv", "--columns", "layer,shape,params,flops")
    assert table.splitlines()[3] == 'maxout1,"(26, 26, 8)",0,21632'  # 26·26·32 comparisons
    assert "C/k = 32/4 = 8" in package_copy.run("explain", "net.yaml", "maxout1")
    assert "Take the largest" in package_copy.run("kinds", "maxout")
    assert "maxout: {pieces: 4}" in package_copy.run("fmt", "--long", "-", given=spec.read_text(encoding="utf-8"))
    assert "maxout" in package_copy.run("draw", "net.yaml", "--style", "graph")
    assert "maxout" in package_copy.run("schema")
    assert "1 of 3 cells right" in package_copy.run("check", "net.yaml", "-", given="layer,params\nmaxout1,0\n", code=1)
    refused = package_copy.run("validate", "-", given="input: 8x8x6\nlayers: [maxout: 4]\n", code=1)
    assert refused == ""  # the diagnostic is on standard error


def files_of(folder: Path) -> set[str]:
    """Return the sources in a folder."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.suffix in (".py", ".yaml")}


def test_a_new_format_of_tables_touches_one_file(package_copy: PackageCopy) -> None:
    """By its name, and by the suffix of an output."""
    package_copy.add("reports/tsv.py", TABLE)
    text = package_copy.run("summarize", "lenet5-rgb", "--format", "tsv", "--columns", "layer,params")
    assert text.splitlines()[:2] == ["input\t0", "conv1\t608"]
    package_copy.run("summarize", "lenet5-rgb", "--columns", "layer,params", "-o", "out.tsv")
    assert (package_copy.folder / "out.tsv").read_text(encoding="utf-8") == text


def test_a_new_format_of_results_touches_one_file(package_copy: PackageCopy) -> None:
    """A runner gets exit code 0 though a cell is wrong."""
    package_copy.add("homework/reports/points.py", RESULT)
    assert package_copy.run("check", "lenet5-rgb", "-", "--format", "points", given="layer,params\nconv1,208\n") == (
        "0/7\n"
    )


def test_a_new_format_of_worksheets_touches_one_file(package_copy: PackageCopy) -> None:
    """On its own, and into a folder."""
    package_copy.add("homework/practice/formats/outline.py", WORKSHEET)
    text = package_copy.run("practice", "lenet5-rgb", "--format", "outline")
    assert text.startswith("* input\n* conv1\n")
    package_copy.run("practice", "lenet5-rgb", "--format", "outline", "--output-dir", "sheets")
    assert {path.name for path in (package_copy.folder / "sheets").iterdir()} == {
        "lenet5-rgb.yaml",
        "lenet5-rgb.org",
        "lenet5-rgb.key.org",
    }


def test_a_new_format_of_model_files_touches_one_file(package_copy: PackageCopy) -> None:
    """It is imported, and compared with others."""
    package_copy.add("importing/formats/wrapped.py", MODEL)
    (package_copy.folder / "small.wrapped").write_text(f"wrapped:{json.dumps(KERAS)}", encoding="utf-8")
    spec = "name: small\ninput:\n  pixels: 28x28x1\nlayers:\n  - flatten\n  - dense: 10\n"
    assert package_copy.run("import", "small.wrapped") == spec
    table = package_copy.run("compare", "small.wrapped", "lenet5-rgb", "--format", "csv")
    assert "7850" in table  # 28·28·10 weights and 10 biases
