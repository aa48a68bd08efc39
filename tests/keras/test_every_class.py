"""Every class of the installed `keras.layers` is a kind, or is named in the documentation with the reason why not."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any, Final

import pytest

import cnnspec
from cnnspec import layers as _layers  # noqa: F401 - registers the kinds
from cnnspec.ir.words import find_kind

pytestmark = pytest.mark.keras

PAGE: Final = Path(__file__).parents[2] / "docs" / "language.md"
HEAD: Final = "## Keras layers that are not kinds, and why\n"


def named() -> dict[str, str]:
    """Return the classes of the table with what is said of them."""
    part = PAGE.read_text(encoding="utf-8").partition(HEAD)[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in part.splitlines() if line.startswith("| `")]
    return {name: reason for names, reason in rows for name in re.findall(r"`(\w+)`", names)}


def classes(keras: Any) -> set[str]:
    """Return the names of all classes of `keras.layers`."""
    return {name for name, value in vars(keras.layers).items() if inspect.isclass(value)}


def test_no_class_is_forgotten(keras: Any) -> None:
    """A new class of Keras needs a kind, or a line of the table."""
    unknown = {name for name in classes(keras) if not find_kind(name)}
    assert unknown == named().keys()


def test_every_reason_says_what_to_do() -> None:
    """In a line of the table, which is not only a name."""
    assert {name for name, reason in named().items() if len(reason.split()) < 5} == set()


@pytest.mark.parametrize("name", named())
def test_a_class_that_is_no_kind_is_answered(name: str) -> None:
    """With an error and a step or the kinds there are, never with silence; the wrapper of steps is taken."""
    spec = f"input: 4x9\nlayers:\n  - {name}: [relu]\n"
    if name == "TimeDistributed":
        assert cnnspec.loads(spec).nodes[0].kind == "relu"
        return
    with pytest.raises(cnnspec.SpecError) as caught:
        cnnspec.loads(spec)
    fault = caught.value.diagnostics[0]
    assert fault.code == "E104"
    assert fault.help
    assert not fault.help.startswith("did you mean")
