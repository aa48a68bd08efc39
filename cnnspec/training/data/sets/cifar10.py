"""CIFAR-10 (Krizhevsky, 2009): 60,000 colour pictures of 32×32 pixels in 10 classes."""

from __future__ import annotations

from typing import Final

from cnnspec.training.data.formats.cifar import TORONTO, Batched
from cnnspec.training.data.original import Download, Original
from cnnspec.training.data.published import published

BATCHES: Final = Batched(
    tuple(f"data_batch_{number}" for number in range(1, 6)), "test_batch", "batches.meta", "labels", "label_names"
)
ENTRY: Final = published(
    Original(
        name="cifar10",
        title="CIFAR-10",
        classes=("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
        mirrors=True,
        folders=(
            *("cifar-10-batches-py", "cifar-10-batches-py-target/cifar-10-batches-py"),
            *("cifar10", "cifar10/cifar-10-batches-py", "cifar-10", "cifar-10/cifar-10-batches-py"),
        ),
        file_sets=BATCHES.file_sets("cifar-10-batches-py", "cifar-10-python"),
        downloads=(
            Download(
                "cifar-10-batches-py-target_archive",
                f"{TORONTO}cifar-10-python.tar.gz",
                "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
            ),
        ),
    ),
)
