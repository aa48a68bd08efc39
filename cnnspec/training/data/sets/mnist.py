"""MNIST (LeCun, Cortes and Burges): 70,000 handwritten digits of 28×28 pixels."""

from __future__ import annotations

from typing import Final

from cnnspec.training.data.arrays import numbered
from cnnspec.training.data.downloads import KERAS
from cnnspec.training.data.formats import idx
from cnnspec.training.data.formats.npz import keras_archive
from cnnspec.training.data.original import Download, Original
from cnnspec.training.data.published import published

ENTRY: Final = published(
    Original(
        name="mnist",
        title="MNIST",
        classes=numbered(10),
        mirrors=False,
        folders=("mnist", "MNIST", "MNIST/raw", "mnist/raw"),
        file_sets=(idx.FILES, keras_archive("mnist.npz")),
        downloads=(
            Download(
                "mnist.npz",
                f"{KERAS}mnist.npz",
                "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
            ),
        ),
        labels=(0xBA07E8EF, 0xEE8604D9),
    ),
    bright_on_dark=True,
)
