"""Predictions as text, as JSON and as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Final

from cnnspec.errors import listing, printable
from cnnspec.json_lines import VERSION, by_item
from cnnspec.reports.csv import harmless
from cnnspec.text_table import Column, Line, aligned, lay_out
from cnnspec.training.results.numbers import decimal, percent
from cnnspec.training.results.prediction import Answer, Prediction

NAMED: Final = 3
"""So many pictures are named of which the same is true."""


def render_table(prediction: Prediction, *, width: int | None = None) -> str:
    """Return what each picture is taken for, and how it was brought to the network's input."""
    if len(prediction.answers) == 1:
        return _block(prediction, prediction.answers[0])
    show = percent if prediction.percent else decimal
    columns = [
        Column("Image", wraps=True),
        Column("Taken for", wraps=True),
        Column("Probability" if prediction.percent else "Output", number=True),
    ]
    rows = [
        [printable(answer.file), printable(answer.guesses[0].name), show(answer.guesses[0].probability)]
        for answer in prediction.answers
    ]
    if any(len(answer.guesses) > 1 for answer in prediction.answers):
        columns.append(Column("Then", wraps=True))
        for row, answer in zip(rows, prediction.answers, strict=True):
            others = (f"{printable(guess.name)} ({show(guess.probability)})" for guess in answer.guesses[1:])
            row.append(", ".join(others))
    table = lay_out(columns, [Line(row) for row in rows], width=width, edge="")
    return "\n".join([*table, "", *_statements(prediction.answers)]) + "\n"


def _block(prediction: Prediction, answer: Answer) -> str:
    """Return the answer for a single picture: a line for each class."""
    show = percent if prediction.percent else decimal
    rows = [(f"  {printable(guess.name)}", f"{show(guess.probability):>8}") for guess in answer.guesses]
    lines = aligned(rows, (False, True))
    return "\n".join([f"{printable(answer.file)}: {printable(answer.statement)}", *lines]) + "\n"


def _statements(answers: Sequence[Answer]) -> Iterator[str]:
    """Yield how pictures were brought to the input: a line for those of which the same is true."""
    files: dict[str, list[str]] = {}
    for answer in answers:
        files.setdefault(answer.statement, []).append(f"`{answer.file}`")
    for statement, names in files.items():
        rest = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
        which = "all" if len(files) == 1 else listing(names[:NAMED]) + rest
        yield f"{printable(statement)}: {printable(which)}"


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
            "file": answer.file,
            "statement": answer.statement,
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
    writer.writerow(("file", "rank", "class", "number", "probability", "statement"))
    for answer in prediction.answers:
        file, statement = harmless(answer.file), harmless(answer.statement)
        for rank, guess in enumerate(answer.guesses, 1):
            writer.writerow((file, rank, harmless(guess.name), guess.number, guess.probability, statement))
    return output.getvalue()
