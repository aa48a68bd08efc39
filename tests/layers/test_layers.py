"""Every kind against numbers counted by hand or printed by others: one line per case, the source in its id."""

from __future__ import annotations

from typing import Final, NamedTuple

import pytest

import cnnspec
from cnnspec.ir.layer import KINDS
from cnnspec.ir.words import find_kind


class Row(NamedTuple):
    """An item of a layer list on an input, what must come out, and where the numbers are from."""

    item: str
    input: str
    output: tuple[int, ...]
    params: int
    stored: int
    macs: int
    source: str


CONVOLUTIONS: Final = (
    Row("conv: 8 5x5", "32x32x3", (28, 28, 8), 608, 0, 470_400, "course table, CONV1"),
    Row("conv: 16 5x5", "14x14x8", (10, 10, 16), 3_216, 0, 320_000, "course table, CONV2"),
    Row("conv: 10 3x3", "39x39x3", (37, 37, 10), 280, 0, 369_630, "course, simple convnet, layer 1"),
    Row("conv: 20 5x5/2", "37x37x10", (17, 17, 20), 5_020, 0, 1_445_000, "course, simple convnet, layer 2"),
    Row("conv: 40 5x5/2", "17x17x20", (7, 7, 40), 20_040, 0, 980_000, "course, simple convnet, layer 3"),
    Row("conv: 32 5x5 same", "28x28x192", (28, 28, 32), 153_632, 0, 120_422_400, "course, 120 M of inception"),
    Row("conv: 16 1x1", "28x28x192", (28, 28, 16), 3_088, 0, 2_408_448, "course, bottleneck 2.4 M"),
    Row("conv: 32 5x5 same", "28x28x16", (28, 28, 32), 12_832, 0, 10_035_200, "course, behind the bottleneck 10.0 M"),
    Row("conv: 5 3x3", "6x6x3", (4, 4, 5), 140, 0, 2_160, "course, normal convolution 2160"),
    Row("conv: 10 5x5 pad=2", "32x32x3", (32, 32, 10), 760, 0, 768_000, "CS231n, 760 parameters"),
    Row("conv: 96 11x11/4", "227x227x3", (55, 55, 96), 34_944, 0, 105_415_200, "CS231n, AlexNet conv1"),
    Row("conv: 64 3x3 same", "224x224x3", (224, 224, 64), 1_792, 0, 86_704_128, "CS231n, VGG conv1-1"),
    Row("conv: 2 3x3", "224x224x3", (222, 222, 2), 56, 0, 2_661_336, "ptflops Conv2d, 2759904 less 98568 biases"),
    Row("conv: 10 1x1", "10x10x3", (10, 10, 10), 40, 0, 3_000, "fvcore, conv 3000"),
    Row("conv: 10 5x5", "28x28x1", (24, 24, 10), 260, 0, 144_000, "torchinfo, 1048320/7 less 5760 biases"),
    Row("conv: 20 5x5", "12x12x10", (8, 8, 20), 5_020, 0, 320_000, "torchinfo, 2248960/7 less 1280 biases"),
    Row("conv: 32 3x3 same", "32x32x3", (32, 32, 32), 896, 0, 884_736, "keras-flops, 27 MACs per output"),
    Row("conv: 16 3x3 groups=4", "16x16x8", (14, 14, 16), 304, 0, 56_448, "Keras, groups 4"),
    Row("conv: 8 3x3 groups=8", "16x16x8", (14, 14, 8), 80, 0, 14_112, "by hand, as many groups as channels"),
    Row("conv: 8 3x3 dilation=2", "16x16x8", (12, 12, 8), 584, 0, 82_944, "Keras, dilation 2"),
    Row("conv: 8 3x3/2 dilation=2", "16x16x8", (6, 6, 8), 584, 0, 20_736, "PyTorch, stride 2 and dilation 2"),
    Row("conv: 6 3x5/2x1 nobias", "9x9x2", (4, 5, 6), 180, 0, 3_600, "by hand, rectangular window"),
    Row("conv: 4 2x2/2 pad=[[0,1],[0,1]]", "7x7x1", (4, 4, 4), 20, 0, 256, "by hand, padding behind only"),
    Row("conv: 4 2x2/2 pad=[[1,0],[0,0]]", "7x7x1", (4, 3, 4), 20, 0, 192, "by hand, padding above only"),
    Row("conv: 5 3x3 pad=1x2", "6x6x2", (6, 8, 5), 95, 0, 4_320, "by hand, padding per axis"),
    Row("conv: 8 3x3 nobias", "8x8x3", (6, 6, 8), 216, 0, 7_776, "by hand, no bias"),
    Row("conv: 8 3x3 bn relu", "8x8x3", (6, 6, 8), 224 + 32, 16, 7_776, "by hand, batch norm between"),
    Row("conv: 8 3x3 nobias bn", "8x8x3", (6, 6, 8), 216 + 32, 16, 7_776, "by hand, batch norm for bias"),
    Row("conv: 4 kernel=3", "10x2", (8, 4), 28, 0, 192, "by hand, sequence"),
    Row("conv: 4 kernel=5 stride=3 same", "10x2", (4, 4), 44, 0, 160, "Keras, SAME 10 k5 s3"),
    Row("Conv1D: {filters: 4, kernel_size: 3, dilation_rate: 4}", "10x2", (2, 4), 28, 0, 48, "by hand, 9 wide"),
    Row("conv: 2 3x3x3", "5x6x7x4", (3, 4, 5, 2), 218, 0, 12_960, "by hand, volume"),
    Row("Conv3D: 2 1x3x3/2x1x1 same", "5x6x7x4", (3, 6, 7, 2), 74, 0, 9_072, "by hand, volume with flat window"),
    Row("conv: 3 kernel=3 dilation=2 causal", "4x3", (4, 3), 30, 0, 108, "Keras, causal 30"),
    Row("Conv1D: {filters: 3, kernel_size: 5, strides: 2, padding: causal}", "9x1", (5, 3), 18, 0, 75, "Keras, causal"),
    Row("Conv2D: {filters: 8, kernel_size: 5}", "32x32x3", (28, 28, 8), 608, 0, 470_400, "course table in Keras"),
)
DEPTHWISE: Final = (
    Row("dwconv: 3x3", "6x6x3", (4, 4, 3), 30, 0, 432, "course, depthwise 432"),
    Row("conv: 5 1x1", "4x4x3", (4, 4, 5), 20, 0, 240, "course, pointwise 240"),
    Row("sepconv: 5 3x3", "6x6x3", (4, 4, 5), 47, 0, 672, "course, depthwise separable 672"),
    Row("dwconv: 3x3 multiplier=2", "16x16x8", (14, 14, 16), 160, 0, 28_224, "Keras, depthwise 160"),
    Row("dwconv: 3 same", "32x32x3", (32, 32, 3), 30, 0, 27_648, "keras-flops, 9 MACs per output"),
    Row("dwconv: 3x3 same nobias", "112x112x32", (112, 112, 32), 288, 0, 3_612_672, "MobileNet, first depthwise"),
    Row("dwconv: 3x3/2 same nobias", "8x8x6", (4, 4, 6), 54, 0, 864, "by hand, stride"),
    Row("dwconv: kernel=3", "9x4", (7, 4), 16, 0, 84, "by hand, sequence"),
    Row("sepconv: 16 3x3", "16x16x8", (14, 14, 16), 216, 0, 39_200, "Keras, separable 216"),
    Row("sepconv: 4 3x3 multiplier=2", "6x6x3", (4, 4, 4), 82, 0, 1_248, "by hand, 54 + 24 + 4"),
    Row("sepconv: 4 3x3 nobias", "6x6x3", (4, 4, 4), 39, 0, 624, "by hand, no bias"),
    Row("sepconv: 5 kernel=3", "9x4", (7, 5), 37, 0, 224, "by hand, separable sequence"),
    Row("layerscale", "7x7x96", (7, 7, 96), 96, 0, 0, "ConvNeXt-T, stage 1"),
    Row("layerscale: 0.1", "9x4", (9, 4), 4, 0, 0, "by hand, one factor per channel"),
)
TRANSPOSED: Final = (
    Row("upconv: 2 3x3/2", "224x224x3", (449, 449, 2), 56, 0, 2_709_504, "ptflops, 3112706 less 403202 biases"),
    Row("upconv: 4 3x3/2 same", "16x16x8", (32, 32, 4), 292, 0, 73_728, "Keras, transposed same"),
    Row("upconv: 4 3x3/2", "16x16x8", (33, 33, 4), 292, 0, 73_728, "Keras, transposed valid"),
    Row("upconv: 512 2x2/2", "28x28x1024", (56, 56, 512), 2_097_664, 0, 1_644_167_168, "U-Net, first up-convolution"),
    Row("upconv: 1 3x3", "2x2x1", (4, 4, 1), 10, 0, 36, "Dumoulin and Visin, figure 4.1"),
    Row("upconv: 1 3x3/2", "2x2x1", (5, 5, 1), 10, 0, 36, "Dumoulin and Visin, figure 4.5"),
    Row("upconv: 3 kernel=2 stride=2", "5x4", (10, 3), 27, 0, 120, "by hand, transposed sequence"),
    Row("upconv: 3 kernel=2 stride=3", "5x4", (15, 3), 27, 0, 120, "Keras, window smaller than stride"),
    Row("upconv: 4 4x4/2 pad=1", "28x28x8", (56, 56, 4), 516, 0, 401_408, "PyTorch, kernel 4 stride 2 padding 1"),
    Row("upconv: 1 5x5/3 pad=2", "6x6x1", (16, 16, 1), 26, 0, 900, "d2l, kernel 5, padding 2, stride 3"),
    Row("upconv: 4 3x3/2 pad=1 output_padding=1", "8x8x8", (16, 16, 4), 292, 0, 18_432, "PyTorch, the size of same"),
    Row("upconv: 4 3x3/2 pad=1", "8x8x8", (15, 15, 4), 292, 0, 18_432, "PyTorch, one row less than same"),
    Row("upconv: 4 3x3 dilation=2 groups=2", "8x8x8", (12, 12, 4), 148, 0, 9_216, "by hand, (9·4 + 1)·4, groups"),
    Row(
        "upconv: 8 4x4/2 pad=1 groups=8 nobias", "8x8x8", (16, 16, 8), 128, 0, 8_192, "by hand, one filter per channel"
    ),
    Row("upconv: 1 3x3/2 dilation=2", "4x4x1", (11, 11, 1), 10, 0, 144, "PyTorch, 3·2 + 2·2 + 1"),
    *(
        Row(
            f"Conv2DTranspose: {{filters: 4, kernel_size: {f}, strides: {s}, padding: {word}, {rest}}}",
            f"{n}x{n}x8",
            *((size, size, 4), (f * f * 8 + 1) * 4, 0, f * f * 8 * 4 * n * n, "Keras, rows added behind and dilation"),
        )
        for n, f, s, word, rest, size in (
            (28, 3, 2, "same", "output_padding: 0", 55),
            (28, 3, 2, "same", "output_padding: 1", 56),
            (28, 3, 2, "same", "output_padding: null, dilation_rate: 1", 56),
            (8, 2, 3, "same", "output_padding: 2", 23),
            (8, 3, 2, "same", "output_padding: 1", 16),
            (8, 3, 2, "same", "output_padding: 0", 15),
            (8, 3, 2, "valid", "output_padding: 1", 18),
            (8, 3, 1, "valid", "dilation_rate: 2", 12),
            (8, 3, 1, "same", "dilation_rate: 2", 8),
        )
    ),
    Row("upconv: 2 2x2x2/2 nobias", "2x3x4x3", (4, 6, 8, 2), 48, 0, 1_152, "by hand, transposed volume"),
)
DENSE: Final = (
    Row("dense: 120", "400", (120,), 48_120, 0, 48_000, "course table, FC3"),
    Row("dense: 84", "120", (84,), 10_164, 0, 10_080, "course table, FC4"),
    Row("dense: 10 softmax", "84", (10,), 850, 0, 840, "course table, softmax"),
    Row("fc: 1000", "4096", (1000,), 4_097_000, 0, 4_096_000, "CS231n, VGG fc8"),
    Row("dense: 4096", "25088", (4096,), 102_764_544, 0, 102_760_448, "CS231n, VGG fc6"),
    Row("dense: 2", "3", (2,), 8, 0, 6, "ptflops, Linear(3, 2)"),
    Row("dense: 10", "1000", (10,), 10_010, 0, 10_000, "fvcore, addmm 10000"),
    Row("dense: 4", "9", (4,), 40, 0, 36, "flax, Dense 9 to 4"),
    Row("dense: 50", "320", (50,), 16_050, 0, 16_000, "torchinfo, 112350/7 less 50 biases"),
    Row("dense: 10 nobias", "84", (10,), 840, 0, 840, "by hand, no bias in dense"),
    Row("dense: 10", "5x5x4", (5, 5, 10), 50, 0, 1_000, "Keras, dense on an image is per position"),
    Row("dense: 5", "7x4", (7, 5), 25, 0, 140, "by hand, dense on a sequence"),
    Row("dense: 10 bn relu", "4", (10,), 50 + 40, 20, 40, "by hand, dense with batch norm"),
)
POOLING: Final = (
    Row("maxpool: 2", "28x28x8", (14, 14, 8), 0, 0, 0, "course table, POOL1"),
    Row("maxpool", "224x224x64", (112, 112, 64), 0, 0, 0, "CS231n, pooling by 2"),
    Row("maxpool: 3x3/2", "55x55x96", (27, 27, 96), 0, 0, 0, "AlexNet, overlapping pooling"),
    Row("maxpool: 3x3/2 pad=1", "112x112x64", (56, 56, 64), 0, 0, 0, "ResNet, 56x56 behind pool1"),
    Row("maxpool: 3x3/2", "112x112x64", (55, 55, 64), 0, 0, 0, "Keras rounds down, Caffe gives 56"),
    Row("maxpool: 3x3/2 ceil", "112x112x64", (56, 56, 64), 0, 0, 0, "torchvision, GoogLeNet's maxpool1"),
    Row("maxpool: {kernel: 3, stride: 2, ceil_mode: true}", "54x54x96", (27, 27, 96), 0, 0, 0, "SqueezeNet 1.0"),
    Row("avgpool: 2 ceil", "7x7x4", (4, 4, 4), 0, 0, 0, "by hand, the last window sees one row"),
    Row("maxpool: 2 stride=1 same", "13x13x5", (13, 13, 5), 0, 0, 0, "tiny YOLO, pooling with stride 1"),
    Row("maxpool: 3 stride=2", "10x4", (4, 4), 0, 0, 0, "by hand, pooled sequence"),
    Row("MaxPool3D: 1x2x2", "5x6x7x4", (5, 3, 3, 4), 0, 0, 0, "by hand, pooled volume"),
    Row("avgpool: 2", "28x28x6", (14, 14, 6), 0, 0, 0, "LeNet-5, S2"),
    Row("avgpool: 7", "7x7x1024", (1, 1, 1024), 0, 0, 0, "GoogLeNet, average pooling"),
    Row("AveragePooling1D: {pool_size: 2, strides: 1}", "9x4", (8, 4), 0, 0, 0, "by hand, mean of neighbours"),
    Row("MaxPooling1D: {pool_size: 2}", "9x4", (4, 4), 0, 0, 0, "Keras, a sequence"),
    Row("MaxPooling3D: {pool_size: [1, 2, 3]}", "5x6x7x4", (5, 3, 2, 4), 0, 0, 0, "Keras, a volume"),
    Row("AveragePooling3D: {pool_size: 2}", "5x6x7x4", (2, 3, 3, 4), 0, 0, 0, "Keras, a volume"),
    Row("GlobalAveragePooling1D", "9x4", (4,), 0, 0, 0, "Keras, a sequence"),
    Row("GlobalMaxPooling3D", "5x6x7x4", (4,), 0, 0, 0, "Keras, a volume"),
    Row("gap", "7x7x2048", (2048,), 0, 0, 0, "ResNet-50, global pooling"),
    Row("gap: keepdims", "7x7x2048", (1, 1, 2048), 0, 0, 0, "by hand, axes kept"),
    Row("gap", "9x4", (4,), 0, 0, 0, "by hand, mean of a sequence"),
    Row("gmp", "5x6x7x4", (4,), 0, 0, 0, "by hand, maximum of a volume"),
    Row(
        "AdaptiveAveragePooling2D: {output_size: 6}", "7x7x512", (6, 6, 512), 0, 0, 0, "torchvision, AlexNet's avgpool"
    ),
    Row("adaptive_avgpool: 7x7", "14x14x8", (7, 7, 8), 0, 0, 0, "by hand, windows of 2"),
    Row("adaptive_maxpool: 3", "9x4", (3, 4), 0, 0, 0, "by hand, maxima of a sequence"),
    Row("AdaptiveAveragePooling3D: {output_size: [1, 2, 3]}", "5x6x7x4", (1, 2, 3, 4), 0, 0, 0, "Keras, a volume"),
    Row("AdaptiveMaxPooling3D: {output_size: [1, 2, 7]}", "5x6x7x4", (1, 2, 7, 4), 0, 0, 0, "Keras, a volume"),
    Row("gmp: keepdims", "5x6x7x4", (1, 1, 1, 4), 0, 0, 0, "by hand, maximum with axes kept"),
)
NORMALIZATION: Final = (
    Row("bn", "16x16x8", (16, 16, 8), 32, 16, 0, "Keras, batch norm 32"),
    Row("bn: noscale", "16x16x8", (16, 16, 8), 24, 16, 0, "Inception-v3, batch norm without scale"),
    Row("bn: noscale nocenter", "16x16x8", (16, 16, 8), 16, 16, 0, "by hand, statistics only"),
    Row("bn", "10", (10,), 40, 20, 0, "by hand, batch norm of a vector"),
    Row("ln", "16x16x8", (16, 16, 8), 16, 0, 0, "Keras, layer norm 16"),
    Row("ln: nocenter", "9x4", (9, 4), 4, 0, 0, "by hand, layer norm without offset"),
    Row("BatchNormalization: {axis: 1}", "28x28x32", (28, 28, 32), 112, 56, 0, "Keras, batch norm of 28 rows"),
    Row("BatchNormalization: {axis: 3}", "28x28x32", (28, 28, 32), 128, 64, 0, "Keras, the last axis by its number"),
    Row("LayerNormalization: {axis: [1, 2, 3]}", "5x8x3", (5, 8, 3), 240, 0, 0, "Keras, layer norm of an image"),
    Row("ln: {axis: [-1, 1]}", "5x8x3", (5, 8, 3), 30, 0, 0, "Keras, rows and channels"),
    Row("ln: axis=1 nocenter", "9x4", (9, 4), 9, 0, 0, "by hand, a factor per step"),
    Row("gn: 4", "16x16x8", (16, 16, 8), 16, 0, 0, "Keras, group norm 16"),
    Row("gn: -1", "256x256x64", (256, 256, 64), 128, 0, 0, "PyTorch-GAN, instance norm with factors"),
    Row("gn", "7x7x64", (7, 7, 64), 128, 0, 0, "by hand, 32 groups unless given"),
    Row("normalize", "224x224x3", (224, 224, 3), 7, 7, 0, "EfficientNet-B0, normalization 7"),
    Row("normalize: {mean: [0.4, 0.5, 0.6], variance: [1, 1, 1]}", "8x8x3", (8, 8, 3), 0, 0, 0, "Keras, mean given"),
    Row("normalize: {mean: 0.5, variance: 2}", "8x8x3", (8, 8, 3), 0, 0, 0, "by hand, one mean for all"),
    Row("lrn", "55x55x96", (55, 55, 96), 0, 0, 0, "AlexNet, norm1"),
    Row("rms_norm", "7x7x64", (7, 7, 64), 64, 0, 0, "Keras, RMS norm 64"),
    Row("unit_norm", "128", (128,), 0, 0, 0, "Keras, unit norm"),
    Row("rescale: [2,3,4]", "28x28x3", (28, 28, 3), 0, 0, 0, "Keras, EfficientNet's second rescaling"),
    Row("rescale: 1/255", "28x28x1", (28, 28, 1), 0, 0, 0, "Keras, rescaling"),
)
ACTIVATIONS: Final = (
    Row("glu", "9x8", (9, 4), 0, 0, 0, "PyTorch, GLU halves the channels"),
    Row("Softmax: {axis: [1, 2]}", "5x8x3", (5, 8, 3), 0, 0, 0, "Keras, softmax over the places"),
    Row("prelu", "16x16x8", (16, 16, 8), 2_048, 0, 0, "Keras, PReLU 2048"),
    Row("prelu: shared", "16x16x8", (16, 16, 8), 8, 0, 0, "Keras, PReLU with shared axes 8"),
    Row("PReLU: {shared_axes: [1]}", "5x8x3", (5, 8, 3), 24, 0, 0, "Keras, PReLU with one shared axis 24"),
    Row("PReLU: {shared_axes: [1, 2]}", "5x8x3", (5, 8, 3), 3, 0, 0, "Keras, PReLU with a slope per channel"),
    Row("prelu: shared=[1,2,3]", "5x8x3", (5, 8, 3), 1, 0, 0, "Keras, one slope for all"),
    Row("prelu: shared", "9x4", (9, 4), 4, 0, 0, "by hand, slopes of a sequence"),
    Row("prelu", "10", (10,), 10, 0, 0, "by hand, slopes of a vector"),
    *(
        Row(item, "4x5x6", (4, 5, 6), 0, 0, 0, "no function learns anything")
        for item in (
            *("relu", "relu: 6", "relu6", "leaky_relu: 0.2", "elu", "selu", "gelu", "silu", "hard_silu", "sigmoid"),
            *("hard_sigmoid", "tanh", "softplus", "softsign", "mish", "exponential", "linear", "softmax"),
            *("celu", "squareplus", "sparse_plus", "hard_tanh", "tanh_shrink", "hard_shrink", "soft_shrink"),
            *("sparse_sigmoid", "log_sigmoid", "log_softmax", "sparsemax", "threshold: 0.1"),
            *("activation: tanh", "identity"),
        )
    ),
)
MOVING: Final = (
    Row("flatten", "5x5x16", (400,), 0, 0, 0, "course table, 400 inputs of FC3"),
    Row("reshape: 7x7x64", "3136", (7, 7, 64), 0, 0, 0, "DCGAN, 3136 to 7x7x64"),
    Row("reshape: -1x64", "7x7x64", (49, 64), 0, 0, 0, "by hand, one dimension computed"),
    Row("permute: 2x1", "10x64", (64, 10), 0, 0, 0, "Keras, Permute((2, 1))"),
    Row("permute: 3x1x2", "4x5x6", (6, 4, 5), 0, 0, 0, "by hand, channels first"),
    Row("depth_to_space: 2", "7x7x64", (14, 14, 16), 0, 0, 0, "PyTorch, PixelShuffle(2)"),
    Row("space_to_depth: 2", "26x26x64", (13, 13, 256), 0, 0, 0, "YOLOv2, reorg of 26x26x64"),
    Row("channel_shuffle: 3", "28x28x240", (28, 28, 240), 0, 0, 0, "ShuffleNet, 3 groups"),
    Row("slice: start=16", "28x28x64", (28, 28, 48), 0, 0, 0, "by hand, the last 48 channels"),
    Row("slice: {stop: 1, axis: 1}", "197x768", (1, 768), 0, 0, 0, "ViT, the class token"),
    Row("split: 2 index=1", "28x28x64", (28, 28, 32), 0, 0, 0, "YOLOv8, second half of C2f"),
    Row("pad: 3", "224x224x3", (230, 230, 3), 0, 0, 0, "Keras, conv1_pad of ResNet-50"),
    Row("pad: [[1,0],[2,3]]", "4x4x2", (5, 9, 2), 0, 0, 0, "by hand, a margin per side"),
    Row("pad: 3 reflect", "256x256x3", (262, 262, 3), 0, 0, 0, "PyTorch-GAN, CycleGAN's stem"),
    Row("pad: {margins: [[2,1]], mode: symmetric}", "2x3", (5, 3), 0, 0, 0, "Keras, ops.pad symmetric"),
    Row("pad: 2 replicate", "1x2x3", (5, 6, 3), 0, 0, 0, "PyTorch, ReplicationPad2d(2)"),
    Row(
        "seq: [pad: 3 reflect, conv: 64 7x7, gn: -1, relu]",
        *("256x256x3", (256, 256, 64), 9_600, 0, 616_562_688, "PyTorch-GAN, CycleGAN's stem 9600"),
    ),
    Row("pad: 2", "2x3", (6, 3), 0, 0, 0, "Keras, ZeroPadding1D(2)"),
    Row("ZeroPadding3D: {padding: 1}", "5x6x7x4", (7, 8, 9, 4), 0, 0, 0, "by hand, padded volume"),
    Row("crop: [[2,2],[4,4]]", "28x28x3", (24, 20, 3), 0, 0, 0, "Keras, Cropping2D(((2, 2), (4, 4)))"),
    Row("ZeroPadding1D: {padding: [1, 2]}", "2x3", (5, 3), 0, 0, 0, "Keras, a sequence"),
    Row("ZeroPadding2D: {padding: [[1, 2], [0, 3]]}", "4x4x2", (7, 7, 2), 0, 0, 0, "Keras, a margin per side"),
    Row("Cropping1D: {cropping: [1, 2]}", "9x4", (6, 4), 0, 0, 0, "Keras, a sequence"),
    Row("Cropping3D: {cropping: 1}", "3x4x5x6", (1, 2, 3, 6), 0, 0, 0, "Keras, a volume"),
    Row("UpSampling1D: {size: 3}", "9x4", (27, 4), 0, 0, 0, "Keras, a sequence"),
    Row("UpSampling3D: {size: [1, 2, 3]}", "2x2x2x4", (2, 4, 6, 4), 0, 0, 0, "Keras, a volume"),
    Row("crop: 1", "3x4x5x6", (1, 2, 3, 6), 0, 0, 0, "by hand, cropped volume"),
    Row("crop: [[1,0]]", "9x4", (8, 4), 0, 0, 0, "by hand, first element removed"),
    Row("upsample: 2", "7x7x4", (14, 14, 4), 0, 0, 0, "Keras, UpSampling2D"),
    Row("upsample: 2x3 bilinear", "7x7x4", (14, 21, 4), 0, 0, 0, "by hand, a factor per axis"),
    Row("UpSampling2D: {size: 2, interpolation: lanczos3}", "7x7x4", (14, 14, 4), 0, 0, 0, "Keras, lanczos3"),
    Row("upsample: 3", "9x4", (27, 4), 0, 0, 0, "by hand, repeated sequence"),
    Row("resize: 224", "300x200x3", (224, 224, 3), 0, 0, 0, "Keras, Resizing(224, 224)"),
    Row("Resizing: {height: 64, width: 96}", "32x32x3", (64, 96, 3), 0, 0, 0, "Keras, height and width"),
    Row("centercrop: 24x20", "28x28x3", (24, 20, 3), 0, 0, 0, "Keras, CenterCrop(24, 20)"),
    Row("centercrop: 28x20", "28x28x3", (28, 20, 3), 0, 0, 0, "Keras, all rows stay"),
    Row("random_crop: 28", "28x28x3", (28, 28, 3), 0, 0, 0, "Keras, nothing is cut off"),
    Row("random_crop: 24", "28x28x3", (24, 24, 3), 0, 0, 0, "Keras, RandomCrop(24, 24)"),
    Row("repeat_vector: 3", "32", (3, 32), 0, 0, 0, "Keras, RepeatVector(3)"),
    Row("gaussian_noise: 0.1", "28x28x1", (28, 28, 1), 0, 0, 0, "Keras, GaussianNoise"),
    Row("gaussian_dropout: 0.5", "10", (10,), 0, 0, 0, "Keras, GaussianDropout"),
    Row("alpha_dropout: 0.5", "10", (10,), 0, 0, 0, "Keras, AlphaDropout"),
    Row("activity_regularization: 0.01", "10", (10,), 0, 0, 0, "Keras, ActivityRegularization"),
    Row("masking", "9x4", (9, 4), 0, 0, 0, "Keras, Masking"),
    *(
        Row(item, "180x180x3", (180, 180, 3), 0, 0, 0, "Keras, augmentation")
        for item in (
            *(
                "random_flip",
                "RandomRotation: 0.1",
                "random_zoom: 0.1",
                "random_translation: height_factor=0.1 width_factor=0.1",
            ),
            *(
                "random_shear",
                "random_perspective",
                "random_elastic_transform",
                "random_brightness: 0.2",
                "random_contrast: 0.2",
            ),
            *("random_hue: 0.2", "random_saturation: 0.2", "random_sharpness: 0.2", "random_color_degeneration: 0.2"),
            *("random_posterization: 4", "random_color_jitter", "random_grayscale", "random_invert", "random_erasing"),
            *("random_gaussian_blur", "rand_augment", "aug_mix"),
        )
    ),
    Row("dropout: 0.5", "4096", (4096,), 0, 0, 0, "AlexNet, dropout"),
    Row("stochastic_depth: 0.1", "7x7x96", (7, 7, 96), 0, 0, 0, "ConvNeXt, stochastic depth"),
    Row("dropout: 0.2 noise=1x1x8", "4x4x8", (4, 4, 8), 0, 0, 0, "by hand, one decision per channel"),
    Row("dropout: 0.2 noise=1x1x1", "4x4x8", (4, 4, 8), 0, 0, 0, "EfficientNet-B0, stochastic depth"),
    Row("spatial_dropout: 0.2", "4x4x8", (4, 4, 8), 0, 0, 0, "Keras, SpatialDropout2D"),
)
OPAQUE: Final = (
    Row("opaque: 7x7x16 params=100 macs=50", "28x28x1", (7, 7, 16), 100, 0, 50, "the writer's word"),
    Row("opaque: {params: 0, macs: 0, reason: a function of ours}", "9x4", (9, 4), 0, 0, 0, "the writer's word"),
)
JOINS: Final = (
    Row("add: [identity, [relu]]", "8x8x4", (8, 8, 4), 0, 0, 0, "by hand, sum"),
    Row("residual: [conv: 4 3x3 same]", "8x8x4", (8, 8, 4), 148, 0, 9_216, "by hand, residual"),
    Row("subtract: [identity, [relu]]", "8x8x4", (8, 8, 4), 0, 0, 0, "by hand, difference"),
    Row("average: [identity, [relu], [tanh]]", "8x8x4", (8, 8, 4), 0, 0, 0, "by hand, mean of three"),
    Row("maximum: [identity, [relu]]", "10", (10,), 0, 0, 0, "by hand, larger one"),
    Row("minimum: [identity, [relu]]", "9x4", (9, 4), 0, 0, 0, "by hand, smaller one"),
    *(
        Row(f"{kind}: [[conv: 4 1x1], [gap: keepdims]]", "8x8x4", (8, 8, 4), 20, 0, 1_024, "Keras, (8,8,4) and (1,1,4)")
        for kind in ("add", "subtract", "average", "maximum", "minimum")
    ),
    Row(
        "add: [[gap: keepdims], [conv: 1 1x1], [gap: keepdims]]", "8x8x4", (8, 8, 4), 5, 0, 256, "Keras, sizes from two"
    ),
    Row("multiply: [[conv: 1 1x1], identity]", "8x8x4", (8, 8, 4), 5, 0, 256, "by hand, one mask for all channels"),
    Row(
        "gate: [gap: keepdims, conv: 1 1x1 relu, conv: 4 1x1 sigmoid]",
        *("8x8x4", (8, 8, 4), 5 + 8, 0, 4 + 4, "by hand, squeeze and excitation"),
    ),
    Row(
        "concat: [[conv: 64 1x1], [conv: 128 3x3 same], [conv: 32 5x5 same], [maxpool: 3 stride=1 same, conv: 32 1x1]]",
        *("28x28x192", (28, 28, 256), 12_352 + 221_312 + 153_632 + 6_176, 0, 308_281_344, "course, inception 256"),
    ),
    Row("concat: {axis: 1, branches: [identity, [pad: [[1,1],[0,0]]]]}", "4x8x3", (10, 8, 3), 0, 0, 0, "Keras, axis 1"),
    Row(
        "concat: {axis: -2, branches: [identity, [relu]]}", "9x4", (18, 4), 0, 0, 0, "by hand, steps behind each other"
    ),
    Row("dot: [identity, [relu]]", "128", (1,), 0, 0, 128, "by hand, one product of vectors"),
    Row(
        "dot: {branches: [identity, [dense: 8]], axes: 2}", "9x8", (9, 9), 72, 0, 1_224, "by hand, all pairs of 9 steps"
    ),
    Row("dot: {branches: [identity, [dense: 3]], axes: 1, normalize: true}", "9x8", (8, 3), 27, 0, 432, "by hand"),
    Row("dot: {branches: [identity, [dense: 9]], axes: [1, 2]}", "9x8", (8, 9), 81, 0, 1_296, "by hand, 9·8·9 twice"),
    Row("concat: [identity, [dense: 3]]", "9", (12,), 30, 0, 27, "by hand, joined vectors"),
)
SEQUENCES: Final = (
    Row("positions", "197x768", (197, 768), 151_296, 0, 0, "ViT-B/16, position embedding"),
    Row("class_token", "196x768", (197, 768), 768, 0, 0, "ViT-B/16, class token"),
    Row("attention: 12", "197x768", (197, 768), 2_362_368, 0, 524_391_936, "ViT-B/16, attention 2362368"),
    Row("attention: 8 key=64", "10x512", (10, 512), 1_050_624, 0, 10_588_160, "Vaswani et al., base"),
    Row("MultiHeadAttention: {num_heads: 2, key_dim: 3}", "9x8", (9, 8), 218, 0, 2_700, "Keras, 3·54 + 56"),
    Row("attention: 2 key=3 value=5 out=6 nobias", "9x8", (9, 6), 236, 0, 3_420, "by hand, 48 + 48 + 80 + 60"),
    Row("MultiHeadAttention: {num_heads: 2, key_dim: 4}", "3x3x8", (3, 3, 8), 288, 0, 3_600, "by hand, 9 places"),
    Row("attention: 2", "2x3x2x8", (2, 3, 2, 8), 288, 0, 5_376, "by hand, 4·8·8·12 + 2·12·12·8"),
    Row("embedding: 16 vocabulary=20000", "200", (200, 16), 320_000, 0, 0, "by hand, 20000·16"),
    Row("Embedding: {input_dim: 7, output_dim: 3}", "4x5", (4, 5, 3), 21, 0, 0, "Keras, integers on two axes"),
    Row("lstm: 256", "16x4096", (256,), 4_457_472, 0, 71_303_168, "newbedev, LSTM of a CNN's 4096 features"),
    Row("lstm: 9", "7x1", (9,), 396, 0, 2_520, "datascience.SE 128705, LSTM 396"),
    Row("lstm: 9 nobias sequences", "7x1", (7, 9), 360, 0, 2_520, "by hand, 4·(9 + 81)"),
    Row("lstm: 128 sequences bidirectional", "50x64", (50, 256), 197_632, 0, 9_830_400, "Keras, captcha OCR"),
    Row("lstm: 4 bidirectional merge=sum", "5x3", (4,), 256, 0, 1_120, "by hand, 2·4·((3 + 1)·4 + 16)"),
    Row("gru: 64", "10x32", (64,), 18_816, 0, 184_320, "Keras, GRU with reset_after 3·((32 + 2)·64 + 64·64)"),
    Row("gru: 64 noreset_after", "10x32", (64,), 18_624, 0, 184_320, "Cho et al., one bias per gate"),
    Row("gru: 64 nobias", "10x32", (64,), 18_432, 0, 184_320, "by hand, no bias"),
    Row(
        "convlstm: 40 3x3 same sequences",
        *("16x40x40x1", (16, 40, 40, 40), 59_200, 0, 1_511_424_000, "keras PR #3906, the first layer"),
    ),
    Row(
        "ConvLSTM2D: {filters: 64, kernel_size: [5, 5], padding: same, return_sequences: true}",
        *("19x64x64x1", (19, 64, 64, 64), 416_256, 0, 32_374_784_000, "keras.io, next-frame prediction, 416256"),
    ),
    Row("convlstm: 64 3x3 same", "19x64x64x64", (64, 64, 64), 295_168, 0, 22_951_231_488, "keras.io, 295168"),
    Row("convlstm: 2 kernel=3 stride=2 nobias", "5x9x4", (4, 2), 144, 0, 2_880, "by hand, 4·3·6·2"),
    Row("rnn: 32", "20x8", (32,), 1_312, 0, 25_600, "Keras, SimpleRNN (8 + 1)·32 + 32·32"),
    Row("SimpleRNN: {units: 2, return_sequences: true}", "6x3", (6, 2), 12, 0, 60, "by hand, a state per step"),
)
ROWS: Final = (
    *CONVOLUTIONS,
    *DEPTHWISE,
    *TRANSPOSED,
    *DENSE,
    *POOLING,
    *NORMALIZATION,
    *ACTIVATIONS,
    *MOVING,
    *OPAQUE,
    *JOINS,
    *SEQUENCES,
)


def network(item: str, shape: str) -> cnnspec.Table:
    """Return the numbers of a network of one item."""
    return cnnspec.summarize(cnnspec.loads(f"input: {shape}\nlayers:\n  - {item}\n"))


@pytest.mark.parametrize("row", [pytest.param(row, id=f"{row.item} on {row.input} ({row.source})") for row in ROWS])
def test_kind_has_the_numbers_of_its_source(row: Row) -> None:
    """Shape, parameters, stored parameters and MACs agree to the last digit."""
    summary = network(row.item, row.input)
    totals = summary.totals
    found = (summary.rows[-1].shape, totals.params, totals.non_trainable_params, totals.macs)
    assert found == (row.output, row.params, row.stored, row.macs)


def test_every_kind_is_in_the_table() -> None:
    """A new kind needs a line with numbers that somebody counted."""
    found = [find_kind(row.item.partition(":")[0]) for row in ROWS]
    assert {kind[0].kind for kind in found if kind} == set(KINDS)


MAY_LACK: Final = (
    "activation alpha_dropout celu channel_shuffle depth_to_space dropout elu exponential flatten "
    "gaussian_dropout gaussian_noise gelu hard_shrink hard_sigmoid hard_silu hard_tanh identity leaky_relu linear "
    "log_sigmoid log_softmax masking mish pad permute random_flip relu relu6 rescale reshape selu sigmoid silu "
    "soft_shrink softmax softplus softsign space_to_depth sparse_plus sparse_sigmoid sparsemax spatial_dropout "
    "squareplus stochastic_depth tanh tanh_shrink threshold"
)
HAVE: Final = (
    "adaptive_avgpool adaptive_maxpool add attention average avgpool bn centercrop class_token concat conv "
    "convlstm crop dense dot dwconv embedding gap glu gmp gn gru layerscale ln lrn lstm maximum maxpool minimum "
    "multiply normalize opaque positions prelu random_crop repeat_vector resize rms_norm rnn sepconv slice split "
    "subtract unit_norm upconv upsample"
)


def test_rows_that_a_table_may_lack() -> None:
    """What learns nothing and only changes values, order or margins goes with the row above; all else has a row."""
    assert [name for name in MAY_LACK.split() if not KINDS[name].optional] == []
    assert [name for name in HAVE.split() if KINDS[name].optional] == []


@pytest.mark.parametrize("name", ["mean", "variance"])
def test_as_many_numbers_as_channels(name: str) -> None:
    """A normalization has one for each of three channels, or one for all."""
    given = {"mean": "0.5", "variance": "1.0"} | {name: "[0.1, 0.2]"}
    with pytest.raises(cnnspec.SpecError) as caught:
        network(f"normalize: {{mean: {given['mean']}, variance: {given['variance']}}}", "8x8x3")
    found = [(fault.code, fault.message) for fault in caught.value.diagnostics]
    assert found == [("E307", f"`{name}` has 2 numbers for 3 channels")]
