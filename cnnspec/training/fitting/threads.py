"""The cores that there are, and the threads that TensorFlow has for them."""

from __future__ import annotations

import os

from cnnspec.language.train.threads import parts_of, width_of


def cores() -> int:
    """Return how many cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def set_threads(threads: str | None) -> None:
    """Let TensorFlow use so many threads, unless it was told otherwise or runs already; as it likes without a word."""
    import tensorflow as tf

    threading = tf.config.threading
    if threads is None or threading.get_inter_op_parallelism_threads() or threading.get_intra_op_parallelism_threads():
        return
    try:
        threading.set_inter_op_parallelism_threads(max(parts_of(threads), width_of(threads)))
        threading.set_intra_op_parallelism_threads(width_of(threads))
    except RuntimeError:
        return
