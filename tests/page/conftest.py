"""The page in a real browser: `easel demo` as a process of its own, Debian's Chromium driven by Playwright.

Where no Chromium is found the tests are skipped; with REQUIRE_BROWSER set they fail instead.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import FOUND, chromium
from demo import Demo, running
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response, sync_playwright

DESKTOP = {"width": 1280, "height": 860}
# Previews die with their task, which may be before the browser asks for one. No other thumbnail of the image service's is
# ever on these tests' cards: finished pictures are uploaded.
PREVIEW = re.compile(r"/pictures/\d+\.png\?width=\d+&height=\d+$")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "page(**options): options of the browser's context, such as viewport and locale")
    config.addinivalue_line("markers", "troubled: the page's connection is meant to break, so requests may fail")
    config.addinivalue_line("markers", "slow: pictures take their time")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if FOUND is None:
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail("REQUIRE_BROWSER is set, and no Chromium was found")
        pytest.skip("no Chromium was found: apt install chromium")
    with sync_playwright() as playwright, chromium(playwright) as browser:
        yield browser


@pytest.fixture
def demo(browser: Browser, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Demo]:  # noqa: ARG001 - skips first
    """The demo, serving its page; it is stopped as a person does, with Ctrl-C, and must end well."""
    pace = () if request.node.get_closest_marker("slow") else ("--fast",)
    with running(tmp_path, *pace) as demo:
        yield demo


@pytest.fixture
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    marker = request.node.get_closest_marker("page")
    options = {"viewport": DESKTOP, "locale": "en-US", **(marker.kwargs if marker else {})}
    with browser.new_context(**options) as context:
        yield context


@pytest.fixture
def page(demo: Demo, context: BrowserContext, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The page as it greets someone; whatever it complains of fails the test."""
    page = context.new_page()
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        died = "status of 404" in message.text and PREVIEW.search(message.location["url"])
        if message.type in {"error", "warning"} and not died:
            complaints.append(f"{message.type}: {message.text}")

    def lost(request: Request) -> None:
        # A video that is scrolled away, or a picture whose message was edited: the browser lets go of what it loads.
        if request.failure != "net::ERR_ABORTED":
            complaints.append(f"failed: {request.url} {request.failure}")

    def answered(response: Response) -> None:
        died = response.status == 404 and PREVIEW.search(response.url)
        if response.status >= 400 and not died:
            complaints.append(f"{response.status}: {response.url}")

    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
    page.on("requestfailed", lost)
    page.on("response", answered)
    page.goto(demo.url)
    yield page
    if not request.node.get_closest_marker("troubled"):
        assert complaints == []
