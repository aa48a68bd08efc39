"""PrairieLearn: a question whose external grader runs tests/run.sh, which writes /grade/results/results.json."""

from __future__ import annotations

from html import escape
from typing import Final

from cnnspec.homework.autograders._common import common
from cnnspec.homework.autograders._install import check
from cnnspec.homework.autograders._platform import Entry, Kit, Platform
from cnnspec.json_lines import indented

_RUN: Final = """\
#!/bin/sh
# Marks what lies in student/ and writes results/results.json. Nothing of a submission is ever run.
set -u
root=${{GRADE_ROOT:-/grade}}
venv=${{CNNSPEC_VENV:-/tmp/cnnspec}}
results=$root/results/results.json
mkdir -p "$root/results" "$root/student"

# A result stands there before anything can go wrong; the marked one takes its place.
cat > "$results" <<'END'
{fallback}END

cd / || exit 1
sh "$root/tests/install.sh" "$venv" --no-compile &&
  {check} --format prairielearn --output "$results" --force ||
  echo "cnnspec could not mark this submission: see the lines above" >&2
exit 0
"""
_QUESTION: Final = """\
<pl-question-panel>
  <p>Hand in one file with the table of <code>{network}</code>; {asked}.</p>
  <pl-file-upload file-patterns="*"></pl-file-upload>
</pl-question-panel>

<pl-submission-panel>
  <pl-external-grader-results></pl-external-grader-results>
  <pl-file-preview></pl-file-preview>
</pl-submission-panel>
"""


def _entries(kit: Kit) -> dict[str, Entry]:
    text = "The autograder could not run, and nothing was marked; this costs no attempt. Tell your teacher."
    fallback = indented({"gradable": False, "score": 0.0, "message": text, "format_errors": [text]})
    run = _RUN.format(fallback=fallback, check=check(kit, "$root/tests", "$root/student"))
    question = _QUESTION.format(network=escape(kit.network), asked=escape(kit.asked))
    files = {"info.json": Entry(_info(kit)), "question.html": Entry(question)}
    return files | {"tests/run.sh": Entry(run, is_script=True)} | common(kit, "tests/")


def _info(kit: Kit) -> str:
    """Return the question's options; its identity is that of the homework, so that it stays when a file changes."""
    from uuid import NAMESPACE_URL, uuid5  # noqa: PLC0415 - no other platform needs one

    grading = {
        "enabled": True,
        "image": "python:3.12-slim",
        "entrypoint": "/grade/tests/run.sh",
        "timeout": 120,
        "enableNetworking": not kit.is_offline,
    }
    return indented(
        {
            "uuid": str(uuid5(NAMESPACE_URL, f"cnnspec:{kit.name}:{kit.network}")),
            "title": kit.name,
            "topic": "Convolutional networks",
            "tags": [],
            "type": "v3",
            "gradingMethod": "External",
            "externalGradingOptions": grading,
        }
    )


PLATFORM: Final = Platform("PrairieLearn", _entries, "unpack it into a folder of the course's `questions`")
