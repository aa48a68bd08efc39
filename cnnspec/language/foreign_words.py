"""Words that are no kind: what their writers mean, known before spelling is guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final

from cnnspec.errors import listing, shorten
from cnnspec.ir.layer import ALIASES, KERAS_NAMES, KINDS, TORCH_NAMES
from cnnspec.language.faults import Faults
from cnnspec.language.pasted import INPUTS, NO_LAYER, Pasted, answer, is_python
from cnnspec.language.spelling import nearest
from cnnspec.text import tree
from cnnspec.text.tree import Scalar, Tree

STEPS: Final[Mapping[str, str]] = {
    "write `dense: 10`, with the number of units": (
        "lazylinear fullyconnected fullconnected innerproduct ip gemm matmul hidden output outputs logits "
        "neurons units affine projection perceptron mlp feedforward ff fullyconnect lin addmm densesoftmax "
        "classifier head mlphead connected"
    ),
    "write `conv: 8 3x3`, with filters and window": (
        "convolve lazyconv spatialconvolution conv3x3 convblock cnn qlinearconv"
    ),
    "write `conv: 8 1x1`, with the number of filters": "conv1x1 pointwise pointwiseconv nin networkinnetwork pwconv",
    "write `conv: 8 3x3 groups=2`, with the number of groups": "groupconv groupedconv groupsconv",
    "write `conv: 8 3x3 dilation=2`": "atrous atrousconv dilatedconv dilated",
    "write `upconv: 8 2x2/2`, with filters and window": (
        "transposeconv transposedconv deconvolution fractionallystridedconv convolutiontranspose backwardconv "
        "conv2dtransposed"
    ),
    "write `dwconv: 3x3`, with the window": "depthwisecnn depthwiseconvolution channelwiseconv dwseparable dwsconv",
    "write `sepconv: 8 3x3`, with filters and window": "depthwiseseparableconv depthwiseseparable dsconv dwsepconv",
    "write `gap`, which takes the mean of every channel": (
        "globalpool globalaverage globalaverages globalmean adaptivepool globalavgerage reducemean mean spatialmean"
    ),
    "write `gmp`, which takes the largest number of every channel": "globalmaximum reducemax globalmx",
    "write `avgpool: 2` or `maxpool: 2`": "subsampling subsample pool downpool lppool pool2",
    "write `avgpool: 2`": "meanpool averagepooling2 mp_avg avpool averpool",
    "write `maxpool: 2`": "mp maxpl fractionalmaxpool",
    "write `maxpool: 2`, or a convolution with a stride": "downsampling downsample",
    "write `upsample: 2`, which repeats every element": (
        "maxunpool unpool upsamplingnearest upscale nearestupsample upsampled upsampler repeatelements"
    ),
    "write `upsample: 2 interpolation=bilinear`": (
        "upsamplingbilinear bilinearupsample bilinearinterpolation bilinearup"
    ),
    "write `resize: 32x32`, with the new size": "interpolate interp imresize rescaleimage scaleimage interpolation",
    "write `bn`": (
        "batchnormalisation norm batchnormalize batchnormalise spatialbn synchronizedbatchnorm bnorm normbatch"
    ),
    "write `ln`": "layernormalisation lnorm layernormalize",
    "write `gn: -1`, with a group for each channel": (
        "instancenorm inorm in instancenormalize adain conditionalinstancenorm"
    ),
    "write `gn: 32`, with the number of groups": "groupnormalisation gnorm",
    "write `lrn: 5`, with the number of channels": (
        "localresponse responsenorm localresponsenormalisation crosschannelnorm crossmaplrn"
    ),
    "write `unit_norm`, which brings the channels to length 1": (
        "l2norm l2normalize normalizel2 unitl2norm fnormalize"
    ),
    "write the layer inside alone: it is the kernel that is normalized": "spectralnorm weightnorm parametrizations",
    "write `normalize: {mean: 0.5, variance: 0.25}`, or `rescale: 1/255`": (
        "standardize zscore meansubtraction whitening"
    ),
    "write `dropout: 0.5`, with the share that is dropped": "drop dropconnect",
    "write `spatial_dropout: 0.1`, which drops whole channels": (
        "featuredropout channeldropout dropoutspatial dropblock featurealphadropout"
    ),
    "write `stochastic_depth: 0.1`": "droppath layerdrop survivalprobability",
    "write `reshape: 7x7x64`, with the new shape": "foldshape expanddims unsqueeze squeeze viewas",
    "write `flatten`, or `reshape: 7x7x64` with the new shape": "view",
    "write `flatten`": "ravel unroll vectorize squash",
    "write `permute: 2x1x3`, with the input axis of every output axis": "swapaxes rearrange moveaxis transposeaxes",
    "write `split: 2`, which keeps one of equal parts": "unbind tensorsplit",
    "write `slice: start=0 stop=1`": "gather indexselect narrow select strided_slice getitem",
    "write `pad: 1`, with the rows at every side": "zeropad padding constantpad addpadding",
    "write `pad: 3 reflect`, with the rows at every side": "reflectpad mirrorpad reflectionpadding",
    "write `pad: 1 replicate`, with the rows at every side": "replicatepad edgepad",
    "write `pad: 1`, whose shapes and counts are the same": "circularpad wrappad",
    "write `crop: 1`, with the rows at every side": "cropping cut",
    "write `concat: [[...], identity]`": (
        "concatenation cat concatv2 depthconcat merge stack route joined hstack vstack"
    ),
    "write `add: [[...], identity]`": (
        "eltwise elementwise sum addn plus addition eltwiseadd elementwiseadd additive accumulate"
    ),
    "write `multiply: [[...], identity]`": (
        "mul times product hadamard eltwisemul elementwisemul multiplication scalechannels"
    ),
    "write `residual: [...]` around the layers that are skipped": (
        "skip skipconnection resblock residualblock resnetblock basicblock residualadd identityblock"
    ),
    "write `residual: {body: [...], shortcut: [...]}`": "shortcut convblockresidual projectionshortcut",
    "write `gate: [gap: keepdims, conv: 4 1x1 relu, conv: 16 1x1 sigmoid]`": (
        "se seblock squeezeexcitation squeezeandexcitation squeezeexcite squeezeexcitationblock channelattention"
    ),
    "layers in a row need no word; `seq: [...]` groups some of them": (
        "sequential modulelist module block layers model network net stage group container moduledict"
    ),
    "give the shape as `input:` at the top of the file": "inputlayer inputs data placeholder inputshape inputspec",
    "write the name of the function as a kind: `- relu`": "activationfunction act nonlinearity transferfunction",
    "write `relu`": "rectifier rectifiedlinear rectifiedlinearunit threshold0",
    "write `leaky_relu: 0.23`": "rrelu randomizedrelu",
    "write `leaky_relu: 0.1`": "lrelu leaky leakyrectify",
    "write `relu6`": "relun clippedrelu clip",
    "write `sigmoid`": "logistic logistics sigm expit sigmoidal",
    "write `tanh`": "hyperbolictangent htan tanhyperbolic",
    "write `softmax`": "softargmax prob softmaxwithloss softmaxoutput softmaxloss",
    "write `silu`": "swishlayer memoryefficientswish",
    "write `linear`, or leave it out": "noactivation none null pass passthrough noop",
    "write `lstm: 64`, with the number of units": "lstmcell cudnnlstm longshorttermmemory stackedlstm",
    "write `gru: 64`, with the number of units": "grucell cudnngru gatedrecurrentunit",
    "write `rnn: 64`, with the number of units": "recurrent rnncell simplernncell stackedrnncells elman vanillarnn",
    "write `lstm: 64 bidirectional`": "bidirectional bilstm bidirectionallstm blstm bidirectionalwrapper",
    "write `gru: 64 bidirectional`": "bigru bidirectionalgru",
    "write `each: [dense: 10]`, which applies its body at every step": ("timedistributeddense timedistribute stepwise"),
    "write `embedding: {vocabulary: 1000, units: 64}`": (
        "embed wordembedding embeddingbag lookup lookuptable tokenembedding"
    ),
    "write `attention: 8`, with the number of heads": (
        "selfattention multiheadselfattention multihead mhsa msa crossattention scaleddotproductattention"
    ),
    "write `attention: 8`, which learns its weights; Keras' class of this name learns none": (
        "attention additiveattention"
    ),
    "write `positions`, which learns them": (
        "positionalencoding positionencoding posembedding positionalembedding posembed"
    ),
    "write `class_token`": "clstoken extraclasstoken",
    "write `depth_to_space: 2`": "subpixel subpixelconv pixelshuffler icnr periodicshuffle",
    "write `channel_shuffle: 2`, with the number of groups": "shufflechannel shuffle shufflechannels",
    "write the kind that does the same, such as `rescale: 1/255`, or `opaque: {shape: 7x7x64, params: 0}`": (
        "lambda function python custom"
    ),
    "write the kind that does the same, or `opaque: {shape: 7x7x64, params: 1000}` with its numbers": (
        "jax flax torchmodulewrapper tfsm wrapper"
    ),
    "write `opaque: {params: 1000}` with its numbers, or `attention: 8` with heads of their own": "groupqueryattention",
    "write `embedding`, and `dense` for the way back": "reversibleembedding",
    "do this before the network: its `input:` is what comes out": (
        "categoryencoding discretization hashedcrossing hashing integerlookup stringlookup textvectorization "
        "tokenizer melspectrogram stftspectrogram autocontrast equalization solarization "
        "contrastlimitedadaptivehistogramequalization cutmix mixup maxnumboundingboxes pipeline"
    ),
    "write `rescale: 1/255`": "divide div normalizeimage scalelayer byscale totensor scaling multiplyconstant",
    "write `dot: {branches: [[...], identity], axes: 2}`, which multiplies along an axis of each": (
        "bmm batchmatmul matmulproduct cosinesimilarity tensordot dotproduct"
    ),
    "no kind does that; `dot` multiplies along an axis of two inputs, `dense` by learned numbers": (
        "einsum einsumdense bilinear"
    ),
    "write `hard_swish`": "hswish",
    "write `hard_sigmoid`": "hsigmoid",
    "write `conv: 768 16x16/16`, then `reshape: -1x768`": "patchembed patchembedding patches",
    "a block of one's own: write its layers under `blocks:`, and its name as an item": (
        "mbconv invertedresidual fire firemodule inception inceptionblock denseblock transition bottleneck "
        "stem transformer transformerencoder encoder decoder convnextblock c3 c2f spp sppf aspp"
    ),
    "leave it out: a layer has a bias of its own, which `nobias` switches off": "biasadd bias addbias",
    "leave it out: numbers stand in the arguments of the layers": "constant shape cast dataparallel parameter",
    "no kind does that; the layers before it can be counted alone": (
        "yolo detection region priorbox roipool roialign nms nonmaxsuppression anchors proposal unfold fold"
    ),
    "no kind does that; `relu` keeps half of its numbers": "crelu concatrelu",
    "no kind does that; `softmax` is the one whose sum is 1": "softmin gumbelsoftmax adaptivelogsoftmaxwithloss",
    "no kind does that; two `dense` joined by `maximum` do": "maxout",
    "no kind does that; `multiply` of a `dense` and an activated one does": "swiglu geglu reglu bilinearglu",
    "leave it out: the loss stands in `train: {loss: ...}`": (
        "crossentropyloss crossentropy loss mseloss nllloss bceloss bcewithlogitsloss criterion accuracy "
        "l1loss euclideanloss"
    ),
    "leave it out: it belongs to training, as `train: {optimizer: adam}`": "optimizer adam sgd rmsprop compile fit",
    "the kind is the key: write `- conv: {filters: 8, kernel: 3}`": "type layer kind classname layertype op",
    "write `avgpool: 2`, or `average: [[...], identity]` for branches": "avg",
}
"""What to write for words of Keras, PyTorch, ONNX, Caffe, Darknet and courses, in small letters without signs."""
_ENDINGS: Final = (
    (re.compile(r"[^a-z0-9]"), ""),
    (re.compile(r"[123]d(?=$|transpose$|layer$)"), ""),
    (re.compile(r"(?<=.)layer$"), ""),
    (re.compile(r"average"), "avg"),
    (re.compile(r"pooling"), "pool"),
    (re.compile(r"normali[sz]ation"), "norm"),
    (re.compile(r"convolution(al)?"), "conv"),
    (re.compile(r"separableconv$"), "sepconv"),
)


@cache
def _meanings() -> dict[str, str]:
    return {_folded(word): step for step, words in STEPS.items() for word in words.split()}


def _folded(word: str) -> str:
    """Return a word as it is looked up: `MaxPooling2D`, `max_pooling2d` and `max-pool` are one.

    >>> _folded("nn.MaxPooling2D"), _folded("max_pooling2d"), _folded("max-pool")
    ('maxpool', 'maxpool', 'maxpool')
    """
    text = word[:64].rpartition(".")[2].lower()
    for pattern, short in _ENDINGS:
        text = pattern.sub(short, text)
    return text


def meant_by(word: str, known: Iterable[str] = ()) -> str:
    """Return the step that helps somebody who wrote a word that is no kind; `known` are further words of the file.

    >>> meant_by("InstanceNormalization"), meant_by("max_pooling2d_3"), meant_by("dens")
    ('write `gn: -1`, with a group for each channel', 'did you mean `maxpool`?', 'did you mean `dense`?')
    """
    if step := synonym(word):
        return step
    words = _words(len(KINDS)) | {_folded(other): other for other in known}
    forms = _forms(word)
    long = [other for other in _meanings() if len(other) > len("norm")]
    near = next((form for form in forms if form in words), "") or nearest(forms[-1], [*words, *long])
    return f"did you mean `{words[near]}`?" if near in words else _meanings().get(near, "")


def _forms(word: str) -> tuple[str, ...]:
    """Return a word as it is looked up, as it is and without the number of a layer: `relu6`, `fc1`, `conv2d_3`."""
    return tuple(dict.fromkeys((_folded(word), _folded(re.sub(r"(?<=[A-Za-z])\d$|_\d+$", "", word)))))


def synonym(word: str) -> str:
    """Return the step for a word that is known for what it means elsewhere, an empty text for any other."""
    first, *others = _forms(word)
    own = _own(len(KINDS))
    return (
        _meanings().get(first, "")
        if first in own or not others
        else _meanings().get(first) or _meanings().get(others[0], "")
    )


@cache
def _own(_: int) -> frozenset[str]:
    """Return our own names of so many kinds, folded."""
    return frozenset(_folded(name) for name in (*KINDS, *ALIASES))


@cache
def _words(_: int) -> dict[str, str]:
    """Return all names of so many kinds, folded, with the name to propose."""
    classes = {_folded(name): kind for name, (kind, _) in KERAS_NAMES.items()}
    theirs = {_folded(name): found[0][0] for name, found in TORCH_NAMES.items()}
    return theirs | classes | {_folded(name): name for name in (*ALIASES, *KINDS)}


def _step(pasted: Pasted) -> str:
    exact = pasted.step if pasted.word in INPUTS else ""
    return exact or synonym(pasted.word) or pasted.step or ("" if pasted.notes else NO_LAYER)


def _around(head: Scalar, value: Tree | None) -> Pasted | None:
    """Return what to answer to a word with a layer of Python beside it: `Bidirectional: LSTM(64)` means both."""
    if isinstance(value, tree.Mapping):
        parts = [(f"{key.text}=", part) for key, part in value.entries]
    else:
        parts = [("", value)] if value else []
    texts = [(name, part.text) for name, part in parts if isinstance(part, Scalar)]
    calls = [answer(text) for _, text in texts if is_python(text)]
    texts = [(name, repr(text) if text.islower() and text.isidentifier() else text) for name, text in texts]
    if not calls:
        return None
    whole = answer(f"{head.text}({', '.join(name + text for name, text in texts)})")
    return whole if whole and whole.step else calls[0]


def report_unknown_kind(
    faults: Faults, head: Scalar, value: Tree | None, blocks: Iterable[str], structures: Iterable[str]
) -> None:
    """Report a word that is no kind, with what its writer means or the nearest word that is one."""
    place = (head.start, max(head.end, head.start + 1))
    if not head.text:
        faults.add("E104", "an item is empty", place, step="write a kind, such as `relu`, or remove the `-`")
        return
    if pasted := answer(head.text) or _around(head, value):
        faults.add("E104", pasted.message, place, *pasted.notes, step=_step(pasted))
        return
    first, _, rest = head.text.strip().partition(" ")
    step = meant_by(head.text, (*blocks, *structures))
    if rest and first in (*KINDS, *ALIASES, *blocks, *structures):
        step = f"write `{first}: {shorten(rest)}`"
    also = f"; blocks of this file: {listing(blocks)}" if blocks else ""
    notes = () if step else (f"kinds are {listing(sorted([*KINDS, *structures]))}{also}",)
    faults.add("E104", f"unknown kind `{shorten(head.text)}`", place, *notes, step=step)
