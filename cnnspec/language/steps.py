"""What to write for words of Keras, PyTorch, ONNX, Caffe, Darknet and courses that are no kinds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

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
