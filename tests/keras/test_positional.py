"""The order of arguments without names, against the constructors of the installed Keras."""

from __future__ import annotations

import inspect

import pytest

from cnnspec.ir.layer import KERAS_NAMES, KINDS

pytestmark = pytest.mark.keras


def test_positional_arguments_have_keras_order() -> None:
    """What a rule gives is the beginning of what Keras takes."""
    import keras

    wrong = {}
    for name, (kind, _) in KERAS_NAMES.items():
        if cls := getattr(keras.layers, name, None):
            own = [*KINDS[kind].keras.positional()]
            theirs = [*inspect.signature(cls.__init__).parameters][1:]
            if theirs[: len(own)] != own:
                wrong[name] = (own, theirs)
    assert wrong == {}
