"""What was meant by a command line that the parser refuses: a command, an option of another one, too many words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

OPTIONS: Final[Mapping[str, str]] = {
    "--lr": "--learning-rate",
    "--out": "--output",
    "--save": "--output",
    "--outfile": "--output",
    "--bs": "--batch-size",
    "--size": "--input",
    "--input-shape": "--input",
    "--shape": "--input",
    "--dataset": "--data",
    "--num-epochs": "--epochs",
    "--overwrite": "--force",
    "--type": "--format",
}
"""Words that other programs have for an option."""


def option_meant(app: Any, command: str, option: str) -> str:
    """Return what to write in place of an option that a command does not have, an empty text where that is unknown.

    `app` is the application with all commands.
    """
    own = _options(app, command)
    if OPTIONS.get(option) in own:
        return f"Did you mean `{OPTIONS[option]}`?"
    if option in ("--format", "--to"):
        other = "--to" if option == "--format" else "--format"
        if other in own and command == "export":
            return f"Did you mean `{other}`?"
    others = [name for name in app.commands if option in _options(app, name)]
    if not others or len(others) > 4:
        return ""
    *first, last = (f"`cnnspec {name}`" for name in others)
    return f"It is an option of {', '.join(first)}{' and ' if first else ''}{last}."


def _options(app: Any, command: str) -> set[str]:
    found = app.commands.get(command)
    return (
        {word for parameter in found.params for word in (*parameter.opts, *parameter.secondary_opts)}
        if found
        else set()
    )


def choice_meant(message: str) -> str:
    """Return what the parser has against a word, with the one among the choices that was meant.

    >>> choice_meant("'volume' is not one of 'graph', 'volumes'.")
    "'volume' is not one of 'graph', 'volumes'. Did you mean `volumes`?"
    """
    from cnnspec.errors import suggest

    found = re.fullmatch(r"'(.*)' is not one of ('.*')\.", message)
    meant = suggest(found[1], found[2].strip("'").split("', '")) if found else ""
    return f"{message} {meant.capitalize()}".rstrip()


def extra_meant(command: str, words: Sequence[str], extra: str) -> str:
    """Return what was meant by words that are too many, an empty text where that is unknown."""
    sizes = re.fullmatch(r"\d{1,6}(?: \d{1,6}){0,3}", extra)
    if sizes and (before := _input_before(words, extra.split(" ", maxsplit=1)[0])):
        return f"Write `--input {'x'.join([before, *extra.split(' ')])}`."
    from cnnspec.errors import shorten
    from cnnspec.networks import is_there

    if apart := next((pair for pair in map(" ".join, pairwise(words)) if is_there(pair)), ""):
        return f'A name with blanks stands in quotes: `"{shorten(apart, 60)}"`.'
    specs = [word for word in words if is_there(word)]
    if command == "summarize" and len(specs) > 1:
        return f"`cnnspec compare {' '.join(shorten(word, 40) for word in specs[:4])}` shows them side by side."
    if command == "explain":
        return "One layer at a time, or all where none is named."
    return ""


def _input_before(words: Sequence[str], first: str) -> str:
    """Return the size that stands behind `--input`, before the first of further ones."""
    for option, size, following in zip(words, words[1:], words[2:], strict=False):
        if option in ("--input", "-i") and size.isdigit() and following == first:
            return size
    return ""
