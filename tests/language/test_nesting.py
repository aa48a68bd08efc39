"""Another network as an item: bundled, or from a file beside the spec that names it."""

from __future__ import annotations

from pathlib import Path

import pytest

import cnnspec

TRANSFER = """\
input: 96x96x3
layers:
  - network: mobilenetv2
    without: top
    trainable: false
  - gap
  - dense: 5 softmax
"""
BASE = "input: 8x8x3\nparams: {width: 4}\nlayers:\n  - conv: ${width} 3x3 same\n    name: first\n  - conv: 3 1x1\n"


def write(folder: Path, **texts: str) -> Path:
    """Write specs into a folder; return that of the last one."""
    for name, text in texts.items():
        path = folder / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return path


def test_a_transfer_learning_model_is_six_lines() -> None:
    """MobileNetV2 without its top has 2,257,984 parameters (keras.applications, include_top=False), all frozen here."""
    table = cnnspec.summarize(cnnspec.loads(TRANSFER))
    assert (table.totals.params, table.totals.trainable_params) == (2_257_984 + 6_405, 6_405)
    assert table.rows[0].name == "mobilenetv2.conv1"
    assert table["gap1"].node.input_shapes == ((3, 3, 1280),)


def test_a_file_beside_takes_parameters_and_ends_where_it_is_told(tmp_path: Path) -> None:
    """Its names get the item's as a prefix; a second copy is numbered, and has parameters of its own."""
    outer = (
        "input: 32x32x3\nlayers:\n  - network: parts/base.yaml\n    params: {width: 16}\n"
        "  - network: parts/base.yaml\n    until: first\n  - network: lenet5-rgb\n    until: pool2\n    name: old\n"
        "    expect: 5x5x16\n"
    ).replace("    until: first\n", "")
    path = write(tmp_path, parts__base=BASE, outer=outer)
    table = cnnspec.summarize(cnnspec.load(path))
    assert [(row.name, row.params) for row in table] == [
        ("base.first", 448),
        ("base.conv1", 51),
        ("base_1.first", 112),
        ("base_1.conv1", 15),
        ("old.conv1", 608),
        ("old.pool1", 0),
        ("old.conv2", 3_216),
        ("old.pool2", 0),
    ]
    assert [source.name for source in cnnspec.load(path).others] == ["parts/base.yaml"]


def test_a_network_reads_networks_beside_itself(tmp_path: Path) -> None:
    """A file in a folder names files in that folder."""
    path = write(
        tmp_path,
        parts__base=BASE,
        parts__twice="input: 8x8x3\nlayers:\n  - network: base.yaml\n  - network: base.yaml\n",
        outer="input: 8x8x3\nlayers:\n  - network: parts/twice.yaml\n",
    )
    assert [row.name for row in cnnspec.summarize(cnnspec.load(path))] == [
        *("twice.base.first", "twice.base.conv1", "twice.base_1.first", "twice.base_1.conv1"),
    ]


def test_a_fault_inside_shows_both_files(tmp_path: Path) -> None:
    """The place in the other file, and the item that asks for it."""
    path = write(tmp_path, base=f"{BASE}  - crop: 40\n", outer="input: 8x8x3\nlayers:\n  - network: base.yaml\n")
    with pytest.raises(cnnspec.SpecError) as caught:
        cnnspec.load(path)
    assert str(caught.value) == (
        "error[E301]: `crop` leaves nothing: the output height would be −72\n"
        " --> base.yaml:7:5\n"
        "  |\n"
        "7 |   - crop: 40\n"
        "  |     ^^^^\n"
        "  = note: height: 8 − 2·40 = −72\n"
        f"  = note: in network `base.yaml`, which {path}:3:5 asks for"
    )


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ("network:", "error[E107]: `network` needs the name of a spec, not nothing"),
        ("network: [a]", "error[E107]: `network` needs the name of a spec, not a list"),
        ("network: resnet51", "error[E601]: no file and no bundled network is named `resnet51`"),
        ("network: none.yaml", "error[E601]: no file and no bundled network is named"),
        ("network: ../outer.yaml", "error[E602]:"),
        ("network: /etc/passwd.yaml", "error[E602]:"),
        ("network: link.yaml", "error[E602]:"),
        ("network: outer.yaml", "error[E204]: network `outer.yaml` is part of itself"),
        ("{network: lenet5-rgb, until: pool9}", "error[E201]: `lenet5-rgb` has no layer `pool9`"),
        ("{network: lenet5-rgb, without: head}", "error[E105]: `without` takes `top`, not `head`"),
        ("{network: lenet5-rgb, without: top, until: pool1}", "error[E106]: `until` and `without` both say"),
        ("{network: base.yaml, without: top}", "error[E206]: `base.yaml` has no top"),
        ("{network: base.yaml, params: {height: 3}}", "error[E114]: the spec has no parameter `height`"),
        ("{network: base.yaml, params: 3}", "error[E112]: `params` must be a mapping, not a value"),
        ("{network: base.yaml, filters: 3}", "error[E108]: unknown key `filters` beside a kind"),
        ("network: gray.yaml", "error[E304]: `gray.yaml` is for input (8, 8, 1), and here (64, 64, 3) enters"),
        ("network: two.yaml", "error[E206]: a network as an item has one input, `two.yaml` has 2"),
    ],
)
def test_what_cannot_be_an_item_is_said(item: str, message: str, tmp_path: Path) -> None:
    """Every mistake has its diagnostic; nothing above or outside of the folder is opened."""
    (tmp_path / "elsewhere.yaml").write_text(BASE, encoding="utf-8")
    inner = tmp_path / "inner"
    write(
        inner,
        base=BASE,
        gray="input: 8x8x1\nlayers: [relu]\n",
        two="input: {a: 8x8x3, b: 8x8x3}\nlayers: [add: [a, b]]\n",
    )
    (inner / "link.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    path = inner / "outer.yaml"
    path.write_text(f"input: 64x64x3\nlayers:\n  - {item}\n", encoding="utf-8")
    with pytest.raises(cnnspec.SpecError) as caught:
        cnnspec.load(path)
    assert message in str(caught.value)


def test_networks_within_networks_are_bounded(tmp_path: Path) -> None:
    """Files that each name the next one twice would be opened without end."""
    twice = "input: 4x4x1\nlayers:\n  - network: n{0}.yaml\n    name: a\n  - network: n{0}.yaml\n"
    texts = {f"n{level}": twice.format(level + 1) for level in range(20)}
    path = write(tmp_path, n20="input: 4x4x1\nlayers: [relu]\n", **texts)
    with pytest.raises(cnnspec.SpecError) as caught:
        cnnspec.load(path.with_name("n0.yaml"))
    assert "more than 1,000 networks are items of this one" in str(caught.value)
