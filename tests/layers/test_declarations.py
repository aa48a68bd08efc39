"""A file of kinds is imported when one of its words is looked up, and the tables are the same whichever came first."""

from __future__ import annotations

import subprocess
import sys
from typing import Final

from cnnspec.ir.layer import ALIASES, KINDS
from cnnspec.layers import declarations, find, naming

SUMMARY: Final = """
import sys, cnnspec
cnnspec.summarize(cnnspec.load("lenet5"))
loaded = [name.removeprefix("cnnspec.layers.") for name in sys.modules if name.startswith("cnnspec.layers.")]
print(*sorted(name for name in loaded if not name.startswith("_")))
"""
IMPORT: Final = """
import sys
from cnnspec.layers import naming
print(*(cls.kind for cls in naming("Conv2D") if "conv" in cls.kind))
print("cnnspec.layers.recurrent" in sys.modules, "cnnspec.layers.attention" in sys.modules)
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


def test_a_word_that_no_file_declares_is_looked_up_in_vain() -> None:
    """All files are imported for it, once; that there is no such kind is said elsewhere."""
    for _ in range(2):
        find("no_such_kind")
    assert "no_such_kind" not in declarations()
    assert "no_such_kind" not in KINDS


def test_a_class_of_keras_is_named_in_the_files_of_its_kinds() -> None:
    """Whoever meets the class in a model file finds the same kinds, in the same order, as among all of them."""
    named: dict[str, list[str]] = {}
    for cls in KINDS.values():
        for rule in (cls.keras, *cls.keras_too):
            for name in rule._replace(names_kind=True).class_names():
                named.setdefault(name, []).append(cls.kind)
    assert len(named) > 120
    for name, kinds in named.items():
        found = [cls.kind for cls in naming(name)]
        assert [*dict.fromkeys(kinds)] == [kind for kind in found if kind in kinds], name


def test_a_class_of_keras_costs_the_files_that_name_it() -> None:
    """A convolution needs no recurrent layer."""
    assert output(IMPORT).splitlines() == ["conv", "False False"]


def test_the_tables_do_not_depend_on_what_was_looked_up_first() -> None:
    """Of several kinds that a class of PyTorch may mean, the first one is the same in every run."""
    plain = output(TABLES.format(first=""))
    assert "AdaptiveAvgPool2d:['adaptive_avgpool', 'gap']" in plain
    assert output(TABLES.format(first="KINDS['upsample'], KINDS['gap'], KINDS['lstm']")) == plain
