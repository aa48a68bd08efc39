"""What was measured as a line, as a table, as JSON and as CSV."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any

from cnnspec.errors import printable
from cnnspec.json_lines import VERSION, by_key
from cnnspec.language.train.targets import TARGETS
from cnnspec.reports.csv import harmless
from cnnspec.text_table import Column, Line, lay_out
from cnnspec.training.results.numbers import UNKNOWN, decimal
from cnnspec.training.results.targets.measures import Measures
from cnnspec.training.results.targets.measuring import Measured


def in_a_line(scores: Measures) -> str:
    """Return the facts in one line.

    >>> in_a_line(Measures(3, 0.5, (), (), ()))
    'loss 0.5000'
    """
    loss = [] if scores.loss is None else [f"loss {scores.loss:.4f}"]
    facts = [f"{_spoken(quantity.title)} {quantity.show(value)}" for quantity, value in scores.facts]
    return ", ".join([*loss, *facts])


def _spoken(title: str) -> str:
    """Return a title inside a line: what is no abbreviation has no capital there."""
    return title[:1].lower() + title[1:] if title[1:2].islower() else title


def summary(scores: Measures) -> dict[str, Any]:
    """Return the facts as the summary of a run has them."""
    facts = {quantity.key: value for quantity, value in scores.facts}
    return {"images": scores.samples, "loss": scores.loss, "accuracy": None, "top_5_accuracy": None} | facts


def render_table(measured: Measured, *, color: bool = False) -> str:
    """Return what was measured for a reader."""
    scores = measured.scores
    facts = [
        ("Network", f"{measured.network}, checkpoint {measured.checkpoint} of {measured.run}"),
        ("Data", f"{measured.data.name}, {scores.samples:,} test images"),
        ("Loss", f"{decimal(scores.loss)} ({measured.loss_name})"),
        *((quantity.title, quantity.show(value)) for quantity, value in scores.facts),
    ]
    text = "\n".join(f"{word:<11}{printable(value)}" for word, value in facts) + "\n"
    if not scores.rows:
        return text
    columns = [
        Column(TARGETS[measured.data.target].title),
        *(Column(quantity.title, number=True) for quantity in scores.columns),
    ]
    rows = [
        [printable(name), *(quantity.show(value) for quantity, value in zip(scores.columns, values, strict=True))]
        for name, values in scores.rows
    ]
    text += "\n" + "\n".join(lay_out(columns, [Line(row) for row in rows], color=color, edge="")) + "\n"
    if any(UNKNOWN in row[1:] for row in rows):
        text += f"{UNKNOWN} stands where a value is undefined; the means leave it out.\n"
    return text


def render_json(measured: Measured) -> str:
    """Return what was measured as JSON, what is undefined as null."""
    scores = measured.scores
    document: dict[str, Any] = {
        "cnnspec": VERSION,
        "run": measured.run,
        "network": measured.network,
        "checkpoint": measured.checkpoint,
        "data": {"name": measured.data.name, "part": "test", "images": scores.samples},
        "target": measured.data.target,
        "loss": {"name": measured.loss_name, "value": scores.loss},
        **{quantity.key: value for quantity, value in scores.facts},
        "outputs": [
            {"name": name} | {quantity.key: value for quantity, value in zip(scores.columns, values, strict=True)}
            for name, values in scores.rows
        ],
    }
    return by_key(document)


def render_csv(measured: Measured) -> str:
    """Return the numbers of the outputs as CSV; what is undefined is empty."""
    output = StringIO()
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow(("output", *(quantity.key for quantity in measured.scores.columns)))
    for name, values in measured.scores.rows:
        writer.writerow((harmless(name), *values))
    return output.getvalue()
