"""Headless browsers, where they are: Debian's packages `chromium` and `firefox-esr`, driven by Playwright."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest

PROGRAMS: Final = {
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "firefox": ("firefox-esr", "firefox"),
}
DARK: Final = {"light": 1, "dark": 0}
"""What Firefox' preference for the colours of pages holds: Playwright cannot ask it for them page by page."""
MISSING: Final = "the pages are not looked at in {}: pip install playwright, and Debian's package {}"

NEWER: Final = "this Playwright asks of {} what it does not know yet: pip install that of the extra `dev`"


class Browser:
    """A browser by its name: pages of either paper."""

    def __init__(self, name: str, program: str, playwright: Any) -> None:
        """Keep what is started when a page is opened."""
        self.name = name
        self._program = program
        self._playwright = playwright
        self._running: dict[str, Any] = {}

    def open(self, *, width: int = 1500, scheme: str = "light", **options: Any) -> Any:
        """Return an empty page of its own, without anything of the others."""
        size = {"width": width, "height": 900}
        if self.name == "chromium":
            return self._start().new_context(viewport=size, color_scheme=scheme, **options).new_page()
        return self._start(scheme).new_context(viewport=size, **options).new_page()

    def close(self) -> None:
        """Stop what was started."""
        for each in self._running.values():
            each.close()

    def _start(self, scheme: str = "light") -> Any:
        if scheme not in self._running:
            how: dict[str, Any] = {"executable_path": self._program}
            if self.name == "chromium":
                how |= {"args": ["--no-sandbox"]}
            else:
                prefer = {"layout.css.prefers-color-scheme.content-override": DARK[scheme]}
                how |= {"channel": "moz-firefox", "firefox_user_prefs": prefer}
            self._running[scheme] = getattr(self._playwright, self.name).launch(**how)
        return self._running[scheme]


@pytest.fixture(scope="session", name="playwright")
def _playwright() -> Iterator[Any]:
    """Yield what drives browsers; skip, and say so, where it is not installed."""
    driver = pytest.importorskip("playwright.sync_api", reason=MISSING.format("a browser", "chromium"))
    with driver.sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session", params=PROGRAMS)
def browser(request: pytest.FixtureRequest, playwright: Any) -> Iterator[Browser]:
    """Yield each browser; skip, and say so, where it is not installed."""
    programs = PROGRAMS[request.param]
    program = next(filter(None, map(shutil.which, programs)), None)
    if program is None:
        pytest.skip(MISSING.format(request.param, programs[0]))
    found = Browser(request.param, program, playwright)
    try:
        found.open().context.close()
    except Exception as error:
        if "unknown command" not in str(error):
            raise
        found.close()
        pytest.skip(NEWER.format(request.param))
    yield found
    found.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Any]]:
    """Return the opening of an address; what the page says, or asks for elsewhere, fails the test.

    A test that has a server names it before, so that it stops when the pages are closed: they look at their file often.
    """
    said: list[str] = []
    pages = []

    def opened(url: str, **options: Any) -> Any:
        pages.append(page := browser.open(**options))
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", lambda dialog: said.append(dialog.message))
        here = (url.partition("#")[0] if url.startswith("file:") else "/".join(url.split("/")[:3]), "data:", "blob:")
        page.on("request", lambda asked: None if asked.url.startswith(here) else said.append(asked.url))
        page.goto(url)
        return page

    yield opened
    for page in pages:
        page.context.close()
    assert said == []
