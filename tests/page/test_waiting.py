"""What becomes of what one writes while a file is still on its way, and of texts that are hard to read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from acts import articles, composer, latest
from PIL import Image
from playwright.sync_api import Locator, Page, Route, expect

UPLOAD = re.compile(r"/upload\?")
# Each made the parser search all the rest from every mark, or fail; they are far longer than a message may be.
HARD = {
    "links that never end": " *[a" * 20_000,
    "backticks": "`" * 80_000,
    "a fence that never ends": "```" + "\n" * 80_000,
}
PARSE = """async (text) => {
    const { parse } = await import(new URL("markdown.js", document.baseURI));
    const words = (nodes) => nodes.map((node) => node.text ?? words(node.children)).join("");
    return words(parse(text));
}"""


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    file = tmp_path / "fox.png"
    Image.new("RGB", (64, 64), "red").save(file)
    return file


@contextmanager
def held_uploads(page: Page) -> Iterator[None]:
    """Files that are chosen inside arrive when it ends."""
    held: list[Route] = []
    # A lambda, for Playwright wants to mark the function it is given.
    page.route(UPLOAD, lambda route: held.append(route))
    yield
    assert held, "nothing was uploaded"
    with page.expect_response(UPLOAD):
        for route in held:
            route.continue_()


def attach(page: Page, button: Locator, file: Path) -> None:
    """Choose a file whose upload is held."""
    with page.expect_file_chooser() as chosen, page.expect_request(UPLOAD):
        button.click()
        chosen.value.set_files(file)


def test_a_message_sent_twice_while_its_file_uploads_is_posted_once(page: Page, picture: Path) -> None:
    with held_uploads(page):
        attach(page, page.get_by_role("button", name="Attach files"), picture)
        composer(page).fill("look at this fox")
        composer(page).press("Enter")
        composer(page).press("Enter")
    expect(latest(page, "look at this fox").get_by_role("button", name="Open picture")).to_be_visible()
    expect(composer(page)).to_have_value("")
    composer(page).fill("that was all")
    composer(page).press("Enter")
    expect(latest(page, "that was all")).to_be_visible()
    expect(articles(page).filter(has_text="look at this fox")).to_have_count(1)


def test_what_is_written_while_a_file_uploads_stays(page: Page, picture: Path) -> None:
    with held_uploads(page):
        attach(page, page.get_by_role("button", name="Attach files"), picture)
        composer(page).fill("look at this fox")
        composer(page).press("Enter")
        composer(page).fill("the next thing")
    expect(latest(page, "look at this fox").get_by_role("button", name="Open picture")).to_be_visible()
    expect(page.get_by_role("button", name="Remove fox.png")).to_have_count(0)
    expect(composer(page)).to_have_value("the next thing")


def test_a_message_that_waits_for_its_file_goes_where_it_was_written(page: Page, picture: Path) -> None:
    heading = page.get_by_role("heading", level=1).inner_text().strip("# \n")
    with held_uploads(page):
        attach(page, page.get_by_role("button", name="Attach files"), picture)
        composer(page).fill("look at this fox")
        composer(page).press("Enter")
        page.get_by_role("button", name="gallery").click()
        expect(page.get_by_role("heading", name="gallery").first).to_be_visible()
        composer(page).fill("a draft for the gallery")
    expect(page.get_by_role("button", name="Remove fox.png")).to_have_count(0)
    expect(composer(page)).to_have_value("a draft for the gallery")
    page.get_by_role("button", name=heading).first.click()
    expect(latest(page, "look at this fox").get_by_role("button", name="Open picture")).to_be_visible()
    expect(composer(page)).to_have_value("")


def describe(page: Page, picture: Path) -> None:
    """Send `/describe` with a picture whose upload is held."""
    composer(page).click()
    page.keyboard.type("/describe")
    expect(page.get_by_role("listbox", name="Commands")).to_be_visible()
    page.keyboard.press("Enter")
    page.get_by_role("listbox", name="More options").get_by_role("option", name="image").click()
    attach(page, page.get_by_role("button", name="image", exact=True), picture)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("Waiting for the upload")).to_be_visible()


def test_a_command_cancelled_while_its_file_uploads_is_not_sent(page: Page, picture: Path) -> None:
    with held_uploads(page):
        describe(page, picture)
        page.get_by_role("button", name="Cancel /describe").click()
        composer(page).fill("never mind")
    expect(composer(page)).to_have_value("never mind")
    composer(page).press("Enter")
    # Messages come in order: the command would have been here before it.
    expect(latest(page, "never mind")).to_be_visible()
    expect(articles(page).filter(has_text="/describe")).to_have_count(0)


def test_a_command_left_for_another_channel_while_its_file_uploads_is_not_sent(page: Page, picture: Path) -> None:
    with held_uploads(page):
        describe(page, picture)
        page.get_by_role("button", name="gallery").click()
        expect(page.get_by_role("heading", name="gallery").first).to_be_visible()
        composer(page).fill("never mind")
    expect(composer(page)).to_have_value("never mind")
    composer(page).press("Enter")
    expect(latest(page, "never mind")).to_be_visible()
    expect(articles(page).filter(has_text="/describe")).to_have_count(0)


def test_a_command_whose_file_arrives_is_sent_once(page: Page, picture: Path) -> None:
    with held_uploads(page):
        describe(page, picture)
        page.get_by_role("button", name="Send", exact=True).click()
    expect(latest(page, "/describe")).to_be_visible()
    expect(composer(page)).to_have_value("")
    expect(articles(page).filter(has_text="/describe")).to_have_count(1)


@pytest.mark.parametrize("text", HARD.values(), ids=HARD)
def test_a_text_full_of_marks_that_never_end_is_parsed(page: Page, text: str) -> None:
    assert page.evaluate(PARSE, text) == text


def test_emoji_with_skin_tones_before_a_word_are_told_from_emoji_alone(page: Page) -> None:
    large = """async (text) => (await import(new URL("markdown.js", document.baseURI))).isJumbo(text)"""
    assert page.evaluate(large, "👍🏽" * 30)
    assert not page.evaluate(large, "👍🏽" * 31)
    assert not page.evaluate(large, "👍🏽" * 400 + "x")
