"""The titles of gradebooks: by which columns students are known, and where comments stand, in English and elsewhere."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from cnnspec.homework.languages import languages

KEY, FIRST, LAST, COMMENTS, BLIND = "key", "first", "last", "comments", "blind"
"""What a title means: a student by something of their own, one of two names, comments; and what everybody is called
while names are hidden."""
KEYS: Final = (
    "id",
    "sis user id",
    "sis login id",
    "integration id",
    "student",
    "email address",
    "id number",
    "username",
    "identifier",
    "full name",
    "email",
    "name",
)
"""Titles of the columns by which a student is recognised, in lower case."""
NAMES: Final = ("student", "full name", "name")
"""Those of them that are names."""
ENGLISH: Final = {
    KEY: KEYS,
    FIRST: ("first name", "firstname", "given name"),
    LAST: ("last name", "lastname", "surname", "family name"),
    COMMENTS: ("feedback comments",),
    BLIND: ("participant",),
}
_NOTHING: Final = "(?!)"


@lru_cache(maxsize=1024)
def means(text: str, what: str) -> bool:
    """Tell whether a title, whatever its case, means something of a student.

    >>> means("Full name", KEY), means("Vollständiger Name", KEY), means("Nachname", LAST), means("Grade", KEY)
    (True, True, True, False)
    """
    plain = text.strip().lower()
    if plain in ENGLISH[what]:
        return True
    return any(re.fullmatch(words.gradebook.get(what, _NOTHING), plain) for words in languages())


def names_students(title: str) -> bool:
    """Tell whether a column says who the students are, so that no grade belongs in it."""
    return any(means(title, what) for what in (KEY, FIRST, LAST))


def number_of(value: str) -> str:
    """Return the number of a student whose name is hidden, nothing for other texts.

    >>> number_of("Participant 4711"), number_of("Teilnehmer/in 4711"), number_of("Ada 4711")
    ('4711', '4711', '')
    """
    word, _, number = value.strip().rpartition(" ")
    return number if number.isdecimal() and means(word, BLIND) else ""
