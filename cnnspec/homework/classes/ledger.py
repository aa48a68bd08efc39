"""The class's CSV while it grows: line by line in its file, so that what was graded outlives the program."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from cnnspec.files import is_special, read_content, unwritable, write_whole
from cnnspec.homework.classes import class_csv
from cnnspec.homework.classes.grading import Grade
from cnnspec.homework.classes.owners import Submission
from cnnspec.reports.csv import harmless

MOST_BYTES: Final = 100_000_000


class Begun(NamedTuple):
    """What an earlier run has done, and what is left."""

    kept: list[Grade]
    left: list[Submission]


def begun(submissions: list[Submission], path: Path | None) -> Begun:
    """Return what an earlier run graded of a class, by the file that it wrote: a student with a line there is done."""
    if path is None or not path.exists():
        return Begun([], submissions)
    content, name = read_content(path, MOST_BYTES)
    grades = class_csv.read_kept(content.decode("utf-8", "replace"), name)
    by_name = {str(harmless(entry.student)): entry for entry in submissions}
    kept = [
        grade._replace(student=by_name[grade.student].student, key=by_name[grade.student].key)
        if grade.student in by_name
        else grade
        for grade in grades
    ]
    done = {grade.student for grade in grades}
    return Begun(kept, [entry for name, entry in by_name.items() if name not in done])


@contextmanager
def opened(path: Path, kept: list[Grade]) -> Iterator[Callable[[str], object]]:
    """Open a file for lines, behind those that are kept; each is in the file before the next is asked for."""
    text = class_csv.header() + "".join(map(class_csv.render, kept))
    mode = "w" if is_special(path) else "a"
    if mode == "a":
        write_whole(path, text.encode())
    try:
        with path.open(mode, encoding="utf-8", newline="", buffering=1) as file:
            file.write(text if mode == "w" else "")
            yield file.write
    except OSError as error:
        raise unwritable(path, error) from None
