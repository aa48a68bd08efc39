"""Homework files as grids: what students hand in, what is refused and how, and that hostile files do no harm."""

from __future__ import annotations

import json
import sys
import zipfile
from functools import partial
from importlib import import_module
from io import BytesIO
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from steps import grows_linearly, steps

import cnnspec
from cnnspec.errors import CnnspecError, render_text
from cnnspec.homework.tables import spaced
from cnnspec.homework.tables.reading import Grid, read_grid
from cnnspec.source import Source

COURSE: Final = [
    ["Layer", "Activation shape", "Activation Size", "# parameters"],
    ["Input", "(32,32,3)", "3,072", "0"],
    ["CONV1 (f=5, s=1)", "(28,28,8)", "6,272", "608"],
    ["POOL1", "(14,14,8)", "1,568", "0"],
    ["FC3", "(120,1)", "120", "48,120"],
    ["Softmax", "(10,1)", "10", ""],
]
"""Rows of the course table of LeNet-5; the last cell is not filled in."""

CSV: Final = """\
Layer,Activation shape,Activation Size,# parameters
Input,"(32,32,3)","3,072",0
"CONV1 (f=5, s=1)","(28,28,8)","6,272",608
POOL1, "(14,14,8)", "1,568", 0

FC3,"(120,1)",120,"48,120"
Softmax,"(10,1)",10,
"""
SEMICOLONS: Final = """\
sep=;
Layer;Activation shape;Activation Size;# parameters
Input;(32,32,3);3,072;0
CONV1 (f=5, s=1);(28,28,8);6,272;608
POOL1;(14,14,8);1,568;0
FC3;(120,1);120;48,120
Softmax;(10,1);10;
"""
MARKDOWN: Final = r"""
# Homework 3

| Student | Course |
|---------|--------|
| Anna    | CNNs   |

I computed **everything** | by hand.

| Layer | *Activation shape* | Activation Size | # parameters |
|:------|:----------------:|----------------:|---|
| **Input** | (32,32,3) | 3,072 | 0
| CONV1 (f=5, s=1) | `(28,28,8)` | ~~784~~ 6,272 | 608 |
| POOL1 | (14,14,8) | __1,568__ | $0$ |
| FC3 | (120,1) | 120 | $48{,}120$ |
| _Softmax_ | (10,1) | 10 | |

The end.
"""
LATEX: Final = r"""
\documentclass{article}
\begin{document} % not \begin{tabular}{l} a \\ b \end{tabular}
\begin{tabular}{ll} Student & Anna \\ Course & CNNs \end{tabular}
\begin{table}[h]
  \caption{LeNet-5}
  \begin{tabularx}{\textwidth}{@{}l|c|r>{\bfseries}p{3cm}@{}}
    \toprule
    \textbf{Layer} & \text{Activation shape} & \multicolumn{1}{c}{Activation Size} & \# parameters \\
    \midrule
    Input & $(32,32,3)$ & 3{,}072 & 0 \\ \hline\hline
    CONV1 ($f=5$, $s=1$) & (28,28,8) & \textcolor{red}{6{,}272} & 608 \\[2pt] % 208 & without \\ channels
    \rowcolor{gray} POOL1 & \makecell{(14,14,8)} & $1{,}568$ & \mathrm{0} \\*
    \cmidrule(lr){1-2}
    FC3 & (120,1) & 120 & 48{,}120 \tabularnewline
    \multirow{2}{*}{Softmax} & (10,1) & 10 &
    \\ \bottomrule
  \end{tabularx}
\end{table}
\end{document}
"""
HTML: Final = """\
<!DOCTYPE html><style>td > b { color: red }</style>
<script>document.write("<table><tr><td>x</td></tr></table>")</script>
<!-- <table><tr><td>Layer</td></tr></table> -->
<table><tr><td>Navigation</td><td>
<TABLE border="1">
<tr><th>Layer<th>Activation&nbsp;shape</th><th>Activation<br>Size<th># parameters
<tr><td><b>Input</b><td>(32,32,3)<td>3,072<td>0
<tr><td>CONV1 (f=5, s=1)</td><td>(28,28,8)</td><td><span class="a>b">6,272</span></td><td>608</td></tr>
<tr><td>POOL1<td>(14,14,8)<td>1,568<td>0<script>alert(1)</script></tr>
<tr><td>FC3<td>(120,1)<td>120<td>48&#44;120
<tr><td>Softmax<td>(10,1)<td>10
</TABLE></td></tr></table>
"""
JSON: Final = """\
{"student": "Anna", "layers": [
  {"Layer": "Input", "Activation shape": "(32,32,3)", "Activation Size": "3,072", "# parameters": 0},
  {"layer": "CONV1 (f=5, s=1)", "Activation shape": "(28,28,8)", "Activation Size": "6,272", "# parameters": 608},
  {"Layer": "POOL1", "Activation shape": "(14,14,8)", "Activation Size": "1,568", "# parameters": 0, "why": {"a": 1}},
  {"Layer": "FC3", "Activation shape": "(120,1)", "Activation Size": 120, "# parameters": "48,120"},
  {"Layer": "Softmax", "Activation shape": "(10,1)", "Activation Size": 10, "# parameters": null}
]}
"""
YAML: Final = """\
# my solution
- {Layer: Input, Activation shape: "(32,32,3)", Activation Size: "3,072", "# parameters": 0}
- Layer: CONV1 (f=5, s=1)
  Activation shape: (28,28,8)
  Activation Size: 6,272
  "# parameters": 608
- {Layer: POOL1, Activation shape: "(14,14,8)", Activation Size: "1,568", "# parameters": 0}
- {Layer: FC3, Activation shape: "(120,1)", Activation Size: 120, "# parameters": "48,120"}
- {Layer: Softmax, Activation shape: "(10,1)", Activation Size: 10, "# parameters": ~}
"""
SPACED: Final = """\
LeNet-5, by Anna

Layer               Activation shape   Activation Size   # parameters
=====================================================================
Input               (32,32,3)                    3,072              0
CONV1 (f=5, s=1)    (28,28,8)                    6,272            608
POOL1               (14,14,8)                    1,568              0
FC3                 (120,1)                        120         48,120
Softmax             (10,1)                          10

I think that this is right.  Thank you.
"""
BOXED: Final = """\
┌──────────────────┬──────────────────┬─────────────────┬──────────────┐
│ Layer            │ Activation shape │ Activation Size │ # parameters │
├──────────────────┼──────────────────┼─────────────────┼──────────────┤
│ Input            │ (32,32,3)        │ 3,072           │ 0            │
│ CONV1 (f=5, s=1) │ (28,28,8)        │ 6,272           │ 608          │
│ POOL1            │ (14,14,8)        │ 1,568           │ 0            │
│ FC3              │ (120,1)          │ 120             │ 48,120       │
│ Softmax          │ (10,1)           │ 10              │              │
└──────────────────┴──────────────────┴─────────────────┴──────────────┘
"""
FILES: Final = {
    "quoted.csv": (CSV, "csv", [1, 2, 3, 4, 6, 7]),
    "semicolons.csv": (SEMICOLONS, "csv", [2, 3, 4, 5, 6, 7]),
    "tabs.tsv": (SEMICOLONS[6:].replace(";", "\t"), "tsv", [1, 2, 3, 4, 5, 6]),
    "table.md": (MARKDOWN, "markdown", [10, 12, 13, 14, 15, 16]),
    "table.tex": (LATEX, "latex", [9, 11, 12, 13, 15, 16]),
    "table.html": (HTML, "html", [6, 7, 8, 9, 10, 11]),
    "table.json": (JSON, "json", [2, 2, 3, 4, 5, 6]),
    "table.yaml": (YAML, "yaml", [2, 2, 3, 7, 8, 9]),
    "spaced.txt": (SPACED, "text", [3, 5, 6, 7, 8, 9]),
    "boxed.txt": (BOXED, "text", [2, 4, 5, 6, 7, 8]),
}
KERAS_2: Final = """\
Model: "sequential"
_________________________________________________________________
 Layer (type)                Output Shape              Param #   
=================================================================
 conv2d (Conv2D)             (None, 28, 28, 8)         608       
                                                                 
 max_pooling2d (MaxPooling2  (None, 14, 14, 8)         0         
 D)                                                              
                                                                 
 flatten (Flatten)           multiple                  0         
 add (Add)                   (None, 400)               0 (unused)
=================================================================
Total params: 62,958 (245.93 KB)
Trainable params: 62,958 (245.93 KB)
"""  # noqa: W291, W293 - Keras pads its lines
KERAS_3: Final = """\
\x1b[1mModel: "functional"\x1b[0m
┏━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━┓
┃\x1b[1m Layer (type)        \x1b[0m┃ Output Shape      ┃    Param # ┃ Connected to      ┃
┡━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━┩
│ input_layer_1       │ (None, 32, 32, 3) │          0 │ -                 │
│ (InputLayer)        │                   │            │                   │
├─────────────────────┼───────────────────┼────────────┼───────────────────┤
│ conv2d (Conv2D)     │ (None, 32, 32, 8) │         32 │ input_layer_1[0]… │
├─────────────────────┼───────────────────┼────────────┼───────────────────┤
│ add (Add)           │ (None, 32, 32, 8) │          0 │ conv2d[0][0],     │
│                     │                   │            │ conv2d[0][0]      │
└─────────────────────┴───────────────────┴────────────┴───────────────────┘
 Total params: 640 (2.50 KB)
"""


def read(text: str | bytes, name: str) -> Grid:
    """Return the grid of a text."""
    return read_grid(text.encode() if isinstance(text, str) else text, name)


def faults(text: str | bytes, name: str) -> str:
    """Return what is wrong with a file, as it is shown."""
    with pytest.raises(CnnspecError) as caught:
        read(text, name)
    return render_text(caught.value.diagnostics)


def workbook(**sheets: list[list[object]]) -> bytes:
    """Return a workbook with these sheets."""
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def archive(**members: bytes) -> bytes:
    """Return a zip archive; `__` in a name stands for a slash."""
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as written:
        for name, member in members.items():
            written.writestr(name.replace("__", "/") + ".xml", member)
    return content.getvalue()


@pytest.mark.parametrize("name", FILES)
def test_course_table(name: str) -> None:
    """The course table reads alike in every format; every row knows its line."""
    text, kind, lines = FILES[name]
    grid = read(text, name)
    assert grid.rows == COURSE
    assert (grid.format, grid.lines) == (kind, lines)


@pytest.mark.parametrize("name", FILES)
def test_format_is_recognised_without_a_name(name: str) -> None:
    """Standard input has no suffix: the content tells the format."""
    text, kind, lines = FILES[name]
    assert (read(text, "-").rows, read(text, "answer.log").format, read(text, "-").lines) == (COURSE, kind, lines)


@pytest.mark.parametrize("name", [name for name in FILES if not name.endswith(("yaml", "json"))])
@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends(name: str, end: str) -> None:
    """Lines end as on Windows or on an old Mac, and a byte-order mark may stand in front."""
    text, kind, lines = FILES[name]
    assert read("\ufeff" + text.replace("\n", end), name) == Grid(COURSE, kind, lines, read(text, name).remarks)


CASES: Final = [
    pytest.param(
        "a.csv",
        "Layer,Shape (H, W, C),Size\nInput,(32, 32, 3),3072\nconv1,[28,28,8],6272\nfc,(120),120\n",
        [
            ["Layer", "Shape (H, W, C)", "Size"],
            ["Input", "(32, 32, 3)", "3072"],
            ["conv1", "[28,28,8]", "6272"],
            ["fc", "(120)", "120"],
        ],
        ("rows 1, 2 and 3 have unquoted commas; they were read as part of a shape",),
        id="unquoted shapes",
    ),
    pytest.param(
        "a.csv",
        "Layer,Shape,Size\nconv1,(28,28\nFC3\n",
        [["Layer", "Shape", "Size"], ["conv1", "(28", "28"], ["FC3", "", ""]],
        ("row 3 has fewer cells than the header; the missing ones are empty",),
        id="bracket never closed, short row",
    ),
    pytest.param(
        "a.csv",
        'sep="\na,b\n1,2',
        [["a", "b"], ["1", "2"]],
        ("what stands above the header in row 2 was not read",),
        id="odd sep",
    ),
    pytest.param(
        "a.csv",
        ",,,\nHomework of Anna,,,\n,,,\nLayer,Shape,,\nconv1,28x28x8,,\n",
        [["Layer", "Shape"], ["conv1", "28x28x8"]],
        ("what stands above the header in row 4 was not read",),
        id="title above, empty columns",
    ),
    pytest.param(
        "a.csv",
        'Layer,Note\n"conv\n1",=cmd()\n=HYPERLINK(1),<script>alert(1)</script>\n',
        [["Layer", "Note"], ["conv 1", "=cmd()"], ["=HYPERLINK(1)", "<script>alert(1)</script>"]],
        (),
        id="formulas and markup stay text",
    ),
    pytest.param(
        "a.csv",
        "Schicht;Größe\nConv1;3×4\n".encode("cp1252"),
        [["Schicht", "Größe"], ["Conv1", "3×4"]],
        ("the file is not UTF-8; it was read as Latin-1 (Windows-1252)",),
        id="Latin-1",
    ),
    pytest.param(
        "a.txt",
        "Schicht\tGröße\nConv1\t3×4\n".encode("utf-16"),
        [["Schicht", "Größe"], ["Conv1", "3×4"]],
        ("the file is UTF-16 text",),
        id="Excel's Unicode text",
    ),
    pytest.param(
        "a.md",
        "Layer | Params\n--|--\nPOOL\\|1 | 5*5*3 + 4*4\n__FC__ | 5\\*5 &times; *120*\nX<br>Y | - \n- | -",
        [["Layer", "Params"], ["POOL|1", "5*5*3 + 4*4"], ["FC", "5*5 × 120"], ["X Y", "-"], ["-", "-"]],
        (),
        id="markdown without outer bars",
    ),
    pytest.param(
        "a.md",
        "> +-------+-------+\n> | Layer | Shape |\n> +=======+=======+\n> | conv1 | 5x5   |\n> +-------+-------+\n",
        [["Layer", "Shape"], ["conv1", "5x5"]],
        (),
        id="quoted grid table",
    ),
    pytest.param(
        "a.tex",
        "\\begin{longtable}{ll}\\caption{x}\\\\ Layer & Shape \\\\ \\endfirsthead\n"
        "\\multicolumn{2}{c}{continued} \\\\ Layer & Shape \\\\ \\endhead next page \\\\ \\endfoot\n"
        "conv\\_1 & $28\\times 28\\,\\cdot\\;8$ \\\\ \\multicolumn{2}{l}{pool \\& flatten} \\\\"
        "fc~3 & $\\lfloor\\frac{32-5}{2}\\rfloor+1$ \\end{longtable}",
        [["Layer", "Shape"], ["conv_1", "28×28 · 8"], ["pool & flatten", ""], ["fc 3", "⌊(32-5)/(2)⌋+1"]],
        (),
        id="longtable",
    ),
    pytest.param(
        "a.tex",
        "\\[\\begin{array}{c|c}\\text{Layer}&\\mathrm{Shape}\\\\\\text{C}_1&5^{2}\\%\\end{array}\\]",
        [["Layer", "Shape"], ["C_1", "5^2%"]],
        (),
        id="array",
    ),
    pytest.param(
        "a.html",
        "<table><tr><th colspan=2>Layer<th>Shape<tr><td rowspan=2>conv<td>1<td>5<sup>2</sup><tr><td>2"
        "<td>\\(3\\times 4\\)<tr><td>fc &lt;b&gt;<td colspan=x>3<td>&#0;</table>",
        [["Layer", "", "Shape"], ["conv", "1", "5^2"], ["", "2", "3×4"], ["fc <b>", "3", "�"]],
        (),
        id="html spans",
    ),
    pytest.param(
        "a.json",
        '{"conv1": {"shape": [28, 28, 8], "params": 608}, "fc": {"shape": [null, 120], "last": true}, "total": 9}',
        [["layer", "shape", "params", "last"], ["conv1", "(28, 28, 8)", "608", ""], ["fc", "(None, 120)", "", "true"]],
        (),
        id="json object of objects",
    ),
    pytest.param(
        "a.json",
        '[["Layer", "Shape"], ["fc", [120]], ["a\\u0000\\ud800", 1e3]]',
        [["Layer", "Shape"], ["fc", "(120,)"], ["a��", "1e3"]],
        (),
        id="json rows",
    ),
    pytest.param(
        "a.json",
        '{"Layer": {"0": "conv1", "1": "fc"}, "Shape": {"0": [28, 28, 8], "1": "120"}}',
        [["Layer", "Shape"], ["conv1", "(28, 28, 8)"], ["fc", "120"]],
        (),
        id="pandas columns",
    ),
    pytest.param(
        "a.yml",
        "rows:\n  conv1: {shape: 28x28x8, params: 0608}\n  fc:\n    shape: [120]\n    pad: no\n",
        [["layer", "shape", "params", "pad"], ["conv1", "28x28x8", "0608", ""], ["fc", "(120,)", "", "no"]],
        (),
        id="yaml mapping of mappings",
    ),
    pytest.param(
        "a.txt",
        KERAS_2,
        [
            ["Layer (type)", "Output Shape", "Param #"],
            ["conv2d (Conv2D)", "(None, 28, 28, 8)", "608"],
            ["max_pooling2d (MaxPooling2D)", "(None, 14, 14, 8)", "0"],
            ["flatten (Flatten)", "multiple", "0"],
            ["add (Add)", "(None, 400)", "0 (unused)"],
        ],
        (),
        id="Keras 2",
    ),
    pytest.param(
        "a.txt",
        KERAS_3,
        [
            ["Layer (type)", "Output Shape", "Param #", "Connected to"],
            ["input_layer_1 (InputLayer)", "(None, 32, 32, 3)", "0", "-"],
            ["conv2d (Conv2D)", "(None, 32, 32, 8)", "32", "input_layer_1[0]…"],
            ["add (Add)", "(None, 32, 32, 8)", "0", "conv2d[0][0], conv2d[0][0]"],
        ],
        (),
        id="Keras 3",
    ),
    pytest.param(
        "a.txt",
        "Layer  Shape          Size   Params\nconv1  (28,  28, 8)            608\nFC3\nfc4                    84\n",
        [
            ["Layer", "Shape", "Size", "Params"],
            ["conv1", "(28, 28, 8)", "", "608"],
            ["FC3", "", "", ""],
            ["fc4", "", "84", ""],
        ],
        (),
        id="empty cells by position",
    ),
    pytest.param(
        "a.txt",
        "Layer | Shape\n------+------\nconv1 | 5x5\nfc    |\n(2 rows)\n",
        [["Layer", "Shape"], ["conv1", "5x5"], ["fc", ""]],
        (),
        id="psql",
    ),
    pytest.param("a.txt", "a  b\n1  2\n3  4\n", [["a", "b"], ["1", "2"], ["3", "4"]], (), id="no known title"),
]


@pytest.mark.parametrize(("name", "text", "rows", "remarks"), CASES)
def test_grid(name: str, text: str | bytes, rows: list[list[str]], remarks: tuple[str, ...]) -> None:
    """A homework file gives these rows and remarks."""
    grid = read(text, name)
    assert grid.rows == rows
    assert grid.remarks == remarks


def test_workbook() -> None:
    """The sheet with the table is read from where it begins: numbers without `.0`, formulas as text."""
    rows: list[list[object]] = [
        [],
        [None, "Homework of Anna"],
        [None, "Layer", "Shape", "Size", "Params"],
        [None, "conv1", "(28, 28, 8)", 6272.0, "=(5*5*3+1)*8"],
        [None, "pool1", None, 1568.5, True],
        [None, "=cmd()", "<b>", "#DIV/0!"],
    ]
    content = workbook(Notes=[["hello"], ["there"]], Table=rows)
    grid = read(content, "a.xlsx")
    assert grid == read(content, "-")
    assert grid.rows == [
        ["Layer", "Shape", "Size", "Params"],
        ["conv1", "(28, 28, 8)", "6272", "=(5*5*3+1)*8"],
        ["pool1", "", "1568.5", "TRUE"],
        ["=cmd()", "<b>", "#DIV/0!", ""],
    ]
    assert (grid.format, grid.lines) == ("xlsx", [3, 4, 5, 6])
    assert grid.remarks == ("the sheet `Table` was read", "what stands above the header in row 3 was not read")


def test_workbook_gives_the_value_of_a_formula() -> None:
    """A formula that Excel has computed is read as its value."""
    plain = workbook(Table=[["Layer", "Params"], ["conv1", "=76*8"]])
    computed = BytesIO()
    with zipfile.ZipFile(BytesIO(plain)) as old, zipfile.ZipFile(computed, "w") as new:
        for member in old.infolist():
            sheet = old.read(member).replace(b"<v></v>", b"<v>608</v>").replace(b"<v />", b"<v>608</v>")
            new.writestr(member.filename, sheet.replace(b"<v/>", b"<v>608</v>"))
    assert read(computed.getvalue(), "a.xlsx").rows == [["Layer", "Params"], ["conv1", "608"]]


def test_workbook_computes_what_was_never_computed() -> None:
    """Sums and products of cells, which may be formulas; of the others the cells are named."""
    rows: list[list[object]] = [
        ["Layer", "H", "W", "C", "F", "Size", "Params"],
        ["Input", 32, 32, 3, None, "=B2*C2*D2", 0],
        ["CONV1", "=B2-E3+1", "=$C$2 - E3 + 1", 8, 5, "=PRODUCT(B3:D3)", "=(E3*E3*D2+1)*D3"],
        ["FC2", None, None, None, None, 120, "=F3*F4+F4"],
        ["FC3", None, None, None, None, 10, '=IF(F5>1,"?",1/3)'],
        ["Total", None, None, None, None, "=SUM(F2:F5, -B2, +B2)", "=SUM(G2;G3:G4)"],
    ]
    grid = read(workbook(Table=rows), "a.xlsx")
    assert [row[5:] for row in grid.rows[1:]] == [
        ["3072", "0"],
        ["6272", "608"],
        ["120", "752760"],
        ["10", '=IF(F5>1,"?",1/3)'],
        ["9474", "753368"],
    ]
    assert grid.rows[2][:4] == ["CONV1", "28", "28", "8"]
    assert grid.remarks == (
        "the workbook has formulas without values, which were computed: F2, B3, C3, F3, G3, G4, F6, G6",
        (
            "the workbook has formulas without values: G5; only sums and products of cells are computed; open it in a "
            "spreadsheet program and save it again"
        ),
    )


@pytest.mark.parametrize(
    "formula",
    [
        "=A2",
        "=B3",
        "=B2",
        "=B4*A1",
        "=SUM(A1:ZZZ9999999)",
        "=SUM(B4:B4,",
        "=1(B4)",
        "=SUM B4",
        "=Sheet2!B4",
        "=B4^2",
        "=" + "(" * 400 + "B4" + ")" * 400,
        "=" + "9" * 400 + "*1.5*B4",
        "=" + "B4+" * 300 + "B4",
        "=B4" + "*1000000" * 8,
        '=__import__("os").system("echo 1")',
    ],
)
def test_a_workbooks_formula_is_bounded(formula: str) -> None:
    """Circles, texts, other functions and what is too large stay the text that they are, and are said."""
    grid = read(workbook(Table=[["Layer", "Params"], ["conv1", formula], ["fc2", "=B2"], ["x", "7"]]), "a.xlsx")
    assert grid.rows[1][1] == formula
    assert any("formulas without values: B2" in remark for remark in grid.remarks)


def test_workbook_needs_openpyxl(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without openpyxl the diagnostic says what to install."""
    content = workbook(Table=[["Layer", "Params"], ["conv1", 608]])
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    assert faults(content, "a.xlsx") == (
        'error[E405]: reading `a.xlsx` needs openpyxl\n  = help: pip install "cnnspec[xlsx]"'
    )


REFUSED: Final = [
    pytest.param(
        "a.csv",
        "Layer,Shape,Size\nconv1,(28,28,8),6,272\nfc,120,120\nfc,1,2,3,4\n",
        """\
error[E402]: row 2 has 4 cells, but the table has 3 columns
 --> a.csv:2:1
  |
2 | conv1,(28,28,8),6,272
  | ^^^^^^^^^^^^^^^^^^^^^
  = help: put numbers with commas in quotes

error[E402]: row 4 has 5 cells, but the table has 3 columns
 --> a.csv:4:1
  |
4 | fc,1,2,3,4
  | ^^^^^^^^^^
  = help: put numbers with commas in quotes""",
        id="ragged",
    ),
    pytest.param(
        "a.csv",
        'Layer,Shape\nconv1,"(28,28\npool1,3\n',
        """\
error[E404]: `a.csv` has a quote that is never closed
 --> a.csv:2:7
  |
2 | conv1,"(28,28
  |       ^
  = help: close the quote or remove it""",
        id="open quote",
    ),
    pytest.param(
        "a.csv",
        "| Layer | Shape |\n|--|--|\n| conv1 | 5 |\n",
        """\
error[E401]: no table was found in `a.csv`
  = note: looked for rows of cells separated by `,`, `;` or tabs, below a row with the names of the columns
  = note: only one column was found
  = help: the content looks like Markdown: name the file `.md`""",
        id="other format",
    ),
    pytest.param(
        "a.json",
        '[{"layer": "conv1",}]',
        """\
error[E404]: `a.json` is not valid JSON: expecting property name enclosed in double quotes
 --> a.json:1:20
  |
1 | [{"layer": "conv1",}]
  |                    ^""",
        id="broken JSON",
    ),
    pytest.param(
        "a.yaml",
        "- {layer: conv1, shape: (28, 28, 8}\n",
        """\
error[E404]: `a.yaml` has a shape without quotes in braces
 --> a.yaml:1:25
  |
1 | - {layer: conv1, shape: (28, 28, 8}
  |                         ^
  = help: write a shape as `[28, 28, 8]` or in quotes, as `"(28, 28, 8)"`""",
        id="torn YAML",
    ),
    pytest.param(
        "a.yaml",
        "- &a {layer: conv1}\n- *a\n",
        """\
error[E404]: `a.yaml` cannot be read: the anchor `&a` is not allowed
 --> a.yaml:1:3
  |
1 | - &a {layer: conv1}
  |   ^^^^

error[E404]: `a.yaml` cannot be read: the alias `*a` is not allowed
 --> a.yaml:2:3
  |
2 | - *a
  |   ^^""",
        id="YAML alias",
    ),
    pytest.param(
        "a.txt",
        "Layer  Shape\nconv1\x00  5\n",
        """\
error[E404]: `a.txt` is not a text file
 --> a.txt:2:6
  |
2 | conv1�  5
  |      ^
  = note: the character U+0000 is in no text
  = help: hand in the table as csv, xlsx, Markdown, LaTeX, HTML or plain text""",
        id="NUL",
    ),
    pytest.param(
        "a.xlsx",
        b"Layer,Shape\n",
        """\
error[E404]: `a.xlsx` is not a workbook
  = note: the archive is broken: File is not a zip file""",
        id="no workbook",
    ),
]


@pytest.mark.parametrize(("name", "text", "message"), REFUSED)
def test_message(name: str, text: str | bytes, message: str) -> None:
    """What cannot be read is refused with its place."""
    assert faults(text, name) == message


EMPTY: Final = ["", "\n \n", "nothing here\nat all\n", "Layer  Shape\n"]
HEADERS: Final = {
    "csv": "Layer,Shape\n",
    "md": "Layer|Shape\n--|--\n",
    "tex": "\\begin{tabular}{ll}Layer & Shape\\\\\\end{tabular}",
    "html": "<table><tr><th>Layer<th>Shape</table>",
    "json": '[["Layer", "Shape"]]',
    "yaml": "- [Layer, Shape]",
    "txt": "Layer  Shape\n-----  -----\n",
}


@pytest.mark.parametrize("suffix", HEADERS)
def test_no_table(suffix: str) -> None:
    """An empty file, prose, and a header without rows are no tables."""
    for text in (*EMPTY, HEADERS[suffix]):
        if suffix != "json" or text.startswith("["):
            assert "error[E401]: no table was found" in faults(text, f"a.{suffix}")


HUGE: Final = {
    "bytes": ("a.csv", b"x" * 5_000_001),
    "a million rows": ("a.csv", b"a,b\n" * 1_000_000),
    "rows": ("a.csv", b"a,b\n" * 5_001),
    "rows of text": ("a.txt", b"a  b\n" * 5_001),
    "rows of markdown": ("a.md", b"a | b\n" * 5_001),
    "rows of html": ("a.html", b"<table>" + b"<tr><td>a<td>b" * 5_001),
    "rows of latex": ("a.tex", b"\\begin{tabular}{ll}" + b"a & b \\\\" * 5_001),
    "rows of json": ("a.json", b"[[1, 2]" + b",[1, 2]" * 5_001 + b"]"),
    "rows of yaml": ("a.yaml", b"- [1, 2]\n" * 5_001),
    "columns": ("a.csv", b"a," * 64 + b"b\n1,2\n"),
    "columns of json": ("a.json", b'[{"a":1' + b"".join(b',"b%d":1' % i for i in range(64)) + b"}]"),
    "a wide cell": ("a.html", b"<table><tr><td colspan=99999999>a<td>b<tr><td>1<td>2"),
    "a long cell": ("a.csv", b"a,b\n1," + b"x" * 2_001),
    "a long line": ("a.txt", b"a  b\n" + b"x" * 200_000),
    "an open quote": ("a.csv", b'a,b\n1,"' + b"x\n" * 90_000),
    "YAML events": ("a.yaml", b"[" + b"1, " * 200_000 + b"1]"),
    "ampersands": ("a.tex", b"\\begin{tabular}{ll}" + b"&" * 500_000),
    "tags": ("a.html", b"<table>" + b"<b>" * 200_000),
    "attributes": ("a.html", b"<table " + b"a " * 600_000 + b">"),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", HUGE)
def test_limits(case: str) -> None:
    """What is larger than any homework is refused, at once."""
    name, content = HUGE[case]
    assert "error[E403]: `a." in faults(content, name)


def test_limits_of_workbooks() -> None:
    """A workbook may not unpack to more than a homework, nor hold more rows."""
    assert faults(archive(xl__workbook=b"\0" * 50_000_001), "a.xlsx").startswith("error[E403]: `a.xlsx` unpacks to")
    assert "holds more sheets, cells" in faults(archive(xl__worksheets__a=b"<c/>" * 500_000), "a.xlsx")
    assert "holds more sheets, cells" in faults(archive(xl__styles=b"<xf/>" * 50_000), "a.xlsx")
    assert "has more than 5,000 rows" in faults(workbook(Table=[["a", 1]] * 5_002), "a.xlsx")
    assert "has more than 64 columns" in faults(workbook(Table=[["a"] * 65] * 2), "a.xlsx")


BINARIES: Final = {
    "a picture": b"\x89PNG\r\n\x1a\n",
    "random bytes": bytes(range(256)),
    "UTF-16 that breaks off": b"\xff\xfea",
    "mostly not ASCII": b"\xe9\xe8\xe7",
    "a document": archive(word__document=b"<a/>"),
    "a broken workbook": archive(xl__workbook=b"<a"),
    "entities": archive(xl__workbook=b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
    "half an archive": archive(xl__workbook=b"<a/>")[:60],
}


@pytest.mark.parametrize("content", BINARIES.values(), ids=list(BINARIES))
@pytest.mark.parametrize("name", ["-", "a.csv", "a.xlsx", "a.docx"])
def test_binary(content: bytes, name: str) -> None:
    """What is no text and no workbook is refused, whatever its name."""
    pytest.importorskip("openpyxl")
    assert "error[E404]: `" in faults(content, name)


HOSTILE: Final = (
    *("[", '{"a":', "(", ")", '"', '"",', '"a\n', "a,(b,", "layer,", "|", "|-", "| a ", "*", "**a", "`", "_a ", "~~"),
    *("\\", '\\"', "$", "$a", "\\(", "\\begin{tabular}", "\\begin{tabular}{l}a&", "\\\\", "{", "}{", "\\multicolumn{"),
    *("\\frac{", "%", "\\color[", "<", "<table>", "<tr><td>", "<table", "<!--", "<![", "<?", "<a b=", "<a b='\"", "</"),
    *("<script>", "<a a ", "&#", "&#9999999999;", "- ", "- - ", "? ", "&a ", "!x ", "a: |\n", "  ", "a  ", "\t", "│"),
    *("─", "layer  shape\n(", "\x1b[", "\x85"),
)


ROWS: Final = {
    "csv": "conv1,(28\n",
    "md": "conv1|5\n",
    "tex": "conv1&5\\\\\n",
    "html": "<tr><td>conv1<td>5",
    "json": ',["conv1", "5"]',
    "yaml": "\n- [conv1, 5]",
    "txt": "conv1  5\n",
}
"""What follows a header."""


def opened(suffix: str) -> str:
    """Return the header of a table that goes on."""
    return HEADERS[suffix].removesuffix("\\end{tabular}").removesuffix("</table>").replace("]]", "]")


@pytest.mark.slow
@pytest.mark.parametrize("suffix", HEADERS)
def test_repetition_raises_nothing_else(suffix: str) -> None:
    """Thousands of equal pieces, more than Python nests calls, are a table or have one of the readers' faults."""
    for piece in HOSTILE:
        for head in ("", opened(suffix)):
            grid = read_or_none((head + piece * 3_000).encode(), f"a.{suffix}")
            assert grid is None or len(grid.rows) <= 5_000, (piece, head)


def steps_of(suffix: str, head: str, piece: str, count: int) -> int:
    """Return the steps of reading a piece again and again."""
    content = (head + piece * count).encode()
    return steps("cnnspec.homework.tables.reading", "read_grid", content, f"a.{suffix}")


@pytest.mark.slow
@pytest.mark.parametrize("suffix", HEADERS)
def test_repetition_takes_steps_in_proportion(suffix: str) -> None:
    """No piece that comes again and again takes more steps for those before it."""
    for piece in HOSTILE:
        for head in ("", opened(suffix)):
            assert grows_linearly(partial(steps_of, suffix, head, piece), 6), (piece, head)


@pytest.mark.slow
@pytest.mark.parametrize("suffix", HEADERS)
def test_rows_take_steps_in_proportion(suffix: str) -> None:
    """No row takes more steps for those above it."""
    assert grows_linearly(partial(steps_of, suffix, opened(suffix), ROWS[suffix]), 80)


def test_a_cell_does_not_go_on_without_end() -> None:
    """Below an open bracket thousands of lines: looking at them all for each would cost their square."""
    texts = ["Layer        Shape      Params", "conv1 (Conv  28x28x8    608", *["```"] * 5_000]
    lines = list(enumerate(texts, start=1))
    table = spaced.rows(Source("a.txt", ""), lines)
    assert max(len(row.cells[0]) for row in table) <= 2_004
    assert sum(row.cells[0].count("```") for row in table) == 5_000


def test_ragged_rows_are_shown_up_to_twenty() -> None:
    """A file with many faults does not flood the terminal."""
    with pytest.raises(CnnspecError) as caught:
        read("a,b\n" + "1,2,3\n" * 50, "a.csv")
    assert [d.code for d in caught.value.diagnostics] == ["E402"] * 20


LAYERS: Final = [
    ["conv1", "(28, 28, 8)", "6272", "608", "470400"],
    ["pool1", "(14, 14, 8)", "1568", "0", "0"],
    ["conv2", "(10, 10, 16)", "1600", "3216", "320000"],
    ["pool2", "(5, 5, 16)", "400", "0", "0"],
    ["flatten1", "(400,)", "400", "0", "0"],
    ["fc3", "(120,)", "120", "48120", "48000"],
    ["fc4", "(84,)", "84", "10164", "10080"],
    ["softmax", "(10,)", "10", "850", "840"],
]
TITLES: Final = ["Layer", "Activation shape", "Activation size", "# Parameters", "MACs"]
SHORT: Final = ["layer", "shape", "size", "params", "macs"]


@pytest.mark.parametrize(
    ("report", "name", "titles"),
    [
        ("csv", "a.csv", SHORT),
        ("markdown", "a.md", TITLES),
        ("html", "a.html", TITLES),
        ("latex", "a.tex", TITLES),
        ("table", "a.txt", TITLES),
        ("json", "a.json", ["name", "output_shape", "activation_size", "params", "macs"]),
    ],
)
@pytest.mark.parametrize("given_name", [True, False])
def test_own_reports_are_read(report: str, name: str, titles: list[str], *, given_name: bool) -> None:
    """Every format of `summarize` gives the same names, shapes and numbers."""
    text = import_module(f"cnnspec.reports.{report}").render(cnnspec.summarize(cnnspec.load("lenet5-rgb")))
    header, *rows = read(text, name if given_name else "-").rows
    places = [header.index(title) for title in titles]
    cells = [[row[places[0]], row[places[1]], *(row[place].replace(",", "") for place in places[2:])] for row in rows]
    assert [row for row in cells if row[0] not in {"input", "Total"}] == LAYERS


WORDS: Final = (
    *("\n", "\n\n", "Layer", "Shape", ",", ";", ":", "conv1", "(28, 28, 8)", "608", "null", "]", "}", "Total", "é"),
    *("<td colspan=3>", "<td rowspan=2>", "</table>", "\\end{tabular}", "\\endhead ", "\\multicolumn{2}{c}{x}"),
)
PIECES: Final = st.sampled_from([*HOSTILE, *WORDS, *HEADERS.values()])
NAMES: Final = st.sampled_from(["-", "a.tsv", "a.xlsx", *(f"a.{suffix}" for suffix in HEADERS)])


@given(content=st.binary() | st.lists(PIECES, max_size=40).map("".join).map(str.encode), name=NAMES)
def test_anything_gives_a_grid_or_diagnostics(content: bytes, name: str) -> None:
    """Whatever a file holds, it is a table of equal rows, or it is refused."""
    grid = read_or_none(content, name)
    if grid:
        assert len(grid.rows) == len(grid.lines) > 1
        assert {len(row) for row in grid.rows} == {len(grid.rows[0])}
        assert all(cell.isprintable() and len(cell) <= 2_000 for row in grid.rows for cell in row)
        assert grid.lines == sorted(grid.lines)


def read_or_none(content: bytes, name: str) -> Grid | None:
    """Return the grid of a file, or None where it is refused with one of the readers' codes."""
    try:
        return read_grid(content, name)
    except CnnspecError as error:
        if {diagnostic.code for diagnostic in error.diagnostics} <= {"E401", "E402", "E403", "E404"}:
            return None
        raise


def document(*rows: tuple[str, ...], tail: str = "") -> bytes:
    """Return a document of Word with one table."""
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    cells = ["".join(f"<w:tc><w:p><w:r><w:t>{cell}</w:t></w:r></w:p></w:tc>" for cell in row) for row in rows]
    table = "".join(f"<w:tr>{row}</w:tr>" for row in cells)
    text = f"{tail}<w:document {space}><w:body><w:tbl>{table}</w:tbl></w:body></w:document>"
    return archive(word__document=text.encode())


def test_the_table_of_a_document_is_read() -> None:
    """Whatever the file is called, and without anything but the standard library."""
    content = document(("Layer", "Params"), ("CONV1", "608"), ("POOL1", "0"))
    for name in ("hw.docx", "hw", "-"):
        assert read_grid(content, name).rows == [["Layer", "Params"], ["CONV1", "608"], ["POOL1", "0"]]
    assert "it declares entities" in faults(document(("a", "b"), tail="<!DOCTYPE a>"), "hw.docx")


def test_the_table_of_a_notebook_is_read() -> None:
    """In a cell of text, or printed by code; the one that looks most like a table of shapes."""
    cells = [
        {"cell_type": "markdown", "source": ["| a | b |\n", "|---|---|\n", "| 1 | 2 |\n"]},
        {"cell_type": "code", "source": "x", "outputs": [{"text": ["Layer  Params\n", "CONV1  608\n"]}]},
    ]
    grid = read_grid(json.dumps({"nbformat": 4, "cells": cells}).encode(), "hw.ipynb")
    assert grid.rows == [["Layer", "Params"], ["CONV1", "608"]]
    assert grid.remarks == ("the table in cell 2 was read",)
    assert "error[E401]" in faults(b'{"nbformat": 4, "cells": [1, {"cell_type": "markdown"}]}', "hw.ipynb")


def test_sentences_are_read() -> None:
    """A layer in each line, its columns by their words."""
    text = "- CONV1: output 28x28x8; parameters (5*5*3+1)*8 = 608\n- POOL1: parameters 0\n"
    assert read_grid(text.encode(), "hw.txt").rows == [
        ["layer", "output", "parameters"],
        ["CONV1", "28x28x8", "(5*5*3+1)*8 = 608"],
        ["POOL1", "", "0"],
    ]


def test_a_summary_with_single_spaces_is_read() -> None:
    """As a page or a chat leaves it."""
    text = "Layer (type) Output Shape Param #\nconv2d (Conv2D) (None, 28, 28, 8) 608\ndense (Dense)(None, 10) 850\n"
    assert read_grid(text.encode(), "hw.txt").rows == [
        ["Layer (type)", "Output Shape", "Param #"],
        ["conv2d (Conv2D)", "(None, 28, 28, 8)", "608"],
        ["dense (Dense)", "(None, 10)", "850"],
    ]
