"""What formulas of parameters are made of: patterns of the right ones, whatever the kind of the layer.

`(F·F·C + 1)·K`: the weights are an area and a depth, there is one bias for each of the outputs.
"""

from __future__ import annotations

from typing import Final

from cnnspec.homework.diagnosis.patterns import anything, leaf, made_of
from cnnspec.ir.shapes import AXES

WEIGHTS: Final = anything("weights")
OUTPUTS: Final = anything("outputs")
AREA: Final = made_of("area", ("F", *(f"F_{axis.lower()}" for axes in AXES.values() for axis in axes)), "mul")
DEPTH: Final = made_of("depth", ("C", "M", "g", "N_in"), "mul", "floor_div")
INPUTS: Final = leaf("N_in")

BIASED: Final = (WEIGHTS + 1) * OUTPUTS
"""One bias for each of the outputs."""
FILTERS: Final = ((AREA * DEPTH + 1) * OUTPUTS, AREA * DEPTH * OUTPUTS)
"""Filters as deep as their input."""
DEPTHWISE: Final = ((AREA + 1) * OUTPUTS, AREA * OUTPUTS)
"""Filters of one channel each."""
SEPARABLE: Final = AREA * DEPTH + WEIGHTS
"""Filters of one channel each, and others that mix the channels."""
UNITS: Final = ((INPUTS + 1) * OUTPUTS, INPUTS * OUTPUTS)
"""Every input connected to every output."""
