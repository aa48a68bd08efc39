"""A Keras model's configuration as JSON: that of `to_json` of any version, or the `model.json` of TensorFlow.js."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cnnspec.errors import shorten
from cnnspec.foreign_json import parsed
from cnnspec.importing.faults import unreadable
from cnnspec.importing.format import File, Format

if TYPE_CHECKING:
    from cnnspec.importing.draft import Draft


MOST: Final = 32_000_000
"""The most bytes of a configuration."""
VALUES: Final = 2_000_000
"""The most values of a configuration: each takes a hundred bytes and more of memory."""


def claims(file: File) -> bool:
    """Tell whether a file begins as JSON does."""
    return file.head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b'"')


def read(file: File, draft: Draft) -> None:
    """Read the configuration, which TensorFlow.js and files of HDF5 wrap in other objects."""
    read_text(file.content(MOST), file, draft)


def read_text(text: bytes, file: File, draft: Draft) -> None:
    """Read a configuration that is given as text."""
    if text.count(b",") > VALUES:
        raise unreadable(file.name, f"it holds more than {VALUES:,} values, far more than a configuration does")
    try:
        document = parsed(text)
        document = parsed(document) if isinstance(document, str) else document
    except (ValueError, RecursionError) as error:
        deep = isinstance(error, RecursionError)
        raise unreadable(
            file.name, "it is nested too deep" if deep else f"it is no JSON: {shorten(error, 80)}"
        ) from None
    if not isinstance(document, dict):
        raise unreadable(file.name, "it is JSON, but not the configuration of a model")
    if document.get("format") == "graph-model":
        step = "convert the Keras model with `--output_format=tfjs_layers_model`"
        raise unreadable(file.name, "it is a graph of TensorFlow, in which layers are not kept", step)
    from cnnspec.importing.keras_model import read_document

    read_document(_inner(document), file.name, draft)


def _inner(document: dict[str, Any]) -> Any:
    """Return the model in what is around it."""
    for key in ("modelTopology", "model_config"):
        inner = document.get(key)
        if isinstance(inner, dict):
            return _inner(inner)
    return document


FORMAT = Format(
    "a Keras configuration", "`.json`: a Keras model's `to_json()`, or TensorFlow.js' `model.json`", 40, claims, read
)
