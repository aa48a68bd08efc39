"""`cnnspec kinds`: the vocabulary."""

from __future__ import annotations

from typing import Annotated

import typer

from cnnspec.cli import candidates
from cnnspec.cli import options as opt
from cnnspec.cli.output import diagnostics, emit
from cnnspec.errors import CnnspecError, listing, shorten

EXAMPLES = """Examples:

cnnspec kinds

cnnspec kinds conv

cnnspec kinds --format json
"""


def kinds(
    kind: Annotated[
        str | None,
        typer.Argument(
            metavar="[KIND]", help="One kind, by its name, Keras' or PyTorch's.", autocompletion=candidates.kinds
        ),
    ] = None,
    format: opt.PlainFormat = opt.Plain.TEXT,
) -> None:
    """List the kinds of layers, or show one with its arguments, defaults, formulas and classes."""
    from cnnspec import layers as _layers  # noqa: F401 - registers the kinds
    from cnnspec.explaining import vocabulary
    from cnnspec.explaining.documents import kinds_document
    from cnnspec.ir.layer import KINDS
    from cnnspec.ir.words import find_kind
    from cnnspec.language.foreign_words import meant_by
    from cnnspec.networks import is_there

    with diagnostics():
        is_json = format is opt.Plain.JSON
        if kind is None:
            every = (KINDS[name] for name in sorted(KINDS))
            emit(kinds_document(every, vocabulary.STRUCTURES) if is_json else vocabulary.render_list(), None)
            return
        if kind in vocabulary.STRUCTURES:
            emit(kinds_document([], [kind]) if is_json else f"{kind}: {vocabulary.STRUCTURES[kind]}\n", None)
            return
        found = find_kind(kind)
        if found is None:
            message = f"unknown kind `{shorten(kind)}`"
            step = meant_by(kind, vocabulary.STRUCTURES)
            if is_there(kind):
                step = f"`{shorten(kind, 60)}` is a network: `cnnspec summarize {shorten(kind, 60)}` shows its layers"
            raise CnnspecError.one(
                "E104", message, notes=(f"kinds are {listing(sorted([*KINDS, *vocabulary.STRUCTURES]))}",), help=step
            )
        emit(kinds_document([found.cls]) if is_json else vocabulary.render_kind(found.cls), None)
