"""A new setting, optimizer, loss, schedule or data set touches one file: each is added to a copy of the package."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Final, NamedTuple

import pytest

import cnnspec

PACKAGE: Final = Path(cnnspec.__file__).parent
SPEC: Final = "input: 8x8x1\\nlayers: [flatten, dense: 10 softmax]\\ntrain: {data: digits, %s}"
HEAD: Final = f"""
import cnnspec, json
from types import SimpleNamespace
from cnnspec.analysis.measure import measure
from cnnspec.cli.settings import read_options
from cnnspec.training.checks import check_network, memory_of
from cnnspec.training.settings import Settings, from_json, merge

def plan(line, **options):
    graph = cnnspec.loads("{SPEC}" % line)
    return graph, merge(graph.train, options)
"""


class Addition(NamedTuple):
    """An entry, its file and the line that it stands before, none in a new file, and what is asked of it."""

    file: str
    before: str
    entry: str
    script: str
    shown: str = ""
    """What the help of `train` says of it."""


ADDITIONS: Final = {
    "setting": Addition(
        "language/train/settings.py",
        "    epochs: int = setting(",
        '    warmup: int = setting(Count(0), "Steps until the rate is full.", default=2, metavar="N")\n',
        """
        graph, settings = plan("warmup: 3")
        assert settings.warmup == 3
        assert plan("epochs: 1")[1].warmup == 2
        assert plan("warmup: 3", warmup=5)[1].warmup == 5
        assert read_options({"warmup": 4}) == {"warmup": 4}
        assert from_json(json.loads(json.dumps(settings.as_json()))) == settings
        for wrong in (lambda: plan("warmup: -1"), lambda: plan("epochs: 1", warmup=-1),
                      lambda: from_json({"data": "digits", "warmup": "3"})):
            try:
                wrong()
            except cnnspec.CnnspecError as error:
                assert "`warmup`" in str(error)
            else:
                raise AssertionError
        """,
        shown="--warmup",
    ),
    "optimizer": Addition(
        "language/train/optimizers.py",
        '    "ftrl": Optimizer()',
        '    "adan": Optimizer(0.002, slots=3, takes_momentum=True),\n',
        """
        graph, settings = plan("optimizer: adan, momentum: 0.5")
        assert settings.learning_rate == 0.002
        summary, adam = measure(graph), plan("optimizer: adam")[1]
        assert memory_of(summary, settings) - memory_of(summary, adam) == 2 * 4 * summary.totals.params
        assert read_options({"optimizer": "adan"}) == {"optimizer": "adan"}
        """,
    ),
    "loss": Addition(
        "language/train/losses.py",
        '    "binary_crossentropy": Loss(',
        '    "squared_hinge": Loss(lambda np, y, t: (np.maximum(1 - y * (2 * t - 1), 0) ** 2).mean(), '
        'aliases=("sqh",)),\n',
        """
        from numpy import array
        from cnnspec.training.results.losses import measure_loss
        graph, settings = plan("loss: sqh, metrics: [accuracy, sqh]")
        assert (settings.loss, settings.metrics) == ("squared_hinge", ("accuracy", "squared_hinge"))
        assert not check_network(graph, settings)
        assert measure_loss("squared_hinge", array([[0.5, -1.0]]), array([0])) == 0.125
        """,
    ),
    "schedule": Addition(
        "language/train/schedules.py",
        '    "step": _step',
        '    "inverse": lambda rate, steps: Call("InverseTimeDecay", {"rate": rate, "steps": steps}),\n',
        """
        from cnnspec.training.fitting.compiling import _schedule
        _, settings = plan("schedule: inverse, learning_rate: 0.5, epochs: 3")
        library = SimpleNamespace(optimizers=SimpleNamespace(schedules=SimpleNamespace(InverseTimeDecay=dict)))
        assert _schedule(library, settings, 7) == {"rate": 0.5, "steps": 21}
        """,
        shown="inverse",
    ),
    "data set": Addition(
        "training/data/sets/stripes.py",
        "",
        """
        import numpy as np
        from cnnspec.training.data.dataset import Dataset, Samples
        from cnnspec.training.data.entry import Entry, Request

        def load(request: Request) -> Dataset:
            part = Samples(np.zeros((20, 8, 8, 1), np.uint8), np.arange(20) % 10)
            return Dataset("stripes", part, part, tuple("abcdefghij"), 255.0, mirrors=True)

        ENTRY = Entry("stripes", load, bright_on_dark=True)
        """,
        """
        from cnnspec.training.data import load_data
        from cnnspec.training.plan import make_plan
        graph, settings = plan("augment: auto", data="Stripes")
        assert make_plan(graph, settings).dataset.classes == tuple("abcdefghij")
        assert make_plan(graph, settings).settings.augment == ("crop", "flip")
        try:
            load_data("stripe")
        except cnnspec.CnnspecError as error:
            assert "did you mean `stripes`" in str(error) and "mnist, stripes, synthetic:N" in str(error)
        else:
            raise AssertionError
        """,
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", ADDITIONS)
def test_an_addition_touches_one_file(what: str, tmp_path: Path) -> None:
    """What is added is read, refused, defaulted, stored, planned and offered like all others."""
    addition = ADDITIONS[what]
    shutil.copytree(PACKAGE, tmp_path / "cnnspec", ignore=shutil.ignore_patterns("__pycache__"))
    file = tmp_path / "cnnspec" / addition.file
    if addition.before:
        text = file.read_text(encoding="utf-8")
        assert text.count(addition.before) == 1
        file.write_text(text.replace(addition.before, addition.entry + addition.before), encoding="utf-8")
    else:
        assert not file.exists()
        file.write_text(dedent(addition.entry), encoding="utf-8")
    assert run(tmp_path, "-c", HEAD + dedent(addition.script)) == ""
    assert addition.shown in run(tmp_path, "-m", "cnnspec", "train", "--help")


def run(folder: Path, *arguments: str) -> str:
    """Return what a Python process prints in which the package of a folder is imported."""
    done = subprocess.run(
        [sys.executable, *arguments],
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONUTF8": "1", "COLUMNS": "120", "NO_COLOR": "1"},
    )
    assert done.returncode == 0, done.stdout
    return done.stdout
