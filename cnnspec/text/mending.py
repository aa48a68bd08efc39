"""What was meant by a text that is wrong: the mistakes of its signs, in our words, and the text without them."""

from __future__ import annotations

from typing import Final

from cnnspec.source import Source
from cnnspec.text.brackets import check_brackets
from cnnspec.text.indentation import check_indentation
from cnnspec.text.lines import Lines
from cnnspec.text.punctuation import check_line, check_tabs, check_words, next_lines

LONGEST: Final = 200_000
"""Characters of a text that is looked through."""
WIDEST: Final = 1_000
"""Characters of a line that is looked through."""
MOST: Final = 5_000
"""Lines of a text that is looked through."""


def mend(source: Source, *, is_yaml: bool) -> Lines | None:
    """Return the lines of a text with what is wrong in them and what was meant, None where nothing is found.

    What is YAML already has no open brackets, and all of its lines stand in columns that go together.
    """
    text = source.text
    if len(text) > LONGEST or text.count("\n") > MOST or max(map(len, text.split("\n"))) > WIDEST:
        return None
    lines = Lines(source)
    is_flow = text.lstrip()[:1] in ("{", "[")
    if not is_yaml and not is_flow:
        check_tabs(lines)
    for number, _ in list(lines.written()):
        check_line(lines, number)
    if not is_yaml:
        for number, below in next_lines(lines.written()):
            check_words(lines, number, below)
        check_brackets(lines)
        check_indentation(lines)
    return lines if lines.faults else None
