"""Classroom 50: autograder.py is run in a student's checkout, where it writes result.json and release-body.md."""

from __future__ import annotations

from typing import Final

from cnnspec.homework.autograders._common import common
from cnnspec.homework.autograders._platform import HOMEWORK, Entry, Kit, Platform

_SCRIPT: Final = '''\
#!/usr/bin/env python3
"""Marks the table in a student's checkout, the current folder: writes result.json and release-body.md there.

Nothing of the checkout is ever run. Exit code 0: there is a result; 1: the autograder itself could not run.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from datetime import datetime, timezone
from pathlib import Path

HERE = Path(__file__).resolve().parent
ASSIGNMENT = HERE / {folder!r} / {file!r}
REVEAL = {reveal!r}
MOST = {most!r}
RESULT, BODY = "result.json", "release-body.md"


def main():
    """Mark the checkout; whatever happens, there is a result behind it."""
    checkout = Path.cwd()
    for name in (RESULT, BODY):  # what a student has committed under these names is no result
        remove(checkout / name)
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        try:
            mark(checkout, scratch, Path(os.environ.get("RUNNER_TEMP") or folder) / "cnnspec")
        except (OSError, subprocess.SubprocessError) as error:
            print(f"cnnspec could not mark this submission: {{error}}", file=sys.stderr)
        ran = (scratch / RESULT).is_file()
        if not ran:
            (scratch / RESULT).write_text(json.dumps(failed(), indent=1), encoding="utf-8")
        for name in (RESULT, BODY):
            if (scratch / name).is_file():
                shutil.copyfile(scratch / name, checkout / name)
    tell(json.loads((checkout / RESULT).read_text(encoding="utf-8")), ran)
    return 0 if ran else 1


def mark(checkout, scratch, venv):
    """Check the table in the checkout, once for the result and once for the reader."""
    subprocess.run(["sh", str(HERE / "install.sh"), str(venv), "--no-compile"], check=True, cwd=HERE)
    python = str(venv / "bin" / "python")
    command = [python, "-I", "-m", "cnnspec", "check", str(ASSIGNMENT), str(checkout), "--reveal", REVEAL]
    for form, name in (("classroom50", RESULT), ("markdown", BODY)):
        options = ["--format", form, "--output", str(scratch / name)]
        subprocess.run(command + options, check=False, cwd=HERE, timeout=120)


def failed():
    """Return the result of a submission that was not marked: 0 points, and a test that says so."""
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    names = {{
        "classroom": "CLASSROOM",
        "assignment": "ASSIGNMENT",
        "assignment_type": "ASSIGNMENT_TYPE",
        "owner": "OWNER",
        "submission": "SUBMISSION_TAG",
        "commit": "COMMIT_URL",
        "release": "RELEASE_URL",
        "review": "REVIEW_URL",
    }}
    test = {{"test-name": "the autograder could not run", "passed": False, "score": 0, "max-score": MOST}}
    return {{
        "schema": "classroom50/result/v1",
        **{{key: os.environ.get(name, "") for key, name in names.items()}},
        "datetime": now,
        "graded_at": now,
        "score": 0,
        "max-score": MOST,
        "tests": [test],
    }}


def tell(result, ran):
    """Say the outcome in the workflow's outputs."""
    score, most = result["score"], result["max-score"]
    status = ("success" if score == most else "failure") if ran else "error"
    summary = f"{{score}} of {{most}} points" if ran else "the autograder could not run"
    if path := os.environ.get("GITHUB_OUTPUT"):
        with open(path, "a", encoding="utf-8") as file:
            file.write(f"status={{status}}\\nsummary={{summary}}\\n")
    print(summary)


def remove(path):
    """Remove a file, a link or a folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main())
'''


def _entries(kit: Kit) -> dict[str, Entry]:
    script = _SCRIPT.format(folder=HOMEWORK, file=kit.file, reveal=kit.reveal, most=int(kit.units))
    return {"autograder.py": Entry(script, is_script=True), **common(kit)}


PLATFORM: Final = Platform(
    "Classroom 50", _entries, "unpack it into CLASSROOM/autograders/ASSIGNMENT of your `classroom50` repository"
)
