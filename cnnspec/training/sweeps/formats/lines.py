"""A sweep as command lines, for `xargs`, GNU parallel or a shell."""

from __future__ import annotations

from collections.abc import Sequence
from shlex import join


def render(name: str, commands: Sequence[Sequence[str]], jobs: int | None) -> str:  # noqa: ARG001 - as every format
    """Return a line for each training."""
    return "".join(f"{join(['cnnspec', *words])}\n" for words in commands)
