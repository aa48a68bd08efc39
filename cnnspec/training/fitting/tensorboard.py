"""The history for TensorBoard, in the folder `tensorboard` of a run."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from cnnspec.errors import Diagnostic
from cnnspec.training.runs.state import Row
from cnnspec.training.settings import Settings


def check_board(settings: Settings) -> list[Diagnostic]:
    """Return a diagnostic where the history is wanted for TensorBoard and TensorBoard is not installed."""
    if not settings.tensorboard or find_spec("tensorboard") is not None:
        return []
    return [Diagnostic(code="E501", message="`--tensorboard` needs TensorBoard", help="pip install tensorboard")]


def open_board(folder: Path) -> Any:
    """Return what writes events into a run folder."""
    import tensorflow as tf

    return tf.summary.create_file_writer(str(folder / "tensorboard"))


def write_row(board: Any, row: Row) -> None:
    """Write one epoch's numbers."""
    import tensorflow as tf

    with board.as_default():
        for name, value in row.items():
            if name != "epoch":
                tf.summary.scalar(name, value, step=int(row["epoch"]))
    board.flush()
