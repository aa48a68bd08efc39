"""A workflow of GitHub Actions, for the template of the students' repositories."""

from __future__ import annotations

import re
from typing import Final

from cnnspec.homework.autograders._common import common
from cnnspec.homework.autograders._install import check
from cnnspec.homework.autograders._platform import Entry, Kit, Platform
from cnnspec.json_lines import compact, indented

_WORKFLOW: Final = """\
name: {name}
on: [push, workflow_dispatch]
permissions:
  contents: read
jobs:
  homework:
    runs-on: ubuntu-latest
    timeout-minutes: 10
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - name: Mark the table
        run: sh .github/{slug}/run.sh
      - uses: actions/upload-artifact@v4
        if: always()
        with:
          name: {slug}
          path: ${{{{ runner.temp }}}}/homework
"""
_RUN: Final = """\
#!/bin/sh
# Marks the table in the repository; the result is results.json, the page of the run, and two notices.
# Nothing of the repository is run but this. Exit code 0: all is right.
set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
repository=${{GITHUB_WORKSPACE:-$here/../..}}
out=${{RUNNER_TEMP:-/tmp}}/homework
venv=${{RUNNER_TEMP:-/tmp}}/cnnspec
mkdir -p "$out"

# A result stands there before anything can go wrong; the marked one takes its place.
cat > "$out/results.json" <<'END'
{fallback}END

cd / || exit 1
mark() {{
  {check} "$@"
}}
if ! sh "$here/install.sh" "$venv" --no-compile; then
  echo "::error title=Autograding::{text}"
  exit 1
fi
mark --format json --output "$out/results.json" --force
mark --format markdown --output "$out/summary.md" --force
[ -f "$out/summary.md" ] || echo "{text}" > "$out/summary.md"
cat "$out/summary.md" >> "${{GITHUB_STEP_SUMMARY:-/dev/null}}"
mark --format github
"""


def _entries(kit: Kit) -> dict[str, Entry]:
    words = re.sub(r"[^a-z0-9]+", "-", kit.name.lower()).strip("-")
    slug = words if words not in ("", "workflows") else "homework"
    text = "The autograder could not run, and nothing was marked."
    fallback = indented({"gradable": False, "score": 0, "max_score": kit.units, "errors": [{"message": text}]})
    run = _RUN.format(text=text, fallback=fallback, check=check(kit, "$here", "$repository"))
    return {
        f".github/workflows/{slug}.yml": Entry(_WORKFLOW.format(name=compact(kit.name), slug=slug)),
        f".github/{slug}/run.sh": Entry(run, is_script=True),
        **common(kit, f".github/{slug}/"),
    }


PLATFORM: Final = Platform(
    "GitHub Actions", _entries, "unpack it into the template of the students' repositories, which can read it all"
)
