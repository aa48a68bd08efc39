"""`cnnspec completion`: what makes a shell complete commands, options, networks, layers, kinds and codes."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

import typer

from cnnspec.cli.candidates import COMPLETING

EXAMPLES = """Examples:

cnnspec completion bash >> ~/.bashrc

cnnspec completion zsh >> ~/.zshrc

cnnspec completion fish > ~/.config/fish/completions/cnnspec.fish

cnnspec completion powershell >> $PROFILE
"""
PROGRAM: Final = "cnnspec"


class Shell(StrEnum):
    """The shells whose completion is known."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"
    POWERSHELL = "powershell"


def completion(shell: Annotated[Shell, typer.Argument(metavar="SHELL", help="bash, zsh, fish or powershell.")]) -> None:
    """Print a script that makes a shell complete commands, options, networks, layers, kinds and codes.

    It belongs into what the shell reads when it starts; the next shell completes.
    """
    from typer.completion import get_completion_script  # type: ignore[attr-defined] # not in its list of exports

    typer.echo(get_completion_script(prog_name=PROGRAM, complete_var=COMPLETING, shell=shell.value))


def ready() -> None:
    """Let the application answer a shell that asks for candidates."""
    from typer.completion import completion_init  # type: ignore[attr-defined] # not in its list of exports

    completion_init()
