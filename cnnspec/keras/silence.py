"""Silence: what frameworks write to standard error while they are imported, and what they log while they work."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import Final

LEVEL: Final = "TF_CPP_MIN_LOG_LEVEL"
"""TensorFlow's own setting for what its libraries log; who sets it to 0 or 1 sees everything that it lets through."""


@contextmanager
def silent() -> Iterator[None]:
    """Keep from standard error what is written there, unless the block fails or the user has asked for the log.

    TensorFlow's setting does not reach what is logged while its libraries load, before their logger is ready. Its
    highest level is taken: what TensorFlow cannot do it raises, what it logs as errors are remarks on the processor.
    """
    if os.environ.get(LEVEL) in ("0", "1"):
        yield
        return
    os.environ.setdefault(LEVEL, "3")
    try:
        terminal = os.dup(2)
    except OSError:  # a program without a console has no standard error
        yield
        return
    with TemporaryFile() as kept:
        _redirect(kept.fileno())
        try:
            yield
        except BaseException:
            _redirect(terminal)
            kept.seek(0)
            os.write(2, kept.read())
            raise
        finally:
            _redirect(terminal)
            os.close(terminal)


@contextmanager
def unlogged(*names: str) -> Iterator[None]:
    """Keep loggers of Python's from anything less than a critical error."""
    loggers = [logging.getLogger(name) for name in names]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _redirect(descriptor: int) -> None:
    """Let what is written to standard error from now on go elsewhere."""
    if sys.stderr is not None:
        sys.stderr.flush()
    os.dup2(descriptor, 2)
