"""A reader of homework tables is one file: its suffixes, how it is recognised, and its words."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from cnnspec.errors import CnnspecError
from cnnspec.homework.classes.submissions import find_submissions
from cnnspec.homework.tables import formats, reading
from cnnspec.homework.tables.reading import read_grid, readers, sniff, suffixes
from cnnspec.source import Source

NEW: Final = '''
"""Tables whose cells are parted by tildes."""

from cnnspec.homework.tables import faults
from cnnspec.homework.tables.grid import Row, build
from cnnspec.homework.tables.reader import Reader


def read(source):
    rows = [Row(number, line.split("~")) for number, line in enumerate(source.text.split("\\n"), 1) if "~" in line]
    if not rows:
        raise faults.no_table(source, READER)
    return build(source, READER, rows)


READER = Reader(
    name="tildes",
    called="tildes",
    suffixes=("tilde",),
    looked_for="cells with `~` between them",
    order=5,
    looks_like=lambda source: source.text.count("~") > 3,
    place="wave",
)
'''


@pytest.fixture
def new_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Add a format as one file in a folder of its own, and forget it afterwards."""
    folder = tmp_path / "formats"
    folder.mkdir()
    (folder / "tildes.py").write_text(NEW, encoding="utf-8")
    monkeypatch.setattr(formats, "__path__", [*formats.__path__, str(folder)])
    reading.readers.cache_clear()
    yield
    sys.modules.pop(f"{formats.__name__}.tildes", None)
    monkeypatch.undo()
    reading.readers.cache_clear()


@pytest.mark.usefixtures("new_reader")
def test_a_new_reader_is_one_file(tmp_path: Path) -> None:
    """It is found by its suffix and by its content, in `check` and in `grade`, and its words are used."""
    text = "Layer~# Parameters\nCONV1~608\n"
    assert read_grid(text.encode(), "a.tilde").rows == [["Layer", "# Parameters"], ["CONV1", "608"]]
    assert (sniff(Source("-", text * 2)), read_grid(text.encode() * 2, "a.txt").format) == ("tildes", "tildes")
    assert ".tilde" in suffixes()
    (tmp_path / "class" / "ada").mkdir(parents=True)
    (tmp_path / "class" / "ada" / "hw.tilde").write_text(text, encoding="utf-8")
    assert [file.name for entry in find_submissions([str(tmp_path / "class")]) for file in entry.files] == ["hw.tilde"]
    with pytest.raises(CnnspecError) as caught:
        read_grid(b"nothing", "b.tilde")
    assert "looked for cells with `~` between them" in str(caught.value)
    with pytest.raises(CnnspecError) as caught:
        read_grid(b"Layer~Size\nA~1~2\n", "c.tilde")
    assert "wave 2 has 3 cells" in str(caught.value)


def test_check_and_grade_read_the_same_files(tmp_path: Path) -> None:
    """`.tab` and `.latex`, which `check` reads, are tables, and go before files of other formats."""
    for name in ("a.tab", "b.latex", "c.xlsm", "d.txt", "d.pdf", "e.pdf"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    found = [file.name for entry in find_submissions([str(tmp_path)]) for file in entry.files]
    assert found == ["a.tab", "b.latex", "c.xlsm", "d.txt", "e.pdf"]


def test_no_two_readers_claim_a_suffix() -> None:
    """A suffix means one format."""
    claimed = [suffix for reader in readers().values() for suffix in (*reader.suffixes, *reader.vague)]
    assert len(claimed) == len(set(claimed))
    assert sorted(reader.name for reader in readers().values()) == sorted(readers())
