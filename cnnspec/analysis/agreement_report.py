"""A network's numbers beside a framework's, as a table and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from cnnspec.analysis.agreement import Check, Verification
from cnnspec.errors import listing, printable
from cnnspec.ir.shapes import show
from cnnspec.json_lines import VERSION, by_item
from cnnspec.text_table import aligned, length

SHORT: Final = {
    "output_shape": "shape",
    "params": "params",
    "trainable_params": "trainable",
    "non_trainable_params": "non-trainable",
    "biases": "biases",
    "macs": "MACs",
    "inputs": "inputs",
    "outputs": "outputs",
    "calls": "layers",
    "counted": "parameters()",
}
"""What is compared, in the words of a cell."""
LEFT: Final = frozenset({"Layer", "Kind", "Activation shape"})


def render_table(verification: Verification) -> str:
    """Return the table: our numbers, and in the last column what the framework has instead of them."""
    theirs = verification.framework.name
    head = ["Layer", "Kind", "Activation shape", "# Parameters", "Trainable", theirs]
    head[5:5] = ["MACs"] * verification.macs
    rows = [head, *_rows(verification)]
    lines = aligned(rows, [title not in {*LEFT, theirs} for title in head])
    rule = "─" * max(map(length, lines))
    return "\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1], "", *_footer(verification)]) + "\n"


def render_json(verification: Verification) -> str:
    """Return both sides of every comparison as JSON, one line per layer."""
    head = {
        "cnnspec": VERSION,
        "name": verification.summary.name,
        "source": verification.summary.graph.source.name,
        verification.framework.key: verification.framework.version,
        "agrees": verification.agrees,
        "uncounted": dict(verification.uncounted),
    }
    layers = ({"name": check.name, "kind": check.kind, **_sides(check)} for check in verification.layers)
    return by_item(head, "layers", layers, {"total": _sides(verification.total)})


def _rows(verification: Verification) -> Iterator[list[str]]:
    macs = [row.macs for row in verification.summary]
    for check, count in zip(verification.layers, macs, strict=True):
        cells = [printable(check.name), check.kind, show(check.ours["output_shape"]), *_params(check)]
        cells += [f"{count:,}"] * verification.macs
        remark = ", MACs not compared" if check.name in verification.uncounted else ""
        yield [*cells, _verdict(check, remark or verification.remarks.get(check.name, ""))]
    cells = ["Total", "", "", *_params(verification.total), *([f"{sum(macs):,}"] * verification.macs)]
    yield [*cells, _verdict(verification.total, "")]


def _params(check: Check) -> list[str]:
    return [f"{check.ours['params']:,}", f"{check.ours['trainable_params']:,}"]


def _verdict(check: Check, remark: str) -> str:
    """Return what the framework has instead of our numbers, or that it has the same."""
    if not check.theirs:
        return "missing"
    told = [f"{SHORT[fact]} {theirs}" for fact, _, theirs in check.differences]
    return ", ".join(told) or f"={remark}"


def _sides(check: Check) -> dict[str, Any]:
    return {"agrees": not check.differences, "ours": dict(check.ours), "theirs": dict(check.theirs)}


def _footer(verification: Verification) -> Iterator[str]:
    totals = verification.summary.totals
    theirs = f"{verification.framework.name} {verification.framework.version}"
    facts = f"{_layers(totals.layers)}, {totals.params:,} parameters"
    if verification.agrees:
        yield f"verified: {facts}: {theirs} agrees"
    else:
        wrong = sum(bool(check.differences) for check in verification.layers)
        where = _layers(wrong) if wrong else "the whole"
        yield f"not verified: {facts}: {theirs} differs in {where}"
    yield from verification.explained
    if verification.macs:
        yield from _counted(verification)


def _layers(count: int) -> str:
    return f"{count:,} {'layer' if count == 1 else 'layers'}"


def _counted(verification: Verification) -> Iterator[str]:
    """Say which MACs the profiler has counted, and why it has not counted the others."""
    counted = [row.macs for row in verification.summary if row.macs and row.name not in verification.uncounted]
    yield f"MACs compared with TensorFlow's profiler: {sum(counted):,} in {_layers(len(counted))}"
    for reason in dict.fromkeys(verification.uncounted.values()):
        names = listing(name for name, why in verification.uncounted.items() if why == reason)
        yield f"MACs not compared in {names}: {reason}"
