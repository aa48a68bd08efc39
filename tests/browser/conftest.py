"""A headless Chromium, where there is one: that of Debian's package `chromium`, driven by Playwright."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any, Final

import pytest

MISSING: Final = "the pages are not looked at in a browser: pip install playwright, and Debian's package chromium"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Yield the browser; skip, and say so, where there is none."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    driver = pytest.importorskip("playwright.sync_api", reason=MISSING)
    if path is None:
        pytest.skip(MISSING)
    with driver.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()
