"""What other programs, teachers and runs wrote never acts on a terminal: models, assignments, run folders."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Final

import pytest
from onnx_bytes import model, node, tensor
from terminal import EVIL, acting, on_terminal
from test_terminal import QUOTED, SPEC, TABLE, id_of

import cnnspec
from cnnspec.training.data import load_data
from cnnspec.training.runs import run as runs
from cnnspec.training.runs.state import State
from cnnspec.training.settings import merge

TINY: Final = Path(__file__).parents[1] / "data" / "tiny.pt2"
LAYERS: Final = (
    ("InputLayer", {"name": EVIL, "batch_shape": [None, 8, 8, 1]}),
    ("Conv2D", {"name": f"c{EVIL}", "filters": 4, "kernel_size": [3, 3], "activation": "relu"}),
    (EVIL, {"name": f"d{EVIL}", EVIL: EVIL}),
)
ASSIGNMENT: Final = f"""assignment: "{QUOTED}"
spec: net.yaml
columns: ["{QUOTED}", params]
rows: {{asked: ["{QUOTED}"], "{QUOTED}": 1}}
points: {{column: {{"{QUOTED}": 2}}, row: {{"{QUOTED}": 3}}}}
titles: {{"{QUOTED}": params}}
labels: {{"{QUOTED}": conv1}}
slips: "{QUOTED}"
"{QUOTED}": 1
"""
GIVEN: Final = f"""assignment: "{QUOTED}"
spec: net.yaml
columns: [params]
titles: {{"{QUOTED}": params}}
labels: {{"{QUOTED}": conv1}}
"""
ROW: Final = {"epoch": 1, "loss": 1.0, "accuracy": 0.5, "learning_rate": 0.1, "seconds": 2.0}
CONFIGS: Final = {
    "words": {"settings": {"data": EVIL, "optimizer": EVIL, EVIL: EVIL}, "cnnspec": EVIL, EVIL: EVIL},
    "list": [EVIL],
}


def keras_json(*layers: tuple[str, dict[str, object]]) -> str:
    """Return the configuration of a sequential model."""
    made = [{"class_name": name, "config": config, "registered_name": EVIL} for name, config in layers]
    return json.dumps({"class_name": "Sequential", "config": {"name": EVIL, "layers": made}, EVIL: EVIL})


def write_models(root: Path) -> None:
    """Write models of three programs, with hostile names and with operations that nobody knows."""
    (root / "wrong.json").write_text(keras_json(*LAYERS), encoding="utf-8")
    (root / "named.json").write_text(keras_json(*LAYERS[:2]), encoding="utf-8")
    word = EVIL.replace(" ", "_")
    weights = tensor(f"w{word}", 6, 4, 3, 3)
    (root / "named.onnx").write_bytes(model(weights, node("Conv", f"x w{word}", "y", word, kernel_shape=[3, 3])))
    (root / "wrong.onnx").write_bytes(model(node(word, "x", "y", word, **{word: 1}), producer=EVIL))
    with zipfile.ZipFile(TINY) as old, zipfile.ZipFile(root / "wrong.pt2", "w") as new:
        for name in old.namelist():
            text = old.read(name)
            new.writestr(name, text.replace(b"conv2d", json.dumps(word)[1:-1].encode()) if b"conv2d" in text else text)


def write_runs(root: Path) -> None:
    """Write a run of a network with hostile words, and runs whose files are no longer what we wrote."""
    graph = cnnspec.loads(SPEC, f"net{EVIL}.yaml")
    settings = merge({}, {"data": "synthetic:20", "learning_rate": 0.1, "seed": 0}).changed(scale=1 / 255)
    data = load_data("synthetic:20", shape=(8, 8, 1), classes=3, seed=0)
    for name in ("good", "history", "state", "summary", *CONFIGS):
        run = runs.create(root / f"runs{EVIL}", graph, settings, data)
        state = State(epoch=1, best_epoch=1, best_value=1.0, history=(ROW,))
        run.write("state.json", json.dumps(state.as_json()))
        found = run.folder.rename(root / f"run-{name}{EVIL}")
        if name in CONFIGS:
            (found / "config.json").write_text(json.dumps(CONFIGS[name]), encoding="utf-8")
        elif name != "good":
            file = {"history": "state.json", "state": "state.json", "summary": "summary.json"}[name]
            content = {"history": [{EVIL: EVIL}], "test": {EVIL: EVIL}, "status": EVIL, EVIL: EVIL}
            (found / file).write_text(json.dumps(content), encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with all of them."""
    root = tmp_path_factory.mktemp("hostile-files")
    (root / "net.yaml").write_text(SPEC, encoding="utf-8")
    (root / f"net{EVIL}.yaml").write_text(SPEC, encoding="utf-8")
    (root / "table.csv").write_text(TABLE, encoding="utf-8")
    (root / "open.yaml").write_text(SPEC.replace("conv: 4 3x3", "conv: ? 3x3\n    expect: 6x6x4"), encoding="utf-8")
    (root / "wrong-hw.yaml").write_text(ASSIGNMENT, encoding="utf-8")
    (root / f"hw{EVIL}.yaml").write_text(GIVEN, encoding="utf-8")
    (root / "class" / EVIL).mkdir(parents=True)
    (root / "class" / EVIL / "hw.csv").write_text(TABLE, encoding="utf-8")
    write_models(root)
    write_runs(root)
    return root


NETX, HWX, GOOD = f"net{EVIL}.yaml", f"hw{EVIL}.yaml", f"run-good{EVIL}"
RUNS: Final = tuple(f"run-{name}{EVIL}" for name in ("history", "state", "summary", *CONFIGS))
COMMANDS: Final[list[tuple[str, ...]]] = [
    *(
        ("import", name, *options)
        for name in ("wrong.json", "wrong.onnx", "wrong.pt2", "named.json", "named.onnx")
        for options in ((), ("--partial",), ("-o", f"out-{name}{EVIL}.yaml"))
    ),
    ("import", EVIL),
    ("import", f"keras.applications.{EVIL}"),
    ("import", "named.json", "--input", EVIL),
    *(("summarize", name) for name in ("wrong.json", "named.json", "named.onnx")),
    *(("compare", NETX, "named.onnx", "--format", name) for name in ("table", "json", "csv", "markdown")),
    ("compare", NETX, "named.json", "--layers"),
    ("compare", NETX, EVIL),
    ("solve", "open.yaml"),
    ("solve", NETX),
    *(("draw", NETX, "--style", style, "-o", f"{style}{EVIL}.svg") for style in ("graph", "volumes")),
    ("draw", NETX, "--format", "tikz"),
    ("draw", NETX, "--select", EVIL),
    ("draw", NETX, "--columns", EVIL),
    ("draw", NETX, "-o", f"x.{EVIL}"),
    ("report", NETX, "-o", f"page{EVIL}.html"),
    ("report", "--run", GOOD, "-o", f"run{EVIL}.html"),
    *(("report", "--run", run, "-o", "x.html", "--force") for run in RUNS),
    ("assignment", NETX),
    ("assignment", NETX, "-o", f"first{EVIL}.yaml"),
    *(("validate", name, "--error-format", form) for name in ("wrong-hw.yaml", HWX) for form in ("text", "json")),
    *(("check", name, "table.csv") for name in ("wrong-hw.yaml", HWX)),
    *(("grade", name, "class") for name in ("wrong-hw.yaml", HWX)),
    *(("practice", name) for name in ("wrong-hw.yaml", HWX)),
    ("autograder", "wrong-hw.yaml", "--to", "gradescope", "-o", "hw.zip"),
    ("autograder", HWX, "--to", EVIL),
    ("autograder", HWX, "--to", "gradescope", "--wheel", EVIL, "-o", "hw.zip"),
    *(("runs", GOOD, "--format", name) for name in ("table", "json", "csv", "markdown")),
    ("runs", GOOD, "--each"),
    ("runs", GOOD, "--sort", EVIL),
    ("runs", GOOD, "--curves", f"c{EVIL}.svg"),
    ("runs", EVIL),
    *((command, run) for command in ("runs", "evaluate") for run in RUNS),
    *(("train", NETX, "--data", "synthetic:20", "--init", run, "--dry-run") for run in RUNS),
    ("sweep", NETX, "--vary", EVIL),
    ("sweep", NETX, "--vary", f"{EVIL}=1"),
    ("sweep", NETX, "--vary", f"optimizer={EVIL}", "-p", f"{EVIL}=1,2"),
    ("sweep", NETX, "--data", EVIL, "--vary", "seed=0,1", "--print", "lines"),
    ("sweep", NETX, "--data", "synthetic:20", "--vary", "seed=0,1", "--print", EVIL),
    *(
        ("sweep", NETX, "--data", "synthetic:20", "--seed", "0..1", "--print", name)
        for name in ("lines", "slurm", "k8s")
    ),
    ("train", NETX, "--data", "synthetic:20", "--init", EVIL, "--dry-run"),
    ("train", NETX, "--data", "synthetic:20", "--unfreeze", EVIL, "--dry-run"),
    ("train", NETX, "--data", "synthetic:20", "--target", EVIL),
]


SILENT: Final = [
    "import named.json -o out-named.jsonEVIL.yaml",
    "import named.onnx -o out-named.onnxEVIL.yaml",
    "draw netEVIL.yaml --style graph -o graphEVIL.svg",
    "draw netEVIL.yaml --style volumes -o volumesEVIL.svg",
    "report netEVIL.yaml -o pageEVIL.html",
    "report --run run-goodEVIL -o runEVIL.html",
    *(f"report --run run-{name}EVIL -o x.html --force" for name in ("history", "state", "summary")),
    "assignment netEVIL.yaml -o firstEVIL.yaml",
    "validate hwEVIL.yaml --error-format text",
]
"""What has nothing to say; all but the last write a file."""


@pytest.mark.slow
def test_no_file_acts_on_a_terminal(folder: Path) -> None:
    """Only line ends and our own colours are written, and no command ends with a traceback."""
    texts = dict(zip(map(id_of, COMMANDS), on_terminal(*COMMANDS, cwd=folder), strict=True))
    assert {line: found for line, text in texts.items() if (found := acting(text))} == {}
    assert [line for line, text in texts.items() if "Traceback" in text] == []
    silent = [line for line, text in texts.items() if not text]
    assert silent == SILENT
