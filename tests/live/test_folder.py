"""The folder for any web space: what is in it, and that its archive runs alone."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING, Final

import pytest

from cnnspec.errors import CnnspecError, UsageError
from cnnspec.live.folder import EITHER, NEEDED, core, write_folder
from cnnspec.live.page import Shown, asset, index

if TYPE_CHECKING:
    from pathlib import Path

FILES: Final = {"app.css", "app.js", "core.zip", "index.html", "worker.js"}
TINY: Final = "input: 8x8x1\nlayers:\n  - conv: 4 3x3\n"
ALONE: Final = """
import json, sys
sys.path.insert(0, sys.argv[1])
import cnnspec
table = cnnspec.summarize(cnnspec.loads("input: 8x8x1\\nlayers: [conv: 4 3x3]"))
first = {name.partition(".")[0] for name in sys.modules}
from cnnspec.live.answers import answer
spec = cnnspec.load("resnet50").source.text
asked = [{"ask": "table"}, {"ask": "drawing"}, {"ask": "derivation", "layer": "conv1"}, {"ask": "sheet"},
    {"ask": "check", "table": "Layer,Parameters\\nconv1,9472\\n"}, {"ask": "code", "code": "E103"}]
answers = [answer({"spec": spec, **question}) for question in asked]
wrong = answer({"ask": "table", "spec": "input: 8x8x1\\nlayers: [convv: 4 3x3]"})["errors"]
modules = {name.partition(".")[0] for name in sys.modules}
print(json.dumps({
    "params": table.totals.params, "first": sorted(first), "all": sorted(modules), "file": cnnspec.__file__,
    "errors": [each["errors"] for each in answers], "totals": answers[0]["totals"],
    "wrong": [each["code"] for each in wrong],
}))
"""


def test_the_core_runs_alone(tmp_path: Path) -> None:
    """Unpacked, with Python's own library and nothing else: neither rich nor typer nor numpy, no framework."""
    with zipfile.ZipFile(BytesIO(core())) as archive:
        archive.extractall(tmp_path)
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", ALONE, str(tmp_path)], check=False, capture_output=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["file"].startswith(str(tmp_path))
    assert found["params"] == 40  # 4·(3·3·1 + 1)
    assert found["errors"] == [[]] * 6
    assert 25_636_712 in found["totals"]  # as Keras' ResNet-50
    assert found["wrong"] == ["E104"]
    heavy = {"rich", "typer", "click", "numpy", "tensorflow", "keras", "torch"}
    assert heavy.isdisjoint(found["all"])
    assert {"http", "socket", "ssl"}.isdisjoint(found["first"])


def test_the_core_is_the_same_each_time() -> None:
    """Small, without what a browser cannot run, and with the licence of what is copied."""
    first = core()
    assert first == core()
    assert len(first) < 800_000
    with zipfile.ZipFile(BytesIO(first)) as archive:
        names = archive.namelist()
    assert {name.split("/")[0] for name in names} == {"cnnspec", "yaml"}
    assert {name.split("/")[1] for name in names if name.count("/") > 1}.isdisjoint(
        {"cli", "keras", "torch", "training"}
    )
    assert {"cnnspec/specs/lenet5.yaml", "cnnspec/error_codes.md", "yaml/LICENSE"} <= {*names}
    assert not [name for name in names if name.endswith((".pyc", ".so", ".js"))]


def pyodide(folder: Path) -> Path:
    """Return a folder with files of the names of Pyodide's."""
    folder.mkdir()
    for name in (*NEEDED, EITHER[0], "console.html"):
        (folder / name).write_text(name, encoding="utf-8")
    return folder


def test_a_folder_is_written_once(tmp_path: Path) -> None:
    """With what is needed of Pyodide; nothing is replaced unasked, and a foreign folder is said to be none."""
    source, target = pyodide(tmp_path / "pyodide"), tmp_path / "public"
    written = write_folder(target, "net.yaml", TINY, str(source), force=False)
    assert {path.name for path in target.iterdir()} == FILES | {"pyodide"}
    assert {path.name for path in (target / "pyodide").iterdir()} == {*NEEDED, EITHER[0]}
    assert len(written) == 10
    page = (target / "index.html").read_text(encoding="utf-8")
    assert 'data-pyodide="pyodide/"' in page
    assert TINY in page
    with pytest.raises(CnnspecError, match="E603"):
        write_folder(target, "net.yaml", TINY, str(source), force=False)
    write_folder(target, "net.yaml", TINY, str(source), force=True)
    with pytest.raises(CnnspecError, match="E603"):
        write_folder(target / "index.html", "net.yaml", TINY, str(source), force=True)
    (source / NEEDED[1]).unlink()
    for wrong in (source, tmp_path / "nowhere"):
        with pytest.raises(UsageError, match="npm install pyodide"):
            write_folder(tmp_path / "other", "net.yaml", TINY, str(wrong), force=False)
    assert not (tmp_path / "other").exists()


def test_pyodide_may_lie_at_an_address(tmp_path: Path) -> None:
    """Then the policy names its host, and no other."""
    write_folder(tmp_path / "public", "net.yaml", TINY, "https://cdn.example/pyodide/v1/", force=False)
    assert {path.name for path in (tmp_path / "public").iterdir()} == FILES
    page = (tmp_path / "public" / "index.html").read_text(encoding="utf-8")
    assert "connect-src &#x27;self&#x27; https://cdn.example;" in page
    assert "https://cdn.example/pyodide/v1/" in page


@pytest.mark.parametrize("host", ["", "a;script-src *", "a b", "user@a", "a'"])
def test_an_address_adds_nothing_to_the_policy(host: str, tmp_path: Path) -> None:
    """But a host."""
    with pytest.raises(UsageError, match="E703"):
        write_folder(tmp_path / "public", "net.yaml", TINY, f"https://{host}/pyodide/", force=False)
    assert not (tmp_path / "public").exists()


def test_what_is_put_into_a_page_stays_text() -> None:
    """A spec may hold anything, braces too, and the policy holds no word that lets more run."""
    text = '</textarea><script>alert(1)</script>{{name}}"'
    page = index(Shown('"><script>', text, "pyodide/"))
    assert "<script>" not in page
    assert page.count("<script ") == 1
    assert "{{name}}&quot;" in page
    assert "'unsafe" not in page
    assert "wasm-unsafe-eval" in page
    for name in ("app.js", "worker.js"):
        script = asset(name)
        assert "innerHTML" not in script
        assert "eval(" not in script
        assert "document.write" not in script
    assert sum(len(asset(name)) for name in ("app.js", "worker.js", "app.css")) <= 52_000
