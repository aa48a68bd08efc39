"""The geometry of a window that is spread over the output, along one axis."""

from __future__ import annotations

from typing import NamedTuple

from cnnspec.formula import Term, symbol
from cnnspec.layers._symbols import input_size, paddings, stride, window_size
from cnnspec.layers._window import effective


class Axis(NamedTuple):
    """One axis: the window's size with its dilation, the stride, rows cropped before and after, rows added.

    `crop` is a word where Keras decides, `added` None where it is not given.
    """

    n: int
    f: int
    s: int
    d: int
    crop: str | tuple[int, int]
    added: int | None

    @property
    def extent(self) -> int:
        """How many elements of the output an element of the input is spread over."""
        return effective(self.f, self.d)

    @property
    def cropped(self) -> tuple[int, int]:
        """The rows that padding takes away on both sides, before any are added behind (Keras)."""
        if not isinstance(self.crop, str):
            return self.crop
        half = self.extent // 2 if self.crop == "same" else 0
        return half, half

    @property
    def before(self) -> int:
        """The rows that are missing in front; for `same` TensorFlow takes the smaller half of all."""
        if self.crop != "same":
            return self.cropped[0]
        total = self.extent - self.s if self.added is None else sum(self.cropped) - self.added
        return max(total, 0) // 2

    @property
    def missing(self) -> int:
        """The rows that the output lacks on both sides together; those that are added are negative."""
        return (self.n - 1) * self.s + self.extent - self.size().value

    @property
    def rest(self) -> int:
        """The rows that Keras has to add behind: by words all, else those that cropping fewer rows does not give."""
        added = self.added or 0
        return added if isinstance(self.crop, str) else max(added - self.crop[1], 0)

    def size(self) -> Term:
        """Return (n − 1)·s + f − 2p + q; without q, `same` gives s·n and `valid` s·n + max(f − s, 0) (Keras)."""
        size, step = input_size(self.n), stride(self.s)
        if isinstance(self.crop, str) and self.is_multiple():
            return size * step
        size, window = (size - 1) * step, window_size(self.f)
        size = size + (window if self.d == 1 else symbol("d", self.d, "dilation") * (window - 1) + 1)
        for rows in paddings(*self.cropped) if self.crop != "valid" else ():
            size = size - rows
        return size + symbol("q", self.added, "output padding") if self.added else size

    def largest(self) -> int:
        """Return (n − 1)·s + f, with the window's dilation: the output before rows are cropped or added."""
        return (self.n - 1) * self.s + self.extent

    def is_same(self) -> bool:
        """Tell whether these rows are those that `same` takes away, in TensorFlow's order."""
        before, after = self.cropped
        missing = self.extent - self.s
        return (before, after - (self.added or 0)) == (max(missing, 0) // 2, missing - max(missing, 0) // 2)

    def is_multiple(self) -> bool:
        """Tell whether Keras' layer gives s·n elements, before any are cropped."""
        if isinstance(self.crop, str):
            return self.added is None and (self.crop == "same" or self.extent <= self.s)
        return self.is_same()
