"""Debian's Chromium, as Playwright starts it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Playwright

FOUND = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
# As root in a container, and without asking the browser maker's servers for anything.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """The browser of this machine; RuntimeError where there is none."""
    if FOUND is None:
        raise RuntimeError("no Chromium was found: apt install chromium")
    browser = playwright.chromium.launch(executable_path=FOUND, args=ARGUMENTS)
    try:
        yield browser
    finally:
        browser.close()
