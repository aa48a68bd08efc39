"""LaTeX: what is written is set by LaTeX, and tables are no wider than a column."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

import cnnspec
from cnnspec.analysis.explanation import solution
from cnnspec.reports import latex as table
from cnnspec.reports.explanation import latex as derivations

ODD: Final = (
    "name: 50%_of & $all#\ninput: 8x8x1\nlayers:\n  - conv: 4 3x3\n    name: a_b_c_d\n    note: 'x^2 ~ {y} \\ <z>'\n"
    "  - conv: 4 3x3 relu\n  - gap\n"
)
PDFLATEX: Final = pytest.mark.skipif(not shutil.which("pdflatex"), reason="pdflatex is missing")


def compiled(body: str, folder: Path, options: str) -> str:
    """Set a text with the packages that its comments name, and return what LaTeX says."""
    packages = "".join(re.findall(r"^% needs (\\usepackage\{\w+\})$", body, re.MULTILINE))
    head = f"\\documentclass[{options}]{{article}}\n{packages}\n\\begin{{document}}\n"
    (folder / "it.tex").write_text(f"{head}{body}\n\\end{{document}}\n", encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "it.tex"]
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout[-2000:]
    return done.stdout


@PDFLATEX
@pytest.mark.parametrize("text", [cnnspec.load("lenet5-rgb"), cnnspec.load("alexnet"), cnnspec.loads(ODD)], ids=str)
def test_a_table_fits_a_column(text: cnnspec.Graph, tmp_path: Path) -> None:
    """One of two on a page; its lines name the packages."""
    written = table.render(cnnspec.summarize(text))
    assert written.startswith("% needs \\usepackage{booktabs}\n")
    assert "Overfull \\hbox" not in compiled(written, tmp_path, "twocolumn")


@PDFLATEX
@pytest.mark.parametrize("text", [cnnspec.load("lenet5-rgb"), cnnspec.load("unet"), cnnspec.loads(ODD)], ids=str)
def test_derivations_are_set(text: cnnspec.Graph, tmp_path: Path) -> None:
    """With the memory, whose symbols are layers' names."""
    summary = cnnspec.summarize(text, optimizer="adam")
    compiled(derivations.render(solution(summary)), tmp_path, "a4paper")


def test_a_table_alone_is_a_tabular() -> None:
    """As a notebook shows it, and as one puts it into a table of one's own."""
    text = cnnspec.summarize(cnnspec.load("lenet5-rgb")).to_latex()
    assert text.startswith("\\begin{tabular}{@{}ll")
    assert text.endswith("\\end{tabular}\n")
