"""What is on a drawing: its shapes one by one, and where its words are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import NamedTuple

from cnnspec.drawing.scene import Group, Scene, Shape, Words
from cnnspec.drawing.svg import measure


class Area(NamedTuple):
    """An upright rectangle with the words in it."""

    left: float
    top: float
    right: float
    bottom: float
    words: str = ""

    def touches(self, other: Area) -> bool:
        """Tell whether two have a point in common."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


def shapes_of(shapes: Iterable[Shape]) -> Iterator[Shape]:
    """Yield all shapes, those of groups too."""
    for shape in shapes:
        if isinstance(shape, Group):
            yield from shapes_of(shape.shapes)
        else:
            yield shape


def labels(scene: Scene) -> list[Area]:
    """Return where every line of text is."""
    return [area(shape) for shape in shapes_of(scene.shapes) if isinstance(shape, Words)]


def area(words: Words) -> Area:
    """Return the place of a line of text as it is in the widest of the fonts."""
    width = measure(words.text, words.size, bold=words.bold)
    left = words.x - {"start": 0.0, "middle": width / 2, "end": width}[words.anchor]
    return Area(left, words.y - 0.76 * words.size, left + width, words.y + 0.24 * words.size, words.text)


def touching(areas: list[Area]) -> list[tuple[str, str]]:
    """Return the pairs that touch."""
    return [(one.words, other.words) for one, other in combinations(areas, 2) if one.touches(other)]


def sticking_out(scene: Scene, areas: Iterable[Area]) -> list[Area]:
    """Return what is not whole on the sheet."""
    sheet = Area(4, 4, scene.width - 4, scene.height - 4)
    return [
        each
        for each in areas
        if each.left < sheet.left or each.right > sheet.right or each.top < sheet.top or each.bottom > sheet.bottom
    ]
