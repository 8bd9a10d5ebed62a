"""The demo as people start it, and a real Chromium in two flavours."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.browser import start
from tests.browser.stage import AXE_SCRIPT, Demo, Tabs


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser of this machine."""
    path = start.find_chromium()
    if path is None:
        pytest.skip("NO CHROMIUM on this machine: no page was looked at (apt-get install chromium)")
    return path


@pytest.fixture(scope="session")
def playwright(chromium: str) -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def launched(playwright: Playwright, chromium: str) -> Iterator[Browser]:
    """Chromium as Playwright launches it."""
    with start.launched(playwright, chromium) as browser:
        yield browser


@pytest.fixture(scope="session")
def careful(
    playwright: Playwright, chromium: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    """Chromium with third-party cookies blocked and storage partitioned."""
    with start.careful(playwright, chromium, tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """`backontrack demo` on ports and data of its own."""
    with start.running_demo(tmp_path_factory.mktemp("demo")) as running:
        yield running


def _watched(demo: Demo, browser: Browser) -> Iterator[Tabs]:
    tabs = Tabs(demo, browser)
    yield tabs
    for context in tabs.contexts:
        context.close()
    assert tabs.unexpected() == [], "the browser's console complains"


@pytest.fixture
def tabs(demo: Demo, launched: Browser) -> Iterator[Tabs]:
    """Pages in the launched Chromium; a complaint in the console fails the test."""
    yield from _watched(demo, launched)


@pytest.fixture
def careful_tabs(demo: Demo, careful: Browser) -> Iterator[Tabs]:
    """The same in the Chromium that blocks third-party cookies."""
    yield from _watched(demo, careful)


@pytest.fixture
def axe_tabs(tabs: Tabs) -> Tabs:
    """Pages that bring axe along, into frames as well."""
    plain = tabs.context

    def with_axe(*args: object, **options: object) -> object:
        made = plain(*args, **options)  # type: ignore[arg-type]
        made.add_init_script(AXE_SCRIPT)
        return made

    tabs.context = with_axe  # type: ignore[method-assign, assignment]
    return tabs
