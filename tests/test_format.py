"""The canonical layout: the same network, the same comments, and nothing left to do the second time."""

from __future__ import annotations

import json
import re
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cnnspec
from cnnspec.analysis.folding import configuration
from cnnspec.bundled import bundled_source
from cnnspec.language.formatting import formatted
from cnnspec.source import Source
from cnnspec.text.reader import read
from cnnspec.text.tree import Scalar, Sequence, Tree
from tests.bundled_cases import cases as bundled_cases

STYLES: Final = ("long", "short")
Nodes = tuple[tuple[str, object, tuple[str, ...], tuple[int, ...], str], ...]

LAYOUTS: Final = {
    "spaces": ("input:   8x8x1\nlayers:\n    -   relu\n", "input: 8x8x1\nlayers:\n  - relu\n"),
    "lists without indent": ("input: 4\nlayers:\n- relu\n- dense: 3\n", "input: 4\nlayers:\n  - relu\n  - dense: 3\n"),
    "nothing behind a key in brackets": (
        "input: 4\nlayers: [{relu: , name: a}, {relu: }]\n",
        "input: 4\nlayers: [{relu: , name: a}, relu: ]\n",
    ),
    "no newline at the end": ("input: 4\nlayers: [relu]", "input: 4\nlayers: [relu]\n"),
    "blank lines": (
        "\n\ninput: 4\n\n\n\nlayers:\n\n  - relu\n\n\n  - dense: 3\n\n\n",
        "input: 4\n\nlayers:\n\n  - relu\n\n  - dense: 3\n",
    ),
    "comment on top": ("# a\n#b\n\ninput: 4\nlayers: [relu]\n", "# a\n#b\n\ninput: 4\nlayers: [relu]\n"),
    "comment at the end": ("input: 4\nlayers:\n  - relu\n# end\n", "input: 4\nlayers:\n  - relu\n# end\n"),
    "comment behind a value": ("input: 4     # four\nlayers: [relu]\n", "input: 4  # four\nlayers: [relu]\n"),
    "comment behind a key": ("input: 4\nlayers: # all\n  - relu\n", "input: 4\nlayers:  # all\n  - relu\n"),
    "comment before an item": (
        "input: 4\nlayers:\n# one\n  - relu\n      # two\n  - relu\n",
        "input: 4\nlayers:\n  # one\n  - relu\n  # two\n  - relu\n",
    ),
    "comment between siblings": (
        "input: 4\nlayers:\n  - dense: 3\n    # why\n    name: a\n",
        "input: 4\nlayers:\n  - dense: 3\n    # why\n    name: a\n",
    ),
    "comment inside brackets": (
        "input: 4\nlayers: [relu, # first\n  dense: 3]\n",
        "input: 4\nlayers:\n  - relu  # first\n  - dense: 3\n",
    ),
    "comment inside braces": (
        "input: 8x8x1\nlayers:\n  - conv: {filters: 4, # K\n           kernel: 3}\n",
        "input: 8x8x1\nlayers:\n  - conv:\n      filters: 4  # K\n      kernel: 3\n",
    ),
    "short brackets stay": ("input: [8,8,1]\nlayers: [ relu ,relu ]\n", "input: [8, 8, 1]\nlayers: [relu, relu]\n"),
    "pairs in brackets need no braces": (
        "input: 8x8x1\nlayers: [{conv: 4 3x3}, relu]\n",
        "input: 8x8x1\nlayers: [conv: 4 3x3, relu]\n",
    ),
    "siblings in one line": (
        "input: 4\nlayers: [{dense: 3, name: a}]\n",
        "input: 4\nlayers: [{dense: 3, name: a}]\n",
    ),
    "empty values": (
        "input: 4\nlayers:\n  - flatten:\n  - relu: {}\n",
        "input: 4\nlayers:\n  - flatten:\n  - relu: {}\n",
    ),
    "empty collections": (
        "input: 4\nlayers: [relu]\nmeta: {a: [], b: {}}\n",
        "input: 4\nlayers: [relu]\nmeta: {a: [], b: {}}\n",
    ),
    "a sign in a word is no comment": (
        "name: a#b\ninput: 4\nlayers:\n  - relu:\n    note: 'C# # 4'\n",
        'name: a#b\ninput: 4\nlayers:\n  - relu:\n    note: "C# # 4"\n',
    ),
    "quotes that are needed stay": (
        "name: 'a: b'\ninput: 4\nlayers: [relu]\nmeta: {a: '', b: ' x ', c: '1,2', d: 'null'}\n",
        'name: "a: b"\ninput: 4\nlayers: [relu]\nmeta: {a: "", b: " x ", c: "1,2", d: "null"}\n',
    ),
    "quotes that are not needed go": ('input: "4"\nlayers: ["relu"]\n', "input: 4\nlayers: [relu]\n"),
    "Windows": ("input: 4\r\n# c\r\nlayers:\r\n  - relu # d\r\n", "input: 4\r\n# c\r\nlayers:\r\n  - relu  # d\r\n"),
    "tabs before a comment": ("input: 4\t# four\nlayers: [relu]\n", "input: 4  # four\nlayers: [relu]\n"),
    "joins": (
        "input: 4\nlayers:\n  - add: [[relu], identity]\n  - add:\n    - [relu, relu]\n    - identity\n",
        "input: 4\nlayers:\n  - add: [[relu], identity]\n  - add:\n      - [relu, relu]\n      - identity\n",
    ),
    "block lists in lists": (
        "input: 4\nlayers:\n  - add:\n    -\n      - relu\n      - relu\n    - identity\n",
        "input: 4\nlayers:\n  - add:\n      - - relu\n        - relu\n      - identity\n",
    ),
}
"""What is written, and how it is laid out."""

LONG: Final = {
    "conv: 64 7x7/2 same nobias relu": (
        "conv: {filters: 64, kernel: 7x7, stride: 2, padding: same, bias: false, activation: relu}"
    ),
    "conv: 8 5x5": "conv: {filters: 8, kernel: 5x5}",
    "conv: 16 3x5/2x1 pad=1x2 dilation=1 groups=2 bn": (
        "conv: {filters: 16, kernel: 3x5, stride: 2x1, padding: 1x2, dilation: 1, groups: 2, bn: true}"
    ),
    "maxpool: 3x3/2": "maxpool: {pool: 3x3, stride: 2}",
    "maxpool: 2": "maxpool: {pool: 2}",
    "dense: 10 softmax": "dense: {units: 10, activation: softmax}",
    "dropout: 0.5": "dropout: {rate: 0.5}",
    "rescale: 1/255 offset=-1": "rescale: {scale: 1/255, offset: -1}",
    "gap: keepdims": "gap: {keepdims: true}",
    "bn: noscale eps=1e-5": "bn: {scale: false, eps: 1e-5}",
    "upsample: 2 bilinear": "upsample: {size: 2, interpolation: bilinear}",
    "reshape: 64x16": "reshape: {shape: 64x16}",
}
"""Tokens, and the same as a mapping."""


def nodes(text: str) -> Nodes:
    """Return what makes up the graph of a spec: names, layers, inputs, shapes and notes."""
    graph = cnnspec.loads(text)
    return tuple((node.name, node.layer, node.inputs, node.shape, node.note) for node in graph)


def comments(text: str) -> list[str]:
    """Return the comments of a spec that has no `#` elsewhere."""
    return [match.rstrip() for match in re.findall(r"(?<![^\s,\[\]{}])#.*", text)]


def fmt(text: str, style: str | None = None) -> str:
    """Return a spec in the canonical layout."""
    return formatted("<text>", text, style)


def bundled(name: str) -> str:
    """Return the text of a bundled spec."""
    source = bundled_source(name)
    assert source is not None
    return source.text


@pytest.mark.parametrize("case", LAYOUTS)
def test_layout_is_canonical(case: str) -> None:
    """What is written, laid out; laid out again, it stays."""
    written, laid_out = LAYOUTS[case]
    assert fmt(written) == laid_out
    assert fmt(laid_out) == laid_out


@pytest.mark.parametrize("case", LAYOUTS)
def test_layout_keeps_the_network(case: str) -> None:
    """Every example is a network, and stays the same one."""
    written, laid_out = LAYOUTS[case]
    assert nodes(written) == nodes(laid_out)


@pytest.mark.parametrize("name", bundled_cases())
def test_bundled_specs_are_canonical(name: str) -> None:
    """What comes with the program is laid out as the program does it."""
    assert fmt(bundled(name)) == bundled(name)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("name", bundled_cases())
def test_styles_keep_network_and_comments(name: str, style: str) -> None:
    """Long or short, the graph is the same and no comment is lost, moved or changed."""
    text = fmt(bundled(name), style)
    assert nodes(text) == nodes(bundled(name))
    assert comments(text) == comments(bundled(name))
    assert fmt(text, style) == text
    assert fmt(text) == text


@pytest.mark.parametrize("name", bundled_cases())
def test_long_and_short_again_keeps_the_network(name: str) -> None:
    """There and back: the same graph, and from there on nothing changes."""
    short = fmt(fmt(bundled(name), "long"), "short")
    assert nodes(short) == nodes(bundled(name))
    assert fmt(fmt(short, "long"), "short") == short


@pytest.mark.parametrize("name", bundled_cases())
def test_long_form_has_no_tokens(name: str) -> None:
    """Every kind with arguments has a mapping."""
    for line in fmt(bundled(name), "long").splitlines():
        if re.match(r"\s*- (conv|dense|maxpool|avgpool|dwconv|upconv|dropout): ", line):
            assert re.search(r": (\{|$)", line), line


@pytest.mark.parametrize("tokens", LONG)
def test_tokens_become_a_mapping_and_tokens_again(tokens: str) -> None:
    """As a reader would write both."""
    spec = "input: 8x8x16\nlayers:\n  - {}\n"
    assert fmt(spec.format(tokens), "long") == spec.format(LONG[tokens])
    assert nodes(fmt(spec.format(LONG[tokens]), "short")) == nodes(spec.format(tokens))


@pytest.mark.parametrize("tokens", LONG)
def test_short_form_is_as_short_as_it_was(tokens: str) -> None:
    """A mapping becomes the tokens that a reader would have written, in the order of the arguments."""
    spec = "input: 8x8x16\nlayers:\n  - {}\n"
    short = fmt(spec.format(LONG[tokens]), "short")
    assert len(short) <= len(spec.format(tokens))
    assert sorted(short.split()) == sorted(spec.format(tokens).split())


TAILS: Final = (
    "input: 4\nlayers:\n  - relu\n  # - dropout: 0.5\ntrain:\n  epochs: 3\n  # seed: 4\nmeta: 1\n",
    "input: 4\nlayers:\n  - relu\n  # - dropout: 0.5\n\n# the training\ntrain:\n  epochs: 3\n",
    "input: 4\nlayers:\n  - relu\n  # - dropout: 0.5\n",
    "input: 4\nblocks:\n  a:\n    - relu\n    # end of a\n  # b\n  b:\n    - relu\nlayers: [a, b]\n",
)


@pytest.mark.parametrize("text", TAILS)
def test_a_comment_at_the_end_of_a_list_stays_in_it(text: str) -> None:
    """A last layer that is commented out stands where it stood, ready to be used again."""
    assert fmt(text) == text


TEXTS: Final = (
    *("- item", "-", "--- x", "*x", "*important*", "*", "~", "null", "a: b", "a:", "a #b", "#a", "'q'", '"q"', " x "),
    *("% x", "@x", "`x`", "!x", "&x", "|x", ">x", "? x", "{a}", "[a]", "a,b", "two\nlines", "é", "日本", "$x", "${a}"),
    *("/x", "(a)", ".5", "+1", "true", "a\tb", "\x07", "", "=", "back\\slash", "...", "-x", "\ufeff", "\x85", "\u2028"),
)
"""Texts of which some are YAML without quotes."""
PLACES: Final = (
    "input: 4\nlayers:\n  - relu:\n    note: {}\n",
    "input: 4\nlayers: [relu]\nmeta: {{a: [{}, b]}}\n",
    "input: 4\nlayers: [relu]\nmeta:\n  - {}\n",
    "input: 4\nlayers: [relu]\nmeta:\n  {}: 1\n",
)


def data(tree: Tree | None) -> object:
    """Return what a text says, without places and layout."""
    if isinstance(tree, Scalar):
        return tree.text
    if isinstance(tree, Sequence):
        return [data(item) for item in tree.items]
    assert tree is not None
    return [(key.text, data(value)) for key, value in tree.entries]


@pytest.mark.parametrize("text", TEXTS)
def test_texts_keep_the_quotes_that_they_need(text: str) -> None:
    """Laid out, a text is the same text wherever it stands."""
    for place in PLACES:
        spec = place.format(json.dumps(text))
        laid_out = fmt(spec)
        assert data(read(Source("<text>", laid_out))) == data(read(Source("<text>", spec)))
        assert fmt(laid_out) == laid_out


COMMENTED: Final = {
    "braces over two lines": "  - conv: {filters: 4, # K\n           kernel: 3} # F\n",
    "braces over four lines": "  - conv: {\n      # K\n      filters: 4,\n      kernel: 3 # F\n    } # end\n",
    "a mapping": "  - conv:\n      filters: 4  # K\n      # F\n      kernel: 3\n  - relu\n",
    "overrides": "  - conv: 4 3x3\n    repeat: 2\n    first: # only\n      # stride\n      stride: 2 # two\n",
    "tokens": "  # before\n  - conv: 4 3x3 # behind\n  # after\n",
    "a join": "  - add: # join\n    # one\n    - [relu, # in\n       relu]\n    # two\n    - identity # last\n",
    "a literal text": "  - relu:\n    note: |\n      one\n      two\n    # behind\n    name: a\n",
    "nothing but a comment behind the dash": "  -   # dash\n    relu\n",
}


@pytest.mark.parametrize("style", [None, *STYLES])
@pytest.mark.parametrize("case", COMMENTED)
def test_no_comment_is_lost(case: str, style: str | None) -> None:
    """All comments stay, in their order, and the network too: an item that has no room for them stays long."""
    text = f"# top\ninput: 9x9x3 # image\nlayers: # all\n{COMMENTED[case]}# end\n"
    restyled = fmt(text, style)
    assert comments(restyled) == comments(text)
    assert nodes(restyled) == nodes(text)
    assert fmt(restyled, style) == restyled


KEPT: Final = {
    "first and last": "  - conv: 4 3x3 same\n    repeat: 3\n    first: {stride: 2}\n    last: 8 nobias\n",
    "expressions": "  - conv: ${2*2} 3x3/${1 + 1} same\n",
    "expressions with spaces": "  - conv: {filters: '${2 * 2}', kernel: 3}\n",
    "Keras": "  - Conv2D: {filters: 4, kernel_size: [3, 3], strides: 2, padding: same, use_bias: false}\n",
    "Keras with activation": "  - Dense: {units: 4, activation: relu}\n",
    "asymmetric padding": "  - conv: 4 3x3 pad=[[0,1],[2,3]]\n",
    "asymmetric padding as lists": "  - conv: {filters: 4, kernel: 3, padding: [[0, 1], [2, 3]]}\n",
    "margins": "  - pad: [[0,1],[2,3]]\n  - crop: 1x2\n",
    "mean": "  - normalize: {mean: [0.1, 0.2, 0.3], variance: [1, 2, 3]}\n",
    "one mean": "  - normalize: mean=0.5 variance=2\n",
    "noise": "  - dropout: 0.2 noise=1x1x3\n",
    "upper case": "  - conv: {filters: 4, kernel: 3, padding: SAME, activation: ReLU}\n",
    "truth as words": "  - conv: {filters: 4, kernel: 3, bias: no, bn: yes}\n",
    "flat blocks": "  - seq: [conv: 4 3x3, relu]\n  - residual: [conv: 4 3x3 same]\n",
    "branches": "  - concat: [[conv: 4 3x3 same], [maxpool: 3 stride=1 same], identity]\n",
    "short names": "  - conv: k=4 f=3 s=2 p=1\n",
    "stage table": "  - for: [f, s]\n    in: [[4, 1], [8, 2]]\n    do:\n      - conv: $f 3x3/$s same bn relu\n",
    "floats": "  - bn: eps=1e-5 momentum=0.9\n  - leaky_relu: 0.1\n  - relu: {max: 6, slope: 0.1}\n",
    "integers with separators": "  - dense: {units: 1_000}\n",
    "sizes with another sign": "  - conv: {filters: 4, kernel: 3×3, stride: 2}\n",
    "sizes with blanks": "  - conv: {filters: 4, kernel: 3 x 3, stride: 2}\n",
    "default given": "  - maxpool: {pool: 2, stride: 2}\n  - maxpool: {pool: [2, 2]}\n",
    "names as kinds": "  - conv: 4 1x1\n    name: relu\n  - add: [relu, identity]\n",
}
"""Items that are hard to restyle, on an image."""


OPEN_ARGUMENTS: Final = {
    "a literal as large as any": (
        "k: 3",
        "conv: 4 ${k}x910000000 same",
        'conv: {filters: 4, kernel: "${k}x910000000", padding: same}',
    ),
    "a word for a number": ("k: same", "conv: $k", "conv: $k"),
    "a comparison": (
        "k: 3",
        "conv: ${8 if k == 2 else 4} 3x3",
        'conv: {filters: "${8 if k == 2 else 4}", kernel: 3x3}',
    ),
    "one of two words": (
        "k: 3",
        "conv: ${'same' if k == 2 else 'valid'} 3x3",
        "conv: ${'same' if k == 2 else 'valid'} 3x3",
    ),
    "a truth": ("k: true", "conv: $k 3x3", "conv: $k 3x3"),
    "an unknown variable": ("k: 3", "conv: $z 3x3", "conv: $z 3x3"),
    "a size": ("k: 3", "conv: 4 3x3/${in.w // 8}", 'conv: {filters: 4, kernel: 3x3, stride: "${in.w // 8}"}'),
    "a named word": ("k: same", "conv: 4 3x3 pad=$k", "conv: {filters: 4, kernel: 3x3, padding: $k}"),
}
"""A parameter, tokens with expressions, and what the long form makes of them."""


@pytest.mark.parametrize("case", OPEN_ARGUMENTS)
def test_tokens_are_named_only_where_every_value_means_the_same_field(case: str) -> None:
    """What a bare expression means is decided by its value: a word is no number of filters."""
    param, tokens, long = OPEN_ARGUMENTS[case]
    head = f"input: 8x8x3\nparams: {{{param}}}\nlayers:\n  - "
    assert fmt(f"{head}{tokens}\n", "long") == f"{head}{long}\n"


WRITTEN_SHORT: Final = {
    "conv: {filters: $f, kernel: $k, stride: 2}": "conv: $f $k/2",
    "conv: {filters: $w, kernel: $s, stride: 2, padding: same}": "conv: /2 same filters=$w kernel=$s",
    'conv: {filters: 4, kernel: "(3,3)", stride: 2}': "conv: 4 kernel=(3,3) stride=2",
    "reshape: {shape: $s}": "reshape: shape=$s",
    'conv: {filters: "4 ", kernel: "3\\t"}': "conv: 4 kernel=3",
}
"""Mappings, and the tokens that say the same whatever the variables hold: `f` and `k` are numbers."""


@pytest.mark.parametrize("long", WRITTEN_SHORT)
def test_what_may_be_no_number_is_named_in_the_short_form(long: str) -> None:
    """A parameter may hold `3 x 3` or `(8, 24)`, which no bare token can be."""
    spec = 'input: 8x8x3\nparams: {{f: 4, k: 3, w: 8 x 2, s: "(8, 24)"}}\nlayers:\n  - {}\n'
    assert fmt(spec.format(long), "short") == spec.format(WRITTEN_SHORT[long])


@pytest.mark.parametrize("style", [None, *STYLES])
@pytest.mark.parametrize("case", KEPT)
def test_hard_items_stay_the_same_network(case: str, style: str | None) -> None:
    """Whatever cannot be said in the other style safely stays as it is."""
    text = f"input: 9x9x3\nlayers:\n{KEPT[case]}"
    restyled = fmt(text, style)
    assert nodes(restyled) == nodes(text)
    assert fmt(restyled, style) == restyled


@pytest.mark.parametrize("name", bundled_cases())
def test_configurations_of_bundled_networks_can_be_pasted_into_a_spec(name: str) -> None:
    """The table's column shows every layer as a spec could write it, with nothing left out."""
    for row in cnnspec.summarize(cnnspec.load(name)):
        if not row.node.layer.joins:
            assert pasted(row).layer == row.node.layer, configuration(row)


@pytest.mark.parametrize("case", KEPT)
def test_configurations_of_hard_items_can_be_pasted_into_a_spec(case: str) -> None:
    """Likewise for unusual arguments."""
    for row in cnnspec.summarize(cnnspec.loads(f"input: 9x9x3\nlayers:\n{KEPT[case]}")):
        if not row.node.layer.joins:
            assert pasted(row).layer == row.node.layer, configuration(row)


def pasted(row: cnnspec.Row) -> cnnspec.Node:
    """Return the node that a configuration makes in a spec of its own, without what is said of it in parentheses."""
    kind, _, tokens = re.sub(r" \((shared with .*|frozen)\)$", "", configuration(row)).partition(" ")
    shape = "x".join(map(str, row.node.input_shapes[0]))
    return cnnspec.loads(f"input: {shape}\nlayers:\n  - {kind}: {tokens}\n").nodes[0]


def test_defaults_and_blocks_are_restyled_too() -> None:
    """Everywhere a kind has arguments."""
    text = (
        "input: 8x8x3\ndefaults:\n  conv: same nobias\nblocks:\n  a:\n    - conv: 4 3x3\nlayers:\n  - a\n"
        "  - conv: 4 3x3\n    first: 8\n    repeat: 2\n"
    )
    long = fmt(text, "long")
    assert "conv: {padding: same, bias: false}" in long
    assert "first: {filters: 8}" in long
    assert long.count("conv: {filters: 4, kernel: 3x3}") == 2
    assert nodes(long) == nodes(text)


def test_free_sections_are_left_alone() -> None:
    """`meta`, `train` and `params` may have keys that look like kinds."""
    text = "input: 4\nparams: {conv: 3}\nlayers: [relu]\ntrain: {epochs: 3}\nmeta: {conv: 8 3x3}\n"
    assert fmt(text, "long") == text
    assert fmt(text, "short") == text


def test_a_long_line_is_broken() -> None:
    """A collection in brackets that does not fit 110 characters gets lines of its own."""
    branch = ", ".join(["conv: 64 3x3 same relu"] * 6)
    text = f"input: 8x8x3\nlayers: [{branch}]\n"
    laid_out = fmt(text)
    assert max(map(len, laid_out.splitlines())) <= 110
    assert nodes(laid_out) == nodes(text)


# Random specs

COUNTS: Final = st.integers(1, 16)
WORDS: Final = st.sampled_from(("same", "nobias", "relu", "bn", "tanh"))
REMARKS: Final = st.sampled_from(("# x", "# two words", "#tight", "# a: b", "# - item", "# [8", "# 'quoted", "#"))


@st.composite
def items(draw: st.DrawFn) -> str:
    """Return one item of a layer list that keeps images images."""
    words = " ".join(draw(st.lists(WORDS, max_size=3, unique_by=lambda word: word in ("relu", "tanh"))))
    count = draw(COUNTS)
    return draw(
        st.sampled_from(
            (
                f"conv: {count} 3x3 same {words.replace('same', '')}".rstrip(),
                f"conv: {{filters: {count}, kernel: [1, 3], padding: same}}",
                f"Conv2D: {{filters: {count}, kernel_size: 3, padding: same, activation: 'relu'}}",
                f"dwconv: 3x3 same multiplier={count}",
                "maxpool: 3 stride=1 same",
                "avgpool: {pool: 3, stride: 1, padding: same}",
                "relu",
                "relu:",
                "dropout: 0.25",
                "bn: {eps: 1e-5}",
                "residual: [relu, relu]",
                "add: [identity, [relu, tanh], [sigmoid]]",
                f"concat: [[conv: {count} 1x1], identity]",
                "gate: [gap: keepdims, sigmoid]",
                f"seq: [relu, {{conv: {count} 1x1, note: '# {count}'}}]",
            )
        )
    )


@st.composite
def specs(draw: st.DrawFn) -> str:
    """Return a valid spec with comments and blank lines in many places."""

    def behind() -> str:
        return draw(st.one_of(st.just(""), st.just(""), REMARKS.map(lambda remark: f"   {remark}")))

    def above(indent: int) -> str:
        remark = st.tuples(REMARKS, st.integers(0, 8)).map(lambda pair: f"{' ' * pair[1]}{pair[0]}\n")
        return draw(st.one_of(st.just(""), st.just("\n"), st.just("\n\n"), remark)).replace(
            "\n\n", f"\n{' ' * indent}\n"
        )

    step = draw(st.integers(0, 4))
    lines = [f"{above(0)}name: random{behind()}\n", f"input:   [8, 8, 3]{behind()}\n", f"{above(0)}layers:{behind()}\n"]
    for index, item in enumerate(draw(st.lists(items(), min_size=1, max_size=6))):
        pad = " " * step
        lines.append(f"{above(step)}{pad}- {item}{behind()}\n")
        if ":" in item and draw(st.booleans()):
            lines.append(f"{above(step)}{pad}  name: n{index}{behind()}\n")
    return "".join(lines) + draw(st.one_of(st.just(""), REMARKS))


@pytest.mark.slow
@given(specs(), st.sampled_from((None, *STYLES)))
def test_random_specs_keep_network_and_comments(text: str, style: str | None) -> None:
    """Formatting is idempotent, and loses nothing but blanks."""
    laid_out = fmt(text, style)
    assert nodes(laid_out) == nodes(text)
    assert comments(laid_out) == comments(text)
    assert fmt(laid_out, style) == laid_out
    assert max(map(len, re.findall(r"\n+", laid_out)), default=0) <= 2


# Random specs with expressions and large literals

VARIABLES: Final = {
    "k": ("3", "1", "5", "2.0", "3x3", "3×3", "same", "910000000"),
    "f": ("4", "16", "0.5", "910000001", "same", "relu", "true"),
    "p": ("same", "valid", "2", "1x2", "[[0,1],[2,3]]"),
    "q": ("$f", "${f + 1}", "${k if k == 3 else 'same'}", "2", "${f}x${f}"),
}
"""Parameters, each with numbers, words, and what becomes one or the other."""
NUMBERS: Final = ("1", "3", "910000000", "910000001", "$k", "${k}", "$f", "$q", "${k + 1}", "${min(f, 8)}", "${in.c}")
OPEN: Final = ("$p", "$q", "${f if f == 4 else 'same'}", "${'same' if index == 0 else 'valid'}")


@st.composite
def arguments(draw: st.DrawFn) -> str:
    """Return an item whose arguments hold expressions and large integers, as tokens or as a mapping."""

    def one(*texts: str) -> str:
        return draw(st.sampled_from(texts))

    size = st.sampled_from(NUMBERS)
    number, other = draw(size), draw(size)
    window = one(f"{number}x{other}", f"{number}x{number}", "3x3", "910000000x1", f"{number}/{other}", f"/{number}")
    tokens = draw(st.lists(st.sampled_from((number, window, *OPEN, "same", f"pad={other}", f"f={number}")), max_size=4))
    entries = {
        "filters": number,
        "kernel": one(f"{other}x{number}", other, "3", "'3 x 3'", "'(3,3)'", "[1, 910000000]", "$p", "$q"),
        "stride": one("1", "2x1", "$k", "${k}x${k}", "'(2,1)'", "$q"),
        "padding": one("same", "$p", "$q", number, f"{number}x{other}"),
    }
    mapping = ", ".join(f"{name}: {quoted(entries[name])}" for name in draw(st.sets(st.sampled_from(sorted(entries)))))
    return one(
        f"conv: {' '.join(tokens)}",
        f"conv: {{{mapping}}}",
        f"dwconv: {' '.join(tokens)}",
        f"maxpool: {{pool: {quoted(number)}, stride: {quoted(other)}, padding: {quoted(entries['padding'])}}}",
        f"pad: {number}",
        f"dropout: {number}",
        f"reshape: {{shape: {quoted(one('$q', '${k}x-1', '8x24', '(8, 24)'))}}}",
        f"b: {one('$k', '$f', '$p', '${8 if k == 3 else 4}', 'v=$f', 'v=same u=2', '910000000 u=$q')}",
        f"b: {{v: {quoted(number)}}}",
        "b",
    )


def quoted(text: str) -> str:
    """Return a value of a flow mapping."""
    return text if text.startswith(("'", "[[", "[1")) else f'"{text}"'


@st.composite
def open_specs(draw: st.DrawFn) -> str:
    """Return a spec whose arguments wait for variables; many are wrong."""
    params = "".join(f"  {name}: {quoted(draw(st.sampled_from(texts)))}\n" for name, texts in VARIABLES.items())
    body = draw(arguments().filter(lambda item: not item.startswith("b")))
    required = ("[v, u]", "{v: required, u: 1}")
    params_of_b = draw(st.sampled_from(("{v: 3, u: 1}", "{v: same, u: 1}", "{v: $k, u: $k}", *required)))
    block = f"blocks:\n  b:\n    params: {params_of_b}\n"
    block += f"    layers:\n      - {body.replace('$k', '$v').replace('$f', '$u')}\n"
    defaults = draw(st.sampled_from(("", "defaults:\n  conv: 4 3x3\n", "defaults: {conv: {kernel: $k, filters: 2}}\n")))
    items = [f"  - {item}\n" for item in draw(st.lists(arguments(), min_size=1, max_size=3))]
    if draw(st.booleans()):
        rows = draw(st.sampled_from(("[[4, 1], [8, 3]]", "[[4, same], [8, 2]]", "[[$f, $k]]")))
        looped = draw(arguments()).replace("$k", "$s").replace("$f", "$c")
        items.append(f"  - for: [c, s]\n    in: {rows}\n    do:\n      - {looped}\n")
    return f"input: 8x8x3\nparams:\n{params}{defaults}{block}layers:\n{''.join(items)}"


def network(text: str) -> Nodes | None:
    """Return the nodes of a spec, None where it has a fault."""
    try:
        return nodes(text)
    except cnnspec.SpecError:
        return None


@pytest.mark.slow
@given(open_specs())
def test_what_variables_may_turn_into_does_not_change_by_formatting(text: str) -> None:
    """A variable may hold a number, a word or a size: long, short, and there and back, the network is the same one."""
    long, short = fmt(text, "long"), fmt(text, "short")
    for restyled in (long, short, fmt(long, "short"), fmt(short, "long")):
        assert network(restyled) == network(text)
    assert fmt(long, "long") == long
    assert fmt(short, "short") == short
