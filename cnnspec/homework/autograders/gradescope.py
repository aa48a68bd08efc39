"""Gradescope: setup.sh is run once, run_autograder for each submission, which writes results/results.json."""

from __future__ import annotations

from typing import Final

from cnnspec.homework.autograders._common import common
from cnnspec.homework.autograders._install import check
from cnnspec.homework.autograders._platform import Entry, Kit, Platform
from cnnspec.json_lines import indented

_SETUP: Final = """\
#!/bin/sh
# Run once, when Gradescope builds the autograder.
set -eu
root=${AUTOGRADER_ROOT:-/autograder}
exec sh "$root/source/install.sh" "$root/venv"
"""
_RUN: Final = """\
#!/bin/sh
# Marks what lies in submission/ and writes results/results.json. Nothing of a submission is ever run.
set -u
root=${{AUTOGRADER_ROOT:-/autograder}}
venv=$root/venv
results=$root/results/results.json
mkdir -p "$root/results" "$root/submission"

# A result stands there before anything can go wrong; the marked one takes its place.
cat > "$results" <<'END'
{fallback}END

cd / || exit 1
sh "$root/source/install.sh" "$venv" &&
  {check} --format gradescope --output "$results" --force ||
  echo "cnnspec could not mark this submission: see the lines above" >&2
exit 0
"""


def _entries(kit: Kit) -> dict[str, Entry]:
    text = "The autograder could not run, and nothing was marked. What you handed in is kept: tell your teacher."
    fallback = indented({"score": 0, "output": text, "output_format": "text", "visibility": "visible", "tests": []})
    run = _RUN.format(fallback=fallback, check=check(kit, "$root/source", "$root/submission"))
    scripts = {"setup.sh": Entry(_SETUP, is_script=True), "run_autograder": Entry(run, is_script=True)}
    return scripts | common(kit)


PLATFORM: Final = Platform(
    "Gradescope",
    _entries,
    "upload it under Configure Autograder of a programming assignment, with Autograder points {most}",
)
