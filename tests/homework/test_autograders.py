"""The archives of `cnnspec autograder`, unpacked and run in folders laid out as each platform does it."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any, Final

import pytest
from typer.testing import CliRunner, Result

import cnnspec
from cnnspec.cli.app import make_app
from cnnspec.homework.autograders._install import OLDEST
from cnnspec.homework.autograders._wheels import collect

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the platforms run scripts of a shell")

ROOT: Final = Path(__file__).parents[2]
PLATFORMS: Final = ("gradescope", "prairielearn", "classroom50", "github-action")
ASSIGNMENT: Final = "assignment: hw3\nspec: nets/own.yaml\ncolumns: [shape, params]\npoints: {total: 10}\n"
SPEC: Final = "name: own\ninput: 8x8x3\nlayers:\n  - network: part.yaml\n  - dense: 10\n"
PART: Final = "input: 8x8x3\nlayers:\n  - conv: 4 3x3\n  - flatten\n"
RIGHT: Final = "Layer;Activation shape;# parameters\nconv1;6x6x4;112\ndense1;10;1450\n"
WRONG: Final = RIGHT.replace("112", "40")
"""(3·3·1 + 1)·4: one input channel was counted."""
TOLD: Final = "A filter is as deep as its input"
SLOW: Final = 120

app = make_app(["autograder"])


@pytest.fixture(name="homework")
def make_homework(tmp_path: Path) -> Path:
    """Write an assignment with a spec that names a network beside it."""
    folder = tmp_path / "it's a course"
    (folder / "nets").mkdir(parents=True)
    (folder / "hw $3.yaml").write_text(ASSIGNMENT, encoding="utf-8")
    (folder / "nets" / "own.yaml").write_text(SPEC, encoding="utf-8")
    (folder / "nets" / "part.yaml").write_text(PART, encoding="utf-8")
    return folder / "hw $3.yaml"


def packed(homework: Path, to: str, *options: object, code: int = 0) -> Result:
    """Return the result of `cnnspec autograder … -o hw3.zip`."""
    output = homework.parent / "hw3.zip"
    done = CliRunner().invoke(app, ["autograder", str(homework), "--to", to, "-o", str(output), *map(str, options)])
    assert done.exit_code == code, done.output
    return done


def unpacked(homework: Path, folder: Path) -> Path:
    """Unpack the archive, as platforms do that forget what may be run."""
    with zipfile.ZipFile(homework.parent / "hw3.zip") as archive:
        archive.extractall(folder)
    return folder


def stand_in(venv: Path, before: str = "") -> None:
    """Stand in for an installed cnnspec: the one that is tested, run by the Python that tests it."""
    (venv / "bin").mkdir(parents=True)
    python = venv / "bin" / "python"
    python.write_text(
        f'#!/bin/sh\n{before}\n[ "$1" = -I ] && shift\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -P "$@"\n'
    )
    python.chmod(0o755)


def run(command: list[str], folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a script of an archive, in a folder and with an environment as the platform gives it."""
    kept = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "LANG", "PIP_CACHE_DIR")}
    return subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=folder, env=kept | environment, timeout=SLOW
    )


class Hosts:
    """The platforms: each lays out its folders around a submission, runs the archive, and reads the result."""

    def __init__(self, homework: Path, root: Path, before: str = "") -> None:
        """Take the archive of a homework, a folder to lay out, and what the stand-in does first."""
        self.homework, self.root, self.before = homework, root, before
        self.said = ""

    def marked(self, platform: str, submission: Path | None) -> dict[str, Any]:
        """Return the result of a submission, which is a folder or was never made."""
        result: dict[str, Any] = getattr(self, platform.replace("-", "_"))(submission)
        return result

    def _copied(self, submission: Path | None, folder: Path) -> None:
        if submission is not None:
            shutil.copytree(submission, folder, symlinks=True, dirs_exist_ok=True)

    def _read(self, done: subprocess.CompletedProcess[str], path: Path) -> Any:
        self.said = done.stdout + done.stderr
        assert path.is_file(), self.said
        return json.loads(path.read_text(encoding="utf-8"))

    def gradescope(self, submission: Path | None) -> Any:
        """Source and run_autograder stand below /autograder, where it is run; setup.sh was run before."""
        unpacked(self.homework, self.root / "source")
        if not (self.root / "venv").exists():
            stand_in(self.root / "venv", self.before)
        script = Path(shutil.copy(self.root / "source" / "run_autograder", self.root))
        script.chmod(0o755)
        self._copied(submission, self.root / "submission")
        done = run(["./run_autograder"], self.root, AUTOGRADER_ROOT=str(self.root))
        assert done.returncode == 0
        return self._read(done, self.root / "results" / "results.json")

    def prairielearn(self, submission: Path | None) -> Any:
        """The question's tests and the student's files stand below /grade, and no results yet."""
        question = unpacked(self.homework, self.root / "question")
        shutil.copytree(question / "tests", self.root / "grade" / "tests")
        stand_in(self.root / "venv", self.before)
        self._copied(submission, self.root / "grade" / "student")
        script = self.root / "grade" / "tests" / "run.sh"
        script.chmod(0o755)
        done = run([str(script)], self.root, GRADE_ROOT=str(self.root / "grade"), CNNSPEC_VENV=str(self.root / "venv"))
        assert done.returncode == 0
        return self._read(done, self.root / "grade" / "results" / "results.json")

    def classroom50(self, submission: Path | None) -> Any:
        """The runner calls the bundle's script in the checkout, with its identity in the environment."""
        bundle, checkout = unpacked(self.homework, self.root / "bundle"), self.root / "checkout"
        checkout.mkdir()
        self._copied(submission, checkout)
        (checkout / ".classroom50.yaml").write_text("classroom: dl\n", encoding="utf-8")
        stand_in(self.root / "temp" / "cnnspec", self.before)
        names = {
            "CLASSROOM": "dl",
            "ASSIGNMENT": "hw3",
            "OWNER": "ada",
            "USERNAME": "ada",
            "SUBMISSION_TAG": "submit/1",
        }
        outputs = self.root / "outputs"
        done = run(
            [sys.executable, str(bundle / "autograder.py")],
            checkout,
            RUNNER_TEMP=str(self.root / "temp"),
            GITHUB_OUTPUT=str(outputs),
            **names,
        )
        result = self._read(done, checkout / "result.json")
        status = re.findall(r"^status=(\w+)$", outputs.read_text(encoding="utf-8"), re.MULTILINE)
        assert done.returncode == (1 if status == ["error"] else 0)
        body = checkout / "release-body.md"
        return result | {"status": status, "body": body.read_text(encoding="utf-8") if body.is_file() else ""}

    def github_action(self, submission: Path | None) -> Any:
        """The checkout is the template with the student's files, and the script is what the workflow runs."""
        checkout = unpacked(self.homework, self.root / "checkout")
        self._copied(submission, checkout)
        workflow = (checkout / ".github" / "workflows" / "hw3.yml").read_text(encoding="utf-8")
        [command] = re.findall(r"^ +run: (.*)$", workflow, re.MULTILINE)
        temp, page = self.root / "temp", self.root / "page.md"
        stand_in(temp / "cnnspec", self.before)
        done = run(
            command.split(),
            checkout,
            GITHUB_WORKSPACE=str(checkout),
            RUNNER_TEMP=str(temp),
            GITHUB_STEP_SUMMARY=str(page),
        )
        result = self._read(done, temp / "homework" / "results.json")
        notices = re.findall(r"^::notice title=Autograding complete::Points (.*)$", done.stdout, re.MULTILINE)
        body = page.read_text(encoding="utf-8") if page.is_file() else ""
        return result | {"status": [str(done.returncode)], "notices": notices, "body": body}


@pytest.fixture(name="submission")
def make_submission(tmp_path: Path) -> Path:
    """Make the empty folder of a student."""
    folder = tmp_path / "submission"
    folder.mkdir()
    return folder


def is_count(value: object) -> bool:
    """Tell whether a value is a whole number from 0 on, and no truth value."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def demand_gradescope(result: dict[str, Any]) -> None:
    """Assert the fields of results.json, as Gradescope's specification has them."""
    top = {"score", "execution_time", "output", "output_format", "test_output_format", "test_name_format", "visibility"}
    top |= {"stdout_visibility", "extra_data", "tests", "leaderboard"}
    test_fields = {"score", "max_score", "status", "name", "name_format", "number", "output", "output_format"}
    test_fields |= {"tags", "visibility", "extra_data"}
    assert result.keys() <= top
    assert isinstance(result["score"], int | float)
    assert result["visibility"] == "visible"
    assert result["output_format"] in ("text", "html", "simple_format", "md", "ansi")
    for test in result["tests"]:
        assert test.keys() <= test_fields
        assert test["status"] in ("passed", "failed")
        assert 0 <= test["score"] <= test["max_score"]
        assert re.fullmatch(r"\d+\.\d+", test["number"])


def demand_prairielearn(result: dict[str, Any]) -> None:
    """Assert the fields of results.json, as PrairieLearn's external graders write it."""
    assert result.keys() <= {"gradable", "score", "message", "output", "images", "format_errors", "tests"}
    assert isinstance(result["gradable"], bool)
    assert 0 <= result["score"] <= 1
    for test in result.get("tests", []):
        assert test.keys() <= {"name", "description", "points", "max_points", "message", "output", "images"}
        assert 0 <= test["points"] <= test["max_points"]


def demand_classroom50(result: dict[str, Any]) -> None:
    """Assert the fields of result.json, as Classroom 50's collector takes it."""
    fields = {"schema", "classroom", "assignment", "assignment_type", "owner", "submission", "commit", "release"}
    fields |= {"review", "datetime", "graded_at", "score", "max-score", "tests"}
    assert fields <= result.keys()
    assert (result["schema"], result["classroom"]) == ("classroom50/result/v1", "dl")
    assert (result["assignment"], result["owner"], result["submission"]) == ("hw3", "ada", "submit/1")
    names = [test["test-name"] for test in result["tests"]]
    assert len(set(names)) == len(names) > 0
    for entry in (*result["tests"], result):
        assert is_count(entry["score"])
        assert is_count(entry["max-score"])
        assert entry["score"] <= entry["max-score"]
    assert result["score"] == sum(test["score"] for test in result["tests"])
    assert result["max-score"] == sum(test["max-score"] for test in result["tests"]) == 4


def demand_fields(platform: str, result: dict[str, Any]) -> None:
    """Assert the fields of a platform's result."""
    if platform != "github-action":
        globals()[f"demand_{platform}"](result)


def demand_outcome(platform: str, result: dict[str, Any], right: int, *, gradable: bool = True) -> None:
    """Assert the score of a submission with so many of 4 cells right."""
    demand_fields(platform, result)
    if platform == "gradescope":
        assert result["score"] == right * 2.5
        assert len(result["tests"]) == (4 if gradable else 0)
    elif platform == "prairielearn":
        assert (result["gradable"], result["score"]) == (gradable, right / 4)
    elif platform == "classroom50":
        assert (result["score"], result["status"]) == (right, ["success" if right == 4 else "failure"])
    else:
        assert (result["score"], result["gradable"]) == (right, gradable)
        assert result["notices"] == [{4: "10/10", 3: "7.5/10", 0: "0/10"}[right]]
        assert result["status"] == [("0" if right == 4 else "1") if gradable else "2"]


def body_of(result: dict[str, Any]) -> str:
    """Return all that a student is told, on one line."""
    return json.dumps(result, ensure_ascii=False).replace("\\\\", "").replace("`", "")


@pytest.mark.slow
@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize(("table", "right"), [(RIGHT, 4), (WRONG, 3)])
def test_a_table(platform: str, table: str, right: int, homework: Path, submission: Path, tmp_path: Path) -> None:
    """It is marked, and a wrong cell comes with its hint and without the right number."""
    packed(homework, platform)
    (submission / "hw.csv").write_text(table, encoding="utf-8")
    result = Hosts(homework, tmp_path / "host").marked(platform, submission)
    demand_outcome(platform, result, right)
    assert (TOLD in body_of(result)) is (right == 3)
    assert right == 4 or "112" not in body_of(result)


def test_a_submission_that_was_never_made(homework: Path, tmp_path: Path) -> None:
    """The folder is not there at all."""
    packed(homework, "gradescope")
    result = Hosts(homework, tmp_path / "host").marked("gradescope", None)
    demand_outcome("gradescope", result, 0, gradable=False)
    assert "nothing was handed in" in body_of(result)


@pytest.mark.slow
@pytest.mark.parametrize("platform", PLATFORMS)
def test_nothing_handed_in(platform: str, homework: Path, submission: Path, tmp_path: Path) -> None:
    """An empty folder is a result of 0 points that says so."""
    packed(homework, platform)
    result = Hosts(homework, tmp_path / "host").marked(platform, submission)
    demand_outcome(platform, result, 0, gradable=False)
    assert "nothing was handed in" in body_of(result)


def test_a_file_that_cannot_be_read(homework: Path, submission: Path, tmp_path: Path) -> None:
    """A PDF says what to hand in instead."""
    packed(homework, "prairielearn")
    (submission / "hw.pdf").write_bytes(b"%PDF-1.4\n\x80\x00")
    result = Hosts(homework, tmp_path / "host").marked("prairielearn", submission)
    demand_outcome("prairielearn", result, 0, gradable=False)
    assert "it is a PDF document" in body_of(result)


@pytest.mark.slow
@pytest.mark.parametrize("platform", ["gradescope", "github-action"])
def test_an_archive(platform: str, homework: Path, submission: Path, tmp_path: Path) -> None:
    """The table is in it."""
    packed(homework, platform)
    with zipfile.ZipFile(submission / "hw.zip", "w") as archive:
        archive.writestr("mine/hw.csv", WRONG)
        archive.writestr("__MACOSX/mine/._hw.csv", "x")
    demand_outcome(platform, Hosts(homework, tmp_path / "host").marked(platform, submission), 3)


@pytest.mark.slow
@pytest.mark.parametrize("platform", ["gradescope", "classroom50"])
def test_two_tables(platform: str, homework: Path, submission: Path, tmp_path: Path) -> None:
    """Neither is guessed; both are named."""
    packed(homework, platform)
    (submission / "a.csv").write_text(RIGHT, encoding="utf-8")
    (submission / "b.csv").write_text(WRONG, encoding="utf-8")
    result = Hosts(homework, tmp_path / "host").marked(platform, submission)
    demand_outcome(platform, result, 0, gradable=False)
    assert "2 tables of one student: a.csv, b.csv" in body_of(result)


@pytest.mark.slow
@pytest.mark.parametrize("platform", PLATFORMS)
def test_nothing_of_a_submission_is_run(platform: str, homework: Path, submission: Path, tmp_path: Path) -> None:
    """Modules of Python, scripts and results that a student hands in are files like others; the score is the marks'."""
    packed(homework, platform)
    (submission / "hw.csv").write_text(WRONG, encoding="utf-8")
    trap, victim = tmp_path / "run", tmp_path / "victim"
    victim.write_text("kept", encoding="utf-8")
    for name in ("cnnspec", "yaml", "typer", "json", "pip", "venv", "sitecustomize", "usercustomize", "subprocess"):
        (submission / f"{name}.py").write_text(f"open({str(trap)!r}, 'w').write({name!r})\n", encoding="utf-8")
    for name in ("python3", "setup.sh", "run_autograder", "install.sh"):
        (submission / name).write_text(f"#!/bin/sh\ntouch '{trap}'\n", encoding="utf-8")
        (submission / name).chmod(0o755)
    (submission / "result.json").symlink_to(victim)
    (submission / "release-body.md").mkdir()
    (submission / "results.json").write_text('{"score": 10}', encoding="utf-8")
    demand_outcome(platform, Hosts(homework, tmp_path / "host").marked(platform, submission), 3)
    assert not trap.exists()
    assert victim.read_text(encoding="utf-8") == "kept"


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize(
    "before", ['case "$*" in *" check "*) kill -9 $$ ;; esac', "exit 1 # pip, and all else"], ids=["killed", "broken"]
)
def test_a_result_is_always_written(
    platform: str, before: str, homework: Path, submission: Path, tmp_path: Path
) -> None:
    """Where cnnspec is killed, or cannot be installed, the result says that nothing was marked."""
    packed(homework, platform)
    (submission / "hw.csv").write_text(RIGHT, encoding="utf-8")
    if before.startswith("exit"):
        with zipfile.ZipFile(homework.parent / "hw3.zip") as archive:
            files = {member.filename: archive.read(member) for member in archive.infolist()}
        with zipfile.ZipFile(homework.parent / "hw3.zip", "w") as broken:
            for name, content in files.items():
                broken.writestr(name, "exit 3\n" if name.endswith("install.sh") else content)
    host = Hosts(homework, tmp_path / "host", before)
    result = host.marked(platform, submission)
    demand_fields(platform, result)
    assert result["score"] == 0
    assert "could not run" in body_of(result)
    if platform == "prairielearn":
        assert result["gradable"] is False
    if platform == "classroom50":
        assert result["status"] == ["error"]
    if platform == "github-action":
        assert result["status"] != ["0"]


def test_the_archive(homework: Path) -> None:
    """The files of the assignment stand as they stood, scripts may be run, and the same files make the same archive."""
    packed(homework, "gradescope")
    first = (homework.parent / "hw3.zip").read_bytes()
    packed(homework, "gradescope", "--force")
    assert (homework.parent / "hw3.zip").read_bytes() == first
    with zipfile.ZipFile(homework.parent / "hw3.zip") as archive:
        modes = {member.filename: member.external_attr >> 16 & 0o777 for member in archive.infolist()}
        assert archive.read("homework/nets/part.yaml").decode() == PART
    assert modes == {
        "setup.sh": 0o755,
        "run_autograder": 0o755,
        "install.sh": 0o755,
        "homework/hw $3.yaml": 0o644,
        "homework/nets/own.yaml": 0o644,
        "homework/nets/part.yaml": 0o644,
    }


def test_a_question_of_prairielearn(homework: Path) -> None:
    """It has the fields that PrairieLearn asks for, and keeps its identity when it is packed again."""
    packed(homework, "prairielearn")
    with zipfile.ZipFile(homework.parent / "hw3.zip") as archive:
        info = json.loads(archive.read("info.json"))
        question = archive.read("question.html").decode()
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", info["uuid"])
    assert (info["type"], info["title"], info["gradingMethod"]) == ("v3", "hw3", "External")
    assert info["externalGradingOptions"] == {
        "enabled": True,
        "image": "python:3.12-slim",
        "entrypoint": "/grade/tests/run.sh",
        "timeout": 120,
        "enableNetworking": True,
    }
    assert "activation shape, # parameters of part.conv1, dense1" in question
    packed(homework, "prairielearn", "--force", "--reveal", "none")
    with zipfile.ZipFile(homework.parent / "hw3.zip") as archive:
        assert json.loads(archive.read("info.json"))["uuid"] == info["uuid"]
        assert "--reveal none" in archive.read("tests/run.sh").decode()


def test_what_students_are_told(homework: Path) -> None:
    """The option goes before the assignment, which goes before hints."""
    for text, options, told in [
        (ASSIGNMENT, (), "hint"),
        (ASSIGNMENT + "reveal: verdict\n", (), "verdict"),
        (ASSIGNMENT + "reveal: verdict\n", ("--reveal", "full"), "full"),
    ]:
        homework.write_text(text, encoding="utf-8")
        said = packed(homework, "gradescope", "--force", *options).stderr
        assert f"points 10, students are told: {told}" in said


def wheel(folder: Path, name: str, version: str, files: dict[str, bytes], needs: tuple[str, ...] = ()) -> Path:
    """Write a wheel of a package."""
    info = f"{name}-{version}.dist-info"
    head = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}", *(f"Requires-Dist: {need}" for need in needs)]
    head += [f"Provides-Extra: {extra}" for extra in dict.fromkeys(re.findall(r"extra == '(\w+)'", str(needs)))]
    members = {
        **files,
        f"{info}/METADATA": ("\n".join(head) + "\n\nRequires-Dist: not-of-the-head\n").encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{member},,\n" for member in (*members, f"{info}/RECORD"))
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for member, content in {**members, f"{info}/RECORD": record.encode()}.items():
            archive.writestr(member, content)
    return path


def needs_of_ours() -> tuple[str, ...]:
    """Return what our wheel says that it needs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]["xlsx"]
    return (*project["dependencies"], *(f"{need}; extra == 'xlsx'" for need in extras))


def our_wheel(folder: Path) -> Path:
    """Write a wheel of cnnspec as it is."""
    folder.mkdir(exist_ok=True)
    package = ROOT / "cnnspec"
    paths = [path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    files = {f"cnnspec/{path.relative_to(package).as_posix()}": path.read_bytes() for path in paths}
    files |= {f"cnnspec/specs/{path.name}": path.read_bytes() for path in (ROOT / "specs").glob("*.yaml")}
    return wheel(folder, "cnnspec", cnnspec.__version__, files, needs_of_ours())


def wheels_of(names: list[str], folder: Path, seen: set[str]) -> None:
    """Write wheels of installed packages, and of those that they need."""
    for text in names:
        found = re.match(r"[A-Za-z0-9._-]+", text)
        name = re.sub(r"[-_.]+", "_", found[0] if found else "").lower()
        if name in seen or (";" in text and "extra == 'xlsx'" not in text):
            continue
        seen.add(name)
        package = importlib.metadata.distribution(name)
        paths = [path for path in package.files or [] if ".." not in path.parts and "__pycache__" not in path.parts]
        inside = [path for path in paths if not path.parts[0].endswith(".dist-info")]
        files = {path.as_posix(): Path(str(path.locate())).read_bytes() for path in inside}
        needs = tuple(need for need in package.requires or [] if ";" not in need)
        wheel(folder, name, package.version, files, needs)
        wheels_of(list(needs), folder, seen)


@pytest.mark.slow
def test_without_network(homework: Path, submission: Path, tmp_path: Path) -> None:
    """With all wheels in the archive, setup.sh installs cnnspec though there is no index, and a workbook is marked."""
    openpyxl = pytest.importorskip("openpyxl")
    folder = tmp_path / "wheels"
    own = our_wheel(folder)
    wheels_of(list(needs_of_ours()), folder, set())
    wheel(folder, "unrelated", "1.0", {})
    said = packed(homework, "gradescope", "--wheel", own).stderr
    assert "package index" not in said
    assert "XLSX" not in said
    root = tmp_path / "host"
    unpacked(homework, root / "source")
    assert not list((root / "source" / "wheels").glob("unrelated*"))
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "AUTOGRADER_ROOT": str(root)}
    done = run(["sh", str(root / "source" / "setup.sh")], tmp_path, **nowhere)
    assert done.returncode == 0, done.stdout + done.stderr
    book = openpyxl.Workbook()
    for line in WRONG.splitlines():
        book.active.append(line.split(";"))
    book.save(submission / "hw.xlsx")
    demand_outcome("gradescope", Hosts(homework, root).marked("gradescope", submission), 3)


def test_wheels_that_are_not_there(homework: Path, tmp_path: Path) -> None:
    """What has no wheel beside it is named; what only some machines need is not missed."""
    needs = ("a-b[more]>=1", 'c ; platform_system == "Windows"', "openpyxl>=3.1; extra == 'xlsx'")
    own = wheel(tmp_path, "cnnspec", cnnspec.__version__, {}, needs)
    said = packed(homework, "gradescope", "--wheel", own).stderr
    assert "these have no wheel beside it, and come from the package index: a-b\n" in said
    wheel(tmp_path, "A.B", "2", {}, ("d; extra == 'more'", "e; extra == 'less'"))
    assert collect(own, cnnspec.__version__).lacking == ("d",)
    wheel(tmp_path, "d", "1", {}, ("cnnspec",))
    found = collect(own, cnnspec.__version__)
    assert (found.lacking, found.reads_workbooks) == ((), False)
    assert sorted(path.name for path in found.files) == [
        "A.B-2-py3-none-any.whl",
        f"cnnspec-{cnnspec.__version__}-py3-none-any.whl",
        "d-1-py3-none-any.whl",
    ]
    assert "XLSX cannot be read" in packed(homework, "gradescope", "--wheel", own, "--force").stderr


def test_what_is_no_wheel_of_ours(homework: Path, tmp_path: Path) -> None:
    """Another package, another version, a text, a broken archive, an archive of something else, and nothing."""
    text = tmp_path / "cnnspec-0.1.0-py3-none-any.whl"
    text.write_text("no archive", encoding="utf-8")
    bare = tmp_path / "cnnspec-0.2.0-py3-none-any.whl"
    with zipfile.ZipFile(bare, "w") as archive:
        archive.writestr("cnnspec/__init__.py", "")
    for path, fact in [
        (wheel(tmp_path, "rich", "14.0", {}), "it is a wheel of `rich`"),
        (wheel(tmp_path, "cnnspec", "9.9", {}), f"it is a wheel of cnnspec 9.9, and this is {cnnspec.__version__}"),
        (text, "it is no zip archive that can be read"),
        (bare, "it holds no METADATA"),
        (homework, "the name of a wheel is NAME-VERSION-PYTHON-ABI-PLATFORM.whl"),
        (tmp_path / "cnnspec-0.3.0-py3-none-any.whl", "there is no file"),
    ]:
        done = packed(homework, "gradescope", "--wheel", path, code=2)
        assert "E418" in done.stderr or "E601" in done.stderr
        assert fact.replace("this is ", "this is cnnspec ") in done.stderr
        assert not (homework.parent / "hw3.zip").exists()


def test_wrong_use(homework: Path) -> None:
    """An unknown platform, an archive that is there, no name for one, no assignment, and one with errors."""
    assert "did you mean `gradescope`?" in packed(homework, "gradscope", code=2).stderr
    assert "platforms are classroom50, github-action, gradescope, prairielearn" in packed(homework, "", code=2).stderr
    packed(homework, "gradescope")
    assert "E603" in packed(homework, "gradescope", code=1).stderr
    (homework.parent / "hw3.zip").unlink()
    no_name = CliRunner().invoke(app, ["autograder", str(homework), "--to", "gradescope"])
    assert (no_name.exit_code, "name it with `-o hw3.zip`" in no_name.stderr) == (2, True)
    for spec in ("lenet5", "-", str(homework.parent / "nets" / "own.yaml")):
        done = CliRunner().invoke(app, ["autograder", spec, "--to", "gradescope", "-o", "x.zip"], input=ASSIGNMENT)
        assert done.exit_code == (1 if spec == "-" else 2)
    homework.write_text(ASSIGNMENT.replace("params]", "parms]") + "reveal: hints\n", encoding="utf-8")
    said = packed(homework, "gradescope", code=1).stderr
    assert "did you mean `params`?" in said
    assert "did you mean `hint`?" in said
    assert not (homework.parent / "hw3.zip").exists()


def test_the_oldest_python() -> None:
    """The scripts ask for what the package asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == f">={OLDEST[0]}.{OLDEST[1]}"
