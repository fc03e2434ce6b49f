"""What people do on the page, and what they then see."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

PICTURE_WITHIN = 20_000  # milliseconds
GRID = ("U1", "U2", "U3", "U4", "V1", "V2", "V3", "V4")


def composer(page: Page) -> Locator:
    """The box that one types in."""
    return page.get_by_role("textbox", name="Message ")


def type_command(page: Page, line: str) -> None:
    """Type a command as people do, `/imagine a red fox`, and send it."""
    command, _, words = line.partition(" ")
    composer(page).click()
    page.keyboard.type(command)
    expect(page.get_by_role("listbox", name="Commands")).to_be_visible()
    page.keyboard.press("Enter")
    page.keyboard.type(words)
    page.keyboard.press("Enter")


def articles(page: Page) -> Locator:
    """All messages, oldest first."""
    return page.get_by_role("article")


def latest(page: Page, words: str) -> Locator:
    """The newest message that says so."""
    return articles(page).filter(has_text=words).last


def await_picture(card: Locator) -> Locator:
    """The card, once it shows an uploaded picture and its buttons."""
    expect(card.get_by_role("button", name="Delete")).to_be_visible(timeout=PICTURE_WITHIN)
    expect(picture(card)).to_be_visible()
    return card


def picture(card: Locator) -> Locator:
    """The picture on a card."""
    return card.get_by_role("img").last


def loaded(card: Locator) -> int:
    """How many pixels wide the picture on a card really is."""
    shown = picture(card)
    expect(shown).to_be_visible()
    shown.evaluate("image => image.decode()")
    width: int = shown.evaluate("image => image.naturalWidth")
    return width


def imagine(page: Page, words: str) -> Locator:
    """Paint four pictures; the finished card."""
    type_command(page, f"/imagine {words}")
    return await_picture(latest(page, words))


def be(page: Page, name: str) -> None:
    """Be somebody else."""
    page.get_by_role("button", name="Be someone else").click()
    page.get_by_role("option", name=name).or_(page.get_by_role("menuitemradio", name=name)).first.click()
    expect(page.get_by_role("button", name=f"You are {name}")).to_be_visible()
