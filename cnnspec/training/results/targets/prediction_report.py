"""What a network tells of pictures that is no class, as text, as JSON and as CSV."""

from __future__ import annotations

import csv
from io import StringIO

from cnnspec.errors import printable
from cnnspec.json_lines import VERSION, by_item
from cnnspec.reports.csv import harmless
from cnnspec.text_table import aligned
from cnnspec.training.results.numbers import decimal, percent
from cnnspec.training.results.targets.prediction import Told


def render_table(told: Told, *, width: int | None = None) -> str:  # noqa: ARG001 - of all reports of predictions
    """Return the values of each picture, and how it was brought to the network's input."""
    show = decimal if told.word == "value" else percent
    blocks = []
    for answer in told.answers:
        rows = [(f"  {printable(name)}", f"{show(value):>8}") for name, value in answer.values.items()]
        lines = [f"{printable(answer.file)}: {printable(answer.statement)}", *aligned(rows, (False, True))]
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def render_json(told: Told) -> str:
    """Return the values as JSON, one line per picture."""
    head = {"cnnspec": VERSION, "run": told.run, "network": told.network, "checkpoint": told.checkpoint}
    images = (
        {
            "file": answer.file,
            "statement": answer.statement,
            "predictions": [{"output": name, told.word: value} for name, value in answer.values.items()],
        }
        for answer in told.answers
    )
    return by_item(head, "images", images)


def render_csv(told: Told) -> str:
    """Return the values as CSV, a row for each output of each picture."""
    output = StringIO()
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow(("file", "output", told.word))
    for answer in told.answers:
        writer.writerows((harmless(answer.file), harmless(name), value) for name, value in answer.values.items())
    return output.getvalue()
