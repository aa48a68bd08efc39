"""What a class did, for a terminal: the scores, and a histogram of the slips."""

from __future__ import annotations

from textwrap import wrap

from cnnspec.homework.classes.grading import ClassSummary
from cnnspec.homework.feedback import counted, slip_title
from cnnspec.text.width import WIDTH
from cnnspec.text_table import painter

BAR = 24


def render(summary: ClassSummary, *, color: bool = False) -> str:
    """Return the summary as text."""
    bold, dim, cyan = (painter(style, color=color) for style in ("bold", "dim", "cyan"))
    broken = summary.submissions - summary.gradable
    graded = f"{summary.gradable} graded, {broken} not gradable, {summary.perfect} without a mistake"
    lines = [
        f"{bold(counted(summary.submissions, 'submission'))}, {graded}",
        f"mean {summary.mean:.1%}, median {summary.median:.1%} of the points"
        if summary.gradable
        else f"the first that is not gradable: {summary.fault}",
    ]
    most = summary.slips[0][1] if summary.slips else 0
    if most:
        lines.append("")
    width = max((len(slip) for slip, _ in summary.slips), default=0)
    for slip, count in summary.slips:
        bar = "█" * max(1, round(BAR * count / most))
        before, *others = wrap(slip_title(slip)[0], max(WIDTH - width - BAR - 8, BAR))
        lines.append(f"{slip:<{width}} {count:>5} {cyan(f'{bar:<{BAR}}')} {dim(before)}")
        lines += [f"{'':<{width + BAR + 8}}{dim(part)}" for part in others]
    return "\n".join(lines) + "\n"
