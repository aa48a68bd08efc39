"""What a class did, for a terminal: the scores, and a histogram of the slips."""

from __future__ import annotations

from io import StringIO

from rich.console import Console
from rich.text import Text

from cnnspec.homework.classes.grading import ClassSummary
from cnnspec.homework.feedback import slip_title

BAR = 24


def render(summary: ClassSummary, *, color: bool = False) -> str:
    """Return the summary as text."""
    output = StringIO()
    console = Console(file=output, width=120, color_system="standard" if color else None, force_terminal=color)
    broken = summary.submissions - summary.gradable
    console.print(
        Text(f"{summary.submissions} submissions", style="bold").append(
            f", {summary.gradable} graded, {broken} not gradable, {summary.perfect} without a mistake", style="not bold"
        )
    )
    console.print(f"mean {summary.mean:.1%}, median {summary.median:.1%} of the points")
    most = summary.slips[0][1] if summary.slips else 0
    if most:
        console.print()
    width = max((len(slip) for slip, _ in summary.slips), default=0)
    for slip, count in summary.slips:
        bar = "█" * max(1, round(BAR * count / most))
        line = Text(f"{slip:<{width}} {count:>5} ").append(f"{bar:<{BAR}}", style="cyan")
        console.print(line.append(f" {slip_title(slip)[0]}", style="dim"), soft_wrap=True)
    return "\n".join(line.rstrip() for line in output.getvalue().splitlines()) + "\n"
