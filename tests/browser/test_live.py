"""The page of `cnnspec live` in a browser: errors at their lines, edits, files, links, exercises."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Final

import pytest

from cnnspec.bundled import bundled_source
from cnnspec.live.folder import write_folder
from cnnspec.live.server import Server
from cnnspec.live.watched import Watched

pytestmark = pytest.mark.browser
PATIENCE: Final = 60_000
"""Milliseconds: Python is loaded in seconds, on a machine with something else to do in many."""
TEN: Final = "input: 8x8x1\nlayers:\n" + "".join(f"  - conv: {{filters: 4, kernal{at}: 3}}\n" for at in range(10))
HOSTILE: Final = """
name: "<img src=x onerror=alert(1)>"
input: 8x8x1
layers:
  - conv: 4 3x3
    note: "<script>alert(1)</script>"
"""
SOURCE: Final = bundled_source("lenet5-rgb")
assert SOURCE
LENET: Final = SOURCE.text
PUT: Final = """(field, text) => { field.value = text; field.dispatchEvent(new Event("input")); }"""
"""What pastes a text: Playwright's own way types it key by key in Firefox, with an indentation after each Enter."""
MISSING: Final = (
    "the page without a server is not looked at: npm install pyodide, then CNNSPEC_PYODIDE=node_modules/pyodide"
)


@pytest.fixture
def visit(open_page: Callable[..., Any]) -> Callable[..., Any]:
    """Return the opening of an address, which waits for the first table."""

    def opened(url: str, width: int = 1500, **options: Any) -> Any:
        page = open_page(url, width=width, **options)
        page.set_default_timeout(PATIENCE)
        page.wait_for_selector("body[data-version]")
        return page

    return opened


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Yield the address of a served file, and the file."""
    file = tmp_path / "net.yaml"
    file.write_text(LENET, encoding="utf-8")
    with Server(Watched.of(str(file))) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.url, file
        server.shutdown()


@pytest.fixture(scope="module")
def static(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the address of the folder, from the simplest of servers; skip, and say so, where there is no Pyodide."""
    pyodide = os.environ.get("CNNSPEC_PYODIDE", "node_modules/pyodide")
    if not Path(pyodide).is_dir():
        pytest.skip(MISSING)
    folder = tmp_path_factory.mktemp("live")
    write_folder(folder, SOURCE.name, LENET, pyodide, force=True)

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def edit(page: Any, text: str) -> float:
    """Type a spec; return how many milliseconds it took to show what comes of it."""
    page.locator("#spec").evaluate(PUT, text)
    page.wait_for_selector('#shown[aria-busy="false"]', state="attached")
    return float(page.get_attribute("body", "data-milliseconds"))


def fill(page: Any, cell: str, text: str) -> str:
    """Fill in a cell of an exercise, and return what is said of it."""
    page.get_by_label(cell).fill(text)
    page.get_by_label(cell).press("Tab")
    place = page.get_by_label(cell).locator("xpath=..").locator(".said")
    place.wait_for()
    return str(place.inner_text())


def test_the_served_page_shows_and_derives(served: tuple[str, Path], visit: Callable[..., Any]) -> None:
    """A number that is open stays open while the spec changes."""
    page = visit(served[0])
    page.locator("#layers").get_by_role("button", name="608", exact=True).click()
    page.wait_for_selector(".why dl")
    assert "(5·5·3 + 1)·8 = 608" in page.inner_text(".why")
    edit(page, LENET.replace("8 5x5", "8 3x3"))
    page.get_by_text("(3·3·3 + 1)·8 = 224").wait_for()
    assert page.locator("#drawing img").get_attribute("alt")
    assert served[1].read_text(encoding="utf-8") == LENET


def test_ten_errors_stand_at_their_lines(served: tuple[str, Path], visit: Callable[..., Any]) -> None:
    """Red, with the help, and the page of the code on demand; the last network stays, pale."""
    page = visit(served[0])
    edit(page, TEN)
    assert page.locator("#errors li").count() == 10
    assert [each.inner_text().strip() for each in page.locator("#lines .error").all()] == [
        str(at) for at in range(3, 13)
    ]
    assert page.locator("#errors li").first.inner_text().startswith("line 3, column 24: unknown argument `kernal0`")
    assert "did you mean `kernel`?" in page.locator("#errors li").first.inner_text()
    page.locator("#errors .code").first.click()
    page.get_by_text("E103: an argument is unknown").wait_for()
    assert page.locator("#shown.stale").count() == 1
    edit(page, LENET)
    assert page.locator("#errors li").count() == page.locator("#shown.stale").count() == 0


def test_the_file_is_watched_and_saved(served: tuple[str, Path], visit: Callable[..., Any]) -> None:
    """What is not saved here is not lost; the file is written on the press of a button alone."""
    url, file = served
    page = visit(url)
    file.write_text(LENET.replace("8 5x5", "7 5x5"), encoding="utf-8")
    page.get_by_text("62,482").first.wait_for()
    edit(page, LENET + "# mine\n")
    file.write_text(LENET + "# theirs\n", encoding="utf-8")
    page.get_by_role("button", name="Load the file again").wait_for()
    assert page.input_value("#spec").endswith("# mine\n")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("has changed since it was read").wait_for()
    assert file.read_text(encoding="utf-8").endswith("# theirs\n")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("saved", exact=True).wait_for()
    assert file.read_text(encoding="utf-8").endswith("# mine\n")


HOLD: Final = """() => new Promise((told) => {
  const { fetch } = window;
  window.fetch = async (...asked) => {
    const answer = await fetch(...asked);
    if (window.release || !`${asked[1]?.body}`.includes('"ask":"file"')) return answer;
    const released = new Promise((done) => { window.release = done; });
    told(await answer.clone().text());
    await released;
    return answer;
  };
})"""
"""Tells the next answer about the file, and keeps it from the page until it is released."""


def test_an_old_answer_does_not_replace_what_was_saved(served: tuple[str, Path], visit: Callable[..., Any]) -> None:
    """What the file held before it was saved here may be told after that."""
    url, file = served
    page = visit(url)
    edit(page, LENET + "# mine\n")
    file.write_text(LENET + "# theirs\n", encoding="utf-8")
    page.get_by_role("button", name="Load the file again").wait_for()
    assert "# theirs" in page.evaluate(HOLD)
    page.get_by_role("button", name="Save").click()
    page.get_by_text("has changed since it was read").wait_for()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("saved", exact=True).wait_for()
    page.evaluate("window.release()")
    page.wait_for_timeout(500)
    assert page.input_value("#spec").endswith("# mine\n")
    assert page.get_by_text("saved", exact=True).is_visible()
    assert file.read_text(encoding="utf-8").endswith("# mine\n")


def test_the_keys_of_an_editor(served: tuple[str, Path], visit: Callable[..., Any]) -> None:
    """Tab indents, Shift-Tab takes it back, Enter keeps the indentation, and Esc lets Tab leave."""
    page = visit(served[0])
    page.fill("#spec", "a:")
    page.keyboard.press("End")
    for key in ("Tab", "Enter", "x", "Shift+Tab"):
        page.keyboard.press(key)
    assert page.input_value("#spec") == "a:  \nx"
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") != "spec"


def test_names_stay_text(served: tuple[str, Path], visit: Callable[..., Any]) -> None:
    """In the table, the title and the drawing."""
    page = visit(served[0])
    edit(page, HOSTILE)
    page.locator("#layers").get_by_role("button", name="conv1", exact=True).click()
    page.wait_for_selector(".why dl")
    assert "<script>alert(1)</script>" in page.inner_text("#layers")
    assert page.inner_text("h1") == "<img src=x onerror=alert(1)>"
    assert page.locator("h1 img, #layers script").count() == 0


@pytest.mark.parametrize("width", [360, 800, 1600])
def test_nothing_is_cut(width: int, served: tuple[str, Path], visit: Callable[..., Any]) -> None:
    """The page is as wide as its window."""
    page = visit(served[0], width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_homework_table_is_checked(served: tuple[str, Path], visit: Callable[..., Any]) -> None:
    """A slip is told by a hint, or with the right answer."""
    page = visit(served[0])
    page.get_by_text("Check a table of homework").click()
    page.locator("#table").evaluate(PUT, "Layer,Parameters\nconv1,208\nconv2,3216\n")
    page.get_by_role("button", name="Check", exact=True).click()
    page.get_by_text("✗ A filter is as deep as its input: F·F·C.").wait_for()
    page.select_option("#check-reveal", "full")
    page.get_by_role("button", name="Check", exact=True).click()
    page.get_by_text("(5·5·3 + 1)·8 = 608").wait_for()


def test_the_folder_needs_no_server(visit: Callable[..., Any], static: str) -> None:
    """Python runs in the page: an edit is shown, and a link to it brings the spec back."""
    page = visit(static)
    edit(page, LENET.replace("8 5x5", "7 5x5"))
    page.get_by_text("62,482").first.wait_for()
    link = page.url
    assert "#z=" in link
    again = visit(link)
    assert "7 5x5" in again.input_value("#spec")
    again.get_by_text("62,482").first.wait_for()
    edit(again, TEN)
    assert again.locator("#errors li").count() == 10


def test_a_link_is_an_exercise(visit: Callable[..., Any], static: str) -> None:
    """Cells are filled in and marked at once; nothing on the page tells the answers before."""
    page = visit(static)
    page.get_by_text("Make an exercise of this spec").click()
    page.select_option("#make-blank", "1")
    page.get_by_role("button", name="Copy a link to it").click()
    page.wait_for_selector("#copied:not([hidden])")
    student = visit(page.input_value("#copied-link"))
    student.wait_for_selector("#sheet input")
    assert not student.is_visible("#spec")
    assert not student.is_visible("#shown")
    assert "608" not in student.locator("body").inner_text()
    said = fill(student, "conv1: # Parameters", "208")
    assert said == "✗ not right. one input channel was counted. A filter is as deep as its input: F·F·C."
    assert fill(student, "conv1: Activation shape", "28x28x8") == "✓ right"
    assert "1 of 25 cells right" in student.inner_text(".score")
    student.get_by_label("with the right answers").check()
    student.get_by_text("(5·5·3 + 1)·8 = 608").wait_for()


def test_a_folder_that_is_opened_as_a_file_says_what_it_needs(browser: Any, tmp_path: Path) -> None:
    """Browsers start no worker there."""
    write_folder(tmp_path / "public", SOURCE.name, LENET, "https://cdn.example/pyodide/", force=False)
    page = browser.open()
    page.goto((tmp_path / "public" / "index.html").as_uri())
    page.get_by_text("only for a page from a web server").wait_for()
    page.context.close()


@pytest.mark.parametrize("place", ["#z=", "#z=AAAA", "#z=%00", "#conv1:params"])
def test_an_address_may_hold_anything(place: str, visit: Callable[..., Any], static: str) -> None:
    """What is no link of ours is said or passed over, and the folder's own spec is shown."""
    page = visit(static + place)
    assert page.input_value("#spec") == LENET


def test_keys_suffice(served: tuple[str, Path], visit: Callable[..., Any]) -> None:
    """Esc and Tab lead out of the spec to every number, Enter opens it, and what is under the keys is seen."""
    page = visit(served[0])
    page.focus("#spec")
    page.keyboard.press("Escape")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "608":
            break
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.get_by_text("(5·5·3 + 1)·8 = 608").wait_for()
    assert page.evaluate("document.activeElement.textContent") == "608"
    page.keyboard.press("Enter")
    assert page.locator(".why").count() == 0
    page.focus("#spec")
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.textContent") == "Save"


def test_a_drawing_is_printed_whole(browser: Any, served: tuple[str, Path], visit: Callable[..., Any]) -> None:
    """It is shown in part where there is no room; paper has what is shown and no editor."""
    page = visit(served[0], 400)
    page.wait_for_selector("#drawing img")
    page.wait_for_function("document.querySelector('#drawing img').style.maxWidth === 'none'")
    assert page.pdf().startswith(b"%PDF-")
    if browser.name == "chromium":  # Firefox is not asked for it by Playwright
        page.emulate_media(media="print")
        assert not page.is_visible("#spec")
        assert page.locator("#drawing img").evaluate("image => image.width <= image.parentElement.clientWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1600])
def test_axe_finds_nothing(width: int, scheme: str, served: tuple[str, Path], visit: Callable[..., Any]) -> None:
    """With a derivation, both figures, a checked table and all that folds open; and with errors."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="pip install axe-playwright-python")
    page = visit(served[0], width, scheme=scheme)
    for folded in page.locator("summary").all():
        folded.click()
    page.locator("#table").evaluate(PUT, "Layer,Parameters\nconv1,208\nconv2,3216\n")
    page.get_by_role("button", name="Check", exact=True).click()
    page.get_by_text("✗ A filter is as deep as its input: F·F·C.").wait_for()
    page.locator("#layers").get_by_role("button", name="conv1", exact=True).click()
    page.wait_for_selector(".figure")
    assert axe.Axe().run(page).response["violations"] == []
    edit(page, TEN)
    page.locator("#errors .code").first.click()
    page.get_by_text("E103: an argument is unknown").wait_for()
    assert axe.Axe().run(page).response["violations"] == []


def test_axe_finds_nothing_in_an_exercise(visit: Callable[..., Any], static: str) -> None:
    """Cells have names, and what is said of them is not said by colour alone."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="pip install axe-playwright-python")
    page = visit(static)
    page.get_by_text("Make an exercise of this spec").click()
    page.get_by_role("button", name="Copy a link to it").click()
    page.wait_for_selector("#copied:not([hidden])")
    student = visit(page.input_value("#copied-link"), 360, scheme="dark")
    student.wait_for_selector("#sheet input")
    assert axe.Axe().run(student).response["violations"] == []
