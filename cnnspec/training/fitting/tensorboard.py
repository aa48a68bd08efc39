"""The history for TensorBoard, in the folder `tensorboard` of a run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from cnnspec.errors import Diagnostic, shorten
from cnnspec.files import unwritable
from cnnspec.training.runs.state import Row
from cnnspec.training.settings import Settings

FOLDER: Final = "tensorboard"


def check_board(settings: Settings) -> list[Diagnostic]:
    """Return a diagnostic where the history is wanted for TensorBoard and TensorBoard is not installed."""
    if not settings.tensorboard or find_spec("tensorboard") is not None:
        return []
    return [Diagnostic(code="E501", message="`--tensorboard` needs TensorBoard", help="pip install tensorboard")]


def open_board(folder: Path) -> Any:
    """Return what writes events into a run folder; a link in the place of its own is not followed."""
    import tensorflow as tf

    path = folder / FOLDER
    if path.is_symlink():
        raise unwritable(path, OSError(0, "it is a link"))
    with _writing(path):
        return tf.summary.create_file_writer(str(path))


def write_row(folder: Path, board: Any, row: Row) -> None:
    """Write one epoch's numbers."""
    import tensorflow as tf

    with _writing(folder / FOLDER), board.as_default():
        for name, value in row.items():
            if name != "epoch":
                tf.summary.scalar(name, value, step=int(row["epoch"]))
        board.flush()


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Turn TensorFlow's own errors about files into ours."""
    import tensorflow as tf

    try:
        yield
    except tf.errors.OpError as error:
        raise unwritable(path, OSError(0, shorten(error.message, 200))) from None
