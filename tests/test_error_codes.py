"""The catalogue of error codes: every code that is raised has a section, and every example fails as it says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

import cnnspec
from cnnspec.error_codes import entry, example, sections
from cnnspec.errors import CnnspecError

PACKAGE: Final = Path(cnnspec.__file__).parent
TESTS: Final = Path(__file__).parent
EXAMPLES: Final = [code for code in sections() if example(code) and code.startswith("E")]
NOTES: Final = [code for code in sections() if code.startswith("W")]
WITHOUT_EXAMPLE: Final = frozenset(
    f"E{number}" for number in (101, 114, 115, 501, *range(601, 608), *range(701, 708), 709)
)
"""Codes that no spec can show: they speak of files, options and installed packages."""
HOMEWORK: Final = re.compile(r"E4\d{2}")
TRAINING: Final = re.compile(r"E5\d{2}")


def raised_codes() -> set[str]:
    """Return every code that stands as a literal in the package."""
    return {
        code
        for path in sorted(PACKAGE.rglob("*.py"))
        for code in re.findall(r"[\"']([EW]\d{3})[\"']", path.read_text(encoding="utf-8"))
    }


def codes_of(text: str) -> set[str]:
    """Return the codes of all mistakes of a spec."""
    return {fault.code for fault in cnnspec.validate(text, "example.yaml") if fault.severity == "error"}


def test_every_code_that_is_raised_has_a_section() -> None:
    """`cnnspec explain CODE` knows every code that a user can see."""
    assert raised_codes() - sections().keys() == set()


def test_every_section_is_of_a_code_that_is_raised() -> None:
    """The catalogue speaks of nothing that cannot happen."""
    assert sections().keys() - raised_codes() == set()


def test_every_code_is_expected_by_a_test() -> None:
    """A section without an example, which the tests below run, has its code in a test or in the text of a case."""
    files = [
        path
        for path in sorted(TESTS.rglob("*"))
        if path.suffix in (".py", ".yaml", ".txt", ".md") and path != Path(__file__) and path.is_file()
    ]
    expected = {code for path in files for code in re.findall(r"\b[EW]\d{3}\b", path.read_text(encoding="utf-8"))}
    assert [code for code in sections() if not example(code) and code not in expected] == []


def test_sections_are_sorted_and_come_once() -> None:
    """A code is found where it is looked for."""
    text = (PACKAGE / "error_codes.md").read_text(encoding="utf-8")
    codes = re.findall(r"^## (\S+)", text, flags=re.MULTILINE)
    assert codes == sorted(set(codes)) == list(sections())


@pytest.mark.parametrize("code", sections())
def test_a_section_has_a_title_and_a_sentence(code: str) -> None:
    """A title in lower case (but for a product's name) without a full stop, then whole sentences."""
    title, blank, *body = entry(code).splitlines()
    assert re.fullmatch(rf"{code}: ([^A-Z]|PyTorch |TensorFlow ).*[^.]", title)
    assert blank == ""
    prose = " ".join(body).partition("```")[0].strip()
    assert re.match(r"[A-Z`].*\.$", prose)


def test_only_some_codes_have_no_example() -> None:
    """Whatever a spec can show, a spec shows; tables of homework and training have codes of their own."""
    bare = {code for code in sections() if not example(code)} - WITHOUT_EXAMPLE
    assert bare == {code for code in bare if HOMEWORK.fullmatch(code) or TRAINING.fullmatch(code)}


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(
            code,
        )
        for code in EXAMPLES
    ],
)
def test_an_example_fails_with_its_code_alone(code: str) -> None:
    """The failing spec of a section has the section's code and no other."""
    assert codes_of(example(code) or "") == {code}


@pytest.mark.parametrize("code", NOTES)
def test_an_example_of_a_note_is_computed_and_noted(code: str) -> None:
    """The spec of a note is right, gives this note, and none once it allows it."""
    text = example(code) or ""
    found = cnnspec.validate(text)
    assert code in {note.code for note in found}
    assert {note.severity for note in found} == {"warning"}
    assert code not in {note.code for note in cnnspec.validate(f"{text}allow: {code}\n")}


@pytest.mark.parametrize("code", ["E999", "e103", "", "E1030", "\n"])
def test_an_unknown_code_is_an_error(code: str) -> None:
    """What the catalogue does not know is refused with the list of codes."""
    with pytest.raises(CnnspecError) as caught:
        entry(code)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "E704"
    assert "E100, E101, E102" in diagnostic.notes[0]
