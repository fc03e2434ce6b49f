"""A job that no interaction asked for: its card is opened with the bot's own token, and is a card like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from seeing import painted

from bot.jobs.kinds import IMAGINE
from bot.jobs.model import Order, Place
from bot.jobs.records import AlreadyRecorded
from bot.midjourney import ImagineRequest

if TYPE_CHECKING:
    from bot.client import Easel
    from sandbox.town import Town


def order(town: Town, prompt: str = "a red fox") -> Order:
    return Order(IMAGINE, town.member.id, ImagineRequest(prompt=prompt, mode="fast"), prompt=prompt)


def place(town: Town) -> Place:
    assert town.channel.guild
    application_id, channel_id, guild_id = map(int, (town.discord.state.application_id, town.channel.id, town.channel.guild.id))
    return Place(application_id, channel_id, guild_id=guild_id, has_bot=True)


async def test_its_card_shows_the_picture_and_its_buttons_work(town: Town, easel: Easel) -> None:
    await easel.services.jobs.open(order(town), place(town), origin="page:1")
    card = town.cards()[0]
    await painted(card)
    await painted(await card.now.press("U1"))
    assert [entry.body["action"] for entry in town.midjourney.ledger.entries] == ["generate", "upscale1"]


async def test_it_can_be_cancelled_while_it_waits(town: Town, easel: Easel) -> None:
    town.midjourney.fail_next(429, "too_many_requests", retry_after=20)
    await easel.services.jobs.open(order(town), place(town), origin="page:1")
    card = await town.cards()[0].until(lambda card: "busy" in card.text)
    assert "nothing was billed" in (await card.press("Cancel")).text
    assert town.midjourney.ledger.count() == 0


async def test_the_same_origin_asks_once(town: Town, easel: Easel) -> None:
    await easel.services.jobs.open(order(town), place(town), origin="page:1")
    with pytest.raises(AlreadyRecorded):
        await easel.services.jobs.open(order(town), place(town), origin="page:1")
    await easel.services.jobs.open(order(town), place(town), origin="page:2")
    for card in town.cards():
        await painted(card)
    assert len(town.cards()) == town.midjourney.ledger.count() == 2


async def test_a_card_whose_opening_was_not_heard_of_is_found(town: Town, easel: Easel) -> None:
    await town.member.say("hello")
    town.discord.cut_next("POST", "/messages", after=True)
    await easel.services.jobs.open(order(town), place(town), origin="page:1")
    await town.until(town.cards)
    await painted(town.cards()[0])
    assert len(town.cards()) == town.midjourney.ledger.count() == 1


async def test_where_the_channel_refuses_the_card_nothing_is_billed(town: Town, easel: Easel) -> None:
    town.discord.remove_bot_from_channel(town.channel)
    job = await easel.services.jobs.open(order(town), place(town), origin="page:1")
    assert job.state == "cancelled"
    assert town.midjourney.ledger.count() == 0
