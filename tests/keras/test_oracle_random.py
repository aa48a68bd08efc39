"""Keras is the oracle: random networks, written as spec text, have the shapes and parameters that Keras gives them."""

from __future__ import annotations

from collections import Counter
from functools import reduce
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cnnspec
from cnnspec.ir.layer import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnnspec.ir.shapes import Shape

pytestmark = pytest.mark.keras

Text = st.SearchStrategy[str]
RANDOM = settings(deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
LARGEST = 5000
"""Elements of a tensor above which a random network ends, so that it stays cheap to run."""
PLAIN = ("exponential", "gelu", "hard_sigmoid", "hard_silu", "linear", "mish", "relu", "relu6", "selu", "sigmoid")
PLAIN += ("silu", "softmax", "softplus", "softsign", "tanh", "identity", "flatten")


class Network(NamedTuple):
    """A drawn network: its text, and the items that did not fit, each with the shape that it met."""

    text: str
    refused: list[tuple[str, Shape, str]]


def written(value: object) -> str:
    """Return a drawn value as YAML."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def item(kind: str, **arguments: Text | st.SearchStrategy[Any]) -> Text:
    """Draw an item of a kind, in the long form or in the short one."""
    drawn = st.fixed_dictionaries({}, optional={}) if not arguments else st.fixed_dictionaries(arguments)
    return st.tuples(drawn, st.booleans()).map(lambda pair: _item(kind, *pair))


def _item(kind: str, arguments: dict[str, Any], short: bool) -> str:  # noqa: FBT001 - drawn
    given_ = {name: written(value).replace(" ", "") for name, value in arguments.items() if value is not None}
    if not given_:
        return kind
    if short:
        return f"{kind}: '{' '.join(f'{name}={value}' for name, value in given_.items())}'"
    return f"{kind}: {{{', '.join(f'{name}: {value}' for name, value in given_.items())}}}"


def per_axis(rank: int, most: int) -> st.SearchStrategy[Any]:
    """Draw one number for all axes, or one per axis."""
    numbers = st.integers(1, most)
    return numbers | st.lists(numbers, min_size=rank, max_size=rank)


def margins(rank: int, most: int) -> st.SearchStrategy[Any]:
    """Draw rows to add or remove: one number, or before and after per axis."""
    numbers = st.integers(0, most)
    pair = st.lists(numbers, min_size=2, max_size=2)
    return numbers | st.lists(pair, min_size=rank, max_size=rank)


def padding(rank: int, most: int = 2) -> st.SearchStrategy[Any]:
    """Draw padding of all three forms."""
    return st.sampled_from(["valid", "same"]) | margins(rank, most)


def divisors(number: int) -> st.SearchStrategy[int]:
    """Draw a number that divides another one."""
    return st.sampled_from([n for n in range(1, number + 1) if number % n == 0])
