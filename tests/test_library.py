"""The library as a reader of a notebook meets it: names, representations, mistakes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

import cnnspec
from cnnspec.reports import csv, html, latex, markdown
from cnnspec.reports import json as as_json

LENET = cnnspec.load("lenet5-rgb")
TABLE = cnnspec.summarize(LENET)


def test_what_is_evaluated_shows_itself_in_a_line() -> None:
    """Names and numbers, no addresses."""
    assert repr(LENET) == "<cnnspec.Graph lenet5-rgb: 8 layers>"
    assert repr(TABLE) == "<cnnspec.Table lenet5-rgb: 8 layers, 62,958 parameters, 849,320 MACs>"
    assert repr(TABLE["conv1"]) == "<cnnspec.Row conv1: conv → (28, 28, 8), 608 parameters, 470,400 MACs>"
    assert repr(TABLE["fc3"]) == "<cnnspec.Row fc3: dense → (120,), 48,120 parameters, 48,000 MACs>"


def test_a_row_is_a_record() -> None:
    """It is no sequence; equal rows are those of equal layers at the same place."""
    row = TABLE["conv1"]
    with pytest.raises(TypeError):
        len(row)  # type: ignore[arg-type] # as a reader may try
    with pytest.raises(TypeError):
        iter(row)  # type: ignore[call-overload] # as above
    again = cnnspec.summarize(LENET)["conv1"]
    assert row == again
    assert {row, again} == {row}
    assert row != TABLE["conv2"]
    assert row != row.node
    shared = cnnspec.loads("input: 4\nlayers: [dense: 4, share: dense1]\n")
    assert cnnspec.summarize(shared)[1] == cnnspec.summarize(shared)[1]


def test_tables_and_graphs_are_read_by_name_and_by_number() -> None:
    """A name is in them, and so is what stands under it."""
    for whole in (LENET, TABLE):
        assert whole["conv1"] == whole[0]
        assert whole["softmax"] == whole[-1]
        assert "conv1" in whole
        assert whole[0] in whole
        assert "conv9" not in whole
        assert whole._ipython_key_completions_()[:2] == ["conv1", "pool1"]


NO_LAYER = """\
error[E201]: `lenet5-rgb` has no layer `conv9`
  = note: its layers: conv1, pool1, conv2, pool2, flatten1, fc3, fc4, softmax
  = help: did you mean `conv2`?"""


@pytest.mark.parametrize("whole", [LENET, TABLE], ids=["graph", "table"])
def test_a_name_that_is_not_there_is_a_key_error_that_helps(whole: cnnspec.Graph | cnnspec.Table) -> None:
    """It says what there is."""
    with pytest.raises(KeyError) as caught:
        whole["conv9"]
    assert str(caught.value) == NO_LAYER
    assert isinstance(caught.value, cnnspec.SpecError)


def test_explaining_a_layer_that_is_not_there_is_the_same_error() -> None:
    """One mistake, one message."""
    with pytest.raises(cnnspec.NoLayerError) as caught:
        cnnspec.explain(LENET, "conv9")
    assert str(caught.value) == NO_LAYER


def test_a_row_explains_itself() -> None:
    """As the function and the command do; all layers of the network are the rows' texts together."""
    assert TABLE["conv2"].explain() == cnnspec.explain(LENET, "conv2")
    assert "r + (f − 1)·j = 6 + (5 − 1)·2 = 14" in TABLE["conv2"].explain()
    assert cnnspec.explain(LENET) == "\n".join(row.explain() for row in TABLE)


FORMULAS: Final = {
    "params": "(F·F·C + 1)·K = (5·5·3 + 1)·8 = 608",
    "weights": "parameters less biases = 608 − 8 = 600",
    "biases": "K = 8",
    "non_trainable": "0: all parameters are learned",
    "macs": "F·F·C·K·H′·W′ = 5·5·3·8·28·28 = 470,400",
    "activation_size": "H′·W′·C′ = 28·28·8 = 6,272",
    "shape": "output height (n + 2p − f)/s + 1 = (32 − 5)/1 + 1 = 28\noutput width as the height: 28\nchannels K = 8",
}


@pytest.mark.parametrize("quantity", FORMULAS)
def test_a_row_derives_one_number(quantity: str) -> None:
    """By the name of its column, or by its key in JSON."""
    assert TABLE["conv1"].formula(quantity) == FORMULAS[quantity]


def test_a_row_knows_what_it_sees() -> None:
    """In pixels of the input, along each axis; behind a flatten there are no places any more."""
    row = TABLE["pool2"]
    assert (row.receptive_field, row.jump, row.start) == ((16, 16), (4, 4), (7.5, 7.5))
    assert TABLE["fc3"].receptive_field is None


MISUSES: Final[dict[str, tuple[Callable[[], object], str, str]]] = {
    "a quantity": (lambda: TABLE["conv1"].formula("parms"), "E701", "unknown quantity `parms`"),
    "a column": (lambda: TABLE.to_csv(columns=["layer", "parms"]), "E701", "unknown column `parms`"),
    "columns as a text": (lambda: TABLE.to_csv(columns="layer, parms"), "E701", "unknown column `parms`"),
    "no level": (lambda: TABLE.to_markdown(depth=0), "E703", "`depth` must be 1 or more, not 0"),
    "no samples": (lambda: cnnspec.summarize(LENET, batch=0), "E703", "`batch` must be a positive integer, not `0`"),
    "half a sample": (
        lambda: cnnspec.summarize(LENET, batch=0.5),  # type: ignore[arg-type] # as a reader may try
        "E703",
        "`batch` must be a positive integer, not `0.5`",
    ),
    "a type": (lambda: cnnspec.summarize(LENET, dtype="float31"), "E703", "unknown type `float31`"),
}


@pytest.mark.parametrize("case", MISUSES)
def test_a_wrong_argument_is_a_diagnostic(case: str) -> None:
    """It says what is accepted."""
    call, code, message = MISUSES[case]
    with pytest.raises(cnnspec.CnnspecError) as caught:
        call()
    assert [(found.code, found.message) for found in caught.value.diagnostics] == [(code, message)]


def test_a_table_writes_itself_in_every_format() -> None:
    """As the command does; LaTeX and HTML are what stands in a document of one's own."""
    assert TABLE.to_json() == as_json.render(TABLE)
    assert TABLE.to_dict() == json.loads(TABLE.to_json())
    assert TABLE.to_dict()["totals"]["params"] == 62_958
    assert TABLE.to_csv(columns=["layer", "params"]).splitlines()[:3] == ["layer,params", "input,0", "conv1,608"]
    assert TABLE.to_csv() == csv.render(TABLE)
    assert TABLE.to_markdown() == markdown.render(TABLE)
    assert TABLE.to_latex(depth=1) == latex.tabular(TABLE, depth=1)
    assert TABLE.to_html() == html.element(TABLE)


HOMEWORK: Final = "Layer,Size,Parameters\nconv1,6272,608\nconv2,1600,416\n"


def test_a_table_of_homework_is_a_file_or_a_text_with_a_name(tmp_path: Path) -> None:
    """All three are marked alike; bytes need no name."""
    path = tmp_path / "table.csv"
    path.write_text(HOMEWORK, encoding="utf-8")
    results = [
        cnnspec.check(LENET, path),
        cnnspec.check(LENET, str(path)),
        cnnspec.check(LENET, HOMEWORK, name="table.csv"),
        cnnspec.check(LENET, HOMEWORK.encode(), name="table.csv"),
    ]
    assert len({str(result) for result in results}) == 1
    assert cnnspec.check(LENET, HOMEWORK.encode()).score == 3
    assert cnnspec.check(LENET, path, name="Ada").name == "Ada"


def test_an_assignment_says_how_a_table_is_marked(tmp_path: Path) -> None:
    """Loaded, or by its path; a spec by its name is marked as usual, and is no assignment."""
    path = tmp_path / "hw3.yaml"
    path.write_text("assignment: hw3\nspec: lenet5-rgb\ncolumns: params\nrows: {asked: [conv]}\n", encoding="utf-8")
    homework = cnnspec.load_assignment(path)
    assert isinstance(homework, cnnspec.Assignment)
    assert (homework.name, homework.graph.name) == ("hw3", "lenet5-rgb")
    for given in (homework, path, str(path)):
        result = cnnspec.check(given, HOMEWORK, name="table.csv")
        assert (result.score, result.max_score) == (1, 7)
    assert cnnspec.check("lenet5-rgb", HOMEWORK, name="table.csv").max_score == 14
    with pytest.raises(cnnspec.SpecError, match="`lenet5-rgb` is a spec, not an assignment"):
        cnnspec.load_assignment("lenet5-rgb")
    with pytest.raises(cnnspec.CnnspecError, match="no file and no bundled network is named"):
        cnnspec.check(tmp_path / "nowhere.yaml", HOMEWORK, name="table.csv")


def test_a_result_shows_and_writes_itself() -> None:
    """The text of the command, Markdown in a notebook, JSON for a program."""
    result = cnnspec.check(LENET, HOMEWORK, name="table.csv")
    assert repr(result) == "<cnnspec.Check table.csv against lenet5-rgb: 3 of 14>"
    assert "conv2: 416 = (5·5·1 + 1)·16, right is (5·5·8 + 1)·16 = 3,216" in str(result)
    assert result._repr_markdown_() == result.to_markdown()
    assert "| conv2 | 1600 ✓ | 416 ✗ |" in result.to_markdown()
    assert result.to_dict() == json.loads(result.to_json())
    assert [cell["slips"] for cell in result.to_dict()["cells"] if cell["status"] == "wrong"] == [["no_channels"]]


def test_a_table_that_is_none_is_a_result_too() -> None:
    """What a student hands in is no exception, a file that is not there is one."""
    result = cnnspec.check(LENET, b"hello")
    assert not result.gradable
    assert repr(result) == "<cnnspec.Check <table> against lenet5-rgb: not gradable>"
    assert [fault.code for fault in result.faults] == ["E401"]
    with pytest.raises(cnnspec.CnnspecError) as caught:
        cnnspec.check(LENET, "not-there.csv")
    assert caught.value.diagnostics[0].message == "there is no file `not-there.csv`"


WRONG: Final = "input: 8x8x1\nlayers:\n  - conv: {filters: 4, kernal: 3}\n  - dense: ten\n"
FIRST: Final = """\
error[E103]: unknown argument `kernal` for `conv`
 --> net.yaml:3:24
  |
3 |   - conv: {filters: 4, kernal: 3}
  |                        ^^^^^^ not an argument of `conv`
  = note: `conv` takes filters, kernel, stride, padding, bias, bn, activation, init, l2, dilation, groups
  = help: did you mean `kernel`?"""


def test_mistakes_are_a_list() -> None:
    """Nothing is raised; a diagnostic shows itself, and is data."""
    first, second = cnnspec.validate(WRONG, "net.yaml")
    assert str(first) == FIRST
    assert repr(second) == "<cnnspec.Diagnostic E103 at net.yaml:4:12: `dense` takes no `ten`>"
    assert second.to_dict() == {
        "code": "E103",
        "severity": "error",
        "message": "`dense` takes no `ten`",
        "label": "",
        "file": "net.yaml",
        "line": 4,
        "column": 12,
        "end_line": 4,
        "end_column": 15,
        "notes": ["`dense` takes units, bias, bn, activation, init, l2"],
        "help": "",
        "related": [],
    }
    assert cnnspec.validate("input: 4\nlayers: [relu]") == []
    notes = cnnspec.validate("input: 3x32x32\nlayers: [conv: 4 3x3]")
    assert [(note.code, note.severity) for note in notes] == [("W301", "warning")]
    assert [fault.code for fault in cnnspec.validate("input: 4\nlayers: [relu]", inputs="x")] == ["E105"]
    assert repr(cnnspec.validate("input: 4\nlayers: [relu]", inputs="x")) == (
        "[<cnnspec.Diagnostic E105: `x` is not an input shape>]"
    )


def test_a_model_file_is_a_graph(tmp_path: Path) -> None:
    """As the command imports it; its spec gives the same."""
    path = tmp_path / "model.json"
    dense = {"class_name": "Dense", "config": {"name": "scores", "units": 2, "batch_input_shape": [None, 4]}}
    path.write_text(json.dumps({"class_name": "Sequential", "config": [dense]}), encoding="utf-8")
    net = cnnspec.import_model(path)
    assert cnnspec.summarize(net)["scores"].params == 10
    assert cnnspec.summarize(cnnspec.import_model(path, inputs=8)).totals.params == 18
    assert cnnspec.loads(cnnspec.to_spec(net, flat=True))["scores"].layer == net["scores"].layer


def test_parts_are_attributes() -> None:
    """No import is needed beside `import cnnspec`, and none happens before."""
    code = "import sys, cnnspec; print(*sorted({'cnnspec.keras', 'cnnspec.training'} & sys.modules.keys())); "
    code += "print(cnnspec.keras.build.__name__, cnnspec.training.train.__name__, 'tensorflow' in sys.modules)"
    assert run(code) == "\nbuild train False\n"


def test_completion_offers_what_is_public() -> None:
    """A name that is none is an AttributeError."""
    assert dir(cnnspec) == sorted(cnnspec.__all__)
    assert all(getattr(cnnspec, name) is not None for name in cnnspec.__all__)
    with pytest.raises(AttributeError, match=r"^module 'cnnspec' has no attribute 'sumarize'$"):
        _ = cnnspec.sumarize  # type: ignore[attr-defined] # as a reader may mistype


CORE: Final = """
import sys
before = {*sys.modules}
import cnnspec
import cnnspec.reports.json
table = cnnspec.summarize(cnnspec.loads("input: 8x8x1\\nlayers: [conv: 4 3x3, residual: [conv: 4 3x3 same]]"))
assert cnnspec.reports.json.render(table) == table.to_json()
table["conv1"].explain(), table.to_csv(), repr(table)
files = [name for name in sys.modules.keys() - before if getattr(sys.modules[name], "__file__", None)]
added = {name.partition(".")[0] for name in files}
print(*sorted(added - sys.stdlib_module_names))
"""


def test_the_core_needs_nothing_but_yaml() -> None:
    """Loading, summarizing and JSON import neither rich nor typer nor numpy: the core also runs in a browser."""
    assert run(CORE).split() == ["cnnspec", "yaml"]


def run(code: str) -> str:
    """Return what a Python process of its own prints."""
    root = Path(cnnspec.__file__).parents[1]
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONUTF8": "1"}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment, cwd=root).stdout


SNIPPET: Final = """
import cnnspec

net = cnnspec.load("lenet5", inputs=(32, 32, 1), params={"width": 2})
table = cnnspec.summarize(net, batch=8)
reveal_type(table["conv1"].params)
reveal_type([row.explain() for row in table])
reveal_type(table.to_dict())
reveal_type(cnnspec.check(net, "table.csv").score)
reveal_type(cnnspec.validate("input: 4")[0].code)
net["conv1"].layer.kernel
cnnspec.sumarize(net)
cnnspec.load("lenet5", inputs=None, shape=4)
"""
REVEALED: Final = [
    ("6", "int"),
    ("7", "list[str]"),
    ("8", "dict[str, Any]"),
    ("9", "int"),
    ("10", "str"),
    ("11", "attr-defined"),
    ("12", "attr-defined"),
    ("13", "call-arg"),
]
"""The lines of the snippet with their types, or with the codes of their errors."""


@pytest.mark.slow
def test_a_type_checker_knows_the_library(tmp_path: Path) -> None:
    """The package is typed, lazily imported names too, and a name that is not there is a mistake."""
    root = Path(cnnspec.__file__).parent
    assert (root / "py.typed").exists()
    (tmp_path / "snippet.py").write_text(SNIPPET, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file="]
    cache = root.parent / ".mypy_cache" / "library"  # what a second run need not read again
    done = subprocess.run(
        [*command, "--follow-imports=silent", "--cache-dir", str(cache), "snippet.py"],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": str(root.parent)},
    )
    said = re.findall(
        r"^snippet.py:(\d+): (?:note: Revealed type is \"(.*)\"|error: .*\[(.*)\])$", done.stdout, re.MULTILINE
    )
    assert [(line, kind or code) for line, kind, code in said] == REVEALED


def test_a_network_shows_itself_in_a_notebook() -> None:
    """As an image that no style of the page reaches, with words for who does not see it; a very long one as text."""
    net = cnnspec.load("lenet5-rgb")
    shown = net._repr_mimebundle_()
    assert shown["text/plain"] == "<cnnspec.Graph lenet5-rgb: 8 layers>"
    assert shown["image/svg+xml"] == cnnspec.draw(net).svg
    assert net._repr_html_() == shown["text/html"]
    assert shown["text/html"].startswith('<img src="data:image/svg+xml;base64,PHN2Zy')
    assert 'alt="' in shown["text/html"]
    long = cnnspec.loads("input: 4x4x1\nlayers:\n  - relu: {}\n    repeat: 4000\n")
    assert list(long._repr_mimebundle_()) == ["text/plain"]
    assert long._repr_html_() is None


def test_a_drawing_is_saved_in_the_format_of_the_suffix(tmp_path: Path) -> None:
    """And replaces nothing unless that is asked for."""
    drawing = cnnspec.draw(cnnspec.load("lenet5-rgb"), style="graph", columns=["layer", "macs"])
    for name, text in (("net.svg", drawing.svg), ("net.tex", drawing.tikz)):
        drawing.save(tmp_path / name)
        assert (tmp_path / name).read_text(encoding="utf-8") == text
    with pytest.raises(cnnspec.CnnspecError, match="E603"):
        drawing.save(tmp_path / "net.svg")
    with pytest.raises(cnnspec.CnnspecError, match="E706"):
        drawing.save(tmp_path / "net.png")
    drawing.save(tmp_path / "net.svg", force=True)


@pytest.mark.parametrize("options", [{"style": "oil"}, {"depth": 0}, {"select": "zzz"}, {"columns": ["zzz"]}])
def test_options_of_a_drawing_that_cannot_be_are_said(options: dict[str, object]) -> None:
    """As those of the command."""
    with pytest.raises(cnnspec.CnnspecError):
        cnnspec.draw(cnnspec.load("lenet5-rgb"), **options)  # type: ignore[arg-type] # options are by name
