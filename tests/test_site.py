"""The site of the documentation: what is generated for it, and its tables of contents; `.ci/run` builds it."""

from __future__ import annotations

import re
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import pytest

from cnnspec.error_codes import sections
from cnnspec.homework.diagnosis.slips import all_slips
from cnnspec.ir.layer import KINDS

DOCS: Final = Path(__file__).parents[1] / "docs"
PLACED: Final = re.compile(r"^```\{generated\} (\S+)$", re.MULTILINE)


@pytest.fixture(name="generated", scope="module")
def _generated() -> Any:
    """The module beside the pages, which Sphinx imports by its path."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(DOCS)
        yield import_module("generated")
    sys.modules.pop("generated")


@pytest.fixture(name="conf", scope="module")
def _conf(generated: Any) -> Any:
    """The settings of Sphinx, which need not be installed to read them; what colours the pages must."""
    pytest.importorskip("pygments", reason="Pygments is missing, so the settings of the site were not read")
    assert generated
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(DOCS)
        yield import_module("conf")
    sys.modules.pop("conf")


def test_all_kinds_have_a_section(generated: Any) -> None:
    """Once each, with their arguments, defaults and formulas; long lists of values stand once."""
    text = generated.text("kinds")
    assert sorted(re.findall(r"^### (\w+)$", text, re.MULTILINE)) == sorted(KINDS)
    conv = text[text.index("### conv\n") : text.index("### dwconv\n")]
    assert "| `filters` (`k`) | number of filters, K in formulas | required | a positive integer |" in conv
    assert (
        "| `activation` (`act`) | function applied to every output | `linear` | [one of many](#values-activation) |"
        in conv
    )
    assert "parameters     (F·F·C + 1)·K\n" in conv
    assert "Keras: `Conv1D`, `Conv2D`, `Conv3D`" in conv
    assert text.count("`hard_tanh`") == 1


def test_words_of_keras_stand_beside_ours(generated: Any) -> None:
    """In the same order."""
    lines = generated.text("keras-words").splitlines()
    assert (
        "| `Dense` `units` `use_bias` `activation` `kernel_initializer` `kernel_regularizer` "
        "| `dense`: `units` `bias` `activation` `init` `l2` |"
    ) in lines
    assert "| `Flatten` | `flatten` |" in lines


def test_words_of_pytorch_stand_beside_ours(generated: Any) -> None:
    """What a spec needs no word for is a dash, and defaults that are others are said."""
    lines = generated.text("torch-words").splitlines()
    assert "| `Linear` `in_features` `out_features` `bias` | `dense`: – `units` `bias` |" in lines
    assert "| `LeakyReLU` `negative_slope` | `leaky_relu`: `slope`, by itself `slope=0.01` |" in lines
    ours = "`gap`, by itself `keepdims=true`"
    assert f"| `AdaptiveAvgPool1d` `AdaptiveAvgPool2d` `AdaptiveAvgPool3d` `output_size=1` | {ours} |" in lines


@pytest.mark.slow
def test_all_slips_have_an_example(generated: Any) -> None:
    """A wrong formula beside a right one, and where it was seen."""
    text = generated.text("slips")
    assert sorted(re.findall(r"^### (\w+)$", text, re.MULTILINE)) == sorted([*all_slips(), "arithmetic"])
    assert text.count("\n  wrong  ") == text.count("\n  right  ") == text.count("\nSeen in: ") == len(all_slips()) + 1


def test_all_codes_are_targets(generated: Any) -> None:
    """So that a link may lead to one."""
    text = generated.text("../cnnspec/error_codes.md")
    assert re.findall(r"^\((\w+)\)=$", text, re.MULTILINE) == list(sections())


def test_public_names_are_listed(generated: Any) -> None:
    """With the attributes of the page of the library that have a docstring."""
    text = generated.text("library")
    assert ".. autofunction:: cnnspec.load\n" in text
    assert ".. autofunction:: cnnspec.keras.build\n" in text
    assert ".. autoclass:: cnnspec.Page\n   :members: html, name, save\n" in text


def test_all_pages_are_in_a_table_of_contents(conf: Any) -> None:
    """Those beside the folder too, and no page asks for what is not there."""
    index = conf.page((DOCS / "index.md").read_text(encoding="utf-8"))
    listed = re.findall(r"<([\w/-]+)>$", conf.contents(index), re.MULTILINE)
    folders = (DOCS, DOCS / "gallery")
    pages = {path.relative_to(DOCS).with_suffix("").as_posix() for folder in folders for path in folder.glob("*.md")}
    assert sorted(listed) == sorted(pages - {"index"})
    for path in DOCS.glob("*.md"):
        for name in PLACED.findall(path.read_text(encoding="utf-8")):
            assert name in conf.generated.PARTS or (DOCS / name).is_file(), path


def test_links_out_of_the_folder_lead_to_pages_of_the_site(conf: Any) -> None:
    """A page beside the folder is shown with the links of a page inside it."""
    tour = conf.page((DOCS / "tour.md").read_text(encoding="utf-8"))
    assert "](gallery/lenet5-rgb.svg)" in tour
    assert "](contributing.md)" in tour
    assert "](docs/" not in tour
    assert "](../" not in tour
    assert "[Contributing](contributing.md)" in tour
    assert conf.page("see [json.md](json.md#mistakes-and-notes)") == "see [JSON documents](json.md#mistakes-and-notes)"
