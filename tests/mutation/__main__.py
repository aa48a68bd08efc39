"""Change the code in small ways and see whether the tests notice: `python -m tests.mutation [MODULE…]`.

Every mutant runs in a process of its own, first with the tests that run its line; files stay as they are.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from pathlib import Path
from typing import Final, NamedTuple

import hypothesis  # noqa: F401 - imported once here, for all the processes that are forked
import pytest  # noqa: F401 - as hypothesis
import yaml  # noqa: F401 - as hypothesis

from tests.mutation.mutants import Mutant, mutants
from tests.mutation.trial import ROOT, in_child, noticed, observe

TESTS: Final = {
    "cnnspec/formula.py": ["tests/test_formula.py", "tests/analysis/test_explanation.py"],
    "cnnspec/layers": [
        "tests/layers",
        "tests/analysis/test_conventions.py",
        "tests/analysis/test_measure.py",
        "tests/analysis/test_receptive_field.py",
        "tests/analysis/test_explanation.py",
        "tests/ir/test_layer.py",
        "tests/importing/test_onnx_files.py",
        "tests/importing/test_torch_export.py",
        "tests/ir/test_keras_reading.py",
        "tests/keras/test_listing.py",
        "tests/language/test_foreign_arguments.py",
        "tests/language/test_refusals.py",
        "tests/test_error_cases.py",
        "tests/torch/test_listing.py",
    ],
    "cnnspec/analysis": ["tests/analysis"],
    "cnnspec/homework/diagnosis": [
        "tests/homework/test_slips.py",
        "tests/homework/test_slip_conditions.py",
        "tests/homework/test_rewrites.py",
        "tests/homework/test_lecture_tables.py",
        "tests/homework/test_fair_verdicts.py",
    ],
    "cnnspec/homework/diagnosis/distractors.py": ["tests/homework/test_practice.py", "tests/homework/test_slips.py"],
    "cnnspec/homework/marking": [
        "tests/homework/test_alignment.py",
        "tests/homework/test_near_networks.py",
        "tests/homework/test_assignments.py",
        "tests/homework/test_fair_verdicts.py",
        "tests/homework/test_labels.py",
        "tests/homework/test_layouts.py",
        "tests/homework/test_marking_properties.py",
        "tests/homework/test_lecture_tables.py",
    ],
}
"""The fast test files that cover a module, or those in a folder, beside the examples in its own docstrings.

Of several entries for a module, the one with the longest name counts.
"""
WARM_UP: Final = 600
LIMIT: Final = 240
BUDGET: Final = 25.0
"""Seconds of the processor: to see what tests run, for a mutant that does not end, and of tests for one mutant."""


class Observation(NamedTuple):
    """The lines that each test runs of each file, and what it takes."""

    lines: dict[str, dict[str, list[int]]]
    seconds: dict[str, float]

    def tests(self, path: Path, line: int) -> list[str]:
        """Return tests that may notice a change of a line: those that run it, then the others, the fastest first.

        Others too, for what is kept between tests is only seen to run in the first of them.
        """
        ran = self.lines[str(path)]
        order = sorted(
            self.seconds, key=lambda name: (line not in ran.get(name, ()), name not in ran, self.seconds[name])
        )
        chosen: list[str] = []
        total = 0.0
        for name in order:
            total += self.seconds[name]
            if chosen and total > BUDGET:
                break
            chosen.append(name)
        return chosen


def files(words: list[str]) -> dict[str, list[Path]]:
    """Return the files of the package that words name, or all, by their entry in the table of tests."""
    paths = [(ROOT / word).resolve() for word in words or TESTS]
    found: dict[str, list[Path]] = {}
    for file in sorted({file for path in paths for file in (path.rglob("*.py") if path.is_dir() else [path])}):
        name = file.relative_to(ROOT).as_posix()
        entries = [place for place in TESTS if name == place or name.startswith(f"{place}/")]
        if not entries:
            sys.exit(f"{name} has no tests of its own here: {', '.join(TESTS)} have")
        found.setdefault(max(entries, key=len), []).append(file)
    return found


def observed(paths: list[Path], tests: list[str]) -> Observation | None:
    """Run tests with the code as it is; None where one fails."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "lines.json"
        if in_child(lambda: observe(paths, tests, report), WARM_UP):
            return None
        return Observation(*json.loads(report.read_text(encoding="utf-8")))


def survivors(path: Path, chosen: list[Mutant], seen: Observation) -> int:
    """Try mutants of a file, print those that no test notices, and return their number.

    Most are noticed by the tests of one file, and only for the others are those of all files collected.
    """
    found = 0
    for mutant in chosen:
        names = seen.tests(path, mutant.line)
        nearest = [name for name in names if name.partition("::")[0] == names[0].partition("::")[0]]
        if all(in_child(lambda: noticed(path, mutant.tree, some), LIMIT) == 0 for some in (nearest, names)):  # noqa: B023 - run at once
            found += 1
            print(f"{path.relative_to(ROOT)}, {mutant} ({len(names)} tests)", flush=True)
    return found


def main() -> None:
    """Try what is named, or all; a mutant that no test notices ends with 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("modules", nargs="*", metavar="MODULE", help=f"a file or folder: {', '.join(TESTS)}")
    parser.add_argument("--sample", type=int, default=10**6, metavar="N", help="at most N mutants of a file")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="which of them")
    options = parser.parse_args()
    missed = total = 0
    for entry, paths in files(options.modules).items():
        seen = observed(paths, [*TESTS[entry], entry])
        if seen is None:
            parser.error(f"the tests of {entry} fail as it is")
        for path in paths:
            name = path.relative_to(ROOT)
            every = list(mutants(path.read_text(encoding="utf-8")))
            chance = random.Random(f"{options.seed} {name}")  # noqa: S311 - no secret
            kept = sorted(chance.sample(range(len(every)), min(options.sample, len(every))))
            found = survivors(path, [every[index] for index in kept], seen)
            print(f"{name}: {len(kept) - found} of {len(kept)} noticed", flush=True)
            missed, total = missed + found, total + len(kept)
    print(f"{total - missed} of {total} noticed")
    sys.exit(bool(missed))


if __name__ == "__main__":
    main()
