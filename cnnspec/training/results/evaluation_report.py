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
from cnnspec.training.results.calibration import Calibration
from cnnspec.training.results.evaluation import Evaluation
from cnnspec.training.results.intervals import LEVEL, METHOD, Interval, of_classes, of_share
from cnnspec.training.results.numbers import UNKNOWN, decimal, percent

MIXUPS: Final = 10
WITHIN: Final = f"{LEVEL:.0%}".replace("%", " % CI")
TITLES: Final = ("Class", "Precision", WITHIN, "Recall", WITHIN, "F1", "Images")


def render_table(
    evaluation: Evaluation, *, pictures: Sequence[str] = (), color: bool = False, width: int | None = None
) -> str:
    """Return an evaluation for a reader; `pictures` are the files of its pictures, `width` that of the terminal."""
    table = _classes(evaluation, color=color, width=width)
    parts = ["\n".join(_facts(evaluation)) + "\n", table, *_mixups(evaluation)]
    if pictures:
        parts.append("".join(f"{word:<11}{file}\n" for word, file in zip(_words("Pictures"), pictures, strict=False)))
    return "\n".join(parts)


def render_json(evaluation: Evaluation, *, pictures: Sequence[str] = ()) -> str:
    """Return an evaluation as JSON: exact, with all mistakes, what is undefined as null."""
    scores, names = evaluation.scores, evaluation.data.classes
    classes = zip(names, scores.classes, of_classes(scores.confusion), strict=True)
    document: dict[str, Any] = {
        "cnnspec": VERSION,
        "run": evaluation.run,
        "network": evaluation.network,
        "checkpoint": evaluation.checkpoint,
        "data": {
            "name": evaluation.data.name,
            "part": "test",
            "images": scores.samples,
            "resized_from": evaluation.resized_from,
        },
        "loss": {"name": evaluation.loss_name, "value": scores.loss},
        "accuracy": scores.accuracy,
        "accuracy_interval": of_share(scores.accuracy, scores.samples),
        "top_5_accuracy": scores.top_5_accuracy,
        "top_5_accuracy_interval": of_share(scores.top_5_accuracy, scores.samples),
        "intervals": {"method": METHOD.lower(), "level": LEVEL},
        "calibration": _calibration(evaluation.calibration),
        "macro": scores.macro._asdict(),
        "classes": [
            _class(name, *score) | {"precision_interval": within.precision, "recall_interval": within.recall}
            for name, score, within in classes
        ],
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
    ends = [f"{share}_{end}" for share in ("precision", "recall") for end in Interval._fields]
    writer.writerow(("class", "precision", "recall", "f1", "images", *ends))
    scores = evaluation.scores
    rows = zip(evaluation.data.classes, scores.classes, of_classes(scores.confusion), strict=True)
    for name, score, within in rows:
        writer.writerow((harmless(name), *score, *(within.precision or ("", "")), *(within.recall or ("", ""))))
    return output.getvalue()


def _calibration(found: Calibration | None) -> dict[str, Any] | None:
    if found is None:
        return None
    bins = [
        {
            "low": each.low,
            "high": each.high,
            "images": each.samples,
            "right": each.right,
            "confidence": each.confidence,
            "accuracy": each.accuracy,
        }
        for each in found.bins
    ]
    return {"ece": found.ece, "mce": found.mce, "mean_confidence": found.confidence, "bins": bins}


def _class(name: str, precision: float | None, recall: float | None, f1: float | None, images: int) -> dict[str, Any]:
    return {"name": name, "precision": precision, "recall": recall, "f1": f1, "images": images}


def _facts(evaluation: Evaluation) -> list[str]:
    scores, data = evaluation.scores, evaluation.data
    facts = [
        ("Network", f"{evaluation.network}, checkpoint {evaluation.checkpoint} of {evaluation.run}"),
        ("Data", f"{data.name}, {scores.samples:,} test images{_resized(evaluation)}"),
        ("Loss", f"{decimal(scores.loss)} ({evaluation.loss_name})"),
        ("Accuracy", _share(scores.accuracy, scores.samples)),
    ]
    if scores.top_5_accuracy is not None:
        facts.append((f"Top {TOP}", _share(scores.top_5_accuracy, scores.samples)))
    if evaluation.calibration is not None:
        facts.append(("ECE", _error(evaluation.calibration)))
    return [f"{word:<11}{printable(value)}" for word, value in facts]


def _resized(evaluation: Evaluation) -> str:
    if evaluation.resized_from is None:
        return ""
    before, after = ("×".join(map(str, shape)) for shape in (evaluation.resized_from, evaluation.data.test.x.shape[1:]))
    return f", resized from {before} to {after}"


def _share(share: float | None, samples: int) -> str:
    within = of_share(share, samples)
    return percent(share) + ("" if within is None else f" ({WITHIN} {_interval(within)}, {METHOD})")


def _interval(within: Interval | None) -> str:
    return UNKNOWN if within is None else f"{percent(within.low, 1).removesuffix(' %')}–{percent(within.high, 1)}"


def _error(found: Calibration) -> str:
    return f"{found.ece:.4f} ({len(found.bins)} bins of equal width; mean confidence {percent(found.confidence)})"


def _classes(evaluation: Evaluation, *, color: bool, width: int | None) -> str:
    scores = evaluation.scores
    intervals = of_classes(scores.confusion)
    rows = [
        [
            name,
            percent(score.precision),
            _interval(within.precision),
            percent(score.recall),
            _interval(within.recall),
            percent(score.f1),
            f"{score.support:,}",
        ]
        for name, score, within in zip(evaluation.data.classes, scores.classes, intervals, strict=True)
    ]
    macro = scores.macro
    last = ["mean", percent(macro.precision), "", percent(macro.recall), "", percent(macro.f1), f"{scores.samples:,}"]
    columns = [
        Column(*column, number=index > 0, wraps=not index)
        for index, column in enumerate(zip(TITLES, last, strict=True))
    ]
    lines = [Line([printable(name), *numbers]) for name, *numbers in rows]
    text = "\n".join(lay_out(columns, lines, color=color, edge="", width=width)) + "\n"
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
