"""Names from outside never act on a terminal: every command, with a hostile name in every position."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
from terminal import EVIL, acting, on_terminal

QUOTED: Final = EVIL.replace("\x1b", "\\e").replace("\x07", "\\a").replace("\x9b", "\\x9b").replace("\u202e", "\\u202e")
SPEC: Final = f"""name: "{QUOTED}"
input: 8x8x1
params: {{width: 1}}
layers:
  - conv: 4 3x3
    note: "{QUOTED}"
  - flatten
  - dense: 3 softmax
meta: {{"{QUOTED}": 1}}
"""
WRONG: Final = f"""name: "{QUOTED}"
input: "{QUOTED}"
"{QUOTED}": 1
blocks: {{"{QUOTED}": [relu]}}
layers:
  - "{QUOTED}"
  - conv: "{QUOTED}"
    name: "{QUOTED}"
  - conv: {{"{QUOTED}": 1}}
    from: "{QUOTED}"
    "{QUOTED}": 1
  - relu: {{max: "${{{QUOTED}}}"}}
train: {{"{QUOTED}": 1, data: "{QUOTED}", loss: "{QUOTED}"}}
"""
TABLE: Final = f"layer,shape,params,{EVIL}\nCONV1{EVIL},{EVIL},{EVIL},1\n{EVIL},1,2,3\ndense1,(3),7,7\n"
GRADEBOOK: Final = f"Student,ID,{EVIL},HW\n{EVIL},1,2,\nada,2,3,\n"
ROSTER: Final = f"id,name\n{EVIL},{EVIL}\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of hostile files: under hostile names, and with hostile content."""
    root = tmp_path_factory.mktemp("hostile")
    for name in ("net", f"net{EVIL}"):
        (root / f"{name}.yaml").write_text(SPEC, encoding="utf-8")
    for name in ("wrong", f"wrong{EVIL}"):
        (root / f"{name}.yaml").write_text(WRONG, encoding="utf-8")
    for name in ("table", f"table{EVIL}"):
        (root / f"{name}.csv").write_text(TABLE, encoding="utf-8")
    (root / f"book{EVIL}.csv").write_text(GRADEBOOK, encoding="utf-8")
    (root / f"roster{EVIL}.csv").write_text(ROSTER, encoding="utf-8")
    student = root / "class" / EVIL
    student.mkdir(parents=True)
    (student / f"hw{EVIL}.csv").write_text(TABLE, encoding="utf-8")
    (root / "class" / "ada").mkdir()
    (root / "class" / "ada" / "hw.csv").write_text("layer,params\nconv1,40\n", encoding="utf-8")
    return root


NET, NETX, BAD, BADX = "net.yaml", f"net{EVIL}.yaml", "wrong.yaml", f"wrong{EVIL}.yaml"
COMMANDS: Final[list[tuple[str, ...]]] = [
    *(("summarize", NETX, "--format", name) for name in ("table", "json", "csv", "markdown", "latex", "html")),
    ("summarize", NET, "--columns", "layer,note", "--format", "csv"),
    ("summarize", NET, "--columns", EVIL),
    ("summarize", NET, "--format", EVIL),
    ("summarize", NET, "--param", f"{EVIL}=1"),
    ("summarize", NET, "--param", f"width={EVIL}"),
    ("summarize", NET, "--input", EVIL),
    ("summarize", NET, "--limit", f"{EVIL}=1"),
    ("summarize", NET, "-o", f"no{EVIL}/x.csv"),
    ("summarize", NET, "-o", NETX),
    ("summarize", EVIL),
    ("summarize", NET, f"--{EVIL}"),
    ("summarize", NET, EVIL),
    (EVIL,),
    *(("validate", BADX, "--error-format", name) for name in ("text", "json", "github")),
    ("validate", NETX),
    ("explain", NETX),
    ("explain", NET, EVIL),
    ("explain", f"E{EVIL}"),
    ("explain", "--layer", EVIL, "--input", EVIL),
    ("fmt", "--check", "--long", NETX),
    ("fmt", NETX),
    ("fmt", BADX),
    ("kinds", EVIL),
    ("show", EVIL),
    ("list",),
    *(
        ("check", NETX, f"table{EVIL}.csv", "--format", name)
        for name in ("text", "json", "markdown", "gradescope", "classroom50", "junit")
    ),
    ("check", NET, "table.csv", "--as-key"),
    ("check", NET, EVIL),
    ("check", NET, "table.csv", "--weight", f"{EVIL}=1"),
    ("grade", NETX, "class"),
    ("grade", NET, "class", "--feedback", f"feedback{EVIL}"),
    ("grade", NET, "class", "--fill", f"book{EVIL}.csv", "--column", "HW", "--force"),
    ("grade", NET, "class", "--fill", f"book{EVIL}.csv", "--column", EVIL),
    ("grade", NET, EVIL),
    *(
        ("practice", NETX, "--format", name)
        for name in ("markdown", "latex", "html", "csv", "moodle", "gift", "text2qti", "spec")
    ),
    ("practice", NET, "--roster", f"roster{EVIL}.csv", "--output-dir", f"sheets{EVIL}"),
    ("practice", NET, "--vary", EVIL),
    ("practice", NET, "--blank", EVIL),
    ("export", NETX, "--to", "keras-code"),
    ("export", NETX, "--to", "keras-code", "-o", f"code{EVIL}.py"),
    ("train", NETX, "--data", EVIL, "--dry-run"),
    ("train", NET, "--data", "npz", "--data-dir", EVIL, "--dry-run"),
    ("train", NET, "--device", EVIL),
    ("train", EVIL, "--resume"),
    ("train", NET, "--run-dir", EVIL, "--resume"),
    ("evaluate", EVIL),
    ("predict", EVIL, EVIL),
    ("show-activations", EVIL, EVIL),
]


SILENT: Final = ["validate netEVIL.yaml", "export netEVIL.yaml --to keras-code -o codeEVIL.py"]
"""What has nothing to say."""


def id_of(arguments: tuple[str, ...]) -> str:
    """Return a command line with a word for each hostile part."""
    return " ".join(arguments).replace(EVIL, "EVIL")


@pytest.mark.slow
def test_no_name_acts_on_a_terminal(folder: Path) -> None:
    """Only line ends and our own colours are written, and no command ends with a traceback."""
    texts = dict(zip(map(id_of, COMMANDS), on_terminal(*COMMANDS, cwd=folder), strict=True))
    assert {line: found for line, text in texts.items() if (found := acting(text))} == {}
    assert [line for line, text in texts.items() if "Traceback" in text] == []
    assert [line for line, text in texts.items() if not text] == SILENT
