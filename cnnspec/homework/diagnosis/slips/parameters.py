"""Slips in the number of parameters, and in the MACs."""

from __future__ import annotations

from typing import Any

from cnnspec.analysis.measure import quantities_of
from cnnspec.formula import Term, number, product, symbol
from cnnspec.homework.diagnosis.recipes import Case, recipe
from cnnspec.homework.diagnosis.slip import CONV, DENSE, NOTHING_LEARNED, POOL, WEIGHTED, WINDOW_WEIGHTS, Slip
from cnnspec.ir.layer import kernel_symbols
from cnnspec.ir.shapes import size_of, tensor
from cnnspec.layers._window import effective


def _part(case: Case, name: str) -> Any:
    found = recipe("params", case)
    return found.ingredients.get(name) if found else None


def _channels(case: Case) -> Term:
    return symbol("C", case.x.channels.value)


def _no_channels(case: Case) -> dict[str, Any] | None:
    return {"depth": number(1)} if case.x.channels.value > 1 else None


def _no_bias(case: Case) -> dict[str, Any] | None:
    return {"biases": None} if _part(case, "biases") is not None else None


def _one_bias(case: Case) -> dict[str, Any] | None:
    return {"biases": number(1)} if _part(case, "biases") is not None else None


def _bias_per_in_channel(case: Case) -> dict[str, Any] | None:
    return {"biases": _channels(case) * _part(case, "outputs")} if _part(case, "biases") is not None else None


def _bias_twice(case: Case) -> dict[str, Any] | None:
    return {"biases": 2 * _part(case, "outputs")} if _part(case, "biases") is not None else None


def _bias_per_pixel(case: Case) -> dict[str, Any] | None:
    return {"biases": case.y.size} if _part(case, "biases") is not None else None


def _biases_of_input(case: Case) -> dict[str, Any] | None:
    depth = _part(case, "depth")
    return {"biases": depth} if depth is not None and _part(case, "biases") is not None else None


def _image_channels(case: Case) -> dict[str, Any] | None:
    return {"depth": symbol("C_image", case.image[-1])} if case.image[-1] != case.x.channels.value else None


def _swapped(case: Case) -> dict[str, Any] | None:
    return {"depth": _part(case, "outputs"), "outputs": _part(case, "depth")}


def _one_filter(_: Case) -> dict[str, Any]:
    return {"outputs": number(1)}


def _not_squared(case: Case) -> dict[str, Any] | None:
    return {"area": kernel_symbols(case.layer.kernel)[0]}  # type: ignore[attr-defined] # kinds with a kernel


def _unshared(case: Case) -> dict[str, Any]:
    return {"times": product(case.y.spatial)}


def _times_input_pixels(case: Case) -> dict[str, Any]:
    area = product(kernel_symbols(case.layer.kernel))  # type: ignore[attr-defined] # kinds with a kernel
    biases = _part(case, "biases")
    pixels = product((area, *case.x.spatial))
    return {"area": pixels, "biases": _part(case, "outputs") if biases is not None else None}


def _stride(case: Case) -> int:
    return int(max(case.layer.stride))  # type: ignore[attr-defined] # kinds with a stride


def _stride_counted(case: Case) -> dict[str, Any] | None:
    area = product(kernel_symbols(case.layer.kernel))  # type: ignore[attr-defined] # kinds with a kernel
    return {"area": area * symbol("s", _stride(case))} if _stride(case) > 1 else None


def _stride_for_channels(case: Case) -> dict[str, Any] | None:
    return {"depth": symbol("s", _stride(case))} if _stride(case) > 1 else None


def _padding_counted(case: Case) -> dict[str, Any] | None:
    padding = getattr(case.layer, "padding", "valid")
    kernel = case.layer.kernel  # type: ignore[attr-defined] # kinds with a kernel
    if padding == "valid":
        return None
    rows = (kernel[0] - 1) // 2 if isinstance(padding, str) else padding[0][0]
    side = symbol("f", kernel[0]) + 2 * symbol("p", rows)
    return {"area": product([side] * len(kernel))} if rows else None


def _dilation_counted(case: Case) -> dict[str, Any] | None:
    spread = getattr(case.layer, "dilation", (1,))
    kernel = case.layer.kernel  # type: ignore[attr-defined] # kinds with a kernel
    wide = tuple(effective(f, d) for f, d in zip(kernel, spread, strict=False))
    return {"area": product(kernel_symbols(wide, "F_d"))} if max(spread) > 1 else None


def _groups(case: Case) -> Term | None:
    groups = getattr(case.layer, "groups", 1)
    return symbol("g", groups) if groups > 1 else None


def _group_ignored(case: Case) -> dict[str, Any] | None:
    return {"depth": case.x.channels} if _groups(case) else None


def _group_divides_bias(case: Case) -> dict[str, Any] | None:
    groups = _groups(case)
    return {"biases": _part(case, "outputs") // groups} if groups and _part(case, "biases") is not None else None


def _one_group(case: Case) -> dict[str, Any] | None:
    groups = _groups(case)
    return {"outputs": _part(case, "outputs") // groups} if groups else None


def _macs(case: Case) -> Term | None:
    macs = quantities_of(case.layer, case.shapes).macs
    return macs if macs.value else None


def _dense_for_conv(case: Case) -> Term:
    return (case.x.size + 1) * case.y.size


def _activation_size(case: Case) -> Term:
    return case.y.size


def _full_convolution(case: Case) -> Term:
    area = product(kernel_symbols(case.layer.kernel))  # type: ignore[attr-defined] # kinds with a kernel
    return (area * _channels(case) + 1) * case.y.channels


def _two_biases(case: Case) -> Term | None:
    right = quantities_of(case.layer, case.shapes).params
    return right + _channels(case) if case.layer.bias else None  # type: ignore[attr-defined] # kinds with a kernel


def _no_flatten(case: Case) -> dict[str, Any] | None:
    return {"depth": symbol("C", case.flattened[-1])} if case.flattened else None


def _only_pixels(case: Case) -> dict[str, Any] | None:
    if not case.flattened or case.flattened[-1] == 1:
        return None
    return {"depth": product(symbol(name, size) for name, size in zip("HWD", case.flattened[:-1], strict=False))}


def _pool_forgotten(case: Case) -> dict[str, Any] | None:
    return {"depth": symbol("N_before", size_of(case.before_pool))} if case.before_pool else None


def _gap_as_flatten(case: Case) -> dict[str, Any] | None:
    return {"depth": tensor(case.averaged).size} if case.averaged else None


def _pool_weights(case: Case) -> Term:
    return (product(kernel_symbols(case.layer.pool, "f")) + 1) * _channels(case)  # type: ignore[attr-defined] # pools


def _pool_coefficients(case: Case) -> Term:
    return 2 * _channels(case)


def _pool_hyper(_: Case) -> Term:
    return number(2)


def _bn_trained_only(case: Case) -> Term | None:
    count = 2 * _channels(case)
    return count if quantities_of(case.layer, case.shapes).params.value != count.value else None


def _bn_per_element(case: Case) -> Term:
    return 2 * case.y.size


def _something_learned(case: Case) -> Term:
    return case.y.size


def _params_above(case: Case) -> Term | None:
    if case.above is None:
        return None
    params = quantities_of(*case.above).params
    return symbol("params above", params.value) if params.value else None


def _macs_with_bias(case: Case) -> Term | None:
    macs = _macs(case)
    return macs + case.y.size if macs else None


def _flops_for_macs(case: Case) -> Term | None:
    macs = _macs(case)
    return 2 * macs if macs else None


def _params_for_macs(case: Case) -> Term | None:
    return quantities_of(case.layer, case.shapes).params if _macs(case) else None


NG = "A. Ng, Convolutional Neural Networks, week 1: the LeNet-5 table"
QUIZ = "distractors of the quiz of A. Ng, Convolutional Neural Networks, week 1"
NATURAL = "not documented, a natural slip"

SLIPS = (
    Slip(
        "no_channels",
        "params",
        CONV,
        "one input channel was counted",
        "A filter is as deep as its input: F·F·C.",
        f"{NG}; {QUIZ}; autokeras PR #576",
        _no_channels,
    ),
    Slip(
        "one_bias_per_layer",
        "params",
        WEIGHTED | WINDOW_WEIGHTS,
        "one bias was counted for the whole layer",
        "Every filter and every unit has its own bias.",
        f"{NG}; deeplearning.ai forum 19418",
        _one_bias,
    ),
    Slip(
        "no_bias",
        "params",
        WEIGHTED | WINDOW_WEIGHTS,
        "the biases were forgotten",
        "Each filter or unit also learns one bias.",
        f"{QUIZ}; fast.ai forum 6915",
        _no_bias,
    ),
    Slip(
        "bias_per_in_channel",
        "params",
        CONV,
        "a bias was counted for every input channel of every filter",
        "The channels are summed before the bias is added once.",
        "datascience.SE 11853",
        _bias_per_in_channel,
    ),
    Slip(
        "bias_twice",
        "params",
        WEIGHTED | WINDOW_WEIGHTS,
        "the biases were added a second time",
        "(F·F·C + 1)·K already contains the K biases.",
        "udacity/sdc-issue-reports #471",
        _bias_twice,
    ),
    Slip(
        "bias_per_pixel",
        "params",
        WINDOW_WEIGHTS,
        "a bias was counted for every output element",
        "The bias is shared over the whole map too.",
        "fast.ai forum 6915; ISLRv2-solutions #16",
        _bias_per_pixel,
    ),
    Slip(
        "bias_on_inputs",
        "params",
        WEIGHTED,
        "the biases were counted on the inputs",
        "Biases belong to the outputs: one per filter or unit.",
        "stats.SE 570254",
        _biases_of_input,
    ),
    Slip(
        "image_channels",
        "params",
        CONV,
        "the channels of the image were counted in a deeper layer",
        "C is the depth of the layer before, not of the image.",
        NATURAL,
        _image_channels,
    ),
    Slip(
        "swapped_channels",
        "params",
        CONV,
        "input channels and filters were swapped",
        "C goes in, K comes out; the biases go with K.",
        QUIZ,
        _swapped,
    ),
    Slip(
        "one_filter",
        "params",
        CONV,
        "only one filter was counted",
        "That is one filter; there are K of them.",
        NATURAL,
        _one_filter,
    ),
    Slip(
        "not_squared",
        "params",
        WINDOW_WEIGHTS,
        "the window was not squared",
        "An F×F window has F·F weights per channel.",
        "Scribd 916050017",
        _not_squared,
    ),
    Slip(
        "unshared_weights",
        "params",
        WINDOW_WEIGHTS,
        "the weights were counted at every position",
        "Weights are shared across positions.",
        "ai.SE 28320; CS231n",
        _unshared,
    ),
    Slip(
        "times_input_pixels",
        "params",
        CONV,
        "the weights were multiplied by the size of the input",
        "The number of parameters does not depend on the size of the image.",
        QUIZ,
        _times_input_pixels,
    ),
    Slip(
        "stride_counted",
        "params",
        CONV,
        "the stride was counted as if it had weights",
        "The stride moves the filter; it has no weights.",
        "tutorials that print (kernel_size·stride + 1)·filters",
        _stride_counted,
    ),
    Slip(
        "stride_for_channels",
        "params",
        CONV,
        "the stride was put in the place of the channels",
        "A filter is as deep as its input; the stride has no weights.",
        "tutorials that print (kernel_size·stride + 1)·filters",
        _stride_for_channels,
    ),
    Slip(
        "padding_counted",
        "params",
        CONV,
        "the padding was counted as a part of the filter",
        "Padding adds zeros, not weights.",
        NATURAL,
        _padding_counted,
    ),
    Slip(
        "dilation_counted",
        "params",
        WINDOW_WEIGHTS,
        "the holes of the dilated filter were counted",
        "Dilation spreads the same weights, it adds none.",
        "courses' pages on dilation",
        _dilation_counted,
    ),
    Slip(
        "groups_ignored",
        "params",
        CONV,
        "the groups were ignored",
        "Each filter sees only C/g channels.",
        "Stack Overflow on AlexNet",
        _group_ignored,
    ),
    Slip(
        "groups_divide_biases",
        "params",
        CONV,
        "the biases were divided by the groups",
        "Biases are not divided: there is one per filter.",
        "computed",
        _group_divides_bias,
    ),
    Slip(
        "one_group",
        "params",
        CONV,
        "only one group was counted",
        "There are g groups: divide by g once.",
        NATURAL,
        _one_group,
    ),
    Slip(
        "depthwise_as_full",
        "params",
        frozenset({"dwconv"}),
        "a depthwise layer was counted as a full convolution",
        "Depthwise: one F×F filter per channel.",
        "howtosignalprocessing FAQ",
        whole=_full_convolution,
    ),
    Slip(
        "separable_as_full",
        "params",
        frozenset({"sepconv"}),
        "a separable layer was counted as a full convolution",
        "Separable: one F×F filter per channel, then K filters of size 1.",
        NATURAL,
        whole=_full_convolution,
    ),
    Slip(
        "separable_two_biases",
        "params",
        frozenset({"sepconv"}),
        "both parts were given biases",
        "A separable convolution has one bias vector, at the end.",
        "Stack Overflow 56764162",
        whole=_two_biases,
    ),
    Slip(
        "macs_for_params",
        "params",
        WEIGHTED | WINDOW_WEIGHTS,
        "multiplications were counted instead of weights",
        "That counts multiplications, not weights.",
        "notes on FLOPs",
        whole=_macs,
    ),
    Slip(
        "dense_for_conv",
        "params",
        CONV,
        "a fully connected layer was counted",
        "A convolution connects only an F×F patch, with shared weights.",
        "Why convolutions, same course",
        whole=_dense_for_conv,
    ),
    Slip(
        "size_for_params",
        "params",
        WEIGHTED | WINDOW_WEIGHTS,
        "the activation size was written down",
        "Numbers that the layer produces are not numbers that it learns.",
        "a slip of the column",
        whole=_activation_size,
    ),
    Slip(
        "no_flatten",
        "params",
        DENSE,
        "only the channels were connected",
        "Flatten first: multiply height, width and channels.",
        "Keras' Dense without Flatten",
        _no_flatten,
    ),
    Slip(
        "flatten_without_channels",
        "params",
        DENSE,
        "the channels were forgotten when flattening",
        "Flatten keeps the channels.",
        QUIZ,
        _only_pixels,
    ),
    Slip(
        "pool_forgotten",
        "params",
        DENSE,
        "the size before the pooling was used",
        "Use the row of the pooling, which is what enters.",
        "androidkt; mat1 and mat2 errors",
        _pool_forgotten,
    ),
    Slip(
        "gap_as_flatten",
        "params",
        DENSE,
        "global pooling was taken for a flatten",
        "Global pooling leaves C numbers.",
        NATURAL,
        _gap_as_flatten,
    ),
    Slip(
        "pool_has_params",
        "params",
        POOL,
        "a pooling layer was given weights and biases like a convolution",
        "Pooling has nothing to learn: 0.",
        "stats.SE 209013",
        whole=_pool_weights,
    ),
    Slip(
        "pool_coefficients",
        "params",
        POOL,
        "every map was given a coefficient and a bias",
        "That was so in LeNet's S2 of 1998; today's pooling has nothing to learn: 0.",
        "LeCun 1998, layer S2",
        whole=_pool_coefficients,
    ),
    Slip(
        "hyperparameters_counted",
        "params",
        POOL,
        "window and stride were counted as parameters",
        "What is chosen is not learned: 0.",
        "stevengong.co",
        whole=_pool_hyper,
    ),
    Slip(
        "nothing_learned",
        "params",
        NOTHING_LEARNED,
        "a layer without weights was given parameters",
        "This layer learns nothing: 0.",
        NATURAL,
        whole=_something_learned,
    ),
    Slip(
        "params_of_row_above",
        "params",
        NOTHING_LEARNED,
        "the parameters of the row above were written down again",
        "They belong to the row above; this layer learns nothing: 0.",
        NATURAL,
        whole=_params_above,
    ),
    Slip(
        "bn_trained_only",
        "params",
        frozenset({"bn"}),
        "only what is learned was counted",
        "Gamma and beta are learned; moving mean and variance are stored too: 4·C.",
        "Stack Overflow 42521005, 60079783",
        whole=_bn_trained_only,
    ),
    Slip(
        "bn_per_element",
        "params",
        frozenset({"bn"}),
        "a factor and an offset were counted for every element",
        "Batch norm learns per channel.",
        NATURAL,
        whole=_bn_per_element,
    ),
    Slip(
        "macs_with_biases",
        "macs",
        WEIGHTED | WINDOW_WEIGHTS,
        "the additions of the biases were counted",
        "MACs are multiply-accumulates; a bias is added once.",
        "torchinfo's mult-adds",
        whole=_macs_with_bias,
    ),
    Slip(
        "flops_for_macs",
        "macs",
        WEIGHTED | WINDOW_WEIGHTS,
        "multiplications and additions were counted apart",
        "One MAC is one multiplication and one addition.",
        "tools that print FLOPs",
        whole=_flops_for_macs,
    ),
    Slip(
        "params_for_macs",
        "macs",
        WEIGHTED | WINDOW_WEIGHTS,
        "parameters were written down",
        "Every weight is used at every position.",
        "a slip of the column",
        whole=_params_for_macs,
    ),
)
