// Python in the browser: Pyodide loads the core of cnnspec, and answers one question after another.
const base = new URL(new URLSearchParams(location.search).get("pyodide"), location.href);
const say = (said) => postMessage({ said });

async function begin() {
  const folder = base.href.endsWith("/") ? base.href : `${base.href}/`;
  const [{ loadPyodide }, core] = await Promise.all([
    import(`${folder}pyodide.mjs`),
    fetch(new URL("core.zip", location.href)).then((reply) => {
      if (!reply.ok) throw new Error(`core.zip: ${reply.status}`);
      return reply.arrayBuffer();
    }),
  ]);
  const python = await loadPyodide({ indexURL: folder });
  // The kinds are found in the folder of their files, so the archive is unpacked.
  python.unpackArchive(core, "zip", { extractDir: "/core" });
  return python.runPython(`
import sys
sys.path.insert(0, "/core")
from cnnspec.live.answers import answer_json
answer_json
`);
}

const ready = begin();
ready.then(() => say(""), () => {});

addEventListener("message", async ({ data: { id, question } }) => {
  let answer = null;
  try {
    answer = await ready;
  } catch (error) {
    return postMessage({ id, failed: `Python could not be loaded: ${error.message}` });
  }
  try {
    return postMessage({ id, answer: answer(question) });
  } catch (error) {
    const lines = String(error.message).trim().split("\n");
    return postMessage({ id, failed: lines[lines.length - 1] });
  }
});
