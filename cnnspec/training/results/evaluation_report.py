"""An evaluation as a table, as JSON and as CSV."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO
from typing import Any, Final

from cnnspec.errors import printable
from cnnspec.json_lines import VERSION, by_key
from cnnspec.language.train.metrics import TOP
from cnnspec.reports.csv import harmless
from cnnspec.text_table import Column, Line, lay_out
from cnnspec.training.results.evaluation import Evaluation
from cnnspec.training.results.numbers import UNKNOWN, decimal, percent

MIXUPS: Final = 10
TITLES: Final = ("Class", "Precision", "Recall", "F1", "Images")


def render_table(evaluation: Evaluation, *, pictures: Sequence[str] = (), color: bool = False) -> str:
    """Return an evaluation for a reader; `pictures` are the files of its pictures."""
    parts = ["\n".join(_facts(evaluation)) + "\n", _classes(evaluation, color=color), *_mixups(evaluation)]
    if pictures:
        parts.append("".join(f"{word:<11}{file}\n" for word, file in zip(_words("Pictures"), pictures, strict=False)))
    return "\n".join(parts)


def render_json(evaluation: Evaluation, *, pictures: Sequence[str] = ()) -> str:
    """Return an evaluation as JSON: exact, with all mistakes, what is undefined as null."""
    scores, names = evaluation.scores, evaluation.data.classes
    document: dict[str, Any] = {
        "cnnspec": VERSION,
        "run": evaluation.run,
        "network": evaluation.network,
        "checkpoint": evaluation.checkpoint,
        "data": {"name": evaluation.data.name, "part": "test", "images": scores.samples},
        "loss": {"name": evaluation.loss_name, "value": scores.loss},
        "accuracy": scores.accuracy,
        "top_5_accuracy": scores.top_5_accuracy,
        "macro": scores.macro._asdict(),
        "classes": [_class(name, *score) for name, score in zip(names, scores.classes, strict=True)],
        "confusion": scores.confusion.tolist(),
        "mistakes": [
            {
                "image": mistake.sample,
                "class": names[mistake.actual],
                "taken_for": names[mistake.predicted],
                "confidence": mistake.confidence,
            }
            for mistake in evaluation.mistakes
        ],
        "pictures": list(pictures),
    }
    return by_key(document)


def render_csv(evaluation: Evaluation) -> str:
    """Return the scores of the classes as CSV; what is undefined is empty."""
    output = StringIO()
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow(("class", "precision", "recall", "f1", "images"))
    for name, score in zip(evaluation.data.classes, evaluation.scores.classes, strict=True):
        writer.writerow((harmless(name), *score))
    return output.getvalue()


def _class(name: str, precision: float | None, recall: float | None, f1: float | None, images: int) -> dict[str, Any]:
    return {"name": name, "precision": precision, "recall": recall, "f1": f1, "images": images}


def _facts(evaluation: Evaluation) -> list[str]:
    scores, data = evaluation.scores, evaluation.data
    facts = [
        ("Network", f"{evaluation.network}, checkpoint {evaluation.checkpoint} of {evaluation.run}"),
        ("Data", f"{data.name}, {scores.samples:,} test images"),
        ("Loss", f"{decimal(scores.loss)} ({evaluation.loss_name})"),
        ("Accuracy", percent(scores.accuracy)),
    ]
    if scores.top_5_accuracy is not None:
        facts.append((f"Top {TOP}", percent(scores.top_5_accuracy)))
    return [f"{word:<11}{printable(value)}" for word, value in facts]


def _classes(evaluation: Evaluation, *, color: bool) -> str:
    scores = evaluation.scores
    rows = [
        [name, percent(score.precision), percent(score.recall), percent(score.f1), f"{score.support:,}"]
        for name, score in zip(evaluation.data.classes, scores.classes, strict=True)
    ]
    macro = scores.macro
    last = ["mean", percent(macro.precision), percent(macro.recall), percent(macro.f1), f"{scores.samples:,}"]
    columns = [Column(*column, number=index > 0) for index, column in enumerate(zip(TITLES, last, strict=True))]
    lines = [Line([printable(name), *numbers]) for name, *numbers in rows]
    text = "\n".join(lay_out(columns, lines, color=color, edge="")) + "\n"
    if any(UNKNOWN in row[1:] for row in rows):
        text += f"{UNKNOWN} stands where no image was taken for the class, or none is of it; the means leave it out.\n"
    return text


def _mixups(evaluation: Evaluation) -> list[str]:
    """Return the most frequent confusions in words, if there is any."""
    names, first = evaluation.data.classes, evaluation.mixups[:MIXUPS]
    if not first:
        return []
    lines = [
        f"{printable(names[mixup.actual])} taken for {printable(names[mixup.predicted])}: "
        f"{mixup.times:,} {'time' if mixup.times == 1 else 'times'}"
        for mixup in first
    ]
    rest = len(evaluation.mixups) - len(first)
    if rest:
        lines.append(f"and {rest:,} more {'pair' if rest == 1 else 'pairs'} of classes")
    return ["".join(f"{word:<11}{line}\n" for word, line in zip(_words("Mistakes"), lines, strict=False))]


def _words(first: str) -> list[str]:
    """Return the word before the first of some lines, and nothing before the others."""
    return [first, *[""] * (MIXUPS + 1)]
