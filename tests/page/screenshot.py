"""`make screenshot`: the README's picture of the page and its animation of one iteration, from a real run."""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

from acts import await_picture, composer, latest
from browsing import chromium
from demo import running
from PIL import Image
from playwright.sync_api import Page, ViewportSize, sync_playwright

SIZE: ViewportSize = {"width": 1120, "height": 720}
TALL: ViewportSize = {"width": 1120, "height": 860}
PROMPT = "a red fox in snow, soft light"
FRAME_EVERY, LAST_FRAME = 250, 2500  # milliseconds
LARGEST = 600 * 1024  # bytes of a file, so that a clone stays light


def main(folder: Path) -> None:
    """Write `page.png` and `iteration.webp` into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as home,
        running(Path(home)) as demo,
        sync_playwright() as playwright,
        chromium(playwright) as browser,
        browser.new_context(viewport=SIZE, color_scheme="dark", locale="en-US") as context,
    ):
        page = context.new_page()
        page.goto(demo.url)
        frames = _iterate(page)
        _still(page, folder / "page.png")
    _animate(frames, folder / "iteration.webp")


def _iterate(page: Page) -> list[tuple[Image.Image, int]]:
    """Imagine, wait, press U2, wait; what it looked like, and for how many milliseconds."""
    frames: list[tuple[Image.Image, int]] = []

    def look(times: int = 1, *, hold: int = FRAME_EVERY) -> None:
        for _ in range(times):
            frames.append((Image.open(io.BytesIO(page.screenshot())).convert("RGB"), hold))
            page.wait_for_timeout(FRAME_EVERY)

    composer(page).click()
    look()
    page.keyboard.type("/imagine", delay=20)
    look(hold=600)
    page.keyboard.press("Enter")
    for words in (PROMPT[:6], PROMPT[6:17], PROMPT[17:]):
        page.keyboard.type(words)
        look()
    page.keyboard.press("Enter")
    look(10)
    card = await_picture(latest(page, PROMPT))
    page.wait_for_timeout(500)
    look(hold=1500)
    card.get_by_role("button", name="U2", exact=True).click()
    look(10)
    await_picture(latest(page, "of this picture"))
    page.wait_for_timeout(500)
    look(hold=LAST_FRAME)
    return frames


def _still(page: Page, file: Path) -> None:
    """The grid with its buttons."""
    page.set_viewport_size(TALL)
    page.get_by_role("article").first.scroll_into_view_if_needed()
    page.mouse.move(0, 0)
    page.mouse.wheel(0, -60)
    page.wait_for_timeout(800)
    Image.open(io.BytesIO(page.screenshot())).convert("RGB").save(file, optimize=True)
    assert file.stat().st_size <= LARGEST, file.stat().st_size


def _animate(frames: list[tuple[Image.Image, int]], file: Path) -> None:
    kept = [frames[0]]
    for image, hold in frames[1:]:
        if image.tobytes() == kept[-1][0].tobytes():
            kept[-1] = (kept[-1][0], kept[-1][1] + hold)
        else:
            kept.append((image, hold))
    small = [image.resize((image.width * 3 // 4, image.height * 3 // 4), Image.Resampling.LANCZOS) for image, _ in kept]
    for quality in (80, 60, 45, 30):
        options = {"save_all": True, "append_images": small[1:], "duration": [hold for _, hold in kept], "loop": 0}
        small[0].save(file, quality=quality, method=6, **options)
        if file.stat().st_size <= LARGEST:
            return
    raise AssertionError(f"{file} is too large: {file.stat().st_size} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
