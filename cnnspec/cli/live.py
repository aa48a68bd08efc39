"""`cnnspec live`: the page in which a spec is edited."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnnspec.cli import options as opt
from cnnspec.cli.output import ErrorFormat, diagnostics, say
from cnnspec.errors import CnnspecError, UsageError

if TYPE_CHECKING:
    from cnnspec.live.watched import Watched

EXAMPLES = """Examples:

cnnspec live net.yaml

cnnspec live net.yaml --port 8000 --open

cnnspec live lenet5-rgb -o public --pyodide node_modules/pyodide
"""


def live(
    spec: Annotated[
        str, typer.Argument(metavar="[SPEC]", help="A path, `-` for standard input, or the name of a bundled network.")
    ] = "lenet5-rgb",
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, metavar="N", help="The server's port; one that is free unless given."),
    ] = None,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", help="Write the page as a folder for any web space instead."),
    ] = None,
    pyodide: Annotated[
        str | None,
        typer.Option(metavar="DIR|URL", help="Python for the browser: the folder of an npm download, or its address."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files in the folder.")] = False,
    error_format: opt.Errors = ErrorFormat.TEXT,
) -> None:
    """Edit a spec in the browser: errors at their lines, the drawing and the table beside it as you type.

    The page comes from a server on this machine, for this machine alone, until Ctrl-C. It shows the file anew when it
    was saved elsewhere, and writes it only when you press Save. With --output the page is a folder that needs no
    server: Python runs in the browser, and a link holds a spec or an exercise.
    """
    with diagnostics(error_format):
        from cnnspec.live import watched as files

        _refuse_together(output, port, pyodide, open_browser=open_browser, force=force)
        watched = files.Watched.of(spec)
        if output is None:
            _serve(watched, port, open_browser=open_browser)
            return
        from cnnspec.live.folder import write_folder

        written = write_folder(output, watched.name, watched.text, str(pyodide), force=force)
        say(f"{output}: {len(written)} files; any web server shows them: `python -m http.server -d {output}`")


def _refuse_together(
    output: Path | None, port: int | None, pyodide: str | None, *, open_browser: bool, force: bool
) -> None:
    """Raise UsageError where options do not go together."""
    if output is None and (pyodide or force):
        message = "`--pyodide` and `--force` are for a folder"
        raise UsageError.one("E702", message, help="give `-o DIR` too")
    if output is not None and (port or open_browser):
        raise UsageError.one("E702", "`--port` and `--open` are for the server: a folder has none")
    if output is not None and not pyodide:
        from cnnspec.live.folder import STEP

        note = "without a server Python runs in the browser, as Pyodide, which is not part of this program"
        raise UsageError.one("E702", "`-o` needs `--pyodide`", notes=(note,), help=STEP)


def _serve(watched: Watched, port: int | None, *, open_browser: bool) -> None:
    """Serve the page until Ctrl-C."""
    from cnnspec.live.server import ADDRESS, Server

    try:
        server = Server(watched, port or 0)
    except OSError as error:
        fact = (error.strerror or "it is not free").lower()
        step = "leave `--port` out for one that is free"
        raise CnnspecError.one(
            "E709", f"the server cannot listen at {ADDRESS}:{port or 0}", notes=(fact,), help=step
        ) from None
    say(f"{watched.name}: {server.url}\nCtrl-C ends it.", err=False)
    if open_browser:
        import webbrowser

        webbrowser.open(server.url)
    with server:
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            say("")
