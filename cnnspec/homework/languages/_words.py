"""What a language says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from cnnspec.ir.role import Role


class Words(NamedTuple):
    """Patterns of one language, all in lower case.

    layer     titles of the column that says of which layer a row speaks
    titles    titles of a column by the quantity that it has, without digits and signs
    totals    labels of the row of totals
    inputs    a word in the label of an input
    outputs   a word in the label of the last layer
    labels    a word in the label of a layer of a role; the first that fits counts
    gradebook titles of a gradebook by what they mean: a key of a student, the first or last name, comments, and what
              Moodle calls students whose names are hidden
    """

    layer: str
    titles: Mapping[str, str]
    totals: str
    inputs: str
    outputs: str
    labels: Mapping[Role, str]
    gradebook: Mapping[str, str] = MappingProxyType({})
