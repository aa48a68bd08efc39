"""CIFAR-100 (Krizhevsky, 2009): 60,000 colour pictures of 32×32 pixels in 100 classes."""

from __future__ import annotations

from typing import Final

from cnnspec.training.data.arrays import numbered
from cnnspec.training.data.formats.cifar import TORONTO, Batched
from cnnspec.training.data.original import Download, Original
from cnnspec.training.data.published import published

BATCHES: Final = Batched(("train",), "test", "meta", "fine_labels", "fine_label_names")
ENTRY: Final = published(
    Original(
        name="cifar100",
        title="CIFAR-100",
        classes=numbered(100),
        mirrors=True,
        folders=(
            *("cifar-100-python", "cifar-100-python-target/cifar-100-python"),
            *("cifar100", "cifar100/cifar-100-python", "cifar-100", "cifar-100/cifar-100-python"),
        ),
        file_sets=BATCHES.file_sets("cifar-100-python", "cifar-100-python"),
        downloads=(
            Download(
                "cifar-100-python-target_archive",
                f"{TORONTO}cifar-100-python.tar.gz",
                "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
            ),
        ),
    ),
)
