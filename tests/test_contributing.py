"""What CONTRIBUTING.md adds to the package as one file or row does what it shows there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from conftest import PackageCopy

PAGE: Final = (Path(__file__).parents[1] / "CONTRIBUTING.md").read_text(encoding="utf-8")
ADDED: Final = re.findall(
    r"`([\w/]+\.py)`:\n\n```py\n(.*?)^```\n\n```text\n\$ (.*?)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL
)
ROW: Final = "\nSLIPS = (*SLIPS, {})\n"
"""A row of a table stands in a file that is there."""


@pytest.mark.parametrize(("name", "code", "command", "shown"), ADDED, ids=[name for name, *_ in ADDED])
def test_it_is_all_there_is_to_do(name: str, code: str, command: str, shown: str, package_copy: PackageCopy) -> None:
    """The command prints what the page shows."""
    is_row = code.startswith("Slip(")
    place = f"homework/diagnosis/slips/{name}" if is_row else name.removeprefix("cnnspec/")
    package_copy.add(place, ROW.format(code) if is_row else code)
    assert package_copy.run(*shlex.split(command)[1:]).strip("\n") == shown.strip("\n")


def test_a_kind_a_slip_and_a_format_are_shown() -> None:
    """A page without examples would pass the test above."""
    assert [name.rpartition("/")[2] for name, *_ in ADDED] == ["maxout.py", "zeros.py", "tsv.py"]
