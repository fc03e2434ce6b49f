"""What people do in a channel with the bot, on the page, in a real browser."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from acts import GRID, articles, await_picture, be, composer, imagine, latest, loaded, type_command
from demo import free_port, running
from playwright.sync_api import BrowserContext, Page, WebSocketRoute, expect


@pytest.mark.slow
def test_a_picture_is_imagined_with_progress_and_one_of_it_is_taken(page: Page) -> None:
    type_command(page, "/imagine a red fox in snow")
    card = latest(page, "a red fox in snow")
    expect(card).to_contain_text("Member used /imagine")
    expect(card).to_contain_text("%", timeout=20_000)
    await_picture(card)
    for label in GRID:
        expect(card.get_by_role("button", name=label, exact=True)).to_be_enabled()
    assert loaded(card) >= 512
    card.get_by_role("button", name="U2", exact=True).click()
    upscaled = await_picture(latest(page, "of this picture"))
    expect(upscaled).to_contain_text("a red fox in snow")
    assert loaded(upscaled) >= 512


def test_an_uploaded_picture_is_described_and_painted_from_its_second_description(page: Page, tmp_path: Path) -> None:
    fox = imagine(page, "a red fox")
    file = tmp_path / "fox.png"
    file.write_bytes(page.request.get(fox.get_by_role("img").last.get_attribute("src") or "").body())
    composer(page).click()
    page.keyboard.type("/describe")
    page.keyboard.press("Enter")
    page.get_by_role("listbox", name="More options").get_by_role("option", name="image").click()
    with page.expect_file_chooser() as chosen:
        page.get_by_role("button", name="image", exact=True).click()
    chosen.value.set_files(file)
    expect(page.get_by_role("group", name="/describe")).to_contain_text("fox.png")
    page.get_by_role("button", name="Send").click()
    described = latest(page, "Describe")
    expect(described.get_by_role("button", name="Imagine all")).to_be_visible(timeout=20_000)
    described.get_by_role("button", name="2️⃣").click()
    await_picture(articles(page).last)


def test_a_translation_is_edited_first(page: Page) -> None:
    type_command(page, "/translate 一只红色的狐狸")
    card = latest(page, "Translate")
    card.get_by_role("button", name="Edit first").click(timeout=20_000)
    modal = page.get_by_role("dialog")
    field = modal.get_by_role("textbox", name="Prompt")
    expect(field).to_be_focused()
    expect(field).not_to_be_empty()
    field.fill("a green forest")
    modal.get_by_role("button", name="Submit").click()
    expect(modal).to_be_hidden()
    await_picture(latest(page, "a green forest"))


def test_a_refusal_is_seen_by_the_one_who_asked_alone_until_they_dismiss_it(page: Page) -> None:
    type_command(page, "/imagine a red fox --ar abc")
    refusal = articles(page).filter(has_text="Only you can see this")
    expect(refusal).to_contain_text("abc")
    be(page, "Neighbour")
    expect(refusal).to_have_count(0)
    be(page, "Member")
    expect(refusal).to_be_visible()
    refusal.get_by_role("button", name="Dismiss").click()
    expect(refusal).to_have_count(0)


def test_a_preview_of_what_is_answered_is_read_before_it_is_cut(page: Page) -> None:
    words = "a __fox__ in " + "deep " * 9 + "snow *at dusk*"
    imagine(page, words).get_by_role("button", name="U1", exact=True).click()
    above = latest(page, "of this picture").get_by_role("button", name="Go to the message: ")
    # Where the source is cut after so many characters, the cut goes through the mention.
    expect(above).to_have_text(re.compile(rf"^Imagine {re.escape(words)} @Member · "))


@pytest.mark.slow
def test_a_job_is_let_go(page: Page) -> None:
    type_command(page, "/imagine a red fox")
    card = latest(page, "a red fox")
    card.get_by_role("button", name="Let go").or_(card.get_by_role("button", name="Cancel")).click()
    expect(card).to_contain_text("could not be stopped")
    expect(card.get_by_role("img")).to_have_count(0)


def switch(page: Page, name: str) -> None:
    """Switch on something that goes wrong in real life."""
    page.get_by_role("button", name="What went over the wire").first.click()
    drawer = page.get_by_role("complementary", name="What went over the wire")
    drawer.get_by_role("switch", name=name).click()
    expect(drawer.get_by_role("switch", name=name)).to_be_checked()


@pytest.mark.slow
def test_a_preview_that_has_died_leaves_its_place_and_its_words(page: Page) -> None:
    switch(page, "Picture links are dead")
    with page.expect_response(lambda response: response.status == 404 and "/pictures/" in response.url):
        type_command(page, "/imagine a red fox")
    card = latest(page, "a red fox")
    preview = card.get_by_role("img", name="a red fox").last
    expect(preview).to_be_visible()
    assert preview.evaluate("image => image.naturalWidth") == 0
    assert preview.evaluate("image => image.clientWidth") > 0
    expect(card.get_by_role("button", name="Let go")).to_be_enabled()


def test_a_job_that_waits_is_cancelled(page: Page) -> None:
    switch(page, "Pictures take long")
    for number in range(4):
        type_command(page, f"/imagine fox number {number}")
        expect(latest(page, f"fox number {number}")).to_be_visible()
    waiting = latest(page, "fox number 3")
    expect(waiting).to_contain_text("Queued")
    waiting.get_by_role("button", name="Cancel", exact=True).click()
    expect(waiting).to_contain_text("Cancelled; nothing was billed")
    expect(waiting.get_by_role("button", name="Start after all")).to_be_visible()


def test_the_page_comes_back_with_the_demo(context: BrowserContext, tmp_path: Path) -> None:
    port = free_port()
    page = context.new_page()
    with running(tmp_path, "--fast", port=port) as demo:
        url = demo.url
        page.goto(url)
        imagine(page, "a red fox")
    expect(page.get_by_text("econnect").first).to_be_visible()
    with running(tmp_path, "--fast", port=port) as demo:
        assert demo.url == url
        expect(page.get_by_text("econnect")).to_have_count(0, timeout=20_000)
        card = latest(page, "a red fox")
        assert loaded(card) >= 256
        expect(page.get_by_role("status").filter(has_text="online").first).to_be_visible(timeout=20_000)
        card.get_by_role("button", name="U1", exact=True).click()
        await_picture(latest(page, "of this picture"))


def test_the_page_of_a_world_that_is_gone_says_so(context: BrowserContext, tmp_path: Path) -> None:
    port = free_port()
    page = context.new_page()
    with running(tmp_path, "--fast", port=port) as demo:
        page.goto(demo.url)
        expect(composer(page)).to_be_visible()
    with running(tmp_path, "--fast", "--fresh", port=port):
        expect(page.get_by_text("open the address that it printed")).to_be_visible(timeout=20_000)


def test_an_old_button_works_after_the_bot_was_killed(page: Page) -> None:
    card = imagine(page, "a red fox")
    page.get_by_role("button", name="Kill the bot").click()
    start = page.get_by_role("button", name="Start the bot")
    expect(start).to_be_visible(timeout=10_000)
    card.get_by_role("button", name="U3", exact=True).click()
    expect(card).to_contain_text("This interaction failed", timeout=10_000)
    start.click()
    expect(page.get_by_role("status").filter(has_text="online").first).to_be_visible(timeout=20_000)
    card.get_by_role("button", name="U3", exact=True).click()
    await_picture(latest(page, "of this picture"))
    expect(card).not_to_contain_text("This interaction failed")


@pytest.mark.slow
def test_a_picture_outlives_the_token_of_its_interaction(page: Page) -> None:
    type_command(page, "/imagine a red fox")
    card = latest(page, "a red fox")
    expect(card).to_contain_text("%", timeout=20_000)
    page.get_by_role("button", name="What went over the wire").first.click()
    drawer = page.get_by_role("complementary", name="What went over the wire")
    drawer.get_by_role("button", name="Interaction tokens expire").click()
    await_picture(card)


def test_what_is_typed_before_the_channel_is_open_stays(page: Page) -> None:
    late: list[tuple[WebSocketRoute, str | bytes]] = []
    released: list[bool] = []

    def hold(socket: WebSocketRoute) -> None:
        """Let nothing through but the greeting, which shows the page."""

        def hear(message: str | bytes) -> None:
            if released or json.loads(message)["type"] == "hello":
                socket.send(message)
            else:
                late.append((socket, message))

        socket.connect_to_server().on_message(hear)

    page.route_web_socket(re.compile("/socket"), hold)
    page.reload()
    box = page.locator("textarea.composer-text")
    expect(box).to_be_focused()
    page.keyboard.type("/im")
    expect(page.get_by_role("option", name="/imagine")).to_have_count(0)
    assert late, "the channel was to come later"
    released.append(True)
    for socket, message in late:
        socket.send(message)
    expect(page.get_by_role("option", name="/imagine")).to_be_visible()
    expect(box).to_have_value("/im")


def test_everything_can_be_done_by_keyboard(page: Page) -> None:
    press = page.keyboard.press
    expect(composer(page)).to_be_focused()
    page.keyboard.type("/im")
    expect(page.get_by_role("option", name="/imagine")).to_be_visible()
    press("Tab")
    page.keyboard.type("a red fox")
    press("Enter")
    card = await_picture(latest(page, "a red fox"))
    for _ in range(60):  # backwards from the box, through the last card's own buttons
        press("Shift+Tab")
        focused = page.evaluate("document.activeElement.textContent")
        if focused.strip() == "U4":
            break
    expect(card.get_by_role("button", name="U4", exact=True)).to_be_focused()
    press("Enter")
    await_picture(latest(page, "of this picture"))
    press("Escape")
    type_command(page, "/translate 一只红色的狐狸")
    edit = latest(page, "Translate").get_by_role("button", name="Edit first")
    edit.focus()
    press("Enter")
    expect(page.get_by_role("dialog").get_by_role("textbox")).to_be_focused()
    press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(edit).to_be_focused()


@pytest.mark.page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
def test_a_phone_s_width_is_enough(page: Page) -> None:
    card = imagine(page, "a red fox in a very long sentence that has to wrap somewhere on its way through the snow")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    card.get_by_role("button", name="U1", exact=True).tap()
    await_picture(latest(page, "of this picture"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Servers and channels").click()
    page.get_by_role("button", name="gallery").click()
    expect(page.get_by_role("heading", name="gallery").first).to_be_visible()


@pytest.mark.page(locale="de-DE")
def test_a_picture_opens_in_full_size_with_its_alt_text(page: Page) -> None:
    card = imagine(page, "a red fox")
    card.get_by_role("button", name="Open picture").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("img")).to_be_visible()
    expect(dialog).to_contain_text("painted by Midjourney from the words: a red fox")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
