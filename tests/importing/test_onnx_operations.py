"""Operations of ONNX one by one: those that a kind does, and what is said of those that none does."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest
from onnx_bytes import items, messages, model, node, opened, tensor, value

LAYERS: Final[dict[str, tuple[list[bytes], list[str]]]] = {
    "a gelu of half the sum": (
        [
            node("Div", "x root", "a"),
            node("Erf", "a", "b"),
            node("Add", "b one", "c"),
            node("Mul", "c half", "d"),
            node("Mul", "d x", "y"),
            tensor("root", values=[1.4142135]),
            tensor("one", values=[1]),
            tensor("half", values=[0.5]),
        ],
        ["gelu:"],
    ),
    "a maximum of one tensor": (
        [
            node("Max", "x", "a"),
            node("Relu", "a", "y"),
        ],
        ["relu:"],
    ),
    "a number minus a tensor": (
        [
            node("Sub", "one x", "y"),
            tensor("one", values=[1]),
        ],
        ['rescale: "-1 offset=1"'],
    ),
    "sizes computed of sizes": (
        [
            node("Shape", "x", "s"),
            node("Gather", "s one", "c"),
            node("Gather", "s two", "h"),
            node("Mul", "c h", "m"),
            node("Add", "m two", "p"),
            node("Sub", "p two", "q"),
            node("Div", "q two", "r"),
            node("Mul", "r two", "t"),
            node("Unsqueeze", "t first", "u"),
            node("Concat", "first u last", "v", axis=0),
            node("Reshape", "x v", "y"),
            tensor("one", values=[1], kind=7),
            tensor("two", values=[2], kind=7),
            tensor("first", 1, values=[0], kind=7),
            tensor("last", 1, values=[8], kind=7),
        ],
        ["permute: 3x1x2", "reshape: 32x8"],
    ),
    "sizes of a part of a shape": (
        [
            node("Shape", "x", "s", start=1, end=2),
            node("Cast", "s", "c", to=7),
            node("Concat", "batch c rest", "v", axis=0),
            node("Reshape", "x v", "y"),
            tensor("batch", 1, values=[1], kind=7),
            tensor("rest", 1, values=[-1], kind=7),
        ],
        ["reshape: 64x4"],
    ),
    "a shape that is cut": (
        [
            node("Shape", "x", "s"),
            node("Slice", "s start stop", "c"),
            node("Concat", "c rest", "v", axis=0),
            node("Reshape", "x v", "y"),
            tensor("start", 1, values=[0], kind=7),
            tensor("stop", 1, values=[2], kind=7),
            tensor("rest", 1, values=[64], kind=7),
        ],
        ["reshape: 64x4"],
    ),
    "a shape without its ones": (
        [
            node("Unsqueeze", "one zero", "u"),
            node("Squeeze", "u zero", "v"),
            node("Mul", "x v", "y"),
            tensor("one", values=[3]),
            tensor("zero", 1, values=[0], kind=7),
        ],
        ["rescale: 3"],
    ),
    "numbers along a spatial axis": (
        [
            node("Mul", "x w", "y"),
            tensor("w", 8),
        ],
        ["permute: 3x1x2", "layerscale:"],
    ),
    "few biases behind a convolution without any": (
        [
            node("Conv", "x w", "a"),
            node("Add", "a b", "y"),
            tensor("w", 4, 4, 1, 1),
            tensor("b", 4, 1, 1, values=[1, 2, 3, 4]),
        ],
        ["conv: 4 1x1"],
    ),
    "few numbers that are taken away": (
        [
            node("Sub", "x b", "y"),
            tensor("b", 4, 1, 1, values=[1, 2, 3, 4]),
        ],
        ["rescale: 1 offset=[-1,-2,-3,-4]"],
    ),
    "numbers from an axis on, before opset 7": (
        [
            node("Mul", "x w", "y", axis=1, broadcast=1),
            tensor("w", 4, values=[1, 2, 3, 4]),
        ],
        ['rescale: "[1,2,3,4]"'],
    ),
    "constants": (
        [
            node("Constant", "", "n", value_ints=[1, 4, 64]),
            node("Constant", "", "f", value_float=2.0),
            node("Mul", "x f", "a"),
            node("Reshape", "a n", "y"),
        ],
        ["rescale: 2", "reshape: 64x4"],
    ),
    "zeros of a shape": (
        [
            node("ConstantOfShape", "n", "w"),
            node("Conv", "x w", "y"),
            tensor("n", 4, values=[6, 4, 3, 3], kind=7),
        ],
        ["conv: 6 3x3 nobias"],
    ),
    "split into sizes": (
        [
            node("Split", "x sizes", "a b", axis=1),
            node("Concat", "b a", "y", axis=1),
            tensor("sizes", 2, values=[1, 3], kind=7),
        ],
        ["slice: stop=1", "slice: start=1", "from: input", "concat:", "from: [split_1_1, split_1]"],
    ),
    "split unevenly": (
        [
            node("Split", "x", "a b c", axis=2),
            node("Concat", "c b a", "y", axis=2),
        ],
        [
            "slice: axis=1 stop=3",
            "slice: start=3 axis=1 stop=6",
            "from: input",
            "slice: start=6 axis=1",
            "from: input",
            "concat: axis=1",
            "from: [split_1_2, split_1_1, split_1]",
        ],
    ),
    "flattened": (
        [
            node("Flatten", "x", "y"),
        ],
        ["flatten:"],
    ),
    "squeezed and unsqueezed": (
        [
            node("GlobalMaxPool", "x", "a"),
            node("Squeeze", "a", "b"),
            node("Unsqueeze", "b axes", "c"),
            node("Conv", "c w", "y"),
            tensor("axes", 2, values=[2, 3], kind=7),
            tensor("w", 6, 4, 1, 1),
        ],
        ["gmp: keepdims", "flatten:", "reshape: 1x1x4", "conv: 6 1x1 nobias"],
    ),
    "a mean of everything but the channels": (
        [
            node("ReduceMean", "x axes", "y"),
            tensor("axes", 2, values=[2, 3], kind=7),
        ],
        ["gap: keepdims"],
    ),
    "channels that stand last": (
        [
            node("Transpose", "x", "a", perm=[0, 2, 3, 1]),
            node("ReduceMean", "a", "y", axes=[1, 2], keepdims=0),
        ],
        ["gap:"],
    ),
    "shared slopes": (
        [
            node("PRelu", "x w", "y"),
            tensor("w", 4, 1, 1),
        ],
        ["prelu: shared"],
    ),
    "slopes of every place": (
        [
            node("PRelu", "x w", "y"),
            tensor("w", 4, 8, 8),
        ],
        ["prelu:"],
    ),
    "a layer norm of an image": (
        [
            node("LayerNormalization", "x w b", "y", axis=1),
            tensor("w", 4, 8, 8),
            tensor("b", 4, 8, 8),
        ],
        ["ln: eps=1e-05 axis=[1,2,3]"],
    ),
    "groups": (
        [
            node("GroupNormalization", "x w b", "y", num_groups=2),
            tensor("w", 4),
            tensor("b", 4),
        ],
        ["gn: 2 eps=1e-05"],
    ),
    "a transposed convolution": (
        [
            node(
                "ConvTranspose",
                "x w",
                "y",
                auto_pad="SAME_UPPER",
                strides=[2, 2],
                dilations=[1, 1],
                output_padding=[0, 0],
            ),
            tensor("w", 4, 6, 3, 3),
        ],
        ["upconv: 6 3x3/2 same nobias"],
    ),
    "a transposed convolution with gaps": (
        [
            node("ConvTranspose", "x w", "y", strides=[3, 3]),
            tensor("w", 4, 6, 2, 2),
        ],
        ["upconv: 6 2x2/3 nobias output_padding=0x0"],
    ),
    "no padding by a word": (
        [
            node("Conv", "x w", "y", auto_pad="VALID", pads=[1, 1, 1, 1]),
            tensor("w", 6, 4, 3, 3),
        ],
        ["conv: 6 3x3 nobias"],
    ),
    "padding in front of even sizes": (
        [
            node("AveragePool", "x", "y", kernel_shape=[3, 3], auto_pad="SAME_LOWER"),
        ],
        ["avgpool: 3x3/1 same"],
    ),
    "rows of zeros that are none": (
        [
            node("Pad", "x", "a", pads=[0, 0, 0, 0, 0, 0, 0, 0]),
            node("Relu", "a", "y"),
        ],
        ["relu:"],
    ),
    "a mean with the rows around it": (
        [
            node("AveragePool", "x", "y", kernel_shape=[2, 2], auto_pad="SAME_UPPER", count_include_pad=1),
        ],
        ["avgpool: /1 pad=[[0,1],[0,1]]"],
    ),
    "weights that are joined": (
        [
            node("Concat", "a b", "w", axis=1),
            node("Conv", "x w", "y"),
            tensor("a", 6, 1, 3, 3),
            tensor("b", 6, 3, 3, 3),
        ],
        ["conv: 6 3x3 nobias"],
    ),
    "rows along named axes": (
        [
            node("Pad", "x rows - axes", "y"),
            tensor("rows", 4, values=[1, 2, 3, 4], kind=7),
            tensor("axes", 2, values=[-1, 2], kind=7),
        ],
        ['pad: "[[2,4],[1,3]]"'],
    ),
    "rows of the lowest number in front of a maximum": (
        [
            node("Pad", "x rows lowest", "a"),
            node("MaxPool", "a", "y", kernel_shape=[3, 3], strides=[2, 2], pads=[0, 0, 0, 1]),
            tensor("rows", 8, values=[0, 0, 1, 0, 0, 0, 1, 0], kind=7),
            tensor("lowest", values=[float("-inf")]),
        ],
        ["maxpool: 3x3/2 pad=[[1,1],[0,1]]"],
    ),
    "rows that mirror": (
        [
            node("Pad", "x", "y", pads=[0, 0, 1, 1, 0, 0, 1, 1], mode="reflect"),
        ],
        ["pad: reflect"],
    ),
    "resized along named axes": (
        [
            node("Resize", "x - twice", "y", mode="cubic", axes=[2, 3]),
            tensor("twice", 2, values=[2, 2]),
        ],
        ["upsample: bicubic"],
    ),
    "aligned at the corners": (
        [
            node("Resize", "x - twice", "y", mode="linear", coordinate_transformation_mode="align_corners"),
            tensor("twice", 4, values=[1, 1, 2, 2]),
        ],
        ["upsample: bilinear"],
    ),
    "a dense layer of transposed weights": (
        [
            node("Flatten", "x", "a"),
            node("Gemm", "a w b", "y", transB=1, beta=0.0),
            tensor("w", 3, 256),
            tensor("b", 3),
        ],
        ["flatten:", "dense: 3 nobias"],
    ),
    "a dropout whose share is a tensor": (
        [
            node("Dropout", "x rate", "y"),
            tensor("rate", values=[0.25]),
        ],
        ["dropout: 0.25"],
    ),
    "a limit from below": (
        [
            node("Clip", "x zero", "y"),
            tensor("zero", values=[0]),
        ],
        ["relu:"],
    ),
    "no limits": (
        [
            node("Clip", "x", "a"),
            node("Relu", "a", "y"),
        ],
        ["relu:"],
    ),
    "limits as large as numbers become": (
        [
            node("Clip", "x low high", "y"),
            tensor("low", values=[0]),
            tensor("high", values=[3.4e38]),
        ],
        ["relu:"],
    ),
}
"""Nodes and numbers behind the input `x`, which is (1, 4, 8, 8), and the lines of the spec."""
REFUSED: Final[dict[str, list[bytes]]] = {
    "E606 layer `Add 1`: it reads nothing": [
        node("Add", "-", "y"),
    ],
    "E606 layer `Max 1`: it reads several tensors and numbers": [
        node("Max", "x one two", "y"),
        tensor("one", values=[1]),
        tensor("two", values=[2]),
    ],
    "E606 layer `Max 1`: it combines a tensor with the number 1.0": [
        node("Max", "x one", "y"),
        tensor("one", values=[1]),
    ],
    "E606 layer `Mul 1`: it combines a tensor with the number inf": [
        node("Mul", "x one", "y"),
        tensor("one", values=[float("inf")]),
    ],
    "E606 layer `Add 1`: it combines (1, 4, 8, 8), with the batch, and numbers of the shape (8, 8)": [
        node("Add", "x w", "y"),
        tensor("w", 8, 8),
    ],
    "E606 layer `Add 1`: it combines a tensor with numbers of the shape (8,)": [
        node("Add", "x w", "y"),
        tensor("w", 8),
    ],
    "E606 layer `Erf 1`: the error function is known as a part of a gelu only": [
        node("Erf", "x", "y"),
    ],
    "E606 layer `Add 3`: the error function is known as a part of a gelu only": [
        node("Div", "x root", "a"),
        node("Erf", "a", "b"),
        node("Add", "b two", "y"),
        tensor("root", values=[1.4142135]),
        tensor("two", values=[2]),
    ],
    "E606 layer `Relu 3`: the error function is known as a part of a gelu only": [
        node("Div", "x root", "a"),
        node("Erf", "a", "b"),
        node("Relu", "b", "y"),
        tensor("root", values=[1.4142135]),
    ],
    "E606 layer `Mul 4`: the error function is known as a part of a gelu only": [
        node("Relu", "x", "z"),
        node("Div", "x root", "a"),
        node("Erf", "a", "b"),
        node("Mul", "b z", "y"),
        tensor("root", values=[1.4142135]),
    ],
    "E606 layer `Div 2`: it divides by a tensor, or by numbers that are not one": [
        node("Relu", "x", "a"),
        node("Div", "x a", "y"),
    ],
    "E606 layer `Div 1`: it divides by 0": [
        node("Div", "one zero", "z"),
        node("Mul", "x z", "y"),
        tensor("one", values=[1]),
        tensor("zero", values=[0]),
    ],
    "E606 layer `Div 1`: it divides by a tensor, or by numbers that are not one": [
        node("Div", "x zero", "y"),
        tensor("zero", values=[0]),
    ],
    "E606 layer `Add 1`: numbers of the shapes (2,) and (3,) do not fit": [
        node("Add", "a b", "c"),
        node("Mul", "x c", "y"),
        tensor("a", 2),
        tensor("b", 3),
    ],
    "E606 layer `Reshape 1`: the sizes (1, 3, -1) do not fit 256 elements": [
        node("Reshape", "x n", "y"),
        tensor("n", 3, values=[1, 3, -1], kind=7),
    ],
    "E606 layer `Reshape 1`: it makes (2, 128) of (1, 4, 8, 8)": [
        node("Reshape", "x n", "y"),
        tensor("n", 2, values=[2, 128], kind=7),
    ],
    "E606 layer `Reshape 1`: the sizes (1, -1, -1) do not fit 256 elements": [
        node("Reshape", "x n", "y"),
        tensor("n", 3, values=[1, -1, -1], kind=7),
    ],
    "E606 layer `Reshape 1`: it makes (256,) of (1, 4, 8, 8)": [
        node("Reshape", "x n", "y"),
        tensor("n", 1, values=[-1], kind=7),
    ],
    "E606 layer `Reshape 2`: numbers of the shape (4,) cannot have (3,)": [
        node("Shape", "x", "s"),
        node("Reshape", "s n", "t"),
        node("Reshape", "x t", "y"),
        tensor("n", 1, values=[3], kind=7),
    ],
    "E606 layer `Reshape 1`: its axes are no integers": [
        node("Reshape", "x n", "y"),
        tensor("n", 2, values=[float("nan"), 256]),
    ],
    "E606 layer `Reshape 2`: its axes are computed, not in the file": [
        node("Relu", "x", "n"),
        node("Reshape", "x n", "y"),
    ],
    "E606 layer `Unsqueeze 1`: there is no axis 7": [
        node("Unsqueeze", "x n", "y"),
        tensor("n", 1, values=[7], kind=7),
    ],
    "E606 layer `Transpose 1`: (0, 1, 1, 2) is no order of 4 axes": [
        node("Transpose", "x", "y", perm=[0, 1, 1, 2]),
    ],
    "E606 layer `Transpose 1`: it moves the batch": [
        node("Transpose", "x", "y"),
    ],
    "E606 layer `Concat 1`: it reads nothing": [
        node("Concat", "-", "y", axis=1),
    ],
    "E606 layer `Concat 1`: it works along the batch": [
        node("Concat", "x x", "y", axis=0),
    ],
    "E606 layer `Concat 1`: it works along an axis 9, which is not there": [
        node("Concat", "x x", "y", axis=9),
    ],
    "E606 layer `Flatten 1`: `axis` is `2`: only `1`, `-3` is modelled": [
        node("Flatten", "x", "y", axis=2),
    ],
    "E606 layer `DepthToSpace 1`: `mode` is `RCD`: only `DCR`, `CRD` is modelled": [
        node("DepthToSpace", "x", "y", blocksize=2, mode="RCD"),
    ],
    "E606 layer `Resize 1`: it resizes more than the spatial axes": [
        node("Resize", "x - - sizes", "y"),
        tensor("sizes", 4, values=[1, 8, 16, 16], kind=7),
    ],
    "E606 layer `Pad 1`: it pads the axes (2, 9) of 4 by (1, 1, 1, 1)": [
        node("Pad", "x rows - axes", "y"),
        tensor("rows", 4, values=[1, 1, 1, 1], kind=7),
        tensor("axes", 2, values=[2, 9], kind=7),
    ],
    "E606 layer `Pad 2`: its `value` is computed, not in the file": [
        node("Relu", "x", "a"),
        node("Pad", "x rows a", "y"),
        tensor("rows", 8, values=[0, 0, 1, 1, 0, 0, 1, 1], kind=7),
    ],
    "E606 layer `Dropout 2`: its `ratio` is computed, not in the file": [
        node("Relu", "x", "a"),
        node("Dropout", "x a", "y"),
    ],
    "E606 layer `Concat 1`: it joins numbers of the shapes (2, 4, 3, 3), (4, 4, 3, 3) along the axis 1": [
        node("Concat", "a b", "w", axis=1),
        node("Conv", "x w", "y"),
        tensor("a", 2, 4, 3, 3),
        tensor("b", 4, 4, 3, 3),
    ],
    "E606 layer `GroupNormalization 1`: it learns numbers of the shape (2,), not one per channel": [
        node("GroupNormalization", "x w b", "y", num_groups=2),
        tensor("w", 2),
        tensor("b", 2),
    ],
    "E606 layer `Conv 1`: it learns numbers of the shape (1,), not one per filter": [
        node("Conv", "x w b", "y"),
        tensor("w", 6, 4, 3, 3),
        tensor("b", 1),
    ],
    "E606 layer `LayerNormalization 1`: it learns numbers of the shape (8,), not one per element": [
        node("LayerNormalization", "x w b", "y", axis=2),
        tensor("w", 8),
        tensor("b", 8, 8),
    ],
    "E606 layer `LayerNormalization 2`: its numbers are computed, not in the file": [
        node("Relu", "x", "a"),
        node("LayerNormalization", "x a", "y", axis=1),
    ],
    "E606 layer `PRelu 1`: its slopes of the shape (4,) are not one per channel": [
        node("AveragePool", "x", "z", kernel_shape=[1, 5]),
        node("PRelu", "z w", "y", name="PRelu 1"),
        tensor("w", 4),
    ],
    "E606 layer `Slice 1`: it takes other elements than a row of them": [
        node("Slice", "x start stop axes steps", "y"),
        tensor("start", 1, values=[0], kind=7),
        tensor("stop", 1, values=[8], kind=7),
        tensor("axes", 1, values=[2], kind=7),
        tensor("steps", 1, values=[2], kind=7),
    ],
    "E606 layer `Slice 1`: it cuts numbers of the file": [
        node("Slice", "w start stop axes", "z"),
        node("Conv", "x z", "y"),
        tensor("w", 6, 4, 3, 3),
        tensor("start", 1, values=[0], kind=7),
        tensor("stop", 1, values=[2], kind=7),
        tensor("axes", 1, values=[0], kind=7),
    ],
    "E606 layer `Split 1`: parts of (1, 1) are not 4 elements": [
        node("Split", "x sizes", "a y", axis=1),
        tensor("sizes", 2, values=[1, 1], kind=7),
    ],
    "E606 layer `AveragePool 2`: rows of −∞ around are known in front of a max-pooling only": [
        node("Pad", "x rows lowest", "a"),
        node("AveragePool", "a", "y", kernel_shape=[3, 3]),
        tensor("rows", 8, values=[0, 0, 1, 1, 0, 0, 1, 1], kind=7),
        tensor("lowest", values=[float("-inf")]),
    ],
    "E606 layer `MaxPool 2`: rows of −∞ around are known in front of a max-pooling only": [
        node("Pad", "x rows lowest", "a"),
        node("MaxPool", "a", "y", kernel_shape=[3]),
        tensor("rows", 8, values=[0, 0, 1, 1, 0, 0, 1, 1], kind=7),
        tensor("lowest", values=[float("-inf")]),
    ],
    "E606 layer `Pad 1`: it pads the batch": [
        node("Pad", "x rows", "y"),
        tensor("rows", 8, values=[1, 0, 0, 0, 0, 0, 0, 0], kind=7),
    ],
    "E606 layer `Pad 1`: `value` is `1.0`: only `0` is modelled": [
        node("Pad", "x rows", "y", value=1.0),
        tensor("rows", 8, values=[0, 0, 1, 1, 0, 0, 1, 1], kind=7),
    ],
    "E606 layer `Pad 1`: it pads in the mode `constant` by ((1, 0), (0, 0), (0, 0)), channels first": [
        node("Pad", "x rows", "y"),
        tensor("rows", 8, values=[0, 1, 0, 0, 0, 0, 0, 0], kind=7),
    ],
    "E606 layer `Resize 1`: it resizes in the mode `nearest`, by what is not known": [
        node("Resize", "x - twice", "y"),
        tensor("twice", 4, values=[1, 2, 2, 2]),
    ],
    "E606 layer `Resize 1`: (0, 8) are no sizes for 2 axes": [
        node("Resize", "x - - sizes", "y"),
        tensor("sizes", 4, values=[1, 4, 0, 8], kind=7),
    ],
    "E606 layer `Resize 1`: its factors are no numbers": [
        node("Resize", "x - twice", "y"),
        tensor("twice", 4, values=[1, 1, float("nan"), 2]),
    ],
    "E606 layer `Resize 1`: it resizes in the mode `spline`, by what is not known": [
        node("Resize", "x - twice", "y", mode="spline"),
        tensor("twice", 4, values=[1, 1, 2, 2]),
    ],
    "E606 layer `Resize 1`: it cuts the image before it resizes it": [
        node("Resize", "x - twice", "y", coordinate_transformation_mode="tf_crop_and_resize"),
        tensor("twice", 4, values=[1, 1, 2, 2]),
    ],
    "E606 layer `Constant 1`: it holds a constant of another type": [
        node("Constant", "", "s", value_string="a"),
        node("Mul", "x s", "y"),
    ],
    "E606 layer `ConstantOfShape 1`: it has the sizes [-1, 4, 3, 3]": [
        node("ConstantOfShape", "n", "w"),
        node("Conv", "x w", "y"),
        tensor("n", 4, values=[-1, 4, 3, 3], kind=7),
    ],
    "E606 layer `Gather 1`: no kind stands for the operation `Gather` on what layers make": [
        node("Gather", "x zero", "y"),
        tensor("zero", values=[0], kind=7),
    ],
    "E606 layer `Gather 2`: it takes numbers that are not there": [
        node("Shape", "x", "s"),
        node("Gather", "s nine", "g"),
        node("Reshape", "x g", "y"),
        tensor("nine", values=[9], kind=7),
    ],
    "E606 layer `Conv 1`: `kernel_shape` is [5, 5], its weights have [3, 3]": [
        node("Conv", "x w", "y", kernel_shape=[5, 5]),
        tensor("w", 6, 4, 3, 3),
    ],
    "E606 layer `Conv 1`: its weights of the shape (6, 3, 3, 3) want 3 channels, its input has 4": [
        node("Conv", "x w", "y"),
        tensor("w", 6, 3, 3, 3),
    ],
    "E606 layer `Conv 2`: its weights are computed, not in the file": [
        node("Relu", "x", "w"),
        node("Conv", "x w", "y"),
    ],
    "E606 layer `Conv 1`: its weights have the shape (6, 4, 3)": [
        node("Conv", "x w", "y"),
        tensor("w", 6, 4, 3),
    ],
    "E606 layer `Conv 1`: `pads` has 2 numbers for 2 axes": [
        node("Conv", "x w", "y", pads=[1, 1]),
        tensor("w", 6, 4, 3, 3),
    ],
    "E606 layer `Conv 1`: `auto_pad` is `SAME`: only `NOTSET`, `VALID`, `SAME_UPPER`, `SAME_LOWER` is modelled": [
        node("Conv", "x w", "y", auto_pad="SAME"),
        tensor("w", 6, 4, 3, 3),
    ],
    "E606 layer `Conv 1`: it has 3 sizes for 2 axes": [
        node("Conv", "x w", "y", strides=[1, 1, 1]),
        tensor("w", 6, 4, 3, 3),
    ],
    "E606 layer `Conv 1`: a stride is 0": [
        node("Conv", "x w", "y", strides=[0, 0], auto_pad="SAME_LOWER"),
        tensor("w", 6, 4, 3, 3),
    ],
    (
        "E606 layer `Conv 1`: `stride` would be `[0, 0]`: it must be integers ≥ 1, one for all axes or one "
        "per axis, such as `3` or `3x3`"
    ): [
        node("Conv", "x w", "y", strides=[0, 0]),
        tensor("w", 6, 4, 3, 3),
    ],
    "E606 layer `ConvTranspose 1`: `output_shape` is not modelled: give `pads`": [
        node("ConvTranspose", "x w", "y", output_shape=[16, 16]),
        tensor("w", 4, 6, 3, 3),
    ],
    "E606 layer `Gemm 2`: it has other than one bias per unit": [
        node("Flatten", "x", "a"),
        node("Gemm", "a w b", "y"),
        tensor("w", 256, 3),
        tensor("b", 4),
    ],
    "E606 layer `Gemm 2`: `alpha` is `2.0`: only `1` is modelled": [
        node("Flatten", "x", "a"),
        node("Gemm", "a w", "y", alpha=2.0),
        tensor("w", 256, 3),
    ],
    "E606 layer `Gemm 2`: `transA` is `1`: only `0` is modelled": [
        node("Flatten", "x", "a"),
        node("Gemm", "a w", "y", transA=1),
        tensor("w", 256, 3),
    ],
    "E606 layer `BatchNormalization 1`: its mean and variance are not stored": [
        node("BatchNormalization", "x a b", "y"),
        tensor("a", 4),
        tensor("b", 4),
    ],
    "E606 layer `BatchNormalization 1`: its weights of the shape (3,) want 3 channels, its input has 4": [
        node("BatchNormalization", "x a a a a", "y"),
        tensor("a", 3),
    ],
    "E606 layer `BatchNormalization 1`: `spatial` is `0`: only `1` is modelled": [
        node("BatchNormalization", "x a a a a", "y", spatial=0),
        tensor("a", 4),
    ],
    "E606 layer `LayerNormalization 1`: `axis` is 0, with 4 axes": [
        node("LayerNormalization", "x w", "y", axis=0),
        tensor("w", 1),
    ],
    "E606 layer `MaxPool 1`: it has no `kernel_shape`": [
        node("MaxPool", "x", "y"),
    ],
    "E606 layer `ReduceMean 1`: it makes one number of the batch": [
        node("ReduceMean", "x", "y"),
    ],
    "E606 layer `ReduceMean 1`: it works along 1 of 3 axes": [
        node("ReduceMean", "x", "y", axes=[1]),
    ],
    "E606 layer `ReduceMean 2`: it works along the channels": [
        node("Flatten", "x", "a"),
        node("ReduceMean", "a", "y", axes=[1]),
    ],
    "E606 layer `Clip 2`: its `min` is computed, not in the file": [
        node("Relu", "x", "a"),
        node("Clip", "x a", "y"),
    ],
    "E606 layer `PRelu 1`: its slopes have the shape (8,)": [
        node("PRelu", "x w", "y"),
        tensor("w", 8),
    ],
    "E606 layer `LRN 1`: `size` would be `five`: it must be a positive integer": [
        node("LRN", "x", "y", size="five"),
    ],
    "E606 layer `Relu 1`: it reads `z`, which nothing before it makes": [
        node("Relu", "z", "y"),
    ],
    "E606 layer `Relu 1`: it reads 2 tensors, not one": [
        node("Relu", "x x", "y"),
    ],
    "E606 layer `Relu 1`: `alpha` is `1.0`, which is not modelled": [
        node("Relu", "x", "y", alpha=1.0),
    ],
    "E605 the output `y`: nothing makes it": [
        node("Relu", "x", "a"),
    ],
    "E605 the output `y`: no layer makes it": [
        node("Constant", "", "y", value_float=2.0),
    ],
}
"""What is said, and the nodes and numbers of which it is said."""


@pytest.mark.parametrize("what", LAYERS)
def test_what_is_imported(what: str, tmp_path: Path) -> None:
    """Its layers as a spec has them."""
    parts, expected = LAYERS[what]
    assert items(model(*parts), tmp_path) == expected


@pytest.mark.parametrize("message", REFUSED)
def test_what_is_refused(message: str, tmp_path: Path) -> None:
    """With what the file has that no kind does."""
    assert messages(model(*REFUSED[message]), tmp_path) == [message]


PLACES: Final = "coordinate_transformation_mode"
TWICE, THRICE, MORE, LESS = (16, 16), (24, 24), (11, 9), (3, 5)


@pytest.mark.parametrize(
    ("size", "said", "lost"),
    [
        (TWICE, {}, []),
        (TWICE, {"nearest_mode": "round_prefer_ceil"}, []),
        (TWICE, {"nearest_mode": "floor"}, ["nearest_mode"]),
        (TWICE, {PLACES: "asymmetric", "nearest_mode": "floor"}, []),
        (TWICE, {PLACES: "asymmetric"}, []),
        (THRICE, {PLACES: "asymmetric", "nearest_mode": "floor"}, []),
        (THRICE, {PLACES: "asymmetric"}, ["nearest_mode"]),
        (TWICE, {PLACES: "align_corners", "mode": "linear"}, [PLACES]),
        (TWICE, {PLACES: "asymmetric", "mode": "linear"}, [PLACES]),
        (TWICE, {PLACES: "half_pixel_symmetric", "mode": "linear"}, []),
        (TWICE, {"mode": "cubic"}, ["cubic_coeff_a", "exclude_outside"]),
        (TWICE, {"mode": "cubic", "cubic_coeff_a": -0.5, "exclude_outside": 1}, []),
        (MORE, {"nearest_mode": "round_prefer_ceil"}, []),
        (MORE, {}, ["nearest_mode"]),
        (MORE, {PLACES: "asymmetric", "nearest_mode": "floor"}, [PLACES]),
        (MORE, {PLACES: "pytorch_half_pixel", "mode": "linear", "antialias": 1}, []),
        (LESS, {"mode": "linear"}, []),
        (LESS, {"mode": "linear", "antialias": 1}, ["antialias"]),
        ((1, 5), {PLACES: "pytorch_half_pixel", "mode": "linear"}, [PLACES]),
    ],
)
def test_places_of_new_elements_that_are_not_tensorflows_are_told(
    size: tuple[int, int], said: dict[str, Any], lost: list[str], tmp_path: Path
) -> None:
    """They change no table; expected is onnx.reference 1.23 beside Keras' UpSampling2D and Resizing."""
    sizes = tensor("sizes", 4, values=[1, 4, *size], kind=7)
    assert [*opened(model(node("Resize", "x - - sizes", "y", **said), sizes), tmp_path).lost] == lost


def test_early_files_count_places_from_the_corner(tmp_path: Path) -> None:
    """Upsample, and Resize before opset 11, have no word for it: the same for copies, not between elements."""
    twice = tensor("twice", 4, values=[1, 1, 2, 2])
    for operation, opset in (("Upsample", 9), ("Resize", 10)):
        for mode, lost in (("nearest", {}), ("linear", {PLACES: 1})):
            content = model(node(operation, "x twice", "y", mode=mode), twice, opset=opset)
            assert opened(content, tmp_path).lost == lost


CHANNELS: Final = {"order of channels": 1}


@pytest.mark.parametrize(
    ("operation", "shape", "mode", "lost"),
    [
        ("DepthToSpace", (1, 8, 4, 4), {}, {}),
        ("DepthToSpace", (1, 8, 4, 4), {"mode": "DCR"}, {}),
        ("DepthToSpace", (1, 8, 4, 4), {"mode": "CRD"}, CHANNELS),
        ("DepthToSpace", (1, 4, 4, 4), {"mode": "CRD"}, {}),
        ("SpaceToDepth", (1, 2, 4, 4), {}, {}),
        ("SpaceToDepth", (1, 2, 4, 4), {"mode": "CRD"}, CHANNELS),
    ],
)
def test_blocks_of_pixels_in_another_order_are_told(
    operation: str, shape: tuple[int, ...], mode: dict[str, str], lost: dict[str, int], tmp_path: Path
) -> None:
    """onnx.reference 1.23: DCR, and SpaceToDepth without a mode, give what TensorFlow gives."""
    content = model(node(operation, "x", "y", blocksize=2, **mode), shape=shape)
    assert opened(content, tmp_path).lost == lost


@pytest.mark.parametrize(
    ("opset", "axis", "line"), [(12, 1, "softmax: axis=[1,2,3]"), (12, 3, "softmax: axis=2"), (13, 1, "softmax:")]
)
def test_a_softmax_before_opset_13_takes_all_axes_from_one_on(opset: int, axis: int, line: str, tmp_path: Path) -> None:
    """Later it takes that one alone."""
    assert items(model(node("Softmax", "x", "y", axis=axis), opset=opset), tmp_path) == [line]


@pytest.mark.parametrize(
    ("said", "batch", "shape"),
    [
        ((), 1, (1, 1, 1)),
        ((1, 1, 1, 1), 1, (1, 1, 1)),
        ((1, 4, 1, 8), 1, (1, 8, 4)),
        ((1, 4, 8), 1, (8, 4)),
        ((3,), 3, (1,)),
        ((0,), 3, (1,)),
        ((4,), 3, (4,)),
        ((1, 4, 0, 8), 1, (8, 8, 4)),
    ],
)
def test_an_opaque_layer_has_the_shape_that_the_file_states(
    said: tuple[int, ...], batch: int, shape: tuple[int, ...], tmp_path: Path
) -> None:
    """One number fits beside what it is made of; where a size is left open, the shape is that of the input."""
    parts = node("ReduceMean", "x", "a"), node("Relu", "a", "y"), value(13, "a", *said)
    graph = opened(model(*parts, shape=(batch, 4, 8, 8)), tmp_path, partial=True).graph
    assert [(node.kind, node.shape) for node in graph] == [("opaque", shape), ("relu", shape)]


def test_one_number_is_taken_from_what_it_is_made_of(tmp_path: Path) -> None:
    """As NumPy spreads it over all places."""
    parts = node("ReduceMean", "x", "a", keepdims=0), node("Sub", "x a", "y"), value(13, "a")
    graph = opened(model(*parts), tmp_path, partial=True).graph
    assert [(node.kind, node.shape) for node in graph] == [("opaque", (1, 1, 1)), ("subtract", (8, 8, 4))]


def test_a_cast_to_integers_is_told(tmp_path: Path) -> None:
    """It cuts what is behind the point; from floats to other floats nothing is lost."""
    for type_, lost in ((1, {}), (10, {}), (7, {"to": 1})):
        parts = node("Relu", "x", "a"), node("Cast", "a", "b", to=type_), node("Relu", "b", "y")
        assert opened(model(*parts), tmp_path).lost == lost


def test_a_log_softmax_before_opset_13_takes_all_axes_from_one_on(tmp_path: Path) -> None:
    """Later it takes that one alone."""
    content = node("LogSoftmax", "x", "y", axis=1)
    message = "E606 layer `LogSoftmax 1`: before opset 13 it works along several axes together"
    assert messages(model(content, opset=12), tmp_path) == [message]
    assert items(model(content, opset=13), tmp_path) == ["log_softmax:"]
    assert items(model(content, opset=12, shape=(1, 4)), tmp_path) == ["log_softmax:"]


def test_old_files_give_numbers_as_attributes(tmp_path: Path) -> None:
    """Bounds before opset 10, scales before opset 9."""
    cut = node("Slice", "x", "y", starts=[1, 0], ends=[3, 4], axes=[1, 3])
    assert items(model(cut, opset=9), tmp_path) == ["slice: start=1 stop=3", "slice: axis=2 stop=4"]
    twice = tensor("twice", 4, values=[1, 1, 2, 2])
    assert items(model(node("Upsample", "x twice", "y"), twice, opset=9), tmp_path) == ["upsample:"]
