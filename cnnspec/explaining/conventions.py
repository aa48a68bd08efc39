"""How tools count, as pages: what each counts for which sort of layers."""

from __future__ import annotations

from textwrap import wrap

from cnnspec.analysis.conventions import convention, names
from cnnspec.ir.role import Role
from cnnspec.layers._tool_costs import FUNCTION_COSTS
from cnnspec.text.width import WIDTH


def render_list() -> str:
    """Return all conventions with the units that they count in."""
    width = max(map(len, names()))
    lines = [f"{name:<{width}}  {convention(name).unit:<5}  {convention(name).title}" for name in names()]
    return "\n".join(lines) + "\n\n`cnnspec explain NAME` shows what one of them counts.\n"


def render(name: str) -> str:
    """Return what a convention counts, role by role."""
    tool = convention(name)
    lines = [*wrap(f"{name}: {tool.title}, in {tool.unit}", WIDTH), ""]
    for role in Role:
        rule = tool.rules.get(role)
        text = (rule.__doc__ or "").split("\n", maxsplit=1)[0].rstrip(".").lower() if rule else "nothing"
        lines += wrap(f"{role.value:<13}{text}", WIDTH, initial_indent="  ", subsequent_indent=" " * 15)
    lines += ["", *_functions(name)]
    batch = "For a batch, all samples are counted." if tool.per_batch else "One sample is counted, whatever the batch."
    notes = " ".join(filter(None, (tool.remark, batch, f"Held against: {tool.source}.")))
    return "\n".join([*lines, *wrap(notes, WIDTH, initial_indent="  ", subsequent_indent="  ")]) + "\n"


def _functions(name: str) -> list[str]:
    """Return what the functions cost that a tool knows, those of one cost together, and an empty line."""
    costs = {function: costs[name] for function, costs in FUNCTION_COSTS.items() if costs and name in costs}
    sums = (f"{cost} {', '.join(each for each in costs if costs[each] == cost)}" for cost in sorted({*costs.values()}))
    found = "; ".join(sums)
    return [*wrap(f"Per element: {found}.", WIDTH, initial_indent="  ", subsequent_indent="  "), ""] if found else []
