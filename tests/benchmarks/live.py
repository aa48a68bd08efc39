"""How fast the page without a server is, for `CNNSPEC_PYODIDE=node_modules/pyodide python -m tests.benchmarks live`.

Node runs the same Pyodide as a browser.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from cnnspec.bundled import bundled_source
from cnnspec.live.folder import core
from tests.benchmarks.figures import Figure

SCRIPT = """
import fs from "fs";
const [, , pyodide, core, ...specs] = process.argv;
const { loadPyodide } = await import(`${pyodide}/pyodide.mjs`);
const began = performance.now();
const python = await loadPyodide();
python.unpackArchive(fs.readFileSync(core).buffer.slice(0), "zip", { extractDir: "/core" });
const answer = python.runPython(`
import sys
sys.path.insert(0, "/core")
from cnnspec.live.answers import answer_json
answer_json
`);
const ask = (what, spec) => answer(JSON.stringify({ ask: what, spec, name: "net.yaml" }));
ask("table", fs.readFileSync(specs[0], "utf8"));
console.log(performance.now() - began);
for (const name of specs) {
  const spec = fs.readFileSync(name, "utf8");
  ask("drawing", spec);
  for (let count = 1; count <= 20; count += 1) {
    ask("table", `${spec}#${count}\\n`);
    ask("drawing", `${spec}#${count}\\n`);
  }
  const start = performance.now();
  ask("table", `${spec}# edited\\n`);
  ask("drawing", `${spec}# edited\\n`);
  console.log(performance.now() - start);
}
"""


def figures() -> Iterator[Figure]:
    """Yield each figure with its goal."""
    pyodide = Path(os.environ.get("CNNSPEC_PYODIDE", "node_modules/pyodide")).resolve()
    if not (pyodide / "pyodide.mjs").is_file():
        print(
            "live: Pyodide is not there: npm install pyodide, then CNNSPEC_PYODIDE=node_modules/pyodide",
            file=sys.stderr,
        )
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "core.zip").write_bytes(core())
        (folder / "measure.mjs").write_text(SCRIPT, encoding="utf-8")
        specs = []
        for network in ("lenet5", "resnet50"):
            source = bundled_source(network)
            assert source
            specs.append(folder / source.name)
            specs[-1].write_text(source.text, encoding="utf-8")
        words = ["node", folder / "measure.mjs", pyodide, folder / "core.zip", *specs]
        done = subprocess.run(list(map(str, words)), check=True, stdout=subprocess.PIPE, text=True)
    first, small, large = map(float, done.stdout.split())
    yield Figure("first table, cold", first / 1000, "s", ("≤", 8))
    yield Figure("an edit of lenet5.yaml, until table and drawing are there", small, "ms", ("≤", 50))
    yield Figure("an edit of resnet50.yaml", large, "ms", ("≤", 200))
