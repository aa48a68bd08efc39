"""Predictions as text, as JSON and as CSV."""

from __future__ import annotations

import csv
from io import StringIO

from rich.cells import cell_len

from cnnspec.errors import printable
from cnnspec.json_lines import VERSION, by_item
from cnnspec.reports.csv import harmless
from cnnspec.training.results.numbers import decimal, percent
from cnnspec.training.results.prediction import Prediction


def render_table(prediction: Prediction) -> str:
    """Return what each picture is taken for, and how it was brought to the network's input."""
    names = [printable(guess.name) for answer in prediction.answers for guess in answer.guesses]
    width = max(map(cell_len, names), default=0)
    show = percent if prediction.percent else decimal
    blocks = []
    for answer in prediction.answers:
        lines = [f"{printable(answer.picture.file)}: {printable(answer.picture.statement)}"]
        for guess in answer.guesses:
            name = printable(guess.name)
            lines.append(f"  {name}{' ' * (width - cell_len(name))}  {show(guess.probability):>8}")
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def render_json(prediction: Prediction) -> str:
    """Return predictions as JSON, one line per picture; `probability` is the output as it is."""
    head = {
        "cnnspec": VERSION,
        "run": prediction.run,
        "network": prediction.network,
        "checkpoint": prediction.checkpoint,
    }
    images = (
        {
            "file": answer.picture.file,
            "statement": answer.picture.statement,
            "predictions": [
                {"class": guess.name, "number": guess.number, "probability": guess.probability}
                for guess in answer.guesses
            ],
        }
        for answer in prediction.answers
    )
    return by_item(head, "images", images)


def render_csv(prediction: Prediction) -> str:
    """Return predictions as CSV, a row for each class of each picture."""
    output = StringIO()
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow(("file", "rank", "class", "number", "probability"))
    for answer in prediction.answers:
        for rank, guess in enumerate(answer.guesses, 1):
            writer.writerow(
                (harmless(answer.picture.file), rank, harmless(guess.name), guess.number, guess.probability)
            )
    return output.getvalue()
