"""A file of kinds is imported when one of its words is looked up, and the tables are the same whichever came first."""

from __future__ import annotations

import subprocess
import sys
from typing import Final

from cnnspec.ir.layer import ALIASES, KINDS
from cnnspec.layers import declarations

SUMMARY: Final = """
import sys, cnnspec
cnnspec.summarize(cnnspec.load("lenet5"))
loaded = [name.removeprefix("cnnspec.layers.") for name in sys.modules if name.startswith("cnnspec.layers.")]
print(*sorted(name for name in loaded if not name.startswith("_")))
"""
TABLES: Final = """
from cnnspec import layers
from cnnspec.ir.layer import ALIASES, KERAS_NAMES, KINDS, TORCH_NAMES
{first}
print(*KINDS, *ALIASES, *KERAS_NAMES, *(f"{{name}}:{{[row[0] for row in rows]}}" for name, rows in TORCH_NAMES.items()))
"""


def output(program: str) -> str:
    """Return what a fresh process prints."""
    return subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout


def test_a_network_costs_the_kinds_that_it_has() -> None:
    """LeNet-5 has no recurrent layer, no attention and no augmentation."""
    assert output(SUMMARY).split() == [
        "activations",
        "conv",
        "dense",
        "joins",
        "normalization",
        "pooling",
        "rearrangement",
    ]


def test_a_word_stands_in_the_file_that_declares_it() -> None:
    """As the file's own text says; kinds that a table makes are found when all are."""
    found = declarations()
    assert {"maxpool": "pooling", "flatten": "rearrangement"}.items() <= found.items()
    modules = {word: KINDS[ALIASES.get(word, word)].__module__.rpartition(".")[2] for word in found}
    assert modules == found
    made = KINDS.keys() - found.keys()
    assert {KINDS[kind].__module__.rpartition(".")[2] for kind in made} == {"activations", "augmentation"}


def test_the_tables_do_not_depend_on_what_was_looked_up_first() -> None:
    """Of several kinds that a class of PyTorch may mean, the first one is the same in every run."""
    plain = output(TABLES.format(first=""))
    assert "AdaptiveAvgPool2d:['adaptive_avgpool', 'gap']" in plain
    assert output(TABLES.format(first="KINDS['upsample'], KINDS['gap'], KINDS['lstm']")) == plain
