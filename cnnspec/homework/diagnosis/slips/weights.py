"""Slips in the parameters of a layer with weights: a part of the formula that is wrong."""

from __future__ import annotations

from typing import Final

from cnnspec.formula import Term, number, product, symbol
from cnnspec.homework.diagnosis.case import Case
from cnnspec.homework.diagnosis.facts import (
    CHANNELS,
    SIZE,
    WITHOUT_BIASES,
    has_filters,
    has_one_set_of_biases,
    has_several_channels,
    is_dilated,
    is_strided,
)
from cnnspec.homework.diagnosis.formulas import shows_all_biases
from cnnspec.homework.diagnosis.parts import AREA, BIASED, DEPTH, FILTERS, OUTPUTS, WEIGHTS
from cnnspec.homework.diagnosis.patterns import Match, at, find, leaf
from cnnspec.homework.diagnosis.rewrites import WHOLE, Fact, also, around, first_match, replace, rule
from cnnspec.homework.diagnosis.slip import LECTURE, QUIZ, Slip
from cnnspec.ir.layer import kernel_symbols
from cnnspec.layers._window import effective

C, G = leaf("C"), leaf("g")
UNITS: Final = (DEPTH + 1) * OUTPUTS
BIASES: Final = Fact(lambda case: case.right.biases)
IMAGE_CHANNELS: Final = Fact(lambda case: symbol("C_image", case.image[-1]))
SIDE: Final = Fact(lambda case: kernel_symbols(case.kernel)[0])
POSITIONS: Final = Fact(lambda case: product(case.y.spatial))
PIXELS: Final = Fact(lambda case: product(case.x.spatial))
STRIDE: Final = Fact(lambda case: symbol("s", max(case.stride)))
GROUPS: Final = Fact(lambda case: symbol("g", _groups(case)))


def _inputs(case: Case) -> Term:
    """Return how many channels or numbers each output looks at."""
    found = _depth(case)
    return at(case.right.params, found.parts["depth"][1:]) if found else number(1)


def _depth(case: Case) -> Match | None:
    return first_match((*FILTERS, UNITS), (case.right.params,))


def _padded_area(case: Case) -> Term:
    """Return the window with the padding around it."""
    side = symbol("f", case.kernel[0]) + 2 * symbol("p", _rows(case))
    return product([side] * len(case.kernel))


def _rows(case: Case) -> int:
    """Return how many rows the padding adds before the first axis of a layer with a kernel."""
    same = case.padding == "same" and len(case.kernel) > 0
    return (case.kernel[0] - 1) // 2 if same else case.padded_rows


def _dilated_area(case: Case) -> Term:
    """Return the window with the holes in it."""
    wide = tuple(effective(f, d) for f, d in zip(case.kernel, case.layer.spread, strict=True))
    return product(kernel_symbols(wide, "F_d"))


INPUTS, PADDED_AREA, DILATED_AREA = Fact(_inputs), Fact(_padded_area), Fact(_dilated_area)


def _groups(case: Case) -> int:
    return getattr(case.layer, "groups", 1)


def _has_groups(case: Case) -> bool:
    return _groups(case) > 1


def _has_inputs(case: Case) -> bool:
    return shows_all_biases(case) and _depth(case) is not None


def _is_padded(case: Case) -> bool:
    return _rows(case) > 0


def _is_deeper(case: Case) -> bool:
    return case.image[-1] != case.shapes[0][-1]


def _has_kernel(case: Case) -> bool:
    return find(AREA, case.right.params) is not None


SLIPS: Final = (
    Slip(
        "no_channels",
        "params",
        replace(FILTERS, depth=1),
        "one input channel was counted",
        "A filter is as deep as its input: F·F·C.",
        f"{LECTURE}; {QUIZ}; autokeras PR #576",
        where=has_several_channels,
    ),
    Slip(
        "one_bias_per_layer",
        "params",
        rule(BIASED, WEIGHTS * OUTPUTS + 1),
        "one bias was counted for the whole layer",
        "Every filter and every unit has its own bias.",
        f"{LECTURE}; deeplearning.ai forum 19418",
        where=shows_all_biases,
        elsewhere="Every unit has its own bias.",
    ),
    Slip(
        "no_bias",
        "params",
        WITHOUT_BIASES,
        "the biases were forgotten",
        "Each filter or unit also learns one bias.",
        f"{QUIZ}; fast.ai forum 6915",
        where=has_one_set_of_biases,
        elsewhere="Each unit also learns one bias.",
    ),
    Slip(
        "bias_per_in_channel",
        "params",
        rule(BIASED, WEIGHTS * OUTPUTS + CHANNELS * BIASES),
        "a bias was counted for every input channel of every filter",
        "The channels are summed before the bias is added once.",
        "datascience.SE 11853",
        where=has_filters,
    ),
    Slip(
        "bias_twice",
        "params",
        rule(BIASED, WEIGHTS * OUTPUTS + 2 * BIASES),
        "the biases were added a second time",
        "(F·F·C + 1)·K already contains the K biases.",
        "udacity/sdc-issue-reports #471",
        where=shows_all_biases,
        elsewhere="The + 1 in the formula already stands for the biases.",
    ),
    Slip(
        "bias_per_pixel",
        "params",
        rule(BIASED, WEIGHTS * OUTPUTS + SIZE),
        "a bias was counted for every output element",
        "The bias is shared over the whole map too.",
        "fast.ai forum 6915; ISLRv2-solutions #16",
        where=_has_kernel,
    ),
    Slip(
        "bias_on_inputs",
        "params",
        rule(BIASED, WEIGHTS * OUTPUTS + INPUTS),
        "the biases were counted on the inputs",
        "Biases belong to the outputs: one per filter or unit.",
        "stats.SE 570254",
        where=_has_inputs,
        elsewhere="Biases belong to the outputs: one per unit.",
    ),
    Slip(
        "image_channels",
        "params",
        replace(FILTERS, depth=IMAGE_CHANNELS),
        "the channels of the image were counted in a deeper layer",
        "C is the depth of the layer before, not of the image.",
        where=_is_deeper,
    ),
    Slip(
        "swapped_channels",
        "params",
        replace(FILTERS, depth=OUTPUTS, outputs=DEPTH),
        "input channels and filters were swapped",
        "C goes in, K comes out; the biases go with K.",
        QUIZ,
    ),
    Slip(
        "one_filter",
        "params",
        replace(FILTERS, outputs=1),
        "only one filter was counted",
        "That is one filter; there are K of them.",
    ),
    Slip(
        "not_squared",
        "params",
        replace([AREA], area=SIDE),
        "the window was not squared",
        "An F×F window has F·F weights per channel.",
        "Scribd 916050017",
    ),
    Slip(
        "unshared_weights",
        "params",
        around(WHOLE * POSITIONS),
        "the weights were counted at every position",
        "Weights are shared across positions.",
        "ai.SE 28320; CS231n",
        where=_has_kernel,
    ),
    Slip(
        "times_input_pixels",
        "params",
        also(replace(FILTERS, area=AREA * PIXELS), rule(BIASED, WEIGHTS * OUTPUTS + BIASES)),
        "the weights were multiplied by the size of the input",
        "The number of parameters does not depend on the size of the image.",
        QUIZ,
    ),
    Slip(
        "stride_counted",
        "params",
        replace(FILTERS, area=AREA * STRIDE),
        "the stride was counted as if it had weights",
        "The stride moves the filter; it has no weights.",
        "tutorials that print (kernel_size·stride + 1)·filters",
        where=is_strided,
    ),
    Slip(
        "stride_for_channels",
        "params",
        replace(FILTERS, depth=STRIDE),
        "the stride was put in the place of the channels",
        "A filter is as deep as its input; the stride has no weights.",
        "tutorials that print (kernel_size·stride + 1)·filters",
        where=is_strided,
    ),
    Slip(
        "padding_counted",
        "params",
        replace(FILTERS, area=PADDED_AREA),
        "the padding was counted as a part of the filter",
        "Padding adds zeros, not weights.",
        where=_is_padded,
    ),
    Slip(
        "dilation_counted",
        "params",
        replace([AREA], area=DILATED_AREA),
        "the holes of the dilated filter were counted",
        "Dilation spreads the same weights, it adds none.",
        "courses' pages on dilation",
        where=is_dilated,
    ),
    Slip(
        "groups_ignored",
        "params",
        rule(C // G, C),
        "the groups were ignored",
        "Each filter sees only C/g channels.",
        "Stack Overflow on AlexNet",
    ),
    Slip(
        "groups_divide_biases",
        "params",
        rule(BIASED, WEIGHTS * OUTPUTS + BIASES // GROUPS),
        "the biases were divided by the groups",
        "Biases are not divided: there is one per filter.",
        "computed",
        where=_has_groups,
    ),
    Slip(
        "one_group",
        "params",
        replace(FILTERS, outputs=OUTPUTS // GROUPS),
        "only one group was counted",
        "There are g groups: divide by g once.",
        where=_has_groups,
    ),
)
