"""Data sets: names, files in their original formats, folders of images, and made-up ones."""

from cnnspec.training.data.dataset import Dataset, Samples
from cnnspec.training.data.images import fit_images, read_image
from cnnspec.training.data.loading import load_data

__all__ = ["Dataset", "Samples", "fit_images", "load_data", "read_image"]
