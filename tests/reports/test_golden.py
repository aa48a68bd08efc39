"""Reports as whole files, and what must hold in any of them: the printed columns add up to the printed totals."""

from __future__ import annotations

import csv
import json
import re
from functools import lru_cache
from html.parser import HTMLParser
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

import cnnspec

if TYPE_CHECKING:
    from collections.abc import Callable

CASES: Final = Path(__file__).parent.parent / "cases" / "reports"
FORMATS: Final = {"table": "txt", "markdown": "md", "latex": "tex", "html": "html", "csv": "csv", "json": "json"}
GOLDEN: Final = (
    *(("lenet5-rgb", kind, None) for kind in FORMATS),
    *(("small", kind, None) for kind in FORMATS),
    ("small", "table", 1),
    ("resnet20-cifar10", "table", 1),
)
SUMMED: Final = ("Activation size", "# Parameters", "MACs")
TABLES: Final = tuple(kind for kind in FORMATS if kind not in ("csv", "json"))
NETWORKS: Final = ("lenet5-rgb", "small", "resnet20-cifar10", "densenet121", "unet", "fc-vs-conv")


@lru_cache
def summary(name: str) -> cnnspec.Table:
    """Return the numbers of a bundled network or of one beside the golden files."""
    path = CASES / f"{name}.yaml"
    if path.exists():
        return cnnspec.summarize(cnnspec.loads(path.read_text(encoding="utf-8"), path.name))
    return cnnspec.summarize(cnnspec.load(name))


def render(name: str, format: str, **options: Any) -> str:
    """Return a report."""
    return str(import_module(f"cnnspec.reports.{format}").render(summary(name), **options))


@pytest.mark.parametrize(("name", "format", "depth"), GOLDEN)
def test_report_is_the_golden_file(
    name: str,
    format: str,
    depth: int | None,
    assert_golden: Callable[[str, str], None],
) -> None:
    """A change of any report shows in a diff; `pytest --update-golden` accepts it."""
    folded = "" if depth is None else f".depth{depth}"
    options = {} if format == "json" else {"depth": depth}
    assert_golden(f"reports/{name}{folded}.{FORMATS[format]}", render(name, format, **options))


@pytest.mark.parametrize("depth", [None, 1])
@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("format", TABLES)
def test_printed_columns_add_up_to_printed_totals(name: str, format: str, depth: int | None) -> None:
    """Read as a reader would: the rows of a column sum up to what stands below it."""
    header, *rows, totals = READERS[format](render(name, format, depth=depth))
    assert totals[0] == "Total"
    for title in SUMMED:
        column = header.index(title)
        counted = [row for row in rows if title != "Activation size" or not is_view(row[1])]
        assert sum(number(row[column]) for row in counted) == number(totals[column])


@pytest.mark.parametrize("name", NETWORKS)
def test_csv_columns_add_up_to_the_totals(name: str) -> None:
    """The table for programs has raw integers and no totals of its own."""
    rows = list(csv.DictReader(StringIO(render(name, "csv"))))
    totals = summary(name).totals
    assert sum(int(row["params"]) for row in rows) == totals.params
    assert sum(int(row["macs"]) for row in rows) == totals.macs
    assert sum(int(row["size"]) for row in rows if not is_view(row["configuration"])) == totals.activation_size


@pytest.mark.parametrize("name", NETWORKS)
def test_json_layers_add_up_to_the_totals(name: str) -> None:
    """Likewise in the format for scripts."""
    report = json.loads(render(name, "json"))
    for quantity in ("params", "trainable_params", "non_trainable_params", "macs", "flops"):
        assert sum(layer[quantity] for layer in report["layers"]) == report["totals"][quantity]
    sizes = [layer["activation_size"] for layer in report["layers"] if layer["kind"] not in ("flatten", "reshape")]
    inputs = [entry["activation_size"] for entry in report["inputs"]]
    assert sum(inputs) + sum(sizes) == report["totals"]["activation_size"]
    assert len(report["layers"]) == report["totals"]["layers"]


@pytest.mark.parametrize("format", TABLES)
def test_all_formats_say_the_same(format: str) -> None:
    """The cells of every format are those of the terminal's table."""
    assert READERS[format](render("small", format)) == READERS["table"](render("small", "table"))


@pytest.mark.parametrize("format", FORMATS)
def test_reports_end_with_one_newline(format: str) -> None:
    """Fit to be appended to a file."""
    text = render("small", format)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


def number(cell: str) -> int:
    """Return the integer of a cell."""
    return int(cell.replace(",", ""))


def is_view(configuration: str) -> bool:
    """Tell whether a row's elements are those of the row above under another shape."""
    return configuration.partition(" ")[0] in ("flatten", "reshape")


def read_table(text: str) -> list[list[str]]:
    """Return the cells of the terminal's table; a title begins where its column does, or ends there."""
    lines = text.splitlines()
    rule = next(index for index, line in enumerate(lines) if set(line.strip()) == {"─"})
    header = lines[rule - 1]
    body = lines[rule + 1 : lines.index("", lines.index("", rule) + 1)]
    titles = [(match[0], match.start(), match.end()) for match in re.finditer(r"\S+(?: \S+)*", header)]
    rows = []
    for line in filter(None, body):
        cells = {match.span(): match[0] for match in re.finditer(r"\S+(?: \S+)*", line)}
        row = [
            next((cell for (first, end), cell in cells.items() if first == begin or end == last), "")
            for _, begin, last in titles
        ]
        assert sum(map(bool, row)) == len(cells), f"a cell is cut or out of its column: {line}"
        rows.append(row)
    return [[title for title, _, _ in titles], *rows]


def read_markdown(text: str) -> list[list[str]]:
    """Return the cells of a Markdown table, without its escapes."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    plain = [[re.sub(r"\\(.)", r"\1", cell).strip("*") for cell in row] for row in cells]
    return [plain[0], *plain[2:]]


def read_latex(text: str) -> list[list[str]]:
    """Return the cells of a LaTeX table, without its escapes."""
    lines = [line.removesuffix(r"\\") for line in text.splitlines() if line.endswith(r"\\")]
    signs = {r"$\times$": "×", r"\ldots{}": "…", r"$-$": "−"}
    rows = []
    for line in lines:
        plain = line
        for sign, meant in signs.items():
            plain = plain.replace(sign, meant)
        rows.append([re.sub(r"\\([&%$#_{}])", r"\1", cell).strip() for cell in re.split(r"(?<!\\)&", plain)])
    return rows


class _Cells(HTMLParser):
    """Collects the cells of an HTML table."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.inside = False

    def handle_starttag(self, tag: str, _attributes: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        self.inside = tag in ("td", "th")
        if self.inside:
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.rows[-1][-1] += data


def read_html(text: str) -> list[list[str]]:
    """Return the cells of an HTML table."""
    parser = _Cells()
    parser.feed(text)
    return parser.rows


READERS: Final[dict[str, Callable[[str], list[list[str]]]]] = {
    "table": read_table,
    "markdown": read_markdown,
    "latex": read_latex,
    "html": read_html,
}
