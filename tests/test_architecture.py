"""The architecture: imports only go downwards, nothing heavy or dangerous is imported, files stay short."""

from __future__ import annotations

import ast
import json
import os
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import cnnspec
from cnnspec import layers
from cnnspec.ir.layer import ALIASES, KERAS_NAMES, KINDS, TORCH_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PACKAGE: Final = Path(cnnspec.__file__).parent
TESTS: Final = Path(__file__).parent
LEVELS: Final = (
    ("errors", "source", "formula", "garbage_collection", "registry"),
    ("archives", "files", "foreign_json", "hdf5", "json_lines", "latex_text", "python_text", "text_table"),
    ("error_codes", "text"),
    ("ir",),
    ("layers",),
    ("language",),
    ("bundled",),
    ("networks", "spec_files"),
    ("revisions",),
    ("analysis",),
    ("drawing",),
    ("solving",),
    ("explaining",),
    ("reports", "keras", "torch"),
    ("pages",),
    ("importing", "editor"),
    ("homework", "library"),
    ("live", "training"),
    ("cli",),
    ("__init__", "__main__"),
)
"""The parts of the package; each may import itself and the parts above it in this list, and no others."""
RANK: Final = {part: rank for rank, parts in enumerate(LEVELS) for part in parts}
FRAMEWORKS: Final = ("jax", "keras", "numpy", "onnx", "pandas", "scipy", "sklearn", "sympy", "tensorflow", "torch")
DANGEROUS: Final = ("marshal", "pickle", "shelve", "dill", "ctypes", "runpy", "code")
ORDINARY: Final = {
    "editor/schema.py": (("minimum",), "a bound of JSON Schema"),
    "formula.py": (("add",), "an operation of formulas"),
    "homework/diagnosis/distractors.py": (("add",), "the same operation"),
    "homework/diagnosis/formulas.py": (("add",), "the same operation"),
    "homework/diagnosis/slip_page.py": (("bn", "flatten", "relu"), "examples, written as items of a spec"),
    "homework/diagnosis/slips/positions.py": (("positions",), "the places of a window"),
    "importing/folding/reduction.py": (("activation", "bn"), "arguments"),
    "importing/graphs/aten_moves.py": (("linear", "pad"), "an interpolation, an argument"),
    "importing/graphs/onnx_moves.py": (("split",), "an attribute"),
    "importing/graphs/resizing.py": (("linear",), "an interpolation"),
    "importing/keras_rows.py": (("activation", "linear"), "an argument and its value"),
    "importing/keras_words.py": (("dropout",), "an argument of recurrent layers"),
    "language/foreign_words.py": (("average", "conv", "sepconv"), "parts of words"),
    "language/meant.py": (("activation", "batchnorm", "bn", "leaky_relu", "sigmoid"), "arguments and their values"),
    "language/pasted.py": (("add",), "a method that appends a layer"),
    "language/spelling.py": (("activation", "bn"), "arguments"),
    "language/train/augmentations.py": (("crop",), "a way of varying images"),
    "training/fitting/compiling.py": (("threshold",), "an argument of Keras' metric"),
}
"""Files with words that are the name of a kind too, and what they are there."""
RUNNING: Final = {("torch/execution.py", "exec")}
"""A listing of our own making is run, in which a spec has literals and comments alone."""
FILES: Final = sorted(PACKAGE.rglob("*.py"))
LONGEST: Final = 300


def name_of(path: Path) -> str:
    """Return a file's path inside the package."""
    return path.relative_to(PACKAGE).as_posix()


def part_of(path: Path) -> str:
    """Return the part of the package that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def run_by(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield all below a node but expressions and what only a type checker sees."""
    waiting = [tree]
    while waiting:
        for child in ast.iter_child_nodes(waiting.pop()):
            if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
                continue
            if not isinstance(child, ast.expr):
                yield child
                waiting.append(child)


def imported(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Yield the names of imported modules; `from cnnspec import layers` imports `cnnspec.layers`."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "relative imports hide where a name comes from"
            module = node.module or ""
            yield from (f"{module}.{alias.name}" for alias in node.names) if module == "cnnspec" else (module,)


@cache
def tree_of(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def importing(path: Path) -> tuple[ast.AST, ...]:
    """Return the imports of a file, wherever they stand, but for those that only a type checker sees."""
    return tuple(node for node in run_by(tree_of(path)) if isinstance(node, ast.Import | ast.ImportFrom))


def packages(nodes: Iterable[ast.AST]) -> set[str]:
    """Return the top-level packages that are imported."""
    return {module.partition(".")[0] for module in imported(nodes)}


def test_every_part_has_a_rank() -> None:
    """A new part says where it stands."""
    assert {part_of(path) for path in FILES} <= RANK.keys()


def upward(path: Path) -> Iterator[str]:
    """Yield what a file imports from parts that are not below its own."""
    own = part_of(path)
    for module in imported(importing(path)):
        package, _, rest = module.partition(".")
        part = rest.partition(".")[0]
        if package == "cnnspec" and part in RANK and part != own and RANK[part] >= RANK[own]:
            yield f"{name_of(path)} imports {module}"


def test_imports_go_downwards() -> None:
    """A file imports its own part and parts below it."""
    assert [found for path in FILES for found in upward(path)] == []


def module_of(path: Path) -> str:
    """Return the name by which a file is imported."""
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


MODULES: Final = {module_of(path) for path in FILES}


def neighbours(path: Path) -> set[str]:
    """Return the modules of the package that a file imports; of `from a import b`, b where it is a module."""
    found: set[str] = set()
    for node in importing(path):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found.update(names & MODULES or {node.module or ""})
    return found & MODULES


def test_imports_go_in_no_circle() -> None:
    """Files can be put in an order in which each imports those before it only."""
    left = {module_of(path): neighbours(path) for path in FILES}
    while ready := {module for module, needed in left.items() if not needed & left.keys()}:
        left = {module: needed for module, needed in left.items() if module not in ready}
    assert sorted(left) == []


def test_no_framework_is_imported_with_a_module() -> None:
    """A framework is imported inside functions, by the parts that are for it; what is trained on is arrays."""
    for path in FILES:
        tree = tree_of(path)
        outside = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
        allowed = {"numpy"} if part_of(path) == "training" else set()
        assert packages(outside).isdisjoint({*FRAMEWORKS} - allowed), name_of(path)
        if part_of(path) not in ("keras", "torch", "training"):
            assert packages(importing(path)).isdisjoint(FRAMEWORKS), name_of(path)


def test_nothing_runs_code_from_a_file() -> None:
    """No eval, exec, compile or pickle, no loader of YAML that makes objects; what is run is our own listing."""
    for path in FILES:
        tree = tree_of(path)
        assert packages(ast.walk(tree)).isdisjoint(DANGEROUS), name_of(path)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                forbidden = ("eval", "exec", "compile", "__import__", "os.system", "builtins.eval")
                assert called not in forbidden or (name_of(path), called) in RUNNING, (name_of(path), called)
                assert not (called.startswith("yaml.") and "load" in called), (name_of(path), called)
                named = called == "get_completion_script"  # typer's, which is told the name of one
                assert named or "shell" not in {word.arg for word in node.keywords}, (name_of(path), called)


def test_files_are_short() -> None:
    """A file is read in one sitting."""
    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_every_public_module_of_layers_registers_a_kind() -> None:
    """A file whose name begins with `_` is shared by kinds, every other one is a kind or a family of them."""
    folder = Path(layers.__file__).parent
    public = {f"cnnspec.layers.{path.stem}" for path in folder.glob("*.py") if not path.stem.startswith("_")}
    assert {cls.__module__ for cls in KINDS.values()} == public


def test_every_kind_is_documented() -> None:
    """A kind says what it does, and each of its arguments too."""
    for kind, cls in KINDS.items():
        assert (cls.__doc__ or "").strip().endswith("."), kind
        assert all(field.doc for field in cls.fields.values()), kind


NAMES: Final = {*KINDS, *ALIASES, *KERAS_NAMES, *TORCH_NAMES}


def named_kinds(tree: ast.Module) -> Iterator[str]:
    """Yield the string literals of a file that name a kind, in our words or those of a framework, but no docstrings."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in NAMES:
            yield node.value


def test_no_kind_is_named_outside_of_layers() -> None:
    """What a kind is, it says itself: whoever asks for a role or another fact meets new kinds too."""
    for path in FILES:
        if part_of(path) not in ("ir", "layers"):
            allowed, _ = ORDINARY.get(name_of(path), ((), ""))
            assert {*named_kinds(tree_of(path))} == {*allowed}, name_of(path)


def test_tests_mirror_the_package() -> None:
    """A folder of tests is for the part of its name, or holds data, or what tests measure with."""
    folders = {path.name for path in TESTS.iterdir() if path.is_dir() and not path.name.startswith((".", "__"))}
    assert folders <= {part_of(path) for path in FILES} | {
        "benchmarks",
        "browser",
        "fuzz",
        "cases",
        "counting",
        "data",
        "faults",
        "hostile",
        "mutation",
    }


PROGRAM: Final = """
import json, sys
import cnnspec
from cnnspec.cli.app import main
for line in json.loads(sys.argv[1]):
    sys.argv = ["cnnspec", *line]
    try:
        main()
    except SystemExit as end:
        assert not end.code, line
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})), file=sys.stderr)
"""


def modules_of(*lines: str) -> set[str]:
    """Return the top-level modules that a process has imported behind some command lines."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("COV_", "PYTEST"))}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps([shlex.split(line) for line in lines])],
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=PACKAGE.parent,
        env={**environment, "PYTHONUTF8": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout
    return set(json.loads(done.stderr.splitlines()[-1]))


def test_the_analysis_imports_no_framework() -> None:
    """Numbers are computed without numpy, and without any framework."""
    found = modules_of(
        "summarize lenet5",
        "summarize lenet5 --format markdown",
        "explain lenet5 conv1",
        "explain E103",
        "explain --layer 'conv: 10 3x3' --input 39x39x3",
        "kinds",
        "list",
    )
    assert found.isdisjoint(FRAMEWORKS)


def test_a_dry_run_imports_no_framework() -> None:
    """What is trained on is arrays; all else of a training is known without TensorFlow."""
    assert modules_of("train digits-cnn --dry-run") & {*FRAMEWORKS} == {"numpy"}


def test_a_machine_format_imports_no_rich() -> None:
    """Only what is shown to a reader pays for the library that shows it."""
    tables = "summarize lenet5 --format json", "summarize lenet5 --format csv"
    found = modules_of(*tables, "draw lenet5", "draw resnet50")
    assert found.isdisjoint({*FRAMEWORKS, "rich"})
