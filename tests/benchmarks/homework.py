"""How fast a class is graded, and in how much memory, for `python -m tests.benchmarks homework`."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import cnnspec
from cnnspec.homework.diagnosis.answers import wrong_outcomes
from cnnspec.homework.diagnosis.distractors import cases
from cnnspec.homework.marking.marks import expected_of, show_answer
from tests.benchmarks.figures import ENVIRONMENT, Figure

TITLES = ("Layer", "Activation shape", "Activation size", "# parameters")
COLUMNS = ("shape", "size", "params")
CHILD = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def figures() -> Iterator[Figure]:
    """Yield everything with its goal."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for count in (200, 1_000, 10_000):
            write_class(folder / str(count), count)
        small, small_memory = graded(folder / "200", 1)
        one, memory = graded(folder / "1000", 1)
        yield Figure("200 submissions, one process", small, "s")
        yield Figure("1,000 submissions, one process", one, "s", ("≤", 10))
        yield Figure("1,000 submissions, two processes", graded(folder / "1000", 2)[0], "s", ("≤", 10))
        yield Figure("1,000 submissions, peak memory", memory / 1024, "MiB")
        yield Figure("peak memory, 1,000 / 200", memory / small_memory, goal=("≤", 1.2))
        huge, most = graded(folder / "10000", 1)
        yield Figure("10,000 submissions, one process", huge, "s")
        yield Figure("time per submission, 10,000 / 1,000", huge / one / 10, goal=("≤", 1.2))
        yield Figure("peak memory, 10,000 / 200", most / small_memory, goal=("≤", 1.2))


def write_class(folder: Path, count: int) -> None:
    """Write tables of LeNet-5 in four formats: a third right, the others with up to four slips of all kinds."""
    folder.mkdir()
    summary = cnnspec.summarize(cnnspec.load("lenet5-rgb"))
    known = cases(summary)
    chance = random.Random(7)  # noqa: S311 - mistakes are no secrets
    right = {(row.name, column): expected_of(row)[column] for row in summary for column in COLUMNS}
    wrong = [
        (row.name, column, outcome.answer)
        for row in summary
        for column in COLUMNS
        for _, outcome in wrong_outcomes(column, known[row.name])
    ]
    for number in range(count):
        answers = dict(right)
        for layer, column, answer in chance.sample(wrong, chance.choice((0, 0, 1, 2, 3, 4))):
            answers[layer, column] = answer
        rows = [[row.name, *(show_answer(answers[row.name, column]) for column in COLUMNS)] for row in summary]
        suffix, text = written(rows, number)
        (folder / f"student{number:04}.{suffix}").write_text(text, encoding="utf-8")


def written(rows: list[list[str]], number: int) -> tuple[str, str]:
    """Return the suffix and the text of a table in one of the formats."""
    table = [list(TITLES), *rows]
    match number % 4:
        case 0:
            return "csv", "\n".join(",".join(f'"{cell}"' for cell in row) for row in table)
        case 1:
            table.insert(1, ["---"] * len(TITLES))
            return "md", "\n".join(f"| {' | '.join(row)} |" for row in table)
        case 2:
            cells = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in table)
            return "html", f"<table>{cells}</table>"
        case _:
            return "json", json.dumps([dict(zip(TITLES, row, strict=True)) for row in rows])


def graded(folder: Path, jobs: int) -> tuple[float, int]:
    """Return the seconds and the peak memory in KiB of grading a folder in a process of its own."""
    command = [sys.executable, "-m", "cnnspec", "grade", "lenet5-rgb", str(folder), "--jobs", str(jobs)]
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", CHILD, *command], check=True, stdout=subprocess.PIPE, env=ENVIRONMENT, text=True
    )
    seconds = time.perf_counter() - start
    code, memory = map(int, done.stdout.split())
    assert code == 0, "a submission could not be graded"
    return seconds, memory
