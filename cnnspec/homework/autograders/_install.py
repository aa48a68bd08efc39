"""The scripts that all autograders share: how cnnspec gets onto a machine, and how it is called there."""

from __future__ import annotations

from shlex import quote
from typing import Final

from cnnspec.homework.autograders._platform import HOMEWORK, Kit

OLDEST: Final = (3, 11)
"""The oldest Python that cnnspec runs on."""

_TEXT: Final = """\
#!/bin/sh
# Puts cnnspec {version} into the virtual environment "$1", where it is not there yet; "$2" may be an option of pip.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
venv=$1
option=${{2:-}}

# `-I` everywhere: Python looks for nothing in the current folder, which may be a student's.
if [ "$("$venv/bin/python" -I -m cnnspec --version 2>/dev/null)" = "cnnspec {version}" ]; then
  exit 0
fi

# Python {oldest} or later whose virtual environments get pip, which Debian's lack without python3-venv.
find_python() {{
  for python in python3 python3.14 python3.13 python3.12 python3.11; do
    if "$python" -I -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < {oldest_pair})' 2>/dev/null; then
      return 0
    fi
  done
  return 1
}}

if ! find_python && command -v apt-get >/dev/null; then
  apt-get update
  apt-get install -y python3 python3-venv || true
  find_python || apt-get install -y python3.12 python3.12-venv || apt-get install -y python3.11 python3.11-venv || true
fi
if ! find_python; then
  echo "cnnspec needs Python {oldest} or later with venv and pip" >&2
  exit 1
fi

"$python" -I -m venv "$venv"
get() {{
  "$venv/bin/python" -I -m pip install --quiet --disable-pip-version-check ${{option:+"$option"}} "$@"
}}
{get}
"""


def install(kit: Kit) -> str:
    """Return the script that installs the pinned cnnspec, from the wheels beside it or from the package index."""
    extra = "[xlsx]" if kit.reads_workbooks else ""
    if not kit.wheels:
        get = f"get {quote(f'cnnspec{extra}=={kit.version}')}"
    else:
        wheel = f'--find-links "$here/wheels" "$here/wheels/"{quote(kit.own_wheel + extra)}'
        get = f"get --no-index {wheel} || get --retries 1 {wheel}" if kit.is_offline else f"get {wheel}"
    oldest = ".".join(map(str, OLDEST))
    return _TEXT.format(version=kit.version, oldest=oldest, oldest_pair=OLDEST, get=get)


def check(kit: Kit, here: str, submission: str) -> str:
    """Return how a script calls the check of a submission; the words are those of a shell, but for the options."""
    assignment = f'"{here}/{HOMEWORK}/"{quote(kit.file)}'
    return f'"$venv/bin/python" -I -m cnnspec check {assignment} "{submission}" --reveal {quote(kit.reveal)}'
