"""The changes that are made of a module, and a test that notices one or does not."""

from __future__ import annotations

import ast
from typing import Final

import pytest

from tests.mutation.__main__ import files
from tests.mutation.mutants import mutants
from tests.mutation.trial import ROOT, in_child, noticed

SOURCE: Final = '''
def width(n: int = 1, *, whole: bool) -> int:
    """Count 3 things."""
    if not whole and n < 4:
        return n + 1
    return max(n, -n)
'''
CHANGES: Final = [
    (2, "n: int=2, *, whole: bool"),
    (2, "n: int=0, *, whole: bool"),
    (4, "not whole or n < 4"),
    (4, "whole and n < 4"),
    (4, "not whole and n <= 4"),
    (4, "not whole and n < 5"),
    (4, "not whole and n < 3"),
    (5, "return n - 1"),
    (5, "return n + 2"),
    (5, "return n + 0"),
    (6, "return max(-n, n)"),
    (6, "return max(n, n)"),
]


def test_each_change_is_made_alone() -> None:
    """Of comparisons, arithmetic, constants, words of logic and the order of arguments; none of types or of texts."""
    found = list(mutants(SOURCE))
    assert [(each.line, each.after) for each in found] == CHANGES
    assert {each.before for each in found} == {
        "n: int=1, *, whole: bool",
        "not whole and n < 4",
        "return n + 1",
        "return max(n, -n)",
    }
    assert len({ast.dump(each.tree) for each in found} - {ast.dump(ast.parse(SOURCE))}) == len(CHANGES)


@pytest.mark.slow
def test_a_test_runs_with_the_other_code_and_the_file_stays() -> None:
    """Without any code, a module's test fails; with its own, it does not."""
    path = ROOT / "cnnspec" / "text_table.py"
    text = path.read_text(encoding="utf-8")
    names = ["tests/test_text_table.py::test_a_number_is_not_cut_while_words_can_give_way"]
    for tree, code in ((ast.parse(text), 0), (ast.Module([], []), 1)):
        assert in_child(lambda: noticed(path, tree, names), seconds=60) == code  # noqa: B023 - run at once
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.slow
def test_the_examples_of_a_module_run_with_its_other_code() -> None:
    """Those in its own docstrings too, which pytest finds in the file."""
    path = ROOT / "cnnspec" / "text_table.py"
    text = path.read_text(encoding="utf-8")
    names = ["cnnspec/text_table.py::cnnspec.text_table.aligned"]
    for gap, code in (("  ", 0), (" ", 1)):
        tree = ast.parse(text.replace('gap: str = "  "', f'gap: str = "{gap}"'))
        assert in_child(lambda: noticed(path, tree, names), seconds=60) == code  # noqa: B023 - run at once


def test_a_module_has_the_tests_of_its_own_entry() -> None:
    """Each once, though its folder has an entry too."""
    found = files(["cnnspec/homework/diagnosis/distractors.py", "cnnspec/homework/diagnosis"])
    own = [ROOT / "cnnspec" / "homework" / "diagnosis" / "distractors.py"]
    assert found["cnnspec/homework/diagnosis/distractors.py"] == own
    assert own[0] not in found["cnnspec/homework/diagnosis"]
