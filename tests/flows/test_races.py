"""Two things happen at once, or an answer gets lost: the card tells the truth all the same."""

from __future__ import annotations

import pytest

from sandbox.town import Card, Town, Upload


def painted(card: Card) -> bool:
    return card.has("U1") and bool(card.attachments)


async def test_an_answer_whose_connection_closed_is_found_and_goes_on(town: Town) -> None:
    town.discord.cut_next("POST", "callback", after=True)
    reply = await town.member.slash("imagine", prompt="a red fox")
    await reply.until(painted)
    assert len(town.cards()) == 1
    assert town.midjourney.ledger.count() == 1


async def test_progress_on_its_way_is_not_left_on_a_card_that_was_let_go(town: Town) -> None:
    held = town.midjourney.hold_next("after_line:2")
    reply = await town.member.slash("imagine", prompt="a red fox")
    async with town.discord.hold("PATCH", "/messages/") as edit:
        await edit.reached()
        pressed = await reply.press("Cancel", answered=False)
        assert pressed.kind != "failed"
    await reply.until(lambda card: "could not be stopped" in card.text)
    held.release()
    await town.midjourney.settled()
    assert "could not be stopped" in reply.now.text
    assert not reply.now.pictures


@pytest.mark.pace(park_after=0.0)
async def test_where_the_channel_is_hidden_from_the_bot_the_card_asks_for_a_press(town: Town) -> None:
    town.discord.remove_bot_from_channel(town.channel)
    held = town.midjourney.hold_next("after_line:2")
    reply = await town.member.slash("imagine", prompt="a red fox")
    parked = await reply.until(lambda card: card.has("Show"))
    await held.reached()
    town.discord.expire_tokens()
    held.release()
    await town.midjourney.settled()
    assert reply.now.has("Show")  # no progress was painted over it
    await parked.press("Show")
    await reply.until(painted)


async def test_other_words_keep_what_was_chosen_beside_them(town: Town) -> None:
    fox = Upload(await _picture(town), "fox.png")
    town.midjourney.fail_next(403, "forbidden")
    reply = await town.member.slash("imagine", prompt="gory --stylize 50", mode="relax", version="7", translate=True, image=fox)
    failed = await reply.until(lambda card: card.has("Edit prompt"))
    modal = (await failed.press("Edit prompt")).modal
    assert modal.fields[0].value == "gory --stylize 50 --v 7"
    await (await modal.submit({"Prompt": "a red fox --stylize 50 --v 7"})).until(painted)
    sent = town.midjourney.ledger.entries[-1].body
    assert sent["prompt"].startswith("http")
    assert sent["prompt"].endswith(" a red fox --stylize 50 --v 7")
    assert (sent["mode"], sent["version"], sent["translation"]) == ("relax", "7", True)


async def test_other_words_win_over_what_was_chosen_beside_the_first(town: Town) -> None:
    town.midjourney.fail_next(403, "forbidden")
    reply = await town.member.slash("imagine", prompt="gory", mode="relax", version="7")
    failed = await reply.until(lambda card: card.has("Edit prompt"))
    modal = (await failed.press("Edit prompt")).modal
    await (await modal.submit({"Prompt": "a red fox --turbo --v 6.1"})).until(painted)
    sent = town.midjourney.ledger.entries[-1].body
    assert (sent["mode"], sent.get("version")) == ("turbo", "6.1")
    assert "--v 6.1" in sent["prompt"]


async def test_a_busy_service_that_says_so_in_the_stream_is_asked_again(town: Town) -> None:
    town.midjourney.fail_as_200_next("too_many_requests")
    await (await town.member.slash("imagine", prompt="a red fox")).until(painted)
    assert len(town.midjourney.received("imagine")) == 2
    assert town.midjourney.ledger.count() == 1


async def test_a_description_that_failed_is_told_in_its_own_words(town: Town) -> None:
    image = Upload(await _picture(town), "fox.png")
    town.midjourney.fail_next(403, "forbidden")
    card = await (await town.member.slash("describe", image=image)).until(lambda card: "⚠️" in card.text)
    assert "refused this image" in card.text


@pytest.mark.pace(park_after=0.0)
async def test_a_press_that_comes_as_the_job_ends_brings_the_picture(town: Town) -> None:
    held = town.midjourney.hold_next("before_final")
    parked = await (await town.stranger.slash("imagine", prompt="a red fox")).until(lambda card: card.has("Show"))
    await held.reached()
    town.discord.expire_tokens()
    # The press has read the row and is being answered when the job ends without a way to its card.
    async with town.discord.hold("POST", "callback", after=True) as answer:
        await parked.press("Show")
        await answer.reached()
        held.release()
        await town.until(lambda: any(each.code == 50027 for each in town.discord.exchanges("PATCH")))
    await parked.until(painted)


async def _picture(town: Town) -> bytes:
    card = await (await town.neighbour.slash("imagine", prompt="a red fox")).until(painted)
    return await card.picture()
