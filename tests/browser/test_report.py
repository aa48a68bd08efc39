"""The page in a browser: a number is pressed, a window slides, blocks fold, keys suffice, and nothing leaves it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

import cnnspec
from cnnspec.analysis.footprint import Memory
from cnnspec.analysis.measure import measure
from cnnspec.pages.document import render

pytestmark = pytest.mark.browser
WIDTHS: Final = (360, 800, 1600)
REMAINDER: Final = "name: rest\ninput: 225x220x3\nlayers: [conv: 8 7x7/2 pad=2, upconv: 4 3x3/2]\n"


@pytest.fixture
def visit(open_page: Callable[..., Any], tmp_path: Path) -> Callable[..., Any]:
    """Return the opening of a page at a place of its address."""

    def opened(text: str, place: str = "", width: int = 1600, **options: Any) -> Any:
        path = tmp_path / "page.html"
        path.write_text(text, encoding="utf-8")
        return open_page(f"{path.as_uri()}{place}", width=width, **options)

    return opened


STRANGE: Final = {
    "a volume": "input: 9x10x11x2\nlayers: [conv: 4 3x3x3/2 same, maxpool: 2, upconv: 2 3x3x3/2, gap, dense: 3]\n",
    "large windows": "input: 64x64x1\nlayers: [{conv: 4 31x31 same}, {conv: 2 50x50}, {avgpool: 3/2 same}]\n",
    "a sequence": "input: 100x3\nlayers: [{conv: 8 kernel=5 causal dilation=4}, {maxpool: 3/2}, {lstm: 5}]\n",
    "strides beyond the window": "input: 17x4x1\nlayers: [{conv: 2 1x1/3}, {maxpool: 2x2/2 same}, {upsample: 2}]\n",
}
"""Networks whose windows are unlike those of images."""


def page_of(name: str) -> str:
    """Return the page of a bundled network."""
    return render(measure(cnnspec.load(name), memory=Memory()))


def test_a_number_is_pressed(visit: Callable[..., Any]) -> None:
    """Its derivation opens, the address names it, and the address opens it again."""
    page = visit(page_of("lenet5-rgb"))
    button = page.get_by_role("row", name="conv1").get_by_role("button", name="608")
    button.click()
    assert "(F·F·C + 1)·K = (5·5·3 + 1)·8 = 608" in page.locator(".why").inner_text()
    assert "F = 5 (kernel size), C = 3 (input channels)" in page.locator(".why").inner_text()
    assert button.get_attribute("aria-expanded") == "true"
    assert page.url.endswith("#conv1:params")
    button.click()
    assert page.locator(".why").count() == 0
    page = visit(page_of("lenet5-rgb"), "#pool1:params")
    assert "0: the maximum is picked, nothing is learned" in page.locator(".why").inner_text()


def test_the_window_slides_and_says_what_it_misses(visit: Callable[..., Any]) -> None:
    """On an input with the same remainder: a column of the 220 is reached by no window."""
    page = visit(render(measure(cnnspec.loads(REMAINDER))), "#conv1:shape")
    said = page.locator(".why").inner_text()
    assert "n′ = f + s(o′ − 1) + rest − 2p = 7 + 2·(3 − 1) + 1 − 2·2 = 8 (of the layer: 220 → 109)." in said
    assert "No window reaches the last column" in said
    lit = "Array.from(document.querySelectorAll('.lit')).length"
    assert page.evaluate(lit) == 7 * 7 + 1
    page.get_by_label("Place of the window").focus()
    page.keyboard.press("End")
    assert "output element (2, 2)" in page.locator(".why").inner_text()
    assert page.evaluate("document.querySelectorAll('.lost.lit').length") == 0
    page.get_by_role("button", name="Play").click()
    page.locator(".said", has_text="(0, 0)").first.wait_for()
    page.get_by_role("button", name="Pause").click()
    page = visit(render(measure(cnnspec.loads(REMAINDER))), "#upconv1:shape")
    assert "input element (0, 0)" in page.locator(".why").inner_text()
    assert page.evaluate(lit) == 3 * 3 + 1


def test_an_output_element_shows_what_it_sees(visit: Callable[..., Any]) -> None:
    """The last layer with places sees 16 pixels, 4 apart: rows 4 to 19 at row 1."""
    page = visit(page_of("lenet5-rgb"), "#pool2:receptive_field")
    row = page.get_by_label("Output row")
    row.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    assert "Output row 1, column 2 sees rows 4…19, columns 8…23" in page.locator(".why").inner_text()
    page.locator(".map").hover(position={"x": 2, "y": 2})
    assert "Output row 0, column 0 sees rows 0…15, columns 0…15" in page.locator(".why").inner_text()
    page = visit(page_of("vgg16"), "#conv1:receptive_field")
    for name in ("Output row", "Output column"):
        page.get_by_label(name).press("Home")
    assert "sees rows 0…1, columns 0…1; partly padding" in page.locator(".why").inner_text()


def test_an_element_of_a_sequence_sees_steps(visit: Callable[..., Any]) -> None:
    """On a strip that is as high as a line of text, at least."""
    page = visit(render(measure(cnnspec.loads(STRANGE["a sequence"]))), "#maxpool1:receptive_field")
    page.get_by_label("Output step").press("Home")
    # causal: 4·4 steps before the one that is read by the first place of the pool, all of them padding, and 2 after it
    assert "Output 0 sees steps 0…2; partly padding" in page.locator(".why").inner_text()
    box = page.locator(".figure .sheet").first.bounding_box()
    assert box["height"] >= 20


@pytest.mark.parametrize("text", STRANGE.values(), ids=STRANGE)
def test_every_layer_opens(visit: Callable[..., Any], text: str) -> None:
    """Whatever its window is; nothing that is drawn is at no place."""
    graph = cnnspec.loads(text)
    page = visit(render(measure(graph, memory=Memory())))
    for node in graph:
        page.get_by_role("button", name=node.name, exact=True).click()
        assert page.locator(".why dt").count() >= 5
        drawn = page.locator(".why").inner_html()
        assert not [word for word in ("NaN", "undefined", "Infinity") if word in drawn]


def test_blocks_fold_and_columns_sort(visit: Callable[..., Any]) -> None:
    """Folded copies show their sums; sorted, the layer with the most parameters comes first."""
    page = visit(page_of("resnet50"))
    copy = page.get_by_role("row", name="bottleneck1 ", exact=False).first
    assert "76,928" in copy.inner_text()
    rows = page.get_by_role("row").count()
    page.get_by_role("button", name="bottleneck1", exact=True).click()
    assert page.get_by_role("row").count() == rows + 12
    page.get_by_role("button", name="Unfold all").click()
    assert page.get_by_role("row").count() == 1 + 1 + 174 + 16 + 1
    page.get_by_role("button", name="# Parameters").click()
    assert page.get_by_role("columnheader", name="# Parameters").get_attribute("aria-sort") == "descending"
    assert "bottleneck14.conv2" in page.locator("tbody tr").first.inner_text()
    page.get_by_role("button", name="# Parameters").click()
    page.get_by_role("button", name="# Parameters").click()
    assert page.locator("tbody tr").first.inner_text().startswith("input")


def test_keys_suffice(visit: Callable[..., Any]) -> None:
    """Tab comes to every number, and Enter presses it."""
    page = visit(page_of("lenet5-rgb"))
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "608":
            break
    page.keyboard.press("Enter")
    assert "= 608" in page.locator(".why").inner_text()
    assert page.evaluate("document.activeElement.textContent") == "608"


@pytest.mark.parametrize("name", ["lenet5-rgb", "resnet50", "siamese"])
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_stands_outside_a_narrow_page(visit: Callable[..., Any], name: str, width: int) -> None:
    """The last column is within it, too."""
    page = visit(page_of(name), width=width, scheme="dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    box = page.locator("tbody tr").last.locator("td").last.bounding_box()
    assert box["x"] + box["width"] <= width
    assert box["width"] > 10


@pytest.mark.parametrize(
    ("name", "width", "seen"),
    [("resnet50", 800, "whole"), ("vgg16", 1600, "whole"), ("unet", 1600, "whole"), ("unet", 800, "in part")],
)
def test_a_drawing_is_whole_where_there_is_nearly_room(
    visit: Callable[..., Any], name: str, width: int, seen: str
) -> None:
    """Else it is as large as it is, and the rest is a push of it away."""
    page = visit(page_of(name), width=width)
    drawing = page.locator(".drawing")
    assert drawing.evaluate("node => node.scrollWidth <= node.clientWidth") == (seen == "whole")
    wide = page.locator(".drawing > svg").evaluate(
        "node => node.getBoundingClientRect().width / node.width.baseVal.value"
    )
    assert wide == 1 or seen == "whole"
    assert wide > 0.65  # margins and a bar to scroll by are taken off the window


def test_the_words_of_a_row_stand_on_one_line(visit: Callable[..., Any]) -> None:
    """Names, configurations and numbers, though some are buttons."""
    page = visit(page_of("lenet5-rgb"))
    tops = (
        page.locator("tbody tr")
        .nth(1)
        .evaluate(
            """row => Array.from(row.cells, (cell) => {
          const range = document.createRange();
          range.selectNodeContents(cell.querySelector("button") || cell);
          return Math.round(range.getBoundingClientRect().top);
        })"""
        )
    )
    assert max(tops) - min(tops) <= 1


def test_folded_copies_have_bars(visit: Callable[..., Any]) -> None:
    """On the scale of all: bottleneck14 has the most parameters."""
    page = visit(page_of("resnet50"))
    widths = page.locator("tr.block .bar.params").evaluate_all("bars => bars.map((bar) => bar.style.width)")
    assert len(widths) == 16
    assert widths[13] == "max(1px, 100%)"
    # 100·76,928 / 6,054,912
    assert widths[0].startswith("max(1px, 1.27")


def test_a_page_is_printed(visit: Callable[..., Any], browser: Any) -> None:
    """On paper, in its light colours."""
    page = visit(page_of("lenet5-rgb"), scheme="dark")
    assert page.pdf().startswith(b"%PDF-")
    if browser.name == "chromium":  # Firefox is not asked for it by Playwright
        page.emulate_media(media="print")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_a_name_that_is_markup_stays_text(visit: Callable[..., Any]) -> None:
    """Names of layers hold no such signs; the script would show them all the same."""
    name = "<script>alert(1)</script>"
    text = page_of("lenet5-rgb").replace('"name":"conv1"', f'"name":"{name.replace("<", chr(92) + "u003c")}"')
    page = visit(text)
    page.get_by_role("button", name=name).click()
    assert page.locator(".why b").inner_text() == name
    assert page.evaluate("document.scripts.length") == 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1600])
def test_axe_finds_nothing(visit: Callable[..., Any], width: int, scheme: str) -> None:
    """Names, roles, order of headings and contrast, with a derivation and both figures open."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="pip install axe-playwright-python")
    for name, place in (("lenet5-rgb", "#conv2"), ("resnet50", "#bottleneck1.conv2")):
        page = visit(page_of(name), place, width=width, scheme=scheme)
        found = axe.Axe().run(page)
        assert found.response["violations"] == []
