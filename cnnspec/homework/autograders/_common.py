"""The files that are in every autograder: the homework, the wheels, and what installs cnnspec."""

from __future__ import annotations

from cnnspec.homework.autograders._install import install
from cnnspec.homework.autograders._platform import HOMEWORK, Entry, Kit


def common(kit: Kit, folder: str = "") -> dict[str, Entry]:
    """Return the files of every autograder, below a folder."""
    found = {f"{folder}{HOMEWORK}/{name}": Entry(content) for name, content in kit.sources.items()}
    found |= {f"{folder}wheels/{name}": Entry(content) for name, content in kit.wheels.items()}
    return found | {f"{folder}install.sh": Entry(install(kit), is_script=True)}
