"""Fashion-MNIST (Xiao, Rasul and Vollgraf, 2017): 70,000 articles of clothing in the form of MNIST."""

from __future__ import annotations

from typing import Final

from cnnspec.training.data.downloads import KERAS
from cnnspec.training.data.formats import idx
from cnnspec.training.data.formats.npz import keras_archive
from cnnspec.training.data.original import Download, Original
from cnnspec.training.data.published import published

ENTRY: Final = published(
    Original(
        name="fashion_mnist",
        title="Fashion-MNIST",
        classes=(
            *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
            *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
        ),
        mirrors=True,
        folders=("fashion-mnist", "fashion_mnist", "FashionMNIST/raw", "FashionMNIST"),
        file_sets=(idx.FILES, keras_archive("fashion_mnist.npz"), keras_archive("fashion-mnist.npz")),
        downloads=tuple(
            Download(f"{stem}-ubyte.gz", f"{KERAS}{stem}-ubyte.gz", folder="datasets/fashion-mnist")
            for stem in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
        ),
        system_folder="/usr/share/datasets/fashion-mnist",
        labels=(0x2ED6E46A, 0x242BC73F),
    ),
    bright_on_dark=True,
)
