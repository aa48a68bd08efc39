"""`cnnspec import`: a model file of a framework as a spec."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cnnspec.cli import options as opt
from cnnspec.cli.output import ErrorFormat, diagnostics, emit, is_file, say
from cnnspec.cli.suffixes import SPECS, demand

EXAMPLES = """Examples:

cnnspec import model.keras

cnnspec import model.json -o net.yaml --input 224x224x3

cnnspec import model.onnx

cnnspec import model.pt2 --partial

cnnspec import keras.applications:ResNet50 --flat
"""


def import_(
    model: Annotated[
        str,
        typer.Argument(metavar="MODEL", help="A model file, `-`, or `keras.applications:ResNet50`."),
    ],
    input: opt.Input = [],
    partial: Annotated[
        bool, typer.Option("--partial", help="Make `opaque` items of layers that nothing here describes.")
    ] = False,
    flat: Annotated[bool, typer.Option("--flat", help="One item per layer, each under its name in the file.")] = False,
    schema: opt.Schema = None,
    output: opt.Output = None,
    force: opt.Force = False,
    error_format: opt.Errors = ErrorFormat.TEXT,
) -> None:
    """Write the spec of a model file, which is read without the framework that wrote it.

    Keras of all versions (.json, .keras, .h5, TensorFlow.js' model.json), ONNX (.onnx), torch.export (.pt2).

    Nothing in a file is run.
    """
    with diagnostics(error_format, output, force=force):
        demand(output, *SPECS, what="a spec is YAML")
        from cnnspec.editor.schema_line import with_schema
        from cnnspec.importing.opening import open_model
        from cnnspec.importing.spec import write_spec

        opened = open_model(model, opt.shapes(input), partial=partial)
        folder = output.parent if is_file(output) else Path()
        emit(with_schema(write_spec(opened.graph, flat=flat), folder, schema), output, force=force)
        if opened.lost:
            counted = ((name, f"{count:,} layer{'s' * (count > 1)}") for name, count in opened.lost.items())
            parts = ", ".join(f"`{name}` of {layers}" for name, layers in counted)
            say(f"note: left out, as it changes no number: {parts}")
        for note in opened.notes:
            say(f"note: {note}")
