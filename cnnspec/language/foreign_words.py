"""Words that are no kind: what their writers mean, known before spelling is guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from cnnspec.errors import listing, shorten, suggest
from cnnspec.ir.layer import ALIASES, KERAS_NAMES, KINDS
from cnnspec.language.faults import Faults
from cnnspec.text.tree import Scalar

MEANT: Final[Mapping[str, str]] = {
    "linear": "write `dense: 10`, with the number of units",
    "lazylinear": "write `dense: 10`, with the number of units",
    "fullyconnected": "write `dense: 10`, with the number of units",
    "innerproduct": "write `dense: 10`, with the number of units",
    "gemm": "write `dense: 10`, with the number of units",
    "hidden": "write `dense: 10`, with the number of units",
    "output": "write `dense: 10`, with the number of units",
    "convolution": "write `conv: 8 3x3`, with filters and window",
    "convolutional": "write `conv: 8 3x3`, with filters and window",
    "lazyconv": "write `conv: 8 3x3`, with filters and window",
    "adaptiveavgpool": "write `gap`, which takes the mean of every channel",
    "adaptiveaveragepooling": "write `gap`, which takes the mean of every channel",
    "adaptivemaxpool": "write `gmp`, which takes the largest number of every channel",
    "subsampling": "write `avgpool: 2` or `maxpool: 2`",
    "downsampling": "write `maxpool: 2`, or a convolution with a stride",
    "instancenorm": "write `gn: -1`, with a group for each channel",
    "instancenormalization": "write `gn: -1`, with a group for each channel",
    "dropout2d": "write `spatial_dropout: 0.1`, which drops whole channels",
    "featuredropout": "write `spatial_dropout: 0.1`, which drops whole channels",
    "unflatten": "write `reshape: 7x7x64`, with the new shape",
    "view": "write `reshape: 7x7x64`, with the new shape, or `flatten`",
    "sequential": "layers in a row need no word; `seq: [...]` groups some of them",
    "modulelist": "layers in a row need no word; `seq: [...]` groups some of them",
    "upsamplingbilinear": "write `upsample: 2 interpolation=bilinear`",
    "upsamplingnearest": "write `upsample: 2`",
    "reflectionpad": "write `pad: 3 reflect`, with the rows at every side",
    "replicationpad": "write `pad: 1 replicate`, with the rows at every side",
    "zeropad": "write `pad: 1`, with the rows at every side",
    "inputlayer": "give the shape as `input:` at the top of the file",
    "input": "give the shape as `input:` at the top of the file",
    "logsoftmax": "write `activation: log_softmax`, or `softmax`",
    "lambda": "write the kind that does the same, such as `rescale: 1/255`, or `opaque: {shape: 7x7x64, params: 0}`",
    "bidirectional": "write `lstm: 64 bidirectional`",
    "attention": "write `attention: 8`, with the number of heads",
    "additiveattention": "write `attention: 8`, with the number of heads",
    "groupqueryattention": "write `opaque: {params: 1000}` with its numbers, or `attention: 8` with heads of their own",
    "inputspec": "give the shape as `input:` at the top of the file",
    "concatenation": "write `concat: [[...], identity]`",
    "cat": "write `concat: [[...], identity]`",
    "skip": "write `residual: [...]` around the layers that are skipped",
    "shortcut": "write `residual: {body: [...], shortcut: [...]}`",
    "batchnormalisation": "write `bn`",
    "normalization2d": "write `bn`",
    "type": "the kind is the key: write `- conv: {filters: 8, kernel: 3}`",
    "activation_function": "write the function as a kind: `- relu`",
    "einsumdense": "write `dense: 10` for sums over the channels, or `attention: 8` for products of steps",
    "reversibleembedding": "write `embedding`, and `dense` for the way back",
    **dict.fromkeys(
        (
            *("categoryencoding", "discretization", "hashedcrossing", "hashing", "integerlookup", "stringlookup"),
            *("textvectorization", "melspectrogram", "stftspectrogram", "autocontrast", "equalization", "solarization"),
            *("contrastlimitedadaptivehistogramequalization", "cutmix", "mixup", "maxnumboundingboxes", "pipeline"),
        ),
        "do this before the network: its `input:` is what comes out",
    ),
    **dict.fromkeys(
        ("rnncell", "lstmcell", "grucell", "simplernncell", "stackedrnncells"),
        "write `lstm: 64`, `gru: 64` or `rnn: 64`, which are cells and loop in one",
    ),
    **dict.fromkeys(
        ("jaxlayer", "flaxlayer", "torchmodulewrapper", "tfsmlayer", "layer", "wrapper", "spectralnormalization"),
        "write the kind that does the same, or `opaque: {shape: 7x7x64, params: 1000}` with its numbers",
    ),
}
"""What to write for words of PyTorch, ONNX, Caffe and courses, in small letters without signs and a number of axes."""


def meant_by(word: str) -> str:
    """Return the step that helps somebody who wrote a foreign word, an empty text for a word that is not known.

    >>> meant_by("nn.Linear"), meant_by("AdaptiveAvgPool2d")
    ('write `dense: 10`, with the number of units', 'write `gap`, which takes the mean of every channel')
    """
    plain = re.sub(r"[^a-z0-9_]", "", word[:64].lower().rpartition(".")[2])
    for form in (plain, plain.replace("_", ""), re.sub(r"[123]d$", "", plain).replace("_", "")):
        if form in MEANT:
            return MEANT[form]
    return ""


def report_unknown_kind(faults: Faults, head: Scalar, blocks: Iterable[str], structures: Iterable[str]) -> None:
    """Report a word that is no kind, with what its writer means or the nearest word that is one."""
    place = (head.start, max(head.end, head.start + 1))
    if not head.text:
        faults.add("E104", "an item is empty", place, step="write a kind, such as `relu`, or remove the `-`")
        return
    known = [*KINDS, *ALIASES, *blocks, *structures]
    first, _, rest = head.text.strip().partition(" ")
    step = meant_by(head.text) or suggest(head.text, known) or suggest(head.text, _keras_names())
    if rest and first in known:
        step = f"write `{first}: {shorten(rest)}`"
    also = f"; blocks of this file: {listing(blocks)}" if blocks else ""
    notes = () if step else (f"kinds are {listing(sorted([*KINDS, *structures]))}{also}",)
    faults.add("E104", f"unknown kind `{shorten(head.text)}`", place, *notes, step=step)


def _keras_names() -> list[str]:
    """Return Keras' classes; of those that exist for one to three axes the one for images stands for all."""
    return [name for name in KERAS_NAMES if not name.endswith(("1D", "3D"))]
