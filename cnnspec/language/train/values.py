"""The types of settings that no argument of a layer has: what each accepts, and how it reads."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Final, Protocol

from cnnspec.ir.arguments import ArgType, Choice, Count, Flag, Real
from cnnspec.ir.values import Raw
from cnnspec.language.train.augmentations import AUTO


class Text(ArgType):
    """The name of a data set, or a path."""

    accepts = "a name or a path"

    def read(self, raw: Raw) -> str:
        """Read a text of at most 4,096 characters, which is as long as a path can be."""
        if not isinstance(raw, str) or not 0 < len(raw) <= 4096 or "\0" in raw:
            raise ValueError
        return raw


class Folder(Text):
    """A folder, whose `~` is the user's home."""

    accepts = "a folder"

    def read(self, raw: Raw) -> str:
        """Read a path; a home that there is not stays as it is written."""
        return os.path.expanduser(super().read(raw))  # noqa: PTH111 - which raises an error for a user that there is not


LARGEST_FLOAT: Final = 3.4028234663852886e38
"""The largest number of 32 bits, in which networks compute."""


class Positive(Real):
    """A number above 0 that 32 bits hold."""

    def __init__(self) -> None:
        """Take no bounds but 0 and the largest number of 32 bits."""
        super().__init__()
        self.accepts = f"a number above 0, at most {LARGEST_FLOAT:.1e}"

    def read(self, raw: Raw) -> float:
        """Read a number; a quotient such as `1/255` is one too."""
        value = super().read(raw)
        if not 0 < value <= LARGEST_FLOAT:
            raise ValueError
        return value


class Seed(Count):
    """What starts random numbers: 32 bits, as NumPy takes them."""

    def __init__(self) -> None:
        """Take no bounds but those of 32 bits."""
        super().__init__(0)
        self.accepts = "an integer from 0 to 4294967295"

    def read(self, raw: Raw) -> int:
        """Read an integer of at most 32 bits."""
        value = super().read(raw)
        if value >= 2**32:
            raise ValueError
        return value


class CountOrAuto(ArgType):
    """A positive integer, or the word for what is chosen from the cost of a step."""

    accepts = f"`{AUTO}` or a positive integer"

    def read(self, raw: Raw) -> int | None:
        """Read an integer; None stands for `auto`."""
        return None if raw == AUTO else Count().read(raw)


class Device(Text):
    """Where to compute."""

    accepts = "`cpu`, `gpu`, or `gpu:1` for the second one"

    def read(self, raw: Raw) -> str:
        """Read the name of a device."""
        word = str(raw).lower()
        if not re.fullmatch(r"cpu|gpu(:\d{1,3})?", word):
            raise ValueError
        return word


class Words(ArgType):
    """One word or a list of words, each one of several."""

    def __init__(self, choice: Choice) -> None:
        """Take what each word may be."""
        self.choice = choice
        self.accepts = f"{choice.accepts}, or a list of them"

    def read(self, raw: Raw) -> tuple[str, ...]:
        """Read words; one that is given twice counts once."""
        words = [self.choice.read(word) for word in (raw if isinstance(raw, list) else [raw])]
        if not words:
            raise ValueError
        return tuple(dict.fromkeys(words))


class Variations(Words):
    """How images are varied: `true` stands for whatever suits the data, `false` for nothing."""

    def __init__(self, choice: Choice) -> None:
        """Take what each word may be."""
        super().__init__(choice)
        self.accepts = f"`true`, `false`, {self.accepts}"

    def read(self, raw: Raw) -> tuple[str, ...]:
        """Read a truth value or words."""
        if raw in (AUTO, [AUTO]):
            return (AUTO,)
        try:
            return (AUTO,) if Flag().read(raw) else ()
        except ValueError:
            return super().read(raw)


class SpokenVariations(Variations):
    """The same as the command line writes it: words with commas between them."""

    def __init__(self, choice: Choice) -> None:
        """Take what each word may be."""
        super().__init__(choice)
        words = choice.options
        self.accepts = f"`{AUTO}`, `none`, {', '.join(f'`{word}`' for word in words)} or `{','.join(words)}`"

    def read(self, raw: Raw) -> tuple[str, ...]:
        """Read words."""
        words = [word.strip() for word in str(raw).split(",")]
        return () if words == ["none"] else super().read(words if len(words) > 1 else words[0])


class Spelled(Protocol):
    """What is known of a word: other spellings of it."""

    @property
    def aliases(self) -> tuple[str, ...]:
        """The other spellings."""


def spelled(table: Mapping[str, Spelled]) -> Choice:
    """Return the choice of one word of a table, in any of its spellings."""
    return Choice(tuple(table), tuple((alias, name) for name, row in table.items() for alias in row.aliases))


class Names(ArgType):
    """Names or paths, in the order in which they are given."""

    accepts = "a name or a path, or a list of them"

    def read(self, raw: Raw) -> tuple[str, ...]:
        """Read a text or a list of texts."""
        return tuple(Text().read(name) for name in (raw if isinstance(raw, list) else [raw]))


class SpokenNames(Names):
    """The same as the command line writes it: words with commas between them."""

    accepts = "names or paths with commas between them"

    def read(self, raw: Raw) -> tuple[str, ...]:
        """Read words."""
        return super().read([word.strip() for word in str(raw).split(",")])
