"""What is shown of a network beside its activations: its first filters, and where it sees what speaks for a class."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cnnspec.errors import UsageError
from cnnspec.training.results import class_activation, filters
from cnnspec.training.results.feature_maps import Exhibit

if TYPE_CHECKING:
    from cnnspec.ir.graph import Node
    from cnnspec.training.results.prediction import Picture
    from cnnspec.training.runs.run import Run


class Choice(NamedTuple):
    """The layer whose filters are shown, and the layer and the class of Grad-CAM; None for what is not wanted."""

    filters: Node | None = None
    cam: Node | None = None
    number: int | None = None


def choose(
    run: Run, *, filters_too: bool, grad_cam: bool, class_name: str | None = None, cam_layer: str | None = None
) -> Choice:
    """Return what is to be shown; raise UsageError for a class or a layer that is not there, or that says nothing."""
    if not grad_cam:
        for option, value in (("--class", class_name), ("--cam-layer", cam_layer)):
            if value is not None:
                raise UsageError.one("E702", f"`{option}` is about Grad-CAM alone", help="add `--grad-cam`")
    return Choice(
        filters.first_convolution(run.graph) if filters_too else None,
        class_activation.choose_layer(run.graph, cam_layer) if grad_cam else None,
        class_activation.choose_class(run, class_name),
    )


def exhibits(
    run: Run, picture: Picture, choice: Choice, *, checkpoint: str = "best"
) -> tuple[list[Exhibit], list[str]]:
    """Return what was chosen as rows of the picture of activations, and in words."""
    rows: list[Exhibit] = []
    words: list[str] = []
    if choice.cam is not None:
        found = class_activation.map_class(run, picture, choice.cam, choice.number, checkpoint=checkpoint)
        rows.append(class_activation.exhibit(found, picture))
        words.append(f"Grad-CAM of {found.layer} for {found.name}")
    if choice.filters is not None:
        rows.append(filters.exhibit(filters.read_filters(run, choice.filters, checkpoint=checkpoint)))
        words.append(f"the filters of {choice.filters.name}")
    return rows, words
