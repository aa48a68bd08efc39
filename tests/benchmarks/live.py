"""How fast the page without a server is: `CNNSPEC_PYODIDE=node_modules/pyodide python tests/benchmarks/live.py`.

Node runs the same Pyodide as a browser. Beside the time stands the processor's: on a busy machine that is what tells.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from cnnspec.bundled import bundled_source
from cnnspec.live.folder import core

SCRIPT = """
import fs from "fs";
const [, , pyodide, core, ...specs] = process.argv;
const { loadPyodide } = await import(`${pyodide}/pyodide.mjs`);
const began = [performance.now(), process.cpuUsage()];
const since = ([time, cpu]) => {
  const { user, system } = process.cpuUsage(cpu);
  return `${(performance.now() - time).toFixed(0)} ms (processor ${((user + system) / 1e3).toFixed(0)} ms)`;
};
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
console.log(`first table: ${since(began)}; goal 8000 ms on two cores`);
for (const [at, goal] of [50, 200].entries()) {
  const spec = fs.readFileSync(specs[at], "utf8");
  ask("drawing", spec);
  for (let count = 1; count <= 20; count += 1) {
    ask("table", `${spec}#${count}\\n`);
    ask("drawing", `${spec}#${count}\\n`);
  }
  const start = [performance.now(), process.cpuUsage()];
  ask("table", `${spec}# edited\\n`);
  ask("drawing", `${spec}# edited\\n`);
  console.log(`an edit of ${specs[at].split("/").pop()}: ${since(start)}; goal ${goal} ms`);
}
"""


def main() -> None:
    """Measure and print each figure with its goal."""
    pyodide = Path(os.environ.get("CNNSPEC_PYODIDE", "node_modules/pyodide")).resolve()
    if not (pyodide / "pyodide.mjs").is_file():
        sys.exit("Pyodide is not there: npm install pyodide, then CNNSPEC_PYODIDE=node_modules/pyodide")
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
        subprocess.run(list(map(str, words)), check=True)


if __name__ == "__main__":
    main()
