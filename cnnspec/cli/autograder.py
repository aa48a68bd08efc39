"""`cnnspec autograder`: an assignment packed for a platform that marks by itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnnspec.cli import check as one
from cnnspec.cli import options as opt
from cnnspec.cli.output import ErrorFormat, diagnostics, is_file, say
from cnnspec.cli.suffixes import demand
from cnnspec.errors import UsageError, listing, shorten, suggest
from cnnspec.files import demand_free, write_whole
from cnnspec.registry import modules_in

if TYPE_CHECKING:
    from cnnspec.homework.autograders._platform import Kit, Platform
    from cnnspec.homework.autograders._wheels import Wheels

PLATFORMS = {name.replace("_", "-"): name for name in modules_in("homework", "autograders")}

EXAMPLES = """Examples:

cnnspec autograder hw3.yaml --to gradescope -o hw3.zip

cnnspec autograder hw3.yaml --to prairielearn --wheel wheels/cnnspec-0.1.0-py3-none-any.whl -o hw3.zip

cnnspec autograder hw3.yaml --to github-action --reveal verdict -o hw3.zip
"""


def autograder(
    assignment: Annotated[str, typer.Argument(metavar="ASSIGNMENT", help="The file of an assignment.")],
    to: Annotated[str, typer.Option("--to", metavar="PLATFORM", help=f"The platform: {', '.join(PLATFORMS)}.")] = "",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE.zip", help="The archive to write.")
    ] = None,
    wheel: Annotated[
        Path | None,
        typer.Option(metavar="FILE.whl", help="Pack this wheel of cnnspec, and those beside it that it needs."),
    ] = None,
    reveal: Annotated[
        one.RevealOption | None,
        typer.Option("--reveal", help="How much students are told: hint, unless the assignment says."),
    ] = None,
    force: opt.Force = False,
    error_format: opt.Errors = ErrorFormat.TEXT,
) -> None:
    """Pack an assignment for a platform that marks what students hand in: scripts, assignment, spec and cnnspec.

    The platform installs this version of cnnspec from the package index, or with `--wheel` from the archive itself:
    `pip download cnnspec -d wheels` fetches all that is needed without network. Nothing of a submission is ever run,
    and whatever is handed in, there is a result.
    """
    with diagnostics(error_format, output, force=force):
        platform = _platform(to)
        if not is_file(output):
            raise UsageError.one("E702", "an autograder is an archive", help="name it with `-o hw3.zip`")
        demand(output, ".zip", what="an autograder is a zip archive")
        kit, wheels = _kit(assignment, wheel, reveal)
        from cnnspec.homework.autograders._packing import pack

        content = pack(platform.entries(kit))
        demand_free(output, force=force)
        write_whole(output, content, force=force)
        say(f"{output}: {kit.asked}")
        say(f"points {kit.most:,}, students are told: {kit.reveal}")
        say(_origin(kit, wheels))
        say(f"{platform.called}: {platform.step.format(most=kit.most)}")


def _platform(name: str) -> Platform:
    """Return a platform by its name; raise UsageError for an unknown one."""
    from importlib import import_module

    if name not in PLATFORMS:
        message = f"`--to` knows no platform `{shorten(name)}`" if name else "`--to` is missing: for which platform?"
        note = f"platforms are {listing(PLATFORMS)}"
        raise UsageError.one("E703", message, notes=(note,), help=suggest(name, PLATFORMS))
    found: Platform = import_module(f"cnnspec.homework.autograders.{PLATFORMS[name]}").PLATFORM
    return found


def _kit(assignment: str, wheel: Path | None, reveal: one.RevealOption | None) -> tuple[Kit, Wheels | None]:
    """Return what goes into the archive; raise CnnspecError where the assignment or the wheel will not do."""
    from cnnspec import __version__
    from cnnspec.homework.autograders._packing import kit_of
    from cnnspec.homework.autograders._wheels import collect
    from cnnspec.homework.feedback import Reveal

    _, homework = opt.load_homework(assignment, [], [], [])
    if homework is None or assignment == "-":
        message = f"`{shorten(assignment, 80)}` is not the file of an assignment"
        note = "a class needs one maximum, which an assignment fixes"
        step = f"`cnnspec assignment {shorten(assignment, 80)} -o hw3.yaml` writes one" if assignment != "-" else ""
        raise UsageError.one("E702", message, notes=(note,), help=step)
    wheels = collect(wheel, __version__) if wheel else None
    level = Reveal(reveal.value) if reveal else homework.reveal or Reveal.HINT
    return kit_of(Path(assignment), homework, level, __version__, wheels), wheels


def _origin(kit: Kit, wheels: Wheels | None) -> str:
    """Return where the platform gets cnnspec from."""
    if wheels is None:
        return f"cnnspec {kit.version} is installed from the package index; `--wheel` packs it"
    network = "" if wheels.lacking else ", without network"
    lines = [f"cnnspec {kit.version} is installed from its wheel and {len(kit.wheels) - 1} beside it{network}"]
    if wheels.lacking:
        lines.append(f"these have no wheel beside it, and come from the package index: {listing(wheels.lacking)}")
    if not wheels.reads_workbooks:
        lines.append("XLSX cannot be read: openpyxl has no wheel beside it")
    return "\n".join(lines)
