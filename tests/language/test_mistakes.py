"""Specs with mistakes as people make them: the first message is followed to the letter until nothing is wrong.

`tests/cases/friction.txt` holds the specs of students that a log of the first release tells of, `mistakes.txt` mistakes
invented afterwards, before any message was looked at. Beside each stands what comes of it: every first message with its
step, and the spec that it leads to.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

import cnnspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cnnspec.errors import Diagnostic

CASES: Final = Path(__file__).parents[1] / "cases"
MOST: Final = 9
"""Messages that are followed, one after the other."""
MISSED: Final = {
    "mistakes.txt": {"padding-zero", "zero-padding-words", "padding-full", "yaml-list-in-one"},
    "friction.txt": {
        "keras-script",
        "torch-class",
        "print-model",
        "model-summary",
        "keras-json",
        "comma-braces",
        "input-layer",
        "input-28",
        "subsampling",
    },
}
"""Mistakes whose step is not one line to write: other texts, a choice, or a value that only the writer knows."""


def cases(file: str) -> Iterator[tuple[str, str]]:
    """Yield the names and the texts of a file's specs."""
    for block in re.split(r"^=== ", (CASES / file).read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        name, _, text = block.partition("\n")
        yield name, text


def first_fault(text: str) -> Diagnostic | None:
    """Return the first of all faults of a spec."""
    try:
        cnnspec.loads(text, "net.yaml")
    except cnnspec.SpecError as error:
        return error.diagnostics[0]
    return None


def followed(text: str, fault: Diagnostic) -> str:  # noqa: PLR0912 - one branch for each sort of step
    """Return a text after somebody has done what the help of its first fault says, and nothing else."""
    lines, quoted = text.split("\n"), re.findall(r"`([^`]+)`", fault.help)
    if shape := re.match(
        r"(?:channels come last|leave the batch out|an image has channels): `(?:input: )?([\dx]+)`", fault.help
    ):
        return re.sub(r"(?m)^input:.*$", f"input: {shape[1]}", text)
    if fault.span is None:
        return f"{quoted[0]}\n{text}" if quoted else text
    row, column = (place - 1 for place in fault.span.position)
    line = lines[row]
    indent = line[: len(line) - len(line.lstrip())]
    if fault.help == "remove this line":
        del lines[row]
    elif place := re.match(r"let it begin in column (\d+) too", fault.help):
        lines[row] = " " * (int(place[1]) - 1) + line.lstrip()
    elif fault.help == "leave one of them out" or fault.help.startswith("leave it out here"):
        lines[row] = f"{line[:column].rstrip()}{line[column + len(fault.span.text) :]}"
    elif "the number with a point" in fault.help:
        lines[row] = line.replace(quoted[0].replace(".", ","), quoted[0])
    elif "with spaces, not with a tab" in fault.help:
        lines[row] = line.replace("\t", "  ")
    elif re.match(r"did you mean|write the window|write `\w+`, without quotes", fault.help):
        lines[row] = line[:column] + quoted[0] + line[column + len(fault.span.text) :]
    elif fault.help.startswith("put it on a line of its own"):
        lines[row] = indent[2:] + quoted[-1]
    elif "put `- ` before every layer" in fault.help:
        lines = [f"{indent}- {other.strip()}" if other.startswith(indent) else other for other in lines]
    elif "beside" in fault.message:
        _behind(lines, row, len(re.findall("`", fault.message.partition(" stand")[0])) // 2, quoted)
    elif "the kind is the key" in fault.help:
        end = next((at for at in range(row + 1, len(lines)) if not lines[at].startswith(f"{indent}  ")), len(lines))
        lines[row:end] = [indent + part if part.startswith("- ") else f"{indent}  {part}" for part in quoted]
    elif "below it" in fault.help:
        lines[row : row + 1] = [indent + quoted[0], f"{indent}  {quoted[1]}"]
    elif quoted and fault.help.startswith("write"):
        is_item = line.lstrip().startswith("- ") and not quoted[0].startswith("- ")
        lines[row] = indent + ("- " if is_item else "") + quoted[0]
    elif quoted:
        lines[row] = indent + quoted[-1]
    return "\n".join(lines)


def _behind(lines: list[str], row: int, count: int, quoted: list[str]) -> None:
    """Write the line of an item anew, whose next lines stand beside it wrongly; or the only line that is meant."""
    if not quoted[0].startswith("- "):
        lines[row] = lines[row][: len(lines[row]) - len(lines[row].lstrip())] + quoted[0]
        return
    item = next(at for at in range(row, -1, -1) if lines[at].lstrip().startswith("- "))
    del lines[row : row + count]
    lines[item] = lines[item][: lines[item].index("-")] + quoted[0]


def history(text: str, most: int = MOST) -> tuple[list[str], bool]:
    """Return the messages that are followed with the text that they lead to, and whether it is right."""
    told: list[str] = []
    for _ in range(most):
        fault = first_fault(text)
        if fault is None:
            return [*told, *(f"  {line}" for line in text.rstrip("\n").split("\n"))], True
        place = "{}:{} ".format(*fault.span.position) if fault.span else ""
        told.append(f"{place}{fault.code} {fault.message}")
        told.append(f"  {fault.help}")
        after = followed(text, fault)
        if after == text:
            break
        text = after
    return told, False


@pytest.mark.parametrize("file", ["friction.txt", "mistakes.txt"])
def test_mistakes_are_mended_by_following_the_first_message(
    file: str, assert_golden: Callable[[str, str], None]
) -> None:
    """Nearly all, to the letter; what is told on the way is as in the file beside."""
    results, missed = [], set()
    for name, text in cases(file):
        told, is_right = history(text, 1 if name in MISSED[file] else MOST)
        results.append("\n".join([f"=== {name}", *told, ""]))
        missed |= set() if is_right else {name}
    assert missed == MISSED[file]
    assert_golden(file.replace(".txt", ".out"), "\n".join(results))


def test_there_are_enough_and_nearly_all_are_mended() -> None:
    """Eighty or more were invented, and of twenty at least nineteen are mended."""
    names = [name for name, _ in cases("mistakes.txt")]
    assert len(names) == len(set(names)) >= 80
    assert len(MISSED["mistakes.txt"]) * 20 <= len(names)


def test_wrong_signs_hide_no_other_fault() -> None:
    """A dash, a colon, a comment and a bracket are said, and so are a kind, an argument and a shape that are wrong."""
    text = (
        "input:28x28x1\nlayers:\n  – conv: 8 3x3 // first\n  - covn: 8 3x3\n  - maxpool: 2\n"
        "   - conv: {filters: 8, kernel: 3\n  - conv: 8 90x90\n  - dense: 10 rleu\n"
    )
    with pytest.raises(cnnspec.SpecError) as caught:
        cnnspec.loads(text)
    found = [(fault.code, fault.span.position if fault.span else None) for fault in caught.value.diagnostics]
    assert found == [
        ("E100", (1, 6)),
        ("E100", (3, 3)),
        ("E100", (3, 17)),
        ("E104", (4, 5)),
        ("E100", (6, 4)),
        ("E100", (6, 12)),
        ("E103", (8, 15)),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "input: 8x8x1\nlayers:\n  - conv: {filters: 8, kernel: 3}  # see http://a.b//c: d\n  - covn: 1\n",
        'input: 8x8x1\nlayers:\n  - relu:\n    note: "a – b: c // d"\n  - covn: 1\n',
        "input: 8x8x1\nlayers:\n  - relu:\n    note: |\n      – a list: b:c\n        * more // [\n  - covn: 1\n",
        "input: 8x8x1\nlayers: [\n  conv: 8 3x3,\n  covn: 1\n]\n",
        'input: 8x8x1\nmeta: {a: "{", b: https://example.org/a}\nlayers:\n- covn: 1\n',
    ],
)
def test_what_is_right_yaml_is_not_doubted(text: str) -> None:
    """Comments, quoted and free text may hold any sign: the only fault is the kind that is none."""
    with pytest.raises(cnnspec.SpecError) as caught:
        cnnspec.loads(text)
    assert [fault.code for fault in caught.value.diagnostics] == ["E104"]


@pytest.mark.parametrize(
    "text", ["/* my net *)/\ninput: 8\n=", "```", "\t", "[", "- '", "– ", "/*", "x: |\n\ty\n\tz: ["]
)
def test_a_text_of_wrong_signs_alone_is_refused(text: str) -> None:
    """Whatever is left when they are taken out."""
    with pytest.raises(cnnspec.SpecError) as caught:
        cnnspec.loads(text)
    assert str(caught.value).startswith("error[E1")
