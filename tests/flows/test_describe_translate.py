"""Words from pictures, words from words, and pictures from either."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from sandbox.discord import payloads
from sandbox.discord.payloads import media
from sandbox.discord.state import State
from sandbox.town import Card, Town, Upload

GERMAN = "ein roter Fuchs im Schnee"


def photo() -> Upload:
    """A picture that someone took."""
    file = io.BytesIO()
    Image.fromarray(np.full((64, 64, 3), (200, 60, 30), np.uint8)).save(file, "PNG")
    return Upload(file.getvalue(), "photo.png")


async def described(town: Town) -> Card:
    """The card of /describe with its four prompts."""
    reply = await town.member.slash("describe", image=photo())
    return await reply.until(lambda card: card.has("Imagine all"))


async def translated(town: Town) -> Card:
    """The card of /translate with its English text."""
    reply = await town.member.slash("translate", text=GERMAN)
    return await reply.until(lambda card: card.has("Imagine this"))


@pytest.mark.parametrize("number", [1, 2, 3, 4])
async def test_each_description_is_imagined_by_its_button(town: Town, number: int) -> None:
    card = await described(town)
    assert card.pictures
    reply = await card.press(f"{number}\ufe0f\u20e3")
    child = await reply.until(lambda state: state.pictures and state.has("V4"))
    prompt = town.midjourney.received("imagine")[0].body["prompt"].split(" --")[0]
    assert f"{number}\ufe0f\u20e3 {prompt}" in card.text
    assert prompt in child.text
    assert town.midjourney.ledger.count("imagine") == 1


@pytest.mark.settings(max_jobs_per_user=1)
async def test_all_descriptions_are_too_many_for_someone_with_seventeen_waiting(town: Town) -> None:
    card = await described(town)
    held = town.midjourney.hold_next("after_accept")
    await town.member.slash("imagine", prompt="a lighthouse")
    await held.reached()
    for number in range(17):
        await town.member.slash("imagine", prompt=f"harbour {number}")
    billed = town.midjourney.ledger.count()
    reply = await card.press("Imagine all")
    assert reply.ephemeral
    assert "17 jobs waiting" in reply.text
    assert not reply.followups
    assert len(town.cards()) == 19
    assert town.midjourney.ledger.count() == billed
    assert (await card.press("1\ufe0f\u20e3")).has("Cancel")
    held.release()


async def test_all_descriptions_are_imagined_where_the_bot_has_no_place(town: Town) -> None:
    asked = await town.stranger.slash("describe", image=photo())
    reply = await (await asked.until(lambda card: card.has("Imagine all"))).press("Imagine all")
    for child in (reply, *[await reply.followup(number) for number in range(3)]):
        await child.until(lambda state: state.attachments and state.has("V4"))
    assert town.midjourney.ledger.count("imagine") == 4


async def test_all_descriptions_are_imagined_on_a_card_each(town: Town) -> None:
    card = await described(town)
    reply = await card.press("Imagine all")
    children = [reply, *[await reply.followup(number) for number in range(3)]]
    finished = [await child.until(lambda state: state.pictures and state.has("V4")) for child in children]
    assert len({child.message.id for child in finished}) == 4
    prompts = {seen.body["prompt"] for seen in town.midjourney.received("imagine")}
    assert len(prompts) == 4
    assert town.midjourney.ledger.count("imagine") == 4


async def test_a_message_is_described_from_its_menu(town: Town) -> None:
    message = await town.neighbour.say("look", photo())
    reply = await town.member.context_menu("Describe this image", message)
    await reply.until(lambda card: card.has("Imagine all"))
    assert town.midjourney.ledger.count("describe") == 1


async def test_a_card_of_the_bot_is_described_from_its_menu(town: Town) -> None:
    reply = await town.member.slash("imagine", prompt="a red fox in snow")
    grid = await reply.until(lambda card: card.pictures and card.has("V4"))
    answer = await town.member.context_menu("Describe this image", grid)
    await answer.until(lambda card: card.has("Imagine all"))


async def test_a_card_that_only_links_to_its_picture_is_described_from_its_menu(town: Town) -> None:
    town.midjourney.weigh_pictures(raw=11 * 1024 * 1024, thumbnail=11 * 1024 * 1024)
    reply = await town.member.slash("imagine", prompt="a red fox in snow")
    grid = await reply.until(lambda card: card.has("V4"))
    assert not grid.attachments
    answer = await town.member.context_menu("Describe this image", grid)
    await answer.until(lambda card: card.has("Imagine all"))
    assert town.midjourney.ledger.count("describe") == 1


@pytest.mark.parametrize(
    ("link", "answered", "billed"),
    [("http://169.254.169.254/fox.png", "private or local address", 0), ("https://example.com/fox.png", "Imagine all", 1)],
    ids=["private", "public"],
)
async def test_a_link_that_discord_has_no_copy_of_is_checked_like_a_typed_one(
    town: Town, monkeypatch: pytest.MonkeyPatch, link: str, answered: str, billed: int
) -> None:
    town.midjourney.weigh_pictures(raw=11 * 1024 * 1024, thumbnail=11 * 1024 * 1024)
    reply = await town.member.slash("imagine", prompt="a red fox in snow")
    grid = await reply.until(lambda card: card.has("V4"))

    def uncopied(item: dict[str, Any], state: State) -> dict[str, Any]:
        is_painted = str(item.get("url")).startswith(town.midjourney.url)
        return {"id": item["id"], "url": link} if is_painted else media(item, state)

    monkeypatch.setattr(payloads, "media", uncopied)
    answer = await town.member.context_menu("Describe this image", grid)
    await answer.until(lambda card: answered in card.text or card.has(answered))
    assert town.midjourney.ledger.count("describe") == billed


async def test_a_message_without_an_image_has_nothing_to_describe(town: Town) -> None:
    reply = await town.member.context_menu("Describe this image", await town.neighbour.say("only words"))
    assert reply.ephemeral
    assert "no image" in reply.text
    assert not town.midjourney.requests


async def test_a_translation_is_imagined_as_it_is(town: Town) -> None:
    card = await translated(town)
    reply = await card.press("Imagine this")
    await reply.until(lambda state: state.pictures and state.has("V4"))
    prompt = town.midjourney.received("imagine")[0].body["prompt"]
    assert prompt != GERMAN
    assert prompt in card.text


async def test_a_translation_is_edited_first(town: Town) -> None:
    card = await translated(town)
    opened = await card.press("Edit first")
    assert opened.modal.field("Prompt").value in card.text
    reply = await opened.modal.submit(prompt="a green fox in a forest --ar 3:2")
    child = await reply.until(lambda state: state.pictures and state.has("V4"))
    assert "a green fox in a forest" in child.text
    assert town.midjourney.received("imagine")[0].body["prompt"] == "a green fox in a forest --ar 3:2"


async def test_a_mistake_in_the_modal_is_told_and_the_words_are_kept(town: Town) -> None:
    opened = await (await translated(town)).press("Edit first")
    reply = await opened.modal.submit(prompt="a green fox --aspekt 3:2")
    assert reply.ephemeral
    assert "a green fox --aspekt 3:2" in reply.text
    assert not town.midjourney.received("imagine")


@pytest.mark.parametrize("place", ["channel", "dm"])
async def test_about_tells_the_version_and_the_jobs(town: Town, place: str) -> None:
    person = town.member if place == "channel" else town.member.dm
    reply = await person.slash("about")
    assert reply.ephemeral
    assert "Easel" in reply.text
    assert "0 in all" in reply.text
