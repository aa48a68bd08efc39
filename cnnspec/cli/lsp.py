"""`cnnspec lsp`: the language server that editors start."""

from __future__ import annotations

from typing import Annotated

import typer

from cnnspec.cli.output import diagnostics

EXAMPLES = """Examples:

cnnspec lsp

In Neovim: vim.lsp.start({name = 'cnnspec', cmd = {'cnnspec', 'lsp'}})

docs/editors.md has what VS Code, Neovim, PyCharm, Emacs and Helix need.
"""


def lsp(
    stdio: Annotated[  # noqa: ARG001 - some editors give it, and there is no other way
        bool,
        typer.Option("--stdio", show_default=False, help="Speak over standard input and output, which it always does."),
    ] = True,
) -> None:
    """Serve an editor: errors as you type, shapes and parameters behind every layer, derivations, completion, renaming.

    An editor starts it and speaks the Language Server Protocol to it. It needs pygls, which the extra `lsp` installs.
    """
    with diagnostics():
        from cnnspec.editor.server import serve

        serve()
