"""Headless Chromium for tests that look at pages, and what an accessibility scan says of them.

Where Chromium is missing, :func:`chromium` skips the test and names the package.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

WIDE, NARROW = 1440, 390

#: Names under which distributions install it.
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    # It would look its maker's hosts up at every start.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_SERIOUS = frozenset({"serious", "critical"})


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium; skips the test where there is none."""
    program = next((found for each in _PROGRAMS if (found := shutil.which(each))), None)
    if program is None:
        pytest.skip(
            "Chromium is missing: install Debian's package chromium (apt-get install chromium)"
        )
    # Chromium's sandbox refuses to run as root, as containers do.
    flags = [*_FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=flags)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Opened:
    """An open page with what it complained about and what it asked for beside itself."""

    page: Page
    problems: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def overflow(self) -> int:
        """By how many pixels the page is wider than its window."""
        wider: int = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        return wider

    def accessibility(self) -> list[str]:
        """Serious and critical findings of axe, each with its first element."""
        self.page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text("utf-8"))
        found = self.page.evaluate("() => axe.run({resultTypes: ['violations']})")
        return [
            f"{each['id']} ({each['impact']}): {each['nodes'][0]['html'][:200]}"
            for each in found["violations"]
            if each["impact"] in _SERIOUS
        ]


@contextmanager
def opened(
    browser: Browser, url: str, *, width: int = WIDE, dark: bool = False
) -> Iterator[Opened]:
    """``url`` in a page of its own."""
    page = browser.new_page(
        viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light"
    )
    found = Opened(page)
    page.on("console", lambda line: found.problems.append(f"{line.type}: {line.text}"))
    page.on("pageerror", lambda error: found.problems.append(str(error)))
    page.on("request", lambda request: found.requests.append(request.url))
    try:
        page.goto(url)
        yield found
    finally:
        page.close()
