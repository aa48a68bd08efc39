"""What kinds do in a network, in a dozen words."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a kind does in a network, so that a drawing, a homework or a report needs no list of kinds."""

    CONVOLUTION = "convolution"
    """Learned numbers in a window, transposed ones included."""
    POOL = "pool"
    """One number for every window, or for the whole of a channel."""
    DENSE = "dense"
    """Every input to every unit."""
    ACTIVATION = "activation"
    """A function of every element, or of the channels at every place; the one that changes nothing is one too."""
    NORM = "norm"
    """Elements scaled and shifted, by learned, stored, computed or given numbers."""
    JOIN = "join"
    """Several inputs to one output."""
    MOVE = "move"
    """The same elements in another order or shape."""
    BORDER = "border"
    """Rows added or removed around."""
    RESIZE = "resize"
    """Another spatial size without learning: elements repeated or interpolated."""
    NOISE = "noise"
    """Something random while training, nothing afterwards."""
    SEQUENCE = "sequence"
    """Steps that depend on each other: recurrence, attention, embeddings."""
    OPAQUE = "opaque"
    """A layer whose numbers are the writer's word."""
