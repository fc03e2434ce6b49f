"""What everyone needs of the page: readable in both themes, by screen readers, and with a long history."""

from __future__ import annotations

import re

import pytest
from acts import articles, composer, imagine, latest, picture, type_command
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

SERIOUS = {"serious", "critical"}
SAY_MANY = """async (count) => {
    const socket = new WebSocket(new URL("socket", location.href.replace(/^http/, "ws")));
    const heard = [];
    let ring = () => {};
    socket.addEventListener("message", (event) => { heard.push(JSON.parse(event.data)); ring(); });
    const until = async (fits) => {
        while (!heard.some(fits)) await new Promise((done) => { ring = done; });
        return heard.find(fits);
    };
    const channel = await until((frame) => frame.type === "channel");
    for (let n = 1; n <= count; n += 1) {
        const content = `line ${n}`;
        socket.send(JSON.stringify({type: "say", channel_id: channel.channel_id, content, attachments: []}));
        await until((frame) => frame.type === "message" && frame.message.content === content);
        heard.length = 0;
    }
    socket.close();
}"""


def violations(page: Page) -> list[str]:
    """What axe finds serious, each with where it is."""
    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {each['help']}: {[node['target'] for node in each['nodes']]}"
        for each in found
        if each["impact"] in SERIOUS
    ]


@pytest.mark.parametrize(
    "theme",
    [
        pytest.param("dark", marks=pytest.mark.page(color_scheme="dark")),
        pytest.param("light", marks=pytest.mark.page(color_scheme="light")),
    ],
)
def test_axe_finds_no_serious_violation_anywhere(page: Page, theme: str) -> None:
    assert page.evaluate(f"matchMedia('(prefers-color-scheme: {theme})').matches")
    assert violations(page) == []
    card = imagine(page, "a red fox, **bold** and `code`")
    assert violations(page) == []
    composer(page).click()
    page.keyboard.type("/")
    expect(page.get_by_role("listbox", name="Commands")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    composer(page).fill("")
    type_command(page, "/translate 一只红色的狐狸")
    translated = latest(page, "Translate")
    translated.get_by_role("button", name="Edit first").click()
    expect(page.get_by_role("dialog").get_by_role("textbox")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    card.get_by_role("button", name="Open picture").click()
    expect(page.get_by_role("dialog").get_by_role("img")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="What went over the wire").first.click()
    drawer = page.get_by_role("complementary", name="What went over the wire")
    drawer.get_by_role("button", name="POST").first.click()
    assert violations(page) == []


@pytest.mark.page(viewport={"width": 390, "height": 844})
def test_axe_finds_no_serious_violation_on_a_phone(page: Page) -> None:
    imagine(page, "a red fox")
    assert violations(page) == []
    page.get_by_role("button", name="Servers and channels").click()
    expect(page.get_by_role("button", name="gallery")).to_be_visible()
    assert violations(page) == []


def test_a_long_history_is_loaded_piece_by_piece_and_stays_where_it_is(page: Page) -> None:
    page.evaluate(SAY_MANY, 500)
    page.reload()
    expect(articles(page).last).to_contain_text("line 500")
    shown = articles(page).count()
    assert shown < 100
    while shown < 500:
        first = articles(page).first
        words = re.search(r"line \d+", first.text_content() or "")
        assert words
        first.scroll_into_view_if_needed()
        page.mouse.move(640, 300)
        page.mouse.wheel(0, -150)
        expect(articles(page)).not_to_have_count(shown)
        shown = articles(page).count()
        # What was at the top is still in sight: reading goes on where it was.
        expect(articles(page).filter(has_text=re.compile(rf"{words[0]}\b")).first).to_be_in_viewport()
    assert articles(page).count() >= 500


def test_nothing_jumps_when_a_picture_loads(page: Page) -> None:
    card = imagine(page, "a red fox")
    page.route("**/cdn/**", lambda route: route.abort() if "hold" in route.request.url else route.continue_())
    shown = picture(card)
    before = shown.bounding_box()
    page.reload()
    again = picture(latest(page, "a red fox"))
    expect(again).to_be_visible()
    assert again.evaluate("image => image.getAttribute('width') && image.getAttribute('height')")
    again.evaluate("image => image.decode()")
    after = again.bounding_box()
    assert before is not None
    assert after is not None
    assert (before["width"], before["height"]) == (after["width"], after["height"])


def test_what_people_type_is_never_markup(page: Page) -> None:
    composer(page).click()
    page.keyboard.type("<img src=x onerror=alert(1)> <b>bold</b> **bold** [a](javascript:alert(1))")
    page.keyboard.press("Enter")
    said = articles(page).last
    expect(said).to_contain_text("<img src=x onerror=alert(1)> <b>bold</b> bold")
    assert said.locator("img[src=x]").count() == 0
    assert said.locator("a[href^=javascript]").count() == 0
    assert said.locator("strong", has_text="bold").count() == 1
