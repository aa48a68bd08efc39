"""Keras is the oracle: random networks, written as spec text, have the shapes and parameters that Keras gives them."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cnnspec
from cnnspec.ir.keras_rule import FUNCTIONS as OPERATIONS
from cnnspec.ir.layer import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cnnspec.ir.shapes import Shape

    Maker = Callable[["_Pen"], str]

pytestmark = pytest.mark.keras

SLOW = settings(deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
COUNT = int(os.environ.get("CNNSPEC_NETWORKS", "500"))
"""How many networks are compared; `python -m tests.fuzz networks` asks for more, and for others."""
if COUNT != 500:
    SLOW = settings(SLOW, derandomize=False)
AXES = 4
"""Behind more of them, which an embedding at every step of a sequence gives, hardly a layer works."""
LARGEST = 4000
"""Elements of a tensor behind which a random network ends, so that it stays cheap to run."""
ROOM = 60
"""A size along every axis that any drawn window fits."""
MODES = ("zeros", "reflect", "symmetric")
FUNCTIONS = (
    *("exponential", "gelu", "hard_sigmoid", "hard_silu", "linear", "mish", "relu", "relu6", "selu"),
    *("sigmoid", "silu", "softmax", "softplus", "softsign", "tanh", "celu", "squareplus", "sparse_plus", "hard_tanh"),
    *("tanh_shrink", "hard_shrink", "soft_shrink", "sparse_sigmoid", "log_sigmoid", "log_softmax", "sparsemax"),
)


@dataclass(frozen=True)
class _Pen:
    """Draws items that fit a shape, and the parts of items."""

    draw: st.DrawFn
    shape: Shape

    @property
    def rank(self) -> int:
        return len(self.shape) - 1

    @property
    def channels(self) -> int:
        return self.shape[-1]

    def flag(self) -> bool:
        return self.draw(st.booleans())

    def number(self, most: int, least: int = 1) -> int:
        return self.draw(st.integers(least, most))

    def one_of(self, *options: Any) -> Any:
        return self.draw(st.sampled_from(options))

    def several(self, items: Sequence[str]) -> str:
        """Draw some of many items, in a row."""
        return f"seq: [{', '.join(self.draw(st.permutations(items))[: 2 + len(items) // 3])}]"

    def share(self) -> float:
        return self.draw(st.sampled_from((0, 0.25, 1)))

    def divisor(self, number: int) -> int:
        return self.draw(st.sampled_from([n for n in range(1, number + 1) if number % n == 0]))

    def per_axis(self, most: int, least: int = 1) -> int | list[int]:
        """Draw one number for all axes, or one per axis."""
        return self.number(most, least) if self.flag() else [self.number(most, least) for _ in range(self.rank)]

    def rows(self, most: int) -> int | list[list[int]]:
        """Draw rows at the border: one number for all sides, or before and after per axis."""
        if self.flag():
            return self.number(most, 0)
        return [[self.number(most, 0), self.number(most, 0)] for _ in range(self.rank)]

    def padding(self, most: int) -> Any:
        """Draw padding of every form."""
        form = self.one_of("valid", "same", "rows")
        return self.rows(most) if form == "rows" else form

    def item(self, kind: str, **arguments: Any) -> str:
        """Return an item, in the long form or in the short one."""
        texts = {name: str(value).lower().replace(" ", "") for name, value in arguments.items()}
        if self.flag():
            return f"{kind}: '{' '.join(f'{name}={text}' for name, text in texts.items())}'"
        return f"{kind}: {{{', '.join(f'{name}: {text}' for name, text in texts.items())}}}"

    def keeping(self) -> str:
        """Draw an item that keeps the shape."""
        return self.draw(st.sampled_from(KEEPING + KEEPING_SPATIAL if self.rank else KEEPING))(self)

    def resizing(self, stride: int) -> str:
        """Draw a branch that divides the spatial sizes by a stride, rounded up, and has any number of channels."""
        units = self.item("dense", units=self.number(5))
        if not self.rank:
            return f"[{self.keeping()}, {units}]"
        geometry = {"stride": stride, "padding": "same"}
        if self.flag():
            return f"[{self.item('avgpool', pool=self.per_axis(4), **geometry)}, {units}]"
        return f"[{self.keeping()}, {self.item('conv', filters=self.number(5), kernel=self.per_axis(3), **geometry)}]"


def _affine(pen: _Pen) -> str:
    groups = {"groups": pen.one_of(-1, pen.divisor(pen.channels), pen.divisor(pen.channels))}
    axes = list(range(1, pen.rank + 2))
    several = {"axis": pen.draw(st.lists(st.sampled_from(axes), min_size=1, unique=True))} if pen.flag() else {}
    momentum = {"momentum": pen.share(), "axis": pen.one_of(-1, -1, *axes)}
    kind, arguments = pen.one_of(("bn", momentum), ("ln", several), ("gn", groups))
    return pen.item(kind, center=pen.flag(), scale=pen.flag(), **arguments)


def _elementwise(pen: _Pen) -> str:
    share = pen.share()
    kind, names = pen.one_of(
        ("relu", ("max", "slope", "threshold")),
        ("leaky_relu", ("slope",)),
        ("elu", ("alpha",)),
        ("normalize", ("mean", "variance")),
        ("rescale", ("scale", "offset")),
        ("dropout", ("rate",)),
        ("stochastic_depth", ("rate",)),
        ("threshold", ("threshold", "value")),
    )
    return pen.item(kind, **dict.fromkeys(names, share))


def _attention(pen: _Pen) -> str:
    """Draw an attention, over few steps: its cost grows with their square."""
    if prod(pen.shape[:-1]) > 200:
        return "lrn"
    heads = pen.divisor(pen.channels)
    sizes = pen.one_of({}, {"key": pen.number(4)}, {"key": pen.number(4), "value": pen.number(4)})
    return pen.item("attention", heads=heads, bias=pen.flag(), **sizes)


def _part(pen: _Pen) -> str:
    axis = pen.number(len(pen.shape))
    size = pen.shape[axis - 1]
    axis = pen.one_of(axis, axis - 1 - len(pen.shape))
    if pen.flag():
        parts = pen.divisor(size)
        return pen.item("split", parts=parts, index=pen.number(parts - 1, 0), axis=axis)
    start = pen.number(size - 1, 0)
    stop = pen.one_of({}, {"stop": pen.number(size, start + 1)})
    return pen.item("slice", start=start, axis=axis, **stop)


def _gathered(pen: _Pen) -> str:
    """Draw an exchange between places and channels."""
    sides = [side for side in (1, 2, 3) if pen.channels % side**2 == 0]
    if pen.rank == 2 and pen.flag():
        return pen.item("depth_to_space", block=pen.one_of(*sides))
    sides = [side for side in (1, 2, 3, 4) if not any(size % side for size in pen.shape[:-1])]
    if pen.rank == 2 and pen.flag():
        return pen.item("space_to_depth", block=pen.one_of(*sides))
    return "glu" if pen.channels % 2 == 0 else pen.item("dense", units=2)


def _each(pen: _Pen) -> str:
    """Draw a body that is applied at every step of the first axis."""
    inner = replace(pen, shape=pen.shape[1:])
    return f"each: [{inner.keeping()}, {inner.draw(st.sampled_from((*RESHAPING, _Pen.keeping)))(inner)}]"


def _same(pen: _Pen) -> str:
    window = {"kernel": pen.per_axis(4), "dilation": pen.per_axis(3), "padding": "same", "bn": pen.flag()}
    kind = pen.one_of("conv", "dwconv", "sepconv") if pen.rank < 3 else "conv"
    return pen.item(kind, **window, **({} if kind == "dwconv" else {"filters": pen.channels}))


def _convolution(pen: _Pen) -> str:
    groups = pen.one_of(*(n for n in (1, 2, 3, 4) if pen.channels % n == 0))
    steps = {pen.one_of("stride", "dilation"): pen.per_axis(3)}
    numbers = {
        "filters": groups * pen.number(4),
        "groups": groups,
        "bias": pen.flag(),
        "activation": pen.one_of(*FUNCTIONS),
    }
    padding = "causal" if pen.rank == 1 and pen.flag() else pen.padding(3)
    return pen.item("conv", kernel=pen.per_axis(4), padding=padding, **steps, **numbers)


def _depthwise(pen: _Pen) -> str:
    window = {
        "kernel": pen.per_axis(4),
        "padding": pen.padding(3),
        "dilation": pen.per_axis(3),
        "stride": pen.number(3),
    }
    numbers = {"multiplier": pen.number(3), "bias": pen.flag()}
    if pen.rank > 2:
        return _convolution(pen)
    if pen.flag():
        return pen.item("dwconv", **window, **numbers)
    return pen.item("sepconv", filters=pen.number(6), **window, **numbers)


def _transposed(pen: _Pen) -> str:
    """Draw what Keras builds: it adds no more rows than its stride has, and none where `same` would come out odd."""
    kernel, padding = pen.number(4, 2), pen.one_of("valid", "same", "rows")
    numbers = {"filters": pen.number(4), "bias": pen.flag(), "padding": pen.rows(1) if padding == "rows" else padding}
    if pen.flag():
        return pen.item("upconv", kernel=kernel, dilation=pen.per_axis(3), **numbers)
    stride = pen.number(3)
    added = {"output_padding": pen.number(stride - 1, 0)} if pen.flag() and (padding, kernel % 2) != ("same", 0) else {}
    return pen.item("upconv", kernel=kernel, stride=stride, **added, **numbers)


def _pooling(pen: _Pen) -> str:
    kind = pen.one_of("maxpool", "avgpool")
    strides: dict[str, Any] = {"stride": pen.per_axis(3)} if pen.flag() else {}
    padding = pen.padding(1)
    if kind == "maxpool" and padding != "same" and min(pen.shape[:-1]) > 3:
        strides["ceil"] = pen.flag()
    return pen.item(kind, pool=pen.per_axis(4, 2), padding=padding, **strides)


def _upsampling(pen: _Pen) -> str:
    words = ("bilinear", "bicubic", "lanczos3", "lanczos5")
    interpolation = {"interpolation": pen.one_of(*words)} if pen.rank == 2 and pen.flag() else {}
    return pen.item("upsample", size=pen.per_axis(3), **interpolation)


def _reshaping(pen: _Pen) -> str:
    size = prod(pen.shape)
    part = pen.divisor(size)
    return pen.item(
        "reshape", shape=pen.one_of([part, size // part], [-1, pen.channels], [1, -1, 1], list(pen.shape[::-1]))
    )


def _elementwise_join(pen: _Pen) -> str:
    kind = pen.one_of("add", "average", "maximum", "minimum", "residual", "subtract")
    branches = [f"[{pen.keeping()}, {pen.keeping()}]", "identity", f"[{pen.keeping()}]"]
    if kind == "residual":
        return f"residual: {branches[0]}"
    return f"{kind}: [{', '.join(branches[:2] if kind == 'subtract' else branches)}]"


def _projecting_join(pen: _Pen) -> str:
    filters, stride = pen.number(6), pen.number(3)
    if not pen.rank:
        return f"residual: {{body: [dense: {filters} relu], shortcut: [dense: {filters}]}}"
    end = f"conv: {filters} kernel=1 stride={stride}"
    return f"residual: {{body: [{pen.keeping()}, conv: {filters} kernel=3 stride={stride} same bn], shortcut: [{end}]}}"


def _concatenation(pen: _Pen) -> str:
    if pen.rank and pen.flag():
        axis = pen.number(pen.rank)
        rows = [[pen.number(2, 0) * (place == axis), 0] for place in range(1, pen.rank + 1)]
        return (
            f"concat: {{branches: [[{pen.keeping()}], [pad: {rows}]], axis: {pen.one_of(axis, axis - pen.rank - 2)}}}"
        )
    stride = pen.number(3)
    return f"concat: [{', '.join(pen.resizing(stride) for _ in range(pen.number(3, 2)))}]"


def _broadcasting_join(pen: _Pen) -> str:
    branches = ["[dense: 1]"]
    if pen.rank:
        column = [pen.shape[0], *[1] * (pen.rank - 1)]
        branches += [
            f"[conv: {{filters: 1, kernel: {column}}}]",
            f"[gap: keepdims, dense: 2 relu, dense: {pen.channels}]",
        ]
    kind = pen.one_of("add", "average", "maximum", "minimum", "multiply", "multiply", "subtract")
    drawn = [pen.one_of(*branches), "identity", pen.one_of(*branches)]
    return f"{kind}: [{', '.join(drawn[: 2 if kind == 'subtract' else 3])}]"


def _dot(pen: _Pen) -> str:
    """Draw a dot product along one axis of two tensors, which have few others."""
    if pen.rank > 1:
        return "flatten"
    axis = pen.number(len(pen.shape))
    facts = {"axes": axis, "normalize": str(pen.flag()).lower()}
    other = f"dense: {pen.number(6)}" if axis <= pen.rank else pen.keeping()
    return f"dot: {{branches: [identity, [{other}]], {', '.join(f'{key}: {value}' for key, value in facts.items())}}}"


def _recurrence(pen: _Pen) -> str:
    kind, own = pen.one_of(("lstm", {}), ("gru", {"reset_after": pen.flag()}), ("rnn", {}))
    ends = pen.one_of(
        {}, {"backwards": True}, {"bidirectional": True, "merge": pen.one_of("concat", "sum", "mul", "ave")}
    )
    numbers = {"units": pen.number(5), "bias": pen.flag(), "sequences": pen.flag(), "dropout": pen.one_of(0, 0.5)}
    return pen.item(kind, **numbers, activation=pen.one_of("tanh", "relu"), **own, **ends)


def _recurrent_images(pen: _Pen) -> str:
    """Draw a convolutional LSTM: the first axis are its steps."""
    image = replace(pen, shape=pen.shape[1:])
    steps = {pen.one_of("stride", "dilation"): image.per_axis(2)}
    window = {"kernel": image.per_axis(3), "padding": pen.one_of("valid", "same"), **steps}
    return pen.item("convlstm", filters=pen.number(4), bias=pen.flag(), sequences=pen.flag(), **window)


def _disturbance(pen: _Pen) -> str:
    kind, name = pen.one_of(
        *(("gaussian_noise", "std"), ("gaussian_dropout", "rate"), ("alpha_dropout", "rate")),
        *(("activity_regularization", "l1"), ("rms_norm", "eps")),
    )
    return pen.item(kind, **{name: pen.one_of(0.25, 0.5)})


def _augmentation(pen: _Pen) -> str:
    simple = ("brightness", "contrast", "sharpness", "rotation", "erasing", "zoom")
    bare = ("flip", "shear", "elastic_transform", "color_jitter", "invert", "gaussian_blur")
    other = ("random_posterization: 3", "random_translation: {height_factor: 0.1, width_factor: 0.2}")
    gray = ("random_grayscale", "rand_augment", "aug_mix") if pen.channels in (1, 3) else ()
    rgb = ("random_hue: 0.2", "random_saturation: 0.2", "random_color_degeneration: 0.2") if pen.channels == 3 else ()
    drawn = (*(f"random_{word}: 0.2" for word in simple), *(f"random_{word}" for word in bare), *other, *gray, *rgb)
    return pen.several(drawn)


def _sized(pen: _Pen) -> str:
    kind = pen.one_of("resize", "centercrop", "random_crop")
    return pen.item(kind, height=pen.number(9), width=pen.number(9))


KEEPING: tuple[Maker, ...] = (
    _affine,
    _elementwise,
    _elementwise,
    _disturbance,
    lambda pen: pen.several([*FUNCTIONS, "identity", "normalize"]),
    lambda pen: pen.one_of(*FUNCTIONS, "identity", "normalize"),
    lambda pen: pen.item("activation", function=pen.one_of(*FUNCTIONS)),
    lambda pen: (
        pen.item("prelu", shared=pen.one_of(True, False, pen.number(pen.rank + 1)))
        if pen.flag()
        else pen.item("rescale", scale=[pen.share() for _ in range(pen.channels)], offset=pen.share())
    ),
    lambda pen: pen.item("channel_shuffle", groups=pen.divisor(pen.channels)),
    lambda pen: pen.item("dense", units=pen.channels, bias=pen.flag(), activation=pen.one_of(*FUNCTIONS)),
)
KEEPING_SPATIAL: tuple[Maker, ...] = (
    _same,
    _same,
    _attention,
    lambda pen: pen.one_of("positions", pen.item("lrn", size=pen.number(6), k=1, beta=0.5)),
    lambda pen: pen.item("maxpool", pool=pen.per_axis(4), stride=1, padding="same"),
    lambda pen: pen.item("layerscale" if pen.rank < 3 else "spatial_dropout", **{} if pen.rank < 3 else {"rate": 0.5}),
)
RESHAPING: tuple[Maker, ...] = (
    _reshaping,
    _elementwise_join,
    _projecting_join,
    _concatenation,
    _broadcasting_join,
    _dot,
    _part,
    _gathered,
    lambda pen: _each(pen) if pen.rank else "flatten",
    lambda _: "flatten",
    lambda pen: pen.item("dense", units=pen.number(8)),
    # An embedding adds an axis: behind one of four no input has the shape, and TensorFlow has no softmax.
    # It reads zeros, which every vocabulary has: what is in front may give any number.
    lambda pen: (
        f"seq: [relu: 0, {pen.item('embedding', units=pen.number(4), vocabulary=pen.number(9))}]"
        if pen.rank < 3
        else "flatten"
    ),
    lambda pen: pen.item("repeat_vector", times=pen.number(4)) if not pen.rank else "unit_norm",
    lambda pen: pen.item("permute", dims=pen.draw(st.permutations(range(1, len(pen.shape) + 1)))),
)
SLIDING: tuple[Maker, ...] = (
    _convolution,
    _convolution,
    _depthwise,
    _transposed,
    _pooling,
    _upsampling,
    lambda pen: pen.item("pad", margins=pen.rows(min(*pen.shape[:-1], 3) - 1), mode=pen.one_of(*MODES)),
    lambda pen: pen.item("crop", margins=pen.rows(2)),
    lambda pen: pen.item("adaptive_avgpool", size=pen.per_axis(6)),
    lambda pen: pen.item("adaptive_maxpool" if pen.shape[-2] > 1 else "adaptive_avgpool", size=pen.per_axis(6, 2)),
    lambda pen: pen.item(pen.one_of("gap", "gmp"), keepdims=pen.flag()),
)
STEPS: tuple[Maker, ...] = (
    *(_recurrence, _recurrence, _attention),
    lambda pen: pen.one_of("masking", pen.item("class_token", steps=pen.number(3))),
)
IMAGES: tuple[Maker, ...] = (_augmentation, _augmentation, _sized, _recurrent_images)
ANY: tuple[Maker, ...] = (*RESHAPING, _Pen.keeping, _Pen.keeping)


class _Network(NamedTuple):
    """A drawn network as text, and the items that did not fit: with the shape they met and the codes of the errors."""

    text: str
    refused: list[tuple[str, Shape, set[str]]]


def _spec(shape: Shape | str, items: list[str]) -> str:
    head = shape if isinstance(shape, str) else list(shape)
    return "\n".join([f"input: {head}", "layers:", *(f"  - {item}" for item in items)])


@st.composite
def _networks(draw: st.DrawFn) -> _Network:
    """Draw a network item by item; what does not fit is left out, and remembered."""
    rank = draw(st.integers(0, 3))
    shape = tuple(draw(st.integers(1, 13 - 3 * rank)) for _ in range(rank + 1))
    first: Shape | str = shape
    items: list[str] = []
    if draw(st.integers(0, 5)) == 0:
        first = f"{{left: {list(shape)}, right: {list(shape)}}}"
        items = [f"{draw(st.sampled_from(('concat', 'subtract', 'maximum')))}:\n    from: [left, right]"]
        shape = cnnspec.loads(_spec(first, items)).nodes[-1].shape
    refused: list[tuple[str, Shape, set[str]]] = []
    for _ in range(draw(st.integers(2, 8))):  # a sixth of the items is frozen
        makers = (*ANY, *SLIDING, *SLIDING) if 1 < len(shape) < 5 else ANY
        makers = (*makers, *STEPS, *STEPS) if len(shape) == 2 else makers
        makers = (*makers, *IMAGES, *IMAGES) if len(shape) == 3 else makers
        makers = (*makers, _recurrent_images) if len(shape) == 4 else makers
        item = draw(st.sampled_from(makers))(_Pen(draw, shape))
        if draw(st.integers(0, 5)) == 0:
            item = f"{item}{'' if ':' in item else ':'}\n    trainable: false"
        try:
            graph = cnnspec.loads(_spec(first, [*items, item]))
        except cnnspec.SpecError as error:
            refused.append((item, shape, {diagnostic.code for diagnostic in error.diagnostics}))
            continue
        items.append(item)
        last, shape = graph.nodes[-1], graph.nodes[-1].shape
        if last.input_shapes == (shape,) and draw(st.booleans()):
            items += _again(first, items, last.name)
        elif draw(st.integers(0, 3)) == 0:
            skip = _skip(draw, graph)
            items += [skip] if skip else []
            shape = cnnspec.loads(_spec(first, items)).nodes[-1].shape
        elif draw(st.integers(0, 7)) == 0:
            items.append(f"dense: {shape[-1]}")
            items += _again(first, items, cnnspec.loads(_spec(first, items)).nodes[-1].name)
        if prod(shape) > LARGEST or len(shape) > AXES:
            break
    return _Network(_spec(first, items or ["identity"]), refused)


def _skip(draw: st.DrawFn, graph: cnnspec.Graph) -> str:
    """Return a join of the last tensor with an earlier one that fits, none where none does."""
    *before, last = graph.nodes
    fitting = [node.name for node in before if node.shape[:-1] == last.shape[:-1] and node.name not in graph.outputs]
    if not fitting or len(last.shape) < 2:
        return ""
    name = draw(st.sampled_from(fitting))
    same = graph[name].shape == last.shape
    kind = draw(st.sampled_from(("add", "multiply", "average", "concat"))) if same else "concat"
    return f"{kind}:\n    from: [{name}, {last.name}]"


def _again(first: Shape | str, items: list[str], name: str) -> list[str]:
    """Return an item that applies the last layer again, none where it is one that learns nothing and has no layer."""
    try:
        cnnspec.loads(_spec(first, [*items, f"share: {name}"]))
    except cnnspec.SpecError:
        return []
    return [f"share: {name}"]


def _nested(text: str, folder: Path, *, frozen: bool) -> cnnspec.Graph:
    """Return a network that has another one as an item, between layers of its own."""
    (folder / "inner.yaml").write_text(text, encoding="utf-8")
    head, items = text.split("\n", 1)[0], "\n    trainable: false" if frozen else ""
    outer = f"{head}\nlayers:\n  - relu\n  - network: inner.yaml{items}\n  - dense: 2\n"
    (folder / "outer.yaml").write_text(outer, encoding="utf-8")
    return cnnspec.load(folder / "outer.yaml")


def _refuses(keras: Any, item: str, shape: Shape) -> bool:
    """Tell whether Keras' own layers refuse an item on input of a shape; the item is read on input with more room."""
    node = cnnspec.loads(_spec((*(ROOM for _ in shape[:-1]), shape[-1]), [item])).nodes[0]
    tensor = keras.Input(shape)
    try:
        for call in node.layer.keras_calls(shape):
            if call.is_function:
                tensor = getattr(keras.ops, call.class_name.removeprefix(OPERATIONS))(tensor, **call.arguments)
            else:
                tensor = getattr(keras.layers, call.class_name)(**call.arguments)(tensor)
    except ValueError:
        return True
    return False


@pytest.mark.filterwarnings("ignore:You are using a softmax over axis")
@pytest.mark.filterwarnings("ignore:.*does not support masking")
def test_random_networks_agree(keras: Any, assert_agreement: Callable[..., Any], tmp_path: Path) -> None:
    """Random networks agree with Keras in every layer, and Keras refuses what cnnspec refuses.

    Layers are shared and frozen among them, and every fourth network is an item of another one.
    """
    shared = nested = joined = layers = 0
    seen: Counter[str] = Counter()
    refused: Counter[str] = Counter()

    @settings(SLOW, max_examples=COUNT)
    @given(_networks())
    def check(network: _Network) -> None:
        nonlocal shared, nested, joined, layers
        graph = cnnspec.loads(network.text)
        if len(network.text) % 4 == 0 and len(graph.inputs) == 1:
            graph = _nested(network.text, tmp_path, frozen=len(network.text) % 8 == 0)
            nested += 1
        assert_agreement(graph, run=True)
        shared += any(node.shared for node in graph)
        joined += any("from:" in line for line in network.text.splitlines())
        layers += len(graph)
        seen.update(node.kind for node in graph)
        for item, shape, codes in network.refused:
            assert (codes, _refuses(keras, item, shape)) == ({"E301"}, True), (item, shape)
            refused.update([item.partition(":")[0]])

    check()
    print(f"{layers:,} layers of {len(seen)} kinds; networks: {shared} sharing, {nested} nested, {joined} with skips")
    if COUNT < 500:
        return
    assert seen.total() > 2000
    assert len(seen) > 0.9 * len(KINDS), f"never drawn: {KINDS.keys() - seen.keys()}"
    assert refused.total() > 40  # stride beside dilation, and windows that stick out, are no longer refused
    assert min(shared, nested, joined) > 30
